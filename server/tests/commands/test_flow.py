"""`familiar flow`: a playlist ordered, told step by step, and kept if asked."""

import pytest

from ai import analyses
from ai.tests.hearing import facts
from server.kernel.db import open_database
from server.playlists import playlists
from server.tests.plays.small import ANN, fill


@pytest.fixture
def order(familiar, tmp_path):
    """Make an installation in which Ann has a playlist; return a function that tells the order of its songs."""
    assert familiar("user", "add", "anna", typed="correct-horse\n").status == 0
    db = open_database(f"sqlite://{tmp_path}/data/familiar.db")
    with db.writing() as conn:
        conn.run("DELETE FROM account")
    fill(db)
    with db.writing() as conn:
        conn.run("UPDATE account SET all_libraries = 1, roles = 'stream playlist' WHERE id = :id", id=ANN.user_id)
        conn.run("UPDATE track SET audio_hash = 'sound ' || id WHERE audio_hash = ''")
        conn.bump("accounts")
        ids = [number for (number,) in conn.rows("SELECT id FROM track WHERE missing_ms IS NULL ORDER BY id")][:4]
        for at, (audio_hash,) in enumerate(conn.rows("SELECT DISTINCT audio_hash FROM track ORDER BY audio_hash")):
            analyses.put(conn, audio_hash, 1, facts(at * 5 % 3), None, None, 1)
        number = playlists.create(conn, ANN, "Friday Night", ids)

    def now() -> list[int]:
        with db.reading() as conn:
            return playlists.track_ids(conn, ANN, number)

    yield now
    db.close()


def test_a_playlist_is_ordered_and_kept_only_if_asked(familiar, order):
    before = order()
    told = familiar("flow", "ann", "friday night", "--curve", "wind-down")
    assert told.status == 0 and order() == before and len(before) > 2, told
    lines = told.out.splitlines()
    assert [line.split()[0] for line in lines[: 2 * len(before) - 1 : 2]] == [str(at + 1) for at in range(len(before))]
    assert all("%" in line and "tempo" in line for line in lines[1 : 2 * len(before) - 1 : 2])
    assert lines[-1].startswith("Transitions: ")
    kept = familiar("flow", "ann", "friday night", "--curve", "wind-down", "--save")
    assert kept.out.endswith("It is kept.\n") and sorted(order()) == sorted(before) != order()


def test_a_playlist_or_a_person_that_is_not_there_is_named(familiar, order):
    assert "no playlist called 'Monday'" in familiar("flow", "ann", "Monday").err
    assert "no user called" in familiar("flow", "nobody", "Friday Night").err
