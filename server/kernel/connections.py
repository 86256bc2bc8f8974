"""Connections as they come in: how long each may take, how many an address may hold, what nonsense is told.

Left alone, aiohttp waits for ever for who takes no bytes, and answers a broken
request with a piece of it, a password in the address included. The rule a
newcomer would break: nothing here runs for every request, only for every
connection and for what goes wrong.
"""

import asyncio
import logging
import os
import resource
from collections import Counter
from collections.abc import Callable

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from server.kernel.errors import Unavailable

log = logging.getLogger("familiar.connections")

FIRST_REQUEST_S = 10.0
"""How long a new connection may take for the head of its first request."""
IDLE_S = 75.0
"""How long one may do so later, and how long a connection without a request is kept."""
TAKING_S, TAKEN_BYTES = 60.0, 60_000
"""Who is sent a page or a list takes so much in so much time, or is gone. Sound has all the time in the world."""
PER_PLACE = 2000
FILES, OWN_FILES = 65536, 128
"""How many files the process asks for at most, and how many of them are not for listeners, who need two each."""
FULL = b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 30\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
COMPLAIN_S = 60.0
LINE_BYTES = 1 << 20
"""Clients send playlists of thousands of songs in the address."""
FIELD_BYTES = 32768
SORRY = {"Server": "Familiar", "X-Content-Type-Options": "nosniff"}


class Doors:
    """How many connections there may be in all and from each place; `place_of` makes a place of an address.

    A place without a name, "", is one behind which many people stand.
    """

    def __init__(self, place_of: Callable[[str], str], most: int = FILES, per_place: int = PER_PLACE):
        self.place_of, self.most, self.per_place = place_of, most, min(per_place, most)
        self.held: Counter[str] = Counter()
        self.open = 0

    def connection(self, server: web.Server) -> "Connection":
        """Return what speaks HTTP on one new connection."""
        return Connection(self, server)

    def enter(self, address: str) -> str | None:
        """Count a connection and return its place; None when there are enough."""
        place = self.place_of(address)
        if self.open >= self.most or (place and self.held[place] >= self.per_place):
            return None
        self.open += 1
        self.held[place] += 1
        return place

    def leave(self, place: str) -> None:
        self.open -= 1
        self.held[place] -= 1
        if not self.held[place]:
            del self.held[place]


class Connection(web.RequestHandler):
    """One connection, with the patience and the answers that are ours."""

    __slots__ = ("_doors", "_left", "_place", "_taking", "_timer")

    def __init__(self, doors: Doors, server: web.Server):
        super().__init__(
            server, loop=asyncio.get_running_loop(), access_log=None, keepalive_timeout=IDLE_S,
            max_line_size=LINE_BYTES, max_field_size=FIELD_BYTES, auto_decompress=False,
        )  # fmt: skip
        self._doors, self._place, self._left = doors, None, 0
        self._timer: asyncio.TimerHandle | None = None
        self._taking: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:
        peer = transport.get_extra_info("peername")
        self._place = self._doors.enter(peer[0] if isinstance(peer, tuple) else "")
        if self._place is None:
            transport.write(FULL)
            transport.close()
            return
        super().connection_made(transport)
        self._timer = self._loop.call_later(FIRST_REQUEST_S, self._expect_request)

    def connection_lost(self, exc: BaseException | None) -> None:
        for timer in (self._timer, self._taking):
            if timer is not None:
                timer.cancel()
        if self._place is not None:
            self._doors.leave(self._place)
            self._place = None
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        super().pause_writing()
        self._expect_bytes_taken()

    def resume_writing(self) -> None:
        super().resume_writing()
        if self._taking is not None:
            self._taking.cancel()

    def _expect_request(self) -> None:
        if not self._request_count:
            self.force_close()

    def _expect_bytes_taken(self) -> None:
        if self.transport is not None:
            self._left = self.transport.get_write_buffer_size()
            self._taking = self._loop.call_later(TAKING_S, self._end_unless_taken)

    def _end_unless_taken(self) -> None:
        """End a connection whose other end takes next to nothing of what was written for it."""
        if self.transport is None:
            return
        if self.transport.get_write_buffer_size() > self._left - TAKEN_BYTES:
            self.transport.abort()
        else:
            self._expect_bytes_taken()

    def handle_error(
        self, request: web.BaseRequest, status: int = 500, exc: BaseException | None = None, message: str | None = None
    ) -> web.Response:
        """Answer what could not be read, or what failed outside every front, without repeating any of it."""
        sentence, headers = "Something went wrong here.", SORRY
        if status == 400:
            sentence = "This is no request that can be read."
            log.info("What came from %s could not be read as HTTP (%s).", request.remote, type(exc).__name__)
        elif isinstance(exc, Unavailable):
            status, sentence, headers = 503, str(exc), SORRY | {"Retry-After": str(exc.retry_after_s)}
            log.warning("A request could not be answered: %s", exc)
        else:
            log.error("A request failed outside every handler.", exc_info=exc)
        if request.writer.output_size > 0:
            raise ConnectionError("part of another answer was sent already")
        response = web.Response(status=status, text=sentence, headers=headers)
        response.force_close()
        return response

    def log_exception(self, *args, **kw) -> None:
        """Log what aiohttp could not handle; a body that ends or breaks half-way is no news."""
        if not isinstance(kw.get("exc_info"), (HttpProcessingError, web.RequestPayloadError)):
            super().log_exception(*args, **kw)


def most_connections() -> int:
    """Let this process have as many files open as it may, and return for how many connections that is enough."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = FILES if hard == resource.RLIM_INFINITY else min(hard, FILES)
    if soft == resource.RLIM_INFINITY or soft >= most:
        most = FILES if soft == resource.RLIM_INFINITY else soft
    else:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
    return max(OWN_FILES // 4, (most - OWN_FILES) // 2)


class Complaints:
    """What the event loop complains about: as asyncio says it, but the same lack once a minute.

    Out of files, asyncio says so thousands of times a second, which fills a disk in an hour.
    """

    def __init__(self) -> None:
        self._until_s = 0.0

    def __call__(self, loop: asyncio.AbstractEventLoop, context: dict) -> None:
        lack = context.get("exception")
        if not isinstance(lack, OSError) or "accept" not in context.get("message", ""):
            loop.default_exception_handler(context)
        elif loop.time() >= self._until_s:
            self._until_s = loop.time() + COMPLAIN_S
            log.error("No more connections can be taken: %s.", os.strerror(lack.errno))
