"""The weight-free space: raw feature blocks to vectors that Euclid may compare; pure numpy, runs in children.

Each number is measured against its library: less the median, by half the width
of the middle 68 %, bent so that nothing lies beyond 3; a hard cut at 4 found .02
fewer tracks of one style among the nearest five. A block is divided by the root of
its size, so that rhythm (44 numbers) weighs as much as dynamics (6). The rule a
newcomer would break: no whitening. On a small library it trades what is heard for
noise: it took P@5 of style from .80 to .22.
"""

from typing import NamedTuple

import numpy as np

from ai.features import BLOCKS, SIZE

CUT = 3.0
NEAR = 100
PROBES = 200
CROWD = 5


class Fit(NamedTuple):
    middle: np.ndarray
    """(SIZE,) medians."""
    width: np.ndarray
    """(SIZE,) half of the distance between the 16th and the 84th of a hundred, above 0."""


def fit(raw: np.ndarray) -> Fit:
    """Measure raw blocks (n, SIZE) of a library or of a fair sample of it."""
    low, middle, high = np.percentile(raw, (16, 50, 84), axis=0)
    width = (high - low) / 2
    # What is the same in most tracks has no middle width; what differs there by rounding must not become loud.
    spread = np.maximum(raw.std(axis=0), 1e-6)
    return Fit(middle, np.where(width > 1e-5 * (np.abs(middle) + 1e-3), width, spread))


def scale(fitted: Fit, raw: np.ndarray) -> np.ndarray:
    """Return the vectors (n, SIZE) float32 of raw blocks (n, SIZE)."""
    sizes = np.concatenate([np.full(size, size) for _, size in BLOCKS])
    return (CUT * np.tanh((raw - fitted.middle) / fitted.width / CUT) / np.sqrt(sizes)).astype(np.float32)


def half_distance(vectors: np.ndarray) -> float:
    """Return the median distance from a vector to its nearest 100, or to its nearest tenth where there are few."""
    count = len(vectors)
    if count < 2:
        return 0.0
    near = min(NEAR, max(5, count // 10), count - 1)
    probes = vectors[np.linspace(0, count - 1, min(count, PROBES)).astype(int)].astype(np.float32)
    whole = vectors.astype(np.float32)
    squares = (whole**2).sum(axis=1) + (probes**2).sum(axis=1)[:, None] - 2 * probes @ whole.T
    nearest = np.partition(squares, near, axis=1)[:, : near + 1]
    nearest.sort(axis=1)
    return float(np.sqrt(np.maximum(np.median(nearest[:, 1:]), 1e-12)))


def spread(vectors: np.ndarray, among: np.ndarray) -> np.ndarray:
    """Return how far the `CROWD`th neighbour of each vector lies, looked for among some, itself not counted.

    Who lies in a crowd is near to many without being like them; distances are measured against this (self-tuning,
    Zelnik-Manor & Perona 2004): on our corpus P@5 of style rises from .80 to .85.
    """
    whole, others = vectors.astype(np.float32), among.astype(np.float32)
    squares = (whole**2).sum(axis=1)[:, None] + (others**2).sum(axis=1) - 2 * whole @ others.T
    crowd = min(CROWD, len(others) - 1)
    nearest = np.partition(squares, crowd, axis=1)[:, : crowd + 1]
    nearest.sort(axis=1)
    itself = nearest[:, 0] < 1e-3 * (1 + (whole**2).sum(axis=1))
    return np.sqrt(np.maximum(np.where(itself, nearest[:, -1], nearest[:, max(0, crowd - 1)]), 1e-6))


def near_blocks(vectors: np.ndarray, sizes: list[int]) -> list[float]:
    """Return for each block the distance below which only a tenth of all pairs lie; 0 where all are the same."""
    few = vectors[np.linspace(0, len(vectors) - 1, min(len(vectors), 2 * PROBES)).astype(int)].astype(np.float32)
    one, other = np.triu_indices(len(few), 1)
    found, start = [], 0
    for size in sizes:
        block = few[:, start : start + size]
        squares = (block**2).sum(axis=1)
        pairs = squares[one] + squares[other] - 2 * (block @ block.T)[one, other]
        found.append(round(float(np.sqrt(max(0.0, np.percentile(pairs, 10)))), 4) if len(pairs) else 0.0)
        start += size
    return found


def of_bytes(raw: bytes) -> np.ndarray:
    """Return raw blocks (n, SIZE) float32 as they are stored, one behind the other."""
    found = np.frombuffer(raw, "<f4").reshape(-1, SIZE).astype(np.float64)
    return np.nan_to_num(found, nan=0.0, posinf=0.0, neginf=0.0)
