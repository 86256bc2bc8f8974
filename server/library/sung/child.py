"""Reading many files in a child process, tags and lyrics together: one list of plain values in, one out.

Files beside the audio come before tags, because they are what people put there on purpose; what has the times of words
comes before what has those of lines, and that before plain words. Clients show the first.
"""

import os
import re
from collections.abc import Sequence

from server.kernel.errors import Failure
from server.kernel.files import os_name, read_regular
from server.library.sung import texts
from server.library.sung.beside import language_of
from server.library.sung.layers import Layer, scaled, stored
from server.library.tags import Picture, Reading
from server.library.tags.child import read_each

FILE_BYTES = 2 * 1024 * 1024
LYRICS = frozenset(("syncedlyrics", "lyrics"))
FRONT = 3
"""The front cover among the types of pictures, in ID3v2 and FLAC alike."""

_HEAD = re.compile(r"\[la:([a-z]{3})\](?:\[unit:(frames)\])?\n")


def read_many(wanted: list[tuple[str, list[str]]]) -> list[Sequence | dict]:
    """Return for each path the members of `Said` and its tags behind them, or what `read_each` says of a failure.

    Beside each path stand the names of the files in its folder that may hold its lyrics.
    """
    readings = read_each([path for path, _ in wanted])
    return [_row(reading, path, names) for reading, (path, names) in zip(readings, wanted, strict=True)]


def _row(reading: Reading | dict, path: str, names: list[str]) -> Sequence | dict:
    if type(reading) is dict:
        return reading
    tags, *facts, pictures, audio_hash, _ = reading
    tagged = tags.pop("syncedlyrics", []) + tags.pop("lyrics", []) if not tags.keys().isdisjoint(LYRICS) else []
    lyrics = _lyrics(path, names, tagged, reading.sample_rate_hz) if names or tagged else ()
    return *facts, audio_hash, _shown(pictures), lyrics, tags


def _shown(pictures: list[Picture]) -> int:
    if not pictures:
        return -1
    return next((at for at, picture in enumerate(pictures) if picture.kind == FRONT), 0)


def _lyrics(path: str, names: list[str], tagged: list[str], rate_hz: int) -> list[tuple[str, str]]:
    try:
        return stored(_beside(path, names) + _tagged(tagged, rate_hz))
    except Exception:
        # A text that breaks its reader in a way nobody thought of must not cost the song.
        return []


def _beside(path: str, names: list[str]) -> list[Layer]:
    found = []
    for name in names:
        try:
            data = read_regular(os.path.join(os.path.dirname(os_name(path)), os_name(name)), FILE_BYTES)
        except (Failure, OSError):
            continue  # gone, no file, or too large to be lyrics: the song is none the worse
        found += texts.layers(texts.decode(data), language_of(name))
    return found


def _tagged(tagged: list[str], rate_hz: int) -> list[Layer]:
    found = []
    for text in tagged:
        lang = ""
        if head := _HEAD.match(text):
            lang, text = head[1], text[head.end() :]
        layers = texts.layers(text, lang)
        if head and head[2] and rate_hz:
            # A frame of MPEG 1 layer 3 holds 1152 samples, one of MPEG 2 half of that.
            layers = [scaled(layer, (1152 if rate_hz >= 32000 else 576) * 1000 / rate_hz) for layer in layers]
        found += layers
    return found
