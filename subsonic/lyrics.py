"""Lyrics, by song and by name.

Clients take the first of several, so the best comes first. What the second version of songLyrics added is sent only to
who asks for it, so that others get what they always got.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from server.library import lyrics, outside
from server.library.facts import TRACK
from server.library.lyrics import Sung
from server.library.sung.layers import CueLine, Layer
from subsonic import shapes
from subsonic.endpoints import GetLyrics, GetLyricsBySongId
from subsonic.protocol import handles

if TYPE_CHECKING:
    from subsonic.mount import Call

LONG_CHARS = 64 * 1024
"""What is stored of longer lyrics is unpacked in a thread."""


@handles(GetLyrics)
async def by_name(call: Call, q: GetLyrics) -> shapes.Lyrics:
    found = await call.db.read(lyrics.named, call.viewer, q.artist, q.title)
    if found is None:
        return shapes.Lyrics()
    return shapes.Lyrics(value=found.layers(lyrics.PLAIN)[0].text, artist=found.artist or None, title=found.title)


@handles(GetLyricsBySongId)
async def by_song(call: Call, q: GetLyricsBySongId) -> shapes.LyricsList:
    number = call.ids.number("tr", q.id)
    found = await call.db.read(lyrics.of, call.viewer, number)
    if not found.stored:
        await outside.wish(call.app, TRACK, number)
    if sum(len(content) for _, content in found.stored) > LONG_CHARS:
        return await asyncio.to_thread(_list, found, q.enhanced)
    return _list(found, q.enhanced)


def _list(found: Sung, enhanced: bool) -> shapes.LyricsList:
    layers = found.layers() if enhanced else found.layers(lyrics.PLAIN)
    return shapes.LyricsList(structured_lyrics=tuple([_shown(layer, found, enhanced) for layer in layers]))


def _shown(layer: Layer, found: Sung, enhanced: bool) -> shapes.StructuredLyrics:
    more = _enhanced(layer) if enhanced else {}
    return shapes.StructuredLyrics(
        lang=layer.lang,
        synced=layer.synced,
        line=tuple([shapes.Line(value=line.text, start=line.start_ms) for line in layer.lines]),
        display_artist=layer.artist or found.artist or None,
        display_title=layer.title or found.title or None,
        offset=layer.offset_ms or None,
        **more,
    )


def _enhanced(layer: Layer) -> dict:
    agents = [shapes.Agent(id=agent.id, role=agent.role, name=agent.name or None) for agent in layer.agents]
    return {
        "kind": layer.kind,
        "agents": tuple(agents) or None,
        "cue_line": tuple([_cue_line(line) for line in layer.cue_lines]) or None,
    }


def _cue_line(line: CueLine) -> shapes.CueLine:
    text = line.text.encode()
    cues = [
        shapes.Cue(
            start=cue.start_ms, end=cue.end_ms, byte_start=cue.first_byte, byte_end=cue.last_byte,
            value=text[cue.first_byte : cue.last_byte + 1].decode(),
        )
        for cue in line.cues
    ]  # fmt: skip
    return shapes.CueLine(
        index=line.index, start=line.start_ms, end=line.end_ms, value=line.text, agent_id=line.agent or None,
        cue=tuple(cues),
    )  # fmt: skip
