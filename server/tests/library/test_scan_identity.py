"""What files become: albums, artists and names, by the real scanner from real files."""

import pytest

from server.tests.drawn import png
from server.tests.shelf import album_faces

RELEASE = "0f8e2a41-11c5-4e9e-9d0e-8f6f0b6a6c01"
OTHER = "0f8e2a41-11c5-4e9e-9d0e-8f6f0b6a6c02"


def test_two_albums_of_one_name_by_two_artists_stay_two(shelf):
    for artist in ("Anna", "Boris"):
        shelf.album(f"{artist}/Greatest Hits", artist=artist, albumartist=artist, album="Greatest Hits")
    shelf.scan()
    assert shelf.albums() == [("Greatest Hits", "Anna", 2), ("Greatest Hits", "Boris", 2)]


def test_two_albums_of_one_name_by_one_artist_in_two_folders_stay_two(shelf):
    for year in (1990, 2005):
        shelf.album(f"Anna/{year} Greatest Hits", artist="Anna", albumartist="Anna", album="Greatest Hits", date=year)
    shelf.scan()
    assert shelf.albums() == [("Greatest Hits", "Anna", 2), ("Greatest Hits", "Anna", 2)]


def test_one_release_id_makes_one_album_wherever_its_files_are(shelf):
    for folder in ("A", "B/c"):
        shelf.album(folder, 1, artist="Anna", album="Split", musicbrainz_albumid=RELEASE)
    shelf.album("A", 3, artist="Anna", album="Split", musicbrainz_albumid=OTHER)
    shelf.scan()
    assert shelf.albums() == [("Split", "Anna", 1), ("Split", "Anna", 3)]


@pytest.mark.parametrize("disc", ["CD1", "Disc 1", "Both Sides (Disc 1)", "both sides cd 1", "Disk One"])
def test_a_double_album_in_two_folders_is_one(shelf, disc):
    for name in (disc, disc.replace("1", "2").replace("One", "Two")):
        shelf.album(f"Anna/Both Sides/{name}", artist="Anna", albumartist="Anna", album="Both Sides")
    (shelf.root / "Anna/Both Sides/cover.png").write_bytes(png(1, 2, 3))
    shelf.scan()
    assert shelf.albums() == [("Both Sides", "Anna", 4)]
    assert sorted(shelf.rows("SELECT disc, track FROM track")) == [(1, 1), (1, 2), (2, 1), (2, 2)]
    assert shelf.rows("SELECT count(*) FROM album WHERE cover_id IS NOT NULL") == [(1,)]


def test_names_of_folders_and_files_serve_where_tags_are_missing(shelf):
    shelf.track("Lonely Band/Basement Tape (1998)/03 - Rust.mp3")
    shelf.track("Lonely Band/Basement Tape (1998)/1-04 Dust.flac")
    shelf.track("loose/Somebody - Far Down.mp3")
    shelf.track("alone.mp3")
    shelf.scan()
    assert sorted(shelf.rows("SELECT title, artist, track, disc, year FROM track")) == [
        ("Dust", "Lonely Band", 4, 1, 1998),
        ("Far Down", "Somebody", 0, 0, 0),
        ("Rust", "Lonely Band", 3, 0, 1998),
        ("alone", "[Unknown Artist]", 0, 0, 0),
    ]
    assert ("Basement Tape", "Lonely Band", 2) in shelf.albums()


def test_a_compilation_without_album_artist_is_one_album_by_various_artists(shelf):
    for at, artist in enumerate(("Mira", "Kilo", "Juno"), 1):
        shelf.track(f"Nights/{at}.m4a", artist=artist, album="Nights", tracknumber=at, title=f"Night {at}")
    shelf.scan()
    assert shelf.albums() == [("Nights", "Various Artists", 3)]
    assert b'"isCompilation":true' in next(iter(album_faces(shelf).values()))


def test_an_album_without_album_artist_by_one_artist_is_theirs(shelf):
    shelf.album("x", artist="Mira", album="Solo")
    shelf.scan()
    assert shelf.albums() == [("Solo", "Mira", 2)]


