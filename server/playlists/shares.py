"""Shares: music that somebody made public, for whoever has the share's address.

What a share holds is looked up anew each time, with the rights that its owner has at that moment: a track that the
owner may no longer hear, or that has left a shared playlist, is gone from the share too. The rule a newcomer would
break: guests reach a track only through `reach`, never by its id alone.
"""

import re
import secrets
from array import array
from collections.abc import Sequence
from typing import NamedTuple

from server.kernel.clock import Millis, now_ms
from server.kernel.db import Connection, long
from server.kernel.errors import Forbidden, Invalid, NotFound
from server.kernel.ids import LETTERS
from server.library import tracks
from server.library.facts import Faced, TrackFile
from server.playlists import contents
from server.playlists.contents import Item
from server.users import accounts
from server.users.accounts import FAREWELLS
from server.users.people import Viewer
from server.users.secrets import NewPassword

OWNS = ("share", "share_item")
PREFIX = "sh-"
TOKEN_LETTERS = 20
"""100 random bits: nobody finds a share by trying."""
TOKEN = re.compile(f"{PREFIX}[{LETTERS}]{{{TOKEN_LETTERS}}}")
SHARES_MAX, ITEMS_MAX, DESCRIPTION_MAX = 500, 5_000, 2_000
LISTED_MAX, LISTED_ALL_MAX = 500, 10_000
"""So many songs of each share are told in a list of shares, and of all of them together."""
EXPIRES_MAX_MS = 253_402_300_799_999
"""The end of the year 9999, after which there is no date to write."""

_COLUMNS = (
    "s.id, s.token, s.owner_id, a.name, s.description, s.password_hash, s.download, s.created_ms, s.expires_ms,"
    " s.visited_ms, s.visit_count"
)


class Gone(NotFound):
    """This share was there and is over."""


class Share(NamedTuple):
    """One share, as its owner and administrators see it."""

    id: int
    token: str
    """What stands in its address, and its id for everybody."""
    owner_id: int
    owner: str
    description: str
    password_hash: str
    """"" where whoever has the address may listen."""
    download: bool
    """Whether guests may save files; it also takes that the owner may."""
    created_ms: Millis
    expires_ms: Millis | None
    visited_ms: Millis | None
    visit_count: int


class Change(NamedTuple):
    """What is to change in a share; None leaves as it is."""

    description: str | None = None
    expires_ms: Millis | None = None
    """0 is never."""
    download: bool | None = None
    password: NewPassword | None = None
    open: bool = False
    """Whether to take the password away."""


AS_IS = Change()


class Open(NamedTuple):
    """A share that guests can reach now, and what it holds for them."""

    share: Share
    owner: Viewer
    """The owner's rights as of now; whatever a guest is given is read with them."""
    first: Item
    """The first thing in it, which lends its picture."""
    alone: bool
    """Whether the first thing is the only one."""
    track_ids: Sequence[int]

    @property
    def saves(self) -> bool:
        """Tell whether guests may save files."""
        return self.share.download and self.owner.may("download")


@long
def listed(db: Connection, viewer: Viewer) -> list[tuple[Share, list[Faced]]]:
    """List the viewer's shares, or all of them to an administrator, newest first, each with its first songs."""
    found = _heads(db, "(s.owner_id = :user OR :admin = 1) ORDER BY s.created_ms DESC, s.id DESC",
                   user=viewer.user_id, admin=int(viewer.is_admin))  # fmt: skip
    owners = {viewer.user_id: viewer}
    if viewer.is_admin:
        owners |= {account.id: account.viewer for account in accounts.everyone(db, viewer)}
    return _with_songs(db, viewer, [(share, owners[share.owner_id]) for share in found])


@long
def shown(db: Connection, viewer: Viewer, token: str) -> tuple[Share, list[Faced]]:
    """Return one's own share, or anybody's to an administrator, with its first songs. Raises NotFound."""
    share = one(db, viewer, token)
    return _with_songs(db, viewer, [(share, accounts.viewer_of(db, share.owner_id))])[0]


def one(db: Connection, viewer: Viewer, token: str) -> Share:
    """Return one's own share, or anybody's to an administrator. Raises NotFound."""
    return _by_token(db, token, "(s.owner_id = :user OR :admin = 1)", user=viewer.user_id, admin=int(viewer.is_admin))


def create(db: Connection, viewer: Viewer, items: Sequence[Item], change: Change = AS_IS) -> str:
    """Share some things and return the share's token; repeated ones count once.

    Raises Forbidden without the right, NotFound when nothing of it is there for the viewer, Invalid for too much.
    """
    _may(viewer)
    items = list(dict.fromkeys(items))
    if len(items) > ITEMS_MAX:
        raise Invalid(f"A share holds {ITEMS_MAX} things at most. Put the songs into a playlist and share that.")
    db.bump("shares")
    if db.value("SELECT count(*) FROM share WHERE owner_id = :user", user=viewer.user_id) >= SHARES_MAX:
        raise Invalid(f"You have {SHARES_MAX} shares, which is the most. Delete some that are over.")
    items = contents.there(db, viewer, items)
    if not items:
        raise NotFound("There is nothing of this to share.")
    token = PREFIX + "".join(secrets.choice(LETTERS) for _ in range(TOKEN_LETTERS))
    number = db.insert(
        "INSERT INTO share (token, owner_id, created_ms) VALUES (:token, :user, :now) RETURNING id",
        token=token, user=viewer.user_id, now=now_ms(),
    )  # fmt: skip
    db.many(
        "INSERT INTO share_item (share_id, at, kind, item_id) VALUES (?, ?, ?, ?)",
        [(number, at, *item) for at, item in enumerate(items)],
    )
    _write(db, number, change)
    return token


