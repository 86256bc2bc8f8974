"""From plain cues to what people ask for: energy, danceability, acousticness, speech, moods; each from 0 to 1.

These are rules of thumb with the weights written down, not models: each is a
weighted mean of cues brought to 0..1 between two bounds. What they reach on
music whose truth is known is printed by `python -m ai.quality`. The rule a
newcomer would break: an estimate says how sure it is, and moods never are very.
"""

import numpy as np

from ai import rhythm
from ai.analyses import Value
from ai.features import Cues
from ai.keys import Key

OURS = "ours"
SURE, FAIR, WEAK = 0.8, 0.6, 0.4
SPOKEN = 0.66
"""From here on somebody talks and nobody plays."""


def estimates(cues: Cues, beat: rhythm.Tempo, key: Key, dance: float | None = None) -> dict[str, Value]:
    """Return every estimate by its name in `ai.analyses.Analysis.values`; `dance`: what essentia says of it, 0 to 3."""
    strength = energy(cues)
    joy = valence(cues, beat, key)
    speech = speechiness(cues)
    found = {
        "energy": (strength, SURE),
        "danceability": (danceability(cues, beat, dance), FAIR),
        "acousticness": (acousticness(cues), FAIR),
        "speechiness": (speech, SURE),
        "percussive": (drums(cues), FAIR),
        "valence": (joy, WEAK),
        "happy": (float(np.sqrt(joy * strength)), WEAK),
        "sad": ((1 - joy) * (1 - strength), WEAK),
        "aggressive": (strength * (1 - 0.7 * joy) * (0.5 + 0.5 * _log_flatness(cues)), WEAK),
        "relaxed": ((1 - strength) * (0.6 + 0.4 * joy), WEAK),
    }
    if speech > SPOKEN:
        # Moods of music, which this is not.
        for name in ("danceability", "valence", "happy", "sad", "aggressive", "relaxed"):
            del found[name]
    return {name: Value(round(float(value), 3), sure, OURS) for name, (value, sure) in found.items()}


def energy(cues: Cues) -> float:
    return _mean(
        (0.45, _ramp(cues.loudness_lufs, -26, -7)),
        (0.20, _ramp(cues.onset_rate_hz, 1, 4.5)),
        (0.15, _log_flatness(cues)),
        (0.10, _ramp(cues.pulse, 0.1, 0.9)),
        (0.10, _ramp(cues.crest_db, 20, 10)),
    )


def danceability(cues: Cues, beat: rhythm.Tempo, dance: float | None) -> float:
    """A steady, strong beat at a tempo that people walk or dance to, in whichever octave it was heard."""
    fits = float(np.exp(-0.5 * (rhythm.apart(beat.bpm, 120) / 0.3) ** 2)) if beat.bpm else 0.0
    theirs = ((0.8, _ramp(dance, 0.9, 2.4)),) if dance is not None else ()
    return beat.confidence * _mean(
        *theirs,
        (0.25, _ramp(cues.pulse, 0.4, 0.95)),
        (0.30, _ramp(cues.percussive, 0.15, 0.6)),
        (0.25, _ramp(cues.syllables, 0.15, 0.5)),
        (0.10, fits),
        (0.10, _ramp(cues.loudness_lufs, -22, -9)),
    )


def acousticness(cues: Cues) -> float:
    """Played without amplifiers or machines: wide dynamics, clear tones, no wall of sound."""
    return _mean(
        (0.35, _ramp(cues.crest_db, 11, 18)),
        (0.25, _ramp(cues.loudness_lufs, -8, -22)),
        (0.15, _ramp(cues.range_lu, 0.4, 4)),
        (0.10, 1 - _log_flatness(cues)),
        (0.15, _ramp(cues.percussive, 0.6, 0.15)),
        (0.15, _ramp(cues.harmonic_change, 0.1, 0.3)),
    )


def speechiness(cues: Cues) -> float:
    """Somebody talks: syllables without a pulse, noise and pauses, pitch that never rests."""
    return _mean(
        (0.25, _ramp(cues.flux, 0.3, 0.6)),
        (0.20, _log_flatness(cues)),
        (0.20, _ramp(cues.pulse, 0.4, 0.1)),
        (0.20, _ramp(cues.quiet_share, 0.1, 0.4)),
        (0.15, _ramp(cues.crest_db, 14, 19)),
    )


def drums(cues: Cues) -> float:
    return _mean(
        (0.35, _ramp(cues.loudness_lufs, -24, -10)),
        (0.25, _log_flatness(cues)),
        (0.20, _ramp(cues.pulse, 0.2, 0.9)),
        (0.20, _ramp(cues.percussive, 0.15, 0.6)),
    )


def valence(cues: Cues, beat: rhythm.Tempo, key: Key) -> float:
    """How bright rather than dark: mostly the mode, then tempo and movement. It agrees with people only so far."""
    mode = 0.5 + (0.5 if key.mode == "major" else -0.5) * key.confidence
    return _mean(
        (0.45, mode),
        (0.20, _ramp(cues.harmonic_change, 0.13, 0.28)),
        (0.20, _ramp(cues.crossings_spread, 0.015, 0.06)),
        (0.15, _ramp(beat.bpm, 70, 150) * beat.confidence),
    )


def _log_flatness(cues: Cues) -> float:
    return _ramp(float(np.log(cues.flatness + 1e-6)), -7.5, -2.5)


def _ramp(value: float, low: float, high: float) -> float:
    """Return where a value lies between two bounds, 0 at and before `low`, 1 at and after `high`."""
    return float(np.clip((value - low) / (high - low), 0, 1))


def _mean(*parts: tuple[float, float]) -> float:
    return sum(weight * value for weight, value in parts) / sum(weight for weight, _ in parts)
