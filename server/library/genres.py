"""Genres: one row per name, whatever its case or accents; the first spelling seen is shown, until no track has it."""

from collections import Counter
from collections.abc import Iterable

from server.kernel.db import Connection, long
from server.library.names import bounded, fold
from server.users.people import Viewer

OWNS = ("genre",)


class Catalogue:
    """All genres by key while a scan runs, so that no name is looked up twice and each is spelt in one way."""

    def __init__(self, db: Connection):
        self._by_key = {key: (number, name) for number, key, name in db.rows("SELECT id, key, name FROM genre")}
        self._next = 1 + max((number for number, _ in self._by_key.values()), default=0)
        self._met: dict[str, str] = {}
        self._new: list[tuple[int, str, str]] = []
        self._spelt: dict[str, Counter[str]] = {}
        """How many tracks have other spellings, by key, as far as this scan read them."""

    def spelt(self, names: list[str]) -> list[str]:
        """Return the genres that one file names as they are spelt here."""
        return [self._met.get(name) or self._meet(name) for name in names]

    def ids(self, db: Connection, names: Iterable[str]) -> dict[str, int]:
        """Return genre name → row number, writing the rows that are missing."""
        found = {name: self._known(bounded(fold(name)), name)[0] for name in names}
        db.many("INSERT INTO genre (id, key, name) VALUES (?, ?, ?)", self._new)
        self._new.clear()
        return found

    def respell(self, db: Connection) -> list[int]:
        """Give genres the spelling of all their tracks when no track has the known one, and return their ids."""
        found: list[tuple[str, int]] = []
        for key, others in list(self._spelt.items()):
            number, known = self._by_key[key]
            if known not in self._met and _tracks_up_to(db, number, others.total() + 1) <= others.total():
                name = others.most_common(1)[0][0]
                self._by_key[key] = (number, name)
                del self._spelt[key]
                found.append((name, number))
        db.many("UPDATE genre SET name = ? WHERE id = ?", found)
        return [number for _, number in found]

    def _meet(self, name: str) -> str:
        key = bounded(fold(name))
        known = self._known(key, name)[1]
        if name == known:
            self._met[name] = name
        else:
            self._spelt.setdefault(key, Counter())[name] += 1
        return known

    def _known(self, key: str, name: str) -> tuple[int, str]:
        if key not in self._by_key:
            self._by_key[key] = (self._next, name)
            self._new.append((self._next, key, name))
            self._next += 1
        return self._by_key[key]


def _tracks_up_to(db: Connection, number: int, most: int) -> int:
    """Count a genre's present tracks, but no further than needed."""
    return db.value(
        "SELECT CAST(count(*) AS BIGINT) FROM (SELECT 1 FROM track_genre g JOIN track t ON t.id = g.track_id"
        f" WHERE g.genre_id = :genre AND t.missing_ms IS NULL LIMIT {most:d}) x", genre=number,
    )  # fmt: skip


def on_albums(db: Connection, ids: list[int]) -> list[int]:
    """List the albums that have any of some genres."""
    return [number for (number,) in db.rows(
        "SELECT DISTINCT g.album_id FROM EACH(:ids) e JOIN album_genre g ON g.genre_id = e.id", ids=ids,
    )]  # fmt: skip


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
