"""What requests cost: ping against bare aiohttp, everything else against a ping.

Every request of a case differs from the one before, so that no kept answer
serves it, unless the case says "again".
"""

import random
from collections.abc import Iterator
from itertools import count, cycle
from statistics import median
from typing import NamedTuple

import orjson

from server.bench.measure import Case
from server.bench.report import Line
from server.bench.servers import Running, bare, ours
from server.bench.shop import Shop, size_of

PAGE, FULL_PAGE = 20, 500
ORDERS = {
    "newest": {}, "alphabeticalByName": {}, "alphabeticalByArtist": {}, "random": {},
    "byYear": {"fromYear": 1950, "toYear": 2030}, "byGenre": {"genre": "Rock"},
    "starred": {}, "highest": {}, "frequent": {}, "recent": {},
}  # fmt: skip
STARS, RATINGS = 2000, 100


class Known(NamedTuple):
    """Ids of some of what a library holds."""

    songs: list[str]
    albums: list[str]
    artists: list[str]
    folders: list[str]


def known(server: Running) -> Known:
    """Return ids of what 2,000 songs by chance lead to."""
    rows: dict[str, dict] = {}
    for _ in range(STARS // FULL_PAGE):
        body = server.get("getRandomSongs", size=FULL_PAGE)
        rows |= {row["id"]: row for row in orjson.loads(body)["subsonic-response"]["randomSongs"]["song"]}
    return Known(list(rows), *[
        list(dict.fromkeys(row[member] for row in rows.values())) for member in ("albumId", "artistId", "parent")
    ])  # fmt: skip


def mark(server: Running, there: Known) -> None:
    """Star, rate and play, so that a person's own orders have something in them."""
    for start in range(0, len(there.songs), 200):
        several = slice(start, start + 200)
        server.get("star", id=there.songs[several], albumId=there.albums[several])
        server.get("scrobble", id=there.songs[several])
    for number, album in enumerate(there.albums[:RATINGS]):
        server.get("setRating", id=album, rating=1 + number % 5)


def ping(shop: Shop) -> Iterator[Line]:
    """Measure the least request, signed in by token."""
    with shop.copied(shop.small) as data, ours(data) as server, bare() as reference:
        found = shop.compare([server.case("ours", "ping"), reference.case("bare", "ping")],
                             3 * shop.pace.rounds)  # fmt: skip
        yield Line("ping", "ping, signed in by token", found["ours"], "ms CPU", found["bare"], "bare aiohttp", 2.5)


def lists(shop: Shop) -> Iterator[Line]:
    """Measure every order of getAlbumList2, at two sizes of library and two depths."""
    for tracks in (shop.usual, shop.huge):
        with shop.copied(tracks) as data, ours(data) as server:
            mark(server, known(server))
            for order, more in ORDERS.items():
                yield from _order(shop, server, order, more, size_of(tracks))


def _order(shop: Shop, server: Running, order: str, more: dict, library: str) -> Iterator[Line]:
    server.get("getAlbumList2", type=order, size=1, **more)
    total = server.client.number("x-total-count")
    cases = [server.case("ping", "ping")]
    for size in (PAGE, FULL_PAGE):
        for depth in (0, 90):
            start = min(total * depth // 100, max(0, total - size - 50))
            cases.append(server.cases(f"{size} at {depth} %", "getAlbumList2", _pages(order, more, size, start)))
    found = shop.compare(cases)
    for size, most in ((PAGE, 4), (FULL_PAGE, 30)):
        first, deep = found[f"{size} at 0 %"], found[f"{size} at 90 %"]
        name = f"getAlbumList2 {order} {size}, {library}"
        yield Line("lists", name, first, "ms CPU", found["ping"], "a ping", most)
        yield Line("lists", f"{name}, 90 % deep", deep, "ms CPU", first, "at 0 %", 1.5)


def _pages(order: str, more: dict, size: int, start: int) -> Iterator[dict]:
    """Yield requests for nearly the same page, no two of them alike."""
    for step in count():
        yield {"type": order, "size": size, "offset": start + step % 50, **more, "_try": step}


def browsing(shop: Shop) -> Iterator[Line]:
    """Measure what opens an artist, an album, a song and a folder."""
    with shop.copied(shop.usual) as data, ours(data) as server:
        there = known(server)
        found = shop.compare([
            server.case("ping", "ping"),
            server.cases("getAlbum", "getAlbum", _each("id", there.albums)),
            server.cases("getSong", "getSong", _each("id", there.songs)),
            server.cases("getArtist", "getArtist", _each("id", there.artists)),
            server.cases("getMusicDirectory", "getMusicDirectory", _each("id", there.folders)),
            server.cases("getRandomSongs 100", "getRandomSongs", ({"size": 100, "_try": at} for at in count())),
            server.case("getAlbum again", "getAlbum", id=there.albums[0]),
        ])  # fmt: skip
        for name in ("getAlbum", "getSong"):
            yield Line("browsing", name, found[name], "ms CPU", found["ping"], "a ping", 6)
        for name in ("getAlbum again", "getArtist", "getMusicDirectory", "getRandomSongs 100"):
            yield Line("browsing", name, found[name], "ms CPU", found["ping"], "a ping")
        yield from _indexes(shop, server, there)


def _indexes(shop: Shop, server: Running, there: Known) -> Iterator[Line]:
    """Measure the whole indexes, anew after the listener's marks have moved, and kept."""
    names = ("getArtists", "getIndexes", "getGenres")
    anew = {name: [] for name in names}
    for song in there.songs[:5]:
        server.get("star", id=song)
        for name in names:
            anew[name].append(shop.compare([server.case("", name)._replace(first=True)], 1)[""])
    again = shop.compare([server.case("ping", "ping"), *[server.case(name, name) for name in names]])
    for name in names:
        most = 20 if name == "getArtists" else None
        yield Line("browsing", f"{name}, first", median(anew[name]), "ms CPU", again["ping"], "a ping", most,
                   absolute=True)  # fmt: skip
        most = 2 if name == "getArtists" else None
        yield Line("browsing", f"{name}, again", again[name], "ms CPU", again["ping"], "a ping", most)


def formats(shop: Shop) -> Iterator[Line]:
    """Measure a page of 500 songs in both formats."""
    with shop.copied(shop.usual) as data, ours(data) as server:
        def page(fmt: str) -> Case:
            return server.cases(fmt, "search3", ({
                "query": "", "songCount": FULL_PAGE, "artistCount": 0, "albumCount": 0, "songOffset": step % 5000,
                "f": fmt, "_try": step,
            } for step in count()))  # fmt: skip

        found = shop.compare([page("json"), page("xml")])
        yield Line("formats", "500 songs as XML", found["xml"], "ms CPU", found["json"], "as JSON")


def _each(name: str, values: list[str]) -> Iterator[dict]:
    """Yield one parameter with each value in turn, in an order that no cache expects."""
    shuffled = random.Random(1).sample(values, len(values))
    return ({name: value, "_try": number} for number, value in enumerate(cycle(shuffled)))
