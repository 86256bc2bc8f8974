"""Who is listening to what just now: one row for each person and client.

A client either reports its player's every move, or gives a bare notice when a
track begins; a notice never disturbs a session that is being reported. Time
runs only between a report of "playing" and the next one, whatever it is.
"""

from dataclasses import dataclass, replace
from math import isfinite

from server.kernel.clock import Millis, now_ms
from server.kernel.db import Connection
from server.kernel.errors import Invalid
from server.library import playables
from server.library.facts import Faced
from server.users.accounts import FAREWELLS
from server.users.people import Viewer

OWNS = ("now_playing",)

STATES = ("starting", "playing", "paused", "stopped")
NOTICE = "notice"
"""The state of a row made by a notice, where nobody will tell how it goes on."""
NOTICE_GRACE_MS: Millis = 5 * 60_000
"""How long after its track's end a notice is believed."""
SESSION_GRACE_MS: Millis = 30 * 60_000
"""How long after its expected end a reported session is believed; the protocol's own number."""
PAUSED_MS: Millis = 12 * 3_600_000
"""How long after its beginning a session can go on that its client has paused: a meal in between is still one play."""
KEPT_MS: Millis = 24 * 3_600_000
PLAYERS_MAX = 20
"""How many players of one person are shown: a client may call itself anything, and something else each time."""
FASTEST = 100.0
_LENGTHS = " LEFT JOIN track t ON t.id = n.track_id LEFT JOIN podcast_episode e ON e.id = -n.track_id"


@dataclass(frozen=True, slots=True)
class Report:
    """What a client says of its player; `rate` is 1.0 at the track's own speed."""

    track_id: int
    state: str
    position_ms: Millis
    rate: float = 1.0
    ignore_scrobble: bool = False


@dataclass(frozen=True, slots=True)
class Session:
    """What is known of one play by one client; `heard_ms` counts the track's own time, whatever the rate."""

    track_id: int
    length_ms: Millis
    state: str
    position_ms: Millis
    rate: float
    started_ms: Millis
    updated_ms: Millis
    heard_ms: Millis

    def run_ms(self, now: Millis) -> Millis:
        """Return how far the track has gone since the last report, never beyond its end."""
        if self.state not in ("playing", NOTICE):
            return 0
        gone = max(0, int((now - self.updated_ms) * self.rate))
        return min(gone, max(0, self.length_ms - self.position_ms)) if self.length_ms else gone

    def is_over(self, now: Millis) -> bool:
        """Tell whether nobody can be listening any more."""
        if self.state == "stopped":
            return True
        left_ms = max(0, self.length_ms - self.position_ms) / self.rate
        return now > self.updated_ms + left_ms + (NOTICE_GRACE_MS if self.state == NOTICE else SESSION_GRACE_MS)

    def goes_on(self, now: Millis) -> bool:
        """Tell whether what its client says next is of this session, though others may no longer be shown it."""
        return not self.is_over(now) or (self.state == "paused" and now - self.started_ms <= PAUSED_MS)


@dataclass(frozen=True, slots=True)
class Listening:
    """Somebody who listens now, as the others may see it."""

    user_id: int
    name: str
    client: str
    track: Faced
    state: str
    position_ms: Millis
    rate: float
    ago_ms: Millis
    """How long ago it began."""


def notice(db: Connection, viewer: Viewer, track_id: int, client: str) -> Session | None:
    """Note that a client has begun a track, and return the session that it has left for it. Raises NotFound."""
    now = now_ms()
    length_ms = playables.length_ms(db, viewer, track_id)
    before = _session(db, viewer, client)
    if before and before.track_id == track_id and before.state != NOTICE and not before.is_over(now):
        return None
    _keep(db, viewer, client, Session(track_id, length_ms, NOTICE, 0, 1.0, now, now, 0))
    return _left(before, track_id, now)


def follow(db: Connection, viewer: Viewer, said: Report, client: str) -> Session | None:
    """Note what a client says of its player, and return the session that has ended by it, if one has.

    It was stopped, or left for another track; the latter is in the state in which it was left.

    Raises NotFound for an unknown track, Invalid for a position or rate that cannot be.
    """
    _check(said)
    now = now_ms()
    length_ms = playables.length_ms(db, viewer, said.track_id)
    before = _session(db, viewer, client)
    left = _left(before, said.track_id, now)
    if before and (before.track_id != said.track_id or said.state == "starting" or not before.goes_on(now)):
        before = None
    if before is None and said.state == "stopped":
        return None
    position_ms = min(said.position_ms, length_ms) if length_ms else said.position_ms
    heard_ms = before.heard_ms + (before.run_ms(now) if before.state == "playing" else 0) if before else 0
    started_ms = before.started_ms if before else now
    session = Session(said.track_id, length_ms, said.state, position_ms, said.rate, started_ms, now, heard_ms)
    _keep(db, viewer, client, session)
    return session if said.state == "stopped" else left


