"""The play queue: one for each account, saved and read in two ways that show the same queue."""

from conformance.client import CLIENT
from conformance.model import DOCS, MUST, SHOULD, expect, rule
from conformance.site import Site
from conformance.verdicts import accepted

INDEXED = f"{DOCS}/extensions/indexbasedqueue/"
BOTH = ("getPlayQueue", "getPlayQueueByIndex")
SAVES = {"savePlayQueue": "getPlayQueue", "savePlayQueueByIndex": "getPlayQueueByIndex"}


def _three(site: Site) -> list[str]:
    site.keep_queue()
    return [site.song["id"], site.others[0]["id"], site.others[1]["id"]]


def _save(site: Site, endpoint: str, ids: list[str], at: int, position: int = 0, by=None) -> None:
    current = {"current": ids[at]} if endpoint == "savePlayQueue" else {"currentIndex": at}
    site.reply(endpoint, by, id=ids, position=position, **current)


def _ids(queue: dict) -> list[str]:
    return [entry["id"] for entry in queue.get("entry") or []]


@rule("kept", MUST, "A saved queue comes back: its songs in order, the current one, the position in milliseconds.",
      *SAVES, needs="write songs")
def kept(site: Site, endpoint: str) -> None:
    songs = _three(site)
    _save(site, endpoint, songs, 1, 98_765)
    queue = site.read(SAVES[endpoint])
    expect(_ids(queue) == songs, f"{len(_ids(queue))} songs, {len(songs)} were saved, or in another order")
    expect(queue.get("position") == 98_765, f"position {queue.get('position')!r}, 98765 was saved")
    if endpoint == "savePlayQueue":
        expect(queue.get("current") == songs[1], f"current {queue.get('current')!r}, {songs[1]!r} was saved")
    else:
        expect(queue.get("currentIndex") == 1, f"currentIndex {queue.get('currentIndex')!r}, 1 was saved")


@rule("by", MUST, "A saved queue says whose it is and which client saved it.", *SAVES, needs="write songs")
def by_whom(site: Site, endpoint: str) -> None:
    _save(site, endpoint, _three(site), 0)
    queue = site.read(SAVES[endpoint])
    expect(queue["username"].lower() == site.account.name.lower(), f"username {queue['username']!r}")
    expect(queue["changedBy"] == CLIENT, f"changedBy {queue['changedBy']!r}, {CLIENT!r} saved it")


@rule("one", MUST, "Both ways show the same queue.", *BOTH, page=INDEXED, needs="write songs indexBasedQueue")
def one_queue(site: Site, endpoint: str) -> None:
    songs = _three(site)
    if endpoint == "getPlayQueue":
        _save(site, "savePlayQueueByIndex", songs, 2, 7)
        queue = site.read(endpoint)
        expect(queue.get("current") == songs[2], f"current {queue.get('current')!r}, index 2 was saved")
    else:
        _save(site, "savePlayQueue", songs, 2, 7)
        queue = site.read(endpoint)
        expect(queue.get("currentIndex") == 2, f"currentIndex {queue.get('currentIndex')!r}, the third was saved")
    expect(_ids(queue) == songs and queue.get("position") == 7, f"{len(_ids(queue))} songs at {queue.get('position')}")


@rule("repeats", MUST, "A song may stand in the queue twice, and the index tells which is meant.",
      "savePlayQueueByIndex", page=INDEXED, needs="write songs")
def repeats(site: Site, endpoint: str) -> None:
    a, b, _ = _three(site)
    _save(site, endpoint, [a, b, a], 2)
    queue = site.read("getPlayQueueByIndex")
    expect(_ids(queue) == [a, b, a], f"{len(_ids(queue))} songs, 3 were saved")
    expect(queue.get("currentIndex") == 2, f"currentIndex {queue.get('currentIndex')!r}, 2 was saved")


@rule("index.limits", MUST, "An index outside the queue, or none with songs given, is error 10.",
      "savePlayQueueByIndex", page=INDEXED, needs="write songs")
def index_limits(site: Site, endpoint: str) -> None:
    songs = _three(site)
    for at in (-1, 3, 1000):
        site.refused(endpoint, (10,), id=songs, currentIndex=at)
    site.refused(endpoint, (10,), id=songs)


@rule("current.limits", SHOULD, "Songs without a current one are error 10, a current one that is not among them 0.",
      "savePlayQueue", needs="write songs opensubsonic")
def current_limits(site: Site, endpoint: str) -> None:
    songs = _three(site)
    site.refused(endpoint, (10,), id=songs[:2])
    site.refused(endpoint, (0, 10), id=songs[:2], current=songs[2])


@rule("clears", MUST, "To save nothing clears the queue.", *SAVES, needs="write songs opensubsonic")
def clears(site: Site, endpoint: str) -> None:
    _save(site, endpoint, _three(site), 0)
    site.reply(endpoint)
    tree = site.reply(SAVES[endpoint])
    queue = tree.get("playQueue") or tree.get("playQueueByIndex") or {}
    expect(not _ids(queue), f"{len(_ids(queue))} songs are still there")


@rule("many", SHOULD, "Five hundred songs can be saved in a form body.", *SAVES, needs="write songs formPost")
def many(site: Site, endpoint: str) -> None:
    songs = (_three(site) * 167)[:500]
    current = {"current": songs[0]} if endpoint == "savePlayQueue" else {"currentIndex": 499}
    accepted(site.ask(endpoint, {"id": songs, **current}, post="form"))
    expect(_ids(site.read(SAVES[endpoint])) == songs, "another queue came back")


@rule("own", MUST, "The queue is the account's own.", *BOTH, needs="write songs second")
def own(site: Site, endpoint: str) -> None:
    songs = _three(site)
    _save(site, "savePlayQueue", songs, 0)
    tree = site.reply(endpoint, site.second)
    queue = tree.get("playQueue") or tree.get("playQueueByIndex") or {}
    expect(queue.get("username", "") != site.account.name, "another account reads this queue")
