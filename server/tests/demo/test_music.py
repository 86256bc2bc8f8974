"""The demo library: few records here, short ones, but made by the same code."""

import hashlib
import subprocess
from pathlib import Path

import imageio_ffmpeg
import mutagen
import pytest

from server.demo import catalogue, covers, music
from server.demo.styles import _STYLES, Piece, bars
from server.demo.synth import mix

FFMPEG = imageio_ffmpeg.get_ffmpeg_exe()


def digest(folder: Path) -> str:
    total = hashlib.sha256()
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        total.update(str(path.relative_to(folder)).encode() + path.read_bytes())
    return total.hexdigest()


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(music, "_LENGTHS_S", range(1, 3))
        chosen = ("rivers", "orchard", "lights")
        patch.setattr(catalogue, "RECORDS", tuple(r for r in catalogue.RECORDS if r.art in chosen))
        folder = tmp_path_factory.mktemp("demo")
        return folder, music.make_demo(folder, FFMPEG)


def sounds(folder: Path) -> list[Path]:
    return sorted(p for p in folder.rglob("*") if p.suffix in (".mp3", ".flac", ".opus", ".m4a"))


def test_every_track_of_the_table_is_made_and_one_more_without_tags(demo):
    folder, count = demo
    assert count == len(sounds(folder)) == 7 + 8 + 7 + 1
    assert mutagen.File(folder.joinpath(*catalogue.UNTAGGED)).tags is None


def test_the_double_album_lies_in_two_folders_with_one_cover_and_a_picture_of_the_artist(demo):
    home = demo[0] / "Wren Hallowby"
    album = home / "Atlas of Small Rivers (2016)"
    assert [len(list((album / disc).glob("*.flac"))) for disc in ("CD 1", "CD 2")] == [4, 4]
    assert (album / "cover.jpg").exists() and (home / "artist.jpg").exists()


def test_a_guest_is_named_in_the_artist_and_listed_beside_it(demo):
    track = mutagen.File(next(demo[0].rglob("03 - Velvet Antenna.mp3")))
    assert track["TPE1"].text == ["The Paper Foxes feat. Juno Farrow"]
    assert track["TXXX:ARTISTS"].text == ["The Paper Foxes", "Juno Farrow"]
    assert track["TSOP"].text == ["Paper Foxes, The feat. Juno Farrow"]
    assert len(track["TXXX:MusicBrainz Artist Id"].text) == 2 and track["APIC:"].data[:3] == b"\xff\xd8\xff"


def test_the_compilation_has_an_artist_for_each_track(demo):
    tracks = [mutagen.File(p) for p in sounds(demo[0] / "Various Artists")]
    assert len({t["artist"][0] for t in tracks}) == 7
    assert {(t["compilation"][0], t["albumartist"][0]) for t in tracks} == {("1", "Various Artists")}


def test_lyrics_are_plain_in_a_tag_and_synced_in_a_file(demo):
    plain = mutagen.File(next(demo[0].rglob("02 - The Last*.flac")))
    assert plain["lyrics"][0].startswith("Leave the window")
    assert "[00:06.50]" in next(demo[0].rglob("01 - Streetlight*.lrc")).read_text()


def test_replay_gain_was_measured(demo):
    for path in sounds(demo[0] / "Wren Hallowby"):
        track = mutagen.File(path)
        assert -12 < float(track["replaygain_track_gain"][0].split()[0]) < 12
        assert 0.05 < float(track["replaygain_track_peak"][0]) <= 1


def test_every_file_decodes_without_a_word(demo):
    for path in sounds(demo[0])[::4]:
        command = [FFMPEG, "-v", "error", "-nostdin", "-i", str(path), "-map", "0:a", "-f", "null", "-"]
        ran = subprocess.run(command, capture_output=True, check=True)
        assert ran.stderr == b"", path


def test_the_same_records_come_out_twice(demo, tmp_path, monkeypatch):
    monkeypatch.setattr(music, "_LENGTHS_S", range(1, 3))
    monkeypatch.setattr(catalogue, "RECORDS", tuple(r for r in catalogue.RECORDS if r.art == "orchard"))
    music.make_demo(tmp_path, FFMPEG)
    assert digest(tmp_path / "The Paper Foxes") == digest(demo[0] / "The Paper Foxes")


@pytest.mark.parametrize("style", _STYLES)
def test_a_style_neither_clips_nor_whispers(style):
    piece = Piece(style, "level", "dorian", 8)
    samples = memoryview(b"".join(mix(bars(piece), piece.bpm))).cast("i")
    assert 0.1 < max(map(abs, samples)) / 2**31 < 0.95


def test_the_table_has_what_a_first_look_should_show():
    records = catalogue.RECORDS
    assert len(records) == 10 and 55 <= sum(len(disc) for r in records for disc in r.discs) <= 70
    assert {r.suffix for r in records} == {"mp3", "flac", "opus", "m4a"}
    assert [r.artist for r in records if r.title == "Greatest Hits"] == ["Otto Brandvoll Trio", "Los Faroles Azules"]
    assert any("itunesadvisory" in song.tags for r in records for disc in r.discs for song in disc)


@pytest.mark.parametrize("art", [r.art for r in catalogue.RECORDS])
def test_every_cover_is_a_small_jpeg_of_its_own(art):
    picture = covers.draw(art, "A Title of Several Words", "Somebody", side_px=120)
    assert picture[:3] == b"\xff\xd8\xff" and len(picture) < 40_000
