"""Seeds: songs, albums, artists, playlists, folders, genres, one's own taste, as the few songs that stand for them.

A dozen songs stand for a genre of ten thousand, drawn anew for each session. The
rule a newcomer would break: only a song named as a song is known to be wanted no
more; the songs of an artist or of a genre belong into a radio of theirs.
"""

from collections.abc import Callable, Sequence
from random import Random
from typing import NamedTuple

from ai import similar, vectors
from ai.spaces import Space
from server.kernel.db import Connection
from server.kernel.errors import Invalid, NotFound, Unavailable
from server.library.facts import TRACK
from server.playlists.contents import Item
from server.plays import marks
from server.users.people import Viewer

KNOWN_MAX = 400
"""So many of a large seed's songs are looked at."""
FAVOURITES = 100
LIKED: list[Callable[[Connection, Viewer], Sequence[tuple[int, float]]]] = []
"""Who knows what a viewer likes: (track, weight above 0). Without any, stars and most played songs speak."""


class Seeds(NamedTuple):
    items: tuple[Item, ...] = ()
    genres: tuple[str, ...] = ()
    taste: bool = False
    """Also what the viewer likes."""

    def songs(self) -> set[int]:
        """Return the songs that were named one by one."""
        return {item.id for item in self.items if item.kind == "tr"}


def chosen(db: Connection, viewer: Viewer, space: Space, seeds: Seeds, count: int, dice: str) -> list[int]:
    """Return so many songs for some seeds that can be compared; the same `dice` draws the same ones.

    Raises Invalid without seeds, NotFound where they hold nothing, Unavailable where nothing of it was listened to.
    """
    weights = _weights(db, viewer, seeds)
    chance = Random(f"{dice} {sorted(weights)[:20]}")
    # Of a draw by weights, the largest of u^(1/w) are the ones drawn (Efraimidis and Spirakis, 2006).
    order = sorted(weights, key=lambda track: -(chance.random() ** (1 / weights[track])))
    known = vectors.of(db, space, order[:KNOWN_MAX])
    found = [track for track in order if track in known][:count]
    if not found:
        raise Unavailable("None of these songs has been listened to yet.", retry_after_s=600)
    return found


def _weights(db: Connection, viewer: Viewer, seeds: Seeds) -> dict[int, float]:
    if seeds == Seeds():
        raise Invalid("Say what it should be like: songs, albums, artists, playlists, folders, genres or your taste.")
    named = [*seeds.items, *seeds.genres]
    found = dict.fromkeys(similar.seed_tracks(db, viewer, named), 1.0) if named else {}
    if seeds.taste:
        own = dict(each for ask in LIKED for each in ask(db, viewer)) or dict.fromkeys(_favourites(db, viewer), 1.0)
        if not own and not found:
            raise NotFound("Nothing is known of your taste yet: listen to some songs, or star some.")
        found = own | found
    return {track: weight for track, weight in found.items() if weight > 0}


def _favourites(db: Connection, viewer: Viewer) -> list[int]:
    return [track for by in ("starred", "frequent")
            for track in marks.ordered(db, viewer, TRACK, by, viewer.libraries)[:FAVOURITES]]  # fmt: skip
