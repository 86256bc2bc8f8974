"""Keys: every one of the 24 is told from its chords, and the wheel has them as neighbours."""

import numpy as np
import pytest

from ai import features, keys
from ai.tests.sounds import chords, noise


@pytest.mark.parametrize("mode", ["major", "minor"])
@pytest.mark.parametrize("tonic", range(12))
def test_chords_tell_their_key(tonic, mode):
    found = keys.key(features.chroma(features.levelled(chords(tonic, mode), -20)).mean(axis=0))
    assert (found.tonic, found.mode) == (tonic, mode)


def test_noise_has_hardly_a_key():
    assert keys.key(features.chroma(noise(10)).mean(axis=0)).confidence < 0.5
    assert keys.key(np.full(12, 1 / 12)).confidence == 0.0


def test_another_ear_decides_where_ours_is_of_two_minds():
    between = features.chroma(features.levelled(np.concatenate([chords(0, "major"), chords(7, "major")]), -20))
    between = between.mean(axis=0)
    found = {keys.key(between, keys.Key(tonic, "major", 1.0)).tonic for tonic in (0, 7)}
    assert found == {0, 7}
    plain = features.chroma(features.levelled(chords(2, "minor"), -20)).mean(axis=0)
    assert keys.key(plain, keys.Key(8, "major", 1.0))[:2] == keys.key(plain)[:2] == (2, "minor")


def test_the_wheel_is_camelots():
    wheel = {(0, "major"): "8B", (9, "minor"): "8A", (7, "major"): "9B", (5, "minor"): "4A", (11, "major"): "1B",
             (8, "minor"): "1A", (4, "major"): "12B"}  # fmt: skip
    assert {key: keys.camelot(*key) for key in wheel} == wheel
    assert len({keys.camelot(tonic, mode) for tonic in range(12) for mode in ("major", "minor")}) == 24
