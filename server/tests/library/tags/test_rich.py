"""Every format, written in full by mutagen, reads as what was written, and its stream as mutagen sees it."""

from collections.abc import Callable
from pathlib import Path

import mutagen
import pytest

from server.library import tags

from . import written
from .samples import STREAMS, png

Copy = Callable[[str], Path]
PICTURES = {"none": b"", "small": png(), "big": written.BIG}
# ID3v2.3 has no frames for these; mutagen drops them when it converts.
NOT_IN_23 = {"mood", "discsubtitle", "titlesort", "artistsort", "albumsort"}


def check(reading: tags.Reading, picture: bytes, path: Path, gone: frozenset[str] | set[str] = frozenset()) -> None:
    expected = {key: values for key, values in written.RICH.items() if key not in gone}
    found = {key: values for key, values in reading.tags.items() if key in written.RICH}
    found["lyrics"] = [text.removeprefix("[la:eng]\n") for text in found["lyrics"]]
    assert {k: v for k, v in found.items() if k not in gone} == expected
    assert not [key for key in reading.tags if key.startswith("itun") or "~" in key]
    assert len(reading.pictures) == bool(picture)
    got = tags.picture(str(path))
    assert got == ((picture, "image/png") if picture else None)
    if picture:
        assert reading.pictures[0].kind == 3
        assert reading.pictures[0].length == len(picture)


@pytest.mark.parametrize("picture", PICTURES)
@pytest.mark.parametrize(("version", "encoding"), [(4, 3), (4, 1), (3, 1)])
def test_id3_of_each_version_and_encoding_is_read_whole(copy: Copy, version: int, encoding: int, picture: str) -> None:
    path = copy("cbr.mp3")
    written.write_id3(path, version, encoding, PICTURES[picture])
    reading = tags.read(str(path))
    assert reading.reader == "own"
    check(reading, PICTURES[picture], path, NOT_IN_23 if version == 3 else set())


@pytest.mark.parametrize("picture", PICTURES)
@pytest.mark.parametrize("name", ["plain.flac", "plain.ogg", "plain.opus", "flac.oga"])
def test_vorbis_comments_are_read_whole_with_pictures_of_any_size(copy: Copy, name: str, picture: str) -> None:
    path = copy(name)
    (written.write_flac if name == "plain.flac" else written.write_ogg)(path, PICTURES[picture])
    check(tags.read(str(path)), PICTURES[picture], path)


@pytest.mark.parametrize("picture", PICTURES)
@pytest.mark.parametrize("name", ["first.m4a", "last.m4a", "alac.m4a"])
def test_mp4_is_read_whole_with_its_index_at_either_end(copy: Copy, name: str, picture: str) -> None:
    path = copy(name)
    written.write_mp4(path, PICTURES[picture])
    check(tags.read(str(path)), PICTURES[picture], path)


@pytest.mark.parametrize("name", ["plain.wav", "plain.aiff", "plain.dsf", "plain.tta"])
def test_id3_inside_other_formats_is_read_whole(copy: Copy, name: str) -> None:
    path = copy(name)
    written.write_inside(path, written.BIG)
    check(tags.read(str(path)), written.BIG, path)


@pytest.mark.parametrize("name", ["plain.wv", "bare.mp3"])
def test_apev2_is_read_whole(copy: Copy, name: str) -> None:
    path = copy(name)
    written.write_ape(path, png())
    check(tags.read(str(path)), png(), path)


def test_wma_is_read_with_the_names_it_has(copy: Copy) -> None:
    path = copy("plain.wma")
    keys = written.write_asf(path)
    found = tags.read(str(path)).tags
    assert {key: found.get(key) for key in keys} == {key: written.RICH[key] for key in keys}


@pytest.mark.parametrize("name", [name for name in STREAMS if name != "bare_vbr.mp3"])
def test_the_stream_is_what_mutagen_sees(streams: dict[str, Path], name: str) -> None:
    reading, info = tags.read(str(streams[name])), mutagen.File(streams[name]).info
    # mutagen counts the padding that ffmpeg put around MP3; we do not.
    assert reading.length_ms == pytest.approx(info.length * 1000, abs=180 if name.endswith(".mp3") else 3)
    assert reading.length_ms == pytest.approx(1200, abs=60)
    assert reading.channels == getattr(info, "channels", 2)
    assert reading.sample_rate_hz == getattr(info, "sample_rate", 48000)
    if reading.codec in ("flac", "alac", "pcm", "wavpack", "tta"):
        assert reading.bit_depth == getattr(info, "bits_per_sample", 16)
    else:
        assert reading.bit_depth == 0
    assert reading.suffix == name.rpartition(".")[2]


def test_a_variable_bitrate_without_any_header_is_measured(streams: dict[str, Path]) -> None:
    # mutagen takes the first frame for all of them and is wrong by two thirds.
    assert tags.read(str(streams["bare_vbr.mp3"])).length_ms == pytest.approx(1200, abs=80)


def test_codecs_are_told_apart(streams: dict[str, Path]) -> None:
    found = {name: tags.read(str(path)).codec for name, path in streams.items()}
    assert found["cbr.mp3"] == "mp3"
    assert found["layer2.mp2"] == "mp2"
    assert found["plain.ogg"] == "vorbis"
    assert found["plain.opus"] == "opus"
    assert found["flac.oga"] == "flac"
    assert (found["last.m4a"], found["alac24.m4a"], found["plain.aac"]) == ("aac", "alac", "aac")
    assert found["plain.dsf"] == "dsd"
