"""Bookmarks: a place in a track or episode that a person wants to come back to, one for each.

Lists show a track's bookmark as they show its star, so a change here moves the
counter of the person's marks.
"""


from typing import NamedTuple

from server.kernel.clock import Millis, now_ms
from server.kernel.db import Connection
from server.kernel.errors import Invalid, NotFound
from server.library import playables
from server.library.facts import Faced
from server.users.accounts import FAREWELLS
from server.users.people import Viewer

OWNS = ("bookmark",)
COMMENT_MAX = 20_000


class Bookmark(NamedTuple):
    track: Faced
    position_ms: Millis
    comment: str
    created_ms: Millis
    changed_ms: Millis


def listed(db: Connection, viewer: Viewer) -> list[Bookmark]:
    """List the viewer's own bookmarks in what is there, the last changed first."""
    rows = db.rows(
        "SELECT track_id, position_ms, comment, created_ms, changed_ms FROM bookmark WHERE user_id = :user"
        " ORDER BY changed_ms DESC, track_id",
        user=viewer.user_id,
    )
    faces = playables.faced(db, viewer, [row[0] for row in rows]) if rows else {}
    return [Bookmark(faces[number], *rest) for number, *rest in rows if number in faces]


def put(db: Connection, viewer: Viewer, playable: int, position_ms: Millis, comment: str) -> None:
    """Set a bookmark in place of the one that may be there. Raises NotFound and Invalid."""
    if position_ms < 0:
        raise Invalid("A position in a song is not negative.")
    if len(comment) > COMMENT_MAX:
        raise Invalid(f"A bookmark's comment has {COMMENT_MAX} characters at most.")
    db.bump(f"marks:{viewer.user_id}")
    if not playables.visible(db, viewer, [playable]):
        raise NotFound("There is no such song.")
    db.run(
        "INSERT INTO bookmark (user_id, track_id, position_ms, comment, created_ms, changed_ms)"
        " VALUES (:user, :playable, :position, :comment, :now, :now)"
        " ON CONFLICT (user_id, track_id) DO UPDATE SET position_ms = excluded.position_ms,"
        " comment = excluded.comment, changed_ms = excluded.changed_ms",
        user=viewer.user_id, playable=playable, position=position_ms, comment=comment, now=now_ms(),
    )  # fmt: skip


def remove(db: Connection, viewer: Viewer, playable: int) -> None:
    """Remove the viewer's bookmark in something, which may be gone itself. Raises NotFound when there is none."""
    db.bump(f"marks:{viewer.user_id}")
    if not db.run(
        "DELETE FROM bookmark WHERE user_id = :user AND track_id = :playable",
        user=viewer.user_id, playable=playable,
    ):
        raise NotFound("There is no bookmark in this song.")


def forget(db: Connection, user_id: int) -> None:
    """Remove the bookmarks of a person who leaves."""
    db.run("DELETE FROM bookmark WHERE user_id = :user", user=user_id)


FAREWELLS.append(forget)
