"""ID3v2.2, 2.3 and 2.4 tags: text kept, pictures only noted, nothing believed.

Sizes in the tag are claims: a frame is read up to its own limit and never past the tag or the file.
Compressed frames are inflated by us, with a limit, because a library that trusts the claimed size can be
made to take all the memory there is (82 KB of file, 200 MB and more of memory).
"""

import re
import zlib
from collections.abc import Callable
from struct import Struct

from .id3_frames import HANDLERS, TEXT_BYTES, Raw, add, split, texts
from .keys import ID3, ID3_22
from .source import PICTURE_BYTES, Source

TAG_BYTES = 32 << 20
FRAMES = 4096
LYRICS_BYTES = 1 << 20
WINDOW = 16384
PICTURE_HEAD = 512
SHORT = 4096

_FRAME_HEAD = Struct(">4sIH").unpack_from
_FRAME_ID = re.compile(rb"[A-Z][A-Z0-9]{2}[A-Z0-9 ]?")

Kind = str | int | Callable[[bytes, Raw], None] | None

_PICTURE = 0
_KINDS: dict[bytes, Kind] = {**ID3, **HANDLERS, b"APIC": _PICTURE}


def sized(head: bytes) -> int:
    """The whole length of the ID3v2 tag that begins with these ten bytes, its header and footer included; 0 if none."""
    if len(head) < 10 or head[:3] != b"ID3" or head[3] == 0xFF or head[4] == 0xFF:
        return 0
    if (head[6] | head[7] | head[8] | head[9]) & 0x80:
        return 0
    size = head[6] << 21 | head[7] << 14 | head[8] << 7 | head[9]
    return size + (20 if head[5] & 0x10 else 10)


def read(src: Source, start: int, raw: Raw) -> int:
    """Read the tag at start into raw and src; answer where the audio begins (past what is left of a broken tag)."""
    head = src.at(start, 10)
    length = sized(head)
    if not length:
        return start
    major, flags = head[3], head[5]
    end = start + length - (10 if flags & 0x10 else 0)
    if major not in (2, 3, 4) or (major == 2 and flags & 0x40):
        return start + length
    if flags & 0x80 and major < 4:
        body = src.at(start + 10, min(end - start - 10, TAG_BYTES)).replace(b"\xff\x00", b"\xff")
        tag = _Tag(src, raw, major, body, 0, moved=True)
        tag.frames(tag.extended(0, flags), len(body))
        last = end
    else:
        tag = _Tag(src, raw, major, src.at(start, WINDOW), start)
        last = tag.frames(tag.extended(start + 10, flags), min(end, src.size))
    _dates(raw)
    return start + length if start + length <= src.size else last


