"""Threads of a worker that last: what fails unexpectedly is in the log, and begun anew after a while.

The rule a newcomer would break: what a worker keeps doing is started here. In a
plain thread the first mistake would end it for good, and nobody would notice
until somebody misses what it did.
"""

import logging
import threading
from collections.abc import Callable
from typing import Any

from server.kernel.errors import Conflict, Unavailable

log = logging.getLogger("familiar.worker")

AGAIN_S = 60.0


def thread(keep: Callable[[Any, threading.Event], None], app: Any, stop: threading.Event) -> threading.Thread:
    """Return a thread that calls `keep(app, stop)` until that returns by itself, or `stop` is set."""
    return threading.Thread(target=_last, args=(keep, app, stop), name=keep.__name__, daemon=True)


def alone(app: Any, stop: threading.Event, lock: str, pause_s: float, turn: Callable[[], None]) -> None:
    """Call `turn()` again and again until `stop` is set; where another worker holds the lock, stand by.

    A turn takes a minute or so, not for ever: a database that was restarted has forgotten who holds the lock.
    """
    while not stop.is_set():
        try:
            with app.db.lock(lock):
                turn()
        except (Conflict, Unavailable):
            stop.wait(pause_s)


def _last(keep: Callable[[Any, threading.Event], None], app: Any, stop: threading.Event) -> None:
    while not stop.is_set():
        try:
            return keep(app, stop)
        except Exception:
            if not stop.is_set():
                log.exception("%s failed unexpectedly; it begins again in %d s", keep.__name__, AGAIN_S)
            stop.wait(AGAIN_S)
