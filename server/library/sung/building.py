"""From words with times, as a format has them, to a layer as the protocol wants it.

Every format ends here, so that its promises are kept in one place: lines in order, cues that do not overlap, an end on
all cues of a line or on none, agents of whom exactly one is main (https://opensubsonic.netlify.app/docs/extensions/songlyrics/).
"""

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from server.kernel.clock import Millis
from server.library.sung.layers import MAIN, UNKNOWN, Agent, Cue, CueLine, Layer, Line
from server.library.tags.clean import FORBIDDEN

LINES, CUES = 5_000, 20_000
ROOM_CHARS = 1024 * 1024
"""What all lines of a layer may hold together: a line with a thousand stamps is a thousand lines."""
LINE_CHARS = 64
"""What a line takes of that beside its words, as an answer holds it."""
LATEST_MS: Millis = 2**31 - 1
NAME_CHARS = 300
LEAD = "lead"
"""The id of whoever sings where no voice is named beside others that are."""

_SPACES = re.compile(r"\s+")
_LANGUAGE = re.compile(r"([a-z]{2,3})(?:[-_][a-z0-9]{1,8})*", re.IGNORECASE)
_NO_LANGUAGE = frozenset(("xxx", "und", "zxx", "mis", "mul"))


class Word(NamedTuple):
    """A piece of a line with its time; one without text only says when the piece before it ends."""

    text: str
    start_ms: Millis
    end_ms: Millis | None = None


class Voice(NamedTuple):
    """What one agent sings of a line, as words with times or as text."""

    words: Sequence[Word] = ()
    text: str = ""
    agent: str = ""
    end_ms: Millis | None = None


class Row(NamedTuple):
    """One line, sung by one or several."""

    start_ms: Millis | None
    voices: Sequence[Voice]


class About(NamedTuple):
    """What a text says of the song."""

    lang: str = ""
    artist: str = ""
    title: str = ""
    offset_ms: Millis = 0


def build(rows: Iterable[Row], agents: Sequence[Agent] = (), about: About = About(), kind: str = MAIN) -> Layer | None:  # noqa: B008
    """Return a layer, or None when nothing is sung in it. Rows without a start count only if all are without."""
    rows = _fitting(list(rows))
    if not any(voice.text or voice.words for row in rows for voice in row.voices):
        return None
    cast = _cast(rows, agents)
    main = next((agent.id for agent in cast.values() if agent.role == "main"), "")
    lines, cue_lines, left = [], [], CUES
    for index, row in enumerate(rows):
        until = rows[index + 1].start_ms if index + 1 < len(rows) else None
        said, cued = [], []
        for voice in row.voices:
            text, cues = _sung(voice, row.start_ms, until, bool(cast))
            if text:
                said.append(text)
            if cues and len(cues) <= left:
                left -= len(cues)
                cued.append(_cue_line(index, voice, text, cues, cast))
        lines.append(Line(" ".join(said), row.start_ms))
        cue_lines += sorted(cued, key=lambda line: line.agent != main)
    if not any(line.text for line in lines):
        return None
    used = {line.agent for line in cue_lines}
    return Layer(
        kind, language(about.lang), rows[0].start_ms is not None, tuple(lines), tuple(cue_lines),
        tuple([agent for agent in cast.values() if agent.id in used or agent.id == main]) if cue_lines else (),
        washed(about.artist)[:NAME_CHARS], washed(about.title)[:NAME_CHARS], about.offset_ms,
    )  # fmt: skip


def washed(text: str) -> str:
    """Return a text in one line without what XML forbids."""
    return _SPACES.sub(" ", FORBIDDEN.sub("", text)).strip()


def language(code: str) -> str:
    """Return a code of ISO 639 in small letters, "und" for what is none."""
    found = _LANGUAGE.fullmatch(code.strip())
    short = found[1].lower() if found else UNKNOWN
    return UNKNOWN if short in _NO_LANGUAGE else short


def bounded(time_ms: float) -> Millis:
    return int(min(max(time_ms, 0), LATEST_MS))


