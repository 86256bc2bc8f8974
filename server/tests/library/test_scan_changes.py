"""What becomes of ids, stars, plays and playlists when files change, move, vanish and come back."""

import os
import shutil

import pytest

from server.kernel.errors import NotFound
from server.library import artists, libraries, tracks
from server.library.facts import ALBUM, TRACK
from server.playlists import playlists
from server.plays import marks
from server.tests.drawn import png
from server.tests.shelf import Shelf, album_faces, present
from server.users.people import Viewer


@pytest.fixture
def two(shelf):
    """An album of two tracks by Anna, scanned."""
    shelf.album("Anna/Album", artist="Anna", album="Album")
    shelf.scan()
    return shelf


@pytest.fixture
def pair(db, tmp_path):
    """Two music folders with a song each, scanned."""
    shelf = Shelf(db, tmp_path, ("Music", "Archive"))
    shelf.track("Anna/a.mp3", title="First")
    shelf.track("../Archive/b.mp3", title="Second")
    shelf.scan()
    return shelf


def star(shelf, kind: int, number: int) -> None:
    shelf.write(marks.star, shelf.viewer, [(kind, number)])


def starred(shelf, kind: int, number: int) -> bool:
    rows = shelf.rows("SELECT starred_ms FROM mark WHERE kind = :kind AND item_id = :id", kind=kind, id=number)
    return bool(rows and rows[0][0])


def test_a_second_scan_of_the_same_files_changes_nothing(two):
    before, version = two.everything(), two.read(lambda conn: conn.version("library"))
    tally = two.scan()
    assert (tally.read, tally.added, tally.changed, tally.moved, tally.missing) == (0, 0, 0, 0, 0)
    assert two.everything() == before
    assert two.read(lambda conn: conn.version("library")) == version


def test_a_full_scan_reads_everything_and_changes_nothing(two):
    before, ids = two.everything(), two.titles()
    assert two.scan(full=True).read == 2
    assert two.everything() == before
    assert two.titles() == ids


def test_a_new_file_joins_its_album(two):
    ids, number = two.titles(), two.album_ids()["Album"]
    two.track("Anna/Album/03.mp3", title="Song 3", artist="Anna", album="Album", tracknumber=3)
    assert two.scan().added == 1
    assert two.album_ids() == {"Album": number}
    assert two.albums() == [("Album", "Anna", 3)]
    assert ids.items() < two.titles().items()
    assert two.found("song 3") == [two.titles()["Song 3"]]


def test_another_title_keeps_the_id_and_the_star(two):
    number = two.titles()["Song 1"]
    star(two, TRACK, number)
    two.retag(two.root / "Anna/Album/01.mp3", title="New Name", artist="Anna", album="Album", tracknumber=1)
    assert two.scan().changed == 1
    assert two.titles()["New Name"] == number
    assert starred(two, TRACK, number)
    assert two.found("new name") == [number]
    assert two.found("song 1") == []


def test_an_album_keeps_its_id_when_all_its_tracks_get_another_name_for_it(two):
    number = two.album_ids()["Album"]
    star(two, ALBUM, number)
    for at in (1, 2):
        two.retag(
            two.root / f"Anna/Album/0{at}.mp3", title=f"Song {at}", artist="Anna", album="Album (2)", tracknumber=at
        )
    two.scan()
    assert two.album_ids() == {"Album (2)": number}
    assert starred(two, ALBUM, number)


def test_an_album_keeps_its_id_when_its_tracks_get_a_release_id(two):
    number = two.album_ids()["Album"]
    for at in (1, 2):
        two.retag(
            two.root / f"Anna/Album/0{at}.mp3", title=f"Song {at}", artist="Anna", album="Album", tracknumber=at,
            musicbrainz_albumid="0f8e2a41-11c5-4e9e-9d0e-8f6f0b6a6c01",
        )  # fmt: skip
    two.scan()
    assert two.album_ids() == {"Album": number}


def test_one_track_that_leaves_an_album_leaves_the_album_behind(two):
    number = two.album_ids()["Album"]
    two.retag(two.root / "Anna/Album/01.mp3", title="Song 1", artist="Anna", album="Other", tracknumber=1)
    two.scan()
    assert two.album_ids()["Album"] == number
    assert two.albums() == [("Album", "Anna", 1), ("Other", "Anna", 1)]


