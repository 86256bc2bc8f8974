"""What lies beside the music about an artist or album: biographies and reviews.

An artist's folder is one above their music that bears their name. Files are
looked for when somebody asks, so a new one counts at once; the rule a newcomer
would break: their content is read in a child that may die, never here.
"""

import asyncio
import logging
import os
from collections import OrderedDict
from collections.abc import Sequence
from typing import NamedTuple

from server.kernel.db import Connection, Database, long
from server.kernel.errors import Failure, NotFound
from server.kernel.files import display, os_name, path_text
from server.kernel.run import AsyncChild, ChildDied, ChildError
from server.library.names import fold
from server.library.pathnames import album_root
from server.users.people import Viewer

log = logging.getLogger("familiar.notes")

WORK = "server.library.nfo:read"
OF_ARTIST = ("artist.nfo", "biography.txt")
OF_ALBUM = ("album.nfo",)
TRIES_S = 5
KEPT = 500
FOLDERS = 500
"""So many folders of an artist are looked at for one that bears their name."""


class Note(NamedTuple):
    text: str = ""
    mbid: str = ""


class Notes:
    """Reads notes; one for the whole server."""

    def __init__(self, db: Database):
        self._db = db
        self._child = AsyncChild(WORK, processes=1, memory_mb=256, nice=0, recycle_after=500)
        self._kept: OrderedDict[tuple[str, int, int], Note] = OrderedDict()

    async def of_artist(self, viewer: Viewer, artist_id: int) -> Note:
        """Return what lies in an artist's folder; an empty note when there is nothing."""
        return await self._read(await self._db.read(artist_folders, viewer, artist_id), OF_ARTIST)

    async def of_album(self, viewer: Viewer, album_id: int) -> Note:
        """Return what lies in an album's folder; an empty note when there is nothing."""
        return await self._read(await self._db.read(album_folders, viewer, album_id), OF_ALBUM)

    async def close(self) -> None:
        await self._child.close()

    async def _read(self, folders: Sequence[str], names: Sequence[str]) -> Note:
        found = [await self._note(*each) for each in await asyncio.to_thread(_present, folders, names)]
        text = next((note.text for note in found if note.text), "")
        return Note(text, next((note.mbid for note in found if note.mbid), ""))

    async def _note(self, path: str, mtime_ns: int, size: int) -> Note:
        key = (path, mtime_ns, size)
        if key not in self._kept:
            self._kept[key] = await self._understood(path)
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return self._kept[key]

    async def _understood(self, path: str) -> Note:
        """Ask the child; a file that it cannot read is no error of whoever asks."""
        try:
            return Note(**await self._child.call(path, TRIES_S))
        except (Failure, ChildError, ChildDied, OSError) as error:
            log.warning("No usable notes in %s: %s", display(path), error)
            return Note()


@long
def artist_folders(db: Connection, viewer: Viewer, artist_id: int) -> list[str]:
    """Return the folders above an artist's music that bear their name, whole paths."""
    name = fold(db.value("SELECT name FROM artist WHERE id = :id", id=artist_id) or "")
    found: dict[str, None] = {}
    for root, path in db.rows(
        "SELECT DISTINCT l.path, f.path FROM credit c JOIN track t ON t.id = c.track_id"
        " JOIN folder f ON f.id = t.folder_id JOIN library l ON l.id = f.library_id"
        " WHERE c.artist_id = :artist AND c.role IN ('artist', 'albumartist') AND t.missing_ms IS NULL"
        " AND t.library_id IN (SELECT id FROM EACH(:libraries)) ORDER BY l.path, f.path LIMIT :most",
        artist=artist_id, libraries=viewer.libraries, most=FOLDERS,
    ):  # fmt: skip
        parts = path.split("/") if path else []
        for depth in range(len(parts), 0, -1):
            if fold(parts[depth - 1]) == name:
                found["/".join((root, *parts[:depth]))] = None
    return list(found)


def album_folders(db: Connection, viewer: Viewer, album_id: int) -> list[str]:
    """Return the folder of an album, and the one that holds its discs. Raises NotFound."""
    row = db.row(
        "SELECT l.path, f.path FROM album a JOIN folder f ON f.id = a.folder_id JOIN library l ON l.id = f.library_id"
        " WHERE a.id = :id AND a.library_id IN (SELECT id FROM EACH(:libraries))",
        id=album_id, libraries=viewer.libraries,
    )  # fmt: skip
    if row is None:
        raise NotFound("There is no such album.")
    root, path = row
    return [path_text(root, each) for each in dict.fromkeys((path, album_root(path)))]


def _present(folders: Sequence[str], names: Sequence[str]) -> list[tuple[str, int, int]]:
    """List (path, mtime_ns, size) of the files that there are."""
    found = []
    for name in names:
        for folder in folders:
            path = f"{folder}/{name}"
            try:
                about = os.stat(os_name(path))
            except OSError:
                continue
            found.append((path, about.st_mtime_ns, about.st_size))
    return found