def _fitting(rows: list[Row]) -> list[Row]:
    """Return the rows that there is room for, in order."""
    timed = [row for row in rows if row.start_ms is not None]
    rows = sorted(timed, key=lambda row: row.start_ms) if timed else rows
    kept, room = [], ROOM_CHARS
    for row in rows[:LINES]:
        room -= LINE_CHARS + sum(len(v.text) + sum(len(w.text) for w in v.words) for v in row.voices)
        if room < 0:
            break
        kept.append(row)
    return kept


def _cast(rows: list[Row], agents: Sequence[Agent]) -> dict[str, Agent]:
    """Return who sings, with exactly one main, by the id that voices name; nobody when one alone sings unnamed."""
    named = {agent.id: agent for agent in agents}
    seen = dict.fromkeys(v.agent for row in rows for v in row.voices if v.words or v.text)
    if (rows and rows[0].start_ms is None) or (len(seen) < 2 and not any(named[a].name for a in seen if a in named)):
        return {}
    lead = LEAD + "-" * (LEAD in seen)
    cast = {each: named.get(each) or Agent(each or lead, "voice") for each in seen}
    # Whoever is unnamed beside named ones leads; else the first who is no background.
    solo = [each for each in cast if cast[each].role in ("main", "voice")] or list(cast)
    main = "" if "" in cast else next((each for each in solo if cast[each].role == "main"), solo[0])
    for each, agent in cast.items():
        role = "main" if each == main else "voice" if agent.role == "main" else agent.role
        cast[each] = Agent(washed(agent.id)[:NAME_CHARS] or lead, role, washed(agent.name)[:NAME_CHARS])
    return cast


def _sung(voice: Voice, start_ms: Millis | None, until: Millis | None, whole: bool) -> tuple[str, list[Cue]]:
    """Return what a voice sings and its cues; `whole` makes one cue of words without times."""
    if start_ms is None or not voice.words:
        text = washed(voice.text or "".join([word.text for word in voice.words]))
        if start_ms is None or not whole or not text:
            return text, []
        return text, [Cue(start_ms, voice.end_ms, 0, len(text.encode()) - 1)]
    said, pieces, at, ended = [], [], 0, True
    for word in voice.words[:CUES]:
        piece = _SPACES.sub(" ", FORBIDDEN.sub("", word.text))
        if piece[:1] == " ":
            if not ended:
                # A space goes with the word before it.
                begin, length, before = pieces[-1]
                pieces[-1] = (begin, length + 1, before)
                said.append(" ")
                at, ended = at + 1, True
            piece = piece[1:]
        size = len(piece.encode())
        pieces.append((at, size, word))
        said.append(piece)
        at += size
        ended = piece[-1:] == " " if piece else ended
    text = "".join(said).rstrip()
    return text, _cues(pieces, len(text.encode()), voice.end_ms, until)


def _cues(pieces: list[tuple[int, int, Word]], size: int, end_ms: Millis | None, until: Millis | None) -> list[Cue]:
    starts: list[Millis] = []
    ends: list[Millis | None] = []
    spans: list[tuple[int, int]] = []
    for at, length, word in pieces:
        start = max(bounded(word.start_ms), starts[-1] if starts else 0)
        if starts and ((ends[-1] is None and not word.text.strip()) or (ends[-1] or 0) > start):
            ends[-1] = max(start, starts[-1])
        if not word.text.strip() and spans:
            # A pause: its space belongs to the word before it.
            spans[-1] = (spans[-1][0], max(spans[-1][1], min(at + length, size) - 1))
        elif length and at < size:
            starts.append(start)
            ends.append(None if word.end_ms is None else max(bounded(word.end_ms), start))
            spans.append((at, min(at + length, size) - 1))
    if any(end is not None for end in ends):
        last = max(starts[-1], bounded(end_ms if end_ms is not None else starts[-1] if until is None else until))
        ends = [end if end is not None else after for end, after in zip(ends, [*starts[1:], last], strict=True)]
    return [Cue(start, end, *span) for start, end, span in zip(starts, ends, spans, strict=True)]


def _cue_line(index: int, voice: Voice, text: str, cues: list[Cue], cast: dict[str, Agent]) -> CueLine:
    end_ms = cues[-1].end_ms if voice.end_ms is None else max(bounded(voice.end_ms), cues[-1].start_ms)
    return CueLine(index, cues[0].start_ms, end_ms, text, cast[voice.agent].id if cast else "", tuple(cues))
