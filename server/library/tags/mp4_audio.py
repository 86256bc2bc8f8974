"""The sound inside an MP4 file: the first audio track's codec, rate, channels and length.

The sample entry's own rate and channels are often filler; the codec's configuration inside it is what plays.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from .atoms import Window, child
from .reading import Unreadable

_RATES = (96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350)
_CHANNELS = (0, 1, 2, 3, 4, 5, 6, 8)
_OBJECTS = {0x40: "aac", 0x66: "aac", 0x67: "aac", 0x68: "aac", 0x69: "mp3", 0x6B: "mp3", 0xA5: "ac3", 0xA6: "eac3"}
_ENTRIES = {b"alac": "alac", b"Opus": "opus", b"fLaC": "flac", b"ac-3": "ac3", b"ec-3": "eac3", b".mp3": "mp3"}
_PCM = frozenset((b"sowt", b"twos", b"in24", b"in32", b"fl32", b"lpcm", b"ipcm", b"fpcm", b"raw ", b"NONE"))
_MOVING = frozenset((b"avc1", b"avc3", b"hvc1", b"hev1", b"dvh1", b"dvhe", b"av01", b"vp08", b"vp09", b"mp4v", b"s263"))
_STILL = (0x6C, 0x6D)
"""JPEG and PNG as MPEG-4 numbers them."""


@dataclass(slots=True)
class Sound:
    """What the first audio track says of itself; bitrate in bit/s, 0 if it does not tell."""

    codec: str
    rate: int
    channels: int
    depth: int = 0
    bitrate: int = 0
    length_s: float = 0.0


def sound(window: Window, traks: Iterable[tuple[int, int]]) -> Sound | None:
    """The first audio track among these."""
    for at, stop in traks:
        mdia = child(window, at, stop, b"mdia")
        hdlr = mdia and child(window, *mdia, b"hdlr")
        if not hdlr or window.at(hdlr[0] + 8, 4) != b"soun":
            continue
        mdhd, minf = child(window, *mdia, b"mdhd"), child(window, *mdia, b"minf")
        stbl = minf and child(window, *minf, b"stbl")
        stsd = stbl and child(window, *stbl, b"stsd")
        if not mdhd or not stsd:
            continue
        found = _entry(window.at(stsd[0], min(stsd[1] - stsd[0], 4096)))
        if found:
            found.length_s = _length(window.at(mdhd[0], 32))
            return found
    return None


def moves(window: Window, traks: Iterable[tuple[int, int]]) -> bool:
    """Tell whether one of these tracks holds moving pictures; those of chapters stand still."""
    for at, stop in traks:
        mdia = child(window, at, stop, b"mdia")
        hdlr = mdia and child(window, *mdia, b"hdlr")
        if hdlr and window.at(hdlr[0] + 8, 4) == b"vide":
            minf = child(window, *mdia, b"minf")
            stbl = minf and child(window, *minf, b"stbl")
            stsd = stbl and child(window, *stbl, b"stsd")
            if stsd and _moving(window.at(stsd[0], min(stsd[1] - stsd[0], 4096))):
                return True
    return False


def _moving(stsd: bytes) -> bool:
    """Whether the first sample entry is of moving pictures."""
    kind, at = stsd[12:16], _decoder(stsd)
    return kind in _MOVING and not (kind == b"mp4v" and at >= 0 and stsd[at] in _STILL)


def _length(head: bytes) -> float:
    if len(head) < 32 and not (len(head) >= 20 and head[0] == 0):
        return 0.0
    if head[0] == 1:
        scale, units = int.from_bytes(head[20:24], "big"), int.from_bytes(head[24:32], "big")
    else:
        scale, units = int.from_bytes(head[12:16], "big"), int.from_bytes(head[16:20], "big")
    return units / scale if scale else 0.0


def _entry(stsd: bytes) -> Sound | None:
    """The first sample entry."""
    if len(stsd) < 44:
        return None
    kind = stsd[12:16]
    if kind in (b"drms", b"enca"):
        raise Unreadable("This file is locked by copy protection (DRM) and cannot be played.")
    channels = int.from_bytes(stsd[32:34], "big")
    depth = int.from_bytes(stsd[34:36], "big")
    rate = int.from_bytes(stsd[40:42], "big")
    if kind == b"mp4a":
        return _esds(stsd, Sound("aac", rate, channels))
    if kind == b"alac":
        i = stsd.find(b"alac", 16)
        if i >= 0 and len(stsd) >= i + 32:
            c = stsd[i + 8 :]
            return Sound("alac", int.from_bytes(c[20:24], "big"), c[9], c[5], int.from_bytes(c[16:20], "big"))
        return Sound("alac", rate, channels, depth)
    if kind == b"fLaC":
        i = stsd.find(b"dfLa", 16)
        if i >= 0 and len(stsd) >= i + 30:
            packed = int.from_bytes(stsd[i + 22 : i + 30], "big")
            return Sound("flac", packed >> 44, (packed >> 41 & 7) + 1, (packed >> 36 & 31) + 1)
        return Sound("flac", rate, channels, depth)
    if kind == b"Opus":
        return Sound("opus", 48000, channels)
    if kind in _ENTRIES:
        return Sound(_ENTRIES[kind], rate, channels)
    return Sound("pcm", rate, channels, depth) if kind in _PCM else None


def _esds(stsd: bytes, found: Sound) -> Sound | None:
    """The elementary stream descriptor: what codec, what mean bitrate, and the codec's configuration."""
    at = _decoder(stsd)
    if at < 0:
        return found
    found.codec = _OBJECTS.get(stsd[at], "aac")
    found.bitrate = int.from_bytes(stsd[at + 9 : at + 13], "big")
    at = _descriptor(stsd, at + 13, 5)
    if at >= 0 and found.codec == "aac":
        _configured(int.from_bytes(stsd[at : at + 8].ljust(8, b"\0"), "big"), found)
    return found


