"""Marks: what one person has starred, rated and played, of artists, albums and tracks.

A mark stays when its thing goes missing, and is there again when the thing is.
Whoever writes a mark moves the counter `marks:USER` first: all that is cached
hangs on it, and on PostgreSQL it makes one person's changes wait for each other.
"""

from array import array
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from server.kernel.clock import Millis, now_ms
from server.kernel.db import Connection
from server.kernel.errors import Invalid, NotFound
from server.kernel.named import loaded
from server.library.facts import ALBUM, ARTIST, EPISODE, TRACK
from server.users.accounts import FAREWELLS
from server.users.people import Viewer

OWNS = ("mark", "rating")

RATED: list[Callable[[Connection, Viewer, int, int, int], None] | str] = []
"""Called with the kind and the id of what a viewer has just rated, and the rating; a text is the name of one that is
loaded only then."""
FOLDER = 4
"""No kind of mark: a folder stands for the albums in it, which is what clients of the folder view mean."""

_HERE = "library_id IN (SELECT id FROM EACH(:libraries))"
_SHOWN = {
    ARTIST: f"EXISTS (SELECT 1 FROM artist_library x WHERE x.artist_id = {{}} AND x.{_HERE})",
    ALBUM: f"EXISTS (SELECT 1 FROM album x WHERE x.id = {{}} AND x.track_count > 0 AND x.{_HERE})",
    TRACK: f"EXISTS (SELECT 1 FROM track x WHERE x.id = {{}} AND x.missing_ms IS NULL AND x.{_HERE})",
    EPISODE: "EXISTS (SELECT 1 FROM podcast_episode x JOIN podcast_channel y ON y.id = x.channel_id AND y.removed = 0"
    " WHERE x.id = {})",
}
"""When a thing is there for the viewer, by its kind; to be formatted with the SQL of its id."""

_ORDERS = {
    "starred": ("m.starred_ms IS NOT NULL", "m.starred_ms DESC, m.item_id DESC"),
    "recent": ("m.played_ms IS NOT NULL", "m.played_ms DESC, m.item_id DESC"),
    "frequent": ("m.play_count > 0", "m.play_count DESC, m.played_ms DESC, m.item_id DESC"),
}


class OfFolder(NamedTuple):
    """What the viewer has starred and rated by a folder: a star is on all albums in it, a rating on the first."""

    starred_ms: Millis | None = None
    rating: int = 0
    average_rating: float = 0.0


def star(db: Connection, viewer: Viewer, items: Iterable[tuple[int, int]]) -> None:
    """Star things given as (kind, id); what is starred keeps its date. Raises NotFound if none of them is there."""
    db.bump(f"marks:{viewer.user_id}")
    now = now_ms()
    found = 0
    for kind, ids in _sorted(db, viewer, items).items():
        found += db.run(
            "INSERT INTO mark (user_id, kind, item_id, starred_ms)"
            f" SELECT :user, {kind}, e.id, :now FROM EACH(:ids) e WHERE {_SHOWN[kind].format('e.id')}"
            " ON CONFLICT (user_id, kind, item_id)"
            " DO UPDATE SET starred_ms = COALESCE(mark.starred_ms, excluded.starred_ms)",
            user=viewer.user_id, now=now, ids=ids, libraries=viewer.libraries,
        )  # fmt: skip
    if not found:
        raise NotFound("There is nothing of that id to star.")


def unstar(db: Connection, viewer: Viewer, items: Iterable[tuple[int, int]]) -> None:
    """Take the star from things given as (kind, id). Raises NotFound if none of them is there."""
    db.bump(f"marks:{viewer.user_id}")
    found = 0
    for kind, ids in _sorted(db, viewer, items).items():
        found += db.value(
            f"SELECT count(*) FROM EACH(:ids) e WHERE {_SHOWN[kind].format('e.id')}",
            ids=ids, libraries=viewer.libraries,
        )  # fmt: skip
        db.run(
            f"UPDATE mark SET starred_ms = NULL WHERE user_id = :user AND kind = {kind}"
            f" AND item_id IN (SELECT id FROM EACH(:ids)) AND {_SHOWN[kind].format('mark.item_id')}",
            user=viewer.user_id, ids=ids, libraries=viewer.libraries,
        )  # fmt: skip
    if not found:
        raise NotFound("There is nothing of that id to take a star from.")


