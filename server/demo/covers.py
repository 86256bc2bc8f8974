"""Covers for the demo's records: each a small drawing with the title set in type.

A drawing is a function (draw, size, rng) on a canvas twice as large as wanted, so
that edges come out smooth. Pillow's own typeface knows Latin letters only: other
scripts are drawn by their romanised names. Pillow is imported inside.
"""

import io
import math
import random
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageDraw import ImageDraw

Colour = tuple[int, int, int]


def draw(art: str, title: str, artist: str, side_px: int = 1000) -> bytes:
    """A square JPEG cover."""
    from PIL import Image, ImageDraw

    size = side_px * 2
    top, bottom, ink, picture, place = _ARTS[art]
    canvas = _gradient(size, _colour(top), _colour(bottom))
    picture(ImageDraw.Draw(canvas, "RGBA"), size, random.Random(art))
    canvas = canvas.resize((side_px, side_px), Image.Resampling.LANCZOS)
    _typeset(ImageDraw.Draw(canvas), side_px, title, artist, _colour(ink), place)
    return _jpeg(canvas)


def portrait(name: str, side_px: int = 800) -> bytes:
    """A square JPEG picture of an artist: a head and shoulders in paper cut-out."""
    from PIL import Image, ImageDraw

    size, rng = side_px * 2, random.Random(name)
    canvas = _gradient(size, (238, 196, 150), (206, 108, 92))
    pen = ImageDraw.Draw(canvas, "RGBA")
    for i in range(9):
        _disc(pen, size * rng.random(), size * rng.random(), size * rng.uniform(0.05, 0.2), (255, 240, 220, 26 + i))
    pen.ellipse((size * 0.1, size * 0.7, size * 0.9, size * 1.5), fill=(44, 52, 78))
    pen.rectangle((size * 0.44, size * 0.55, size * 0.56, size * 0.75), fill=(226, 164, 128))
    pen.ellipse((size * 0.29, size * 0.2, size * 0.71, size * 0.72), fill=(52, 38, 44))
    pen.ellipse((size * 0.34, size * 0.27, size * 0.66, size * 0.66), fill=(240, 184, 146))
    pen.pieslice((size * 0.31, size * 0.18, size * 0.69, size * 0.56), 180, 360, fill=(52, 38, 44))
    return _jpeg(canvas.resize((side_px, side_px), Image.Resampling.LANCZOS))


def _jpeg(canvas: "Image") -> bytes:
    out = io.BytesIO()
    canvas.save(out, "JPEG", quality=88, optimize=True)
    return out.getvalue()


def _colour(text: str) -> Colour:
    return (int(text[:2], 16), int(text[2:4], 16), int(text[4:], 16))


