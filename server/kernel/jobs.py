"""Work that does not fit into an answer: queued by name, done by a worker, watched through rows of our own.

A job is a plain function of plain JSON values, marked with `@job`. It may run
twice, so it keys what it does by what is true, not by what was asked. The queue
only says that there is something to do; progress, cancelling and the outcome
live in the table `job`, where the server can see them.

There may be several workers. Jobs of one name run one at a time, whoever does
them: a lock of that name is held meanwhile, so that what is said to run though
nobody holds the lock was lost with its worker.
"""

import logging
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from server.kernel.clock import Millis, now_ms
from server.kernel.db import Connection, Database
from server.kernel.errors import Conflict, Failure, Unavailable

OWNS = ("job",)
WORKER_LOCK = "worker"
"""A worker holds this lock for as long as it lives; whoever gets it knows that none does."""
WAITING, RUNNING, DONE, FAILED, CANCELLED = "waiting", "running", "done", "failed", "cancelled"
AGAIN_S = 15
"""How long a job may wait for nothing before its number is sent again."""
KEPT = 200
"""How many ended jobs of a name are remembered."""
PAUSE_S, ATTEMPTS = 30, 1000

log = logging.getLogger(__name__)


class Job(NamedTuple):
    id: int
    name: str
    state: str
    progress: dict
    message: str
    created_ms: Millis
    started_ms: Millis | None
    ended_ms: Millis | None


class Running:
    """What a job gets as its second argument: where it tells how far it is and learns that it should stop."""

    def __init__(self, db: Database, number: int):
        self._db, self.id = db, number

    def report(self, progress: dict) -> bool:
        """Put down the progress, and return whether to go on."""
        with self._db.writing() as conn:
            conn.run("UPDATE job SET progress = :progress WHERE id = :id", id=self.id,
                     progress=orjson.dumps(progress).decode())  # fmt: skip
            return not conn.value("SELECT cancelled FROM job WHERE id = :id", id=self.id)


REGISTRY: dict[str, Callable[..., Any]] = {}


def job(function: Callable[..., Any]) -> Callable[..., Any]:
    """Make `function(app, running, **arguments)` something that can be queued under its name."""
    REGISTRY[function.__name__] = function
    return function


def add(db: Connection, name: str, arguments: dict) -> tuple[int, bool]:
    """Return the number of a waiting job with these very arguments, and whether it had to be made."""
    text = orjson.dumps(arguments, option=orjson.OPT_SORT_KEYS).decode()
    known = db.value(
        "SELECT id FROM job WHERE name = :name AND state = :state AND arguments = :arguments AND cancelled = 0",
        name=name, state=WAITING, arguments=text,
    )  # fmt: skip
    if known is not None:
        return known, False
    number = db.insert(
        "INSERT INTO job (name, arguments, state, progress, created_ms) VALUES (:name, :arguments, :state, '{}', :now)"
        " RETURNING id", name=name, arguments=text, state=WAITING, now=now_ms(),
    )  # fmt: skip
    return number, True


def latest(db: Connection, name: str) -> Job | None:
    """Return the job of a name that runs, else the newest that has begun, else the newest at all.

    By number, not by time: clocks are set back, and several machines have several of them.
    """
    row = db.row(
        "SELECT id, name, state, progress, message, created_ms, started_ms, ended_ms FROM job WHERE name = :name"
        " ORDER BY CASE WHEN state = :running THEN 0 WHEN started_ms IS NULL THEN 2 ELSE 1 END, id DESC LIMIT 1",
        name=name, running=RUNNING,
    )  # fmt: skip
    return _job(row) if row else None


def active(db: Connection, name: str) -> bool:
    """Tell whether a job of this name runs or waits."""
    return bool(db.value("SELECT count(*) FROM job WHERE name = :name AND state IN ('waiting', 'running')", name=name))


def counts(db: Connection) -> dict[tuple[str, str], int]:
    """Return (name, state) → how many jobs."""
    rows = db.rows("SELECT name, state, CAST(count(*) AS BIGINT) FROM job GROUP BY name, state")
    return {(name, state): number for name, state, number in rows}


