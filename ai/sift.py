"""What is taken of a list of near tracks: nobody's twice, no artist all along.

A recording is told by its fingerprint; a vector alone never says that two are
one, for a remaster can lie farther off than another song. The rule a newcomer
would break: a copy of what was asked about is a copy too.
"""

import base64
from collections.abc import Iterable, Sequence
from itertools import combinations
from math import dist
from typing import NamedTuple

from ai.minds import Minds
from ai.spaces import Space, Vector
from server.kernel.db import Connection
from server.library.names import fold, somebody

MIND = "neighbours"
SUSPECT = 0.5
"""Only tracks nearer to each other than this share of the half distance are held against each other."""
COMPARED, PAIRS = 300, 300
"""So many tracks are held against each other, and so many pairs of fingerprints."""
COMPARE_S = 20


class Row(NamedTuple):
    """What tells one track from another, and what tags say of it."""

    audio_hash: str
    artist_id: int
    artist: str
    title: str
    year: int

    @property
    def name(self) -> tuple[str, str] | None:
        """By whom it is and how it is called, folded; None where one of the two is not known."""
        return (fold(self.artist), fold(self.title)) if self.artist and self.title else None


def rows(db: Connection, track_ids: Iterable[int]) -> dict[int, Row]:
    """Return what is to be known of some tracks, by track; an artist is 0 and "" where nobody is named."""
    return {row[0]: Row(row[1], *somebody(*row[2:4]), *row[4:]) for row in db.rows(
        "SELECT t.id, t.audio_hash, t.artist_id, t.artist, t.title, t.year FROM EACH(:ids) e"
        " JOIN track t ON t.id = e.id", ids=sorted(set(track_ids)),
    )}  # fmt: skip


def marks(track: int, row: Row) -> set:
    """Return what a track has in common with all that have its sound or its name."""
    return {track, row.audio_hash or track, row.name or track}


class Copies:
    """Says which of some tracks hold one recording; asked once for all of them."""

    def __init__(self, db: Connection, minds: Minds, space: Space | None, known: dict[int, Row],
                 points: dict[int, Vector]):  # fmt: skip
        self._marks = {track: marks(track, row) for track, row in known.items()}
        for pair in _same_prints(db, minds, _suspects(space, known, points)):
            for track in pair:
                self._marks[track].add(pair)

    def marks(self, track: int) -> set:
        """Return what a track has in common with all that are one song with it: its sound, its recording, its name."""
        return self._marks.get(track) or {track}

    def same(self, one: int, other: int) -> bool:
        """Tell whether two tracks are one song to a listener."""
        return not self.marks(one).isdisjoint(self.marks(other))


def _suspects(space: Space | None, known: dict[int, Row], points: dict[int, Vector]) -> list[tuple[int, int]]:
    limit, near = SUSPECT * (space.d50 if points else 0), []
    # As tuples they are measured seven times as fast.
    some = {track: tuple(points[track]) for track in list(points)[:COMPARED] if track in known}
    for one, other in combinations(sorted(some), 2):
        if known[one].audio_hash != known[other].audio_hash and (apart := dist(some[one], some[other])) < limit:
            near.append((apart, one, other))
    return [(one, other) for _, one, other in sorted(near)[:PAIRS]]


def _same_prints(db: Connection, minds: Minds, pairs: list[tuple[int, int]]) -> set[tuple[int, int]]:
    if not pairs:
        return set()
    prints = dict(db.rows(
        "SELECT t.id, a.fingerprint FROM EACH(:ids) e JOIN track t ON t.id = e.id"
        " JOIN track_analysis a ON a.audio_hash = t.audio_hash WHERE a.fingerprint IS NOT NULL",
        ids=sorted({track for pair in pairs for track in pair}),
    ))  # fmt: skip
    order = {track: at for at, track in enumerate(prints)}
    pairs = [pair for pair in pairs if pair[0] in order and pair[1] in order]
    if not pairs:
        return set()
    question = {
        "do": "same", "prints": [base64.b64encode(each).decode() for each in prints.values()],
        "pairs": [[order[one], order[other]] for one, other in pairs],
    }  # fmt: skip
    return {pair for pair, same in zip(pairs, minds.ask(MIND, question, COMPARE_S), strict=True) if same}


def take(ordered: Sequence[int], count: int, copies: Copies, artist_of: dict[int, int], per_artist: int,
         heard: Iterable[int] = ()) -> list[int]:  # fmt: skip
    """Return up to `count` tracks in their order, no recording twice nor one of `heard`, an artist so often at most.

    Where that leaves too few, what artists have more of follows behind.
    """
    gone = {mark for track in heard for mark in copies.marks(track)}
    taken, later, so_many = [], [], {}
    for track in ordered:
        if len(taken) >= count:
            return taken
        if not gone.isdisjoint(copies.marks(track)):
            continue
        gone |= copies.marks(track)
        artist = artist_of.get(track, 0)
        so_many[artist] = so_many.get(artist, 0) + 1
        (later if artist and so_many[artist] > per_artist else taken).append(track)
    return (taken + later)[:count]
