"""A podcast's server for tests: real feeds in the formats of the wire, real sound, on a port of this machine.

`pages` is what it serves, to be changed between two looks; `seen` is what it was asked for, with what headers.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from server.demo.audio import write_track

FIRST = datetime(2026, 1, 5, 6, 30, tzinfo=UTC)
XML = '<?xml version="1.0" encoding="UTF-8"?>'
ITUNES = 'xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd"'


@dataclass(frozen=True)
class Page:
    """One answer."""

    body: bytes = b""
    kind: str = "application/rss+xml"
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    promised: int | None = None
    """A Content-Length other than the true one."""


class Broadcast:
    """Where it listens, what it serves, and what it was asked."""

    def __init__(self, address: str, sound: bytes):
        self.address, self.sound = address, sound
        self.feed = f"{address}/feed.xml"
        self.pages: dict[str, Page] = {"/sound.mp3": Page(sound, "audio/mpeg")}
        self.seen: list[tuple[str, dict[str, str]]] = []
        self.say(rss(items(self, 3)))

    def say(self, feed: bytes | str, path: str = "/feed.xml", **more: Any) -> str:
        """Serve a feed, or anything, from now on, and return its address."""
        self.pages[path] = Page(feed.encode() if isinstance(feed, str) else feed, **more)
        return self.address + path

    def asked(self, path: str) -> list[dict[str, str]]:
        """Return the headers of each request for a path."""
        return [headers for each, headers in self.seen if each == path]


def rss(inside: str, title: str = "Tea & Cake", more: str = "", head: str = XML) -> str:
    """Return a feed with these items."""
    return (f'{head}<rss version="2.0" {ITUNES} xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel>'
            f"<title>{escape(title)}</title><description>All about tea.</description>"
            f"<itunes:author>Ann</itunes:author>{more}{inside}</channel></rss>")  # fmt: skip


def item(broadcast: Broadcast, number: int, more: str = "", path: str = "/sound.mp3") -> str:
    """Return one episode's item."""
    url = quoteattr(broadcast.address + path)
    return (f"<item><title>Cup {number}</title><guid>cup-{number}</guid>"
            f"<description>Water &amp;amp; leaves.</description>"
            f"<pubDate>{format_datetime(FIRST + timedelta(days=number))}</pubDate>"
            f"<itunes:duration>1:02:03</itunes:duration><itunes:episode>{number}</itunes:episode>"
            f'<enclosure url={url} type="audio/mpeg" length="123"/>{more}</item>')  # fmt: skip


def items(broadcast: Broadcast, count: int) -> str:
    return "".join(item(broadcast, number) for number in range(count, 0, -1))


@contextmanager
def broadcasting(folder) -> Iterator[Broadcast]:
    """Serve for as long as the context lasts."""
    sound = write_track(folder / "sound.mp3", seconds=2, title="Not this one").read_bytes()
    with _Server(("127.0.0.1", 0), _Handler) as server:
        server.broadcast = Broadcast(f"http://127.0.0.1:{server.server_port}", sound)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield server.broadcast
        finally:
            server.shutdown()
            thread.join()


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        broadcast, path = self.server.broadcast, self.path.partition("?")[0]
        broadcast.seen.append((path, dict(self.headers)))
        page = broadcast.pages.get(path, Page(status=404))
        if page.headers.get("ETag", "-") == self.headers.get("If-None-Match"):
            page = Page(status=304, headers=page.headers)
        self.send_response(page.status)
        self.send_header("Content-Type", page.kind)
        self.send_header("Content-Length", str(len(page.body) if page.promised is None else page.promised))
        for name, value in page.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(page.body)

    def log_message(self, *args: object) -> None:
        """A test needs no log."""


class _Server(ThreadingHTTPServer):
    daemon_threads = False
    broadcast: Broadcast

    def handle_error(self, request: object, client_address: object) -> None:
        """A reader that goes away half-way is no news."""
