"""The child that knows what lies near what: asked with small JSON, it holds the vectors itself.

With SQLite it opens the database for reading and keeps the matrices of the
spaces that it is asked about; with PostgreSQL the database does that, and only
fits and paths are computed here. The rule a newcomer would break: an answer says
track ids and distances, nothing else, for every byte of it is paid for in the
server's time.
"""

import base64
import sqlite3
import time
from typing import Any, NamedTuple
from urllib.parse import quote

import numpy as np

from ai import own_scores, scales
from ai.features import BLOCKS, SIZE
from ai.fingerprint import alike
from ai.matrix import Matrix, Rows
from ai.walk import line, walk
from server.kernel.errors import Invalid, Unavailable

BESIDE = 80
"""So many tracks near each step of a path are looked at."""
HELD = 2
"""So many spaces are kept at once: one for sound, one for words."""
PATIENCE = 20
"""A matrix that took a second to read is read again this many seconds later at the earliest."""
QUICK_S = 0.2
SAME = 0.85
"""Equal bits of two fingerprints: copies of a recording have .98 and more, different ones .66 at most."""
AT_ONCE = 5000
COUNT = (
    "SELECT count(*) FROM embedding e JOIN track t ON t.audio_hash = e.audio_hash"
    " WHERE e.space_id = ? AND t.missing_ms IS NULL"
)
READ = (
    "SELECT t.id, t.library_id, COALESCE(t.artist_id, 0), e.vector FROM track t"
    " CROSS JOIN embedding e ON e.space_id = ? AND e.audio_hash = t.audio_hash WHERE t.missing_ms IS NULL ORDER BY t.id"
)
"""In the order in which tracks lie: to sort a million vectors SQLite would write a file, and a child may not."""


class Held(NamedTuple):
    stamp: list[int]
    matrix: Matrix
    read_s: float
    """How long it took to read, and when that was."""
    at_s: float


_held: dict[tuple[str, int], Held] = {}


def answer(question: dict[str, Any]) -> Any:
    """Answer one question: `do` says which of `DOES`."""
    return DOES[question["do"]](question)


def nearest(question: dict) -> list[list]:
    """Return, for each of `queries` = [[track or null, values or null, weight], …], [track ids, distances]."""
    matrix = _matrix(question)
    libraries = question["libraries"]
    without = matrix.at(question.get("without", ()))
    found = []
    for query in question["queries"]:
        target = _target(matrix, query)
        if target is None:
            found.append([[], []])
            continue
        own = matrix.at([track for track, _, _ in query if track is not None])
        rows, distances = matrix.nearest(
            target, question["count"], libraries, np.concatenate([without, own]), question.get("blocks")
        )
        found.append([matrix.tracks[rows].tolist(), [round(float(each), 4) for each in distances]])
    return found


def distances(question: dict) -> list[float | None]:
    """Return the distance from a track to each of `others`, null where one of the two has no vector."""
    matrix = _matrix(question)
    own = matrix.at([question["track"]])
    if not len(own):
        return [None] * len(question["others"])
    values = matrix.point(own[0])
    told = []
    for other in question["others"]:
        row = matrix.at([other])
        told.append(round(float(np.linalg.norm(matrix.point(row[0]) - values)), 4) if len(row) else None)
    return told


def path(question: dict) -> list[int]:
    """Return `count` tracks that lead from one of `ends` to the other, without those two."""
    matrix = _matrix(question)
    rows = matrix.at(question["ends"])
    if len(rows) < 2:
        return []
    libraries = question["libraries"]
    start, end = (matrix.point(row) for row in rows)
    without = np.concatenate([matrix.at(question["without"]), rows])
    reach = max(BESIDE, 2 * question["count"])
    near = [matrix.nearest(point, reach, libraries, without)[0] for point in line(start, end, question["count"])]
    near = np.unique(np.concatenate(near))
    chosen = walk(start, end, matrix.points(near), matrix.artists[near],
                  tuple(matrix.artists[rows].tolist()), question["count"])  # fmt: skip
    return matrix.tracks[near[chosen]].tolist()


def through(question: dict) -> list[int]:
    """Do the same where the database knows the vectors: `points` as stored and `artists`, the ends first.

    The answer are places in what was given.
    """
    points = np.frombuffer(base64.b64decode(question["points"]), "<f2").reshape(-1, question["dimensions"])
    points, artists = points.astype(np.float32), np.array(question["artists"], np.int64)
    chosen = walk(points[0], points[1], points[2:], artists[2:], tuple(artists[:2].tolist()), question["count"])
    return [row + 2 for row in chosen]


