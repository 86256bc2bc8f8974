"""TTML as Apple and others write it: paragraphs of spans with times, singers, translations, pronunciations.

A document type is refused whatever it says, so there are no entities to explode; depth and size are bounded. Times are
taken as counted from the song's beginning, which is what all of these files mean, whatever stands around them.
"""

import re
from dataclasses import dataclass, field
from xml.parsers.expat import ExpatError, ParserCreate

from server.kernel.clock import Millis
from server.library.sung.building import CUES, LINES, About, Row, Voice, Word, bounded, build
from server.library.sung.layers import MAIN, PRONUNCIATION, TRANSLATION, Agent, Layer

DEPTH = 64
_ROOT = re.compile(r"<(?:[a-zA-Z]{1,20}:)?tt[\s>]")
_CLOCK = re.compile(r"(?:(?:([0-9]{1,3}):)?([0-9]{1,4}):)?([0-9]{1,6})(?:[.,]([0-9]{1,9}))?")
_COUNTED = re.compile(r"([0-9]{1,9})(?:\.([0-9]{1,9}))?(h|m|s|ms|f|t)")
_UNITS = {"h": 3_600_000, "m": 60_000, "s": 1000, "ms": 1}
_SIDE = {"x-translation": TRANSLATION, "x-roman": PRONUNCIATION, "x-romanization": PRONUNCIATION}
_LISTED = {"translation": TRANSLATION, "transliteration": PRONUNCIATION}
_ROLES = {"person": "voice", "character": "voice", "group": "group", "organization": "group"}
_TEXTS = ("text", "span")


class _Refused(Exception):
    pass


@dataclass(slots=True)
class _Sung:
    """One paragraph, or the text of a translation, as it is read."""

    start_ms: Millis | None = None
    end_ms: Millis | None = None
    agent: str = ""
    pieces: dict[str, list] = field(default_factory=dict)
    """Agent → (text, start, end) in the order of the text."""

    def add(self, agent: str, text: str, start_ms: Millis | None, end_ms: Millis | None) -> None:
        self.pieces.setdefault(agent, []).append((text, start_ms, end_ms))


@dataclass(slots=True)
class _Open:
    """An element that has begun."""

    name: str
    start_ms: Millis | None = None
    end_ms: Millis | None = None
    agent: str = ""
    lang: str = ""
    side: str = ""
    """The kind of layer that its text belongs to, when that is not the main one."""


class _Reader:
    """Follows the elements of a document."""

    def __init__(self):
        self.stack: list[_Open] = []
        self.lang, self.title = "", ""
        self.frames, self.ticks = 30.0, 0.0
        self.agents: dict[str, Agent] = {}
        self.named: str | None = None
        self.lines: list[_Sung] = []
        self.keys: dict[str, _Sung] = {}
        self.sides: dict[tuple[str, str], list[tuple[_Sung | str, _Sung]]] = {}
        """(kind, language) → (line or its key, its text there); Apple lists translations before the lines."""
        self.line: _Sung | None = None
        self.other: _Sung | None = None
        self.pieces = 0

    def begin(self, name: str, attributes: dict[str, str]) -> None:
        said = {key.rpartition(" ")[2]: value for key, value in attributes.items()}
        name = name.rpartition(" ")[2]
        above = self.stack[-1] if self.stack else _Open("")
        if len(self.stack) >= DEPTH:
            raise _Refused
        role = said.get("role", "")
        element = _Open(
            name, self.ms(said.get("begin")), self.ms(said.get("end")),
            "bg" if role == "x-bg" else said.get("agent") or above.agent,
            said.get("lang") or above.lang, _SIDE.get(role) or _LISTED.get(name) or above.side,
        )  # fmt: skip
        if element.end_ms is None and element.start_ms is not None and (lasts := self.ms(said.get("dur"))) is not None:
            element.end_ms = element.start_ms + lasts
        self.stack.append(element)
        if name == "tt":
            self.lang = said.get("lang", "")
            self.frames = _number(said.get("frameRate")) or 30.0
            self.ticks = _number(said.get("tickRate"))
        elif name == "agent" and (number := said.get("id")):
            self.agents[number] = Agent(number, _ROLES.get(said.get("type", ""), "voice"))
            self.named = number
        elif name == "p" and len(self.lines) < LINES:
            self.line = _Sung(element.start_ms, element.end_ms, element.agent)
            self.lines.append(self.line)
            self.keys.setdefault(said.get("key") or said.get("id") or "", self.line)
        elif (name == "text" and above.side) or (name == "span" and role in _SIDE and self.line):
            self.other = _Sung()
            of = self.line or said.get("for", "")
            self.sides.setdefault((element.side, element.lang), []).append((of, self.other))
        elif name == "br":
            self.text(" ")

    def end(self, _name: str) -> None:
        ended = self.stack.pop()
        if ended.name == "p":
            self.line = None
        if ended.name in _TEXTS and ended.side and not (self.stack[-1].name in _TEXTS and self.stack[-1].side):
            self.other = None
        if ended.name == "agent":
            self.named = None

    def text(self, text: str) -> None:
        inside = self.stack[-1]
        if self.other is not None:
            into, agent = self.other, ""
        elif self.line is not None:
            into, agent = self.line, inside.agent
        else:
            if inside.name == "name" and self.named:
                agent = self.agents[self.named]
                self.agents[self.named] = agent._replace(name=(agent.name + text)[:300])
            elif inside.name == "title":
                self.title = (self.title + text)[:300]
            return
        self.pieces += 1
        if self.pieces <= 4 * CUES:
            timed = inside.name == "span"
            into.add(agent, text, inside.start_ms if timed else None, inside.end_ms if timed else None)

    def ms(self, text: str | None) -> Millis | None:
        """Return a time expression in milliseconds, None for what is none."""
        text = (text or "").strip()
        if found := _COUNTED.fullmatch(text):
            count = float(f"{found[1]}.{found[2] or 0}")
            unit = _UNITS.get(found[3]) or 1000 / (self.frames if found[3] == "f" else self.ticks or self.frames)
            return bounded(round(count * unit))
        if found := _CLOCK.fullmatch(text):
            hours, minutes, seconds, fraction = found.groups()
            whole = int(hours or 0) * 3600 + int(minutes or 0) * 60 + int(seconds)
            return bounded(whole * 1000 + int((fraction or "0")[:3].ljust(3, "0")))
        return None


