"""Recommendations: what somebody could like to hear, each song with its reason in words.

Candidates of several sources are ranked by how well they fit a taste, then taken
one after the other so that they differ. The rule a newcomer would break: it
works from the first minute, without a play and without an analysis, and says
what it goes by.
"""

from collections.abc import Collection, Mapping, Sequence
from math import ceil, dist, exp
from statistics import median

from ai import because, candidates, history, modes, sift, spaces, vectors
from ai.candidates import ARTIST, CENTRAL, FORGOTTEN, GENRE, LIKED, NEW, NEWEST, POPULAR, SOUND, TOGETHER, Strengths
from ai.history import History
from ai.listener import BASIS_NOTHING, BASIS_SOUND, BASIS_TAGS, Pick, Profile, Ranked, Wish
from ai.minds import Minds
from ai.modes import Mode
from ai.sift import Copies
from ai.spaces import SIMILAR, Space
from ai.taste import DAY_MS, faded
from ai.vectors import Point
from server.kernel.clock import Millis
from server.kernel.db import Connection, long
from server.library import tracks
from server.users.people import Viewer

WEIGHTS = {
    SOUND: 0.45, TOGETHER: 0.2, ARTIST: 0.12, GENRE: 0.12, NEW: 0.08, FORGOTTEN: 0.15, LIKED: 0.0,
    POPULAR: 0.4, CENTRAL: 0.3, NEWEST: 0.3,
}  # fmt: skip
FILLING = {POPULAR: 0.06, CENTRAL: 0.04, NEWEST: 0.04}
"""What the same counts where it only fills up what a taste finds too little of."""
ERA, ERA_YEARS = 0.05, 12.0
KNOWN = 0.5
"""What a favourite counts in lists that may be of favourites."""
AGAIN, AGAIN_MS, AGAIN_IN_KNOWN = 0.5, 4 * DAY_MS, 0.15
"""What it counts against a song that it was heard a moment ago, and after how long half of that."""
PUSH, DISLIKED = 0.6, 12
POOL = 250
"""So many are looked at when a list is put together."""
COMPARED = 120
"""So many of these, and of the favourites, are held against each other by fingerprint."""
LIKENESS = 0.3
"""How much being like what is in the list already counts against being good (maximal marginal relevance, 0.7)."""
CAP, CAP_IN = 2, 10
"""An artist has two of ten songs, and up to twice as many before something comes that does not fit at all."""
FITS = 0.4
"""What fits has so large a share of the best score."""
LIKED_OF_MODE, NEAREST, MIDDLE = 16, 3, 0.25
"""So many of a mode's favourites are held against a song, the nearest of them count, and its middle so much."""
OF_MODE = 0.75
"""What belongs to a mode is at least so near to its middle as its own songs are in the mean."""


@long
def profile(db: Connection, minds: Minds, viewer: Viewer, until_ms: Millis | None = None,
            hour: int | None = None) -> Profile:  # fmt: skip
    """Return what is known of the viewer's taste, now or as it was at a moment."""
    known, space = history.of(db, viewer, until_ms, hour), spaces.active(db, SIMILAR)
    found = modes.of(db, minds, space, known)
    heard = any(mode.centre is not None for mode in found)
    basis = (BASIS_SOUND if heard else BASIS_TAGS) if found else BASIS_NOTHING
    return Profile(known, space, found, basis)


@long
def recommend(db: Connection, minds: Minds, viewer: Viewer, count: int, fresh: float = 0.5,
              without: Collection[int] = (), hour: int | None = None) -> tuple[str, list[Pick]]:  # fmt: skip
    """Return what the viewer could like, with what it was chosen by."""
    one = profile(db, minds, viewer, hour=hour)
    return one.basis, pick(db, minds, viewer, one, Wish(count, fresh, known=fresh < 0.5, without=without))


