"""Flow: lists in the order in which they run best, and lists made from seeds; each step with its words and numbers.

The order is computed in a child, which knows no names; what a listener reads is said here. The rule a newcomer would
break: that takes a second or more, so a server asks on its event loop, between `asked` and `named`, and holds no thread
of the database meanwhile.
"""

from base64 import b64encode
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from ai import analyses, curves, explain, sift, similar, spaces, vectors
from ai.analyses import OK, Analysis
from ai.minds import Minds
from ai.similar import Knobs
from ai.spaces import SIMILAR
from server.kernel.db import Connection, long
from server.kernel.errors import Conflict, Invalid
from server.library import tracks
from server.playlists import contents, playlists
from server.playlists.contents import Item, Track
from server.playlists.playlists import Change
from server.users.people import Viewer

MIND = "order"
PATIENCE_S = 60
TRACKS_MAX = 3000
"""It takes some seconds for so many, and grows with their square."""
COUNT_MAX = 100
POOL, POOL_MAX = 5, 300
"""So many times as many songs as are wanted are looked at, up to so many."""
LAST = -1
SIMILAR_SOUND, OTHER_SOUND = 0.65, 0.35
VALUES = ("tempo_bpm", "camelot", "energy", "valence")


class Pin(NamedTuple):
    """A song that has its place."""

    track_id: int
    at: int
    """Counted from 0; -1 is the last."""


class Worth(NamedTuple):
    """What an order is worth."""

    cost: float
    """What is made as small as can be: steps, the curve, and 3 for each artist who follows themselves."""
    score: float
    """The mean of its steps, 0 to 1."""
    repeats: int
    """How often an artist follows themselves."""
    off_curve: float | None
    """How far the energy is off the curve in the mean, as a share of the list's range; None without a curve."""


class Transition(NamedTuple):
    """How one song leads to the next."""

    score: float
    words: tuple[str, ...]
    tempo: tuple[float, float] | None
    """Beats a minute; None without a steady beat in both."""
    key: tuple[str, str] | None
    """On Camelot's wheel."""
    energy: tuple[float, float] | None
    fits: dict[str, float]
    """How well tempo, key, sound, mood and energy fit, 0 to 1; what is not known is in the middle."""
    repeated: bool


class Flow(NamedTuple):
    order: list[int]
    """Tracks."""
    places: list[int]
    """Where each of them stood in the list that was given."""
    cost: Worth
    before: Worth
    """The same of the order that was given."""
    transitions: list[Transition]
    unheard: list[int]
    """Tracks that have not been listened to."""
    sentence: str
    """What is to be said of it; "" when all is well."""


class Asked(NamedTuple):
    """A question for the child, and what is needed to say its answer in words."""

    question: dict[str, Any]
    there: list[int]
    known: Mapping[int, Analysis]
    compared: bool
    """Whether there is a space in which sounds can be compared."""


def flow(db: Connection, minds: Minds, viewer: Viewer, track_ids: Sequence[int], curve: str | Sequence[float] = "flat",
         pins: Sequence[Pin] = (), seed: int = 0) -> Flow:  # fmt: skip
    """Order some tracks and wait for it, as a worker can: a second, or several for a long list. See `asked`."""
    about = asked(db, viewer, track_ids, curve, pins, seed)
    return told(about, minds.ask(MIND, about.question, PATIENCE_S))


def from_seeds(db: Connection, minds: Minds, viewer: Viewer, seeds: Sequence[Item | str], count: int,
               curve: str | Sequence[float] = "flat", pins: Sequence[Pin] = (), seed: int = 0,
               knobs: Knobs = similar.USUAL) -> Flow:  # fmt: skip
    """Make a list from seeds and wait for it. See `asked_of_seeds`."""
    about = asked_of_seeds(db, minds, viewer, seeds, count, curve, pins, seed, knobs)
    return told(about, minds.ask(MIND, about.question, PATIENCE_S))


@long
def asked(db: Connection, viewer: Viewer, track_ids: Sequence[int], curve: str | Sequence[float] = "flat",
          pins: Sequence[Pin] = (), seed: int = 0) -> Asked:  # fmt: skip
    """Return what to ask to have some tracks ordered, as far as the viewer may hear them, each as often as it is given.

    `curve`: a name of `ai.curves.CURVES`, or heights from 0 to 1. The same `seed` gives the same order. Raises Invalid.
    """
    heights = curves.heights(curve)
    there = tracks.visible(db, viewer, track_ids)
    if len(there) > TRACKS_MAX:
        raise Invalid(f"At most {TRACKS_MAX} songs can be ordered at once.")
    return _asked(db, viewer, there, {"curve": heights, "pins": _pinned(there, pins, len(there)), "seed": seed})


@long
def asked_of_seeds(db: Connection, minds: Minds, viewer: Viewer, seeds: Sequence[Item | str], count: int,
                   curve: str | Sequence[float] = "flat", pins: Sequence[Pin] = (), seed: int = 0,
                   knobs: Knobs = similar.USUAL) -> Asked:  # fmt: skip
    """Return what to ask for a list of `count` tracks that are like some things and flow best.

    Songs named as seeds are among them. Raises Invalid, NotFound where the seeds hold nothing, Unavailable while
    nothing can be compared.
    """
    heights = curves.heights(curve)
    if not 1 <= count <= COUNT_MAX:
        raise Invalid(f"A list made from seeds has 1 to {COUNT_MAX} songs.")
    named = [item.id for item in seeds if isinstance(item, Item) and item.kind == "tr"]
    must = list(dict.fromkeys(tracks.visible(db, viewer, [*named, *(pin.track_id for pin in pins)])))
    if len(must) > count:
        raise Invalid(f"There are more songs to begin with than the {count} that are wanted.")
    found = similar.like(db, minds, viewer, seeds, min(POOL_MAX, POOL * count + 20), knobs, must)
    pool = [*must, *(each.track_id for each in found)]
    count = min(count, len(pool))
    return _asked(db, viewer, pool, {
        "curve": heights, "pins": _pinned(pool, pins, count), "seed": seed, "count": count,
        "must": list(range(len(must))), "likeness": [1.0] * len(must) + [each.closeness for each in found],
    })  # fmt: skip


