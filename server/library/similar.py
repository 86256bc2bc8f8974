"""What goes with what, as far as tags, credits and the history of plays can tell.

It answers for every library from the first scan on, better once people have
listened, and best where an engine has heard the music: that one is asked first.
Numbers only compare candidates of one question; they mean nothing between two.
"""

from collections.abc import Sequence
from math import exp, log1p, sqrt
from random import Random
from statistics import median
from typing import NamedTuple

import orjson

from server.kernel.clock import now_ms
from server.kernel.db import Connection, long
from server.kernel.errors import NotFound
from server.library import albums, artists, folders, listening, outside, tracks
from server.library.facts import ARTIST, Faced
from server.library.names import NOBODY, fold
from server.library.sonic import Engine
from server.users.people import Viewer

NEIGHBOURS = 20
PER_ARTIST = 10
"""So many of their tracks are compared, more where more are asked for than that gives."""
ALIKE = 500
SEEDS = 50
"""So many tracks of an artist, album or folder stand for it."""
OWN = 0.7
"""How well an artist goes with themselves: who asks for what is like them has them already."""
ALBUMS = 4000
"""So many albums of an artist's genres are compared, those of rare genres first."""
HOUR_MS = 3_600_000
_HERE = "library_id IN (SELECT id FROM EACH(:libraries))"


def artist_of(db: Connection, viewer: Viewer, prefix: str, number: int) -> int | None:
    """Return the leading artist of an artist, album, track or folder. Raises NotFound when it is not there."""
    if prefix == "ar":
        artists.one(db, viewer, number)
        return number
    if prefix == "al":
        return albums.about(db, viewer, number).artist_id
    if prefix == "tr":
        tracks.one(db, viewer, number)
        return db.value("SELECT artist_id FROM track WHERE id = :id", id=number)
    if prefix == "fo":
        folders.one(db, viewer, number)
        return db.value(
            f"SELECT t.artist_id FROM track t WHERE t.folder_id = :id AND t.missing_ms IS NULL AND t.{_HERE}"
            " ORDER BY t.id LIMIT 1", id=number, libraries=viewer.libraries,
        )  # fmt: skip
    raise NotFound("There is no such song, album or artist.")


@long
def artists_like(db: Connection, viewer: Viewer, artist_id: int, size: int) -> list[int]:
    """Return the artists that go best with one: by genres and years, common tracks, listeners, outside sources."""
    return list(_near(db, viewer, artist_id))[:size]


