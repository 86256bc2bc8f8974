"""A podcast of the suite's own, served on a port of this machine, for servers that can reach it.

What it says is known to the letter, so that the rules can ask for exactly that. Any path that ends in `.rss` is the
feed (a server that knows one address twice is given another each time); everything else is the sound or the picture.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from xml.sax.saxutils import escape

from conformance.music.pictures import png
from conformance.music.sound import mp3_frames

TITLE = "Kä & Käse: <Folge> 🎙"
DESCRIPTION = "Über alles, „was rund ist“."
EPISODES = 24
SECONDS = 4
PATH = "/conformance.rss"  # by which it is told from any other feed
FIRST = datetime(2026, 1, 5, 6, 30, tzinfo=UTC)


def episode_title(number: int) -> str:
    return f"Folge {number}: Öl & Essig"


def published(number: int) -> datetime:
    return FIRST + timedelta(days=7 * number)


def sound() -> bytes:
    """What every episode sounds like: nothing, for four seconds."""
    return mp3_frames(SECONDS, seed=1)


def document(base: str) -> bytes:
    """The feed as RSS 2.0, its newest episode first; `base` is the address that its links begin with."""
    items = "".join(
        f"<item><title>{escape(episode_title(n))}</title><guid isPermaLink=\"false\">conformance-{n}</guid>"
        f"<description>{escape(f'What is said in {n} & what is not.')}</description>"
        f"<pubDate>{format_datetime(published(n))}</pubDate><itunes:duration>{SECONDS}</itunes:duration>"
        f"<enclosure url=\"{base}/{n}.mp3\" type=\"audio/mpeg\" length=\"{len(sound())}\"/></item>"
        for n in range(EPISODES, 0, -1))
    return (f'<?xml version="1.0" encoding="UTF-8"?><rss version="2.0" '
            f'xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd"><channel><title>{escape(TITLE)}</title>'
            f"<link>{base}/</link><description>{escape(DESCRIPTION)}</description>"
            f'<itunes:image href="{base}/cover.png"/>{items}</channel></rss>').encode()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        if path.endswith(".rss"):
            self._send("application/rss+xml; charset=utf-8", document(self.server.address))
        elif path.endswith(".mp3"):
            self._send("audio/mpeg", sound())
        elif path.endswith(".png"):
            self._send("image/png", png(120, (200, 90, 60)))
        else:
            self._send("text/html", b"<html><title>not a feed</title></html>", 404 if path == "/gone" else 200)

    do_HEAD = do_GET

    def _send(self, kind: str, body: bytes, status: int = 200) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        """A test needs no log."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    address: str

    def handle_error(self, request: object, client_address: object) -> None:
        """A reader that goes away half-way is no news."""


@contextmanager
def served(place: str = "") -> Iterator[str]:
    """Serve the feed at `host:port` (host, or :port, alone will do) and yield its address. No port is any free one."""
    host, _, port = place.partition(":")
    host = host or "127.0.0.1"
    with _Server(("127.0.0.1" if host in ("127.0.0.1", "localhost") else "", int(port or 0)), _Handler) as server:
        server.address = f"http://{host}:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield f"{server.address}{PATH}"
        finally:
            server.shutdown()
            thread.join()
