"""Whether a new space may take the place of the one in use: both are measured on the same songs first.

One that loses clearly is not used: it stays as it is, with the reason, until an
administrator says otherwise or the library has grown. The rule a newcomer would
break: a draw is no loss. What is measured is not what people hear, so only a
clear loss stands against what the administrator or a new analyser wants.
"""

import logging
from typing import Any, NamedTuple

from ai import spaces, subjects
from ai.spaces import SIMILAR, TEXT, Space
from server.kernel.clock import now_ms
from server.kernel.db import Connection, Database
from server.kernel.errors import Unavailable

OWNS = ("contest",)

log = logging.getLogger("familiar.ears")

LEAST_SONGS = 50
KNOWS = 0.9
"""A space that knows less of the library than this defends nothing: what is not in it is never found."""
GROWN = 1.5
"""When the library has grown so much, it is measured again."""
CLEAR, ERRORS, STEP = 0.10, 4.0, 0.02
"""A measure is lost when so much less is found, by so many standard errors, and by so much in all."""
HUBBIER, LONELIER = 2.0, 0.05
VERSION = "contests"
NAMES = {
    "album": "songs of one album", "artist": "songs of one artist", "genre": "songs of one genre",
    "halves": "halves of one song", "copies": "copies of one recording",
}  # fmt: skip


class Held(NamedTuple):
    """A space that is not used, and why."""

    space: Space
    reason: str
    held_ms: int


def lost(db: Database, minds, space: Space) -> str:
    """Return why a space that is complete is not to be used, in a sentence; "" where nothing stands against it."""
    with db.reading() as conn:
        active = spaces.active(conn, SIMILAR)
        if active is None or active.id == space.id or space.purpose == TEXT:
            return ""
        known = conn.row("SELECT against, sounds, reason, by_hand FROM contest WHERE space_id = :id", id=space.id)
        before, size = spaces.size(conn, active), spaces.size(conn, space)
    if (known and known[3]) or before.share < KNOWS:
        return ""
    if known and known[0] == active.id and size.all < GROWN * known[1]:
        return known[2]
    try:
        told = subjects.score(db, minds, (active, space))
    except Unavailable as failure:
        log.warning("Space %d (%s) is used without being measured: %s", space.id, space.kind, failure)
        return ""
    reason = judged(told) if told and told["scores"][0]["songs"] >= LEAST_SONGS else ""
    with db.writing() as conn:
        _put(conn, space.id, active.id, size.all, reason, by_hand=0)
    if reason:
        log.warning("Space %d (%s) is not used: %s", space.id, space.kind, reason)
    return reason


def judged(told: dict[str, Any]) -> str:
    """Return why the second of two spaces loses clearly, or ""."""
    (old, new), against = told["scores"], told["against"]
    worse, better = [], 0
    for name, (more, errors) in sorted(against.items()):
        had, has = old["measures"][name]["found"], new["measures"][name]["found"]
        clear = max(STEP, CLEAR * had)
        if more <= -clear and errors <= -ERRORS:
            worse.append(f"{NAMES[name]} are found less ({has:.2f}, not {had:.2f})")
        better += more >= clear and errors >= ERRORS
    hubs = old["hubs"], new["hubs"]
    hubbier = hubs[1]["largest"] > HUBBIER * hubs[0]["largest"]
    if hubbier and hubs[1]["orphans"] > hubs[0]["orphans"] + LONELIER:
        worse.append(f"one song is among the nearest of {hubs[1]['largest']} others, not of {hubs[0]['largest']}")
    if len(worse) <= better:
        return ""
    return f"In it {' and '.join(worse)}, measured on {new['songs']} songs of this library."


def held(db: Connection) -> list[Held]:
    """List the spaces that lost and are not used."""
    rows = db.rows(
        "SELECT c.space_id, c.reason, c.held_ms FROM contest c JOIN space s ON s.id = c.space_id"
        " WHERE c.reason <> '' AND c.by_hand = 0 AND s.state <> 'active' ORDER BY c.space_id DESC"
    )
    return [Held(spaces.by_id(db, number), reason, at_ms) for number, reason, at_ms in rows]


def reason(db: Connection, space: Space) -> str:
    """Return why a space is held back, or ""."""
    return db.value("SELECT reason FROM contest WHERE space_id = :id AND by_hand = 0", id=space.id) or ""


def overrule(db: Connection, space: Space) -> None:
    """Use a space whatever is measured, as soon as it is complete."""
    _put(db, space.id, 0, 0, "", by_hand=1)
    db.bump(VERSION)


def _put(db: Connection, space_id: int, against: int, sounds: int, reason: str, by_hand: int) -> None:
    db.run("DELETE FROM contest WHERE space_id NOT IN (SELECT id FROM space)")
    db.run(
        "INSERT INTO contest (space_id, against, sounds, reason, by_hand, held_ms)"
        " VALUES (:space, :against, :sounds, :reason, :by_hand, :now) ON CONFLICT (space_id) DO UPDATE SET"
        " against = excluded.against, sounds = excluded.sounds, reason = excluded.reason,"
        " by_hand = excluded.by_hand, held_ms = excluded.held_ms",
        space=space_id, against=against, sounds=sounds, reason=reason, by_hand=by_hand, now=now_ms(),
    )  # fmt: skip
    db.bump("spaces")
