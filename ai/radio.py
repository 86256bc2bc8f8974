"""Radio: what comes next, for ever, from anything as a seed; the first page of it is an instant mix.

Nothing is kept here: whoever listens says what was played and skipped, and gets
the next songs. The rule a newcomer would break: a session never hears a recording
twice, not even as another file.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from ai import seeds as seeding
from ai import sift, similar, vectors
from ai.minds import Minds
from ai.seeds import Seeds
from ai.similar import Candidate, Knobs
from ai.spaces import Space
from server.kernel.db import Connection, long
from server.library import tracks
from server.users.people import Viewer

SEEDS = 8
DRIFT = 3
"""So many of the songs heard to the end lead on, where the knob says adventurous."""
GAP, WINDOW, MOST = 3, 10, 2
"""An artist comes again after so many songs, and so often at most in so many."""
SKIPPED, FADES = 0.8, 0.9
"""How much a skip pushes what sounds like it down, and how much of that is left for each skip before it."""
REMEMBERED = 60
"""So many songs back a copy is looked for by its sound; by name and digest, as far as the session goes."""
USUAL = Knobs(adventurousness=0.3)
SPENT = "There is nothing left here that this session has not heard."


class Heard(NamedTuple):
    """What a session has heard, oldest first."""

    played: tuple[int, ...] = ()
    skipped: tuple[int, ...] = ()
    liked: tuple[int, ...] = ()

    def all(self) -> list[int]:
        return list(dict.fromkeys([*self.played, *self.skipped]))

    def finished(self) -> list[int]:
        skipped = set(self.skipped)
        return [track for track in self.played if track not in skipped]


class Next(NamedTuple):
    track_id: int
    closeness: float
    """0 to 1, to `like`."""
    like: int
    """The seed that it is nearest to."""
    reasons: tuple[str, ...]


class Programme(NamedTuple):
    tracks: list[Next]
    sentence: str
    """What is to be said of it; "" when all is well."""


@long
def after(db: Connection, minds: Minds, viewer: Viewer, seeds: Seeds, heard: Heard, count: int,
          knobs: Knobs = USUAL, dice: str = "") -> Programme:  # fmt: skip
    """Return what a radio plays next. The same `dice` makes the same radio; a session keeps its own.

    Raises NotFound where the seeds hold nothing, Unavailable while nothing can be compared.
    """
    space, heard = similar.usable(db), _visible(db, viewer, heard)
    leading = seeding.chosen(db, minds, viewer, space, seeds, SEEDS, dice)
    leading = list(dict.fromkeys([*leading, *_leading(db, space, heard, knobs)]))
    own = seeds.songs(db, viewer)
    pool = similar.varied(
        db, minds, viewer, space, leading, 2 * count, knobs, {*own, *heard.all()}, _pushing(heard), dice,
    )  # fmt: skip
    taken = _walk(db, minds, space, pool, count, [*own, *heard.all()])
    why = similar.reasons(db, viewer, space, [(each.seed, each.track) for each in taken])
    found = [
        Next(each.track, round(vectors.closeness(space, each.distance), 4), each.seed, why[each.seed, each.track])
        for each in taken
    ]
    return Programme(found, "" if len(found) == count else SPENT)


def _visible(db: Connection, viewer: Viewer, heard: Heard) -> Heard:
    """Return a session without what the viewer may not hear: whoever asks could have said anything."""
    allowed = set(tracks.visible(db, viewer, sorted({track for each in heard for track in each})))
    return Heard(*(tuple(track for track in each if track in allowed) for each in heard))


def _leading(db: Connection, space: Space, heard: Heard, knobs: Knobs) -> list[int]:
    """Return what leads on beside the seeds: what was liked, and on an adventurous walk what was heard to the end."""
    steps = round(DRIFT * knobs.adventurousness)
    wanted = [*heard.liked[-DRIFT:], *(heard.finished()[-steps:] if steps else [])]
    known = vectors.of(db, space, wanted)
    return [track for track in wanted if track in known]


def _pushing(heard: Heard) -> Mapping[int, float]:
    """Return how much each skip of the session pushes down; the newest says the most."""
    return {track: SKIPPED * FADES**age for age, track in enumerate(reversed(heard.skipped))}


def _walk(db: Connection, minds: Minds, space: Space, pool: Sequence[Candidate], count: int,
          heard: Sequence[int]) -> list[Candidate]:  # fmt: skip
    """Take the best again and again, so that no recording comes twice and no artist too often."""
    ordered = [each.track for each in pool]
    known = sift.rows(db, [*ordered, *heard])
    points = vectors.of(db, space, [*ordered[: 2 * count + 10], *heard[-REMEMBERED:]])
    copies = sift.Copies(db, minds, space, known, points)
    gone = {mark for track in heard for mark in copies.marks(track)}
    left, taken = list(pool), []
    artists = [_artist(known, track) for track in heard]
    while left and len(taken) < count:
        best = left.pop(_next(artists, [_artist(known, each.track) for each in left]))
        if not gone.isdisjoint(copies.marks(best.track)):
            continue
        taken.append(best)
        gone |= copies.marks(best.track)
        artists.append(_artist(known, best.track))
    return taken


def _artist(known: Mapping[int, sift.Row], track: int) -> int:
    return known[track].artist_id if track in known else 0


def _next(lately: Sequence[int], artists: Iterable[int]) -> int:
    """Return the place of the first artist who has not been heard too lately; of the first one where all have."""
    crowded = {artist for artist in lately[-WINDOW:] if lately[-WINDOW:].count(artist) >= MOST}
    for near in (crowded | set(lately[-GAP:]), set(lately[-1:])):
        found = next((at for at, artist in enumerate(artists) if not artist or artist not in near), None)
        if found is not None:
            return found
    return 0
