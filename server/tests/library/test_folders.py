"""The folder tree as a scan leaves it: what is in it, and since when."""

import shutil

import pytest

from server.library import folders, libraries
from server.tests.shelf import Shelf
from server.tests.users.people_for_tests import add, write
from server.users import accounts
from server.users.accounts import Changes
from server.users.people import OPERATOR


@pytest.fixture
def shelf(db, tmp_path) -> Shelf:
    return Shelf(db, tmp_path)


def test_a_folder_that_came_or_went_changed_the_tree_and_another_scan_did_not(shelf, tmp_path, monkeypatch):
    def changed_ms(now: int) -> int:
        monkeypatch.setattr(folders, "now_ms", lambda: now)
        shelf.scan()
        return shelf.read(folders.changed_ms, tuple(shelf.libraries))

    shelf.album("Anna/First")
    shelf.album("Berta/Second")
    assert changed_ms(1_000) == 1_000
    assert changed_ms(2_000) == 1_000
    shutil.move(shelf.root / "Berta", tmp_path / "aside")
    assert changed_ms(3_000) == 3_000
    assert changed_ms(4_000) == 3_000
    shutil.move(tmp_path / "aside", shelf.root / "Berta")
    assert changed_ms(5_000) == 5_000


def test_an_empty_folder_that_is_gone_is_no_longer_remembered(shelf):
    def version() -> int:
        shelf.scan()
        return shelf.read(lambda conn: conn.version("library"))

    shelf.album("Anna/First")
    (song,) = shelf.album("Berta/Second", count=1)
    version()
    song.unlink()
    before = version()
    assert version() == before
    shutil.rmtree(shelf.root / "Berta")
    gone = version()
    assert gone > before
    assert version() == gone
    root = shelf.read(folders.root, shelf.viewer, shelf.libraries[0])
    assert [each.name for each in shelf.read(folders.children, root)] == ["Anna"]


def test_whoever_may_hear_other_folders_now_is_told_that_the_tree_changed(shelf, monkeypatch):
    def at(now: int) -> None:
        for module in (folders, accounts):
            monkeypatch.setattr(module, "now_ms", lambda: now)

    def changed_ms() -> int:
        return shelf.read(folders.changed_ms, tuple(shelf.libraries))

    at(1_000)
    shelf.album("Anna/First")
    shelf.scan()
    add(shelf.db, "bob")
    assert changed_ms() == 1_000
    at(2_000)
    write(shelf.db, accounts.change, OPERATOR, "bob", Changes(email="bob@example.org"))
    assert changed_ms() == 1_000
    write(shelf.db, accounts.change, OPERATOR, "bob", Changes(libraries=tuple(shelf.libraries)))
    assert changed_ms() == 2_000
    at(3_000)
    write(shelf.db, libraries.declare, [("Other name", str(shelf.root))])
    assert changed_ms() == 3_000
    at(4_000)
    write(shelf.db, libraries.declare, [("Other name", str(shelf.root))])
    assert changed_ms() == 3_000
