"""A small Subsonic server that does everything right, for spoiling.

Answers pass two hooks before they leave: `spoil_tree` sees the content, `spoil_wire` sees status, headers and bytes.
XML is written here by its own simple rule, not by the facts, so that the two check each other.
"""

import hashlib
import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit
from xml.sax.saxutils import escape, quoteattr

from conformance import facts
from conformance.client import Answer, Client
from conformance.tests.fake_endpoints import Browsing, Lists, Playlists, Query, Refusal, State, Status
from conformance.tests.fake_extras import PLAYLIST, Decisions, Sonic, Streams, Videos
from conformance.tests.fake_library import ROLES, Person
from conformance.tests.fake_marks import File, Marks, People, plain
from conformance.tests.fake_podcasts import Podcasts
from conformance.tests.fake_things import Chat, Jukebox, Radio, Shares

EXTENSIONS = {"apiKeyAuthentication": [1], "formPost": [1], "getPodcastEpisode": [1], "indexBasedQueue": [1],
              "playbackReport": [1], "songLyrics": [1, 2], "sonicSimilarity": [1], "topSongsByArtistId": [1],
              "transcodeOffset": [1], "transcoding": [1]}
API_KEY = "key-of-the-admin"
IN_ELEMENTS = ("artistInfo", "artistInfo2", "albumInfo", "sonicMatch")
CORS = {"Access-Control-Allow-Origin": "*"}


@dataclass(slots=True)
class Reply:
    status: int
    headers: dict[str, str]
    body: bytes


@dataclass(slots=True)
class Call:
    """What a spoiler may look at: the endpoint, the query, the method, the format."""

    endpoint: str
    query: Query
    method: str
    headers: dict[str, str] = field(default_factory=dict)
    path: str = ""
    body: bytes = b""

    @property
    def form(self) -> str:
        return self.query.text("f", "xml")


class Fake(Browsing, Lists, Playlists, Marks, People, Shares, Radio, Chat, Jukebox, Podcasts, Streams, Videos,
           Decisions, Sonic):
    """The server's mind; `answer` is all that HTTP needs."""

    def __init__(self) -> None:
        everything = dict.fromkeys(ROLES, True)
        ordinary = {"streamRole": True, "settingsRole": True}
        people = [Person("admin", "sesame", roles=everything), Person("bob", "bobpass", roles=ordinary)]
        self.state = State(people={p.name: p for p in people})
        self.extensions = dict(EXTENSIONS)
        self.spoil_tree: Callable[[Call, dict[str, Any]], dict[str, Any]] = lambda call, tree: tree
        self.spoil_wire: Callable[[Call, Reply], Reply] = lambda call, reply: reply

    def token_info(self, who: Person, q: Query):
        return {"username": who.name}

    def ping(self, who: Person, q: Query):
        return None

    def get_license(self, who: Person, q: Query):
        return {"valid": True}

    def answer(self, call: Call) -> Reply:
        if call.method == "OPTIONS":
            allow = {"Access-Control-Allow-Methods": "GET, HEAD, POST, DELETE, OPTIONS",
                     "Access-Control-Allow-Headers": "content-type, range"}
            return self.spoil_wire(call, Reply(204, CORS | allow, b""))
        if "/rest/" not in call.path:
            return self.spoil_wire(call, self._elsewhere(call))
        try:
            got = self._handle(call)
        except Refusal as refusal:
            if call.endpoint == "getTranscodeStream":
                status = {10: 400, 40: 401, 70: 404}.get(refusal.code, 400)
                return self.spoil_wire(call, Reply(status, CORS | {"Content-Type": "text/plain"}, b"no"))
            got = {"error": {"code": refusal.code, "message": str(refusal)}}
        except Status as status:
            return self.spoil_wire(call, Reply(status.code, CORS | {"Content-Type": "text/plain"}, b"no"))
        reply = send(call, got) if isinstance(got, File) else self._envelope(call, got)
        return self.spoil_wire(call, reply)

    def _handle(self, call: Call) -> Any:
        q = call.query
        if call.endpoint == "getOpenSubsonicExtensions":
            return {"openSubsonicExtensions": [{"name": n, "versions": v} for n, v in self.extensions.items()]}
        if call.endpoint not in facts.endpoints():
            raise Refusal(0, "no such method")
        who = self._sign_in(q)
        extension = facts.endpoints()[call.endpoint].extension
        if extension and extension not in self.extensions:
            raise Status(404)
        if call.endpoint == "getTranscodeDecision":
            if call.method != "POST":
                raise Status(405)
            q.body = call.body
        got = getattr(self, re.sub(r"([A-Z])", r"_\1", call.endpoint).lower())(who, q)
        if isinstance(got, File) or call.endpoint == "getIndexes" or "jukeboxPlaylist" in (got or ()):
            return got
        return {facts.endpoints()[call.endpoint].member: got} if got is not None else {}

    def _elsewhere(self, call: Call) -> Reply:
        """What is not of the protocol: the pages of shares, the parts of HLS streams."""
        kind, _, rest = call.path.strip("/").partition("/")
        right = self.share_opens(rest) if kind == "share" else rest.partition("/")[0] in self.hls_keys()
        if kind == "variant":
            return Reply(200, CORS | {"Content-Type": PLAYLIST}, self.playlist("tr-1").encode())
        if not right:
            return Reply(404, CORS | {"Content-Type": "text/html"}, b"<html>gone</html>")
        return Reply(200, CORS | {"Content-Type": "text/html" if kind == "share" else "audio/aac"}, b"something")

    def _sign_in(self, q: Query) -> Person:
        if "apiKey" in q.values:
            if {"u", "p", "t"} & set(q.values):
                raise Refusal(43, "both")
            if q.need("apiKey") != API_KEY:
                raise Refusal(44, "unknown key")
            return self.state.people["admin"]
        person = self.state.people.get(q.need("u"))
        if "t" in q.values:
            salt = q.need("s")
            right = person and hashlib.md5((person.password + salt).encode()).hexdigest() == q.need("t")
        else:
            right = plain(q.need("p")) == (person and person.password)
        if not right:
            raise Refusal(40, "wrong user or password")
        return person

    def _envelope(self, call: Call, payload: dict[str, Any]) -> Reply:
        tree = {"status": "failed" if "error" in payload else "ok", "version": "1.16.1", "type": "fake",
                "serverVersion": "1", "openSubsonic": True, **payload}
        tree = self.spoil_tree(call, json.loads(json.dumps(tree)))
        form, callback = call.form, call.query.text("callback", "")
        text = json.dumps({"subsonic-response": tree})
        if form == "json" or (form == "jsonp" and not re.fullmatch(r"[\w.]+", callback)):
            return Reply(200, CORS | {"Content-Type": "application/json"}, text.encode())
        if form == "jsonp":
            return Reply(200, CORS | {"Content-Type": "text/javascript"}, f"{callback}({text});".encode())
        return Reply(200, CORS | {"Content-Type": "text/xml; charset=utf-8"}, as_xml(tree).encode())


