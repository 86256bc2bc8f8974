"""Playlists: lists of tracks in the order that their owner gave them, one track as often as they like.

An entry whose track is missing, or not the viewer's to hear, keeps its place
and is not shown. So an index from outside counts what that viewer sees, and
nobody removes what they cannot see: it is there again when the track is.
"""

from collections.abc import Sequence
from typing import NamedTuple

from server.kernel.clock import Millis, now_ms
from server.kernel.db import Connection, long
from server.kernel.errors import Forbidden, Invalid, NotFound
from server.library import tracks
from server.library.facts import Faced
from server.users.accounts import FAREWELLS
from server.users.names import key_of
from server.users.people import Viewer

OWNS = ("playlist", "playlist_track")
NAME_MAX, COMMENT_MAX = 500, 20_000
TRACKS_MAX = 50_000
"""A longer one makes an answer of 50 MB, which clients cannot read and the server would have to hold for each."""

_READABLE = "(p.owner_id = :user OR p.public = 1 OR :admin = 1)"
_HEARD = "t.missing_ms IS NULL AND t.library_id IN (SELECT id FROM EACH(:libraries))"


class Playlist(NamedTuple):
    """A playlist as one viewer sees it: only tracks that are theirs to hear are counted."""

    id: int
    name: str
    comment: str
    owner: str
    public: bool
    readonly: bool
    track_count: int
    length_ms: Millis
    created_ms: Millis
    changed_ms: Millis
    made_as: str = ""
    """Which of Familiar's own lists this is; "" for one that a person made."""
    valid_until_ms: Millis | None = None
    """When such a list is made anew."""


class Entry(NamedTuple):
    track_id: int
    reason: str


class Made(NamedTuple):
    """What a list of Familiar's own shall be."""

    made_as: str
    name: str
    comment: str
    valid_until_ms: Millis
    entries: Sequence[Entry]


class Change(NamedTuple):
    """What is to change in a playlist; None leaves as it is. Tracks are removed first, then added at the end."""

    name: str | None = None
    comment: str | None = None
    public: bool | None = None
    remove: Sequence[int] = ()
    """Indexes into the list as the viewer saw it before the call."""
    add: Sequence[int] = ()


@long
def listed(db: Connection, viewer: Viewer, username: str | None = None) -> list[Playlist]:
    """List the viewer's playlists and the public ones of others by name, or those of one other person.

    Raises Forbidden unless that person is oneself or the viewer an administrator, and NotFound if there is none.
    """
    if username is None or key_of(username) == key_of(viewer.name):
        rows = _heads(db, viewer, "p.owner_id = :user OR p.public = 1")
    elif not viewer.is_admin:
        raise Forbidden("Only an administrator can list the playlists of others.")
    else:
        owner = db.value("SELECT id FROM account WHERE key = :key", key=key_of(username))
        if owner is None:
            raise NotFound("There is no such user.")
        rows = _heads(db, viewer, "p.owner_id = :owner", owner=owner)
    sums = _sums(db, viewer)
    found = [_playlist(row, viewer, *sums.get(row[0], (0, 0))) for row in rows]
    return sorted(found, key=lambda each: (each.name.casefold(), each.id))


@long
def opened(db: Connection, viewer: Viewer, number: int) -> tuple[Playlist, list[Faced]]:
    """Return a playlist and those of its tracks that are there. Raises NotFound."""
    rows = _heads(db, viewer, f"p.id = :id AND {_READABLE}", id=number)
    if not rows:
        raise NotFound("There is no such playlist.")
    entries = db.rows(
        "SELECT e.track_id, t.length_ms FROM playlist_track e JOIN track t ON t.id = e.track_id"
        f" WHERE e.playlist_id = :id AND {_HEARD} ORDER BY e.at",
        id=number, libraries=viewer.libraries,
    )  # fmt: skip
    faces = tracks.faced(db, viewer, list({track for track, _ in entries})) if entries else {}
    # On PostgreSQL a track can go missing between the two statements.
    entries = [(track, length_ms) for track, length_ms in entries if track in faces]
    length_ms = sum(length_ms for _, length_ms in entries)
    return _playlist(rows[0], viewer, len(entries), length_ms), [faces[track] for track, _ in entries]


def covers(db: Connection, viewer: Viewer, number: int) -> list[int]:
    """Return the cover ids of the first four different albums in a playlist. Raises NotFound."""
    if not _heads(db, viewer, f"p.id = :id AND {_READABLE}", id=number):
        raise NotFound("There is no such playlist.")
    return [cover for cover, _ in db.rows(
        "SELECT a.cover_id, min(e.at) FROM playlist_track e JOIN track t ON t.id = e.track_id"
        f" JOIN album a ON a.id = t.album_id WHERE e.playlist_id = :id AND a.cover_id IS NOT NULL AND {_HEARD}"
        " GROUP BY a.cover_id ORDER BY min(e.at) LIMIT 4",
        id=number, libraries=viewer.libraries,
    )]  # fmt: skip


