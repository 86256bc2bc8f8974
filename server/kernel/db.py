"""The database: SQLite or PostgreSQL by URL, one face for both.

A verb is a plain function whose first argument is a `Connection`. It writes SQL
that both databases understand and never learns which thread it runs on. The
rule a newcomer would break: open nothing and begin nothing in a verb: `write()`
has begun the transaction, and when `write()` returns it is on disk.

SQL is text with `:name` parameters. `EACH(:ids)` stands for a table `(id, at)`
of a list of integers, `EACH_TEXT(:names)` for one of texts; neither promises an
order. Times are integers, truth values are 0 and 1.
"""

import sys
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, ParamSpec, Protocol, TypeVar

from server.kernel.crew import Crew

P = ParamSpec("P")
T = TypeVar("T")

CACHE_BYTES = 24 * 1024 * 1024
"""Room for list orders and other derived values; an order of 100,000 tracks takes 0.8 MB."""
ENTRY_BYTES = 300
GLANCE_S = 0.1
"""How long a version read over the network counts as current when this process has not written since."""


def long(verb: Callable[P, T]) -> Callable[P, T]:
    """Mark a verb that can take more than about 5 ms, so that it never runs on the event loop."""
    verb.long = True
    return verb


class Link(Protocol):
    """One open connection of a dialect, used by one thread at a time."""

    def fetch(self, sql: str, params: dict) -> list[tuple]: ...
    def change(self, sql: str, params: dict) -> int: ...
    def many(self, sql: str, rows: Iterable[Sequence]) -> None: ...
    def script(self, sql: str) -> None: ...
    def begin(self) -> None: ...
    def commit(self) -> None: ...
    def rollback(self) -> None: ...
    def moved(self) -> Any: ...
    def close(self) -> None: ...


class Dialect(Protocol):
    """What differs between the databases: how to connect, where verbs run, how to lock."""

    name: str
    inline_reads: bool
    """Whether reads are so quick that they run on the event loop; its links then have `hasten`."""
    read_threads: int

    def connect(self) -> Link: ...
    def lock(self, name: str): ...
    def recoverable(self, error: BaseException) -> bool: ...
    def busy(self, error: BaseException) -> str: ...
    def backup(self, target: str) -> None: ...


class Cache:
    """Derived values under the versions they were made from, bounded in bytes, oldest use out first."""

    def __init__(self, max_bytes: int):
        self._max, self._bytes, self._lock = max_bytes, 0, threading.Lock()
        self._kept: OrderedDict[Any, tuple[Any, Any, int]] = OrderedDict()

    def get(self, key, stamp):
        with self._lock:
            kept = self._kept.get(key)
            if kept is None or kept[0] != stamp:
                return None
            self._kept.move_to_end(key)
            return kept[1]

    def put(self, key, stamp, value) -> None:
        # A key can be as long as what a client asked for.
        size = weigh(value) + len(repr(key)) + ENTRY_BYTES
        with self._lock:
            if old := self._kept.pop(key, None):
                self._bytes -= old[2]
            if size > self._max:
                return
            self._kept[key] = (stamp, value, size)
            self._bytes += size
            while self._bytes > self._max:
                self._bytes -= self._kept.popitem(last=False)[1][2]


def weigh(value) -> int:
    """Return roughly how many bytes a cached value holds, its members included one level down."""
    if isinstance(value, dict):
        return sys.getsizeof(value) + sum(map(sys.getsizeof, value.values()))
    if isinstance(value, (list, tuple)):
        return sys.getsizeof(value) + sum(map(sys.getsizeof, value))
    return sys.getsizeof(value)


