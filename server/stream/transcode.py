"""Transcodes on their way to listeners: one encoder per wish, however many want it.

The encoder writes into a file and every listener is sent that file while it
grows, so no byte passes through Python and a repeat is a plain file with
ranges. What a listener must never see is a short answer that looks whole: once
the headers are out, an encoder that fails breaks the connection.
"""

import asyncio
import io
import logging
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from operator import attrgetter
from pathlib import Path

from aiohttp import web

from server.kernel.errors import NotFound, Unavailable
from server.kernel.files import display, name_text
from server.kernel.quiet import Asking
from server.library.facts import TrackFile
from server.stream import ffmpeg, ranges, send
from server.stream.cache import Cache, sync
from server.stream.decide import Plan, Raw, Transcode
from server.stream.encoder import Encoding, Patience
from server.stream.ranges import Part

log = logging.getLogger(__name__)

_ZEROS = bytes(64 * 1024)
_PATIENCE = Patience()
_ENDLESS = 1 << 60
"""More bytes than any Range header can name."""


class Growing:
    """A transcode as a file that may still grow, under the name of what is in it."""

    def __init__(self, name: str, file: io.FileIO, encoding: Encoding | None):
        self.name, self.file, self._encoding = name, file, encoding

    @property
    def size(self) -> int:
        return self._encoding.size if self._encoding else os.fstat(self.file.fileno()).st_size

    @property
    def over(self) -> bool:
        """Tell whether no byte will follow."""
        return self._encoding is None or self._encoding.over

    async def beyond(self, size: int) -> None:
        """Return when there is more than `size`, when nothing will follow, or after a while. Raises what went wrong."""
        if self._encoding is not None:
            await self._encoding.beyond(size)
            if self._encoding.failure:
                raise self._encoding.failure


