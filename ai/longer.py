"""Longer lists: orders of more tracks than one search can hold; numpy, runs in children.

Greedy lays the list out, windows that overlap are then searched each for itself, and single tracks are sent to where
they fit better anywhere in the list: greedy's end is made of what was left over. (Laying it out by energy first was
worse by 3 % at 2,000 tracks along an arc, and by 7 % without a curve.) The rule a newcomer would break: nothing here
may hold several tables of all steps, for one of 5,000 tracks has 100 MB.
"""

from collections.abc import Iterator

import numpy as np

from ai.genetic import Slots
from ai.moves import LEAST, descend
from ai.transitions import Known, steps
from ai.wishes import Wish, problem

BLOCK = 256
STARTS, TRIED_TRACKS = 16, 3_000
"""Greedy begins at so many tracks, and as many of its chains are made better as hold so many tracks together."""
WINDOW, FINER = 100, 80
ROUNDS, WORTHWHILE = 12, 0.001
"""So often are single tracks sent elsewhere, each time all of those at once that are not in each other's way; but no
more once that gains less than such a share of the cost."""


def ordered(of: Known, wanted: Wish, pins: dict[int, int]) -> np.ndarray:
    """Return a good order of all tracks, never a dearer one than they have or than greedy finds."""
    size = len(of.same)
    table = _table(of)
    orders = [Slots(size, pins).sketched(range(size))]
    for order in _greedy(table, wanted, pins)[: max(1, TRIED_TRACKS // size)]:
        for width in (WINDOW, FINER):
            order = _in_windows(of, wanted, pins, order, width)
            order = _relocated(table, wanted, pins, order)
        orders.append(order)
    return min(orders, key=lambda each: _cost(table, wanted, each))


def _table(of: Known) -> np.ndarray:
    size = len(of.same)
    found = np.empty((size, size), np.float32)
    for rows in _blocks(size):
        found[rows] = steps(of, rows[:, None], np.arange(size)[None, :])
    return found


def _blocks(size: int) -> Iterator[np.ndarray]:
    for begin in range(0, size, BLOCK):
        yield np.arange(begin, min(size, begin + BLOCK))


def _cost(table: np.ndarray, wanted: Wish, order: np.ndarray) -> float:
    taken = table[order[:-1], order[1:]].sum(dtype=float)
    return float(taken + wanted.price(order, np.arange(len(order))).sum())


def _greedy(table: np.ndarray, wanted: Wish, pins: dict[int, int]) -> list[np.ndarray]:
    """Return some orders that always take the cheapest next track, the best first."""
    size = len(table)
    everything = np.arange(size)
    pinned = np.zeros(size, bool)
    pinned[list(pins.values())] = True
    free = everything[~pinned]
    at = np.array([pins[0]]) if 0 in pins else free[np.linspace(0, len(free) - 1, STARTS).astype(int)]
    used = np.where(np.tile(pinned, (len(at), 1)), np.inf, 0).astype(np.float32)
    chains, orders = np.arange(len(at)), [at]
    for position in range(1, size):
        used[chains, at] = np.inf
        if position in pins:
            at = np.full(len(at), pins[position])
        else:
            here = wanted.price(everything, np.full(1, position))
            at = np.argmin(table[at] + used + here, axis=1)
        orders.append(at)
    return sorted(np.array(orders).T, key=lambda each: _cost(table, wanted, each))


def _in_windows(of: Known, wanted: Wish, pins: dict[int, int], order: np.ndarray, width: int) -> np.ndarray:
    """Return the order in which each window of this width, half over the one before it, is as good as moves make it."""
    order, size = order.copy(), len(order)
    for begin in range(0, size - width // 2, width // 2):
        end = min(size, begin + width)
        before = order[begin - 1] if begin else None
        behind = order[end] if end < size else None
        asked = problem(of, wanted, order[begin:end], begin, before, behind)
        inside = Slots(end - begin, {place - begin: place - begin for place in pins if begin <= place < end})
        order[begin:end] = order[begin:end][descend(inside.held(asked), np.arange(end - begin))]
    return order


def _relocated(table: np.ndarray, wanted: Wish, pins: dict[int, int], order: np.ndarray) -> np.ndarray:
    """Return the order after sending single tracks elsewhere while that helps."""
    for _ in range(ROUNDS):
        moves = _wishes_to_move(table, wanted, pins, order)
        now = _cost(table, wanted, order)
        # Each was priced as if it moved alone: too many at once may cost more than they gain.
        while moves and _cost(table, wanted, _moved(order, moves)) >= now - LEAST:
            moves = moves[: len(moves) // 2]
        order = _moved(order, moves)
        if _cost(table, wanted, order) > now * (1 - WORTHWHILE):
            break
    return order


def _moved(order: np.ndarray, moves: list[tuple[int, int]]) -> np.ndarray:
    rank = np.arange(len(order), dtype=float)
    for position, gap in moves:
        rank[position] = gap - 0.5
    return order[np.argsort(rank, kind="stable")]


def _wishes_to_move(table: np.ndarray, wanted: Wish, pins: dict[int, int], order: np.ndarray) -> list[tuple[int, int]]:
    """Return moves that gain, dearest tracks first, as (position, gap before a position), none beside another."""
    size = len(order)
    gains, gaps = np.empty(size), np.empty(size, int)
    for rows in _blocks(size):
        price = _prices(table, wanted, pins, order, rows)
        gaps[rows] = np.argmin(price, axis=1)
        gains[rows] = price[np.arange(len(rows)), gaps[rows]]
    touched, moves = np.zeros(size + 2, bool), []
    for position in np.argsort(gains, kind="stable"):
        if gains[position] > -LEAST:
            break
        gap = gaps[position]
        if not (touched[position : position + 3].any() or touched[gap : gap + 2].any()):
            touched[position : position + 3] = touched[gap : gap + 2] = True
            moves.append((int(position), int(gap)))
    return moves


def _prices(table: np.ndarray, wanted: Wish, pins: dict[int, int], order: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Return what it costs to send the tracks at some positions (rows) to each gap (size + 1), those between shifting.

    A pin is a wall: what lies on its two sides never changes places.
    """
    size = len(order)
    edges = table[order[:-1], order[1:]]
    leaving = np.zeros(size)
    leaving[1:] += edges
    leaving[:-1] += edges
    leaving[1:-1] -= table[order[:-2], order[2:]]
    price = np.zeros((len(rows), size + 1), np.float32)
    price[:, 1:] += table[:, order[rows]][order].T
    price[:, :size] += table[order[rows]][:, order]
    price[:, 1:size] -= edges[None, :]
    price -= leaving[rows, None]
    if wanted.wanted is not None:
        price += _shifts(wanted, order, rows)
    near = np.arange(len(rows))
    price[near, rows] = price[near, rows + 1] = np.inf
    if pins:
        price[_walled(pins, size, rows)] = np.inf
    return price


def _walled(pins: dict[int, int], size: int, rows: np.ndarray) -> np.ndarray:
    """Return the gaps that tracks at some positions cannot be sent to; for a pinned one all of them."""
    walls = np.array([-1, *sorted(pins), size])
    left, right = (np.searchsorted(walls, rows, side) for side in ("left", "right"))
    low, high = walls[left - 1] + 1, np.where(left == right, walls[np.minimum(right, len(walls) - 1)], -1)
    gap = np.arange(size + 1)[None, :]
    return (gap < low[:, None]) | (gap > high[:, None])


def _shifts(wanted: Wish, order: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Return what the places cost more when tracks at some positions go to each gap, all between them shifting."""
    size = len(order)
    everywhere, gap, row = np.arange(size), np.arange(size + 1)[None, :], rows[:, None]
    here = wanted.price(order, everywhere)
    forward, back = np.zeros(size + 1), np.zeros(size + 1)
    forward[2:] = np.cumsum(wanted.price(order[1:], everywhere[:-1]) - here[1:])
    back[1:size] = np.cumsum(wanted.price(order[:-1], everywhere[1:]) - here[:-1])
    back[size] = back[size - 1]
    landing = np.minimum(np.where(gap > row, gap - 1, gap), size - 1)
    between = np.where(gap > row, forward[gap] - forward[row + 1], back[row] - back[gap])
    return between + wanted.price(order[row], landing) - here[rows][:, None]
