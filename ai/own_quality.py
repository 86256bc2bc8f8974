"""How well the ears do on the library that is here, told without a label, for administrators.

Measured in spare time by a worker whenever another space is used, and once a
week; kept, and shown with a word on what is good and what is not. The rule a
newcomer would break: figures of two libraries say nothing about each other, so
each is judged against chance, and no person can be told from any of them.
"""

import logging
import threading
import time
from typing import Any, NamedTuple

import orjson

from ai import contest, embed, halves, hearers, progress, replay, spaces, subjects
from ai.minds import Minds
from ai.replay import Replayed
from ai.spaces import PRESENT, SIMILAR
from server.app import App
from server.kernel import lasting, properties
from server.kernel.clock import Millis, now_ms
from server.kernel.db import Connection, Database, long
from server.kernel.errors import Failure, Forbidden
from server.kernel.run import Child
from server.users.people import OPERATOR, Viewer

log = logging.getLogger("familiar.ears")

NAME, ASKED, LOCK = "quality of the ears", "quality asked", "quality of the ears"
WEEK_MS = 7 * 24 * 3600 * 1000
LOOK_S, ABSENT_S, TURN_S, AGAIN_S = 5.0, 20.0, 60.0, 600.0
"""A look around, a wait for the lock, a turn; what failed is tried again after ten minutes, for it takes seconds."""
GOOD, FAIR, POOR, UNSURE = "good", "fair", "poor", "unsure"
ENOUGH, SITTINGS_ENOUGH = 20, 5
"""Fewer songs or sittings than these say nothing for sure."""
SITTINGS = 3
"""So many of the last ones of everybody are replayed."""
STEP = 50
"""When the halves of so many more songs have been heard, they are asked about."""


class Line(NamedTuple):
    """One thing that was measured, for people."""

    name: str
    value: float
    chance: float | None
    """What would be so by chance; None where there is no such thing."""
    verdict: str
    sentence: str


class Coverage(NamedTuple):
    """Sounds of the library: all, those that were heard, those that can be compared."""

    all: int
    heard: int
    compared: int


class Report(NamedTuple):
    """All there is to tell."""

    made_ms: Millis
    """0 while nothing was measured yet."""
    waiting: bool
    """Whether it is to be measured anew."""
    coverage: Coverage
    scores: dict[str, Any] | None
    """As `own_scores.score` tells them of the space in use."""
    replayed: dict[str, Any] | None
    """As `replay.everybody` tells: "sittings", and marks by the name of who ranked."""
    lines: list[Line]
    held: list[contest.Held]


@long
def report(db: Connection, viewer: Viewer) -> Report:
    """Return what was measured last, with what is covered now. Raises Forbidden for all but administrators."""
    _allow(viewer)
    kept = orjson.loads(properties.get(db, NAME) or "{}")
    coverage = db.cached((NAME,), ("analyses", "library", "spaces", "vectors"), lambda: _covered(db))
    scores, replayed = kept.get("scores"), kept.get("replayed")
    return Report(kept.get("made_ms", 0), _due(db, kept), coverage, scores, replayed,
                  lines(coverage, scores, replayed), contest.held(db))  # fmt: skip


def ask(db: Connection, viewer: Viewer) -> None:
    """Have it measured anew by the worker. Raises Forbidden for all but administrators."""
    _allow(viewer)
    db.bump(ASKED)


def measure(db: Database, minds, people: Minds) -> None:
    """Measure all and keep it. `minds` compares sounds; `people` knows what was played."""
    with db.reading() as conn:
        active, stamp = spaces.active(conn, SIMILAR), _stamp(conn)
    told = subjects.score(db, minds, (active,)) if active else None
    with db.reading() as conn:
        replayed = _plain(replay.everybody(conn, people, OPERATOR, SITTINGS))
    with db.writing() as conn:
        kept = {"made_ms": now_ms(), "stamp": stamp, "scores": told and told["scores"][0], "replayed": replayed}
        properties.put(conn, NAME, orjson.dumps(kept).decode())


def keep_measuring(app: App, stop: threading.Event) -> None:
    """Measure whenever there is something new to measure, until `stop` is set; where another worker does it, stand by.

    The halves of songs are heard when nothing else is left to be listened to.
    """
    with (
        Child(halves.FUNCTION, idle=True, memory_mb=halves.MEMORY_MB) as child,
        hearers.beside(child, stop),
    ):
        lasting.alone(app, stop, LOCK, ABSENT_S, lambda: _turn(app, stop, child))


def _turn(app: App, stop: threading.Event, child: Child) -> None:
    """Do what there is to do for a while; a database that was restarted has forgotten who holds the lock."""
    until_s, done = time.monotonic() + TURN_S, None
    while not stop.is_set() and time.monotonic() < until_s:
        with app.db.reading() as conn:
            due = _due(conn, orjson.loads(properties.get(conn, NAME) or "{}"))
            resting = progress.brief(conn, app.config).state == progress.RESTING
            now = conn.versions(("analyses", "library"))
        try:
            if due:
                with embed.Aside() as aside:
                    measure(app.db, aside, app.part(Minds))
            elif resting and now != done:
                if _hear_half(app.db, stop, child):
                    continue
                done = now
        except Failure as failure:
            log.warning("The quality of the ears cannot be measured: %s", failure)
            stop.wait(AGAIN_S)
        stop.wait(LOOK_S)