class _Tag:
    """One tag while it is read: a window on the file that moves with the frames.

    A moved tag lies in memory only (it was unsynchronised), so that its positions are not those of the file.
    """

    __slots__ = ("base", "buf", "major", "moved", "plain", "raw", "src")

    def __init__(self, src: Source, raw: Raw, major: int, buf: bytes, base: int, moved: bool = False) -> None:
        self.src, self.raw, self.major, self.buf, self.base, self.moved = src, raw, major, buf, base, moved
        self.plain = False

    def extended(self, pos: int, flags: int) -> int:
        """Where the frames begin, past an extended header."""
        if not flags & 0x40 or self.major == 2:
            return pos
        o = pos - self.base
        four = self.buf[o : o + 4]
        if len(four) < 4:
            return pos
        if self.major == 4:
            return pos + (four[0] << 21 | four[1] << 14 | four[2] << 7 | four[3])
        return pos + 4 + int.from_bytes(four, "big")

    def body(self, pos: int, count: int) -> bytes:
        """Bytes of the tag, from the window when it holds them."""
        o = pos - self.base
        if o + count <= len(self.buf) or self.moved:
            return self.buf[o : o + count]
        return self.src.at(pos, max(count, 0))

    def frames(self, pos: int, end: int) -> int:
        """Read frames until padding, rubbish or the end; answer where that is."""
        buf, base, raw, first = self.buf, self.base, self.raw, pos
        header = 6 if self.major == 2 else 10
        safe = self.major == 4 and not self.plain
        limit = min(len(buf), end - base)
        for _ in range(FRAMES):
            o = pos - base
            if o + header > limit:
                if self.moved or pos + header > end:
                    break
                buf, base, o = self._window(pos, end), pos, 0
                limit = len(buf)
                if header > limit:
                    break
            if header == 10:
                name, size, flags = _FRAME_HEAD(buf, o)
                if safe and size > 127:
                    size = size >> 3 & 0xFE00000 | size >> 2 & 0x1FC000 | size >> 1 & 0x3F80 | size & 0x7F
            else:
                name = buf[o : o + 3]
                name, size, flags = ID3_22.get(name, name), int.from_bytes(buf[o + 3 : o + 6], "big"), 0
            kind = _KINDS.get(name)
            if kind is None and not _FRAME_ID.fullmatch(name):
                return self._again(first, end, pos) if safe and name[0] and pos != first else pos
            pos += header
            stop = o + header + size
            if flags & 0xEF:
                self._flagged(name, kind, pos, min(size, end - pos), flags & 0xFF)
            elif kind == _PICTURE:
                length = max(min(size, end - pos), 0)
                self._picture(self.body(pos, min(length, PICTURE_HEAD)), pos, length)
            elif size > SHORT or stop > limit or kind is None:
                self._means(name, kind, self.body(pos, min(size, _limit(kind), end - pos)))
            elif type(kind) is not str:
                kind(buf[o + header : stop], raw)
            elif kind in raw:
                raw[kind] += texts(buf[o + header : stop])
            else:
                raw[kind] = texts(buf[o + header : stop])
            pos += size
        return min(pos, end)

    def _means(self, name: bytes, kind: Kind, body: bytes) -> None:
        """Take a frame's body at its word, as long as the whole tag has not said too much."""
        self.src.room -= len(body)
        if self.src.room < 0 or (kind is None and name[0] != 84):
            return
        if callable(kind):
            kind(body, self.raw)
        else:
            add(self.raw, kind or name.decode("latin-1").lower(), texts(body))

    def _window(self, pos: int, end: int) -> bytes:
        self.buf, self.base = self.src.at(pos, max(min(WINDOW, end - pos), 0)), pos
        return self.buf

    def _again(self, first: int, end: int, reached: int) -> int:
        """Old iTunes wrote v2.4 sizes as plain numbers: read once more like that, and keep what is more."""
        self.plain = True
        other = _Tag(self.src, {}, 4, b"", first)
        other.plain = True
        held = len(self.src.pictures)
        last = other.frames(first, end)
        if last <= reached:
            del self.src.pictures[held:]
            return reached
        del self.src.pictures[:held]
        self.raw.clear()
        self.raw.update(other.raw)
        return last

    def _flagged(self, name: bytes, kind: Kind, pos: int, size: int, flags: int) -> None:
        """A frame that is compressed, unsynchronised, grouped or has its length in front."""
        limit = _limit(kind)
        body = _unwrapped(self.body(pos, min(size, limit)), flags, self.major, limit)
        if not body:
            return
        if kind == _PICTURE:
            _Tag(self.src, {}, self.major, body, 0, moved=True)._picture(body, 0, len(body))
        else:
            self._means(name, kind, body)

    def _picture(self, body: bytes, pos: int, size: int) -> None:
        """APIC and PIC: only the head of the frame is read, to know where the image lies."""
        if len(body) < 6 or body[0] > 3:
            return
        if self.major == 2:
            mime, at = "image/" + body[1:4].decode("latin-1").lower(), 4
            mime = {"image/jpg": "image/jpeg", "image/-->": "-->"}.get(mime, mime)
        else:
            end = body.find(b"\0", 1)
            if end < 0 or end + 2 > len(body):
                return
            mime, at = body[1:end].decode("latin-1").lower(), end + 1
        kind = body[at]
        rest = split(body[0], body[at + 1 :])[1]
        begin = len(body) - len(rest)
        if not rest:
            return
        if self.moved:
            self.src.keep_picture(kind, mime, self.body(pos, min(size, PICTURE_BYTES))[begin:])
        else:
            self.src.add_picture(kind, mime, pos + begin, size - begin)


def _limit(kind: Kind) -> int:
    if kind == _PICTURE:
        return PICTURE_BYTES
    return LYRICS_BYTES if callable(kind) else TEXT_BYTES


def _unwrapped(body: bytes, flags: int, major: int, limit: int) -> bytes:
    if major == 4:
        if flags & 0x04:
            return b""
        body = body[(flags & 0x40) >> 6 :]
        if flags & 0x01:
            body = body[4:]
        if flags & 0x02:
            body = body.replace(b"\xff\x00", b"\xff")
        return _inflated(body, limit) if flags & 0x08 else body
    if flags & 0x40:
        return b""
    if flags & 0x80:
        body = body[4:]
    body = body[(flags & 0x20) >> 5 :]
    return _inflated(body, limit) if flags & 0x80 else body


def _inflated(body: bytes, limit: int) -> bytes:
    try:
        return zlib.decompressobj().decompress(body, limit)
    except zlib.error:
        return b""


def _dates(raw: Raw) -> None:
    """v2.3 has the year and the day in two frames."""
    year = raw.pop("~year", None)
    day = raw.pop("~daymonth", None)
    if year and "date" not in raw:
        text, more = year[0].strip("\0 \ufeff"), (day[0].strip("\0 \ufeff") if day else "")
        if len(text) == 4 and len(more) == 4 and more.isdecimal() and text.isdecimal():
            text = f"{text}-{more[2:]}-{more[:2]}"
        raw["date"] = [text]
    original = raw.pop("~originalyear", None)
    if original:
        raw.setdefault("originaldate", original)
