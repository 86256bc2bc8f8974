"""`make run` passes on what it was given, whatever signs a path holds."""

import os
import shlex
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]


def printed(*words: str) -> str:
    """Return what `make run` would do: -n only prints it, and what was installed does not matter then."""
    # Under a make that runs the tests, another one would say so.
    env = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    command = ["make", "-n", "run", *words]
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize("path", ["/srv/music", "/srv/Tom's Music", '/srv/Ke$ha $(HOME) & "Co"', "Albums=/a:Kids=/b c"])
def test_a_music_folder_reaches_the_server_as_it_was_written(path):
    words = shlex.split(printed(f"MUSIC={path}", f"DATA={path}").splitlines()[-1])
    assert words[words.index("--music") + 1] == words[words.index("--data") + 1] == path


def test_without_a_music_folder_it_is_the_demo():
    told = printed("MUSIC=")
    assert "--demo" in told and "--music" not in told
