"""Where the picture of a thing is: of a cover, album, track, artist, folder or playlist.

Read from the database alone; no file is touched. The rule a newcomer would
break: what this viewer may not see is NotFound, but a thing without a picture is
a Source without places, because it gets a drawn one.
"""

from collections.abc import Callable
from typing import NamedTuple

from server.kernel.db import Connection
from server.kernel.errors import NotFound
from server.kernel.files import display
from server.library import episodes, radio
from server.users.people import Viewer


class Place(NamedTuple):
    """Where one picture is: an image file (`picture` -1) or the n-th picture inside an audio file."""

    root: str
    path: str
    picture: int
    state: str
    """Changes when the file does."""


class Stored(NamedTuple):
    """A picture that is kept in a table: one that our own child made of what somebody gave us."""

    key: str
    """Names its content."""
    read: Callable[[Connection, int], bytes | None]
    number: int


class Source(NamedTuple):
    """What an id stands for: its name, and where its picture may be; four places make a mosaic."""

    kind: str
    name: str
    places: tuple[Place, ...] = ()
    stored: Stored | None = None


_PLACE = "l.path, c.path, c.picture, c.mtime_ns, c.size_bytes"
_HEARD = "IN (SELECT id FROM EACH(:libraries))"


def source(db: Connection, viewer: Viewer, prefix: str, number: int) -> Source:
    """Return where the picture of an id is. Raises NotFound for what is not there or not this viewer's."""
    return _SOURCES[prefix](db, viewer, number)


def _of_cover(db: Connection, viewer: Viewer, number: int) -> Source:
    row = db.row(
        f"SELECT c.path, {_PLACE} FROM cover c JOIN library l ON l.id = c.library_id"
        f" WHERE c.id = :id AND c.library_id {_HEARD}",
        id=number, libraries=viewer.libraries,
    )  # fmt: skip
    if row is None:
        return _of_whom_it_shows(db, viewer, number)
    found = _found("album", row)
    folder = found.name.rpartition("/")[0]
    return found._replace(name=display((folder or found.name).rpartition("/")[2]))


def _of_whom_it_shows(db: Connection, viewer: Viewer, number: int) -> Source:
    """Return the picture that an artist has for this viewer, when the one that everybody is told of is not theirs.

    An artist looks the same to everybody, so a viewer is told the id of a cover in a library that they may not hear.
    """
    artist = db.value(
        "SELECT x.id FROM artist x JOIN artist_library s ON s.artist_id = x.id"
        f" WHERE x.cover_id = :id AND s.library_id {_HEARD} ORDER BY x.id LIMIT 1",
        id=number, libraries=viewer.libraries,
    )  # fmt: skip
    if artist is None:
        raise NotFound("There is no such cover.")
    return _of_artist(db, viewer, artist)


def _of_album(db: Connection, viewer: Viewer, number: int) -> Source:
    row = db.row(
        f"SELECT a.name, {_PLACE} FROM album a"
        " LEFT JOIN cover c ON c.id = a.cover_id LEFT JOIN library l ON l.id = c.library_id"
        f" WHERE a.id = :id AND a.library_id {_HEARD}",
        id=number, libraries=viewer.libraries,
    )  # fmt: skip
    return _found("album", row)


def _of_track(db: Connection, viewer: Viewer, number: int) -> Source:
    row = db.row(
        f"SELECT COALESCE(a.name, t.title), {_PLACE} FROM track t LEFT JOIN album a ON a.id = t.album_id"
        " LEFT JOIN cover c ON c.id = COALESCE(t.cover_id, a.cover_id) LEFT JOIN library l ON l.id = c.library_id"
        f" WHERE t.id = :id AND t.library_id {_HEARD}",
        id=number, libraries=viewer.libraries,
    )  # fmt: skip
    return _found("album", row)


def _of_artist(db: Connection, viewer: Viewer, number: int) -> Source:
    row = db.row(
        f"SELECT x.name, {_PLACE} FROM artist x"
        f" LEFT JOIN cover c ON c.id = x.cover_id AND c.library_id {_HEARD}"
        " LEFT JOIN library l ON l.id = c.library_id"
        " WHERE x.id = :id AND EXISTS"
        f" (SELECT 1 FROM artist_library s WHERE s.artist_id = x.id AND s.library_id {_HEARD})",
        id=number, libraries=viewer.libraries,
    )  # fmt: skip
    found = _found("artist", row)
    if found.places:
        return found
    # The artist's own cover may be in a library of others: then one of the albums that this viewer hears.
    album = db.row(
        f"SELECT '', {_PLACE} FROM album a JOIN cover c ON c.id = a.cover_id JOIN library l ON l.id = c.library_id"
        f" WHERE a.artist_id = :id AND a.library_id {_HEARD} ORDER BY a.year DESC, a.id LIMIT 1",
        id=number, libraries=viewer.libraries,
    )  # fmt: skip
    return found._replace(places=_places([album] if album else []))


