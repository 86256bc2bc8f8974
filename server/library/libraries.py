"""Music folders: each is a library with a name, a place and people who may hear it.

A library whose folder cannot be reached, or is suddenly empty, is offline: its
content stays as it was. Nothing is ever deleted because a disk was not there.
"""

from typing import NamedTuple

from server.kernel.clock import Millis, now_ms
from server.kernel.db import Connection, long
from server.users import accounts
from server.users.people import Viewer

OWNS = ("library",)


class Library(NamedTuple):
    id: int
    name: str
    path: str
    """Absolute path as text; `files.os_name` gives what the system wants."""
    online: bool
    reason: str
    """Why it is offline, for the administrator; "" when it is not."""
    scanned_ms: Millis | None


_SELECT = "SELECT id, name, path, online, reason, scanned_ms FROM library WHERE removed = 0"


def everything(db: Connection) -> list[Library]:
    """List all music folders in the order in which they were added."""
    return [_library(row) for row in db.rows(f"{_SELECT} ORDER BY id")]


def heard_by(db: Connection, viewer: Viewer) -> list[Library]:
    """List the music folders that this viewer may hear."""
    rows = db.rows(f"{_SELECT} AND id IN (SELECT id FROM EACH(:ids)) ORDER BY id", ids=viewer.libraries)
    return [_library(row) for row in rows]


def chosen(viewer: Viewer, music_folder: int | None) -> tuple[int, ...]:
    """Return the ids to look in: all that the viewer may hear, or the one asked for, or none when it is not theirs."""
    if music_folder is None:
        return viewer.libraries
    return (music_folder,) if music_folder in viewer.libraries else ()


def declare(db: Connection, wanted: list[tuple[str, str]]) -> list[Library]:
    """Make the music folders be these (name, path) pairs.

    A folder that is no longer named is hidden, with all that is known of it, and
    comes back with the same ids when it is named again. One that keeps its name
    and has another path has moved there, with all that people did with its music.
    """
    changed = _move(db, wanted)
    rows = _declared(db)
    paths = {path for _, path in wanted}
    for path, (number, _, removed) in rows.items():
        if path not in paths and not removed:
            db.run("UPDATE library SET removed = 1 WHERE id = :id", id=number)
            changed = True
    for name, path in wanted:
        if path not in rows:
            db.run(
                "INSERT INTO library (name, path, online, added_ms) VALUES (:name, :path, 1, :now)",
                name=name, path=path, now=now_ms(),
            )  # fmt: skip
            changed = True
        elif rows[path][1:] != (name, 0):
            db.run("UPDATE library SET removed = 0, name = :name WHERE path = :path", name=name, path=path)
            changed = True
    if changed:
        db.bump("library")
        db.bump("accounts")
        if rows:
            accounts.hear_otherwise(db)
    return everything(db)


def _declared(db: Connection) -> dict[str, tuple[int, str, int]]:
    """Return path → (id, name, removed) of all libraries that there ever were."""
    rows = db.rows("SELECT id, name, path, removed FROM library")
    return {path: (number, name, removed) for number, name, path, removed in rows}


def _move(db: Connection, wanted: list[tuple[str, str]]) -> bool:
    """Give libraries their new paths, where a name tells beyond doubt which it is; return whether any moved."""
    rows = _declared(db)
    paths = {path for _, path in wanted}
    left = [(name, number) for path, (number, name, removed) in rows.items() if path not in paths and not removed]
    come = [(name, path) for name, path in wanted if path not in rows]
    moved = False
    for name, path in come:
        numbers = [number for other, number in left if other == name]
        if len(numbers) == 1 and [each for each, _ in come].count(name) == 1:
            db.run("UPDATE library SET path = :path WHERE id = :id", path=path, id=numbers[0])
            moved = True
    return moved


class Size(NamedTuple):
    """How much of a library is there to be heard."""

    artists: int = 0
    albums: int = 0
    tracks: int = 0


@long
def sizes(db: Connection) -> dict[int, Size]:
    """Return library id → its size. Counted once per change of the library: 10 ms at 100,000 tracks."""
    return db.cached("library sizes", ("library",), lambda: _sizes(db))


def _sizes(db: Connection) -> dict[int, Size]:
    artists, albums, tracks = (
        dict(db.rows(f"SELECT library_id, CAST(count(*) AS BIGINT) FROM {counted} GROUP BY library_id"))
        for counted in ("artist_library", "album WHERE track_count > 0", "track WHERE missing_ms IS NULL")
    )
    ids = artists.keys() | albums.keys() | tracks.keys()
    return {number: Size(artists.get(number, 0), albums.get(number, 0), tracks.get(number, 0)) for number in ids}


def set_online(db: Connection, library_id: int, reason: str) -> None:
    """Note that a library can be reached (reason "") or why it cannot."""
    changed = db.run(
        "UPDATE library SET online = :online, reason = :reason"
        " WHERE id = :id AND (online <> :online OR reason <> :reason)",
        online=0 if reason else 1, reason=reason, id=library_id,
    )  # fmt: skip
    if changed:
        db.bump("library")


def scanned(db: Connection, library_id: int) -> None:
    """Note that a scan has seen the whole library."""
    db.run("UPDATE library SET scanned_ms = :now WHERE id = :id", now=now_ms(), id=library_id)


def _library(row: tuple) -> Library:
    return Library(row[0], row[1], row[2], bool(row[3]), row[4], row[5])
