"""Analyses to vectors: the weight-free space is fitted, filled and brought into use by itself.

It is fitted when 50 sounds have been heard, and again whenever their number has
doubled, for the scale of half a library puts the same neighbours first. The rule
a newcomer would break: whatever runs here may be ended at any moment; what is
still lacking is read from the tables, never remembered.
"""

import base64
import logging
import threading
import time
from collections.abc import Iterator
from typing import Any

import orjson

from ai import contest, spaces, vectors
from ai.minds import MINDS, Minds
from ai.spaces import BLOCKS, BUILDING, PRESENT, SIMILAR, TEXT, Space
from server.kernel import lasting
from server.kernel.db import Connection, Database
from server.kernel.errors import Failure, Unavailable
from server.kernel.run import Child, ChildDied

log = logging.getLogger("familiar.ears")

MIND = "neighbours"
FIRST = 50
"""So many sounds have to be known before anything is compared."""
SAMPLE = 20_000
AMONG = 5000
"""Sounds among which neighbours are looked for when it is measured how far apart they lie."""
AT_ONCE = 500
LOOK_S, QUIET_S, LONGEST_S, ABSENT_S = 3.0, 20.0, 300.0, 10.0
"""How often it looks, how long nothing more must come before it acts, and how long it waits for that at most."""
COMPUTE_S = 900
"""For whom nobody waits, and who waits for everybody."""
LOCK = "spaces"
_told: set[str] = set()
"""What was logged already: it would be true again every few seconds."""


def catch_up(db: Database, minds: Minds) -> int:
    """Give every analysed sound its vector in the weight-free space; return how many were made."""
    with db.reading() as conn:
        space, heard, version = _newest(conn), *_heard(conn)
        used = {each.id: each for each in (spaces.active(conn, SIMILAR), spaces.active(conn, TEXT)) if each}
    for each in used.values():
        _say_once(vectors.repair(db, each))
    if heard < FIRST and space is None:
        return 0
    if space is None or heard >= 2 * space.fitted_on or (version > space.version and heard >= FIRST):
        space = _fitted(db, minds, space, heard, version)
    made = sum(_fill(db, minds, space))
    with db.reading() as conn:
        active = spaces.active(conn, SIMILAR)
    # The one in use stays so for long where the newer one is held back.
    beside = active is not None and active.kind == BLOCKS and active.id != space.id
    if beside and (more := sum(_fill(db, minds, active))):
        _spread(db, minds, active)
        made += more
    # What somebody chose counts more than what makes itself; this one stays to go back to.
    if space.state == BUILDING and (active is None or active.kind == BLOCKS):
        bring_into_use(db, minds, space)
    elif made:
        _spread(db, minds, space)
    return made


def bring_into_use(db: Database, minds: Minds, space: Space) -> Space:
    """Use a space when it knows enough of the library and is not clearly worse than the one in use.

    Return it as it is then. For spaces of any kind.
    """
    if sentence := vectors.prepare(db):
        _say_once(sentence)
        return space
    with db.reading() as conn:
        size = spaces.size(conn, space)
        if size.share < spaces.COVERED:
            return space
    if contest.lost(db, minds, space):
        return space
    with db.reading() as conn:
        sample = spaces.sample(conn, space, SAMPLE)
    question = {
        "do": "measure", "vectors": base64.b64encode(sample).decode(), "dimensions": space.dimensions,
        "sizes": [size for _, size in space.layout],
    }  # fmt: skip
    d50, near = minds.ask(MIND, question, COMPUTE_S)
    _spread(db, minds, space)
    with db.writing() as conn:
        active = vectors.activate(conn, space, d50, near, spaces.usual_spread(conn, space))
    log.info("%d of %d songs can be compared now (space %d, %s)", *size, space.id, space.kind)
    return active


def _say_once(sentence: str) -> None:
    if sentence and sentence not in _told:
        log.warning("%s", sentence)
        _told.add(sentence)


def _spread(db: Database, minds: Minds, space: Space) -> None:
    """Measure how far the neighbours lie from each sound that has not been measured."""
    with db.reading() as conn:
        among = base64.b64encode(spaces.sample(conn, space, AMONG)).decode()
    while True:
        with db.reading() as conn:
            rows = spaces.unspread(conn, space, 4 * AT_ONCE)
        if not rows:
            return
        question = {
            "do": "spread", "vectors": _joined(row[1] for row in rows), "among": among, "dimensions": space.dimensions,
        }  # fmt: skip
        told = minds.ask(MIND, question, COMPUTE_S)
        with db.writing() as conn:
            spaces.put_spread(conn, space, [(row[0], each) for row, each in zip(rows, told, strict=True)])


def _newest(conn: Connection) -> Space | None:
    return next((space for space in spaces.everything(conn) if space.kind == BLOCKS), None)


