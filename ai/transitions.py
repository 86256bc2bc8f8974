"""Transitions: what it costs that one track follows another; numpy, runs in children.

Five things between 0 and 1, weighted to a sum between 0 and 1: tempo, key, sound, mood and energy. What is not known,
or not trusted, costs what an average step costs, so that nobody gains or loses by it. The rule a newcomer would break:
a tempo and its double are nearly the same, and keys are as far apart as on Camelot's wheel, not as their names.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

WEIGHTS = {"tempo": 0.30, "key": 0.25, "sound": 0.25, "mood": 0.10, "energy": 0.10}
AVERAGE = {"tempo": 0.35, "key": 0.45, "sound": 0.5, "mood": 0.2, "energy": 0.4}
"""What a step costs of which one side is not known."""
SAME_ARTIST = 3.0
FAR_OCTAVES = 0.17
"""Tempi so far apart, 12.5 %, cannot be mixed."""
OCTAVE = 0.2
"""A beat at half or double the speed fits, and still feels different."""
TRUSTED, BEATLESS = 0.6, 0.3
"""From this confidence on a value is believed wholly; below that one there is no steady beat."""
FAR_HALVES = 3.0
"""So many half distances of the space are as far apart as can be."""
SAME_MODE = (0.0, 0.08, 0.30, 0.75, 0.90, 1.0, 1.0, 0.45, 0.90, 0.75, 0.40, 0.08)
"""By steps up the wheel: one is a fifth, two up a whole tone and seven up a semitone, which give energy."""
OTHER_MODE = (0.10, 0.35, 0.70, 0.90, 1.0, 1.0, 1.0, 1.0, 1.0, 0.90, 0.70, 0.35)
"""None is the relative key, one the diagonal."""


def _wheel() -> np.ndarray:
    """Return the costs between all keys: 1A is 0, 1B is 1, 2A is 2."""
    table = np.empty((24, 24))
    for one in range(24):
        for other in range(24):
            costs = SAME_MODE if one % 2 == other % 2 else OTHER_MODE
            table[one, other] = costs[(other // 2 - one // 2) % 12]
    return table


WHEEL = _wheel()


class Known(NamedTuple):
    """What is known of n tracks. A trust of 0 is a value that is not known."""

    same: np.ndarray
    """Equal for entries of one track."""
    artist: np.ndarray
    """0 for nobody."""
    octaves: np.ndarray
    """log2 of the tempo."""
    tempo_trust: np.ndarray
    key: np.ndarray
    key_trust: np.ndarray
    energy: np.ndarray
    energy_trust: np.ndarray
    valence: np.ndarray
    valence_trust: np.ndarray
    vectors: np.ndarray
    """(n, dimensions) in units of the space's half distance; no dimensions where there is no space."""
    heard: np.ndarray
    """Whether there is a vector."""


def known(rows: Sequence[Sequence[Any]], vectors: np.ndarray, heard: np.ndarray) -> Known:
    """Read rows of [track, artist, tempo, confidence, camelot, c., energy, c., valence, c.], None where unknown."""
    bpm, beat = _pairs([(row[2], row[3]) if row[2] else (1, 0) for row in rows])
    key, key_sure = _pairs([(_place(row[4]), row[5]) if row[4] else (0, 0) for row in rows])
    energy, energy_sure = _pairs([(row[6], row[7]) if row[6] is not None else (0.5, 0) for row in rows])
    valence, valence_sure = _pairs([(row[8], row[9]) if row[8] is not None else (0.5, 0) for row in rows])
    return Known(
        np.array([row[0] for row in rows], np.int64), np.array([row[1] for row in rows], np.int64),
        np.log2(bpm), np.clip((beat - BEATLESS) / (TRUSTED - BEATLESS), 0, 1), key.astype(int), _trust(key_sure),
        energy, _trust(energy_sure), valence, _trust(valence_sure), vectors, heard,
    )  # fmt: skip


def costs(of: Known, before: np.ndarray, after: np.ndarray) -> dict[str, np.ndarray]:
    """Return what steps cost by each thing, unweighted; `before` and `after` are indexes that fit each other."""
    return {
        "tempo": _faded("tempo", _tempo(of, before, after), of.tempo_trust, before, after),
        "key": _faded("key", WHEEL[of.key[before], of.key[after]], of.key_trust, before, after),
        "sound": np.where(of.heard[before] & of.heard[after], _sound(of, before, after), AVERAGE["sound"]),
        "mood": _faded("mood", np.abs(of.valence[before] - of.valence[after]), of.valence_trust, before, after),
        "energy": _faded("energy", np.minimum(1, 2 * np.abs(of.energy[before] - of.energy[after])), of.energy_trust,
                         before, after),
    }  # fmt: skip


def steps(of: Known, before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """Return the whole cost of steps: what they are, and how much nobody wants one artist twice in a row."""
    return sum(WEIGHTS[name] * each for name, each in costs(of, before, after).items()) + SAME_ARTIST * repeated(
        of, before, after
    )


def repeated(of: Known, before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """Return where an artist, or a track of nobody, follows itself."""
    artist = (of.artist[before] == of.artist[after]) & (of.artist[before] > 0)
    return artist | (of.same[before] == of.same[after])


def table(of: Known, chosen: np.ndarray | None = None) -> np.ndarray:
    """Return the costs of all steps between some tracks, (n, n)."""
    chosen = np.arange(len(of.same)) if chosen is None else chosen
    found = steps(of, chosen[:, None], chosen[None, :])
    np.fill_diagonal(found, 0)
    return found


def _tempo(of: Known, before: np.ndarray, after: np.ndarray) -> np.ndarray:
    apart = of.octaves[after] - of.octaves[before]
    near = np.minimum(1, np.abs(apart) / FAR_OCTAVES)
    for octave in (-1, 1):
        near = np.minimum(near, OCTAVE + np.abs(apart + octave) / FAR_OCTAVES)
    return near


def _sound(of: Known, before: np.ndarray, after: np.ndarray) -> np.ndarray:
    if not of.vectors.shape[1]:
        return np.zeros(np.broadcast(before, after).shape)
    if before.ndim == 1:
        apart = np.linalg.norm(of.vectors[before] - of.vectors[after], axis=1)
    else:
        one, other = of.vectors[before.ravel()], of.vectors[after.ravel()]
        squares = (one**2).sum(axis=1)[:, None] + (other**2).sum(axis=1)[None, :] - 2 * one @ other.T
        apart = np.sqrt(np.maximum(squares, 0))
    return np.minimum(1, apart / FAR_HALVES)


def _faded(name: str, cost: np.ndarray, trust: np.ndarray, before: np.ndarray, after: np.ndarray) -> np.ndarray:
    sure = np.minimum(trust[before], trust[after])
    return sure * cost + (1 - sure) * AVERAGE[name]


def _pairs(told: list[tuple[float, float]]) -> np.ndarray:
    """Return values and confidences, (2, n)."""
    return np.array(told, float).reshape(-1, 2).T


def _trust(confidences: np.ndarray) -> np.ndarray:
    return np.clip(confidences / TRUSTED, 0, 1)


def _place(camelot: str) -> int:
    """Return where a key stands in `WHEEL`."""
    return 2 * int(camelot[:-1]) - 2 + (camelot[-1] == "B")
