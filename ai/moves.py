"""Moves: how an order of tracks gets cheaper by small changes, until none of them helps; numpy, runs in children.

Four kinds are looked at, everywhere at once, from tables of what lies between any two places: a stretch turned round,
its first or last few tracks sent to its other end, and two tracks exchanged. The rule a newcomer would break: whoever
moves shifts what lies between, and each track pays for the place it comes to (`places`), so a move's price is never
that of its ends alone.
"""

from functools import lru_cache
from typing import NamedTuple

import numpy as np

LEAST = 1e-7
"""A gain below this is rounding."""
REACH = 3
"""So many tracks together are sent to the other end of a stretch."""


class Problem(NamedTuple):
    """What an order costs: the sum of its steps and of its places."""

    steps: np.ndarray
    """(n + 1, n + 1): from a track (row) to the next (column); the last row and column stand for what lies before
    and behind the whole list."""
    places: np.ndarray
    """(n, n): a track (row) at a position (column)."""

    @property
    def size(self) -> int:
        return len(self.places)


class Laid(NamedTuple):
    """An order with all that moves are priced by. Index k of `between` and `edges` is one before place k."""

    size: int
    between: np.ndarray
    """(n + 2, n + 2): a step from what stands at one place to what stands at another, borders included."""
    edges: np.ndarray
    """(n + 1,): the steps that are taken, into each place and out of the last."""
    shifts: np.ndarray
    """(n, n): what it costs more to have the track at a place (row) at another (column)."""


class Move(NamedTuple):
    gain: float
    kind: str
    first: int
    last: int
    reach: int = 0


def cost(problem: Problem, orders: np.ndarray) -> np.ndarray:
    """Return what each of some orders (m, n) costs."""
    size = problem.size
    walls = np.full((len(orders), 1), size)
    whole = np.hstack([walls, orders, walls])
    return problem.steps[whole[:, :-1], whole[:, 1:]].sum(axis=1) + problem.places[orders, np.arange(size)].sum(axis=1)


def descend(problem: Problem, order: np.ndarray, kinds: str = "turn first last swap") -> np.ndarray:
    """Return the order that is reached by always taking the best move, where no move helps any more."""
    while (move := _best(_laid(problem, order), kinds.split())) is not None:
        order = made(order, move)
    return order


def made(order: np.ndarray, move: Move) -> np.ndarray:
    """Return an order after a move."""
    order = order.copy()
    stretch = order[move.first : move.last + 1]
    if move.kind == "turn":
        stretch[:] = stretch[::-1].copy()
    elif move.kind == "swap":
        stretch[[0, -1]] = stretch[[-1, 0]]
    else:
        stretch[:] = np.roll(stretch, -move.reach if move.kind == "first" else move.reach)
    return order


def _best(laid: Laid, kinds: list[str]) -> Move | None:
    found = [_turn(laid)] if "turn" in kinds and laid.size > 1 else []
    for reach in range(1, min(REACH, laid.size - 1) + 1):
        found += [_first(laid, reach)] if "first" in kinds else []
        found += [_last(laid, reach)] if "last" in kinds else []
    if "swap" in kinds and laid.size > 2:
        found.append(_swap(laid))
    best = min(found, default=None)
    return best if best is not None and best.gain < -LEAST else None


def _laid(problem: Problem, order: np.ndarray) -> Laid:
    size = len(order)
    whole = np.concatenate([[size], order, [size]])
    between = problem.steps[whole[:, None], whole]
    places = problem.places[order]
    return Laid(size, between, np.diagonal(between, 1), places - np.diagonal(places)[:, None])


def _turn(laid: Laid) -> Move:
    """Price every stretch walked backwards."""
    size, between, edges, shifts = laid
    backwards = np.zeros(size)
    backwards[1:] = np.cumsum(np.diagonal(between, -1)[1:size] - edges[1:size])
    # Track k of the stretch i to j comes to i + j - k: sums along the lines on which i + j stays the same.
    inside, at, ends, begins = _crosswise(size)
    lines = np.where(inside, shifts.ravel()[at], 0.0).cumsum(axis=1)
    moved = lines[ends, np.arange(size)] - lines[ends, begins] + shifts
    price = between[:size, 1 : size + 1] + between[1 : size + 1, 2:] - edges[:size, None] - edges[None, 1:]
    return _least(price + (backwards - backwards[:, None]) + moved, "turn", 1)


def _first(laid: Laid, reach: int) -> Move:
    """Price sending the first `reach` of every stretch to its end; those behind them come forward."""
    size, between, edges, shifts = laid
    rows = size - reach
    come = np.concatenate([[0.0], np.cumsum(np.diagonal(shifts, -reach))])
    price = (np.diagonal(between, reach + 1)[:rows] - edges[:rows] - edges[reach:size])[:, None]
    price = price + between[reach + 1 : size + 1, 1 : rows + 1].T + between[reach:size, reach + 2 :]
    price += come[1:] - come[:-1, None] - edges[None, reach + 1 :]
    for each in range(reach):
        price += shifts[each : rows + each, 1 + each : rows + 1 + each]
    return _least(price, "first", reach)


def _last(laid: Laid, reach: int) -> Move:
    """Price sending the last `reach` of every stretch to its front; those before them go back."""
    size, between, edges, shifts = laid
    rows = size - reach
    gone = np.concatenate([[0.0], np.cumsum(np.diagonal(shifts, reach))])
    price = between[:rows, 2 : rows + 2] + between[reach + 1 : size + 1, 1 : rows + 1].T
    price += (np.diagonal(between, reach + 1)[1:] - edges[1 : rows + 1] - edges[reach + 1 :])[None, :]
    price += gone[1:] - gone[:-1, None] - edges[:rows, None]
    for each in range(reach):
        price += shifts[1 + each : rows + 1 + each, each : rows + each].T
    return _least(price, "last", reach)


def _swap(laid: Laid) -> Move:
    """Price exchanging any two tracks that are no neighbours; neighbours are turned round."""
    size, between, edges, shifts = laid
    rows = size - 2
    price = between[:rows, 3 : size + 1] + between[3 : size + 1, 2:size].T + between[2:size, 1 : size - 1].T
    price += between[1 : size - 1, 4:] - (edges[:rows] + edges[1 : size - 1])[:, None]
    price += shifts[:rows, 2:] + shifts[2:, :rows].T - (edges[2:size] + edges[3:])[None, :]
    return _least(price, "swap", 2)


def _least(price: np.ndarray, kind: str, apart: int) -> Move:
    """Return the best move of a table: row i and column j stand for the stretch from i to j (turn) or j + apart."""
    size = len(price)
    at = int(np.argmin(price + _upper(size, 1 if kind == "turn" else 0)))
    first, last = divmod(at, size)
    return Move(float(price[first, last]), kind, first, last if kind == "turn" else last + apart, apart)


@lru_cache(64)
def _upper(size: int, above: int) -> np.ndarray:
    """Return 0 on and above a diagonal, infinity below it."""
    return np.where(np.triu(np.ones((size, size), bool), above), 0.0, np.inf)


@lru_cache(64)
def _crosswise(size: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return, for sums of a square table along its cross diagonals: which places of (2n - 1, n) lie in the table, where
    they stand in it, and for a stretch (i, j) which line it is and where it begins there."""
    lines, rows = np.arange(2 * size - 1)[:, None], np.arange(size)[None, :]
    columns = lines - rows
    inside = (columns >= 0) & (columns < size)
    stretch = np.arange(size)
    ends = stretch[:, None] + stretch[None, :]
    return inside, np.where(inside, rows * size + columns, 0), ends, np.broadcast_to(stretch[:, None], (size, size))
