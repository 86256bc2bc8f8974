"""HTTP Live Streaming (RFC 8216): a track as a list of parts that a player fetches one after the other.

All parts are cut from one transcode, kept like any other, so that nothing clicks
where they meet and a second listener costs nothing. A part is whole AAC frames
behind an ID3 tag that says when it begins, which §3.4 of the RFC calls packed
audio. The list is written before anything is encoded: where a part begins and
ends follows from the length of the track and of a frame, and from nothing else.
"""

import asyncio
import os
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import NamedTuple

from aiohttp import web

from server.kernel.clock import Kbps
from server.kernel.errors import NotFound, Unavailable
from server.library.facts import TrackFile
from server.stream import send
from server.stream.decide import Transcode
from server.stream.transcode import Growing, Transcoder

LIST_TYPE = "application/vnd.apple.mpegurl"
PART_S = 10
SAMPLES = 1024
"""In a frame of AAC."""
LINGER_S = 30.0
"""How long an encoder goes on for nobody: a player comes back every ten seconds."""
PATIENCE_S = 20.0
"""How long a player waits for a part that is not encoded yet; it then asks again."""
_SHORTEST = 20
"""A last part of fewer frames, half a second, is added to the one before."""
_KNOWN = 64
_CHUNK = 256 * 1024
_OWNER = b"com.apple.streaming.transportStreamTimestamp\0"
_CODECS = "mp4a.40.2"


class Variant(NamedTuple):
    """One of several bit rates of a track, and where its list is."""

    kbps: Kbps
    address: str


def master(variants: Sequence[Variant]) -> str:
    """Return the list of lists from which a player chooses by how fast it is served."""
    lines = ["#EXTM3U", "#EXT-X-VERSION:3"]
    for each in variants:
        # Frames and tags come on top of the bit rate, which the encoder may miss for a while.
        lines += [f'#EXT-X-STREAM-INF:BANDWIDTH={each.kbps * 1100},CODECS="{_CODECS}"', each.address]
    return "\n".join([*lines, ""])


def media(frames: int, rate_hz: int, address: Callable[[int], str]) -> str:
    """Return the list of a track's parts; `address` says where a part is."""
    per_part = frames_per_part(rate_hz)
    lines = ["#EXTM3U", "#EXT-X-VERSION:3", f"#EXT-X-TARGETDURATION:{PART_S}", "#EXT-X-MEDIA-SEQUENCE:0"]
    lines += ["#EXT-X-PLAYLIST-TYPE:VOD"]
    last = parts(frames, rate_hz) - 1
    for number in range(last + 1):
        held = per_part if number < last else frames - last * per_part
        lines += [f"#EXTINF:{held * SAMPLES / rate_hz:.6f},", address(number)]
    return "\n".join([*lines, "#EXT-X-ENDLIST", ""])


def frames_per_part(rate_hz: int) -> int:
    return PART_S * rate_hz // SAMPLES


