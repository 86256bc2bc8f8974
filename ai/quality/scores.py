"""How good an answer is, as the field measures it: pure numbers, no music.

Sources: Acc1 and Acc2 Gouyon et al. 2006; the key score of MIREX; hubness as the
skew of k-occurrences Radovanović et al. 2010. The rule a newcomer would break: an
answer that is missing is wrong, it is not left out.
"""

from collections.abc import Sequence

import numpy as np

NEAR = 0.04
"""Of a tempo: what MIREX calls right."""
OCTAVES = (1, 2, 0.5, 3, 1 / 3)


def tempo_right(said: float | None, true: float, folded: bool = False) -> bool:
    """Tell whether a tempo is right within 4 %, `folded`: or twice, thrice, half, a third of it (Acc2)."""
    return said is not None and any(abs(said / (true * by) - 1) <= NEAR for by in (OCTAVES if folded else (1,)))


def key_score(said: tuple[int, str] | None, true: tuple[int, str]) -> float:
    """Return 1 for the key, 0.5 for a fifth off, 0.3 for its relative, 0.2 for its parallel, 0 for any other."""
    if said is None:
        return 0.0
    apart = (said[0] - true[0]) % 12
    if said[1] == true[1]:
        return {0: 1.0, 5: 0.5, 7: 0.5}.get(apart, 0.0)
    if apart == (9 if true[1] == "major" else 3):
        return 0.3
    return 0.2 if apart == 0 else 0.0


def correlation(one: Sequence[float], other: Sequence[float]) -> float:
    """Return Spearman's rho: how far two orders agree, -1 to 1."""
    return float(np.corrcoef(_ranks(one), _ranks(other))[0, 1])


def separation(values: Sequence[float], wanted: Sequence[bool]) -> float:
    """Return the area under the ROC curve: how often a wanted one has more than one that is not, 0.5 by chance."""
    ranks, chosen = _ranks(values), np.asarray(wanted, bool)
    yes, no = int(chosen.sum()), int((~chosen).sum())
    return float((ranks[chosen].sum() - yes * (yes - 1) / 2) / (yes * no))


def _ranks(values: Sequence[float]) -> np.ndarray:
    """Return ranks from 0, equal values sharing their mean."""
    _, places, counts = np.unique(np.asarray(values, float), return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    return (last - (counts + 1) / 2)[places]


def apart(vectors: np.ndarray) -> np.ndarray:
    """Return all distances (n, n) between vectors (n, d), infinite to oneself."""
    whole = vectors.astype(np.float64)
    norms = (whole**2).sum(axis=1)
    squares = norms[:, None] + norms - 2 * whole @ whole.T
    np.fill_diagonal(squares, np.inf)
    return np.sqrt(np.maximum(squares, 0))


def precision(distances: np.ndarray, groups: Sequence, count: int, barred: Sequence | None = None) -> float:
    """Return the mean share of one's own group among the nearest `count`; those of the same `barred` do not count."""
    groups = np.asarray(groups)
    found = []
    for at, row in enumerate(distances):
        row = row.copy()
        if barred is not None:
            row[np.asarray(barred) == barred[at]] = np.inf
        near = np.argsort(row, kind="stable")[:count]
        found.append(float((groups[near] == groups[at]).mean()))
    return float(np.mean(found))


def occurrences(distances: np.ndarray, count: int) -> np.ndarray:
    """Return in how many others' nearest `count` each is (n,): many of a hub, none of an orphan."""
    near = np.argsort(distances, axis=1, kind="stable")[:, :count]
    return np.bincount(near.ravel(), minlength=len(distances))
