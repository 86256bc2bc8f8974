"""What is listened to next: what is played and what is new first, each sound once, nothing that cannot be heard."""

import pytest

from ai import analyses
from ai.analyses import CRASHED, OK, VERSION, Analysis
from ai.waiting import Feed

WELL = Analysis(OK, "", {})


def titles(db, feed: Feed, count: int = 100) -> list[str]:
    with db.reading() as conn:
        return [sound.name.rpartition(" – ")[2] for sound in feed.take(conn, count)]


@pytest.fixture
def scanned(shelf):
    shelf.album("Ann/One", 6)
    shelf.scan()
    return shelf


def put(shelf, number: int, analysis: Analysis = WELL, version: int = VERSION) -> None:
    with shelf.db.writing() as conn:
        audio_hash = conn.value("SELECT audio_hash FROM track WHERE id = :id", id=number)
        analyses.put(conn, audio_hash, version, analysis, None, None, 1)


def ids(shelf) -> list[int]:
    return [number for (number,) in shelf.rows("SELECT id FROM track ORDER BY id")]


def test_the_newest_are_first_in_turn_with_what_is_played(scanned):
    first, second, *_ = ids(scanned)
    with scanned.db.writing() as conn:
        conn.run("INSERT INTO play (user_id, track_id, played_ms, client) VALUES (1, :id, 1, 'x')", id=second)
        conn.run("INSERT INTO mark (user_id, kind, item_id, play_count) VALUES (1, 3, :id, 9)", id=first)
    feed = Feed()
    names = dict(scanned.rows("SELECT id, title FROM track"))
    newest = [names[number] for number in reversed(ids(scanned))]
    found = titles(scanned.db, feed)
    assert set(found) == set(newest) and len(found) == 6
    assert {names[first], names[second]} in ({found[0], found[2]}, {found[1], found[3]})
    assert [name for name in found if name in newest[:4]] == newest[:4]
    assert feed.finished and titles(scanned.db, feed) == []


def test_what_was_heard_by_this_analyser_is_left_out_and_by_an_older_one_is_not(scanned):
    one, two, three, *_ = ids(scanned)
    put(scanned, one)
    put(scanned, two, version=VERSION - 1)
    put(scanned, three, Analysis("unreadable", "It is text.", {}))
    names = dict(scanned.rows("SELECT id, title FROM track"))
    assert set(titles(scanned.db, Feed())) == set(names.values()) - {names[one], names[three]}


def test_two_files_of_one_recording_are_one_sound(scanned):
    scanned.track("Ann/Copy/copy.mp3", seed=1, title="Copy")
    scanned.scan()
    assert len(titles(scanned.db, Feed())) == 6


def test_what_comes_while_it_goes_on_is_next(scanned):
    feed = Feed()
    assert len(titles(scanned.db, feed, 2)) == 2
    titles(scanned.db, feed)
    scanned.album("Bob/New", 3)
    scanned.scan()
    assert titles(scanned.db, feed) == ["Song 3", "Song 2", "Song 1"] and feed.finished


def test_libraries_that_are_offline_and_tracks_that_are_missing_wait(scanned):
    scanned.album("Gone", 1, title="Gone")
    scanned.scan()
    (scanned.root / "Gone" / "01.mp3").unlink()
    scanned.scan()
    assert "Gone" not in titles(scanned.db, Feed())
    with scanned.db.writing() as conn:
        conn.run("UPDATE library SET online = 0")
    feed = Feed()
    assert titles(scanned.db, feed) == [] and feed.finished
    with scanned.db.writing() as conn:
        conn.run("UPDATE library SET online = 1")
        conn.bump("library")
    assert len(titles(scanned.db, feed)) == 6


def test_what_failed_once_is_tried_at_the_end_and_what_failed_twice_is_not(scanned):
    one, two, *rest = ids(scanned)
    for number, times in ((one, 1), (two, 2)):
        audio_hash = scanned.rows("SELECT audio_hash FROM track WHERE id = :id", id=number)[0][0]
        for _ in range(times):
            with scanned.db.writing() as conn:
                analyses.failed(conn, audio_hash, VERSION, CRASHED, "It ended.")
    names = dict(scanned.rows("SELECT id, title FROM track"))
    found = titles(scanned.db, Feed())
    assert found == [names[number] for number in reversed(rest)] + [names[one]]


def test_what_an_administrator_wants_again_is_given_again(scanned):
    from server.users.people import OPERATOR

    for number in ids(scanned):
        put(scanned, number)
    feed = Feed()
    assert titles(scanned.db, feed) == []
    with scanned.db.writing() as conn:
        assert analyses.again(conn, OPERATOR, OK) == 6
    assert len(titles(scanned.db, feed)) == 6


def test_what_could_not_be_heard_waits_until_the_library_has_changed(scanned):
    feed = Feed()
    with scanned.db.reading() as conn:
        (sound,) = feed.take(conn, 1)
        titles(scanned.db, feed)
        feed.passed(sound)
        assert feed.take(conn, 5) == []
    with scanned.db.writing() as conn:
        conn.bump("library")
    with scanned.db.reading() as conn:
        assert feed.take(conn, 5) == [sound]
