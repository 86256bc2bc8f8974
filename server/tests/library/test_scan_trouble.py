"""Bad days: disks that go away, processes that die, files that mean harm. Nothing is lost, nothing hangs."""

import errno
import os
import signal
import subprocess
import sys

import pytest

from server.kernel.db import open_database
from server.kernel.errors import Conflict, Unavailable
from server.kernel.run import Child
from server.library import bad_files, scan, tracks, walk
from server.tests.library import hostile
from server.tests.shelf import Shelf, present


@pytest.fixture
def filled(shelf):
    """Two albums and a picture in folders of their own, scanned."""
    shelf.album("Anna/Album", artist="Anna", album="Album")
    shelf.album("Bo/Other", artist="Bo", album="Other", title="Tune")
    shelf.scan()
    return shelf


@pytest.fixture
def deadly(monkeypatch):
    monkeypatch.setattr(scan, "Child", lambda _, **limits: Child("server.tests.library.deadly:read_many", **limits))
    monkeypatch.setattr(scan, "CALL_S", 1)
    # A good file has to be read in this time by a process that has yet to start, on a machine that may be busy.
    monkeypatch.setattr(scan, "FILE_S", 5)


def nothing_changed(shelf, before: dict) -> None:
    after = shelf.everything()
    for table, rows in before.items():
        assert after[table] == rows, table


@pytest.mark.parametrize("fate", ["moved away", "emptied", "no folder any more"])
def test_a_music_folder_that_is_away_makes_its_library_offline_and_changes_nothing(filled, tmp_path, fate):
    before, ids = filled.everything(), filled.titles()
    filled.root.rename(tmp_path / "aside")
    if fate == "emptied":
        filled.root.mkdir()
    elif fate == "no folder any more":
        filled.root.write_text("a file")
    tally = filled.scan()
    assert (tally.missing, tally.seen) == (0, 0)
    nothing_changed(filled, before)
    (_, online, reason), = filled.states()  # fmt: skip
    assert not online and reason.endswith((".", "before."))
    assert present(filled, list(ids.values())) == list(ids.values())
    if fate == "emptied":
        filled.root.rmdir()
    elif fate == "no folder any more":
        filled.root.unlink()
    (tmp_path / "aside").rename(filled.root)
    assert filled.scan().missing == 0
    assert filled.states() == [("Music", 1, "")]
    assert filled.titles() == ids


def test_an_empty_folder_in_which_nothing_was_ever_found_is_just_empty(shelf):
    assert shelf.scan().seen == 0
    assert shelf.states() == [("Music", 1, "")]
    shelf.track("1.mp3", title="First")
    assert shelf.scan().added == 1


@pytest.mark.parametrize("empty", [False, True], ids=["gone", "an empty mount point"])
@pytest.mark.parametrize("full", [False, True], ids=["changes", "everything"])
@pytest.mark.parametrize("moment", ["walking", "reading", "before the end"])
def test_a_music_folder_that_goes_away_during_a_scan_loses_nothing(filled, tmp_path, monkeypatch, moment, full, empty):
    before, ids = filled.everything(), filled.titles()
    filled.album("New/Album", 3, artist="Cleo", album="New", title="Fresh")

    def away() -> None:
        if filled.root.exists() and not (tmp_path / "aside").exists():
            filled.root.rename(tmp_path / "aside")
            if empty:
                filled.root.mkdir()

    place, name, wrap = {
        "walking": (scan, "walk", after_one),
        "reading": (scan.Child, "send", first),
        "before the end": (scan.Scanner, "_still_there", first),
    }[moment]
    monkeypatch.setattr(place, name, wrap(getattr(place, name), away))
    filled.scan(full=full)
    monkeypatch.undo()
    assert filled.missing() == {}
    after = filled.everything()
    assert set(before["track"]) <= set(after["track"])
    assert filled.bad() == {}
    assert not filled.states()[0][1]
    assert present(filled, list(ids.values())) == list(ids.values())
    if empty:
        filled.root.rmdir()
    (tmp_path / "aside").rename(filled.root)
    filled.scan()
    assert len(filled.rows("SELECT id FROM track WHERE missing_ms IS NULL")) == 7
    assert filled.states() == [("Music", 1, "")]
    assert ids.items() <= filled.titles().items()


