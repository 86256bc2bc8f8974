"""Browsing: by folders as they lie on disk, and by tags.

Ids are one space: an artist, an album or a music folder can be opened like a
directory, because clients mix the two views freely.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.kernel.db import Connection, long
from server.kernel.errors import NotFound
from server.kernel.files import display
from server.library import albums, artists, folders, genres, libraries, tracks
from server.library.albums import About
from server.library.facts import Faced
from server.library.folders import Folder
from server.library.names import IGNORED_ARTICLES, letter, sort_key
from server.plays import marks
from server.plays.marks import OfFolder
from server.users.people import Viewer
from subsonic import endpoints, shapes
from subsonic.protocol import handles

if TYPE_CHECKING:
    from subsonic.mount import Call


@handles(endpoints.GetMusicFolders)
async def music_folders(call: Call, q: endpoints.GetMusicFolders) -> shapes.MusicFolders:
    found = await call.db.read(libraries.heard_by, call.viewer)
    return shapes.MusicFolders(music_folder=tuple(shapes.MusicFolder(id=f.id, name=f.name) for f in found))


@handles(endpoints.GetIndexes)
async def indexes(call: Call, q: endpoints.GetIndexes) -> shapes.Indexes | None:
    chosen = libraries.chosen(call.viewer, q.music_folder_id)
    changed_ms = await call.db.read(folders.changed_ms, chosen)
    if q.if_modified_since is not None and changed_ms <= q.if_modified_since:
        return None
    tops, marked, loose = await call.db.read(_top_level, call.viewer, chosen)
    letters: dict[str, list[Folder]] = {}
    for folder in sorted(tops, key=lambda f: (sort_key(f.name), f.id)):
        letters.setdefault(letter(sort_key(folder.name)), []).append(folder)
    return shapes.Indexes(
        last_modified=changed_ms,
        ignored_articles=IGNORED_ARTICLES,
        index=tuple(
            shapes.Index(name=name, artist=tuple(
                shapes.Artist(id=call.ids.text("fo", f.id), name=_called(f), **_marks(marked.get(f.id)))
                for f in members
            ))
            for name, members in sorted(letters.items())
        ),
        child=tuple(loose),
    )  # fmt: skip


@long
def _top_level(
    db: Connection, viewer: Viewer, chosen: tuple[int, ...]
) -> tuple[list[Folder], dict[int, OfFolder], list[Faced]]:
    tops: list[Folder] = []
    loose: list[Faced] = []
    for library in chosen:
        try:
            root = folders.root(db, viewer, library)
        except NotFound:
            continue
        tops += folders.children(db, root)
        loose += tracks.of_folder(db, viewer, root.id)
    return tops, marks.of_folders(db, viewer, [each.id for each in tops]), loose


@handles(endpoints.GetMusicDirectory)
async def directory(call: Call, q: endpoints.GetMusicDirectory) -> shapes.Directory:
    if q.id.isdecimal() and len(q.id) < 10:
        root = await call.db.read(folders.root, call.viewer, int(q.id))
        return await _folder(call, root)
    prefix, number = call.ids.parse(q.id)
    if prefix == "fo":
        return await _folder(call, await call.db.read(folders.one, call.viewer, number))
    if prefix == "ar":
        name, own, rows = await call.db.read(_artist_directory, call.viewer, number)
        return shapes.Directory(id=q.id, name=name, child=tuple(rows), **_all_marks(own))
    if prefix == "al":
        about, own, rows = await call.db.read(_album_directory, call.viewer, number)
        parent = call.ids.text("ar", about.artist_id) if about.artist_id else None
        return shapes.Directory(id=q.id, parent=parent, name=about.name, child=tuple(rows), **_all_marks(own))
    raise NotFound("There is no such directory.")


async def _folder(call: Call, folder: Folder) -> shapes.Directory:
    inside, pictured, marked, songs = await call.db.read(_inside, call.viewer, folder)
    parent = call.ids.text("fo", folder.parent_id) if folder.parent_id else None
    children = [_subfolder(call, folder, each, each.id in pictured, marked.get(each.id)) for each in inside]
    return shapes.Directory(
        id=call.ids.text("fo", folder.id), parent=parent, name=display(folder.name), child=(*children, *songs),
        **_marks(marked.get(folder.id)),
    )  # fmt: skip


def _subfolder(call: Call, parent: Folder, folder: Folder, pictured: bool, marked: OfFolder | None) -> shapes.Child:
    own = call.ids.text("fo", folder.id)
    return shapes.Child(
        id=own, parent=call.ids.text("fo", parent.id), is_dir=True, title=_called(folder),
        album=display(folder.name), artist=display(parent.name) or None, path=display(folder.path) or None,
        cover_art=own if pictured or folder.image or folder.portrait else None, **_marks(marked),
    )  # fmt: skip


def _called(folder: Folder) -> str:
    return display(folder.name) or "[Unknown]"


@long
def _inside(
    db: Connection, viewer: Viewer, folder: Folder
) -> tuple[list[Folder], set[int], dict[int, OfFolder], list[Faced]]:
    """List the folders in a folder, which have a picture in a track, marks of theirs and its own, and tracks."""
    inside = folders.children(db, folder)
    ids = [each.id for each in inside]
    marked = marks.of_folders(db, viewer, [folder.id, *ids])
    return inside, tracks.pictured(db, ids), marked, tracks.of_folder(db, viewer, folder.id)


def _artist_directory(db: Connection, viewer: Viewer, number: int) -> tuple[str, Faced, list[Faced]]:
    own = artists.one(db, viewer, number)
    return artists.names(db, viewer, [number])[number], own, albums.of_artist(db, viewer, number)


def _album_directory(db: Connection, viewer: Viewer, number: int) -> tuple[About, Faced, list[Faced]]:
    own = albums.one(db, viewer, number)
    return albums.about(db, viewer, number), own, tracks.of_album(db, viewer, number)


def _all_marks(own: Faced) -> dict[str, int | float | None]:
    """Return what the viewer has done with a thing, as a directory says it; what there is not is left out."""
    return {**_marks(own), "play_count": own.play_count or None}


def _marks(own: Faced | OfFolder | None) -> dict[str, int | float | None]:
    """Return the stars and ratings of a thing, as a directory and what is in it say them."""
    if own is None:
        return {}
    return {
        "starred": own.starred_ms, "user_rating": own.rating or None, "average_rating": own.average_rating or None,
    }  # fmt: skip


@handles(endpoints.GetGenres)
async def all_genres(call: Call, q: endpoints.GetGenres) -> shapes.Genres:
    found = await call.db.read(genres.counted, call.viewer)
    return shapes.Genres(genre=tuple(
        shapes.Genre(value=name, song_count=songs, album_count=several) for name, songs, several in found
    ))  # fmt: skip


@handles(endpoints.GetArtists)
async def all_artists(call: Call, q: endpoints.GetArtists) -> shapes.ArtistsID3:
    found = await call.db.read(artists.index, call.viewer, libraries.chosen(call.viewer, q.music_folder_id))
    return shapes.ArtistsID3(
        ignored_articles=IGNORED_ARTICLES,
        index=tuple(shapes.IndexID3(name=name, artist=tuple(members)) for name, members in found),
    )


@handles(endpoints.GetArtist)
async def artist(call: Call, q: endpoints.GetArtist):
    faced, rows = await call.db.read(_artist_page, call.viewer, call.ids.number("ar", q.id))
    return shapes.ArtistWithAlbumsID3.over(faced, album=tuple(rows))


def _artist_page(db: Connection, viewer: Viewer, number: int) -> tuple[Faced, list[Faced]]:
    return artists.one(db, viewer, number), albums.of_artist(db, viewer, number)


@handles(endpoints.GetAlbum)
async def album(call: Call, q: endpoints.GetAlbum):
    faced, rows = await call.db.read(_album_page, call.viewer, call.ids.number("al", q.id))
    return shapes.AlbumID3WithSongs.over(faced, song=tuple(rows))


def _album_page(db: Connection, viewer: Viewer, number: int) -> tuple[Faced, list[Faced]]:
    return albums.one(db, viewer, number), tracks.of_album(db, viewer, number)


@handles(endpoints.GetSong)
async def song(call: Call, q: endpoints.GetSong):
    return shapes.Child.over(await call.db.read(tracks.one, call.viewer, call.ids.number("tr", q.id)))


@handles(endpoints.GetVideos)
async def videos(call: Call, q: endpoints.GetVideos) -> shapes.Videos:
    return shapes.Videos()


@handles(endpoints.GetVideoInfo)
async def video_info(call: Call, q: endpoints.GetVideoInfo):
    raise NotFound("There is no such video.")
