"""What sounds alike: the place of whoever can tell, and what everybody may ask of them.

The library itself has ears for tags only. An engine that has heard the music
stands in `app.parts[Engine]`; without one, or while it is not active, nothing is
offered here. The rule a newcomer would break: an engine may know tracks that
this viewer may not hear, or that are gone by now, so what it says is sifted here.
"""

from collections.abc import Collection, Sequence
from typing import NamedTuple, Protocol

from server.kernel.db import Connection, long
from server.library import tracks
from server.library.facts import Faced
from server.users.people import Viewer

UNKNOWN = -1.0
"""The similarity of a song that was not compared with the first one."""


class Engine(Protocol):
    """Somebody who knows how tracks sound. All five are verbs: they read from `db` and write nothing.

    A similarity is 1.0 for the same sound and 0.0 for the farthest there is, or `UNKNOWN`. An engine is asked in a
    reader's thread, for every viewer, and may be asked about a track that it has never heard: it answers with an
    empty list then, and never with an error.
    """

    def active(self, db: Connection) -> bool:
        """Tell whether enough has been heard to answer. Asked at every start of a client, so within 5 ms."""
        ...

    def similar(self, db: Connection, viewer: Viewer, track_id: int, count: int) -> list[tuple[int, float]]:
        """Return up to `count` (track id, similarity to `track_id`), best first, without the track itself.

        Whoever asks leaves out what `viewer` may not hear, so an engine that can should look past it; else the list
        becomes shorter than it had to be.
        """
        ...

    def like(self, db: Connection, viewer: Viewer, track_ids: Sequence[int], count: int) -> list[int]:
        """Return up to `count` tracks that sound like some others taken together, best first, without those.

        No recording comes twice and no artist all along: for lists that are heard from their beginning to their end.
        """
        ...

    def path(self, db: Connection, viewer: Viewer, start_id: int, end_id: int, count: int) -> list[tuple[int, float]]:
        """Return up to `count` (track id, similarity to `start_id`) that lead from one track to another.

        Both ends are part of the path, the first as its first and the other as its last; `count` is 2 at least. No
        track comes twice. An empty list says that no way is known.
        """
        ...

    def unwanted(self, db: Connection, viewer: Viewer) -> Collection[int]:
        """Return what `viewer` has said they never want to hear; this is known also while the engine is not active."""
        ...


class Match(NamedTuple):
    """A track and how near its sound is to the one asked about: 0.0 to 1.0, or `UNKNOWN`."""

    track: Faced
    similarity: float


def active(db: Connection, engine: Engine | None) -> bool:
    """Tell whether there is anybody to ask."""
    return engine is not None and engine.active(db)


@long
def similar(db: Connection, viewer: Viewer, engine: Engine, track_id: int, count: int) -> list[Match]:
    """Return the tracks that sound most like one, best first. Raises NotFound."""
    tracks.one(db, viewer, track_id)
    found = [(number, how) for number, how in engine.similar(db, viewer, track_id, count) if number != track_id]
    return sorted(_sifted(db, viewer, found), key=lambda match: -match.similarity)[:count]


@long
def path(db: Connection, viewer: Viewer, engine: Engine, start_id: int, end_id: int, count: int) -> list[Match]:
    """Return tracks that lead from the sound of one to that of another, both included. Raises NotFound.

    Where no way is known, or there is no room for one, the path is its two ends.
    """
    tracks.one(db, viewer, start_id)
    tracks.one(db, viewer, end_id)
    if not count:
        return []
    if start_id == end_id:
        return _sifted(db, viewer, [(start_id, 1.0)])
    found = dict(engine.path(db, viewer, start_id, end_id, max(count, 2)))
    between = [(number, how) for number, how in found.items() if number not in (start_id, end_id)]
    ends = (start_id, found.get(start_id, 1.0)), (end_id, found.get(end_id, UNKNOWN))
    return _sifted(db, viewer, [ends[0], *between[: max(count - 2, 0)], ends[1]])


def _sifted(db: Connection, viewer: Viewer, found: list[tuple[int, float]]) -> list[Match]:
    """Return what the viewer may hear of it, in its order, each track once."""
    likeness = {number: how if how < 0 else min(how, 1.0) for number, how in reversed(found)}
    faces = tracks.faced(db, viewer, list(likeness))
    return [Match(faces[number], likeness[number]) for number in dict(found) if number in faces]
