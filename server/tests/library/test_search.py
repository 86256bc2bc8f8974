"""Searching, on both databases: the same words find the same things in the same order."""

import pytest

from server.library import names, search
from server.library.search import find_albums, find_artists, find_tracks
from server.users.people import Viewer

WORDS = {
    "dawn": ["Dawn"],
    "DAWN": ["Dawn"],
    "daw": ["Dawn"],
    "aurora light dawn": ["Dawn"],
    "dawn aurora": ["Dawn"],
    "light first tide": ["Glass Tide"],
    "angstrom": ["Hit 1", "Hit 2"],
    "ÅNGSTRÖM": ["Hit 1", "Hit 2"],
    "zoe hit 2": ["Hit 2"],
    "juno": ["Night 3", "Together"],
    "берёзы": ["Берёзы"],
    "БЕРЕЗ": ["Берёзы"],
    "любэ": ["Берёзы"],
    "星": ["星空"],
    "夜の": ["夜の音楽"],
    "東京": ["星空", "夜の音楽"],
    "山田太郎": ["星空", "夜の音楽"],
    "rust basement": ["Rust"],
    "nothing of the kind": [],
    "awn": [],
    "???": [],
}


@pytest.fixture
def everybody(library):
    return Viewer(1, "ann", frozenset(), (1, 2))


def titles(app, viewer, words: str, size: int = 50, offset: int = 0) -> list[str]:
    with app.db.reading() as conn:
        found = find_tracks(conn, viewer, viewer.libraries, words, size, offset)
        names = dict(conn.rows("SELECT id, title FROM track"))
    return [names[each.id] for each in found]


def test_words_find_what_they_begin_in_any_field_and_order(library, everybody):
    for words, expected in WORDS.items():
        assert sorted(titles(library, everybody, words)) == sorted(expected), words


def test_what_is_exactly_the_query_comes_first(library, everybody):
    assert titles(library, everybody, "hit 1")[0] == "Hit 1"
    assert titles(library, everybody, "night")[:3] == ["Night 1", "Night 2", "Night 3"]


@pytest.mark.parametrize("words", [
    "'", '"', "*", "a*", "-x", "(", "a OR b", "a AND", "NEAR(", "^a", "a:b", ":*", "&", "|", "!", "<->", "\\", "%", "_",
    "\0", "a\0b", "x" * 10_000, "a " * 500, "🎵", "'; DROP TABLE track; --", "\u202e", "ﬁ", "ß", "İ",
])  # fmt: skip
def test_no_query_can_break_the_search(library, everybody, words):
    assert isinstance(titles(library, everybody, words), list)
    with library.db.reading() as conn:
        find_artists(conn, everybody, (1, 2), words, 5, 0)
        find_albums(conn, everybody, (1, 2), words, 5, 0)


def test_pages_of_a_search_are_cut_from_one_order(library, everybody):
    def ids(size: int, offset: int) -> list[int]:
        with library.db.reading() as conn:
            return [each.id for each in find_tracks(conn, everybody, (1, 2), "a", size, offset)]

    whole = ids(50, 0)
    assert len(whole) == len(set(whole)) > 5
    assert [number for offset in range(0, len(whole) + 3, 2) for number in ids(2, offset)] == whole


def test_an_empty_query_lists_everything_once_page_by_page(library, everybody):
    for nothing in ("", '""', " "):
        seen = []
        while page := titles(library, everybody, nothing, 5, len(seen)):
            seen += page
        assert len(seen) == 23
    with library.db.reading() as conn:
        assert len(find_albums(conn, everybody, (1, 2), "", 100, 0)) == 11
        assert len({each.id for each in find_artists(conn, everybody, (1, 2), "", 100, 0)}) >= 9


