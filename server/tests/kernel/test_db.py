"""The database as verbs see it, on both kinds."""

import asyncio
import threading

import pytest

from server.kernel.db import ENTRY_BYTES, Cache, Database, long, open_database, weigh
from server.kernel.errors import Conflict, Invalid, Unavailable


def put(conn, name: str, value: str = "x") -> None:
    conn.run("INSERT INTO property (name, value) VALUES (:name, :value)", name=name, value=value)


def names(conn) -> list[str]:
    return [name for (name,) in conn.rows("SELECT name FROM property ORDER BY name")]


@pytest.fixture
def other(db) -> Database:
    """The same database as another process sees it."""
    dialect = db.dialect
    opened = open_database(dialect.url if dialect.name == "postgres" else f"sqlite://{dialect.path}")
    yield opened
    opened.close()


def test_values_come_back_as_they_went_in(db):
    texts = ["", "naïve", "夜", "a\nb\tc", "%s ? :name 100%", "'\"\\", "\U0001f3b5"]
    with db.writing() as conn:
        conn.many("INSERT INTO property (name, value) VALUES (?, ?)", [(str(at), t) for at, t in enumerate(texts)])
        number = conn.insert(
            "INSERT INTO account (name, key, secret, created_ms) VALUES (:name, :key, :secret, :at) RETURNING id",
            name="a", key="a", secret=b"\0\xff'", at=1 << 50,
        )  # fmt: skip
    with db.reading() as conn:
        assert [value for (value,) in conn.rows("SELECT value FROM property ORDER BY name")] == texts
        assert conn.row("SELECT secret, created_ms, seen_ms FROM account WHERE id = :id", id=number) == (
            b"\0\xff'", 1 << 50, None)  # fmt: skip
        assert conn.value("SELECT name FROM property WHERE name = :name", name="nobody") is None
        assert conn.row("SELECT name FROM property WHERE name = :name", name="nobody") is None
        assert conn.value("SELECT value FROM property WHERE value LIKE '%s%' AND name = :name", name="4") == texts[4]


def test_a_text_with_a_nul_in_it_is_no_error_and_no_other_text(db):
    with db.writing() as conn:
        put(conn, "admin")
        put(conn, "ad\0min", "y\0")
        assert conn.value("SELECT value FROM property WHERE name = :name", name="admin") == "x"
        assert conn.value("SELECT value FROM property WHERE name = :name", name="ad\0min") in ("y\0", "y\ufffd")


def test_a_list_of_ids_or_names_is_a_table(db):
    with db.reading() as conn:
        for ids in ([3, 1, 2], (3, 1, 2), range(1, 4), [], [1 << 40], list(range(5000))):
            found = conn.rows("SELECT e.id, e.at FROM EACH(:ids) e", ids=ids)
            assert sorted(number for number, _ in found) == sorted(ids)
            assert [number for number, _ in sorted(found, key=lambda row: row[1])] == list(ids)
        texts = ["b", "a'", "夜", "", "x,y", "{}", 'q"']
        found = conn.rows("SELECT e.id FROM EACH_TEXT(:texts) e", texts=texts)
        assert sorted(text for (text,) in found) == sorted(texts)


def test_a_write_is_whole_or_not_at_all(db, other):
    with pytest.raises(ZeroDivisionError), db.writing() as conn:
        put(conn, "half")
        raise ZeroDivisionError
    with db.writing() as conn:
        put(conn, "whole")
    with other.reading() as conn:
        assert names(conn) == ["whole"]


def test_a_mistake_in_sql_leaves_the_connection_usable(db):
    with pytest.raises(Exception, match="nothing_here"), db.writing() as conn:
        conn.run("UPDATE nothing_here SET x = 1")
    with db.writing() as conn:
        put(conn, "after")
    with db.reading() as conn:
        assert names(conn) == ["after"]


