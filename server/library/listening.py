"""What people hear together: in one sitting, and as the same person on other days.

Asked of the history itself, a few hundred plays at most, so there is nothing to
keep up to date. The rule a newcomer would break: this looks across people, so
what leaves here is one number for each thing, never who heard it or when.
"""

from collections.abc import Sequence
from math import log1p, sqrt

from server.kernel.clock import Millis
from server.kernel.db import Connection

SITTING_MS: Millis = 30 * 60_000
"""Plays of one person that are no further apart belong together."""
MOMENTS = 300
"""So many of the last plays of a thing are looked around."""
LISTENERS = 12
FAVOURITES = 300
"""So many things are compared, those first that are heard most beside the one asked about."""


def with_tracks(db: Connection, track_ids: Sequence[int]) -> dict[int, float]:
    """Return track id → how much it is heard in the same sittings as some tracks, 1.0 the most."""
    rows = db.rows(
        "SELECT q.track_id, q.user_id, CAST(count(*) AS BIGINT) FROM"
        " (SELECT p.user_id, p.played_ms FROM EACH(:ids) e JOIN play p ON p.track_id = e.id"
        "  ORDER BY p.played_ms DESC LIMIT :moments) m"
        " JOIN play q ON q.user_id = m.user_id AND q.played_ms BETWEEN m.played_ms - :near AND m.played_ms + :near"
        # Below zero are episodes of podcasts.
        " WHERE q.track_id > 0 GROUP BY q.track_id, q.user_id",
        ids=list(track_ids), moments=MOMENTS, near=SITTING_MS,
    )  # fmt: skip
    weights: dict[int, float] = {}
    for track, _, times in rows:
        # Ten people count for more than ten evenings of one.
        weights[track] = weights.get(track, 0.0) + log1p(times)
    for seed in track_ids:
        weights.pop(seed, None)
    weights = dict(sorted(weights.items(), key=lambda each: (-each[1], each[0]))[:FAVOURITES])
    plays = dict(db.rows(
        "SELECT p.track_id, CAST(count(*) AS BIGINT) FROM EACH(:ids) e JOIN play p ON p.track_id = e.id"
        " GROUP BY p.track_id", ids=list(weights),
    ))  # fmt: skip
    # What is played all the time is played beside everything.
    return _to_one({track: weight / sqrt(plays[track]) for track, weight in weights.items()})


def with_artist(db: Connection, artist_id: int) -> dict[int, float]:
    """Return artist id → how much those who play one artist play them too, 1.0 the most."""
    weights = {artist: float(common) for artist, common in db.rows(
        "SELECT f.item_id, CAST(sum(CASE WHEN f.play_count < u.own THEN f.play_count ELSE u.own END) AS BIGINT)"
        " FROM (SELECT user_id, play_count AS own FROM mark WHERE kind = 1 AND item_id = :artist AND play_count > 1"
        "  ORDER BY play_count DESC, user_id LIMIT :listeners) u"
        " JOIN mark f ON f.user_id = u.user_id AND f.kind = 1 AND f.item_id <> :artist AND f.play_count > 1"
        " GROUP BY f.item_id ORDER BY 2 DESC, f.item_id LIMIT :favourites",
        artist=artist_id, listeners=LISTENERS, favourites=FAVOURITES,
    )}  # fmt: skip
    listeners = dict(db.rows(
        "SELECT m.item_id, CAST(count(*) AS BIGINT) FROM EACH(:ids) e JOIN mark m ON m.kind = 1 AND m.item_id = e.id"
        " WHERE m.play_count > 0 GROUP BY m.item_id", ids=list(weights),
    ))  # fmt: skip
    return _to_one({artist: weight / sqrt(listeners[artist]) for artist, weight in weights.items()})


def _to_one(weights: dict[int, float]) -> dict[int, float]:
    most = max(weights.values(), default=0.0)
    return {number: weight / most for number, weight in weights.items()}