def oldest_waiting(db: Connection) -> Millis | None:
    """Return when the job was queued that waits longest, or None when none waits."""
    return db.value("SELECT min(created_ms) FROM job WHERE state = :state", state=WAITING)


def overdue(db: Connection, before_ms: Millis) -> list[int]:
    """Return the jobs that have waited since before a moment, when none runs that they could be waiting for."""
    if db.value("SELECT count(*) FROM job WHERE state = :state", state=RUNNING):
        return []
    return [number for (number,) in db.rows(
        "SELECT id FROM job WHERE state = :state AND created_ms < :before ORDER BY id", state=WAITING, before=before_ms,
    )]  # fmt: skip


def cancel(db: Connection, name: str) -> int:
    """Ask all waiting and running jobs of a name to stop; return how many there were."""
    return db.run("UPDATE job SET cancelled = 1 WHERE name = :name AND state IN ('waiting', 'running')", name=name)


def waiting(db: Connection, name: str = "") -> list[int]:
    """Return the jobs that wait, all or those of a name, in their order."""
    return [number for (number,) in db.rows(
        "SELECT id FROM job WHERE state = :state AND (:name = '' OR name = :name) ORDER BY id",
        state=WAITING, name=name,
    )]  # fmt: skip


def running(db: Connection) -> set[str]:
    """Return the names of the jobs that run, or did when their worker died."""
    return {name for (name,) in db.rows("SELECT DISTINCT name FROM job WHERE state = :state", state=RUNNING)}


def give_up_lost(db: Connection, name: str) -> list[dict]:
    """Mark what is said to run though nobody does it as failed, and return its arguments, for doing it again."""
    rows = db.rows("SELECT arguments FROM job WHERE state = :state AND name = :name", state=RUNNING, name=name)
    db.run(
        "UPDATE job SET state = :failed, message = 'The worker ended while this ran.', ended_ms = :now"
        " WHERE state = :running AND name = :name", failed=FAILED, running=RUNNING, now=now_ms(), name=name,
    )  # fmt: skip
    return [orjson.loads(arguments) for (arguments,) in rows]


def perform(app, number: int) -> str | None:
    """Run a queued job, put down how it ended, and return its name; None when it has to wait or was done already."""
    with ExitStack() as held:
        try:
            with app.db.reading() as conn:
                name = conn.value("SELECT name FROM job WHERE id = :id AND state = :state", id=number, state=WAITING)
            if name is None:
                return None
            held.enter_context(_lock(app.db, name))
        except Conflict:
            return None  # another worker is at one of this name, and sends the others when that has ended
        except Unavailable as error:
            log.warning("job %s waits: %s", number, error)
            return None
        _perform(app, number)
    return name


def _lock(db: Database, name: str):
    """Return the lock that whoever does a job of this name holds; entering it raises Conflict where somebody does."""
    return db.lock(f"job-{name}")


def _perform(app, number: int) -> None:
    begun = _insist(app.db, _begin, number)
    if begun is None:
        return
    name, arguments = begun
    state, message = DONE, ""
    try:
        message = REGISTRY[name](app, Running(app.db, number), **arguments) or ""
    except Failure as error:
        state, message = FAILED, str(error)
    except Exception:
        log.exception("job %s failed", name)
        state, message = FAILED, "It failed unexpectedly; the log says how."
    _insist(app.db, _end, number, state, message)


def _begin(db: Connection, number: int) -> tuple[str, dict] | None:
    """Mark a waiting job as running and return what it is; None when it is not to be run."""
    row = db.row("SELECT name, arguments, state, cancelled FROM job WHERE id = :id", id=number)
    if row is None or row[2] != WAITING:
        return None
    state = CANCELLED if row[3] else RUNNING
    db.run("UPDATE job SET state = :state, started_ms = :now WHERE id = :id", id=number, now=now_ms(), state=state)
    return None if state == CANCELLED else (row[0], orjson.loads(row[1]))


def _end(db: Connection, number: int, state: str, message: str) -> None:
    """Put down how a job ended, and forget the oldest ones of its name."""
    name, cancelled = db.row("SELECT name, cancelled FROM job WHERE id = :id", id=number)
    if cancelled and state == FAILED:
        state = CANCELLED
    db.run("UPDATE job SET state = :state, message = :message, ended_ms = :now WHERE id = :id",
           id=number, state=state, message=message, now=now_ms())  # fmt: skip
    db.run(
        "DELETE FROM job WHERE name = :name AND ended_ms IS NOT NULL AND id NOT IN"
        " (SELECT id FROM job WHERE name = :name ORDER BY id DESC LIMIT :kept)", name=name, kept=KEPT,
    )  # fmt: skip


