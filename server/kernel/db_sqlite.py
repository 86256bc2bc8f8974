"""SQLite as a dialect: a file, one writer, readers that never wait.

`synchronous=FULL` is a promise, not a setting: in simulated power cuts NORMAL
lost acknowledged writes in 90 of 300 runs, FULL in none.
"""

import fcntl
import os
import re
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress

import orjson

from server.kernel.errors import Conflict, Unavailable
from server.kernel.files import private_file

EACH = re.compile(r"EACH(?:_TEXT)?\((:\w+)\)")
EACH_FIRST = re.compile(r"(EACH(?:_TEXT)?\(:\w+\) \w+) JOIN")
"""SQLite's planner cannot know how long a list is: CROSS tells it to begin with the list, not with the table."""
SETUP = """
PRAGMA page_size = 8192;
PRAGMA journal_mode = WAL;
PRAGMA synchronous = FULL;
PRAGMA foreign_keys = ON;
PRAGMA temp_store = MEMORY;
PRAGMA cache_size = -8192;
PRAGMA journal_size_limit = 67108864;
PRAGMA wal_autocheckpoint = 4000;
"""
"""The size of a page counts for new files only: a track's row has 1.7 KB with its face, so that 4 KB held two of them
and were a sixth empty."""
MAPPED_BYTES = 32 << 20
"""Rows are large, for they hold faces: read through a map instead of copied page by page, 500 songs cost 2/3.

Mapped pages count as the server's memory, so the map of a large library is not allowed to grow with it."""


class SqliteLink:
    """One sqlite3 connection in autocommit mode; transactions are begun by hand."""

    def __init__(self, path: str):
        # Statements are cached by sqlite3 itself, keyed by text: 256 covers every verb.
        self._raw = sqlite3.connect(
            path, timeout=20, isolation_level=None, check_same_thread=False, cached_statements=256
        )
        self._raw.executescript(SETUP)
        self._translated: dict[str, str] = {}

    def fetch(self, sql: str, params: dict) -> list[tuple]:
        return self._execute(sql, params).fetchall()

    def change(self, sql: str, params: dict) -> int:
        return self._execute(sql, params).rowcount

    def many(self, sql: str, rows: Iterable[Sequence]) -> None:
        self._raw.executemany(sql, rows)

    def script(self, sql: str) -> None:
        for statement in sql.split(";"):
            if statement.strip():
                self._raw.execute(statement)

    def begin(self) -> None:
        self._raw.execute("BEGIN IMMEDIATE")

    def commit(self) -> None:
        self._raw.execute("COMMIT")

    def rollback(self) -> None:
        if self._raw.in_transaction:
            self._raw.execute("ROLLBACK")

    def moved(self):
        """Return a number that differs after another connection, in any process, has committed."""
        return self._raw.execute("PRAGMA data_version").fetchone()

    def hasten(self) -> None:
        """Read through a map of the file from now on."""
        self._raw.execute(f"PRAGMA mmap_size = {MAPPED_BYTES}")

    def close(self) -> None:
        self._raw.close()

    def _execute(self, sql: str, params: dict) -> sqlite3.Cursor:
        text = self._translated.get(sql)
        if text is None:
            text = EACH_FIRST.sub(r"\1 CROSS JOIN", sql)
            text = EACH.sub(r"(SELECT value AS id, key AS at FROM json_each(\1))", text)
            self._translated[sql] = text
        for name, value in params.items():
            if not isinstance(value, (int, str, bytes, float, type(None))):
                params[name] = orjson.dumps(list(value)).decode()
        return self._raw.execute(text, params)


class Sqlite:
    """Opens connections to one database file."""

    name = "sqlite"
    inline_reads = True
    read_threads = 8
    """Most wait for a child that computes, not for the disk; a thread is begun when all others are busy."""

    def __init__(self, path: str):
        self.path = path

    def connect(self) -> SqliteLink:
        try:
            return SqliteLink(self.path)
        except sqlite3.DatabaseError as error:
            # Without the path: where the server runs already, a listener may be the one who reads this.
            raise Unavailable(f"The database cannot be opened: {error}.") from error

    @contextmanager
    def lock(self, name: str) -> Iterator[None]:
        """Hold a file beside the database; the system lets go of it when the holder dies."""
        path = f"{self.path}.{name}.lock"
        try:
            with suppress(FileExistsError):
                private_file(path)
            fd = os.open(path, os.O_RDWR | os.O_CLOEXEC)
        except OSError as error:
            raise Unavailable(
                f"The lock {os.path.basename(path)} beside the database cannot be opened: {error.strerror}. Whoever"
                " Familiar runs as has to own all of the data folder."
            ) from error
        try:
            try:
                fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise Conflict(f"Another process holds the {name} lock.") from None
            yield
        finally:
            os.close(fd)

    def recoverable(self, error: BaseException) -> bool:
        return False

    def busy(self, error: BaseException) -> str:
        """Return a sentence when the database refused for a reason that can pass, else ""."""
        if not isinstance(error, sqlite3.OperationalError):
            return ""
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if code == sqlite3.SQLITE_FULL:
            return "The disk that holds the database is full; nothing was changed."
        if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            return "The database is busy; nothing was changed. Try again in a moment."
        if code in (sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN):
            return "The database cannot be written just now; nothing was changed."
        return ""

    def backup(self, target: str) -> None:
        """Write a consistent copy to a new file while others read and write."""
        source, copy = sqlite3.connect(self.path), sqlite3.connect(target)
        try:
            source.backup(copy)
            if copy.execute("PRAGMA integrity_check").fetchone() != ("ok",):
                raise Conflict("The copy of the database is damaged; it was not kept.")
            copy.execute("PRAGMA journal_mode = DELETE")
        finally:
            copy.close()
            source.close()
