"""Who listens to which radio station just now: one row for each person and client.

A station has no length and no end, so what a client said of it is believed for
a while only. A client plays one thing at a time: a station takes the place of
its track, and a track that begins later takes the place of the station.
"""

from typing import NamedTuple

from server.kernel.clock import Millis, now_ms
from server.kernel.db import Connection
from server.kernel.errors import Invalid
from server.library import radio
from server.library.radio import Station
from server.plays import nowplaying
from server.plays.nowplaying import PLAYERS_MAX, STATES
from server.users.accounts import FAREWELLS
from server.users.people import Viewer

OWNS = ("now_tuned",)
BELIEVED_MS: Millis = 2 * 3_600_000
"""How long nobody has to say again that they listen: most clients say it once, when the station begins."""


class Tuned(NamedTuple):
    """Somebody who listens to a station."""

    user_id: int
    name: str
    client: str
    station: Station
    state: str
    ago_ms: Millis
    """How long ago it began."""


def tune(db: Connection, viewer: Viewer, station_id: int, client: str, state: str = "playing") -> None:
    """Note what a client does with a station. Raises NotFound, and Invalid for a state that is none."""
    if state not in STATES:
        raise Invalid(f"A player is {', '.join(STATES[:-1])} or {STATES[-1]}, not '{state}'.")
    radio.by_id(db, station_id)
    now = now_ms()
    if state == "stopped":
        db.run(
            "DELETE FROM now_tuned WHERE user_id = :user AND client = :client AND station_id = :station",
            user=viewer.user_id, client=client, station=station_id,
        )  # fmt: skip
        return
    nowplaying.leave(db, viewer, client)
    db.run(
        "DELETE FROM now_tuned WHERE user_id = :user AND (updated_ms < :before OR client NOT IN (SELECT client"
        " FROM now_tuned WHERE user_id = :user ORDER BY updated_ms DESC, client LIMIT :others))",
        user=viewer.user_id, before=now - BELIEVED_MS, others=PLAYERS_MAX - 1,
    )  # fmt: skip
    db.run(
        "INSERT INTO now_tuned (user_id, client, station_id, state, started_ms, updated_ms)"
        " VALUES (:user, :client, :station, :state, :now, :now) ON CONFLICT (user_id, client) DO UPDATE SET"
        " started_ms = CASE WHEN now_tuned.station_id = excluded.station_id AND excluded.state <> 'starting'"
        " THEN now_tuned.started_ms ELSE excluded.started_ms END,"
        " station_id = excluded.station_id, state = excluded.state, updated_ms = excluded.updated_ms",
        user=viewer.user_id, client=client, station=station_id, state=state, now=now,
    )  # fmt: skip


def listening(db: Connection, viewer: Viewer) -> list[Tuned]:
    """List who listens to which station, latest start first; stations are everybody's to hear, and so to see."""
    now = now_ms()
    rows = db.rows(
        "SELECT n.user_id, a.name, n.client, r.id, r.name, r.stream_url, r.homepage_url, r.picture_key, n.state,"
        " n.started_ms FROM now_tuned n JOIN account a ON a.id = n.user_id JOIN radio_station r ON r.id = n.station_id"
        " WHERE n.updated_ms >= :since AND NOT EXISTS (SELECT 1 FROM now_playing p"
        " WHERE p.user_id = n.user_id AND p.client = n.client AND p.updated_ms >= n.updated_ms)"
        " ORDER BY n.started_ms DESC, n.user_id, n.client",
        since=now - BELIEVED_MS,
    )
    return [Tuned(*row[:3], Station(*row[3:8]), row[8], max(0, now - row[9])) for row in rows]


def forget(db: Connection, user_id: int) -> None:
    """Remove the rows of a person who leaves."""
    db.run("DELETE FROM now_tuned WHERE user_id = :user", user=user_id)


FAREWELLS.append(forget)
