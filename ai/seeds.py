"""Seeds: songs, albums, artists, playlists, folders, genres, words, one's own taste, as the few songs for them.

A dozen songs stand for a genre of ten thousand, drawn anew for each session. The
rule a newcomer would break: only a song named as a song is known to be wanted no
more; the songs of an artist or of a genre belong into a radio of theirs.
"""

from random import Random
from typing import NamedTuple

from ai import find, history, similar, vectors
from ai.minds import Minds
from ai.spaces import Space
from server.kernel.db import Connection
from server.kernel.errors import Invalid, NotFound, Unavailable
from server.library import tracks
from server.playlists.contents import Item
from server.users.people import Viewer

KNOWN_MAX = 400
"""So many of a large seed's songs are looked at."""
DESCRIBED = 12
"""So many songs that are most like a description stand for it."""
LEAST = 0.01


class Seeds(NamedTuple):
    items: tuple[Item, ...] = ()
    genres: tuple[str, ...] = ()
    words: str = ""
    """A description, such as "rainy piano"."""
    taste: bool = False
    """Also what the viewer likes."""

    def songs(self, db: Connection, viewer: Viewer) -> set[int]:
        """Return the songs that were named one by one, as far as the viewer may hear them."""
        named = [item.id for item in self.items if item.kind == "tr"]
        return set(tracks.visible(db, viewer, named)) if named else set()


def chosen(db: Connection, minds: Minds, viewer: Viewer, space: Space, seeds: Seeds, count: int,
           dice: str) -> list[int]:  # fmt: skip
    """Return so many songs for some seeds that can be compared; the same `dice` draws the same ones.

    Raises Invalid without seeds, NotFound where they hold nothing, Unavailable where nothing of it was listened to.
    """
    weights = _weights(db, minds, viewer, seeds)
    chance = Random(f"{dice} {sorted(weights)[:20]}")
    # Of a draw by weights, the largest of u^(1/w) are the ones drawn (Efraimidis and Spirakis, 2006).
    order = sorted(weights, key=lambda track: -(chance.random() ** (1 / weights[track])))
    known = vectors.of(db, space, order[:KNOWN_MAX])
    found = [track for track in order if track in known][:count]
    if not found:
        raise Unavailable("None of these songs has been listened to yet.", retry_after_s=600)
    return found


def _weights(db: Connection, minds: Minds, viewer: Viewer, seeds: Seeds) -> dict[int, float]:
    """Return the songs that seeds may be taken from, with how likely each is."""
    if seeds == Seeds():
        raise Invalid("Say what it should be like: songs, albums, artists, playlists, genres, words or your taste.")
    named = [*seeds.items, *seeds.genres]
    found = dict.fromkeys(similar.seed_tracks(db, viewer, named), 1.0) if named else {}
    if seeds.words:
        told = find.find(db, minds, viewer, seeds.words, DESCRIBED)
        if not told.tracks and not found:
            raise NotFound(f"Nothing here is like “{seeds.words[:60]}”.")
        found = {each.track_id: max(each.closeness, LEAST) for each in told.tracks} | found
    if seeds.taste:
        own = history.of(db, viewer).weights
        if not own and not found:
            raise NotFound("Nothing is known of your taste yet: listen to some songs, or star some.")
        found = {**own, **found}
    return found
