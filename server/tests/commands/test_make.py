"""`make run` passes on what it was given, whatever signs a path holds."""

import shlex
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.parametrize("path", ["/srv/music", "/srv/Tom's Music", '/srv/Ke$ha $(HOME) & "Co"', "Albums=/a:Kids=/b c"])
def test_a_music_folder_reaches_the_server_as_it_was_written(path):
    # -n only prints what would be run; what was installed does not matter then.
    told = subprocess.run(
        ["make", "-n", "run", f"MUSIC={path}", f"DATA={path}"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    words = shlex.split(told.splitlines()[-1])
    assert words[words.index("--music") + 1] == words[words.index("--data") + 1] == path


def test_without_a_music_folder_it_is_the_demo():
    told = subprocess.run(["make", "-n", "run", "MUSIC="], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert "--demo" in told and "--music" not in told