def update(db: Connection, viewer: Viewer, token: str, change: Change) -> None:
    """Change a share's description, end, password, and whether guests may save. Raises NotFound and Forbidden."""
    _may(viewer)
    db.bump("shares")
    _write(db, one(db, viewer, token).id, change)


def delete(db: Connection, viewer: Viewer, token: str) -> None:
    """End a share at once. Raises NotFound and Forbidden."""
    _may(viewer)
    db.bump("shares")
    number = one(db, viewer, token).id
    db.run("DELETE FROM share_item WHERE share_id = :id", id=number)
    db.run("DELETE FROM share WHERE id = :id", id=number)


def forget(db: Connection, user_id: int) -> None:
    """Remove the shares of a person who leaves."""
    db.bump("shares")
    db.run("DELETE FROM share_item WHERE share_id IN (SELECT id FROM share WHERE owner_id = :user)", user=user_id)
    db.run("DELETE FROM share WHERE owner_id = :user", user=user_id)


def reach(db: Connection, token: str) -> Open:
    """Return a share as a guest finds it. Raises NotFound, and Gone for one that is over.

    One whose owner may no longer share, or of which nothing is left, is not found: guests need not know why.
    """
    share = _by_token(db, token)
    if share.expires_ms is not None and share.expires_ms <= now_ms():
        raise Gone("This share is over.")
    owner = accounts.viewer_of(db, share.owner_id)
    if not (owner.may("share") and owner.may("stream")):
        raise NotFound("There is no such share.")
    track_ids = _held(db, owner, share.id)
    if not track_ids:
        raise NotFound("There is nothing in this share any more.")
    rows = db.rows("SELECT kind, item_id FROM share_item WHERE share_id = :share ORDER BY at LIMIT 2", share=share.id)
    return Open(share, owner, Item(*rows[0]), len(rows) == 1, track_ids)


def file(db: Connection, found: Open, track_id: int) -> TrackFile:
    """Return where the bytes of a shared track are. Raises NotFound for any other track."""
    if track_id not in found.track_ids:
        raise NotFound("This song is not shared here.")
    return tracks.file(db, found.owner, track_id)


@long
def files(db: Connection, found: Open) -> list[TrackFile]:
    """List where the bytes of all tracks of a share are."""
    there = tracks.visible(db, found.owner, found.track_ids)
    return [tracks.file(db, found.owner, number) for number in there]


def visited(db: Connection, token: str) -> None:
    """Count a visit."""
    db.run("UPDATE share SET visit_count = visit_count + 1, visited_ms = :now WHERE token = :token",
           now=now_ms(), token=token)  # fmt: skip


def _by_token(db: Connection, token: str, condition: str = "1 = 1", **params) -> Share:
    found = _heads(db, f"s.token = :token AND {condition}", token=token, **params) if TOKEN.fullmatch(token) else []
    if not found:
        raise NotFound("There is no such share.")
    return found[0]


def _heads(db: Connection, condition: str, **params) -> list[Share]:
    rows = db.rows(f"SELECT {_COLUMNS} FROM share s JOIN account a ON a.id = s.owner_id WHERE {condition}", **params)
    return [Share(*row[:6], row[6] == 1, *row[7:]) for row in rows]


def _with_songs(
    db: Connection, viewer: Viewer, found: list[tuple[Share, Viewer]]
) -> list[tuple[Share, list[Faced]]]:
    """Return shares with their first songs, of which the viewer hears what both they and the share's owner may."""
    most = min(LISTED_MAX, max(1, LISTED_ALL_MAX // max(1, len(found))))
    held = [_held(db, owner, share.id)[:most] for share, owner in found]
    faces = tracks.faced(db, viewer, list({number for ids in held for number in ids})) if any(held) else {}
    shown = [[faces[number] for number in ids if number in faces] for ids in held]
    return [(share, songs) for (share, _), songs in zip(found, shown, strict=True)]


def _held(db: Connection, owner: Viewer, number: int) -> array:
    """Return the tracks that a share is now, for its owner."""

    def build() -> array:
        rows = db.rows("SELECT kind, item_id FROM share_item WHERE share_id = :share ORDER BY at", share=number)
        return array("q", contents.tracks_of(db, owner, [Item(*row) for row in rows]))

    key = ("share", number, owner.user_id, owner.is_admin, owner.libraries)
    return db.cached(key, ("shares", "library", "playlists"), build)


def _may(viewer: Viewer) -> None:
    if not viewer.may("share"):
        raise Forbidden("You are not allowed to share.")


def _write(db: Connection, number: int, change: Change) -> None:
    if change.description is not None:
        if len(change.description) > DESCRIPTION_MAX:
            raise Invalid(f"A share's description has {DESCRIPTION_MAX} characters at most.")
        db.run("UPDATE share SET description = :text WHERE id = :id", text=change.description, id=number)
    if change.expires_ms is not None:
        if not 0 <= change.expires_ms <= EXPIRES_MAX_MS:
            raise Invalid("This is no time at which a share could end.")
        db.run("UPDATE share SET expires_ms = :at WHERE id = :id", at=change.expires_ms or None, id=number)
    if change.download is not None:
        db.run("UPDATE share SET download = :on WHERE id = :id", on=int(change.download), id=number)
    if change.password is not None or change.open:
        hashed = change.password.hash if change.password and not change.open else ""
        db.run("UPDATE share SET password_hash = :hash WHERE id = :id", hash=hashed, id=number)


FAREWELLS.append(forget)
