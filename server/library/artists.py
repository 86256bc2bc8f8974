"""Artists: everybody to whom a track can lead, with the parts they play.

Two artists of one name are one, unless their MusicBrainz ids say otherwise.
"""

import os
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

from server.kernel.db import Connection, long
from server.kernel.errors import NotFound
from server.kernel.files import os_name, path_text
from server.library import spelling
from server.library.facts import ArtistFacts, Faced, Renderer
from server.library.names import bounded, fold, letter, words
from server.library.roster import Roster
from server.library.tracks import marked
from server.users.people import Viewer

OWNS = ("artist", "artist_library")

LISTED = ("artist", "albumartist")
"""Roles that bring an artist into the index; all others are reached from their tracks."""
_SUNG = "c.role = 'artist' AND t.missing_ms IS NULL AND t.library_id IN (SELECT id FROM EACH(:libraries))"
_PLAYS = (
    "CAST(coalesce((SELECT sum(m.play_count) FROM mark m WHERE m.kind = 3 AND m.item_id = t.id), 0) AS BIGINT)"
)
_BEST = (
    f"{_PLAYS} DESC,"
    " coalesce((SELECT r.total * 1.0 / r.count FROM rating r WHERE r.kind = 3 AND r.item_id = t.id AND r.count > 0), 3)"
    " DESC, t.year DESC, t.id"
)
"""What an artist sings themselves and this viewer may hear, and what of it comes first."""


def flush(db: Connection, roster: Roster) -> list[int]:
    """Write the artists whom a roster met since the last time, and return the ids of the new ones."""
    minted = [known.id for known, _, _ in roster.new]
    db.many(
        "INSERT INTO artist (id, key, name, sort, sort_name, mbid, words) VALUES (?, ?, ?, ?, ?, ?, '')",
        [(k.id, key, k.name, k.sort, sort, k.mbid) for k, key, sort in roster.new],
    )
    db.many("UPDATE artist SET mbid = ? WHERE id = ?", [(known.mbid, known.id) for known in roster.named])
    db.many("UPDATE artist SET sort = ?, sort_name = ? WHERE id = ?", roster.sorted)
    for done in (roster.new, roster.named, roster.sorted):
        done.clear()
    return minted


def forget_mbids(db: Connection, roster: Roster) -> list[int]:
    """Take the MusicBrainz id from artists whose tracks were all read and say none any more, and return their ids."""
    doubted = [number for number, read in roster.untold.items() if read and number not in roster.told]
    present = {} if not doubted else dict(db.rows(
        "SELECT c.artist_id, CAST(count(DISTINCT c.track_id) AS BIGINT) FROM EACH(:ids) e"
        " JOIN credit c ON c.artist_id = e.id JOIN track t ON t.id = c.track_id WHERE t.missing_ms IS NULL"
        " GROUP BY c.artist_id", ids=doubted,
    ))  # fmt: skip
    gone = [number for number, count in present.items()
            if count <= len(roster.untold[number]) and roster.forget_mbid(number)]  # fmt: skip
    db.many("UPDATE artist SET mbid = '' WHERE id = ?", [(number,) for number in gone])
    return gone


def respell(db: Connection, roster: Roster) -> list[int]:
    """Give artists whose name is printed nowhere any more the spelling that is, and return their ids.

    One album with a careless spelling renames nobody whose other albums print it well.
    """
    doubted, roster.doubted = sorted(roster.doubted), set()
    renamed: list[int] = []
    for start in range(0, len(doubted), 500):
        for number, key, old in _unprinted(db, doubted[start : start + 500]):
            new = spelling.of(db, number, old, roster.spelt.get(number, Counter()))
            if new != old:
                roster.rename(key, number, new)
                renamed.append(number)
    db.many("UPDATE artist SET name = ? WHERE id = ?", [(roster.by_id[number].name, number) for number in renamed])
    return renamed