def track_ids(db: Connection, viewer: Viewer, number: int) -> list[int]:
    """List the tracks of a playlist that are there. Raises NotFound."""
    name(db, viewer, number)
    return [track for _, track, seen in _rows(db, viewer, number) if seen]


def name(db: Connection, viewer: Viewer, number: int) -> str:
    """Return what a playlist is called. Raises NotFound."""
    heads = _heads(db, viewer, f"p.id = :id AND {_READABLE}", id=number)
    if not heads:
        raise NotFound("There is no such playlist.")
    return heads[0][1]


def create(db: Connection, viewer: Viewer, name: str, track_ids: Sequence[int] = ()) -> int:
    """Make a playlist of those tracks that are there and return its id.

    Raises Forbidden without the right, Invalid without a name, NotFound when none of the given tracks is there.
    """
    _may(viewer)
    name = _named(name)
    db.bump("playlists")
    number = _born(db, viewer, name)
    _append(db, number, _there(db, viewer, track_ids))
    return number


def replace(
    db: Connection, viewer: Viewer, number: int, track_ids: Sequence[int], name: str | None = None
) -> None:
    """Give a playlist other tracks, and another name if there is one.

    What the viewer cannot see stays at its place, counted in visible tracks before it. Raises as `update` does.
    """
    _touch(db, viewer, number, Change(name=name))
    fresh = _there(db, viewer, track_ids)
    whole: list[int] = []
    seen = 0
    for _, track, visible in _rows(db, viewer, number):
        if visible:
            whole += fresh[seen : seen + 1]
            seen += 1
        else:
            whole.append(track)
    db.run("DELETE FROM playlist_track WHERE playlist_id = :id", id=number)
    _append(db, number, whole + fresh[seen:])


def update(db: Connection, viewer: Viewer, number: int, change: Change) -> None:
    """Change a playlist's name, comment, audience and tracks.

    Raises NotFound for a playlist that the viewer does not see and when none of the tracks to add is there, Forbidden
    for one of somebody else, Invalid for an empty name and for an index outside of the list.
    """
    _touch(db, viewer, number, change)
    if change.remove:
        places = [at for at, _, visible in _rows(db, viewer, number) if visible]
        for index in change.remove:
            if not 0 <= index < len(places):
                raise Invalid(f"The playlist has no song at index {index}: it holds {len(places)}, counted from 0.")
        db.run(
            "DELETE FROM playlist_track WHERE playlist_id = :id AND at IN (SELECT id FROM EACH(:places))",
            id=number, places=[places[index] for index in set(change.remove)],
        )  # fmt: skip
    _append(db, number, _there(db, viewer, change.add))


def delete(db: Connection, viewer: Viewer, number: int) -> None:
    """Delete a playlist. Raises NotFound and Forbidden."""
    if (mine := _made(db, viewer, number)) is None:
        _touch(db, viewer, number, Change())
    elif not mine:
        raise NotFound("There is no such playlist.")
    else:
        db.bump("playlists")
    db.run("DELETE FROM playlist_track WHERE playlist_id = :id", id=number)
    db.run("DELETE FROM playlist WHERE id = :id", id=number)


def keep_made(db: Connection, viewer: Viewer, number: int | None, made: Made) -> int:
    """Make one of Familiar's own lists for the viewer, or make it anew; return its id.

    Whoever may hear may have these, so no right to make playlists is asked for.
    """
    there = number is not None and db.value(
        "SELECT id FROM playlist WHERE id = :id AND owner_id = :user AND made_as <> ''",
        id=number, user=viewer.user_id,
    )  # fmt: skip
    db.bump("playlists")
    if not there:
        number = _born(db, viewer, made.name)
    db.run(
        "UPDATE playlist SET name = :name, comment = :comment, made_as = :made_as, valid_until_ms = :until,"
        " changed_ms = CASE WHEN changed_ms < :now THEN :now ELSE changed_ms + 1 END WHERE id = :id",
        id=number, name=_named(made.name), comment=made.comment, made_as=made.made_as, until=made.valid_until_ms,
        now=now_ms(),
    )  # fmt: skip
    db.run("DELETE FROM playlist_track WHERE playlist_id = :id", id=number)
    db.many(
        "INSERT INTO playlist_track (playlist_id, at, track_id, reason) VALUES (?, ?, ?, ?)",
        [(number, at, entry.track_id, entry.reason) for at, entry in enumerate(made.entries, 1)],
    )
    return number


