"""Playlists between two accounts: what is private stays so, what is public can be heard and not changed."""

from conformance.model import MUST, SHOULD, expect, rule
from conformance.rules.playlists import entries
from conformance.site import Site

WRITERS = ("updatePlaylist", "deletePlaylist", "createPlaylist")
REFUSED = (50, 70)


def _write(site: Site, endpoint: str, id_: str) -> None:
    """Try to change our list as the second account; raise Short unless it is refused."""
    name = {"deletePlaylist": "id"}.get(endpoint, "playlistId")
    more = {"updatePlaylist": {"songIndexToRemove": 0}, "createPlaylist": {"songId": site.others[0]["id"]}}
    site.refused(endpoint, REFUSED, site.second, **{name: id_}, **more.get(endpoint, {}))


@rule("private", MUST, "A private playlist is hidden from others: not listed, not opened.", "getPlaylist",
      "getPlaylists", needs="write songs second")
def private(site: Site, endpoint: str) -> None:
    made = site.new_playlist([site.song["id"]], "private")
    site.reply("updatePlaylist", playlistId=made["id"], public="false")
    if endpoint == "getPlaylist":
        site.refused(endpoint, REFUSED, site.second, id=made["id"])
    else:
        rows = site.read(endpoint, site.second).get("playlist") or []
        expect(made["id"] not in {r["id"] for r in rows}, "a private playlist is listed for another account")


@rule("private.write", MUST, "Another account cannot change, replace or delete a private playlist.", *WRITERS,
      needs="write songs second")
def private_write(site: Site, endpoint: str) -> None:
    made = site.new_playlist([site.song["id"]], "guarded")
    site.reply("updatePlaylist", playlistId=made["id"], public="false")
    _write(site, endpoint, made["id"])
    expect(entries(site, made["id"]) == [site.song["id"]], "it was refused, and changed all the same")


@rule("public", MUST, "A public playlist is listed and opened for others.", "getPlaylist", "getPlaylists",
      needs="write songs second")
def public(site: Site, endpoint: str) -> None:
    made = site.new_playlist([site.song["id"]], "public")
    site.reply("updatePlaylist", playlistId=made["id"], public="true")
    if endpoint == "getPlaylist":
        found = site.read(endpoint, site.second, id=made["id"])
        expect(found.get("owner") == site.account.name, f"owner {found.get('owner')!r}")
        expect(len(found.get("entry") or []) == 1, "its entries are missing")
    else:
        rows = site.read(endpoint, site.second).get("playlist") or []
        expect(made["id"] in {r["id"] for r in rows}, "a public playlist is not listed for another account")


@rule("public.write", MUST, "Another account cannot change, replace or delete a public playlist.", *WRITERS,
      needs="write songs second")
def public_write(site: Site, endpoint: str) -> None:
    made = site.new_playlist([site.song["id"]], "public and guarded")
    site.reply("updatePlaylist", playlistId=made["id"], public="true")
    _write(site, endpoint, made["id"])
    expect(entries(site, made["id"]) == [site.song["id"]], "it was refused, and changed all the same")


@rule("others", MUST, "Another's playlists are listed for administrators only: error 50.", "getPlaylists",
      needs="second")
def others(site: Site, endpoint: str) -> None:
    site.refused(endpoint, (50,), site.second, username=site.account.name)


@rule("others.admin", SHOULD, "An administrator who names another account gets that account's playlists.",
      "getPlaylists", needs="write admin songs second")
def others_admin(site: Site, endpoint: str) -> None:
    made = site.new_playlist([site.song["id"]], "of the second", site.second)
    rows = site.read(endpoint, username=site.second.name).get("playlist") or []
    expect(made["id"] in {r["id"] for r in rows}, "the other account's playlist is not among them")
    mine = [r["id"] for r in rows if r.get("owner") == site.account.name and not r.get("public")]
    expect(not mine, f"{len(mine)} private playlists of the administrator are among them")
