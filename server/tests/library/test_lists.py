"""Lists of albums, artists, folders and genres, on both databases: whole, in order, in few statements."""

import pytest

from server.kernel import migrate
from server.kernel.db import open_database
from server.kernel.errors import NotFound
from server.library import albums, artists, folders, genres, libraries, tracks
from server.users.people import Viewer

EVERYBODY = Viewer(1, "ann", frozenset(), (1, 2))
BOB = Viewer(3, "bob", frozenset(), (1,))
STATEMENTS = 4


@pytest.fixture
def read(library):
    """Call a reading verb on the drawn library."""

    def call(verb, *args):
        with library.db.reading() as conn:
            return verb(conn, *args)

    return call


@pytest.fixture
def names(library):
    """Return the names of what has these ids, in their order."""

    def of(table: str, found) -> list[str]:
        column = "title" if table == "track" else "name"
        with library.db.reading() as conn:
            known = dict(conn.rows(f"SELECT id, {column} FROM {table}"))
        return [known[each.id] for each in found]

    return of


def test_albums_come_in_every_order_once_and_whole(read, names):
    for order in albums.ORDERS:
        found, total = read(albums.in_order, EVERYBODY, (1, 2), order, 500, 0)
        assert len({each.id for each in found}) == len(found) == total == 11
    by_name = names("album", read(albums.in_order, EVERYBODY, (1, 2), "name", 500, 0)[0])
    assert by_name[:5] == ["Basement Tape", "Both Sides", "Canary Album", "d", "Duets"]
    by_year, _ = read(albums.by_year, EVERYBODY, (1, 2), 2010, 2015, 10, 0)
    assert names("album", by_year) == ["東京の夜", "Harbour Nights", "Duets"]
    backwards, _ = read(albums.by_year, EVERYBODY, (1, 2), 2015, 2010, 10, 0)
    assert names("album", backwards) == ["Duets", "Harbour Nights", "東京の夜"]


class Overheard:
    """A connection that finds nothing and keeps what it was asked."""

    def __init__(self):
        self.asked = []

    def rows(self, sql: str, **params) -> list[tuple]:
        self.asked.append((sql, params))
        return []


def test_orders_are_read_from_indexes_that_hold_all_they_need(tmp_path):
    """In SQLite: a very long name does not fit into an index of PostgreSQL."""
    db = open_database(f"sqlite://{tmp_path / 'orders.db'}")
    migrate.migrate(db)
    overheard = Overheard()
    for name in albums.ORDERS:
        albums._ordered(overheard, (1, 2), name)
    artists._listed(overheard, (1, 2))
    assert len(overheard.asked) == len(albums.ORDERS) + 1
    with db.reading() as conn:
        for sql, params in overheard.asked:
            plan = [row[3] for row in conn.rows(f"EXPLAIN QUERY PLAN {sql}", **params)]
            assert any("_orders" in step and "COVERING" in step for step in plan), (sql, plan)
    db.close()


def test_pages_are_cut_from_one_order(read):
    whole = [each.id for each in read(albums.in_order, EVERYBODY, (1, 2), "artist", 500, 0)[0]]
    pages = [each.id for at in range(0, 14, 3) for each in read(albums.in_order, EVERYBODY, (1, 2), "artist", 3, at)[0]]
    assert pages == whole


def test_a_sample_is_all_different_and_of_what_may_be_heard(read):
    for size in (1, 5, 100):
        found, total = read(albums.at_random, BOB, (1,), size)
        assert len({each.id for each in found}) == min(size, 10) and total == 10
        assert len({each.id for each in read(tracks.at_random, BOB, (1,), size, None, (None, None))}) == min(size, 21)
    assert len(read(tracks.at_random, EVERYBODY, (1, 2), 50, "jazz", (None, None))) == 4
    assert len(read(tracks.at_random, EVERYBODY, (1, 2), 50, None, (2005, 2005))) == 4
    assert read(tracks.at_random, EVERYBODY, (1, 2), 50, "nothing", (None, None)) == []


def test_genres_are_counted_for_each_by_what_they_hear(read):
    counted = {name: (songs, records) for name, songs, records in read(genres.counted, EVERYBODY)}
    assert counted["Folk"] == counted["Dream Pop"] == (4, 1)
    assert (counted["Pop"], counted["Jazz"], counted["Canary"]) == ((4, 2), (4, 2), (2, 1))
    assert "Canary" not in {name for name, _, _ in read(genres.counted, BOB)}
    assert len(read(tracks.of_genre, EVERYBODY, (1, 2), "FOLK", 10, 0)) == 4
    assert len(read(tracks.of_genre, BOB, (1,), "Canary", 10, 0)) == 0


