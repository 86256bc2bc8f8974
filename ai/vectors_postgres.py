"""Neighbours where the database is PostgreSQL: pgvector searches, with an index of its own for each space.

The vectors stand once more in the schema `nearby`, as half precision vectors,
which no backup carries for they are made from `embedding` again. The rule a
newcomer would break: the number of the space stands in every query as a constant,
else PostgreSQL uses no index and compares vectors that mean different things.
"""

import base64
import logging
from collections.abc import Iterable, Sequence
from importlib.util import find_spec
from math import dist
from typing import Any

from ai import spaces
from ai.minds import Minds
from ai.spaces import Space, Vector, unpacked
from server.kernel.db import Connection, Database
from server.kernel.errors import Unavailable

log = logging.getLogger("familiar.ears")

LACKING = (
    "Similar songs need the extension pgvector, 0.8 or newer, and this PostgreSQL does not have it. Install the"
    " package (postgresql-NN-pgvector on Debian and Ubuntu, or the image pgvector/pgvector)."
)
FORBIDDEN = (
    "Similar songs need the extension pgvector, which Familiar's account may not switch on. As a superuser, run"
    " CREATE EXTENSION vector; in Familiar's database."
)
TABLES = """
CREATE SCHEMA IF NOT EXISTS nearby;
CREATE TABLE IF NOT EXISTS nearby.vector
  (space_id BIGINT NOT NULL, audio_hash TEXT NOT NULL, v halfvec NOT NULL, PRIMARY KEY (space_id, audio_hash));
"""
UNPACKED = (
    "Similar songs need the Python package pgvector beside PostgreSQL: pip install '.[postgres]' in Familiar's folder."
)
AT_ONCE = 1000
REACH = 120
"""How many of its candidates an index looks at before it answers; fewer are quicker and find less."""
SCANNED = 60_000
"""How far it goes on where most of what is near is not for this viewer."""
BESIDE = 60
RERANKED = 1000
"""So many neighbours are weighed again where blocks count differently."""


def trouble(db: Connection) -> str:
    """Return why there is no pgvector here, in a sentence that says what to do; "" when all is well."""
    if find_spec("pgvector") is None:
        return UNPACKED
    found = db.value("SELECT extversion FROM pg_extension WHERE extname = 'vector'")
    if found is None:
        found = db.value("SELECT default_version FROM pg_available_extensions WHERE name = 'vector'")
        if found is not None and not _old(found) and not _may(db):
            return FORBIDDEN
    return LACKING if found is None or _old(found) else ""


def _may(db: Connection) -> bool:
    return bool(db.value(
        "SELECT rolsuper OR (has_database_privilege(current_database(), 'CREATE') AND coalesce((SELECT bool_or(trusted)"
        " FROM pg_available_extension_versions WHERE name = 'vector'), false)) FROM pg_roles"
        " WHERE rolname = current_user"
    ))  # fmt: skip


def _old(version: str) -> bool:
    # The first that goes on searching where most of what is near is not for this viewer.
    return tuple(int(part) for part in version.split(".")[:2] if part.isdigit()) < (0, 8)


def prepare(db: Database) -> str:
    """Switch pgvector on and make its table; return why that cannot be, or ""."""
    import psycopg2

    with db.reading() as conn:
        sentence = trouble(conn)
        if sentence or conn.value("SELECT to_regclass('nearby.vector')"):
            return sentence
    try:
        with db.writing() as conn:
            conn.script("CREATE EXTENSION IF NOT EXISTS vector")
            conn.script(TABLES)
            conn.bump("spaces")
    except psycopg2.errors.InsufficientPrivilege:
        return FORBIDDEN
    return ""


def put(db: Connection, space: Space, found: Iterable[tuple[str, Sequence[float]]]) -> None:
    """Let the index know some vectors; without pgvector there is none."""
    if _there(db):
        _insert(db, space, found)