def _hear_half(db: Database, stop: threading.Event, child: Child) -> int:
    """Hear both halves of one song more; return 0 when there is none."""
    with db.reading() as conn:
        if spaces.active(conn, SIMILAR) is None:
            return 0
        missing = halves.lacking(conn)
    heard = halves.listen(db, stop, child, missing, limit=1) if missing else 0
    if not heard:
        # It gives its memory back.
        child.close()
    return heard


def lines(coverage: Coverage, scores: dict[str, Any] | None,
          replayed: dict[str, Any] | None) -> list[Line]:
    """Return what was measured line by line, each judged."""
    told = []
    if coverage.all:
        for name, count, sentence in (
            ("heard", coverage.heard, "songs that were listened to"),
            ("compared", coverage.compared, "songs that can be found as similar ones"),
        ):
            share = count / coverage.all
            told.append(Line(name, share, None, _above(share, 0.95, 0.5), sentence))
    if scores:
        told += _measured(scores)
    if replayed:
        ours, popular, chance = (replayed[name]["ndcg"] for name in ("ours", "popularity", "chance"))
        verdict = GOOD if ours > max(popular, chance) else FAIR if ours > chance else POOR
        if replayed["sittings"] < SITTINGS_ENOUGH:
            verdict = UNSURE
        sentence = f"what was played next, foreseen ({replayed['sittings']} sittings); by most played {popular:.2f}"
        told.append(Line("recommended", ours, chance, verdict, sentence))
    return told


SENTENCES = {
    "album": "neighbours from the same album, of those there could be",
    "artist": "neighbours by the same artist, beyond the album",
    "genre": "neighbours of the same genre, beyond the artist",
    "halves": "halves of songs that find each other; 1 is at once",
    "copies": "copies of a recording that lie nearest to it",
}


def _measured(scores: dict[str, Any]) -> list[Line]:
    told = []
    for name, sentence in SENTENCES.items():
        if found := scores["measures"].get(name):
            value, chance = found["found"], found["chance"]
            if name == "halves":
                verdict = _above(value, 0.5, 0.25)
            elif name == "copies":
                verdict = _above(value, 0.95, 0.8)
            else:
                # Of everything that could be found; what is near to chance is no better than drawing lots.
                verdict = _above(value / max(chance, 1e-9), 3.0, 1.5)
            if found["asked"] < ENOUGH:
                verdict = UNSURE
            told.append(Line(name, value, chance, verdict, f"{sentence} ({found['asked']:,} asked)"))
    hubs = scores["hubs"]
    told.append(Line("hubs", hubs["skew"], None, _below(hubs["skew"], 1.5, 3.0),
                     f"unevenness of who is near to whom; one song is near to {hubs['largest']} others"))  # fmt: skip
    told.append(Line("orphans", hubs["orphans"], None, _below(hubs["orphans"], 0.05, 0.15),
                     "songs that no other has among its nearest ten"))  # fmt: skip
    return told


def _plain(found: Replayed | None) -> dict[str, Any] | None:
    return found and {name: value._asdict() if isinstance(value, tuple) else value
                      for name, value in found._asdict().items()}  # fmt: skip


def _above(value: float, good: float, fair: float) -> str:
    return GOOD if value >= good else FAIR if value >= fair else POOR


def _below(value: float, good: float, fair: float) -> str:
    return GOOD if value <= good else FAIR if value <= fair else POOR


def _covered(db: Connection) -> Coverage:
    """Count; a second for 100,000 songs."""
    active = spaces.active(db, SIMILAR)
    heard, whole = db.row(
        "SELECT CAST(count(a.audio_hash) AS BIGINT), CAST(count(*) AS BIGINT) FROM"
        f" (SELECT DISTINCT t.audio_hash FROM track t WHERE {PRESENT} AND t.audio_hash <> '') h"
        " LEFT JOIN track_analysis a ON a.audio_hash = h.audio_hash AND a.state = 'ok'",
    )  # fmt: skip
    return Coverage(whole, heard, spaces.size(db, active).embedded if active else 0)


def _stamp(db: Connection) -> list[int]:
    active = spaces.active(db, SIMILAR)
    if active is None:
        return [0, 0, 0]
    return [active.id, db.version(ASKED), halves.count(db, active.version) // STEP]


def _due(db: Connection, kept: dict[str, Any]) -> bool:
    """Tell whether what is kept is of another space, was asked for anew, or is old."""
    stamp = _stamp(db)
    return stamp[0] > 0 and (kept.get("stamp") != stamp or kept["made_ms"] < now_ms() - WEEK_MS)


def _allow(viewer: Viewer) -> None:
    if not viewer.is_admin:
        raise Forbidden("Only administrators may see how well the ears do.")
