"""Pictures, inside the child that may break: found, decoded, made small, drawn.

This is the only code that imports Pillow, and it runs in a child of its own
only. The rule a newcomer would break: never call `Image.open` without the list
of formats, or a file named cover.jpg starts Ghostscript. Whatever Pillow raises
over a stranger's bytes may escape: the child answers with it and lives on.
"""

import io
import os
import warnings

import xxhash
from PIL import (
    GifImagePlugin,
    Image,
    ImageOps,
    JpegImagePlugin,
    PngImagePlugin,
    UnidentifiedImageError,
    WebPImagePlugin,
)

from server.kernel import files
from server.kernel.child import Packed
from server.kernel.errors import Invalid, NotFound

TYPES = {"JPEG": "image/jpeg", "MPO": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp", "GIF": "image/gif"}
READERS = (JpegImagePlugin, PngImagePlugin, WebPImagePlugin, GifImagePlugin)
"""Imported here, because Pillow looks for a format that is not loaded yet by loading all of them."""
FORMATS = ("JPEG", "PNG", "WEBP", "GIF")

SOURCE_BYTES = 20 * 1024 * 1024
PIXELS = 64_000_000
ORIGINAL_BYTES = 4 * 1024 * 1024
ORIGINAL_SIDE = 3000
"""A picture within both is sent as it is when no size is asked for; a larger one at LARGEST."""
SMALL_BYTES = 128 * 1024
LARGEST = 1200
QUALITY = 80
ORIENTATION = 0x0112

Image.MAX_IMAGE_PIXELS = PIXELS
# Pillow only warns up to twice the limit.
warnings.simplefilter("error", Image.DecompressionBombWarning)


def work(payload: dict):
    """Do what `payload["do"]` says: look, render, remake or draw."""
    return WORK[payload["do"]](payload)


def look(payload: dict) -> dict:
    """Return the key of a picture, which is a hash of its bytes: the same picture in twelve files is one."""
    return {"key": key(read(payload["places"][0]))}


def render(payload: dict) -> Packed:
    """Return one picture, or four as a mosaic, with its type and key; `size` 0 is the original."""
    sources = [read(place) for place in payload["places"]]
    size = payload["size"]
    if len(sources) > 1:
        kind, data = mosaic(sources, size or LARGEST // 2)
    elif size:
        kind, data = small(sources[0], size)
    else:
        kind, data = original(sources[0])
    return Packed({"type": kind, "keys": [key(source) for source in sources]}, data)


def remake(payload: dict) -> Packed:
    """Return a picture made anew within `size` pixels, and its key; with `crop` the square in its middle.

    Nothing of the file stays but what one sees: no place where it was taken, no second picture, no hidden text.
    """
    image, side = opened(read(payload["places"][0])), payload["size"]
    if payload["crop"]:
        image.draft("RGB", (side, side))
        image = plain(ImageOps.exif_transpose(image))
        side = min(side, *image.size)
        image = ImageOps.fit(image, (side, side), Image.Resampling.LANCZOS)
    else:
        image = fitted(image, side)
    kind, data = encoded(image)
    return Packed({"type": kind, "key": key(data)}, data)


def draw(payload: dict) -> Packed:
    """Return the picture for a thing that has none."""
    from server.library.placeholder import placeholder

    return Packed({"type": "image/jpeg"}, jpeg(placeholder(payload["kind"], payload["name"], payload["size"])))


def key(data: bytes) -> str:
    return xxhash.xxh3_128_hexdigest(data)


def read(place: dict) -> bytes:
    """Return the bytes of a picture. Raises NotFound when the file or the picture in it has gone."""
    path = files.join(place["root"], place["path"])
    if place["picture"] < 0:
        return files.read_regular(path, SOURCE_BYTES)
    from server.library import tags

    try:
        found = tags.picture(os.fsencode(path), place["picture"])
    except tags.Unreadable as error:
        raise NotFound(str(error)) from error
    if found is None:
        raise NotFound("The file has no such picture.")
    return found[0]


def opened(data: bytes) -> Image.Image:
    """Return a picture whose header was read and found sane. Raises Invalid."""
    try:
        return Image.open(io.BytesIO(data), formats=FORMATS)
    except UnidentifiedImageError as error:
        raise Invalid("This is no JPEG, PNG, WebP or GIF.") from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise Invalid(f"The picture has more than {PIXELS // 1_000_000} million pixels.") from error


def original(data: bytes) -> tuple[str, bytes]:
    """Return type and bytes of a picture as it is, if it can be decoded and is of a size for clients."""
    image = opened(data)
    if len(data) > ORIGINAL_BYTES or max(image.size) > ORIGINAL_SIDE or turned(image):
        return small(data, LARGEST)
    kind = TYPES[image.format]
    image.draft(None, (image.width // 8, image.height // 8))
    image.load()
    return kind, data


def small(data: bytes, side: int) -> tuple[str, bytes]:
    """Return type and bytes of a picture that fits a square of `side` pixels; it is never enlarged."""
    image = opened(data)
    if max(image.size) <= side and len(data) <= SMALL_BYTES and not turned(image):
        return original(data)
    return encoded(fitted(image, side))


def fitted(image: Image.Image, side: int) -> Image.Image:
    """Decode no more of a picture than needed, upright, in RGB, L or RGBA, within `side` pixels."""
    image.draft("L" if image.mode == "L" else "RGB", (side, side))
    if image.mode not in ("RGB", "L", "RGBA", "LA", "CMYK", "YCbCr"):
        image = plain(image)
    image.thumbnail((side, side), Image.Resampling.BICUBIC, reducing_gap=2.0)
    return plain(ImageOps.exif_transpose(image))


def turned(image: Image.Image) -> bool:
    return image.getexif().get(ORIENTATION, 1) != 1


def plain(image: Image.Image) -> Image.Image:
    """Return a picture in RGB or L, or in RGBA where one can really look through it."""
    if image.has_transparency_data:
        image = image.convert("RGBA")
        return image if image.getchannel("A").getextrema()[0] < 255 else image.convert("RGB")
    if image.mode.startswith("I"):
        # 16 bits of grey; convert() would cut them off at 255.
        return image.point(lambda value: value / 256).convert("L")
    return image if image.mode in ("RGB", "L") else image.convert("RGB")


def encoded(image: Image.Image) -> tuple[str, bytes]:
    if image.mode != "RGBA":
        return "image/jpeg", jpeg(image)
    image.info = {}
    out = io.BytesIO()
    image.save(out, "PNG", compress_level=6)
    return "image/png", out.getvalue()


def jpeg(image: Image.Image) -> bytes:
    # Comments, profiles and places of photographs would be written again.
    image.info = {}
    out = io.BytesIO()
    image.save(out, "JPEG", quality=QUALITY)
    return out.getvalue()


def mosaic(sources: list[bytes], side: int) -> tuple[str, bytes]:
    """Return four pictures as one square of two by two."""
    whole, half = Image.new("RGB", (side, side)), side // 2
    for at, source in enumerate(sources[:4]):
        # Fitted larger than its quarter, so that an oblong one fills it after the crop.
        part = ImageOps.fit(fitted(opened(source), side).convert("RGB"), (half, half), Image.Resampling.LANCZOS)
        whole.paste(part, (at % 2 * half, at // 2 * half))
    return encoded(whole)


WORK = {"look": look, "render": render, "remake": remake, "draw": draw}
