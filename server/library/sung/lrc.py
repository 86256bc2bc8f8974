"""LRC in all its dialects, and plain words: what is no LRC is plain words.

Times stand before lines `[mm:ss.xx]` and, enhanced, before words `<mm:ss.xx>`. Singers are `v1:` and `v2:`, a choir
behind them `[bg: …]`, and in Walaoke's dialect F:, M: and D: for her, him and both, until another is named.
"""

import re

from server.kernel.clock import Millis
from server.library.sung.building import LATEST_MS, LINE_CHARS, NAME_CHARS, ROOM_CHARS, About, Row, Voice, Word, build
from server.library.sung.layers import Agent, Layer

_TIME = r"\s{0,2}(?:([0-9]{1,2}):(?=[0-9]{1,2}:[0-9]{1,2}[.,]))?([0-9]{1,4}):([0-9]{1,2})(?:[.,:]([0-9]{1,9}))?\s{0,2}"
_STAMP = re.compile(rf"\s*\[{_TIME}\]")
_WORD_STAMP = re.compile(rf"[<\[]{_TIME}[>\]]")
_ABOUT = frozenset((
    "#", "al", "ar", "au", "by", "encoding", "hash", "id", "kana", "la", "lang", "language", "length", "lr",
    "offset", "re", "sign", "ti", "tool", "total", "ve",
))  # fmt: skip
"""What is said of the song in brackets; any other bracket, such as [Chorus: both], is part of the words."""
_CODE = re.compile(r"[a-z]{2,3}(?![^\W_])")
_OFFSET = re.compile(r"[+-]?[0-9]{1,7}")
_SINGER = re.compile(r"\s*(v[0-9]{1,4}|[FMD]):\s*")
_BEHIND = re.compile(r"\[bg:(.*)\]$", re.IGNORECASE | re.DOTALL)
AGENTS = (
    Agent("F", "voice", "Female"), Agent("M", "voice", "Male"), Agent("D", "group", "Duet"), Agent("bg", "bg"),
    Agent("v1000", "group"),
)  # fmt: skip


def read(text: str) -> list[Layer]:
    """Understand LRC, with or without stamps inside the lines, or plain words; nothing when there are none."""
    about, timed, plain = _taken_apart(text.splitlines())
    code = _CODE.match((about.get("la") or about.get("lang") or about.get("language") or "").lower())
    offset = _OFFSET.fullmatch(about.get("offset", ""))
    said = About(
        code[0] if code else "", about.get("ar", ""), about.get("ti", ""), int(offset[0]) if offset and timed else 0
    )
    found = build(timed or _trimmed(plain), AGENTS, said)
    return [found] if found else []


def _taken_apart(text: list[str]) -> tuple[dict[str, str], list[Row], list[Row]]:
    """Return what is said of the song, the lines with times, and those without in case there are no others."""
    about: dict[str, str] = {}
    timed: list[Row] = []
    plain: list[Row] = []
    starts: list[Millis] = []
    singer, room = "", ROOM_CHARS
    for raw in text:
        line = raw.strip()
        if said := _said(line):
            about.setdefault(*said)
            continue
        if starts and (behind := _BEHIND.match(line)):
            room -= len(starts) * (len(line) + LINE_CHARS)
            if room < 0:
                break
            timed[-len(starts) :] = [_behind(row, behind[1], starts[0]) for row in timed[-len(starts) :]]
            continue
        now, rest = _stamped(line)
        # Words without a stamp go on where the line before them began.
        starts = now or starts
        room -= max(len(starts), 1) * (len(rest) + LINE_CHARS)
        if room < 0:
            break
        if not starts:
            plain.append(Row(None, [Voice(text=rest)]))
        elif now or rest:
            sings = singer
            if named := _SINGER.match(rest):
                sings, rest = named[1], rest[named.end() :]
                singer = sings if sings in "FMD" else singer
            timed += [Row(start, [_voice(rest, sings, starts[0], start)]) for start in starts]
    return about, timed, plain


def _said(line: str) -> tuple[str, str] | None:
    """Return name and value when a line says something of the song."""
    if line[:1] != "[" or line[-1:] != "]":
        return None
    name, colon, value = line[1:-1].partition(":")
    name = name.strip().lower()
    return (name, value.strip()[:NAME_CHARS]) if colon and name in _ABOUT else None


def _stamped(line: str) -> tuple[list[Millis], str]:
    """Take a line apart into the times at its beginning and its words."""
    starts: list[Millis] = []
    at = 0
    while stamp := _STAMP.match(line, at):
        starts.append(_ms(stamp))
        at = stamp.end()
    rest = line[at:].strip()
    if not starts and (first := _WORD_STAMP.match(rest)):
        starts = [_ms(first)]
    return starts, rest


def _voice(text: str, agent: str, first_ms: Millis, start_ms: Millis) -> Voice:
    """Return the words of a line that begins at `start_ms`, whose stamps were written for one at `first_ms`."""
    stamps = list(_WORD_STAMP.finditer(text))
    if not stamps:
        return Voice(text=text, agent=agent)
    moved = start_ms - first_ms
    words = [Word(text[: stamps[0].start()], start_ms)] if text[: stamps[0].start()].strip() else []
    ends = [stamp.start() for stamp in stamps[1:]] + [len(text)]
    words += [Word(text[s.end() : end], _ms(s) + moved) for s, end in zip(stamps, ends, strict=True)]
    return Voice(words=words, agent=agent)


def _behind(row: Row, text: str, first_ms: Millis) -> Row:
    """Return a line with a choir behind it; more than one is no lyrics."""
    if len(row.voices) > 1:
        return row
    return Row(row.start_ms, [*row.voices, _voice(text.strip(), "bg", first_ms, row.start_ms)])


def _ms(stamp: re.Match) -> Millis:
    hours, minutes, seconds, fraction = stamp.groups()
    whole = int(hours or 0) * 3600 + int(minutes) * 60 + int(seconds)
    return min(whole * 1000 + int((fraction or "0")[:3].ljust(3, "0")), LATEST_MS)


def _trimmed(rows: list[Row]) -> list[Row]:
    """Return lines without empty ones before and after."""
    sung = [at for at, row in enumerate(rows) if row.voices[0].text]
    return rows[sung[0] : sung[-1] + 1] if sung else []