def first(really, before):
    """Do something before each call of a function."""

    def wrapped(*args, **more):
        before()
        return really(*args, **more)

    return wrapped


def after_one(really, then):
    """Do something once a walk has yielded its first folder."""

    def walked(*args):
        for sight in really(*args):
            yield sight
            then()

    return walked


def test_the_next_library_gets_its_own_tags_when_the_one_before_went_away(db, tmp_path, monkeypatch):
    shelf = Shelf(db, tmp_path, ("One", "Two"))
    for at in range(12):
        shelf.track(f"{at}/1.mp3", title=f"One {at}")
        shelf.track(f"../Two/{at}/1.mp3", title=f"Two {at}")
    monkeypatch.setattr(scan, "READ_AT_ONCE", 2)
    count = 0
    really = scan.Scanner._land

    def land(self, library, task):
        nonlocal count
        count += 1
        if count == 3:
            shelf.root.rename(tmp_path / "aside")
        return really(self, library, task)

    monkeypatch.setattr(scan.Scanner, "_land", land)
    shelf.scan()
    rows = shelf.rows("SELECT t.title, l.name FROM track t JOIN library l ON l.id = t.library_id")
    assert all(title.startswith(library) for title, library in rows)
    assert sum(library == "Two" for _, library in rows) == 12


def test_a_folder_that_cannot_be_read_keeps_what_is_known_of_it(filled, monkeypatch):
    before = filled.everything()
    really = os.scandir

    def scandir(path):
        if str(path).endswith("/Anna"):
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return really(path)

    monkeypatch.setattr(walk.os, "scandir", scandir)
    assert filled.scan().missing == 0
    monkeypatch.undo()
    assert filled.bad() == {"Anna": "The folder cannot be read: Permission denied."}
    nothing_changed(filled, {name: rows for name, rows in before.items() if name != "bad"})
    filled.scan()
    assert filled.bad() == {}


def test_a_file_that_the_disk_does_not_give_is_tried_again(filled, monkeypatch):
    """An error of the disk says nothing of the file: a known track stays, and the next scan reads it."""
    ids = filled.titles()
    filled.track("Anna/Album/03.mp3", title="Song 3", artist="Anna", album="Album")
    really = scan.Scanner._receive

    def refused(self, library, task):
        return [{"error": "The file could not be read: Input/output error.", "passing": True}
                for _ in really(self, library, task)]  # fmt: skip

    monkeypatch.setattr(scan.Scanner, "_receive", refused)
    filled.scan(full=True)
    assert "Anna/Album/03.mp3" in filled.bad()
    assert filled.titles() == ids
    monkeypatch.undo()
    filled.scan()
    assert filled.titles().keys() == {*ids, "Song 3"}
    assert filled.bad() == {}


def test_a_file_that_goes_between_looking_and_reading_is_simply_gone(filled, monkeypatch):
    path = filled.track("Anna/New/1.mp3", title="Fleeting")
    monkeypatch.setattr(scan.Child, "send", first(scan.Child.send, lambda: path.unlink(missing_ok=True)))
    filled.scan()
    assert filled.bad() == {}
    assert "Fleeting" not in filled.titles()
    monkeypatch.undo()
    filled.track("Anna/New/1.mp3", title="Fleeting", seed=5)
    filled.scan()
    assert "Fleeting" in filled.titles()


