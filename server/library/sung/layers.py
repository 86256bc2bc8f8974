"""What lyrics are: layers of lines, with the times of single words where these are known.

A layer is stored as JSON of plain lists. The rule a newcomer would break: the byte offsets of cues count the UTF-8 of
their cue line's text as it stands here, so nothing may touch a text once it is built.
"""

from typing import NamedTuple

import orjson

from server.kernel.clock import Millis

MAIN, TRANSLATION, PRONUNCIATION = "main", "translation", "pronunciation"
KINDS = (MAIN, TRANSLATION, PRONUNCIATION)
UNKNOWN = "und"
LAYERS = 12
STORED_CHARS = 3 * 1024 * 1024
"""What all layers of a track may take where they are stored."""


class Line(NamedTuple):
    text: str
    start_ms: Millis | None = None
    """When it is sung; None in lyrics that are not synced."""


class Cue(NamedTuple):
    """A word or syllable; both offsets are inclusive."""

    start_ms: Millis
    end_ms: Millis | None
    first_byte: int
    last_byte: int


class CueLine(NamedTuple):
    """What one voice sings of a line."""

    index: int
    start_ms: Millis
    end_ms: Millis | None
    text: str
    agent: str
    """The id of who sings, or "" when nobody says."""
    cues: tuple[Cue, ...]


class Agent(NamedTuple):
    id: str
    role: str
    """main, voice, bg or group."""
    name: str = ""


class Layer(NamedTuple):
    """One version of a song's words."""

    kind: str
    lang: str
    """A code of ISO 639."""
    synced: bool
    lines: tuple[Line, ...]
    cue_lines: tuple[CueLine, ...] = ()
    agents: tuple[Agent, ...] = ()
    artist: str = ""
    title: str = ""
    offset_ms: Millis = 0
    """How much earlier than their times the lines should be shown."""

    @property
    def text(self) -> str:
        """The words alone."""
        return "\n".join([line.text for line in self.lines])


def scaled(layer: Layer, factor: float) -> Layer:
    """Return a layer whose times were counted in something else than milliseconds."""

    def ms(count: int | None) -> Millis | None:
        return None if count is None else round(count * factor)

    return layer._replace(
        lines=tuple([line._replace(start_ms=ms(line.start_ms)) for line in layer.lines]),
        cue_lines=tuple([line._replace(
            start_ms=ms(line.start_ms), end_ms=ms(line.end_ms),
            cues=tuple([cue._replace(start_ms=ms(cue.start_ms), end_ms=ms(cue.end_ms)) for cue in line.cues]),
        ) for line in layer.cue_lines]),
    )  # fmt: skip


def stored(found: list[Layer]) -> list[tuple[str, str]]:
    """Return layers as (kind, content) pairs as they are stored, best first, none twice, within their room."""
    kept, room = [], STORED_CHARS
    for layer in sorted(dict.fromkeys(found), key=_rank)[:LAYERS]:
        content = packed(layer)
        room -= len(content)
        if room >= 0:
            kept.append((layer.kind, content))
    return kept


def _rank(layer: Layer) -> tuple[int, bool, bool]:
    return KINDS.index(layer.kind), not layer.synced, not layer.cue_lines


def packed(layer: Layer) -> str:
    """Return a layer as it is stored, without its kind."""
    return orjson.dumps(layer[1:], default=tuple).decode()


def unpacked(kind: str, content: str) -> Layer:
    """Return a stored layer."""
    lang, synced, lines, cue_lines, agents, *about = orjson.loads(content)
    return Layer(
        kind, lang, synced, tuple([Line(*line) for line in lines]),
        tuple([CueLine(*rest, tuple([Cue(*cue) for cue in cues])) for *rest, cues in cue_lines]),
        tuple([Agent(*agent) for agent in agents]), *about,
    )  # fmt: skip