def test_a_picture_of_the_folder_above_is_no_cover_of_an_album_that_is_no_disc(shelf):
    shelf.track("Anna/Album/1.mp3", title="One", artist="Anna", album="Album", picture=png(9, 9, 9))
    shelf.track("Anna/Both/CD1/1.mp3", title="Disc", artist="Anna", album="Both")
    (shelf.root / "Anna/folder.png").write_bytes(png(3, 2, 1))
    (shelf.root / "Anna/Both/folder.png").write_bytes(png(1, 2, 3))

    def covers() -> dict[str, str]:
        return dict(shelf.rows("SELECT a.name, c.path FROM album a JOIN cover c ON c.id = a.cover_id"))

    shelf.scan()
    alone = covers()
    assert alone == {"Album": "Anna/Album/1.mp3", "Both": "Anna/Both/folder.png"}
    shelf.track("Anna/single.mp3", title="Single", artist="Anna", album="Single")
    shelf.scan(full=True)
    assert covers() == alone | {"Single": "Anna/folder.png"}


def test_an_artist_whose_own_picture_goes_is_shown_by_an_album_again(two):
    def shown() -> str:
        (path,) = two.rows("SELECT c.path FROM artist a LEFT JOIN cover c ON c.id = a.cover_id WHERE a.name = 'Anna'")
        return path[0]

    (two.root / "Anna/Album/cover.png").write_bytes(png(1, 2, 3))
    (two.root / "Anna/artist.png").write_bytes(png(3, 2, 1))
    two.scan()
    assert shown() == "Anna/artist.png"
    (two.root / "Anna/artist.png").rename(two.root / "Anna/band.png")
    two.scan()
    assert shown() == "Anna/band.png"
    (two.root / "Anna/band.png").unlink()
    two.scan()
    assert shown() == "Anna/Album/cover.png"


@pytest.mark.parametrize("folder_goes", [False, True])
def test_a_portrait_that_goes_after_the_music_has_moved_is_shown_no_longer(two, folder_goes):
    (two.root / "Anna/Album/cover.png").write_bytes(png(1, 2, 3))
    (two.root / "Anna/artist.png").write_bytes(png(3, 2, 1))
    two.track("Bo/1.mp3", title="Other", artist="Bo")
    two.scan()
    two.move("Anna/Album", "Elsewhere/Album")
    two.scan()
    [(face,)] = two.rows("SELECT face FROM artist WHERE name = 'Anna'")
    if folder_goes:
        shutil.rmtree(two.root / "Anna")
    else:
        (two.root / "Anna/artist.png").unlink()
    two.scan()
    assert two.rows(
        "SELECT c.path, a.portrait_id FROM artist a JOIN cover c ON c.id = a.cover_id WHERE a.face <> :face",
        face=bytes(face),
    ) == [("Elsewhere/Album/cover.png", None)]
    version = two.read(lambda conn: conn.version("library"))
    two.scan()
    assert two.read(lambda conn: conn.version("library")) == version


def test_an_artist_whose_songs_are_gone_is_what_their_other_parts_make_them(shelf):
    shelf.track("1.mp3", title="Sung", artist="Ida")
    shelf.track("2.mp3", title="Written", artist="Bo", composer="Ida")
    shelf.scan()
    (shelf.root / "1.mp3").unlink()
    shelf.scan()
    assert shelf.rows("SELECT listed, track_count FROM artist WHERE name = 'Ida'") == [(0, 1)]
    (face,) = (row[0] for row in shelf.rows("SELECT face FROM artist WHERE name = 'Ida'"))
    assert b'"roles":["composer"]' in bytes(face)


