"""Information: who an artist is, what is like them, what they are known for.

Knowing nothing is an answer, because clients ask for this before they show a
page; only an id that leads nowhere is an error. What outside services could add
is asked for later, by a job: the next call has it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.kernel.db import Connection, long
from server.library import artists, info, outside, shown, similar, tracks
from server.library.facts import ALBUM, ARTIST, Faced
from server.library.info import Told
from server.library.notes import Note, Notes
from server.library.sonic import Engine
from server.users.addresses import home
from server.users.people import Viewer
from server.users.signin import SignIn
from subsonic import endpoints, shapes
from subsonic.protocol import handles

if TYPE_CHECKING:
    from subsonic.mount import Call

ABSENT = "-1"
"""The id of an artist of whom nothing is here."""


@handles(endpoints.GetArtistInfo)
async def artist_info(call: Call, q: endpoints.GetArtistInfo) -> shapes.ArtistInfo:
    told, members = await _artist(call, q)
    absent = [shapes.Artist(id=ABSENT, name=name) for name in told.absent if q.include_not_present]
    return shapes.ArtistInfo(**members, similar_artist=(*told.similar, *absent))


@handles(endpoints.GetArtistInfo2)
async def artist_info2(call: Call, q: endpoints.GetArtistInfo2) -> shapes.ArtistInfo2:
    told, members = await _artist(call, q)
    absent = [shapes.ArtistID3(id=ABSENT, name=name, album_count=0) for name in told.absent if q.include_not_present]
    return shapes.ArtistInfo2(**members, similar_artist=(*told.similar, *absent))


async def _artist(call: Call, q: endpoints.AboutArtist) -> tuple[Told, dict[str, str]]:
    artist_id = await call.db.read(similar.artist_of, call.viewer, *call.ids.parse(q.id))
    if artist_id is None:
        return info.NOBODY, {}
    told = await call.db.read(info.of_artist, call.viewer, artist_id, q.count)
    note = await call.app.part(Notes).of_artist(call.viewer, artist_id)
    await outside.wish(call.app, ARTIST, artist_id)
    return told, _members(call, told, note, "biography")


@handles(endpoints.GetAlbumInfo)
async def album_info(call: Call, q: endpoints.GetAlbumInfo) -> shapes.AlbumInfo:
    return await _album(call, q.id)


@handles(endpoints.GetAlbumInfo2)
async def album_info2(call: Call, q: endpoints.GetAlbumInfo2) -> shapes.AlbumInfo:
    return await _album(call, q.id)


async def _album(call: Call, text: str) -> shapes.AlbumInfo:
    album_id, told = await call.db.read(info.of_album, call.viewer, *call.ids.parse(text))
    note = await call.app.part(Notes).of_album(call.viewer, album_id)
    await outside.wish(call.app, ALBUM, album_id)
    return shapes.AlbumInfo(**_members(call, told, note, "notes"))


def _members(call: Call, told: Told, note: Note, text: str) -> dict[str, str]:
    """Return the members that all kinds of information share, without those that nothing is known of."""
    origin = home(call.request, call.app.config)
    pictures = shown.addresses(call.app.part(SignIn).key, call.ids, origin, told.cover_id) or told.about.images
    named = dict(zip(("small_image_url", "medium_image_url", "large_image_url"), pictures, strict=False))
    named |= {
        text: note.text or told.about.text,
        "music_brainz_id": told.about.mbid or note.mbid,
        "last_fm_url": told.about.url,
    }
    return {name: value for name, value in named.items() if value}


@handles(endpoints.GetSimilarSongs)
async def similar_songs(call: Call, q: endpoints.GetSimilarSongs) -> shapes.SimilarSongs:
    return shapes.SimilarSongs(song=tuple(await _alike(call, q.id, q.count)))


@handles(endpoints.GetSimilarSongs2)
async def similar_songs2(call: Call, q: endpoints.GetSimilarSongs2) -> shapes.SimilarSongs2:
    return shapes.SimilarSongs2(song=tuple(await _alike(call, q.id, q.count)))


async def _alike(call: Call, text: str, count: int) -> list[Faced]:
    engine = call.app.parts.get(Engine)
    return await call.db.read(similar.tracks_like, call.viewer, *call.ids.parse(text), count, engine)


@handles(endpoints.GetTopSongs)
async def top_songs(call: Call, q: endpoints.GetTopSongs) -> shapes.TopSongs:
    number = call.ids.number("ar", q.id) if q.id else None
    found = await call.db.read(_top_songs, call.viewer, number, q.artist or "", q.count)
    return shapes.TopSongs(song=tuple(found))


@long
def _top_songs(db: Connection, viewer: Viewer, number: int | None, name: str, count: int) -> list[Faced]:
    if number is None:
        number = artists.by_name(db, viewer, name)
        if number is None:
            return []
    artists.one(db, viewer, number)
    return tracks.page(db, viewer, info.top_tracks(db, viewer, number, count))
