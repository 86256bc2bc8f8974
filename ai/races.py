"""Races: the search for orders against greedy, alone and with 2-opt, on drawn lists.

The runner-up is written out here as the books have it, first improvement and all, and shares no code with the search.
"""

import time
from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np

from ai import curves, order, wishes
from ai.genetic import greedy
from ai.moves import LEAST, Problem, cost
from ai.transitions import Known, known

STYLES = np.array([
    [72, 8, 0.15], [95, 6, 0.40], [110, 12, 0.50], [124, 3, 0.75], [140, 8, 0.70], [172, 3, 0.90],
])  # fmt: skip
"""Tempo, its spread, energy."""
SIZES = (20, 40)


def trial(count: int = 80, seed: int = 0) -> dict[str, float]:
    """Order `count` drawn lists of 20 and 40 tracks along every curve; return how often the search was beaten by greedy
    (`lost_to_greedy`) and by greedy + 2-opt (`lost_to_two_opt`), how often it beat that one (`won`), the mean of our
    cost by greedy's (`ratio`), and CPU milliseconds of one search of 50 tracks (`ms_50`)."""
    lost = lost_to_two_opt = won = 0
    ratios = []
    for number in range(count):
        size, curve = SIZES[number % 2], list(curves.CURVES)[number // 2 % len(curves.CURVES)]
        problem, found = _raced(drawn(size, seed + number), curve, seed)
        first = greedy(problem)[0]
        second = float(cost(problem, textbook(problem, first)[None])[0])
        start, ours = float(cost(problem, first[None])[0]), float(cost(problem, found[None])[0])
        lost += ours > start + LEAST
        lost_to_two_opt += ours > second + LEAST
        won += ours < second - LEAST
        ratios.append(ours / start)
    told = {"lists": count, "lost_to_greedy": lost, "lost_to_two_opt": lost_to_two_opt, "won": won}
    return told | {"ratio": float(np.mean(ratios)), "ms_50": timed(50, seed)}


def timed(size: int, seed: int = 0) -> float:
    """Return the CPU milliseconds in which one list is ordered along an arc, reading and telling included."""
    question = asked(size, seed)
    began = time.process_time()
    order.answer(question)
    return (time.process_time() - began) * 1000


def asked(size: int, seed: int = 0, curve: str = curves.ARC) -> dict:
    """Return a question for `order.answer` about a drawn list."""
    rows, vectors = _rows(size, seed)
    return {"rows": rows, "vectors": order.packed(vectors), "dimensions": vectors.shape[1], "heard": list(range(size)),
            "half": 1.0, "curve": curves.heights(curve), "pins": [], "seed": seed}  # fmt: skip


def drawn(size: int, seed: int) -> Known:
    """Return a list as libraries have them: six styles, keys and tempi by chance, some of them not to be trusted."""
    rows, vectors = _rows(size, seed)
    return known(rows, vectors, np.ones(size, bool))


def _rows(size: int, seed: int) -> tuple[list[list], np.ndarray]:
    chance = np.random.default_rng(seed)
    centres = chance.normal(size=(len(STYLES), 16))
    styles = chance.integers(len(STYLES), size=size)
    bpm = np.clip(chance.normal(STYLES[styles, 0], STYLES[styles, 1]), 55, 200)
    energy = np.clip(chance.normal(STYLES[styles, 2], 0.12), 0, 1)
    valence = np.clip(chance.normal(0.5, 0.17, size), 0, 1)
    keys = [f"{number}{letter}" for number, letter in zip(chance.integers(1, 13, size), chance.choice(["A", "B"], size),
                                                         strict=True)]  # fmt: skip
    sure, artists = chance.uniform(0.2, 1, (2, size)), chance.integers(1, max(5, size // 3), size)
    vectors = (centres[styles] + 0.5 * chance.normal(size=(size, 16))).astype(np.float32) / 3
    return [
        [at + 1, int(artists[at]), float(bpm[at]), float(sure[0, at]), keys[at], float(sure[1, at]),
         float(energy[at]), 1.0, float(valence[at]), 0.6]
        for at in range(size)
    ], vectors  # fmt: skip


def _raced(of: Known, curve: str, seed: int) -> tuple[Problem, np.ndarray]:
    wish = wishes.wish(of, curves.heights(curve), len(of.same))
    found = order.ordered(of, wish, {}, seed)
    return wishes.problem(of, wish, np.arange(len(of.same))), found


def textbook(problem: Problem, start: Sequence[int]) -> np.ndarray:
    """Return where 2-opt, moving one track and exchanging two lead from a start, each first improvement taken."""
    steps, places = problem.steps.tolist(), problem.places.tolist()

    def price(tracks: list[int]) -> float:
        taken = sum(steps[one][other] for one, other in pairwise(tracks))
        return taken + sum(places[track][at] for at, track in enumerate(tracks))

    best = [int(track) for track in start]
    least, better = price(best), True
    while better:
        better = False
        for tried in _tried(best):
            now = price(tried)
            if now < least - 1e-9:
                best[:], least, better = tried, now, True
    return np.array(best)


def _tried(tracks: list[int]) -> Iterator[list[int]]:
    for first in range(len(tracks)):
        for last in range(first + 1, len(tracks)):
            yield tracks[:first] + tracks[first : last + 1][::-1] + tracks[last + 1 :]
            yield [*tracks[:first], *tracks[first + 1 : last + 1], tracks[first], *tracks[last + 1 :]]
            yield [*tracks[:first], tracks[last], *tracks[first:last], *tracks[last + 1 :]]
            exchanged = tracks.copy()
            exchanged[first], exchanged[last] = exchanged[last], exchanged[first]
            yield exchanged