def told(about: Asked, answer: Mapping[str, Any]) -> Flow:
    """Return what the child answered, each step in words; reads nothing."""
    order = [about.there[place] for place in answer["order"]]
    known = about.known
    unheard = [track for track in dict.fromkeys(order) if track not in known or known[track].state != OK]
    steps = [
        _transition(known.get(one), known.get(other), score, repeated, costs)
        for one, other, (score, repeated, costs) in zip(order[:-1], order[1:], answer["steps"], strict=True)
    ]
    return Flow(
        order, answer["order"], Worth(**answer["after"]), Worth(**answer["before"]), steps, unheard,
        _sentence(len(unheard), len(set(order)), about.compared),
    )  # fmt: skip


@long
def named(db: Connection, viewer: Viewer, about: Asked, answer: Mapping[str, Any]) -> tuple[Flow, list[Track]]:
    """Return what the child answered, and the songs of it by name; in a thread, for words take time in long lists."""
    found = told(about, answer)
    return found, contents.told(db, viewer, sorted(set(found.order)))


def keep(db: Connection, viewer: Viewer, playlist: int, track_ids: Sequence[int]) -> None:
    """Put the songs of a playlist into this order.

    Raises NotFound, Forbidden, and Conflict when these are not the songs that it holds.
    """
    # First of all, for from here on nobody else changes it.
    playlists.update(db, viewer, playlist, Change())
    if sorted(playlists.track_ids(db, viewer, playlist)) != sorted(track_ids):
        raise Conflict("These are not the songs of this playlist; perhaps it was changed meanwhile.")
    if track_ids:
        playlists.replace(db, viewer, playlist, track_ids)


def _asked(db: Connection, viewer: Viewer, there: list[int], wishes: dict[str, Any]) -> Asked:
    """Return what the child has to know of some tracks, beside the wishes."""
    known = analyses.of(db, viewer, there)
    space = spaces.active(db, SIMILAR)
    points = vectors.of(db, space, there) if space else {}
    artists = sift.rows(db, there)
    rows = []
    for track in there:
        row: list[Any] = [track, artists[track].artist_id if track in artists else 0]
        values = known[track].values if track in known else {}
        for name in VALUES:
            value = values.get(name)
            row += [value.value, value.confidence] if value is not None else [None, 0.0]
        rows.append(row)
    heard = [place for place, track in enumerate(there) if track in points]
    told = {
        "rows": rows, "heard": heard, "dimensions": space.dimensions if space else 0, "half": space.d50 if space else 0,
        "vectors": b64encode(b"".join(points[there[place]].tobytes() for place in heard)).decode(),
    }  # fmt: skip
    return Asked(told | wishes, there, known, space is not None)


def _pinned(there: Sequence[int], pins: Sequence[Pin], count: int) -> list[list[int]]:
    """Return pins as [position, place in the list]. Raises Invalid for those that cannot all be kept."""
    found: dict[int, int] = {}
    for pin in pins:
        position = count - 1 if pin.at == LAST else pin.at
        if not 0 <= position < count:
            raise Invalid(f"A song cannot be pinned at {pin.at}: there are {count} places, counted from 0.")
        if position in found:
            raise Invalid(f"Two songs cannot be pinned at one place, {position}.")
        free = (place for place, track in enumerate(there) if track == pin.track_id and place not in found.values())
        place = next(free, None)
        if place is None:
            raise Invalid("A pinned song has to be in the list, and as often as it is pinned.")
        found[position] = place
    return [[position, place] for position, place in found.items()]


def _sentence(unheard: int, count: int, compared: bool) -> str:
    if unheard:
        return f"{unheard} of {count} songs have not been listened to yet; they stand where they do the least harm."
    return "" if compared or not count else "Sounds cannot be compared yet: tempo, key, mood and energy alone counted."


def _transition(a: Analysis | None, b: Analysis | None, score: float, repeated: bool,
                costs: Mapping[str, float]) -> Transition:  # fmt: skip
    fits = {name: round(1 - cost, 3) for name, cost in costs.items()}
    tempo, key, energy = (
        _both(a, b, name, least) for name, least in (("tempo_bpm", explain.BEAT), ("camelot", 0.0), ("energy", 0.0))
    )
    words = []
    if a is None or b is None:
        words.append("not listened to yet")
    else:
        words.append(explain.tempo(a, b) or (f"tempo {tempo[0]:.0f}→{tempo[1]:.0f}" if tempo else "no steady beat"))
        words += [explain.key(a, b) or f"key {key[0]}→{key[1]}"] if key else []
        words += [f"energy {energy[1] - energy[0]:+.2f}"] if energy else []
    words += ["similar sound"] if fits["sound"] >= SIMILAR_SOUND else []
    words += ["another sound"] if fits["sound"] <= OTHER_SOUND else []
    words += ["the same artist again"] if repeated else []
    return Transition(score, tuple(words), tempo, key, energy, fits, repeated)


def _both(a: Analysis | None, b: Analysis | None, name: str, least: float) -> tuple | None:
    pair = tuple(each.get(name, least) if each is not None else None for each in (a, b))
    return None if None in pair else pair
