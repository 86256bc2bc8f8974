"""Each client's characteristic calls, as `habits` has them: they succeed, and what the client reads is there."""

import hashlib
import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlencode
from xml.etree import ElementTree

import orjson
import pytest

from server.tests.running import PASSWORDS, Answer, Server
from subsonic.tests.clients.habits import CLIENTS, Call, Client

USER = "alice"
XML = "{http://subsonic.org/restapi}"
DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z")
CALLBACK = "angular.callbacks._0"
KINDS = {"str": str, "int": int, "bool": bool, "list": list, "object": dict, "date": str}
HABITS = [
    pytest.param(client, call, id=f"{client.name} {number} {call.endpoint}")
    for client in CLIENTS
    for number, call in enumerate(client.calls, 1)
]


def sign(how: str) -> dict[str, str]:
    password = PASSWORDS[USER]
    if how in ("token", "short"):
        salt = "a" if how == "short" else "f00dbeef4711"
        return {"t": hashlib.md5((password + salt).encode(), usedforsecurity=False).hexdigest(), "s": salt}
    return {"p": password if how == "plain" else "enc:" + password.encode().hex()}


@pytest.fixture(scope="module")
def known(server) -> dict[str, Any]:
    """What the calls are about, by the names that `habits` uses."""
    album = server.ask("search3", USER, query="First Light", albumCount=1)["album"][0]
    songs = server.ask("getAlbum", USER, id=album["id"])["song"]
    library = server.ask("getMusicFolders", USER)["musicFolder"][0]["id"]
    above = server.ask("getMusicDirectory", USER, id=songs[0]["parent"])["parent"]
    return {
        "user": USER, "library": library, "above": above, "album": album["id"], "artist": album["artistId"],
        "song": songs[0]["id"], "song2": songs[1]["id"], "cover": songs[0]["coverArt"], "folder": songs[0]["parent"],
    }  # fmt: skip


@pytest.fixture
def facts(server, known) -> dict[str, Any]:
    """The same with a playlist that a call may change or delete."""
    return {**known, "playlist": server.ask("createPlaylist", USER, name="Habit", songId=known["song"])["id"]}


def send(server: Server, client: Client, call: Call, facts: Mapping[str, Any]) -> Answer:
    given = {"u": USER, **sign(client.sign), "v": client.version, "c": client.name}
    if client.fmt:
        given["f"] = client.fmt
    if client.fmt == "jsonp":
        given["callback"] = CALLBACK
    for name, value in call.params.items():
        given[name] = [one.format(**facts) if isinstance(one, str) else one for one in _many(value)]
    address, sent = f"/rest/{call.endpoint}{client.ending}", urlencode(given, doseq=True)
    if call.method == "FORM":
        headers = {"Content-Type": "application/x-www-form-urlencoded", **call.sends}
        return server.send("POST", address, sent.encode(), headers)
    return server.send(call.method, f"{address}?{sent}", None, call.sends)


def _many(value: Any) -> list:
    return value if isinstance(value, list) else [value]


def envelope(answer: Answer, fmt: str | None) -> Any:
    """Parse an answer in the format that was asked for."""
    if fmt == "json":
        return orjson.loads(answer.body)["subsonic-response"]
    if fmt == "jsonp":
        start, end = f"{CALLBACK}(".encode(), b")"
        body = answer.body.rstrip(b";\n")
        assert body.startswith(start) and body.endswith(end)
        return orjson.loads(body[len(start) : -len(end)])["subsonic-response"]
    return ElementTree.fromstring(answer.body)


def follow(node: Any, path: str) -> Iterator[Any]:
    """Walk a path; what `[]` promises must be a list with something in it, in XML elements of that name."""
    name, _, rest = path.partition(".")
    bare = name.removesuffix("?")
    found = _members(node, bare.removesuffix("[]"), bare.endswith("[]"))
    assert found or bare != name, f"{name} is not there"
    for one in found:
        yield from follow(one, rest) if rest else (one,)


def _members(node: Any, name: str, many: bool) -> list:
    if isinstance(node, dict):
        if many:
            assert isinstance(node.get(name), list), f"{name} is no list"
            return node[name]
        return [node[name]] if name in node else []
    if name in node.attrib:
        return [node.attrib[name]]
    return node.findall(XML + name)[: None if many else 1]


def spelled(value: Any, kind: str) -> Any:
    """Read what XML has as text."""
    if isinstance(value, ElementTree.Element):
        value = {} if kind == "object" else value.text
    if kind == "int":
        return int(value)
    return {"true": True, "false": False}[value] if kind == "bool" else value


def check(value: Any, kind: str) -> None:
    assert type(value) is KINDS[kind], f"{value!r} is no {kind}"
    assert kind != "date" or DATE.fullmatch(value), f"{value!r} is no date"


@pytest.mark.parametrize(("client", "call"), HABITS)
def test_a_client_finds_what_it_looks_for(server, facts, client, call):
    answer = send(server, client, call, facts)
    assert answer.status == call.status, answer.body[:300]
    for name, start in call.headers.items():
        assert answer.headers[name].startswith(start), answer.headers
    if call.headers and not call.reads:
        assert (not answer.body) is (call.method == "HEAD")
        return
    read = envelope(answer, client.fmt)
    reads_error = any(reading.startswith("error.") for reading in call.reads)
    assert ("".join(follow(read, "status")) == "ok") is not reads_error, answer.body[:300]
    for reading in call.reads:
        path, _, kind = reading.partition(" ")
        for value in follow(read, path):
            check(spelled(value, kind) if isinstance(read, ElementTree.Element) else value, kind)
