"""PostgreSQL as a dialect: threads with a connection each.

`synchronous_commit` is set on every connection, because an installation may
have switched it off and an answer would then be sent before the write is safe.
"""

import logging
import re
import threading
import time
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress

from server.kernel.errors import Conflict, Invalid, Unavailable

log = logging.getLogger("familiar.database")

EACH = re.compile(r"EACH\((:\w+)\)")
EACH_TEXT = re.compile(r"EACH_TEXT\((:\w+)\)")
NAMED = re.compile(r"(?<![:\w]):([a-z_]\w*)")
APPLICATION = "familiar"
"""By this name a database knows the connections of every Familiar."""
VERSION_AGE_S = 0.1
"""How long a process may not notice what another one has changed; its own changes show at once."""


class PostgresLink:
    """One psycopg2 connection in autocommit mode; transactions are begun by hand."""

    changes = 0
    """Commits made by this process, so that all its connections notice them at once."""

    def __init__(self, url: str):
        import psycopg2
        import psycopg2.extras

        self._batch = psycopg2.extras.execute_batch
        self._raw = psycopg2.connect(url, connect_timeout=10, application_name=APPLICATION)
        self._raw.set_session(autocommit=True)
        if (kept := self._raw.get_parameter_status("server_encoding")) != "UTF8":
            self._raw.close()
            raise Invalid(
                f"The database keeps text as {kept}, in which most names cannot be written. Make another one for"
                " Familiar: CREATE DATABASE familiar ENCODING 'UTF8' TEMPLATE template0."
            )
        with self._raw.cursor() as cursor:
            cursor.execute("SET synchronous_commit = on; SET client_min_messages = warning")
        self._translated: dict[str, str] = {}
        self._looked, self._saw = 0.0, -1

    def fetch(self, sql: str, params: dict) -> list[tuple]:
        with self._raw.cursor() as cursor:
            cursor.execute(self._translate(sql), _bind(params))
            if cursor.description is None:
                return []
            rows = cursor.fetchall()
            if any(column.type_code == 17 for column in cursor.description):
                rows = [tuple([bytes(v) if isinstance(v, memoryview) else v for v in row]) for row in rows]
            return rows

    def change(self, sql: str, params: dict) -> int:
        with self._raw.cursor() as cursor:
            cursor.execute(self._translate(sql), _bind(params))
            return cursor.rowcount

    def many(self, sql: str, rows: Iterable[Sequence]) -> None:
        with self._raw.cursor() as cursor:
            self._batch(cursor, sql.replace("%", "%%").replace("?", "%s"), rows, page_size=500)

    def script(self, sql: str) -> None:
        with self._raw.cursor() as cursor:
            cursor.execute(sql)

    def begin(self) -> None:
        with self._raw.cursor() as cursor:
            cursor.execute("BEGIN")

    def commit(self) -> None:
        with self._raw.cursor() as cursor:
            cursor.execute("COMMIT")
        PostgresLink.changes += 1

    def rollback(self) -> None:
        with self._raw.cursor() as cursor:
            cursor.execute("ROLLBACK")

    def moved(self):
        now = time.monotonic()
        if now - self._looked > VERSION_AGE_S or self._saw != PostgresLink.changes:
            self._looked, self._saw = now, PostgresLink.changes
        return self._looked

    def close(self) -> None:
        self._raw.close()

    def _translate(self, sql: str) -> str:
        text = self._translated.get(sql)
        if text is None:
            unnest = "(SELECT id, at FROM unnest(CAST({} AS {}[])) WITH ORDINALITY AS u(id, at))"
            text = EACH.sub(unnest.format(r"\1", "BIGINT"), sql)
            text = EACH_TEXT.sub(unnest.format(r"\1", "TEXT"), text)
            text = self._translated[sql] = NAMED.sub(r"%(\1)s", text.replace("%", "%%"))
        return text


def _bind(params: dict) -> dict:
    for name, value in params.items():
        if isinstance(value, str):
            # PostgreSQL keeps no NUL; without any sign in its place a name would become somebody else's.
            if "\0" in value:
                params[name] = value.replace("\0", "\ufffd")
        elif not isinstance(value, (int, bytes, float, type(None), list)):
            params[name] = list(value)
    return params


class Postgres:
    """Opens connections to one PostgreSQL database."""

    name = "postgres"
    inline_reads = False
    read_threads = 8

    def __init__(self, url: str):
        self.url = url
        self._held = threading.local()

    def connect(self) -> PostgresLink:
        import psycopg2

        try:
            return PostgresLink(self.url)
        except psycopg2.OperationalError as error:
            # Not in the sentence, which a listener may read: it names machines and accounts, but no password.
            log.warning("PostgreSQL says: %s", str(error).strip().replace("\n", " "))
            raise Unavailable("The database does not answer.", retry_after_s=10) from error
        except psycopg2.ProgrammingError as error:
            # libpq may repeat all of what it cannot read, the password included.
            why = "" if "@" in str(error) else f": {str(error).strip()}"
            raise Invalid(f"The URL of the database is none that PostgreSQL understands{why}.") from error

    @contextmanager
    def lock(self, name: str) -> Iterator[None]:
        """Hold an advisory lock on a connection of its own, so that it goes when the holder dies."""
        import psycopg2

        link = self.connect()
        try:
            key = zlib.crc32(b"familiar " + name.encode())
            if not link.fetch("SELECT pg_try_advisory_lock(:key)", {"key": key})[0][0]:
                raise Conflict(f"Another process holds the {name} lock.")
            yield
        finally:
            # Whoever asks right after this must get it; the end of a connection takes the server a moment.
            with suppress(psycopg2.Error):
                link.fetch("SELECT pg_advisory_unlock_all()", {})
            link.close()

    def recoverable(self, error: BaseException) -> bool:
        import psycopg2

        # A server that is gone in the middle of a statement is told by the plain DatabaseError.
        if isinstance(error, psycopg2.OperationalError) or type(error) is psycopg2.DatabaseError:
            # A lost connection has no code or one of class 08 or 57; class 40 is a transaction to be tried again.
            return (error.pgcode or "08")[:2] in ("08", "40", "57")
        # After another server has taken over, the one that is connected to takes no changes; a new connection may.
        return isinstance(error, (psycopg2.InterfaceError, psycopg2.errors.ReadOnlySqlTransaction))

    def busy(self, error: BaseException) -> str:
        import psycopg2

        if isinstance(error, psycopg2.errors.DiskFull):
            return "The disk that holds the database is full; nothing was changed."
        if isinstance(error, psycopg2.errors.ReadOnlySqlTransaction):
            return "The database takes no changes just now; nothing was changed. Try again in a moment."
        if self.recoverable(error):
            return "The database went away in the middle; nothing was changed. Try again in a moment."
        return ""

    def backup(self, target: str) -> None:
        raise Conflict("A PostgreSQL database is backed up with pg_dump; see the README.")
