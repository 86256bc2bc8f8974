"""Sharing: what is shared can be had without an account under its address, until it expires or is taken back.

The address may name another host than the one that is asked here (a proxy in front): only its path is called.
"""

import time
from urllib.parse import urlsplit

from conformance.check import instant
from conformance.model import MUST, SHOULD, Short, expect, rule
from conformance.site import Site, Tree
from conformance.things import new_share, share_of

TEXT = "für alle & <jeden> 🎵"
REFUSED = (50, 70)
WRITES = "write share songs"


def _entries(share: Tree) -> list[str]:
    return [entry["id"] for entry in share.get("entry") or []]


def _visit(site: Site, share: Tree):
    """What a stranger gets who follows the address of a share."""
    parts = urlsplit(share["url"])
    return site.client.fetch(f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}", limit=65536)


@rule("one", MUST, "The answer holds the one share that was made: its songs in order, its owner, no visits yet.",
      "createShare", needs=WRITES)
def one(site: Site, endpoint: str) -> None:
    ids = [site.others[0]["id"], site.song["id"]]
    rows = site.read(endpoint, id=ids, description=site.mark)["share"]
    for row in rows:
        site.later(lambda row=row: site.ask("deleteShare", {"id": row["id"]}))
    expect(len(rows) == 1, f"{len(rows)} shares")
    expect(_entries(rows[0]) == ids, f"entries {_entries(rows[0])}, {ids} were shared")
    expect(rows[0]["username"].lower() == site.account.name.lower(), f"username {rows[0]['username']!r}")
    expect(rows[0]["visitCount"] == 0, f"visitCount {rows[0]['visitCount']}")


@rule("kept", MUST, "A share is listed with its description and the moment at which it expires, as they were given.",
      "getShares", "createShare", needs=WRITES)
def kept(site: Site, endpoint: str) -> None:
    expires = (int(time.time()) + 86_400) * 1000
    made = new_share(site, description=TEXT, expires=expires)
    listed = share_of(site, made["id"])
    expect(listed, "the share is not listed")
    for got in (made, listed):
        expect(got.get("description") == TEXT, f"description {got.get('description')!r}")
        moment = instant(got.get("expires", ""))
        expect(moment and int(moment.timestamp() * 1000) == expires, f"expires {got.get('expires')!r}, not {expires}")
        expect(got["url"] == made["url"], f"url {got['url']!r} in the list, {made['url']!r} when it was made")


@rule("unlimited", SHOULD, "A share without an end has no expires.", "createShare", needs=WRITES)
def unlimited(site: Site, endpoint: str) -> None:
    made = new_share(site)
    expect("expires" not in made, f"expires {made.get('expires')!r}")


@rule("album", MUST, "An album can be shared: its songs are the entries.", "createShare", needs=WRITES)
def album(site: Site, endpoint: str) -> None:
    songs = [s["id"] for s in site.read("getAlbum", id=site.album["id"])["song"]]
    got = _entries(new_share(site, [site.album["id"]]))
    # the folder view would have the album itself as its one entry
    expect(got in (songs, [site.album["id"]]), f"{len(got)} entries, the album has {len(songs)} songs")


@rule("address", MUST, "The address of a share is a whole one, with scheme and host, and opens without an account.",
      "createShare", needs=WRITES)
def address(site: Site, endpoint: str) -> None:
    made = new_share(site)
    parts = urlsplit(made["url"])
    expect(parts.scheme in ("http", "https") and parts.netloc, f"url {made['url']!r}")
    answer = _visit(site, made)
    expect(answer.status < 400, f"{answer.asked} answered {answer.brief()}", "a page")


@rule("address.unguessed", SHOULD, "Two shares of the same song have addresses of their own.", "createShare",
      needs=WRITES)
def unguessed(site: Site, endpoint: str) -> None:
    first, second = new_share(site), new_share(site)
    expect(first["id"] != second["id"] and first["url"] != second["url"], f"both are {first['url']}")


