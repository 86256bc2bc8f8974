"""What names look like when files spell them in several ways, and when the spelling is corrected."""

import re

import pytest

from server.library import genres
from server.library.facts import ARTIST
from server.plays import marks
from server.tests.shelf import IDS, album_faces


def name_of(shelf, key: str) -> str:
    [(name,)] = shelf.rows("SELECT name FROM artist WHERE key = :key", key=key)
    return name


def everywhere(shelf, text: str) -> set[bool]:
    """Return whether a text stands in the faces of all artists, albums and tracks."""
    faces = [
        face
        for table in ("artist", "album", "track")
        for (face,) in shelf.rows(
            f"SELECT face FROM {table} WHERE face IS NOT NULL" + (" AND track_count > 0" if table != "track" else "")
        )
    ]
    return {text.encode() in bytes(face) for face in faces}


@pytest.mark.parametrize("said", [{}, {"albumartist": "Björk"}], ids=["untold", "told"])
@pytest.mark.parametrize("full", [False, True])
def test_a_name_that_is_corrected_in_all_files_is_shown_everywhere(shelf, said, full):
    old = dict.fromkeys(said, "bjork")
    paths = shelf.album("a", artist="bjork", album="One", **old) + shelf.album("b", artist="bjork", album="Two", **old)
    shelf.scan()
    number = shelf.rows("SELECT id FROM artist WHERE listed = 1")
    for path in paths:
        shelf.retag(path, title="Song", artist="Björk", album="One" if path.parent.name == "a" else "Two", **said)
    shelf.scan(full=full)
    assert name_of(shelf, "bjork") == "Björk"
    assert shelf.rows("SELECT id FROM artist WHERE listed = 1") == number
    assert everywhere(shelf, "Björk") == {True} and everywhere(shelf, "bjork") == {False}
    before = shelf.everything()
    shelf.scan(full=True)
    assert shelf.everything() == before


def test_a_name_is_known_by_its_old_spelling_until_the_last_album_is_corrected(shelf):
    (first,) = shelf.album("a", 1, artist="THE CURE", album="A")
    (second,) = shelf.album("b", 1, artist="THE CURE", album="B")
    shelf.scan()
    shelf.retag(first, title="Song", artist="The Cure", album="A")
    shelf.scan()
    assert name_of(shelf, "the cure") == "THE CURE"
    shelf.retag(second, title="Song", artist="The Cure feat. Anna", album="B")
    shelf.scan()
    assert name_of(shelf, "the cure") == "The Cure"
    assert b'"name":"The Cure"' in b"".join(bytes(face) for face in album_faces(shelf).values())
    assert shelf.rows("SELECT DISTINCT artist FROM album") == [("The Cure",)]


@pytest.mark.parametrize("more", [{}, {"artist": "The Cure & Anna", "artists": ["The Cure", "Anna"]}])
def test_one_careless_album_renames_nobody(shelf, more):
    about = {"artist": "The Cure", "albumartist": "The Cure", "album": "Good", **more}
    shelf.album("good", 1, **about)
    shelf.scan()
    shelf.album("bad", 5, artist="the cure", albumartist="the cure", album="Bad")
    shelf.scan()
    shelf.scan(full=True)
    assert name_of(shelf, "the cure") == "The Cure"


def test_a_careless_album_that_is_gone_gives_the_name_back(shelf):
    (path,) = shelf.album("a", 1, artist="the cure", album="Bad")
    shelf.scan()
    shelf.album("b", artist="The Cure", album="Good")
    shelf.scan()
    assert name_of(shelf, "the cure") == "the cure"
    path.unlink()
    shelf.scan()
    assert name_of(shelf, "the cure") == "The Cure"
    assert b'"name":"the cure"' not in b"".join(bytes(face) for face in album_faces(shelf).values())


def test_who_is_only_named_takes_the_spelling_of_all_their_parts(shelf):
    paths = shelf.album("a", artist="Anna", album="A", composer="ida stone")
    shelf.scan()
    shelf.album("b", 1, artist="Anna", album="B", composer="IDA STONE")
    shelf.scan()
    assert name_of(shelf, "ida stone") == "ida stone"
    (shelf.root / "b/01.mp3").unlink()
    for path in paths:
        shelf.retag(path, title="Song", artist="Anna", album="A", composer="Ida Stone")
    shelf.scan()
    assert name_of(shelf, "ida stone") == "Ida Stone"
    faces = [bytes(face) for (face,) in shelf.rows("SELECT face FROM track WHERE missing_ms IS NULL")]
    assert len(faces) == 2 and all(b"Ida Stone" in face for face in faces)


def genres_shown(shelf) -> set[str]:
    """Return all genres as faces of albums and tracks and the list of genres spell them."""
    faces = b"".join(bytes(face) for table in ("album", "track") for (face,) in shelf.rows(f"SELECT face FROM {table}"))
    listed = {name for name, *_ in shelf.read(genres.counted, shelf.viewer)}
    return listed | {text.decode() for text in re.findall(rb'"genre":"(.*?)"', faces)}


def test_a_genre_is_spelt_in_one_way_everywhere(shelf):
    path, *_ = shelf.album("a", artist="Anna", album="A", genre="Rock")
    shelf.scan()
    shelf.retag(path, title="Song", artist="Anna", album="A", genre=["rock", "Folk"])
    shelf.album("b", artist="Anna", album="B", genre="ROCK")
    shelf.scan()
    assert genres_shown(shelf) == {"Rock", "Folk"}
    [(face,)] = shelf.rows("SELECT face FROM album WHERE name = 'A'")
    assert re.findall(rb'"genres":\[(.*?)\]', bytes(face)) == [b'{"name":"Rock"},{"name":"Folk"}']
    before = shelf.everything()
    shelf.scan(full=True)
    assert shelf.everything() == before and genres_shown(shelf) == {"Rock", "Folk"}


