"""Tracks: rows, faces and files.

A track that is gone from disk keeps its row, its id and all that people did
with it; it is `missing` and appears nowhere until its file is back.
"""

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from random import sample

import orjson

from server.kernel.clock import now_ms
from server.kernel.db import Connection
from server.kernel.errors import NotFound
from server.kernel.files import os_name, path_text
from server.library import genres
from server.library.facts import Faced, TrackFile
from server.users.people import Viewer

OWNS = ("track", "track_genre", "credit", "lyric")

COLUMNS = (
    "id", "library_id", "folder_id", "album_id", "artist_id", "name", "mtime_ns", "size_bytes", "audio_hash",
    "title", "sort", "artist", "track", "disc", "year", "length_ms", "bitrate_kbps", "sample_rate_hz", "channels",
    "bit_depth", "codec", "suffix", "added_ms", "missing_ms", "picture", "cover_id", "words",
    "beside",
)  # fmt: skip


@dataclass(slots=True)
class Draft:
    """A track on its way into the database: its columns in the order of `COLUMNS`, and what hangs on it."""

    id: int
    library_id: int
    folder_id: int
    album_id: int
    artist_id: int | None
    name: str
    mtime_ns: int
    size_bytes: int
    audio_hash: str
    title: str
    sort: str
    artist: str
    track: int
    disc: int
    year: int
    length_ms: int
    bitrate_kbps: int
    sample_rate_hz: int
    channels: int
    bit_depth: int
    codec: str
    suffix: str
    added_ms: int
    missing_ms: int | None
    picture: int
    """Index of the embedded picture that shows the album, or -1."""
    cover_id: int | None
    words: str
    beside: str
    """What lay beside the file when it was read, and which reader read it: `sung.beside.Beside.mark`."""
    more: dict
    """What else the tags say: `identify.Identity.more`."""
    face: bytes | None = None
    credits: list[tuple[str, str, int]] = field(default_factory=list)
    """(role, sub role, artist id); roles "artist" and "albumartist" come first, in printed order."""
    genres: list[str] = field(default_factory=list)
    lyrics: list[tuple[str, str]] | None = None
    """(kind, stored layer), best first; None leaves those that are stored."""
    dirty: bool = True
    """Whether more than the face has to be written."""
    fresh: bool = True
    """Whether there is no row yet."""


def last_id(db: Connection) -> int:
    return db.value("SELECT max(id) FROM track") or 0


def any_in(db: Connection, library_id: int) -> bool:
    """Tell whether a library has a track that is not missing."""
    sql = "SELECT 1 FROM track WHERE library_id = :library AND missing_ms IS NULL LIMIT 1"
    return db.value(sql, library=library_id) is not None


def without_hash_index(db: Connection) -> None:
    """Do without the index of audio hashes while a first scan writes: their order is random, so that every batch
    would write all of it again."""
    db.run("DROP INDEX IF EXISTS track_audio_hash")


def with_hash_index(db: Connection) -> None:
    """Have the index by which moved files are recognised; also after a first scan that did not come to its end."""
    db.run("CREATE INDEX IF NOT EXISTS track_audio_hash ON track (audio_hash)")


def in_folders(db: Connection, folder_ids: list[int]) -> list[tuple]:
    """List (id, folder_id, name, mtime_ns, size_bytes, album_id, missing_ms, beside) of all tracks of some folders."""
    return db.rows(
        "SELECT t.id, t.folder_id, t.name, t.mtime_ns, t.size_bytes, t.album_id, t.missing_ms, t.beside"
        " FROM EACH(:ids) e JOIN track t ON t.folder_id = e.id",
        ids=folder_ids,
    )


def same_audio(db: Connection, hashes: list[str]) -> list[tuple]:
    """List (audio_hash, id, library_id, folder path, name, missing_ms, album_id, folder_id, added_ms)."""
    return db.rows(
        "SELECT t.audio_hash, t.id, t.library_id, f.path, t.name, t.missing_ms, t.album_id, t.folder_id, t.added_ms"
        " FROM EACH_TEXT(:hashes) e JOIN track t ON t.audio_hash = e.id JOIN folder f ON f.id = t.folder_id"
        " ORDER BY t.id",
        hashes=hashes,
    )


def audio_of(db: Connection, ids: list[int]) -> list[tuple]:
    """List (id, audio_hash, missing_ms) of some tracks."""
    return db.rows("SELECT t.id, t.audio_hash, t.missing_ms FROM EACH(:ids) e JOIN track t ON t.id = e.id", ids=ids)


def make_way(db: Connection, ids: list[int]) -> None:
    """Take tracks out of their places, which others are about to take; no file can have the name that they get."""
    db.many("UPDATE track SET name = name || ? WHERE id = ?", [(f"/{number}", number) for number in ids])


