"""Play queues: one for each person, by place, with what is there."""

import pytest

from server.kernel.errors import Invalid, NotFound
from server.plays import queues
from server.tests.plays.small import ANN, BOB, CANARY, MISSING, bring_back, lose, read, statements, write


def saved(db, viewer=ANN):
    queue = read(db, queues.saved, viewer)
    return [track.id for track in queue.tracks], queue.current_at, queue.position_ms


def test_a_queue_comes_back_as_it_was_saved(small, clock):
    write(small, queues.save, ANN, [3, 1, 3, 2], 2, 4000, "phone")
    queue = read(small, queues.saved, ANN)
    assert [track.id for track in queue.tracks] == [3, 1, 3, 2]
    assert (queue.current_at, queue.position_ms, queue.changed_by, queue.changed_ms) == (2, 4000, "phone", clock.ms)


def test_the_last_writer_wins_and_queues_are_ones_own(small):
    write(small, queues.save, ANN, [1, 2], 0, 0, "phone")
    write(small, queues.save, BOB, [3], 0, 7, "phone")
    write(small, queues.save, ANN, [2], 0, 9, "desk")
    assert saved(small) == ([2], 0, 9)
    assert saved(small, BOB) == ([3], 0, 7)


def test_none_saved_and_one_cleared_are_empty(small, clock):
    assert read(small, queues.saved, ANN) == queues.Queue()
    write(small, queues.save, ANN, [1, 2], 0, 0, "phone")
    write(small, queues.clear, ANN, "desk")
    assert read(small, queues.saved, ANN) == queues.Queue((), None, 0, clock.ms, "desk")


def test_tracks_that_are_not_there_are_left_out_when_saving(small):
    write(small, queues.save, BOB, [777, 1, CANARY, 2, MISSING, 2], 5, 4000, "c")
    assert saved(small, BOB) == ([1, 2, 2], 2, 4000)
    assert read(small, lambda conn: conn.value("SELECT count(*) FROM queue_track")) == 3


def test_a_current_track_that_is_not_there_gives_way_to_the_next_from_its_beginning(small):
    write(small, queues.save, BOB, [1, CANARY, 3], 1, 4000, "c")
    assert saved(small, BOB) == ([1, 3], 1, 0)
    write(small, queues.save, BOB, [1, 2, CANARY], 2, 4000, "c")
    assert saved(small, BOB) == ([1, 2], 1, 0)


def test_with_nothing_known_the_old_queue_stays(small):
    write(small, queues.save, BOB, [1], 0, 5, "c")
    with pytest.raises(NotFound):
        write(small, queues.save, BOB, [777, CANARY], 0, 0, "c")
    assert saved(small, BOB) == ([1], 0, 5)


def test_an_index_outside_and_a_negative_position_are_refused(small):
    for index, position_ms in ((-1, 0), (2, 0), (0, -1)):
        with pytest.raises(Invalid):
            write(small, queues.save, ANN, [1, 2], index, position_ms, "c")


def test_a_track_that_goes_missing_is_skipped_and_back_in_its_place_when_it_returns(small):
    write(small, queues.save, ANN, [1, 2, 3], 1, 4000, "c")
    lose(small, 2)
    assert saved(small) == ([1, 3], 1, 0)
    lose(small, 3)
    assert saved(small) == ([1], 0, 0)
    lose(small, 1)
    assert saved(small) == ([], None, 0)
    for track in (1, 2, 3):
        bring_back(small, track)
    assert saved(small) == ([1, 2, 3], 1, 4000)


def test_a_long_queue_takes_as_few_statements_as_a_short_one(small):
    ids = [n % 6 + 1 for n in range(5000)]
    assert statements(small, lambda: write(small, queues.save, ANN, ids, 4999, 0, "c")) == 4
    assert statements(small, lambda: saved(small)) == 3
    assert saved(small)[1] == 4999


def test_who_leaves_takes_their_queue_along(small):
    write(small, queues.save, ANN, [1], 0, 0, "c")
    write(small, queues.forget, ANN.user_id)
    assert read(small, queues.saved, ANN) == queues.Queue()


def test_a_queue_has_an_end(small, monkeypatch):
    monkeypatch.setattr(queues, "TRACKS_MAX", 3)
    write(small, queues.save, ANN, [1, 2, 1], 0, 0, "c")
    with pytest.raises(Invalid, match="3 songs"):
        write(small, queues.save, ANN, [1, 2, 1, 2], 0, 0, "c")
    assert saved(small) == ([1, 2, 1], 0, 0)
