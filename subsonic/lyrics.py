"""Lyrics, by song and by name.

Clients take the first of several, so the best comes first. Nothing is kept
between calls: who edits a file of lyrics sees it when the song is next played.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from server.library import lyrics
from server.library.lyrics import Sources
from subsonic import shapes
from subsonic.endpoints import GetLyrics, GetLyricsBySongId
from subsonic.protocol import handles

if TYPE_CHECKING:
    from subsonic.mount import Call


@handles(GetLyrics)
async def by_name(call: Call, q: GetLyrics) -> shapes.Lyrics:
    for found in await call.db.read(lyrics.named, call.viewer, q.artist, q.title):
        if known := await asyncio.to_thread(lyrics.read, found):
            return shapes.Lyrics(value=known[0].text, artist=found.artist or None, title=found.title)
    return shapes.Lyrics()


@handles(GetLyricsBySongId)
async def by_song(call: Call, q: GetLyricsBySongId) -> shapes.LyricsList:
    found = await call.db.read(lyrics.sources, call.viewer, call.ids.number("tr", q.id))
    known = await asyncio.to_thread(lyrics.read, found)
    return shapes.LyricsList(structured_lyrics=tuple([_shown(each, found) for each in known]))


def _shown(known: lyrics.Lyrics, found: Sources) -> shapes.StructuredLyrics:
    return shapes.StructuredLyrics(
        lang=known.lang,
        synced=known.synced,
        line=tuple([shapes.Line(value=line.text, start=line.start_ms) for line in known.lines]),
        display_artist=known.artist or found.artist or None,
        display_title=known.title or found.title or None,
        offset=known.offset_ms or None,
    )
