"""From the fields as a file has them to tags that anyone may see.

Every reader ends here, so that a tag means the same whatever the format. Nothing passes without its limits:
a file that is all tags must not fill the database.
"""

import re

from . import genres
from .keys import ALIASES

KEYS = 200
VALUES = 64
VALUE_CHARS = 4096
LYRICS_CHARS = 262144
TOTAL_CHARS = 524288
KEY_CHARS = 100

_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufeff\ufffe\uffff]")
_NEWLINES = re.compile("\r\n?")
_DAY = re.compile(r"(\d{4}-\d\d-\d\d)[T ]")
_LONG = frozenset(("lyrics", "syncedlyrics"))
_YES = frozenset(("1", "true", "yes", "y"))

Tags = dict[str, list[str]]


def tags(raw: Tags) -> Tags:
    """The tags of a file under our names: cleaned, split, without repeats, within the limits."""
    found: Tags = {}
    room = TOTAL_CHARS
    for key, values in raw.items():
        name = ALIASES.get(key)
        if name is not None:
            if name in raw or name in found:
                continue
            key = name
        elif not key.isprintable() or len(key) > KEY_CHARS or key.startswith("itun"):
            continue
        limit = VALUE_CHARS if key not in _LONG else LYRICS_CHARS
        kept: list[str] = []
        for value in values:
            if not value.isprintable():
                value = _NEWLINES.sub("\n", _FORBIDDEN.sub("", value[: 2 * limit]))
            value = value.strip()
            if value and value not in kept:
                if len(value) > limit:
                    value = value[:limit]
                room -= len(value)
                if room < 0 or len(kept) == VALUES:
                    break
                kept.append(value)
        if kept:
            special = _SPECIAL.get(key)
            if special is not None:
                special(found, kept, key)
            elif key:
                found[key] = kept
        if len(found) >= KEYS or room < 0:
            break
    return found


def _number(found: Tags, values: list[str], key: str) -> None:
    """ "3/12" is number three of twelve."""
    number, _, total = values[0].partition("/")
    number, total = number.strip(), total.strip()
    if number:
        found[key] = [number]
    if total and total != "0":
        found.setdefault(_TOTALS[key], [total])


def _total(found: Tags, values: list[str], key: str) -> None:
    if values[0] != "0":
        found[key] = values[:1]


def _genre(found: Tags, values: list[str], key: str) -> None:
    found[key] = list(dict.fromkeys(name for value in values for name in genres.names(value)))[:VALUES]


def _date(found: Tags, values: list[str], key: str) -> None:
    found[key] = [match[1] if (match := _DAY.match(value)) else value for value in values]


def _flag(found: Tags, values: list[str], key: str) -> None:
    found[key] = ["1" if values[0].lower() in _YES else "0"]


def _explicit(found: Tags, values: list[str], key: str) -> None:
    """iTunes' advisory: 1 and (of old) 4 are explicit, 2 is the cleaned version, 0 says nothing."""
    value = values[0].lower()
    if value in _YES or value in ("4", "explicit"):
        found[key] = ["explicit"]
    elif value in ("2", "clean", "cleaned"):
        found[key] = ["clean"]


def _performer(found: Tags, values: list[str], key: str) -> None:
    """ "Name (piano)" plays the piano."""
    for value in values:
        name, bracket, part = value.rpartition(" (")
        if bracket and part.endswith(")") and len(part) < KEY_CHARS and name:
            held = found.setdefault(f"performer:{part[:-1].lower()}", [])
            value = name
        else:
            held = found.setdefault("performer", [])
        if value not in held:
            held.append(value)


def _movement(found: Tags, values: list[str], key: str) -> None:
    """Vorbis has the number in MOVEMENT and the name in MOVEMENTNAME; other formats the name in "movement"."""
    if values[0].replace("/", "").isdecimal():
        _number(found, values, "movementnumber")
    else:
        found[key] = values


_TOTALS = {"tracknumber": "totaltracks", "discnumber": "totaldiscs", "movementnumber": "movementtotal"}
_SPECIAL = {
    "tracknumber": _number,
    "discnumber": _number,
    "movementnumber": _number,
    "totaltracks": _total,
    "totaldiscs": _total,
    "movementtotal": _total,
    "genre": _genre,
    "date": _date,
    "originaldate": _date,
    "releasedate": _date,
    "compilation": _flag,
    "explicit": _explicit,
    "performer": _performer,
    "movement": _movement,
}
