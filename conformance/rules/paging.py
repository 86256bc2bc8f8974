"""Paging: a total order, no entry twice, none left out, and an exact end.

Clients copy whole libraries page by page. A library is crawled here up to a bound, so that a run on a large one ends.
"""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from conformance import check
from conformance.model import MUST, SHOULD, Short, Skip, expect, rule
from conformance.site import Site

MOST = 5000
Page = Callable[[int, int], list[dict[str, Any]]]


def crawl(page: Page, size: int, most: int = MOST) -> tuple[list[str], bool]:
    """All ids that pages of `size` give, and whether the end was reached. Raises Short at a page that is too long."""
    ids: list[str] = []
    while len(ids) < most:
        rows = page(len(ids), size)
        if len(rows) > size:
            raise Short(f"{len(rows)} entries at offset {len(ids)} for a size of {size}")
        ids += [row["id"] for row in rows]
        if len(rows) < size:
            beyond = page(len(ids), size)
            expect(not beyond, f"{len(beyond)} entries at offset {len(ids)}, past a page that was short")
            return ids, True
    return ids, False


def check_once(ids: list[str], what: str) -> None:
    twice = len(ids) - len(set(ids))
    expect(not twice, f"{twice} of {len(ids)} {what} came twice")


def _album_page(site: Site, endpoint: str, kind: str, **more: Any) -> Page:
    return lambda offset, size: site.read(endpoint, type=kind, size=size, offset=offset, **more).get("album") or []


ORDERS = ("alphabeticalByName", "alphabeticalByArtist", "newest")


@rule("pages.once", MUST, "Page by page every album comes once, whatever the size of the page, and the end is exact.",
      "getAlbumList", "getAlbumList2")