def send(call: Call, file: File) -> Reply:
    """A file, or the part of it that was asked for."""
    headers = CORS | {"Content-Type": file.kind, "Accept-Ranges": "bytes" if file.ranges else "none"} | file.headers
    end, spec = len(file.body), re.fullmatch(r"bytes=(\d*)-(\d*)", call.headers.get("range", ""))
    if file.ranges and spec and call.headers.get("if-range", file.headers.get("ETag")) == file.headers.get("ETag"):
        if spec[1]:
            first, last = int(spec[1]), min(int(spec[2] or end - 1), end - 1)
        else:
            first, last = max(0, end - int(spec[2] or 0)), end - 1
        if first >= end:
            return Reply(416, headers | {"Content-Range": f"bytes */{end}"}, b"beyond")
        return Reply(206, headers | {"Content-Range": f"bytes {first}-{last}/{end}"}, file.body[first : last + 1])
    return Reply(200, headers, file.body)


def as_xml(tree: dict[str, Any]) -> str:
    content = dict(tree)
    attributes = "".join(f" {k}={quoteattr(_text(v))}" for k, v in content.items() if not isinstance(v, dict | list))
    children = "".join(_element(k, v) for k, v in content.items() if isinstance(v, dict | list))
    return f'<?xml version="1.0"?><subsonic-response xmlns="http://subsonic.org/restapi"{attributes}>{children}' \
           "</subsonic-response>"


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _element(name: str, value: Any) -> str:
    if isinstance(value, list):
        return "".join(_element(name, one) for one in value)
    if not isinstance(value, dict):
        return f"<{name}>{escape(_text(value))}</{name}>"
    attributes, children = "", ""
    for key, one in value.items():
        if key == "value" and name != "cueLine":
            children += escape(_text(one))
        elif isinstance(one, dict | list) or name in IN_ELEMENTS:
            children += _element(key, one)
        else:
            attributes += f" {key}={quoteattr(_text(one))}"
    return f"<{name}{attributes}>{children}</{name}>"


def call_of(method: str, path: str, headers: dict[str, str], body: bytes) -> Call:
    """What a request asks for."""
    headers = {name.lower(): value for name, value in headers.items()}
    parts = urlsplit(path)
    values = parse_qs(parts.query, keep_blank_values=True)
    if "form" in headers.get("content-type", ""):
        values |= parse_qs(body.decode(), keep_blank_values=True)
    endpoint = parts.path.rpartition("/")[2].removesuffix(".view").removesuffix(".m3u8")
    return Call(endpoint, Query(values), method, headers, parts.path, body)


class Direct(Client):
    """A client that asks the fake without HTTP between: ten times as quick, for faults that HTTP has no part in."""

    def __init__(self, fake: Fake):
        super().__init__("http://fake")
        self.fake = fake

    def _exchange(self, asked: str, method: str, path: str, headers: dict[str, str], body: bytes | None,
                  limit: int | None) -> Answer:
        if method == "POST":
            headers = headers | {"Content-Length": str(len(body or b""))}
        reply = self.fake.answer(call_of(method, path, headers, body or b""))
        content = b"" if method == "HEAD" else reply.body[:limit]
        length = {"content-length": str(len(reply.body))}
        return Answer(asked, reply.status, length | {k.lower(): v for k, v in reply.headers.items()}, content, True)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1
    disable_nagle_algorithm = True

    def handle_any(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        reply = self.server.fake.answer(call_of(self.command, self.path, dict(self.headers.items()), body))
        self.send_response(reply.status)
        length = reply.headers.pop("Content-Length", str(len(reply.body)))
        for name, value in (reply.headers | {"Content-Length": length}).items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(reply.body)
        if length != str(len(reply.body)):
            self.close_connection = True

    do_GET = do_POST = do_HEAD = do_DELETE = do_OPTIONS = handle_any

    def log_message(self, *args: Any) -> None:
        """Tests need no log."""


class Quiet(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away half-way is no news."""


@contextmanager
def served() -> Iterator[tuple[Fake, str]]:
    """The fake server on a free port, and its address."""
    with Quiet(("127.0.0.1", 0), Handler) as server:
        server.fake = Fake()
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield server.fake, f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