def test_a_genre_that_is_corrected_in_all_files_is_shown_everywhere(shelf):
    first, second, gone = shelf.album("a", 3, artist="Anna", album="A", genre="trip hop")
    shelf.scan()
    shelf.retag(first, title="One", artist="Anna", album="A", genre="Trip Hop")
    shelf.scan()
    assert genres_shown(shelf) == {"trip hop"}
    gone.unlink()
    shelf.retag(second, title="Two", artist="Anna", album="A", genre="Trip Hop")
    shelf.scan()
    shelf.scan(full=True)
    assert shelf.rows("SELECT name FROM genre") == [("Trip Hop",)]
    faces = [bytes(face) for (face,) in shelf.rows("SELECT face FROM track WHERE missing_ms IS NULL")]
    assert len(faces) == 2 and not any(b"trip hop" in face for face in faces)


WRONG, RIGHT, THIRD = (f"{number}441c29d-3602-4898-b1a1-b77fa23b8e50" for number in (5, 6, 7))


def told(shelf, path, mbid: str, name: str = "Ida") -> None:
    ids = {"musicbrainz_albumartistid": mbid, "musicbrainz_artistid": mbid} if mbid else {}
    shelf.retag(path, title=path.stem, album=path.parent.name, artist=name, albumartist=name, **ids)


@pytest.fixture
def ida(shelf):
    """Two albums by Ida, of a wrong MusicBrainz id, and her row number."""
    for folder in ("a", "b"):
        for path in shelf.album(folder):
            told(shelf, path, WRONG)
    shelf.scan()
    [(number,)] = shelf.rows("SELECT id FROM artist")
    shelf.write(marks.star, shelf.viewer, [(ARTIST, number)])
    return number


def singing(shelf) -> list[tuple]:
    return shelf.rows("SELECT id, name, mbid, album_count, track_count FROM artist WHERE track_count > 0 ORDER BY id")


def test_an_artist_whose_id_is_corrected_stays_who_they_are(shelf, ida):
    for path in shelf.root.rglob("*.mp3"):
        told(shelf, path, RIGHT, "IDA")
    shelf.scan()
    assert singing(shelf) == [(ida, "IDA", RIGHT, 2, 4)]
    assert shelf.rows("SELECT DISTINCT artist_id FROM album") == shelf.rows("SELECT DISTINCT artist_id FROM track")
    assert shelf.rows("SELECT DISTINCT artist_id FROM track") == [(ida,)]
    assert shelf.read(marks.starred, shelf.viewer, ARTIST, shelf.viewer.libraries)[0] == ida
    [face] = {bytes(face).partition(b'"artists":[')[2].partition(b"]")[0] for face in album_faces(shelf).values()}
    assert face == f'{{"id":"{IDS.text("ar", ida)}","name":"IDA"}}'.encode()
    before = shelf.everything()
    shelf.scan(full=True)
    assert shelf.everything() == before and singing(shelf) == [(ida, "IDA", RIGHT, 2, 4)]
    for mbid in (THIRD, RIGHT, WRONG):
        for path in shelf.root.rglob("*.mp3"):
            told(shelf, path, mbid)
        shelf.scan()
        assert singing(shelf) == [(ida, "Ida", mbid, 2, 4)]


def test_an_id_that_no_file_says_any_more_is_forgotten(shelf, ida):
    first, *rest = sorted(shelf.root.rglob("*.mp3"))
    told(shelf, first, "")
    shelf.scan()
    assert singing(shelf) == [(ida, "Ida", WRONG, 2, 4)]
    for path in rest:
        told(shelf, path, "")
    shelf.scan()
    shelf.scan(full=True)
    assert singing(shelf) == [(ida, "Ida", "", 2, 4)]
    [(face,)] = shelf.rows("SELECT face FROM artist")
    assert WRONG.encode() not in bytes(face)


def test_an_id_is_kept_where_it_tells_namesakes_apart_or_is_said_of_other_parts(shelf, ida):
    told(shelf, shelf.track("c/1.mp3"), RIGHT)
    shelf.scan()
    for folder in ("a", "b"):
        for path in (shelf.root / folder).iterdir():
            told(shelf, path, "")
    shelf.track("d/1.mp3", artist="Bo", composer="Ida")
    shelf.scan()
    shelf.scan(full=True)
    assert sorted(row[2] for row in singing(shelf)) == ["", WRONG, RIGHT]
    assert [row[3:] for row in singing(shelf) if row[2] == WRONG] == [(3, 5)]


def test_an_artist_of_whom_a_part_gets_another_id_stays_two(shelf, ida):
    for path in (shelf.root / "b").iterdir():
        told(shelf, path, RIGHT)
    shelf.scan()
    assert [row[2:] for row in singing(shelf)] == [(WRONG, 1, 2), (RIGHT, 1, 2)]


@pytest.mark.parametrize("how", ["deleted", "renamed"])
def test_a_namesake_who_comes_when_an_artist_goes_is_somebody_else(shelf, ida, how):
    for path in list(shelf.root.rglob("*.mp3")):
        path.unlink() if how == "deleted" else told(shelf, path, WRONG, "Bo")
    told(shelf, shelf.track("c/1.mp3"), RIGHT)
    shelf.scan()
    assert ("Ida", RIGHT, 1, 1) in [row[1:] for row in singing(shelf)]
    assert ida not in [row[0] for row in singing(shelf)]