def _insist(db: Database, verb: Callable[..., Any], *args) -> Any:
    """Write, again and again while the database cannot: else a job would seem to wait or to run for ever."""
    for attempt in range(1, ATTEMPTS + 1):
        try:
            with db.writing() as conn:
                return verb(conn, *args)
        except Unavailable as error:
            if attempt == ATTEMPTS:
                raise
            log.warning("the state of a job cannot be put down yet: %s", error)
            time.sleep(PAUSE_S)
    return None


class Queue:
    """Where job numbers travel from whoever wants something to whoever does it."""

    def __init__(self, redis_url: str, file: Path):
        self._huey = self._task = self._app = None
        self._busy = False
        self._redis_url, self._file = redis_url, file

    def submit(self, db: Database, name: str, **arguments) -> int:
        """Queue a job and return its number; one that waits already with the same arguments is not queued twice."""
        with db.writing() as conn:
            number, new = add(conn, name, arguments)
        if new:
            self._send_if_possible(number)
        return number

    def answers(self) -> bool:
        """Tell whether what carries the numbers can be reached; it may take seconds to find that it cannot."""
        if not self._redis_url:
            return True
        try:
            self._open()
            return bool(self._huey.storage.conn.ping())
        except Exception:
            return False

    def consume(self, app) -> None:
        """Do jobs, one at a time, until the process is told to end. Only in the main thread of a worker.

        What ran when a worker died is done again; what waited without a message gets one.
        """
        self._open()
        self._app = app
        self._send_waiting(app.db)
        threading.Thread(target=self._send_again, args=(app.db,), daemon=True).start()
        consumer = self._huey.create_consumer(
            workers=1, initial_delay=0.05, max_delay=0.5, backoff=1.3, check_worker_health=True, periodic=False
        )
        consumer.run()

    def _open(self) -> None:
        if self._huey is not None:
            return
        from server.kernel.jobs_huey import open_huey

        self._huey = open_huey(self._redis_url, self._file)
        self._task = self._huey.task()(self._perform)

    def _send(self, number: int) -> None:
        self._open()
        self._task(number)

    def _send_if_possible(self, number: int) -> None:
        """Send a number; where Redis is away or the disk full, the job waits until `_send_again` gets through."""
        try:
            self._send(number)
        except Exception as error:
            log.warning("job %s waits: the queue cannot be reached (%s)", number, type(error).__name__)

    def _send_again(self, db: Database) -> None:
        """Send what has waited for long though nothing runs: its message was lost with the queue, or never left.

        And what a worker was at when it died; not while this one works, for a database that was restarted has
        forgotten what is held.
        """
        while True:
            with suppress(Failure):
                if not self._busy:
                    self._do_lost_again(db)
                with db.reading() as conn:
                    forgotten = overdue(conn, now_ms() - AGAIN_S * 1000)
                for number in forgotten:
                    self._send_if_possible(number)
            time.sleep(AGAIN_S)

    def _do_lost_again(self, db: Database) -> None:
        with db.reading() as conn:
            names = running(conn)
        for name in names:
            with suppress(Conflict), _lock(db, name):
                with db.writing() as conn:
                    lost = give_up_lost(conn, name)
                for arguments in lost:
                    self.submit(db, name, **arguments)

    def _send_waiting(self, db: Database, name: str = "") -> None:
        with db.reading() as conn:
            numbers = waiting(conn, name)
        for number in numbers:
            self._send_if_possible(number)

    def _perform(self, number: int) -> None:
        self._busy = True
        try:
            name = perform(self._app, number)
        finally:
            self._busy = False
        if name:
            # Other workers have passed over those of its name meanwhile.
            self._send_waiting(self._app.db, name)


def _job(row: tuple) -> Job:
    return Job(row[0], row[1], row[2], orjson.loads(row[3] or "{}"), *row[4:])
