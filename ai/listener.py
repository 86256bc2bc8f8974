"""A listener as recommendations see them, what is wished for, and what is found. Pure records."""

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from ai.candidates import Strengths
from ai.history import History
from ai.modes import Known, Mode
from ai.spaces import Space
from ai.vectors import Point

BASIS_SOUND = "what you play and how it sounds"
BASIS_TAGS = "what you play and its tags, for too few songs have been listened to so far"
BASIS_NOTHING = "what is here, for you have played nothing yet"


class Profile(NamedTuple):
    """A listener as recommendations see them."""

    history: History
    space: Space | None
    modes: Sequence[Mode]
    basis: str


class Wish(NamedTuple):
    count: int
    fresh: float = 0.0
    """The least share of songs that the viewer never played, 0 to 1."""
    known: bool = False
    """Whether favourites belong in it."""
    mode: Mode | None = None
    only: Collection[int] | None = None
    """Take nothing else."""
    without: Collection[int] = ()
    dice: str = ""
    """Another word gives another list."""
    present: bool = True
    """Whether to look at what everybody plays, of which only the present is known."""


class Pick(NamedTuple):
    track_id: int
    reason: str


class Ranked(NamedTuple):
    scores: Mapping[int, float]
    sources: Mapping[str, Strengths]
    known: Mapping[int, Known]
    points: Mapping[int, Point]

    @property
    def order(self) -> list[int]:
        return sorted(self.scores, key=lambda track: (-self.scores[track], track))
