"""The suite's own library: the same bytes every time, every file valid, every reason to have it still there."""

import struct
from pathlib import Path

import mutagen
import pytest

from conformance.__main__ import main
from conformance.music import library, sound


@pytest.fixture(scope="module")
def music(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("music")
    assert main(["music", str(folder)]) == 0
    return folder


def files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.suffix in (".mp3", ".flac", ".opus"))


def test_every_file_is_what_its_name_says_and_as_long_as_meant(music):
    kinds = {".mp3": "MP3", ".flac": "FLAC", ".opus": "OggOpus"}
    for path in files(music):
        found = mutagen.File(path)
        assert type(found).__name__ == kinds[path.suffix], path
        assert 1.9 <= found.info.length <= 12, path


def test_two_runs_write_the_same(music, tmp_path):
    count = library.make(tmp_path)
    assert count == len(files(music)) == len(files(tmp_path)) > 70
    for one, other in zip(files(music), files(tmp_path), strict=True):
        assert one.read_bytes() == other.read_bytes()


def test_no_two_tracks_sound_the_same():
    count = 100
    assert len({sound.mp3_frames(1, seed) for seed in range(count)}) == count
    assert len({sound.flac(0.2, seed, []) for seed in range(60)}) == 60


def test_tags_hold_several_values_scripts_discs_and_pictures(music):
    two = mutagen.File(next(music.rglob("02 Zwei*.flac")))
    assert two["artists"] == ["Björk Ågren", "Ada Lind"] and two["genre"] == ["Rock", "Jazz & Blues"]
    assert two.pictures[0].mime == "image/png" and two.pictures[0].width == 300
    last = mutagen.File(next(music.rglob("05 Fünf.flac")))
    assert last["discnumber"] == ["2"] and last["tracknumber"] == ["2"] and last["discsubtitle"] == ["Zugabe"]
    dawn = mutagen.File(next(music.rglob("01 朝.mp3")))
    assert dawn["TPE1"].text == ["日本の音"] and dawn["USLT::und"].text == "あさ\nひる"
    hit = mutagen.File(next(music.rglob("01 Hit 1.mp3")))
    assert hit["TCMP"].text == ["1"] and hit["APIC:"].data.startswith(b"\x89PNG")
    boat = mutagen.File(next(music.rglob("01 Boat.opus")))
    assert boat["genre"] == ["Folk", "Ambient"] and boat["metadata_block_picture"]
    assert {"lrc", "ttml", "srt", "txt"} <= {path.suffix[1:] for path in music.rglob("*")}


def test_checksums_of_frames_and_pages_are_right():
    """CRC-8 and CRC-16 of FLAC, CRC-32 of Ogg, by their check values over 123456789."""
    text = b"123456789"
    assert (sound._crc(text, 0x07, 8), sound._crc(text, 0x8005, 16)) == (0xF4, 0xFEE8)
    page = sound.opus(0.1, 1, struct.pack("<II", 0, 0))
    (kept,) = struct.unpack("<I", page[22:26])
    first = page[: 27 + page[26] + sum(page[27 : 27 + page[26]])]
    assert sound._crc(first[:22] + bytes(4) + first[26:], 0x04C11DB7, 32) == kept
