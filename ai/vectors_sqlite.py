"""Neighbours where the database is a file: a child opens it too and holds the vectors in memory."""

from collections.abc import Iterable, Sequence
from typing import Any

from ai.minds import Minds
from ai.spaces import Space
from server.kernel.db import Connection, Database

MIND = "neighbours"
LOADING_S = 120
"""The first question has to wait until a million vectors are read."""


def nearest(db: Connection, minds: Minds, libraries: Sequence[int], space: Space, queries: Sequence, count: int,
            without: list[int], weights: list[float] | None) -> list[list[tuple[int, float]]]:  # fmt: skip
    asked = [[[track, None if vector is None else vector.tolist(), weight] for track, vector, weight in query]
             for query in queries]  # fmt: skip
    question = about(db, space) | {
        "do": "nearest", "libraries": list(libraries), "queries": asked, "count": count, "without": without,
        "blocks": weights,
    }  # fmt: skip
    return [list(zip(*found, strict=True)) for found in minds.ask(MIND, question, LOADING_S)]


def distances(db: Connection, minds: Minds, space: Space, track_id: int, others: list[int]) -> list[float | None]:
    question = about(db, space) | {"do": "distances", "track": track_id, "others": others}
    return minds.ask(MIND, question, LOADING_S)


def path(db: Connection, minds: Minds, libraries: Sequence[int], space: Space, start_id: int, end_id: int,
         count: int, without: list[int]) -> list[int]:  # fmt: skip
    question = about(db, space) | {
        "do": "path", "libraries": list(libraries), "ends": [start_id, end_id], "count": count, "without": without,
    }  # fmt: skip
    return minds.ask(MIND, question, LOADING_S)


def about(db: Connection, space: Space) -> dict[str, Any]:
    """Return what the child has to know to answer from vectors that are as new as this connection's."""
    return {
        "from": db.db.dialect.path, "space": space.id, "dimensions": space.dimensions,
        "sizes": [size for _, size in space.layout], "stamp": list(db.versions(("vectors", "library"))),
    }  # fmt: skip


def prepare(db: Database) -> str:
    """There is nothing to prepare and nothing that could be lacking."""
    return ""


def put(db: Connection, space: Space, found: Iterable[tuple[str, Sequence[float]]]) -> None:
    """The child reads what `embedding` holds."""


def complete(db: Connection, space: Space) -> None:
    """The child needs no index."""


def lacks(db: Connection, space: Space) -> bool:
    return False


def trouble(db: Connection) -> str:
    return ""
