"""The schema's steps, applied at start: a verified copy first, then each step in a transaction.

A database that is newer than the program is left alone: it is refused with both
versions named. peewee is imported only when there is a step to take.
"""

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import migrations
from server.kernel.clock import now_ms
from server.kernel.db import Database
from server.kernel.errors import Conflict, Unavailable
from server.kernel.files import private_file, private_folder

HISTORY = "migration_history"
FOLDER = Path(migrations.__file__).parent
LOCK, AGAIN_S = "migrate", 0.1


def steps() -> list[str]:
    """Return the names of all steps that this program knows, in order."""
    return sorted(path.stem for path in FOLDER.glob("[0-9]*.py"))


def applied(db: Database) -> list[str]:
    """Return the names of the steps that this database has taken, in order."""
    with db.reading() as conn:
        if db.dialect.name == "sqlite":
            there = conn.value("SELECT count(*) FROM sqlite_master WHERE name = :name", name=HISTORY)
        else:
            there = conn.value("SELECT count(*) FROM pg_tables WHERE tablename = :name", name=HISTORY)
        if not there:
            return []
        return sorted(name for (name,) in conn.rows(f"SELECT name FROM {HISTORY}"))


def pending(db: Database) -> list[str]:
    """Return the steps still to take. Raises Conflict when the database is newer than this program."""
    known, taken = steps(), applied(db)
    if newer := [name for name in taken if name not in known]:
        raise Conflict(
            f"This database was made by a newer Familiar (it has step {newer[-1]}, this program ends at {known[-1]})."
            " Nothing was changed: start the newer program, or restore a backup made by this one."
        )
    return [name for name in known if name not in taken]


def migrate(db: Database, backups: Path | None = None, until: str | None = None) -> list[str]:
    """Take every pending step, or those through `until`, and return their names.

    A database that had something in it is copied to `backups` first. A server and a worker that start together
    do this one after the other: the second finds nothing left to do.
    """
    if not pending(db):
        return []
    with _alone(db):
        return _take(db, backups, until)


@contextmanager
def _alone(db: Database) -> Iterator[None]:
    """Wait until no other process takes steps, and let none begin meanwhile."""
    with ExitStack() as held:
        while True:
            try:
                held.enter_context(db.lock(LOCK))
                break
            except Conflict:
                time.sleep(AGAIN_S)
        yield


def _take(db: Database, backups: Path | None, until: str | None) -> list[str]:
    to_take = [name for name in pending(db) if until is None or name <= until]
    if not to_take:
        return []
    if backups is not None and db.dialect.name == "sqlite" and applied(db):
        _keep_copy(db, backups / f"before-{to_take[0]}-{now_ms()}.db")
    runner, raw = _runner(db)
    try:
        runner.up(until)
    finally:
        raw.close()
    return to_take


def _keep_copy(db: Database, target: Path) -> None:
    """Copy a database to a new file, which is whole or not there: who is started again and again fills no disk."""
    try:
        private_folder(target.parent)
        private_file(target)
        db.dialect.backup(os.fspath(target))
    except BaseException as error:
        with suppress(OSError):
            target.unlink()
        if not isinstance(error, (OSError, sqlite3.Error)):
            raise
        why = error.strerror if isinstance(error, OSError) else error
        raise Unavailable(
            "Nothing was changed: the database has to be brought up to date, and the copy that is kept of it before"
            f" that cannot be written to {target.parent}: {why}."
        ) from error


def back(db: Database, step: str) -> list[str]:
    """Undo all steps back through `step`, and return the names of those undone."""
    runner, raw = _runner(db)
    try:
        return runner.down(step)
    finally:
        raw.close()


def _runner(db: Database):
    import peewee
    from playhouse.migrations import Runner

    if db.dialect.name == "sqlite":
        raw = peewee.SqliteDatabase(db.dialect.path, pragmas={"journal_mode": "wal", "synchronous": "full"}, timeout=20)
    else:
        raw = peewee.PostgresqlDatabase(db.dialect.url)
    raw.connect()
    return Runner(raw, os.fspath(FOLDER), table_name=HISTORY), raw
