"""Suggestions: moods and genres that a track could have, beside its tags and never in them.

They belong to the sound, so that every copy of a file has them. The rule a
newcomer would break: what an administrator has refused is never suggested again,
and neither files nor what apps are shown change by a suggestion.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from ai.analyses import OK, Analysis
from server.kernel.clock import now_ms
from server.kernel.db import Connection
from server.kernel.errors import Forbidden, Invalid, NotFound
from server.library import tracks
from server.users.people import Viewer

OWNS = ("suggestion",)

MOOD, GENRE = "mood", "genre"
KINDS = (MOOD, GENRE)
OURS = "ours"
SUGGESTED, ACCEPTED, REFUSED = "suggested", "accepted", "refused"
MOODS: Mapping[str, tuple[str, float]] = {
    "happy": ("happy", 0.7), "melancholic": ("sad", 0.5), "aggressive": ("aggressive", 0.55),
    "relaxed": ("relaxed", 0.5), "energetic": ("energy", 0.8), "calm": ("energy", -0.3),
    "danceable": ("danceability", 0.75), "acoustic": ("acousticness", 0.75), "spoken": ("speechiness", 0.66),
}  # fmt: skip
"""Mood → value of the analysis, and from where on it is one (below 0: up to there)."""

LEAST = 0.3
"""What is less sure is not suggested."""


class Suggestion(NamedTuple):
    kind: str
    """"mood" or "genre"."""
    name: str
    confidence: float
    source: str
    state: str
    """"suggested", "accepted" or "refused"."""


def moods(analysis: Analysis) -> list[Suggestion]:
    """Return the moods that an analysis speaks for; the farther beyond its bound, the surer."""
    found = []
    for name, (value, bound) in MOODS.items():
        told = analysis.values.get(value)
        if analysis.state != OK or told is None:
            continue
        beyond = (told.value - bound) / (1 - bound) if bound > 0 else (-bound - told.value) / -bound
        sure = round(told.confidence * (0.6 + 0.4 * beyond), 3)
        if beyond >= 0 and sure >= LEAST:
            found.append(Suggestion(MOOD, name, sure, OURS, SUGGESTED))
    return found


def of(db: Connection, viewer: Viewer, track_id: int) -> list[Suggestion]:
    """List what is suggested for a track, surest first, what was decided included. Raises NotFound."""
    tracks.one(db, viewer, track_id)
    rows = db.rows(
        "SELECT s.kind, s.name, s.confidence, s.source, s.state FROM track t JOIN suggestion s"
        " ON s.audio_hash = t.audio_hash WHERE t.id = :id ORDER BY s.confidence DESC, s.kind, s.name", id=track_id,
    )  # fmt: skip
    return [Suggestion(*row) for row in rows]


def standing(db: Connection, track_ids: Sequence[int]) -> dict[int, list[Suggestion]]:
    """Return what was not refused, by track: accepted first, then surest first."""
    found: dict[int, list[Suggestion]] = {}
    for track, *row in db.rows(
        "SELECT t.id, s.kind, s.name, s.confidence, s.source, s.state FROM EACH(:ids) e JOIN track t ON t.id = e.id"
        " JOIN suggestion s ON s.audio_hash = t.audio_hash WHERE s.state <> 'refused'"
        " ORDER BY s.state, s.confidence DESC, s.name", ids=sorted(set(track_ids)),
    ):  # fmt: skip
        found.setdefault(track, []).append(Suggestion(*row))
    return found


def suggest(db: Connection, kind: str, found: Mapping[str, Iterable[Suggestion]]) -> None:
    """Put what is suggested of one kind for some sounds, in place of what was and nobody has decided about."""
    db.many("DELETE FROM suggestion WHERE audio_hash = ? AND kind = ? AND state = 'suggested'",
            [(audio_hash, kind) for audio_hash in found])  # fmt: skip
    now = now_ms()
    db.many(
        "INSERT INTO suggestion (audio_hash, kind, name, confidence, source, state, decided_by, changed_ms)"
        " VALUES (?, ?, ?, ?, ?, ?, 0, ?) ON CONFLICT (audio_hash, kind, name) DO NOTHING",
        [(audio_hash, kind, each.name, each.confidence, each.source, SUGGESTED, now)
         for audio_hash, several in found.items() for each in several],
    )  # fmt: skip


def decide(db: Connection, viewer: Viewer, track_id: int, accept: Sequence[tuple[str, str]],
           refuse: Sequence[tuple[str, str]]) -> list[Suggestion]:  # fmt: skip
    """Accept and refuse suggestions, (kind, name) each, for all copies of a track; return what is there then.

    Raises Forbidden, NotFound for what was never suggested, Invalid for what is both.
    """
    if not viewer.is_admin:
        raise Forbidden("Only an administrator can decide about suggestions.")
    if set(accept) & set(refuse):
        raise Invalid("A suggestion is either accepted or refused.")
    there = {(each.kind, each.name) for each in of(db, viewer, track_id)}
    for kind, name in (*accept, *refuse):
        if (kind, name) not in there:
            raise NotFound(f"The {kind[:20]} {name[:60]!r} was not suggested for this song.")
    audio_hash = db.value("SELECT audio_hash FROM track WHERE id = :id", id=track_id)
    for state, chosen in ((ACCEPTED, accept), (REFUSED, refuse)):
        db.many(
            "UPDATE suggestion SET state = ?, decided_by = ?, changed_ms = ?"
            " WHERE audio_hash = ? AND kind = ? AND name = ?",
            [(state, viewer.user_id, now_ms(), audio_hash, kind, name) for kind, name in chosen],
        )
    db.bump("suggestions")
    return of(db, viewer, track_id)