def test_verbs_run_from_the_event_loop_and_in_threads(db):
    seen: dict[str, str] = {}

    def reader(conn, key: str) -> int:
        seen[key] = threading.current_thread().name
        return conn.value("SELECT CAST(count(*) AS BIGINT) FROM property")

    slow = long(lambda conn: reader(conn, "long"))

    async def go() -> None:
        await asyncio.gather(*(db.write(put, f"name {at}") for at in range(20)))
        assert await db.read(reader, "short") == 20
        assert await db.read(slow) == 20

    asyncio.run(go())
    main = threading.current_thread().name
    assert seen["long"] != main
    assert (seen["short"] == main) == (db.dialect.name == "sqlite")


def test_a_failed_write_fails_for_its_caller_alone(db):
    def failing(conn) -> None:
        put(conn, "half")
        raise Conflict("No.")

    async def go() -> list:
        return await asyncio.gather(db.write(put, "a"), db.write(failing), db.write(put, "b"), return_exceptions=True)

    assert [type(each) for each in asyncio.run(go())] == [type(None), Conflict, type(None)]
    with db.reading() as conn:
        assert names(conn) == ["a", "b"]


def test_a_version_moves_with_its_transaction_and_others_notice(db, other, monkeypatch):
    monkeypatch.setattr("server.kernel.db_postgres.VERSION_AGE_S", 0)
    with db.reading() as conn, other.reading() as far:
        assert (conn.version("x"), far.version("x")) == (0, 0)
        with pytest.raises(ZeroDivisionError), db.writing() as writing:
            writing.bump("x")
            raise ZeroDivisionError
        assert (conn.version("x"), far.version("x")) == (0, 0)
        with db.writing() as writing:
            writing.bump("x")
            assert writing.version("x") == 1
        assert (conn.version("x"), far.version("x")) == (1, 1)
        with other.writing() as writing:
            writing.bump("x")
        assert (conn.version("x"), far.version("x"), conn.version("y")) == (2, 2, 0)


def test_derived_values_are_made_once_per_version(db):
    made: list[int] = []

    def derived(conn) -> int:
        return conn.cached("sum", ("x", "y"), lambda: made.append(1) or len(made))

    with db.reading() as conn:
        assert [derived(conn), derived(conn)] == [1, 1]
        with db.writing() as writing:
            writing.bump("y")
        assert [derived(conn), derived(conn)] == [2, 2]
        with db.writing() as writing:
            writing.bump("z")
        assert derived(conn) == 2


def test_a_derived_value_of_a_transaction_that_failed_is_not_kept(db):
    with db.reading() as conn:
        assert conn.cached("names", ("x",), lambda: names(conn)) == []
    with pytest.raises(ZeroDivisionError), db.writing() as writing:
        put(writing, "ghost")
        writing.bump("x")
        assert writing.cached("names", ("x",), lambda: names(writing)) == ["ghost"]
        raise ZeroDivisionError
    with db.writing() as writing:
        put(writing, "real")
        writing.bump("x")
    with db.reading() as conn:
        assert conn.cached("names", ("x",), lambda: names(conn)) == ["real"]


def test_a_lock_is_held_by_one_and_let_go_of(db, other):
    with db.lock("scan"):
        with pytest.raises(Conflict), other.lock("scan"):
            pass
        with other.lock("backup"):
            pass
    with other.lock("scan"):
        pass
    with pytest.raises(ZeroDivisionError), db.lock("scan"):
        raise ZeroDivisionError
    with other.lock("scan"):
        pass


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
def test_a_lock_that_somebody_else_made_is_told_in_a_sentence(db, monkeypatch):
    def refused(*args):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("server.kernel.db_sqlite.os.open", refused)
    told = r"\.scan\.lock beside the database cannot be opened: Permission denied\. Who"
    with pytest.raises(Unavailable, match=told), db.lock("scan"):
        pass


