"""What a share is made of, as tracks: songs, albums, artists, folders and playlists, for the one who shares them.

The rule a newcomer would break: everything here ends in `tracks.visible`, so that no way of asking leads to a track
that this person may not hear.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from server.kernel.clock import Millis
from server.kernel.db import Connection
from server.kernel.errors import Invalid, NotFound
from server.kernel.ids import Ids
from server.library import albums, artists, folders, tracks
from server.playlists import playlists
from server.users.people import Viewer

TRACKS_MAX = 5_000
"""What is beyond is left out: a page of more is none that a browser shows."""
COLLECTIONS_MAX = 500


class Item(NamedTuple):
    """One thing: its kind is the prefix of its id."""

    kind: str
    id: int


class Track(NamedTuple):
    """A track as guests see it."""

    id: int
    title: str
    artist: str
    album: str
    length_ms: Millis
    suffix: str
    codec: str
    size_bytes: int


def named(ids: Ids, texts: Iterable[str]) -> list[Item]:
    """Return the things that some ids stand for; what is no id of ours is nothing that could be shared."""
    items = []
    for text in texts:
        try:
            items.append(Item(*ids.parse(text)))
        except NotFound:
            continue
    return items


def there(db: Connection, viewer: Viewer, items: Sequence[Item]) -> list[Item]:
    """Return those things that the viewer may hear something of, in their order. Raises Invalid for too many."""
    if sum(item.kind != "tr" for item in items) > COLLECTIONS_MAX:
        raise Invalid(f"A share holds {COLLECTIONS_MAX} albums, artists, folders and playlists at most.")
    seen = set()
    for kind, noun in (("tr", tracks), ("al", albums), ("ar", artists)):
        ids = [item.id for item in items if item.kind == kind]
        seen |= {Item(kind, number) for number in noun.visible(db, viewer, ids)} if ids else set()
    seen |= {item for item in items if item.kind in ("fo", "pl") and _ids(db, viewer, item)}
    return [item for item in items if item in seen]


def tracks_of(db: Connection, viewer: Viewer, items: Iterable[Item]) -> list[int]:
    """Return the tracks of some things in their order, each once, as far as the viewer may hear them."""
    wanted: dict[int, None] = {}
    for item in items:
        wanted.update(dict.fromkeys(_ids(db, viewer, item)))
        # Only songs that were named one by one can still turn out to be hidden.
        if len(wanted) >= 2 * TRACKS_MAX:
            break
    return tracks.visible(db, viewer, list(wanted))[:TRACKS_MAX] if wanted else []


def told(db: Connection, viewer: Viewer, track_ids: Sequence[int]) -> list[Track]:
    """Return what guests are told of some tracks, in their order."""
    found = {row[0]: Track(*row) for row in db.rows(
        "SELECT t.id, t.title, t.artist, COALESCE(a.name, ''), t.length_ms, t.suffix, t.codec, t.size_bytes"
        " FROM EACH(:ids) e JOIN track t ON t.id = e.id LEFT JOIN album a ON a.id = t.album_id"
        " WHERE t.missing_ms IS NULL AND t.library_id IN (SELECT id FROM EACH(:libraries))",
        ids=track_ids, libraries=viewer.libraries,
    )}  # fmt: skip
    return [found[number] for number in track_ids if number in found]


def name(db: Connection, viewer: Viewer, item: Item) -> tuple[str, str]:
    """Return what a thing is called and by whom it is. Raises NotFound."""
    match item.kind:
        case "al":
            row = db.row("SELECT name, artist FROM album WHERE id = :id", id=item.id)
        case "tr":
            row = db.row("SELECT title, artist FROM track WHERE id = :id", id=item.id)
        case "ar":
            row = db.row("SELECT name, '' FROM artist WHERE id = :id", id=item.id)
        case "pl":
            row = (playlists.name(db, viewer, item.id), "")
        case _:
            row = (folders.one(db, viewer, item.id).name, "")
    if row is None:
        raise NotFound("There is no such thing.")
    return row


def _ids(db: Connection, viewer: Viewer, item: Item) -> list[int]:
    """Return the tracks of one thing in the order in which one hears them; none of what is not the viewer's."""
    if item.kind not in _OF:
        return []
    try:
        return _OF[item.kind](db, viewer, item.id)
    except NotFound:
        return []


def _of_album(db: Connection, viewer: Viewer, number: int) -> list[int]:
    return [row[0] for row in db.rows(
        "SELECT id FROM track WHERE album_id = :album AND missing_ms IS NULL"
        " AND library_id IN (SELECT id FROM EACH(:libraries)) ORDER BY disc, track, sort, id",
        album=number, libraries=viewer.libraries,
    )]  # fmt: skip


def _of_artist(db: Connection, viewer: Viewer, number: int) -> list[int]:
    """Return what an artist performs, oldest album first."""
    if not artists.visible(db, viewer, [number]):
        return []
    return [row[0] for row in db.rows(
        "SELECT t.id FROM track t JOIN album a ON a.id = t.album_id WHERE t.missing_ms IS NULL AND t.id IN"
        " (SELECT c.track_id FROM credit c WHERE c.artist_id = :artist AND c.role IN ('artist', 'albumartist'))"
        " AND t.library_id IN (SELECT id FROM EACH(:libraries))"
        " ORDER BY a.year, a.sort, a.id, t.disc, t.track, t.sort, t.id",
        artist=number, libraries=viewer.libraries,
    )]  # fmt: skip


def _of_folder(db: Connection, viewer: Viewer, number: int) -> list[int]:
    """Return what is in a folder and below it."""
    top = folders.one(db, viewer, number)
    below = f"{top.path}/" if top.path else ""
    return [row[0] for row in db.rows(
        "SELECT t.id FROM folder f JOIN track t ON t.folder_id = f.id WHERE f.library_id = :library"
        " AND (f.id = :id OR substr(f.path, 1, :length) = :below) AND t.missing_ms IS NULL"
        " ORDER BY f.path, t.disc, t.track, t.name",
        library=top.library_id, id=top.id, below=below, length=len(below),
    )]  # fmt: skip


_OF = {
    "tr": lambda db, viewer, number: [number],
    "al": _of_album,
    "ar": _of_artist,
    "fo": _of_folder,
    "pl": playlists.track_ids,
}
