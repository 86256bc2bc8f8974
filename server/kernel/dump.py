"""A whole database as one zip of JSON lines, and back: the same file for SQLite and PostgreSQL.

The manifest is written last and names every member's rows and sha256, so a file
that was cut short has none. The rule a newcomer would break: nothing in a dump
is ever run. Its rows go into tables that the migrations of this program make,
and a table or column that they do not make is refused.
"""

import base64
import hashlib
import os
import sqlite3
import struct
import tempfile
import time
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

import orjson

from server.kernel import migrate
from server.kernel.db import Database, open_database
from server.kernel.errors import Conflict, Invalid

FORMAT = 1
MANIFEST = "manifest.json"
LINE_MAX_BYTES = 64 << 20
AT_ONCE = 2000
GONE_S = 2
IN_USE = "The database is in use: stop every Familiar that uses it first."
LEFT_OUT = frozenset((migrate.HISTORY, "job"))
"""What says how this installation is rather than what people have: the steps taken (they are in the manifest), jobs."""

UNREADABLE = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, ValueError, TypeError, OSError, OverflowError,
              RuntimeError, sqlite3.Error)  # fmt: skip
"""What `zipfile` and the rows in it raise when bytes are not what they should be; RuntimeError: "encrypted"."""

Tables = dict[str, list[str]]
"""Names of tables with the names of their columns."""


def write(db: Database, target: Path, about: dict, extra: dict[str, bytes]) -> dict:
    """Write everything to a new file, read it back to be sure, and return its manifest.

    The rows are of one moment, while others go on writing. `extra` are further
    members. Raises Conflict when the file does not read back as it was written.
    """
    manifest = {"format": FORMAT, **about, "steps": migrate.applied(db), "tables": {}, "files": {}}
    with (
        _snapshot(db, target.parent) as source,
        zipfile.ZipFile(target, "x", zipfile.ZIP_DEFLATED, compresslevel=1) as out,
    ):
        for table, columns in sorted(source.tables().items()):
            with out.open(f"tables/{table}.jsonl", "w", force_zip64=True) as member:
                rows, digest = _write_rows(member, columns, source.rows(table, columns))
            manifest["tables"][table] = {"rows": rows, "sha256": digest}
        for name, data in extra.items():
            out.writestr(name, data)
            manifest["files"][name] = {"sha256": hashlib.sha256(data).hexdigest()}
        out.writestr(MANIFEST, orjson.dumps(manifest, option=orjson.OPT_INDENT_2))
    _sync(target)
    if check(target) != manifest:
        raise Conflict("The backup does not read back as it was written; it was not kept.")
    return manifest


def manifest_of(path: Path) -> dict:
    """Return the manifest of a dump. Raises Invalid when there is none, or none of ours."""
    with _opened(path) as archive:
        return _manifest(archive)


def check(path: Path) -> dict:
    """Read a whole dump, compare it with its manifest, and return that. Raises Invalid where they differ."""
    with _opened(path) as archive:
        manifest = _manifest(archive)
        for table, told in manifest["tables"].items():
            for _ in _read_rows(archive, table, told):
                pass
        for name, told in manifest["files"].items():
            if hashlib.sha256(_member(archive, name)).hexdigest() != told.get("sha256"):
                raise Invalid(f"The backup is damaged: {name} is not as it was written.")
    return manifest


def extra_of(path: Path, name: str) -> bytes | None:
    """Return a further member of a dump, or None when it has no such."""
    with _opened(path) as archive:
        return _member(archive, name) if name in _manifest(archive)["files"] else None


def load(path: Path, target: Path) -> dict:
    """Make a new SQLite database of a dump, brought up to date, and return the dump's manifest.

    Raises Conflict when the dump is newer than this program, Invalid when it is
    damaged; what was made until then is for the caller to remove.
    """
    with _opened(path) as archive:
        manifest = _manifest(archive)
        last = _last_step(manifest)
        db = open_database(f"sqlite://{target.resolve()}")
        try:
            migrate.migrate(db, until=last)
        finally:
            db.close()
        with closing(sqlite3.connect(target, isolation_level=None)) as raw:
            _fill(raw, archive, manifest)
    db = open_database(f"sqlite://{target.resolve()}")
    try:
        migrate.migrate(db)
    finally:
        db.close()
    with closing(sqlite3.connect(target, isolation_level=None)) as raw:
        raw.execute("PRAGMA journal_mode = DELETE")
    _sync(target)
    return manifest


