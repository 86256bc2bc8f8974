"""Analyses: what listening to a track's sound has told, each value with its confidence and source.

An analysis belongs to a sound, so several tracks may share one. The rule a
newcomer would break: a value that could not be told is None, never a guess.
"""

from array import array
from collections.abc import Sequence
from typing import Any, NamedTuple

import orjson

from ai import tempo_prior
from ai.spaces import PRESENT
from server.kernel.clock import now_ms
from server.kernel.db import Connection
from server.kernel.errors import Forbidden, Invalid, NotFound
from server.library import tracks
from server.users.people import Viewer

OWNS = ("track_analysis",)

VERSION = 1
"""Of the analyser. What an older one has heard is heard again, and counts until then."""

OK = "ok"
SILENT, TOO_SHORT, UNREADABLE, TIMED_OUT, CRASHED = "silent", "too short", "unreadable", "timed out", "crashed"
STATES = (OK, SILENT, TOO_SHORT, UNREADABLE, TIMED_OUT, CRASHED)
WAITING = "waiting"
"""What has no state yet."""
TRIES = 2
"""How often a sound may end its analyser before it is left alone."""


class Value(NamedTuple):
    """One thing told: `confidence` is 0 to 1, `source` names what told it: "ours", "essentia", "tags", "clap"."""

    value: Any
    confidence: float
    source: str


class Analysis(NamedTuple):
    """What is known of one sound."""

    state: str
    reason: str
    values: dict[str, Value]
    """By name: loudness_lufs, loudness_range_lu, true_peak_dbtp, tempo_bpm, tempo_alternates (list of bpm), key
    (pitch class, C = 0), mode ("major", "minor"), camelot ("8A"), metre (3, 4 or 6), and from 0 to 1: energy,
    danceability, acousticness, speechiness, valence, happy, sad, aggressive, relaxed; dynamics_db (crest),
    centroid_hz, onset_rate_hz, percussive (0 to 1). What could not be told is missing."""

    def get(self, name: str, least: float = 0.0) -> Any:
        """Return a value, or None when it is missing or its confidence is below `least`."""
        found = self.values.get(name)
        return found.value if found is not None and found.confidence >= least else None


def of(db: Connection, viewer: Viewer, track_ids: Sequence[int]) -> dict[int, Analysis]:
    """Return the analyses of those tracks that this viewer may hear and that have been listened to, by track.

    A tempo is in the octave that the track's genres speak for.
    """
    ids = sorted(set(tracks.visible(db, viewer, list(track_ids))))
    rows = db.rows(
        "SELECT t.id, a.state, a.reason, a.result FROM EACH(:ids) e JOIN track t ON t.id = e.id"
        " JOIN track_analysis a ON a.audio_hash = t.audio_hash",
        ids=ids,
    )
    genres: dict[int, list[str]] = {}
    for track_id, name in db.rows(
        "SELECT g.track_id, n.name FROM EACH(:ids) e JOIN track_genre g ON g.track_id = e.id"
        " JOIN genre n ON n.id = g.genre_id ORDER BY g.track_id, g.genre_id",
        ids=ids,
    ):
        genres.setdefault(track_id, []).append(name)
    return {track_id: Analysis(state, reason, tempo_prior.meant(read(result), genres.get(track_id, ())))
            for track_id, state, reason, result in rows}  # fmt: skip


def one(db: Connection, viewer: Viewer, track_id: int) -> Analysis:
    """Return the analysis of a track, in the state "waiting" while it has none. Raises NotFound."""
    if not tracks.visible(db, viewer, [track_id]):
        raise NotFound("There is no such song.")
    return of(db, viewer, [track_id]).get(track_id) or Analysis(WAITING, "It has not been listened to yet.", {})


def read(result: str) -> dict[str, Value]:
    """Return the values that a stored result holds."""
    return {name: Value(*parts) for name, parts in orjson.loads(result or "{}").items()}


def written(values: dict[str, Value]) -> str:
    """Return values as they are stored."""
    return orjson.dumps({name: list(value) for name, value in values.items() if value.value is not None}).decode()


