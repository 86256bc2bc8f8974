"""What tests begin with: databases of both kinds, a drawn library, a running server.

`db` is a fresh migrated database; `shelf` a music folder to move things about in;
`library` an App over the drawn library, scanned by the real scanner; `server`
serves that over HTTP. Everything is made once and copied.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from server.app import App
from server.kernel.config import load
from server.kernel.db import Database, open_database
from server.library.scan import scan
from server.main import master_key, open_app
from server.tests import running
from server.tests.databases import Databases, PostgresServer, SqliteFiles, settle
from server.tests.drawn import draw_library
from server.tests.shelf import Shelf

KINDS = ("sqlite", "postgres")


@pytest.fixture(scope="session")
def databases(tmp_path_factory) -> Iterator[Callable[[str], Databases]]:
    """Return a function from a kind to where its databases come from; PostgreSQL starts only when somebody asks."""
    made: dict[str, Databases] = {}

    def of(kind: str) -> Databases:
        if kind not in made:
            made[kind] = PostgresServer() if kind == "postgres" else SqliteFiles(tmp_path_factory.mktemp("databases"))
        return made[kind]

    yield of
    for each in made.values():
        each.close()


@pytest.fixture(params=KINDS)
def kind(request, databases) -> Databases:
    """Both kinds of database, one after the other."""
    return databases(request.param)


@pytest.fixture
def db(kind) -> Iterator[Database]:
    """A migrated database without a row."""
    with kind.fresh() as url:
        opened = open_database(url)
        yield opened
        opened.close()


@pytest.fixture
def shelf(db, tmp_path) -> Shelf:
    """An empty music folder and the database for it."""
    return Shelf(db, tmp_path)


@pytest.fixture(scope="session")
def music(tmp_path_factory) -> tuple[tuple[str, str], ...]:
    """Two drawn music folders as (name, path); nobody changes anything in them."""
    return draw_library(tmp_path_factory.mktemp("drawn"))


@pytest.fixture(scope="session")
def scanned(databases, music, tmp_path_factory):
    """Return a function that gives the name of a template with the drawn library in it, for a kind of database."""
    made: set[str] = set()

    def template(kind: str) -> str:
        if kind not in made:
            made.add(kind)
            with opened(databases(kind).make("library"), music, tmp_path_factory.mktemp("template")) as app:
                scan(app.db, app.ids, app.render)
                running.people(app, master_key(app.config))
                settle(app.db)
        return "library"

    return template


@contextmanager
def opened(url: str, music, data: Path, **settings) -> Iterator[App]:
    """Open an App over a database and music folders."""
    # One master key for all, so that copies of one template know the same people.
    key = data / "master.key"
    key.write_bytes(b"k" * 32)
    key.chmod(0o600)
    app = open_app(load({}, {"database": url, "data": str(data), "music": dict(music), **settings}))
    try:
        yield app
    finally:
        app.db.close()


@pytest.fixture
def library(kind, scanned, music, tmp_path_factory) -> Iterator[App]:
    """An App over the drawn library, with a database of its own."""
    with kind.copy(scanned(kind.name)) as url, opened(url, music, tmp_path_factory.mktemp("data")) as app:
        yield app


app = library


@pytest.fixture(scope="module", params=KINDS)
def server(request, databases, scanned, music, tmp_path_factory) -> Iterator[running.Server]:
    """A server over the drawn library, one for all tests of a file: they leave no trace that others stumble on."""
    kind = databases(request.param)
    data = tmp_path_factory.mktemp("data")
    os.chmod(data, 0o700)
    with kind.copy(scanned(kind.name)) as url, opened(url, music, data) as app, running.running(app) as found:
        yield found
