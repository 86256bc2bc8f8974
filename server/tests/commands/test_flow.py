"""`familiar flow`: a playlist ordered, told step by step, and kept if asked."""

import pytest

from ai import analyses
from ai.tests.hearing import facts
from server.playlists import playlists
from server.tests.plays.small import ANN, BOB, read
from server.users import accounts
from server.users.people import LISTENER, OPERATOR


@pytest.fixture
def order(filled):
    """Give Ann a playlist of songs that were heard; return a function that tells their order."""
    with filled.writing() as conn:
        rows = conn.rows("SELECT id, audio_hash FROM track WHERE missing_ms IS NULL ORDER BY id")
        for at, (_, audio_hash) in enumerate(rows):
            analyses.put(conn, audio_hash, 1, facts(at * 5 % 3), None, None, 1)
        number = playlists.create(conn, ANN, "Friday Night", [number for number, _ in rows][:4])
    return lambda: read(filled, playlists.track_ids, ANN, number)


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


def test_one_s_own_playlist_comes_before_a_public_one_of_that_name(familiar, filled, order):
    with filled.writing() as conn:
        playlists.update(conn, ANN, 1, playlists.Change(public=True))
        mine = playlists.create(conn, BOB, "Friday Night", order()[:2])
        accounts.change(conn, OPERATOR, "bob", accounts.Changes(roles=LISTENER))
    theirs = order()
    said = familiar("flow", "bob", "friday night", "--save")
    assert said.out.endswith("It is kept.\n"), said
    assert order() == theirs and len(read(filled, playlists.track_ids, BOB, mine)) == 2


def test_a_playlist_or_a_person_that_is_not_there_is_named(familiar, order):
    assert "no playlist called 'Monday'" in familiar("flow", "ann", "Monday").err
    assert "no user called" in familiar("flow", "nobody", "Friday Night").err