def known(head: str) -> bool:
    """Tell whether a text begins as TTML does."""
    return bool(_ROOT.search(head))


def read(text: str) -> list[Layer]:
    """Return the main layer and those beside it; nothing of what is no TTML that we would read."""
    reader = _Reader()
    parser = ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler = reader.begin, reader.end
    parser.CharacterDataHandler = reader.text
    parser.StartDoctypeDeclHandler = _refuse
    try:
        # An encoding that the text claims for itself is that of the file, not of this text.
        parser.Parse(re.sub(r"^\s*<\?xml[^>]{0,300}\?>", "", text.lstrip("\ufeff"), count=1), True)
    except (ExpatError, _Refused, UnicodeEncodeError):
        return []
    return _layers(reader)


def _refuse(*_) -> None:
    raise _Refused


def _layers(reader: _Reader) -> list[Layer]:
    agents = [*reader.agents.values(), Agent("bg", "bg")]
    rows = [_row(line) for line in reader.lines]
    timed = [row for row in rows if row.start_ms is not None]
    found = [build(timed or rows, agents, About(reader.lang, title=reader.title), MAIN)]
    for (kind, lang), texts in reader.sides.items():
        beside = []
        for of, other in texts:
            line = reader.keys.get(of) if isinstance(of, str) else of
            if line is not None:
                beside.append(_row(_Sung(_start(line), line.end_ms, "", other.pieces)))
        timed = [row for row in beside if row.start_ms is not None]
        found.append(build(timed or beside, (), About(lang), kind))
    return [layer for layer in found if layer]


def _start(line: _Sung) -> Millis | None:
    if line.start_ms is not None:
        return line.start_ms
    return min((start for parts in line.pieces.values() for _, start, _ in parts if start is not None), default=None)


def _row(line: _Sung) -> Row:
    """Return a paragraph as a line: who sings it first, then the choir behind."""
    voices = []
    for agent in sorted(line.pieces, key=lambda each: each == "bg"):
        parts = line.pieces[agent]
        if not any(text.strip() for text, _, _ in parts):
            continue
        if any(start is not None for _, start, _ in parts):
            voices.append(
                Voice(_words(parts, line.start_ms), agent=agent, end_ms=None if agent == "bg" else line.end_ms)
            )
        else:
            voices.append(Voice(text="".join([text for text, _, _ in parts]), agent=agent, end_ms=line.end_ms))
    return Row(_start(line), voices)


def _words(parts: list[tuple[str, Millis | None, Millis | None]], start_ms: Millis | None) -> list[Word]:
    """Return words; what stands between spans goes with the word before it."""
    words: list[Word] = []
    for text, start, end in parts:
        if start is None and words:
            words[-1] = words[-1]._replace(text=words[-1].text + text)
        elif start is not None:
            words.append(Word(text, start, end))
        elif text.strip():
            words.append(Word(text, start_ms or 0))
    return words


def _number(text: str | None) -> float:
    try:
        return float(text or 0) if float(text or 0) > 0 else 0.0
    except ValueError:
        return 0.0
