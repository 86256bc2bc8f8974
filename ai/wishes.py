"""Wishes: what is asked of an order beside good steps, and the whole as a problem to solve; numpy, runs in children.

The rule a newcomer would break: a curve is followed within the energies of the list at hand, not in absolute ones.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from ai.moves import Problem
from ai.transitions import Known, steps, table

CURVE = 1.0
"""What a track costs whose energy is off the curve by all there is. Twice as much would bring it little nearer."""
NARROW = 0.15
"""Energies that differ by less than this are no range to spread a curve over."""


class Wish(NamedTuple):
    """How the energy is to run: where tracks stand in the range of their list, how surely, and heights by position."""

    height: np.ndarray
    trust: np.ndarray
    wanted: np.ndarray | None

    def price(self, tracks: np.ndarray, positions: np.ndarray) -> np.ndarray:
        """Return what tracks cost at positions; indexes that fit each other."""
        if self.wanted is None:
            return np.zeros(np.broadcast(tracks, positions).shape)
        return CURVE * self.trust[tracks] * (self.height[tracks] - self.wanted[positions]) ** 2


def wish(of: Known, heights: Sequence[float], count: int) -> Wish:
    """Return the wish for a curve over `count` positions."""
    sure = of.energy[of.energy_trust > 0]
    low, high = np.quantile(sure, [0.05, 0.95]) if len(sure) else (0.0, 1.0)
    middle, width = (low + high) / 2, max(high - low, NARROW)
    wanted = None
    if len(heights) and count:
        wanted = np.interp(np.linspace(0, 1, count), np.linspace(0, 1, len(heights)), heights)
    return Wish(np.clip(0.5 + (of.energy - middle) / width, -0.25, 1.25), of.energy_trust, wanted)


def problem(of: Known, wanted: Wish, tracks: np.ndarray, begin: int = 0, before: int | None = None,
            behind: int | None = None) -> Problem:  # fmt: skip
    """Return what it costs to put some tracks at the positions from `begin` on, between two that stay."""
    size = len(tracks)
    found = np.zeros((size + 1, size + 1))
    found[:size, :size] = table(of, tracks)
    if before is not None:
        found[size, :size] = steps(of, np.full(size, before), tracks)
    if behind is not None:
        found[:size, size] = steps(of, tracks, np.full(size, behind))
    return Problem(found, wanted.price(tracks[:, None], np.arange(begin, begin + size)[None, :]))


def by_energy(wanted: Wish, tracks: np.ndarray) -> np.ndarray:
    """Return tracks by their energy as the curve rises and falls, or rising."""
    rising = tracks[np.argsort(wanted.height[tracks], kind="stable")]
    if wanted.wanted is None:
        return rising
    order = np.empty_like(rising)
    order[np.argsort(wanted.wanted[: len(tracks)], kind="stable")] = rising
    return order
