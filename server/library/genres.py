"""Genres: one row per name, whatever its case or accents; the first spelling seen is shown."""

from collections.abc import Iterable

from server.kernel.db import Connection, long
from server.library.names import bounded, fold
from server.users.people import Viewer

OWNS = ("genre",)


def ids(db: Connection, names: Iterable[str], known: dict[str, int]) -> dict[str, int]:
    """Return genre name → row number; `known` (folded name → number) is kept up to date for the next call."""
    if not known:
        known |= dict(db.rows("SELECT key, id FROM genre"))
    found, new = {}, []
    next_id = 1 + max(known.values(), default=0)
    for name in names:
        key = bounded(fold(name))
        if key not in known:
            known[key] = next_id
            new.append((next_id, key, name))
            next_id += 1
        found[name] = known[key]
    db.many("INSERT INTO genre (id, key, name) VALUES (?, ?, ?)", new)
    return found


def number(db: Connection, name: str) -> int | None:
    """Return the row number of a genre by name, or None when nobody has heard of it."""
    return db.value("SELECT id FROM genre WHERE key = :key", key=bounded(fold(name)))


@long
def counted(db: Connection, viewer: Viewer) -> list[tuple[str, int, int]]:
    """List (name, tracks, albums) of every genre that the viewer can hear, in order of name."""
    return db.cached(("genres", viewer.libraries), ("library",), lambda: _counted(db, viewer.libraries))


def _counted(db: Connection, libraries: tuple[int, ...]) -> list[tuple[str, int, int]]:
    tracks = dict(db.rows(
        "SELECT g.genre_id, CAST(count(*) AS BIGINT) FROM track_genre g JOIN track t ON t.id = g.track_id"
        " WHERE t.missing_ms IS NULL AND t.library_id IN (SELECT id FROM EACH(:libraries)) GROUP BY g.genre_id",
        libraries=libraries,
    ))  # fmt: skip
    albums = dict(db.rows(
        "SELECT g.genre_id, CAST(count(*) AS BIGINT) FROM album_genre g JOIN album a ON a.id = g.album_id"
        " WHERE a.track_count > 0 AND a.library_id IN (SELECT id FROM EACH(:libraries)) GROUP BY g.genre_id",
        libraries=libraries,
    ))  # fmt: skip
    named = sorted((key, number, name) for number, key, name in db.rows("SELECT id, key, name FROM genre"))
    return [(name, tracks[number], albums.get(number, 0)) for _, number, name in named if number in tracks]
