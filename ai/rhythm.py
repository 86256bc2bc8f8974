"""Rhythm: tempo with its other readings, beats, beats in a bar; pure numpy, runs in children.

The rule a newcomer would break: the octave of a tempo is a matter of taste, for
listeners as for this code, so whatever compares tempi folds octaves (`apart`).

Sources: autocorrelation of onset strength with a prior around 120 bpm and beats
by dynamic programming, both Ellis 2007.
"""

from itertools import pairwise
from typing import NamedTuple

import numpy as np

from ai.features import FPS, pulse

LOW_BPM, HIGH_BPM = 40.0, 240.0
RELATED = ((2, 0.6), (3, 0.25), (4, 0.35), (0.5, 0.3), (2 / 3, -0.3))
"""A beat's period repeats after so many times itself too, and not after two thirds of itself: what does is syncopation,
three of whose steps make two beats."""
BROADER = np.array([0.25, 0.5, 0.25])
FAR_S = 6.5
"""Four beats of the slowest tempo."""
FLAT = 0.01
"""An envelope that moves less holds no onsets, only rounding; of a soft string quartet it is 0.08."""
LITTLE = 0.2
"""Of an accent (natural logarithm of energy): what differs less between beats is mostly where frames fall."""
TIGHTNESS = 100.0
"""How much a beat off the tempo costs against a weak onset."""


class Tempo(NamedTuple):
    bpm: float
    confidence: float
    """0 to 1; below 0.3 there is no steady beat."""
    alternates: tuple[float, ...]
    """Other readings of the same onsets, likeliest first."""


def apart(one_bpm: float, other_bpm: float) -> float:
    """Return how far two tempi lie apart in octaves, 0 to 0.5, whichever octave either was heard in."""
    off = np.log2(one_bpm / other_bpm) % 1.0
    return float(min(off, 1.0 - off))


def tempo(envelope: np.ndarray) -> Tempo:
    """Return the tempo of an onset envelope (n,), FPS values a second."""
    lags, far = pulse(envelope, FAR_S)
    if len(lags) < 8 or envelope.std() < FLAT:
        return Tempo(0.0, 0.0, ())
    # Sharp onsets meet again only after whole frames, and most periods are none: broader ones meet after any.
    lags, repeats = pulse(np.convolve(envelope, BROADER, "same"))
    bpm = 60 * FPS / lags
    scored = repeats.copy()
    for times, weight in RELATED:
        scored += weight * np.interp(lags * times, lags, repeats, left=0, right=0)
    scored *= np.exp(-0.5 * (np.log2(bpm / 120) / 0.9) ** 2)
    scored[(bpm < LOW_BPM) | (bpm > HIGH_BPM)] = -1
    peaks = [at for at in range(1, len(scored) - 1) if scored[at] >= scored[at - 1] and scored[at] > scored[at + 1]]
    peaks.sort(key=lambda at: -scored[at])
    if not peaks or scored[peaks[0]] <= 0:
        return Tempo(0.0, 0.0, ())
    best = peaks[0]
    found = [_exact(repeats, lags, at) for at in peaks[:6] if scored[at] > 0.35 * scored[best]]
    return Tempo(found[0], _confidence(far, found[0]), tuple(found[1:4]))


def _exact(repeats: np.ndarray, lags: np.ndarray, at: int) -> float:
    """Return the tempo at a peak, between the frames: through a parabola of the peak four periods on, where it is
    known four times as exactly."""
    for times in (4, 3, 2, 1):
        guess = int(lags[at]) * times - 1
        low, high = max(1, guess - times), min(len(repeats) - 1, guess + times + 1)
        if low >= high or guess >= len(repeats):
            continue
        top = low + int(np.argmax(repeats[low:high]))
        if 0 < top < len(repeats) - 1 and repeats[top] > 0.3 * repeats[at]:
            left, middle, right = repeats[top - 1 : top + 2]
            bend = left - 2 * middle + right
            shift = np.clip(0.5 * (left - right) / bend, -0.5, 0.5) if bend < 0 else 0.0
            return float(60 * FPS * times / (lags[top] + shift))
    return float(60 * FPS / lags[at])