def rank(db: Connection, minds: Minds, viewer: Viewer, one: Profile, wish: Wish) -> Ranked:
    """Return all candidates with their scores, as far as the viewer may hear them and wants to."""
    chosen = [wish.mode] if wish.mode else list(one.modes)
    sources: dict[str, Strengths] = {}
    if chosen:
        sources = candidates.all_of(db, minds, viewer, one.space, one.history, chosen, wish.dice, wish.present)
    pool = _pool(db, viewer, one, wish, sources)
    new = sum(track not in one.history.played for track in pool)
    if wish.only is None and wish.mode is None and (len(pool) < wish.count or new < wish.fresh * wish.count):
        sources |= candidates.for_anybody(db, minds, viewer, one.space, wish.present)
        pool = _pool(db, viewer, one, wish, sources)
    points = vectors.points(db, one.space, pool) if one.space else {}
    known = modes.tags(db, pool)
    if chosen:
        sources[SOUND] = _fit(db, one.space, chosen, points) if one.space else {}
    away = _push(db, one, points)
    weights = dict(WEIGHTS) | (FILLING if chosen else {}) | ({LIKED: KNOWN} if wish.known else {})
    scores = {}
    for track in pool:
        score = sum(weights[name] * strengths.get(track, 0.0) for name, strengths in sources.items())
        score += ERA * max((_era(mode.year, known[track].year) for mode in chosen), default=0.0)
        scores[track] = score - away.get(track, 0.0) - _again(one.history, track, wish.known)
    return Ranked(scores, sources, known, points)


def pick(db: Connection, minds: Minds, viewer: Viewer, one: Profile, wish: Wish) -> list[Pick]:
    """Return so many songs that fit and differ, the best first, each with its reason."""
    ranked = rank(db, minds, viewer, one, wish)
    new = _never_heard(db, one.history, ranked)
    order = ranked.order
    # What is new must not be crowded out of the part that is looked at.
    pool = list(dict.fromkeys([*order[:POOL], *[track for track in order if track in new][:POOL]]))
    if wish.mode is not None:
        pool = _of_mode(ranked, wish.mode, pool)
    finished = sorted(one.history.finished, key=lambda track: (-one.history.weights[track], track))[:COMPARED]
    compared = [*pool[:COMPARED], *finished]
    points = vectors.of(db, one.space, compared) if one.space else {}
    copies = Copies(db, minds, one.space, sift.rows(db, [*pool, *finished]), points)
    # Another pressing of what somebody knows is not new to them.
    new -= {track for track in pool[:COMPARED] if track in new and any(copies.same(track, own) for own in finished)}
    taken = _different(one, ranked, pool, wish, new, copies)
    why = because.reasons(db, one, ranked, taken)
    return [Pick(track, reason) for track, reason in zip(taken, why, strict=True)]


def _pool(db: Connection, viewer: Viewer, one: Profile, wish: Wish, sources: Mapping[str, Strengths]) -> list[int]:
    """Return what may be chosen from."""
    pool = set(wish.only) if wish.only is not None else {track for each in sources.values() for track in each}
    pool -= {*wish.without, *(track for track, how in one.history.away.items() if how >= 1)}
    if wish.mode is not None:
        pool -= {track for mode in one.modes for track in mode.tracks} - set(wish.mode.tracks)
    if not wish.known:
        pool -= _favourites(one.history, sources)
    return tracks.visible(db, viewer, sorted(pool))


def _favourites(known: History, sources: Mapping[str, Strengths]) -> set[int]:
    """Return what somebody plays anyhow, but for what they have forgotten."""
    lately = {track for track in known.weights if track in known.last_ms}
    return lately - set(sources.get(FORGOTTEN, ()))


def _fit(db: Connection, space: Space, chosen: Sequence[Mode], points: Mapping[int, Point]) -> Strengths:
    """Return how near each track is to some mode, to its middle and to what is liked most in it; larger modes count a
    little more than smaller ones."""
    largest = max(mode.share for mode in chosen)
    found = dict.fromkeys(points, 0.0)
    for mode in (each for each in chosen if each.centre is not None):
        weight = 0.6 + 0.4 * (mode.share / largest) ** 0.5
        liked, centre = vectors.points(db, space, mode.tracks[:LIKED_OF_MODE]), tuple(mode.centre)
        for track, point in points.items():
            near = sorted(dist(point, other) for own, other in liked.items() if own != track)[:NEAREST]
            beside = sum(vectors.closeness(space, each) for each in near) / len(near) if near else 0.0
            middle = vectors.closeness(space, dist(centre, point))
            found[track] = max(found[track], weight * (MIDDLE * middle + (1 - MIDDLE) * beside))
    return found


