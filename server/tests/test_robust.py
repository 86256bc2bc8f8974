"""What the house does on a bad day: files that are damaged, ports that are not there."""

import asyncio
import logging
import os
import stat
from contextlib import closing
from urllib.parse import urlsplit

import psycopg2
import pytest

from server.kernel.db import open_database
from server.kernel.db_postgres import Postgres
from server.kernel.errors import Conflict, Invalid, Unavailable
from server.kernel.jobs_huey import open_huey
from server.serving import serving


def test_a_damaged_database_is_named_and_left_as_it_is(tmp_path):
    file = tmp_path / "familiar.db"
    damage = os.urandom(20_000)
    file.write_bytes(damage)
    db = open_database(f"sqlite:///{file}")
    with pytest.raises(Unavailable, match="cannot be opened"), db.reading():
        pass
    assert file.read_bytes() == damage
    assert [path.name for path in tmp_path.iterdir()] == ["familiar.db"]


@pytest.mark.parametrize("kind", ["postgres"], indirect=True)
def test_a_postgres_that_cannot_keep_all_names_is_refused_in_words(db):
    with closing(psycopg2.connect(db.dialect.url)) as raw:
        raw.autocommit = True
        raw.cursor().execute("CREATE DATABASE in_ascii ENCODING 'SQL_ASCII' LOCALE 'C' TEMPLATE template0")
        try:
            other = open_database(urlsplit(db.dialect.url)._replace(path="/in_ascii").geturl())
            with pytest.raises(Invalid, match="as SQL_ASCII, in which most names cannot"), other.reading():
                pass
        finally:
            raw.cursor().execute("DROP DATABASE in_ascii WITH (FORCE)")


def test_why_a_postgres_cannot_be_reached_is_for_the_log_and_never_with_a_password(caplog):
    with pytest.raises(Unavailable, match=r"^The database does not answer\.$"):
        Postgres("postgresql://ann:s3cret@127.0.0.1:1/none").connect()
    assert "PostgreSQL says: " in caplog.text and "127.0.0.1" in caplog.text and "s3cret" not in caplog.text
    with pytest.raises(Invalid, match=r"none that PostgreSQL understands: .*nonsense"):
        Postgres("postgresql://ann:s3cret@127.0.0.1/none?nonsense=1").connect()
    with pytest.raises(Invalid, match=r"none that PostgreSQL understands\.$"):
        Postgres("postgresql://ann:s3cret@[127.0.0.1/none").connect()


def test_a_postgres_that_goes_in_the_middle_of_a_statement_is_a_lost_connection():
    dialect = Postgres("postgresql://nobody@nowhere.invalid/none")
    assert dialect.recoverable(psycopg2.DatabaseError("server closed the connection unexpectedly"))
    assert not dialect.recoverable(psycopg2.ProgrammingError("a mistake of ours"))


@pytest.mark.parametrize("kind", ["postgres"], indirect=True)
def test_a_postgres_that_takes_no_changes_is_asked_by_another_connection_and_then_says_so(db):
    """As after another one has taken over: reading goes on, and the connection stays where it was."""
    connections = []

    def put(conn, turns):
        connections.append(conn)
        if len(connections) <= turns:
            conn.run("SET TRANSACTION READ ONLY")
        conn.run("INSERT INTO property (name, value) VALUES ('x', 'y')")

    asyncio.run(db.write(put, 1))
    assert len(set(connections)) == 2
    with pytest.raises(Unavailable, match="takes no changes just now; nothing was changed"):
        asyncio.run(db.write(put, 9))


def test_a_damaged_queue_is_put_aside(tmp_path, caplog):
    caplog.set_level(logging.WARNING)
    file = tmp_path / "queue.db"
    damage = os.urandom(20_000)
    file.write_bytes(damage)
    huey = open_huey("", file)
    assert huey.pending_count() == 0
    assert (tmp_path / "queue.db.damaged").read_bytes() == damage
    assert "damaged" in caplog.text


@pytest.mark.parametrize(("host", "port"), [("127.0.0.1", 80_000), ("name.invalid", 0)])
def test_a_port_or_a_host_that_is_none_is_named(library, host, port):
    async def serve() -> None:
        async with serving(library, host, port):
            pass

    with pytest.raises(Conflict, match=f"cannot listen on port {port} of {host}"):
        asyncio.run(serve())


def test_what_is_written_is_not_for_others_on_the_machine(library):
    file = library.config.data_path / "something"
    file.touch()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
