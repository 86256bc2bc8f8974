"""Modes of taste: weighted k-means over the vectors of what somebody likes; pure numpy, runs in a child.

One mean of a taste lies where nobody listens, between the songs for the morning
and those for the run. The rule a newcomer would break: the same likes give the
same modes, so everything random here is drawn from a fixed seed.
"""

import base64
from typing import Any

import numpy as np

MOST, LEAST_TRACKS, LEAST_SHARE = 8, 3, 0.05
LEAST_WEIGHT = 1e-6
"""Of the largest one."""
ROUNDS, STARTS = 30, 4
SPLIT = 0.07
"""How clear a division has to be (silhouette, -1 to 1): noise without any kinds comes to .03 at 149 dimensions and to
.06 at 30."""


def answer(question: dict[str, Any]) -> dict:
    """Return for vectors as stored (16-bit floats, base64) and their weights a mode for each, and all centres."""
    points = np.frombuffer(base64.b64decode(question["vectors"]), "<f2").reshape(-1, question["dimensions"])
    weights = np.asarray(question["weights"], np.float64)
    # A play of many years ago weighs so little that as 32 bits it would be nothing, and a mean of nothing is none.
    weights = np.maximum(weights / weights.max(), LEAST_WEIGHT).astype(np.float32)
    labels, centres = modes(points.astype(np.float32), weights, min(MOST, question.get("most", MOST)))
    return {"labels": labels.tolist(), "centres": centres.tolist()}


def modes(points: np.ndarray, weights: np.ndarray, most: int = MOST) -> tuple[np.ndarray, np.ndarray]:
    """Return labels (n,) and centres (k, d) of points (n, d) with weights above 0; k is what divides them best."""
    best = np.zeros(len(points), int), _mean(points, weights)[None]
    best_clear = SPLIT
    for k in range(2, min(most, len(points) // LEAST_TRACKS) + 1):
        labels, centres = _kmeans(points, weights, k)
        shares = np.bincount(labels, weights, k) / weights.sum()
        if shares.min() < LEAST_SHARE or np.bincount(labels, minlength=k).min() < LEAST_TRACKS:
            continue
        if (clear := _clear(points, weights, labels, centres)) > best_clear:
            best, best_clear = (labels, centres), clear
    return best


def _kmeans(points: np.ndarray, weights: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
    chance, best, least = np.random.default_rng(7), None, np.inf
    for _ in range(STARTS):
        centres = _first(points, weights, k, chance)
        labels = None
        for _ in range(ROUNDS):
            apart = _squares(points, centres)
            fresh = apart.argmin(axis=1)
            if labels is not None and (fresh == labels).all():
                break
            labels = fresh
            for each in range(k):
                own = labels == each
                if own.any():
                    centres[each] = _mean(points[own], weights[own])
        cost = float((weights * _squares(points, centres).min(axis=1)).sum())
        if cost < least:
            best, least = (labels, centres), cost
    return best


def _first(points: np.ndarray, weights: np.ndarray, k: int, chance: np.random.Generator) -> np.ndarray:
    """Choose points far from each other, as k-means++ does."""
    chosen = [int(chance.choice(len(points), p=weights / weights.sum()))]
    while len(chosen) < k:
        apart = _squares(points, points[chosen]).min(axis=1) * weights
        total = apart.sum()
        chosen.append(int(chance.choice(len(points), p=apart / total)) if total > 0 else chosen[-1])
    return points[chosen].copy()


def _clear(points: np.ndarray, weights: np.ndarray, labels: np.ndarray, centres: np.ndarray) -> float:
    """Return the mean silhouette by centres: how much nearer points lie to their own than to the next one."""
    apart = np.sqrt(_squares(points, centres))
    whole = np.bincount(labels, weights, len(centres))[labels]
    # To the centre of the others of its mode: a few points always lie near the mean of themselves.
    own = apart[np.arange(len(points)), labels] * whole / np.maximum(whole - weights, 1e-9)
    apart[np.arange(len(points)), labels] = np.inf
    other = apart.min(axis=1)
    return float(np.average((other - own) / np.maximum(np.maximum(own, other), 1e-9), weights=weights))


def _squares(points: np.ndarray, centres: np.ndarray) -> np.ndarray:
    found = (points**2).sum(axis=1)[:, None] + (centres**2).sum(axis=1) - 2 * points @ centres.T
    return np.maximum(found, 0)


def _mean(points: np.ndarray, weights: np.ndarray) -> np.ndarray:
    return (points * weights[:, None]).sum(axis=0) / weights.sum()
