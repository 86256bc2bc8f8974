"""Skips: what somebody began to hear and stopped before half a minute was over.

A client says so when it reports its player, and shows it when it begins another
song so soon. The rule a newcomer would break: a skip is no play, so it counts
nowhere but in what is learned of a person's taste.
"""

from server.kernel.clock import Millis
from server.kernel.db import Connection
from server.plays.nowplaying import Session
from server.users.accounts import FAREWELLS
from server.users.people import Viewer

OWNS = ("skip",)

EARLY_MS: Millis = 30_000
LEAST_MS: Millis = 2_000
"""Whoever goes past a song so quickly has not heard it."""
KEPT_MS: Millis = 365 * 86_400_000


def note(db: Connection, viewer: Viewer, over: Session, client: str) -> bool:
    """Put down a session that ended so early that it was a skip; tell whether it was one."""
    # Below zero are episodes of podcasts, of which nothing is learned.
    if over.track_id < 0 or not LEAST_MS <= over.heard_ms < EARLY_MS:
        return False
    # Nor is the end of a song that was begun another day a skip.
    if 0 < over.length_ms <= 2 * max(over.heard_ms, over.position_ms):
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