def _decoder(stsd: bytes) -> int:
    """Where the configuration of the decoder begins in the elementary stream descriptor; -1 if there is none."""
    i = stsd.find(b"esds", 16)
    at = _descriptor(stsd, i + 8, 3) if i >= 0 else -1
    if at < 0:
        return -1
    flags = stsd[at + 2] if at + 2 < len(stsd) else 0
    at = _descriptor(stsd, at + 3 + (2 if flags & 0x80 else 0) + (2 if flags & 0x20 else 0), 4)
    return at if at + 13 <= len(stsd) else -1


def _descriptor(data: bytes, at: int, tag: int) -> int:
    """Where the body of the descriptor at this place begins; -1 if another stands there."""
    if at >= len(data) or data[at] != tag:
        return -1
    for step in range(1, 5):
        if at + step >= len(data):
            return -1
        if not data[at + step] & 0x80:
            return at + step + 1
    return at + 5


def _configured(bits: int, found: Sound) -> None:
    """AudioSpecificConfig (ISO 14496-3, 1.6.2.1), from its first 64 bits: rate and channels, SBR and PS included."""
    left = 64

    def take(count: int) -> int:
        nonlocal left
        left -= count
        return bits >> max(left, 0) & ((1 << count) - 1)

    def rate() -> int:
        at = take(4)
        return take(24) if at == 15 else _RATES[at] if at < len(_RATES) else 0

    def kind() -> int:
        number = take(5)
        return 32 + take(6) if number == 31 else number

    object_type, core = kind(), rate()
    channels = take(4)
    best = core
    if object_type in (5, 29):
        best = rate()
        if object_type == 29 and channels == 1:
            channels = 2
    elif object_type == 2 and take(3) >= 0 and take(11) == 0x2B7 and take(5) == 5 and take(1):
        best = rate()
        if channels == 1 and take(11) == 0x548 and take(1):
            channels = 2
    if best:
        found.rate = best
    if 0 < channels < len(_CHANNELS):
        found.channels = _CHANNELS[channels]
