"""Ogg with Vorbis, Opus, Speex or FLAC inside: pages, packets, the last granule.

The audio hash is taken over the bodies of pages only: a tag writer that needs one page more renumbers, and so
rewrites the header of, every page behind it.
"""

import xxhash

from . import clean, vorbis
from .reading import Reading, Unreadable
from .source import EDGE, PICTURE_BYTES, Source

PAGES = 16384
PACKET_BYTES = 64 << 20
PAGE_HEAD = 282
WINDOW = 16384
LAST = 262144
HEADERS = 64
SEARCHES = 256

Piece = tuple[int, int, int]


class _Broken(Exception):
    """A header packet does not end where it must."""


class _Packets:
    """The packets of the first stream, as pieces of the file: (place in the packet, place in the file, length)."""

    __slots__ = ("at", "head", "leaps", "left", "pages", "pos", "serial", "src")

    def __init__(self, src: Source) -> None:
        self.src = src
        self.pos = 0
        self.at = 0
        self.left = b""
        self.pages = PAGES
        self.head = b""
        self.leaps = True
        self.serial = src.head[14:18]

    def page(self) -> bool:
        """Step to the next page of this stream; False at the end or where pages stop."""
        while self.pages:
            self.pages -= 1
            head = self.src.at(self.pos, PAGE_HEAD)
            if len(head) < 28 or head[:4] != b"OggS":
                return False
            count = head[26]
            lacing = head[27 : 27 + count]
            self.at = self.pos + 27 + count
            self.pos = self.at + sum(lacing)
            if head[14:18] == self.serial:
                self.left, self.head = lacing, head[: 27 + count]
                return self.pos <= self.src.size
        return False

    def next(self) -> tuple[list[Piece], int]:
        """The next packet's pieces and its length."""
        pieces: list[Piece] = []
        size = 0
        while self.left or self.page():
            rest = self.left.lstrip(b"\xff")
            length = 255 * (len(self.left) - len(rest)) + (rest[0] if rest else 0)
            self.left = rest[1:]
            if length:
                pieces.append((size, self.at, length))
            self.at += length
            size += length
            if rest:
                return pieces, size
            if self.leaps and 255 * self.head[26] == length:
                size = self.leap(pieces, size, length)
            if size > PACKET_BYTES:
                break
        raise _Broken

    def leap(self, pieces: list[Piece], size: int, body: int) -> int:
        """Step over full pages of a long packet (a picture) unread, where the page behind them is the one expected."""
        head, number = len(self.head), int.from_bytes(self.head[18:22], "little")
        steps = 64
        while steps > 2 and size < PACKET_BYTES:
            seen = self.src.at(self.pos + (steps - 1) * (head + body), head)
            wanted = self.head[14:18] + (number + steps & 0xFFFFFFFF).to_bytes(4, "little")
            if seen[:4] == b"OggS" and seen[14:22] == wanted and seen[26:] == self.head[26:]:
                for _ in range(steps):
                    pieces.append((size, self.pos + head, body))
                    self.pos += head + body
                    size += body
                number += steps
            else:
                steps //= 4
        self.leaps = False
        return size

    def audio(self) -> int:
        """Where the audio begins when the headers do not lead there: the first page that plays something."""
        base = self.src.head.find(b"OggS", 4)
        for _ in range(SEARCHES if base > 0 else 0):
            data = self.src.at(base, WINDOW)
            i = data.find(b"OggS")
            while i >= 0:
                if data[i + 14 : i + 18] == self.serial and _granule(data[i : i + 14]) > 0:
                    return base + i
                i = data.find(b"OggS", i + 1)
            if len(data) < WINDOW:
                break
            base += WINDOW - 32
        raise Unreadable("The headers of this Ogg file have no end.")


def read(src: Source) -> Reading:
    """Read an Ogg file."""
    packets = _Packets(src)
    try:
        pieces, size = packets.next()
    except _Broken:
        raise Unreadable("The first page of this Ogg file is damaged.") from None
    head = _bytes(src, pieces, 0, min(size, 256))
    raw: dict[str, list[str]] = {}
    depth = skip = 0
    if head[:8] == b"OpusHead" and size >= 19:
        rate, channels, codec, skip, others, at = 48000, head[9], "opus", int.from_bytes(head[10:12], "little"), 0, 8
        gain = int.from_bytes(head[16:18], "little", signed=True)
        if gain:
            raw["opus_output_gain"] = [f"{gain / 256:.2f} dB"]
    elif head[:7] == b"\x01vorbis" and size >= 30:
        rate, channels, codec, others, at = int.from_bytes(head[12:16], "little"), head[11], "vorbis", 1, 7
    elif head[:5] == b"\x7fFLAC" and size >= 51:
        packed = int.from_bytes(head[27:35], "big")
        rate, channels, codec, depth = packed >> 44, (packed >> 41 & 7) + 1, "flac", (packed >> 36 & 31) + 1
        others, at = int.from_bytes(head[7:9], "big"), 4
    elif head[:8] == b"Speex   " and size >= 80:
        rate, channels, codec = int.from_bytes(head[36:40], "little"), head[48], "speex"
        others, at = min(int.from_bytes(head[68:72], "little"), 16), 0
    else:
        raise Unreadable("This Ogg file holds no Vorbis, Opus, FLAC or Speex audio.")
    try:
        if codec == "flac":
            _blocks(src, packets, others or HEADERS, raw)
        else:
            pieces, size = packets.next()
            _comments(src, pieces, size, at, raw)
            for _ in range(others):
                packets.next()
        start = packets.pos
    except _Broken:
        start = packets.audio()
    return _reading(src, packets.serial, start, raw, rate, channels, depth, codec, skip)