def fit(question: dict) -> dict:
    """Return the fit of raw blocks: the layout, and what `scale` wants to be given."""
    fitted = scales.fit(scales.of_bytes(base64.b64decode(question["raw"])))
    return {
        "layout": BLOCKS, "dimensions": SIZE,
        "middle": fitted.middle.tolist(), "width": fitted.width.tolist(),
    }  # fmt: skip


def scale(question: dict) -> str:
    """Return the vectors of raw blocks as stored: 16-bit floats, base64."""
    fitted = scales.Fit(np.array(question["fit"]["middle"]), np.array(question["fit"]["width"]))
    raw = scales.of_bytes(base64.b64decode(question["raw"]))
    return base64.b64encode(scales.scale(fitted, raw).astype("<f2").tobytes()).decode()


def measure(question: dict) -> tuple[float, list[float]]:
    """Return the half distance (d50) of a sample of stored vectors, and for each block what counts as near."""
    vectors = np.frombuffer(base64.b64decode(question["vectors"]), "<f2").reshape(-1, question["dimensions"])
    return scales.half_distance(vectors), scales.near_blocks(vectors, question["sizes"])


def spread(question: dict) -> list[float]:
    """Return for each of some stored vectors how far its neighbours lie, looked for `among` others."""
    vectors, among = (
        np.frombuffer(base64.b64decode(question[name]), "<f2").reshape(-1, question["dimensions"])
        for name in ("vectors", "among")
    )
    return [round(float(each), 4) for each in scales.spread(vectors, among)]


def same(question: dict) -> list[bool]:
    """Tell for each of `pairs` of `prints` (fingerprints as stored, base64) whether it is one recording."""
    prints = [np.frombuffer(base64.b64decode(each), "<u4") for each in question["prints"]]
    return [alike(prints[one], prints[other]) >= SAME for one, other in question["pairs"]]


DOES = {
    "nearest": nearest, "distances": distances, "path": path, "through": through, "fit": fit, "scale": scale,
    "measure": measure, "spread": spread, "same": same, "score": own_scores.score,
}  # fmt: skip


def _target(matrix: Matrix, query: list) -> np.ndarray | None:
    """Return the point from which the weighted sum of squared distances is smallest: one search for many seeds."""
    total, weights = None, 0.0
    for track, values, weight in query:
        if values is not None:
            point = np.asarray(values, np.float32)
            if point.shape != (matrix.values.shape[1],):
                raise Invalid("This vector belongs to another space.")
        else:
            row = matrix.at([track])
            if not len(row):
                continue
            point = matrix.point(row[0])
        total = weight * point if total is None else total + weight * point
        weights += weight
    if total is None or weights <= 1e-6:
        return None
    return (total / weights).astype(np.float32)


def _matrix(question: dict) -> Matrix:
    """Return the matrix of a space as new as the question's stamp, or nearly so where reading it takes long."""
    key = (question["from"], question["space"])
    held = _held.get(key)
    if held and held.stamp != question["stamp"]:
        young = time.monotonic() - held.at_s < PATIENCE * held.read_s
        held = held if held.read_s > QUICK_S and young else None
    if held is None:
        _held.pop(key, None)
        while len(_held) >= HELD:
            _held.pop(next(iter(_held)))
        began = time.monotonic()
        matrix = Matrix(_read(*key, question["dimensions"]), tuple(question["sizes"]))
        now = time.monotonic()
        held = _held[key] = Held(question["stamp"], matrix, now - began, now)
    return held.matrix


def _read(path: str, space_id: int, dimensions: int) -> Rows:
    """Read a space; a row at a time, for as texts and tuples a million of them would take a gigabyte."""
    try:
        # With two slashes at its beginning a path would be taken for the name of another machine.
        raw = sqlite3.connect(f"file:/{quote(path.lstrip('/'))}?mode=ro", uri=True, timeout=5, isolation_level=None)
        try:
            raw.execute("BEGIN")
            (count,) = raw.execute(COUNT, (space_id,)).fetchone()
            rows = Rows(np.empty(count, np.int64), np.empty(count, np.int32), np.empty(count, np.int64),
                        np.empty((count, dimensions), "<f2"))  # fmt: skip
            cursor, start = raw.execute(READ, (space_id,)), 0
            while some := cursor.fetchmany(AT_ONCE):
                end = start + len(some)
                tracks, libraries, artists, vectors = zip(*some, strict=True)
                rows.tracks[start:end], rows.libraries[start:end], rows.artists[start:end] = tracks, libraries, artists
                rows.values[start:end] = np.frombuffer(b"".join(vectors), "<f2").reshape(-1, dimensions)
                start = end
        finally:
            raw.close()
    except sqlite3.Error as error:
        raise Unavailable(f"The vectors cannot be read just now: {error}.") from error
    return rows
