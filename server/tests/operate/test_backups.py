"""Backups: what comes back equals what was kept, on either database; what cannot come back changes nothing."""

import hashlib
import itertools
import os
import random
import tempfile
import zipfile
from pathlib import Path

import orjson
import pytest

from server.kernel import dump, migrate
from server.kernel.config import Config, load
from server.kernel.db import Connection, Database, open_database
from server.kernel.errors import Conflict, Failure, Invalid
from server.operate import backups
from server.playlists import playlists
from server.plays import marks
from server.users import accounts
from server.users.people import OPERATOR


def tables(db: Database) -> dict[str, list]:
    """Return all rows of all tables that a backup keeps, in an order of their own."""
    with tempfile.TemporaryDirectory() as scratch, dump._snapshot(db, Path(scratch)) as source:
        return {
            table: sorted([list(map(_plain, row)) for row in source.rows(table, columns)], key=repr)
            for table, columns in source.tables().items()
            if table != "version"
        }


def _plain(value):
    return bytes(value) if isinstance(value, memoryview) else value


def config_of(url: str, data: Path) -> Config:
    data.mkdir(exist_ok=True)
    return load({}, {"database": url, "data": str(data)})


def live_in(db: Connection) -> None:
    """Let Alice have some of everything, names that are hard to write among it."""
    alice = accounts.by_name(db, OPERATOR, "alice").viewer
    tracks = [number for (number,) in db.rows("SELECT id FROM track ORDER BY id LIMIT 5")]
    marks.star(db, alice, [(3, number) for number in tracks[:3]])
    marks.rate(db, alice, 3, tracks[0], 5)
    playlists.create(db, alice, 'Ö \U0001f3b5 "it\'s" \\ \n 日本', tracks)


@pytest.fixture
def kept(library, tmp_path):
    """A lived-in library, and a backup of it."""
    with library.db.writing() as conn:
        live_in(conn)
    config = config_of(library.config.database_url, library.config.data_path)
    path, manifest = backups.backup(config, tmp_path / "kept.zip")
    return library, path, manifest


def test_everything_comes_back_equal_on_either_database(kept, databases, tmp_path):
    library, path, _ = kept
    before = tables(library.db)
    assert before["mark"] and before["playlist_track"] and before["track"] and before["credit"]
    for target in ("sqlite", "postgres"):
        with databases(target).fresh() as url:
            done = backups.restore(config_of(url, tmp_path / target), path, ask)
            assert done.manifest["tables"]["track"]["rows"] == len(before["track"])
            db = open_database(url)
            assert tables(db) == before, target
            db.close()


def test_search_and_new_rows_work_after_a_restore(kept, databases, tmp_path):
    from server.library import search

    library, path, _ = kept
    with library.db.reading() as conn:
        title = conn.value("SELECT title FROM track WHERE missing_ms IS NULL ORDER BY id LIMIT 1")
    for target in ("sqlite", "postgres"):
        with databases(target).fresh() as url:
            backups.restore(config_of(url, tmp_path / target), path, ask)
            db = open_database(url)
            with db.writing() as conn:
                alice = accounts.by_name(conn, OPERATOR, "alice").viewer
                assert search.find_tracks(conn, alice, alice.libraries, title, 5, 0)
                playlists.create(conn, alice, "one more", [])
            db.close()


