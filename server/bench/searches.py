"""What searching costs, and copying a whole library by empty searches as clients do."""

from collections.abc import Iterator
from itertools import count, cycle

import orjson

from server.bench.measure import cpu_s
from server.bench.report import Line
from server.bench.requests import FULL_PAGE
from server.bench.servers import Running, ours
from server.bench.shop import Shop

QUERIES = {
    "one word": ("river", "golden", "velvet", "signal", "thunder"),
    "two words": ("night river", "golden machine", "live glass", "wolf dream", "the silent"),
    "one letter": tuple("seatbmrk"),
    "two letters": ("ni", "go", "ma", "sh", "be", "th"),
    "nothing found": ("xyzzyq", "qqqqq zz", "nothing like it"),
    "not Latin": ("ветро", "夜汽", "새벽", "άνεμος", "полынья"),
    "a whole title": ("static machine", "first light", "paper moon road"),
}
MOST_MS, MOST_PAGE_MS = 2, 1


def searching(shop: Shop) -> Iterator[Line]:
    """Measure text searches for 20 artists, albums and songs each, and pages of the empty search."""
    with shop.copied(shop.usual) as data, ours(data) as server:
        cases = [server.case("ping", "ping")]
        for name, queries in QUERIES.items():
            cases.append(server.cases(name, "search3", ({"query": query} for query in cycle(queries))))
        found = shop.compare(cases)
        for name in QUERIES:
            yield Line("searching", f"search3, {name}", found[name], "ms CPU", found["ping"], "a ping", MOST_MS,
                       absolute=True)  # fmt: skip
        yield from _empty(shop, server)


def _empty(shop: Shop, server: Running) -> Iterator[Line]:
    cases = [server.case("ping", "ping")]
    for depth in (0, 50, 90):
        start = max(0, min(shop.usual * depth // 100, shop.usual - FULL_PAGE - 50))
        cases.append(server.cases(f"{depth} %", "search3", (_songs(start + step % 50) for step in count())))
    found = shop.compare(cases)
    for depth in (0, 50, 90):
        name = f"search3 of nothing, 500 songs at {depth} %"
        yield Line("searching", name, found[f"{depth} %"], "ms CPU", found["ping"], "a ping", MOST_PAGE_MS,
                   absolute=True)  # fmt: skip


def _songs(offset: int) -> dict:
    return {"query": "", "songCount": FULL_PAGE, "artistCount": 0, "albumCount": 0, "songOffset": offset}


def syncing(shop: Shop) -> Iterator[Line]:
    """Measure how a client copies all songs, page by page, until a page is empty."""
    with shop.copied(shop.usual) as data, ours(data) as server:
        server.get("search3", **_songs(0))
        before, seen = cpu_s(server.pid), 0
        for offset in count(0, FULL_PAGE):
            body = server.get("search3", **_songs(offset))
            found = len(orjson.loads(body)["subsonic-response"]["searchResult3"].get("song", ()))
            seen += found
            if not found:
                break
        spent = cpu_s(server.pid) - before
        if seen != shop.usual:
            raise RuntimeError(f"the copy has {seen} of {shop.usual} songs")
        most = shop.usual / 100_000
        yield Line("syncing", f"all {seen} songs by search3 pages", spent, "s CPU", most=most)
