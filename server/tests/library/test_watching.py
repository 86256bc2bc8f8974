"""What starts a scan: changes on disk, seen by the real watcher, and the clock."""

import os
import queue
import threading
from contextlib import suppress
from types import SimpleNamespace

import pytest

from server.kernel.config import load
from server.kernel.errors import Unavailable
from server.library import scanning
from server.library.scanning import _matters, _wanted

DEADLINE_S = 20


@pytest.fixture
def watched(shelf, monkeypatch):
    """A shelf whose changes are watched; `wishes` gets the scans that are asked for."""
    monkeypatch.setattr(scanning, "SETTLE_MS", 50)
    wishes: queue.Queue = queue.Queue()
    submit = SimpleNamespace(submit=lambda db, name, **arguments: wishes.put((name, arguments)))
    app = SimpleNamespace(db=shelf.db, queue=submit, config=load({}, {}))
    stop = threading.Event()
    thread = threading.Thread(target=scanning.watch, args=(app, stop))
    thread.start()
    yield SimpleNamespace(shelf=shelf, wishes=wishes, queue=submit, number=shelf.libraries[0])
    stop.set()
    thread.join(DEADLINE_S)
    assert not thread.is_alive()


def changed_until(watched, change, wanted: str) -> dict:
    """Change something again and again until the watcher, which needs a moment to begin, asks for that folder."""
    for attempt in range(DEADLINE_S * 2):
        change(attempt)
        try:
            name, arguments = watched.wishes.get(timeout=0.5)
        except queue.Empty:
            continue
        assert name == "scan"
        if arguments.get("folders", {}).get(str(watched.number)) == [wanted]:
            return arguments
    raise AssertionError("the watcher noticed nothing")


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
def test_a_file_that_is_copied_in_is_scanned_where_it_lies(watched):
    shelf = watched.shelf
    (shelf.root / "Anna").mkdir()
    arguments = changed_until(watched, lambda at: shelf.track(f"Anna/{at}.mp3", title="New"), "Anna")
    shelf.scan(wanted=[watched.number], starts={int(n): paths for n, paths in arguments["folders"].items()})
    assert "New" in shelf.titles()


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
def test_a_new_folder_is_watched_as_well(watched):
    shelf = watched.shelf
    changed_until(watched, lambda at: (shelf.root / str(at)).mkdir(), "")
    (shelf.root / "Later").mkdir()
    changed_until(watched, lambda at: shelf.track(f"Later/{at}.mp3", title="Later"), "Later")


def test_changed_paths_become_the_folders_that_hold_them():
    found = {1: "/music", 2: "/music2"}
    assert _wanted(found, ["/music/a/b/1.mp3", "/music/a/2.mp3", "/music2/x/1.mp3", "/elsewhere/1.mp3"]) == {
        "folders": {"1": ["a"], "2": ["x"]}
    }
    assert _wanted(found, ["/music/1.mp3", "/music/a/2.mp3"]) == {"folders": {"1": [""]}}
    assert _wanted(found, [f"/music/{at}/1.mp3" for at in range(scanning.MANY + 1)]) == {}


def test_what_a_scan_passes_over_is_not_scanned_because_something_changes_in_it(shelf):
    shelf.track("Anna/one.mp3", title="One")
    shelf.track("Berta/two.mp3", title="Two")
    shelf.scan()
    shelf.track("Noise/deep/down/three.mp3", title="Three")
    (shelf.root / "Noise" / ".nomedia").touch()
    shelf.move("Anna/one.mp3", ".Trash-1000/files/one.mp3")
    shelf.move("Berta/two.mp3", "Berta/@eaDir/two.mp3")
    root, number = str(shelf.root), shelf.libraries[0]
    wanted = _wanted({number: root}, [
        f"{root}/.Trash-1000/files/one.mp3", f"{root}/Anna/one.mp3", f"{root}/Noise/deep/down/three.mp3",
        f"{root}/Berta/@eaDir/two.mp3", f"{root}/Berta/two.mp3",
    ])  # fmt: skip
    assert wanted == {"folders": {str(number): ["Anna", "Berta", "Noise"]}}
    shelf.scan(wanted=[number], starts={number: wanted["folders"][str(number)]})
    assert shelf.titles() == {} and set(shelf.missing()) == {"One", "Two"}
    assert _wanted({number: root}, [f"{root}/.Trash-1000/files/one.mp3"]) is None


