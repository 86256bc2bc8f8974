"""Plays: the history of what people heard, and the one way into it.

Clients say the same play several times: again after a lost answer, by report
and by scrobble, at the start and at the end. So whoever adds a play asks the
history first, under the person's counter, which makes the askers take turns.
"""

from collections.abc import Sequence
from typing import NamedTuple

from server.kernel.clock import Millis, now_ms
from server.kernel.db import Connection
from server.kernel.errors import NotFound
from server.library import episodes
from server.library.facts import ALBUM, ARTIST, EPISODE, TRACK
from server.plays import marks, nowplaying, skips
from server.plays.nowplaying import Report, Session
from server.users.accounts import FAREWELLS
from server.users.people import Viewer

OWNS = ("play",)

NEAR_MS: Millis = 30_000
"""Two scrobbles of one track by one person that are no further apart are the same play."""
EARLIEST_MS: Millis = 100_000_000_000
"""Times before March 1973 are a client's mistake: seconds since 1970, which are below this until the year 5138, or
none at all, which means now."""
AHEAD_MS: Millis = 600_000
"""How far a client's clock may be ahead; a later time means now."""
LONGEST_MS: Millis = 12 * 3_600_000
"""How long before a scrobble a reported session can have begun that it belongs to."""


class Play(NamedTuple):
    """A play on its way into the history; the last two only where the server has followed it."""

    track_id: int
    played_ms: Millis
    listened_ms: Millis | None = None
    ended_ms: Millis | None = None


def scrobble(db: Connection, viewer: Viewer, entries: Sequence[tuple[int, Millis | None]], client: str) -> int:
    """Add plays given as (track id, when or None for now) and return how many were new.

    Entries whose track is not there are left out. Raises NotFound when none of them is.
    """
    now = now_ms()
    return _add(db, viewer, [Play(track, _believed(when, now)) for track, when in entries], client)


def begin(db: Connection, viewer: Viewer, track_id: int, client: str) -> None:
    """Note that a client has begun a track. Raises NotFound."""
    left = nowplaying.notice(db, viewer, track_id, client)
    if left is not None:
        skips.note(db, viewer, left, client)


def report(db: Connection, viewer: Viewer, said: Report, client: str) -> None:
    """Follow a client's player, and add the play when it stops after enough was heard.

    Raises NotFound for an unknown track, Invalid for a position or rate that cannot be.
    """
    over = nowplaying.follow(db, viewer, said, client)
    if over is None or said.ignore_scrobble:
        return
    if over.state != "stopped" or not _counts(over):
        skips.note(db, viewer, over, client)
    else:
        _add(db, viewer, [Play(over.track_id, over.started_ms, over.heard_ms, over.updated_ms)], client)


def forget(db: Connection, user_id: int) -> None:
    """Remove the history of a person who leaves."""
    db.run("DELETE FROM play WHERE user_id = :user", user=user_id)


def _believed(when: Millis | None, now: Millis) -> Millis:
    """Return when something was played, or now where that is not told or cannot be."""
    if when is not None and EARLIEST_MS <= 1000 * when < 1000 * EARLIEST_MS:
        when *= 1000
    return now if when is None or when < EARLIEST_MS or when > now + AHEAD_MS else when


def _counts(session: Session) -> bool:
    """Tell whether enough was heard to be a play: half of the track, or four minutes."""
    return session.heard_ms >= 240_000 or 0 < session.length_ms <= 2 * session.heard_ms


def _add(db: Connection, viewer: Viewer, wanted: list[Play], client: str) -> int:
    db.bump(f"marks:{viewer.user_id}")
    marked = _marked(db, viewer, {play.track_id for play in wanted})
    if not marked:
        raise NotFound("There is no such song.")
    fresh = _fresh(db, viewer, [play for play in wanted if play.track_id in marked])
    db.many(
        "INSERT INTO play (user_id, track_id, played_ms, listened_ms, ended_ms, client) VALUES (?, ?, ?, ?, ?, ?)",
        [(viewer.user_id, each.track_id, each.played_ms, each.listened_ms, each.ended_ms, client) for each in fresh],
    )
    counts: dict[tuple[int, int], tuple[int, Millis]] = {}
    for each in fresh:
        for item in marked[each.track_id]:
            count, last = counts.get(item, (0, 0))
            counts[item] = count + 1, max(last, each.played_ms)
    # In one order for everybody, so that no two of them wait for each other.
    marks.played(db, viewer, [(*item, *counts[item]) for item in sorted(counts)])
    return len(fresh)


def _marked(db: Connection, viewer: Viewer, track_ids: set[int]) -> dict[int, set[tuple[int, int]]]:
    """Return for each track that is there what its play counts for: itself, its album, its artists; or an episode."""
    below = episodes.there(db, [-each for each in track_ids if each < 0])
    items: dict[int, set[tuple[int, int]]] = {-each: {(EPISODE, each)} for each in below}
    for track, album, artist, credited in db.rows(
        "SELECT t.id, t.album_id, t.artist_id, c.artist_id FROM EACH(:ids) e JOIN track t ON t.id = e.id"
        " LEFT JOIN credit c ON c.track_id = t.id AND c.role = 'artist'"
        " WHERE t.missing_ms IS NULL AND t.library_id IN (SELECT id FROM EACH(:libraries))",
        ids=list(track_ids), libraries=viewer.libraries,
    ):  # fmt: skip
        found = items.setdefault(track, {(TRACK, track), (ALBUM, album)})
        found.update((ARTIST, each) for each in (artist, credited) if each is not None)
    return items


def _fresh(db: Connection, viewer: Viewer, wanted: list[Play]) -> list[Play]:
    """Leave out the plays that the history, or an earlier one of these, already tells of."""
    known: dict[int, list[tuple[Millis, Millis]]] = {}
    for track, began, ended in db.rows(
        # As a join SQLite would read all that was played in that time, to find some tracks in it.
        "SELECT p.track_id, p.played_ms, COALESCE(p.ended_ms, p.played_ms) FROM play p"
        " WHERE p.user_id = :user AND p.track_id IN (SELECT id FROM EACH(:ids)) AND p.played_ms BETWEEN :low AND :high",
        ids=list({play.track_id for play in wanted}), user=viewer.user_id,
        low=min(play.played_ms for play in wanted) - LONGEST_MS,
        high=max(play.ended_ms or play.played_ms for play in wanted) + NEAR_MS,
    ):  # fmt: skip
        known.setdefault(track, []).append((began, ended))
    fresh = []
    for play in wanted:
        told = known.setdefault(play.track_id, [])
        if not any(_same(play, began, ended) for began, ended in told):
            told.append((play.played_ms, play.ended_ms or play.played_ms))
            fresh.append(play)
    return fresh


def _same(play: Play, began: Millis, ended: Millis) -> bool:
    """Tell whether a new play is one that lasted from `began` to `ended`.

    A scrobble may give any moment of a session. A session may hold a scrobble, but it never is the session before it:
    a track on repeat begins where it has just ended.
    """
    if play.ended_ms is None:
        return began - NEAR_MS <= play.played_ms <= ended + NEAR_MS
    return play.played_ms - NEAR_MS <= began <= play.ended_ms + NEAR_MS


FAREWELLS.append(forget)