def _unprinted(db: Connection, ids: list[int]) -> list[tuple[int, str, str]]:
    """Return (id, key, name) of those artists whose name alone is printed on no track."""
    return db.rows(
        "SELECT a.id, a.key, a.name FROM EACH(:ids) e JOIN artist a ON a.id = e.id WHERE NOT EXISTS"
        " (SELECT 1 FROM credit c JOIN track t ON t.id = c.track_id WHERE c.artist_id = a.id AND c.role = 'artist'"
        " AND t.missing_ms IS NULL AND t.artist = a.name)", ids=ids,
    )  # fmt: skip


def succeed(db: Connection, roster: Roster, first_track: int) -> dict[int, int]:
    """Let artists whose MusicBrainz id was corrected have the new one, and return younger → older artist.

    The older one has nothing left, the younger one tracks from before `first_track`, and nobody has marked them yet.
    The caller moves the tracks.
    """
    times = Counter(roster.successors.values())
    found = {young: old for young, old in roster.successors.items() if times[old] == 1 and db.value(
        "SELECT 1 FROM artist a WHERE a.id = :old AND a.track_count > 0"
        " AND NOT EXISTS (SELECT 1 FROM credit c WHERE c.artist_id = a.id)"
        " AND NOT EXISTS (SELECT 1 FROM mark m WHERE m.kind = 1 AND m.item_id = :young)"
        " AND EXISTS (SELECT 1 FROM credit c WHERE c.artist_id = :young AND c.track_id < :first)",
        old=old, young=young, first=first_track,
    )}  # fmt: skip
    for young, old in found.items():
        roster.replace(young, old)
    # No tags can make the key that the younger one gets, so it is not met again.
    db.many("UPDATE artist SET mbid = '', key = ? WHERE id = ?", [(f"\x1f{young}", young) for young in found])
    db.many("UPDATE artist SET mbid = ? WHERE id = ?", [(roster.by_id[old].mbid, old) for old in found.values()])
    return found


def on_albums(db: Connection, ids: list[int]) -> list[int]:
    """List the albums on which some artists have any part."""
    return [number for (number,) in db.rows(
        "SELECT DISTINCT t.album_id FROM EACH(:ids) e JOIN credit c ON c.artist_id = e.id"
        " JOIN track t ON t.id = c.track_id WHERE t.missing_ms IS NULL", ids=ids,
    )]  # fmt: skip


class Counted(NamedTuple):
    """An artist as a refresh leaves them; `old_words` is what the search index holds."""

    id: int
    words: str
    old_words: str


def refresh(db: Connection, touched: Collection[int], render: Renderer, cover_text) -> list[Counted]:
    """Count again what these artists have, and draw their faces; return whose searched words changed."""
    ids = sorted(touched)
    _take_down(db, ids)
    changed: list[Counted] = []
    for start in range(0, len(ids), 500):
        changed += _refresh(db, ids[start : start + 500], render, cover_text)
    return changed


def _take_down(db: Connection, ids: list[int]) -> None:
    """Forget the portraits of artists that are there no longer; a folder that a scan has yet to write may have one."""
    hung = [(number, root, path, (library, *path.rpartition("/")[::2])) for number, library, root, path in db.rows(
        "SELECT a.id, c.library_id, l.path, c.path FROM EACH(:ids) e JOIN artist a ON a.id = e.id"
        " JOIN cover c ON c.id = a.portrait_id JOIN library l ON l.id = c.library_id", ids=ids,
    )]  # fmt: skip
    if not hung:
        return
    places = [place for *_, place in hung]
    shown = set(db.rows(
        "SELECT f.library_id, f.path, f.portrait FROM EACH_TEXT(:paths) e JOIN folder f ON f.path = e.id"
        " AND f.library_id IN (SELECT id FROM EACH(:libraries)) WHERE f.missing_ms IS NULL",
        paths=sorted({place[1] for place in places}), libraries=sorted({place[0] for place in places}),
    ))  # fmt: skip
    gone = [(number,) for number, root, path, place in hung
            if place not in shown and not os.path.lexists(os_name(path_text(root, path)))]  # fmt: skip
    db.many("UPDATE artist SET portrait_id = NULL WHERE id = ?", gone)