def _confidence(repeats: np.ndarray, bpm: float) -> float:
    """Return how sure a tempo is, 0 to 1: how well the onsets repeat after one, two, three and four beats.

    On music composed for the purpose the mean of the four is at most 0.11 for what floats, and at least 0.33 for
    what one can tap to, all but strings that fade in; one beat alone is met by chance.
    """
    after = np.round(np.arange(1, 5) * 60 * FPS / bpm).astype(int) - 1
    met = [repeats[max(0, at - 2) : at + 3].max() for at in after if at < len(repeats)]
    return float(np.clip((np.mean(met) - 0.03) / 0.3, 0, 1)) if met else 0.0


def beats(envelope: np.ndarray, bpm: float) -> np.ndarray:
    """Return frames at which beats fall, for an onset envelope (n,) and its tempo."""
    period = 60 * FPS / bpm
    strength = np.maximum(envelope, 0)
    spread = np.exp(-0.5 * (np.arange(-8, 9) * 32 / period) ** 2)
    local = np.convolve(strength / (strength.std() + 1e-9), spread / spread.sum(), "same")
    back = np.arange(-round(2 * period), -round(period / 2) + 1)
    cost = -TIGHTNESS * np.log(-back / period) ** 2
    score, came_from = local.copy(), np.full(len(local), -1)
    first = -int(back[0])
    for at in range(first, len(local)):
        reached = score[at + back[0] : at + back[-1] + 1] + cost
        best = int(np.argmax(reached))
        score[at] += reached[best]
        came_from[at] = at + back[best]
    if len(score) <= first:
        return np.zeros(0, int)
    at = len(score) - first + int(np.argmax(score[-first:]))
    found = [at]
    while (at := int(came_from[at])) >= 0:
        found.append(at)
    return np.array(found[::-1])


class Metre(NamedTuple):
    beats: int
    """3, 4, or 6 for four-fold time with triple beats."""
    confidence: float


def metre(flux: np.ndarray, mel: np.ndarray, at: np.ndarray) -> Metre | None:
    """Return how many beats make a bar: after how many the accents on beats repeat best; None for under 13 beats.

    `flux` (n, bands), `mel` (n + 1, bands), `at` frames of beats.
    """
    at = at[at < len(flux) - 4]
    if len(at) < 13:
        return None
    accents = []
    for begin, end in pairwise(at):
        # A frame hears a beat that falls on its end, so the onset lies before the beat's own frame.
        near = flux[max(0, begin - 6) : begin + 3].sum(axis=0)
        ways = [near[:8].mean(), near[8:24].mean(), near[24:].mean()]
        accents.append(ways + list(mel[begin : max(begin + 1, end)].mean(axis=0)[::5]))
    table = np.array(accents)
    table = (table - table.mean(axis=0)) / (table.std(axis=0) + LITTLE)
    alike = table @ table.T
    alike /= float(np.diagonal(alike).mean()) + 1e-9
    count = len(alike)

    def after(step: int) -> float:
        return float(np.mean(np.diagonal(alike, step))) if count > 2 * step else -9.0

    three = max(after(3), (after(3) + after(6)) / 2)
    four = max(after(2), after(4), (after(4) + after(8)) / 2)
    confidence = float(np.clip(abs(three - four) / 0.3, 0, 1))
    if three > four:
        return Metre(3, confidence)
    return Metre(6 if _thirds(flux, at) > 0.62 else 4, confidence)


def _thirds(flux: np.ndarray, at: np.ndarray) -> float:
    """Return how much of the movement inside beats divides them by three rather than by two, 0 to 1."""
    rate = FPS / float(np.median(np.diff(at)))
    groups = np.stack([part.mean(axis=1) for part in np.array_split(flux, 6, axis=1)], axis=1)
    size = 8192
    length = min(len(groups), size)
    groups = groups[:length] - groups[:length].mean(axis=0)
    spectrum = np.abs(np.fft.rfft(groups * np.hanning(length)[:, None], n=size, axis=0))
    hz = np.arange(len(spectrum)) * FPS / size

    def strength(times: float) -> float:
        near = np.abs(hz - rate * times) < max(0.06, 0.03 * rate * times)
        return float(spectrum[near].max(axis=0).sum()) if near.any() else 0.0

    two, three = strength(2), strength(3)
    return three / (two + three + 1e-9)
