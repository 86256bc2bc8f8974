"""Bookmarks: one for each song and account, its position in milliseconds."""

from conformance.check import instant
from conformance.model import MUST, SHOULD, expect, rule
from conformance.site import Site
from conformance.verdicts import must_fail


def _find(site: Site, by=None) -> dict | None:
    rows = site.read("getBookmarks", by).get("bookmark") or []
    return next((b for b in rows if b["entry"]["id"] == site.song["id"]), None)


def _create(site: Site, **more) -> None:
    site.later(lambda: site.ask("deleteBookmark", {"id": site.song["id"]}))
    site.reply("createBookmark", id=site.song["id"], **more)


@rule("kept", MUST, "A bookmark comes back with its song as one object, its exact position, comment and owner.",
      "getBookmarks", "createBookmark", needs="write songs")
def kept(site: Site, endpoint: str) -> None:
    _create(site, position=61_234, comment="ä & <b> 🎵")
    mark = _find(site)
    expect(mark, "the bookmark is not listed")
    expect(mark["position"] == 61_234, f"position {mark['position']}, 61234 was given")
    expect(mark.get("comment") == "ä & <b> 🎵", f"comment {mark.get('comment')!r}")
    expect(mark["username"].lower() == site.account.name.lower(), f"username {mark['username']!r}")


@rule("replaced", MUST, "A second bookmark of the same song replaces the first, and keeps its created.",
      "createBookmark", needs="write songs")
def replaced(site: Site, endpoint: str) -> None:
    _create(site, position=1000)
    first = _find(site)
    _create(site, position=2000)
    rows = [b for b in site.read("getBookmarks")["bookmark"] if b["entry"]["id"] == site.song["id"]]
    expect(len(rows) == 1, f"{len(rows)} bookmarks of one song")
    expect(rows[0]["position"] == 2000, f"position {rows[0]['position']}, 2000 was given")
    expect(instant(rows[0]["changed"]) >= instant(first["changed"]), "changed went back")


@rule("large", SHOULD, "A position of days is kept: it is a 64-bit number of milliseconds.", "createBookmark",
      needs="write songs")
def large(site: Site, endpoint: str) -> None:
    _create(site, position=5_000_000_000)
    got = (_find(site) or {}).get("position")
    expect(got == 5_000_000_000, f"position {got}, 5000000000 was given")


@rule("negative", SHOULD, "A negative position is refused, or counts as zero.", "createBookmark", needs="write songs")
def negative(site: Site, endpoint: str) -> None:
    site.later(lambda: site.ask("deleteBookmark", {"id": site.song["id"]}))
    answer = site.ask(endpoint, {"id": site.song["id"], "position": -1})
    if answer.tree().get("status") == "ok":
        got = (_find(site) or {}).get("position")
        expect(got == 0, f"position {got}, -1 was given")
    else:
        must_fail(answer, (0, 10))


@rule("deleted", MUST, "A deleted bookmark is gone.", "deleteBookmark", needs="write songs")
def deleted(site: Site, endpoint: str) -> None:
    _create(site, position=1000)
    site.reply(endpoint, id=site.song["id"])
    expect(not _find(site), "still listed")


@rule("own", MUST, "Bookmarks are the account's own.", "getBookmarks", needs="write songs second")
def own(site: Site, endpoint: str) -> None:
    _create(site, position=1000)
    expect(not _find(site, site.second), "another account sees the bookmark")