def test_what_is_no_music_asks_for_no_scan(tmp_path):
    for name in ("familiar.db", "download.part", "notes.doc", ".nomedia", "cover.JPG", "1.lrc", "1.mp3"):
        (tmp_path / name).touch()
    (tmp_path / "folder").mkdir()
    assert [name for name in sorted(os.listdir(tmp_path)) if not _matters(str(tmp_path / name))] == [
        "download.part", "familiar.db", "notes.doc",
    ]  # fmt: skip
    assert _matters(str(tmp_path / "gone"))


def test_music_inside_the_data_folder_is_watched(tmp_path):
    root, data = str(tmp_path / "data" / "demo"), str(tmp_path / "data")
    assert _wanted({1: root}, [f"{root}/a/1.mp3"], data) == {"folders": {"1": ["a"]}}
    assert _wanted({1: root, 2: str(tmp_path)}, [f"{data}/podcasts/1.mp3"], data) is None


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
def test_a_data_folder_inside_the_music_starts_no_endless_scanning(shelf, monkeypatch):
    from watchfiles import Change

    data = shelf.root / "data"
    data.mkdir()
    wishes: list = []
    batches = [{(Change.modified, str(data / "familiar.db-wal"))}, {(Change.added, str(shelf.root / "1.mp3"))}]
    monkeypatch.setattr("watchfiles.watch", lambda *roots, **options: iter(batches))
    app = SimpleNamespace(
        db=shelf.db, config=load({}, {"data": str(data)}),
        queue=SimpleNamespace(submit=lambda db, name, **arguments: wishes.append(arguments)),
    )  # fmt: skip
    found = {shelf.libraries[0]: str(shelf.root)}
    scanning._watch(app, found, scanning._roots(found), threading.Event())
    assert wishes == [{"folders": {str(shelf.libraries[0]): [""]}}]


def test_what_changes_behind_a_link_is_scanned_where_a_walk_finds_it(shelf):
    shelf.track("Anna/one.mp3", title="One")
    outside = shelf.root.parent / "outside" / "Zoe"
    outside.mkdir(parents=True)
    for name, to in (("A to Z", "Anna"), ("Up", ".."), ("Out", outside.parent)):
        (shelf.root / name).symlink_to(to)
    shelf.scan()
    root, number = str(shelf.root), shelf.libraries[0]
    shelf.track("Anna/two.mp3", title="Two")
    wanted = _wanted({number: root}, [f"{root}/A to Z/two.mp3", f"{root}/Up/Other/x.mp3", f"{root}/Out/Zoe/z.mp3"])
    assert wanted == {"folders": {str(number): ["Anna", "Out/Zoe"]}}
    assert shelf.scan(wanted=[number], starts={number: wanted["folders"][str(number)]}).added == 1
    assert set(shelf.titles()) == {"One", "Two"}
    assert _wanted({number: root}, [f"{root}/Up/{shelf.root.name}/Anna/two.mp3"]) == {
        "folders": {str(number): ["Anna"]}
    }


def test_a_music_folder_that_is_no_longer_there_is_scanned_whole():
    """An event of the music folder itself: it went, or came."""
    assert _wanted({1: "/music"}, ["/music"]) == {}


def test_the_clock_asks_for_a_scan_of_everything_until_it_is_told_to_stop():
    wishes: list = []
    stop = threading.Event()
    app = SimpleNamespace(
        db=None, config=SimpleNamespace(scan_every=1 / 6000), queue=SimpleNamespace(submit=lambda db, name: tick(name))
    )

    def tick(name: str) -> None:
        wishes.append(name)
        if len(wishes) == 3:
            stop.set()

    scanning.keep_scanning(app, stop)
    assert wishes == ["scan"] * 3


