"""Listening to radio stations: for a browser that cannot, and for a moment to learn what is on.

Apps play a station from its own address; what they do not tell is its title. So
a station that somebody listens to is tuned in for a second or two, now and then,
once for all who ask. The rule a newcomer would break: whoever asks for a title
never waits for a station, and nothing of a stranger's stream is kept beyond it.
"""

import asyncio
import contextlib
import logging
import re
import time
from collections import OrderedDict
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import urlsplit

from aiohttp import web

from server.kernel.clock import Kbps, Millis, now_ms
from server.kernel.errors import Failure, Invalid, Unavailable
from server.kernel.fetch import Fetch, Response
from server.library import station_lists
from server.library.radio import Station
from server.plays.tuned import Tuned
from server.stream import icy
from server.users.people import Viewer

log = logging.getLogger("familiar.radio")

FRESH_S, RETRY_S, KEPT_S = 20.0, 120.0, 900.0
"""How long a title is not asked for again; the same after a failure; and how long it is shown at all."""
ASK_S, ASK_BYTES, ASK_BLOCKS = 15.0, 512 * 1024, 3
ASKING_MAX, KNOWN_MAX = 4, 1000
LISTENERS_MAX, PER_USER = 64, 4
SILENCE_S = 30.0
"""How long a station may send nothing."""
PAUSE_S = 600.0
"""How long a listener may take nothing: a player that was paused comes back, or not."""
LISTS_MAX = 3
"""How many lists may lead from one to another before there is sound."""
LIST_BYTES = 64 * 1024
LIST_TYPES = frozenset(
    f"{top}/{name}" for top in ("audio", "application")
    for name in ("x-mpegurl", "mpegurl", "vnd.apple.mpegurl", "x-scpls", "scpls", "pls", "pls+xml")
)  # fmt: skip
LIST_ENDINGS = (".m3u", ".m3u8", ".pls")
SOUND = re.compile(r"(audio/[a-z0-9.+-]{1,60}|application/ogg|video/(mp2t|mp4|ogg|webm))")
USUAL = "audio/mpeg"
"""What a station sends that says nothing of it, or only that it is bytes."""
ASKED = {"Icy-MetaData": "1", "Accept": "*/*"}


class Heard(NamedTuple):
    """What is known of a station's stream; an empty title is none."""

    title: str = ""
    content_type: str = USUAL
    bitrate_kbps: Kbps = 0


@dataclass(frozen=True, slots=True, eq=False)
class Listener:
    """Somebody who hears a station through this server."""

    viewer: Viewer
    client: str
    station: Station
    since_ms: Millis
    transport: asyncio.Transport | None


