"""How far analysis is: told by the worker in one row of the database, read by whoever asks.

Nothing here is counted for a question: a library of a million tracks takes
seconds to count. The rule a newcomer would break: an idle worker writes nothing,
so the row is as old as the last change.
"""

import time
from collections import OrderedDict
from collections.abc import Sequence
from typing import Any

import orjson

from ai import analyses
from ai.analyses import VERSION
from ai.waiting import Sound
from server.kernel import properties
from server.kernel.clock import now_ms
from server.kernel.db import Connection

NAME = "analysis progress"
LISTENING, RESTING, MACHINE_BUSY = "listening", "resting", "machine busy"
NOT_INSTALLED, STOPPED, NEVER = "not installed", "stopped", "never begun"
MINUTES = 60
RECOUNT = 50
"""Counting everything takes at most one part in so many of the time."""
OLD_MS = 120_000
"""One who listens tells so at least as often."""
WAITING = "waiting"


class Progress:
    """What a worker holds."""

    def __init__(self, db: Connection, essentia: bool):
        self.essentia = essentia
        self._minutes: OrderedDict[int, int] = OrderedDict(of(db).get("minutes", ()))
        self.heard = self.cpu_ms = 0
        self.counts: dict[str, int] = {}
        self._counted: tuple[int, ...] = ()
        self._counted_s, self._took_s, self._told = -1e9, 0.0, ""

    def count(self, cpu_ms: int) -> None:
        """Count one sound that was heard."""
        minute = int(time.time() // 60)
        self._minutes[minute] = self._minutes.get(minute, 0) + 1
        self.heard, self.cpu_ms = self.heard + 1, self.cpu_ms + cpu_ms

    def look(self, db: Connection) -> None:
        """Count the library again, if it is time for that."""
        began, versions = time.monotonic(), db.versions(("library", "analyses"))
        if versions != self._counted and began - self._counted_s > RECOUNT * self._took_s:
            self.counts, self._counted = analyses.states(db, VERSION), versions
            self._counted_s = time.monotonic()
            self._took_s = self._counted_s - began

    def news(self, state: str, sounds: Sequence[Sound], reason: str = "") -> dict[str, Any] | None:
        """Return what is to be told, or None when nothing is new."""
        now = int(time.time() // 60)
        while self._minutes and next(iter(self._minutes)) <= now - MINUTES:
            self._minutes.popitem(last=False)
        told = {
            "state": state, "reason": reason, "essentia": self.essentia, "counts": self.counts,
            "minutes": list(self._minutes.items()), "hearing": [[sound.track_id, sound.name] for sound in sounds],
        }  # fmt: skip
        text = repr(told)
        if text == self._told and state != LISTENING:
            return None
        self._told = text
        return told


def put(db: Connection, told: dict[str, Any]) -> None:
    properties.put(db, NAME, orjson.dumps(told | {"at_ms": now_ms()}).decode())


def of(db: Connection) -> dict[str, Any]:
    """Return what the worker told last; {} when none has yet."""
    return orjson.loads(properties.get(db, NAME) or "{}")
