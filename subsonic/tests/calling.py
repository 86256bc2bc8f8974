"""Calls as clients make them, without HTTP: parameters in, the parsed handler's answer out."""

import asyncio
from types import SimpleNamespace

import orjson
import pytest

import subsonic.annotation
import subsonic.bookmarks
import subsonic.playlists  # noqa: F401
from server.kernel.db import Database
from server.kernel.fetch import Fetch
from server.kernel.ids import Ids
from server.library import outside
from server.tests.plays.small import ANN, BOB, clock, fill
from server.users.people import Viewer
from subsonic.endpoints import ENDPOINTS
from subsonic.protocol import HANDLERS, parse, render

__all__ = ["ann", "bob", "clock", "small"]

IDS = Ids(0x1D2B3A4F5E6D7)


class Client:
    """One person's client; `ask` answers with the payload and raises what a handler raises."""

    def __init__(self, db: Database, viewer: Viewer, name: str = "player"):
        app = SimpleNamespace(part=lambda kind: kind(Fetch()), parts={outside.SERVICES: {}})
        self.call = SimpleNamespace(app=app, db=db, ids=IDS, viewer=viewer, client=name)

    def ask(self, endpoint: str, fmt: str = "json", **params):
        """Send parameters by their names on the wire; a list is a repeated one."""
        request = ENDPOINTS[endpoint]
        texts = {name: [str(one) for one in _many(value)] for name, value in params.items()}
        reply = asyncio.run(HANDLERS[request](self.call, parse(request, texts)))
        body, _ = render(reply, fmt, member=request.member)
        if fmt != "json":
            return body.decode()
        answer = orjson.loads(body)["subsonic-response"]
        assert answer["status"] == "ok"
        return answer.get(request.member) if request.member else None


def tr(*numbers: int) -> list[str]:
    """Return the ids of tracks as clients see them."""
    return [IDS.text("tr", number) for number in numbers]


@pytest.fixture
def small(db, clock):
    fill(db)
    return db


@pytest.fixture
def ann(small) -> Client:
    return Client(small, ANN)


@pytest.fixture
def bob(small) -> Client:
    return Client(small, BOB)


def _many(value) -> list:
    return value if isinstance(value, list) else [value]