def test_statements_are_counted(db):
    with db.reading() as conn:
        before = db.statements
        names(conn)
        conn.value("SELECT 1")
        assert db.statements == before + 2


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
def test_a_busy_database_says_so_and_changes_nothing(db, other):
    with other.reading() as conn:
        conn.value("PRAGMA busy_timeout = 10")
    with db.writing() as conn:
        put(conn, "first")
        with pytest.raises(Unavailable, match="busy"), other.writing() as late:
            put(late, "second")
    with db.reading() as conn:
        assert names(conn) == ["first"]


def cut(other: Database) -> None:
    """End all connections but one's own, as a restart of PostgreSQL does."""
    with other.writing() as conn:
        conn.rows("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
                  " AND pid <> pg_backend_pid()")  # fmt: skip


@pytest.mark.parametrize("kind", ["postgres"], indirect=True)
def test_a_connection_that_was_cut_is_made_again(db, other):
    async def go() -> None:
        await db.write(put, "before")
        cut(other)
        await db.write(put, "after")
        assert await db.read(names) == ["after", "before"]

    asyncio.run(go())


@pytest.mark.parametrize("kind", ["postgres"], indirect=True)
def test_a_sync_caller_gets_a_new_connection_after_a_cut(db, other):
    with db.reading() as conn:
        names(conn)
    cut(other)
    with db.writing() as conn:
        put(conn, "kept")
    with pytest.raises(Unavailable, match="went away"), db.writing() as conn:
        put(conn, "lost")
        cut(other)
        put(conn, "more")
    with db.reading() as conn:
        assert names(conn) == ["kept"]
    cut(other)
    with pytest.raises(Unavailable), db.reading() as conn:
        names(conn)
    with db.reading() as conn:
        assert names(conn) == ["kept"]


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
def test_writes_are_synchronous_and_readers_never_wait(db):
    with db.reading() as conn:
        assert conn.value("PRAGMA synchronous") == 2
        assert conn.value("PRAGMA journal_mode") == "wal"


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
def test_a_backup_is_whole_while_others_write(db, tmp_path):
    with db.writing() as conn:
        put(conn, "kept")
    db.dialect.backup(str(tmp_path / "copy.db"))
    copy = open_database(f"sqlite://{tmp_path}/copy.db")
    with copy.reading() as conn:
        assert names(conn) == ["kept"]
    copy.close()


@pytest.mark.parametrize("url", ["", "mysql://x/y", "sqlite:x.db", "/path/x.db", "sqlite://x.db"])
def test_what_is_no_database_is_refused(url):
    with pytest.raises(Invalid):
        open_database(url)


def test_a_database_that_does_not_answer_is_unavailable():
    gone = open_database("postgresql://nobody@127.0.0.1:1/x")
    with pytest.raises(Unavailable, match="does not answer"), gone.reading() as conn:
        conn.value("SELECT 1")
    gone.close()


def test_a_cache_forgets_what_was_used_least_recently():
    cache = Cache(10 * (weigh("x" * 100) + ENTRY_BYTES + 2))
    for at in range(12):
        cache.put(at, 1, "x" * 100)
        cache.get(0, 1)
    assert cache.get(0, 1) and cache.get(11, 1)
    assert cache.get(1, 1) is None
    assert cache.get(11, 2) is None
    cache.put("huge", 1, "x" * 100_000)
    assert cache.get("huge", 1) is None and cache.get(0, 1)


def test_long_keys_fill_a_cache_as_well():
    cache = Cache(100_000)
    for at in range(100):
        cache.put(("albums of", f"{at}" + "x" * 10_000, (1, 2)), 1, 0)
    assert sum(cache.get(("albums of", f"{at}" + "x" * 10_000, (1, 2)), 1) is not None for at in range(100)) < 10


def test_a_cache_knows_what_nested_values_weigh():
    assert weigh(["x" * 1000] * 5) > 5000
    assert weigh({"a": "x" * 1000}) > 1000
