"""Plays: each is counted once, however often and by whatever way a client tells of it."""

import pytest

from server.kernel.errors import NotFound
from server.library import tracks
from server.library.facts import ALBUM, ARTIST, TRACK
from server.plays import nowplaying, plays
from server.plays.nowplaying import Report
from server.tests.plays.small import ANN, BOB, CANARY, LENGTH_MS, MINUTE, MISSING, lose, read, statements, write


def history(db, viewer=ANN):
    return read(db, lambda conn: conn.rows(
        "SELECT track_id, played_ms, listened_ms FROM play WHERE user_id = :user ORDER BY played_ms, id",
        user=viewer.user_id))


def count(db, kind, number, viewer=ANN):
    return read(db, lambda conn: conn.row(
        "SELECT play_count, played_ms FROM mark WHERE user_id = :user AND kind = :kind AND item_id = :id",
        user=viewer.user_id, kind=kind, id=number))


def say(db, track, state, position_ms=0, viewer=ANN, client="player", **more):
    write(db, plays.report, viewer, Report(track, state, position_ms, **more), client)


def hear(db, clock, track, ms, **more):
    """Play a track from its beginning and stop after `ms`."""
    say(db, track, "starting", **more)
    say(db, track, "playing", **more)
    clock.step(ms)
    say(db, track, "stopped", ms, **more)


def test_a_play_counts_for_the_track_its_album_and_its_artists(small, clock):
    assert write(small, plays.scrobble, ANN, [(6, None)], "c") == 1
    for kind, number in ((TRACK, 6), (ALBUM, 2), (ARTIST, 2), (ARTIST, 3)):
        assert count(small, kind, number) == (1, clock.ms)
    assert count(small, ARTIST, 1) is None, "a composer has not played it"
    assert history(small) == [(6, clock.ms, None)]
    assert history(small, BOB) == []
    assert read(small, tracks.one, ANN, 6).play_count == 1
    assert read(small, tracks.one, BOB, 6).play_count == 0


def test_an_older_play_counts_but_does_not_become_the_last(small, clock):
    write(small, plays.scrobble, ANN, [(1, None)], "c")
    write(small, plays.scrobble, ANN, [(1, clock.ms - 3 * MINUTE)], "c")
    assert count(small, TRACK, 1) == (2, clock.ms)


def test_the_same_play_told_twice_is_one(small, clock):
    now = clock.ms
    assert write(small, plays.scrobble, ANN, [(1, now), (1, now)], "c") == 1
    assert write(small, plays.scrobble, ANN, [(1, now)], "c") == 0
    assert write(small, plays.scrobble, ANN, [(1, now + 30_000)], "other") == 0
    assert write(small, plays.scrobble, ANN, [(1, now - 30_000)], "c") == 0
    assert write(small, plays.scrobble, ANN, [(1, now + 30_001), (2, now)], "c") == 2
    assert write(small, plays.scrobble, BOB, [(1, now)], "c") == 1
    assert count(small, TRACK, 1) == (2, now + 30_001)


@pytest.mark.parametrize("wrong", [0, 5, 86_399_999, 99_999_999, -7, 99_999_999_999])
def test_times_that_cannot_be_mean_now(small, clock, wrong):
    write(small, plays.scrobble, ANN, [(1, wrong)], "c")
    assert history(small) == [(1, clock.ms, None)]