def rate(db: Connection, viewer: Viewer, kind: int, number: int, rating: int) -> None:
    """Rate a thing from 1 to 5; 0 takes the rating away. Raises Invalid and NotFound."""
    if not 0 <= rating <= 5:
        raise Invalid("A rating is a number from 1 to 5, or 0 to take it away.")
    db.bump(f"marks:{viewer.user_id}")
    for meant, ids in _sorted(db, viewer, [(kind, number)]).items():
        row = db.row(
            "SELECT e.id, COALESCE(m.rating, 0) FROM EACH(:ids) e"
            f" LEFT JOIN mark m ON m.user_id = :user AND m.kind = {meant} AND m.item_id = e.id"
            f" WHERE {_SHOWN[meant].format('e.id')} ORDER BY e.id",
            ids=ids, user=viewer.user_id, libraries=viewer.libraries,
        )  # fmt: skip
        if row:
            return _rated(db, viewer, meant, row[0], row[1], rating)
    raise NotFound("There is nothing of that id to rate.")


def played(db: Connection, viewer: Viewer, counts: Iterable[tuple[int, int, int, Millis]]) -> None:
    """Add plays to marks, given as (kind, id, how many, when last); the caller knows that the things are there."""
    db.many(
        "INSERT INTO mark (user_id, kind, item_id, play_count, played_ms) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT (user_id, kind, item_id) DO UPDATE SET play_count = mark.play_count + excluded.play_count,"
        " played_ms = CASE WHEN mark.played_ms > excluded.played_ms THEN mark.played_ms ELSE excluded.played_ms END",
        [(viewer.user_id, *each) for each in counts],
    )


def starred(db: Connection, viewer: Viewer, kind: int, libraries: Sequence[int]) -> Sequence[int]:
    """Return the ids of what the viewer has starred and can see in some libraries, newest star first."""
    return ordered(db, viewer, kind, "starred", libraries)


def ordered(db: Connection, viewer: Viewer, kind: int, by: str, libraries: Sequence[int]) -> array:
    """Return ids in one of the viewer's own orders: "frequent", "recent", "highest" or "starred".

    The order is total, holds only what the viewer can see in these libraries, and is kept until a mark changes.
    "highest" goes by the viewer's own rating, and by everybody's average where they have none.
    """
    libraries = tuple(sorted(set(libraries).intersection(viewer.libraries)))
    versions = [f"marks:{viewer.user_id}", "library"]
    if by == "highest":
        versions.append("ratings")
    build: Callable[[], array] = lambda: array("q", [number for (number,) in _order(db, viewer, kind, by, libraries)])  # noqa: E731
    return db.cached(("marks", viewer.user_id, kind, by, libraries), tuple(versions), build)


def of_folders(db: Connection, viewer: Viewer, folders: Sequence[int]) -> dict[int, OfFolder]:
    """Return the marks of those folders that have any."""
    found: dict[int, OfFolder] = {}
    for folder, starred_ms, rating, total, count in db.rows(
        "SELECT a.folder_id, m.starred_ms, m.rating, r.total, r.count FROM EACH(:ids) e"
        " JOIN album a ON a.folder_id = e.id"
        f" LEFT JOIN mark m ON m.user_id = :user AND m.kind = {ALBUM} AND m.item_id = a.id"
        f" LEFT JOIN rating r ON r.kind = {ALBUM} AND r.item_id = a.id"
        f" WHERE a.track_count > 0 AND a.{_HERE} ORDER BY a.id",
        ids=folders, user=viewer.user_id, libraries=viewer.libraries,
    ):  # fmt: skip
        if folder not in found:
            found[folder] = OfFolder(starred_ms, rating or 0, round(total / count, 2) if count else 0.0)
        elif found[folder].starred_ms is not None:
            last_ms = None if starred_ms is None else max(starred_ms, found[folder].starred_ms)
            found[folder] = found[folder]._replace(starred_ms=last_ms)
    return {folder: each for folder, each in found.items() if any(each)}


