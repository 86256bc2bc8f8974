"""Podcasts: the channels that this server follows, and who may change that.

Everybody hears them; who has the right `podcast` decides what is followed and
kept. The rule a newcomer would break: a channel that is left keeps its row,
marked as removed, and is the same one when somebody follows it again.
"""

import hashlib
from typing import Any, NamedTuple

from yarl import URL

from server.kernel import properties
from server.kernel.clock import Millis, now_ms
from server.kernel.db import Connection
from server.kernel.errors import Conflict, NotFound
from server.kernel.fetch import host_of
from server.library import episodes
from server.library.episodes import COMPLETED, ERROR, NEW, allow
from server.library.facts import Renderer
from server.library.names import sort_key
from server.users.people import Viewer

OWNS = ("podcast_channel",)

CHANNELS_MAX = 2000
KEY_MAX = 500
AGAIN_MS: Millis = 60_000
"""How long apart are two looks at everything that apps ask for: publishers are asked no faster, whatever apps do."""
LOOK = "podcasts looked at"
"""The fact of this installation that says for when such a look was last asked."""


class Channel(NamedTuple):
    id: int
    url: str
    title: str
    description: str
    image_url: str
    status: str
    error: str
    fetched_ms: Millis | None


class Due(NamedTuple):
    """A channel whose feed is to be read, and what is remembered of the last time."""

    id: int
    url: str
    folder: str
    image_url: str
    image: str
    etag: str
    modified: str
    fetched_ms: Millis | None


_SELECT = (
    "SELECT id, url, title, description, image_url, status, error, fetched_ms FROM podcast_channel WHERE removed = 0"
)


def listed(db: Connection, viewer: Viewer) -> list[Channel]:
    """List all channels by name; every viewer may hear them."""
    found = [Channel(*row) for row in db.rows(f"{_SELECT} ORDER BY id")]
    return sorted(found, key=lambda each: sort_key(each.title))


def keys(db: Connection) -> set[str]:
    """Return what `key_of` tells of the addresses of all channels."""
    return {key for (key,) in db.rows("SELECT key FROM podcast_channel WHERE removed = 0")}


def channel(db: Connection, viewer: Viewer, number: int) -> Channel:
    """Return a channel. Raises NotFound."""
    row = db.row(f"{_SELECT} AND id = :id", id=number)
    if row is None:
        raise NotFound("There is no such podcast.")
    return Channel(*row)


def follow(db: Connection, viewer: Viewer, url: str, title: str = "") -> int:
    """Follow the podcast at an address, and return its number; one that is followed already stays as it is.

    The worker reads it soon. Raises Forbidden, Invalid, and Conflict when there are too many.
    """
    allow(viewer)
    url = url.strip()
    key = key_of(url)
    known = db.row("SELECT id, removed FROM podcast_channel WHERE key = :key", key=key)
    if known and not known[1]:
        return known[0]
    if db.value("SELECT CAST(count(*) AS BIGINT) FROM podcast_channel WHERE removed = 0") >= CHANNELS_MAX:
        raise Conflict(f"This server follows {CHANNELS_MAX} podcasts at most.")
    return db.insert(
        "INSERT INTO podcast_channel (key, url, title, status, added_ms) VALUES (:key, :url, :title, :status, :now)"
        " ON CONFLICT (key) DO UPDATE SET removed = 0, url = excluded.url, status = excluded.status, error = '',"
        " etag = '', modified = '', due_ms = 0 RETURNING id",
        key=key, url=url, title=title or host_of(url), status=NEW, now=now_ms(),
    )  # fmt: skip


def leave(db: Connection, viewer: Viewer, number: int) -> None:
    """Stop following a channel; the worker removes its files. Raises Forbidden and NotFound."""
    allow(viewer)
    if not db.run("UPDATE podcast_channel SET removed = 1 WHERE id = :id AND removed = 0", id=number):
        raise NotFound("There is no such podcast.")
    episodes.give_up(db, number)


def refresh(db: Connection, viewer: Viewer, number: int | None = None) -> int:
    """Ask for a look at one channel, or at all, now, and return how many. Raises Forbidden and NotFound."""
    allow(viewer)
    one = "" if number is None else " AND id = :id"
    # Who waits already keeps their place: those read first would else be first for ever, and the last never read.
    found = db.run(
        f"UPDATE podcast_channel SET due_ms = CASE WHEN due_ms < :now THEN due_ms ELSE :now END WHERE removed = 0{one}",
        id=number or 0, now=now_ms(),
    )  # fmt: skip
    if number is not None and not found:
        raise NotFound("There is no such podcast.")
    return found


def refresh_soon(db: Connection, viewer: Viewer) -> None:
    """Ask for a look at all channels as apps do, each time somebody opens a page: a minute after the last one at most.

    Raises Forbidden.
    """
    allow(viewer)
    now, last = now_ms(), int(properties.get(db, LOOK, "0"))
    if now < last <= now + AGAIN_MS:
        at = last
    else:
        at = max(now, last + AGAIN_MS) if last <= now else now
        properties.put(db, LOOK, str(at))
    db.run("UPDATE podcast_channel SET due_ms = :at WHERE removed = 0 AND due_ms > :at", at=at)


