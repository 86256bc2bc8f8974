"""Files that look like music and are none, each with its reason, for the administrator to see."""

from typing import NamedTuple

from server.kernel.clock import now_ms
from server.kernel.db import Connection
from server.kernel.errors import Forbidden
from server.users.people import Viewer

OWNS = ("bad_file",)


class BadFile(NamedTuple):
    library_id: int
    path: str
    reason: str
    seen_ms: int


def note(db: Connection, library_id: int, files: list[tuple[str, int, int, str]]) -> None:
    """Keep (path, mtime_ns, size_bytes, reason) of files that could not be read."""
    db.many(
        "INSERT INTO bad_file (library_id, path, mtime_ns, size_bytes, reason, seen_ms) VALUES (?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (library_id, path) DO UPDATE SET mtime_ns = excluded.mtime_ns,"
        " size_bytes = excluded.size_bytes, reason = excluded.reason, seen_ms = excluded.seen_ms",
        [(library_id, *file, now_ms()) for file in files],
    )


def forget(db: Connection, library_id: int, paths: list[str]) -> None:
    """Drop files that can be read by now, or are gone."""
    if paths:
        db.run(
            "DELETE FROM bad_file WHERE library_id = :library AND path IN (SELECT id FROM EACH_TEXT(:paths))",
            library=library_id, paths=paths,
        )  # fmt: skip


def known(db: Connection, library_id: int) -> dict[str, tuple[int, int]]:
    """Return path → (mtime_ns, size_bytes) of the bad files of a library: unchanged ones are not tried again."""
    rows = db.rows("SELECT path, mtime_ns, size_bytes FROM bad_file WHERE library_id = :library", library=library_id)
    return {path: (mtime, size) for path, mtime, size in rows}


def listed(db: Connection, viewer: Viewer) -> list[BadFile]:
    """List all bad files. Raises Forbidden for anyone but an administrator: paths tell of other people's music."""
    if not viewer.is_admin:
        raise Forbidden("Only an administrator may see the files that could not be read.")
    rows = db.rows("SELECT library_id, path, reason, seen_ms FROM bad_file ORDER BY library_id, path")
    return [BadFile(*row) for row in rows]
