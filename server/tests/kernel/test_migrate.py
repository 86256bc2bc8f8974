"""The schema's steps: taken once, taken back, refused where they cannot be."""

import os
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from server.kernel import migrate
from server.kernel.db import Database, open_database
from server.kernel.errors import Conflict, Unavailable
from server.library import search
from server.users.people import Viewer


@pytest.fixture
def own(kind) -> Database:
    """A migrated database that a test may take apart."""
    with kind.copy() as url:
        opened = open_database(url)
        yield opened
        opened.close()


def own_url(db: Database) -> str:
    return db.dialect.url if db.dialect.name == "postgres" else f"sqlite://{db.dialect.path}"


def tables(db: Database) -> set[str]:
    sql = {
        "sqlite": "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'",
        "postgres": "SELECT tablename FROM pg_tables WHERE schemaname = 'public'",
    }[db.dialect.name]
    with db.reading() as conn:
        return {name for (name,) in conn.rows(sql)}


def test_all_steps_are_taken_once(own):
    assert migrate.pending(own) == []
    assert migrate.applied(own) == migrate.steps()
    assert migrate.migrate(own) == []
    assert {"track", "album", "account", "job", "version", "playlist_track"} <= tables(own)


def test_every_step_can_be_taken_back_and_taken_again(own):
    before = tables(own)
    undone = migrate.back(own, migrate.steps()[0])
    assert sorted(undone) == migrate.steps()
    assert tables(own) <= {migrate.HISTORY}
    assert migrate.migrate(own) == migrate.steps()
    assert tables(own) == before


def test_a_server_and_a_worker_that_start_together_take_every_step_once(own):
    migrate.back(own, migrate.steps()[0])
    others = [open_database(own_url(own)) for _ in range(2)]
    with ThreadPoolExecutor(3) as pool:
        taken = list(pool.map(migrate.migrate, [own, *others]))
    for other in others:
        other.close()
    assert sorted(taken) == [[], [], migrate.steps()]
    assert migrate.pending(own) == []


def test_a_database_of_a_newer_program_is_refused_and_left_alone(own):
    with own.writing() as conn:
        conn.run(f"UPDATE {migrate.HISTORY} SET name = '9999_future' WHERE name = :last", last=migrate.steps()[-1])
        conn.run("INSERT INTO property (name, value) VALUES ('kept', 'x')")
    with pytest.raises(Conflict, match="9999_future"):
        migrate.migrate(own)
    with own.reading() as conn:
        assert conn.value("SELECT value FROM property WHERE name = 'kept'") == "x"


def test_an_empty_database_is_made_from_nothing(tmp_path):
    db = open_database(f"sqlite://{tmp_path}/new.db")
    assert migrate.applied(db) == []
    assert migrate.migrate(db, tmp_path / "backups") == migrate.steps()
    assert not (tmp_path / "backups").exists()
    db.close()


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
def test_a_copy_is_kept_before_a_step_is_taken(own, tmp_path, monkeypatch):
    with own.writing() as conn:
        conn.run("INSERT INTO property (name, value) VALUES ('kept', 'x')")
    monkeypatch.setattr(migrate, "pending", lambda db: ["0002_next"])
    migrate.migrate(own, tmp_path / "backups")
    (copy,) = (tmp_path / "backups").iterdir()
    assert copy.name.startswith("before-0002_next-")
    kept = open_database(f"sqlite://{copy}")
    with kept.reading() as conn:
        assert conn.value("SELECT value FROM property WHERE name = 'kept'") == "x"
    kept.close()


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
def test_the_copy_is_for_nobody_else_on_the_machine(own, tmp_path, monkeypatch):
    monkeypatch.setattr(migrate, "pending", lambda db: ["0002_next"])
    before = os.umask(0o022)
    try:
        migrate.migrate(own, tmp_path / "backups")
    finally:
        os.umask(before)
    (copy,) = (tmp_path / "backups").iterdir()
    assert [path.stat().st_mode & 0o777 for path in (copy.parent, copy)] == [0o700, 0o600]


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
def test_without_room_for_the_copy_no_step_is_taken_and_nothing_of_it_is_left(own, tmp_path, monkeypatch):
    def half(target):
        Path(target).write_bytes(b"half")
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(migrate, "pending", lambda db: ["0002_next"])
    monkeypatch.setattr(own.dialect, "backup", half)
    with pytest.raises(Unavailable, match=r"Nothing was changed: .*/backups: database or disk is full"):
        migrate.migrate(own, tmp_path / "backups")
    assert list((tmp_path / "backups").iterdir()) == []
    (tmp_path / "taken").touch()
    with pytest.raises(Unavailable, match="Not a directory"):
        migrate.migrate(own, tmp_path / "taken")


@pytest.mark.parametrize("kind", ["postgres"], indirect=True)
def test_texts_are_in_the_same_order_however_a_postgres_was_set_up(own):
    """A new step that makes tables with texts has to call `columns.plain_order`."""
    with own.reading() as conn:
        orders = conn.rows(
            "SELECT DISTINCT c.collation_name FROM information_schema.columns c JOIN information_schema.tables t"
            " USING (table_schema, table_name) WHERE table_schema = 'public' AND t.table_type = 'BASE TABLE'"
            " AND data_type = 'text'"
        )
    assert orders == [("C",)]


def test_what_was_indexed_with_rare_letters_is_found_by_plain_ones_after_the_step(own):
    migrate.back(own, "0017_typed")
    with own.writing() as conn:
        conn.run("INSERT INTO library (id, name, path, online) VALUES (1, 'A', '/a', 1)")
        for number, words in ((1, "røyksopp cœur"), (2, "royal")):
            conn.run(
                "INSERT INTO track (id, library_id, folder_id, album_id, name, title, sort, words, face)"
                " VALUES (:id, 1, 1, 1, :name, 'x', :words, :words, :face)",
                id=number, name=str(number), words=words, face=b"{}",
            )  # fmt: skip
            search.index(conn, "track", [(number, "", words)])
    assert migrate.migrate(own)[0] == "0017_typed"
    viewer = Viewer(1, "ann", frozenset(), (1,))
    with own.writing() as conn:
        found = {query: [each.id for each in search.find_tracks(conn, viewer, (1,), query, 5, 0)]
                 for query in ("royksopp", "coeur", "Røyk", "roy")}  # fmt: skip
        assert found == {"royksopp": [1], "coeur": [1], "Røyk": [1], "roy": [1, 2]}
        assert conn.rows("SELECT sort FROM track ORDER BY id") == [("royksopp coeur",), ("royal",)]
        # The index has forgotten the words of before: they can be changed again.
        search.index(conn, "track", [(1, "royksopp coeur", "")])
        conn.run("UPDATE track SET words = '' WHERE id = 1")
        assert [each.id for each in search.find_tracks(conn, viewer, (1,), "ro", 5, 0)] == [2]