def _refresh(db: Connection, ids: list[int], render: Renderer, cover_text) -> list[Counted]:
    counts: dict[int, list[tuple[int, int, int]]] = {}
    for artist, library, albums, tracks in db.rows(
        "SELECT c.artist_id, t.library_id, CAST(count(DISTINCT t.album_id) AS BIGINT),"
        " CAST(count(DISTINCT c.track_id) AS BIGINT)"
        " FROM EACH(:ids) e JOIN credit c ON c.artist_id = e.id JOIN track t ON t.id = c.track_id"
        " WHERE t.missing_ms IS NULL GROUP BY c.artist_id, t.library_id", ids=ids,
    ):  # fmt: skip
        counts.setdefault(artist, []).append((library, albums, tracks))
    roles: dict[int, set[str]] = {}
    for artist, role in db.rows(
        "SELECT DISTINCT c.artist_id, c.role FROM EACH(:ids) e JOIN credit c ON c.artist_id = e.id"
        " JOIN track t ON t.id = c.track_id WHERE t.missing_ms IS NULL", ids=ids,
    ):  # fmt: skip
        roles.setdefault(artist, set()).add(role)
    covers = dict(db.rows(
        "SELECT a.artist_id, max(a.cover_id) FROM EACH(:ids) e JOIN album a ON a.artist_id = e.id"
        " WHERE a.track_count > 0 AND a.cover_id IS NOT NULL GROUP BY a.artist_id", ids=ids,
    ))  # fmt: skip
    rows, changed = [], []
    for number, name, sort_name, mbid, portrait, old in db.rows(
        "SELECT a.id, a.name, a.sort_name, a.mbid, a.portrait_id, a.words FROM EACH(:ids) e"
        " JOIN artist a ON a.id = e.id", ids=ids,
    ):  # fmt: skip
        has = counts.get(number, ())
        albums, tracks = sum(row[1] for row in has), sum(row[2] for row in has)
        played = tuple(sorted(roles.get(number, ()))) if tracks else ()
        cover = portrait or covers.get(number)
        listed = tracks and not set(LISTED).isdisjoint(played)
        sought = words(name, sort_name) if listed else ""
        face = render.artist(ArtistFacts(number, name, sort_name, albums, cover_text(cover), mbid, played))
        rows.append((albums, tracks, int(bool(listed)), cover, sought, face, render.version, number))
        if sought != old:
            changed.append(Counted(number, sought, old))
    db.run("DELETE FROM artist_library WHERE artist_id IN (SELECT id FROM EACH(:ids))", ids=ids)
    db.many(
        "INSERT INTO artist_library (artist_id, library_id, album_count, track_count) VALUES (?, ?, ?, ?)",
        [(artist, *row) for artist, several in counts.items() for row in several],
    )
    db.many(
        "UPDATE artist SET album_count = ?, track_count = ?, listed = ?, cover_id = ?, words = ?, face = ?,"
        " face_version = ? WHERE id = ?", rows,
    )  # fmt: skip
    return changed


def set_portraits(db: Connection, portraits: Iterable[tuple[int, int]]) -> None:
    """Give artists pictures of their own, as (cover id, artist id) pairs."""
    db.many("UPDATE artist SET portrait_id = ? WHERE id = ?", list(portraits))


def shown_in(db: Connection, folder_ids: list[int]) -> set[int]:
    """Return the artists whose portraits lie in some folders; when the music has moved, nothing else leads to them."""
    if not folder_ids:
        return set()
    places = set(db.rows("SELECT f.library_id, f.path FROM EACH(:ids) e JOIN folder f ON f.id = e.id", ids=folder_ids))
    return {number for number, library, path in db.rows(
        "SELECT a.id, c.library_id, c.path FROM artist a JOIN cover c ON c.id = a.portrait_id"
    ) if (library, path.rpartition("/")[0]) in places}  # fmt: skip


