"""Fingerprints: the words that Chromaprint says, and which recordings they call the same."""

import subprocess

import numpy as np
from imageio_ffmpeg import get_ffmpeg_exe

from ai import fingerprint
from ai.models.decode import decode
from ai.tests.sounds import chords, clicks, noise, write_wav


def music(seconds: float = 20.0) -> np.ndarray:
    song = np.concatenate([chords(tonic, mode, 0.45) for tonic, mode in
                           ((0, "major"), (9, "minor"), (5, "major"), (2, "minor"), (7, "major"))])
    song = np.tile(song, 3)[: int(seconds * fingerprint.RATE_HZ)]
    return song + 0.2 * clicks(118, seconds)[: len(song)]


def test_the_words_are_those_of_chromaprint(tmp_path):
    path = write_wav(tmp_path / "song.wav", music())
    command = [get_ffmpeg_exe(), "-loglevel", "error", "-i", path, "-f", "chromaprint", "-fp_format", "raw", "pipe:"]
    theirs = np.frombuffer(subprocess.run(command, capture_output=True, check=True).stdout, "<u4")
    ours = fingerprint.fingerprint(decode(str(path), fine=False).samples)
    assert abs(len(ours) - len(theirs)) <= 1
    assert fingerprint.alike(ours, theirs) > 0.98


def test_a_later_start_is_the_same_recording_and_another_song_is_not():
    song = music()
    whole = fingerprint.fingerprint(song)
    assert fingerprint.alike(whole, whole) == 1.0
    assert fingerprint.alike(whole, fingerprint.fingerprint(song[fingerprint.RATE_HZ :] * 0.5)) > 0.9
    assert fingerprint.alike(whole, fingerprint.fingerprint(noise(20))) < 0.7


def test_three_seconds_and_silence_have_nothing_to_compare():
    assert len(fingerprint.fingerprint(noise(2))) == 0
    silent = fingerprint.fingerprint(np.zeros(20 * fingerprint.RATE_HZ, np.float32))
    assert len(set(silent.tolist())) <= 1
    assert fingerprint.alike(fingerprint.fingerprint(noise(2)), silent) == 0.0
