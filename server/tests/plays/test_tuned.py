"""Who listens to which station: one thing at a time, for a while, and by everybody to be seen."""

import pytest

from server.kernel.errors import Invalid, NotFound
from server.library import radio
from server.library.radio import Listed
from server.plays import nowplaying, tuned
from server.tests.plays.small import ANN, BOB, CHIEF, MINUTE, read, write


@pytest.fixture
def stations(small, clock, monkeypatch):
    monkeypatch.setattr("server.plays.tuned.now_ms", clock)
    return [write(small, radio.create, CHIEF, Listed(name, f"http://{name}.example/")) for name in ("waves", "hills")]


def told(db, viewer=BOB):
    return [(each.name, each.station.name, each.state, each.ago_ms) for each in read(db, tuned.listening, viewer)]


def test_a_station_is_shown_from_its_start_until_it_stops(small, clock, stations):
    write(small, tuned.tune, ANN, stations[0], "phone")
    clock.step(MINUTE)
    write(small, tuned.tune, ANN, stations[0], "phone", "paused")
    assert told(small) == [("Ann", "waves", "paused", MINUTE)]
    write(small, tuned.tune, ANN, stations[1], "phone")
    assert told(small) == [("Ann", "hills", "playing", 0)]
    write(small, tuned.tune, ANN, stations[0], "phone", "stopped")
    assert told(small) == [("Ann", "hills", "playing", 0)], "a late word about the one before"
    write(small, tuned.tune, ANN, stations[1], "phone", "stopped")
    assert told(small) == []


def test_starting_begins_anew(small, clock, stations):
    write(small, tuned.tune, ANN, stations[0], "phone")
    clock.step(MINUTE)
    write(small, tuned.tune, ANN, stations[0], "phone", "starting")
    assert told(small) == [("Ann", "waves", "starting", 0)]


def test_nobody_is_believed_for_ever(small, clock, stations):
    write(small, tuned.tune, ANN, stations[0], "phone")
    clock.step(tuned.BELIEVED_MS)
    assert told(small)
    clock.step(1)
    assert told(small) == []


def test_a_client_plays_one_thing_at_a_time(small, clock, stations):
    write(small, nowplaying.notice, ANN, 1, "phone")
    write(small, nowplaying.notice, ANN, 2, "desk")
    clock.step(1000)
    write(small, tuned.tune, ANN, stations[0], "phone")
    assert [each.client for each in read(small, nowplaying.listening, BOB)] == ["desk"]
    clock.step(1000)
    write(small, nowplaying.notice, ANN, 1, "phone")
    assert told(small) == [] and len(read(small, nowplaying.listening, BOB)) == 2


def test_what_is_not_there_is_not_played(small, stations):
    with pytest.raises(NotFound):
        write(small, tuned.tune, ANN, 99, "phone")
    with pytest.raises(Invalid):
        write(small, tuned.tune, ANN, stations[0], "phone", "dancing")
    write(small, tuned.tune, ANN, stations[0], "phone")
    write(small, radio.delete, CHIEF, stations[0])
    assert told(small) == []


def test_one_person_has_so_many_players_and_leaves_none_behind(small, clock, stations):
    for at in range(nowplaying.PLAYERS_MAX + 5):
        clock.step(1)
        write(small, tuned.tune, ANN, stations[0], f"client {at}")
    assert len(told(small)) == nowplaying.PLAYERS_MAX
    write(small, tuned.forget, ANN.user_id)
    assert told(small) == []
