"""What it costs to ask what lies near a song, beside measuring all of them with numpy, and how much of that is found.

The vectors are drawn: styles that touch, each long in some directions and short in
most, with noise in all of them. The whole verb is measured, from the question to
the tracks that this viewer may hear, and counted is the processor's time of both
processes, for others share the machine.
"""

import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from statistics import median

import numpy as np
import orjson

from ai import path, spaces, vectors
from ai.minds import Minds
from ai.spaces import ACTIVE, BLOCKS, SIMILAR, Space
from server.bench.measure import cpu_s, rss_mb
from server.bench.report import Line
from server.bench.shop import Shop
from server.kernel import migrate
from server.kernel.db import Connection, Database, open_database
from server.users.people import LISTENER, Viewer

LAYOUT = (("timbre", 57), ("contrast", 14), ("spectral", 8), ("rhythm", 44), ("tonal", 20), ("dynamics", 6))
SIZE = sum(size for _, size in LAYOUT)
MILLION, FROM = 1_000_000, 100_000
"""Where the usual library has `FROM` tracks, a million are searched as well."""
STYLES, LIBRARIES, WANTED, STEPS = 300, 10, 50, 25
PIECE = 20_000
QUERIES, PATHS = 40, 5
MOST_MS, MOST_PATH_MS, LEAST_FOUND = {MILLION: 12.0}, 200.0, 0.97
USUAL_MS = 2.0
EVERYTHING = Viewer(1, "bench", LISTENER, tuple(range(1, LIBRARIES + 1)))
ONE = Viewer(1, "bench", LISTENER, (1,))


def neighbours(shop: Shop) -> Iterator[Line]:
    """Measure the nearest 50 of the usual library and of a million, and paths."""
    for size in (shop.usual, *([MILLION] if shop.usual >= FROM else [])):
        with tempfile.TemporaryDirectory(prefix="neighbours-", dir=shop.folder) as folder:
            db = open_database(f"sqlite://{folder}/familiar.db")
            minds = Minds()
            try:
                migrate.migrate(db)
                everything = drawn(size)
                space = _filled(db, Path(folder) / "familiar.db", everything)
                with db.reading() as conn:
                    yield from _measured(conn, minds, space, everything)
            finally:
                minds.close_now()
                db.close()


def drawn(count: int, seed: int = 0) -> np.ndarray:
    """Return vectors (count, SIZE) float16 as those of music lie: clouds of many shapes that touch each other."""
    chance = np.random.default_rng(seed)
    turned = np.linalg.qr(chance.normal(size=(SIZE, SIZE)))[0].astype(np.float32)
    length = (0.97 ** np.arange(SIZE)).astype(np.float32) * 0.25
    middles = (chance.normal(size=(STYLES, SIZE)) * length * 1.5).astype(np.float32)
    shapes = chance.uniform(0.5, 1.5, size=(STYLES, SIZE)).astype(np.float32) * length
    found = np.empty((count, SIZE), np.float16)
    for start in range(0, count, PIECE):
        styles = chance.integers(STYLES, size=min(PIECE, count - start))
        own = chance.standard_normal((len(styles), SIZE), np.float32) * shapes[styles]
        found[start : start + len(styles)] = (middles[styles] + own) @ turned
    return found


