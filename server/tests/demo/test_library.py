"""The big generator: its files play, read back as the manifest says, and come out the same twice."""

import json
import random
import subprocess
import sys
from collections import Counter
from pathlib import Path

import imageio_ffmpeg
import pytest

from server.demo.library import make_library
from server.tests.demo.reading import read
from server.tests.demo.test_audio import pcm
from server.tests.demo.test_music import digest

FFMPEG = imageio_ffmpeg.get_ffmpeg_exe()


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[dict]]:
    folder = tmp_path_factory.mktemp("library")
    manifest = make_library(folder, 1000, seed=7, ffmpeg=FFMPEG)
    return folder, [json.loads(line) for line in manifest.read_text(encoding="utf-8").splitlines()]


def test_it_has_as_many_tracks_as_asked_and_a_line_for_each(library):
    folder, rows = library
    assert len({row["path"] for row in rows}) == len(rows) == 1000
    assert all((folder / row["path"]).is_file() for row in rows)
    assert set(Counter(row["path"].rpartition(".")[2] for row in rows)) == {"mp3", "flac", "opus", "m4a"}


def test_every_file_reads_as_the_manifest_says(library):
    folder, rows = library
    for row in rows:
        tags, pictures = read(folder / row["path"])
        assert (tags, bool(pictures)) == (row["tags"], row["embedded"]), row["path"]


def test_some_albums_have_old_tags_and_some_have_not(library):
    folder, rows = library
    versions = Counter((folder / row["path"]).read_bytes()[3] for row in rows if row["path"].endswith("mp3"))
    assert set(versions) == {3, 4} and versions[4] > versions[3]


def test_files_decode_without_a_word(library):
    folder, rows = library
    for row in random.Random(1).sample(rows, 24):
        pcm(folder / row["path"])


def test_no_two_recordings_are_alike(library):
    folder, rows = library
    assert len({_payload(folder / row["path"]) for row in rows}) == len(rows)


def _payload(path: Path) -> bytes:
    """Sound, and nothing of the tags: the end of a file, but in an M4A the start of its mdat."""
    data = path.read_bytes()
    return data[data.index(b"mdat") :][:600] if path.suffix == ".m4a" else data[-600:]


def test_the_same_library_comes_out_of_two_processes(library, tmp_path):
    command = [sys.executable, "-m", "server.demo.library", "--tracks", "1000", "--seed", "7", "--jobs", "2"]
    subprocess.run([*command, "--ffmpeg", FFMPEG, "--out", str(tmp_path)], check=True, capture_output=True)
    assert digest(tmp_path) == digest(library[0])


def test_another_seed_is_another_library(library, tmp_path):
    make_library(tmp_path, 30, seed=8, ffmpeg=FFMPEG)
    assert (tmp_path / "manifest.jsonl").read_text().splitlines()[0] != json.dumps(library[1][0], ensure_ascii=False)


def test_it_is_spread_like_a_collection(library):
    _, rows = library
    having = Counter(name for row in rows for name in row["tags"])
    share = {name: count / len(rows) for name, count in having.items()}
    assert 0.5 < share["musicbrainz_albumid"] < 0.9 and 0.1 < share["bpm"] < 0.3 and 0.01 < share["lyrics"] < 0.1
    assert any("compilation" in row["tags"] for row in rows) and any("discnumber" in row["tags"] for row in rows)
    assert any(len(row["tags"]["artist"]) > 1 for row in rows) and any("artists" in row["tags"] for row in rows)
    assert any(not row["tags"]["albumartist"][0].isascii() for row in rows)