def test_a_restore_takes_the_place_of_what_was_there(kept):
    library, path, _ = kept
    before = tables(library.db)
    with library.db.writing() as conn:
        accounts.delete(conn, OPERATOR, "bob")
    version = library.db.dialect.name == "postgres" and _versions(library.db)
    url = library.config.database_url
    library.db.close()
    done = backups.restore(config_of(url, library.config.data_path), path, ask)
    db = open_database(url)
    assert tables(db) == before
    if version:
        assert all(_versions(db)[name] > number for name, number in version.items())
    else:
        assert done.kept.exists()
    db.close()


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
def test_the_log_of_a_database_that_somebody_deleted_is_not_played_into_the_restored_one(kept):
    library, path, _ = kept
    before = tables(library.db)
    live = Path(library.config.database_url[len("sqlite://") :])
    with library.db.writing() as conn:
        accounts.delete(conn, OPERATOR, "bob")
    log = Path(f"{live}-wal").read_bytes()
    library.db.close()
    # As after a server that was killed, whose database is then removed to make room for the one of the backup.
    live.unlink()
    Path(f"{live}-wal").write_bytes(log)
    done = backups.restore(config_of(library.config.database_url, library.config.data_path), path, ask)
    db = open_database(library.config.database_url)
    assert tables(db) == before and done.kept is None
    db.close()
    (kept_log,) = (library.config.data_path / "backups").iterdir()
    assert kept_log.read_bytes() == log


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
def test_what_root_makes_and_brings_back_belongs_to_whom_the_data_folder_does(kept, monkeypatch):
    library, path, _ = kept
    config, data = config_of(library.config.database_url, library.config.data_path), library.config.data_path
    library.db.close()
    given = set()
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(os, "chown", lambda path, uid, gid: given.add((Path(path).name.split("-")[0], uid)))
    before = os.umask(0o022)
    try:
        target, _ = backups.backup(config)
        done = backups.restore(config, path, ask)
    finally:
        os.umask(before)
    owner = data.stat().st_uid
    assert {("backups", owner), (".familiar", owner), (".restore", owner), ("before", owner)} == given
    made = [target, done.kept, Path(config.database_url[len("sqlite://") :])]
    assert {each.stat().st_mode & 0o777 for each in made} == {0o600}


def test_a_backup_is_of_one_moment_while_others_write(library, tmp_path, monkeypatch):
    """Whoever writes between two tables of the backup does not show in the second one."""
    began, real = itertools.count(), dump._write_rows

    def meanwhile(member, columns, rows):
        if next(began) == 0:
            with library.db.writing() as conn:
                accounts.delete(conn, OPERATOR, "bob")
                conn.run("DELETE FROM track")
        return real(member, columns, rows)

    monkeypatch.setattr(dump, "_write_rows", meanwhile)
    config = config_of(library.config.database_url, library.config.data_path)
    _, manifest = backups.backup(config, tmp_path / "kept.zip")
    assert manifest["tables"]["track"]["rows"] > 0 and manifest["tables"]["account"]["rows"] == 3


def test_an_older_program_refuses_a_newer_backup_and_names_both(kept, tmp_path):
    library, path, manifest = kept
    newer = changed(
        path, tmp_path / "newer.zip", {**manifest, "version": "9.9.0", "steps": [*migrate.steps(), "0999_x"]}
    )
    before = tables(library.db)
    with pytest.raises(Conflict, match=r"9\.9\.0.*0999_x.*" + migrate.steps()[-1]):
        backups.restore(config_of(library.config.database_url, library.config.data_path), newer, ask)
    assert tables(library.db) == before


@pytest.mark.parametrize("harm", ["cut", "byte", "row", "table", "column", "text", "gone", "empty"])
def test_a_damaged_backup_is_refused_and_nothing_changes(library, tmp_path, harm):
    config = config_of(library.config.database_url, library.config.data_path)
    path, manifest = backups.backup(config, tmp_path / "kept.zip")
    before = tables(library.db)
    harmed = HARMS[harm](path, tmp_path / "harmed.zip", manifest)
    with pytest.raises(Failure):
        backups.restore(config, harmed, ask)
    assert tables(library.db) == before
    assert not list(library.config.data_path.glob(".restore*"))


def test_no_changed_byte_goes_unnoticed_or_ends_in_anything_but_a_sentence(library, tmp_path):
    config = config_of(library.config.database_url, library.config.data_path)
    path, manifest = backups.backup(config, tmp_path / "kept.zip")
    raw, rng = path.read_bytes(), random.Random(1)
    for at in [*rng.sample(range(len(raw)), 60), *range(len(raw) - 60, len(raw))]:
        path.write_bytes(raw[:at] + bytes([raw[at] ^ rng.randrange(1, 256)]) + raw[at + 1 :])
        try:
            # What no reader looks at, such as a date of the zip, may differ.
            assert dump.check(path) == manifest
        except Failure:
            continue


