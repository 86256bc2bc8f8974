"""Songs by their sound: for servers where somebody has listened to them.

Without an active engine the extension is not announced, and what it adds is
refused like anything else that this server does not offer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.kernel.errors import Invalid
from server.library import sonic
from subsonic.endpoints import FindSonicPath, GetSonicSimilarTracks
from subsonic.protocol import handles
from subsonic.shapes import Child, SonicMatch

if TYPE_CHECKING:
    from subsonic.mount import Call


@handles(GetSonicSimilarTracks)
async def similar_tracks(call: Call, q: GetSonicSimilarTracks) -> tuple[SonicMatch, ...]:
    engine = await _engine(call)
    return _matches(await call.db.read(sonic.similar, call.viewer, engine, call.ids.number("tr", q.id), q.count))


@handles(FindSonicPath)
async def sonic_path(call: Call, q: FindSonicPath) -> tuple[SonicMatch, ...]:
    engine = await _engine(call)
    start, end = call.ids.number("tr", q.start_song_id), call.ids.number("tr", q.end_song_id)
    return _matches(await call.db.read(sonic.path, call.viewer, engine, start, end, q.count))


async def _engine(call: Call) -> sonic.Engine:
    engine = call.app.parts.get(sonic.Engine)
    if not await call.db.read(sonic.active, engine):
        raise Invalid("This server does not offer that.")
    return engine


def _matches(found: list[sonic.Match]) -> tuple[SonicMatch, ...]:
    return tuple(SonicMatch(entry=Child.over(each.track), similarity=round(each.similarity, 4)) for each in found)