def _era(year: int, other: int) -> float:
    return exp(-(((year - other) / ERA_YEARS) ** 2)) if year and other else 0.0


def _push(db: Connection, one: Profile, points: Mapping[int, Point]) -> Strengths:
    """Return how far each track is pushed down: for what it is, and for lying near what is disliked or skipped."""
    away = one.history.away
    found = {track: PUSH * how for track, how in away.items()}
    if one.space is None:
        return found
    strongest = sorted(away, key=lambda track: (-away[track], track))[:DISLIKED]
    for bad, centre in (vectors.points(db, one.space, strongest) if strongest else {}).items():
        for track, point in points.items():
            how = PUSH * away[bad] * vectors.closeness(one.space, 1.5 * dist(centre, point))
            found[track] = max(found.get(track, 0.0), how)
    return found


def _again(known: History, track: int, favourites: bool) -> float:
    last_ms = known.last_ms.get(track)
    if last_ms is None:
        return 0.0
    return (AGAIN_IN_KNOWN if favourites else AGAIN) * faded(known.now_ms - last_ms, AGAIN_MS)


def _of_mode(ranked: Ranked, mode: Mode, pool: list[int]) -> list[int]:
    """Return what lies about as near to the middle of a mode as its own tracks; by genre where no sound is known."""
    sound, own = ranked.sources[SOUND], set(mode.tracks)
    near = [sound[track] for track in mode.tracks if track in sound]
    least = OF_MODE * median(near) if near else 0.0
    by_tags = {*ranked.sources[GENRE], *ranked.sources[ARTIST]}
    return [track for track in pool
            if track in own or (sound[track] >= least if track in sound else track in by_tags)]  # fmt: skip


def _never_heard(db: Connection, known: History, ranked: Ranked) -> set[int]:
    """Return the candidates that the viewer never played, nor another file of the same song."""
    played = {row.name for row in sift.rows(db, known.played).values()} - {None}
    rows = sift.rows(db, ranked.scores)
    return {track for track, row in rows.items() if track not in known.played and row.name not in played}


def _different(one: Profile, ranked: Ranked, pool: list[int], wish: Wish, new: set[int],
               copies: Copies) -> list[int]:  # fmt: skip
    """Take the best that is not too much like what was taken, as often as one artist may come."""
    taken: list[int] = []
    likeness = dict.fromkeys(pool, 0.0)
    heard_most = wish.count - ceil(wish.fresh * wish.count)
    least = FITS * max((ranked.scores[track] for track in pool), default=0.0)
    left = list(pool)
    while left and len(taken) < wish.count:
        heard = sum(track not in new for track in taken)
        allowed = [track for track in left if track in new or heard < heard_most] or left
        best = max(_few_of_one(ranked, allowed, taken, least), key=lambda track: (
            (1 - LIKENESS) * ranked.scores[track] - LIKENESS * likeness[track], -track))  # fmt: skip
        taken.append(best)
        left = [track for track in left if not copies.same(track, best)]
        for track in left:
            likeness[track] = max(likeness[track], _alike(one.space, ranked, track, best))
    return taken


def _few_of_one(ranked: Ranked, allowed: list[int], taken: list[int], least: float) -> list[int]:
    """Return what fits and gives no artist too many of the last ten; where there is nothing of the kind, what comes
    nearest to that."""
    fitting = [track for track in allowed if ranked.scores[track] >= least]
    last = [ranked.known[track].artist_id for track in taken[1 - CAP_IN :]]
    for tracks_of, cap in ((fitting, CAP), (fitting, 2 * CAP), (allowed, CAP)):
        full = {artist for artist in last if artist and last.count(artist) >= cap}
        if found := [track for track in tracks_of if ranked.known[track].artist_id not in full]:
            return found
    return allowed


def _alike(space: Space | None, ranked: Ranked, one: int, other: int) -> float:
    a, b = ranked.points.get(one), ranked.points.get(other)
    if space is not None and a is not None and b is not None:
        return vectors.closeness(space, dist(a, b))
    same = ranked.known[one].artist_id and ranked.known[one].artist_id == ranked.known[other].artist_id
    return 0.5 if same else 0.0
