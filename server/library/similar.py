"""What goes with what, as far as tags can tell: shared genres, then chance.

It answers for every library from the first scan on; analysis of the sound makes
it better where there is one.
"""

from random import Random

from server.kernel.db import Connection, long
from server.kernel.errors import NotFound
from server.library import albums, artists, folders, tracks
from server.library.facts import Faced
from server.users.people import Viewer

NEIGHBOURS = 25
PER_ARTIST = 12


def artist_of(db: Connection, viewer: Viewer, prefix: str, number: int) -> int | None:
    """Return the leading artist of an artist, album or track. Raises NotFound when it is not there."""
    if prefix == "ar":
        artists.one(db, viewer, number)
        return number
    if prefix == "al":
        return albums.about(db, viewer, number).artist_id
    if prefix == "tr":
        tracks.one(db, viewer, number)
        return db.value("SELECT artist_id FROM track WHERE id = :id", id=number)
    if prefix == "fo":
        folders.one(db, viewer, number)
        return db.value(
            "SELECT t.artist_id FROM track t WHERE t.folder_id = :id AND t.missing_ms IS NULL"
            " AND t.library_id IN (SELECT id FROM EACH(:libraries)) ORDER BY t.id LIMIT 1",
            id=number, libraries=viewer.libraries,
        )  # fmt: skip
    raise NotFound("There is no such song, album or artist.")


@long
def artists_like(db: Connection, viewer: Viewer, artist_id: int, size: int) -> list[int]:
    """Return artists whose albums share the most genres with this one's, rare genres counting more."""
    return db.cached(
        ("alike", artist_id, viewer.libraries), ("library",), lambda: _alike(db, viewer.libraries, artist_id)
    )[:size]


def _alike(db: Connection, libraries: tuple[int, ...], artist_id: int) -> list[int]:
    own = [number for (number,) in db.rows(
        "SELECT DISTINCT g.genre_id FROM album_artist s JOIN album_genre g ON g.album_id = s.album_id"
        " WHERE s.artist_id = :artist", artist=artist_id,
    )]  # fmt: skip
    scores: dict[int, float] = {}
    rows = db.rows(
        "SELECT g.genre_id, a.artist_id, CAST(count(*) AS BIGINT) FROM EACH(:genres) e"
        " JOIN album_genre g ON g.genre_id = e.id JOIN album a ON a.id = g.album_id"
        " WHERE a.track_count > 0 AND a.artist_id IS NOT NULL AND a.library_id IN (SELECT id FROM EACH(:libraries))"
        " GROUP BY g.genre_id, a.artist_id", genres=own, libraries=libraries,
    )  # fmt: skip
    common: dict[int, int] = {}
    for genre, _, count in rows:
        common[genre] = common.get(genre, 0) + count
    for genre, artist, count in rows:
        if artist != artist_id:
            scores[artist] = scores.get(artist, 0.0) + min(count, 5) / common[genre]
    return sorted(scores, key=lambda artist: (-scores[artist], artist))[:500]


@long
def tracks_like(db: Connection, viewer: Viewer, prefix: str, number: int, size: int) -> list[Faced]:
    """Return tracks that go with an artist, album or track: some of the same artist, most of those alike."""
    leading = artist_of(db, viewer, prefix, number)
    if leading is None:
        return []
    chance = Random(number)
    near = [leading, *artists_like(db, viewer, leading, NEIGHBOURS)]
    piles = []
    for artist in near:
        pile = [track for track in artists.top_tracks(db, viewer, artist, PER_ARTIST)
                if (prefix, number) != ("tr", track)]  # fmt: skip
        chance.shuffle(pile)
        piles.append(pile)
    chosen: dict[int, None] = {}
    while len(chosen) < size and any(piles):
        for pile in piles:
            if pile:
                chosen.setdefault(pile.pop())
    return tracks.page(db, viewer, list(chosen)[:size])
