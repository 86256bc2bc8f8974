"""Searching: by words, and the empty query by which clients copy a whole library."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.kernel.db import Connection
from server.library import libraries, search
from server.library.facts import Faced
from server.users.people import Viewer
from subsonic import endpoints, shapes
from subsonic.protocol import handles

if TYPE_CHECKING:
    from subsonic.mount import Call

MATCHES_MAX = 1000


@handles(endpoints.Search)
async def search1(call: Call, q: endpoints.Search) -> shapes.SearchResult:
    words = " ".join(part for part in (q.any, q.artist, q.album, q.title) if part)
    found = await call.db.read(search.find_tracks, call.viewer, call.viewer.libraries, words, MATCHES_MAX, 0)
    if q.newer_than is not None:
        newer = await call.db.read(search.newer_than, [each.id for each in found], q.newer_than)
        found = [each for each in found if each.id in newer]
    page = found[q.offset : q.offset + q.count]
    return shapes.SearchResult(offset=q.offset, total_hits=len(found), match=tuple(page))


@handles(endpoints.Search2)
async def search2(call: Call, q: endpoints.Search2) -> shapes.SearchResult2:
    people, several, songs = await call.db.read(_find, call.viewer, q)
    return shapes.SearchResult2(artist=people, album=several, song=songs)


@handles(endpoints.Search3)
async def search3(call: Call, q: endpoints.Search3) -> shapes.SearchResult3:
    people, several, songs = await call.db.read(_find, call.viewer, q)
    return shapes.SearchResult3(artist=people, album=several, song=songs)


def _find(db: Connection, viewer: Viewer, q: endpoints.Words) -> tuple[tuple[Faced, ...], ...]:
    chosen = libraries.chosen(viewer, q.music_folder_id)
    return (
        tuple(search.find_artists(db, viewer, chosen, q.words, q.artist_count, q.artist_offset)),
        tuple(search.find_albums(db, viewer, chosen, q.words, q.album_count, q.album_offset)),
        tuple(search.find_tracks(db, viewer, chosen, q.words, q.song_count, q.song_offset)),
    )
