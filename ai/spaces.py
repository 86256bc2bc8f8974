"""Spaces: which vectors may be compared with which.

A space is one way of turning sound into numbers: one model, or one fit of the
weight-free blocks. The rule a newcomer would break: vectors of two spaces are
never compared, whatever their lengths; so a vector carries its space's number,
and a new fit is a new space beside the old one until nearly everything has its
vector there.
"""

import struct
from array import array
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import orjson

from server.kernel.clock import now_ms
from server.kernel.db import Connection
from server.kernel.errors import Conflict, Invalid, NotFound

OWNS = ("space", "embedding")

SIMILAR, TEXT, BOTH = "similar", "text", "both"
BLOCKS, CLAP = "blocks", "clap"
BUILDING, ACTIVE, RETIRED = "building", "active", "retired"
COVERED = 0.98
"""So much of what can have a vector has one before a space is used."""
PRESENT = "t.missing_ms IS NULL AND EXISTS (SELECT 1 FROM library l WHERE l.id = t.library_id AND l.removed = 0)"
"""What of the tracks `t` there is to be heard: nothing of a folder that is no longer named is awaited."""
KEPT = 1
"""So many spaces of a purpose are kept after their time, to go back to."""


class Space(NamedTuple):
    id: int
    purpose: str
    """"similar", "text" or "both"."""
    kind: str
    state: str
    dimensions: int
    layout: tuple[tuple[str, int], ...]
    """Names and sizes of the blocks that a vector is made of; none where it is one whole."""
    model: str
    """What made the vectors: a digest of its weights, "" for the blocks."""
    towers: str
    """Names the pair of towers whose vectors lie in one space, sound and words; "" where there is no tower of words."""
    version: int
    """Of the analyser or of the preparation of sound."""
    fitted_on: int
    d50: float
    """The distance at which two sounds count as half as near as can be; 0 while it is not known."""
    near: tuple[float, ...] = ()
    """For each block the distance below which only a tenth of all pairs of sounds lie."""
    spread: float = 0.0
    """How far apart sounds usually lie from their neighbours; 0 while it is not known."""


class Vector(array):
    """32-bit floats that know which space they lie in."""

    def __new__(cls, space_id: int, values: Iterable[float] = ()):
        made = super().__new__(cls, "f", values)
        made.space_id = space_id
        return made


class Size(NamedTuple):
    """How much of the library a space knows."""

    embedded: int
    all: int

    @property
    def share(self) -> float:
        return self.embedded / self.all if self.all else 0.0


_COLUMNS = "id, purpose, kind, state, dimensions, layout, model, towers, version, fitted_on, d50, near, spread"


def active(db: Connection, purpose: str) -> Space | None:
    """Return the space that is in use for "similar" or "text"; None while there is none."""
    return db.cached(("space", purpose), ("spaces",), lambda: (_newest(db, purpose, ACTIVE),))[0]


def building(db: Connection, purpose: str) -> Space | None:
    """Return the newest space of a purpose that is not complete yet."""
    return _newest(db, purpose, BUILDING)


def by_id(db: Connection, space_id: int) -> Space:
    row = db.row(f"SELECT {_COLUMNS} FROM space WHERE id = :id", id=space_id)
    if row is None:
        raise NotFound("There is no such space.")
    return _space(row)


def everything(db: Connection) -> list[Space]:
    """List all spaces, newest first."""
    return [_space(row) for row in db.rows(f"SELECT {_COLUMNS} FROM space ORDER BY id DESC")]


def create(db: Connection, purpose: str, kind: str, dimensions: int, *, layout: Sequence[Sequence] = (),
           model: str = "", towers: str = "", version: int = 0, fit: str = "",
           fitted_on: int = 0) -> Space:  # fmt: skip
    """Begin a space; it is used once `activate` says so. `fit` is what its maker wants to read again (`fit_of`)."""
    if purpose not in (SIMILAR, TEXT, BOTH) or not 0 < dimensions <= 4000:
        raise Invalid("A space has a purpose and 1 to 4000 dimensions.")
    space_id = db.insert(
        "INSERT INTO space (purpose, kind, state, dimensions, layout, model, towers, version, fit, fitted_on, made_ms)"
        " VALUES (:purpose, :kind, :state, :dimensions, :layout, :model, :towers, :version, :fit, :on, :now)"
        " RETURNING id",
        purpose=purpose, kind=kind, state=BUILDING, dimensions=dimensions, layout=orjson.dumps(layout).decode(),
        model=model, towers=towers, version=version, fit=fit, on=fitted_on, now=now_ms(),
    )  # fmt: skip
    db.bump("spaces")
    return by_id(db, space_id)


