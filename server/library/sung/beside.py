"""Which files beside an audio file hold its lyrics: pure, from names alone.

`Song.lrc` and `Song.mp3.lrc` belong to Song.mp3, and so does `Song.en.lrc`, unless there is a Song.en.mp3 as well.
"""

import re
from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

import xxhash

from server.library.sung import READER

SUFFIXES = ("ttml", "lrc", "srt", "txt")
"""Best first."""
FILES = 16
_IN_LANGUAGE = re.compile(r"(.+)\.([a-zA-Z]{2,3}(?:[-_][a-zA-Z0-9]{2,8}){0,2})", re.DOTALL)


class Beside(NamedTuple):
    """What lies beside an audio file."""

    mark: str
    """Changes whenever any of it does, and with the reader: a track that was read under another mark is read again."""
    names: tuple[str, ...] = ()


ALONE = Beside(str(READER))


def sort_out(audio: Iterable[str], texts: list[tuple[str, int, int]]) -> dict[str, Beside]:
    """Return audio file → what lies beside it, of the names in a folder; `texts` are (name, mtime_ns, size_bytes)."""
    if not texts:
        return {}
    owners: dict[str, list[str]] = defaultdict(list)
    for name in audio:
        owners[_stem(name)].append(name)
        owners[name].append(name)
    found: dict[str, list[tuple[tuple, tuple[str, int, int]]]] = defaultdict(list)
    for text in texts:
        base, suffix = _stem(text[0]), text[0].rpartition(".")[2].lower()
        in_language = _IN_LANGUAGE.fullmatch(base)
        if base not in owners and in_language:
            base = in_language[1]
        else:
            in_language = None
        for owner in owners.get(base, ()):
            found[owner].append(((bool(in_language), SUFFIXES.index(suffix), text[0]), text))
    return {owner: _marked(sorted(lying)[:FILES]) for owner, lying in found.items()}


def language_of(name: str) -> str:
    """Return the language that a file's name says, "" for none."""
    found = _IN_LANGUAGE.fullmatch(_stem(name))
    return found[2] if found else ""


def _marked(lying: list) -> Beside:
    listed = "\n".join([f"{name}\0{mtime}\0{size}" for _, (name, mtime, size) in lying])
    return Beside(f"{READER}:{xxhash.xxh3_64_hexdigest(listed.encode())}", tuple([text[0] for _, text in lying]))


def _stem(name: str) -> str:
    return name.rpartition(".")[0] or name