def drafts(db: Connection, album_ids: list[int]) -> list[Draft]:
    """Read the tracks of some albums, missing ones too, as they would be written again."""
    columns = ", ".join(f"t.{column}" for column in COLUMNS)
    rows = db.rows(
        f"SELECT {columns}, t.more, t.face FROM EACH(:ids) e JOIN track t ON t.album_id = e.id", ids=album_ids
    )
    found = {row[0]: Draft(*row[:-2], orjson.loads(row[-2] or "{}"), row[-1], dirty=False, fresh=False) for row in rows}
    numbers = list(found)
    for number, role, sub_role, artist_id in db.rows(
        "SELECT c.track_id, c.role, c.sub_role, c.artist_id FROM EACH(:ids) e JOIN credit c ON c.track_id = e.id"
        " ORDER BY c.track_id, c.at", ids=numbers,
    ):  # fmt: skip
        found[number].credits.append((role, sub_role, artist_id))
    for number, name in db.rows(
        "SELECT g.track_id, n.name FROM EACH(:ids) e JOIN track_genre g ON g.track_id = e.id"
        " JOIN genre n ON n.id = g.genre_id ORDER BY g.track_id, g.genre_id", ids=numbers,
    ):  # fmt: skip
        found[number].genres.append(name)
    return list(found.values())


def store(db: Connection, written: list[Draft], face_version: int, genre_ids: dict[str, int]) -> None:
    """Write whole drafts: rows, credits, genres and lyrics."""
    old = [d.id for d in written if not d.fresh]
    reread = [d.id for d in written if not d.fresh and d.lyrics is not None]
    for table, ids in (("credit", old), ("track_genre", old), ("lyric", reread)):
        if ids:
            db.run(f"DELETE FROM {table} WHERE track_id IN (SELECT id FROM EACH(:ids))", ids=ids)
    names = (*COLUMNS, "more", "face", "face_version")
    updates = ", ".join(f"{name} = excluded.{name}" for name in names[1:])
    db.many(
        f"INSERT INTO track ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})"
        f" ON CONFLICT (id) DO UPDATE SET {updates}",
        [_row(d, face_version) for d in written],
    )
    db.many(
        "INSERT INTO credit (track_id, role, at, artist_id, sub_role) VALUES (?, ?, ?, ?, ?)",
        [(d.id, role, at, artist, sub) for d in written for at, (role, sub, artist) in enumerate(d.credits)],
    )
    db.many(
        "INSERT INTO track_genre (track_id, genre_id) VALUES (?, ?) ON CONFLICT DO NOTHING",
        [(d.id, genre_ids[name]) for d in written for name in d.genres],
    )
    db.many(
        "INSERT INTO lyric (track_id, at, kind, content) VALUES (?, ?, ?, ?)",
        [(d.id, at, kind, content) for d in written for at, (kind, content) in enumerate(d.lyrics or ())],
    )


def store_faces(db: Connection, drawn: list[Draft], face_version: int) -> None:
    """Write faces and covers only, of tracks that are otherwise as they were."""
    db.many(
        "UPDATE track SET face = ?, face_version = ?, cover_id = ?, words = ? WHERE id = ?",
        [(d.face, face_version, d.cover_id, d.words, d.id) for d in drawn],
    )


def lose(db: Connection, ids: list[int]) -> None:
    """Note that files are no longer on disk."""
    now = now_ms()
    db.many("UPDATE track SET missing_ms = ? WHERE id = ? AND missing_ms IS NULL", [(now, number) for number in ids])


def faced(db: Connection, viewer: Viewer, ids: Sequence[int]) -> dict[int, Faced]:
    """Return id → face with this viewer's marks, of those tracks that are present and theirs to hear."""
    rows = db.rows(
        "SELECT t.id, t.face, m.starred_ms, m.rating, m.play_count, m.played_ms, r.total, r.count, b.position_ms"
        " FROM EACH(:ids) e JOIN track t ON t.id = e.id"
        " LEFT JOIN mark m ON m.user_id = :user AND m.kind = 3 AND m.item_id = t.id"
        " LEFT JOIN rating r ON r.kind = 3 AND r.item_id = t.id"
        " LEFT JOIN bookmark b ON b.user_id = :user AND b.track_id = t.id"
        " WHERE t.missing_ms IS NULL AND t.library_id IN (SELECT id FROM EACH(:libraries))",
        ids=ids, user=viewer.user_id, libraries=viewer.libraries,
    )  # fmt: skip
    return {row[0]: marked(row) for row in rows}


