"""Stars and ratings: one's own, kept through everything, of what one may see."""

import pytest

from server.kernel.errors import Invalid, NotFound
from server.library import albums, tracks
from server.library.facts import ALBUM, ARTIST, TRACK
from server.plays import marks, plays
from server.tests.plays.small import ANN, BOB, CANARY, CHIEF, MISSING, bring_back, lose, read, statements, write


def stars(db, viewer, kind=TRACK, libraries=(1, 2)):
    return list(read(db, marks.starred, viewer, kind, libraries))


def average(db, kind, number):
    return read(db, lambda conn: conn.row(
        "SELECT total, count FROM rating WHERE kind = :kind AND item_id = :id", kind=kind, id=number))


def test_a_star_keeps_its_first_date(small, clock):
    write(small, marks.star, ANN, [(TRACK, 1)])
    first = clock.ms
    clock.step(5000)
    write(small, marks.star, ANN, [(TRACK, 1), (TRACK, 2)])
    assert read(small, tracks.one, ANN, 1).starred_ms == first
    assert read(small, tracks.one, ANN, 2).starred_ms == first + 5000
    assert stars(small, ANN) == [2, 1]


def test_stars_belong_to_one_person(small):
    write(small, marks.star, ANN, [(TRACK, 1), (ALBUM, 1), (ARTIST, 1)])
    assert [stars(small, ANN, kind) for kind in (TRACK, ALBUM, ARTIST)] == [[1], [1], [1]]
    assert [stars(small, BOB, kind) for kind in (TRACK, ALBUM, ARTIST)] == [[], [], []]
    write(small, marks.unstar, BOB, [(TRACK, 1)])
    assert stars(small, ANN) == [1]


def test_what_exists_is_starred_and_the_rest_is_left_out(small):
    write(small, marks.star, BOB, [(TRACK, 777), (ALBUM, 2), (ARTIST, 777), (TRACK, CANARY), (TRACK, MISSING)])
    assert stars(small, BOB, ALBUM) == [2]
    assert stars(small, BOB) == []


@pytest.mark.parametrize("item", [(TRACK, 777), (TRACK, MISSING), (TRACK, CANARY), (ALBUM, 9), (ARTIST, 9)])
def test_nothing_to_star_or_rate_is_not_found_hidden_or_not(small, item):
    for attempt in (
        lambda: write(small, marks.star, BOB, [item]),
        lambda: write(small, marks.unstar, BOB, [item]),
        lambda: write(small, marks.rate, BOB, *item, 3),
    ):
        with pytest.raises(NotFound):
            attempt()
    assert read(small, lambda conn: conn.value("SELECT count(*) FROM mark")) == 0


def test_unstarring_twice_is_as_good_as_once(small):
    write(small, marks.star, ANN, [(TRACK, 1)])
    write(small, marks.unstar, ANN, [(TRACK, 1)])
    write(small, marks.unstar, ANN, [(TRACK, 1)])
    assert stars(small, ANN) == []
    assert read(small, tracks.one, ANN, 1).starred_ms is None


def test_a_folder_stands_for_its_albums(small):
    write(small, marks.star, ANN, [(marks.FOLDER, 11), (TRACK, 4)])
    assert stars(small, ANN, ALBUM) == [1]
    write(small, marks.rate, ANN, marks.FOLDER, 12, 4)
    assert average(small, ALBUM, 2) == (4, 1)
    assert read(small, marks.of_folders, ANN, [11, 12, 19]) == {
        11: marks.OfFolder(starred_ms=read(small, albums.one, ANN, 1).starred_ms), 12: marks.OfFolder(None, 4, 4.0),
    }  # fmt: skip
    assert read(small, marks.of_folders, BOB, [11, 12, 19]) == {12: marks.OfFolder(None, 0, 4.0)}
    with pytest.raises(NotFound):
        write(small, marks.star, BOB, [(marks.FOLDER, 19)])


def test_a_folder_of_several_albums_is_starred_when_all_of_them_are(small):
    with small.writing() as conn:
        conn.run("UPDATE album SET folder_id = 11 WHERE id = 2")
    write(small, marks.star, ANN, [(ALBUM, 1)])
    assert read(small, marks.of_folders, ANN, [11]) == {}
    write(small, marks.star, ANN, [(ALBUM, 2)])
    assert read(small, marks.of_folders, ANN, [11])[11].starred_ms == read(small, albums.one, ANN, 2).starred_ms


