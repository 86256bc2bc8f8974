"""What has to be reached, and what was: the table that `python -m ai.quality` prints.

The rule a newcomer would break: the small corpus answers coarser questions, so it
has gates of its own; they catch what broke, the full ones say how good it is.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple


class Row(NamedTuple):
    """One measured thing beside its gate."""

    name: str
    value: float
    gate: float | None
    """None: told, not judged."""
    most: bool = False
    """The gate is the most that it may be, not the least."""

    @property
    def passed(self) -> bool:
        if self.gate is None:
            return True
        # What is no number has not been reached.
        return self.value <= self.gate if self.most else self.value >= self.gate


class Gates(NamedTuple):
    """A gate for each of the four ways to measure."""

    full_essentia: float | None
    full_ours: float | None
    small_essentia: float | None
    small_ours: float | None


LEAST: Mapping[str, Gates] = {
    "tempo Acc1": Gates(0.70, 0.62, None, None),
    "tempo Acc2": Gates(0.95, 0.90, 0.90, 0.85),
    "tempo Acc1 with genre tags": Gates(0.85, 0.80, 0.80, 0.75),
    "no steady beat, told": Gates(1.0, 1.0, 1.0, 1.0),
    "key exact": Gates(0.87, 0.77, 0.80, 0.70),
    "key MIREX": Gates(0.90, 0.82, 0.85, 0.75),
    "metre, three or four": Gates(0.90, 0.85, 0.85, 0.80),
    "loudness, rho": Gates(0.95, 0.95, 0.90, 0.90),
    "energy, rho": Gates(0.85, 0.85, 0.85, 0.85),
    "danceability, AUC": Gates(0.78, 0.78, 0.75, 0.75),
    "acousticness, AUC": Gates(0.85, 0.85, 0.80, 0.80),
    "drums, AUC": Gates(0.95, 0.95, 0.92, 0.92),
    "speech, AUC": Gates(0.98, 0.98, 0.98, 0.98),
    "style among the nearest": Gates(0.80, 0.78, 0.70, 0.68),
    "style by another artist": Gates(0.68, 0.65, 0.55, 0.52),
    "times as good as 23 numbers": Gates(1.5, 1.4, 1.3, 1.2),
    "copies found first": Gates(1.0, 1.0, 1.0, 1.0),
    "fingerprints alike, least of copies": Gates(0.95, 0.95, 0.95, 0.95),
    "words, all tagged": Gates(0.80, 0.80, 0.60, 0.60),
    "words, half tagged": Gates(0.70, 0.70, 0.55, 0.55),
    "words, no tags": Gates(0.35, 0.35, 0.25, 0.25),
    "flow never below greedy and 2-opt": Gates(1.0, 1.0, 1.0, 1.0),
}
MOST: Mapping[str, Gates] = {
    "hub, in so many lists of five": Gates(15, 15, 15, 15),
    "orphans, in no list": Gates(0.05, 0.05, 0.12, 0.12),
    "fingerprints alike, most of others": Gates(0.75, 0.75, 0.78, 0.78),
    "CPU seconds of 4 minutes": Gates(6.0, 3.0, None, None),
    "memory, MB": Gates(300, 300, None, None),
}


def table(found: Mapping[str, float], small: bool, essentia: bool) -> list[Row]:
    """Return what was found beside what has to be, in the order of the gates."""
    which = 2 * small + (not essentia)
    rows = [Row(name, found[name], gates[which]) for name, gates in LEAST.items() if name in found]
    return rows + [Row(name, found[name], gates[which], True) for name, gates in MOST.items() if name in found]


def show(rows: Sequence[Row], write: Callable[[str], None] = print) -> bool:
    """Print a table and return whether every gate was reached."""
    width = max(len(row.name) for row in rows)
    write(f"{'':{width}}   value    gate")
    for row in rows:
        gate = "" if row.gate is None else f"{'≤' if row.most else '≥'} {row.gate:g}"
        write(f"{row.name:{width}} {row.value:7.3f} {gate:>7}  {'yes' if row.passed else 'NO'}")
    return all(row.passed for row in rows)