def test_a_time_in_seconds_is_read_as_such_and_is_no_day_of_1970(small, clock):
    assert write(small, plays.scrobble, ANN, [(1, clock.ms // 1000 - 3600), (2, clock.ms - 3_600_000)], "c") == 2
    whole = clock.ms // 1000 * 1000
    assert sorted(history(small)) == [(1, whole - 3_600_000, None), (2, clock.ms - 3_600_000, None)]


def test_a_clock_a_little_ahead_is_believed_and_one_far_ahead_is_not(small, clock):
    write(small, plays.scrobble, ANN, [(1, clock.ms + 10 * MINUTE)], "c")
    write(small, plays.scrobble, ANN, [(2, clock.ms + 10 * MINUTE + 1)], "c")
    assert history(small) == [(2, clock.ms, None), (1, clock.ms + 10 * MINUTE, None)]


def test_a_batch_keeps_what_it_can_and_fails_only_when_nothing_is_known(small, clock):
    at = clock.ms - 60 * MINUTE
    batch = [(1, at), (777, at), (CANARY, at), (MISSING, at), (2, at + LENGTH_MS), (1, at + 2 * LENGTH_MS)]
    assert write(small, plays.scrobble, BOB, batch, "c") == 3
    assert write(small, plays.scrobble, BOB, batch, "c") == 0
    with pytest.raises(NotFound):
        write(small, plays.scrobble, BOB, [(777, None), (CANARY, None), (MISSING, None)], "c")
    assert len(history(small, BOB)) == 3


def test_a_scrobble_takes_five_statements_one_or_a_thousand(small, clock):
    assert statements(small, lambda: write(small, plays.scrobble, ANN, [(6, None)], "c")) == 5
    batch = [(n % 6 + 1, clock.ms - n * MINUTE) for n in range(1, 1000)]
    assert statements(small, lambda: write(small, plays.scrobble, ANN, batch, "c")) == 5


def test_a_reported_session_is_one_play_from_its_start_with_what_was_heard(small, clock):
    start = clock.ms
    hear(small, clock, 1, 150_000)
    assert history(small) == [(1, start, 150_000)]
    assert count(small, ALBUM, 1) == (1, start)


def test_half_of_a_track_is_a_play_and_less_is_not(small, clock):
    hear(small, clock, 1, LENGTH_MS // 2 - 1)
    assert history(small) == []
    hear(small, clock, 2, LENGTH_MS // 2)
    assert len(history(small)) == 1


def test_four_minutes_of_a_long_track_are_a_play(small, clock):
    with small.writing() as conn:
        conn.run("UPDATE track SET length_ms = 3600000 WHERE id = 1")
    hear(small, clock, 1, 239_999)
    assert history(small) == []
    hear(small, clock, 1, 240_000)
    assert len(history(small)) == 1


def test_jumping_to_the_end_is_no_listening(small, clock):
    say(small, 1, "starting")
    say(small, 1, "playing")
    clock.step(1000)
    say(small, 1, "playing", 199_000)
    clock.step(600_000)
    say(small, 1, "stopped", LENGTH_MS)
    assert history(small) == []


def test_a_pause_adds_nothing_and_what_came_before_it_counts(small, clock):
    start = clock.ms
    say(small, 1, "starting")
    clock.step(20_000)
    say(small, 1, "playing")
    clock.step(60_000)
    say(small, 1, "paused", 60_000)
    clock.step(20 * MINUTE)
    say(small, 1, "playing", 60_000)
    clock.step(50_000)
    say(small, 1, "stopped", 110_000)
    assert history(small) == [(1, start, 110_000)]


@pytest.mark.parametrize("goes_on", [True, False])
def test_a_meal_in_the_middle_of_a_track_does_not_lose_the_play(small, clock, goes_on):
    start = clock.ms
    say(small, 1, "starting")
    say(small, 1, "playing")
    clock.step(LENGTH_MS - 10_000)
    say(small, 1, "paused", LENGTH_MS - 10_000)
    clock.step(2 * 60 * MINUTE)
    if goes_on:
        say(small, 1, "playing", LENGTH_MS - 10_000)
        clock.step(10_000)
    say(small, 1, "stopped", LENGTH_MS)
    assert history(small) == [(1, start, LENGTH_MS - 10_000 * (not goes_on))]


def test_what_was_paused_yesterday_is_another_play_today(small, clock):
    say(small, 1, "playing")
    clock.step(LENGTH_MS - 1000)
    say(small, 1, "paused", LENGTH_MS - 1000)
    clock.step(13 * 60 * MINUTE)
    say(small, 1, "stopped", LENGTH_MS)
    assert history(small) == []


def test_at_double_speed_half_the_time_is_enough(small, clock):
    say(small, 1, "starting", rate=2.0)
    say(small, 1, "playing", rate=2.0)
    clock.step(LENGTH_MS // 4)
    say(small, 1, "stopped", LENGTH_MS // 2, rate=2.0)
    assert history(small)[0][2] == LENGTH_MS // 2


def test_nothing_counts_until_it_stops_and_never_when_the_client_says_so(small, clock):
    say(small, 1, "starting")
    say(small, 1, "playing")
    clock.step(190_000)
    say(small, 2, "starting")
    assert history(small) == []
    say(small, 2, "playing")
    clock.step(190_000)
    say(small, 2, "stopped", 190_000, ignore_scrobble=True)
    assert history(small) == []


def test_stopping_twice_counts_once(small, clock):
    hear(small, clock, 1, 150_000)
    say(small, 1, "stopped", 150_000)
    clock.step(10 * MINUTE)
    say(small, 1, "stopped", 150_000)
    assert len(history(small)) == 1


@pytest.mark.parametrize("told", ["at the start", "half way", "at the end"])
def test_a_client_that_reports_and_scrobbles_is_counted_once(small, clock, told):
    start = clock.ms
    say(small, 1, "starting")
    say(small, 1, "playing")
    clock.step(100_000)
    if told == "half way":
        write(small, plays.scrobble, ANN, [(1, None)], "player")
    clock.step(95_000)
    say(small, 1, "stopped", 195_000)
    clock.step(3000)
    if told != "half way":
        write(small, plays.scrobble, ANN, [(1, start if told == "at the start" else None)], "player")
    assert len(history(small)) == 1
    assert count(small, TRACK, 1)[0] == 1


def test_a_late_scrobble_of_a_session_with_a_long_pause_is_the_same_play(small, clock):
    say(small, 1, "starting")
    say(small, 1, "playing")
    clock.step(120_000)
    say(small, 1, "paused", 120_000)
    clock.step(25 * MINUTE)
    say(small, 1, "stopped", 120_000)
    assert write(small, plays.scrobble, ANN, [(1, None)], "player") == 0


def test_a_track_on_repeat_is_counted_each_time(small, clock):
    for _ in range(3):
        started = clock.ms
        hear(small, clock, 1, LENGTH_MS)
        write(small, plays.scrobble, ANN, [(1, started)], "player")
    assert count(small, TRACK, 1)[0] == 3


def test_a_session_of_a_track_that_went_missing_is_not_found(small, clock):
    say(small, 1, "starting")
    lose(small, 1)
    with pytest.raises(NotFound):
        say(small, 1, "stopped")


def test_who_leaves_takes_their_history_along(small):
    write(small, plays.scrobble, ANN, [(1, None)], "c")
    write(small, plays.scrobble, BOB, [(1, None)], "c")
    write(small, plays.forget, ANN.user_id)
    assert history(small) == [] and len(history(small, BOB)) == 1


def test_a_report_takes_seven_statements_at_most(small, clock):
    assert statements(small, lambda: say(small, 1, "starting")) <= 4
    say(small, 1, "playing")
    clock.step(150_000)
    assert statements(small, lambda: say(small, 1, "stopped", 150_000)) <= 8
    assert read(small, nowplaying.listening, ANN) == []
