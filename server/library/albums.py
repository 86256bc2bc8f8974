"""Albums: what their tracks say together, their faces, and the orders in which they are listed.

An order is one array of ids per library version, in memory: every offset costs
the same. The rule a newcomer would break: cut the page from the order first and
fetch faces by id; never OFFSET over a join.
"""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from random import sample
from typing import NamedTuple

from server.kernel.db import Connection
from server.kernel.errors import NotFound
from server.library import genres
from server.library.facts import Faced
from server.library.names import fold
from server.library.tracks import marked
from server.users.people import Viewer

OWNS = ("album", "album_artist", "album_genre")

COLUMNS = (
    "id", "library_id", "key", "name", "sort", "artist", "artist_sort", "artist_id", "folder_id", "mbid", "year",
    "added_ms", "track_count", "length_s", "cover_id", "words",
)  # fmt: skip


@dataclass(slots=True)
class Draft:
    """An album on its way into the database: its columns in the order of `COLUMNS`, and what hangs on it."""

    id: int
    library_id: int
    key: str
    name: str
    sort: str
    artist: str
    artist_sort: str
    artist_id: int | None
    folder_id: int | None
    mbid: str
    year: int
    added_ms: int
    track_count: int
    length_s: int
    cover_id: int | None
    words: str
    face: bytes = b""
    artists: tuple[int, ...] = ()
    genres: tuple[str, ...] = ()


def last_id(db: Connection) -> int:
    return db.value("SELECT max(id) FROM album") or 0


def by_keys(db: Connection, library_id: int, keys: list[str]) -> dict[str, int]:
    """Return key → id of those albums that the library has already."""
    return dict(db.rows(
        "SELECT a.key, a.id FROM EACH_TEXT(:keys) e JOIN album a ON a.key = e.id AND a.library_id = :library",
        keys=keys, library=library_id,
    ))  # fmt: skip


def kept(db: Connection, ids: list[int]) -> dict[int, tuple]:
    """Return id → (key, name, track_count, added_ms, words, library_id) of albums as they are now."""
    rows = db.rows(
        "SELECT a.id, a.key, a.name, a.track_count, a.added_ms, a.words, a.library_id"
        " FROM EACH(:ids) e JOIN album a ON a.id = e.id", ids=ids,
    )  # fmt: skip
    return {row[0]: row[1:] for row in rows}


def is_marked(db: Connection, number: int) -> bool:
    """Tell whether somebody starred, rated or played an album."""
    return db.value("SELECT 1 FROM mark WHERE kind = 2 AND item_id = :id LIMIT 1", id=number) is not None


def give_up_keys(db: Connection, ids: list[int]) -> None:
    """Take the keys from albums that turned out to be others; no tags can make the keys that they get."""
    db.many("UPDATE album SET key = ? WHERE id = ?", [(f"\x1f{number}", number) for number in ids])


def store(db: Connection, written: list[Draft], face_version: int, genre_ids: dict[str, int]) -> None:
    """Write albums as their tracks now make them."""
    ids = [album.id for album in written]
    for table in ("album_artist", "album_genre"):
        db.run(f"DELETE FROM {table} WHERE album_id IN (SELECT id FROM EACH(:ids))", ids=ids)
    names = (*COLUMNS, "face", "face_version")
    db.many(
        f"INSERT INTO album ({', '.join(names)}) VALUES ({', '.join('?' * len(names))}) ON CONFLICT (id) DO UPDATE SET "
        + ", ".join(f"{name} = excluded.{name}" for name in names[1:]),
        [(*[getattr(album, column) for column in COLUMNS], album.face, face_version) for album in written],
    )
    db.many(
        "INSERT INTO album_artist (album_id, at, artist_id) VALUES (?, ?, ?)",
        [(album.id, at, artist) for album in written for at, artist in enumerate(album.artists)],
    )
    db.many(
        "INSERT INTO album_genre (album_id, genre_id) VALUES (?, ?) ON CONFLICT DO NOTHING",
        [(album.id, genre_ids[name]) for album in written for name in album.genres],
    )