def _of_folder(db: Connection, viewer: Viewer, number: int) -> Source:
    row = db.row(
        "SELECT f.name, f.path, f.image, f.portrait, l.path, f.changed_ms, f.signature"
        f" FROM folder f JOIN library l ON l.id = f.library_id WHERE f.id = :id AND f.library_id {_HEARD}",
        id=number, libraries=viewer.libraries,
    )  # fmt: skip
    if row is None:
        raise NotFound("There is no such cover.")
    name, path, image, portrait, root, changed_ms, signature = row
    if image := image or portrait:
        place = Place(root, f"{path}/{image}" if path else image, -1, f"{changed_ms}:{signature}")
        return Source("folder", display(name), (place,))
    inside = db.row(
        f"SELECT '', {_PLACE} FROM track t JOIN cover c ON c.id = t.cover_id JOIN library l ON l.id = c.library_id"
        " WHERE t.folder_id = :id AND t.missing_ms IS NULL LIMIT 1",
        id=number,
    )  # fmt: skip
    return Source("folder", display(name), _places([inside] if inside else []))


def _of_playlist(db: Connection, viewer: Viewer, number: int) -> Source:
    row = db.row(
        "SELECT name FROM playlist WHERE id = :id AND (owner_id = :user OR public = 1 OR :admin = 1)",
        id=number, user=viewer.user_id, admin=int(viewer.is_admin),
    )  # fmt: skip
    if row is None:
        raise NotFound("There is no such cover.")
    # The first covers among the first tracks: a list of ten thousand is not read for a mosaic of four.
    covers = db.rows(
        f"SELECT MIN(p.at), {_PLACE} FROM playlist_track p JOIN track t ON t.id = p.track_id"
        " JOIN album a ON a.id = t.album_id JOIN cover c ON c.id = COALESCE(a.cover_id, t.cover_id)"
        f" JOIN library l ON l.id = c.library_id WHERE p.playlist_id = :id AND p.at < 200 AND t.library_id {_HEARD}"
        f" GROUP BY c.id, {_PLACE} ORDER BY 1 LIMIT 4",
        id=number, libraries=viewer.libraries,
    )  # fmt: skip
    return Source("playlist", row[0], _places(covers))


def _of_station(db: Connection, viewer: Viewer, number: int) -> Source:
    station = radio.by_id(db, number)
    stored = Stored(station.picture_key, radio.picture, number) if station.picture_key else None
    return Source("station", station.name, (), stored)


def _of_channel(db: Connection, viewer: Viewer, number: int) -> Source:
    return _of_podcast(db, "c.id = :id", number)


def _of_episode(db: Connection, viewer: Viewer, number: int) -> Source:
    return _of_podcast(db, "c.id = (SELECT channel_id FROM podcast_episode WHERE id = :id)", number)


def _of_podcast(db: Connection, which: str, number: int) -> Source:
    row = db.row(f"SELECT c.title, c.image, c.image_url FROM podcast_channel c WHERE c.removed = 0 AND {which}",
                 id=number)  # fmt: skip
    if row is None:
        raise NotFound("There is no such cover.")
    title, image, url = row
    return Source("podcast", title, (Place(episodes.folder(db), image, -1, url),) if image else ())


_SOURCES = {
    "co": _of_cover,
    "al": _of_album,
    "tr": _of_track,
    "ar": _of_artist,
    "fo": _of_folder,
    "pl": _of_playlist,
    "ra": _of_station,
    "pc": _of_channel,
    "pe": _of_episode,
}


def _found(kind: str, row: tuple | None) -> Source:
    if row is None:
        raise NotFound("There is no such cover.")
    return Source(kind, row[0], _places([row] if row[1] is not None else []))


def _places(rows: list[tuple]) -> tuple[Place, ...]:
    return tuple([Place(row[1], row[2], row[3], f"{row[4]}:{row[5]}") for row in rows])