def _gradient(size: int, top: Colour, bottom: Colour) -> "Image":
    from PIL import Image

    strip = Image.new("RGB", (1, 256))
    strip.putdata([tuple(a + (b - a) * y // 255 for a, b in zip(top, bottom, strict=True)) for y in range(256)])
    return strip.resize((size, size), Image.Resampling.BICUBIC)


def _typeset(pen: "ImageDraw", size: int, title: str, artist: str, ink: Colour, place: str) -> None:
    """Title and artist: at the top, at the foot, or in the middle."""
    from PIL import ImageFont

    margin, large = size * 0.07, size // 9
    lines = _wrap(title, 16)
    while (font := ImageFont.load_default(large)) and max(font.getlength(line) for line in lines) > size - 2 * margin:
        large -= 2
    small = ImageFont.load_default(size // 26)
    height = len(lines) * large * 1.08 + size * 0.075
    y = {"top": margin * 0.8, "foot": size - margin - height, "middle": (size - height) / 2}[place]
    for line in lines:
        pen.text((margin, y), line, font=font, fill=ink)
        y += large * 1.08
    pen.text((margin, y + size * 0.028), _spaced(artist), font=small, fill=ink)


def _spaced(text: str) -> str:
    return " ".join(text.upper())


def _wrap(text: str, width: int) -> list[str]:
    lines = [""]
    for word in text.split():
        if lines[-1] and len(lines[-1]) + len(word) >= width:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return lines


def _disc(pen: "ImageDraw", x: float, y: float, radius: float, fill: tuple[int, ...]) -> None:
    pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=fill)


def _waves(pen: "ImageDraw", size: int, rows: int, top: float, height: float, fill: Callable[[int], tuple]) -> None:
    """Rows of waves, each in front of the one before."""
    for row in range(rows):
        base = size * (top + row * (1 - top) / rows)
        swell, phase = (5 + row * 0.7) / size, row * 1.9
        line = [(x, base + size * height * math.sin(x * swell + phase)) for x in range(0, size + 8, 8)]
        pen.polygon([*line, (size + 8, size), (0, size)], fill=fill(row))


def _tide(pen, size, rng) -> None:
    _disc(pen, size * 0.68, size * 0.4, size * 0.2, (250, 226, 190))
    _waves(pen, size, 7, 0.46, 0.018, lambda row: (20 + row * 2, 92 - row * 9, 120 - row * 9, 150))


def _orchard(pen, size, rng) -> None:
    for i in range(18):
        y = size * (0.62 + 0.38 * (i / 17) ** 2)
        pen.line((0, y, size, y), fill=(255, 70, 190, 150), width=4)
        x = size * (i - 8.5) / 8.5
        pen.line((size / 2 + x * 0.35, size * 0.62, size / 2 + x * 2.2, size), fill=(255, 70, 190, 150), width=4)
    for i, radius in enumerate((0.155, 0.12, 0.155)):
        x, y = size * (0.22 + i * 0.28), size * (0.45 if i == 1 else 0.43)
        pen.line((x, y, x, size * 0.64), fill=(30, 230, 220), width=16)
        for ring in range(4):
            r = size * radius * (1 - ring * 0.24)
            pen.ellipse((x - r, y - r, x + r, y + r), outline=(30, 230 - ring * 30, 220, 255), width=10)


def _trio(pen, size, rng) -> None:
    for i, fill in enumerate(((222, 92, 52), (240, 178, 60), (28, 74, 92))):
        left = size * (0.07 + i * 0.295)
        pen.rectangle((left, size * 0.36, left + size * 0.27, size * 0.93), fill=fill)
        centre, middle = left + size * 0.135, size * (0.5 + i * 0.13)
        pen.pieslice((centre - size * 0.135, middle - size * 0.135, centre + size * 0.135, middle + size * 0.135),
                     i * 90, i * 90 + 180, fill=(245, 236, 216))  # fmt: skip


def _lanterns(pen, size, rng) -> None:
    for row in range(3):
        for i in range(6 - row):
            x, y = size * (0.1 + i * 0.17 + row * 0.06), size * (0.16 + row * 0.2 + 0.03 * math.sin(i * 2 + row))
            r = size * rng.uniform(0.035, 0.055)
            pen.line((x, 0, x, y), fill=(20, 26, 60, 180), width=4)
            for glow in range(5, 0, -1):
                _disc(pen, x, y, r * (0.8 + glow * 0.32), (255, 214, 120, 22))
            paper = rng.choice(((74, 144, 226), (120, 200, 240), (250, 200, 90)))
            pen.ellipse((x - r, y - r * 1.3, x + r, y + r * 1.3), fill=paper)


def _rivers(pen, size, rng) -> None:
    for i in range(26):
        drift, phase = rng.uniform(0.2, 0.5), rng.uniform(0, 0.8)
        down = [y / 100 for y in range(102)]
        across = [i / 25 * 1.3 - 0.15 + 0.09 * math.sin(y * 7 + phase) + drift * (y - 0.5) * 0.3 for y in down]
        line = [(size * x, size * y) for x, y in zip(across, down, strict=True)]
        pen.line(line, fill=(38, 92, 84, rng.randrange(90, 230)), width=rng.choice((5, 8, 14, 24)), joint="curve")
    pen.rectangle((0, size * 0.6, size, size), fill=(242, 234, 214))


def _lights(pen, size, rng) -> None:
    for _ in range(70):
        x, y = size * rng.random(), size * (0.5 - abs(rng.gauss(0, 0.13)))
        fill = rng.choice(((255, 190, 92), (255, 120, 92), (140, 220, 255), (255, 236, 190)))
        r = size * rng.uniform(0.004, 0.03)
        _disc(pen, x, y, r * 1.8, (*fill, 40))
        _disc(pen, x, y, r, (*fill, 190))
        pen.rectangle((x - r / 3, size * 0.52, x + r / 3, size * (0.54 + rng.random() * 0.2)), fill=(*fill, 60))
    pen.line((0, size * 0.52, size, size * 0.52), fill=(255, 220, 180, 120), width=4)


def _pixels(pen, size, rng) -> None:
    cell = size / 20
    for column in range(20):
        height = rng.randrange(4, 13)
        for row in range(height):
            lit = rng.random() < 0.3
            window = rng.choice(((255, 224, 102), (255, 150, 120), (120, 230, 230)))
            fill = window if lit else (30, 24 + row * 3, 74 + row * 4)
            x, y = column * cell, size - (row + 1) * cell
            pen.rectangle((x + 3, y + 3, x + cell - 3, y + cell - 3), fill=fill)
    pen.rectangle((cell * 14, cell * 4, cell * 17, cell * 7), fill=(255, 244, 200))


def _ice(pen, size, rng) -> None:
    for i in range(14):
        x, y = size * rng.uniform(-0.1, 1), size * (0.34 + i * 0.05)
        w, h = size * rng.uniform(0.15, 0.5), size * rng.uniform(0.04, 0.11)
        corners = ((0, 0), (0.3, -1), (0.75, -0.6), (1, 0.2), (0.4, 0.5))
        shape = [(x + w * right, y + h * down) for right, down in corners]
        pen.polygon(shape, fill=(236 - i * 5, 244 - i * 4, 250 - i * 2, 120))
        pen.line([*shape, shape[0]], fill=(255, 255, 255, 170), width=4)


def _keys(pen, size, rng) -> None:
    for i in range(10):
        pen.rectangle((size * i / 10 + 5, size * 0.5, size * (i + 1) / 10 - 5, size), fill=(250, 247, 240))
    for i in (0, 1, 3, 4, 5, 7, 8):
        pen.rectangle((size * (i + 0.7) / 10, size * 0.5, size * (i + 1.3) / 10, size * 0.8), fill=(40, 38, 44))
    pen.polygon([(size * 0.55, size * 0.5), (size, size * 0.12), (size, size * 0.5)], fill=(214, 122, 96, 120))


def _sunrise(pen, size, rng) -> None:
    for i in range(9, 0, -1):
        _disc(pen, size / 2, size * 0.56, size * 0.05 * i, (255, 250 - i * 18, 160 + i * 4, 120))
    for i in range(24):
        angle = math.pi * (1 + i / 23)
        right, down = size * math.cos(angle), size * math.sin(angle)
        ray = [(size / 2 + right * r, size * 0.56 + down * r) for r in (0.5, 0.56 + i % 3 * 0.05)]
        pen.line(ray, fill=(255, 255, 255, 150), width=8)
    pen.rectangle((0, size * 0.56, size, size), fill=(60, 92, 150))
    for i in range(6):
        half = size * 0.42 * (1 - i / 8)
        y = size * (0.585 + i * 0.022)
        pen.rectangle((size / 2 - half, y, size / 2 + half, y + size * 0.007), fill=(255, 214, 150, 150))


# The sky's two colours, the ink of the type, the drawing, and where the type stands.
_ARTS = {
    "tide": ("f2b48c", "3e6f8e", "fff6e8", _tide, "foot"),
    "orchard": ("1a0b3b", "4b1261", "ffffff", _orchard, "top"),
    "trio": ("f5ecd8", "f0e2c4", "1c2b36", _trio, "top"),
    "lanterns": ("26407c", "e88a5a", "fff4dc", _lanterns, "foot"),
    "rivers": ("d8e6d2", "a9c9b8", "22443e", _rivers, "foot"),
    "lights": ("0b1030", "233a5c", "ffe9c8", _lights, "foot"),
    "pixels": ("1b1446", "6a3fa0", "ffe066", _pixels, "top"),
    "ice": ("c9dbe8", "5f86a4", "17324a", _ice, "top"),
    "keys": ("e9dccb", "cdb9a0", "3a2f2a", _keys, "top"),
    "sunrise": ("7cc6e0", "ffd9a0", "fff8e6", _sunrise, "foot"),
}