def test_a_backup_that_cannot_be_written_is_loud_and_leaves_nothing(library, tmp_path, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(dump, "_write_rows", full)
    with pytest.raises(Failure, match="No space left"):
        backups.backup(config_of(library.config.database_url, library.config.data_path), tmp_path / "kept.zip")
    assert not list(tmp_path.glob("*kept*"))


def test_a_backup_that_does_not_read_back_is_not_kept(library, tmp_path, monkeypatch):
    monkeypatch.setattr(dump, "check", lambda path: {})
    with pytest.raises(Conflict, match="does not read back"):
        backups.backup(config_of(library.config.database_url, library.config.data_path), tmp_path / "kept.zip")
    assert not list(tmp_path.glob("*kept*"))


def test_a_file_that_is_there_is_never_overwritten(library, tmp_path):
    (tmp_path / "kept.zip").write_text("precious")
    with pytest.raises(Conflict):
        backups.backup(config_of(library.config.database_url, library.config.data_path), tmp_path / "kept.zip")
    assert (tmp_path / "kept.zip").read_text() == "precious"


def test_a_folder_that_is_not_there_is_not_made_for_a_backup(library, tmp_path):
    """It may be that of a disk which is not mounted: the backup would fill the one below, and nobody would notice."""
    config = config_of(library.config.database_url, library.config.data_path)
    with pytest.raises(Invalid, match=r"There is no folder .*/disk: mount"):
        backups.backup(config, tmp_path / "disk" / "kept.zip")
    assert not (tmp_path / "disk").exists()
    assert backups.backup(config)[0].parent == config.data_path / "backups"


def test_a_database_in_use_is_not_replaced(kind, tmp_path, monkeypatch):
    """On neither: a server that goes on would tell apps the ids of another installation."""
    monkeypatch.setattr(dump, "GONE_S", 1)
    with kind.fresh() as url:
        config = config_of(url, tmp_path)
        path, _ = backups.backup(config, tmp_path / "kept.zip")
        db = open_database(url)
        with db.reading() as conn, pytest.raises(Conflict, match="in use"):
            conn.value("SELECT count(*) FROM account")
            backups.restore(config, path, ask)
        db.close()


def test_nothing_in_a_backup_is_run(kept, tmp_path):
    """A table of its own, with whatever in it, is refused: only tables that the migrations make are filled."""
    library, path, manifest = kept
    evil = {**manifest, "tables": {**manifest["tables"], "evil; DROP TABLE account": {"rows": 0, "sha256": ""}}}
    with pytest.raises(Invalid):
        backups.restore(
            config_of(library.config.database_url, library.config.data_path),
            changed(path, tmp_path / "e.zip", evil),
            ask,
        )


def ask() -> str:
    raise AssertionError("no passphrase is needed here")


def _versions(db: Database) -> dict[str, int]:
    with db.reading() as conn:
        return dict(conn.rows("SELECT name, number FROM version"))


def changed(path: Path, target: Path, manifest: dict, **members: bytes) -> Path:
    """Write a backup again with another manifest and other members; None leaves one out."""
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(target, "x") as new:
        for name in old.namelist():
            table = name.removeprefix("tables/").removesuffix(".jsonl")
            data = members.get(table, old.read(name))
            if name != "manifest.json" and data is not None:
                new.writestr(name, data)
        new.writestr("manifest.json", orjson.dumps(manifest))
    return target


def with_table(path: Path, target: Path, manifest: dict, data: bytes, rows: int) -> Path:
    """Write a backup again with other accounts, and a manifest that agrees."""
    told = {"rows": rows, "sha256": hashlib.sha256(data).hexdigest()}
    return changed(path, target, {**manifest, "tables": {**manifest["tables"], "account": told}}, account=data)


def _cut(path: Path, target: Path, manifest: dict) -> Path:
    target.write_bytes(path.read_bytes()[:-2000])
    return target


def _byte(path: Path, target: Path, manifest: dict) -> Path:
    raw = bytearray(path.read_bytes())
    raw[len(raw) // 3] ^= 0xFF
    target.write_bytes(raw)
    return target


def _empty(path: Path, target: Path, manifest: dict) -> Path:
    target.write_bytes(b"")
    return target


HARMS = {
    "cut": _cut,
    "byte": _byte,
    "empty": _empty,
    "row": lambda p, t, m: changed(p, t, m, account=b'["id"]\n'),
    "gone": lambda p, t, m: changed(p, t, m, account=None),
    "table": lambda p, t, m: changed(p, t, {**m, "tables": {k: v for k, v in m["tables"].items() if k != "mark"}}),
    "column": lambda p, t, m: with_table(p, t, m, b'["id", "x"]\n[1, 2]\n', 1),
    "text": lambda p, t, m: with_table(p, t, m, b"nonsense\n", 0),
}