def frames_of(length_ms: int, rate_hz: int) -> int:
    """Return how many frames the encoder makes: one more than the sound fills, as it begins with an empty one."""
    return -(-length_ms * rate_hz // (1000 * SAMPLES)) + 1


def parts(frames: int, rate_hz: int) -> int:
    """Return in how many parts so many frames are sent; the last one holds all that is left."""
    return max(1, -(-(frames - _SHORTEST) // frames_per_part(rate_hz)))


def stamp(number: int, rate_hz: int) -> bytes:
    """Return the tag that says when a part begins, in ticks of 90 kHz."""
    ticks = number * frames_per_part(rate_hz) * SAMPLES * 90_000 // rate_hz % (1 << 33)
    frame = _OWNER + ticks.to_bytes(8, "big")
    body = b"PRIV" + len(frame).to_bytes(4, "big") + b"\0\0" + frame
    return b"ID3\4\0\0" + len(body).to_bytes(4, "big") + body


class Cuts:
    """Where the parts of one transcode begin, as far as it has been looked through."""

    def __init__(self, rate_hz: int):
        self.frames, self.starts = 0, [0]
        self.lock = asyncio.Lock()
        self._per_part = frames_per_part(rate_hz)
        self._at = self._last = 0

    @property
    def last_frame(self) -> tuple[int, int]:
        """Offset and end of the last frame."""
        return self._last, self._at

    def look(self, handle: int, size: int) -> None:
        """Look through what was added to a file, frame by frame; half a frame at its end waits for the rest."""
        while True:
            chunk = os.pread(handle, max(0, min(_CHUNK, size - self._at)), self._at)
            taken = 0
            while taken + 7 <= len(chunk):
                length = (chunk[taken + 3] & 3) << 11 | chunk[taken + 4] << 3 | chunk[taken + 5] >> 5
                if length < 7 or self._at + taken + length > size:
                    break
                self._last = self._at + taken
                taken += length
                self.frames += 1
                if self.frames % self._per_part == 0:
                    self.starts.append(self._at + taken)
            self._at += taken
            if not taken:
                return


class Cutter:
    """Sends the parts of transcodes, and remembers where they begin."""

    def __init__(self, transcoder: Transcoder):
        self._transcoder = transcoder
        self._known: OrderedDict[str, Cuts] = OrderedDict()

    async def frames(self, track: TrackFile, plan: Transcode, user_id: int) -> int:
        """Return how many frames a track has; one whose length nobody knows is encoded first."""
        if track.length_ms:
            return frames_of(track.length_ms, plan.rate_hz)
        async with self._transcoder.growing(track, plan, user_id, LINGER_S) as source:
            cuts = self._cuts(source, plan)
            await _wait(self._until(source, cuts, lambda: False))
            return cuts.frames

    async def send(
        self, request: web.Request, track: TrackFile, plan: Transcode, user_id: int, number: int
    ) -> web.StreamResponse:
        """Answer with a part. Raises NotFound for one that no list names."""
        count = parts(await self.frames(track, plan, user_id), plan.rate_hz)
        if number >= count:
            raise NotFound("This song has no such part.")
        async with self._transcoder.growing(track, plan, user_id, LINGER_S) as source:
            cuts = self._cuts(source, plan)
            last = number == count - 1

            def there() -> bool:
                # An encoder that was started anew may not be as far as the one that was looked through.
                return not last and len(cuts.starts) > number + 1 and source.size >= cuts.starts[number + 1]

            await _wait(self._until(source, cuts, there))
            begin, end = _ends(cuts, number, last)
            return await _send(request, source, stamp(number, plan.rate_hz), begin, end - begin)

    def _cuts(self, source: Growing, plan: Transcode) -> Cuts:
        cuts = self._known.setdefault(source.name, Cuts(plan.rate_hz))
        self._known.move_to_end(source.name)
        while len(self._known) > _KNOWN:
            self._known.popitem(last=False)
        return cuts

    async def _until(self, source: Growing, cuts: Cuts, enough: Callable[[], bool]) -> None:
        """Look through a transcode until that is enough, or to its end."""
        looked = 0
        while not enough():
            over, size = source.over, source.size
            if size > looked:
                async with cuts.lock:
                    # An hour of sound takes a tenth of a second, and others are listening.
                    await asyncio.to_thread(cuts.look, source.file.fileno(), size)
                looked = size
            elif over:
                return
            else:
                await source.beyond(size)


def _ends(cuts: Cuts, number: int, last: bool) -> tuple[int, int]:
    """Return where a part begins and ends; of a track that is shorter than it claims, the last frame is repeated."""
    if number >= len(cuts.starts) or cuts.starts[number] >= cuts.last_frame[1]:
        return cuts.last_frame
    end = cuts.last_frame[1] if last or number + 1 >= len(cuts.starts) else cuts.starts[number + 1]
    return cuts.starts[number], end


async def _wait(work) -> None:
    try:
        async with asyncio.timeout(PATIENCE_S):
            await work
    except TimeoutError:
        raise Unavailable("This part of the song is not converted yet.", 5) from None


async def _send(request: web.Request, source: Growing, head: bytes, begin: int, count: int) -> web.StreamResponse:
    headers = {"Content-Type": "audio/aac", "Accept-Ranges": "none", "X-Content-Type-Options": "nosniff"}
    if request.method == "HEAD":
        return web.Response(headers=headers | {"Content-Length": str(len(head) + count)})
    if count <= send.SMALL_BYTES:
        return web.Response(headers=headers, body=head + os.pread(source.file.fileno(), count, begin))
    response = web.StreamResponse(headers=headers)
    response.content_length = len(head) + count
    if await send.start(request, response) and request.transport is not None:
        request.transport.write(head)
        await send.pour(request, source.file, begin, count)
    return response
