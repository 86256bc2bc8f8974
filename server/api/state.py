"""How the server is, gathered once for the page, for `/health` and for `/metrics`.

Strangers read this: it names no path, no person and no secret.
"""

import logging
import threading
import time
from dataclasses import dataclass

from ai import progress
from server.app import App
from server.kernel import jobs
from server.kernel.clock import Millis, now_ms
from server.kernel.config import Config
from server.kernel.db import Connection, Database
from server.kernel.errors import Conflict, Unavailable
from server.kernel.jobs import WORKER_LOCK, Job, Queue
from server.library import libraries
from server.library.libraries import Library, Size
from server.stream.transcode import Transcoder

STARTING_S = 30
"""A server without a worker is in order for so long: its own one starts after the first answers."""
LOOK_S = 5
STUCK_MS = 10 * 60 * 1000
NOTHING = Size()

log = logging.getLogger("familiar.pages")


@dataclass(frozen=True, slots=True)
class State:
    libraries: list[Library]
    sizes: dict[int, Size]
    scan: Job | None
    scanning: bool
    jobs: dict[tuple[str, str], int]
    waiting_ms: Millis
    """How long the oldest waiting job has waited."""
    analysis: progress.Brief

    @property
    def total(self) -> Size:
        """The size of all libraries together; an artist in two of them counts twice."""
        shown = [self.sizes.get(library.id, NOTHING) for library in self.libraries]
        return Size(*map(sum, zip(*shown, strict=True))) if shown else NOTHING


async def gather(app: App) -> State:
    """Read the state from the database."""
    return await app.db.read(_state, app.config)


def _state(db: Connection, config: Config) -> State:
    oldest = jobs.oldest_waiting(db)
    return State(
        libraries.everything(db),
        libraries.sizes(db),
        jobs.latest(db, "scan"),
        jobs.active(db, "scan"),
        jobs.counts(db),
        0 if oldest is None else max(0, now_ms() - oldest),
        progress.brief(db, config),
    )


class WorkerWatch:
    """Tells whether a worker lives, by the lock that it holds, and is reached; looks every few seconds at most."""

    def __init__(self, db: Database, queue: Queue):
        self._db, self._queue, self._since = db, queue, time.monotonic()
        self._looked, self._lives, self._reached = -LOOK_S, False, True
        # Two who look at once would take each other for the worker.
        self._one = threading.Lock()

    def told(self) -> str:
        """Return "running", "unreachable", "starting" or "stopped". Runs in a thread: it asks PostgreSQL and Redis."""
        with self._one:
            if time.monotonic() - self._looked >= LOOK_S:
                self._lives, self._reached = self._held(), self._queue.answers()
                self._looked = time.monotonic()
        if self._lives:
            return "running" if self._reached else "unreachable"
        return "starting" if time.monotonic() - self._since < STARTING_S else "stopped"

    def _held(self) -> bool:
        try:
            with self._db.lock(WORKER_LOCK):
                return False
        except Conflict:
            return True
        except Unavailable as error:
            log.warning("nobody can tell whether a worker runs: %s", error)
            return False


def troubles(app: App, state: State, worker: str) -> list[str]:
    """Return what is wrong, in words for everybody."""
    found = [f"{each.name} is offline: {public(each.reason)}." for each in state.libraries if not each.online]
    if state.scan is not None and state.scan.state == jobs.FAILED:
        found.append(f"The last scan failed: {state.scan.message}")
    if worker == "stopped":
        found.append("No worker is running, so nothing is scanned.")
    elif worker == "unreachable":
        found.append("Redis does not answer, so the worker is not told what to do and nothing is scanned.")
    elif state.waiting_ms > STUCK_MS and not state.scanning:
        found.append(f"A job has waited for {state.waiting_ms // 60_000} minutes.")
    if app.part(Transcoder).encoder is None:
        found.append("There is no ffmpeg, so tracks cannot be converted.")
    return found


def public(reason: str) -> str:
    """Return the part of a reason that names no path."""
    return reason.partition(":")[0].rstrip(".")