class Connection:
    """What a verb holds: statements, versions and values derived from them."""

    __slots__ = ("_link", "_seen", "_versions", "db", "dialect", "hurried", "writes")

    def __init__(self, db: "Database", link: Link):
        self.db, self._link = db, link
        self.dialect = db.dialect.name
        self.hurried = False
        """Whether the event loop waits, so that a value which has to be made is made elsewhere."""
        self.writes = False
        """Whether a transaction is open, whose changes may yet be taken back."""
        self._seen: Any = None
        self._versions: dict[str, int] = {}

    def rows(self, sql: str, **params) -> list[tuple]:
        self.db.statements += 1
        return self._link.fetch(sql, params)

    def row(self, sql: str, **params) -> tuple | None:
        self.db.statements += 1
        found = self._link.fetch(sql, params)
        return found[0] if found else None

    def value(self, sql: str, **params):
        self.db.statements += 1
        found = self._link.fetch(sql, params)
        return found[0][0] if found else None

    def run(self, sql: str, **params) -> int:
        """Change rows and return how many were changed."""
        self.db.statements += 1
        return self._link.change(sql, params)

    def insert(self, sql: str, **params):
        """Run an INSERT … RETURNING and return the first value of its row."""
        return self.value(sql, **params)

    def many(self, sql: str, rows: Sequence[Sequence]) -> None:
        """Run one statement with positional `?` parameters for every row."""
        if rows:
            self.db.statements += 1
            self._link.many(sql, rows)

    def script(self, sql: str) -> None:
        """Run several statements without parameters."""
        self._link.script(sql)

    def version(self, name: str) -> int:
        """Return the counter that moves when what is called `name` has changed; 0 when it never has."""
        moved = self._link.moved()
        if moved != self._seen:
            self._versions = dict(self.rows("SELECT name, number FROM version"))
            self._seen = moved
        return self._versions.get(name, 0)

    def versions(self, names: tuple[str, ...]) -> tuple[int, ...]:
        """Return several counters as they are at one moment."""
        self.version("")
        return tuple([self._versions.get(name, 0) for name in names])

    def bump(self, name: str) -> None:
        """Move a counter on, inside the transaction that makes the change it stands for."""
        self.run(
            "INSERT INTO version (name, number) VALUES (:name, 1)"
            " ON CONFLICT (name) DO UPDATE SET number = version.number + 1",
            name=name,
        )
        self._seen = None

    def cached(self, key, versions: tuple[str, ...], build: Callable[[], T]) -> T:
        """Return `build()`, made at most once while the named versions do not move."""
        stamp = self.versions(versions)
        found = self.db.cache.get(key, stamp)
        if found is None:
            if self.hurried:
                raise NotAtOnce
            found = build()
            if not self.writes:
                self.db.cache.put(key, stamp, found)
        return found


class NotAtOnce(Exception):
    """A verb on the event loop needs a value that takes long to make; it is run again in a thread."""


