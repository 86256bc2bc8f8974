"""From the fields as a file has them to tags that anyone may see.

Every reader ends here, so that a tag means the same whatever the format. Nothing passes without its limits:
a file that is all tags must not fill the database.
"""

import re
from collections.abc import Callable

from . import genres
from .keys import ALIASES, ASF, ID3, MP4

KEYS = 200
VALUES = 64
VALUE_CHARS = 4096
LYRICS_CHARS = 262144
TOTAL_CHARS = 524288
KEY_CHARS = 100

FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufeff\ufffe\uffff]")
_NEWLINES = re.compile("\r\n?")
_BREAKS = re.compile("[\n\t\x85\u2028\u2029]+")
_DAY = re.compile(r"(\d{4}-\d\d-\d\d)[T ]")
_LONG = frozenset(("lyrics", "syncedlyrics"))
_YES = frozenset(("1", "true", "yes", "y"))

Tags = dict[str, list[str]]
Rule = Callable[[Tags, list[str], str], None]


def tags(raw: Tags) -> Tags:
    """The tags of a file under our names: cleaned, split, without repeats, within the limits."""
    found: Tags = {}
    room = TOTAL_CHARS
    for key, values in raw.items():
        rule = _RULES.get(key, key)
        if type(rule) is str:
            if rule != key:
                if rule in raw or rule in found:
                    continue
                key, rule = rule, _RULES[rule]
            elif not key.isprintable() or not 0 < len(key) <= KEY_CHARS or key.startswith(("itun", "~")):
                continue
            else:
                rule = None
        if len(values) == 1 and values[0].isprintable() and (length := len(value := values[0].strip())) <= VALUE_CHARS:
            if not length:
                continue
            kept = values if value is values[0] else [value]
            room -= length
        else:
            kept = _kept(values, LYRICS_CHARS if key in _LONG else VALUE_CHARS, key in _LONG or key[:7] == "comment")
            if not kept:
                continue
            room -= sum(map(len, kept))
        if room < 0 or len(found) >= KEYS:
            break
        if rule is None:
            found[key] = kept
        else:
            rule(found, kept, key)
    while len(found) > KEYS:
        found.popitem()
    return found


def _kept(values: list[str], limit: int, lines: bool) -> list[str]:
    """Several values, or one that needs a wash: without what XML forbids, without repeats, none too long.

    Only lyrics and comments have lines: a title with a line break is an accident, or an attack on a log.
    """
    kept: dict[str, None] = {}
    for value in values:
        if not value.isprintable():
            value = _NEWLINES.sub("\n", FORBIDDEN.sub("", value[: 2 * limit]))
            if not lines:
                value = _BREAKS.sub(" ", value)
        value = value.strip()
        if value:
            kept[value[:limit]] = None
            if len(kept) == VALUES:
                break
    return list(kept)


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
    """ "Name (piano)" plays the piano, "Name (drums (drum set))" the drums."""
    for value in values:
        opens = _opening(value) if value.endswith(")") else 0
        name, part = value[:opens].rstrip(), value[opens + 1 : -1].strip()
        if name and part and len(part) < KEY_CHARS:
            held = found.setdefault(f"performer:{part.lower()}", [])
            value = name
        else:
            held = found.setdefault("performer", [])
        if value not in held:
            held.append(value)


def _opening(value: str) -> int:
    """Return where the bracket opens that the end of a text closes, 0 when none does."""
    depth = 0
    for at in range(len(value) - 1, 0, -1):
        depth += (value[at] == ")") - (value[at] == "(")
        if not depth:
            return at
    return 0


def _movement(found: Tags, values: list[str], key: str) -> None:
    """Vorbis has the number in MOVEMENT and the name in MOVEMENTNAME; other formats the name in "movement"."""
    if values[0].replace("/", "").isdecimal():
        _number(found, values, "movementnumber")
    else:
        found.setdefault(key, values)


def _movement_name(found: Tags, values: list[str], key: str) -> None:
    found["movement"] = values


_TOTALS = {"tracknumber": "totaltracks", "discnumber": "totaldiscs", "movementnumber": "movementtotal"}
_SPECIAL: dict[str, Rule] = {
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
    "movementname": _movement_name,
    "movement name": _movement_name,
}
# What to do with a key: nothing (None), a rule, or read it under another name.
_RULES: dict[str, Rule | str | None] = {
    **dict.fromkeys((*ID3.values(), *MP4.values(), *ASF.values(), *ALIASES.values())),
    **ALIASES,
    **_SPECIAL,
}
