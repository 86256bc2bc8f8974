"""A music folder of a test's own, the database that a scan of it fills, and short words for looking at both."""

import os
import shutil
from pathlib import Path

from server.demo.audio import write_track
from server.kernel.db import Database
from server.kernel.ids import Ids
from server.library import albums, libraries, scan, search, tracks
from server.users.people import Viewer
from subsonic.present import Faces

IDS = Ids(0x1D2B3A4F5E6D7)

EVERYTHING = {
    "track": "SELECT f.path, t.name, t.title, t.artist, a.name, a.artist, t.missing_ms IS NULL, t.disc, t.track,"
    " t.words, t.size_bytes FROM track t JOIN folder f ON f.id = t.folder_id JOIN album a ON a.id = t.album_id",
    "album": "SELECT name, artist, track_count, length_s, year, words FROM album",
    "artist": "SELECT name, album_count, track_count, listed, words FROM artist",
    "genre": "SELECT n.name, t.title, t.name FROM track_genre g JOIN genre n ON n.id = g.genre_id"
    " JOIN track t ON t.id = g.track_id",
    "credit": "SELECT t.title, t.name, c.role, c.at, a.name FROM credit c JOIN track t ON t.id = c.track_id"
    " JOIN artist a ON a.id = c.artist_id",
    "folder": "SELECT path, image, missing_ms IS NULL FROM folder",
    "bad": "SELECT path, reason FROM bad_file",
}
"""Everything that a scan wrote, without times and numbers."""


class Shelf:
    """A few files on disk that a test moves about, and what scans made of them."""

    def __init__(self, db: Database, root: Path, names: tuple[str, ...] = ("Music",)):
        self.db, self.root = db, root / names[0]
        self.folders = tuple((name, str(root / name)) for name in names)
        for _, path in self.folders:
            os.makedirs(path, exist_ok=True)
        with db.writing() as conn:
            self.libraries = [library.id for library in libraries.declare(conn, list(self.folders))]
        self.viewer = Viewer(1, "ann", frozenset({"stream", "playlist"}), tuple(self.libraries))
        self._seed = 0

    def track(self, path: str, **tags) -> Path:
        """Write one short track; without tags its names say what it is. `seed` makes a certain recording."""
        if "seed" not in tags:
            self._seed += 1
            tags["seed"] = self._seed
        return write_track(self.root / path, seconds=0.3, **tags)

    def album(self, folder: str, count: int = 2, suffix: str = "mp3", **tags) -> list[Path]:
        """Write an album's tracks, numbered and titled."""
        return [
            self.track(f"{folder}/{at:02}.{suffix}", **{"title": f"Song {at}", "tracknumber": at, **tags})
            for at in range(1, count + 1)
        ]

    def retag(self, path: Path, **tags) -> None:
        """Write other tags around the same audio; the time of the file moves, as it does for a person."""
        from server.demo import tags as tagging

        before = path.stat().st_mtime_ns
        tagging.write(path, {name: value if isinstance(value, list) else [str(value)] for name, value in tags.items()})
        os.utime(path, ns=(before + 2_000_000_000, before + 2_000_000_000))

    def move(self, old: str, new: str) -> None:
        """Move a file or a folder within the music folder."""
        (self.root / new).parent.mkdir(parents=True, exist_ok=True)
        shutil.move(self.root / old, self.root / new)

    def scan(self, **options) -> scan.Tally:
        return scan.scan(self.db, IDS, Faces(IDS.text), **options)

    def rows(self, sql: str, **params) -> list[tuple]:
        with self.db.reading() as conn:
            return conn.rows(sql, **params)

    def read(self, verb, *args, **more):
        with self.db.reading() as conn:
            return verb(conn, *args, **more)

    def write(self, verb, *args, **more):
        with self.db.writing() as conn:
            return verb(conn, *args, **more)

    def titles(self) -> dict[str, int]:
        """Return the titles of what is present, with ids."""
        return dict(self.rows("SELECT title, id FROM track WHERE missing_ms IS NULL"))

    def missing(self) -> dict[str, int]:
        """Return the titles of what is missing, with ids."""
        return dict(self.rows("SELECT title, id FROM track WHERE missing_ms IS NOT NULL"))

    def albums(self) -> list[tuple[str, str, int]]:
        """List (name, artist, tracks) of all albums that there are."""
        return sorted(self.rows("SELECT name, artist, track_count FROM album WHERE track_count > 0"))

    def album_ids(self) -> dict[str, int]:
        return dict(self.rows("SELECT name, id FROM album WHERE track_count > 0"))

    def bad(self) -> dict[str, str]:
        """Return the paths of files that could not be read, with the reasons."""
        return dict(self.rows("SELECT path, reason FROM bad_file"))

    def states(self) -> list[tuple]:
        """List (name, online, reason) of all music folders."""
        return self.rows("SELECT name, online, reason FROM library ORDER BY id")

    def found(self, words: str) -> list[int]:
        """Return the ids of the tracks that a search finds."""
        return [each.id for each in self.read(search.find_tracks, self.viewer, self.viewer.libraries, words, 50, 0)]

    def everything(self) -> dict[str, list[tuple]]:
        """Return all that a scan wrote, without times and numbers: two scans of the same files give the same."""
        return {name: sorted(self.rows(sql)) for name, sql in EVERYTHING.items()}


def present(shelf: Shelf, ids: list[int]) -> list[int]:
    """Return those of some tracks that people can see."""
    return list(shelf.read(tracks.visible, shelf.viewer, ids))


def album_faces(shelf: Shelf) -> dict[int, bytes]:
    """Return id → face of all albums."""
    numbers = [number for (number,) in shelf.rows("SELECT id FROM album WHERE track_count > 0")]
    return {number: faced.face for number, faced in shelf.read(albums.faced, shelf.viewer, numbers).items()}
