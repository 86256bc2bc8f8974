"""Why a song is recommended, in a phrase or two, from what its listener has done and what lies near it.

The rule a newcomer would break: a reason is true of this song and this person;
where there is none, it says so.
"""

from collections.abc import Mapping, Sequence
from math import dist

from ai import candidates, sift, vectors
from ai.candidates import ARTIST, CENTRAL, NEW, NEWEST, POPULAR, TOGETHER
from ai.history import History
from ai.listener import Profile, Ranked
from ai.spaces import Space
from ai.taste import DAY_MS
from ai.vectors import Point
from server.kernel.clock import Millis
from server.kernel.db import Connection

NEIGHBOURS = 200
"""So many of the songs that were finished, those liked most, are looked at."""
FAR = 1.5
"""So many half distances away nothing sounds alike."""
IN_SIGHT = 0.4


def reasons(db: Connection, one: Profile, ranked: Ranked, taken: Sequence[int]) -> list[str]:
    """Return for each track why it was taken, in one phrase or two."""
    finished = sorted(one.history.finished, key=lambda track: (-one.history.weights[track], track))[:NEIGHBOURS]
    near = vectors.points(db, one.space, finished) if one.space else {}
    titles = sift.rows(db, near)
    added = dict(db.rows("SELECT t.id, t.added_ms FROM EACH(:ids) e JOIN track t ON t.id = e.id", ids=list(taken)))
    how, unnamed = _how(db, one.history, taken), _unnamed(db)
    found = []
    for track in taken:
        said = [
            _of_time(one.history, ranked, track, added.get(track, 0), how[track]),
            _of_sound(one.space, near, titles, ranked.points.get(track)),
            *_of_tags(one, ranked, track, how[track], unnamed),
        ]
        said = [each for each in said if each]
        found.append(", ".join(said[:2]) or _of_place(one, ranked, track, unnamed))
    return found


def _unnamed(db: Connection) -> bool:
    """Tell whether what others play may be a reason: where two share a server, it says what the other one plays."""
    return db.value("SELECT CAST(count(*) AS BIGINT) FROM account") != 2


def _how(db: Connection, known: History, taken: Sequence[int]) -> dict[int, str]:
    """Return for each track what the viewer does with somebody who performs it: "star", "play", or only "like"."""
    by: dict[int, set[int]] = {track: set() for track in taken}
    for track, artist in db.rows(
        "SELECT c.track_id, c.artist_id FROM EACH(:ids) e JOIN credit c ON c.track_id = e.id AND c.role = 'artist'",
        ids=list(taken),
    ):  # fmt: skip
        by[track].add(artist)
    played = {artist for artist, track in db.rows(
        "SELECT c.artist_id, c.track_id FROM EACH(:ids) e JOIN credit c ON c.artist_id = e.id AND c.role = 'artist'",
        ids=sorted(set().union(*by.values())),
    ) if track in known.last_ms}  # fmt: skip
    return {track: "star" if artists & known.starred_artists else "play" if artists & played else "like"
            for track, artists in by.items()}  # fmt: skip


def _of_time(known: History, ranked: Ranked, track: int, added_ms: Millis, how: str) -> str:
    last_ms = known.last_ms.get(track)
    if last_ms is not None and (months := int((known.now_ms - last_ms) / DAY_MS / 30.4)) >= 2:
        return f"not heard for {months} months"
    days = int((known.now_ms - added_ms) / DAY_MS)
    if last_ms is not None or not 0 <= days < candidates.NEW_DAYS or track not in ranked.sources.get(NEW, {}):
        return ""
    when = "this week" if days < 7 else f"{days // 7} week{'s' * (days >= 14)} ago"
    theirs = how == "star" or track in ranked.sources.get(ARTIST, {})
    return f"added {when}" + (f" by an artist you {how}" if theirs else "")


def _of_sound(space: Space | None, near: Mapping[int, Point], titles: Mapping[int, sift.Row],
              point: Point | None) -> str:  # fmt: skip
    if space is None or point is None or not near:
        return ""
    close = sorted((dist(point, other), track) for track, other in near.items())
    count = sum(0 < vectors.closeness(space, distance) < 1 and distance <= space.d50 for distance, _ in close)
    if count >= 2:
        return f"you finished {count} of its neighbours"
    if close[0][0] <= FAR * space.d50 and close[0][1] in titles:
        return f"sounds like “{titles[close[0][1]].title}”, which you finished"
    return ""


def _of_tags(one: Profile, ranked: Ranked, track: int, how: str, unnamed: bool) -> list[str]:
    known = ranked.known[track]
    said = []
    if track in one.history.starred:
        said.append("starred by you")
    if unnamed and ranked.sources.get(TOGETHER, {}).get(track, 0.0) > 0.1:
        said.append("often heard beside what you play")
    if track in ranked.sources.get(ARTIST, {}):
        said.append(f"by {known.artist}, whom you {how}")
    liked = {genre for mode in one.modes for genre in mode.genres}
    if shared := [genre for genre in known.genres if genre in liked]:
        era = f" of the {known.year // 10 * 10}s" if known.year else ""
        said.append(f"{shared[0]}{era}, which you like")
    return said


def _of_place(one: Profile, ranked: Ranked, track: int, unnamed: bool) -> str:
    """Say the reason of last resort, which is true of anything here."""
    has = {name for name, strengths in ranked.sources.items() if track in strengths}
    if POPULAR in has and unnamed:
        return "played most here"
    if CENTRAL in has and not one.modes:
        return "at the heart of what this library sounds like"
    if NEWEST in has and not one.modes:
        return "among the newest here"
    near = [mode for mode in one.modes if mode.genres and mode.centre is not None and track in ranked.points]
    if near and one.space is not None:
        nearest = min(near, key=lambda mode: dist(mode.centre, ranked.points[track]))
        if vectors.closeness(one.space, dist(nearest.centre, ranked.points[track])) >= IN_SIGHT:
            return f"not far from the {nearest.genres[0]} that you play"
    return "something else for once"
