"""Neighbours: which tracks lie nearest to others in a space, as far as the viewer may hear them.

SQLite is asked through a child that holds the vectors, PostgreSQL itself does it
with pgvector: `vectors_sqlite` and `vectors_postgres` are twins. The rule a
newcomer would break: a vector is only ever compared within its own space, and
`spaces.Vector` says which that is.
"""

from collections.abc import Iterable, Mapping, Sequence
from math import exp, log

from ai import spaces, vectors_postgres, vectors_sqlite
from ai.minds import Minds
from ai.spaces import Space, Vector
from server.kernel.db import Connection, Database
from server.kernel.errors import Invalid
from server.library import tracks
from server.users.people import Viewer

Point = tuple[float, ...]
Query = Sequence[tuple[int | None, Vector | None, float]]
"""What is looked for: tracks or points with their weights. Weights below 0 push away; together they are above 0."""
COUNT_MAX = 5000


def nearest(db: Connection, minds: Minds, viewer: Viewer, space: Space, query: Query, count: int,
            without: Sequence[int] = (), blocks: Mapping[str, float] | None = None) -> list[tuple[int, float]]:
    """Return (track, distance) of the tracks nearest to a weighted mean, nearest first, never those of the query.

    `blocks`: how much more or less than the others each block of the weight-free space counts. Tracks of one
    recording are all among them. Raises Invalid for vectors of another space.
    """
    return nearest_each(db, minds, viewer, space, [query], count, without, blocks)[0]


def nearest_each(db: Connection, minds: Minds, viewer: Viewer, space: Space, queries: Sequence[Query], count: int,
                 without: Sequence[int] = (), blocks: Mapping[str, float] | None = None,
                 ) -> list[list[tuple[int, float]]]:  # fmt: skip
    """Do the same for several queries at once."""
    for query in queries:
        for _, vector, _ in query:
            _same_space(space, vector)
    if not count or not viewer.libraries:
        return [[] for _ in queries]
    found = _twin(db).nearest(
        db, minds, viewer.libraries, space, queries, min(count, COUNT_MAX), list(without), weights(space, blocks)
    )
    allowed = set(tracks.visible(db, viewer, sorted({track for each in found for track, _ in each})))
    return [[one for one in each if one[0] in allowed] for each in found]


def distances(db: Connection, minds: Minds, space: Space, track_id: int, others: Sequence[int]) -> list[float | None]:
    """Return the distance from a track to each of the others; None where one of the two has no vector."""
    return _twin(db).distances(db, minds, space, track_id, list(others))


def path(db: Connection, minds: Minds, viewer: Viewer, space: Space, start_id: int, end_id: int, count: int,
         without: Sequence[int] = ()) -> list[int]:  # fmt: skip
    """Return `count` tracks that lead from one to another, without those two; see `ai.walk`."""
    found = _twin(db).path(db, minds, viewer.libraries, space, start_id, end_id, count, list(without))
    return tracks.visible(db, viewer, found)


def put(db: Connection, space: Space, found: Iterable[tuple[str, Sequence[float]]]) -> int:
    """Keep the vectors of some sounds, (audio_hash, values), where they can be searched; return how many."""
    found = list(found)
    count = spaces.put(db, space, found)
    _twin(db).put(db, space, found)
    return count


def activate(db: Connection, space: Space, d50: float, near: Sequence[float] = (), spread: float = 0.0) -> Space:
    """Use a space from now on (`spaces.activate`), with everything of it ready to be searched, in one transaction."""
    _twin(db).complete(db, space)
    return spaces.activate(db, space, d50, near, spread)


def repair(db: Database, space: Space) -> str:
    """Make a space that is in use ready to be searched again, if it is not; return why that cannot be, or ""."""
    with db.reading() as conn:
        if not _twin(conn).lacks(conn, space):
            return ""
    if sentence := prepare(db):
        return sentence
    with db.writing() as conn:
        _twin(conn).complete(conn, space)
    return ""


def prepare(db: Database) -> str:
    """Make ready what searching needs; return a sentence where it cannot be had, else ""."""
    return (vectors_sqlite if db.dialect.name == "sqlite" else vectors_postgres).prepare(db)


def trouble(db: Connection) -> str:
    """Return why nothing can be searched here, in a sentence that says what to do; "" when all is well."""
    return _twin(db).trouble(db)


def of(db: Connection, space: Space, track_ids: Sequence[int]) -> dict[int, Vector]:
    """Return the vectors of those tracks that have one."""
    return spaces.of(db, space, track_ids)


def points(db: Connection, space: Space, track_ids: Iterable[int]) -> dict[int, Point]:
    """Return the same as tuples, between which `math.dist` measures seven times as fast."""
    return {track: tuple(values) for track, values in of(db, space, list(track_ids)).items()}


def closeness(space: Space, distance: float) -> float:
    """Return 1.0 for the same sound, 0.5 at the space's half distance, towards 0 beyond."""
    return exp(-((distance / space.d50) ** 2) * log(2)) if space.d50 > 0 else 0.0


def weights(space: Space, blocks: Mapping[str, float] | None) -> list[float] | None:
    """Return a weight for each block of a space, 1 in the mean; None where all are alike. Raises Invalid."""
    if not blocks:
        return None
    names = [name for name, _ in space.layout]
    if not names:
        return None
    if unknown := sorted(set(blocks) - set(names)):
        raise Invalid(f"There is no block {unknown[0]!r} in this space; there are {', '.join(names)}.")
    found = [max(0.0, float(blocks.get(name, 1.0))) for name in names]
    if not sum(found):
        raise Invalid("At least one block has to count.")
    mean = sum(found) / len(found)
    return None if all(each == found[0] for each in found) else [round(each / mean, 4) for each in found]


def _same_space(space: Space, vector: Vector | None) -> None:
    if vector is not None and getattr(vector, "space_id", None) != space.id:
        raise Invalid("Vectors of different spaces cannot be compared.")


def _twin(db: Connection):
    return vectors_sqlite if db.dialect == "sqlite" else vectors_postgres
