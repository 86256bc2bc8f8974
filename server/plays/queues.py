"""Play queues: what a person left playing, to go on with on another device. One each; the last writer wins.

The current track is kept by its place in the queue, never by its id: a track
may be in it twice.
"""

from collections.abc import Sequence
from typing import NamedTuple

from server.kernel.clock import Millis, now_ms
from server.kernel.db import Connection
from server.kernel.errors import Invalid, NotFound
from server.library import playables
from server.library.facts import Faced
from server.users.accounts import FAREWELLS
from server.users.people import Viewer

OWNS = ("queue", "queue_track")
TRACKS_MAX = 50_000


class Queue(NamedTuple):
    tracks: tuple[Faced, ...] = ()
    current_at: int | None = None
    """Index into `tracks`; None only while these are empty."""
    position_ms: Millis = 0
    changed_ms: Millis = 0
    changed_by: str = ""


def saved(db: Connection, viewer: Viewer) -> Queue:
    """Return the viewer's queue with those tracks that are there; an empty one, changed at 0, if none was saved.

    Where the current track is not there, the next one is, from its beginning.
    """
    row = db.row(
        "SELECT current_at, position_ms, changed_ms, changed_by FROM queue WHERE user_id = :user", user=viewer.user_id
    )
    if row is None:
        return Queue()
    current, position_ms, changed_ms, changed_by = row
    ids = [number for (number,) in db.rows(
        "SELECT track_id FROM queue_track WHERE user_id = :user ORDER BY at", user=viewer.user_id
    )]  # fmt: skip
    faces = playables.faced(db, viewer, list(set(ids))) if ids else {}
    there = [at for at, number in enumerate(ids) if number in faces]
    current_at, kept = _current(there, current)
    return Queue(
        tuple(faces[ids[at]] for at in there), current_at, position_ms if kept else 0, changed_ms, changed_by
    )  # fmt: skip


def save(
    db: Connection, viewer: Viewer, ids: Sequence[int], current_at: int, position_ms: Millis, client: str
) -> None:
    """Keep a queue of tracks in place of the one before; `current_at` is an index into `ids`.

    Tracks that are not there are left out. Raises NotFound when none of them is, Invalid for an index outside
    and for more tracks than anybody plays.
    """
    if not 0 <= current_at < len(ids):
        raise Invalid(f"The current song has to be in the queue, at 0 to {len(ids) - 1}.")
    if position_ms < 0:
        raise Invalid("A position in a song is not negative.")
    if len(ids) > TRACKS_MAX:
        raise Invalid(f"A queue holds {TRACKS_MAX} songs at most.")
    seen = set(playables.visible(db, viewer, list(set(ids))))
    there = [at for at, number in enumerate(ids) if number in seen]
    if not there:
        raise NotFound("There is none of these songs.")
    kept_at, kept = _current(there, current_at)
    _write(db, viewer, [ids[at] for at in there], kept_at, position_ms if kept else 0, client)


def clear(db: Connection, viewer: Viewer, client: str) -> None:
    """Empty the viewer's queue."""
    _write(db, viewer, [], None, 0, client)


def forget(db: Connection, user_id: int) -> None:
    """Remove the queue of a person who leaves."""
    db.run("DELETE FROM queue_track WHERE user_id = :user", user=user_id)
    db.run("DELETE FROM queue WHERE user_id = :user", user=user_id)


def _current(there: list[int], current: int | None) -> tuple[int | None, bool]:
    """Return where the current place is among those still there, else the next or last one, and if it is the same."""
    if not there or current is None:
        return None, False
    found = next((index for index, at in enumerate(there) if at >= current), len(there) - 1)
    return found, there[found] == current


def _write(
    db: Connection, viewer: Viewer, ids: list[int], current_at: int | None, position_ms: Millis, client: str
) -> None:
    # The row first: on PostgreSQL it makes two writers of one queue take turns.
    db.run(
        "INSERT INTO queue (user_id, current_at, position_ms, changed_ms, changed_by)"
        " VALUES (:user, :current, :position, :now, :client) ON CONFLICT (user_id) DO UPDATE SET"
        " current_at = excluded.current_at, position_ms = excluded.position_ms, changed_ms = excluded.changed_ms,"
        " changed_by = excluded.changed_by",
        user=viewer.user_id, current=current_at, position=position_ms, now=now_ms(), client=client,
    )  # fmt: skip
    db.run("DELETE FROM queue_track WHERE user_id = :user", user=viewer.user_id)
    if ids:
        db.run(
            "INSERT INTO queue_track (user_id, at, track_id) SELECT :user, e.at, e.id FROM EACH(:ids) e",
            user=viewer.user_id, ids=ids,
        )  # fmt: skip


FAREWELLS.append(forget)
