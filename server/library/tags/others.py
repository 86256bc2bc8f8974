"""The rare formats, whose streams mutagen understands: WavPack, Monkey's Audio, Musepack, TTA, DSD, WMA, raw AAC.

mutagen is imported when such a file comes. Only its stream classes are used (and its ASF header): the tags of these
formats are ID3v2 and APEv2, and our own readers of those inflate and allocate within limits, which mutagen's do not.
"""

import os
from collections.abc import Callable
from struct import unpack_from
from typing import BinaryIO

from . import clean, id3, trailer
from .keys import ASF
from .reading import Reading, Unreadable
from .source import Source

HEADER_BYTES = 64 << 20
ASF_GUID = bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c")
TEXT_BYTES = 65536

Raw = dict[str, list[str]]
_MARKS = {b"wvpk": "wavpack", b"MAC ": "ape", b"MPCK": "mpc", b"TTA1": "tta", b"DSD ": "dsd", b"FRM8": "dff"}


def known(head: bytes) -> str | None:
    """Which of these formats begins like this."""
    if found := _MARKS.get(head[:4]):
        return found
    if head[:16] == ASF_GUID:
        return "wma"
    if head[:3] == b"MP+":
        return "mpc"
    if head[:4] == b"ADIF" or (len(head) > 3 and head[0] == 0xFF and head[1] & 0xF6 == 0xF0 and _adts(head)):
        return "aac"
    return None


def read(src: Source, kind: str, start: int) -> Reading:
    """Read a file of this kind, whose stream begins at start (behind an ID3v2 tag, if that is not 0)."""
    import mutagen

    try:
        with os.fdopen(os.dup(src.fd), "rb") as file:
            return _READERS[kind](src, kind, start, file)
    except (mutagen.MutagenError, AssertionError, AttributeError, EOFError):
        raise Unreadable("The file is damaged: its header makes no sense.") from None


def _adts(head: bytes) -> bool:
    return head[2] >> 2 & 15 < 13


def _front_and_back(src: Source, start: int) -> tuple[Raw, int]:
    """The tags of a file with ID3v2 in front and APEv2 behind (which is the one these formats are made with)."""
    raw: Raw = {}
    found: Raw = {}
    end = trailer.read(src, raw, start)
    if start:
        id3.read(src, 0, found)
        for key, values in found.items():
            raw.setdefault(key, values)
    return raw, end


def _simple(src: Source, kind: str, start: int, file: BinaryIO) -> Reading:
    """Formats whose mutagen class takes the file as it lies."""
    raw, end = _front_and_back(src, start)
    info = _info(kind, file, start)
    rate, channels = int(info.sample_rate), int(getattr(info, "channels", 0) or 2)
    lossy = kind in ("mpc", "aac")
    depth = 0 if lossy else int(getattr(info, "bits_per_sample", 0) or (16 if kind == "tta" else 0))
    if kind == "tta":
        channels, depth = unpack_from("<HH", src.at(start + 6, 4))
    return src.reading(clean.tags(raw), float(info.length), rate, channels, depth, kind, start, end, reader="mutagen")


def _info(kind: str, file: BinaryIO, start: int):
    if kind == "wavpack":
        from mutagen.wavpack import WavPackInfo as Info
    elif kind == "ape":
        from mutagen.monkeysaudio import MonkeysAudioInfo as Info
    elif kind == "mpc":
        from mutagen.musepack import MusepackInfo as Info
    elif kind == "aac":
        from mutagen.aac import AACInfo as Info
    else:
        from mutagen.trueaudio import TrueAudioInfo

        return TrueAudioInfo(file, start)
    file.seek(0 if kind in ("mpc", "aac") else start)
    return Info(file)


def _dsf(src: Source, kind: str, start: int, file: BinaryIO) -> Reading:
    """DSF tells all in fixed places: https://dsd-guide.com/sonys-dsf-file-format-spec"""
    head = src.at(0, 92)
    if head[28:32] != b"fmt " or head[80:84] != b"data":
        raise Unreadable("This DSF file has no format or no samples.")
    (tags_at,) = unpack_from("<Q", head, 20)
    channels, rate, bits, samples = unpack_from("<IIIQ", head, 52)
    (size,) = unpack_from("<Q", head, 84)
    raw: Raw = {}
    if 92 <= tags_at < src.size:
        id3.read(src, tags_at, raw)
    end = min(80 + size, src.size)
    if not rate:
        raise Unreadable("This DSF file claims a sample rate of 0.")
    return src.reading(clean.tags(raw), samples / rate, rate, channels, min(bits, 8), "dsd", 92, end)


def _dff(src: Source, kind: str, start: int, file: BinaryIO) -> Reading:
    from mutagen.dsdiff import DSDIFFInfo

    info = DSDIFFInfo(file)
    raw: Raw = {}
    begin, end, pos = 0, 0, 16
    for _ in range(64):
        head = src.at(pos, 12)
        if len(head) < 12:
            break
        size = int.from_bytes(head[4:], "big")
        if head[:4] in (b"DSD ", b"DST "):
            begin, end = pos + 12, min(pos + 12 + size, src.size)
        elif head[:4] == b"ID3 ":
            id3.read(src, pos + 12, raw)
        pos += 12 + size + (size & 1)
    return src.reading(
        clean.tags(raw), info.length, info.sample_rate, info.channels, 1, "dsd", begin, end, reader="mutagen"
    )


def _asf(src: Source, kind: str, start: int, file: BinaryIO) -> Reading:
    from mutagen.asf import ASF as Asf

    size = int.from_bytes(src.at(16, 8), "little")
    if not 30 <= size <= min(HEADER_BYTES, src.size):
        raise Unreadable("The header of this WMA file is longer than the file.")
    found = Asf(file)
    raw: Raw = {}
    for name, attribute in found.tags:
        key = name.lower()
        if key == "wm/picture":
            _picture(src, attribute.value)
        elif isinstance(attribute.value, bytes):
            continue
        else:
            key = ASF.get(key, key)
            raw.setdefault(key, []).append(str(attribute)[:TEXT_BYTES])
    if "totaltracks" not in raw and "wm/trackstotal" in raw:
        raw["totaltracks"] = raw.pop("wm/trackstotal")
    info = found.info
    codec = "wma" if "voice" not in info.codec_type.lower() else "wmavoice"
    depth = 16 if "lossless" in info.codec_type.lower() else 0
    return src.reading(
        clean.tags(raw), info.length, info.sample_rate, info.channels, depth, codec, size, src.size,
        bitrate_kbps=round(info.bitrate / 1000), reader="mutagen",
    )  # fmt: skip


def _picture(src: Source, value: bytes) -> None:
    """WM/Picture: type, length, MIME type and description in UTF-16, image."""
    kind, size = unpack_from("<BI", value)
    at, texts = 5, []
    for _ in range(2):
        stop = at
        while stop + 1 < len(value) and (value[stop] or value[stop + 1]):
            stop += 2
        texts.append(value[at:stop].decode("utf-16-le", "replace"))
        at = stop + 2
    if 0 < size <= len(value) - at:
        src.keep_picture(kind, texts[0].lower(), value[at : at + size])


_READERS: dict[str, Callable[[Source, str, int, BinaryIO], Reading]] = {
    "wavpack": _simple,
    "ape": _simple,
    "mpc": _simple,
    "tta": _simple,
    "aac": _simple,
    "dsd": _dsf,
    "dff": _dff,
    "wma": _asf,
}
