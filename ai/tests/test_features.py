"""Feature blocks: their sizes, what they do not depend on, and what they tell apart."""

import numpy as np
import pytest

from ai import features
from ai.tests.sounds import chords, clicks, noise, tone


def heard(samples: np.ndarray, loudness_lufs: float = -18.0) -> features.Heard:
    return features.hear(samples, loudness_lufs, 5.0)


def test_the_blocks_are_149_numbers_in_their_order():
    assert features.SIZE == 149
    assert [name for name, _ in features.BLOCKS] == ["timbre", "contrast", "spectral", "rhythm", "tonal", "dynamics"]


@pytest.mark.parametrize("samples", [
    noise(2.5), tone(440, 5), clicks(120, 5), np.zeros(4 * features.RATE_HZ, np.float32), tone(30, 3, 0) * 64,
])  # fmt: skip
def test_every_number_is_finite_whatever_is_heard(samples):
    blocks = heard(samples).blocks
    assert blocks.shape == (features.SIZE,) and blocks.dtype == np.float32 and np.isfinite(blocks).all()


def test_a_quieter_copy_is_the_same_sound():
    samples = chords(2, "major") + clicks(120, 4.8)
    loud, quiet = heard(samples, -18).blocks, heard(samples * np.float32(0.25), -18 - 12.04).blocks
    assert np.abs(loud - quiet).max() < 0.01


def test_the_key_does_not_change_the_tonal_block_much():
    at = slice(123, 143)
    one, other = (features.hear(chords(tonic, "minor"), -18, 5).blocks[at] for tonic in (0, 5))
    assert np.abs(one - other).max() < 0.12


def test_frames_are_the_same_however_they_are_cut_into_pieces(monkeypatch):
    samples = noise(6) + tone(330, 6)
    whole = features.frames(samples)
    monkeypatch.setattr(features, "PIECE_FRAMES", 64)
    for one, other in zip(whole, features.frames(samples), strict=True):
        assert np.allclose(one, other, rtol=1e-3, atol=1e-4)


def test_clicks_stand_upright_and_tones_lie():
    assert heard(clicks(140, 6)).cues.percussive > 0.6 > 0.1 > heard(tone(440, 6)).cues.percussive


def test_a_median_of_nine_by_network_is_the_median():
    values = np.random.default_rng(3).standard_normal((40, 30)).astype(np.float32)
    padded = np.pad(values, ((4, 4), (0, 0)), mode="edge")
    truth = np.median(np.lib.stride_tricks.sliding_window_view(padded, 9, axis=0), axis=-1)
    assert np.array_equal(features._median9(values, 0), truth)
    assert np.array_equal(features._median9(values.T, 1), truth.T)


def test_onsets_are_counted():
    assert features.onset_rate_hz(features.envelope_of(features.onsets(features.frames(clicks(120, 10)).mel))) == (
        pytest.approx(2, abs=0.3))  # fmt: skip