def test_a_star_hides_with_its_track_and_comes_back_with_it(small):
    write(small, marks.star, ANN, [(TRACK, 1), (TRACK, CANARY)])
    assert sorted(stars(small, ANN)) == [1, CANARY]
    assert stars(small, ANN, libraries=(1,)) == [1]
    lose(small, 1)
    assert stars(small, ANN) == [CANARY]
    bring_back(small, 1)
    assert sorted(stars(small, ANN)) == [1, CANARY]


def test_a_library_that_is_not_the_viewers_shows_nothing_even_when_asked_for(small):
    with small.writing() as conn:
        conn.run("INSERT INTO mark (user_id, kind, item_id, starred_ms) VALUES (2, 3, 9, 5)")
    assert stars(small, BOB, libraries=(2,)) == []
    assert stars(small, BOB, libraries=(1, 2)) == []


def test_averages_follow_every_change_of_a_rating(small):
    write(small, marks.rate, ANN, TRACK, 1, 5)
    write(small, marks.rate, BOB, TRACK, 1, 2)
    assert average(small, TRACK, 1) == (7, 2)
    write(small, marks.rate, ANN, TRACK, 1, 3)
    write(small, marks.rate, ANN, TRACK, 1, 3)
    assert average(small, TRACK, 1) == (5, 2)
    write(small, marks.rate, ANN, TRACK, 1, 0)
    write(small, marks.rate, ANN, TRACK, 1, 0)
    assert average(small, TRACK, 1) == (2, 1)
    assert read(small, tracks.one, ANN, 1).rating == 0
    assert read(small, tracks.one, BOB, 1).average_rating == 2.0


def test_a_rating_outside_is_refused(small):
    for rating in (-1, 6, 9):
        with pytest.raises(Invalid):
            write(small, marks.rate, ANN, TRACK, 1, rating)


def test_the_orders_are_the_viewers_own_and_total(small, clock):
    for track, times in ((1, 1), (2, 3), (3, 2)):
        for _ in range(times):
            write(small, plays.scrobble, ANN, [(track, clock.step(10 * 60_000))], "c")
    write(small, marks.rate, ANN, TRACK, 3, 4)
    write(small, marks.rate, BOB, TRACK, 3, 1)
    write(small, marks.rate, BOB, TRACK, 2, 5)
    assert list(read(small, marks.ordered, ANN, TRACK, "frequent", (1, 2))) == [2, 3, 1]
    assert list(read(small, marks.ordered, ANN, TRACK, "recent", (1, 2))) == [3, 2, 1]
    assert list(read(small, marks.ordered, ANN, TRACK, "highest", (1, 2))) == [2, 3]
    assert list(read(small, marks.ordered, BOB, TRACK, "highest", (1, 2))) == [2, 3]
    assert list(read(small, marks.ordered, CHIEF, TRACK, "frequent", (1, 2))) == []
    assert list(read(small, marks.ordered, ANN, ALBUM, "frequent", (2,))) == []


def test_an_order_is_made_once_until_a_mark_changes(small):
    write(small, marks.star, ANN, [(TRACK, 1)])
    stars(small, ANN)
    version = 1 if small.dialect.name == "postgres" else 0
    assert statements(small, lambda: stars(small, ANN)) <= version
    write(small, marks.star, ANN, [(TRACK, 2)])
    assert sorted(stars(small, ANN)) == [1, 2]


def test_star_takes_two_statements_and_a_rating_five(small):
    assert statements(small, lambda: write(small, marks.star, ANN, [(TRACK, 1)])) == 2
    assert statements(small, lambda: write(small, marks.star, ANN, [(TRACK, n) for n in range(1000)])) == 2
    assert statements(small, lambda: write(small, marks.unstar, ANN, [(TRACK, 1)])) == 3
    assert statements(small, lambda: write(small, marks.rate, ANN, TRACK, 1, 3)) == 5


def test_who_leaves_takes_their_marks_out_of_the_averages(small):
    write(small, marks.rate, ANN, TRACK, 1, 5)
    write(small, marks.rate, BOB, TRACK, 1, 2)
    write(small, marks.star, ANN, [(TRACK, 2)])
    write(small, marks.forget, ANN.user_id)
    assert average(small, TRACK, 1) == (2, 1)
    assert read(small, lambda conn: conn.rows("SELECT DISTINCT user_id FROM mark")) == [(2,)]
