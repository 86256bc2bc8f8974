"""The permission table, called: see permissions.py. And the canary that no answer to Bob may ever hold."""

import dataclasses

import pytest

from server.serving import web_application
from server.tests.running import Server, signed
from subsonic.endpoints import ENDPOINTS
from subsonic.protocol.characters import camel
from subsonic.tests.permissions import MISSING, NOT_FOUND, OK, PAGES, SIGNED, TABLE, canary

CALLERS = {"nobody": "", "user": "alice", "other": "bob", "admin": "admin"}


def test_every_endpoint_is_in_the_table_and_nothing_else_is_served(server):
    assert set(TABLE) == set(ENDPOINTS)
    routes = {route.resource.canonical for route in web_application(server.app).router.routes() if route.resource}
    known = {f"/rest/{name}{end}" for name in ENDPOINTS for end in ("", ".view")}
    known |= {"/rest/hls.m3u8", "/rest/hls.aac", "/rest/{tail}"}
    assert routes <= known | PAGES | SIGNED, routes - known


@pytest.mark.parametrize("path", sorted(SIGNED))
def test_nobody_but_people_gets_anything_from_the_api(server, path):
    for method in ("GET", "PUT", "POST", "PATCH", "DELETE"):
        answer = server.send(method, path.replace("{", "").replace("}", ""), b"{}")
        assert answer.status in (401, 405) and answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("caller", CALLERS)
@pytest.mark.parametrize("endpoint", TABLE)
def test_the_permission_table_holds(server, endpoint, caller):
    row = TABLE[endpoint]
    params = row.params(server) if callable(row.params) else row.params
    answer = server.get(endpoint, CALLERS[caller], **params)
    assert answer.error == getattr(row, caller), answer.body[:300]
    assert answer.status in (200, 206) or (ENDPOINTS[endpoint].by_status and answer.error is not None)
    assert answer.body


@pytest.mark.parametrize("endpoint", TABLE)
def test_a_stranger_is_refused_whatever_they_ask_for(server, endpoint):
    row = TABLE[endpoint]
    params = row.params(server) if callable(row.params) else row.params
    answer = server.get(endpoint, "", **{**params, "u": "mallory", "p": "guessed"})
    assert answer.error == (40 if row.nobody == MISSING else row.nobody)
    if row.nobody == MISSING:
        for credentials in ({"u": "admin"}, {"p": "x"}, {"u": "admin", "t": "0" * 32}, {"u": "", "p": ""}):
            assert server.get(endpoint, "", **{**params, **credentials}).error in (10, 40)


def sweep(server: Server) -> dict[str, dict]:
    """Return calls by which somebody could try to get at another's things."""
    ids = {kind: canary(server, kind) for kind in ("ar", "al", "tr", "fo", "co")}
    with server.app.db.reading() as conn:
        hidden = conn.value("SELECT id FROM library WHERE name = 'Canary'")
    calls = {}
    for name, row in TABLE.items():
        if row.user == OK and name not in ("changePassword", "updateUser", "createUser", "deleteUser"):
            calls[name] = row.params(server) if callable(row.params) else row.params
    for name in ("getIndexes", "getArtists", "getRandomSongs", "getStarred", "getStarred2"):
        calls[f"{name} of the hidden folder"] = {"musicFolderId": hidden}
    for kind in ("alphabeticalByName", "alphabeticalByArtist", "random", "starred", "frequent", "recent", "highest"):
        for name in ("getAlbumList", "getAlbumList2"):
            calls[f"{name} {kind}"] = {"type": kind, "size": 500}
            calls[f"{name} {kind} of the hidden folder"] = {"type": kind, "size": 500, "musicFolderId": hidden}
    for name in ("getAlbumList", "getAlbumList2"):
        calls[f"{name} by genre"] = {"type": "byGenre", "genre": "Canary"}
        calls[f"{name} by year"] = {"type": "byYear", "fromYear": 1970, "toYear": 1980}
    for name in ("search2", "search3"):
        everything = {f"{kind}Count": 500 for kind in ("artist", "album", "song")}
        calls[f"{name} for everything"] = {"query": "", **everything}
        calls[f"{name} of the hidden folder"] = {"query": "", "musicFolderId": hidden, **everything}
    for name, kinds in (("getMusicDirectory", "ar al fo"), ("getCoverArt", "ar al tr fo"), ("getSimilarSongs", "ar al"),
                        ("createPlaylist", "tr")):  # fmt: skip
        for kind in kinds.split():
            calls[f"{name} {kind}"] = {"id": ids[kind], "songId": ids["tr"], "name": "Mine"}
    return calls


