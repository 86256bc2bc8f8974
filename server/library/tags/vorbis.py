"""Vorbis comments, as they stand in FLAC and every kind of Ogg.

Comments are read through a callable that gives bytes at a place, because the packet may be scattered over the
pages of a file and hold megabytes of picture that nobody wants now.
"""

import base64
import binascii
from collections.abc import Callable

from .source import PICTURE_BYTES, Source

Raw = dict[str, list[str]]
Bytes = Callable[[int, int], bytes]

COMMENTS = 4096
NAME_BYTES = 256
VALUE_BYTES = 65536
LYRICS_BYTES = 1 << 20


def whole(src: Source, body: bytes, at: int, raw: Raw) -> None:
    """Read a comment block that lies in memory from at on."""
    size = len(body)
    at += 4 + int.from_bytes(body[at : at + 4], "little")
    count = int.from_bytes(body[at : at + 4], "little")
    at += 4
    for _ in range(min(count, COMMENTS)):
        length = int.from_bytes(body[at : at + 4], "little")
        at += 4
        stop = at + length
        if stop > size or length == 0:
            if at >= size or length:
                return
            continue
        key, sign, value = body[at:stop].decode("utf-8", "replace").partition("=")
        at = stop
        if sign:
            key = key.lower()
            if key in _PICTURES:
                _PICTURES[key](src, value)
            elif key in raw:
                raw[key].append(value)
            else:
                raw[key] = [value]


def scattered(src: Source, get: Bytes, at: int, end: int, raw: Raw) -> None:
    """Read a comment block through get(place, count), without the bytes of pictures."""
    at += 4 + int.from_bytes(get(at, 4), "little")
    count = int.from_bytes(get(at, 4), "little")
    at += 4
    for _ in range(min(count, COMMENTS)):
        four = get(at, 4)
        length = int.from_bytes(four, "little")
        at += 4
        if len(four) < 4 or at + length > end:
            return
        head = get(at, min(length, NAME_BYTES))
        name, sign, value = head.partition(b"=")
        key = name.decode("utf-8", "replace").lower()
        if key in _PICTURES:
            _seen(src, get, at + len(name) + 1, length - len(name) - 1, key)
        elif sign:
            limit = LYRICS_BYTES if "lyrics" in key else VALUE_BYTES
            if length > len(head):
                value = get(at + len(name) + 1, min(length - len(name) - 1, limit))
            raw.setdefault(key, []).append(value.decode("utf-8", "replace"))
        at += length


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
        _PICTURES[key](src, get(at, length).decode("latin-1"))
        return
    if key == "coverart":
        src.note_picture(3, "", min(length * 3 // 4, PICTURE_BYTES))
        return
    kind, mime, begin, size = described(_decoded(get(at, min(length, 684)).decode("latin-1")))
    if begin and 0 < size <= min(length, PICTURE_BYTES):
        src.note_picture(kind, mime, size)


def _decoded(text: str) -> bytes:
    text = text[: len(text) & ~3]
    try:
        return base64.b64decode(text, validate=False)
    except (binascii.Error, ValueError):
        return b""


def _framed(src: Source, value: str) -> None:
    data = _decoded(value[: PICTURE_BYTES * 4 // 3])
    kind, mime, at, size = described(data)
    if at and at + size <= len(data):
        src.keep_picture(kind, mime, data[at : at + size])


def _bare(src: Source, value: str) -> None:
    src.keep_picture(3, "", _decoded(value[: PICTURE_BYTES * 4 // 3]))


_PICTURES = {"metadata_block_picture": _framed, "coverart": _bare}
