"""Where recommendations come from: a source each for what sounds alike, is heard together, is new, or is forgotten.

A source returns track → strength, 0 to 1. The rule a newcomer would break: a
source looks at some hundreds of rows, never at the whole library, for there may
be a million songs in it.
"""

from collections.abc import Mapping
from math import log1p
from random import Random

from ai import spaces, vectors
from ai.history import History
from ai.minds import Minds
from ai.modes import Known, Mode, tags
from ai.spaces import Space, Vector
from ai.taste import DAY_MS
from server.kernel.db import Connection
from server.library import listening
from server.users.people import Viewer

SOUND, TOGETHER, ARTIST, GENRE, NEW, FORGOTTEN, LIKED = (
    "sound", "together", "artist", "genre", "new", "forgotten", "liked"
)  # fmt: skip
CENTRAL, POPULAR, NEWEST = "central", "popular", "newest"
NEAR, SEEDS_OF_MODE = 80, 4
HEARD_WITH, ARTISTS, OF_ARTIST, GENRES, OF_GENRE = 20, 12, 60, 4, 200
NEW_DAYS, NEW_ALBUMS = 30, 60
FORGOTTEN_DAYS, FORGOTTEN_PLAYS = 120, 3
COLD = 150
SAMPLED = 400

Strengths = dict[int, float]


def all_of(db: Connection, minds: Minds, viewer: Viewer, space: Space | None, history: History, modes: list[Mode],
           dice: str, present: bool = True) -> dict[str, Strengths]:  # fmt: skip
    """Return what each source has for somebody who likes something; `dice` says which part of large genres, `present`
    whether what everybody plays counts."""
    own = {track: history.weights[track] for mode in modes for track in mode.tracks}
    history, liked = history._replace(weights=own), tags(db, list(own))
    found = {
        SOUND: sound(db, minds, viewer, space, modes) if space else {},
        ARTIST: by_artists(db, history, liked),
        GENRE: by_genres(db, history, liked, dice),
        NEW: new(db, viewer, history),
        FORGOTTEN: forgotten(history),
        LIKED: _to_one(dict(history.weights)),
    }
    if present:
        most = sorted(history.weights, key=lambda track: (-history.weights[track], track))[:HEARD_WITH]
        found[TOGETHER] = listening.with_tracks(db, most) if most else {}
    return found


def for_anybody(db: Connection, minds: Minds, viewer: Viewer, space: Space | None,
                present: bool = True) -> dict[str, Strengths]:  # fmt: skip
    """Return what there is to begin with when nothing is known of somebody; `present` as in `all_of`."""
    newest = [row[0] for row in db.rows(
        "SELECT id FROM track WHERE missing_ms IS NULL AND library_id IN (SELECT id FROM EACH(:libraries))"
        " ORDER BY id DESC LIMIT :most", libraries=viewer.libraries, most=COLD,
    )]  # fmt: skip
    popular = {track: log1p(plays) for track, plays in db.rows(
        "SELECT item_id, CAST(sum(play_count) AS BIGINT) AS plays FROM mark WHERE kind = 3 AND play_count > 0"
        " AND item_id > 0 GROUP BY item_id ORDER BY plays DESC, item_id LIMIT :most", most=COLD,
    )} if present else {}  # fmt: skip
    return {
        NEWEST: {track: 1 - at / COLD for at, track in enumerate(newest)},
        POPULAR: _to_one(popular),
        CENTRAL: central(db, minds, viewer, space) if space else {},
    }


def sound(db: Connection, minds: Minds, viewer: Viewer, space: Space, modes: list[Mode]) -> Strengths:
    """Return what lies near the middles of modes, and near the tracks liked most in them."""
    queries = []
    for mode in modes:
        if mode.centre is not None:
            queries.append([(None, mode.centre, 1.0)])
            queries += [[(track, None, 1.0)] for track in mode.tracks[:SEEDS_OF_MODE]]
    found: Strengths = {}
    for near in vectors.nearest_each(db, minds, viewer, space, queries, NEAR) if queries else []:
        for track, distance in near:
            found[track] = max(found.get(track, 0.0), vectors.closeness(space, distance))
    return found


