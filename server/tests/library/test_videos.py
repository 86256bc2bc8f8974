import subprocess

import pytest

from server.library.tags import Unreadable, read
from server.tests.stream.playing import ENCODER

SOUND = ("-f", "lavfi", "-i", "sine=440:duration=0.4")
PICTURE = ("-f", "lavfi", "-i", "testsrc=duration=0.4:size=64x48:rate=10")
FILM = (*SOUND, *PICTURE, "-shortest")


def encode(path, *words):
    path.parent.mkdir(exist_ok=True)
    command = [ENCODER.path, "-nostdin", "-loglevel", "error", *words, "-metadata", f"title={path.stem}"]
    subprocess.run([*command, f"file:{path}"], check=True)
    return path


def test_a_film_among_the_music_is_left_out_and_the_scan_goes_on(shelf):
    shelf.album("Album", 2)
    encode(shelf.root / "Album/film.mp4", *FILM, "-c:v", "mpeg4", "-c:a", "aac")
    encode(shelf.root / "Album/film.mkv", *FILM, "-c:v", "mpeg4", "-c:a", "aac")
    encode(shelf.root / "Album/film.webm", *FILM, "-c:v", "libvpx", "-c:a", "libopus")
    encode(shelf.root / "Album/sound.mp4", *SOUND, "-c:a", "aac")
    shelf.scan()
    assert set(shelf.titles()) == {"Song 1", "Song 2", "sound"}
    assert shelf.bad() == {"Album/film.mp4": "This is a video, which is left out of a music library."}
    assert shelf.scan().added == 0


@pytest.mark.parametrize("name, codec", [("still.mp4", "mjpeg"), ("moving.m4a", "mpeg4")])
def test_pictures_of_chapters_and_files_that_are_called_sound_are_no_films(tmp_path, name, codec):
    path = encode(tmp_path / name, *FILM, "-c:v", codec, "-c:a", "aac", "-f", "mp4")
    assert read(str(path)).codec == "aac"


@pytest.mark.parametrize("codec", ["libx264", "libvpx-vp9", "mpeg4"])
def test_films_of_every_kind_are_known_by_what_is_in_them(tmp_path, codec):
    path = encode(tmp_path / "film.mp4", *FILM, "-c:v", codec, "-c:a", "aac")
    with pytest.raises(Unreadable, match="video"):
        read(str(path))