class Tuner:
    """Tunes in; one for the whole server."""

    def __init__(self, fetch: Fetch):
        self.listeners: set[Listener] = set()
        self._fetch = fetch
        self._known: OrderedDict[str, tuple[Heard, float, float]] = OrderedDict()
        """By address: what was heard, when, and from when on to ask again."""
        self._asking: dict[str, asyncio.Task] = {}

    def heard(self, station: Station) -> Heard:
        """Return what is known of a station by now, and see to it that more is known soon."""
        url, now = station.stream_url, time.monotonic()
        heard, at, again = self._known.get(url, (Heard(), -KEPT_S, 0.0))
        relayed = any(each.station.stream_url == url for each in self.listeners)
        if again <= now and not relayed and url not in self._asking and len(self._asking) < ASKING_MAX:
            task = self._asking[url] = asyncio.get_running_loop().create_task(self._ask(url))
            task.add_done_callback(lambda _: self._asking.pop(url))
        return heard if relayed or now - at < KEPT_S else heard._replace(title="")

    def listening(self, found: list[Tuned]) -> list[Tuned]:
        """Return those who said that they listen, and those who do so through this server without having said it."""
        now, said = now_ms(), {(each.user_id, each.client, each.station.id) for each in found}
        silent = {(each.viewer.user_id, each.client, each.station.id): each for each in self.listeners}
        return found + [
            Tuned(each.viewer.user_id, each.viewer.name, each.client, each.station, "playing",
                  max(0, now - each.since_ms))
            for key, each in silent.items() if key not in said
        ]  # fmt: skip

    async def relay(self, request: web.Request, viewer: Viewer, client: str, station: Station) -> web.StreamResponse:
        """Send a station's sound on, for as long as both ends like.

        Raises Invalid for what is no sound that can be passed on, and Unavailable.
        """
        if len(self.listeners) >= LISTENERS_MAX:
            raise Unavailable("Too many people listen to the radio through this server.", 60)
        if sum(each.viewer.user_id == viewer.user_id for each in self.listeners) >= PER_USER:
            raise Unavailable(f"You listen to {PER_USER} stations through this server already.", 60)
        listener = Listener(viewer, client, station, now_ms(), request.transport)
        self.listeners.add(listener)
        try:
            async with self._tuned(station.stream_url) as source:
                return await self._pass_on(request, station, source)
        finally:
            self.listeners.discard(listener)

    async def close(self) -> None:
        """Stop asking, and break off what would never end."""
        for listener in self.listeners:
            if listener.transport is not None:
                listener.transport.abort()
        tasks = list(self._asking.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _pass_on(self, request: web.Request, station: Station, source: Response) -> web.StreamResponse:
        every = icy.interval(source.headers.get("icy-metaint"))
        splitter, heard = icy.Splitter(every), _described(source)
        headers = {"Content-Type": heard.content_type, "Cache-Control": "no-store", "Accept-Ranges": "none"}
        whole = every > 0 and request.headers.get("Icy-MetaData", "").strip() == "1"
        if whole:
            headers["icy-metaint"] = str(every)
        response = web.StreamResponse(headers=headers)
        self._note(station.stream_url, heard)
        await response.prepare(request)
        if request.method == "HEAD":
            return response
        try:
            async for data in source:
                before = splitter.title
                sound = splitter.feed(data)
                if splitter.title != before:
                    self._note(station.stream_url, heard._replace(title=splitter.title or ""))
                async with asyncio.timeout(PAUSE_S):
                    await response.write(data if whole else sound)
            await response.write_eof()
        except Unavailable as broken:
            # The answer has begun, so its end is all that can be said.
            log.info("%s broke off: %s", station.name, broken)
            await response.write_eof()
        except TimeoutError:
            log.info("Nobody took what %s sent.", station.name)
            if request.transport is not None:
                request.transport.abort()
        return response

    @contextlib.asynccontextmanager
    async def _tuned(self, url: str) -> AsyncIterator[Response]:
        """Give the sound behind an address, through the lists of stations that lead there."""
        for _ in range(LISTS_MAX + 1):
            async with self._fetch.open(url, timeout_s=SILENCE_S, headers=ASKED) as source:
                if source.status != 200:
                    raise Unavailable(f"The station answers with status {source.status}.", 30)
                if not _is_list(source):
                    _check_sound(source)
                    yield source
                    return
                url = _first(await _start(source))
        raise Invalid("The station's address leads from one list to another.")

    async def _ask(self, url: str) -> None:
        now = time.monotonic()
        try:
            async with asyncio.timeout(ASK_S), self._tuned(url) as source:
                self._note(url, await _told(source))
        except (Failure, TimeoutError) as error:
            log.debug("A station told no title: %s", error)
            self._keep(url, Heard(), now + RETRY_S)

    def _note(self, url: str, heard: Heard) -> None:
        self._keep(url, heard, time.monotonic() + FRESH_S)

    def _keep(self, url: str, heard: Heard, again: float) -> None:
        self._known.pop(url, None)
        while len(self._known) >= KNOWN_MAX:
            self._known.popitem(last=False)
        self._known[url] = heard, time.monotonic(), again


async def _told(source: Response) -> Heard:
    """Listen until the first title."""
    heard = _described(source)
    every = icy.interval(source.headers.get("icy-metaint"))
    splitter, read = icy.Splitter(every), 0
    while every and splitter.title is None and splitter.blocks < ASK_BLOCKS and read < ASK_BYTES:
        data = await source.read()
        if not data:
            break
        read += len(data)
        splitter.feed(data)
    return heard._replace(title=splitter.title or "")


async def _start(source: Response) -> bytes:
    """Return the beginning of an answer, which is all of a list of stations."""
    found = b""
    while len(found) < LIST_BYTES and (data := await source.read()):
        found += data
    return found


def _first(data: bytes) -> str:
    if station_lists.is_in_pieces(data):
        raise Invalid("This station sends its sound in pieces (HLS): apps play that from its own address.")
    stations = station_lists.read(data)
    if not stations:
        raise Invalid("The station's address leads to a list with no station in it.")
    return stations[0].stream_url


def _is_list(source: Response) -> bool:
    kind = _kind(source)
    plain = kind in ("", "text/plain", "application/octet-stream")
    return kind in LIST_TYPES or (plain and urlsplit(source.url).path.lower().endswith(LIST_ENDINGS))


def _check_sound(source: Response) -> None:
    kind = _kind(source)
    if kind.startswith("text/") or not (kind in ("", "application/octet-stream") or SOUND.fullmatch(kind)):
        raise Invalid("The station's address leads to something that is no sound.")


def _described(source: Response) -> Heard:
    kind, rate = _kind(source), source.headers.get("icy-br", "").partition(",")[0].strip()
    return Heard(
        content_type=kind if SOUND.fullmatch(kind) else USUAL,
        bitrate_kbps=int(rate) if rate.isascii() and rate.isdigit() and len(rate) < 6 else 0,
    )


def _kind(source: Response) -> str:
    return source.headers.get("Content-Type", "").partition(";")[0].strip().lower()
