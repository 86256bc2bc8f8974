"""What it costs to find music by description: by the lexicon alone, and with a model of words where one is installed.

The library is drawn: traits and vectors of captions by chance. The whole verb is
measured, from the words to the reasons, on the clock, for somebody waits for it.
"""

import sqlite3
import tempfile
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from random import Random
from statistics import median

import numpy as np

from ai import captioning, find, gloss, spaces, traits, words
from ai.minds import Minds
from ai.spaces import ACTIVE, TEXT
from server.bench.report import Line
from server.bench.shop import Shop
from server.kernel import migrate
from server.kernel.config import load
from server.kernel.db import Connection, open_database
from server.users.people import LISTENER, Viewer

QUERIES = (
    "rainy piano", "upbeat electronic with heavy bass", "slow 80s pop without drums around 90 bpm",
    "calm music to fall asleep", "fast aggressive metal", "jazz like nobody in particular",
)  # fmt: skip
ROUNDS, WANTED = 5, 20
DIMENSIONS, STYLES = 384, 300
MOST_MS = {find.LEXICON: 50.0, find.CAPTIONS: 60.0}
EVERYTHING = Viewer(1, "bench", LISTENER, (1,))


def finding(shop: Shop) -> Iterator[Line]:
    """Measure finding in a library of the usual size."""
    with tempfile.TemporaryDirectory(prefix="finding-", dir=shop.folder) as folder:
        db, minds = open_database(f"sqlite://{folder}/familiar.db"), Minds()
        try:
            migrate.migrate(db)
            model = words.folder(load({}, {}))
            digest = minds.ask(words.MIND, {"do": "look", "folder": model})["digest"] if model else ""
            _filled(Path(folder) / "familiar.db", shop.usual, digest)
            with db.writing() as conn:
                words.put_folder(conn, words.CAPTIONS, model)
            with db.reading() as conn:
                yield from _measured(conn, minds, shop.usual, find.CAPTIONS if model else find.LEXICON)
            if model:
                with db.writing() as conn:
                    spaces.retire(conn, spaces.active(conn, TEXT))
                with db.reading() as conn:
                    yield from _measured(conn, minds, shop.usual, find.LEXICON)
        finally:
            minds.close_now()
            db.close()


def _measured(conn: Connection, minds: Minds, size: int, how: str) -> Iterator[Line]:
    began = time.perf_counter()
    answer = find.find(conn, minds, EVERYTHING, QUERIES[0], WANTED)
    if answer.how != how or len(answer.tracks) != WANTED:
        raise RuntimeError(f"{answer.how} answered with {len(answer.tracks)} songs: {answer.why}")
    yield Line("finding", f"the first answer, by {how}, of {size}", time.perf_counter() - began, "s")
    spent = []
    for query in QUERIES * ROUNDS:
        began = time.perf_counter()
        find.find(conn, minds, EVERYTHING, query, WANTED)
        spent.append(time.perf_counter() - began)
    yield Line("finding", f"{WANTED} of {size} songs, by {how}", 1000 * median(spent), "ms", most=MOST_MS[how],
               absolute=True)  # fmt: skip


def _filled(file: Path, count: int, digest: str) -> None:
    """Write a library as it would lie there, without music and without hours of work."""
    chance, numbers = Random(1), range(1, count + 1)
    raw = sqlite3.connect(file, isolation_level=None)
    raw.executescript("PRAGMA synchronous = OFF; BEGIN")
    _written(raw, "track", "id library_id folder_id album_id name title artist audio_hash",
             ((at, 1, 1, 1, str(at), f"song {at}", f"artist {at // 20}", f"{at:032x}") for at in numbers))  # fmt: skip
    _written(raw, "caption", "track_id version caption traits vector_in",
             ((at, captioning.VERSION, "calm, soft, relaxed, slow tempo, no drums, minor key", _traits(chance), 1)
              for at in numbers))  # fmt: skip
    if digest:
        _written(raw, "space", "id purpose kind state dimensions layout model towers d50 near",
                 [(1, TEXT, words.CAPTIONS, ACTIVE, DIMENSIONS, "[]", digest, digest, 1.0, "[]")])  # fmt: skip
        _written(raw, "embedding", "space_id audio_hash vector",
                 ((1, f"{at:032x}", vector) for at, vector in zip(numbers, _vectors(count), strict=True)))  # fmt: skip
    raw.execute("COMMIT")
    raw.close()


def _traits(chance: Random) -> bytes:
    found = bytearray(chance.randrange(traits.MOST) for _ in traits.NAMES)
    found[traits.PLACE["key"]] = chance.randrange(24)
    found[traits.PLACE["metre"]] = chance.choice((3, 4, 4, 4))
    found[traits.PLACE["genre"]] = chance.randrange(len(gloss.ROWS))
    found[traits.PLACE["genre2"]] = traits.UNKNOWN
    return bytes(found)


def _vectors(count: int) -> Iterator[bytes]:
    chance = np.random.default_rng(0)
    styles = chance.standard_normal((STYLES, DIMENSIONS), np.float32)
    for _ in range(count):
        one = styles[chance.integers(STYLES)] + 0.6 * chance.standard_normal(DIMENSIONS, np.float32)
        yield (one / np.linalg.norm(one)).astype("<f2").tobytes()


def _written(raw: sqlite3.Connection, table: str, columns: str, rows: Iterable[tuple]) -> None:
    names = columns.split()
    raw.executemany(f"INSERT INTO {table} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})", rows)