def empty(db: Connection, ids: list[int]) -> None:
    """Note that albums have no track on disk any more; their rows keep what people did with them."""
    db.many("UPDATE album SET track_count = 0, length_s = 0, words = '' WHERE id = ?", [(number,) for number in ids])


def stale(db: Connection, face_version: int) -> list[int]:
    """List the albums whose faces, and so their tracks', were drawn by another version of the renderer."""
    return [number for (number,) in db.rows(
        "SELECT id FROM album WHERE face_version <> :version AND track_count > 0", version=face_version)]


def outdate(db: Connection, ids: list[int]) -> None:
    """Have the faces of some albums and of their tracks drawn anew at the end of this scan, or by the next."""
    db.many("UPDATE album SET face_version = -1 WHERE id = ?", [(number,) for number in ids])


def faced(db: Connection, viewer: Viewer, ids: Sequence[int]) -> dict[int, Faced]:
    """Return id → face with this viewer's marks, of those albums that have tracks and are theirs to hear."""
    rows = db.rows(
        "SELECT a.id, a.face, m.starred_ms, m.rating, m.play_count, m.played_ms, r.total, r.count"
        " FROM EACH(:ids) e JOIN album a ON a.id = e.id"
        " LEFT JOIN mark m ON m.user_id = :user AND m.kind = 2 AND m.item_id = a.id"
        " LEFT JOIN rating r ON r.kind = 2 AND r.item_id = a.id"
        " WHERE a.track_count > 0 AND a.library_id IN (SELECT id FROM EACH(:libraries))",
        ids=ids, user=viewer.user_id, libraries=viewer.libraries,
    )  # fmt: skip
    return {row[0]: marked(row) for row in rows}


def visible(db: Connection, viewer: Viewer, ids: Sequence[int]) -> list[int]:
    """Return those ids that the viewer may see, in their order."""
    seen = {number for (number,) in db.rows(
        "SELECT a.id FROM EACH(:ids) e JOIN album a ON a.id = e.id"
        " WHERE a.track_count > 0 AND a.library_id IN (SELECT id FROM EACH(:libraries))",
        ids=list(set(ids)), libraries=viewer.libraries,
    )}  # fmt: skip
    return [number for number in ids if number in seen]


def one(db: Connection, viewer: Viewer, number: int) -> Faced:
    """Return one album's face. Raises NotFound."""
    found = faced(db, viewer, (number,))
    if not found:
        raise NotFound("There is no such album.")
    return found[number]


def page(db: Connection, viewer: Viewer, ids: Sequence[int]) -> list[Faced]:
    """Return the faces of some albums in the order of their ids."""
    found = faced(db, viewer, ids)
    return [found[number] for number in ids if number in found]


def of_artist(db: Connection, viewer: Viewer, artist_id: int) -> list[Faced]:
    """List the albums on which an artist has any part, newest last, then by name."""
    ids = [number for _, _, number in sorted(db.rows(
        "SELECT DISTINCT a.year, a.sort, a.id FROM credit c JOIN track t ON t.id = c.track_id"
        " JOIN album a ON a.id = t.album_id WHERE c.artist_id = :artist AND t.missing_ms IS NULL",
        artist=artist_id,
    ))]  # fmt: skip
    return page(db, viewer, ids)


class About(NamedTuple):
    name: str
    artist_id: int | None
    mbid: str


def about(db: Connection, viewer: Viewer, number: int) -> About:
    """Return an album's name, leading artist and MusicBrainz id. Raises NotFound."""
    row = db.row(
        "SELECT name, artist_id, mbid FROM album WHERE id = :id AND track_count > 0"
        " AND library_id IN (SELECT id FROM EACH(:libraries))", id=number, libraries=viewer.libraries,
    )  # fmt: skip
    if row is None:
        raise NotFound("There is no such album.")
    return About(*row)


