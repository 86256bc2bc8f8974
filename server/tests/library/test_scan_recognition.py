"""What is recognised when several things change at once: songs by their audio, albums by where their songs went."""

import os
import shutil

import pytest

from server.library import scan
from server.library.facts import ALBUM
from server.plays import marks
from server.tests.shelf import Shelf


@pytest.fixture
def three(shelf):
    """An album of three tracks by Anna, scanned."""
    shelf.album("Anna/Album", 3, artist="Anna", album="Album")
    shelf.scan()
    return shelf


def paths(shelf) -> dict[str, int]:
    """Return the paths of what is present, with ids."""
    return dict(shelf.rows("SELECT f.path || '/' || t.name, t.id FROM track t JOIN folder f ON f.id = t.folder_id"
                           " WHERE t.missing_ms IS NULL"))  # fmt: skip


def star_album(shelf, name: str) -> int:
    number = shelf.album_ids()[name]
    shelf.write(marks.star, shelf.viewer, [(ALBUM, number)])
    return number


def turn(shelf, names: list[str]) -> None:
    """Give each file the place of the next one, the last one that of the first."""
    folder = shelf.root / "Anna/Album"
    for name in names:
        os.rename(folder / name, folder / f"{name}.away")
    for name, place in zip(names, [*names[1:], names[0]], strict=True):
        os.rename(folder / f"{name}.away", folder / place)
        before = (folder / place).stat().st_mtime_ns
        os.utime(folder / place, ns=(before + 2_000_000_000,) * 2)


@pytest.mark.parametrize("names", [["01.mp3", "02.mp3"], ["01.mp3", "02.mp3", "03.mp3"]])
def test_files_that_change_places_take_their_ids_with_them(three, names):
    ids, places = three.titles(), paths(three)
    turn(three, names)
    tally = three.scan()
    assert three.titles() == ids and paths(three) != places
    assert (tally.moved, tally.added, tally.missing) == (len(names), 0, 0)
    assert sorted(three.found("song")) == sorted(ids.values())
    assert three.scan().read == 0


def test_a_song_that_gives_its_place_to_a_new_one_keeps_its_id(three):
    ids = three.titles()
    three.move("Anna/Album/01.mp3", "Anna/Album/09.mp3")
    three.track("Anna/Album/01.mp3", title="Latest", artist="Anna", album="Album", tracknumber=9)
    tally = three.scan()
    assert (tally.moved, tally.added, tally.missing) == (1, 1, 0)
    assert ids.items() < three.titles().items()
    assert paths(three)["Anna/Album/09.mp3"] == ids["Song 1"]


def test_a_chain_of_renames_is_followed_to_its_end(three):
    ids = three.titles()
    for old, new in (("03", "04"), ("02", "03"), ("01", "02")):
        three.move(f"Anna/Album/{old}.mp3", f"Anna/Album/{new}.mp3")
        before = (three.root / f"Anna/Album/{new}.mp3").stat().st_mtime_ns
        os.utime(three.root / f"Anna/Album/{new}.mp3", ns=(before + 2_000_000_000,) * 2)
    tally = three.scan()
    assert three.titles() == ids
    assert (tally.added, tally.missing) == (0, 0)
    assert sorted(paths(three)) == [f"Anna/Album/0{at}.mp3" for at in (2, 3, 4)]


def test_a_song_that_moves_to_the_place_of_a_missing_one_is_not_taken_for_it(three, tmp_path):
    ids = three.titles()
    three.move("Anna/Album/01.mp3", str(tmp_path / "away.mp3"))
    three.scan()
    three.move("Anna/Album/02.mp3", "Anna/Album/01.mp3")
    three.scan()
    assert three.titles() == {title: ids[title] for title in ("Song 2", "Song 3")}
    assert three.missing() == {"Song 1": ids["Song 1"]}
    three.move(str(tmp_path / "away.mp3"), "Anna/Album/02.mp3")
    three.scan()
    assert three.titles() == ids


def test_a_song_that_comes_back_is_not_taken_for_its_copy(three):
    ids = three.titles()
    (three.root / "Anna/Album/.nomedia").touch()
    three.scan()
    assert three.titles() == {}
    (three.root / "Aaron").mkdir()
    shutil.copy2(three.root / "Anna/Album/01.mp3", three.root / "Aaron/copy.mp3")
    (three.root / "Anna/Album/.nomedia").unlink()
    tally = three.scan()
    assert (tally.added, tally.recovered, tally.moved) == (1, 3, 0)
    assert paths(three).items() >= {f"Anna/Album/0{at}.mp3": ids[f"Song {at}"] for at in (1, 2, 3)}.items()