def marked(row: tuple) -> Faced:
    """Make a `Faced` of (id, face, starred, rating, plays, played, rating total, rating count[, bookmark])."""
    bookmark = row[8] if len(row) > 8 else None
    if row[4] is None and not row[7] and bookmark is None:
        return Faced(row[0], row[1])
    average = round(row[6] / row[7], 2) if row[7] else 0.0
    return Faced(row[0], row[1], row[2], row[3] or 0, row[4] or 0, row[5], average, bookmark)


def visible(db: Connection, viewer: Viewer, ids: Sequence[int]) -> list[int]:
    """Return those ids that the viewer may hear and that are present, in their order, repetitions kept."""
    seen = {number for (number,) in db.rows(
        "SELECT t.id FROM EACH(:ids) e JOIN track t ON t.id = e.id"
        " WHERE t.missing_ms IS NULL AND t.library_id IN (SELECT id FROM EACH(:libraries))",
        ids=list(set(ids)), libraries=viewer.libraries,
    )}  # fmt: skip
    return [number for number in ids if number in seen]


def one(db: Connection, viewer: Viewer, number: int) -> Faced:
    """Return one track's face. Raises NotFound."""
    found = faced(db, viewer, (number,))
    if not found:
        raise NotFound("There is no such song.")
    return found[number]


def of_album(db: Connection, viewer: Viewer, album_id: int) -> list[Faced]:
    """List the faces of an album's tracks, by disc and number."""
    ids = [number for (number,) in db.rows(
        "SELECT id FROM track WHERE album_id = :album AND missing_ms IS NULL ORDER BY disc, track, sort, id",
        album=album_id,
    )]  # fmt: skip
    found = faced(db, viewer, ids)
    return [found[number] for number in ids if number in found]


def of_folder(db: Connection, viewer: Viewer, folder_id: int) -> list[Faced]:
    """List the faces of the tracks directly in a folder, by disc, number and file name."""
    ids = [number for (number,) in db.rows(
        "SELECT id FROM track WHERE folder_id = :folder AND missing_ms IS NULL ORDER BY disc, track, name",
        folder=folder_id,
    )]  # fmt: skip
    found = faced(db, viewer, ids)
    return [found[number] for number in ids if number in found]


def pictured(db: Connection, folder_ids: list[int]) -> set[int]:
    """Return those of some folders that hold a track with a picture, in its file or beside it."""
    return {number for (number,) in db.rows(
        "SELECT DISTINCT t.folder_id FROM EACH(:ids) e JOIN track t ON t.folder_id = e.id"
        " WHERE t.cover_id IS NOT NULL AND t.missing_ms IS NULL",
        ids=folder_ids,
    )}  # fmt: skip


def all_ids(db: Connection, libraries: tuple[int, ...]) -> array:
    """Return the ids of all present tracks in the order in which they came; the order of full syncs."""
    return db.cached(("tracks", libraries), ("library",), lambda: array("q", [number for (number,) in db.rows(
        "SELECT id FROM track WHERE missing_ms IS NULL AND library_id IN (SELECT id FROM EACH(:libraries)) ORDER BY id",
        libraries=libraries,
    )]))  # fmt: skip


def page(db: Connection, viewer: Viewer, ids: Sequence[int]) -> list[Faced]:
    """Return the faces of some tracks in the order of their ids."""
    found = faced(db, viewer, ids)
    return [found[number] for number in ids if number in found]


def everything(db: Connection, viewer: Viewer, libraries: tuple[int, ...], size: int, offset: int) -> list[Faced]:
    """Return one page of all tracks, in an order that only grows at its end."""
    ids = all_ids(db, libraries)[offset : offset + size]
    if ids and ids[-1] - ids[0] < 4 * len(ids):
        return _run(db, viewer, libraries, ids[0], ids[-1])
    return page(db, viewer, ids.tolist()) if ids else []


def _run(db: Connection, viewer: Viewer, libraries: tuple[int, ...], first: int, last: int) -> list[Faced]:
    """Return the faces from one id to another: half the work of asking for each of these ids."""
    marks: dict[int, Sequence] = {}
    for number, *values in db.rows(
        "SELECT item_id, starred_ms, rating, play_count, played_ms, CAST(NULL AS BIGINT), CAST(NULL AS BIGINT),"
        " CAST(NULL AS BIGINT) FROM mark WHERE user_id = :user AND kind = 3 AND item_id BETWEEN :first AND :last"
        " UNION ALL SELECT item_id, NULL, NULL, NULL, NULL, total, count, NULL FROM rating"
        " WHERE kind = 3 AND item_id BETWEEN :first AND :last"
        " UNION ALL SELECT track_id, NULL, NULL, NULL, NULL, NULL, NULL, position_ms FROM bookmark"
        " WHERE user_id = :user AND track_id BETWEEN :first AND :last",
        user=viewer.user_id, first=first, last=last,
    ):  # fmt: skip
        before = marks.get(number, values)
        marks[number] = [old if new is None else new for old, new in zip(before, values, strict=True)]
    # "+ 0" keeps SQLite from taking the index of libraries, which would make it sort the faces.
    rows = db.rows(
        "SELECT id, face FROM track WHERE id BETWEEN :first AND :last AND missing_ms IS NULL"
        " AND library_id + 0 IN (SELECT id FROM EACH(:libraries)) ORDER BY id",
        first=first, last=last, libraries=libraries,
    )  # fmt: skip
    return [marked((*row, *marks[row[0]])) if row[0] in marks else Faced(*row) for row in rows]