def test_artists_are_listed_by_letter(read, names):
    index = read(artists.index, EVERYBODY, (1, 2))
    letters = {letter: names("artist", found) for letter, found in index}
    assert letters["A"] == ["Zoë Ångström", "Aurora Vale"]
    assert letters["L"] == ["Lonely Band", "Longplay"]
    assert "山田太郎" in [name for several in letters.values() for name in several]
    assert "Canary Choir" not in [n for _, found in read(artists.index, BOB, (1,)) for n in names("artist", found)]
    assert "Ida Stone" not in [n for several in letters.values() for n in several]


def test_an_artist_has_the_albums_on_which_they_have_a_part(read, names, library):
    with library.db.reading() as conn:
        ids = dict(conn.rows("SELECT name, id FROM artist"))
    assert sorted(names("album", read(albums.of_artist, EVERYBODY, ids["Juno"]))) == ["Duets", "Harbour Nights"]
    assert names("album", read(albums.of_artist, EVERYBODY, ids["Canary Choir"])) == ["Canary Album"]
    assert read(albums.of_artist, BOB, ids["Canary Choir"]) == []
    with pytest.raises(NotFound):
        read(artists.one, BOB, ids["Canary Choir"])


def test_the_folder_tree_is_the_one_on_disk(read, names, library):
    top = read(folders.root, EVERYBODY, 1)
    inside = {folder.name: folder for folder in read(folders.children, top)}
    assert list(inside)[:4] == ["Aurora Vale", "Compilations", "deep", "Duets"]
    assert [folder.name for folder in read(folders.children, inside["Aurora Vale"])] == [
        "2019 - First Light", "Greatest Hits"]  # fmt: skip
    here = read(folders.children, inside["Aurora Vale"])[0]
    assert names("track", read(tracks.of_folder, EVERYBODY, here.id)) == ["Dawn", "Ember", "Glass Tide", "Homeward"]
    with pytest.raises(NotFound):
        read(folders.root, BOB, 2)
    hidden = read(folders.root, EVERYBODY, 2)
    with pytest.raises(NotFound):
        read(folders.one, BOB, hidden.id)


def test_what_is_another_libraries_or_nobodys_is_not_found(read, library):
    with library.db.reading() as conn:
        track, album = conn.row("SELECT id, album_id FROM track WHERE title = 'Canary 1'")
    for verb, number in ((tracks.one, track), (tracks.file, track), (albums.one, album), (albums.about, album)):
        assert read(verb, EVERYBODY, number)
        for viewer, wanted in ((BOB, number), (EVERYBODY, 999_999), (EVERYBODY, 0), (EVERYBODY, -1)):
            with pytest.raises(NotFound):
                read(verb, viewer, wanted)
    assert read(tracks.visible, BOB, [track, 1, track, 1]) == [1, 1]
    assert read(tracks.faced, BOB, [track]) == {}


def test_music_folders_are_those_that_one_may_hear(read):
    assert [each.name for each in read(libraries.heard_by, EVERYBODY)] == ["Music", "Canary"]
    assert [each.name for each in read(libraries.heard_by, BOB)] == ["Music"]
    assert libraries.chosen(BOB, 2) == () and libraries.chosen(BOB, None) == (1,) and libraries.chosen(BOB, 1) == (1,)


@pytest.mark.parametrize("verb", [
    lambda conn: albums.in_order(conn, EVERYBODY, (1, 2), "newest", 10, 0),
    lambda conn: albums.by_genre(conn, EVERYBODY, (1, 2), "Jazz", 10, 0),
    lambda conn: tracks.everything(conn, EVERYBODY, (1, 2), 500, 0),
    lambda conn: tracks.of_album(conn, EVERYBODY, 1),
    lambda conn: artists.index(conn, EVERYBODY, (1, 2)),
    lambda conn: genres.counted(conn, EVERYBODY),
], ids=["albums", "genre", "tracks", "album", "artists", "genres"])  # fmt: skip
def test_a_list_takes_a_fixed_number_of_statements(library, verb):
    with library.db.reading() as conn:
        verb(conn)
        before = library.db.statements
        verb(conn)
    assert library.db.statements - before <= STATEMENTS
