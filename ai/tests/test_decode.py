"""Decoding: levels as EBU R 128 has them, bounded memory, and a reason for whatever cannot be heard."""

import av
import numpy as np
import pytest

from ai.models import decode
from ai.models.decode import Kept, Unheard
from ai.tests.sounds import noise, tone, write_wav
from server.demo.audio import write_track


def heard(path, fine=False) -> decode.Sound:
    return decode.decode(str(path), fine)


def stereo(samples: np.ndarray) -> np.ndarray:
    return np.stack([samples, samples], axis=1)


@pytest.mark.parametrize(("parts", "loudness_lufs"), [
    ([(-23, 20)], -23.0),
    ([(-33, 20)], -33.0),
    ([(-36, 10), (-23, 60), (-36, 10)], -23.0),
    ([(-72, 10), (-36, 10), (-23, 60), (-36, 10), (-72, 10)], -23.0),
])  # fmt: skip
def test_loudness_is_that_of_tech_3341(tmp_path, parts, loudness_lufs):
    song = np.concatenate([tone(1000, seconds, level, 48_000) for level, seconds in parts])
    found = heard(write_wav(tmp_path / "a.wav", stereo(song), 48_000))
    assert found.loudness_lufs == pytest.approx(loudness_lufs, abs=0.1)


@pytest.mark.parametrize(("levels", "range_lu"), [((-20, -30), 10), ((-20, -15), 5), ((-40, -20), 20)])
def test_loudness_range_is_that_of_tech_3342(tmp_path, levels, range_lu):
    song = np.concatenate([tone(1000, 20, level, 48_000) for level in levels])
    assert heard(write_wav(tmp_path / "a.wav", stereo(song), 48_000)).range_lu == pytest.approx(range_lu, abs=1)


def test_true_peaks_lie_between_the_samples(tmp_path):
    # A quarter of the rate, half way between its peaks: the samples say -9, the sound is at -6.
    song = (0.5 * np.sin(np.pi / 2 * np.arange(48_000 * 3) + np.pi / 4)).astype(np.float32)
    song *= np.minimum(1, np.arange(len(song)) / 4800, dtype=np.float32)
    assert heard(write_wav(tmp_path / "a.wav", stereo(song), 48_000)).true_peak_dbtp == pytest.approx(-6, abs=0.2)


@pytest.mark.parametrize("rate_hz", [8000, 22_050, 44_100, 192_000])
@pytest.mark.parametrize("channels", [1, 2, 6])
def test_any_rate_and_number_of_channels_becomes_one_at_ours(tmp_path, rate_hz, channels):
    song = np.repeat(tone(440, 4, -12, rate_hz)[:, None], channels, axis=1)
    found = heard(write_wav(tmp_path / "a.wav", song, rate_hz), fine=True)
    assert found.length_s == pytest.approx(4, abs=0.05)
    assert len(found.samples) == pytest.approx(4 * decode.RATE_HZ, rel=0.02)
    assert len(found.fine) == pytest.approx(4 * decode.BEATS_RATE_HZ, rel=0.02)
    spectrum = np.abs(np.fft.rfft(found.samples * np.hanning(len(found.samples))))
    assert np.argmax(spectrum) * decode.RATE_HZ / len(found.samples) == pytest.approx(440, abs=1)


@pytest.mark.parametrize("suffix", [".mp3", ".flac", ".ogg", ".opus", ".m4a", ".wav", ".aiff", ".wv"])
def test_every_kind_of_file_is_decoded(tmp_path, suffix):
    found = heard(write_track(tmp_path / f"a{suffix}", seconds=3))
    assert found.length_s == pytest.approx(3, abs=0.3) and found.mistakes == 0 and -60 < found.loudness_lufs < 0