def test_no_clock_where_it_is_switched_off():
    app = SimpleNamespace(db=None, config=SimpleNamespace(scan_every=0), queue=None)
    scanning.keep_scanning(app, threading.Event())


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
def test_a_music_folder_that_comes_back_is_scanned_whole_and_watched_again(watched, tmp_path, monkeypatch):
    monkeypatch.setattr(scanning, "ABSENT_S", 0.1)
    shelf = watched.shelf
    changed_until(watched, lambda at: shelf.track(f"{at}.mp3", title="Before"), "")
    shelf.root.rename(tmp_path / "aside")
    asked_for_everything(watched)
    (tmp_path / "aside").rename(shelf.root)
    asked_for_everything(watched)
    (shelf.root / "After").mkdir()
    changed_until(watched, lambda at: shelf.track(f"After/{at}.mp3", title="After"), "After")


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
def test_a_change_whose_scan_could_not_be_queued_is_made_up_for_by_a_scan_of_everything(watched, monkeypatch):
    monkeypatch.setattr(scanning, "REST_S", 0.1)
    shelf, accepted, refused = watched.shelf, watched.queue.submit, threading.Event()
    changed_until(watched, lambda at: shelf.track(f"{at}.mp3", title="Before"), "")

    def full(db, name, **arguments):
        watched.queue.submit = accepted
        refused.set()
        raise Unavailable("The disk that holds the database is full; nothing was changed.")

    watched.queue.submit = full
    shelf.track("one.mp3", title="Meanwhile")
    assert refused.wait(DEADLINE_S)
    asked_for_everything(watched)


def asked_for_everything(watched) -> None:
    for _ in range(DEADLINE_S):
        if watched.wishes.get(timeout=DEADLINE_S) == ("scan", {}):
            return
    raise AssertionError("nobody asked for a scan of everything")


def test_a_database_that_is_away_does_not_stop_the_clock():
    stop, asked = threading.Event(), []

    def submit(db, name):
        asked.append(name)
        if len(asked) == 2:
            stop.set()
        raise Unavailable("The database does not answer.")

    app = SimpleNamespace(db=None, config=SimpleNamespace(scan_every=1 / 6000), queue=SimpleNamespace(submit=submit))
    scanning.keep_scanning(app, stop)
    assert asked == ["scan"] * 2


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
def test_a_name_that_the_watcher_cannot_read_is_found_by_a_scan_of_everything(watched):
    folder = os.fsencode(watched.shelf.root)
    for attempt in range(DEADLINE_S * 2):
        with open(folder + b"/caf\xe9 %d.mp3" % attempt, "wb") as file:
            file.write(b"no music")
        try:
            name, arguments = watched.wishes.get(timeout=0.5)
        except queue.Empty:
            continue
        assert (name, arguments) == ("scan", {})
        return
    raise AssertionError("the watcher noticed nothing")


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
def test_a_folder_that_the_watcher_cannot_name_does_not_make_scans_without_end(shelf, monkeypatch, request):
    monkeypatch.setattr(scanning, "POLLED_MS", 100)
    unnamed = os.fsencode(shelf.root) + b"/caf\xe9"
    os.mkdir(unnamed)
    (shelf.root / "nowhere.mp3").symlink_to("/nonexistent/1.mp3")
    watched = request.getfixturevalue("watched")
    assert watched.wishes.get(timeout=DEADLINE_S) == ("scan", {})
    (shelf.root / "Anna").mkdir()
    changed_until(watched, lambda at: (shelf.root / "Anna" / f"{at}.mp3").touch(), "Anna")
    with suppress(queue.Empty):
        while watched.wishes.get(timeout=1):
            """What was changed last may be told of late."""
    for _ in range(5):
        os.listdir(unnamed)
        shelf.scan()
    with pytest.raises(queue.Empty):
        watched.wishes.get(timeout=1)
    with open(unnamed + b"/new.mp3", "wb") as file:
        file.write(b"no music")
    assert watched.wishes.get(timeout=DEADLINE_S) == ("scan", {})