@rule("visited", SHOULD, "A visit counts, and is remembered as the last one.", "getShares", needs=WRITES)
def visited(site: Site, endpoint: str) -> None:
    made = new_share(site)
    _visit(site, made)
    got = share_of(site, made["id"]) or {}
    expect(got.get("visitCount", 0) >= 1, f"visitCount {got.get('visitCount')} after a visit")
    expect("lastVisited" in got, "no lastVisited after a visit")


@rule("expired", MUST, "A share that has expired no longer opens.", "createShare", "updateShare", needs=WRITES)
def expired(site: Site, endpoint: str) -> None:
    past = (int(time.time()) - 86_400) * 1000
    if endpoint == "createShare":
        tree = site.ask(endpoint, {"id": site.song["id"], "expires": past}).tree()
        if tree.get("status") != "ok":
            return  # to refuse it is as good
        made = tree["shares"]["share"][0]
        site.later(lambda: site.ask("deleteShare", {"id": made["id"]}))
    else:
        made = new_share(site)
        site.reply(endpoint, id=made["id"], expires=past)
    answer = _visit(site, made)
    expect(answer.status >= 400, f"{answer.asked} answered HTTP {answer.status}", "HTTP 404 or 410")


@rule("changes", MUST, "A description and an end that are given change; what is not given stays.", "updateShare",
      needs=WRITES)
def changes(site: Site, endpoint: str) -> None:
    made = new_share(site, description="before")
    expires = (int(time.time()) + 3600) * 1000
    site.reply(endpoint, id=made["id"], expires=expires)
    got = share_of(site, made["id"]) or {}
    expect(got.get("description") == "before", f"description {got.get('description')!r}, it was not named")
    moment = instant(got.get("expires", ""))
    expect(moment and int(moment.timestamp() * 1000) == expires, f"expires {got.get('expires')!r}")
    site.reply(endpoint, id=made["id"], description=TEXT)
    got = share_of(site, made["id"]) or {}
    expect(got.get("description") == TEXT, f"description {got.get('description')!r}")
    expect("expires" in got, "expires is gone, it was not named")


@rule("endless", SHOULD, "An end of 0 takes the end away.", "updateShare", needs=WRITES)
def endless(site: Site, endpoint: str) -> None:
    made = new_share(site, expires=(int(time.time()) + 3600) * 1000)
    site.reply(endpoint, id=made["id"], expires=0)
    got = share_of(site, made["id"]) or {}
    expect("expires" not in got, f"expires {got.get('expires')!r}")


@rule("deleted", MUST, "A deleted share is gone at once: not listed, its address no longer opens.", "deleteShare",
      needs=WRITES)
def deleted(site: Site, endpoint: str) -> None:
    made = new_share(site)
    site.reply(endpoint, id=made["id"])
    expect(not share_of(site, made["id"]), "still listed")
    answer = _visit(site, made)
    expect(answer.status >= 400, f"{answer.asked} answered HTTP {answer.status}", "HTTP 404 or 410")
    site.refused(endpoint, (70,), id=made["id"])


@rule("right", MUST, "An account without shareRole may not share: error 50.", "createShare", needs="write admin songs")
def right(site: Site, endpoint: str) -> None:
    account = site.new_user("keeps", shareRole="false")
    site.refused(endpoint, (50,), account, id=site.song["id"])


@rule("own", MUST, "A share is its owner's: another account does not see it, change it or delete it.", "getShares",
      "updateShare", "deleteShare", needs=f"{WRITES} second")
def own(site: Site, endpoint: str) -> None:
    made = new_share(site, description="mine")
    if endpoint == "getShares":
        expect(not share_of(site, made["id"], site.second), "another account sees the share")
        return
    more = {"description": "stolen"} if endpoint == "updateShare" else {}
    site.refused(endpoint, REFUSED, site.second, id=made["id"], **more)
    left = share_of(site, made["id"])
    if not left or left.get("description") != "mine":
        raise Short("it was refused, and changed all the same")