class Database:
    """Runs verbs where they belong. Open it with `open_database`."""

    def __init__(self, dialect: Dialect):
        self.dialect = dialect
        self.cache = Cache(CACHE_BYTES)
        self.statements = 0
        self._commits = 0
        self._glances: dict[str, tuple[int, float, int]] = {}
        self._local = threading.local()
        self._links: list[Link] = []
        self._inline = dialect.inline_reads
        self._readers = Crew(dialect.read_threads, "read")
        self._writers = Crew(1 if dialect.inline_reads else dialect.read_threads, "write")

    async def read(self, verb: Callable[..., T], *args, **kwargs) -> T:
        """Run a reading verb and return what it returns."""
        if self._inline and not getattr(verb, "long", False):
            conn = self._connection()
            conn.hurried = True
            try:
                return verb(conn, *args, **kwargs)
            except NotAtOnce:
                # An order of 100,000 tracks takes 40 ms to make after each change of the library.
                pass
            finally:
                conn.hurried = False
        return await self._readers.run(lambda: self._reading(verb, args, kwargs))

    async def write(self, verb: Callable[..., T], *args, **kwargs) -> T:
        """Run a verb in a transaction; when this returns, its changes are on disk."""
        return await self._writers.run(lambda: self._writing(verb, args, kwargs))

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give a connection for reading to a caller outside the event loop."""
        try:
            yield self._connection()
        except Exception as error:
            if self._lost(error):
                self._raise_busy(error)
            raise

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Give a connection inside a transaction; leaving it commits, an exception takes it all back."""
        conn = self._begun()
        conn.writes = True
        try:
            yield conn
            conn._link.commit()
            self._commits += 1
        except BaseException as error:
            self._undo(conn)
            self._raise_busy(error)
            raise
        finally:
            conn._seen, conn.writes = None, False

    def stamp(self, names: tuple[str, ...]) -> tuple[int | None, ...]:
        """Return several versions at once, on the event loop; None for each that has to be waited for."""
        if self._inline:
            return self._connection().versions(names)
        return tuple([self.glance(name) for name in names])

    def glance(self, name: str) -> int | None:
        """Return a version at once, on the event loop, or None when `await version(name)` is needed to know it."""
        if self._inline:
            return self._connection().version(name)
        commits, until, number = self._glances.get(name, (-1, 0.0, 0))
        return number if commits == self._commits and time.monotonic() < until else None

    async def version(self, name: str) -> int:
        """Return a version; what other machines have changed may take `GLANCE_S` to be noticed."""
        number = self.glance(name)
        if number is None:
            commits = self._commits
            number = await self.read(Connection.version, name)
            self._glances[name] = (commits, time.monotonic() + GLANCE_S, number)
        return number

    def hasten(self) -> None:
        """Let this thread read faster and hold more in memory: for a server, not for a scan, which reads all of it."""
        if self._inline:
            self._connection()._link.hasten()

    def lock(self, name: str):
        """Return a context manager that holds a lock of this name in all processes, or raises Conflict."""
        return self.dialect.lock(name)

    def close(self) -> None:
        """Let running verbs finish and close every connection."""
        self._readers.close()
        self._writers.close()
        for link in self._links:
            link.close()
        self._links.clear()

    def _connection(self) -> Connection:
        conn = getattr(self._local, "conn", None)
        if conn is None:
            link = self.dialect.connect()
            self._links.append(link)
            conn = self._local.conn = Connection(self, link)
        return conn

    def _reading(self, verb, args, kwargs):
        try:
            return verb(self._connection(), *args, **kwargs)
        except Exception as error:
            if not self._lost(error):
                raise
        return verb(self._connection(), *args, **kwargs)

    def _writing(self, verb, args, kwargs):
        try:
            with self.writing() as conn:
                return verb(conn, *args, **kwargs)
        except Exception as error:
            # A connection that died before its commit has changed nothing, so once more is safe.
            if not self._lost(error.__cause__ or error):
                raise
        with self.writing() as conn:
            return verb(conn, *args, **kwargs)

    def _begun(self) -> Connection:
        """Return this thread's connection in a transaction; one that was cut meanwhile is made anew."""
        conn = self._connection()
        try:
            conn._link.begin()
        except Exception as error:
            if not self._lost(error):
                self._raise_busy(error)
                raise
            conn = self._connection()
            conn._link.begin()
        return conn

    def _undo(self, conn: Connection) -> None:
        try:
            conn._link.rollback()
        except Exception as error:
            if not self._lost(error):
                raise

    def _raise_busy(self, error: BaseException) -> None:
        from server.kernel.errors import Unavailable

        if sentence := self.dialect.busy(error):
            raise Unavailable(sentence) from error

    def _lost(self, error: BaseException) -> bool:
        """Tell whether the thread's connection is gone, and forget it if so."""
        if not self.dialect.recoverable(error):
            return False
        conn = getattr(self._local, "conn", None)
        self._local.conn = None
        if conn is not None:
            self._links.remove(conn._link)
            conn._link.close()
        return True


def open_database(url: str) -> Database:
    """Open `sqlite:///absolute/path.db` or `postgresql://…`.

    Raises Invalid for any other URL.
    """
    from server.kernel.errors import Invalid

    if url.startswith("sqlite:///"):
        from server.kernel.db_sqlite import Sqlite

        return Database(Sqlite(url[len("sqlite://") :]))
    if url.startswith(("postgresql://", "postgres://")):
        from server.kernel.db_postgres import Postgres

        return Database(Postgres(url))
    raise Invalid("A database is sqlite:///PATH or postgresql://USER@HOST/NAME.")
