"""Similar songs: what sounds like songs, albums, artists, playlists or genres, and why.

Many seeds are no mean of them: an album of loud and quiet songs has two kinds of
neighbours and none in the middle, so the seeds are asked about one by one and
the nearest of all wins. The rule a newcomer would break: numbers only rank what
one question found.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from math import dist, log
from random import Random
from types import MappingProxyType
from typing import NamedTuple

from ai import analyses, explain, sift, spaces, vectors
from ai.analyses import Analysis
from ai.explain import UNTAGGED, Tags
from ai.minds import Minds
from ai.spaces import SIMILAR, Space, Vector
from server.kernel.db import Connection, long
from server.kernel.errors import Invalid, NotFound, Unavailable
from server.kernel.named import loaded
from server.library import tracks
from server.playlists import contents
from server.playlists.contents import Item
from server.users.people import Viewer

GENRE = "genre"
SEEDS = 8
"""So many tracks stand for an album, an artist or a playlist: spread over it evenly."""
POOL, POOL_MAX = 4, 600
"""So many times as many tracks as are wanted are looked at."""
PART = 5
"""An artist has one of so many tracks at most, and two in any case."""
ROUND = 3
"""So often others are looked for beyond artists who fill a whole neighbourhood."""
DISLIKED = 12
YEARS = 10.0
MOODS = ("happy", "sad", "aggressive", "relaxed", "energy", "valence")
UNKNOWN = 0.5
"""What a term counts where one of the two is not known: neither like nor unlike."""
AWAY: list[Callable[[Connection, Viewer], Mapping[int, float]] | str] = ["ai.taste:away"]
"""Who knows what a viewer does not like: track → 0 to 1, 1 for what must never come, less for what was skipped. A name
stands for one that itself needs this module."""


class Knobs(NamedTuple):
    """What counts, and how much: 1 as usual, 0 not at all, 3 three times as much."""

    sound: float = 1.0
    rhythm: float = 1.0
    harmony: float = 1.0
    mood: float = 0.0
    era: float = 0.0
    adventurousness: float = 0.0
    """0 for the nearest there is, 1 for a walk about the neighbourhood; the same question gives the same walk."""

    def blocks(self) -> dict[str, float]:
        return {"timbre": self.sound, "contrast": self.sound, "spectral": self.sound, "dynamics": self.sound,
                "rhythm": self.rhythm, "tonal": self.harmony}  # fmt: skip

    def checked(self) -> "Knobs":
        """Return these knobs, or raise Invalid when one is turned too far."""
        for name, value in self._asdict().items():
            most = 1 if name == "adventurousness" else 3
            if not 0 <= value <= most:
                raise Invalid(f"{name} goes from 0 to {most}.")
        if not self.sound + self.rhythm + self.harmony:
            raise Invalid("At least one of sound, rhythm and harmony has to count.")
        return self


USUAL = Knobs()


class Found(NamedTuple):
    track_id: int
    closeness: float
    """0 to 1, to the nearest of the seeds."""
    reasons: tuple[str, ...]


class Candidate(NamedTuple):
    track: int
    seed: int
    """The seed that it is nearest to."""
    distance: float
    """Measured against how crowded it is around both; as far as `Space.d50` is half as near as can be."""
    score: float
    """Less is better; 1 is the half distance."""


@long
def like(db: Connection, minds: Minds, viewer: Viewer, seeds: Sequence[Item | str], count: int,
         knobs: Knobs = USUAL, without: Iterable[int] = ()) -> list[Found]:  # fmt: skip
    """Return what sounds like some things, most alike first, each with its reasons; names stand for genres.

    No song of a named song, album, folder or playlist is among it; of artists and genres there may be more. None of
    `without` is, no recording is twice. Raises NotFound when nothing of the seeds is there, Unavailable while nothing
    can be compared.
    """
    space = usable(db)
    own = seed_tracks(db, viewer, seeds)
    known = [seed for seed in seeds if isinstance(seed, Item) and seed.kind != "ar"]
    left_out = {*without, *contents.tracks_of(db, viewer, known)}
    chosen = heard(db, space, own)
    pool = varied(db, minds, viewer, space, chosen, count, knobs, left_out)
    taken = sifted(db, minds, viewer, space, pool, count, [track for track in chosen if track in left_out])
    return told(db, viewer, space, taken)


def usable(db: Connection) -> Space:
    """Return the space in which songs are compared. Raises Unavailable with the reason while there is none."""
    space = spaces.active(db, SIMILAR)
    if space is None:
        raise Unavailable(
            vectors.trouble(db) or "Too few songs have been listened to so far: this begins with 50 of them.",
            retry_after_s=600,
        )
    return space


def seed_tracks(db: Connection, viewer: Viewer, seeds: Sequence[Item | str]) -> list[int]:
    """Return the tracks of songs, albums, artists, folders, playlists and genres. Raises NotFound without any."""
    found = contents.tracks_of(db, viewer, [seed for seed in seeds if isinstance(seed, Item)])
    for genre in (seed for seed in seeds if isinstance(seed, str)):
        found += tracks.by_genre(db, viewer.libraries, genre)[: contents.TRACKS_MAX]
    if not found:
        raise NotFound("There is no such song, album, artist, playlist or genre.")
    return list(dict.fromkeys(found))


def heard(db: Connection, space: Space, ordered: Sequence[int]) -> list[int]:
    """Return the few tracks that stand for many. Raises Unavailable when none of them was listened to."""
    some = spread(ordered, 50 * SEEDS)
    known = vectors.of(db, space, some)
    if not known:
        raise Unavailable("This has not been listened to yet.", retry_after_s=600)
    return spread([track for track in some if track in known], SEEDS)


def spread(ordered: Sequence[int], count: int) -> list[int]:
    """Return so many of some tracks, evenly over their order."""
    if len(ordered) <= count:
        return list(ordered)
    return [ordered[(2 * at + 1) * len(ordered) // (2 * count)] for at in range(count)]


def candidates(db: Connection, minds: Minds, viewer: Viewer, space: Space, seeds: Sequence[int], count: int,
               knobs: Knobs = USUAL, without: Iterable[int] = (), away: Mapping[int, float] = MappingProxyType({}),
               dice: str = "") -> list[Candidate]:  # fmt: skip
    """Return the neighbours of some tracks, best first by what the knobs and the viewer's dislikes say.

    What must not come is in `without`; several tracks of one recording may be among them: see `sifted`. `away` is
    disliked in this session, as `AWAY` is always; other `dice` make another walk where the knobs say adventurous.
    """
    knobs = knobs.checked()
    lasting = disliked(db, viewer)
    away = lasting | {track: max(how, lasting.get(track, 0.0)) for track, how in away.items()}
    never = {*without, *(track for track, how in away.items() if how >= 1)}
    size = max(count + 20, min(POOL_MAX, round(POOL * count * (1 + 2 * knobs.adventurousness)) + 20))
    near = vectors.nearest_each(
        db, minds, viewer, space, [[(seed, None, 1.0)] for seed in seeds], size, sorted(never),
        knobs.blocks() if space.layout else None,
    )  # fmt: skip
    best: dict[int, tuple[float, int]] = {}
    crowd = _crowds(db, space, [*seeds, *{track for found in near for track, _ in found}])
    for seed, found in zip(seeds, near, strict=True):
        for track, apart in found:
            distance = apart / (crowd.get(seed, 1.0) * crowd.get(track, 1.0)) ** 0.5
            best[track] = min(best.get(track, (distance, seed)), (distance, seed))
    pool = [Candidate(track, seed, distance, (distance / space.d50) ** 2) for track, (distance, seed) in best.items()]
    pool = sorted(pool, key=lambda each: (each.score, each.track))[: max(size, POOL_MAX)]
    return _ranked(db, viewer, space, pool, knobs, away, dice)


def varied(db: Connection, minds: Minds, viewer: Viewer, space: Space, seeds: Sequence[int], count: int,
           knobs: Knobs = USUAL, without: Iterable[int] = (), away: Mapping[int, float] = MappingProxyType({}),
           dice: str = "") -> list[Candidate]:  # fmt: skip
    """Return `candidates`, and others with them where a few artists have all that is near: all works of a composer."""
    without = set(without)
    pool = candidates(db, minds, viewer, space, seeds, count, knobs, without, away, dice)
    for _ in range(ROUND):
        few, rest, full = _thinned(db, pool, count)
        without |= {row[0] for row in db.rows(
            "SELECT DISTINCT c.track_id FROM EACH(:ids) e JOIN credit c ON c.artist_id = e.id AND c.role = 'artist'",
            ids=full,
        )} if full else set()  # fmt: skip
        known = {each.track for each in pool}
        more = candidates(db, minds, viewer, space, seeds, count, knobs, without, away, dice) if full else []
        more = [each for each in more if each.track not in known]
        if not more:
            break
        pool = sorted([*few, *more], key=lambda each: (each.score, each.track)) + rest
    return pool


def _thinned(db: Connection, pool: Sequence[Candidate],
             count: int) -> tuple[list[Candidate], list[Candidate], list[int]]:  # fmt: skip
    """Return of the candidates some of each artist, the rest, and the artists of whom there are more than there may be,
    where others are too few."""
    first, most = pool[: POOL * count + 20], max(2, count // PART)
    rows = sift.rows(db, [each.track for each in first])
    so_many: Counter[int] = Counter()
    few, rest = [], list(pool[len(first) :])
    for each in first:
        artist = rows[each.track].artist_id if each.track in rows else 0
        so_many[artist] += 1
        (few if not artist or so_many[artist] <= 2 * most else rest).append(each)
    if so_many.pop(0, 0) + sum(min(most, times) for times in so_many.values()) >= count:
        return list(pool), [], []
    return few, rest, sorted(artist for artist, times in so_many.items() if times > most)


def _crowds(db: Connection, space: Space, track_ids: Sequence[int]) -> dict[int, float]:
    """Return by how much less or more than usual each track is crowded: 1 as usual, below where many lie near."""
    if not space.spread:
        return {}
    return {track: min(2.0, max(0.5, spread / space.spread)) for track, spread in
            spaces.spreads(db, space, track_ids).items()}  # fmt: skip


def disliked(db: Connection, viewer: Viewer) -> dict[int, float]:
    """Return what this viewer does not like, as far as anybody knows."""
    found: dict[int, float] = {}
    for ask in AWAY:
        for track, how in loaded(ask)(db, viewer).items():
            found[track] = max(found.get(track, 0.0), how)
    return found


def _ranked(db: Connection, viewer: Viewer, space: Space, pool: list[Candidate], knobs: Knobs,
            away: Mapping[int, float], dice: str) -> list[Candidate]:  # fmt: skip
    """Return the pool by all that counts beside the distance."""
    extra = {each.track: 0.0 for each in pool}
    both = [*{each.seed for each in pool}, *extra]
    if knobs.mood:
        known = analyses.of(db, viewer, both)
        for each in pool:
            extra[each.track] += knobs.mood * _mood_apart(known.get(each.seed), known.get(each.track))
    if knobs.era:
        facts = sift.rows(db, both)
        for each in pool:
            years = facts[each.seed].year, facts[each.track].year
            extra[each.track] += knobs.era * (min(4.0, (abs(years[0] - years[1]) / YEARS) ** 2) if all(years)
                                              else UNKNOWN)  # fmt: skip
    for track, push in _pushed(db, space, pool, away).items():
        extra[track] += push
    if knobs.adventurousness:
        # Gumbel's noise makes the order a draw in which better ones are likelier.
        chance = Random(dice or " ".join(str(each.seed) for each in pool[:3]))
        for track in extra:
            extra[track] -= 0.5 * knobs.adventurousness * -log(-log(chance.uniform(1e-9, 1 - 1e-9)))
    ranked = [each._replace(score=each.score + extra[each.track]) for each in pool]
    return sorted(ranked, key=lambda each: (each.score, each.track))


def _mood_apart(one: Analysis | None, other: Analysis | None) -> float:
    """Return the squared distance of two moods, about 1 for those that differ as songs usually do."""
    if one is None or other is None:
        return UNKNOWN
    pairs = [(one.get(name), other.get(name)) for name in MOODS]
    known = [(a - b) ** 2 for a, b in pairs if a is not None and b is not None]
    return min(4.0, sum(known) / len(known) / 0.25**2) if known else UNKNOWN


def _pushed(db: Connection, space: Space, pool: list[Candidate], away: Mapping[int, float]) -> dict[int, float]:
    """Return how far each candidate is pushed down by what is disliked near it."""
    strongest = sorted(away, key=lambda track: -away[track])[:DISLIKED]
    points = vectors.points(db, space, [*strongest, *(each.track for each in pool)]) if strongest else {}
    pushed: dict[int, float] = {}
    for bad in strongest:
        for each in pool:
            if bad in points and each.track in points:
                how = away[bad] * vectors.closeness(space, 1.5 * dist(points[bad], points[each.track]))
                pushed[each.track] = max(pushed.get(each.track, 0.0), 2 * how)
    return pushed


def sifted(db: Connection, minds: Minds, viewer: Viewer, space: Space, pool: Sequence[Candidate], count: int,
           heard: Iterable[int] = ()) -> list[Candidate]:  # fmt: skip
    """Return so many of the candidates, no recording twice nor one of `heard`, no artist all along."""
    pool = pool[: POOL * count + 20]
    ordered, heard = [each.track for each in pool], list(heard)
    known = sift.rows(db, [*ordered, *heard])
    first = min(2 * count + 10, sift.COMPARED - len(heard))
    points = vectors.of(db, space, [*heard, *ordered[: max(0, first)]])
    copies = sift.Copies(db, minds, space, known, points)
    artist_of = {track: row.artist_id for track, row in known.items()}
    taken = sift.take(ordered, count, copies, artist_of, max(2, count // PART), heard)
    by_track = {each.track: each for each in pool}
    return [by_track[track] for track in taken]


def told(db: Connection, viewer: Viewer, space: Space, taken: Sequence[Candidate]) -> list[Found]:
    """Return what was taken with closeness and reasons, each against the seed that it is nearest to."""
    why = reasons(db, viewer, space, [(each.seed, each.track) for each in taken])
    return [Found(each.track, round(vectors.closeness(space, each.distance), 4), why[each.seed, each.track])
            for each in taken]  # fmt: skip


def reasons(db: Connection, viewer: Viewer, space: Space,
            pairs: Sequence[tuple[int, int]]) -> dict[tuple[int, int], tuple[str, ...]]:  # fmt: skip
    """Return for each (from, to) why the second goes with the first; in four statements for all of them."""
    both = sorted({track for pair in pairs for track in pair})
    known, points, facts = analyses.of(db, viewer, both), vectors.of(db, space, both), sift.rows(db, both)
    genres: dict[int, tuple[str, ...]] = {}
    for track, name in db.rows(
        "SELECT g.track_id, n.name FROM EACH(:ids) e JOIN track_genre g ON g.track_id = e.id"
        " JOIN genre n ON n.id = g.genre_id ORDER BY n.name", ids=both,
    ):  # fmt: skip
        genres[track] = (*genres.get(track, ()), name)
    tags = {track: Tags(row.artist, row.year, genres.get(track, ())) for track, row in facts.items()}
    found = {}
    for one, other in pairs:
        a, b = points.get(one), points.get(other)
        near = vectors.closeness(space, dist(a, b)) if a and b else 0.0
        found[one, other] = explain.reasons(
            known.get(one), known.get(other), tags.get(one, UNTAGGED), tags.get(other, UNTAGGED),
            block_shares(space, a, b), near,
        )  # fmt: skip
    return found


def block_shares(space: Space, a: Vector | None, b: Vector | None) -> dict[str, float]:
    """Return for each block the distance as a share of what counts as near."""
    if a is None or b is None or len(space.near) != len(space.layout):
        return {}
    found, start = {}, 0
    for (name, size), near in zip(space.layout, space.near, strict=True):
        if near > 0:
            found[name] = dist(a[start : start + size], b[start : start + size]) / near
        start += size
    return found