def replace(target: Database, source: Path) -> None:
    """Put all rows of an up-to-date SQLite file in place of those of a PostgreSQL database, in one transaction.

    Raises Conflict when another process has the database open: it would go on with what it knows of the one before.
    """
    import psycopg2
    import psycopg2.extras

    from server.kernel.db_postgres import APPLICATION

    _only_ours(target, APPLICATION)
    with (
        closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True)) as raw,
        closing(psycopg2.connect(target.dialect.url)) as conn,
    ):
        known = _SqliteRows(raw).tables()
        try:
            with conn, conn.cursor() as cursor:
                cursor.execute("SET LOCAL lock_timeout = '5s'")
                cursor.execute(f"LOCK TABLE {', '.join(known)}, job IN ACCESS EXCLUSIVE MODE")
                cursor.execute("SELECT name, number FROM version")
                versions = cursor.fetchall()
                for table, columns in known.items():
                    cursor.execute(f"DELETE FROM {table}")
                    rows = _SqliteRows(raw).rows(table, columns)
                    psycopg2.extras.execute_values(
                        cursor, f"INSERT INTO {table} ({', '.join(columns)}) VALUES %s", rows, page_size=500
                    )
                    if "id" in columns:
                        cursor.execute(
                            f"SELECT setval(pg_get_serial_sequence(%s, 'id'), max(id)) FROM {table} HAVING max(id) > 0",
                            (table,),
                        )
                cursor.execute("DELETE FROM job")
                _move_on(cursor, versions)
        except psycopg2.errors.LockNotAvailable:
            raise Conflict(IN_USE) from None


def _only_ours(target: Database, application: str) -> None:
    """Raise Conflict when another Familiar is connected; one that has just ended may take a moment to go."""
    for attempt in range(GONE_S * 10):
        if attempt:
            time.sleep(0.1)
        with target.reading() as conn:
            others = conn.value(
                "SELECT CAST(count(*) AS BIGINT) FROM pg_stat_activity WHERE datname = current_database()"
                " AND application_name = :application AND pid <> pg_backend_pid()", application=application,
            )  # fmt: skip
        if not others:
            return
    raise Conflict(IN_USE)


def _move_on(cursor, versions: Iterable[tuple[str, int]]) -> None:
    """Let no version stand where it stood before, or another process would take what it has cached for current."""
    for name, number in versions:
        cursor.execute(
            "INSERT INTO version (name, number) VALUES (%s, %s) ON CONFLICT (name)"
            " DO UPDATE SET number = GREATEST(version.number, excluded.number) + 1", (name, number + 1),
        )  # fmt: skip


class _SqliteRows:
    """Tables and rows of an open SQLite file."""

    def __init__(self, raw: sqlite3.Connection):
        self.raw = raw

    def tables(self) -> Tables:
        found = self.raw.execute("SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table'")
        names = [name for (name,) in found if not name.startswith("sqlite_") and name not in LEFT_OUT]
        return {name: [row[1] for row in self.raw.execute(f"PRAGMA table_info({name})")] for name in names}

    def rows(self, table: str, columns: list[str]) -> Iterator[tuple]:
        return self.raw.execute(f"SELECT {', '.join(columns)} FROM {table}")


class _PostgresRows:
    """Tables and rows of a PostgreSQL database as one transaction sees them."""

    def __init__(self, raw):
        self.raw = raw

    def tables(self) -> Tables:
        found: Tables = {}
        with self.raw.cursor() as cursor:
            cursor.execute(
                "SELECT c.table_name, c.column_name FROM information_schema.columns c JOIN information_schema.tables t"
                " USING (table_schema, table_name) WHERE c.table_schema = current_schema()"
                " AND t.table_type = 'BASE TABLE' ORDER BY c.table_name, c.ordinal_position"
            )
            for table, column in cursor:
                if table not in LEFT_OUT:
                    found.setdefault(table, []).append(column)
        return found

    def rows(self, table: str, columns: list[str]) -> Iterator[tuple]:
        with self.raw.cursor(name=f"dump_{table}") as cursor:
            cursor.itersize = AT_ONCE
            cursor.execute(f"SELECT {', '.join(columns)} FROM {table}")
            yield from cursor


@contextmanager
def _snapshot(db: Database, scratch: Path) -> Iterator[_SqliteRows | _PostgresRows]:
    """Give all rows as they are at one moment."""
    if db.dialect.name == "sqlite":
        with tempfile.TemporaryDirectory(prefix=".dump-", dir=scratch) as folder:
            copy = os.path.join(folder, "copy.db")
            db.dialect.backup(copy)
            with closing(sqlite3.connect(f"file:{copy}?mode=ro", uri=True)) as raw:
                yield _SqliteRows(raw)
        return
    import psycopg2

    with closing(psycopg2.connect(db.dialect.url)) as raw:
        raw.set_session(isolation_level="REPEATABLE READ", readonly=True)
        yield _PostgresRows(raw)