def test_a_guest_on_one_track_does_not_make_a_compilation(shelf):
    shelf.track("x/1.mp3", title="Alone", artist="Mira", album="Solo")
    shelf.track("x/2.mp3", title="Together", artist="Mira feat. Juno", album="Solo")
    shelf.scan()
    assert shelf.albums() == [("Solo", "Mira", 2)]
    assert shelf.rows("SELECT artist FROM track WHERE title = 'Together'") == [("Mira feat. Juno",)]
    assert credited(shelf, "Together") == ["Mira", "Juno"]


def test_several_artists_are_several_people(shelf):
    shelf.track("1.flac", title="List", artist="A & B", artists=["A", "B"], album="x")
    shelf.track("2.flac", title="Values", artist=["A", "B"], album="x")
    shelf.track("3.mp3", title="Joined", artist="A; B", album="x")
    shelf.track("4.mp3", title="Band", artist="AC/DC", album="x")
    shelf.scan()
    for title, people in (("List", ["A", "B"]), ("Values", ["A", "B"]), ("Joined", ["A", "B"]), ("Band", ["AC/DC"])):
        assert credited(shelf, title) == people, title
    assert shelf.rows("SELECT artist FROM track WHERE title = 'List'") == [("A & B",)]


def test_an_artist_is_one_whatever_the_case_and_diacritics(shelf):
    shelf.track("1.mp3", title="a", artist="Sigur Rós", album="x")
    shelf.track("2.mp3", title="b", artist="SIGUR ROS", album="x")
    shelf.scan()
    assert shelf.rows("SELECT count(*) FROM artist WHERE listed = 1") == [(1,)]


def test_tags_as_picard_writes_them_are_all_kept(shelf):
    shelf.track(
        "x/1.flac", title="Title", titlesort="Sort", artist="Anna", artistsort="Anna, A", album="Album",
        albumartist="Anna", albumartistsort="Anna, A", tracknumber=7, discnumber=2, date="2019-05-03",
        originaldate="1999-01", genre=["Folk", "Dream Pop"], mood=["Calm"], composer=["Ida Stone", "Bo"], label="Tide",
        catalognumber="T-1", isrc="GBAAA1900001", bpm=101, lyrics="la la", replaygain_track_gain="-7.31 dB",
        releasetype="album", comment="hello", musicbrainz_trackid=OTHER, **{"performer:cello": "Cello Person"},
    )  # fmt: skip
    shelf.scan()
    (row,) = shelf.rows("SELECT title, track, disc, year, more FROM track")
    assert row[:4] == ("Title", 7, 2, 1999)
    for text in ("GBAAA1900001", "Calm", "Tide", "T-1", "-7.31", "101", "hello", OTHER, "Sort"):
        assert text in row[4], text
    [(lyric,)] = shelf.rows("SELECT content FROM lyric")
    assert "la la" in lyric
    assert sorted(shelf.rows("SELECT role, sub_role FROM credit WHERE role NOT LIKE '%artist%'")) == [
        ("composer", ""), ("composer", ""), ("performer", "cello")]  # fmt: skip
    (face,) = album_faces(shelf).values()
    for text in (b'"originalReleaseDate":{"year":1999,"month":1}', b'"releaseDate":{"year":2019,"month":5,"day":3}'):
        assert text in face, face


@pytest.mark.parametrize("suffix", ["mp3", "flac", "ogg", "opus", "m4a", "wav", "aiff", "wv"])
def test_every_kind_of_file_is_read(shelf, suffix):
    shelf.track(f"x/1.{suffix}", title="Title", artist="Anna", album="Album")
    tally = shelf.scan()
    assert (tally.added, tally.bad) == (1, 0), shelf.bad()
    assert shelf.rows("SELECT title, artist, suffix FROM track") == [("Title", "Anna", suffix)]
    (length,) = shelf.rows("SELECT length_ms FROM track")[0]
    assert 200 <= length <= 700


def credited(shelf, title: str) -> list[str]:
    return [name for (name,) in shelf.rows(
        "SELECT a.name FROM credit c JOIN track t ON t.id = c.track_id JOIN artist a ON a.id = c.artist_id"
        " WHERE t.title = :title AND c.role = 'artist' ORDER BY c.at", title=title,
    )]  # fmt: skip