def test_a_better_copy_in_the_same_place_stays_the_same_song(three):
    ids = three.titles()
    three.track("Anna/Album/01.mp3", title="Song 1", artist="Anna", album="Album", tracknumber=1, seed=77)
    before = (three.root / "Anna/Album/01.mp3").stat().st_mtime_ns
    os.utime(three.root / "Anna/Album/01.mp3", ns=(before + 2_000_000_000,) * 2)
    assert three.scan().changed == 1
    assert three.titles() == ids


def test_of_the_same_song_in_two_music_folders_each_stays_in_its_own(db, tmp_path):
    shelf = Shelf(db, tmp_path, ("One", "Two"))
    for name in ("Two", "One"):
        shelf.track(f"../{name}/a.mp3", title=name, artist="Anna", seed=5)
    shelf.scan()
    before = shelf.rows("SELECT id, library_id FROM track ORDER BY id")
    for name in ("One", "Two"):
        shelf.move(f"../{name}/a.mp3", f"../{name}/b.mp3")
    assert shelf.scan().moved == 2
    assert shelf.rows("SELECT id, library_id FROM track ORDER BY id") == before


def test_albums_that_are_renamed_keep_their_ids_wherever_a_batch_ends(shelf, monkeypatch):
    monkeypatch.setattr(scan, "BATCH", 5)
    monkeypatch.setattr(scan, "READ_AT_ONCE", 5)
    for at in range(6):
        shelf.album(f"Anna/{at}", 4, artist="Anna", album=f"Album {at}")
    shelf.scan()
    ids = shelf.album_ids()
    shelf.move("Anna", "Anna B.")
    assert shelf.scan().moved == 24
    assert shelf.album_ids() == ids
    assert [count for _, _, count in shelf.albums()] == [4] * 6


@pytest.mark.parametrize("steps", [(1, 2), (2, 1), (1, 1, 1)])
def test_an_album_that_is_retagged_bit_by_bit_keeps_its_id(three, steps):
    number, at = star_album(three, "Album"), 0
    for count in steps:
        for _ in range(count):
            at += 1
            three.retag(three.root / f"Anna/Album/0{at}.mp3", title=f"Song {at}", artist="Anna", album="Better")
        three.scan()
        assert ("Better", "Anna", at) in three.albums()
    assert three.album_ids() == {"Better": number}
    three.scan(full=True)
    assert three.album_ids() == {"Better": number}


def test_an_album_that_somebody_marked_is_not_taken_for_one_that_runs_dry(three):
    star_album(three, "Album")
    three.retag(three.root / "Anna/Album/01.mp3", title="Song 1", artist="Anna", album="Other")
    three.scan()
    other = star_album(three, "Other")
    for at in (2, 3):
        three.retag(three.root / f"Anna/Album/0{at}.mp3", title=f"Song {at}", artist="Anna", album="Other")
    three.scan()
    assert three.album_ids() == {"Other": other}


@pytest.mark.parametrize("full", [False, True])
def test_what_most_of_an_album_leaves_behind_stays_what_its_tags_say(three, full):
    number = star_album(three, "Album")
    for at in (1, 2):
        three.retag(three.root / f"Anna/Album/0{at}.mp3", title=f"Song {at}", artist="Anna", album="Better")
    three.scan(full=full)
    assert three.albums() == [("Album", "Anna", 1), ("Better", "Anna", 2)]
    assert three.album_ids()["Better"] == number
    before = three.everything()
    three.scan(full=True)
    assert three.everything() == before


def test_an_album_that_moves_to_another_music_folder_keeps_its_id(db, tmp_path):
    shelf = Shelf(db, tmp_path, ("One", "Two"))
    shelf.album("Anna/Album", 3, artist="Anna", album="Album")
    shelf.album("Bert/Other", artist="Bert", album="Other")
    shelf.scan()
    number = star_album(shelf, "Album")
    shelf.move("Anna", "../Two/Anna")
    assert shelf.scan().moved == 3
    assert shelf.album_ids()["Album"] == number
    assert shelf.rows("SELECT library_id FROM album WHERE id = :id", id=number) == [(shelf.libraries[1],)]
