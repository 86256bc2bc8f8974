"""Skips: what somebody began to hear and stopped before half a minute was over.

Only clients that report their player tell of one; a scrobble never does. The
rule a newcomer would break: a skip is no play, so it counts nowhere but in what
is learned of a person's taste.
"""

from server.kernel.clock import Millis
from server.kernel.db import Connection
from server.plays.nowplaying import Session
from server.users.accounts import FAREWELLS
from server.users.people import Viewer

OWNS = ("skip",)

EARLY_MS: Millis = 30_000
KEPT_MS: Millis = 365 * 86_400_000


def note(db: Connection, viewer: Viewer, over: Session, client: str) -> bool:
    """Put down a session that ended so early that it was a skip; tell whether it was one."""
    # Below zero are episodes of podcasts, of which nothing is learned.
    if over.track_id < 0 or over.heard_ms >= EARLY_MS:
        return False
    db.bump(f"taste:{viewer.user_id}")
    db.run("DELETE FROM skip WHERE user_id = :user AND track_id = :track AND skipped_ms < :before",
           user=viewer.user_id, track=over.track_id, before=over.updated_ms - KEPT_MS)  # fmt: skip
    db.run(
        "INSERT INTO skip (user_id, track_id, skipped_ms, heard_ms, client) VALUES (:user, :track, :now, :heard,"
        " :client) ON CONFLICT (user_id, track_id, skipped_ms) DO NOTHING",
        user=viewer.user_id, track=over.track_id, now=over.updated_ms, heard=over.heard_ms, client=client,
    )  # fmt: skip
    return True


def forget(db: Connection, user_id: int) -> None:
    """Remove the skips of a person who leaves."""
    db.run("DELETE FROM skip WHERE user_id = :user", user=user_id)


FAREWELLS.append(forget)