def by_artists(db: Connection, history: History, liked: Mapping[int, Known]) -> Strengths:
    """Return the songs of the artists liked most."""
    weights: dict[int, float] = {}
    for track, known in liked.items():
        if known.artist_id:
            weights[known.artist_id] = weights.get(known.artist_id, 0.0) + history.weights.get(track, 0.0)
    best = sorted(_to_one(weights).items(), key=lambda each: (-each[1], each[0]))[:ARTISTS]
    found: Strengths = {}
    for artist, weight in best:
        for (track,) in db.rows(
            "SELECT DISTINCT track_id FROM credit WHERE artist_id = :artist AND role = 'artist'"
            " ORDER BY track_id DESC LIMIT :most", artist=artist, most=OF_ARTIST,
        ):  # fmt: skip
            found[track] = max(found.get(track, 0.0), weight)
    return found


def by_genres(db: Connection, history: History, liked: Mapping[int, Known], dice: str) -> Strengths:
    """Return some songs of the genres liked most, beginning anywhere in them."""
    weights: dict[str, float] = {}
    for track, known in liked.items():
        for genre in known.genres:
            weights[genre] = weights.get(genre, 0.0) + history.weights.get(track, 0.0) / len(known.genres)
    best = sorted(_to_one(weights).items(), key=lambda each: (-each[1], each[0]))[:GENRES]
    found: Strengths = {}
    for genre, weight in best:
        number = db.value("SELECT id FROM genre WHERE name = :name", name=genre)
        last = db.value("SELECT max(track_id) FROM track_genre WHERE genre_id = :genre", genre=number) or 0
        start = Random(f"{dice} {genre}").randint(0, last)
        for way in (">=", "<"):
            for (track,) in db.rows(
                f"SELECT track_id FROM track_genre WHERE genre_id = :genre AND track_id {way} :start"
                " ORDER BY track_id LIMIT :most", genre=number, start=start, most=OF_GENRE,
            ):  # fmt: skip
                found[track] = max(found.get(track, 0.0), weight)
    return found


def new(db: Connection, viewer: Viewer, history: History, days: int = NEW_DAYS) -> Strengths:
    """Return what was added lately, that of today strongest; nothing where that is half of all there is."""
    since = history.now_ms - days * DAY_MS
    fresh, whole = db.row(
        "SELECT CAST(COALESCE(sum(CASE WHEN added_ms > :since THEN track_count ELSE 0 END), 0) AS BIGINT),"
        " CAST(COALESCE(sum(track_count), 0) AS BIGINT) FROM album"
        " WHERE library_id IN (SELECT id FROM EACH(:libraries))",
        since=since, libraries=viewer.libraries,
    )  # fmt: skip
    if 2 * fresh >= whole:
        return {}
    return {track: max(0.0, min(1.0, (added - since) / (days * DAY_MS))) for track, added in db.rows(
        "SELECT t.id, t.added_ms FROM (SELECT id FROM album WHERE added_ms > :since AND track_count > 0"
        "  AND library_id IN (SELECT id FROM EACH(:libraries)) ORDER BY added_ms DESC, id DESC LIMIT :albums) a"
        " JOIN track t ON t.album_id = a.id WHERE t.added_ms > :since AND t.added_ms <= :now",
        since=since, now=history.now_ms, libraries=viewer.libraries, albums=NEW_ALBUMS,
    )}  # fmt: skip


def forgotten(history: History) -> Strengths:
    """Return favourites that were not heard for long."""
    before = history.now_ms - FORGOTTEN_DAYS * DAY_MS
    return {track: min(1.0, (history.counts[track] + 2 * (track in history.starred)) / 10)
            for track, last_ms in history.last_ms.items()
            if last_ms < before and track in history.weights
            and (history.counts[track] >= FORGOTTEN_PLAYS or track in history.starred)}  # fmt: skip


def central(db: Connection, minds: Minds, viewer: Viewer, space: Space) -> Strengths:
    """Return what lies in the middle of the library."""
    stored, width = spaces.sample(db, space, SAMPLED), 2 * space.dimensions
    points = [spaces.unpacked(space, stored[at : at + width]) for at in range(0, len(stored), width)]
    if not points:
        return {}
    middle = Vector(space.id, [sum(values) / len(points) for values in zip(*points, strict=True)])
    near = vectors.nearest(db, minds, viewer, space, [(None, middle, 1.0)], COLD)
    return {track: vectors.closeness(space, distance) for track, distance in near}


def _to_one(weights: dict) -> dict:
    most = max(weights.values(), default=0.0)
    return {key: weight / most for key, weight in weights.items()} if most > 0 else {}
