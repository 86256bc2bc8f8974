"""Rhythm: tempi, beats and bars of clicks that were laid out beforehand."""

import numpy as np
import pytest

from ai import features, rhythm
from ai.tests.sounds import clicks, noise, tone


def flux_of(samples: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    mel = features.frames(features.levelled(samples, -18)).mel
    return features.onsets(mel), mel


def tempo_of(samples: np.ndarray) -> rhythm.Tempo:
    return rhythm.tempo(features.envelope_of(flux_of(samples)[0]))


@pytest.mark.parametrize("bpm", [70, 84.5, 97, 120, 133, 151, 174])
def test_a_click_track_has_its_tempo(bpm):
    found = tempo_of(clicks(bpm, 20))
    assert rhythm.apart(found.bpm, bpm) < 0.01 and found.confidence > 0.9
    assert any(abs(each / bpm - 1) < 0.015 for each in (found.bpm, *found.alternates))


@pytest.mark.parametrize("samples", [noise(12), tone(440, 12), np.zeros(12 * features.RATE_HZ, np.float32)])
def test_what_has_no_beat_is_not_given_one(samples):
    assert tempo_of(samples).confidence < 0.3


def test_a_second_of_sound_has_no_tempo():
    assert rhythm.tempo(np.zeros(6)) == rhythm.Tempo(0.0, 0.0, ())


def test_tempi_an_octave_apart_are_the_same():
    assert rhythm.apart(174, 87) == 0 and rhythm.apart(60, 240) == 0
    assert rhythm.apart(120, 90) == pytest.approx(rhythm.apart(90, 120)) == pytest.approx(0.415, abs=0.001)


def test_beats_fall_on_the_clicks():
    flux, _ = flux_of(clicks(100, 15))
    at = rhythm.beats(features.envelope_of(flux), 100)
    # A frame hears what falls on its end: up to a frame's length before the click.
    early = 0.1 + (np.arange(len(at)) + round((at[0] / features.FPS - 0.1) / 0.6 + 0.1)) * 0.6 - at / features.FPS
    assert len(at) >= 22 and early.min() > 0 and early.max() < features.FRAME / features.RATE_HZ + 0.025


@pytest.mark.parametrize(("accents", "metre"), [(3, {3}), (4, {4, 6}), (2, {4, 6})])
def test_accents_tell_how_many_beats_make_a_bar(accents, metre):
    flux, mel = flux_of(clicks(110, 20, accents))
    found = rhythm.metre(flux, mel, rhythm.beats(features.envelope_of(flux), 110))
    assert found.beats in metre and found.confidence > 0.5


def test_a_few_beats_tell_no_metre():
    flux, mel = flux_of(clicks(100, 5))
    assert rhythm.metre(flux, mel, np.arange(8) * 20) is None