def test_the_way_an_artist_is_sorted_can_be_corrected(shelf):
    about = {"artist": "Ida Stone", "album": "One", "albumartist": "Ida Stone"}
    (path,) = shelf.album("Ida", 1, **about, artistsort="Stoen, Ida", albumartistsort="Stoen, Ida")
    shelf.album("Plain", 1, **about)
    shelf.scan()
    shelf.retag(path, title="Song", **about, artistsort="Stone, Ida", albumartistsort="Stone, Ida")
    shelf.scan()
    sorted_as = "SELECT sort, sort_name, words FROM artist"
    assert shelf.rows(sorted_as) == [("stone, ida", "Stone, Ida", "ida stone stone ida")]
    shelf.scan(full=True)
    assert shelf.rows(sorted_as) == [("stone, ida", "Stone, Ida", "ida stone stone ida")]


def test_an_artist_whose_id_was_corrected_is_found_by_name(shelf):
    first, second = (f"{number}441c29d-3602-4898-b1a1-b77fa23b8e50" for number in (5, 6))
    (path,) = shelf.album("Ida", 1, artist="Ida", album="One", musicbrainz_artistid=first)
    shelf.scan()
    shelf.retag(path, title="Song", artist="Ida", album="One", musicbrainz_artistid=second)
    shelf.scan()
    found = shelf.read(artists.by_name, shelf.viewer, "ida")
    assert found and shelf.read(artists.top_tracks, shelf.viewer, found, 5) == list(shelf.titles().values())
    assert shelf.read(artists.known, [("Ida", ""), ("Nobody", "")]) == [found, None]


def test_an_artist_that_nobody_names_any_more_is_no_longer_shown(two):
    for at in (1, 2):
        two.retag(two.root / f"Anna/Album/0{at}.mp3", title=f"Song {at}", artist="Hannah", album="Album")
    two.scan()
    assert two.rows("SELECT name FROM artist WHERE album_count > 0") == [("Hannah",)]


def test_another_cover_has_another_id(two):
    cover = two.root / "Anna/Album/cover.png"
    assert two.rows("SELECT cover_id FROM album") == [(None,)]
    cover.write_bytes(png(1, 1, 1))
    two.scan()
    first = two.rows("SELECT cover_id FROM album")
    cover.write_bytes(png(2, 2, 2, 50))
    two.scan()
    second = two.rows("SELECT cover_id FROM album")
    assert None not in (first[0][0], second[0][0]) and first != second
    cover.unlink()
    two.scan()
    assert two.rows("SELECT cover_id FROM album") == [(None,)]


def test_the_face_of_an_album_follows_its_cover(two):
    (two.root / "Anna/Album/cover.png").write_bytes(png(1, 1, 1))
    two.scan()
    (face,) = album_faces(two).values()
    assert b'"coverArt":"co-' in face


MOVES = {
    "a renamed file": ("Anna/Album/01.mp3", "Anna/Album/01 Song.mp3"),
    "a file in another folder": ("Anna/Album/01.mp3", "Elsewhere/deep/01.mp3"),
    "a renamed folder": ("Anna/Album", "Anna/1999 Album"),
    "a moved folder": ("Anna/Album", "Archive/A/Album"),
    "a renamed artist": ("Anna", "Hannah"),
}


@pytest.mark.parametrize("move", MOVES.values(), ids=MOVES)
def test_what_is_moved_keeps_its_id_its_marks_and_its_place_in_playlists(two, move):
    ids = two.titles()
    star(two, TRACK, ids["Song 1"])
    made = two.write(playlists.create, two.viewer, "Mine", [ids["Song 2"], ids["Song 1"]])
    two.move(*move)
    tally = two.scan()
    assert (tally.added, tally.missing) == (0, 0), tally
    assert two.titles() == ids
    assert starred(two, TRACK, ids["Song 1"])
    assert two.rows("SELECT track_id FROM playlist_track WHERE playlist_id = :id ORDER BY at", id=made) == [
        (ids["Song 2"],), (ids["Song 1"],)]  # fmt: skip
    for number in ids.values():
        assert os.path.exists(two.read(tracks.file, two.viewer, number).path)


@pytest.mark.parametrize("move", list(MOVES.values())[2:], ids=list(MOVES)[2:])
def test_a_moved_album_keeps_its_id(two, move):
    ids = two.album_ids()
    two.move(*move)
    two.scan()
    assert two.album_ids() == ids


