"""Annotation: stars, ratings, plays, and who is listening just now.

Clients send any id in any parameter, some of them stale: what exists is done,
and only a call in which nothing exists fails.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from zlib import crc32

from server.kernel.errors import NotFound
from server.library.facts import ALBUM, ARTIST, TRACK
from server.plays import marks, nowplaying, plays
from server.plays.nowplaying import Listening, Report
from subsonic.endpoints import GetNowPlaying, ReportPlayback, Scrobble, SetRating, Star, Unstar
from subsonic.protocol import handles
from subsonic.shapes import NowPlaying, NowPlayingEntry

if TYPE_CHECKING:
    from subsonic.mount import Call

KINDS = {"ar": ARTIST, "al": ALBUM, "tr": TRACK, "fo": marks.FOLDER}


@handles(Star)
async def star(call: Call, q: Star) -> None:
    await call.db.write(marks.star, call.viewer, _items(call, q.ids))


@handles(Unstar)
async def unstar(call: Call, q: Unstar) -> None:
    await call.db.write(marks.unstar, call.viewer, _items(call, q.ids))


@handles(SetRating)
async def set_rating(call: Call, q: SetRating) -> None:
    items = _items(call, (q.id,))
    if not items:
        raise NotFound("There is nothing of that id to rate.")
    await call.db.write(marks.rate, call.viewer, *items[0], q.rating)


@handles(Scrobble)
async def scrobble(call: Call, q: Scrobble) -> None:
    ids = call.ids.numbers("tr", q.id)
    if q.submission:
        entries = list(zip(ids, q.time or (None,) * len(ids), strict=True))
        await call.db.write(plays.scrobble, call.viewer, entries, call.client)
    else:
        await call.db.write(nowplaying.notice, call.viewer, ids[-1], call.client)


@handles(ReportPlayback)
async def report_playback(call: Call, q: ReportPlayback) -> None:
    track_id = call.ids.number("tr", q.media_id)
    said = Report(track_id, q.state, q.position_ms, q.playback_rate, q.ignore_scrobble)
    await call.db.write(plays.report, call.viewer, said, call.client)


@handles(GetNowPlaying)
async def now_playing(call: Call, q: GetNowPlaying) -> NowPlaying:
    found = await call.db.read(nowplaying.listening, call.viewer)
    return NowPlaying(entry=tuple(_entry(each) for each in found))


def _items(call: Call, texts: tuple[str, ...]) -> list[tuple[int, int]]:
    """Return those things that can be marked, as (kind, number)."""
    items = []
    for text in texts:
        try:
            prefix, number = call.ids.parse(text)
        except NotFound:
            continue
        if prefix in KINDS:
            items.append((KINDS[prefix], number))
    return items


def _entry(each: Listening) -> NowPlayingEntry:
    return NowPlayingEntry.over(
        each.track,
        username=each.name,
        minutes_ago=each.ago_ms // 60_000,
        # Typed clients read this as a whole number of 32 bits; ours have names, of which this is a digest.
        player_id=crc32(f"{each.user_id} {each.client}".encode()) >> 1,
        player_name=each.client,
        state=each.state,
        position_ms=each.position_ms,
        playback_rate=each.rate,
    )