def id_of(db: Connection, viewer: Viewer, prefix: str, number: int) -> int:
    """Return the album that an id of an album, a song or a folder leads to. Raises NotFound."""
    column = {"al": "album_id", "tr": "id", "fo": "folder_id"}.get(prefix)
    found = column and db.value(
        f"SELECT t.album_id FROM track t WHERE t.{column} = :id AND t.missing_ms IS NULL"
        " AND t.library_id IN (SELECT id FROM EACH(:libraries)) ORDER BY t.id LIMIT 1",
        id=number, libraries=viewer.libraries,
    )  # fmt: skip
    if not found:
        raise NotFound("There is no such album.")
    return found


ORDERS = {
    "newest": "added_ms DESC, id DESC",
    "name": "sort, id",
    "artist": "artist_sort, year, sort, id",
    "year": "year, sort, id",
    "id": "+id",
}
"""Each ends in the id, so that it is total; texts compare by their bytes in both databases. "+" keeps SQLite from
reading long rows in their order, where an index holds all that is needed."""


def order(db: Connection, libraries: tuple[int, ...], name: str) -> array:
    """Return the ids of all albums in an order: "newest", "name", "artist", "year" or "id"."""
    return db.cached(
        ("albums", name, libraries), ("library",), lambda: array("q", [row[0] for row in _ordered(db, libraries, name)])
    )


def in_order(db: Connection, viewer: Viewer, libraries: tuple[int, ...], name: str, size: int,
             offset: int) -> tuple[list[Faced], int]:
    """Return one page of an order and how many albums there are in all."""
    ids = order(db, libraries, name)
    return page(db, viewer, ids[offset : offset + size].tolist()), len(ids)


def at_random(db: Connection, viewer: Viewer, libraries: tuple[int, ...], size: int) -> tuple[list[Faced], int]:
    """Return `size` different albums by chance, and how many there are in all."""
    ids = order(db, libraries, "id")
    return page(db, viewer, sample(ids, min(size, len(ids)))), len(ids)


def by_year(db: Connection, viewer: Viewer, libraries: tuple[int, ...], first: int, last: int, size: int,
            offset: int) -> tuple[list[Faced], int]:
    """Return a page of the albums of some years, oldest first; newest first when `first` is after `last`."""
    ids, years = db.cached(("albums by year", libraries), ("library",), lambda: _years(db, libraries))
    low, high = min(first, last), max(first, last)
    found = ids[bisect_left(years, low) : bisect_right(years, high)]
    if first > last:
        found.reverse()
    return page(db, viewer, found[offset : offset + size].tolist()), len(found)


def by_genre(db: Connection, viewer: Viewer, libraries: tuple[int, ...], genre: str, size: int,
             offset: int) -> tuple[list[Faced], int]:
    """Return a page of a genre's albums by name; an unknown genre has none."""
    key = ("albums of", fold(genre), libraries)
    ids = db.cached(key, ("library",), lambda: array("q", [number for _, number in sorted(db.rows(
        "SELECT a.sort, a.id FROM album_genre g JOIN album a ON a.id = g.album_id WHERE g.genre_id = :genre"
        " AND a.track_count > 0 AND a.library_id IN (SELECT id FROM EACH(:libraries))",
        genre=genres.number(db, genre) or -1, libraries=libraries,
    ))]))  # fmt: skip
    return page(db, viewer, ids[offset : offset + size].tolist()), len(ids)


def _ordered(db: Connection, libraries: tuple[int, ...], name: str) -> list[tuple]:
    """List (id, year) of all albums."""
    # Nor is the index of libraries to be taken, which holds too little.
    return db.rows(
        "SELECT id, year FROM album WHERE track_count > 0 AND +library_id IN (SELECT id FROM EACH(:libraries))"
        f" ORDER BY {ORDERS[name]}",
        libraries=libraries,
    )


def _years(db: Connection, libraries: tuple[int, ...]) -> tuple[array, array]:
    rows = [row for row in _ordered(db, libraries, "year") if row[1]]
    return array("q", [row[0] for row in rows]), array("q", [row[1] for row in rows])