def album_pages(site: Site, endpoint: str) -> None:
    filters = [(kind, {}) for kind in ORDERS]
    filters += [("byYear", {"fromYear": 1, "toYear": 2100}), ("byYear", {"fromYear": 2100, "toYear": 1})]
    with suppress(Skip):
        filters.append(("byGenre", {"genre": site.genre}))
    for kind, more in filters:
        page = _album_page(site, endpoint, kind, **more)
        large, ended = crawl(page, 500)
        check_once(large, f"albums of {kind}")
        if not ended or len(large) > 600:
            continue
        small, _ = crawl(page, max(2, len(large) // 5))
        check_once(small, f"albums of {kind}")
        expect(set(small) == set(large), f"{kind}: {len(large)} albums by pages of 500, {len(small)} by small ones")
        expect(small == large, f"{kind}: the order depends on the size of the page")


@rule("pages.random", MUST, "A page of random albums has none twice, and is as long as asked for.", "getAlbumList",
      "getAlbumList2")
def random_page(site: Site, endpoint: str) -> None:
    ids = [row["id"] for row in _album_page(site, endpoint, "random")(0, 15)]
    check_once(ids, "albums")
    wanted = min(15, len(site.albums))
    expect(wanted <= len(ids) <= 15, f"{len(ids)} albums, {wanted} could be given")


@rule("pages.orders", MUST, "Every complete order lists the same albums.", "getAlbumList", "getAlbumList2")
def album_orders(site: Site, endpoint: str) -> None:
    found = {kind: crawl(_album_page(site, endpoint, kind), 500) for kind in ORDERS}
    if not all(ended for _, ended in found.values()):
        raise Skip(f"more than {MOST} albums")
    first = set(found[ORDERS[0]][0])
    for kind in ORDERS[1:]:
        expect(set(found[kind][0]) == first, f"{ORDERS[0]} lists {len(first)}, {kind} {len(set(found[kind][0]))}")


@rule("pages.genre", MUST, "Page by page every song of a genre comes once.", "getSongsByGenre")
def genre_pages(site: Site, endpoint: str) -> None:
    def page(offset: int, size: int) -> list[dict[str, Any]]:
        return site.read(endpoint, genre=site.genre, count=size, offset=offset).get("song") or []

    large, ended = crawl(page, 500)
    check_once(large, "songs")
    if ended and len(large) <= 600:
        small, _ = crawl(page, max(2, len(large) // 5))
        expect(small == large, f"{len(large)} songs by pages of 500, {len(small)} by small ones, or in another order")


def search_page(site: Site, kind: str, query: str = "", endpoint: str = "search3", **more: Any) -> Page:
    def page(offset: int, size: int) -> list[dict[str, Any]]:
        asked = more | dict.fromkeys((f"{k}Count" for k in ("artist", "album", "song")), 0)
        asked |= {f"{kind}Count": size, f"{kind}Offset": offset}
        return site.read(endpoint, query=query, **asked).get(kind) or []

    return page


EMPTY_PAGE = "https://opensubsonic.netlify.app/docs/endpoints/search3/"


@rule("crawl.all", MUST, "An empty query (nothing, or two quotation marks) lists the whole library, page by page, "
      "each entry once.", "search3", page=EMPTY_PAGE)
def crawl_all(site: Site, endpoint: str) -> None:
    for query in ("", '""'):
        for kind in ("song", "album", "artist"):
            ids, _ = crawl(search_page(site, kind, query), 500)
            expect(ids or not site.songs, f"query={query!r} lists no {kind}, though there are songs")
            check_once(ids, f"{kind}s of query={query!r}")


@rule("crawl.complete", MUST, "What an empty query lists is the library: the albums of getAlbumList2, and as many "
      "songs as they hold.", "search3", page=EMPTY_PAGE)
def crawl_complete(site: Site, endpoint: str) -> None:
    songs, songs_ended = crawl(search_page(site, "song"), 500)
    albums, albums_ended = crawl(search_page(site, "album"), 500)
    rows: dict[str, int] = {}
    for offset in range(0, MOST, 500):
        page = site.read("getAlbumList2", type="alphabeticalByName", size=500, offset=offset).get("album") or []
        rows |= {row["id"]: row["songCount"] for row in page}
        if len(page) < 500:
            break
    if not (songs_ended and albums_ended) or len(rows) >= MOST:
        raise Skip(f"more than {MOST}")
    expect(set(albums) == set(rows), f"{len(set(albums))} albums, getAlbumList2 lists {len(rows)}")
    expect(len(songs) >= sum(rows.values()), f"{len(songs)} songs, the albums hold {sum(rows.values())}")
    missing = {song["id"] for song in site.songs} - set(songs)
    expect(not missing, f"songs of albums that are not listed: {sorted(missing)[:3]}")


@rule("crawl.fields", MUST, "Every entry of the whole library has its required fields, of their types.", "search3",
      page=EMPTY_PAGE)
def crawl_fields(site: Site, endpoint: str) -> None:
    for kind, type_name in (("song", "Child"), ("album", "AlbumID3"), ("artist", "ArtistID3")):
        page = search_page(site, kind)
        for offset in range(0, MOST, 500):
            rows = page(offset, 500)
            for row in rows:
                fault = next(check.faults(type_name, row, f"{kind} {row.get('id')}", site.dialect), None)
                expect(not fault, str(fault))
            if len(rows) < 500:
                break


@rule("crawl.folder", SHOULD, "What each music folder holds is together what all hold.", "search3", page=EMPTY_PAGE)
def crawl_folder(site: Site, endpoint: str) -> None:
    whole, ended = crawl(search_page(site, "song"), 500)
    folders = site.read("getMusicFolders").get("musicFolder") or []
    if not ended or len(folders) > 10:
        raise Skip("too large a library")
    union: set[str] = set()
    for folder in folders:
        inside, _ = crawl(search_page(site, "song", musicFolderId=folder["id"]), 500)
        strays = set(inside) - set(whole)
        expect(not strays, f"folder {folder['id']} holds {sorted(strays)[:3]}, which the whole does not")
        union |= set(inside)
    expect(union == set(whole), f"{len(union)} songs in the folders together, {len(set(whole))} in all")


@rule("crawl.stable", MUST, "The order of an empty query holds still, and does not depend on the size of the page.",
      "search3", page=EMPTY_PAGE)
def crawl_stable(site: Site, endpoint: str) -> None:
    for kind in ("song", "album", "artist"):
        page = search_page(site, kind)
        first = [row["id"] for row in page(0, 100)]
        again = [row["id"] for row in page(0, 100)]
        expect(first == again, f"the same page of {kind}s came in another order")
        step = max(2, len(first) // 4)
        small = [row["id"] for offset in range(0, len(first), step) for row in page(offset, step)]
        expect(small[: len(first)] == first, f"{kind}s come in another order by pages of {step}")


@rule("crawl.folders", SHOULD, "The folder search lists the whole library for an empty query as well.", "search2")
def crawl_folders(site: Site, endpoint: str) -> None:
    ids, _ = crawl(search_page(site, "song", endpoint="search2"), 500)
    check_once(ids, "songs")
    whole, _ = crawl(search_page(site, "song"), 500)
    expect(set(ids) == set(whole), f"search2 lists {len(set(ids))} songs, search3 {len(set(whole))}")


@rule("pages.text", MUST, "What a text finds comes in a still order too, page by page each entry once.", "search2",
      "search3")
def text_pages(site: Site, endpoint: str) -> None:
    letters = "".join(song["title"] for song in site.songs).lower()
    query = max((c for c in letters if c.isalpha()), key=letters.count, default="a")
    for kind in ("song", "album", "artist"):
        page = search_page(site, kind, query, endpoint)
        first = [row["id"] for row in page(0, 60)]
        check_once(first, f"{kind}s of query={query!r}")
        step = max(2, len(first) // 4)
        small = [row["id"] for offset in range(0, len(first), step) for row in page(offset, step)]
        expect(small[: len(first)] == first, f"{kind}s of query={query!r} come in another order by pages of {step}")
