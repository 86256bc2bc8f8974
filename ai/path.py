"""Paths: songs that lead from the sound of one to that of another, a small step at a time.

The rule a newcomer would break: a path begins and ends where it was asked to and
is as long as it was asked to be, as far as there are songs for that.
"""

from collections.abc import Iterable
from itertools import pairwise
from typing import NamedTuple

from ai import sift, similar, vectors
from ai.minds import Minds
from ai.spaces import Space
from server.kernel.db import Connection, long
from server.kernel.errors import Invalid, Unavailable
from server.library import tracks
from server.users.people import Viewer

LONGEST = 200
AGAIN = 3
"""So often the walk is taken anew where a song turned up twice in it."""


class Step(NamedTuple):
    track_id: int
    closeness: float
    """To the first song, 0 to 1."""
    reasons: tuple[str, ...]
    """Why it follows the song before it; none for the first."""


@long
def between(db: Connection, minds: Minds, viewer: Viewer, start_id: int, end_id: int, count: int,
            without: Iterable[int] = (), explained: bool = True) -> list[Step]:  # fmt: skip
    """Return `count` steps from one song to another, both included, no recording twice.

    Raises NotFound for a song that is not there, Invalid for a length under 2 or over 200, Unavailable while one of
    the two has not been listened to.
    """
    if not 2 <= count <= LONGEST:
        raise Invalid(f"A path has 2 to {LONGEST} songs.")
    tracks.one(db, viewer, start_id)
    tracks.one(db, viewer, end_id)
    space = similar.usable(db)
    never = {*without, *(track for track, how in similar.disliked(db, viewer).items() if how >= 1)} - {start_id, end_id}
    walked = [start_id, *_inner(db, minds, viewer, space, (start_id, end_id), count - 2, never), end_id]
    if start_id == end_id:
        walked = walked[:1]
    near = vectors.distances(db, minds, space, start_id, walked)
    why = similar.reasons(db, viewer, space, list(pairwise(walked))) if explained else {}
    return [
        Step(track, round(vectors.closeness(space, distance), 4) if distance is not None else 0.0,
             why.get((before, track), ()))
        for before, track, distance in zip([0, *walked], walked, near, strict=False)
    ]  # fmt: skip


def _inner(db: Connection, minds: Minds, viewer: Viewer, space: Space, ends: tuple[int, int], count: int,
           never: set[int]) -> list[int]:  # fmt: skip
    """Return what lies between the ends. What is one recording with another of them is left out and walked around."""
    if len(vectors.of(db, space, ends)) < len(set(ends)):
        raise Unavailable("One of these songs has not been listened to yet.", retry_after_s=600)
    if count < 1 or ends[0] == ends[1]:
        return []
    found: list[int] = []
    for _ in range(AGAIN):
        walked = vectors.path(db, minds, viewer, space, *ends, count, sorted(never))
        both = [*ends, *walked]
        known, points = sift.rows(db, both), vectors.of(db, space, both)
        kept = sift.take(walked, count, sift.Copies(db, minds, space, known, points), {}, count, ends)
        found = kept if len(kept) >= len(found) else found
        if len(kept) == len(walked):
            break
        never |= set(walked) - set(kept)
    return found
