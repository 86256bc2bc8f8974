"""How far analysis is: told by the worker in one row of the database, read by whoever asks.

Nothing here is counted for a question: a library of a million tracks takes
seconds to count. The rule a newcomer would break: an idle worker writes nothing,
so the row is as old as the last change.
"""

import time
from collections.abc import Sequence
from typing import Any, NamedTuple

import orjson

from ai import analyses, budget
from ai.analyses import VERSION, WAITING
from ai.waiting import Sound
from server.kernel import properties
from server.kernel.clock import now_ms
from server.kernel.config import Config
from server.kernel.db import Connection
from server.library import tracks
from server.users.people import Viewer

NAME = "analysis progress"
LISTENING, RESTING, MACHINE_BUSY = "listening", "resting", "machine busy"
NOT_INSTALLED, STOPPED, NEVER = "not installed", "stopped", "never begun"
MINUTES = 60
RECOUNT = 50
"""Counting everything takes at most one part in so many of the time."""
OLD_MS = 120_000
"""One who listens tells so at least as often."""
SHOWN = 200
"""How many of those that are left alone are named."""


class Progress:
    """What a worker holds."""

    def __init__(self, db: Connection, essentia: bool):
        self.essentia = essentia
        self._minutes: dict[int, int] = dict(of(db).get("minutes", ()))
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
        # Those that lie ahead were counted by a clock that has been put right.
        self._minutes = {minute: count for minute, count in self._minutes.items() if now - MINUTES < minute <= now}
        told = {
            "state": state, "reason": reason, "essentia": self.essentia, "counts": self.counts,
            "minutes": list(self._minutes.items()), "hearing": [[sound.track_id, sound.name] for sound in sounds],
        }  # fmt: skip
        text = repr(told)
        if text == self._told and state != LISTENING:
            return None
        self._told = text
        return told


class Brief(NamedTuple):
    """How far analysis is, in what everybody may know."""

    state: str
    reason: str
    essentia: bool
    counts: dict[str, int]
    """Sounds by state; those not heard yet under "waiting"."""
    per_hour: int
    """Sounds of the last hour; of less, reckoned to an hour."""
    eta_s: int | None

    @property
    def waiting(self) -> int:
        return self.counts.get(WAITING, 0)

    @property
    def all(self) -> int:
        return sum(self.counts.values())


class Status(NamedTuple):
    """All that an administrator is told."""

    brief: Brief
    budget: budget.Budget
    hearing: list[tuple[int, str]]
    """What is listened to now: track and name."""
    alone: list[tuple[int, str, str]]
    """Track, state and reason of those that are left alone, for they end what listens to them."""


def brief(db: Connection, config: Config) -> Brief:
    """Return how far it is. Costs two rows."""
    told, now_s = of(db), time.time()
    state = told.get("state", NEVER)
    if why := budget.of(db, config).now(time.localtime(now_s).tm_hour):
        state = why if state != NOT_INSTALLED else state
    elif state == LISTENING and told["at_ms"] < now_s * 1000 - OLD_MS:
        state = STOPPED
    counts = told.get("counts", {})
    rate = _per_hour(told.get("minutes", ()), now_s)
    waiting = counts.get(WAITING, 0)
    eta_s = round(waiting / rate * 3600) if rate and waiting and state == LISTENING else None
    return Brief(state, told.get("reason", ""), told.get("essentia", False), counts, round(rate), eta_s)


def status(db: Connection, viewer: Viewer, config: Config) -> Status:
    """Return all there is to tell. Raises Forbidden for all but administrators."""
    budget.allow(viewer)
    found = brief(db, config)
    hearing = [(number, name) for number, name in of(db).get("hearing", ())] if found.state == LISTENING else []
    heard = set(tracks.visible(db, viewer, [number for number, _ in hearing]))
    return Status(found, budget.of(db, config), [each for each in hearing if each[0] in heard],
                  analyses.quarantined(db, viewer, SHOWN))  # fmt: skip


def _per_hour(minutes: Sequence[Sequence[int]], now_s: float) -> float:
    recent = [(minute, count) for minute, count in minutes if now_s // 60 - MINUTES < minute <= now_s // 60]
    if not recent:
        return 0.0
    first = min(minute for minute, _ in recent)
    return sum(count for _, count in recent) * 60 / max(1.0, min(MINUTES, now_s / 60 - first))


def put(db: Connection, told: dict[str, Any]) -> None:
    properties.put(db, NAME, orjson.dumps(told | {"at_ms": now_ms()}).decode())


def of(db: Connection) -> dict[str, Any]:
    """Return what the worker told last; {} when none has yet."""
    return orjson.loads(properties.get(db, NAME) or "{}")
