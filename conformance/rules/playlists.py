"""Playlists: made, read, changed, emptied and deleted by their owner.

Positions count in the list as it was before the call; a list may hold a song twice.
"""

from typing import Any

from conformance.check import instant
from conformance.model import MUST, SHOULD, Short, Skip, expect, rule
from conformance.site import Site
from conformance.verdicts import accepted

CREATE, UPDATE = "createPlaylist", "updatePlaylist"


def entries(site: Site, id_: str) -> list[str]:
    return [entry["id"] for entry in site.read("getPlaylist", id=id_).get("entry") or []]


def _three(site: Site) -> list[str]:
    return [site.song["id"], site.others[0]["id"], site.others[1]["id"]]


def _check_entries(site: Site, id_: str, wanted: list[str], after: str) -> None:
    got = entries(site, id_)
    expect(got == wanted, f"after {after}: {len(got)} entries, {len(wanted)} wanted, or in another order")


@rule("answers", MUST, "createPlaylist answers with the new playlist and its entries in the order given, repeats "
      "included.", CREATE, needs="write songs")
def answers(site: Site, endpoint: str) -> None:
    if site.version < (1, 14, 0):
        raise Skip("came with 1.14.0")
    songs = _three(site)
    wanted = [*songs, songs[0]]
    tree = site.reply(endpoint, name=f"{site.mark}-answers", songId=wanted)
    made = tree.get("playlist")
    expect(made, "no playlist in the answer")
    site.later(lambda: site.ask("deletePlaylist", {"id": made["id"]}))
    got = [entry["id"] for entry in made.get("entry") or []]
    expect(got == wanted, f"{len(got)} entries in the answer, {len(wanted)} were given, or in another order")
    expect(made["songCount"] == len(wanted), f"songCount {made['songCount']}, {len(wanted)} were given")
    _check_entries(site, made["id"], wanted, "createPlaylist")


@rule("listed", MUST, "A new playlist is listed, with its name, owner, songCount and duration.", "getPlaylists",
      needs="write songs")
def listed(site: Site, endpoint: str) -> None:
    songs = _three(site)
    made = site.new_playlist(songs, "listed 日本 ä 🎵 & <b>\"'")
    row = next((r for r in site.read(endpoint)["playlist"] if r["id"] == made["id"]), None)
    expect(row, "the new playlist is not listed")
    alone = site.read("getPlaylist", id=made["id"])
    expect("日本 ä 🎵 & <b>\"'" in row["name"], f"the name came back as {row['name']!r}")
    expect(str(row.get("owner")).lower() == site.account.name.lower(), f"owner {row.get('owner')!r}")
    expect(row["songCount"] == len(songs), f"songCount {row['songCount']}, {len(songs)} songs")
    for name in ("name", "songCount", "duration", "created", "changed", "owner", "public", "comment"):
        expect(row.get(name) == alone.get(name), f"{name}: {row.get(name)!r} listed, {alone.get(name)!r} opened")


@rule("empty", SHOULD, "A playlist may be made without songs.", CREATE, needs="write")
def empty(site: Site, endpoint: str) -> None:
    made = site.new_playlist([], "empty")
    found = site.read("getPlaylist", id=made["id"])
    expect(found["songCount"] == 0 and not found.get("entry"), f"songCount {found['songCount']}")


@rule("replaces", MUST, "createPlaylist with a playlistId replaces its songs and makes no other list.", CREATE,
      needs="write songs")
def replaces(site: Site, endpoint: str) -> None:
    songs = _three(site)
    made = site.new_playlist(songs, "replaced")
    before = len(site.read("getPlaylists")["playlist"])
    site.reply(endpoint, playlistId=made["id"], songId=[songs[2], songs[0]])
    _check_entries(site, made["id"], [songs[2], songs[0]], "createPlaylist with playlistId")
    expect(len(site.read("getPlaylists")["playlist"]) == before, "another playlist was made")


@rule("many", SHOULD, "Six hundred songs can be given at once, in a form body.", CREATE, needs="write songs formPost")
def many(site: Site, endpoint: str) -> None:
    songs = (_three(site) * 200)[:600]
    made = site.new_playlist([], "many")
    accepted(site.ask(endpoint, {"playlistId": made["id"], "songId": songs}, post="form"))
    _check_entries(site, made["id"], songs, "createPlaylist with 600 songs")


@rule("many.get", SHOULD, "Two hundred songs can be given at once in a query string, as many clients do it.", CREATE,
      needs="write songs")