def due(db: Connection, count: int, but: list[int]) -> list[Due]:
    """Return channels whose time has come, the longest overdue first."""
    return [Due(*row) for row in db.rows(
        "SELECT id, url, folder, image_url, image, etag, modified, fetched_ms FROM podcast_channel"
        " WHERE removed = 0 AND due_ms <= :now AND id NOT IN (SELECT id FROM EACH(:but))"
        " ORDER BY due_ms, id LIMIT :count",
        now=now_ms(), count=count, but=but,
    )]  # fmt: skip


def read(db: Connection, about: Due, said: dict[str, Any] | None, render: Renderer, *, etag: str, modified: str,
         next_ms: Millis) -> list[int]:
    """Put down that a feed was read, and what it says; None when it says what it said. Returns the new episodes."""
    if said and said["title"]:
        renamed = db.run(
            "UPDATE podcast_channel SET title = :title, author = :author WHERE id = :id"
            " AND (title <> :title OR author <> :author)",
            id=about.id, title=said["title"], author=said["author"],
        )  # fmt: skip
        db.run("UPDATE podcast_channel SET description = :description, image_url = :image WHERE id = :id",
               id=about.id, description=said["description"], image=said["image_url"])  # fmt: skip
    else:
        renamed = 0
    db.run(
        "UPDATE podcast_channel SET status = :status, error = '', etag = :etag, modified = :modified,"
        " fetched_ms = :now, due_ms = :next WHERE id = :id",
        id=about.id, status=COMPLETED, etag=etag, modified=modified, now=now_ms(), next=next_ms,
    )  # fmt: skip
    added = episodes.merge(db, about.id, said["episodes"], render) if said else []
    if renamed:
        episodes.redraw_channel(db, render, about.id)
    return added


def failed(db: Connection, number: int, reason: str, next_ms: Millis) -> None:
    """Put down why a feed could not be read; what is known of its episodes stays."""
    db.run("UPDATE podcast_channel SET status = :status, error = :reason, due_ms = :next WHERE id = :id",
           id=number, status=ERROR, reason=reason, next=next_ms)  # fmt: skip


def moved(db: Connection, about: Due, url: str) -> bool:
    """Ask at another address from now on, unless that is a channel of its own.

    Then one that was never read is left again, for it is the same podcast; False says that.
    """
    key, number = key_of(url), about.id
    sql = "SELECT id FROM podcast_channel WHERE key = :key AND id <> :id AND removed = 0"
    if about.fetched_ms is None and db.value(sql, key=key, id=number) is not None:
        db.run("UPDATE podcast_channel SET removed = 1 WHERE id = :id", id=number)
        return False
    db.run(
        "UPDATE podcast_channel SET url = :url, key = :key WHERE id = :id AND url <> :url"
        " AND NOT EXISTS (SELECT 1 FROM podcast_channel o WHERE o.key = :key AND o.id <> :id)",
        id=number, url=url, key=key,
    )  # fmt: skip
    return True


def keep_in(db: Connection, number: int, folder: str) -> str:
    """Give a channel that has none a folder of its own, named like this or nearly so, and return its name."""
    taken = {name for (name,) in db.rows("SELECT lower(folder) FROM podcast_channel WHERE id <> :id", id=number)}
    own = folder if folder.lower() not in taken else f"{folder} ({number})"
    db.run("UPDATE podcast_channel SET folder = :folder WHERE id = :id AND folder = ''", id=number, folder=own)
    return db.value("SELECT folder FROM podcast_channel WHERE id = :id", id=number)


def pictured(db: Connection, number: int, image: str) -> None:
    """Note where a channel's picture is, within the podcast folder."""
    db.run("UPDATE podcast_channel SET image = :image WHERE id = :id", id=number, image=image)


def any_left(db: Connection) -> bool:
    """Tell whether a channel that was left still has a picture."""
    return db.value("SELECT 1 FROM podcast_channel WHERE removed = 1 AND image <> '' LIMIT 1") is not None


def left(db: Connection) -> list[str]:
    """Return the paths of the pictures of channels that were left, and forget where they are."""
    rows = db.rows("SELECT image FROM podcast_channel WHERE removed = 1 AND image <> ''")
    db.run("UPDATE podcast_channel SET image = '' WHERE removed = 1 AND image <> ''")
    return [path for (path,) in rows]


def key_of(url: str) -> str:
    """Return what two addresses of one feed have in common. Raises Invalid for what is no web address."""
    host_of(url)
    key = str(URL(url).with_fragment(None)).partition("://")[2].rstrip("/")
    # An index of PostgreSQL takes no long one.
    return key if len(key) <= KEY_MAX else hashlib.blake2b(key.encode(), digest_size=16).hexdigest()