def test_nothing_of_a_hidden_music_folder_reaches_somebody_who_may_not_hear_it(server):
    ids = {kind: canary(server, kind) for kind in ("ar", "al", "tr")}
    server.ask("star", "alice", id=ids["tr"], albumId=ids["al"], artistId=ids["ar"])
    server.ask("setRating", "alice", id=ids["al"], rating=5)
    server.ask("scrobble", "alice", id=ids["tr"])
    server.ask("scrobble", "alice", id=ids["tr"], submission="false")
    mixed = server.ask("createPlaylist", "alice", name="Shared", songId=[ids["tr"], *songs(server)[:2]])
    server.ask("updatePlaylist", "alice", playlistId=mixed["id"], public="true")
    calls = {**sweep(server), "getPlaylist shared": {"id": mixed["id"]}, "getCoverArt of it": {"id": mixed["id"]}}
    for name, params in calls.items():
        for fmt in ("json", "xml"):
            answer = server.get(name.partition(" ")[0], "bob", **params, f=fmt)
            assert b"canary" not in answer.body.lower(), (name, answer.body[:500])
            assert answer.status == (403 if name == "getTranscodeStream" else 200)
    assert server.ask("getPlaylist", "bob", id=mixed["id"])["songCount"] == 2
    assert server.ask("getPlaylist", "alice", id=mixed["id"])["songCount"] == 3


def songs(server: Server) -> list[str]:
    """Return ids of tracks that everybody hears."""
    found = server.ask("search3", "bob", query="", songCount=500, albumCount=0, artistCount=0)
    return [song["id"] for song in found["song"]]


def test_the_hidden_music_folder_is_there_for_those_who_may_hear_it(server):
    assert b"Canary 1" in server.get("search3", "alice", query="canary").body
    assert b"Canary 1" in server.get("search3", "admin", query="canary").body


def test_a_user_without_a_right_is_told_so(server):
    password = "mute's secret 6Fa"
    server.ask("createUser", "admin", username="mute", password=password, email="m@example.org", streamRole="false")
    who = {"u": "mute", "p": password}
    song = songs(server)[0]
    assert server.get("stream", "", id=song, **who).error == 50
    assert server.get("download", "", id=song, **who).error == 50
    assert server.get("getSong", "", id=song, **who).error is None


@pytest.mark.parametrize("endpoint", [name for name, row in TABLE.items() if row.admin is OK])
def test_a_parameter_that_is_missing_is_named(server, endpoint):
    row = TABLE[endpoint]
    params = row.params(server) if callable(row.params) else row.params
    required = [wire for wire in params if camel_fields(endpoint).get(wire)]
    for wire in required:
        answer = server.get(endpoint, "admin", **{**params, wire: None})
        assert answer.error == MISSING, (wire, answer.body)
        assert wire in answer.reply["error"]["message"]


def camel_fields(endpoint: str) -> dict[str, bool]:
    """Return an endpoint's parameters as on the wire, each with whether it is required."""
    return {camel(name): default is dataclasses.MISSING for name, default in ENDPOINTS[endpoint].declared.items()}


@pytest.mark.parametrize("text", ["x", "17", "-1", "tr-0000000000", "al-zzzzzzzzzz", "../etc", "tr-", "🎵", "x" * 5000])
@pytest.mark.parametrize("endpoint", [
    "getMusicDirectory", "getArtist", "getAlbum", "getSong", "getArtistInfo", "getArtistInfo2", "getAlbumInfo",
    "getAlbumInfo2", "getSimilarSongs", "getSimilarSongs2", "getPlaylist", "deletePlaylist", "stream", "download",
    "getCoverArt", "getLyricsBySongId", "star", "unstar", "createBookmark", "deleteBookmark", "getVideoInfo",
])  # fmt: skip
def test_an_id_of_nothing_is_not_found(server, endpoint, text):
    more = {"position": 1} if endpoint == "createBookmark" else {}
    assert server.get(endpoint, "alice", id=text, **more).error == NOT_FOUND


def test_a_person_signs_in_by_any_of_the_ways(server):
    for credentials in (signed("alice"), {"u": "alice", "p": "alice's secret 2Bw"},
                        {"u": "ALICE", "p": "enc:" + b"alice's secret 2Bw".hex()}):  # fmt: skip
        assert server.get("ping", "", **credentials).error is None