def forget(db: Connection, user_id: int) -> None:
    """Remove all marks of a person who leaves, and their part in everybody's averages."""
    # The next person may get this number, and must not get what is remembered under it.
    db.bump(f"marks:{user_id}")
    theirs = (
        "FROM mark m WHERE m.user_id = :user AND m.rating > 0"
        " AND m.kind = rating.kind AND m.item_id = rating.item_id"
    )
    db.run(
        f"UPDATE rating SET total = total - (SELECT m.rating {theirs}), count = count - 1"
        f" WHERE EXISTS (SELECT 1 {theirs})",
        user=user_id,
    )
    db.run("DELETE FROM mark WHERE user_id = :user", user=user_id)
    db.bump("ratings")


def _sorted(db: Connection, viewer: Viewer, items: Iterable[tuple[int, int]]) -> dict[int, list[int]]:
    """Group ids by kind, each once, with the albums of a folder in its place."""
    groups: dict[int, dict[int, None]] = {}
    for kind, number in items:
        groups.setdefault(kind, {})[number] = None
    if folders := groups.pop(FOLDER, None):
        for (number,) in db.rows(
            f"SELECT a.id FROM EACH(:ids) e JOIN album a ON a.folder_id = e.id WHERE a.track_count > 0 AND a.{_HERE}"
            " ORDER BY a.id", ids=list(folders), libraries=viewer.libraries,
        ):  # fmt: skip
            groups.setdefault(ALBUM, {})[number] = None
    return {kind: list(numbers) for kind, numbers in groups.items()}


def _rated(db: Connection, viewer: Viewer, kind: int, number: int, before: int, rating: int) -> None:
    if before == rating:
        return
    db.run(
        "INSERT INTO mark (user_id, kind, item_id, rating) VALUES (:user, :kind, :id, :rating)"
        " ON CONFLICT (user_id, kind, item_id) DO UPDATE SET rating = excluded.rating",
        user=viewer.user_id, kind=kind, id=number, rating=rating,
    )  # fmt: skip
    db.run(
        "INSERT INTO rating (kind, item_id, total, count) VALUES (:kind, :id, :total, :count)"
        " ON CONFLICT (kind, item_id)"
        " DO UPDATE SET total = rating.total + excluded.total, count = rating.count + excluded.count",
        kind=kind, id=number, total=rating - before, count=(rating > 0) - (before > 0),
    )  # fmt: skip
    db.bump("ratings")
    for follow in RATED:
        loaded(follow)(db, viewer, kind, number, rating)


def _order(db: Connection, viewer: Viewer, kind: int, by: str, libraries: tuple[int, ...]) -> list[tuple]:
    if by == "highest":
        return db.rows(
            "SELECT r.item_id FROM rating r"
            f" LEFT JOIN mark m ON m.user_id = :user AND m.kind = {kind} AND m.item_id = r.item_id AND m.rating > 0"
            f" WHERE r.kind = {kind} AND r.count > 0 AND {_SHOWN[kind].format('r.item_id')}"
            " ORDER BY COALESCE(m.rating, r.total * 1.0 / r.count) DESC, r.total * 1.0 / r.count DESC, r.item_id DESC",
            user=viewer.user_id, libraries=libraries,
        )  # fmt: skip
    wanted, order = _ORDERS[by]
    return db.rows(
        f"SELECT m.item_id FROM mark m WHERE m.user_id = :user AND m.kind = {kind} AND {wanted}"
        f" AND {_SHOWN[kind].format('m.item_id')} ORDER BY {order}",
        user=viewer.user_id, libraries=libraries,
    )


FAREWELLS.append(forget)