def drop_made(db: Connection, viewer: Viewer, number: int) -> None:
    """Take one of Familiar's own lists away; nothing happens where it is gone already."""
    theirs = "(SELECT id FROM playlist WHERE id = :id AND owner_id = :user AND made_as <> '')"
    db.bump("playlists")
    db.run(f"DELETE FROM playlist_track WHERE playlist_id IN {theirs}", id=number, user=viewer.user_id)
    db.run(f"DELETE FROM playlist WHERE id IN {theirs}", id=number, user=viewer.user_id)


def drop_from_made(db: Connection, viewer: Viewer, track_ids: Sequence[int]) -> None:
    """Take tracks out of the viewer's lists of this kind, because they want to hear them no more."""
    theirs = "owner_id = :user AND made_as <> ''"
    held = [row[0] for row in db.rows(
        f"SELECT DISTINCT e.playlist_id FROM playlist p JOIN playlist_track e ON e.playlist_id = p.id WHERE p.{theirs}"
        " AND e.track_id IN (SELECT id FROM EACH(:tracks))", user=viewer.user_id, tracks=track_ids,
    )]  # fmt: skip
    if held:
        db.bump("playlists")
        db.run(
            "DELETE FROM playlist_track WHERE playlist_id IN (SELECT id FROM EACH(:held))"
            " AND track_id IN (SELECT id FROM EACH(:tracks))", held=held, tracks=track_ids,
        )  # fmt: skip
        db.run("UPDATE playlist SET changed_ms = CASE WHEN changed_ms < :now THEN :now ELSE changed_ms + 1 END"
               " WHERE id IN (SELECT id FROM EACH(:held))", held=held, now=now_ms())  # fmt: skip


def there(db: Connection, numbers: Sequence[int]) -> set[int]:
    """Return those playlists that exist."""
    return {row[0] for row in db.rows("SELECT p.id FROM EACH(:ids) e JOIN playlist p ON p.id = e.id", ids=numbers)}


def reasons(db: Connection, viewer: Viewer, number: int) -> list[Entry]:
    """List the tracks of a playlist that are there, each with why it is in it, or "". Raises NotFound.

    A reason tells what its owner plays, also of what others may not hear, so it is for the owner alone.
    """
    name(db, viewer, number)
    return [Entry(track, reason) for track, reason in db.rows(
        "SELECT e.track_id, CASE WHEN p.owner_id = :user THEN e.reason ELSE '' END FROM playlist p"
        " JOIN playlist_track e ON e.playlist_id = p.id JOIN track t ON t.id = e.track_id"
        f" WHERE p.id = :id AND {_HEARD} ORDER BY e.at", id=number, user=viewer.user_id, libraries=viewer.libraries,
    )]  # fmt: skip


def forget(db: Connection, user_id: int) -> None:
    """Remove the playlists of a person who leaves."""
    theirs = "SELECT id FROM playlist WHERE owner_id = :user"
    db.run(f"DELETE FROM playlist_track WHERE playlist_id IN ({theirs})", user=user_id)
    db.run("DELETE FROM playlist WHERE owner_id = :user", user=user_id)
    db.bump("playlists")


def _born(db: Connection, viewer: Viewer, name: str) -> int:
    # Clients remember playlists by id: that of a deleted one must never be another's.
    db.bump("playlist-ids")
    number = db.value("SELECT number FROM version WHERE name = 'playlist-ids'")
    db.run(
        "INSERT INTO playlist (id, owner_id, name, comment, public, created_ms, changed_ms)"
        " VALUES (:id, :user, :name, '', 0, :now, :now)",
        id=number, user=viewer.user_id, name=name, now=now_ms(),
    )  # fmt: skip
    return number


def _heads(db: Connection, viewer: Viewer, condition: str, **params) -> list[tuple]:
    if ":user" in condition:
        params["user"] = viewer.user_id
    if ":admin" in condition:
        params["admin"] = int(viewer.is_admin)
    return db.rows(
        "SELECT p.id, p.name, p.comment, a.name, p.public, p.owner_id, p.created_ms, p.changed_ms,"
        " p.made_as, p.valid_until_ms"
        f" FROM playlist p JOIN account a ON a.id = p.owner_id WHERE {condition}",
        **params,
    )


