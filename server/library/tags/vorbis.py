"""Vorbis comments, as they stand in FLAC and every kind of Ogg.

Comments are read through a callable that gives bytes at a place, because the packet may be scattered over the
pages of a file and hold megabytes of picture that nobody wants now.
"""

import base64
import binascii
from collections.abc import Callable
from functools import lru_cache
from struct import Struct

from .source import PICTURE_BYTES, Source

Raw = dict[str, list[str]]
Bytes = Callable[[int, int], bytes]

COMMENTS = 4096
NAME_BYTES = 256
VALUE_BYTES = 65536
LYRICS_BYTES = 1 << 20
WINDOW = 16384
LONG = 4096

_LENGTH = Struct("<I").unpack_from


@lru_cache(1024)
def _name(field: bytes) -> str:
    return field.decode("utf-8", "replace").lower()


def read(src: Source, buf: bytes, at: int, raw: Raw, get: Bytes | None = None, end: int = 0) -> None:
    """Read the comment block that begins at `at` of buf; what buf does not hold of its end bytes comes from get."""
    base = 0
    vendor = 4 + int.from_bytes(buf[at : at + 4], "little")
    if get and at + vendor + 4 > len(buf):
        buf, base, at = get(at + vendor, WINDOW), at + vendor, 0
    else:
        at += vendor
    count = int.from_bytes(buf[at : at + 4], "little")
    at += 4
    for _ in range(min(count, COMMENTS)):
        if at + 4 > len(buf):
            if not get:
                return
            buf, base, at = get(base + at, WINDOW), base + at, 0
            if len(buf) < 4:
                return
        (length,) = _LENGTH(buf, at)
        at += 4
        stop = at + length
        if stop <= len(buf):
            if length > LONG:
                src.room -= length
                if src.room < 0:
                    return
            field, sign, value = buf[at:stop].partition(b"=")
            key = _name(field) if len(field) < NAME_BYTES else ""
            if key in _PICTURES:
                _PICTURES[key](src, value)
            elif key not in raw:
                if sign:
                    raw[key] = [value.decode("utf-8", "replace")]
            else:
                raw[key].append(value.decode("utf-8", "replace"))
        elif get is None or base + stop > end:
            return
        else:
            _long(src, get, base + at, length, raw)
        at = stop


def _long(src: Source, get: Bytes, at: int, length: int, raw: Raw) -> None:
    """A comment that the window does not hold: a picture, whose bytes are left alone, or a long text."""
    field, sign, _ = get(at, min(length, NAME_BYTES)).partition(b"=")
    if not sign:
        return
    key, skip = _name(field), len(field) + 1
    if key in _PICTURES:
        _seen(src, get, at + skip, length - skip, key)
    elif src.room > 0:
        text = get(at + skip, min(length - skip, LYRICS_BYTES if "lyrics" in key else VALUE_BYTES))
        src.room -= len(text)
        raw.setdefault(key, []).append(text.decode("utf-8", "replace"))


def block(src: Source, head: bytes, offset: int, length: int) -> None:
    """Note the picture of a FLAC picture block that begins with head and stands at offset of the file."""
    kind, mime, at, size = described(head)
    if at and size <= length - at:
        src.add_picture(kind, mime, offset + at, size)


def described(head: bytes) -> tuple[int, str, int, int]:
    """What a FLAC picture block says of itself: type, MIME type, where the image begins (0: nowhere), its length."""
    kind = int.from_bytes(head[:4], "big")
    mime_end = 8 + int.from_bytes(head[4:8], "big")
    mime = head[8:mime_end].decode("latin-1").lower()
    at = mime_end + 4 + int.from_bytes(head[mime_end : mime_end + 4], "big") + 20
    if at > len(head) or kind > 255:
        return 0, "", 0, 0
    return kind, mime, at, int.from_bytes(head[at - 4 : at], "big")


def _seen(src: Source, get: Bytes, at: int, length: int, key: str) -> None:
    """Note a picture in base64 by its first bytes; unwrap it only if it is the one asked for."""
    if src.wanted == len(src.pictures) and length <= PICTURE_BYTES * 4 // 3:
        _PICTURES[key](src, get(at, length))
        return
    if key == "coverart":
        src.note_picture(3, "", min(length * 3 // 4, PICTURE_BYTES))
        return
    kind, mime, begin, size = described(_decoded(get(at, min(length, 684))))
    if begin and 0 < size <= min(length, PICTURE_BYTES):
        src.note_picture(kind, mime, size)


def _decoded(text: bytes) -> bytes:
    text = text[: len(text) & ~3]
    try:
        return base64.b64decode(text, validate=False)
    except (binascii.Error, ValueError):
        return b""


def _framed(src: Source, value: bytes) -> None:
    data = _decoded(value[: PICTURE_BYTES * 4 // 3])
    kind, mime, at, size = described(data)
    if at and at + size <= len(data):
        src.keep_picture(kind, mime, data[at : at + size])


def _bare(src: Source, value: bytes) -> None:
    src.keep_picture(3, "", _decoded(value[: PICTURE_BYTES * 4 // 3]))


_PICTURES = {"metadata_block_picture": _framed, "coverart": _bare}