def faced(db: Connection, viewer: Viewer, ids: Sequence[int]) -> dict[int, Faced]:
    """Return id → face with this viewer's marks, of those artists who have something that the viewer may hear."""
    rows = db.rows(
        "SELECT a.id, a.face, m.starred_ms, m.rating, m.play_count, m.played_ms, r.total, r.count"
        " FROM EACH(:ids) e JOIN artist a ON a.id = e.id"
        " LEFT JOIN mark m ON m.user_id = :user AND m.kind = 1 AND m.item_id = a.id"
        " LEFT JOIN rating r ON r.kind = 1 AND r.item_id = a.id"
        " WHERE EXISTS (SELECT 1 FROM artist_library s WHERE s.artist_id = a.id"
        " AND s.library_id IN (SELECT id FROM EACH(:libraries)))",
        ids=ids, user=viewer.user_id, libraries=viewer.libraries,
    )  # fmt: skip
    return {row[0]: marked(row) for row in rows}


def visible(db: Connection, viewer: Viewer, ids: Sequence[int]) -> list[int]:
    """Return those ids that the viewer may see, in their order."""
    seen = {number for (number,) in db.rows(
        "SELECT DISTINCT s.artist_id FROM EACH(:ids) e JOIN artist_library s ON s.artist_id = e.id"
        " WHERE s.library_id IN (SELECT id FROM EACH(:libraries))", ids=list(set(ids)), libraries=viewer.libraries,
    )}  # fmt: skip
    return [number for number in ids if number in seen]


def one(db: Connection, viewer: Viewer, number: int) -> Faced:
    """Return one artist's face. Raises NotFound."""
    found = faced(db, viewer, (number,))
    if not found:
        raise NotFound("There is no such artist.")
    return found[number]


def names(db: Connection, viewer: Viewer, ids: Sequence[int]) -> dict[int, str]:
    """Return id → name of those artists whom the viewer may see."""
    seen = visible(db, viewer, ids)
    return dict(db.rows("SELECT a.id, a.name FROM EACH(:ids) e JOIN artist a ON a.id = e.id", ids=seen))


def listed_ids(db: Connection, libraries: tuple[int, ...]) -> list[int]:
    """Return the ids of all listed artists in the order in which they came; the order of full syncs."""
    return db.cached(("artists", libraries), ("library",), lambda: sorted(
        number for _, number in _listed(db, libraries)))


@long
def index(db: Connection, viewer: Viewer, libraries: tuple[int, ...]) -> list[tuple[str, list[Faced]]]:
    """List all listed artists by letter, each with this viewer's marks; "#" holds all that begins with no letter."""
    letters = db.cached(("index", libraries), ("library",), lambda: _letters(db, libraries))
    found = faced(db, viewer, [number for _, ids in letters for number in ids])
    return [(name, [found[number] for number in ids if number in found]) for name, ids in letters]


def everything(db: Connection, viewer: Viewer, libraries: tuple[int, ...], size: int, offset: int) -> list[Faced]:
    """Return one page of all listed artists, in an order that only grows at its end."""
    if not size:
        return []
    return page(db, viewer, listed_ids(db, libraries)[offset : offset + size])


def page(db: Connection, viewer: Viewer, ids: Sequence[int]) -> list[Faced]:
    """Return the faces of some artists in the order of their ids."""
    found = faced(db, viewer, ids)
    return [found[number] for number in ids if number in found]


def by_name(db: Connection, viewer: Viewer, name: str) -> int | None:
    """Return the artist of this name, or None; of several whom only their MusicBrainz ids tell apart, the first."""
    key = bounded(fold(name))
    first = [number for (number,) in db.rows("SELECT id FROM artist WHERE key = :key", key=key)]
    return next(iter(visible(db, viewer, first + _namesakes(db).get(key, []))), None) if first else None