def fit_of(db: Connection, space: Space) -> str:
    return db.value("SELECT fit FROM space WHERE id = :id", id=space.id) or ""


def put(db: Connection, space: Space, found: Iterable[tuple[str, Sequence[float]]]) -> int:
    """Keep the vectors of some sounds, (audio_hash, values), in place of what they had; return how many."""
    rows = [(space.id, audio_hash, packed(space, values)) for audio_hash, values in found]
    db.many(
        "INSERT INTO embedding (space_id, audio_hash, vector) VALUES (?, ?, ?)"
        " ON CONFLICT (space_id, audio_hash) DO UPDATE SET vector = excluded.vector, spread = 0", rows,
    )  # fmt: skip
    if rows:
        db.bump("vectors")
    return len(rows)


def packed(space: Space, values: Sequence[float]) -> bytes:
    """Return values as they are stored. Raises Invalid when they are not of this space."""
    if len(values) != space.dimensions or getattr(values, "space_id", space.id) != space.id:
        raise Invalid("These vectors belong to another space.")
    return struct.pack(f"<{space.dimensions}e", *values)


def unpacked(space: Space, stored: bytes) -> Vector:
    return Vector(space.id, struct.unpack(f"<{space.dimensions}e", stored))


def of(db: Connection, space: Space, track_ids: Iterable[int]) -> dict[int, Vector]:
    """Return the vectors of those tracks that have one."""
    rows = db.rows(
        "SELECT t.id, v.vector FROM EACH(:ids) e JOIN track t ON t.id = e.id"
        " JOIN embedding v ON v.space_id = :space AND v.audio_hash = t.audio_hash",
        ids=sorted(set(track_ids)), space=space.id,
    )  # fmt: skip
    return {track_id: unpacked(space, stored) for track_id, stored in rows}


def from_words(space: Space, towers: str, values: Sequence[float]) -> Vector:
    """Return what a tower of words said as a vector of the space of its sound tower. Raises Invalid for any other."""
    if not towers or towers != space.towers or len(values) != space.dimensions:
        raise Invalid("These words were turned into numbers by another model than the sounds.")
    return Vector(space.id, values)


def lacking(db: Connection, space: Space, limit: int) -> list[str]:
    """Return the hashes of sounds of present tracks that were analysed and have no vector in a space."""
    return [row[0] for row in db.rows(
        "SELECT DISTINCT a.audio_hash FROM track_analysis a JOIN track t ON t.audio_hash = a.audio_hash"
        " LEFT JOIN embedding e ON e.space_id = :space AND e.audio_hash = a.audio_hash"
        f" WHERE a.state = 'ok' AND {PRESENT} AND e.audio_hash IS NULL LIMIT :limit",
        space=space.id, limit=limit,
    )]  # fmt: skip


def size(db: Connection, space: Space) -> Size:
    """Return how many of the sounds that can have a vector have one here."""
    return Size(*db.row(
        "SELECT CAST(count(e.audio_hash) AS BIGINT), CAST(count(*) AS BIGINT) FROM (SELECT DISTINCT a.audio_hash"
        "  FROM track_analysis a JOIN track t ON t.audio_hash = a.audio_hash"
        f"  WHERE a.state = 'ok' AND {PRESENT}) h"
        " LEFT JOIN embedding e ON e.space_id = :space AND e.audio_hash = h.audio_hash", space=space.id,
    ))  # fmt: skip


def unspread(db: Connection, space: Space, limit: int) -> list[tuple[str, bytes]]:
    """Return some sounds (hash, stored vector) of which it is not known how far their neighbours lie from them."""
    return db.rows(
        "SELECT audio_hash, vector FROM embedding WHERE space_id = :space AND spread = 0 LIMIT :limit",
        space=space.id, limit=limit,
    )  # fmt: skip


def put_spread(db: Connection, space: Space, found: Sequence[tuple[str, float]]) -> None:
    """Keep how far the neighbours of some sounds lie from them."""
    db.many("UPDATE embedding SET spread = ? WHERE space_id = ? AND audio_hash = ?",
            [(spread, space.id, audio_hash) for audio_hash, spread in found])  # fmt: skip