def _near(db: Connection, viewer: Viewer, artist_id: int) -> dict[int, float]:
    """Return artist id → how well they go with one, best first."""
    key = ("alike", artist_id, viewer.libraries, now_ms() // HOUR_MS)
    return db.cached(key, ("library", "outside"), lambda: _alike(db, viewer, artist_id))


def _alike(db: Connection, viewer: Viewer, artist_id: int) -> dict[int, float]:
    scores = _by_genre(db, viewer.libraries, artist_id)
    for weight, others in (
        (0.6, _on_the_same_tracks(db, artist_id)),
        (1.2, listening.with_artist(db, artist_id)),
        (1.5, _told(db, artist_id)),
    ):
        for artist, how in others.items():
            scores[artist] = scores.get(artist, 0.0) + weight * how
    nobody = {number for (number,) in db.rows(
        "SELECT a.id FROM EACH_TEXT(:keys) e JOIN artist a ON a.key = e.id",
        keys=list(NOBODY),
    )} | {artist_id}  # fmt: skip
    ranked = sorted(scores.keys() - nobody, key=lambda artist: (-scores[artist], artist))[:ALIKE]
    return {artist: scores[artist] for artist in artists.visible(db, viewer, ranked)}


def _by_genre(db: Connection, libraries: tuple[int, ...], artist_id: int) -> dict[int, float]:
    """Return artist id → 0 to 1: albums in the same genres, rare genres counting more, years apart counting less."""
    common = dict(db.rows(
        "SELECT o.genre_id, CAST(count(*) AS BIGINT) FROM (SELECT DISTINCT g.genre_id FROM album_artist s"
        "  JOIN album_genre g ON g.album_id = s.album_id WHERE s.artist_id = :artist) o"
        " JOIN album_genre a ON a.genre_id = o.genre_id GROUP BY o.genre_id", artist=artist_id,
    ))  # fmt: skip
    own, looked_at = [], 0
    for genre in sorted(common, key=lambda genre: (common[genre], genre)):
        # What half of the library is says little of anybody, and takes long to read.
        if not own or looked_at + common[genre] <= ALBUMS:
            own.append(genre)
            looked_at += common[genre]
    rows = db.rows(
        "SELECT g.genre_id, a.artist_id, CAST(count(*) AS BIGINT), max(a.year) FROM EACH(:genres) e"
        " JOIN album_genre g ON g.genre_id = e.id JOIN album a ON a.id = g.album_id"
        f" WHERE a.track_count > 0 AND a.artist_id IS NOT NULL AND a.{_HERE} GROUP BY g.genre_id, a.artist_id",
        genres=own, libraries=libraries,
    )  # fmt: skip
    years: dict[int, int] = {}
    for _, artist, _, year in rows:
        years[artist] = max(years.get(artist, 0), year)
    scores: dict[int, float] = {}
    for genre, artist, count, _ in rows:
        scores[artist] = scores.get(artist, 0.0) + sqrt(min(count, 9)) / common[genre]
    for artist in scores:
        scores[artist] *= _of_the_time(years.get(artist_id, 0), years[artist])
    most = max((scores[artist] for artist in scores if artist != artist_id), default=1.0)
    return {artist: score / most for artist, score in scores.items()}


def _of_the_time(one: int, other: int) -> float:
    """Return 1 for the same year, less for years apart, and something between for one that is not known."""
    return 0.4 + 0.6 * exp(-abs(one - other) / 15) if one and other else 0.7


def _on_the_same_tracks(db: Connection, artist_id: int) -> dict[int, float]:
    rows = db.rows(
        "SELECT o.artist_id, CAST(count(DISTINCT o.track_id) AS BIGINT) FROM credit c"
        " JOIN credit o ON o.track_id = c.track_id AND o.role IN ('artist', 'albumartist')"
        " WHERE c.artist_id = :artist AND o.artist_id <> :artist GROUP BY o.artist_id", artist=artist_id,
    )  # fmt: skip
    return {artist: min(count, 10) / 10 for artist, count in rows}


def _told(db: Connection, artist_id: int) -> dict[int, float]:
    """Return artist id → 0 to 1, of those artists here whom an outside source names, in its order."""
    named = outside.about(db, ARTIST, artist_id).similar
    found = artists.known(db, named)
    return {artist: 1.0 - at / len(named) for at, artist in enumerate(found) if artist is not None}


class Taste(NamedTuple):
    """What the tracks that a question is about have in common."""

    seeds: tuple[int, ...]
    artist_id: int | None
    genres: frozenset[int]
    moods: frozenset[str]
    year: int
    bpm: int


class Candidate(NamedTuple):
    id: int
    artist_id: int | None
    year: int
    more: dict
    rating: float
    """What the viewer gave it, or everybody's average; 0 when nobody did."""
    plays: int


@long
def tracks_like(db: Connection, viewer: Viewer, prefix: str, number: int, size: int,
                engine: Engine | None = None) -> list[Faced]:
    """Return tracks that go with an artist, album, track or folder, best first but never one artist all along.

    Raises NotFound.
    """
    leading = artist_of(db, viewer, prefix, number)
    seeds = _seeds(db, viewer, prefix, number)
    chosen = dict.fromkeys(_heard(db, viewer, seeds, size, engine))
    if len(chosen) < size and seeds:
        never = set(engine.unwanted(db, viewer)) if engine is not None else set()
        matching = _matching(db, viewer, _taste(db, seeds, leading), size, Random(number))
        chosen |= dict.fromkeys(track for track in matching if track not in never)
    if prefix == "tr":
        chosen.pop(number, None)
    return tracks.page(db, viewer, list(chosen)[:size])


def _seeds(db: Connection, viewer: Viewer, prefix: str, number: int) -> list[int]:
    if prefix == "tr":
        return [number]
    if prefix == "ar":
        return artists.top_tracks(db, viewer, number, SEEDS)
    column = "album_id" if prefix == "al" else "folder_id"
    return [track for (track,) in db.rows(
        f"SELECT id FROM track WHERE {column} = :id AND missing_ms IS NULL AND {_HERE} ORDER BY disc, track, id"
        " LIMIT :most", id=number, libraries=viewer.libraries, most=SEEDS,
    )]  # fmt: skip


def _heard(db: Connection, viewer: Viewer, seeds: list[int], size: int, engine: Engine | None) -> list[int]:
    """Return what sounds like some tracks."""
    if engine is None or not seeds or not engine.active(db):
        return []
    return engine.like(db, viewer, seeds, size)


def _taste(db: Connection, seeds: list[int], leading: int | None) -> Taste:
    rows = db.rows("SELECT t.year, t.more FROM EACH(:ids) e JOIN track t ON t.id = e.id", ids=seeds)
    more = [orjson.loads(text or "{}") for _, text in rows]
    years = [year for year, _ in rows if year]
    speeds = [each["bpm"] for each in more if each.get("bpm")]
    return Taste(
        tuple(seeds), leading, frozenset().union(*_genres(db, seeds).values()),
        frozenset(fold(mood) for each in more for mood in each.get("moods", ())),
        int(median(years)) if years else 0, int(median(speeds)) if speeds else 0,
    )  # fmt: skip


def _genres(db: Connection, ids: Sequence[int]) -> dict[int, set[int]]:
    found: dict[int, set[int]] = {}
    for track, genre in db.rows(
        "SELECT g.track_id, g.genre_id FROM EACH(:ids) e JOIN track_genre g ON g.track_id = e.id", ids=ids
    ):
        found.setdefault(track, set()).add(genre)
    return found


def _matching(db: Connection, viewer: Viewer, taste: Taste, size: int, chance: Random) -> list[int]:
    """Return tracks by how well they fit a taste, an artist's next one later the more of them came before."""
    near = dict(list(_near(db, viewer, taste.artist_id).items())[:NEIGHBOURS]) if taste.artist_id else {}
    best = max(near.values(), default=1.0)
    fits = {artist: how / best for artist, how in near.items()} | {taste.artist_id: OWN}
    together = listening.with_tracks(db, taste.seeds)
    # Where few artists are near, or there is only one, each has to have more.
    each = max(PER_ARTIST, 2 * size // len(fits))
    wanted = artists.some_tracks(db, [artist for artist in fits if artist], each)
    found = _candidates(db, viewer, list(dict.fromkeys([*wanted, *together])))
    genres = _genres(db, [each.id for each in found])
    scores = {
        each.id: fits.get(each.artist_id, 0.0)
        + _resemblance(taste, each, genres.get(each.id, set()))
        + 2.0 * together.get(each.id, 0.0)
        + 0.15 * (each.rating - 3 if each.rating else 0)
        + 0.1 * log1p(min(each.plays, 50))
        + 0.1 * chance.random()
        for each in found
    }
    return _in_turns(scores, {each.id: each.artist_id for each in found})


def _candidates(db: Connection, viewer: Viewer, ids: list[int]) -> list[Candidate]:
    """Read what is to be compared, without what the viewer may not hear or does not like."""
    rows = db.rows(
        "SELECT t.id, t.artist_id, t.year, t.more, m.rating, r.total, r.count, CAST(coalesce((SELECT sum(a.play_count)"
        "  FROM mark a WHERE a.kind = 3 AND a.item_id = t.id), 0) AS BIGINT) FROM EACH(:ids) e"
        " JOIN track t ON t.id = e.id LEFT JOIN mark m ON m.user_id = :user AND m.kind = 3 AND m.item_id = t.id"
        " LEFT JOIN rating r ON r.kind = 3 AND r.item_id = t.id"
        f" WHERE t.missing_ms IS NULL AND t.{_HERE} ORDER BY t.id",
        ids=ids, user=viewer.user_id, libraries=viewer.libraries,
    )  # fmt: skip
    return [
        Candidate(number, artist, year, orjson.loads(more or "{}"), own or (total / count if count else 0.0), plays)
        for number, artist, year, more, own, total, count, plays in rows if own not in (1, 2)
    ]  # fmt: skip


def _resemblance(taste: Taste, one: Candidate, genres: set[int]) -> float:
    """Return how much a track is like a taste by its tags, 0 to 2.5."""
    either = len(taste.genres | genres)
    score = len(taste.genres & genres) / either if either else 0.0
    moods = {fold(mood) for mood in one.more.get("moods", ())}
    if taste.moods and moods:
        score += 0.5 * len(taste.moods & moods) / len(taste.moods | moods)
    if taste.bpm and (bpm := one.more.get("bpm")):
        score += 0.3 * exp(-abs(taste.bpm - bpm) / 12)
    return score + 0.7 * _of_the_time(taste.year, one.year)


def _in_turns(scores: dict[int, float], artist_of_track: dict[int, int | None]) -> list[int]:
    seen: dict[int | None, int] = {}
    later: dict[int, float] = {}
    for track in sorted(scores, key=lambda track: (-scores[track], track)):
        artist = artist_of_track[track]
        later[track] = scores[track] - 0.35 * seen.get(artist, 0)
        seen[artist] = seen.get(artist, 0) + 1
    return sorted(later, key=lambda track: (-later[track], track))