def test_a_scan_can_be_cancelled_and_keeps_what_it_had(shelf, monkeypatch):
    for at in range(20):
        shelf.album(f"{at:02}", artist="Anna", album=f"Album {at}", title=f"Tune {at}")
    monkeypatch.setattr(scan, "READ_AT_ONCE", 2)
    monkeypatch.setattr(scan, "TELL_MS", 0)
    with pytest.raises(Conflict, match="cancelled"):
        shelf.scan(report=lambda progress: progress["read"] < 10)
    found = len(shelf.rows("SELECT id FROM track"))
    assert 10 <= found < 40
    assert shelf.missing() == {}
    assert len(shelf.found("anna")) == found
    shelf.scan()
    assert len(shelf.titles()) == 20


def test_a_cancelled_scan_marks_nothing_as_missing(filled, monkeypatch):
    (filled.root / "Anna/Album/01.mp3").unlink()
    monkeypatch.setattr(scan, "TELL_MS", 0)
    with pytest.raises(Conflict):
        filled.scan(report=lambda progress: False)
    assert filled.missing() == {}
    monkeypatch.undo()
    assert filled.scan().missing == 1


@pytest.mark.parametrize("fate", ["deleted", "broken"])
def test_what_a_cancelled_scan_saw_gone_is_missing_after_the_next(shelf, monkeypatch, fate):
    for at in range(6):
        shelf.album(f"Anna/{at}", 3, artist="Anna", album=f"Album {at}")
    shelf.scan()
    for at in range(6):
        path = shelf.root / f"Anna/{at}/02.mp3"
        path.unlink() if fate == "deleted" else path.write_text("no music")
        shelf.retag(shelf.root / f"Anna/{at}/03.mp3", title="New", artist="Anna", album=f"Album {at}")
    monkeypatch.setattr(scan, "READ_AT_ONCE", 1)
    monkeypatch.setattr(scan, "TELL_MS", 0)
    with pytest.raises(Conflict, match="cancelled"):
        shelf.scan(report=lambda progress: progress["read"] < 5)
    assert shelf.missing() == {}
    monkeypatch.undo()
    assert shelf.scan().missing == 6
    assert shelf.scan().read == 0
    assert len(shelf.rows("SELECT 1 FROM folder WHERE signature = ''")) == 0


def test_two_scans_never_run_at_once(filled):
    with filled.db.lock(scan.LOCK), pytest.raises(Conflict):
        filled.scan()
    dialect = filled.db.dialect
    other = open_database(dialect.url if dialect.name == "postgres" else f"sqlite://{dialect.path}")
    with other.lock(scan.LOCK), pytest.raises(Conflict):
        filled.scan()
    other.close()
    filled.scan()


@pytest.mark.parametrize("when", ["inside", "between"])
def test_a_scan_that_was_killed_goes_on_as_if_nothing_had_been(kind, tmp_path, when):
    with kind.fresh() as url, kind.copy() as clean_url:
        db, clean_db = open_database(url), open_database(clean_url)
        shelf = Shelf(db, tmp_path)
        for at in range(5):
            shelf.album(f"Anna/{at}", 3, artist="Anna", album=f"Album {at}", genre="Folk")
        killed = subprocess.run([sys.executable, "-m", "server.tests.library.killed", url, when], timeout=60)
        assert killed.returncode == -signal.SIGKILL
        before = dict(shelf.rows("SELECT id, title FROM track"))
        assert 0 < len(before) < 15
        shelf.scan()
        clean = Shelf(clean_db, tmp_path)
        clean.scan()
        assert shelf.everything() == clean.everything()
        assert before.items() <= dict(shelf.rows("SELECT id, title FROM track")).items()
        assert sorted(shelf.found("anna")) == sorted(number for (number,) in shelf.rows("SELECT id FROM track"))
        db.close()
        clean_db.close()


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
def test_a_full_disk_is_said_plainly_and_loses_nothing(filled):
    before, ids = filled.everything(), filled.titles()
    for at in range(30):
        filled.album(f"Many/{at}", artist=f"Artist {at}", album=f"Album {at}", comment="x" * 3000)
    with filled.db.reading() as conn:
        pages = conn.value("PRAGMA page_count")
        conn.value(f"PRAGMA max_page_count = {pages + 5}")
    with pytest.raises(Unavailable, match=r"disk .* full"):
        filled.scan()
    nothing_changed(filled, before)
    with filled.db.reading() as conn:
        conn.value("PRAGMA max_page_count = 1000000")
        assert conn.value("PRAGMA integrity_check") == "ok"
    filled.scan()
    assert len(filled.rows("SELECT id FROM track")) == 64
    assert present(filled, list(ids.values())) == list(ids.values())


