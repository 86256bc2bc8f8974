"""A server for tests: the real one, on a free port, in a thread of its own, and a client that says what it got."""

import asyncio
import hashlib
import http.client
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple
from urllib.parse import urlencode
from xml.etree import ElementTree

import orjson

from server.app import App
from server.library import libraries
from server.serving import serving
from server.tests.users.people_for_tests import prepared
from server.users import accounts
from server.users.people import LISTENER, OPERATOR
from server.users.secrets import MasterKey

PASSWORDS = {"admin": "admin's secret 1Aq", "alice": "alice's secret 2Bw", "bob": "bob's secret 3Cz"}
HOST = "127.0.0.1"
BODIES = {"getTranscodeDecision": {"name": "player", "directPlayProfiles": [{"containers": [], "audioCodecs": []}]}}


class Answer(NamedTuple):
    """What came back."""

    status: int
    headers: dict[str, str]
    """Names in lower case."""
    body: bytes

    @property
    def reply(self) -> dict:
        """The envelope of a JSON answer."""
        return orjson.loads(self.body)["subsonic-response"]

    @property
    def error(self) -> int | None:
        """The code of a refusal, in whatever format; None when all went well."""
        kind = self.headers.get("content-type", "")
        if kind.startswith(("application/json", "text/javascript", "application/javascript")):
            body = self.body[self.body.index(b"{") : self.body.rindex(b"}") + 1]
            return orjson.loads(body)["subsonic-response"].get("error", {}).get("code")
        if "xml" in kind:
            found = ElementTree.fromstring(self.body).find("{http://subsonic.org/restapi}error")
            return None if found is None else int(found.get("code"))
        return None


class Server:
    """Where it listens, and how one asks it something as admin, alice, bob or nobody ("")."""

    def __init__(self, app: App, port: int):
        self.app, self.port = app, port
        self.url = f"http://{HOST}:{port}"
        self._line = threading.local()
        self._lines: list[http.client.HTTPConnection] = []

    def send(self, method: str, path: str, body: bytes | None = None, headers: dict | None = None) -> Answer:
        """Send anything and return the answer, all of it."""
        line = getattr(self._line, "line", None)
        if line is None:
            line = self._line.line = http.client.HTTPConnection(HOST, self.port, timeout=20)
            self._lines.append(line)
        try:
            line.request(method, path, body, headers or {})
            response = line.getresponse()
            found = {name.lower(): value for name, value in response.getheaders()}
            return Answer(response.status, found, response.read())
        except BaseException:
            line.close()
            raise

    def get(self, endpoint: str, user: str = "alice", **params) -> Answer:
        """Call an endpoint by GET, or with the body that it wants; a list is a repeated parameter, None is not sent."""
        path = f"/rest/{endpoint}?{query(user, **params)}"
        if body := BODIES.get(endpoint):
            return self.send("POST", path, orjson.dumps(body), {"Content-Type": "application/json"})
        return self.send("GET", path)

    def ask(self, endpoint: str, user: str = "alice", **params) -> Any:
        """Call an endpoint that must succeed, and return the one member of its envelope, if it has one."""
        answer = self.get(endpoint, user, **params)
        assert answer.status == 200 and answer.error is None, answer
        members = [value for name, value in answer.reply.items() if name not in ENVELOPE]
        return members[0] if members else None

    def api(self, method: str, path: str, user: str = "alice", body: Any = None, **params) -> Answer:
        """Call something below /api; a body is sent as JSON."""
        sent, headers = (None, {}) if body is None else (orjson.dumps(body), {"Content-Type": "application/json"})
        return self.send(method, f"/api{path}?{query(user, **params)}", sent, headers)

    def close(self) -> None:
        for line in self._lines:
            line.close()


ENVELOPE = ("status", "version", "type", "serverVersion", "openSubsonic")


def signed(user: str) -> dict[str, str]:
    """Return the parameters that sign a person in by token; none for nobody."""
    if not user:
        return {}
    token = hashlib.md5((PASSWORDS[user] + "salt12").encode(), usedforsecurity=False).hexdigest()
    return {"u": user, "t": token, "s": "salt12"}


def query(user: str, **params) -> str:
    everything = {**signed(user), "v": "1.16.1", "c": "tests", "f": "json", **params}
    return urlencode({name: value for name, value in everything.items() if value is not None}, doseq=True)


def people(app: App, key: MasterKey) -> None:
    """Add an administrator, Alice who hears everything, and Bob who hears the first music folder only."""
    with app.db.writing() as conn:
        accounts.first_admin(conn, key, "admin", prepared(PASSWORDS["admin"]))
        accounts.create(conn, OPERATOR, key, "alice", prepared(PASSWORDS["alice"]))
        first = libraries.everything(conn)[0].id
        accounts.create(conn, OPERATOR, key, "bob", prepared(PASSWORDS["bob"]), roles=LISTENER, libraries=(first,))


@contextmanager
def running(app: App) -> Iterator[Server]:
    """Serve an app in a thread for as long as the context lasts."""
    loop, stop, ready = asyncio.new_event_loop(), asyncio.Event(), threading.Event()
    found: list[int] = []

    async def serve() -> None:
        async with serving(app, HOST, 0) as port:
            found.append(port)
            ready.set()
            await stop.wait()

    def run() -> None:
        try:
            loop.run_until_complete(serve())
        finally:
            ready.set()
            loop.close()

    thread = threading.Thread(target=run, name="server for tests")
    thread.start()
    ready.wait(30)
    assert found, "the server did not start"
    server = Server(app, found[0])
    try:
        yield server
    finally:
        server.close()
        loop.call_soon_threadsafe(stop.set)
        thread.join(30)
