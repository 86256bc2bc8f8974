"""MPEG audio: the first frame, and how long the whole lasts.

A byte pattern that looks like a frame is none until others follow it at the distance that it claims.
"""

from functools import cache

from . import clean, id3, trailer
from .reading import Reading, Unreadable
from .source import EDGE, Source

SEARCH = 131072
FIRST = 8192
ALIKE = 3
TAGS = 4

_V1 = (
    (0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448),
    (0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
)
_V2 = (
    (0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256),
    (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
)
_RATES = (44100, 48000, 32000)
_ENCODERS = (b"LAME", b"Lavf", b"Lavc", b"GOGO", b"L3.9")


@cache
def shape(second: int, third: int) -> tuple[int, int, int, int, int] | None:
    """(bytes, samples, rate, kbit/s, layer) of a frame with these second and third header bytes."""
    version, layer = second >> 3 & 3, 4 - (second >> 1 & 3)
    number, rate_at = third >> 4, third >> 2 & 3
    if second < 0xE0 or version == 1 or layer == 4 or number in (0, 15) or rate_at == 3:
        return None
    if version == 3:
        kbps = _V1[layer - 1][number]
    else:
        kbps = _V2[layer > 1][number]
    rate = _RATES[rate_at] >> (3, 0, 1, 0)[version] if version != 0 else _RATES[rate_at] >> 2
    if version == 2:
        rate = _RATES[rate_at] >> 1
    samples = 384 if layer == 1 else 1152 if layer == 2 or version == 3 else 576
    pad = third >> 1 & 1
    size = (12000 * kbps // rate + pad) * 4 if layer == 1 else samples * 125 * kbps // rate + pad
    return size, samples, rate, kbps, layer


def read(src: Source) -> Reading:
    """Read a file of MPEG audio frames with what tags it has in front and behind."""
    raw: dict[str, list[str]] = {}
    start = 0
    for _ in range(TAGS):
        after = id3.read(src, start, raw)
        if after == start:
            break
        start = after
    end = trailer.read(src, raw, start)
    # A tag whose size is wrong may lead past the music: then it is looked for from the front.
    for begin, room in ((start, FIRST), (start, SEARCH), (0, SEARCH)):
        buf = src.at(begin, min(room, end - begin))
        at = _first(buf, end - begin)
        if at >= 0:
            return _audio(src, raw, buf[at:] if at else buf, begin + at, end)
    raise Unreadable("No MPEG audio was found in this file.")


def _audio(src: Source, raw: dict[str, list[str]], buf: bytes, start: int, end: int) -> Reading:
    """The reading of the MPEG frames from start on, of which buf holds the first."""
    _, samples, rate, kbps, layer = shape(buf[1], buf[2])
    channels = 1 if buf[3] >> 6 == 3 else 2
    total = _claimed(buf, samples, channels, end - start) if layer == 3 else 0
    length_s = total / rate
    if not total or length_s * 125 > end - start:
        per_second = _per_second(src, buf, start, end, kbps)
        length_s = (end - start) / per_second
        if length_s * rate < samples:
            length_s = samples / rate
    return src.reading(clean.tags(raw), length_s, rate, channels, 0, f"mp{layer}", start, end)


def _first(buf: bytes, room: int) -> int:
    """Where the first of several alike frames stands, -1 for nowhere."""
    i = buf.find(b"\xff")
    while i >= 0 and i + 4 <= len(buf):
        if buf[i + 1] >= 0xE0 and (found := shape(buf[i + 1], buf[i + 2])) and _chain(buf, i, found, room):
            return i
        i = buf.find(b"\xff", i + 1)
    return -1


def _chain(buf: bytes, i: int, found: tuple[int, int, int, int, int], room: int) -> bool:
    second, rate = buf[i + 1] & 0xFE, found[2]
    begin = i
    for seen in range(1, ALIKE + 1):
        i += found[0]
        if i + 4 > len(buf):
            return (i >= room - 4 and (seen > 1 or begin == 0)) or (len(buf) < room and seen > 1)
        if buf[i] != 0xFF or buf[i + 1] & 0xFE != second:
            return False
        found = shape(buf[i + 1], buf[i + 2])
        if not found or found[2] != rate:
            return False
    return True


def _claimed(buf: bytes, samples: int, channels: int, room: int) -> int:
    """The samples that a Xing, Info or VBRI header promises, without the encoder's padding; 0 if there is none.

    Of a file that was cut off, the part that its bytes are of the promised bytes.
    """
    side = 4 + ((32, 17) if samples == 1152 else (17, 9))[channels == 1]
    kind = buf[side : side + 4]
    if kind in (b"Xing", b"Info"):
        flags = buf[side + 7] if len(buf) > side + 8 else 0
        if not flags & 1:
            return 0
        total = int.from_bytes(buf[side + 8 : side + 12], "big") * samples
        at = side + 12 + (4 if flags & 2 else 0) + (100 if flags & 4 else 0) + (4 if flags & 8 else 0)
        if buf[at : at + 4] in _ENCODERS and len(buf) >= at + 24:
            three = int.from_bytes(buf[at + 21 : at + 24], "big")
            padding = (three >> 12) + (three & 0xFFF)
            if padding < total:
                total -= padding
        promised = int.from_bytes(buf[side + 12 : side + 16], "big") if flags & 2 else 0
        return total * room // promised if promised > room + room // 50 else total
    if buf[36:40] == b"VBRI":
        return int.from_bytes(buf[50:54], "big") * samples
    return 0


def _per_second(src: Source, buf: bytes, start: int, end: int, kbps: int) -> float:
    """Bytes a second without any header that tells: the bitrate if it is constant, else a mean of two samples."""
    size, samples, kinds = _walk(buf, 0)
    if len(kinds) <= 1:
        return kbps * 125
    size, samples, _ = _walk(src.at(start, EDGE), 0)
    middle = src.at((start + end) // 2, EDGE)
    at = _first(middle, len(middle))
    if at >= 0:
        more, further, _ = _walk(middle, at)
        size, samples = size + more, samples + further
    rate = shape(buf[1], buf[2])[2]
    return size * rate / samples


def _walk(buf: bytes, i: int) -> tuple[int, int, set[int]]:
    """Bytes, samples and bitrates of the frames that stand whole in buf from i on."""
    size, samples, kinds = 0, 0, set()
    while i + 4 <= len(buf) and buf[i] == 0xFF and (found := shape(buf[i + 1], buf[i + 2])):
        size += found[0]
        samples += found[1]
        kinds.add(found[3])
        i += found[0]
    return size, samples, kinds
