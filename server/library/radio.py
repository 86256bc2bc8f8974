"""Internet radio: stations that administrators list and everybody may hear.

A station is an address that apps play themselves; nothing is fetched here. The
rule a newcomer would break: apps remember stations by id, so the number of one
that was removed is never given to another.
"""

from collections.abc import Iterable
from typing import NamedTuple

from server.kernel.clock import Millis, now_ms
from server.kernel.db import Connection
from server.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from server.kernel.fetch import host_of
from server.library.names import sort_key
from server.users.people import Viewer

OWNS = ("radio_station",)
NAME_MAX = 200
STATIONS_MAX = 5000


class Station(NamedTuple):
    id: int
    name: str
    stream_url: str
    homepage_url: str
    """"" when none is known."""
    picture_key: str
    """Names the content of its picture; "" when it has none."""


class Listed(NamedTuple):
    """A station as a list of them tells it, not ours yet."""

    name: str
    stream_url: str
    homepage_url: str = ""


_SELECT = "SELECT id, name, stream_url, homepage_url, picture_key FROM radio_station"


def everything(db: Connection) -> list[Station]:
    """List all stations by name; every viewer may hear them."""
    return [Station(*row) for row in db.rows(f"{_SELECT} ORDER BY sort, id")]


def by_id(db: Connection, number: int) -> Station:
    """Return a station. Raises NotFound."""
    row = db.row(f"{_SELECT} WHERE id = :id", id=number)
    if row is None:
        raise NotFound("There is no such radio station.")
    return Station(*row)


def create(db: Connection, viewer: Viewer, station: Listed) -> int:
    """Add a station and return its number. Raises Forbidden and Invalid."""
    _admin_only(viewer)
    return _insert(db, _checked(station))


def add_new(db: Connection, viewer: Viewer, found: Iterable[Listed]) -> int:
    """Add those stations whose stream is not listed yet, and return how many those were."""
    _admin_only(viewer)
    known = {url for (url,) in db.rows("SELECT stream_url FROM radio_station")}
    fresh = {each.stream_url: each for each in map(_checked, found) if each.stream_url not in known}
    for station in fresh.values():
        _insert(db, station)
    return len(fresh)


def change(db: Connection, viewer: Viewer, number: int, name: str, stream_url: str, homepage_url: str | None) -> None:
    """Change a station; a homepage of None stays as it is. Raises Forbidden, NotFound and Invalid."""
    _admin_only(viewer)
    before = by_id(db, number)
    now = _checked(Listed(name, stream_url, before.homepage_url if homepage_url is None else homepage_url))
    moved = now.homepage_url != before.homepage_url
    db.run(
        "UPDATE radio_station SET name = :name, sort = :sort, stream_url = :stream, homepage_url = :homepage,"
        " picture_sought_ms = CASE WHEN :moved = 1 THEN NULL ELSE picture_sought_ms END WHERE id = :id",
        name=now.name, sort=sort_key(now.name), stream=now.stream_url, homepage=now.homepage_url, moved=int(moved),
        id=number,
    )  # fmt: skip


def delete(db: Connection, viewer: Viewer, number: int) -> None:
    """Remove a station. Raises Forbidden and NotFound."""
    _admin_only(viewer)
    if not db.run("DELETE FROM radio_station WHERE id = :id", id=number):
        raise NotFound("There is no such radio station.")


def check(db: Connection, viewer: Viewer, number: int) -> None:
    """Make sure that a station is there for this viewer to change. Raises Forbidden and NotFound."""
    _admin_only(viewer)
    by_id(db, number)


def picture(db: Connection, number: int) -> bytes | None:
    """Return the picture of a station, None when it has none or has gone."""
    return db.value("SELECT picture FROM radio_station WHERE id = :id", id=number)


def set_picture(db: Connection, viewer: Viewer, number: int, key: str, data: bytes | None) -> None:
    """Give a station a picture that our own child made, or take it away. Raises Forbidden and NotFound."""
    _admin_only(viewer)
    changed = db.run(
        "UPDATE radio_station SET picture_key = :key, picture = :data WHERE id = :id", key=key, data=data, id=number
    )
    if not changed:
        raise NotFound("There is no such radio station.")


def adopt_picture(db: Connection, number: int, key: str, data: bytes) -> None:
    """Give a station the picture that was found for it, unless it has got one meanwhile."""
    db.run(
        "UPDATE radio_station SET picture_key = :key, picture = :data WHERE id = :id AND picture_key = ''",
        key=key, data=data, id=number,
    )  # fmt: skip


def seek_picture(db: Connection, number: int, again_ms: Millis) -> str:
    """Return the homepage to look for a picture at, "" when there is none or it was looked at since `again_ms` ago."""
    station, now = by_id(db, number), now_ms()
    sought = db.run(
        "UPDATE radio_station SET picture_sought_ms = :now WHERE id = :id AND picture_key = '' AND homepage_url <> ''"
        " AND COALESCE(picture_sought_ms, 0) < :before",
        now=now, id=number, before=now - again_ms,
    )  # fmt: skip
    return station.homepage_url if sought else ""


def _insert(db: Connection, station: Listed) -> int:
    if db.value("SELECT CAST(count(*) AS BIGINT) FROM radio_station") >= STATIONS_MAX:
        raise Conflict(f"There are {STATIONS_MAX} stations already, which is the most there can be.")
    db.bump("station-ids")
    number = db.value("SELECT number FROM version WHERE name = 'station-ids'")
    db.run(
        "INSERT INTO radio_station (id, name, sort, stream_url, homepage_url, added_ms)"
        " VALUES (:id, :name, :sort, :stream, :homepage, :now)",
        id=number, name=station.name, sort=sort_key(station.name), stream=station.stream_url,
        homepage=station.homepage_url, now=now_ms(),
    )  # fmt: skip
    return number


def _checked(station: Listed) -> Listed:
    name = " ".join("".join(char if char.isprintable() else " " for char in station.name).split())
    if not name:
        raise Invalid("A radio station needs a name.")
    if len(name) > NAME_MAX:
        raise Invalid(f"The name of a radio station can have at most {NAME_MAX} characters.")
    stream, homepage = station.stream_url.strip(), station.homepage_url.strip()
    for url in filter(None, (stream, homepage)):
        # Apps on this network may hear what this server would not fetch, so a private address is none of our business.
        host_of(url)
    if not stream:
        raise Invalid("A radio station needs the address of its stream.")
    return Listed(name, stream, homepage)


def _admin_only(viewer: Viewer) -> None:
    if not viewer.is_admin:
        raise Forbidden("Only an administrator can change the radio stations.")
