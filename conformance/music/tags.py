"""Tags: one list of names and values, written as ID3v2.4 or as Vorbis comments.

The names are those of Vorbis comments as Picard writes them. A name may stand several times: it then has several
values.
"""

import base64
import struct

Tags = list[tuple[str, str]]

FRAMES = {
    "title": "TIT2", "artist": "TPE1", "albumartist": "TPE2", "album": "TALB", "tracknumber": "TRCK",
    "discnumber": "TPOS", "discsubtitle": "TSST", "genre": "TCON", "date": "TDRC", "originaldate": "TDOR",
    "composer": "TCOM", "lyricist": "TEXT", "conductor": "TPE3", "isrc": "TSRC", "bpm": "TBPM", "compilation": "TCMP",
    "titlesort": "TSOT", "artistsort": "TSOP", "albumsort": "TSOA", "albumartistsort": "TSO2", "mood": "TMOO",
    "label": "TPUB", "grouping": "TIT1", "movementname": "MVNM", "movement": "MVIN",
}
# TXXX is ID3v2.4's frame for fields that have none of their own (4.2.6); these are the names that Picard gives them.
OWN_NAMES = {
    "artists": "ARTISTS", "releasetype": "MusicBrainz Album Type", "musicbrainz_albumid": "MusicBrainz Album Id",
    "musicbrainz_artistid": "MusicBrainz Artist Id", "musicbrainz_albumartistid": "MusicBrainz Album Artist Id",
    "work": "WORK",
}


def values(tags: Tags) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in tags:
        found.setdefault(name, []).append(value)
    return found


# --------------------------------------------------------------------------- ID3


def id3(tags: Tags, picture: bytes = b"") -> bytes:
    """The tags as ID3v2.4, in UTF-8."""
    frames = b""
    for name, texts in values(tags).items():
        text = b"\x03" + "\0".join(texts).encode()
        if name == "lyrics":
            frames += _frame("USLT", b"\x03und\0" + texts[0].encode())
        elif name == "comment":
            frames += _frame("COMM", b"\x03und\0" + texts[0].encode())
        elif name in FRAMES:
            frames += _frame(FRAMES[name], text)
        else:
            frames += _frame("TXXX", b"\x03" + OWN_NAMES.get(name, name.upper()).encode() + b"\0" + text[1:])
    if picture:
        frames += _frame("APIC", b"\x03image/png\0\x03\0" + picture)
    return b"ID3\x04\x00\x00" + _synchsafe(len(frames)) + frames


def _frame(name: str, data: bytes) -> bytes:
    return name.encode() + _synchsafe(len(data)) + b"\0\0" + data


def _synchsafe(size: int) -> bytes:
    return bytes(size >> shift & 0x7F for shift in (21, 14, 7, 0))


# --------------------------------------------------------------------------- Vorbis comments


def vorbis(tags: Tags, picture: bytes = b"") -> bytes:
    """The tags as a block of Vorbis comments; `picture` goes into it for Ogg, which has no other place."""
    lines = [f"{name.upper()}={value}" for name, value in tags]
    if picture:
        lines.append("METADATA_BLOCK_PICTURE=" + base64.b64encode(picture_block(picture)).decode())
    block = _counted("conformance")
    return block + struct.pack("<I", len(lines)) + b"".join(_counted(line) for line in lines)


def _counted(text: str) -> bytes:
    data = text.encode()
    return struct.pack("<I", len(data)) + data


def picture_block(picture: bytes) -> bytes:
    """A PNG as FLAC keeps it: the front cover."""
    width, height = struct.unpack(">II", picture[16:24])
    kind = b"image/png"
    return (struct.pack(">II", 3, len(kind)) + kind + struct.pack(">I", 0)
            + struct.pack(">IIIII", width, height, 24, 0, len(picture)) + picture)
