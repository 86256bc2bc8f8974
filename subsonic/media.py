"""Media: sound as it is or transcoded, files, covers."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING

from server.library import playables, radio
from server.library.artwork import Artwork
from server.library.logos import Logos
from server.stream import decide, send
from server.stream.transcode import Transcoder
from server.stream.tuner import Tuner
from subsonic import endpoints
from subsonic.protocol import handles

if TYPE_CHECKING:
    from subsonic.mount import Call

CLIENT_DEFAULTS = "client defaults"
"""The part of the App that holds what clients get that ask for no format: {name prefix: decide.Default}."""
ENCODER_SEARCH = "encoder search"
"""The part that is a task: it has ended when the transcoder knows whether there is an ffmpeg."""


@handles(endpoints.Stream)
async def stream(call: Call, q: endpoints.Stream):
    if q.id.startswith("ra-"):
        station = await call.db.read(radio.by_id, call.ids.number("ra", q.id))
        return await call.app.part(Tuner).relay(call.request, call.viewer, call.client, station)
    track = await call.db.read(playables.file, call.viewer, playables.number(call.ids, q.id))
    wish = decide.Wish(q.format, q.max_bit_rate, q.time_offset, q.estimate_content_length)
    plan = decide.plan(track, wish, await limits(call))
    return await call.app.part(Transcoder).stream(call.request, track, plan, call.viewer.user_id)


async def limits(call: Call) -> decide.Limits:
    """Return what holds for this call whatever it wishes, once it is known whether there is an ffmpeg."""
    transcoder: Transcoder = call.app.part(Transcoder)
    if transcoder.encoder is None:
        await asyncio.shield(call.app.parts[ENCODER_SEARCH])
    return decide.Limits(
        call.viewer.max_bitrate_kbps,
        decide.default_for(call.client, call.app.parts[CLIENT_DEFAULTS]),
        transcoder.encoder is not None,
    )


@handles(endpoints.Download)
async def download(call: Call, q: endpoints.Download):
    track = await call.db.read(playables.file, call.viewer, playables.number(call.ids, q.id))
    return await send.send_file(
        call.request, track.path, content_type=track.content_type, size=track.size_bytes, mtime_ns=track.mtime_ns,
        attachment_name=os.path.basename(track.path),
    )  # fmt: skip


@handles(endpoints.GetCoverArt)
async def cover_art(call: Call, q: endpoints.GetCoverArt):
    if q.id.startswith("ra-"):
        call.app.part(Logos).soon(call.ids.number("ra", q.id))
    return await call.app.part(Artwork).respond(call.request, call.viewer, q.id, q.size or None)
