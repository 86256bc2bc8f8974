"""Which picture a scan hangs where: covers of albums, portraits of artists.

An image beside the tracks wins, then one above the folders of discs, then one
inside a track. Nothing is opened here: a picture is chosen by names alone.
"""

import os

from server.kernel.db import Connection
from server.kernel.files import display, os_name
from server.library import artists, covers, folders, tracks
from server.library.folders import Folder
from server.library.libraries import Library
from server.library.names import fold
from server.library.pathnames import album_root
from server.library.roster import Roster


def rooms(conn: Connection, drafts: list[tracks.Draft]) -> dict[int, Folder]:
    """Return the folders of some tracks by id, and those around them that may hold an album's cover."""
    found = folders.by_ids(conn, sorted({draft.folder_id for draft in drafts}))
    around = {f.parent_id for f in found.values() if f.parent_id and _holds_a_disc(f)}
    return found | folders.by_ids(conn, sorted(around - set(found)))


class Gallery:
    """Chooses pictures, and keeps portraits until the artist whom they show is known."""

    def __init__(self, libraries: dict[int, Library]):
        self._libraries = libraries
        self._portraits: dict[str, covers.Picture] = {}

    def covers_of(self, members: dict[int, list[tracks.Draft]], places: dict[int, Folder]) -> dict[int, covers.Picture]:
        """Return album id → picture, of the albums that have one; `members` are their tracks in order."""
        beside: dict[int, covers.Picture | None] = {}
        chosen: dict[int, covers.Picture] = {}
        for number, present in members.items():
            near = dict.fromkeys(draft.folder_id for draft in present)
            # Others may have brought in a folder that holds more than this album.
            above = dict.fromkeys(
                places[f].parent_id for f in near if places[f].parent_id in places and _holds_a_disc(places[f])
            )
            for folder_id in (*near, *above):
                if folder_id not in beside:
                    beside[folder_id] = self._image(places[folder_id], places[folder_id].image)
            picture = next((beside[f] for f in (*near, *above) if beside[f]), None) or _inside(present, places)
            if picture:
                chosen[number] = picture
        return chosen

    def reaches(self, library_id: int) -> bool:
        """Tell whether the pictures of a library can be looked at: it is there, and nobody removed it."""
        library = self._libraries.get(library_id)
        return library is not None and library.online

    def note_portrait(self, folder: Folder) -> None:
        """Remember that a folder shows the artist whose name it bears."""
        if picture := self._image(folder, folder.portrait):
            self._portraits[fold(display(folder.name))] = picture

    def hang(self, conn: Connection, roster: Roster) -> set[int]:
        """Give the portraits of artists who are known by now to them, and return their ids."""
        known = {key: roster.by_key[key].id for key in self._portraits if key in roster.by_key}
        numbers = covers.ids(conn, {self._portraits[key] for key in known})
        artists.set_portraits(conn, [(numbers[self._portraits[key]], artist) for key, artist in known.items()])
        for key in known:
            del self._portraits[key]
        return set(known.values())

    def _image(self, folder: Folder, name: str) -> covers.Picture | None:
        if not name or not self.reaches(folder.library_id):
            return None
        path = f"{folder.path}/{name}" if folder.path else name
        try:
            about = os.stat(os_name(f"{self._libraries[folder.library_id].path}/{path}"))
        except OSError:
            return None
        return covers.Picture(folder.library_id, path, -1, about.st_mtime_ns, about.st_size)


def _holds_a_disc(folder: Folder) -> bool:
    """Tell whether a folder holds one disc, so that the one above holds the album."""
    return album_root(folder.path) != folder.path


def _inside(present: list[tracks.Draft], places: dict[int, Folder]) -> covers.Picture | None:
    """Return the first picture that a track carries itself."""
    for draft in present:
        if draft.picture >= 0:
            path = places[draft.folder_id].path
            path = f"{path}/{draft.name}" if path else draft.name
            return covers.Picture(draft.library_id, path, draft.picture, draft.mtime_ns, draft.size_bytes)
    return None
