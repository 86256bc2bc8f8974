"""Who listens to what: positions that run on, sessions that end, and nothing that another may not hear."""

import pytest

from server.kernel.errors import Invalid, NotFound
from server.plays import nowplaying, plays
from server.plays.nowplaying import Report
from server.tests.plays.small import ANN, BOB, CANARY, CHIEF, LENGTH_MS, MINUTE, read, write


def say(db, viewer, track, state, position_ms=0, client="player", **more):
    write(db, plays.report, viewer, Report(track, state, position_ms, **more), client)


def listening(db, viewer=BOB):
    return read(db, nowplaying.listening, viewer)


def where(db):
    (one,) = listening(db)
    return one.state, one.position_ms


def test_the_position_runs_only_while_playing(small, clock):
    say(small, ANN, 1, "starting")
    clock.step(5000)
    assert where(small) == ("starting", 0)
    say(small, ANN, 1, "playing")
    clock.step(10_000)
    assert where(small) == ("playing", 10_000)
    say(small, ANN, 1, "paused", 10_500)
    clock.step(60_000)
    assert where(small) == ("paused", 10_500)
    say(small, ANN, 1, "playing", 10_500, rate=1.5)
    clock.step(10_000)
    assert where(small) == ("playing", 25_500)
    clock.step(20 * MINUTE)
    assert where(small) == ("playing", LENGTH_MS)


def test_stopping_ends_it(small, clock):
    say(small, ANN, 1, "playing")
    say(small, ANN, 1, "stopped")
    assert listening(small) == []


def test_a_session_is_dropped_half_an_hour_after_its_expected_end(small, clock):
    say(small, ANN, 1, "playing", 100_000)
    clock.step(LENGTH_MS - 100_000 + 30 * MINUTE)
    assert len(listening(small)) == 1
    clock.step(1)
    assert listening(small) == []
    say(small, ANN, 1, "playing")
    (one,) = listening(small)
    assert one.ago_ms == 0, "what comes after is another session"


def test_a_notice_is_dropped_five_minutes_after_the_tracks_end(small, clock):
    write(small, nowplaying.notice, ANN, 1, "player")
    clock.step(30_000)
    assert where(small) == ("playing", 30_000)
    clock.step(LENGTH_MS - 30_000 + 5 * MINUTE)
    assert len(listening(small)) == 1
    clock.step(1)
    assert listening(small) == []


def test_a_notice_counts_nothing(small):
    write(small, nowplaying.notice, ANN, 1, "player")
    for table in ("play", "mark"):
        assert read(small, lambda conn, table=table: conn.value(f"SELECT count(*) FROM {table}")) == 0


def test_a_notice_does_not_disturb_a_reported_session_but_a_new_track_takes_its_place(small, clock):
    say(small, ANN, 1, "playing", 50_000)
    clock.step(1000)
    write(small, nowplaying.notice, ANN, 1, "player")
    assert where(small) == ("playing", 51_000)
    write(small, nowplaying.notice, ANN, 2, "player")
    assert where(small) == ("playing", 0)


def test_starting_opens_a_new_session_of_the_same_track(small, clock):
    say(small, ANN, 1, "starting")
    say(small, ANN, 1, "playing")
    clock.step(60_000)
    say(small, ANN, 1, "starting")
    (one,) = listening(small)
    assert (one.ago_ms, one.position_ms) == (0, 0)


def test_each_client_of_a_person_has_its_own(small, clock):
    say(small, ANN, 1, "playing", client="phone")
    clock.step(1)
    say(small, ANN, 2, "playing", client="desk")
    say(small, BOB, 3, "playing", client="phone")
    assert sorted((one.name, one.client, one.track.id) for one in listening(small)) == [
        ("Ann", "desk", 2), ("Ann", "phone", 1), ("Bob", "phone", 3)]  # fmt: skip


def test_nobody_learns_of_a_track_that_they_may_not_hear(small):
    say(small, ANN, CANARY, "playing")
    assert listening(small, BOB) == []
    assert [one.track.id for one in listening(small, CHIEF)] == [CANARY]
    with pytest.raises(NotFound):
        say(small, BOB, CANARY, "playing")
    with pytest.raises(NotFound):
        write(small, nowplaying.notice, BOB, CANARY, "player")


@pytest.mark.parametrize(
    "wrong", [{"state": "humming"}, {"position_ms": -1}, {"rate": 0.0}, {"rate": -1.0}, {"rate": float("nan")},
              {"rate": float("inf")}]
)  # fmt: skip
def test_what_no_player_can_do_is_refused(small, wrong):
    said = {"track_id": 1, "state": "playing", "position_ms": 0} | wrong
    with pytest.raises(Invalid):
        write(small, plays.report, ANN, Report(**said), "player")


def test_a_position_beyond_the_end_is_the_end(small):
    say(small, ANN, 1, "paused", 10**15)
    assert where(small) == ("paused", LENGTH_MS)


def test_a_clock_set_back_does_not_run_a_track_backwards(small, clock):
    say(small, ANN, 1, "playing", 50_000)
    clock.step(-MINUTE)
    assert where(small) == ("playing", 50_000)


def test_who_leaves_is_no_longer_listening(small):
    say(small, ANN, 1, "playing")
    write(small, nowplaying.forget, ANN.user_id)
    assert listening(small) == []


def test_a_client_with_a_new_name_each_time_is_not_shown_a_thousand_times(small, clock):
    for number in range(nowplaying.PLAYERS_MAX + 5):
        clock.step(1)
        write(small, nowplaying.notice, ANN, 1, f"player {number}")
    names = [each.client for each in listening(small)]
    assert names == [f"player {number}" for number in range(nowplaying.PLAYERS_MAX + 4, 4, -1)]
