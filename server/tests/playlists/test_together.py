"""What holds when people and their clients do things at the same moment, and when somebody leaves."""

from concurrent.futures import ThreadPoolExecutor

from server.library.facts import TRACK
from server.playlists import playlists
from server.playlists.playlists import Change
from server.plays import bookmarks, marks, nowplaying, plays, queues
from server.tests.plays.small import ANN, BOB, CHIEF, SONGS, read, write
from server.users import accounts


def at_once(db, calls):
    """Run the calls in threads of their own and raise what any of them raises."""
    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(write, db, *call) for call in calls]:
            done.result()


def rows(db, sql):
    return read(db, lambda conn: conn.rows(sql))


def test_one_play_told_by_many_at_once_is_counted_once(small, clock):
    at_once(small, [(plays.scrobble, ANN, [(song, clock.ms) for song in SONGS], "c")] * 8)
    assert rows(small, "SELECT count(*) FROM play") == [(len(SONGS),)]
    assert set(rows(small, "SELECT play_count FROM mark WHERE kind = 3")) == {(1,)}


def test_ratings_at_once_leave_a_true_average(small):
    at_once(small, [(marks.rate, who, TRACK, 1, rating) for rating in (5, 3, 1, 4) for who in (ANN, BOB)])
    total, count = rows(small, "SELECT total, count FROM rating")[0]
    assert [(total, count)] == rows(small, "SELECT CAST(sum(rating) AS BIGINT), count(*) FROM mark")


def test_additions_to_a_playlist_at_once_are_all_there(small):
    number = write(small, playlists.create, ANN, "Mine")
    at_once(small, [(playlists.update, who, number, Change(add=SONGS)) for who in (ANN, CHIEF) for _ in range(4)])
    assert len(read(small, playlists.opened, ANN, number)[1]) == 8 * len(SONGS)


def test_queues_saved_at_once_never_mix(small):
    at_once(small, [(queues.save, ANN, [song] * 20, 0, 0, "c") for song in SONGS])
    assert len({track.id for track in read(small, queues.saved, ANN).tracks}) == 1


def test_deleting_an_account_deletes_all_that_was_theirs(small):
    write(small, marks.star, ANN, [(TRACK, 1)])
    write(small, plays.scrobble, ANN, [(1, None)], "c")
    write(small, nowplaying.notice, ANN, 1, "c")
    write(small, queues.save, ANN, [1], 0, 0, "c")
    write(small, bookmarks.put, ANN, 1, 0, "")
    write(small, playlists.create, ANN, "Mine", [1])
    assert list(read(small, marks.starred, ANN, TRACK, (1,))) == [1]
    write(small, accounts.delete, CHIEF, "Ann")
    for table in (
        "mark", "play", "now_playing", "queue", "queue_track", "bookmark", "playlist", "playlist_track",
    ):  # fmt: skip
        assert rows(small, f"SELECT * FROM {table}") == [], table
    assert list(read(small, marks.starred, ANN, TRACK, (1,))) == [], "whoever gets this number starts afresh"
