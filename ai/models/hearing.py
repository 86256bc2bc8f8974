"""One track listened to, from file to numbers: what the analysing children run.

essentia's beats and keys are used where it is installed, ours otherwise; each
value says which. The rule a newcomer would break: essentia never opens a file
(its loaders crash on Opus), it only gets samples.
"""

import importlib.util
import time
from typing import Any, NamedTuple

import numpy as np

from ai import estimates, features, fingerprint, keys, rhythm
from ai.analyses import OK, SILENT, TOO_SHORT, UNREADABLE
from ai.models.decode import BEATS_RATE_HZ, Sound, Unheard, decode

SILENCE_LUFS = -60.0
"""Below this a beat tracker hears beats in noise."""
SHORTEST_S = 3.0
WHOLE = 0.9
"""Of what a file says to last, so much is all of it: some say it wrongly."""
OURS, ESSENTIA = "ours", "essentia"
STEADY = 0.3
"""Confidence of `rhythm.tempo` below which there is no steady beat."""
SAME = 0.04
"""Two tempi this near (octaves, or a share of one) are one."""

FLATS = {"Db": "C#", "Eb": "D#", "Gb": "F#", "Ab": "G#", "Bb": "A#"}


class Theirs(NamedTuple):
    """What essentia said; None where it is not here or failed."""

    key: keys.Key | None = None
    dance: float | None = None
    """By detrended fluctuation analysis, 0 to about 3."""
    bpm: float | None = None
    beats: np.ndarray | None = None
    """Frames of `features`."""


def listen(payload: dict) -> dict:
    """Return what can be told of `payload["path"]`.

    {"state", "reason", "values": {name: [value, confidence, source]}, "blocks": [float] or None,
    "fingerprint": [32-bit word], "cpu_ms"}.
    """
    began = time.process_time()
    with_essentia = payload.get("essentia", True) and importlib.util.find_spec("essentia") is not None
    try:
        sound = decode(payload["path"], fine=with_essentia)
    except Unheard as unheard:
        return _said(began, UNREADABLE, str(unheard))
    if sound.length_s < SHORTEST_S:
        return _said(began, TOO_SHORT, f"It lasts {sound.length_s:.1f} seconds: too short to tell anything.")
    values = _levels(sound)
    if sound.loudness_lufs < SILENCE_LUFS:
        return _said(began, SILENT, "Nothing, or next to nothing, can be heard in it.", values)
    theirs = _by_essentia(features.levelled(sound.fine, sound.loudness_lufs)) if with_essentia else Theirs()
    sound = sound._replace(fine=None)
    words = fingerprint.fingerprint(sound.samples)
    heard = features.hear(sound.samples, sound.loudness_lufs, sound.range_lu, overwrite=True)
    key = keys.key(heard.pitch, theirs.key)
    agreed = theirs.key is not None and (key.tonic, key.mode) == (theirs.key.tonic, theirs.key.mode)
    beat = rhythm.tempo(heard.envelope)
    values |= _keys(key, ESSENTIA if agreed else OURS) | _rhythm(heard, beat, theirs)
    values |= estimates.estimates(heard.cues, beat, key, theirs.dance)
    values |= {
        "dynamics_db": (round(heard.cues.crest_db, 2), 1.0, OURS),
        "centroid_hz": (round(heard.cues.centroid_hz, 1), 1.0, OURS),
        "onset_rate_hz": (round(heard.cues.onset_rate_hz, 3), estimates.FAIR, OURS),
    }
    torn = _torn(sound, payload.get("length_s", 0.0))
    return _said(began, OK, torn, values) | {"blocks": heard.blocks.tolist(), "fingerprint": words.tolist()}


def _torn(sound: Sound, stated_s: float) -> str:
    """Return what is to be said of a sound that could not be decoded whole, or ""."""
    if sound.length_s < WHOLE * stated_s:
        return f"Only {sound.length_s:.0f} of {stated_s:.0f} seconds can be decoded."
    return "Some of it could not be decoded and was passed over." if sound.mistakes else ""


def _said(began: float, state: str, reason: str, values: dict | None = None) -> dict:
    return {
        "state": state, "reason": reason, "values": {name: list(value) for name, value in (values or {}).items()},
        "blocks": None, "fingerprint": [], "cpu_ms": round((time.process_time() - began) * 1000),
    }  # fmt: skip


def _levels(sound: Sound) -> dict[str, Any]:
    return {
        "loudness_lufs": (round(sound.loudness_lufs, 2), 1.0, OURS),
        "loudness_range_lu": (round(sound.range_lu, 2), 1.0, OURS),
        "true_peak_dbtp": (round(sound.true_peak_dbtp, 2), 1.0, OURS),
    }


def _keys(key: keys.Key, source: str) -> dict[str, Any]:
    sure = round(key.confidence, 3)
    return {
        "key": (key.tonic, sure, source),
        "mode": (key.mode, sure, source),
        "camelot": (keys.camelot(key.tonic, key.mode), sure, source),
    }


def _rhythm(heard: features.Heard, beat: rhythm.Tempo, theirs: Theirs) -> dict[str, Any]:
    """Return tempo and metre; nothing where there is no steady beat."""
    if beat.confidence < STEADY:
        return {}
    bpm, others, at, source, agreed = beat.bpm, beat.alternates, None, OURS, 0.8
    if theirs.bpm is not None:
        if rhythm.apart(theirs.bpm, beat.bpm) < SAME:
            # Two ways to the same beats; essentia's is a little oftener right about their octave.
            bpm, at, source, agreed = theirs.bpm, theirs.beats, ESSENTIA, 1.0
            others = (beat.bpm, *beat.alternates)
        else:
            others, agreed = (theirs.bpm, *beat.alternates), 0.6
    if at is None:
        at = rhythm.beats(heard.envelope, bpm)
    sure = round(beat.confidence * agreed, 3)
    values: dict[str, Any] = {
        "tempo_bpm": (round(bpm, 2), sure, source),
        "tempo_alternates": ([round(other, 2) for other in others if abs(other / bpm - 1) > SAME][:3], sure, OURS),
    }
    if (bar := rhythm.metre(heard.flux, heard.mel, at)) is not None:
        values["metre"] = (bar.beats, round(bar.confidence, 3), OURS)
    return values


def _essentia():
    import essentia

    essentia.log.infoActive = essentia.log.warningActive = False
    import essentia.standard

    return essentia.standard


def _by_essentia(samples: np.ndarray) -> Theirs:
    """Return what essentia hears in levelled samples (n,) at BEATS_RATE_HZ; what it fails at is left out.

    The method "degara" costs a third of "multifeature" and hears the same tempi; its missing confidence is ours.
    """
    essentia, found = _essentia(), Theirs()
    try:
        name, mode, strength = essentia.KeyExtractor(profileType="bgate", sampleRate=BEATS_RATE_HZ)(samples)
        tonic = keys.NAMES.index(FLATS.get(name, name))
        found = found._replace(key=keys.Key(tonic, mode, float(np.clip(strength, 0, 1))))
        dance = float(essentia.Danceability(sampleRate=BEATS_RATE_HZ)(samples)[0])
        found = found._replace(dance=dance if np.isfinite(dance) else None)
        bpm, ticks, *_ = essentia.RhythmExtractor2013(method="degara")(samples)
    except RuntimeError:
        return found
    if np.isfinite(bpm) and rhythm.LOW_BPM / 2 <= bpm <= rhythm.HIGH_BPM * 2:
        found = found._replace(bpm=float(bpm), beats=np.round(np.asarray(ticks) * features.FPS).astype(int))
    return found
