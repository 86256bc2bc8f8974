"""What there is to tell of an artist or album: from files beside the music, from tags, from outside, in this order."""

from typing import NamedTuple

from server.integrations.capabilities import About
from server.kernel.db import Connection, long
from server.library import albums, artists, outside, similar
from server.library.facts import ALBUM, ARTIST, Faced
from server.users.people import Viewer


class Told(NamedTuple):
    """What is known without looking beside the music."""

    about: About
    """From outside, but with the MusicBrainz id of the tags where these have one."""
    cover_id: int | None = None
    """The picture that shows it, of those here."""
    similar: tuple[Faced, ...] = ()
    absent: tuple[str, ...] = ()
    """Names of similar artists of whom nothing is here."""


NOBODY = Told(About())


@long
def of_artist(db: Connection, viewer: Viewer, artist_id: int, count: int) -> Told:
    """Return what is known of an artist and up to `count` similar ones, those who are not here coming last."""
    # The address of a picture asks for no account, so nobody is told of one that is not theirs to see.
    mbid, portrait = db.row(
        "SELECT a.mbid, c.id FROM artist a LEFT JOIN cover c ON c.id = a.portrait_id"
        " AND c.library_id IN (SELECT id FROM EACH(:libraries)) WHERE a.id = :id",
        id=artist_id, libraries=viewer.libraries,
    )  # fmt: skip
    said = outside.about(db, ARTIST, artist_id)
    alike = artists.page(db, viewer, similar.artists_like(db, viewer, artist_id, count))
    named = artists.known(db, said.similar)
    here = set(artists.visible(db, viewer, [number for number in named if number]))
    absent = [
        name for (name, _), number in zip(said.similar, named, strict=True)
        if number not in here and number != artist_id
    ]  # fmt: skip
    return Told(_surely(said, mbid), portrait, tuple(alike), tuple(absent[: count - len(alike)]))


def of_album(db: Connection, viewer: Viewer, prefix: str, number: int) -> tuple[int, Told]:
    """Return the album that an id leads to, and what is known of it. Raises NotFound."""
    album_id = albums.id_of(db, viewer, prefix, number)
    mbid, cover = db.row("SELECT mbid, cover_id FROM album WHERE id = :id", id=album_id)
    return album_id, Told(_surely(outside.about(db, ALBUM, album_id), mbid), cover)


@long
def top_tracks(db: Connection, viewer: Viewer, artist_id: int, count: int) -> list[int]:
    """Return an artist's best known tracks: those played here, then those that outside sources name, then the rest."""
    named = outside.about(db, ARTIST, artist_id).top
    return artists.top_tracks(db, viewer, artist_id, count, named)


def _surely(said: About, mbid: str) -> About:
    """Return what was said, unless it was said of somebody else of the same name."""
    if mbid and said.mbid and said.mbid != mbid:
        return About(mbid=mbid, similar=said.similar)
    return said._replace(mbid=mbid or said.mbid)
