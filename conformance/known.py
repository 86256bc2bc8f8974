"""Known deviations of a server, each with its reason.

    [[deviation]]
    endpoint = "getAlbumList2"      # or "*" for all
    rule = "cors"
    reason = "CORS is left to the proxy in front of it"

A deviation that no longer shows fails the run: the list can only shrink by being looked at.
"""

import tomllib
from dataclasses import dataclass, replace
from pathlib import Path

from conformance.model import FAILED, KNOWN, PASSED, RETURNED, Outcome


@dataclass(frozen=True, slots=True)
class Deviation:
    endpoint: str
    rule: str
    reason: str

    def covers(self, outcome: Outcome) -> bool:
        return self.rule == outcome.rule.id and self.endpoint in ("*", outcome.endpoint)


def load(path: Path) -> list[Deviation]:
    """The deviations of a file; raises ValueError at an entry without endpoint, rule or reason."""
    found = []
    for at, entry in enumerate(tomllib.loads(path.read_text()).get("deviation", []), 1):
        missing = [name for name in ("endpoint", "rule", "reason") if not str(entry.get(name, "")).strip()]
        if missing:
            raise ValueError(f"{path}: deviation {at} has no {', '.join(missing)}")
        found.append(Deviation(entry["endpoint"], entry["rule"], entry["reason"]))
    return found


def apply(outcomes: list[Outcome], deviations: list[Deviation]) -> list[Outcome]:
    """The outcomes with known deviations marked, and those that no longer show marked as returned."""
    marked = list(outcomes)
    for deviation in deviations:
        covered = [at for at, outcome in enumerate(marked) if deviation.covers(outcome)]
        failed = [at for at in covered if marked[at].state in (FAILED, KNOWN)]
        for at in failed:
            one = marked[at]
            marked[at] = replace(one, state=KNOWN, got=f"{one.got} — known: {deviation.reason}")
        if not failed:
            for at in [at for at in covered if marked[at].state == PASSED][:1]:
                marked[at] = replace(marked[at], state=RETURNED, got=f"passes, yet is known: {deviation.reason}")
    return marked
