"""The modes of a taste: the kinds of music that somebody likes, each with its middle, its tracks and its words.

By sound where songs have been listened to, else by genre and artist. The rule a
newcomer would break: a mode is what somebody hears, so tracks that nobody has
heard never make one.
"""

import base64
from collections import Counter
from collections.abc import Mapping, Sequence
from statistics import median
from typing import NamedTuple

from ai.history import History
from ai.minds import Minds
from ai.spaces import Space, Vector
from server.kernel.db import Connection
from server.library.names import somebody

MIND = "taste"
LIKED = 600
"""So many tracks, those liked most, make the modes."""
LEAST = 3
MOST = 6
COMPUTE_S = 60
NAMED = 2


class Mode(NamedTuple):
    share: float
    """Of all that is liked, 0 to 1."""
    tracks: tuple[int, ...]
    """Those liked most first."""
    centre: Vector | None
    genres: tuple[str, ...] = ()
    artists: tuple[str, ...] = ()
    hour: int | None = None
    """The middle of the hours at which it is played, where those lie close together."""
    year: int = 0
    """The middle of the years that it is from; 0 where that is not known."""


class Known(NamedTuple):
    """What tags say of a track."""

    artist_id: int
    artist: str
    year: int
    genres: tuple[str, ...]


def tags(db: Connection, track_ids: Sequence[int]) -> dict[int, Known]:
    """Return what tags say of some tracks; an artist is 0 and "" where nobody is named."""
    genres: dict[int, list[str]] = {}
    for track, name in db.rows(
        "SELECT g.track_id, n.name FROM EACH(:ids) e JOIN track_genre g ON g.track_id = e.id"
        " JOIN genre n ON n.id = g.genre_id ORDER BY g.track_id, n.name", ids=list(track_ids),
    ):  # fmt: skip
        genres.setdefault(track, []).append(name)
    return {row[0]: Known(*somebody(*row[1:3]), row[3], tuple(genres.get(row[0], ()))) for row in db.rows(
        "SELECT t.id, t.artist_id, t.artist, t.year FROM EACH(:ids) e JOIN track t ON t.id = e.id",
        ids=list(track_ids),
    )}  # fmt: skip


def of(db: Connection, minds: Minds, space: Space | None, history: History, most: int = MOST) -> list[Mode]:
    """Return the modes of a taste, the largest first; none where nothing is liked."""
    liked = sorted(history.weights, key=lambda track: (-history.weights[track], track))[:LIKED]
    groups = _by_sound(db, minds, space, history, liked, most) if space else []
    groups = groups or [(tracks, None) for tracks in _by_tags(db, history, liked, most)]
    known, whole = tags(db, liked), sum(history.weights[track] for track in liked)
    found = [_mode(history, known, tracks, centre, whole) for tracks, centre in groups]
    return sorted(found, key=lambda mode: (-mode.share, mode.tracks))


def _by_sound(db: Connection, minds: Minds, space: Space, history: History, liked: list[int],
              most: int) -> list[tuple[list[int], Vector]]:  # fmt: skip
    stored = dict(db.rows(
        "SELECT t.id, v.vector FROM EACH(:ids) e JOIN track t ON t.id = e.id"
        " JOIN embedding v ON v.space_id = :space AND v.audio_hash = t.audio_hash", ids=liked, space=space.id,
    ))  # fmt: skip
    heard = [track for track in liked if track in stored]
    # With half of them unheard by the analyser, tags know more.
    if len(heard) < LEAST or 2 * len(heard) < len(liked):
        return []
    found = minds.ask(MIND, {
        "vectors": base64.b64encode(b"".join(bytes(stored[track]) for track in heard)).decode(),
        "dimensions": space.dimensions, "weights": [history.weights[track] for track in heard], "most": most,
    }, COMPUTE_S)  # fmt: skip
    groups: dict[int, list[int]] = {}
    for track, label in zip(heard, found["labels"], strict=True):
        groups.setdefault(label, []).append(track)
    return [(tracks, Vector(space.id, found["centres"][label])) for label, tracks in groups.items()]


def _by_tags(db: Connection, history: History, liked: list[int], most: int) -> list[list[int]]:
    """Group by the genre that weighs most of those of a track, and what has none by artist."""
    known, weight = tags(db, liked), Counter()
    for track in liked:
        for genre in known[track].genres if track in known else ():
            weight[genre] += history.weights[track]
    groups: dict[object, list[int]] = {}
    for track in (each for each in liked if each in known):
        genres = known[track].genres
        key = max(genres, key=lambda genre: (weight[genre], genre)) if genres else known[track].artist_id
        groups.setdefault(key, []).append(track)
    largest = sorted(groups.values(), key=lambda tracks: -sum(history.weights[track] for track in tracks))
    kept = [tracks for tracks in largest if len(tracks) >= LEAST][:most]
    return kept or ([liked] if liked else [])


def _mode(history: History, known: Mapping[int, Known], tracks: list[int], centre: Vector | None,
          whole: float) -> Mode:  # fmt: skip
    genres, artists, hours = Counter(), Counter(), Counter()
    for track in tracks:
        weight = history.weights[track]
        if track in known:
            artists[known[track].artist] += weight
            for genre in known[track].genres:
                genres[genre] += weight
        for hour, times in history.hours.get(track, {}).items():
            hours[hour] += times
    return Mode(
        sum(history.weights[track] for track in tracks) / whole, tuple(tracks), centre,
        _most(genres), _most(artists), _middle(hours),
        int(median(years)) if (years := [known[track].year for track in tracks if track in known and known[track].year])
        else 0,
    )  # fmt: skip


def _most(counted: Counter) -> tuple[str, ...]:
    return tuple(name for name, _ in sorted(counted.items(), key=lambda each: (-each[1], each[0])) if name)[:NAMED]


def _middle(hours: Mapping[int, float]) -> int | None:
    """Return the hour around which two thirds of all lie within three hours, if there is one."""
    whole = sum(hours.values())
    if not whole:
        return None
    around = {hour: sum(hours.get((hour + off) % 24, 0.0) for off in range(-3, 4)) for hour in range(24)}
    best = max(around, key=lambda hour: (around[hour], hours.get(hour, 0.0), -hour))
    return best if around[best] >= whole * 2 / 3 else None