def lacks(db: Connection, space: Space) -> bool:
    """Tell whether something of a space stands in no index, as after a backup was brought back."""
    return not _there(db) or db.value(
        "SELECT 1 FROM embedding e LEFT JOIN nearby.vector n ON n.space_id = e.space_id AND n.audio_hash = e.audio_hash"
        " WHERE e.space_id = :space AND n.audio_hash IS NULL LIMIT 1", space=space.id,
    ) is not None  # fmt: skip


def complete(db: Connection, space: Space) -> None:
    """Bring everything of a space into the index, forget what belongs to none, and make the index if need be."""
    if not _there(db):
        raise Unavailable(trouble(db) or LACKING)
    while rows := db.rows(
        "SELECT e.audio_hash, e.vector FROM embedding e LEFT JOIN nearby.vector n ON n.space_id = e.space_id"
        " AND n.audio_hash = e.audio_hash WHERE e.space_id = :space AND n.audio_hash IS NULL LIMIT :limit",
        space=space.id, limit=AT_ONCE,
    ):  # fmt: skip
        _insert(db, space, [(audio_hash, unpacked(space, stored)) for audio_hash, stored in rows])
    db.run("DELETE FROM nearby.vector WHERE space_id NOT IN (SELECT id FROM space)")
    for (gone,) in db.rows(
        "SELECT indexname FROM pg_indexes WHERE schemaname = 'nearby' AND indexname LIKE 'vector_of_%'"
        " AND CAST(substr(indexname, 11) AS BIGINT) NOT IN (SELECT id FROM space)"
    ):
        db.script(f"DROP INDEX nearby.{gone}")
    # In memory of 64 MB, as is usual, an index of more than 200,000 vectors is built many times slower.
    db.script("SET LOCAL maintenance_work_mem = '512MB'")
    db.script(
        f"CREATE INDEX IF NOT EXISTS vector_of_{space.id:d} ON nearby.vector"
        f" USING hnsw ((CAST(v AS halfvec({space.dimensions:d}))) halfvec_l2_ops) WHERE space_id = {space.id:d}"
    )


def nearest(db: Connection, minds: Minds, libraries: Sequence[int], space: Space, queries: Sequence, count: int,
            without: list[int], weights: list[float] | None) -> list[list[tuple[int, float]]]:  # fmt: skip
    if not _there(db):
        raise Unavailable(trouble(db) or "The index of similar songs is being built.", retry_after_s=60)
    known = spaces.of(db, space, [track for query in queries for track, vector, _ in query if vector is None])
    db.value(
        "SELECT set_config('hnsw.iterative_scan', 'strict_order', false) || set_config('hnsw.ef_search', :reach, false)"
        " || set_config('hnsw.max_scan_tuples', :scanned, false)",
        reach=str(min(1000, max(REACH, _looked_at(count, weights)))), scanned=str(SCANNED),
    )  # fmt: skip
    found = []
    for query in queries:
        point = mean(known, query)
        own = [track for track, _, _ in query if track is not None]
        found.append(_search(db, space, point, count, libraries, [*without, *own], weights) if point else [])
    return found


def distances(db: Connection, minds: Minds, space: Space, track_id: int, others: list[int]) -> list[float | None]:
    known = spaces.of(db, space, [track_id, *others])
    own = known.get(track_id)
    return [
        round(dist(own, known[other]), 4) if own is not None and other in known else None for other in others
    ]  # fmt: skip


def path(db: Connection, minds: Minds, libraries: Sequence[int], space: Space, start_id: int, end_id: int,
         count: int, without: list[int]) -> list[int]:  # fmt: skip
    ends = [start_id, end_id]
    known = spaces.of(db, space, ends)
    if len(known) < 2:
        return []
    line = [[(None, _between(known[start_id], known[end_id], at / (count + 1)), 1.0)] for at in range(1, count + 1)]
    reach = max(BESIDE, 2 * count)
    near = nearest(db, minds, libraries, space, line, reach, [*without, *ends], None)
    order = list(dict.fromkeys([*ends, *(track for found in near for track, _ in found)]))
    rows = {row[0]: row[1:] for row in db.rows(
        "SELECT t.id, COALESCE(t.artist_id, 0), v.vector FROM EACH(:ids) e JOIN track t ON t.id = e.id"
        " JOIN embedding v ON v.space_id = :space AND v.audio_hash = t.audio_hash", ids=order, space=space.id,
    )}  # fmt: skip
    order = [track for track in order if track in rows]
    question = {
        "do": "through", "points": base64.b64encode(b"".join(rows[track][1] for track in order)).decode(),
        "artists": [rows[track][0] for track in order], "dimensions": space.dimensions, "count": count,
    }  # fmt: skip
    return [order[at] for at in minds.ask("neighbours", question)]


