"""What stands behind the audio: ID3v1, APEv2, Lyrics3.

ID3v2 wins over what stands here: a listener's program writes ID3v2 and often leaves an old ID3v1 or APEv2 behind.
So these only fill keys that the front of the file does not have; ReplayGain, which mp3gain and foobar2000 write
into APEv2, comes in that way.
"""

from . import genres
from .keys import ALIASES
from .source import Source

Raw = dict[str, list[str]]

TAGS = 6
APE_BYTES = 32 << 20
ITEMS = 1024
VALUE_BYTES = 1 << 20

_PICTURES = {"cover art (front)": 3, "cover art (back)": 4}


def read(src: Source, raw: Raw | None, start: int = 0) -> int:
    """Fill raw with what stands behind the audio, unless it is None; answer where the audio ends.

    The three stand in any order: each program appends its own behind what it finds.
    """
    tail = src.tail()
    end, base = src.size, src.size - len(tail)
    old = b""
    for _ in range(TAGS):
        o = end - base
        if o < 128:
            tail, base = src.at(max(end - 128, 0), 128), max(end - 128, 0)
            o = end - base
        if tail[o - 128 : o - 125] == b"TAG" and end - start > 128 <= o:
            old = old or tail[o - 128 : o]
            end -= 128
        elif tail[o - 32 : o - 24] == b"APETAGEX" and end - start >= 32 <= o:
            end = ape(src, raw, end, start)
        elif tail[o - 9 : o] == b"LYRICS200" and tail[o - 15 : o - 9].isdigit():
            end = max(end - 15 - int(tail[o - 15 : o - 9]), start)
        else:
            break
    if old and raw is not None:
        _fill(raw, _first(old))
    return end


def ape(src: Source, raw: Raw | None, end: int, start: int = 0) -> int:
    """Read the APE tag whose footer ends at end; answer where it begins."""
    footer = src.at(end - 32, 32)
    size, count, flags = (int.from_bytes(footer[at : at + 4], "little") for at in (12, 16, 20))
    begin = end - size
    if size < 32 or begin < start:
        return end - 32
    if raw is not None and size <= APE_BYTES:
        found: Raw = {}
        _items(src, src.at(begin, size - 32), begin, min(count, ITEMS), found)
        _fill(raw, found)
    return begin - 32 if flags & 0x80000000 and begin - 32 >= start else begin


def _items(src: Source, body: bytes, base: int, count: int, found: Raw) -> None:
    pos = 0
    for _ in range(count):
        size = int.from_bytes(body[pos : pos + 4], "little")
        flags = int.from_bytes(body[pos + 4 : pos + 8], "little")
        stop = body.find(b"\0", pos + 8, pos + 8 + 256)
        if stop < 0 or stop + 1 + size > len(body):
            return
        key = body[pos + 8 : stop].decode("latin-1").lower()
        kind = flags >> 1 & 3
        if kind == 0:
            found.setdefault(key, []).extend(
                body[stop + 1 : stop + 1 + min(size, VALUE_BYTES)].decode("utf-8", "replace").split("\0")
            )
        elif kind == 1 and key.startswith("cover art"):
            name = body.find(b"\0", stop + 1, stop + 1 + min(size, 512))
            if name > 0:
                src.add_picture(_PICTURES.get(key, 0), "", base + name + 1, stop + size - name)
        pos = stop + 1 + size


def _first(tag: bytes) -> Raw:
    """ID3v1: thirty characters a field, a number for the genre."""
    fields = {"title": tag[3:33], "artist": tag[33:63], "album": tag[63:93], "date": tag[93:97], "comment": tag[97:127]}
    if not tag[125] and tag[126]:
        fields["tracknumber"] = str(tag[126]).encode()
        fields["comment"] = tag[97:125]
    found = {key: [text.partition(b"\0")[0].decode("latin-1")] for key, text in fields.items()}
    if tag[127] < len(genres.NAMES):
        found["genre"] = [genres.NAMES[tag[127]]]
    return {key: values for key, values in found.items() if values[0].strip()}


def _fill(raw: Raw, found: Raw) -> None:
    for key, values in found.items():
        if ALIASES.get(key, key) not in raw:
            raw.setdefault(key, values)
