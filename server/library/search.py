"""Searching artists, albums and tracks by words, in one order that pages can be cut from.

Every word typed must begin a word of the thing found, in any field and any
order. What begins with the whole query comes first, what is exactly the query
first of all; within that, the order in which things came. Nothing is ranked
over an unbounded set of matches: that is what makes other servers slow.
"""

from collections.abc import Callable, Sequence

from server.kernel.db import Connection
from server.library import albums, artists, search_postgres, search_sqlite, tracks
from server.library.facts import Faced
from server.library.names import words, words_of
from server.users.people import Viewer

QUERY_MAX, WORDS_MAX = 1000, 30
"""What is read of a query: 100,000 words would keep everybody waiting for ten seconds."""
BEST = 100
"""How many of those that begin with the query are put in order by how well they fit."""

_VISIBLE = {
    "artist": "t.listed = 1 AND EXISTS (SELECT 1 FROM artist_library s WHERE s.artist_id = t.id"
    " AND s.library_id IN (SELECT id FROM EACH(:libraries)))",
    "album": "t.track_count > 0 AND t.library_id IN (SELECT id FROM EACH(:libraries))",
    "track": "t.missing_ms IS NULL AND t.library_id IN (SELECT id FROM EACH(:libraries))",
}


def index(db: Connection, table: str, changes: list[tuple[int, str, str]]) -> None:
    """Bring the index of "artist", "album" or "track" up to date with (id, old words, new words)."""
    if db.dialect == "sqlite":
        search_sqlite.index(db, table, changes)


def find_artists(db: Connection, viewer: Viewer, libraries: tuple[int, ...], query: str, size: int,
                 offset: int) -> list[Faced]:
    """Return one page of the artists that match; an empty query matches all."""
    return _find(db, viewer, libraries, query, size, offset, "artist", artists.everything, artists.page)


def find_albums(db: Connection, viewer: Viewer, libraries: tuple[int, ...], query: str, size: int,
                offset: int) -> list[Faced]:
    """Return one page of the albums that match; an empty query matches all."""
    return _find(db, viewer, libraries, query, size, offset, "album", _all_albums, albums.page)


def find_tracks(db: Connection, viewer: Viewer, libraries: tuple[int, ...], query: str, size: int,
                offset: int) -> list[Faced]:
    """Return one page of the tracks that match; an empty query matches all."""
    return _find(db, viewer, libraries, query, size, offset, "track", tracks.everything, tracks.page)


def _find(db: Connection, viewer: Viewer, libraries: tuple[int, ...], query: str, size: int, offset: int, table: str,
          everything: Callable, page: Callable) -> list[Faced]:
    if size <= 0 or not libraries:
        return []
    sought = " ".join(words(query[:QUERY_MAX]).split()[:WORDS_MAX])
    if not sought:
        # A query of nothing but signs ("???") finds nothing; no query at all is everything.
        return [] if query.strip(" \"'*") else everything(db, viewer, libraries, size, offset)
    return page(db, viewer, ids(db, libraries, table, sought, size, offset))


def ids(db: Connection, libraries: tuple[int, ...], table: str, sought: str, size: int, offset: int) -> Sequence[int]:
    """Return one page of the ids that match folded words."""
    twin = search_sqlite if db.dialect == "sqlite" else search_postgres
    visible = _VISIBLE[table]
    first = twin.beginning(db, table, visible, libraries, sought, max(BEST, offset + size))
    folded = table == "track"
    named = [(number, name if folded and name.isascii() else words_of(name)) for number, name in first[:BEST]]
    best = sorted(named, key=lambda row: (row[1] != sought, not row[1].startswith(sought + " "), row[0]))
    order = [number for number, _ in best] + [number for number, _ in first[BEST:]]
    if len(order) >= offset + size:
        return order[offset : offset + size]
    # All that begin with the query are known, so the others follow.
    seen = set(order)
    rest = twin.matching(db, table, visible, libraries, sought, offset + size)
    order += [number for number in rest if number not in seen]
    return order[offset : offset + size]


def _all_albums(db: Connection, viewer: Viewer, libraries: tuple[int, ...], size: int, offset: int) -> list[Faced]:
    return albums.in_order(db, viewer, libraries, "id", size, offset)[0]


def newer_than(db: Connection, track_ids: list[int], since_ms: int) -> set[int]:
    """Return those tracks that were added after a time."""
    return {number for (number,) in db.rows(
        "SELECT t.id FROM EACH(:ids) e JOIN track t ON t.id = e.id WHERE t.added_ms > :since",
        ids=track_ids, since=since_ms,
    )}  # fmt: skip
