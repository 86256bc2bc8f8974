"""A small HTTP client over the standard library, with the ways in which Subsonic clients really ask.

It shows what came over the wire and hides nothing: no redirects followed, no retries but after 429 and a connection
that the server closed while it was idle.
"""

import hashlib
import http.client
import json
import re
import time
from collections import deque
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

from conformance.check import from_xml, short
from conformance.model import Short

VERSION = "1.16.1"
CLIENT = "conformance"
LONGEST_WAIT_S = 10
CALLBACK = "conformance.take"
PATHS = {"hls": "hls.m3u8"}  # documented under another path than its name
SECRET = re.compile(r"(?<=[?&])(p|t|s|apiKey|password|transcodeParams)=[^&]*")
TRAIL = 3


@dataclass(frozen=True, slots=True)
class Account:
    name: str
    password: str
    sign: str = "token"  # token, plain or hex; "key" when the password is an API key


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. `asked` is the request in words, for people."""

    asked: str
    status: int
    headers: dict[str, str]
    body: bytes
    whole: bool  # False when the connection ended before Content-Length was met

    def header(self, name: str) -> str:
        return self.headers.get(name.lower(), "")

    @property
    def kind(self) -> str:
        return self.header("content-type").partition(";")[0].strip().lower()

    def tree(self) -> dict[str, Any]:
        """The content of `subsonic-response`, whatever the format. Raises Short when there is none."""
        text = self.body.lstrip()
        try:
            if text.startswith(b"<"):
                return from_xml(text)
            if text.startswith(b"{"):
                return json_tree(text)
            wrapped = re.fullmatch(re.escape(CALLBACK.encode()) + rb"\s*\((.*)\)\s*;?\s*", text, re.DOTALL)
            if wrapped:
                return json_tree(wrapped[1])
        except ValueError as error:
            raise Short(f"{self.asked} answered {error}") from error
        raise Short(f"{self.asked} answered {self.brief()}, not a Subsonic answer")

    def told(self, length: int = 400) -> str:
        """What came, for a report: the status, the type, and the beginning of what can be read."""
        head = f"HTTP {self.status} {self.header('content-type') or 'without a type'}, {len(self.body)} bytes"
        if self.kind.startswith(("audio/", "image/", "video/")) or not self.body:
            return head
        text = self.body[: length + 1].decode("utf-8", "replace")
        return f"{head}\n{text[:length]}{'…' if len(text) > length else ''}"

    def brief(self) -> str:
        return f"HTTP {self.status} {self.kind or 'without a type'} {short(self.body[:60]) if self.body else 'empty'}"


def json_tree(text: bytes) -> dict[str, Any]:
    tree = json.loads(text).get("subsonic-response")
    if not isinstance(tree, dict):
        raise ValueError("JSON without subsonic-response")
    return tree


def signed(account: Account | None) -> dict[str, str]:
    """The parameters by which an account signs in."""
    if account is None:
        return {}
    if account.sign == "key":
        return {"apiKey": account.password}
    if account.sign == "token":
        salt = "c0nf0rm"
        token = hashlib.md5((account.password + salt).encode(), usedforsecurity=False).hexdigest()
        return {"u": account.name, "t": token, "s": salt}
    if account.sign == "hex":
        return {"u": account.name, "p": "enc:" + account.password.encode().hex()}
    return {"u": account.name, "p": account.password}


def masked(address: str) -> str:
    """An address that can be shown to anybody."""
    return SECRET.sub(r"\1=•••", address)


class Client:
    """Asks one server. `request_count` tells how much it was asked, `trail` what was asked last."""

    def __init__(self, url: str, timeout_s: float = 30):
        parts = urlsplit(url if "//" in url else f"http://{url}")
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"{url} is not an http address")
        self.base = parts.path.rstrip("/").removesuffix("/rest")
        self.host, self.port, self.secure = parts.hostname, parts.port, parts.scheme == "https"
        self.timeout_s = timeout_s
        self.request_count = 0
        self.trail: deque[tuple[str, Answer]] = deque(maxlen=TRAIL)
        self._connection: http.client.HTTPConnection | None = None

    def close(self) -> None:
        if self._connection:
            self._connection.close()
            self._connection = None

    def ask(self, endpoint: str, parameters: dict[str, Any] | None = None, *, account: Account | None = None,
            form: str | None = "json", method: str = "GET", post: str = "", view: bool = False,
            headers: dict[str, str] | None = None, body: bytes | None = None, limit: int | None = None) -> Answer:
        """One call. `post` is "form" or "query" and makes it a POST; `limit` stops reading after so many bytes.

        Parameters set to None are left out; those given replace the common ones (v, c, f) as well.
        """
        common = signed(account) | {"v": VERSION, "c": CLIENT}
        if form:
            common["f"] = form
        if form == "jsonp":
            common["callback"] = CALLBACK
        everything = {name: v for name, v in (common | (parameters or {})).items() if v is not None}
        text = urlencode(everything, doseq=True)
        path = f"{self.base}/rest/{f'{endpoint}.view' if view else PATHS.get(endpoint, endpoint)}"
        headers = dict(headers or {})
        if post:
            method = "POST"
        if post == "form":
            body = text.encode()
            headers.setdefault("Content-Type", "application/x-www-form-urlencoded")
        elif text:
            path += "?" + text
        shown = urlencode({k: v for k, v in (parameters or {}).items() if v is not None}, doseq=True)
        shown = f"?{shown if len(shown) <= 90 else shown[:89] + '…'}" if shown else ""
        asked = masked(f"{method} {endpoint}{'.view' if view else ''}{shown}")
        answer = self._send(asked, method, path, headers, body, limit)
        self.trail.append((masked(f"{method} {path}{f' (form) ?{text}' if post == 'form' else ''}"), answer))
        return answer

    def fetch(self, path: str, *, method: str = "GET", headers: dict[str, str] | None = None,
              limit: int | None = None) -> Answer:
        """Any other address of the same server, without credentials: a share's page, a part of an HLS stream."""
        answer = self._send(f"{method} {path}", method, path, dict(headers or {}), None, limit)
        self.trail.append((masked(f"{method} {path}"), answer))
        return answer

    def _send(self, asked: str, method: str, path: str, headers: dict[str, str], body: bytes | None,
              limit: int | None) -> Answer:
        waited = 0.0
        while True:
            answer = self._once(asked, method, path, headers, body, limit)
            pause = answer.header("retry-after")
            if answer.status != 429 or not pause.isdigit() or waited >= LONGEST_WAIT_S:
                return answer
            time.sleep(min(int(pause), LONGEST_WAIT_S) or 1)
            waited += int(pause) or 1

    def _once(self, asked: str, method: str, path: str, headers: dict[str, str], body: bytes | None,
              limit: int | None) -> Answer:
        fresh = self._connection is None
        try:
            return self._exchange(asked, method, path, headers, body, limit)
        except (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError):
            self.close()
            if fresh:
                raise
            return self._exchange(asked, method, path, headers, body, limit)
        except BaseException:
            self.close()
            raise

    def _exchange(self, asked: str, method: str, path: str, headers: dict[str, str], body: bytes | None,
                  limit: int | None) -> Answer:
        if self._connection is None:
            kind = http.client.HTTPSConnection if self.secure else http.client.HTTPConnection
            self._connection = kind(self.host, self.port, timeout=self.timeout_s)
        self.request_count += 1
        self._connection.request(method, path, body=body, headers={"Accept-Encoding": "identity", **headers})
        reply = self._connection.getresponse()
        whole = True
        try:
            content = reply.read() if limit is None else reply.read(limit)
        except http.client.IncompleteRead as error:
            content, whole = error.partial, False
        if not whole or reply.will_close or not reply.isclosed():
            reply.close()
            self.close()
        found: dict[str, str] = {}
        for name, value in reply.getheaders():
            key = name.lower()
            found[key] = f"{found[key]}, {value}" if key in found else value
        return Answer(asked, reply.status, found, content, whole)
