"""`familiar analyse`: here and now, and how a worker is looked at and dialled."""

import pytest

from ai import analyse, hearers
from server.demo.audio import write_track
from server.kernel.config import load
from server.kernel.db import open_database
from server.kernel.run import Child


@pytest.fixture
def music(tmp_path, familiar, monkeypatch):
    """Three scanned tracks, and children that answer at once."""
    monkeypatch.setattr(hearers, "FUNCTION", "ai.tests.listening:listen")
    monkeypatch.setattr(hearers, "Child", lambda *args, **more: Child(*args, **more | {"idle": False, "nice": 0}))
    monkeypatch.setattr(analyse, "TICK_S", 0.02)
    for seed, name in enumerate(("one", "two", "raise")):
        write_track(tmp_path / "music" / f"{name}.mp3", seconds=0.3, seed=seed, title=name)
    monkeypatch.setenv("FAMILIAR_MUSIC", f"Music={tmp_path / 'music'}")
    assert familiar("scan").status == 0


def test_everything_is_heard_here_and_now(familiar, music):
    said = familiar("analyse")
    assert said.status == 0 and said.out.startswith("4 sounds were heard in ") and said.out.endswith("; 0 wait.\n")
    status = familiar("analyse", "--status").out
    assert status.startswith("Analysis is stopped.\n3 of 3 sounds were heard, about ")
    assert "1 crashed, 2 ok\n" in status and "left alone: track " in status and "that was odd" in status
    assert familiar("analyse").out.startswith("0 sounds were heard")
    assert familiar("analyse", "--again", "crashed").out.startswith("1 sounds are to be heard again.\n")
    assert familiar("analyse").out.startswith("2 sounds were heard")


def test_a_worker_is_paused_and_dialled(familiar, music):
    assert familiar("analyse", "--pause").out.startswith("Analysis is paused.\n")
    said = familiar("analyse", "--resume", "--cores", "3", "--hours", "22-6").out
    assert "It may take 3 cores from 22-6 o’clock" in said
    assert "It may take 3 cores at any hour" in familiar("analyse", "--hours", "").out
    for wrong in (("--hours", "9"), ("--hours", "25-1"), ("--cores", "-1"), ("--again", "lost")):
        said = familiar("analyse", *wrong)
        assert said.status == 1 and said.err.startswith("familiar: "), wrong
    assert familiar("analyse", "--pause", "--resume").status == 2


def test_it_is_not_begun_twice_and_makes_no_installation(familiar, music, tmp_path, monkeypatch):
    db = open_database(load({}, {"data": str(tmp_path / "data")}).database_url)
    with db.lock(analyse.LOCK):
        said = familiar("analyse")
    db.close()
    assert said.status == 1 and "A worker is at it." in said.err
    monkeypatch.setenv("FAMILIAR_DATA", str(tmp_path / "elsewhere"))
    assert "There is no Familiar in" in familiar("analyse").err and not (tmp_path / "elsewhere").exists()


def test_where_numpy_is_missing_it_says_so(familiar, music, monkeypatch):
    monkeypatch.setattr(analyse, "lacking", lambda: "Music is not analysed: numpy is not installed.")
    said = familiar("analyse")
    assert said.status == 1 and said.err == "familiar: Music is not analysed: numpy is not installed.\n"
