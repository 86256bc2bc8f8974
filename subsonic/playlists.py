"""Playlists: lists of songs that people keep, their own and those that others made public."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from server.playlists import playlists
from server.playlists.playlists import Change
from subsonic.endpoints import CreatePlaylist, DeletePlaylist, GetPlaylist, GetPlaylists, UpdatePlaylist
from subsonic.present import length_s
from subsonic.protocol import handles
from subsonic.shapes import Playlist, Playlists, PlaylistWithSongs

if TYPE_CHECKING:
    from subsonic.mount import Call


@handles(GetPlaylists)
async def get_playlists(call: Call, q: GetPlaylists) -> Playlists:
    found = await call.db.read(playlists.listed, call.viewer, q.username or None)
    return Playlists(playlist=tuple(Playlist(**_members(call, each)) for each in found))


@handles(GetPlaylist)
async def get_playlist(call: Call, q: GetPlaylist) -> PlaylistWithSongs:
    return await _opened(call, call.ids.number("pl", q.id))


@handles(CreatePlaylist)
async def create_playlist(call: Call, q: CreatePlaylist) -> PlaylistWithSongs:
    """Answer with the playlist: clients that get none try again, and make four of it."""
    track_ids = call.ids.numbers("tr", q.song_id)
    if q.playlist_id:
        number = call.ids.number("pl", q.playlist_id)
        await call.db.write(playlists.replace, call.viewer, number, track_ids, q.name or None)
    else:
        number = await call.db.write(playlists.create, call.viewer, q.name, track_ids)
    return await _opened(call, number)


@handles(UpdatePlaylist)
async def update_playlist(call: Call, q: UpdatePlaylist) -> None:
    change = Change(
        name=q.name,
        comment=q.comment,
        public=q.public,
        remove=q.song_index_to_remove,
        add=call.ids.numbers("tr", q.song_id_to_add),
    )
    await call.db.write(playlists.update, call.viewer, call.ids.number("pl", q.playlist_id), change)


@handles(DeletePlaylist)
async def delete_playlist(call: Call, q: DeletePlaylist) -> None:
    await call.db.write(playlists.delete, call.viewer, call.ids.number("pl", q.id))


async def _opened(call: Call, number: int) -> PlaylistWithSongs:
    head, tracks = await call.db.read(playlists.opened, call.viewer, number)
    return PlaylistWithSongs(**_members(call, head), entry=tuple(tracks))


def _members(call: Call, each: playlists.Playlist) -> dict[str, Any]:
    text = call.ids.text("pl", each.id)
    return {
        "id": text,
        "name": each.name,
        "comment": each.comment,
        "owner": each.owner,
        "public": each.public,
        "song_count": each.track_count,
        "duration": length_s(each.length_ms),
        "created": each.created_ms,
        "changed": each.changed_ms,
        "cover_art": text,
        "readonly": each.readonly,
        "valid_until": each.valid_until_ms,
    }
