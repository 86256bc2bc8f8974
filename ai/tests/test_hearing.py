"""Listening: a file goes in, a state with its reason and values with their confidence and source come out."""

import importlib.util

import numpy as np
import pytest

from ai import features
from ai.models.hearing import listen
from ai.tests.sounds import chords, clicks, noise, tone, write_wav

HERE = importlib.util.find_spec("essentia") is not None
WAYS = [False, True] if HERE else [False]
ALWAYS = {
    "loudness_lufs", "loudness_range_lu", "true_peak_dbtp", "key", "mode", "camelot", "energy", "acousticness",
    "speechiness", "percussive", "dynamics_db", "centroid_hz", "onset_rate_hz",
}  # fmt: skip


def song() -> np.ndarray:
    """Return 20 seconds in A major at 120 bpm, four beats a bar."""
    harmony = np.tile(chords(9, "major", 2.0), 2)[: 20 * features.RATE_HZ]
    return 0.4 * harmony + 0.15 * clicks(120, 20, accents=4)[: len(harmony)]


@pytest.mark.parametrize("essentia", WAYS)
def test_a_song_is_told_with_confidences_and_sources(tmp_path, essentia):
    found = listen({"path": str(write_wav(tmp_path / "a.wav", song())), "essentia": essentia})
    values = {name: value for name, (value, _, _) in found["values"].items()}
    assert (found["state"], found["reason"]) == ("ok", "")
    assert values.keys() >= ALWAYS | {"tempo_bpm", "tempo_alternates", "metre", "danceability", "valence"}
    assert values["tempo_bpm"] == pytest.approx(120, abs=1) or values["tempo_bpm"] == pytest.approx(60, abs=1)
    assert (values["key"], values["mode"], values["camelot"], values["metre"]) == (9, "major", "11B", 4)
    assert all(0 <= sure <= 1 for _, sure, _ in found["values"].values())
    assert found["values"]["tempo_bpm"][2] == found["values"]["key"][2] == ("essentia" if essentia else "ours")
    assert len(found["blocks"]) == features.SIZE and len(found["fingerprint"]) > 100 and found["cpu_ms"] > 0


@pytest.mark.parametrize("essentia", WAYS)
@pytest.mark.parametrize(("samples", "state"), [
    (np.zeros(10 * features.RATE_HZ, np.float32), "silent"),
    (tone(440, 10, -75), "silent"),
    (tone(440, 1), "too short"),
])  # fmt: skip
def test_silence_and_a_second_of_sound_are_told_nothing_musical(tmp_path, essentia, samples, state):
    found = listen({"path": str(write_wav(tmp_path / "a.wav", samples)), "essentia": essentia})
    assert found["state"] == state and found["reason"].endswith(".") and found["blocks"] is None
    assert not found["values"].keys() - {"loudness_lufs", "loudness_range_lu", "true_peak_dbtp"}


def test_what_cannot_be_decoded_has_a_reason(tmp_path):
    (tmp_path / "a.mp3").write_bytes(b"nothing of the kind")
    found = listen({"path": str(tmp_path / "a.mp3")})
    assert found["state"] == "unreadable" and "cannot be opened" in found["reason"] and not found["values"]


@pytest.mark.parametrize("essentia", WAYS)
@pytest.mark.parametrize("samples", [noise(8), tone(440, 8), noise(3.2), tone(60, 4) + tone(7000, 4)])
def test_what_has_no_beat_gets_no_tempo_and_no_metre(tmp_path, essentia, samples):
    found = listen({"path": str(write_wav(tmp_path / "a.wav", samples)), "essentia": essentia})
    assert found["state"] == "ok" and not found["values"].keys() & {"tempo_bpm", "tempo_alternates", "metre"}
    assert np.isfinite(found["blocks"]).all()


@pytest.mark.parametrize("essentia", WAYS)
def test_192_000_samples_a_second_in_one_channel_are_heard(tmp_path, essentia):
    fine = clicks(126, 8, rate_hz=192_000) + tone(330, 8, -20, 192_000)
    found = listen({"path": str(write_wav(tmp_path / "a.wav", fine, 192_000)), "essentia": essentia})
    assert found["state"] == "ok" and found["values"]["tempo_bpm"][0] == pytest.approx(126, abs=1.5)


def test_the_same_sound_says_the_same_again(tmp_path):
    path = str(write_wav(tmp_path / "a.wav", song()[: 8 * features.RATE_HZ]))
    one, other = (listen({"path": path, "essentia": False}) | {"cpu_ms": 0} for _ in range(2))
    assert one == other
