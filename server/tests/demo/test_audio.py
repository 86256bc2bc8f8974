"""One small tagged file: it plays, it reads back, and its sound follows from its seed."""

import subprocess

import imageio_ffmpeg
import mutagen
import pytest

from server.demo import covers
from server.demo.audio import write_track
from server.tests.demo.reading import read

FFMPEG = imageio_ffmpeg.get_ffmpeg_exe()
KINDS = ("mp3", "flac", "ogg", "opus", "m4a", "wav", "aiff", "wv")
PICTURE = covers.draw("tide", "A", "B", side_px=40)
TAGS = {
    "title": "Ærø 夜", "artist": ["A", "B"], "artists": ["A", "B"], "album": "X", "tracknumber": 3, "totaltracks": 9,
    "discnumber": 1, "totaldiscs": 2, "date": "2020-02-03", "originaldate": "1999", "genre": ["Rock", "Jazz"],
    "composer": "C", "conductor": "D", "producer": "P", "performer:cello": ["Q", "R"], "isrc": "QZFAM2000001",
    "bpm": 120, "compilation": 1, "lyrics": "la\nla", "comment": "hm", "label": "L", "mood": "Calm", "work": "W",
    "musicbrainz_trackid": "5d3a5c3e-0000-4000-8000-000000000001", "replaygain_track_gain": "-3.00 dB",
}  # fmt: skip


def pcm(path) -> bytes:
    command = [FFMPEG, "-v", "error", "-nostdin", "-i", str(path), "-map", "0:a", "-f", "md5", "-"]
    ran = subprocess.run(command, capture_output=True, check=True)
    complaints = [line for line in ran.stderr.splitlines() if b"timescale not set" not in line]
    assert complaints == []
    return ran.stdout


@pytest.mark.parametrize("kind", KINDS)
def test_another_seed_is_another_recording_and_the_same_seed_the_same(tmp_path, kind):
    one = write_track(tmp_path / f"one.{kind}", seed=1)
    other = write_track(tmp_path / f"other.{kind}", seed=2)
    again = write_track(tmp_path / f"again.{kind}", seed=1, title="Retagged", picture=PICTURE)
    assert pcm(one) != pcm(other) and pcm(one) == pcm(again)


@pytest.mark.parametrize("kind", KINDS)
def test_a_track_is_as_long_as_asked(tmp_path, kind):
    track = mutagen.File(write_track(tmp_path / f"x.{kind}", seconds=2))
    assert track.info.length == pytest.approx(2, abs=0.06)


@pytest.mark.parametrize("kind", [k for k in KINDS if k != "wv"])
def test_tags_read_back_as_they_were_given(tmp_path, kind):
    tags, pictures = read(write_track(tmp_path / f"x.{kind}", picture=PICTURE, **TAGS))
    assert tags == {n: [str(v) for v in (value if isinstance(value, list) else [value])] for n, value in TAGS.items()}
    assert pictures == [PICTURE]


def test_wavpack_has_an_ape_tag(tmp_path):
    tags = mutagen.File(write_track(tmp_path / "x.wv", picture=PICTURE, **TAGS)).tags
    assert list(tags["Artist"]) == ["A", "B"] and str(tags["Track"]) == "3/9" and str(tags["Title"]) == "Ærø 夜"
    assert tags["Cover Art (Front)"].value.endswith(PICTURE)


def test_a_name_that_a_format_has_no_place_for_is_an_error(tmp_path):
    with pytest.raises(KeyError):
        write_track(tmp_path / "x.mp3", colour="blue")


def test_none_leaves_a_tag_out(tmp_path):
    assert read(write_track(tmp_path / "x.flac", title="T", album=None))[0] == {"title": ["T"]}