def at_random(db: Connection, viewer: Viewer, libraries: tuple[int, ...], size: int, genre: str | None,
              years: tuple[int | None, int | None]) -> list[Faced]:
    """Return `size` different tracks by chance, of a genre and of years (first, last) if these are given."""
    if genre is not None:
        ids: Sequence[int] = by_genre(db, libraries, genre)
    else:
        ids = all_ids(db, libraries)
    first, last = years
    if first is not None or last is not None:
        ids = _in_years(db, ids, first or 0, 9999 if last is None else last, size)
    return page(db, viewer, sample(ids, min(size, len(ids))))


def _in_years(db: Connection, ids: Sequence[int], first: int, last: int, size: int) -> list[int]:
    """Return tracks of these years from a shuffled list, enough for a sample but never all of a large library."""
    wanted: list[int] = []
    shuffled = sample(ids, len(ids))
    step = max(2000, size * 20)
    for start in range(0, len(shuffled), step):
        wanted += [number for (number,) in db.rows(
            "SELECT t.id FROM EACH(:ids) e JOIN track t ON t.id = e.id WHERE t.year BETWEEN :first AND :last",
            ids=shuffled[start : start + step], first=first, last=last,
        )]  # fmt: skip
        if len(wanted) >= size:
            break
    return wanted


def by_genre(db: Connection, libraries: tuple[int, ...], genre: str) -> array:
    """Return the ids of all present tracks of a genre; empty when nobody has heard of it."""
    return db.cached(("tracks of", genre, libraries), ("library",), lambda: array("q", [number for (number,) in db.rows(
        "SELECT t.id FROM track_genre g JOIN track t ON t.id = g.track_id WHERE g.genre_id = :genre"
        " AND t.missing_ms IS NULL AND t.library_id IN (SELECT id FROM EACH(:libraries)) ORDER BY t.id",
        genre=genres.number(db, genre) or -1, libraries=libraries,
    )]))  # fmt: skip


def of_genre(db: Connection, viewer: Viewer, libraries: tuple[int, ...], genre: str, size: int,
             offset: int) -> list[Faced]:
    """Return one page of a genre's tracks."""
    return page(db, viewer, by_genre(db, libraries, genre)[offset : offset + size].tolist())


def file(db: Connection, viewer: Viewer, number: int) -> TrackFile:
    """Return where a track's bytes are. Raises NotFound."""
    from server.library.tags import SUFFIXES

    row = db.row(
        "SELECT l.path, f.path, t.name, t.suffix, t.codec, t.size_bytes, t.mtime_ns, t.length_ms, t.bitrate_kbps,"
        " t.sample_rate_hz, t.channels, t.bit_depth, t.title, t.artist FROM track t"
        " JOIN folder f ON f.id = t.folder_id JOIN library l ON l.id = t.library_id"
        " WHERE t.id = :id AND t.missing_ms IS NULL AND t.library_id IN (SELECT id FROM EACH(:libraries))",
        id=number, libraries=viewer.libraries,
    )  # fmt: skip
    if row is None:
        raise NotFound("There is no such song.")
    return TrackFile(number, os_name(path_text(*row[:3])), row[3], SUFFIXES[row[3]], *row[4:])


def lyrics(db: Connection, viewer: Viewer, number: int) -> list[tuple[str, str]]:
    """List a track's lyrics as (kind, stored layer), best first. Raises NotFound."""
    one(db, viewer, number)
    return db.rows("SELECT kind, content FROM lyric WHERE track_id = :id ORDER BY at", id=number)


def count(db: Connection, libraries: Iterable[int]) -> int:
    return len(all_ids(db, tuple(libraries)))


def _row(draft: Draft, face_version: int) -> tuple:
    return (*_columns(draft), orjson.dumps(draft.more).decode(), draft.face, face_version)


_columns = attrgetter(*COLUMNS)
