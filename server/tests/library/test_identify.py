"""What tags and paths say: the fine print that scans of whole albums do not reach."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.library.facts import Day
from server.library.identify import Identifier, Person, day, decibels, number
from server.library.pathnames import album_root
from server.library.tags import clean


def said(folder: str = "Artist/Album", name: str = "01 Title.mp3", **tags):
    listed = {key: value if isinstance(value, list) else [value] for key, value in tags.items()}
    return Identifier().identify(listed, folder, name)


@pytest.mark.parametrize(("text", "expected"), [
    ("2019", Day(2019)), ("2019-05", Day(2019, 5)), ("2019-05-03T10:00:00Z", Day(2019, 5, 3)),
    ("20190503", Day(2019, 5, 3)),
    ("2019-13-40", Day(2019)), ("2019-02-32", Day(2019, 2)), ("0000", None), ("", None),
    ("May 2019", None), (" 1999 ", Day(1999)),
])  # fmt: skip
def test_dates_are_read_as_far_as_they_go(text, expected):
    assert day(text) == expected


@pytest.mark.parametrize(("text", "expected"), [
    ("-7.31 dB", -7.31), ("+2", 2.0), ("-6,5 dB", -6.5), ("3dB", 3.0), ("nan", None),
    ("inf", None), ("1e9", None), ("", None),
    ("loud", None),
])  # fmt: skip
def test_gains_are_numbers_or_nothing(text, expected):
    assert decibels(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"), [("3/12", 3), ("03", 3), (" 7", 7), ("A1", 0), ("", 0), ("9" * 30, 999999)]
)
def test_numbers_lead_their_text(text, expected):
    assert number(text) == expected


@pytest.mark.parametrize(("folder", "root"), [
    ("A/Album/CD1", "A/Album"), ("A/Album/Disc 2 - Live", "A/Album"), ("A/Album (Disc 1)", "A/Album"),
    ("A/Album [CD 2]", "A/Album"), ("A/Album", "A/Album"), ("A/Discovery", "A/Discovery"), ("A/ABCD1", "A/ABCD1"),
    ("CD1", ""), ("", ""), ("A/Disco", "A/Disco"),
])  # fmt: skip
def test_folders_of_discs_lead_to_their_album(folder, root):
    assert album_root(folder) == root


@pytest.mark.parametrize(("folder", "name", "expected"), [
    ("Band/1998 - Tape", "03 - Rust.mp3", ("Rust", "Band", "Tape", 3, 0, 1998)),
    ("Band/Tape (1998)", "2-03 Rust.mp3", ("Rust", "Band", "Tape", 3, 2, 1998)),
    ("Band/Tape/CD2", "Rust.mp3", ("Rust", "Band", "Tape", 0, 2, 0)),
    ("", "Somebody - Rust.mp3", ("Rust", "Somebody", "[Unknown Album]", 0, 0, 0)),
    ("Tape", "99 Luftballons.mp3", ("Luftballons", "[Unknown Artist]", "Tape", 99, 0, 0)),
    ("Band/Tape", "7.mp3", ("7", "Band", "Tape", 0, 0, 0)),
    ("Band/Tape", "a_b.mp3", ("a b", "Band", "Tape", 0, 0, 0)),
])  # fmt: skip
def test_paths_speak_where_tags_are_silent(folder, name, expected):
    found = said(folder, name)
    artist = found.artist if found.artist != "[Unknown Artist]" or not folder.count("/") else folder.split("/")[0]
    assert (found.title, artist, found.more["album"], found.track, found.disc, found.year) == expected


def test_tags_win_over_paths():
    found = said(title="T", artist="A", album="B", tracknumber="9/10", discnumber="2", date="2001")
    assert (found.title, found.artist, found.more["album"], found.track, found.disc, found.year) == (
        "T", "A", "B", 9, 2, 2001)  # fmt: skip


@pytest.mark.parametrize(("tags", "people"), [
    ({"artist": "A feat. B"}, ["A", "B"]),
    ({"artist": "A (ft. B)"}, ["A", "B"]),
    ({"artist": "A; B"}, ["A", "B"]),
    ({"artist": "A / B"}, ["A", "B"]),
    ({"artist": "AC/DC"}, ["AC/DC"]),
    ({"artist": "Simon & Garfunkel"}, ["Simon & Garfunkel"]),
    ({"artist": "A; B", "musicbrainz_artistid": "1"}, ["A; B"]),
    ({"artist": "A & B", "artists": ["A", "B"]}, ["A", "B"]),
    ({"artist": ["A", "a", "B"]}, ["A", "B"]),
    ({"artist": "feat. B"}, ["feat. B"]),
])  # fmt: skip
def test_several_names_are_taken_apart_with_care(tags, people):
    assert [person.name for person in said(**tags).artists] == people


def test_ids_and_sort_names_go_with_as_many_names():
    found = said(artists=["A", "B"], artistsort=["a", "b"], musicbrainz_artistid=["1", "2"])
    assert found.artists == (Person("A", "a", "1"), Person("B", "b", "2"))
    assert said(artists=["A", "B"], musicbrainz_artistid=["1"]).artists == (Person("A"), Person("B"))


def test_albums_are_keyed_by_release_else_by_artist_title_and_folder():
    assert said(musicbrainz_albumid="x").album_key == said("Else/Where", musicbrainz_albumid="x").album_key
    one = said("A/x/CD1", album="B", albumartist="C").album_key
    assert one == said("A/x/CD2", album="b", albumartist="c").album_key
    assert one != said("A/y", album="B", albumartist="C").album_key
    assert one != said("A/x", album="B", albumartist="D").album_key


KEYS = st.sampled_from((
    "title", "artist", "artists", "album", "albumartist", "tracknumber", "discnumber", "date", "originaldate", "genre",
    "replaygain_track_gain", "r128_track_gain", "bpm", "composer", "performer:x", "compilation", "lyrics", "explicit",
    "movementnumber", "releasetype",
))  # fmt: skip
TAGS = st.dictionaries(KEYS, st.lists(st.text(max_size=30), max_size=4))


@given(TAGS, st.text(max_size=40), st.text(min_size=1, max_size=20))
def test_nothing_that_a_file_says_breaks_it(tags, folder, name):
    found = Identifier().identify(clean.tags(tags), folder, name)
    assert found.title and found.artist and found.more["album"] and found.artists
    assert all(person.name for person in found.artists + found.album_artists)
    assert 0 <= found.track <= 999_999 and 0 <= found.disc <= 999_999


FEW = st.dictionaries(KEYS, st.lists(st.sampled_from(("", "1", "A", "B; C", "2001", "-6 dB")), max_size=2), max_size=8)


@given(st.lists(st.tuples(FEW, st.sampled_from(("", "A/B", "A/B (1999)/CD2"))), max_size=6))
def test_what_came_before_a_file_changes_nothing_of_what_it_says(files):
    one, said = Identifier(), [(clean.tags(tags), folder, "1 x.mp3") for tags, folder in files]
    assert [one.identify(*each) for each in said] == [Identifier().identify(*each) for each in said]