def top_tracks(db: Connection, viewer: Viewer, artist_id: int, size: int, famous: Sequence[str] = ()) -> list[int]:
    """Return the artist's tracks that people here play most, then those of `famous` titles, then the best rated and
    those of their newest albums. A song that is on several albums comes once.
    """
    rows = db.rows(
        f"SELECT t.title, t.id, {_PLAYS} FROM credit c JOIN track t ON t.id = c.track_id"
        f" WHERE c.artist_id = :artist AND {_SUNG} ORDER BY {_BEST}",
        artist=artist_id, libraries=viewer.libraries,
    )  # fmt: skip
    fame = {fold(title): at for at, title in reversed(list(enumerate(famous)))}
    once: dict[str, tuple[int, int]] = {}
    for title, number, plays in rows:
        once.setdefault(fold(title), (number, plays))
    ranked = sorted(once, key=lambda title: (not once[title][1], fame.get(title, len(famous)) * (not once[title][1])))
    return [once[title][0] for title in ranked[:size]]


def some_tracks(db: Connection, artist_ids: Sequence[int], each: int) -> list[int]:
    """Return up to so many tracks of each of some artists, their newest and oldest: nobody's all thousand are read."""
    half = " UNION ALL ".join(
        f"SELECT track_id FROM (SELECT track_id FROM credit WHERE artist_id = {number:d} AND role = 'artist'"
        f" ORDER BY track_id {way} LIMIT {(each + 1) // 2:d}) x{at}"
        for at, (number, way) in enumerate((number, way) for number in artist_ids for way in ("", "DESC"))
    )
    return [number for (number,) in db.rows(f"SELECT DISTINCT track_id FROM ({half}) y")] if half else []


def known(db: Connection, named: Sequence[tuple[str, str]]) -> list[int | None]:
    """Return for each (name, MusicBrainz id or "") the artist who is meant, or None."""
    by_key = dict(db.rows(
        "SELECT a.key, a.id FROM EACH_TEXT(:keys) e JOIN artist a ON a.key = e.id WHERE a.track_count > 0",
        keys=[bounded(fold(name)) for name, _ in named],
    ))  # fmt: skip
    by_key |= {key: numbers[0] for key, numbers in _namesakes(db).items() if key not in by_key}
    # No index: a tag may hold an id of any length, which PostgreSQL would refuse.
    by_mbid = {} if not any(mbid for _, mbid in named) else db.cached(
        ("artists by mbid",), ("library",), lambda: dict(db.rows(
            "SELECT mbid, id FROM artist WHERE mbid <> '' ORDER BY track_count, id"))
    )  # fmt: skip
    return [by_mbid.get(mbid) or by_key.get(bounded(fold(name))) for name, mbid in named]


def _namesakes(db: Connection) -> dict[str, list[int]]:
    """Return key → the artists with music who share that name with another one, and have an id that says otherwise."""
    return db.cached(("namesakes",), ("library",), lambda: _found_namesakes(db))


def _found_namesakes(db: Connection) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for key, number in db.rows(
        "SELECT key, id FROM artist WHERE key LIKE :apart AND track_count > 0 ORDER BY id", apart="%\x1f%"
    ):
        found.setdefault(key.partition("\x1f")[0], []).append(number)
    return found


def _listed(db: Connection, libraries: tuple[int, ...]) -> list[tuple[str, int]]:
    return db.rows(
        "SELECT a.sort, a.id FROM artist a WHERE a.listed = 1 AND EXISTS (SELECT 1 FROM artist_library s"
        " WHERE s.artist_id = a.id AND s.library_id IN (SELECT id FROM EACH(:libraries)))",
        libraries=libraries,
    )  # fmt: skip


def _letters(db: Connection, libraries: tuple[int, ...]) -> list[tuple[str, list[int]]]:
    letters: dict[str, list[int]] = {}
    for sort, number in sorted(_listed(db, libraries)):
        letters.setdefault(letter(sort), []).append(number)
    return sorted(letters.items())


def mbid(db: Connection, artist_id: int) -> str:
    """Return the MusicBrainz id of an artist, "" when it is not known."""
    return db.value("SELECT mbid FROM artist WHERE id = :id", id=artist_id) or ""