@pytest.mark.parametrize("name", ["crash.mp3", "exit.mp3", "hang.mp3", "memory.mp3"])
def test_a_file_that_kills_the_parser_costs_only_itself(shelf, deadly, name):
    for at in range(4):
        shelf.track(f"Album/{at}.mp3", title=f"Good {at}", album="Album")
    shelf.track(f"Album/{name}", title="Bad", album="Album")
    tally = shelf.scan()
    assert (tally.added, tally.bad) == (4, 1)
    assert sorted(shelf.titles()) == ["Good 0", "Good 1", "Good 2", "Good 3"]
    assert shelf.bad().keys() == {f"Album/{name}"}
    again = shelf.scan()
    assert (again.read, again.bad) == (0, 0)


def test_hostile_files_are_listed_with_a_reason_and_the_good_ones_play(shelf):
    cases = hostile.make_all(shelf.root)
    shelf.album("Good", artist="Anna", album="Album")
    shelf.scan()
    bad, there = shelf.bad(), {name for (name,) in shelf.rows("SELECT name FROM track")}
    for case in cases:
        assert (case.name in bad) != (case.name in there), case
        if case.expect != "either":
            assert (case.name in bad) == (case.expect == "refused"), case
    assert all(reason.endswith(".") and "\n" not in reason for reason in bad.values()), bad
    assert {"01.mp3", "02.mp3"} <= there
    assert shelf.scan().read == 0


def test_a_bad_file_that_is_mended_is_read(shelf):
    path = shelf.root / "Album/1.mp3"
    path.parent.mkdir()
    path.write_bytes(b"nothing")
    shelf.scan()
    assert shelf.bad().keys() == {"Album/1.mp3"}
    shelf.track("Album/1.mp3", title="Mended")
    shelf.scan()
    assert shelf.bad() == {}
    assert "Mended" in shelf.titles()


def test_a_good_file_that_breaks_is_missing_until_it_is_mended(filled):
    ids = filled.titles()
    path = filled.root / "Anna/Album/01.mp3"
    whole = path.read_bytes()
    path.write_bytes(b"broken")
    filled.scan()
    assert filled.missing() == {"Song 1": ids["Song 1"]}
    assert filled.bad().keys() == {"Anna/Album/01.mp3"}
    path.write_bytes(whole)
    os.utime(path, ns=(5, 5))
    filled.scan()
    assert filled.titles() == ids
    assert filled.bad() == {}


def test_a_bad_file_that_is_taken_away_is_forgotten(shelf):
    (shelf.root / "bad.mp3").write_bytes(b"nothing")
    (shelf.root / "Album").mkdir()
    (shelf.root / "Album/bad.mp3").write_bytes(b"nothing")
    shelf.track("good.mp3")
    shelf.scan()
    assert len(shelf.bad()) == 2
    (shelf.root / "bad.mp3").unlink()
    (shelf.root / "Album/bad.mp3").unlink()
    shelf.scan()
    assert shelf.bad() == {}


NAMES = (
    "new\nline.mp3", "tab\there.mp3", "quote'\".mp3", "back\\slash.mp3", "-rf.mp3", "a" * 251 + ".mp3", "‮evil.mp3",
    "50% of *.mp3", "<script>.mp3", " space .mp3", "dots...mp3", "é.mp3", "e\u0301.mp3",
)  # fmt: skip


