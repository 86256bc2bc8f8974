"""WAV, AIFF and their kin: chunks, of which one holds the samples and a few the tags.

A chunk that claims to reach past the end of the file (recorders that were switched off leave such) ends with it.
"""

from struct import unpack_from

from . import clean, id3
from .keys import RIFF
from .reading import Reading, Unreadable
from .source import Source

CHUNKS = 1024
INFO_BYTES = 262144
TEXT_BYTES = 65536

Raw = dict[str, list[str]]

_WAVE_CODECS = {0x01: "pcm", 0x03: "pcm", 0x06: "alaw", 0x07: "ulaw", 0x50: "mp2", 0x55: "mp3", 0xFFFE: "pcm"}
_AIFF_TEXTS = {b"NAME": "title", b"AUTH": "artist", b"(c) ": "copyright", b"ANNO": "comment"}
_AIFF_CODECS = {b"ulaw": "ulaw", b"ULAW": "ulaw", b"alaw": "alaw", b"ALAW": "alaw", b"ima4": "adpcm"}


def read(src: Source) -> Reading:
    """Read a WAV or AIFF file."""
    form = src.head[8:12]
    if src.head[:4] == b"FORM" and form in (b"AIFF", b"AIFC"):
        return _aiff(src)
    if src.head[:4] in (b"RIFF", b"RF64") and form == b"WAVE":
        return _wave(src)
    raise Unreadable("This file is a container of something else than audio.")


def chunks(src: Source, pos: int, order: str) -> dict[bytes, tuple[int, int]]:
    """The first chunk of each name, as (begin, end) of its body."""
    found: dict[bytes, tuple[int, int]] = {}
    for _ in range(CHUNKS):
        head = src.at(pos, 8)
        if len(head) < 8:
            break
        name, size = head[:4], int.from_bytes(head[4:], order)
        begin = pos + 8
        if name == b"data" and size == 0xFFFFFFFF and b"ds64" in found:
            size = int.from_bytes(src.at(found[b"ds64"][0] + 8, 8), "little")
        # A first LIST is often cue labels; the one with tags is kept under its own name.
        if name == b"LIST":
            name = src.at(begin, 4)
        found.setdefault(name, (begin, min(begin + size, src.size)))
        pos = begin + size + (size & 1)
        if pos >= src.size:
            break
    return found


def _wave(src: Source) -> Reading:
    parts = chunks(src, 12, "little")
    if b"fmt " not in parts or b"data" not in parts:
        raise Unreadable("This WAV file has no format or no samples.")
    head = src.at(parts[b"fmt "][0], 16)
    if len(head) < 16:
        raise Unreadable("This WAV file has no format.")
    kind, channels, rate, bytes_rate, align, bits = unpack_from("<HHIIHH", head)
    begin, end = parts[b"data"]
    codec = _WAVE_CODECS.get(kind, "adpcm" if kind in (0x02, 0x11) else "unknown")
    if codec == "unknown":
        raise Unreadable(f"This WAV file holds a kind of audio that is not known (0x{kind:04x}).")
    raw: Raw = {}
    _id3(src, parts, raw)
    if b"INFO" in parts:
        for key, value in _info(src, *parts[b"INFO"]):
            raw.setdefault(key, [value])
    per_second = rate * (align or channels * bits // 8) if codec in ("pcm", "alaw", "ulaw") else bytes_rate
    if not per_second:
        raise Unreadable("This WAV file claims that a second of it takes no bytes.")
    depth = bits if codec == "pcm" else 0
    return src.reading(clean.tags(raw), (end - begin) / per_second, rate, channels, depth, codec, begin, end)


def _id3(src: Source, parts: dict[bytes, tuple[int, int]], raw: Raw) -> None:
    for name in (b"id3 ", b"ID3 "):
        if name in parts:
            id3.read(src, parts[name][0], raw)


def _info(src: Source, begin: int, end: int) -> list[tuple[str, str]]:
    """The texts of a LIST INFO chunk; UTF-8 where it is that, else Latin-1."""
    body = src.at(begin + 4, min(end - begin - 4, INFO_BYTES))
    found, pos = [], 0
    while pos + 8 <= len(body) and len(found) < CHUNKS:
        name, size = body[pos : pos + 4], int.from_bytes(body[pos + 4 : pos + 8], "little")
        if key := RIFF.get(name):
            found.append((key, _text(body[pos + 8 : pos + 8 + min(size, TEXT_BYTES)])))
        pos += 8 + size + (size & 1)
    return found


def _text(data: bytes) -> str:
    data = data.partition(b"\0")[0]
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _aiff(src: Source) -> Reading:
    parts = chunks(src, 12, "big")
    if b"COMM" not in parts or b"SSND" not in parts:
        raise Unreadable("This AIFF file has no format or no samples.")
    head = src.at(parts[b"COMM"][0], 22)
    if len(head) < 18:
        raise Unreadable("This AIFF file has no format.")
    channels, frames, bits = unpack_from(">HIH", head)
    rate = _extended(head[8:18])
    begin, end = parts[b"SSND"][0] + 8, parts[b"SSND"][1]
    codec = _AIFF_CODECS.get(head[18:22], "pcm") if src.head[8:12] == b"AIFC" else "pcm"
    raw: Raw = {}
    _id3(src, parts, raw)
    for name, key in _AIFF_TEXTS.items():
        if name in parts:
            at, stop = parts[name]
            raw.setdefault(key, [_text(src.at(at, min(stop - at, TEXT_BYTES)))])
    width = channels * ((bits + 7) // 8)
    if codec == "pcm" and width:
        frames = min(frames, (end - begin) // width)
    if not rate:
        raise Unreadable("This AIFF file claims a sample rate of 0.")
    depth = bits if codec == "pcm" else 0
    return src.reading(clean.tags(raw), frames / rate, rate, channels, depth, codec, begin, end)


def _extended(ten: bytes) -> int:
    """An 80-bit float, as whole numbers of hertz below 2^32."""
    exponent = (ten[0] & 0x7F) << 8 | ten[1]
    shift = 16383 + 63 - exponent
    return int.from_bytes(ten[2:], "big") >> shift if 31 < shift < 64 else 0