class Transcoder:
    """Everything that is being encoded, within its limits, and the cache of what was.

    Counters for metrics: `started`, `failed`, `refused`, `listeners`, `running`, `cache_bytes`.
    """

    def __init__(
        self,
        cache_dir: str | os.PathLike[str],
        encoder: ffmpeg.Encoder | None,
        *,
        max_running: int = 8,
        max_per_user: int = 4,
        max_cache_bytes: int = 2 << 30,
        patience: Patience = _PATIENCE,
        quiet: Asking | None = None,
    ):
        """`quiet` is asked of others on this machine until an encoder's first bytes are there."""
        self.encoder, self.max_running, self.max_per_user = encoder, max_running, max_per_user
        self.started = self.failed = self.refused = self.listeners = 0
        self._patience, self._quiet = patience, quiet
        self._cache = Cache(Path(cache_dir), max_cache_bytes)
        self._by_name: dict[str, Encoding] = {}
        self._alive: set[Encoding] = set()
        self._watches: set[asyncio.Task] = set()
        self._closed = False

    def open(self) -> None:
        """Sweep the cache's folder and learn what is in it."""
        self._cache.open()

    async def close(self) -> None:
        """End every encoder and wait until each is gone."""
        self._closed = True
        for encoding in self._alive:
            encoding.kill()
        await self.settled()
        if self._quiet:
            self._quiet.close()

    async def settled(self) -> None:
        """Return when every encoder that runs now has ended and its file is kept or gone."""
        await asyncio.gather(*self._watches)

    @property
    def running(self) -> int:
        return len(self._alive)

    @property
    def cache_bytes(self) -> int:
        return self._cache.bytes

    async def stream(
        self, request: web.Request, track: TrackFile, plan: Plan, user_id: int, headers: dict[str, str] | None = None
    ) -> web.StreamResponse:
        """Answer a request with a track, as it is or transcoded as planned."""
        head = dict(headers or {})
        if track.length_ms:
            length_ms = plan.length_ms if isinstance(plan, Transcode) else track.length_ms
            head["X-Content-Duration"] = f"{length_ms / 1000:.3f}"
        if isinstance(plan, Raw):
            return await send.send_file(
                request, track.path, content_type=plan.content_type, headers=head,
                size=track.size_bytes, mtime_ns=track.mtime_ns,
            )  # fmt: skip
        name = _name(track, plan)
        if finished := self._cache.find(name):
            return await send.send_file(request, finished, content_type=plan.profile.content_type, headers=head)
        promised = plan.expected_bytes if plan.estimate else 0
        live = head | {
            "Content-Type": plan.profile.content_type,
            "Accept-Ranges": "bytes" if promised else "none",
            "X-Content-Type-Options": "nosniff",
        }
        if request.method == "HEAD":
            return web.Response(headers=live | ({"Content-Length": str(promised)} if promised else {}))
        try:
            wanted = _wanted(request, promised)
        except IndexError:
            return web.Response(status=416, headers=live | {"Content-Range": f"bytes */{promised}"})
        encoding = await self._encoding(name, track, plan, user_id)
        async with self._listening(encoding) as file:
            if wanted:
                await self._reach(request, encoding, wanted, promised)
                if encoding.failure:
                    raise encoding.failure
                if encoding.over and (finished := self._cache.find(name)):
                    return await send.send_file(request, finished, content_type=plan.profile.content_type, headers=head)
                if encoding.over or not promised or encoding.size <= wanted.offset:
                    wanted = None
            return await _relay(request, encoding, file, live, promised, wanted)

    async def _reach(self, request: web.Request, encoding: Encoding, wanted: Part, promised: int) -> None:
        """Wait, for a while, until what is wanted can be told: its beginning, or where no length is promised, the end.

        An encoder makes a song in seconds, and who wants another place than the beginning would hear the beginning.
        """
        with suppress(TimeoutError):
            async with asyncio.timeout(self._patience.seek_s):
                while not encoding.over and not (promised and encoding.size > wanted.offset) and _there(request):
                    await encoding.beyond(encoding.size)
                if encoding.over:
                    await asyncio.shield(encoding.settled)

    @asynccontextmanager
    async def growing(self, track: TrackFile, plan: Transcode, user_id: int, linger_s: float) -> AsyncIterator[Growing]:
        """Give a transcode as a file, be it finished or on its way, for somebody who takes it in parts."""
        name = _name(track, plan)
        if finished := self._cache.find(name):
            with send.open_regular(finished) as file:
                yield Growing(name, file, None)
            return
        encoding = await self._encoding(name, track, plan, user_id)
        encoding.stay(linger_s)
        async with self._listening(encoding) as file:
            yield Growing(name, file, encoding)

    @asynccontextmanager
    async def _listening(self, encoding: Encoding) -> AsyncIterator[io.FileIO]:
        """Give the file of an encoder that has begun to write, and let it know that somebody listens."""
        encoding.join()
        self.listeners += 1
        try:
            while not encoding.size and not encoding.over:
                await encoding.beyond(0)
            if encoding.failure:
                raise encoding.failure
            with send.open_regular(encoding.path) as file:
                yield file
        finally:
            self.listeners -= 1
            encoding.leave()

    async def _encoding(self, name: str, track: TrackFile, plan: Transcode, user_id: int) -> Encoding:
        """Return the encoder of a transcode: the one at work, or a new one once there is a place for it."""
        while True:
            encoding = self._by_name.get(name)
            if encoding and not encoding.failure:
                return encoding
            if self.encoder is None or self._closed:
                raise Unavailable("Tracks cannot be converted: ffmpeg is not there.", retry_after_s=3600)
            crowd, whose = self._crowd(user_id)
            if not crowd:
                return self._start(name, track, plan, user_id)
            # Somebody who skips through tracks leaves encoders behind that still linger: the next track is worth more.
            spare = min((other for other in crowd if not other.listeners), key=attrgetter("left_at"), default=None)
            if spare is None or not await spare.make_room():
                self.refused += 1
                raise Unavailable(f"Too many tracks are being converted: {whose} {len(crowd)} at once.", 5)

    def _crowd(self, user_id: int) -> tuple[list[Encoding], str]:
        """Return the encoders of which one must end before another may start, and whose they are."""
        own = [encoding for encoding in self._alive if encoding.user_id == user_id]
        if len(own) >= self.max_per_user:
            return own, "you have"
        return (list(self._alive) if len(self._alive) >= self.max_running else []), "this server has"

    def _start(self, name: str, track: TrackFile, plan: Transcode, user_id: int) -> Encoding:
        # The encoder could not tell what may not be read from what is damaged.
        send.open_regular(track.path).close()
        begun = self._quiet.begin() if self._quiet else lambda: None
        encoding = Encoding(self._cache.part(name), user_id, plan.expected_bytes, self._patience, begun)
        encoding.start(ffmpeg.command(self.encoder.path, track.path, plan), display(name_text(track.path)))
        self.started += 1
        self._by_name[name] = encoding
        self._alive.add(encoding)
        watch = asyncio.create_task(self._watch(name, encoding))
        self._watches.add(watch)
        watch.add_done_callback(self._watches.discard)
        return encoding

    async def _watch(self, name: str, encoding: Encoding) -> None:
        """See one encoder through: its file is kept when whole, and gone when not."""
        whole = await encoding.watch()
        self._alive.discard(encoding)
        try:
            if whole:
                await asyncio.to_thread(sync, encoding.path)
                encoding.path = self._cache.keep(encoding.path, name) or encoding.path
        except OSError as error:
            log.warning("a finished transcode cannot be kept: %s", error)
            whole = False
        if not whole:
            self.failed += not encoding.unwanted
            encoding.path.unlink(missing_ok=True)
        if self._by_name.get(name) is encoding:
            del self._by_name[name]
        encoding.settled.set_result(None)


