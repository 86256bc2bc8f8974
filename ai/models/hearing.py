"""One track listened to, from file to numbers: what the analysing children run.

essentia's beats and keys are used where it is installed, ours otherwise; each
value says which. The rule a newcomer would break: essentia never opens a file
(its loaders crash on Opus), it only gets samples.
"""

import importlib.util
import time
from typing import Any

import numpy as np

from ai import estimates, features, fingerprint, keys, rhythm
from ai.analyses import OK, SILENT, TOO_SHORT, UNREADABLE
from ai.models.decode import BEATS_RATE_HZ, Sound, Unheard, decode

SILENCE_LUFS = -60.0
"""Below this a beat tracker hears beats in noise."""
SHORTEST_S = 3.0
OURS, ESSENTIA = "ours", "essentia"
STEADY = 0.3
"""Confidence of `rhythm.tempo` below which there is no steady beat."""
SAME = 0.04
"""Two tempi this near (octaves, or a share of one) are one."""


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
    key = _key_by_essentia(sound) if with_essentia else None
    heard = features.hear(sound.samples, sound.loudness_lufs, sound.range_lu)
    key = key or (keys.key(heard.pitch), OURS)
    beat = rhythm.tempo(features.envelope_of(heard.flux))
    values |= _keys(*key) | _rhythm(sound, heard, beat, with_essentia)
    values |= estimates.estimates(heard.cues, beat, key[0])
    values |= {
        "dynamics_db": (round(heard.cues.crest_db, 2), 1.0, OURS),
        "centroid_hz": (round(heard.cues.centroid_hz, 1), 1.0, OURS),
        "onset_rate_hz": (round(heard.cues.onset_rate_hz, 3), estimates.FAIR, OURS),
    }
    words = fingerprint.fingerprint(sound.samples)
    return _said(began, OK, "", values) | {"blocks": heard.blocks.tolist(), "fingerprint": words.tolist()}


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


def _rhythm(sound: Sound, heard: features.Heard, beat: rhythm.Tempo, with_essentia: bool) -> dict[str, Any]:
    """Return tempo and metre; nothing where there is no steady beat."""
    if beat.confidence < STEADY:
        return {}
    bpm, others, at, source, agreed = beat.bpm, beat.alternates, None, OURS, 0.8
    if with_essentia and (found := _beats_by_essentia(sound)) is not None:
        if rhythm.apart(found[0], beat.bpm) < SAME:
            # Two ways to the same beats; essentia's is a little oftener right about their octave.
            (bpm, at), others, source, agreed = found, (beat.bpm, *beat.alternates), ESSENTIA, 1.0
        else:
            others, agreed = (found[0], *beat.alternates), 0.6
    if at is None:
        at = rhythm.beats(features.envelope_of(heard.flux), bpm)
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


def _beats_by_essentia(sound: Sound) -> tuple[float, np.ndarray] | None:
    """Return tempo (bpm) and beats (frames of `features`), or None where its tracker finds none.

    The method "degara" costs a third of "multifeature" and hears the same tempi; its missing confidence is ours.
    """
    try:
        bpm, ticks, *_ = _essentia().RhythmExtractor2013(method="degara")(_fine(sound))
    except RuntimeError:
        return None
    if not np.isfinite(bpm) or not rhythm.LOW_BPM / 2 <= bpm <= rhythm.HIGH_BPM * 2:
        return None
    return float(bpm), np.round(np.asarray(ticks) * features.FPS).astype(int)


def _key_by_essentia(sound: Sound) -> tuple[keys.Key, str] | None:
    try:
        name, mode, strength = _essentia().KeyExtractor(profileType="bgate", sampleRate=BEATS_RATE_HZ)(_fine(sound))
    except RuntimeError:
        return None
    flats = {"Db": "C#", "Eb": "D#", "Gb": "F#", "Ab": "G#", "Bb": "A#"}
    return keys.Key(keys.NAMES.index(flats.get(name, name)), mode, float(np.clip(strength, 0, 1))), ESSENTIA


def _fine(sound: Sound) -> np.ndarray:
    return features.levelled(sound.fine, sound.loudness_lufs)