def _write_rows(member: BinaryIO, columns: list[str], rows: Iterable[tuple]) -> tuple[int, str]:
    """Write the names of the columns and every row as a line; return how many rows, and the digest."""
    digest, count = hashlib.sha256(), -1
    for row in _chain(columns, rows):
        line = orjson.dumps(row, default=_plain) + b"\n"
        digest.update(line)
        member.write(line)
        count += 1
    return count, digest.hexdigest()


def _chain(columns: list[str], rows: Iterable[tuple]) -> Iterator:
    yield columns
    yield from rows


def _plain(value) -> dict[str, str]:
    if isinstance(value, (bytes, memoryview)):
        return {"base64": base64.b64encode(value).decode()}
    raise TypeError(f"a {type(value).__name__} has no place in a backup")


def _read_rows(archive: zipfile.ZipFile, table: str, told: dict) -> Iterator[list]:
    """Give the names of the columns, then every row; at the end, raise Invalid when it is not as the manifest says."""
    digest, count = hashlib.sha256(), -1
    with _damaged(table), archive.open(f"tables/{table}.jsonl") as member:
        while line := member.readline(LINE_MAX_BYTES):
            digest.update(line)
            count += 1
            yield [base64.b64decode(v["base64"]) if isinstance(v, dict) else v for v in orjson.loads(line)]
    if count != told.get("rows") or digest.hexdigest() != told.get("sha256"):
        raise Invalid(f"The backup is damaged: {table} is not as it was written.")


def _fill(raw: sqlite3.Connection, archive: zipfile.ZipFile, manifest: dict) -> None:
    known = _SqliteRows(raw).tables()
    if unknown := sorted(manifest["tables"].keys() ^ known.keys()):
        raise Invalid(f"The backup is none of ours: it and this program disagree about the table {unknown[0]!r}.")
    # The file is new and not used before it is whole: a journal would only double the writing.
    raw.execute("PRAGMA synchronous = OFF")
    raw.execute("BEGIN")
    for table, told in manifest["tables"].items():
        rows = _read_rows(archive, table, told)
        columns = next(rows, [])
        if sorted(columns) != sorted(known[table]):
            raise Invalid(f"The backup is none of ours: the table {table} has other columns.")
        raw.execute(f"DELETE FROM {table}")
        places = ", ".join("?" * len(columns))
        with _damaged(table):
            raw.executemany(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({places})", rows)
    for (name,) in raw.execute(
        "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'virtual'"
    ).fetchall():
        raw.execute(f"INSERT INTO {name} ({name}) VALUES ('rebuild')")
    raw.execute("COMMIT")
    if raw.execute("PRAGMA integrity_check").fetchone() != ("ok",):
        raise Conflict("The restored database is damaged; it was not used.")


def _last_step(manifest: dict) -> str:
    steps, known = manifest["steps"], migrate.steps()
    if newer := [step for step in steps if step not in known]:
        raise Conflict(
            f"This backup was made by a newer Familiar, {manifest.get('version')}: it has step {newer[-1]}, this"
            f" program ends at {known[-1]}. Nothing was changed: restore it with that version or a newer one."
        )
    return steps[-1]


@contextmanager
def _opened(path: Path) -> Iterator[zipfile.ZipFile]:
    try:
        archive = zipfile.ZipFile(path)
    except FileNotFoundError:
        raise Invalid(f"There is no backup {path}.") from None
    except OSError as error:
        raise Invalid(f"The backup {path} cannot be read: {error.strerror}.") from None
    except UNREADABLE:
        raise Invalid(f"{path} is no backup of Familiar, or was cut short.") from None
    with archive:
        yield archive


def _manifest(archive: zipfile.ZipFile) -> dict:
    with suppress(orjson.JSONDecodeError, KeyError, TypeError):
        manifest = orjson.loads(_member(archive, MANIFEST))
        if manifest["format"] > FORMAT:
            raise Conflict(f"This backup has format {manifest['format']}, and this program reads {FORMAT} at most.")
        if manifest["steps"] and isinstance(manifest["tables"], dict) and isinstance(manifest["files"], dict):
            return manifest
    raise Invalid(f"{archive.filename} is no backup of Familiar.")


def _member(archive: zipfile.ZipFile, name: str) -> bytes:
    with _damaged(name), archive.open(name) as member:
        return member.read(LINE_MAX_BYTES)


@contextmanager
def _damaged(name: str) -> Iterator[None]:
    try:
        yield
    except KeyError:
        raise Invalid(f"The backup is damaged: {name} is not in it.") from None
    except UNREADABLE as error:
        raise Invalid(f"The backup is damaged: {name} cannot be read ({error}).") from None


def _sync(path: Path) -> None:
    with open(path, "rb") as file:
        os.fsync(file.fileno())