def _wanted(request: web.Request, promised: int) -> Part | None:
    """Return the part that a request wants of a length that may not be known; None is the whole, from the beginning."""
    # Nothing that is still being made can be the same as what somebody has a part of.
    if "If-Range" in request.headers:
        return None
    size = promised or _ENDLESS
    found = ranges.part(request.headers.get("Range", ""), size)
    return None if found == Part(0, size) else found


async def _relay(
    request: web.Request, encoding: Encoding, file: io.FileIO, head: dict[str, str], promised: int, wanted: Part | None
) -> web.StreamResponse:
    """Send what there is, wait for more, until the encoder ends or the promised length, or a part of it, is reached."""
    response = web.StreamResponse(headers=head)
    sent, end = 0, encoding.size if encoding.over else promised
    if wanted:
        sent, end = wanted.offset, wanted.offset + wanted.count
        response.set_status(206)
        response.headers["Content-Range"] = f"bytes {sent}-{end - 1}/{promised}"
    if end:
        response.content_length = end - sent
    elif request.version < (1, 1):
        response.force_close()
    if not await send.start(request, response):
        return response
    pour = send.pour if end or request.version < (1, 1) else send.pour_chunk
    while _there(request) and not (end and sent == end):
        await encoding.beyond(sent)
        available = min(encoding.size, end) if end else encoding.size
        if encoding.failure:
            send.break_off(request)
            return response
        if available > sent:
            if not await pour(request, file, sent, available - sent):
                return response
            sent = available
        elif encoding.over:
            break
    if end:
        await _pad(response, end - sent)
    return response


async def _pad(response: web.StreamResponse, missing: int) -> None:
    """Fill up to the promised length with zeros: players skip them, while silent frames would be heard as a gap."""
    with suppress(ConnectionError):
        while missing > 0:
            await response.write(_ZEROS[:missing])
            missing -= len(_ZEROS)


def _there(request: web.Request) -> bool:
    return request.transport is not None and not request.transport.is_closing()


def _name(track: TrackFile, plan: Transcode) -> str:
    """Return the name under which this very transcode is kept: another file or another wish has another."""
    try:
        state = os.stat(track.path)
    except (OSError, ValueError):
        raise NotFound("The file of this track is no longer there.") from None
    version = f"{state.st_mtime_ns:x}-{state.st_size:x}"
    sound = f"{plan.bitrate_kbps}-{plan.rate_hz}-{plan.channels}"
    return f"{track.id}-{version}-{sound}-{plan.offset_s}.{plan.profile.suffix}"
