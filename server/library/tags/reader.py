"""From a path to a reading: which reader a file's first bytes ask for, and how every failure ends.

The suffix never decides while the content does: half of the odd files of a collection carry a wrong one.
"""

import struct
import zlib

from . import flac, id3, mp3, mp4, ogg, others, riff
from .reading import NotGiven, Reading, Unreadable
from .source import PICTURE_BYTES, Source

_BROKEN = (struct.error, zlib.error, IndexError, KeyError, ValueError, ArithmeticError, TypeError, RecursionError)
_STRANGERS = (
    (b"#EXTM3U", "a playlist"),
    (b"ffconcat", "a playlist"),
    (b"[playlist]", "a playlist"),
    (b"\x89PNG", "an image"),
    (b"\xff\xd8\xff", "an image"),
    (b"GIF8", "an image"),
    (b"%PDF", "a document"),
    (b"PK\x03\x04", "an archive"),
    (b"\x1f\x8b", "an archive"),
    (b"\x1aE\xdf\xa3", "a Matroska or WebM file"),
    (b"\x7fELF", "a program"),
)


def read(path: str | bytes) -> Reading:
    """Read a file's tags and stream properties; raise Unreadable with a sentence for the user."""
    return reading(Source(path, _suffix(path)))


def ordered(path: str | bytes) -> Source:
    """Open a file that will soon be read, and let the disk begin with it; raise as `read` does."""
    src = Source(path, _suffix(path))
    src.order()
    return src


def reading(src: Source) -> Reading:
    """Read a file that was opened, as `read` does, and close it."""
    try:
        return _guarded(src)
    finally:
        src.close()


def picture(path: str | bytes, index: int = 0) -> tuple[bytes, str] | None:
    """The bytes and MIME type of the embedded picture of this index; None if there is none of at most 20 MB."""
    src = Source(path, _suffix(path), wanted=index)
    try:
        found = _guarded(src).pictures
        if not 0 <= index < len(found) or found[index].length > PICTURE_BYTES:
            return None
        chosen = found[index]
        data = src.kept if chosen.offset < 0 else src.at(chosen.offset, chosen.length)
        return (data, _mime(data, chosen.mime)) if data else None
    finally:
        src.close()


def _suffix(path: str | bytes) -> str:
    name = path.rpartition(b"/")[2].decode("utf-8", "replace") if isinstance(path, bytes) else path.rpartition("/")[2]
    suffix = name.rpartition(".")[2].lower() if "." in name else ""
    return suffix if suffix.isascii() else ""


def _guarded(src: Source) -> Reading:
    try:
        src.begin()
        return _read(src)
    except _BROKEN:
        raise Unreadable("The file is damaged: its structure makes no sense.") from None
    except MemoryError:
        raise Unreadable("The file asks for more memory than a music file may.") from None
    except OSError as error:
        raise NotGiven(f"The file could not be read: {error.strerror}.") from None


def _read(src: Source) -> Reading:
    head = src.head
    first = head[:4]
    if first[:3] == b"ID3":
        return _behind_id3(src)
    if first == b"fLaC":
        return flac.read(src)
    if first == b"OggS":
        return ogg.read(src)
    if head[4:8] in (b"ftyp", b"moov", b"mdat", b"wide", b"skip", b"free"):
        return mp4.read(src)
    if first in (b"RIFF", b"RF64", b"FORM"):
        return riff.read(src)
    if (reader := others.known(head)) is not None:
        return others.read(src, reader, 0)
    for mark, what in _STRANGERS:
        if head.startswith(mark):
            raise Unreadable(f"This is {what}, not an audio file.")
    if _is_text(head[:512]):
        raise Unreadable("This is a text, not an audio file.")
    return mp3.read(src)


def _behind_id3(src: Source) -> Reading:
    after = id3.sized(src.head)
    mark = src.at(after, 32) if after < src.size else b""
    if mark[:4] == b"fLaC":
        return flac.read(src, after)
    if (reader := others.known(mark)) is not None:
        return others.read(src, reader, after)
    return mp3.read(src)


def _is_text(head: bytes) -> bool:
    try:
        text = head.decode("ascii")
    except UnicodeDecodeError:
        return False
    return bool(text) and all(sign.isprintable() or sign in "\r\n\t\f" for sign in text)


def _mime(data: bytes, claimed: str) -> str:
    """What the bytes are, whatever the tag calls them."""
    if data[:3] == b"\xff\xd8\xff":
        return "image/jpeg"
    if data[:8] == b"\x89PNG\r\n\x1a\n":
        return "image/png"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    if data[:4] == b"GIF8":
        return "image/gif"
    if data[:2] == b"BM":
        return "image/bmp"
    return claimed or "application/octet-stream"
