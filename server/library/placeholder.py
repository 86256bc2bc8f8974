"""The picture for what has none: two colours, one shape, the initials.

A cover that is an error is asked for again and again by clients, so what has no
picture gets this one, for good. All of it follows from the name, so that a
thing looks the same today and tomorrow, and unlike its neighbour. Only the child that imports Pillow uses this.
"""

import colorsys
import hashlib
import unicodedata
from functools import cache

from PIL import Image, ImageDraw, ImageFont, ImageOps

FINE = 2
"""Shapes are drawn this much larger and shrunk, for smooth edges."""
PERSON = "person"
ARTICLES = frozenset(("the", "a", "an", "der", "die", "das", "le", "la", "les", "el", "los"))


def placeholder(kind: str, name: str, side: int) -> Image.Image:
    """Return a square picture of `side` pixels for an album, artist, playlist, folder, station or person of this name.

    A person's letters stand in the middle, because most clients cut a circle out of the square.
    """
    seed = hashlib.blake2b(name.casefold().encode(), digest_size=16).digest()
    dark, light, ink = colours(seed)
    picture = ImageOps.colorize(slope(seed[3], side), dark, light)
    letters = initials(name)
    if kind != PERSON or not letters:
        mask = Image.new("L", (side * FINE, side * FINE), 0)
        SHAPES.get(kind, rings)(ImageDraw.Draw(mask), side * FINE, seed)
        picture.paste(Image.new("RGB", (side, side), ink), mask=mask.reduce(FINE))
    if letters:
        write(picture, letters, side, kind == PERSON)
    return picture


def colours(seed: bytes) -> tuple[tuple[int, ...], ...]:
    """Return a dark colour, a lighter one near it on the wheel, and a pale one for shapes."""
    hue = seed[0] / 256
    near = hue + (0.06 + seed[1] / 256 * 0.1) * (1 if seed[2] & 1 else -1)
    return rgb(hue, 0.62, 0.24), rgb(near, 0.52, 0.66), rgb(near, 0.25, 0.95)


def rgb(hue: float, saturation: float, value: float) -> tuple[int, ...]:
    return tuple(round(part * 255) for part in colorsys.hsv_to_rgb(hue % 1, saturation, value))


def slope(turn: int, side: int) -> Image.Image:
    """Return a grey slope across the square in one of eight directions between the corners."""
    wide = Image.linear_gradient("L").rotate(20 + turn % 8 * 45, Image.Resampling.BICUBIC)
    return wide.crop((48, 48, 208, 208)).resize((side, side), Image.Resampling.BICUBIC)


def rings(draw: ImageDraw.ImageDraw, side: int, seed: bytes) -> None:
    """A record that looks in from a corner."""
    x, y = (side * (0.86 if seed[4] & bit else 0.14) for bit in (1, 2))
    y = min(y, side * 0.3) if seed[4] & 4 else y
    first = 0.74 + seed[5] / 256 * 0.14
    for step, strength in ((0.0, 26), (0.12, 0), (0.135, 34), (0.3, 0), (0.315, 44), (0.5, 0), (0.515, 70)):
        disc(draw, x, y, side * max(first - step, 0.1), strength)
    disc(draw, x, y, side * 0.045, 0)


def moons(draw: ImageDraw.ImageDraw, side: int, seed: bytes) -> None:
    """Overlapping discs: a face in the light of a stage."""
    for at, strength in enumerate((30, 48, 66)):
        x = side * (0.32 + seed[4 + at] / 256 * 0.5)
        y = side * (0.2 + at * 0.12)
        disc(draw, x, y, side * (0.42 - at * 0.11), strength)


def bars(draw: ImageDraw.ImageDraw, side: int, seed: bytes) -> None:
    """Lines of a list, of different lengths."""
    for at in range(5):
        top = side * (0.12 + at * 0.11)
        right = side * (0.38 + seed[4 + at] / 256 * 0.5)
        draw.rounded_rectangle((side * 0.1, top, right, top + side * 0.055), side * 0.0275, fill=78 - at * 10)


def sheets(draw: ImageDraw.ImageDraw, side: int, seed: bytes) -> None:
    """Sheets that lie one over the other."""
    lean = 0.03 + seed[4] / 256 * 0.05
    for at, strength in enumerate((26, 44, 66)):
        left, top = side * (0.22 + at * lean), side * (0.08 + at * 0.09)
        draw.rounded_rectangle((left, top, left + side * 0.58, top + side * 0.36), side * 0.04, fill=strength)


def bust(draw: ImageDraw.ImageDraw, side: int, seed: bytes) -> None:
    """Head and shoulders, for a name that the font cannot write."""
    disc(draw, side * 0.5, side * 0.4, side * 0.17, 190)
    draw.rounded_rectangle((side * 0.2, side * 0.63, side * 0.8, side * 1.3), side * 0.28, fill=190)


def waves(draw: ImageDraw.ImageDraw, side: int, seed: bytes) -> None:
    """Waves that leave a mast."""
    x, y = side * (0.3 + seed[4] / 256 * 0.4), side * 0.42
    for at, strength in enumerate((30, 44, 62)):
        radius = side * (0.44 - at * 0.13)
        for start in (-42, 138):
            draw.arc((x - radius, y - radius, x + radius, y + radius), start, start + 84, strength, round(side * 0.045))
    disc(draw, x, y, side * 0.05, 90)


def disc(draw: ImageDraw.ImageDraw, x: float, y: float, radius: float, strength: int) -> None:
    draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=strength)


def initials(name: str) -> str:
    """Return one or two letters that the font has, "" when the name begins with none of them."""
    flat = "".join(char for char in unicodedata.normalize("NFKD", name) if not unicodedata.combining(char))
    words = ["".join(filter(str.isalnum, word)) for word in flat.split()]
    words = [word for word in words if word and word.lower() not in ARTICLES] or [word for word in words if word]
    letters = "".join(word[0] for word in words[:2]).upper()
    # The font that comes with Pillow knows the plain Latin letters only.
    return letters if letters.isascii() else ""


def write(picture: Image.Image, letters: str, side: int, centred: bool) -> None:
    place, anchor, height = (side * 0.09, side * 0.92), "ls", side * 0.3
    if centred:
        place, anchor, height = (side * 0.5, side * 0.5), "mm", side * 0.4
    draw = ImageDraw.Draw(picture)
    draw.text(place, letters, fill=(250, 248, 244), font=font(max(round(height), 12)), anchor=anchor)


@cache
def font(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.load_default(size)


SHAPES = {"album": rings, "artist": moons, "playlist": bars, "folder": sheets, "station": waves, PERSON: bust}