def _blocks(src: Source, packets: _Packets, count: int, raw: dict[str, list[str]]) -> None:
    """The metadata blocks of FLAC, one a packet."""
    for _ in range(min(count, HEADERS)):
        pieces, size = packets.next()
        kind = _bytes(src, pieces, 0, 1)
        if kind[0] & 127 == 4:
            _comments(src, pieces, size, 4, raw)
        elif kind[0] & 127 == 6:
            data = _bytes(src, pieces, 4, min(size - 4, PICTURE_BYTES))
            number, mime, at, length = vorbis.described(data)
            if at and at + length <= len(data):
                src.keep_picture(number, mime, data[at : at + length])
        if kind[0] & 128:
            break


def _comments(src: Source, pieces: list[Piece], size: int, at: int, raw: dict[str, list[str]]) -> None:
    head = _bytes(src, pieces, 0, min(size, WINDOW))
    if len(head) == size:
        vorbis.read(src, head, at, raw)
    else:
        vorbis.read(src, head, at, raw, lambda place, count: _bytes(src, pieces, place, count), size)


def _bytes(src: Source, pieces: list[Piece], at: int, count: int) -> bytes:
    """Bytes of a packet, from however many pieces."""
    if len(pieces) == 1:
        _, place, length = pieces[0]
        return src.at(place + at, max(min(count, length - at), 0))
    end, found = at + count, []
    for begin, place, length in pieces:
        if begin >= end:
            break
        if begin + length > at:
            low, high = max(at, begin), min(end, begin + length)
            found.append(src.at(place + low - begin, high - low))
    return b"".join(found)


def _reading(
    src: Source,
    serial: bytes,
    start: int,
    raw: dict[str, list[str]],
    rate: int,
    channels: int,
    depth: int,
    codec: str,
    skip: int,
) -> Reading:
    end = src.size
    if not rate:
        raise Unreadable("This Ogg file claims a sample rate of 0.")
    first = src.at(start, 27)
    if first[:4] != b"OggS":
        raise Unreadable("The file holds no audio.")
    last = _last_granule(src, serial, start)
    begin = _granule(first)
    # A recording of a running stream begins with a large granule: more than its first page can hold.
    room = first[26] * (5760 if codec == "opus" else 8192)
    samples = last - (begin if 0 <= begin < last and begin > room and first[14:18] == serial else skip)
    digest = _digest(src, start, end)
    return src.reading(clean.tags(raw), max(samples, 0) / rate, rate, channels, depth, codec, start, end, digest=digest)


def _granule(head: bytes) -> int:
    return int.from_bytes(head[6:14], "little", signed=True)


def _last_granule(src: Source, serial: bytes, start: int) -> int:
    """The granule of the last page of this stream that ends a packet."""
    for tail in (src.tail(), b""):
        tail = tail or src.at(max(src.size - LAST, start), LAST)
        i = tail.rfind(b"OggS")
        while i >= 0:
            if tail[i + 14 : i + 18] == serial and (granule := _granule(tail[i : i + 14])) > 0:
                return granule
            i = tail.rfind(b"OggS", 0, i)
    return 0


def _digest(src: Source, start: int, end: int) -> str:
    """The audio hash over the bodies of the pages in the first and last 64 KiB."""
    hasher = xxhash.xxh3_128()
    if end - start <= 2 * EDGE:
        _bodies(hasher, src.at(start, end - start), 0)
    else:
        _bodies(hasher, src.at(start, EDGE), 0)
        tail = src.at(end - EDGE, EDGE)
        _bodies(hasher, tail, max(tail.find(b"OggS"), 0))
    hasher.update((end - start).to_bytes(8, "little"))
    return hasher.hexdigest()


def _bodies(hasher: xxhash.xxh3_128, data: bytes, i: int) -> None:
    view, size = memoryview(data), len(data)
    while i + 27 <= size and data[i : i + 4] == b"OggS":
        at = i + 27 + data[i + 26]
        i = at + sum(data[i + 27 : at])
        hasher.update(view[at:i])
