"""Choosing: which few of many candidates flow best together, and in which order; numpy, runs in children.

Tracks that have to be among them are; of the others each has to earn its place by the steps to and from it, and by how
much it is like what was asked for. The rule a newcomer would break: whoever is exchanged changes what its neighbours
cost, so exchanging and ordering take turns until neither helps.
"""

from collections.abc import Sequence

import numpy as np

from ai.genetic import Slots, search
from ai.moves import LEAST, descend
from ai.transitions import Known, steps, table
from ai.wishes import Wish, by_energy, problem

SEARCHES = 2
"""The second one orders what was exchanged after the first; a third seldom finds anything."""


def chosen(of: Known, wanted: Wish, pins: dict[int, int], must: Sequence[int], price: np.ndarray, count: int,
           seed: int) -> np.ndarray:  # fmt: skip
    """Return `count` tracks, pinned ones and those that must be among them; `price`: what taking each costs."""
    kept = list(dict.fromkeys([*pins.values(), *must]))[:count]
    others = [track for track in np.argsort(price, kind="stable").tolist() if track not in set(kept)]
    bordered = np.zeros((len(of.same) + 1,) * 2)
    bordered[:-1, :-1] = table(of)
    order = np.array((kept + others)[:count], int)
    for _ in range(SEARCHES):
        order = _searched(of, wanted, pins, _settled(bordered, of, wanted, pins, kept, price, order), seed)
    return order


def _settled(bordered: np.ndarray, of: Known, wanted: Wish, pins: dict[int, int], kept: Sequence[int],
             price: np.ndarray, order: np.ndarray) -> np.ndarray:  # fmt: skip
    """Return an order that neither another track nor another place for one makes better."""
    least = np.inf
    while True:
        slots = Slots(len(order), _at(pins, order))
        asked = slots.held(problem(of, wanted, order))
        order = order[descend(asked, slots.sketched(range(len(order))))]
        now = _worth(of, wanted, price, order)
        if now > least - LEAST:
            return order
        least, order = now, _exchanged(bordered, wanted, price, kept, order)


def _searched(of: Known, wanted: Wish, pins: dict[int, int], tracks: np.ndarray, seed: int) -> np.ndarray:
    """Return some tracks in their best order, the pinned ones at their positions."""
    at = {track: place for place, track in enumerate(tracks.tolist())}
    sketches = [range(len(tracks)), [at[track] for track in by_energy(wanted, tracks).tolist()]]
    return tracks[search(problem(of, wanted, tracks), sketches, _at(pins, tracks), seed)]


def _at(pins: dict[int, int], tracks: np.ndarray) -> dict[int, int]:
    """Return pins as positions and places among some tracks."""
    return {position: int(np.flatnonzero(tracks == track)[0]) for position, track in pins.items()}


def _worth(of: Known, wanted: Wish, price: np.ndarray, order: np.ndarray) -> float:
    everywhere = np.arange(len(order))
    taken = steps(of, order[:-1], order[1:]).sum() + wanted.price(order, everywhere).sum()
    return float(taken + price[order].sum())


def _exchanged(bordered: np.ndarray, wanted: Wish, price: np.ndarray, kept: Sequence[int],
               order: np.ndarray) -> np.ndarray:  # fmt: skip
    """Return an order in which no single track left out would do better than one that is in."""
    order, size = order.copy(), len(price)
    positions = np.arange(len(order))
    for _ in range(4 * len(order)):
        whole = np.concatenate([[size], order, [size]])
        before, behind = whole[:-2], whole[2:]
        everyone = np.arange(size)
        cost = bordered[before[:, None], everyone] + bordered[everyone, behind[:, None]] + price[None, :]
        cost += wanted.price(everyone[None, :], positions[:, None])
        gain = cost - cost[positions, order][:, None]
        gain[np.isin(order, kept), :] = np.inf
        gain[:, order] = np.inf
        position, track = divmod(int(np.argmin(gain)), size)
        if gain[position, track] > -LEAST:
            break
        order[position] = track
    return order
