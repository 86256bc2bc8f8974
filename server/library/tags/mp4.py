"""MP4: the atoms of moov that a listener's library needs, wherever moov stands.

Its atoms are walked along a fixed path; pictures and sample tables are stepped over unread.
"""

from functools import lru_cache
from struct import unpack_from

from . import clean, genres, mp4_audio
from .atoms import HEAD, Window, atoms, child
from .keys import MP4, MP4_NUMBERS
from .reading import Reading, Unreadable
from .source import Source

TRACKS = 64
LONG = 4096
VALUE_BYTES = 65536
LYRICS_BYTES = 1 << 20

Raw = dict[str, list[str]]

_MIMES = {13: "image/jpeg", 14: "image/png", 27: "image/bmp"}


def read(src: Source) -> Reading:
    """Read an MP4 file: M4A, M4B, MP4 without moving pictures."""
    window = Window(src)
    moov, begin, end = None, 0, 0
    for name, at, stop in atoms(window, 0, src.size):
        if name == b"moov" and moov is None:
            moov = at, stop
        elif name == b"mdat" and stop - at > end - begin:
            begin, end = at, stop
    if moov is None:
        raise Unreadable("This MP4 file has no index (moov): it was cut off or never finished.")
    window.load(*moov)
    raw: Raw = {}
    traks, udta = [], []
    for name, at, stop in atoms(window, *moov):
        if name == b"trak" and len(traks) < TRACKS:
            traks.append((at, stop))
        elif name in (b"udta", b"meta"):
            udta.append((name, at, stop))
    # Who calls a file .m4a means its sound, whatever else is in it.
    if src.suffix == "mp4" and mp4_audio.moves(window, traks):
        raise Unreadable("This is a video, which is left out of a music library.")
    sound = mp4_audio.sound(window, traks)
    if sound is None:
        raise Unreadable("This MP4 file holds no audio track that we know.")
    for name, at, stop in udta:
        _tags(src, window, name, at, stop, raw)
    bitrate = sound.bitrate // 1000 if len(traks) > 1 else 0
    return src.reading(
        clean.tags(raw), sound.length_s, sound.rate, sound.channels, sound.depth, sound.codec, begin, end,
        bitrate_kbps=bitrate,
    )  # fmt: skip


def _tags(src: Source, window: Window, name: bytes, at: int, stop: int, raw: Raw) -> None:
    """The tags of udta/meta/ilst."""
    if name == b"udta":
        meta = child(window, at, stop, b"meta")
        if meta is None:
            return
        at, stop = meta
    # Apple's meta is a "full" atom with four bytes of version in front; QuickTime's is not.
    if window.at(at + 4, 4) != b"hdlr":
        at += 4
    ilst = child(window, at, stop, b"ilst")
    if ilst is None:
        return
    for key, begin, end in atoms(window, *ilst):
        if key == b"covr":
            _covers(src, window, begin, end)
            continue
        if end - begin > LONG:
            src.room -= end - begin
            if src.room < 0:
                break
        if key == b"----":
            _free(window, begin, end, raw)
        else:
            _item(window, key, begin, end, raw)


@lru_cache(1024)
def _name(field: bytes) -> str:
    return field.decode("utf-8", "replace").lower()


def _data(window: Window, begin: int, end: int, limit: int) -> list[bytes]:
    """The values of an item: nearly always one atom that fills it."""
    buf, o = window.buf, begin - window.base
    if o >= 0 and o + 16 < len(buf) and end - begin <= limit:
        size, name = HEAD(buf, o)
        if name == b"data" and size == end - begin and o + size <= len(buf):
            return [buf[o + 16 : o + size]]
    return [
        window.at(at + 8, min(stop - at - 8, limit))
        for name, at, stop in atoms(window, begin, end)
        if name == b"data" and stop - at > 8
    ]


def _item(window: Window, key: bytes, begin: int, end: int, raw: Raw) -> None:
    values = _data(window, begin, end, LYRICS_BYTES if key == b"\xa9lyr" else VALUE_BYTES)
    if not values:
        return
    if name := MP4.get(key):
        raw.setdefault(name, []).extend([value.decode("utf-8", "replace") for value in values])
    elif key in (b"trkn", b"disk"):
        if len(values[0]) >= 4:
            number, total = unpack_from(">H", values[0], 2)[0], int.from_bytes(values[0][4:6], "big")
            if number or total:
                raw["tracknumber" if key == b"trkn" else "discnumber"] = [f"{number or ''}/{total}"]
    elif name := MP4_NUMBERS.get(key):
        raw[name] = [str(int.from_bytes(values[0][:8], "big"))]
    elif key == b"gnre":
        number = int.from_bytes(values[0][:2], "big") - 1
        if 0 <= number < len(genres.NAMES):
            raw.setdefault("genre", [genres.NAMES[number]])


def _free(window: Window, begin: int, end: int, raw: Raw) -> None:
    """A freeform item: who names it (mean), its name, and any number of values."""
    pos = begin
    for _ in range(2):
        head = window.at(pos, 8)
        if pos + 8 > end or len(head) < 8:
            return
        size, name = HEAD(head)
        if name == b"name" and 12 < size <= min(end - pos, 268):
            key = _name(window.at(pos + 12, size - 12))
            values = _data(window, pos + size, end, VALUE_BYTES)
            if values:
                raw.setdefault(key, []).extend([value.decode("utf-8", "replace") for value in values])
            return
        pos += max(size, 8)


def _covers(src: Source, window: Window, begin: int, end: int) -> None:
    for name, at, stop in atoms(window, begin, end):
        if name == b"data" and stop - at > 8:
            kind = int.from_bytes(window.at(at, 4), "big") & 0xFFFFFF
            src.add_picture(3, _MIMES.get(kind, ""), at + 8, stop - at - 8)
