"""The matrix against plain arithmetic: exact where it measures all, hardly less where a sketch goes ahead."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ai import matrix, scales
from ai.features import BLOCKS, SIZE
from ai.matrix import Matrix, Rows

SIZES = (3, 2, 4)


def rows(count: int, seed: int = 0, dimensions: int = sum(SIZES)) -> Rows:
    chance = np.random.default_rng(seed)
    return Rows(
        np.sort(chance.choice(10 * count, count, replace=False)).astype(np.int64),
        chance.integers(1, 4, count).astype(np.int32), chance.integers(0, 9, count).astype(np.int64),
        chance.normal(size=(count, dimensions)).astype(np.float16),
    )  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(
    count=st.integers(1, 60), seed=st.integers(0, 99), wanted=st.integers(1, 70),
    libraries=st.lists(st.integers(1, 4), min_size=1, unique=True),
    weights=st.none() | st.lists(st.floats(0.125, 4), min_size=3, max_size=3),
)  # fmt: skip
def test_the_nearest_are_the_nearest(count, seed, wanted, libraries, weights):
    found = Matrix(rows(count, seed), SIZES)
    target = np.random.default_rng(seed + 1).normal(size=sum(SIZES)).astype(np.float32)
    hidden = np.array([0])
    near, distances = found.nearest(target, wanted, libraries, hidden, weights)
    scale = np.sqrt(np.repeat(np.asarray(weights or (1, 1, 1)), SIZES))
    true = np.sqrt((((found.values - target) * scale) ** 2).sum(axis=1))
    allowed = [row for row in range(count) if row and found.libraries[row] in libraries]
    assert len(near) == min(wanted, len(allowed)) and set(near) <= set(allowed)
    assert distances == pytest.approx(sorted(true[allowed])[: len(near)], abs=2e-3)
    assert true[near] == pytest.approx(distances, abs=2e-3)


def test_tracks_are_found_by_number():
    found = Matrix(rows(50), SIZES)
    assert found.at(found.tracks[[3, 7]].tolist()).tolist() == [3, 7]
    assert found.at([-1, 10**9]).tolist() == [] and found.at([]).tolist() == []
    assert Matrix(rows(0), SIZES).at([1]).tolist() == []


@pytest.mark.parametrize("whole", [matrix.WHOLE, 1000])
def test_a_sketch_finds_nearly_all_of_the_nearest(monkeypatch, whole):
    monkeypatch.setattr(matrix, "WHOLE", whole)
    monkeypatch.setattr(matrix, "EXACT", 3000)
    monkeypatch.setattr(matrix, "LIKELY", 400)
    monkeypatch.setattr(matrix, "EACH", 10)
    everything = rows(matrix.EXACT + 1000, dimensions=60)
    # Long in few directions, as music is.
    values = (everything.values.astype(np.float32) * 0.9 ** np.arange(60)).astype(np.float16)
    found = Matrix(everything._replace(values=values), (20, 40))
    assert found.values.dtype == (np.float32 if whole > 1000 else np.float16)
    hits = []
    for row in range(0, 4000, 200):
        near, distances = found.nearest(found.point(row), 20, without=np.array([row]))
        exact = np.linalg.norm(values.astype(np.float32) - values[row].astype(np.float32), axis=1)
        exact[row] = np.inf
        hits.append(len(set(near) & set(np.argsort(exact)[:20])) / 20)
        assert row not in near and exact[near] == pytest.approx(distances, abs=5e-3)
    assert np.mean(hits) >= 0.97
    some, _ = found.nearest(found.point(0), 20, libraries=[2], weights=[3.0, 0.1])
    assert set(found.libraries[some]) == {2} and len(some) == 20


def test_blocks_weigh_alike_whatever_their_size_and_nothing_is_cut_below_the_bound():
    raw = np.random.default_rng(0).normal(5, 3, size=(500, SIZE))
    raw[:, 0] = 7.0
    raw[3] = 1e9
    found = scales.scale(scales.fit(raw), raw)
    assert found.dtype == np.float32 and np.isfinite(found).all() and not found[:3, 0].any()
    start = 0
    for _, size in BLOCKS:
        block = np.delete(found, 3, axis=0)[:, start : start + size]
        assert 0.5 < (block**2).sum(axis=1).mean() < 1.6
        assert np.abs(found[3, start + 1 : start + size]).max() == pytest.approx(scales.CUT / size**0.5, rel=1e-3)
        start += size


def test_half_of_the_near_ones_lie_below_the_half_distance():
    vectors = np.random.default_rng(0).normal(size=(400, 8)).astype(np.float16)
    half = scales.half_distance(vectors)
    apart = np.sort(np.linalg.norm(vectors[:, None].astype(float) - vectors[None], axis=2), axis=1)[:, 1:41]
    assert half == pytest.approx(np.median(apart), rel=0.05)
    assert scales.half_distance(vectors[:1]) == 0
    near = scales.near_blocks(vectors, [3, 5])
    assert len(near) == 2 and 0 < near[0] < near[1]
