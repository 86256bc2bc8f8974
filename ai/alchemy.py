"""Alchemy: songs like these, and not like those.

No arithmetic of vectors, whose results nobody can explain: what is near to these
is looked at, and what is nearer to those goes. The rule a newcomer would break: an
exclusion that leaves little is said, with how far it would have to be loosened.
"""

from collections.abc import Mapping, Sequence
from math import dist
from typing import NamedTuple

from ai import seeds as seeding
from ai import similar, vectors
from ai.minds import Minds
from ai.seeds import Seeds
from ai.similar import USUAL, Candidate, Found, Knobs
from ai.vectors import Point
from server.kernel.db import Connection, long
from server.kernel.errors import Invalid
from server.users.people import Viewer

SEEDS = 8
LOOKED_AT = 130
"""So many songs near to these are looked at, or four times as many as are wanted."""


class Mixture(NamedTuple):
    tracks: list[Found]
    considered: int
    """How many songs near to these were looked at."""
    removed: int
    """How many of them the exclusion took."""
    loosen_to: float | None
    """The exclusion that would have left enough; None where enough is left."""
    sentence: str


@long
def mix(db: Connection, minds: Minds, viewer: Viewer, these: Seeds, those: Seeds, count: int,
        exclusion: float = 0.5, knobs: Knobs = USUAL, dice: str = "") -> Mixture:  # fmt: skip
    """Return songs like these that are not like those.

    `exclusion` 0 to 1: at 0.5 what is nearer to those than to these goes, at 1 also what is not twice as far from
    those, at 0 only those themselves. Raises NotFound, Invalid, Unavailable.
    """
    if not 0 <= exclusion <= 1:
        raise Invalid("The exclusion goes from 0 to 1.")
    space = similar.usable(db)
    liked = seeding.chosen(db, minds, viewer, space, these, SEEDS, dice)
    unliked = seeding.chosen(db, minds, viewer, space, those, SEEDS, dice) if those != Seeds() else []
    size = max(LOOKED_AT, 4 * count)
    named = these.songs(db, viewer) | those.songs(db, viewer)
    without = {*named, *unliked}
    pool = similar.candidates(db, minds, viewer, space, liked, size // similar.POOL, knobs, without, dice=dice)[:size]
    points = vectors.points(db, space, [*liked, *unliked, *(each.track for each in pool)])
    bounds = _bounds(points, pool, liked, unliked)
    kept = [each for each in pool if bounds[each.track] >= exclusion]
    taken = similar.sifted(db, minds, viewer, space, kept, count, sorted(named))
    loosen_to = _looser([bounds[each.track] for each in pool], count) if len(taken) < count else None
    loosen_to = loosen_to if loosen_to is not None and loosen_to < exclusion else None
    removed = len(pool) - len(kept)
    return Mixture(
        similar.told(db, viewer, space, taken), len(pool), removed, loosen_to,
        _sentence(len(taken), count, removed, len(pool), loosen_to),
    )  # fmt: skip


def _bounds(points: Mapping[int, Point], pool: Sequence[Candidate], liked: Sequence[int],
            unliked: Sequence[int]) -> dict[int, float]:  # fmt: skip
    """Return for each candidate the strongest exclusion that it outlasts."""
    found = {}
    for each in pool:
        own = points.get(each.track)
        if own is None or not unliked:
            found[each.track] = 1.0
            continue
        near = min(dist(own, points[seed]) for seed in liked)
        far = min(dist(own, points[seed]) for seed in unliked)
        found[each.track] = min(1.0, far / (2 * near)) if near > 0 else 1.0
    return found


def _looser(bounds: Sequence[float], count: int) -> float:
    """Return the exclusion that `count` of some candidates outlast, in hundredths."""
    ordered = sorted(bounds, reverse=True)
    return int(100 * ordered[min(count, len(ordered)) - 1]) / 100 if ordered else 0.0


def _sentence(found: int, wanted: int, removed: int, considered: int, loosen_to: float | None) -> str:
    if found >= wanted:
        return ""
    if not removed:
        return f"Only {found} songs are near enough to these."
    hint = f" Loosen it to {loosen_to:g} for more." if loosen_to is not None else ""
    return f"The exclusion removes {removed} of the {considered} songs near to these.{hint}"
