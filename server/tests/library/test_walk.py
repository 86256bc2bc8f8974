"""Walking a folder: every folder once, each before what is in it, nothing opened."""

import os

import pytest

from server.library.walk import walk

SUFFIXES = frozenset({"mp3", "flac"})


@pytest.fixture
def make(tmp_path):
    def write(*paths: str) -> None:
        for path in paths:
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / path).write_bytes(b"x")

    return write


def seen(root, start: str = "") -> dict[str, list[str]]:
    return {sight.path: [name for name, _, _ in sight.audio] for sight in walk(str(root), SUFFIXES, start)}


def test_folders_come_in_order_each_before_what_is_inside(tmp_path, make):
    make("b/2.mp3", "a/z/1.mp3", "a/3.FLAC", "top.mp3", "a/readme.txt")
    assert list(seen(tmp_path).items()) == [("", ["top.mp3"]), ("a", ["3.FLAC"]), ("a/z", ["1.mp3"]), ("b", ["2.mp3"])]


def test_a_walk_can_begin_below(tmp_path, make):
    make("a/b/1.mp3", "c/2.mp3")
    assert seen(tmp_path, "a") == {"a": [], "a/b": ["1.mp3"]}
    with pytest.raises(FileNotFoundError):
        seen(tmp_path, "nothing")


def test_what_is_hidden_or_kept_by_machines_is_passed_over(tmp_path, make):
    make(".hidden/1.mp3", ".2.mp3", "@eaDir/3.mp3", "#recycle/4.mp3", "lost+found/5.mp3", "a/.nomedia", "a/6.mp3",
         "a/b/7.mp3", "._8.mp3")  # fmt: skip
    assert seen(tmp_path) == {"": [], "a": []}


def test_a_signature_moves_with_what_matters_and_with_nothing_else(tmp_path, make):
    def signature() -> str:
        return next(iter(walk(str(tmp_path), SUFFIXES))).signature

    make("1.mp3", "cover.jpg", "notes.log", "1.lrc")
    first = signature()
    (tmp_path / "notes.log").write_text("other")
    make("more.log")
    assert signature() == first
    for change in (
        lambda: os.utime(tmp_path / "1.mp3", ns=(1, 1)),
        lambda: (tmp_path / "cover.jpg").write_bytes(b"longer"),
        lambda: (tmp_path / "1.lrc").unlink(),
        lambda: make("2.mp3"),
        lambda: (tmp_path / "2.mp3").rename(tmp_path / "3.mp3"),
    ):
        before = signature()
        change()
        assert signature() != before


def test_pictures_are_named_and_pipes_are_not(tmp_path, make):
    make("cover.JPG", "b.png", "c.svg", "d.webp")
    os.mkfifo(tmp_path / "pipe.png")
    assert next(iter(walk(str(tmp_path), SUFFIXES))).images == ["b.png", "cover.JPG", "d.webp"]


def test_links_are_followed_once_and_never_in_circles(tmp_path, make):
    make("music/a/1.mp3", "elsewhere/2.mp3", "elsewhere/deep/3.mp3")
    root = tmp_path / "music"
    (root / "circle").symlink_to(root)
    (root / "a" / "up").symlink_to("../..")
    (root / "inside").symlink_to("a")
    (root / "x").symlink_to(tmp_path / "elsewhere")
    (root / "y").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "elsewhere" / "back").symlink_to(root)
    (root / "self").symlink_to("self")
    assert seen(root) == {"": [], "a": ["1.mp3"], "x": ["2.mp3"], "x/deep": ["3.mp3"]}


def test_a_folder_that_cannot_be_read_is_not_an_empty_one(tmp_path, make, monkeypatch):
    make("a/1.mp3", "b/2.mp3")
    really = os.scandir

    def scandir(path):
        if str(path).endswith("/a"):
            raise PermissionError(13, "Permission denied")
        return really(path)

    monkeypatch.setattr(os, "scandir", scandir)
    sights = {sight.path: sight for sight in walk(str(tmp_path), SUFFIXES)}
    assert sights["a"].unreadable == "Permission denied" and sights["a"].signature == ""
    assert sights["b"].unreadable == ""


def test_a_file_that_goes_while_it_is_looked_at_is_left_out(tmp_path, make, monkeypatch):
    (tmp_path / "gone.mp3").symlink_to("nowhere")
    make("1.mp3")
    assert seen(tmp_path) == {"": ["1.mp3"]}


def test_folders_without_end_end(tmp_path):
    deep = tmp_path
    for _ in range(100):
        deep = deep / "d"
    os.makedirs(deep)
    assert len(seen(tmp_path)) < 100


def test_a_picture_of_no_bytes_is_none(tmp_path, make):
    make("cover.jpg", "front.png")
    (tmp_path / "cover.jpg").write_bytes(b"")
    empty = next(iter(walk(str(tmp_path), SUFFIXES)))
    make("cover.jpg")
    full = next(iter(walk(str(tmp_path), SUFFIXES)))
    assert (empty.images, full.images) == (["front.png"], ["cover.jpg", "front.png"])
    assert empty.signature != full.signature