def _between(one: Vector, other: Vector, share: float) -> list[float]:
    return [a + (b - a) * share for a, b in zip(one, other, strict=True)]


def mean(known: dict[int, Vector], query: Sequence) -> list[float] | None:
    """Return the point from which the weighted sum of squared distances is smallest."""
    points = [(known.get(track) if vector is None else vector, weight) for track, vector, weight in query]
    points = [(point, weight) for point, weight in points if point is not None]
    whole = sum(weight for _, weight in points)
    if whole <= 1e-6:
        return None
    return [sum(point[at] * weight for point, weight in points) / whole for at in range(len(points[0][0]))]


def _looked_at(count: int, weights: list[float] | None) -> int:
    return count if weights is None else max(RERANKED, 4 * count)


def _search(db: Connection, space: Space, point: list[float], count: int, libraries: Sequence[int],
            without: list[int], weights: list[float] | None) -> list[tuple[int, float]]:  # fmt: skip
    near = f"CAST(n.v AS halfvec({space.dimensions:d})) <-> CAST(:point AS halfvec({space.dimensions:d}))"
    found = (
        f"SELECT t.id, {near} AS d{', n.v' if weights else ''} FROM nearby.vector n"
        f" JOIN track t ON t.audio_hash = n.audio_hash WHERE n.space_id = {space.id:d} AND t.missing_ms IS NULL"
        " AND t.library_id = ANY(CAST(:libraries AS BIGINT[])) AND t.id <> ALL(CAST(:without AS BIGINT[]))"
        f" ORDER BY {near} LIMIT :wanted"
    )
    given: dict[str, Any] = {
        "point": _text(point), "libraries": list(libraries), "without": without,
        "wanted": _looked_at(count, weights),
    }  # fmt: skip
    if weights is None:
        return [(track, round(d, 4)) for track, d in db.rows(found, **given)]
    scale = [weight**0.5 for weight, (_, size) in zip(weights, space.layout, strict=True) for _ in range(size)]
    return [(track, round(d, 4)) for track, d in db.rows(
        "SELECT id, (v * CAST(:scale AS halfvec)) <-> CAST(:scaled AS halfvec) AS weighed"
        f" FROM ({found}) c ORDER BY weighed, id LIMIT :count", count=count, scale=_text(scale),
        scaled=_text([value * by for value, by in zip(point, scale, strict=True)]), **given,
    )]  # fmt: skip


def _there(db: Connection) -> bool:
    """Tell whether pgvector and its table are there; `prepare` moves the version when it has made them."""
    ask = "SELECT CASE WHEN to_regclass('nearby.vector') IS NULL THEN 0 ELSE 1 END"
    return db.cached(("pgvector",), ("spaces",), lambda: (db.value(ask),)) == (1,)


def _insert(db: Connection, space: Space, found: Iterable[tuple[str, Sequence[float]]]) -> None:
    db.many(
        "INSERT INTO nearby.vector (space_id, audio_hash, v) VALUES (?, ?, CAST(? AS halfvec))"
        " ON CONFLICT (space_id, audio_hash) DO UPDATE SET v = excluded.v",
        [(space.id, audio_hash, _text(values)) for audio_hash, values in found],
    )


def _text(values: Iterable[float]) -> str:
    from pgvector import HalfVector

    return HalfVector(list(values)).to_text()
