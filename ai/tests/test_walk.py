"""The walk between two points: its length, its ends, and that each exchange makes it smoother."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ai.walk import OFF_LINE, _first, line, walk


def points(count: int, seed: int = 0, dimensions: int = 6) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(count, dimensions)).astype(np.float32)


def cost(start, end, targets, whole, chosen) -> float:
    nodes = [start, *whole[chosen], end]
    steps = sum(float(((b - a) ** 2).sum()) for a, b in pairwise(nodes))
    return steps + OFF_LINE * float(((whole[chosen] - targets) ** 2).sum())


@settings(max_examples=60, deadline=None)
@given(count=st.integers(0, 25), there=st.integers(0, 60), seed=st.integers(0, 50), artists=st.integers(1, 9))
def test_a_walk_has_its_length_and_no_place_twice(count, there, seed, artists):
    whole = points(there, seed)
    who = np.random.default_rng(seed).integers(0, artists, there)
    found = walk(np.zeros(6, np.float32), np.ones(6, np.float32), whole, who, (1, 2), count)
    assert len(found) == len(set(found)) == min(count, there)
    assert all(0 <= row < there for row in found)


@pytest.mark.parametrize("seed", range(8))
def test_exchanging_makes_a_walk_smoother_than_the_nearest_of_each_step(seed):
    whole, nobody = points(400, seed), np.zeros(400, np.int64)
    start, end = whole[0], whole[1]
    rest = whole[2:]
    targets = line(start, end, 10)
    off = ((rest - targets[:, None]) ** 2).sum(axis=2)
    first = _first(off, nobody[2:])
    found = walk(start, end, rest, nobody[2:], (0, 0), 10)
    assert cost(start, end, targets, rest, found) <= cost(start, end, targets, rest, first) + 1e-4


def test_artists_do_not_follow_themselves_where_others_are_as_near():
    chance = np.random.default_rng(3)
    whole = np.linspace(0, 1, 40, dtype=np.float32)[:, None] + chance.normal(0, 0.02, (40, 3)).astype(np.float32)
    who = chance.integers(1, 9, 40)
    found = walk(np.zeros(3, np.float32), np.ones(3, np.float32), whole, who, (1, 8), 12)
    artists = who[found]
    assert (artists[1:] == artists[:-1]).sum() <= 1 and np.bincount(artists).max() <= 3


def test_a_line_lies_evenly_between_its_ends():
    assert line(np.zeros(2), np.array([4.0, 8.0]), 3).tolist() == [[1, 2], [2, 4], [3, 6]]
