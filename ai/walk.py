"""A walk from one point to another over tracks that lie near the straight line; pure numpy, runs in children.

First the nearest to each step of the line, then each step is exchanged for a
better one while that makes the whole walk smoother: sum(step²) + .35 · off-line².
The rule a newcomer would break: the walk has the length that was asked for and
its ends are given, so only what lies between may move.
"""

import numpy as np

OFF_LINE = 0.35
SAME_ARTIST, TOO_MUCH = 2.0, 50.0
"""What neighbours by one artist cost, and an artist of whom there are `MOST` already: in a usual step, squared."""
MOST = 3
SWEEPS = 12


def line(start: np.ndarray, end: np.ndarray, count: int) -> np.ndarray:
    """Return the `count` points between two points (dimensions,), without those two."""
    at = (np.arange(1, count + 1, dtype=np.float32) / (count + 1))[:, None]
    return start + (end - start) * at


def walk(start: np.ndarray, end: np.ndarray, points: np.ndarray, artists: np.ndarray,
         ends: tuple[int, int], count: int) -> list[int]:  # fmt: skip
    """Return the rows of `points` (m, dimensions) that lead from start to end, `count` of them or all there are.

    `artists`: (m,) numbers, 0 for nobody; `ends`: the artists of both ends.
    """
    count = min(count, len(points))
    if count < 1:
        return []
    targets = line(start, end, count)
    norms = np.einsum("ij,ij->i", points, points)
    off = norms + np.einsum("ij,ij->i", targets, targets)[:, None] - 2 * targets @ points.T
    unit = float(np.median(off.min(axis=1)) + np.square((end - start) / (count + 1)).sum()) + 1e-9
    chosen = _first(off, artists)
    return _Exchange(points, norms, artists, off, unit, ends).polished(start, end, chosen)


def _first(off: np.ndarray, artists: np.ndarray) -> list[int]:
    """Return the nearest unused point to each target, an artist `MOST` times while there are others."""
    used, chosen, so_many = np.zeros(off.shape[1], bool), [], {}
    for row in off:
        costs = np.where(used, np.inf, row)
        full = np.isin(artists, [artist for artist, times in so_many.items() if artist and times >= MOST])
        if not (used | full).all():
            costs = np.where(full, np.inf, costs)
        best = int(costs.argmin())
        used[best] = True
        so_many[int(artists[best])] = so_many.get(int(artists[best]), 0) + 1
        chosen.append(best)
    return chosen


class _Exchange:
    def __init__(self, points, norms, artists, off, unit: float, ends: tuple[int, int]):
        self.points, self.norms, self.artists, self.off, self.unit, self.ends = points, norms, artists, off, unit, ends
        self.steps: dict[int, np.ndarray] = {}

    def polished(self, start: np.ndarray, end: np.ndarray, chosen: list[int]) -> list[int]:
        """Exchange steps until none can be bettered."""
        fixed = {-1: self._squares(start), -2: self._squares(end)}
        for _ in range(SWEEPS):
            changed = False
            for at, old in enumerate(chosen):
                before, after = (chosen[at - 1] if at else -1), (chosen[at + 1] if at + 1 < len(chosen) else -2)
                costs = self.off[at] * OFF_LINE + self._from(before, fixed) + self._from(after, fixed)
                costs += self._artists(chosen, at, before, after)
                taken = np.array(chosen[:at] + chosen[at + 1 :], int)
                costs[taken] = np.inf
                best = int(costs.argmin())
                if costs[best] < costs[old] - 1e-6:
                    chosen[at], changed = best, True
            if not changed:
                break
        return chosen

    def _artists(self, chosen: list[int], at: int, before: int, after: int) -> np.ndarray:
        named = self.artists != 0
        sides = [self.ends[0] if before == -1 else self.artists[before],
                 self.ends[1] if after == -2 else self.artists[after]]  # fmt: skip
        beside = sum((self.artists == side) & named for side in sides)
        others = self.artists[[row for place, row in enumerate(chosen) if place != at]]
        who, times = np.unique(others, return_counts=True)
        full = np.isin(self.artists, who[times >= MOST]) & named
        return self.unit * (SAME_ARTIST * beside + TOO_MUCH * full)

    def _from(self, row: int, fixed: dict[int, np.ndarray]) -> np.ndarray:
        if row < 0:
            return fixed[row]
        if row not in self.steps:
            self.steps[row] = self._squares(self.points[row])
        return self.steps[row]

    def _squares(self, point: np.ndarray) -> np.ndarray:
        return self.norms + point @ point - 2 * self.points @ point
