"""How much analysis may take: how many cores, in which hours, and whether it is paused.

Settings say what an installation begins with; what an administrator changes
while it runs is kept in the database and counts more. The rule a newcomer would
break: a budget is read again and again, never kept, so that a change acts at once.
"""

import os
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from server.kernel import properties
from server.kernel.clock import hours_of, in_hours
from server.kernel.config import Config
from server.kernel.db import Connection
from server.kernel.errors import Forbidden, Invalid
from server.users.people import Viewer

NAME = "analysis budget"
MOST_CORES = 256


class Budget(NamedTuple):
    on: bool
    """Whether the installation analyses at all."""
    paused: bool
    cores: int
    hours: str
    """"1-6" from one to six at night by the server's clock, "" always."""

    def now(self, hour: int) -> str:
        """Return why nothing is listened to in an hour of the day, or "" when it is."""
        if not self.on:
            return "off"
        if self.paused:
            return "paused"
        return "" if in_hours(self.hours, hour) else "outside its hours"


def of(db: Connection, config: Config) -> Budget:
    """Return the budget as it is now."""
    changed = orjson.loads(properties.get(db, NAME) or "{}")
    return Budget(
        bool(config.analysis),
        changed.get("paused", False),
        changed.get("cores") or config.analysis_cores or max(1, cores() // 2),
        changed.get("hours", config.analysis_hours),
    )


def allow(viewer: Viewer) -> None:
    """Raise Forbidden for all but administrators."""
    if not viewer.is_admin:
        raise Forbidden("Only administrators may see and change how music is analysed.")


def change(db: Connection, viewer: Viewer, *, paused: bool | None = None, cores: int | None = None,
           hours: str | None = None) -> None:  # fmt: skip
    """Change parts of the budget; 0 cores is the number that the settings say. Raises Invalid and Forbidden."""
    allow(viewer)
    given: dict[str, Any] = {"paused": paused, "cores": cores}
    if cores is not None and not 0 <= cores <= MOST_CORES:
        raise Invalid(f"Cores are 0 to {MOST_CORES}; 0 is what the settings say.")
    if hours is not None:
        try:
            given["hours"] = hours_of(hours)
        except ValueError:
            raise Invalid('Hours look like "1-6", from one to six; "" is always.') from None
    kept = orjson.loads(properties.get(db, NAME) or "{}")
    kept |= {name: value for name, value in given.items() if value is not None}
    properties.put(db, NAME, orjson.dumps(kept).decode())


def cores() -> int:
    """Return how many cores this process may use, in a container too."""
    allowed = len(os.sched_getaffinity(0))
    with suppress(OSError, ValueError):
        quota, period = Path("/sys/fs/cgroup/cpu.max").read_text().split()
        allowed = min(allowed, max(1, int(quota) // int(period)))
    return allowed