def listening(db: Connection, viewer: Viewer) -> list[Listening]:
    """List who listens to what, as far as the viewer may hear it too, latest start first."""
    now = now_ms()
    rows = db.rows(
        "SELECT n.user_id, a.name, n.client, n.track_id, COALESCE(t.length_ms, e.length_ms), n.state, n.position_ms,"
        " n.rate, n.started_ms, n.updated_ms, n.heard_ms FROM now_playing n JOIN account a ON a.id = n.user_id"
        f"{_LENGTHS} WHERE n.state <> 'stopped' AND n.updated_ms > :since AND COALESCE(t.id, e.id) IS NOT NULL"
        " ORDER BY n.started_ms DESC, n.user_id, n.client",
        since=now - KEPT_MS,
    )
    sessions = [(*row[:3], Session(*row[3:])) for row in rows]
    current = [each for each in sessions if not each[3].is_over(now)]
    faces = playables.faced(db, viewer, list({each[3].track_id for each in current})) if current else {}
    return [_listening(user, name, client, faces[session.track_id], session, now)
            for user, name, client, session in current if session.track_id in faces]  # fmt: skip


def leave(db: Connection, viewer: Viewer, client: str) -> None:
    """Forget what a client played: it plays something else now that is no track."""
    db.run("DELETE FROM now_playing WHERE user_id = :user AND client = :client", user=viewer.user_id, client=client)


def forget(db: Connection, user_id: int) -> None:
    """Remove the rows of a person who leaves."""
    db.run("DELETE FROM now_playing WHERE user_id = :user", user=user_id)


def _check(said: Report) -> None:
    if said.state not in STATES:
        raise Invalid(f"A player is {', '.join(STATES[:-1])} or {STATES[-1]}, not '{said.state}'.")
    if said.position_ms < 0:
        raise Invalid("A position in a song is not negative.")
    if not isfinite(said.rate) or not 0 < said.rate <= FASTEST:
        raise Invalid(f"A playback rate is above 0 and at most {FASTEST:g}.")


def _left(before: Session | None, track_id: int, now: Millis) -> Session | None:
    """Return a session as it ends because its client begins another track."""
    if before is None or before.track_id == track_id or before.is_over(now):
        return None
    return replace(before, heard_ms=before.heard_ms + before.run_ms(now), updated_ms=now)


def _session(db: Connection, viewer: Viewer, client: str) -> Session | None:
    row = db.row(
        "SELECT n.track_id, COALESCE(t.length_ms, e.length_ms), n.state, n.position_ms, n.rate, n.started_ms,"
        f" n.updated_ms, n.heard_ms FROM now_playing n{_LENGTHS} WHERE n.user_id = :user AND n.client = :client"
        " AND COALESCE(t.id, e.id) IS NOT NULL",
        user=viewer.user_id, client=client,
    )  # fmt: skip
    return Session(*row) if row else None


def _keep(db: Connection, viewer: Viewer, client: str, session: Session) -> None:
    if session.started_ms == session.updated_ms:
        db.run(
            "DELETE FROM now_playing WHERE user_id = :user AND (updated_ms < :before OR client NOT IN (SELECT client"
            " FROM now_playing WHERE user_id = :user ORDER BY updated_ms DESC, client LIMIT :others))",
            user=viewer.user_id, before=session.updated_ms - KEPT_MS, others=PLAYERS_MAX - 1,
        )  # fmt: skip
    columns = ("track_id", "state", "position_ms", "rate", "started_ms", "updated_ms", "heard_ms")
    db.run(
        f"INSERT INTO now_playing (user_id, client, {', '.join(columns)})"
        f" VALUES (:user, :client, {', '.join(f':{column}' for column in columns)})"
        f" ON CONFLICT (user_id, client) DO UPDATE SET {', '.join(f'{c} = excluded.{c}' for c in columns)}",
        user=viewer.user_id, client=client, **{column: getattr(session, column) for column in columns},
    )  # fmt: skip


def _listening(user_id: int, name: str, client: str, track: Faced, session: Session, now: Millis) -> Listening:
    """Turn a session into what others see; a notice is taken for playing from its start."""
    state = "playing" if session.state == NOTICE else session.state
    position_ms = session.position_ms + session.run_ms(now)
    return Listening(user_id, name, client, track, state, position_ms, session.rate, max(0, now - session.started_ms))


FAREWELLS.append(forget)
