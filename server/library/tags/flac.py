"""FLAC: metadata blocks, then frames to the end.

The header's number of samples is a claim (and 0 in what a recorder streamed out): where the file cannot hold it,
the last frame tells how far the music really goes.
"""

from struct import unpack_from

from . import clean, id3, trailer, vorbis
from .reading import Reading, Unreadable
from .source import HEAD, Source

BLOCKS = 1024
PICTURE_HEAD = 1024
SMALLEST_FRAME = 10
SEARCH = 1 << 20

_BLOCK_SIZES = (0, 192, 576, 1152, 2304, 4608, 0, 0, 256, 512, 1024, 2048, 4096, 8192, 16384, 32768)


def read(src: Source, start: int = 0) -> Reading:
    """Read a FLAC file whose "fLaC" stands at start (behind an ID3v2 tag, in odd files)."""
    raw: dict[str, list[str]] = {}
    pos, base, buf = start + 4, 0, src.head
    info, sound = b"", pos
    for _ in range(BLOCKS):
        o = pos - base
        if o + 4 > len(buf):
            buf, base, o = src.at(pos, HEAD), pos, 0
            if len(buf) < 4:
                break
        kind = buf[o]
        size = buf[o + 1] << 16 | buf[o + 2] << 8 | buf[o + 3]
        body = sound = pos + 4
        if kind & 127 == 4 and not raw:
            _comments(src, buf, o + 4, body, size, raw)
        elif kind & 127 == 0:
            info = src.at(body, 34)
        elif kind & 127 == 6:
            vorbis.block(src, src.at(body, min(size, PICTURE_HEAD)), body, size)
        elif kind == 255:
            break
        pos = body + size
        if kind & 128:
            break
    if len(info) < 34:
        raise Unreadable("This FLAC file has no stream information.")
    if start:
        _front(src, raw)
    if src.at(pos, 2)[:1] != b"\xff":
        pos = _found_frame(src, sound)
    return _reading(src, raw, info, pos, trailer.read(src, None, pos))


def _comments(src: Source, buf: bytes, o: int, body: int, size: int, raw: dict[str, list[str]]) -> None:
    if o + size <= len(buf):
        vorbis.read(src, buf[o : o + size], 0, raw)
    else:
        vorbis.read(src, buf[o:], 0, raw, lambda at, count: src.at(body + at, min(count, size - at)), size)


def _front(src: Source, raw: dict[str, list[str]]) -> None:
    """An ID3v2 tag in front of FLAC fills only what the comments do not have."""
    found: dict[str, list[str]] = {}
    id3.read(src, 0, found)
    for key, values in found.items():
        raw.setdefault(key, values)


def _reading(src: Source, raw: dict[str, list[str]], info: bytes, start: int, end: int) -> Reading:
    block = info[2] << 8 | info[3]
    (packed,) = unpack_from(">Q", info, 10)
    rate, total = packed >> 44, packed & 0xFFFFFFFFF
    if not rate:
        raise Unreadable("This FLAC file claims a sample rate of 0.")
    smallest = max(int.from_bytes(info[4:7], "big"), SMALLEST_FRAME)
    if not total or total > ((end - start) // smallest + 1) * max(block, 16):
        total = _last_sample(src.at(max(start, end - 65536 - 32768), min(98304, max(end - start, 0))), block)
        if not total:
            raise Unreadable("This FLAC file does not say how long it is, and no frame of it tells.")
    return src.reading(
        clean.tags(raw), total / rate, rate, (packed >> 41 & 7) + 1, (packed >> 36 & 31) + 1, "flac", start, end
    )


def _found_frame(src: Source, start: int) -> int:
    """Where the first frame stands when the blocks do not lead there: behind the last block that could be read."""
    data, i = src.at(start, SEARCH), -1
    for _ in range(4096):
        i = data.find(b"\xff", i + 1)
        if i < 0:
            break
        if data[i + 1 : i + 2] in (b"\xf8", b"\xf9") and _frame(data[i : i + 16], 1):
            return start + i
    raise Unreadable("The metadata of this FLAC file leads to no audio.")


def _last_sample(tail: bytes, block: int) -> int:
    """How many samples there are up to the end of the last frame in tail."""
    at = len(tail)
    for _ in range(4096):
        at = tail.rfind(b"\xff", 0, at)
        if at < 0:
            return 0
        if tail[at + 1 : at + 2] in (b"\xf8", b"\xf9") and (found := _frame(tail[at : at + 16], block)):
            return found
    return 0


def _frame(head: bytes, block: int) -> int:
    """The number of the sample behind the frame with this header; 0 if it is no frame header."""
    if len(head) < 6 or head[3] & 1:
        return 0
    length = 8 - (head[4] ^ 0xFF).bit_length() if head[4] >= 0xC0 else 1
    if length > 7 or 0x80 <= head[4] < 0xC0 or len(head) < 4 + length + 4:
        return 0
    number = head[4] & (0x7F >> (length if length > 1 else 0))
    for byte in head[5 : 4 + length]:
        number = number << 6 | byte & 0x3F
    code, at = head[2] >> 4, 4 + length
    if code in (6, 7):
        samples = int.from_bytes(head[at : at + code - 5], "big") + 1
        at += code - 5
    else:
        samples = _BLOCK_SIZES[code]
    at += {12: 1, 13: 2, 14: 2}.get(head[2] & 15, 0)
    if not samples or at >= len(head) or _crc8(head[:at]) != head[at]:
        return 0
    return number + samples if head[1] & 1 else number * block + samples


def _crc8(data: bytes) -> int:
    crc = 0
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc << 1 ^ 0x107) if crc & 0x80 else crc << 1
    return crc