def test_only_what_the_viewer_may_hear_is_found(library):
    bob = Viewer(3, "bob", frozenset(), (1,))
    assert titles(library, bob, "canary") == []
    assert len(titles(library, bob, "", 100)) == 21
    with library.db.reading() as conn:
        assert find_artists(conn, bob, (1,), "canary", 5, 0) == find_albums(conn, bob, (1,), "canary", 5, 0) == []
        everybody = Viewer(1, "ann", frozenset(), (1, 2))
        assert len(find_artists(conn, everybody, (1, 2), "canary choir", 5, 0)) == 1
        assert len(find_tracks(conn, everybody, (1,), "canary", 5, 0)) == 0


def test_a_search_takes_few_statements(library, everybody):
    for words in ("a", "dawn", "aurora light", ""):
        titles(library, everybody, words)
        before = library.db.statements
        with library.db.reading() as conn:
            find_tracks(conn, everybody, (1, 2), words, 20, 0)
        assert library.db.statements - before <= 4, words


def test_words_that_changed_are_found_and_old_ones_are_not(db):
    with db.writing() as conn:
        conn.run("INSERT INTO library (id, name, path, online) VALUES (1, 'A', '/a', 1)")
        conn.run(
            "INSERT INTO track (id, library_id, folder_id, album_id, name, title, sort, words, face)"
            " VALUES (1, 1, 1, 1, 'x', 'Old Name', 'old name', 'old name', :face)", face=b"{}",
        )  # fmt: skip
        search.index(conn, "track", [(1, "", "old name")])
    viewer = Viewer(1, "ann", frozenset(), (1,))
    with db.writing() as conn:
        assert len(find_tracks(conn, viewer, (1,), "old", 5, 0)) == 1
        conn.run("UPDATE track SET words = 'new name' WHERE id = 1")
        search.index(conn, "track", [(1, "old name", "new name")])
        assert find_tracks(conn, viewer, (1,), "old", 5, 0) == []
        assert len(find_tracks(conn, viewer, (1,), "new", 5, 0)) == 1


def fill_artists(db, called: list[tuple[str, str]]) -> None:
    """Add artists, numbered from 1, by name and sort name, as a scan does."""
    with db.writing() as conn:
        conn.run("INSERT INTO library (id, name, path, online) VALUES (1, 'A', '/a', 1)")
        for number, (name, sort_name) in enumerate(called, 1):
            said, sort = names.words(name, sort_name), names.sort_key(sort_name or name)
            conn.run(
                "INSERT INTO artist (id, key, name, sort, sort_name, words, listed, track_count, face)"
                " VALUES (:id, :name, :name, :sort, :sort_name, :words, 1, 1, :face)",
                id=number, name=name, sort=sort, sort_name=sort_name, words=said, face=b"{}",
            )  # fmt: skip
            conn.run("INSERT INTO artist_library VALUES (:id, 1, 1, 1)", id=number)
            search.index(conn, "artist", [(number, "", said)])


def found_artists(db, query: str) -> list[int]:
    with db.reading() as conn:
        return [each.id for each in find_artists(conn, Viewer(1, "ann", frozenset(), (1,)), (1,), query, 5, 0)]


def test_letters_that_few_keyboards_have_are_found_by_those_that_all_have(db):
    fill_artists(db, [("Royksopp Forever", ""), ("Røyksopp", ""), ("Cœur de pirate", "")])
    found = {query: found_artists(db, query) for query in ("royksopp", "RØYKSOPP", "coeur de", "cœur", "œur")}
    assert found == {"royksopp": [2, 1], "RØYKSOPP": [2, 1], "coeur de": [3], "cœur": [3], "œur": []}


def test_an_exact_name_comes_first_whatever_it_is_put_in_order_by(db):
    fill_artists(db, [
        ("The Beatles Revival Band", ""), ("The Beatles", ""), ("David Bowie & Queen", "Bowie, David & Queen"),
        ("David Bowie", "Bowie, David"), ("AC/DC Tribute", ""), ("AC/DC", ""),
    ])  # fmt: skip
    found = {query: found_artists(db, query) for query in ("the beatles", "David Bowie", "ac/dc")}
    assert found == {"the beatles": [2, 1], "David Bowie": [4, 3], "ac/dc": [6, 5]}