@pytest.mark.parametrize("suffix", [".mp3", ".flac", ".ogg", ".m4a"])
@pytest.mark.parametrize("spoiled", ["zeros", "noise"])
def test_a_corrupt_middle_costs_only_itself(tmp_path, suffix, spoiled):
    path = write_track(tmp_path / f"a{suffix}", seconds=12)
    data, whole_s = bytearray(path.read_bytes()), heard(path).length_s
    low, high = len(data) * 45 // 100, len(data) * 55 // 100
    data[low:high] = bytes(high - low) if spoiled == "zeros" else np.random.default_rng(1).bytes(high - low)
    path.write_bytes(data)
    found = heard(path)
    assert found.length_s > 0.7 * whole_s and np.isfinite(found.samples).all() and np.abs(found.samples).max() <= 64


def test_the_sound_of_a_video_is_heard_and_its_pictures_are_not(tmp_path):
    with_sound, without = tmp_path / "a.mkv", tmp_path / "b.mp4"
    for path in (with_sound, without):
        with av.open(str(path), "w") as file:
            pictures = file.add_stream("mpeg4", rate=10)
            pictures.width, pictures.height, pictures.pix_fmt = 64, 64, "yuv420p"
            sound = file.add_stream("aac", rate=44_100, layout="mono") if path == with_sound else None
            for _ in range(40):
                frame = av.VideoFrame.from_ndarray(np.zeros((64, 64, 3), np.uint8), "rgb24")
                file.mux(pictures.encode(frame))
            file.mux(pictures.encode())
            if sound:
                frame = av.AudioFrame.from_ndarray(tone(440, 4, -12, 44_100)[None], "fltp", "mono")
                frame.sample_rate = 44_100
                file.mux(sound.encode(frame))
                file.mux(sound.encode())
    assert heard(with_sound).length_s == pytest.approx(4, abs=0.2)
    with pytest.raises(Unheard, match="no sound"):
        heard(without)


@pytest.mark.parametrize("content", [b"", b"A letter, no music.\n" * 50, b"\x00" * 5000, b"fLaC" + b"\xff" * 99])
def test_what_is_no_music_has_a_reason(tmp_path, content):
    path = tmp_path / "a.flac"
    path.write_bytes(content)
    with pytest.raises(Unheard, match=r"\.$"):
        heard(path)


def test_a_file_that_is_not_there_or_locked_has_a_reason(tmp_path):
    with pytest.raises(Unheard, match="cannot be opened"):
        heard(tmp_path / "nothing.mp3")
    path = write_track(tmp_path / "a.m4a", seconds=4)
    path.write_bytes(path.read_bytes().replace(b"mp4a", b"drms"))
    with pytest.raises(Unheard, match="DRM"):
        heard(path)


def test_of_ten_hours_five_minutes_are_kept():
    hours, piece = 10 * 3600, noise(1)
    kept = Kept(decode.RATE_HZ, hours, decode.KEPT_S)
    for second in range(hours):
        kept.take(piece * np.float32(second))
    found = kept.result()
    assert kept.heard == hours * decode.RATE_HZ
    assert len(found) == decode.PARTS * decode.PART_S * decode.RATE_HZ
    assert kept._room.nbytes < 30e6


def test_a_file_that_lies_about_its_length_is_kept_within_bounds():
    for stated_s in (0, 5, 10 * 3600):
        kept = Kept(1000, stated_s, decode.KEPT_S)
        for _ in range(700):
            kept.take(np.ones(1000, np.float32))
        assert len(kept.result()) <= decode.KEPT_S * 1000


def test_floats_beyond_all_bounds_are_bounded(tmp_path):
    path = tmp_path / "a.wav"
    with av.open(str(path), "w") as file:
        stream = file.add_stream("pcm_f32le", rate=44_100, layout="mono")
        samples = np.full((1, 44_100 * 4), 1e30, np.float32)
        samples[0, ::7] = np.nan
        samples[0, ::11] = np.inf
        frame = av.AudioFrame.from_ndarray(samples, "flt", "mono")
        frame.sample_rate = 44_100
        file.mux(stream.encode(frame))
        file.mux(stream.encode())
    found = heard(path)
    assert np.isfinite(found.samples).all() and np.abs(found.samples).max() <= 64