def test_what_moves_to_another_music_folder_keeps_its_id(db, tmp_path):
    shelf = Shelf(db, tmp_path, ("Music", "Archive"))
    shelf.album("Anna/Album", artist="Anna", album="Album")
    shelf.album("Stays", artist="Bo", album="Stays", title="Other")
    shelf.scan()
    ids = shelf.titles()
    shelf.move("Anna/Album", "../Archive/Album")
    shelf.scan()
    assert shelf.titles() == ids
    assert shelf.missing() == {}
    assert dict(shelf.rows("SELECT name, library_id FROM album WHERE track_count > 0")) == {"Stays": 1, "Album": 2}


def test_a_copy_is_another_track_and_the_first_one_stays(two):
    ids = two.titles()
    shutil.copytree(two.root / "Anna/Album", two.root / "Copies/Album")
    tally = two.scan()
    assert (tally.added, tally.moved, tally.missing) == (2, 0, 0)
    assert set(ids.values()) < {number for (number,) in two.rows("SELECT id FROM track WHERE missing_ms IS NULL")}
    for number in ids.values():
        assert "/Copies/" not in two.read(tracks.file, two.viewer, number).path


def test_of_two_missing_copies_only_one_is_found_again(shelf):
    shelf.track("a/one.mp3", seed=1, title="First")
    shelf.track("b/two.mp3", seed=1, title="Second")
    shelf.track("c/other.mp3", title="Other")
    shelf.scan()
    ids = shelf.titles()
    shelf.move("b/two.mp3", "new/two.mp3")
    (shelf.root / "a/one.mp3").unlink()
    shelf.scan()
    assert shelf.titles()["Second"] == ids["Second"]
    assert shelf.missing() == {"First": ids["First"]}


def test_a_file_that_is_moved_and_retagged_at_once_is_still_known(two):
    ids = two.titles()
    two.move("Anna/Album/01.mp3", "Anna/Album/renamed.mp3")
    two.retag(two.root / "Anna/Album/renamed.mp3", title="Renamed", artist="Anna", album="Album")
    two.scan()
    assert two.titles()["Renamed"] == ids["Song 1"]


def test_what_vanishes_is_missing_and_comes_back_as_it_was(two, tmp_path):
    ids = two.titles()
    star(two, TRACK, ids["Song 1"])
    shutil.move(two.root / "Anna/Album/01.mp3", tmp_path / "aside.mp3")
    assert two.scan().missing == 1
    assert two.missing() == {"Song 1": ids["Song 1"]}
    assert present(two, list(ids.values())) == [ids["Song 2"]]
    assert two.found("song 1") == []
    assert two.albums() == [("Album", "Anna", 1)]
    with pytest.raises(NotFound):
        two.read(tracks.file, two.viewer, ids["Song 1"])
    shutil.move(tmp_path / "aside.mp3", two.root / "Anna/Album/01.mp3")
    two.scan()
    assert two.titles() == ids
    assert two.missing() == {}
    assert two.found("song 1") == [ids["Song 1"]]
    assert starred(two, TRACK, ids["Song 1"])


def test_a_folder_that_vanishes_and_comes_back_elsewhere_keeps_everything(two, tmp_path):
    two.track("Other/1.mp3", title="Other")
    two.scan()
    ids, albums = two.titles(), two.album_ids()
    shutil.move(two.root / "Anna", tmp_path / "aside")
    assert two.scan().missing == 2
    assert two.album_ids().keys() == {"Other"}
    assert two.scan().missing == 0
    shutil.move(tmp_path / "aside", two.root / "New Place")
    two.scan()
    assert two.titles() == ids
    assert two.album_ids() == albums


def test_the_same_path_with_other_audio_is_the_same_track(two):
    """Somebody replaced an MP3 by a better one: the place is what people know it by."""
    ids = two.titles()
    path = two.track("Anna/Album/01.mp3", seed=77, title="Song 1", artist="Anna", album="Album", tracknumber=1)
    os.utime(path, ns=(1, 1))
    two.scan()
    assert two.titles() == ids