def test_any_name_that_a_disk_can_hold_is_indexed_and_opened(shelf):
    model = shelf.track("model.mp3", seed=1).read_bytes()
    names = [os.fsencode(name) for name in NAMES] + [b"latin \xe9\xff.mp3", b"broken \xf0\x9f.mp3"]
    root = os.fsencode(shelf.root)
    for at, name in enumerate(names):
        (shelf.root / str(at)).mkdir()
        with open(os.path.join(root, str(at).encode(), name), "wb") as file:
            file.write(model)
    os.mkdir(root + b"/folder \xff")
    with open(root + b"/folder \xff/1.mp3", "wb") as file:
        file.write(model)
    shelf.scan()
    assert shelf.bad() == {}
    found = [shelf.read(tracks.file, shelf.viewer, number).path for (number,) in shelf.rows("SELECT id FROM track")]
    assert len(found) == len(names) + 2
    assert all(os.path.getsize(path) == len(model) for path in found)
    assert {os.path.basename(os.fsencode(path)) for path in found} >= set(names)
    assert shelf.scan().read == 0


def test_names_that_are_no_utf_8_are_readable_where_they_serve_for_tags(shelf):
    model = shelf.track("model.mp3", seed=1).read_bytes()
    folder = os.fsencode(shelf.root) + b"/Ren\xe9/1999 - \xc9t\xe9"
    os.makedirs(folder)
    with open(folder + b"/01 caf\xe9.mp3", "wb") as file:
        file.write(model)
    shelf.scan()
    assert "café" in shelf.titles() and shelf.found("café")
    assert ("Été", "René", 1) in shelf.albums()


def test_a_nasty_tree_is_walked_to_its_end(shelf, tmp_path):
    shelf.track("good/1.mp3", title="Good")
    outside = tmp_path / "outside"
    outside.mkdir()
    shelf.track("../outside/2.mp3", title="Linked")
    (shelf.root / "loop").symlink_to(shelf.root)
    (shelf.root / "good" / "up").symlink_to("..")
    (shelf.root / "a").symlink_to("b")
    (shelf.root / "b").symlink_to("a")
    (shelf.root / "dangling.mp3").symlink_to("/nonexistent/x.mp3")
    (shelf.root / "elsewhere").symlink_to(outside)
    (shelf.root / "again").symlink_to(outside)
    os.mkfifo(shelf.root / "pipe.mp3")
    os.mkfifo(shelf.root / "cover.jpg")
    (shelf.root / "folder.mp3").mkdir()
    shelf.track("folder.mp3/3.mp3", title="In a folder that is called like a file")
    (shelf.root / "device.mp3").symlink_to("/dev/zero")
    deep = shelf.root
    for _ in range(80):
        deep = deep / "d"
    os.makedirs(deep)
    with open(shelf.root / "sparse.wav", "wb") as file:
        file.truncate(1 << 40)
    shelf.scan()
    assert sorted(shelf.titles()) == ["Good", "In a folder that is called like a file", "Linked"]
    assert shelf.bad().keys() <= {"sparse.wav"}
    assert shelf.scan().read == 0


def test_pictures_that_mean_harm_do_not_stop_a_scan(shelf):
    shelf.album("Album", artist="Anna", album="Album")
    (shelf.root / "Album/cover.jpg").write_bytes(b"")
    (shelf.root / "Album/folder.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    os.mkfifo(shelf.root / "Album/front.png")
    shelf.scan()
    assert shelf.albums() == [("Album", "Anna", 2)]


def test_only_an_administrator_sees_which_files_are_bad(shelf):
    from server.kernel.errors import Forbidden

    with pytest.raises(Forbidden):
        shelf.read(bad_files.listed, shelf.viewer)