def _heard(conn: Connection) -> tuple[int, int]:
    """Return how many sounds the newest analyser has described, and which version that is."""
    version = conn.value("SELECT max(version) FROM track_analysis WHERE state = 'ok' AND blocks IS NOT NULL") or 0
    return conn.value(
        "SELECT CAST(count(DISTINCT a.audio_hash) AS BIGINT) FROM track_analysis a JOIN track t"
        " ON t.audio_hash = a.audio_hash WHERE a.state = 'ok' AND a.version = :version AND a.blocks IS NOT NULL"
        f" AND {PRESENT}", version=version,
    ), version  # fmt: skip


def _fitted(db: Database, minds: Minds, before: Space | None, heard: int, version: int) -> Space:
    """Return a new space whose scale is that of the library as it is now."""
    with db.reading() as conn:
        rows = conn.rows(
            "SELECT blocks FROM track_analysis WHERE state = 'ok' AND version = :version AND blocks IS NOT NULL"
            " ORDER BY audio_hash LIMIT :sample", version=version, sample=SAMPLE,
        )  # fmt: skip
    fit = minds.ask(MIND, {"do": "fit", "raw": _joined(row[0] for row in rows)}, COMPUTE_S)
    with db.writing() as conn:
        if before is not None and before.state == BUILDING:
            spaces.drop(conn, before)
        return spaces.create(
            conn, SIMILAR, BLOCKS, fit["dimensions"], layout=fit["layout"], version=version, fitted_on=heard,
            fit=orjson.dumps({"middle": fit["middle"], "width": fit["width"]}).decode(),
        )  # fmt: skip


def _fill(db: Database, minds: Minds, space: Space) -> Iterator[int]:
    with db.reading() as conn:
        fit = orjson.loads(spaces.fit_of(conn, space))
    while True:
        with db.reading() as conn:
            rows = conn.rows(
                "SELECT a.audio_hash, a.blocks FROM track_analysis a LEFT JOIN embedding e ON e.space_id = :space"
                " AND e.audio_hash = a.audio_hash WHERE a.state = 'ok' AND a.version = :version"
                " AND a.blocks IS NOT NULL AND e.audio_hash IS NULL LIMIT :limit",
                space=space.id, version=space.version, limit=AT_ONCE,
            )  # fmt: skip
        if not rows:
            return
        scaled = minds.ask(MIND, {"do": "scale", "fit": fit, "raw": _joined(row[1] for row in rows)}, COMPUTE_S)
        stored, width = base64.b64decode(scaled), 2 * space.dimensions
        with db.writing() as conn:
            yield vectors.put(conn, space, [
                (row[0], spaces.unpacked(space, stored[at * width : (at + 1) * width])) for at, row in enumerate(rows)
            ])  # fmt: skip


def _joined(parts: Iterator[bytes]) -> str:
    return base64.b64encode(b"".join(parts)).decode()


class Aside:
    """The mind that fits and measures, as a process of its own that takes only what nobody else wants and ends soon."""

    def __enter__(self) -> "Aside":
        mind = MINDS[MIND]
        self._child = Child(mind.function, memory_mb=mind.memory_mb, idle=True)
        return self

    def __exit__(self, *_) -> None:
        self._child.close()

    def ask(self, name: str, question: Any, timeout_s: float) -> Any:
        """Do what `Minds.ask` does."""
        try:
            return self._child.call(question, timeout_s)
        except ChildDied as died:
            raise Unavailable(f"The process that compares sounds {died.reason}.") from died


class Patience:
    """Says when to act on something that keeps changing: when it has been quiet, or after a while all the same."""

    def __init__(self):
        self._seen: object = None
        self._first_s = self._last_s = 0.0
        self.pending = False

    def due(self, seen: object, now_s: float, hurry: bool) -> bool:
        """Tell whether to act now; `seen` is what differs after a change, `hurry` says that somebody waits for it."""
        if seen != self._seen:
            self._first_s = self._first_s if self.pending else now_s
            self._seen, self._last_s, self.pending = seen, now_s, True
        quiet, long = now_s - self._last_s >= QUIET_S, now_s - self._first_s >= LONGEST_S
        if self.pending and (hurry or quiet or long):
            self.pending = False
            return True
        return False


def keep_embedding(app, stop: threading.Event) -> None:
    """Follow the analyses until `stop` is set; where another worker does it, stand by."""
    lasting.alone(app, stop, LOCK, ABSENT_S, lambda: _turn(app, stop))


def _turn(app, stop: threading.Event) -> None:
    patience, until_s = Patience(), time.monotonic() + 60
    while not stop.is_set() and (time.monotonic() < until_s or patience.pending):
        with app.db.reading() as conn:
            seen, hurry = conn.versions(("analyses", contest.VERSION)), spaces.active(conn, SIMILAR) is None
        if patience.due(seen, time.monotonic(), hurry):
            try:
                with Aside() as aside:
                    catch_up(app.db, aside)
            except Failure as failure:
                log.warning("Vectors could not be made: %s", failure)
        stop.wait(LOOK_S)
