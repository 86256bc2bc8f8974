"""The audio hash: the same after any change of tags, another for other audio."""

from collections.abc import Callable
from pathlib import Path

import pytest
from mutagen.mp4 import MP4

from server.library import tags

from . import written
from .samples import STREAMS, png

Copy = Callable[[str], Path]

WRITERS = {
    ".mp3": lambda path, art: written.write_id3(path, 4, 3, art),
    ".flac": written.write_flac,
    ".ogg": written.write_ogg,
    ".opus": written.write_ogg,
    ".oga": written.write_ogg,
    ".m4a": written.write_mp4,
    ".wav": written.write_inside,
    ".aiff": written.write_inside,
    ".tta": written.write_inside,
    ".dsf": written.write_inside,
    ".wv": written.write_ape,
    ".wma": lambda path, art: written.write_asf(path),
}


@pytest.mark.parametrize("name", [*(name for name in STREAMS if not name.endswith((".aac", ".mp2"))), "plain.dsf"])
def test_new_tags_do_not_change_the_hash_of_the_audio(copy: Copy, name: str) -> None:
    path = copy(name)
    before = tags.read(str(path))
    for art in (png(), written.BIG):
        WRITERS[path.suffix](path, art)
        after = tags.read(str(path))
        assert after.audio_hash == before.audio_hash
        assert after.length_ms == before.length_ms


def test_tags_behind_an_mp3_do_not_change_the_hash_of_the_audio(copy: Copy) -> None:
    path = copy("vbr.mp3")
    before = tags.read(str(path)).audio_hash
    with path.open("ab") as file:
        file.write(b"LYRICSBEGININD0000200LYRICS200"[:21] + b"000021LYRICS200")
        file.write(b"TAG" + bytes(125))
    assert tags.read(str(path)).audio_hash == before
    written.write_ape(path, png())
    assert tags.read(str(path)).audio_hash == before


def test_an_index_that_moves_does_not_change_the_hash_of_the_audio(streams: dict[str, Path]) -> None:
    assert tags.read(str(streams["first.m4a"])).audio_hash == tags.read(str(streams["last.m4a"])).audio_hash
    assert MP4(streams["first.m4a"]).info.length > 1


def test_no_two_streams_have_one_hash(streams: dict[str, Path]) -> None:
    # The two M4A differ in nothing but the place of their index.
    hashes = [tags.read(str(path)).audio_hash for name, path in streams.items() if name != "first.m4a"]
    assert len(set(hashes)) == len(hashes)


@pytest.mark.parametrize("name", ["deep.wav", "plain.flac", "cbr.mp3", "plain.ogg", "last.m4a", "plain.wv"])
def test_a_change_of_the_audio_changes_its_hash(copy: Copy, name: str) -> None:
    path = copy(name)
    before = tags.read(str(path)).audio_hash
    data = bytearray(path.read_bytes())
    data[len(data) - (2500 if name == "last.m4a" else 300)] ^= 0x40
    path.write_bytes(data)
    assert tags.read(str(path)).audio_hash != before
