"""Annotation: stars, ratings, plays, and who is listening just now.

Clients send any id in any parameter, some of them stale: what exists is done,
and only a call in which nothing exists fails.
"""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING
from zlib import crc32

from server.kernel.errors import NotFound
from server.library import playables, radio
from server.library.facts import ALBUM, ARTIST, EPISODE, TRACK
from server.plays import marks, nowplaying, plays, tuned
from server.plays.nowplaying import Listening, Report
from server.plays.tuned import Tuned
from server.stream.tuner import Heard, Tuner
from subsonic.endpoints import GetNowPlaying, ReportPlayback, Scrobble, SetRating, Star, Unstar
from subsonic.protocol import handles
from subsonic.shapes import NowPlaying, NowPlayingEntry

if TYPE_CHECKING:
    from subsonic.mount import Call

KINDS = {"ar": ARTIST, "al": ALBUM, "tr": TRACK, "fo": marks.FOLDER, "pe": EPISODE}


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
    if all(each.startswith("ra-") for each in q.id):
        await _tune(call, q.id[-1], None if q.submission else "playing")
        return
    ids = playables.numbers(call.ids, q.id)
    if q.submission:
        entries = list(zip(ids, q.time or (None,) * len(ids), strict=True))
        await call.db.write(plays.scrobble, call.viewer, entries, call.client)
    else:
        await call.db.write(plays.begin, call.viewer, ids[-1], call.client)


@handles(ReportPlayback)
async def report_playback(call: Call, q: ReportPlayback) -> None:
    if q.media_id.startswith("ra-"):
        await _tune(call, q.media_id, q.state)
        return
    track_id = playables.number(call.ids, q.media_id)
    said = Report(track_id, q.state, q.position_ms, q.playback_rate, q.ignore_scrobble)
    await call.db.write(plays.report, call.viewer, said, call.client)


@handles(GetNowPlaying)
async def now_playing(call: Call, q: GetNowPlaying) -> NowPlaying:
    songs = await call.db.read(nowplaying.listening, call.viewer)
    tuner: Tuner = call.app.part(Tuner)
    stations = tuner.listening(await call.db.read(tuned.listening, call.viewer))
    # A client plays one thing at a time: the one that began last.
    since = {(each.user_id, each.client): each.ago_ms for each in stations}
    found = [(each.ago_ms, _entry(each)) for each in songs
             if each.ago_ms <= since.get((each.user_id, each.client), each.ago_ms)]  # fmt: skip
    found += [(each.ago_ms, _station(call, each, tuner.heard(each.station))) for each in stations]
    found.sort(key=itemgetter(0))
    return NowPlaying(entry=tuple([entry for _, entry in found]))


async def _tune(call: Call, id_text: str, state: str | None) -> None:
    """Note what a client does with a station; that one was heard, a state of None, leaves no trace: it has no end."""
    number = call.ids.number("ra", id_text)
    if state is None:
        await call.db.read(radio.by_id, number)
    else:
        await call.db.write(tuned.tune, call.viewer, number, call.client, state)


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
        player_id=_player(each),
        player_name=each.client,
        state=each.state,
        position_ms=each.position_ms,
        playback_rate=each.rate,
    )


def _station(call: Call, each: Tuned, heard: Heard) -> NowPlayingEntry:
    """Show a station as what is on just now, by its own name until that is known."""
    id_text = call.ids.text("ra", each.station.id)
    artist = each.station.name if heard.title else None
    return NowPlayingEntry(
        id=id_text,
        is_dir=False,
        title=heard.title or each.station.name,
        artist=artist,
        display_artist=artist or "",
        cover_art=id_text,
        content_type=heard.content_type,
        bit_rate=heard.bitrate_kbps or None,
        is_video=False,
        type="music",
        username=each.name,
        minutes_ago=each.ago_ms // 60_000,
        player_id=_player(each),
        player_name=each.client,
        state=each.state,
        position_ms=0,
        playback_rate=1.0,
    )


def _player(each: Listening | Tuned) -> int:
    # Typed clients read this as a whole number of 32 bits; ours have names, of which this is a digest.
    return crc32(f"{each.user_id} {each.client}".encode()) >> 1