def test_a_removed_music_folder_is_hidden_and_comes_back_with_the_same_ids(pair):
    ids = pair.titles()
    pair.write(libraries.declare, list(pair.folders[:1]))
    everybody = Viewer(1, "ann", frozenset(), tuple(library.id for library in pair.read(libraries.everything)))
    pair.scan()
    assert pair.read(tracks.visible, everybody, list(ids.values())) == [ids["First"]]
    pair.write(libraries.declare, list(pair.folders))
    pair.scan()
    assert pair.titles() == ids
    assert present(pair, list(ids.values())) == list(ids.values())


def test_a_music_folder_that_moves_keeps_everything_under_its_name(pair, tmp_path):
    ids = pair.titles()
    pair.root = pair.root.rename(tmp_path / "disk")
    pair.write(libraries.declare, [("Music", str(pair.root)), pair.folders[1]])
    tally = pair.scan()
    assert (pair.titles(), tally.added, tally.missing, tally.read) == (ids, 0, 0, 0)
    assert present(pair, list(ids.values())) == list(ids.values())
    assert pair.read(tracks.file, pair.viewer, ids["First"]).path == str(pair.root / "Anna/a.mp3")


def test_of_two_music_folders_of_one_name_none_is_taken_for_the_other(db, tmp_path):
    def declared(*places: str) -> list[tuple[int, str]]:
        with db.writing() as conn:
            wanted = [("Music", str(tmp_path / place)) for place in places]
            return [(library.id, library.path[-1]) for library in libraries.declare(conn, wanted)]

    assert declared("a", "b") == [(1, "a"), (2, "b")]
    assert declared("c") == [(3, "c")], "either may have become this one"
    assert declared("d", "e") == [(4, "d"), (5, "e")]
    assert declared("d", "e", "c") == [(3, "c"), (4, "d"), (5, "e")]
    assert declared("d", "c") == [(3, "c"), (4, "d")]
    assert declared("d", "f") == [(3, "f"), (4, "d")], "what was hidden before is not meant"


@pytest.mark.parametrize("removed", [False, True])
def test_faces_that_a_new_version_draws_keep_covers_that_cannot_be_reached(db, tmp_path, removed):
    shelf = Shelf(db, tmp_path, ("Music", "Archive"))
    shelf.album("a", 1, artist="Anna", album="Here")
    shelf.album("../Archive/b", 1, artist="Bo", album="There")
    (tmp_path / "Archive/b/cover.png").write_bytes(png(1, 2, 3))
    shelf.scan()
    before = album_faces(shelf)
    (tmp_path / "Archive").rename(tmp_path / "aside")
    if removed:
        shelf.write(libraries.declare, list(shelf.folders[:1]))
    with db.writing() as conn:
        conn.run("UPDATE album SET face_version = -1, face = NULL")
    shelf.scan()
    assert album_faces(shelf) == before
    for table in ("album", "track"):
        assert shelf.rows(f"SELECT count(*) FROM {table} WHERE cover_id IS NOT NULL") == [(1,)]


def test_a_scan_of_some_folders_looks_nowhere_else(two):
    two.track("Anna/New/1.mp3", title="Seen")
    two.track("Bo/New/1.mp3", title="Not yet")
    (two.root / "Anna/Album/01.mp3").unlink()
    number = two.libraries[0]
    tally = two.scan(wanted=[number], starts={number: ["Anna/New"]})
    assert two.titles().keys() == {"Song 1", "Song 2", "Seen"}
    assert (tally.added, tally.missing) == (1, 0)
    two.scan(wanted=[number], starts={number: ["Anna/Album"]})
    assert two.missing().keys() == {"Song 1"}


def test_a_scan_of_a_folder_that_is_gone_looks_at_what_held_it(two):
    number = two.libraries[0]
    two.track("Bo/1.mp3", title="Other")
    two.scan()
    ids = two.titles()
    two.move("Anna/Album", "Bo/Album")
    two.scan(wanted=[number], starts={number: ["Anna/Album", "Bo/Album"]})
    assert two.titles() == ids
    shutil.rmtree(two.root / "Bo/Album")
    two.scan(wanted=[number], starts={number: ["Bo/Album"]})
    assert two.missing().keys() == {"Song 1", "Song 2"}
    assert two.states() == [("Music", 1, "")]