def put(db: Connection, audio_hash: str, version: int, analysis: Analysis, blocks: array | None,
        fingerprint: array | None, cpu_ms: int) -> None:  # fmt: skip
    """Keep what one run of the analyser said, in place of what an earlier one did.

    `blocks`: 32-bit floats, the raw feature blocks one behind the other (see `ai.features.BLOCKS`); `fingerprint`:
    32-bit words of Chromaprint.
    """
    db.run(
        "INSERT INTO track_analysis (audio_hash, version, state, reason, tries, result, blocks, fingerprint, cpu_ms,"
        " analysed_ms) VALUES (:hash, :version, :state, :reason, 0, :result, :blocks, :fingerprint, :cpu, :now)"
        " ON CONFLICT (audio_hash) DO UPDATE SET version = excluded.version, state = excluded.state,"
        " reason = excluded.reason, tries = 0, result = excluded.result, blocks = excluded.blocks,"
        " fingerprint = excluded.fingerprint, cpu_ms = excluded.cpu_ms, analysed_ms = excluded.analysed_ms",
        hash=audio_hash, version=version, state=analysis.state, reason=analysis.reason,
        result=written(analysis.values), blocks=blocks.tobytes() if blocks is not None else None,
        fingerprint=fingerprint.tobytes() if fingerprint is not None else None, cpu=cpu_ms, now=now_ms(),
    )  # fmt: skip
    db.bump("analyses")


def failed(db: Connection, audio_hash: str, version: int, state: str, reason: str) -> int:
    """Note that an analyser died over a sound, and return how often it has; after `TRIES` it is left alone."""
    tries = db.value(
        "INSERT INTO track_analysis (audio_hash, version, state, reason, tries, result, analysed_ms)"
        " VALUES (:hash, :version, :state, :reason, 1, '{}', :now)"
        " ON CONFLICT (audio_hash) DO UPDATE SET version = excluded.version, state = excluded.state,"
        " reason = excluded.reason, tries = CASE WHEN track_analysis.version = excluded.version"
        " THEN track_analysis.tries + 1 ELSE 1 END, analysed_ms = excluded.analysed_ms RETURNING tries",
        hash=audio_hash, version=version, state=state, reason=reason, now=now_ms(),
    )  # fmt: skip
    db.bump("analyses")
    return tries


def states(db: Connection, version: int) -> dict[str, int]:
    """Return how many sounds of present tracks are in each state, those never heard or heard by an older analyser
    under "waiting"."""
    rows = db.rows(
        "SELECT COALESCE(a.state, ''), CAST(count(*) AS BIGINT) FROM (SELECT DISTINCT t.audio_hash FROM track t"
        f" WHERE {PRESENT} AND t.audio_hash <> '') h LEFT JOIN track_analysis a"
        " ON a.audio_hash = h.audio_hash AND a.version = :version GROUP BY COALESCE(a.state, '')",
        version=version,
    )
    return {state or WAITING: count for state, count in rows}


def quarantined(db: Connection, viewer: Viewer, most: int) -> list[tuple[int, str, str]]:
    """List (track, state, reason) of tracks whose sounds are left alone because they end their analysers."""
    rows = db.rows(
        "SELECT t.id, a.state, a.reason FROM track_analysis a JOIN track t ON t.audio_hash = a.audio_hash"
        " WHERE a.state IN ('timed out', 'crashed') AND a.tries >= :tries AND t.missing_ms IS NULL"
        " AND t.library_id IN (SELECT id FROM EACH(:libraries)) ORDER BY t.id LIMIT :most",
        tries=TRIES, libraries=viewer.libraries, most=most,
    )  # fmt: skip
    return [(number, state, reason) for number, state, reason in rows]


def again(db: Connection, viewer: Viewer, state: str) -> int:
    """Have everything in a state heard again; return how many sounds those are.

    Raises Invalid for an unknown state, and Forbidden for all but administrators.
    """
    if not viewer.is_admin:
        raise Forbidden("Only administrators may have music analysed again.")
    if state not in STATES:
        raise Invalid(f"There is no state {state[:40]!r}; there are {', '.join(STATES)}.")
    # An older version rather than no row: what is known counts until it is heard again.
    changed = db.run("UPDATE track_analysis SET version = 0, tries = 0 WHERE state = :state", state=state)
    db.bump("analyses")
    db.bump("heard again")
    return changed