def spreads(db: Connection, space: Space, track_ids: Sequence[int]) -> dict[int, float]:
    """Return how far the neighbours of some tracks lie from them, of those where that is known."""
    return dict(db.rows(
        "SELECT t.id, v.spread FROM EACH(:ids) e JOIN track t ON t.id = e.id"
        " JOIN embedding v ON v.space_id = :space AND v.audio_hash = t.audio_hash WHERE v.spread > 0",
        ids=sorted(set(track_ids)), space=space.id,
    ))  # fmt: skip


def usual_spread(db: Connection, space: Space) -> float:
    """Return how far sounds usually lie from their neighbours: the median of all that is known; 0 without any."""
    known = db.value("SELECT count(*) FROM embedding WHERE space_id = :space AND spread > 0", space=space.id)
    return db.value(
        "SELECT spread FROM embedding WHERE space_id = :space AND spread > 0 ORDER BY spread LIMIT 1 OFFSET :middle",
        space=space.id, middle=known // 2,
    ) or 0.0  # fmt: skip


def sample(db: Connection, space: Space, limit: int) -> bytes:
    """Return the stored vectors of some sounds, one behind the other."""
    return b"".join(row[0] for row in db.rows(
        "SELECT vector FROM embedding WHERE space_id = :space ORDER BY audio_hash LIMIT :limit",
        space=space.id, limit=limit,
    ))  # fmt: skip


def activate(db: Connection, space: Space, d50: float, near: Sequence[float] = (), spread: float = 0.0) -> Space:
    """Use a space from now on, and no longer the one that was used for its purpose, in one transaction.

    Raises Conflict while too little of the library has its vector here.
    """
    if size(db, space).share < COVERED or d50 <= 0:
        raise Conflict("This space does not know enough of the library yet.")
    purposes = (SIMILAR, TEXT, BOTH) if space.purpose == BOTH else (space.purpose, BOTH)
    db.run("UPDATE space SET state = :retired WHERE state = :active AND purpose IN (SELECT id FROM EACH_TEXT(:of))",
           retired=RETIRED, active=ACTIVE, of=list(purposes))  # fmt: skip
    db.run("UPDATE space SET state = :active, d50 = :d50, near = :near, spread = :spread, active_ms = :now"
           " WHERE id = :id", active=ACTIVE, d50=d50, near=orjson.dumps(list(near)).decode(), spread=spread,
           now=now_ms(), id=space.id)  # fmt: skip
    for old in db.rows("SELECT id FROM space WHERE state = :retired AND purpose = :purpose ORDER BY active_ms DESC",
                       retired=RETIRED, purpose=space.purpose)[KEPT:]:  # fmt: skip
        _forget(db, old[0])
    db.bump("spaces")
    return by_id(db, space.id)


def retire(db: Connection, space: Space) -> Space | None:
    """Use a space no longer and go back to the one before it; return that one."""
    db.run("UPDATE space SET state = :retired WHERE id = :id", retired=RETIRED, id=space.id)
    before = db.row(
        f"SELECT {_COLUMNS} FROM space WHERE state = :retired AND purpose = :purpose AND id <> :id AND d50 > 0"
        " ORDER BY active_ms DESC LIMIT 1",
        retired=RETIRED, purpose=SIMILAR if space.purpose == BOTH else space.purpose, id=space.id,
    )  # fmt: skip
    if before:
        db.run("UPDATE space SET state = :active WHERE id = :id", active=ACTIVE, id=before[0])
    db.bump("spaces")
    return by_id(db, before[0]) if before else None


def drop(db: Connection, space: Space) -> None:
    """Forget a space with all its vectors."""
    _forget(db, space.id)
    db.bump("spaces")


def _forget(db: Connection, space_id: int) -> None:
    db.run("DELETE FROM embedding WHERE space_id = :id", id=space_id)
    db.run("DELETE FROM space WHERE id = :id", id=space_id)


def _newest(db: Connection, purpose: str, state: str) -> Space | None:
    row = db.row(
        f"SELECT {_COLUMNS} FROM space WHERE state = :state AND purpose IN (:purpose, 'both') ORDER BY id DESC LIMIT 1",
        state=state, purpose=purpose,
    )  # fmt: skip
    return _space(row) if row else None


def _space(row: tuple) -> Space:
    found = Space(*row)
    layout, near = orjson.loads(found.layout or "[]"), orjson.loads(found.near or "[]")
    return found._replace(layout=tuple((name, count) for name, count in layout), near=tuple(near))
