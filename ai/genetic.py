"""The search for the cheapest order: a genetic one whose every individual has gone downhill as far as it can.

It begins with the orders that greedy finds from every start, with greedy + 2-opt, and with sketches by the caller, and
gives back the best it ever had, so it loses to none of them. The rule a newcomer would break: it is bounded by a count
of children and never by a clock, so the same seed gives the same order on every machine.
"""

from collections.abc import Sequence
from itertools import permutations
from random import Random

import numpy as np

from ai.moves import LEAST, Problem, cost, descend

FORBIDDEN = 1e4
"""What a pinned track pays anywhere else, and others at its place: more than any order can save."""
EXACT = 7
"""So few tracks are tried in every order: 5040."""
POPULATION, GREEDY_STARTS = 20, 8
CHILDREN, CHILDREN_TRACKS = 400, 12_000
"""So many children, and of long lists fewer: together they hold so many tracks, for a longer child costs more."""
PATIENCE = 0.4
"""After such a share of all children without a better best one, no more are had."""
MUTATED = 0.8


class Slots:
    """Where pinned tracks stand, and how the others fill what is left."""

    def __init__(self, size: int, pins: dict[int, int]):
        self.pins = pins
        pinned = set(pins.values())
        self.places = np.array([place for place in range(size) if place not in pins], int)
        self.tracks = [track for track in range(size) if track not in pinned]
        self.empty = np.zeros(size, int)
        for place, track in pins.items():
            self.empty[place] = track

    def filled(self, tracks: Sequence[int]) -> np.ndarray:
        """Return the whole order in which the free tracks stand like this."""
        order = self.empty.copy()
        order[self.places] = tracks
        return order

    def sketched(self, order: Sequence[int]) -> np.ndarray:
        """Return the order nearest to one that knows nothing of pins."""
        pinned = set(self.pins.values())
        return self.filled([track for track in order if track not in pinned])

    def held(self, problem: Problem) -> Problem:
        """Return the problem in which nobody leaves a pin."""
        places = problem.places.copy()
        for place, track in self.pins.items():
            here = places[track, place]
            places[track, :] += FORBIDDEN
            places[:, place] += FORBIDDEN
            places[track, place] = here
        return problem._replace(places=places)


def search(problem: Problem, sketches: Sequence[Sequence[int]], pins: dict[int, int], seed: int) -> np.ndarray:
    """Return the cheapest order found; `pins` are tracks by position."""
    slots = Slots(problem.size, pins)
    if len(slots.tracks) <= EXACT:
        orders = np.array([slots.filled(each) for each in permutations(slots.tracks)])
        return orders[int(np.argmin(cost(problem, orders)))]
    return _bred(slots.held(problem), slots, sketches, Random(seed))


def greedy(problem: Problem) -> np.ndarray:
    """Return for each start the order that always takes the cheapest next track, the best of them first."""
    size = problem.size
    at = everyone = np.arange(size)
    used = np.zeros((size, size))
    orders = [at]
    for place in range(1, size):
        used[everyone, at] = np.inf
        at = np.argmin(problem.steps[at, :size] + problem.places[:, place] + used, axis=1)
        orders.append(at)
    found = np.array(orders).T
    return found[np.argsort(cost(problem, found), kind="stable")]


def two_opt(problem: Problem, order: np.ndarray) -> np.ndarray:
    """Return the order in which turning no stretch round helps any more."""
    return descend(problem, order, "turn")


def _bred(problem: Problem, slots: Slots, sketches: Sequence[Sequence[int]], chance: Random) -> np.ndarray:
    people = [descend(problem, each) for each in _founders(problem, slots, sketches, chance)]
    prices = cost(problem, np.array(people)).tolist()
    children = min(CHILDREN, CHILDREN_TRACKS // problem.size)
    least, since = min(prices), 0
    for _ in range(children):
        child = descend(problem, slots.filled(_child(people, prices, slots, chance)))
        price = float(cost(problem, child[None])[0])
        worst = max(range(len(people)), key=prices.__getitem__)
        # Twins would soon be all there is.
        if price < prices[worst] and all(abs(price - other) > LEAST for other in prices):
            people[worst], prices[worst] = child, price
        least, since = (price, 0) if price < least - LEAST else (least, since + 1)
        if since > PATIENCE * children:
            break
    return people[min(range(len(people)), key=prices.__getitem__)]


def _founders(problem: Problem, slots: Slots, sketches: Sequence[Sequence[int]], chance: Random) -> list[np.ndarray]:
    chains = greedy(problem)
    # Beside a pinned first track only the chain that begins with it stands.
    chains = chains[cost(problem, chains) < FORBIDDEN][:GREEDY_STARTS]
    founders = [slots.sketched(each) for each in sketches] + [two_opt(problem, each) for each in chains[:1]]
    founders += list(chains)
    while len(founders) < POPULATION:
        founders.append(slots.filled(chance.sample(slots.tracks, len(slots.tracks))))
    return founders


def _child(people: list[np.ndarray], prices: list[float], slots: Slots, chance: Random) -> list[int]:
    """Return how free tracks stand in a child of two of the better ones, by order crossover."""

    def parent() -> int:
        return min(chance.sample(range(len(people)), 2), key=prices.__getitem__)

    one, other = parent(), parent()
    mother, father = (people[each][slots.places].tolist() for each in (one, other))
    first, last = sorted(chance.sample(range(len(mother) + 1), 2))
    kept = set(mother[first:last])
    rest = [track for track in father if track not in kept]
    child = rest[:first] + mother[first:last] + rest[first:]
    if one == other or chance.random() < MUTATED:
        for _ in range(chance.randint(1, 3)):
            _mutate(child, chance)
    return child


def _mutate(tracks: list[int], chance: Random) -> None:
    """Turn a stretch round, move a track, exchange two, or exchange two neighbouring stretches."""
    first, last = sorted(chance.sample(range(len(tracks)), 2))
    match chance.randrange(4):
        case 0:
            tracks[first : last + 1] = tracks[first : last + 1][::-1]
        case 1:
            tracks.insert(first, tracks.pop(last))
        case 2:
            tracks[first], tracks[last] = tracks[last], tracks[first]
        case _:
            middle = chance.randint(first + 1, last)
            tracks[first:last] = tracks[middle:last] + tracks[first:middle]
