"""What ours is compared with: 23 numbers of the kind that bliss-rs compares songs by; runs in a child.

Tempo, zero crossings, centroid, rolloff, flatness and loudness as mean and
spread, and 13 numbers of harmony (interval classes and triads), written here
after their description. The rule a newcomer would break: this is a yardstick,
so it is not improved.
"""

import numpy as np

from ai import features, rhythm
from ai.models.decode import decode

TRIADS = ((0, 4, 7), (0, 3, 7), (0, 3, 6), (0, 4, 8))
WEIGHTS = np.array([0.25] + [1.0] * 9 + [3 / 13] * 13)
"""Its version 0.13 trusts its tempo and its harmony little."""


def listen(payload: dict) -> list[float]:
    """Return the 23 numbers of a file."""
    sound = decode(payload["path"], fine=False)
    each = features.frames(sound.samples)
    beat = rhythm.tempo(features.envelope_of(features.onsets(each.mel)))
    levels = 20 * np.log10(each.level + 1e-6)
    spreads = [number for values in (each.centroid, each.rolloff, each.flatness, levels)
               for number in (float(values.mean()), float(values.std()))]  # fmt: skip
    return [beat.bpm, float(each.crossings.mean()), *spreads, *_harmony(features.chroma(sound.samples))]


def _harmony(pitches: np.ndarray) -> list[float]:
    unit = pitches / (pitches.max(axis=1, keepdims=True) + 1e-9)
    pairs = [float((unit * np.roll(unit, -step, axis=1)).sum(axis=1).mean()) for step in range(1, 7)]
    triads = [float(np.prod([np.roll(unit, -step, axis=1) for step in chord], axis=0).sum(axis=1).mean())
              for chord in TRIADS]  # fmt: skip
    two, three = float(np.linalg.norm(pairs)), float(np.linalg.norm(triads))
    return [each / (two + 1e-9) for each in pairs] + [each / (three + 1e-9) for each in triads] + [
        two, three, float(np.arctan2(three, two))]  # fmt: skip


def scaled(raw: np.ndarray, weighted: bool) -> np.ndarray:
    """Return raw numbers (n, 23) so that Euclid may compare them, `weighted` as bliss does."""
    level = (raw - raw.mean(axis=0)) / (raw.std(axis=0) + 1e-9)
    return level * np.sqrt(WEIGHTS) if weighted else level
