"""Pictures made to do harm, or simply broken: each is a name and its bytes, all written by hand."""

import struct
import zlib


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(width: int, height: int, packed: bytes, *, extra: bytes = b"", colour: int = 0) -> bytes:
    head = struct.pack(">IIBBBBB", width, height, 8, colour, 0, 0, 0)
    body = chunk(b"IHDR", head) + extra + chunk(b"IDAT", packed) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def black(width: int, height: int) -> bytes:
    """Return a whole black picture; a large one packs into a thousandth of its size."""
    return png(width, height, zlib.compress(bytes((width + 1) * height), 9))


def gif(width: int, height: int) -> bytes:
    """Return a picture of one pixel that says it is as large as this."""
    screen = b"GIF89a" + struct.pack("<HHBBB", width, height, 0x80, 0, 0) + b"\0\0\0\xff\xff\xff"
    image = b"," + struct.pack("<HHHHB", 0, 0, width, height, 0) + b"\x02\x02\x44\x01\x00"
    return screen + image + b";"


JPEG_START = bytes.fromhex("ffd8ffe000104a46494600010100000100010000")
BOMB_TEXT = chunk(b"zTXt", b"Comment\0\0" + zlib.compress(bytes(40_000_000), 9))

BROKEN = {
    "empty.jpg": b"",
    "noise.jpg": bytes(range(256)) * 40,
    "script.jpg": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n(/etc/passwd) (r) file\n",
    "vector.png": b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
    "page.jpg": b"<!doctype html><script>alert(1)</script>",
    "start.jpg": JPEG_START,
    "cut.png": black(64, 64)[:60],
    "sixteen-thousand.png": black(16_000, 16_000),
    "says-huge.png": png(2_000_000_000, 2_000_000_000, b"\0"),
    "says-huge.gif": gif(65_535, 65_535),
    "says-nothing.png": png(0, 0, b"\0"),
    "text-bomb.png": png(8, 8, zlib.compress(bytes(72)), extra=BOMB_TEXT),
    "rows-missing.png": png(4_000, 4_000, zlib.compress(bytes(10))),
    "riff.webp": b"RIFF\xff\xff\xff\xffWEBPVP8L\xff\xff\xff\x7f" + bytes(40),
    "bitmap.jpg": b"BM" + struct.pack("<IHHIIiiHH", 1 << 30, 0, 0, 54, 40, 30_000, 30_000, 1, 24) + bytes(24),
    "too-large.jpg": JPEG_START + bytes(21 << 20),
}
