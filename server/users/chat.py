"""The chat: short messages that everybody here reads.

Times are the order: clients ask for what is newer than the last time that they
saw, so no two messages bear the same one.
"""

import re
from typing import NamedTuple

from server.kernel.clock import Millis, now_ms
from server.kernel.db import Connection
from server.kernel.errors import Invalid, Unavailable
from server.users.accounts import FAREWELLS
from server.users.people import Viewer

OWNS = ("chat_message",)
KEPT = 1000
"""The newest messages stay, older ones go: this is a chat, no archive."""
MESSAGE_MAX = 2000
PER_MINUTE = 30
"""What one person may say: more would push out what all others have said."""
CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]+")
"""Control characters, and those that turn the direction of all that follows, the name of the next one included."""


class Message(NamedTuple):
    name: str
    said_ms: Millis
    text: str


def messages(db: Connection, viewer: Viewer, since: Millis | None = None) -> list[Message]:
    """List the messages that are newer than `since`, newest first."""
    rows = db.rows(
        "SELECT a.name, m.said_ms, m.message FROM chat_message m JOIN account a ON a.id = m.user_id"
        " WHERE m.said_ms > :since ORDER BY m.said_ms DESC LIMIT :most",
        since=since or 0, most=KEPT,
    )  # fmt: skip
    return [Message(*row) for row in rows]


def say(db: Connection, viewer: Viewer, text: str) -> Millis:
    """Add a message and return its time.

    Raises Invalid for one that is empty or too long, Unavailable when the last ones came too fast.
    """
    text = CONTROL.sub(" ", text).strip()
    if not text:
        raise Invalid("A message needs words.")
    if len(text) > MESSAGE_MAX:
        raise Invalid(f"A message can have at most {MESSAGE_MAX} characters.")
    # Makes those who speak at once take turns.
    db.bump("chat")
    just_now = db.value(
        "SELECT count(*) FROM chat_message WHERE user_id = :user AND said_ms > :before",
        user=viewer.user_id, before=now_ms() - 60_000,
    )  # fmt: skip
    if just_now >= PER_MINUTE:
        raise Unavailable(f"That was {PER_MINUTE} messages in a minute. Go on in a moment.", retry_after_s=60)
    latest = db.value("SELECT max(said_ms) FROM chat_message") or 0
    said_ms = max(now_ms(), latest + 1)
    db.run(
        "INSERT INTO chat_message (said_ms, user_id, message) VALUES (:now, :user, :text)",
        now=said_ms, user=viewer.user_id, text=text,
    )  # fmt: skip
    db.run(
        "DELETE FROM chat_message WHERE said_ms <= (SELECT said_ms FROM chat_message ORDER BY said_ms DESC"
        " LIMIT 1 OFFSET :kept)",
        kept=KEPT,
    )  # fmt: skip
    return said_ms


def forget(db: Connection, user_id: int) -> None:
    """Remove what a person said who leaves."""
    db.run("DELETE FROM chat_message WHERE user_id = :user", user=user_id)


FAREWELLS.append(forget)
