"""Which pictures there are: a row per image file or embedded picture, at one state of its file.

When a file changes, its picture gets a new row and so a new cover id: clients
keep covers for ever, and only another id makes them look again.
"""

from collections.abc import Collection
from typing import NamedTuple

from server.kernel.db import Connection

OWNS = ("cover",)


class Picture(NamedTuple):
    """Where a picture is. `picture` is -1 for an image file, else the index of an embedded one."""

    library_id: int
    path: str
    picture: int
    mtime_ns: int
    size_bytes: int


def ids(db: Connection, pictures: Collection[Picture]) -> dict[Picture, int]:
    """Return the row number of each picture, making the rows that are missing."""
    found: dict[Picture, int] = {}
    wanted = list(pictures)
    for start in range(0, len(wanted), 500):
        found |= _known(db, wanted[start : start + 500])
    new = [picture for picture in dict.fromkeys(wanted) if picture not in found]
    if new:
        next_id = 1 + (db.value("SELECT max(id) FROM cover") or 0)
        found |= {picture: next_id + i for i, picture in enumerate(new)}
        db.many(
            "INSERT INTO cover (id, library_id, path, picture, mtime_ns, size_bytes) VALUES (?, ?, ?, ?, ?, ?)",
            [(found[picture], *picture) for picture in new],
        )
    return found


def _known(db: Connection, pictures: list[Picture]) -> dict[Picture, int]:
    rows = db.rows(
        "SELECT c.id, c.library_id, c.path, c.picture, c.mtime_ns, c.size_bytes"
        " FROM EACH_TEXT(:paths) e JOIN cover c ON c.path = e.id AND c.library_id IN (SELECT id FROM EACH(:libraries))",
        paths=sorted({picture.path for picture in pictures}),
        libraries=sorted({picture.library_id for picture in pictures}),
    )
    return {Picture(*row[1:]): row[0] for row in rows}
