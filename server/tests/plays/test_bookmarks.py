"""Bookmarks: one for each person and track, kept while the track is away."""

import pytest

from server.kernel.errors import Invalid, NotFound
from server.library import tracks
from server.plays import bookmarks
from server.tests.plays.small import ANN, BOB, CANARY, MISSING, bring_back, lose, read, write


def listed(db, viewer):
    return [(one.track.id, one.position_ms, one.comment) for one in read(db, bookmarks.listed, viewer)]


def test_a_second_bookmark_in_a_track_takes_the_place_of_the_first(small, clock):
    created = clock.ms
    write(small, bookmarks.put, ANN, 1, 1000, "here")
    clock.step(1)
    write(small, bookmarks.put, ANN, 2, 5, "")
    changed = clock.step(1)
    write(small, bookmarks.put, ANN, 1, 2000, "no, here")
    assert listed(small, ANN) == [(1, 2000, "no, here"), (2, 5, "")]
    first = read(small, bookmarks.listed, ANN)[0]
    assert (first.created_ms, first.changed_ms) == (created, changed)
    assert read(small, tracks.one, ANN, 1).bookmark_ms == 2000


def test_bookmarks_are_ones_own(small):
    write(small, bookmarks.put, ANN, 1, 1000, "")
    assert listed(small, BOB) == []
    with pytest.raises(NotFound):
        write(small, bookmarks.remove, BOB, 1)
    assert listed(small, ANN) == [(1, 1000, "")]


def test_removing_needs_a_bookmark_and_not_its_track(small):
    write(small, bookmarks.put, ANN, 1, 1000, "")
    lose(small, 1)
    assert listed(small, ANN) == []
    bring_back(small, 1)
    assert listed(small, ANN) == [(1, 1000, "")]
    lose(small, 1)
    write(small, bookmarks.remove, ANN, 1)
    with pytest.raises(NotFound):
        write(small, bookmarks.remove, ANN, 1)


@pytest.mark.parametrize("track", [777, CANARY, MISSING])
def test_a_track_that_is_not_there_gets_none(small, track):
    with pytest.raises(NotFound):
        write(small, bookmarks.put, BOB, track, 0, "")
    assert listed(small, ANN) == []


def test_a_negative_position_is_refused(small):
    with pytest.raises(Invalid):
        write(small, bookmarks.put, ANN, 1, -1, "")


def test_who_leaves_takes_their_bookmarks_along(small):
    write(small, bookmarks.put, ANN, 1, 1000, "")
    write(small, bookmarks.forget, ANN.user_id)
    assert listed(small, ANN) == []


def test_a_comment_has_an_end(small):
    write(small, bookmarks.put, ANN, 1, 1000, "c" * 20_000)
    with pytest.raises(Invalid, match="characters at most"):
        write(small, bookmarks.put, ANN, 1, 1000, "c" * 20_001)
