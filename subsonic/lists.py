"""Lists: pages cut from orders, and what the caller starred."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.kernel.db import Connection, long
from server.library import albums, artists, libraries, tracks
from server.library.facts import ALBUM, ARTIST, TRACK, Faced
from server.plays import marks
from server.users.people import Viewer
from subsonic import endpoints, shapes
from subsonic.protocol import handles

if TYPE_CHECKING:
    from subsonic.mount import Call

BY_LIBRARY = {"newest": "newest", "alphabeticalByName": "name", "alphabeticalByArtist": "artist"}


@handles(endpoints.GetAlbumList)
async def album_list(call: Call, q: endpoints.GetAlbumList) -> shapes.AlbumList:
    return shapes.AlbumList(album=tuple(await _albums(call, q)))


@handles(endpoints.GetAlbumList2)
async def album_list2(call: Call, q: endpoints.GetAlbumList2) -> shapes.AlbumList2:
    return shapes.AlbumList2(album=tuple(await _albums(call, q)))


async def _albums(call: Call, q: endpoints.InOrder) -> list[Faced]:
    found, total = await call.db.read(_in_order, call.viewer, q)
    call.headers["X-Total-Count"] = str(total)
    return found


def _in_order(db: Connection, viewer: Viewer, q: endpoints.InOrder) -> tuple[list[Faced], int]:
    chosen = libraries.chosen(viewer, q.music_folder_id)
    if q.type in BY_LIBRARY:
        return albums.in_order(db, viewer, chosen, BY_LIBRARY[q.type], q.size, q.offset)
    if q.type == "random":
        return albums.at_random(db, viewer, chosen, q.size)
    if q.type == "byYear":
        return albums.by_year(db, viewer, chosen, q.from_year, q.to_year, q.size, q.offset)
    if q.type == "byGenre":
        return albums.by_genre(db, viewer, chosen, q.genre, q.size, q.offset)
    ids = marks.ordered(db, viewer, ALBUM, q.type, chosen)
    return albums.page(db, viewer, list(ids[q.offset : q.offset + q.size])), len(ids)


@handles(endpoints.GetRandomSongs)
async def random_songs(call: Call, q: endpoints.GetRandomSongs) -> shapes.Songs:
    chosen = libraries.chosen(call.viewer, q.music_folder_id)
    found = await call.db.read(
        tracks.at_random, call.viewer, chosen, q.size, q.genre or None, (q.from_year, q.to_year)
    )
    return shapes.Songs(song=tuple(found))


@handles(endpoints.GetSongsByGenre)
async def songs_by_genre(call: Call, q: endpoints.GetSongsByGenre) -> shapes.Songs:
    chosen = libraries.chosen(call.viewer, q.music_folder_id)
    found = await call.db.read(tracks.of_genre, call.viewer, chosen, q.genre, q.count, q.offset)
    return shapes.Songs(song=tuple(found))


@handles(endpoints.GetStarred)
async def starred(call: Call, q: endpoints.GetStarred) -> shapes.Starred:
    people, several, songs = await call.db.read(_starred, call.viewer, q.music_folder_id)
    return shapes.Starred(artist=people, album=several, song=songs)


@handles(endpoints.GetStarred2)
async def starred2(call: Call, q: endpoints.GetStarred2) -> shapes.Starred2:
    people, several, songs = await call.db.read(_starred, call.viewer, q.music_folder_id)
    return shapes.Starred2(artist=people, album=several, song=songs)


@long
def _starred(db: Connection, viewer: Viewer, music_folder: int | None) -> tuple[tuple[Faced, ...], ...]:
    chosen = libraries.chosen(viewer, music_folder)
    return (
        tuple(artists.page(db, viewer, marks.starred(db, viewer, ARTIST, chosen))),
        tuple(albums.page(db, viewer, marks.starred(db, viewer, ALBUM, chosen))),
        tuple(tracks.page(db, viewer, marks.starred(db, viewer, TRACK, chosen))),
    )
