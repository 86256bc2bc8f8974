"""The real folder tree, for people who keep their music in order by hand.

A folder's signature stands for the names, times and sizes of all that matters
in it; a scan reads nothing further in a folder whose signature is the same.
"""

from typing import NamedTuple

from server.kernel.clock import now_ms
from server.kernel.db import Connection
from server.kernel.errors import NotFound
from server.library.names import sort_key
from server.users import accounts
from server.users.people import Viewer

OWNS = ("folder",)


class Folder(NamedTuple):
    id: int
    library_id: int
    parent_id: int | None
    path: str
    """Relative to the library, "/" between names, "" for the library itself."""
    name: str
    image: str = ""
    """Name of the image file that is the cover of what is in here."""
    portrait: str = ""
    """Name of the image file that shows the artist."""


_COLUMNS = "id, library_id, parent_id, path, name, image, portrait"


def signatures(db: Connection, library_id: int) -> dict[str, tuple[int, str, bool]]:
    """Return path → (id, signature, missing) of every folder of a library."""
    rows = db.rows("SELECT path, id, signature, missing_ms FROM folder WHERE library_id = :library", library=library_id)
    return {path: (number, signature, missing is not None) for path, number, signature, missing in rows}


def by_ids(db: Connection, ids: list[int]) -> dict[int, Folder]:
    rows = db.rows(f"SELECT {_select('f')} FROM EACH(:ids) e JOIN folder f ON f.id = e.id", ids=ids)
    return {row[0]: Folder(*row) for row in rows}


def last_id(db: Connection) -> int:
    return db.value("SELECT max(id) FROM folder") or 0


def count(db: Connection) -> int:
    """Return how many folders there are, in all libraries."""
    return db.value("SELECT CAST(count(*) AS BIGINT) FROM folder WHERE missing_ms IS NULL")


def store(db: Connection, folders: list[tuple[Folder, str]]) -> None:
    """Write folders with their signatures, new ones and known ones alike."""
    now = now_ms()
    db.many(
        "INSERT INTO folder (id, library_id, parent_id, path, name, sort, signature, image, portrait, changed_ms)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (library_id, path) DO UPDATE SET"
        " signature = excluded.signature, image = excluded.image, portrait = excluded.portrait,"
        " changed_ms = excluded.changed_ms, missing_ms = NULL",
        [
            (f.id, f.library_id, f.parent_id, f.path, f.name, sort_key(f.name), signature, f.image, f.portrait, now)
            for f, signature in folders
        ],
    )


def lose(db: Connection, ids: list[int]) -> None:
    """Note that folders are no longer on disk."""
    if not ids:
        return
    # An empty one takes no track with it, and yet nobody may go on seeing it.
    db.bump("library")
    now = now_ms()
    db.many(
        "UPDATE folder SET missing_ms = ?, changed_ms = ?, signature = '' WHERE id = ?",
        [(now, now, number) for number in ids],
    )


def forget_signatures(db: Connection, library_id: int) -> None:
    """Make the next scan read every file of a library again."""
    db.run("UPDATE folder SET signature = '' WHERE library_id = :library", library=library_id)


def root(db: Connection, viewer: Viewer, library_id: int) -> Folder:
    """Return the top folder of a library. Raises NotFound when it is not the viewer's or was never scanned."""
    row = db.row(
        f"SELECT {_COLUMNS} FROM folder WHERE library_id = :library AND path = ''"
        " AND library_id IN (SELECT id FROM EACH(:libraries))",
        library=library_id, libraries=viewer.libraries,
    )  # fmt: skip
    if row is None:
        raise NotFound("There is no such music folder.")
    return Folder(*row)


def one(db: Connection, viewer: Viewer, number: int) -> Folder:
    """Return a folder that the viewer may see. Raises NotFound."""
    row = db.row(
        f"SELECT {_COLUMNS} FROM folder WHERE id = :id AND missing_ms IS NULL"
        " AND library_id IN (SELECT id FROM EACH(:libraries))",
        id=number, libraries=viewer.libraries,
    )  # fmt: skip
    if row is None:
        raise NotFound("There is no such folder.")
    return Folder(*row)


def children(db: Connection, parent: Folder) -> list[Folder]:
    """List the folders directly inside, in order of name."""
    rows = db.rows(
        f"SELECT {_COLUMNS} FROM folder WHERE parent_id = :parent AND missing_ms IS NULL ORDER BY sort, id",
        parent=parent.id,
    )
    return [Folder(*row) for row in rows]


def changed_ms(db: Connection, libraries: tuple[int, ...]) -> int:
    """Return when anything in the folder tree last changed, or who may see what of it, in ms since 1970; 0 when never.

    Whoever is given a folder that has long been as it is would else hear from their app that nothing is new.
    """
    last = db.value(
        "SELECT max(changed_ms) FROM folder WHERE library_id IN (SELECT id FROM EACH(:libraries))", libraries=libraries
    )
    return max(last or 0, accounts.heard_so_since(db))


def _select(alias: str) -> str:
    return ", ".join(f"{alias}.{column}" for column in _COLUMNS.split(", "))
