"""Tags as bytes, written by hand: mutagen is right but a hundred times slower.

Only what the generated libraries need; `tags.py` holds the names and writes
everything else. The tests read every kind back through mutagen.
"""

import base64
import struct

from server.demo.tags import FREE_NAMES, ID3_FRAMES, MP4_ATOMS, MP4_FREE, Tags, comments, numbered

_NUMBERS = {"tracknumber": "track", "discnumber": "disc"}
_TOTALS = ("totaltracks", "totaldiscs")
_NEW_IN_24 = ("mood", "discsubtitle")


def v23(tags: Tags) -> Tags:
    """What is left of tags in ID3v2.3: values joined by a slash, a year for the original date, no mood."""
    kept = {name: ["/".join(values)] for name, values in tags.items() if name not in _NEW_IN_24}
    if "originaldate" in kept:
        kept["originaldate"] = [kept["originaldate"][0][:4]]
    return kept


def id3(tags: Tags, art: bytes | None, old: bool) -> bytes:
    """An ID3v2.4 tag in UTF-8, or an old one: v2.3 in UTF-16."""
    frames = _frames_23(tags) if old else _frames_24(tags)
    if art:
        frames.append(("APIC", b"\0image/jpeg\0\x03\0" + art))
    sizes = (struct.Struct(">I").pack if old else _syncsafe)
    body = b"".join([name.encode() + sizes(len(data)) + b"\0\0" + data for name, data in frames]) + bytes(256)
    return b"ID3" + (b"\3\0\0" if old else b"\4\0\0") + _syncsafe(len(body)) + body


def _syncsafe(number: int) -> bytes:
    return bytes((number >> 21 & 127, number >> 14 & 127, number >> 7 & 127, number & 127))


def _frames_24(tags: Tags) -> list[tuple[str, bytes]]:
    return _frames(tags, b"\3", "utf-8", b"\0")


def _frames_23(tags: Tags) -> list[tuple[str, bytes]]:
    """The same frames in UTF-16, the dates in the frames that they had then."""
    out = []
    for name, data in _frames(tags, b"\1", "utf-16", b"\0\0"):
        if name == "TDRC":
            date = tags["date"][0]
            out.append(("TYER", b"\1" + date[:4].encode("utf-16")))
            if len(date) == 10:
                out.append(("TDAT", b"\1" + f"{date[8:]}{date[5:7]}".encode("utf-16")))
        else:
            out.append(("TORY" if name == "TDOR" else name, data))
    return out


def _frames(tags: Tags, mark: bytes, codec: str, nul: bytes) -> list[tuple[str, bytes]]:
    out = []
    for name, values in tags.items():
        text = "\0".join(values).encode(codec)
        if name in ID3_FRAMES:
            out.append((ID3_FRAMES[name], mark + text))
        elif name in FREE_NAMES:
            out.append(("TXXX", mark + FREE_NAMES[name].encode(codec) + nul + text))
        elif name in _NUMBERS:
            number = numbered(tags, _NUMBERS[name]).encode(codec)
            out.append(("TRCK" if name == "tracknumber" else "TPOS", mark + number))
        elif name == "musicbrainz_trackid":
            out.append(("UFID", b"http://musicbrainz.org\0" + values[0].encode()))
        elif name in ("comment", "lyrics"):
            out.append(("COMM" if name == "comment" else "USLT", mark + b"eng" + "".encode(codec) + nul + text))
        elif name not in _TOTALS:
            raise KeyError(name)
    return out


def vorbis(tags: Tags, art: bytes | None = None) -> bytes:
    """A Vorbis comment, with a picture in it for Ogg."""
    items = [f"{name}={value}".encode() for name, value in comments(tags)]
    if art:
        items.append(b"METADATA_BLOCK_PICTURE=" + base64.b64encode(picture(art)))
    size = struct.Struct("<I").pack
    return b"\x08\0\0\0familiar" + size(len(items)) + b"".join([size(len(item)) + item for item in items])


def picture(jpeg: bytes) -> bytes:
    """A FLAC picture block."""
    at = 2
    while jpeg[at + 1] not in (0xC0, 0xC2):
        at += 2 + int.from_bytes(jpeg[at + 2 : at + 4], "big")
    height, width = struct.unpack_from(">HH", jpeg, at + 5)
    return struct.pack(">II10sIIIIII", 3, 10, b"image/jpeg", 0, width, height, 24, 0, len(jpeg)) + jpeg


def box(kind: bytes, *parts: bytes) -> bytes:
    """An MP4 box."""
    body = b"".join(parts)
    return struct.pack(">I4s", len(body) + 8, kind) + body


def ilst(tags: Tags, art: bytes | None) -> bytes:
    """The list of tags in an MP4 file."""
    out = [_atom(tags, name, values) for name, values in tags.items() if name not in _TOTALS]
    if art:
        out.append(box(b"covr", _data(13, art)))
    return box(b"ilst", *out)


def _atom(tags: Tags, name: str, values: list[str]) -> bytes:
    if name in MP4_ATOMS:
        return box(MP4_ATOMS[name].encode("latin-1"), *[_data(1, value.encode()) for value in values])
    if name in _NUMBERS:
        number, _, total = numbered(tags, _NUMBERS[name]).partition("/")
        body = struct.pack(">HHH", 0, int(number), int(total or 0))
        return box(b"trkn", _data(0, body + b"\0\0")) if name == "tracknumber" else box(b"disk", _data(0, body))
    if name == "compilation":
        return box(b"cpil", _data(21, b"\1"))
    if name == "bpm":
        return box(b"tmpo", _data(21, struct.pack(">H", int(values[0]))))
    label = box(b"name", b"\0\0\0\0" + MP4_FREE[name].encode())
    return box(b"----", _MEAN, label, *[_data(1, value.encode()) for value in values])


_MEAN = box(b"mean", b"\0\0\0\0com.apple.iTunes")


def _data(kind: int, value: bytes) -> bytes:
    return box(b"data", struct.pack(">II", kind, 0), value)