def _playlist(row: tuple, viewer: Viewer, track_count: int, length_ms: Millis) -> Playlist:
    number, name, comment, owner, public, owner_id, created_ms, changed_ms, made_as, until_ms = row
    readonly = made_as != "" or (owner_id != viewer.user_id and not viewer.is_admin)
    return Playlist(number, name, comment, owner, public == 1, readonly, track_count, length_ms, created_ms, changed_ms,
                    made_as, until_ms)  # fmt: skip


def _sums(db: Connection, viewer: Viewer) -> dict[int, tuple[int, Millis]]:
    """Return how many tracks every playlist has for this viewer, and their length."""
    return db.cached(("playlist sums", viewer.libraries), ("playlists", "library"), lambda: {
        number: (count, length_ms) for number, count, length_ms in db.rows(
            "SELECT e.playlist_id, count(*), CAST(sum(t.length_ms) AS BIGINT) FROM playlist_track e"
            f" JOIN track t ON t.id = e.track_id WHERE {_HEARD} GROUP BY e.playlist_id",
            libraries=viewer.libraries,
        )
    })  # fmt: skip


def _may(viewer: Viewer) -> None:
    if not viewer.may("playlist"):
        raise Forbidden("You are not allowed to make or change playlists.")


def _named(name: str) -> str:
    if not name.strip():
        raise Invalid("A playlist needs a name.")
    if len(name) > NAME_MAX:
        raise Invalid(f"A playlist's name has {NAME_MAX} characters at most.")
    return name.strip()


def _touch(db: Connection, viewer: Viewer, number: int, change: Change) -> None:
    """Write what stands in the playlist's own row, and so make sure that it is the viewer's to change."""
    _may(viewer)
    if len(change.comment or "") > COMMENT_MAX:
        raise Invalid(f"A playlist's comment has {COMMENT_MAX} characters at most.")
    # First of all, because on PostgreSQL it makes two writers of one playlist take turns.
    db.bump("playlists")
    done = db.run(
        "UPDATE playlist SET name = COALESCE(:name, name), comment = COALESCE(:comment, comment),"
        " public = COALESCE(:public, public),"
        " changed_ms = CASE WHEN changed_ms < :now THEN :now ELSE changed_ms + 1 END"
        " WHERE id = :id AND (owner_id = :user OR :admin = 1) AND made_as = ''",
        name=None if change.name is None else _named(change.name), comment=change.comment,
        public=None if change.public is None else int(change.public),
        now=now_ms(), id=number, user=viewer.user_id, admin=int(viewer.is_admin),
    )  # fmt: skip
    if done:
        return
    if _made(db, viewer, number):
        raise Forbidden("Familiar makes this playlist itself, and makes it anew; copy its songs into one of your own.")
    if _heads(db, viewer, f"p.id = :id AND {_READABLE}", id=number):
        raise Forbidden("This playlist belongs to somebody else.")
    raise NotFound("There is no such playlist.")


def _made(db: Connection, viewer: Viewer, number: int) -> bool | None:
    """Tell of one of Familiar's own lists whether the viewer may delete it; None of any other list."""
    owner = db.value("SELECT owner_id FROM playlist WHERE id = :id AND made_as <> ''", id=number)
    return None if owner is None else owner == viewer.user_id or viewer.is_admin


def _rows(db: Connection, viewer: Viewer, number: int) -> list[tuple[int, int, bool]]:
    """List all entries as (place, track id, whether the viewer sees it)."""
    return [(at, track, seen is not None) for at, track, seen in db.rows(
        f"SELECT e.at, e.track_id, t.id FROM playlist_track e LEFT JOIN track t ON t.id = e.track_id AND {_HEARD}"
        " WHERE e.playlist_id = :id ORDER BY e.at",
        id=number, libraries=viewer.libraries,
    )]  # fmt: skip


def _there(db: Connection, viewer: Viewer, track_ids: Sequence[int]) -> list[int]:
    """Return those tracks that are there, in their order, repetitions kept."""
    found = tracks.visible(db, viewer, track_ids) if track_ids else []
    if track_ids and not found:
        raise NotFound("There is none of these songs.")
    return found


def _append(db: Connection, number: int, track_ids: list[int]) -> None:
    if not track_ids:
        return
    last, held = db.row("SELECT max(at), count(*) FROM playlist_track WHERE playlist_id = :id", id=number)
    if held + len(track_ids) > TRACKS_MAX:
        raise Invalid(f"A playlist holds {TRACKS_MAX} songs at most.")
    # Where EACH counts from is the database's own affair; only the order of the places matters.
    db.run(
        "INSERT INTO playlist_track (playlist_id, at, track_id) SELECT :id, :base + e.at, e.id FROM EACH(:tracks) e",
        id=number, base=(last or 0) + 1, tracks=track_ids,
    )  # fmt: skip


FAREWELLS.append(forget)
