"""Avatars: the pictures that people chose of themselves.

They stand in the database, because nothing else of theirs would be missing from
a backup. The rule a newcomer would break: only what our own child has made anew
comes in here, never the bytes that somebody sent.
"""

from server.kernel.clock import now_ms
from server.kernel.db import Connection
from server.kernel.errors import Forbidden, NotFound
from server.library.places import Stored
from server.users import accounts
from server.users.accounts import FAREWELLS
from server.users.names import key_of
from server.users.people import Viewer

OWNS = ("avatar",)


def shown(db: Connection, viewer: Viewer, name: str) -> tuple[str, Stored | None]:
    """Return how a user's name is written and where their picture is; whoever is signed in may ask. Raises NotFound."""
    written = accounts.known_as(db, viewer, name)
    row = db.row(
        "SELECT v.picture_key, v.user_id FROM avatar v JOIN account a ON a.id = v.user_id WHERE a.key = :key",
        key=key_of(name),
    )
    return written, Stored(row[0], picture, row[1]) if row else None


def picture(db: Connection, user_id: int) -> bytes | None:
    """Return the picture of a user, None when there is none."""
    return db.value("SELECT picture FROM avatar WHERE user_id = :user", user=user_id)


def check(db: Connection, viewer: Viewer, name: str) -> int:
    """Return the id of a user whose picture the viewer may change: one's own, or as an administrator anybody's.

    Raises Forbidden, and NotFound, which only an administrator is told.
    """
    own = key_of(name) == key_of(viewer.name)
    if not viewer.is_admin and not (own and viewer.may("settings")):
        raise Forbidden("You cannot change this picture.")
    user_id = db.value("SELECT id FROM account WHERE key = :key", key=key_of(name))
    if user_id is None:
        raise NotFound(f"There is no user called {name[:64]}.")
    return user_id


def choose(db: Connection, viewer: Viewer, name: str, key: str, data: bytes) -> None:
    """Give a user a picture. Raises Forbidden and NotFound."""
    db.run(
        "INSERT INTO avatar (user_id, picture_key, picture, changed_ms) VALUES (:user, :key, :data, :now)"
        " ON CONFLICT (user_id) DO UPDATE SET picture_key = excluded.picture_key, picture = excluded.picture,"
        " changed_ms = excluded.changed_ms",
        user=check(db, viewer, name), key=key, data=data, now=now_ms(),
    )  # fmt: skip


def remove(db: Connection, viewer: Viewer, name: str) -> None:
    """Take a user's picture away, if there is one. Raises Forbidden and NotFound."""
    db.run("DELETE FROM avatar WHERE user_id = :user", user=check(db, viewer, name))


def forget(db: Connection, user_id: int) -> None:
    """Remove the picture of a person who leaves."""
    db.run("DELETE FROM avatar WHERE user_id = :user", user=user_id)


FAREWELLS.append(forget)