def _filled(db: Database, file: Path, everything: np.ndarray) -> Space:
    """Write a library and its vectors as they would lie there, without music and without minutes of work."""
    raw = sqlite3.connect(file, isolation_level=None)
    raw.executescript("PRAGMA synchronous = OFF; BEGIN")
    layout = orjson.dumps(LAYOUT).decode()
    _written(raw, "space", "id purpose kind state dimensions layout d50 fitted_on",
             [(1, SIMILAR, BLOCKS, ACTIVE, SIZE, layout, 2.0, len(everything))])  # fmt: skip
    numbers = range(1, len(everything) + 1)
    _written(raw, "track", "id library_id folder_id album_id artist_id name audio_hash",
             ((at, 1 + at % LIBRARIES, 1, 1, at // 20, str(at), f"{at:032x}") for at in numbers))  # fmt: skip
    _written(raw, "embedding", "space_id audio_hash vector",
             ((1, f"{at:032x}", everything[at - 1].tobytes()) for at in numbers))  # fmt: skip
    raw.execute("COMMIT")
    raw.close()
    with db.reading() as conn:
        return spaces.by_id(conn, 1)


def _written(raw: sqlite3.Connection, table: str, columns: str, rows: Iterable[tuple]) -> None:
    names = columns.split()
    raw.executemany(f"INSERT INTO {table} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})", rows)


def _measured(conn: Connection, minds: Minds, space: Space, everything: np.ndarray) -> Iterator[Line]:
    size = len(everything)
    began = time.perf_counter()
    vectors.nearest(conn, minds, EVERYTHING, space, [(1, None, 1.0)], 1)
    yield Line("neighbours", f"{size} vectors are read", time.perf_counter() - began, "s")
    child = minds._children["neighbours"].pids[0]
    yield Line("neighbours", f"the child that holds {size} of them", rss_mb(child), "MB")
    asked = np.random.default_rng(1).integers(1, size + 1, QUERIES).tolist()
    exact = Exact(everything)
    exact_ms, truth = _each(asked, lambda track: exact.nearest(track, min(WANTED, size - 1)))
    cases = {
        "": lambda track: vectors.nearest(conn, minds, EVERYTHING, space, [(track, None, 1.0)], WANTED),
        ", one library of ten": lambda track: vectors.nearest(conn, minds, ONE, space, [(track, None, 1.0)], WANTED),
        ", rhythm twice": lambda track: vectors.nearest(
            conn, minds, EVERYTHING, space, [(track, None, 1.0)], WANTED, blocks={"rhythm": 2.0}
        ),
    }  # fmt: skip
    for name, ask in cases.items():
        ms, found = _each(asked, ask, child)
        most = None if name else MOST_MS.get(size, USUAL_MS)
        yield Line("neighbours", f"nearest {WANTED} of {size}{name}", ms, "ms CPU", exact_ms, "ms numpy, all", most,
                   absolute=True)  # fmt: skip
        if not name:
            hits = [len({track for track, _ in one} & other) / len(other) for one, other in
                    zip(found, truth, strict=True) if other]  # fmt: skip
            yield Line("neighbours", f"of the true nearest {WANTED} of {size}", sum(hits) / len(hits), "found",
                       least=LEAST_FOUND)  # fmt: skip
    pairs = np.random.default_rng(2).integers(1, size + 1, (PATHS, 2)).tolist()
    ms, _ = _each(
        pairs, lambda ends: path.between(conn, minds, EVERYTHING, *ends, STEPS, explained=False), child
    )
    yield Line("neighbours", f"a path of {STEPS} through {size}", ms, "ms CPU", most=MOST_PATH_MS)


class Exact:
    """What everything is compared with: all distances, in 32 bits."""

    def __init__(self, everything: np.ndarray):
        self._values = everything.astype(np.float32)
        self._norms = np.einsum("ij,ij->i", self._values, self._values)

    def nearest(self, track: int, count: int) -> set[int]:
        squares = self._norms - 2 * (self._values @ self._values[track - 1])
        squares[track - 1] = np.inf
        return set((np.argpartition(squares, count - 1)[:count] + 1).tolist())


def _each(asked: list, ask: Callable, child: int | None = None) -> tuple[float, list]:
    """Return what one question usually costs in milliseconds, and all answers."""
    spent, found = [], []
    for question in asked:
        began = _cpu_s(child)
        found.append(ask(question))
        spent.append(_cpu_s(child) - began)
    return 1000 * median(spent), found


def _cpu_s(child: int | None) -> float:
    return time.process_time() + (cpu_s(child) if child else 0.0)