def many_get(site: Site, endpoint: str) -> None:
    songs = (_three(site) * 67)[:200]
    made = site.new_playlist([], "many by GET")
    answer = site.ask(endpoint, {"playlistId": made["id"], "songId": songs})
    expect(answer.status == 200, f"{answer.asked} answered HTTP {answer.status}")
    accepted(answer)
    _check_entries(site, made["id"], songs, "createPlaylist with 200 songs")


@rule("appends", MUST, "Songs are added at the end.", UPDATE, needs="write songs")
def appends(site: Site, endpoint: str) -> None:
    songs = _three(site)
    made = site.new_playlist(songs[:1], "appended")
    site.reply(endpoint, playlistId=made["id"], songIdToAdd=[songs[1], songs[2], songs[1]])
    _check_entries(site, made["id"], [*songs, songs[1]], "songIdToAdd")


@rule("removes", MUST, "Songs are removed by their positions before the call, and added after that.", UPDATE,
      needs="write songs")
def removes(site: Site, endpoint: str) -> None:
    a, b, c = _three(site)
    made = site.new_playlist([a, b, c, a, b], "removed")
    site.reply(endpoint, playlistId=made["id"], songIndexToRemove=[0, 2, 3])
    _check_entries(site, made["id"], [b, b], "songIndexToRemove 0, 2, 3")
    site.reply(endpoint, playlistId=made["id"], songIndexToRemove=0, songIdToAdd=c)
    _check_entries(site, made["id"], [b, c], "songIndexToRemove 0 with songIdToAdd")


def _described(site: Site, id_: str) -> dict[str, Any]:
    return site.read("getPlaylist", id=id_)


@rule("describes", MUST, "Name, comment and public can be changed, each alone; an empty comment clears it.", UPDATE,
      needs="write songs")
def describes(site: Site, endpoint: str) -> None:
    made = site.new_playlist([site.song["id"]], "described")
    name = f"{site.mark}-renamed ü"
    site.reply(endpoint, playlistId=made["id"], name=name)
    site.reply(endpoint, playlistId=made["id"], comment="a word")
    site.reply(endpoint, playlistId=made["id"], public="true")
    found = _described(site, made["id"])
    expect(found["name"] == name, f"name {found['name']!r}, {name!r} was given")
    expect(found.get("comment") == "a word", f"comment {found.get('comment')!r}, 'a word' was given")
    expect(found.get("public") is True, f"public {found.get('public')!r} after public=true")
    expect(found["songCount"] == 1, "a new name changed the songs")
    site.reply(endpoint, playlistId=made["id"], comment="", public="false")
    found = _described(site, made["id"])
    expect(not found.get("comment"), f"comment {found.get('comment')!r} after an empty one")
    expect(found.get("public") is False, f"public {found.get('public')!r} after public=false")
    expect(found["name"] == name, "an empty comment changed the name")


@rule("changed", SHOULD, "changed moves on when the songs change, created stays.", UPDATE, needs="write songs")
def changed(site: Site, endpoint: str) -> None:
    if site.version < (1, 13, 0):
        raise Skip("came with 1.13.0")
    made = site.new_playlist([site.song["id"]], "dated")
    before = _described(site, made["id"])
    site.reply(endpoint, playlistId=made["id"], songIdToAdd=site.others[0]["id"])
    after = _described(site, made["id"])
    expect(before["created"] == after["created"], "created changed")
    expect(instant(after["changed"]) >= instant(before["changed"]), f"{before['changed']}, then {after['changed']}")


@rule("deletes", MUST, "A deleted playlist is gone: not listed, and error 70 when asked for.", "deletePlaylist",
      needs="write songs")
def deletes(site: Site, endpoint: str) -> None:
    made = site.new_playlist([site.song["id"]], "deleted")
    site.reply(endpoint, id=made["id"])
    expect(made["id"] not in {r["id"] for r in site.read("getPlaylists").get("playlist") or []}, "still listed")
    site.refused("getPlaylist", (70,), id=made["id"])


@rule("deletes.method", SHOULD, "HTTP DELETE deletes a playlist, as some web clients do it.", "deletePlaylist",
      needs="write songs")
def deletes_method(site: Site, endpoint: str) -> None:
    made = site.new_playlist([site.song["id"]], "deleted by DELETE")
    answer = site.ask(endpoint, {"id": made["id"]}, method="DELETE")
    if answer.status >= 400:
        raise Short(f"DELETE answered HTTP {answer.status}")
    accepted(answer)
    site.refused("getPlaylist", (70,), id=made["id"])
