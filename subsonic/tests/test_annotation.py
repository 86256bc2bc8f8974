"""Annotation as clients send it: any id anywhere, batches, notices and reports."""

import pytest

from server.kernel.errors import Invalid, NotFound
from server.library import tracks
from server.tests.plays.small import ANN, BOB, CANARY, MINUTE, read
from subsonic.protocol import Missing
from subsonic.tests.calling import IDS, ann, bob, clock, small, tr

__all__ = ["ann", "bob", "clock", "small"]


def song(db, number, viewer=ANN):
    return read(db, tracks.one, viewer, number)


def test_one_id_sent_as_all_three_kinds_is_starred_once(ann, small):
    (track,) = tr(1)
    ann.ask("star", id=track, albumId=track, artistId=track)
    assert song(small, 1).starred_ms is not None
    ann.ask("unstar", albumId=track)
    assert song(small, 1).starred_ms is None


def test_songs_albums_artists_and_folders_are_starred_by_id(ann, small):
    ann.ask("star", id=[IDS.text("al", 1), IDS.text("ar", 2), IDS.text("fo", 12), "nonsense", *tr(777)])
    assert read(small, lambda conn: conn.rows("SELECT kind, item_id FROM mark ORDER BY kind, item_id")) == [
        (1, 2), (2, 1), (2, 2)]  # fmt: skip


@pytest.mark.parametrize("endpoint", ["star", "unstar"])
def test_nothing_to_star_is_not_found_and_no_id_at_all_is_missing(bob, endpoint):
    for text in ("nonsense", "17", IDS.text("pl", 1), *tr(777, CANARY)):
        with pytest.raises(NotFound):
            bob.ask(endpoint, id=text)
    with pytest.raises(Missing):
        bob.ask(endpoint)


def test_ratings_go_from_one_to_five_and_zero_takes_them_away(ann, small):
    (track,) = tr(1)
    ann.ask("setRating", id=track, rating=4)
    assert song(small, 1).rating == 4
    ann.ask("setRating", id=track, rating=0)
    assert song(small, 1).rating == 0
    for rating in (9, -1, "x"):
        with pytest.raises(Invalid):
            ann.ask("setRating", id=track, rating=rating)
    for text in (IDS.text("pl", 1), "nonsense", *tr(777)):
        with pytest.raises(NotFound):
            ann.ask("setRating", id=text, rating=3)


def test_scrobbles_come_in_batches_with_times_and_stale_ids(ann, small, clock):
    at = clock.ms - 60 * MINUTE
    ann.ask("scrobble", id=[*tr(1, 777, 2), "nonsense"], time=[at, at, at + MINUTE, at])
    ann.ask("scrobble", id=tr(1), time=at)
    assert (song(small, 1).play_count, song(small, 1).played_ms) == (1, at)
    assert song(small, 2).played_ms == at + MINUTE
    ann.ask("scrobble", id=tr(3))
    assert song(small, 3).played_ms == clock.ms
    with pytest.raises(NotFound):
        ann.ask("scrobble", id=["nonsense", *tr(777)])
    with pytest.raises(Invalid):
        ann.ask("scrobble", id=tr(1, 2), time=at)


def test_a_notice_shows_who_listens_and_counts_nothing(ann, bob, small):
    ann.ask("scrobble", id=tr(1), submission="false")
    assert song(small, 1).play_count == 0
    (entry,) = bob.ask("getNowPlaying")["entry"]
    assert (entry["id"], entry["username"], entry["playerName"], entry["minutesAgo"]) == ("tr-1", "Ann", "player", 0)
    assert isinstance(entry["playerId"], int) and 0 <= entry["playerId"] < 2**31


def test_reports_drive_now_playing_and_count_when_they_stop(ann, bob, small, clock):
    said = {"mediaId": tr(1), "mediaType": "song"}
    ann.ask("reportPlayback", **said, positionMs=0, state="starting")
    ann.ask("reportPlayback", **said, positionMs=0, state="playing", playbackRate=1.5)
    clock.step(2 * MINUTE)
    (entry,) = bob.ask("getNowPlaying")["entry"]
    assert (entry["state"], entry["positionMs"], entry["playbackRate"], entry["minutesAgo"]) == (
        "playing", 180_000, 1.5, 2)  # fmt: skip
    assert '<entry id="tr-1"' in bob.ask("getNowPlaying", fmt="xml")
    ann.ask("reportPlayback", **said, positionMs=180_000, state="stopped")
    assert bob.ask("getNowPlaying") == {"entry": []}
    assert song(small, 1).play_count == 1
    assert song(small, 1, BOB).play_count == 0


@pytest.mark.parametrize("wrong", [
    {"state": "humming"}, {"positionMs": -1}, {"playbackRate": 0}, {"playbackRate": "nan"}, {"mediaType": "video"},
])  # fmt: skip
def test_a_report_that_cannot_be_is_refused(ann, wrong):
    said = {"mediaId": tr(1), "mediaType": "song", "positionMs": 0, "state": "playing"}
    with pytest.raises(Invalid):
        ann.ask("reportPlayback", **said | wrong)


def test_what_bob_may_not_hear_he_neither_plays_nor_sees(ann, bob):
    ann.ask("reportPlayback", mediaId=tr(CANARY), mediaType="song", positionMs=0, state="playing")
    assert bob.ask("getNowPlaying") == {"entry": []}
    for ask in (
        lambda: bob.ask("scrobble", id=tr(CANARY)),
        lambda: bob.ask("scrobble", id=tr(CANARY), submission="false"),
        lambda: bob.ask("reportPlayback", mediaId=tr(CANARY), mediaType="song", positionMs=0, state="playing"),
    ):
        with pytest.raises(NotFound):
            ask()
