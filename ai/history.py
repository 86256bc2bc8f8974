"""What a person has heard and likes, as one may learn from it: a weight for each track.

A play that was heard to its end says more than one that was not, one of today
more than one of last month. The rule a newcomer would break: what nobody shall
learn from has no weight, but it was played all the same, and is not new.
"""

import time
from collections.abc import Mapping
from math import log1p
from typing import NamedTuple

from ai import taste
from ai.taste import faded
from server.kernel.clock import Millis, now_ms
from server.kernel.db import Connection
from server.library.facts import ALBUM, ARTIST, TRACK
from server.users.people import Viewer

PLAYS_MAX = 10_000
"""So many of the last plays are looked at."""
UNTOLD = 0.7
"""How much of a track was heard where a client only says that it was played."""
STAR, STAR_LEAST, STAR_HALF_LIFE_MS = 1.5, 0.25, 180 * taste.DAY_MS
RATED = {2: -1.0, 4: 0.75, 5: 1.5}
SKIP = 1.0
HOURS_NEAR = 3


class History(NamedTuple):
    """What is known of one listener at one moment."""

    now_ms: Millis
    weights: Mapping[int, float]
    """How much each track is liked, above 0."""
    away: Mapping[int, float]
    counts: Mapping[int, int]
    """Plays of each track, all that were kept."""
    last_ms: Mapping[int, Millis]
    finished: frozenset[int]
    starred: frozenset[int]
    starred_artists: frozenset[int]
    hours: Mapping[int, Mapping[int, float]]
    """For each track the hours of the day at which it was played, with weights."""
    played: frozenset[int]
    """All that was ever played."""


def of(db: Connection, viewer: Viewer, until_ms: Millis | None = None, hour: int | None = None) -> History:
    """Return what is known of the viewer, or was at a moment; at an `hour` (0 to 23), plays of that time count more."""
    now, but = until_ms or now_ms(), taste.ignored(db, viewer)
    weights: dict[int, float] = {}
    counts: dict[int, int] = {}
    last: dict[int, Millis] = {}
    hours: dict[int, dict[int, float]] = {}
    finished = set()
    for track, at_ms, heard_ms, client, length_ms in db.rows(
        "SELECT p.track_id, p.played_ms, p.listened_ms, p.client, t.length_ms FROM play p"
        " JOIN track t ON t.id = p.track_id WHERE p.user_id = :user AND p.played_ms < :now"
        " AND t.missing_ms IS NULL AND t.library_id IN (SELECT id FROM EACH(:libraries))"
        " ORDER BY p.played_ms DESC LIMIT :most",
        user=viewer.user_id, now=now, libraries=viewer.libraries, most=PLAYS_MAX,
    ):  # fmt: skip
        counts[track] = counts.get(track, 0) + 1
        last.setdefault(track, at_ms)
        if but.holds(track, at_ms, client):
            continue
        share = UNTOLD if heard_ms is None else min(1.0, heard_ms / length_ms) if length_ms else 1.0
        if share >= UNTOLD:
            finished.add(track)
        at_hour = time.localtime(at_ms / 1000).tm_hour
        weight = share * faded(now - at_ms) * (1.0 if hour is None else _near(hour, at_hour))
        weights[track] = weights.get(track, 0.0) + weight
        of_track = hours.setdefault(track, {})
        of_track[at_hour] = of_track.get(at_hour, 0.0) + weight
    starred, artists = _marked(db, viewer, now, until_ms is None, weights)
    for track, times in taste.skipped(db, viewer, now).items():
        if track in weights:
            weights[track] -= SKIP * times
    away = taste.away(db, viewer, until_ms)
    liked = {track: log1p(weight) for track, weight in weights.items()
             if weight > 0 and track not in but.tracks and away.get(track, 0.0) < 1}  # fmt: skip
    played = set(counts) if until_ms else set(counts) | _ever(db, viewer)
    return History(now, liked, away, counts, last, frozenset(finished & set(liked)), starred, artists, hours,
                   frozenset(played))  # fmt: skip


def enough(db: Connection, viewer: Viewer, least: int) -> bool:
    """Tell whether the viewer has played or starred at least so many tracks."""
    return db.value(
        "SELECT count(*) FROM (SELECT item_id FROM mark WHERE user_id = :user AND kind = 3"
        " AND (play_count > 0 OR starred_ms IS NOT NULL) LIMIT :least) m",
        user=viewer.user_id, least=least,
    ) >= least  # fmt: skip


def _near(hour: int, other: int) -> float:
    apart = min((hour - other) % 24, (other - hour) % 24)
    return 1.0 + max(0.0, 1 - apart / (HOURS_NEAR + 1))


def _marked(db: Connection, viewer: Viewer, now: Millis, rated: bool,
            weights: dict[int, float]) -> tuple[frozenset[int], frozenset[int]]:  # fmt: skip
    """Add what stars and ratings say; return the starred tracks and artists. Ratings have no date, so they may be
    left out."""
    stars: dict[int, dict[int, float]] = {TRACK: {}, ALBUM: {}, ARTIST: {}}
    for kind, item, starred_ms, rating in db.rows(
        "SELECT kind, item_id, starred_ms, rating FROM mark WHERE user_id = :user AND kind IN (1, 2, 3)"
        " AND (starred_ms IS NOT NULL OR rating > 0)", user=viewer.user_id,
    ):  # fmt: skip
        weight = RATED.get(rating, 0.0) if rated else 0.0
        if starred_ms is not None and starred_ms < now:
            weight += STAR * max(STAR_LEAST, faded(now - starred_ms, STAR_HALF_LIFE_MS))
        if weight:
            stars[kind][item] = weight
    below = [(album, track) for album, track in db.rows(
        "SELECT e.id, t.id FROM EACH(:ids) e JOIN track t ON t.album_id = e.id", ids=sorted(stars[ALBUM]))]
    by = [(artist, track) for artist, track in db.rows(
        "SELECT e.id, c.track_id FROM EACH(:ids) e JOIN credit c ON c.artist_id = e.id AND c.role = 'artist'",
        ids=sorted(stars[ARTIST]))]  # fmt: skip
    for kind, pairs in ((ALBUM, below), (ARTIST, by)):
        sizes: dict[int, int] = {}
        for thing, _ in pairs:
            sizes[thing] = sizes.get(thing, 0) + 1
        for thing, track in pairs:
            # A star for many songs is no star for each of them.
            weights[track] = weights.get(track, 0.0) + stars[kind][thing] / (1 + sizes[thing])
    for track, weight in stars[TRACK].items():
        weights[track] = weights.get(track, 0.0) + weight
    seen = {row[0] for row in db.rows(
        "SELECT t.id FROM EACH(:ids) e JOIN track t ON t.id = e.id WHERE t.missing_ms IS NULL"
        " AND t.library_id IN (SELECT id FROM EACH(:libraries))", ids=sorted(weights), libraries=viewer.libraries,
    )}  # fmt: skip
    for track in [each for each in weights if each not in seen]:
        del weights[track]
    liked = {kind: frozenset(item for item, weight in each.items() if weight > 0) for kind, each in stars.items()}
    return liked[TRACK] & seen, liked[ARTIST]


def _ever(db: Connection, viewer: Viewer) -> set[int]:
    return {row[0] for row in db.rows(
        "SELECT item_id FROM mark WHERE user_id = :user AND kind = 3 AND play_count > 0", user=viewer.user_id)}
