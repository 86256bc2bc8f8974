"""Public pages of shares over HTTP: they play for anybody, and nothing but what was shared can be reached."""

import gzip
import http.client
import io
import re
import zipfile
from contextlib import contextmanager
from dataclasses import replace
from urllib.parse import quote, urlencode

import orjson
import pytest

from server.kernel.clock import now_ms
from server.kernel.config import Config
from server.playlists import shares
from server.stream import archive
from server.stream.transcode import Transcoder
from server.tests.running import Server, query, running
from server.users.people import OPERATOR

HTML = {"Accept": "text/html,*/*"}
FORM = {"Content-Type": "application/x-www-form-urlencoded", **HTML}
WORD = "open sesame 1"
PARTS = ("", "/cover", "/songs.m3u8", "/download")


@pytest.fixture(scope="module")
def server(server) -> Server:
    """Alice and Bob may share and save."""
    for name in ("alice", "bob"):
        server.ask("updateUser", "admin", username=name, shareRole="true", downloadRole="true")
    return server


def find(server: Server, sql: str, kind: str) -> str:
    with server.app.db.reading() as conn:
        return server.app.ids.text(kind, conn.value(sql))


def album(server: Server, name: str = "First Light") -> str:
    return find(server, f"SELECT id FROM album WHERE name = '{name}'", "al")


def song(server: Server, title: str = "Dawn") -> str:
    return find(server, f"SELECT id FROM track WHERE title = '{title}'", "tr")


def api(server: Server, method: str, path: str = "", user: str = "alice", body=None):
    return server.api(method, f"/shares{path}", user, body)


def share(server: Server, *ids: str, user: str = "alice", **more) -> str:
    """Share some things and return the path of the share."""
    answer = api(server, "POST", user=user, body={"ids": ids, **more})
    assert answer.status == 201, answer
    return f"/share/{orjson.loads(answer.body)['id']}"


def status(server: Server, path: str, **headers) -> int:
    return server.send("GET", path, headers=headers).status


def rights(server: Server, **roles) -> None:
    server.ask("updateUser", "admin", username="alice", **roles)


def hears(server: Server, *names: str) -> None:
    """Choose the music folders that Alice hears."""
    folders = {each["name"]: each["id"] for each in server.ask("getMusicFolders", "admin")["musicFolder"]}
    rights(server, musicFolderId=[folders[name] for name in names])


@contextmanager
def without(server: Server, **roles):
    """Take something from Alice for a while."""
    rights(server, **roles)
    try:
        yield
    finally:
        rights(server, shareRole="true", downloadRole="true", streamRole="true", maxBitRate=0)


def test_a_page_shows_what_is_shared_to_anybody(server):
    path = share(server, album(server), description="For <you> & me")
    answer = server.send("GET", path, headers=HTML)
    page = answer.body.decode()
    assert answer.status == 200 and answer.headers["content-type"] == "text/html; charset=utf-8"
    for text in ("First Light", "Aurora Vale", "4 songs", "For &lt;you&gt; &amp; me", "Glass Tide"):
        assert text in page, text
    assert "alice" not in page and "/Music" not in page and "Save" not in page
    assert 'content="noindex,nofollow"' in page and answer.headers["x-robots-tag"].startswith("noindex")


def test_a_preview_has_a_title_a_description_and_an_absolute_picture(server):
    path = share(server, album(server))
    page = server.send("GET", path, headers={"Host": "music.home"}).body.decode()
    tags = dict(re.findall(r'<meta (?:property|name)="([a-z:]+)" content="([^"]*)">', page))
    assert tags["og:title"] == tags["twitter:title"] == "First Light"
    assert tags["og:description"] == "Aurora Vale, 4 songs, 1 min"
    assert (tags["og:type"], tags["og:url"]) == ("music.album", f"http://music.home{path}")
    assert tags["og:image"] == f"http://music.home{path}/cover?size=600"
    picture = server.send("GET", tags["og:image"].removeprefix("http://music.home"))
    assert picture.status == 200 and picture.headers["content-type"].startswith("image/")
    kinds = {"music.song": [song(server)], "music.playlist": [song(server), song(server, "Ember")]}
    for kind, ids in kinds.items():
        assert f'content="{kind}"' in server.send("GET", share(server, *ids)).body.decode()


def test_a_share_of_several_things_has_a_title_too(server):
    ids = [song(server), album(server, "Harbour Nights")]
    for description, title, lead in (
        ("", "Aurora Vale, Mira Sol, Kilo Band and others", ""), ("For you\n\n and me", "For you", "<p>and me</p>"),
        ("x" * 130, "x" * 120, f"<p>{'x' * 130}</p>"),
    ):  # fmt: skip
        page = server.send("GET", share(server, *ids, description=description)).body.decode()
        assert f"<h1>{title}</h1>" in page and f'<div class="lead">{lead}</div>' in page, description


def test_the_page_is_sent_packed_to_who_can_unpack_it(server):
    path = share(server, album(server))
    packed = server.send("GET", path, headers={"Accept-Encoding": "gzip"})
    assert packed.headers["content-encoding"] == "gzip" and packed.headers["vary"] == "Accept-Encoding"
    assert gzip.decompress(packed.body) == server.send("GET", path).body
    head = server.send("HEAD", path, headers={"Accept-Encoding": "gzip"})
    assert int(head.headers["content-length"]) == len(packed.body)


def test_the_page_runs_our_script_only(server):
    answer = server.send("GET", share(server, album(server)))
    page, policy = answer.body.decode(), answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy and "unsafe" not in policy and "frame-ancestors 'none'" in policy
    assert answer.headers["referrer-policy"] == "no-referrer", "the address is the key"
    assert "style=" not in page and "<style" not in page and " on" not in re.sub(r">[^<]*<", "><", page)
    for address in re.findall(r'(?:src|href)="(/share/page\.[a-z]+\?v=[0-9a-f]+)"', page):
        asset = server.send("GET", address)
        assert asset.status == 200 and "immutable" in asset.headers["cache-control"]
        assert server.send("GET", address + "0").headers["cache-control"] == "no-cache"
    assert page.count("<script") == 1


def test_what_tags_say_is_text_on_the_page(server):
    path = share(server, song(server))
    with server.app.db.writing() as conn:
        conn.run("UPDATE track SET title = :bad WHERE title = 'Dawn'", bad='"><script>alert(1)</script>')
    try:
        page = server.send("GET", path).body.decode()
        assert "<script>alert" not in page and "&lt;script&gt;alert" in page
        m3u = server.send("GET", f"{path}/songs.m3u8")
        assert "\r" not in m3u.headers["content-disposition"]
    finally:
        with server.app.db.writing() as conn:
            conn.run("UPDATE track SET title = 'Dawn' WHERE title LIKE '%alert%'")


def test_a_shared_song_plays_with_ranges(server):
    path = f"{share(server, song(server))}/stream/{song(server)}"
    whole = server.send("GET", f"{path}?format=raw")
    assert whole.status == 200 and whole.headers["content-type"] == "audio/flac"
    assert whole.headers["cache-control"] == "private, no-cache"
    part = server.send("GET", path, headers={"Range": "bytes=10-19"})
    assert part.status == 206 and part.body == whole.body[10:20]
    assert int(server.send("HEAD", path).headers["content-length"]) == len(whole.body)


def test_nothing_else_can_be_reached_with_a_share(server):
    other, hidden = song(server, "Ember"), song(server, "Canary 1")
    path = share(server, song(server), download=True)
    theirs = server.ask("createPlaylist", "bob", name="Bob's own", songId=other)["id"]
    for number in (other, hidden, album(server), theirs, "x", "..", "../../../etc/passwd", "%2e%2e%2f", "tr-0000000000",
                   "tr-%00", "🎵", song(server).upper()):  # fmt: skip
        for part in ("stream", "cover", "download"):
            answer = server.send("GET", f"{path}/{part}/{quote(number, safe='%/.')}")
            assert answer.status == 404, (part, number, answer)
    for tail in ("/", "//", "/..", "/stream", "/stream/", f"/stream/{song(server)}/x", "/rest/ping"):
        assert status(server, path + tail) == 404, tail


def test_of_a_playlist_only_what_its_sharer_hears_is_there(server):
    mixed = server.ask("createPlaylist", "alice", name="Mixed", songId=[song(server), song(server, "Canary 1")])["id"]
    server.ask("updatePlaylist", "alice", playlistId=mixed, public="true")
    path = share(server, mixed, user="bob")
    assert b"anary" not in server.send("GET", path).body + server.send("GET", f"{path}/songs.m3u8").body
    assert status(server, f"{path}/stream/{song(server)}") == 200
    assert status(server, f"{path}/stream/{song(server, 'Canary 1')}") == 404
    server.ask("updatePlaylist", "alice", playlistId=mixed, songIdToAdd=song(server, "Ember"))
    assert status(server, f"{path}/stream/{song(server, 'Ember')}") == 200, "changes are followed"
    server.ask("updatePlaylist", "alice", playlistId=mixed, songIndexToRemove=0)
    assert status(server, f"{path}/stream/{song(server)}") == 404
    server.ask("updatePlaylist", "alice", playlistId=mixed, public="false")
    assert [status(server, path + part) for part in PARTS] == [404] * 4


def test_a_picture_of_several_things_is_of_one_that_is_there(server):
    hidden, shown = song(server, "Canary 1"), song(server)
    path = share(server, hidden, shown)
    hears(server, "Music")
    assert b"anary" not in server.send("GET", path).body
    picture = server.send("GET", f"{path}/cover")
    assert picture.body == server.send("GET", f"{path}/cover/{shown}").body
    assert status(server, f"{path}/cover/{hidden}") == 404
    hears(server, "Music", "Canary")


def test_rights_that_are_taken_from_the_owner_are_taken_from_guests(server):
    canary = song(server, "Canary 1")
    path = share(server, canary)
    assert status(server, f"{path}/stream/{canary}") == 200
    hears(server, "Music")
    assert [status(server, path + part) for part in (*PARTS, f"/stream/{canary}")] == [404] * 5
    hears(server, "Music", "Canary")
    assert status(server, path) == 200
    for role in ("shareRole", "streamRole"):
        with without(server, **{role: "false"}):
            assert [status(server, path + part) for part in (*PARTS, f"/stream/{canary}")] == [404] * 5


def test_a_song_that_leaves_the_library_is_gone_and_comes_back(server):
    path, number = share(server, song(server, "Rust")), song(server, "Rust")
    for missing, expected in ((1, 404), (None, 200)):
        with server.app.db.writing() as conn:
            conn.run("UPDATE track SET missing_ms = :at WHERE title = 'Rust'", at=missing)
            conn.bump("library")
        assert [status(server, path + part) for part in ("", f"/stream/{number}", "/cover")] == [expected] * 3


def test_a_share_is_revoked_at_once_and_over_at_its_end(server):
    number = song(server)
    path = share(server, number)
    everything = (*PARTS, f"/stream/{number}", f"/cover/{number}", f"/download/{number}")
    api(server, "PATCH", path.removeprefix("/share"), body={"expires_ms": now_ms() - 1})
    assert [status(server, path + part) for part in everything] == [410] * 7
    page = server.send("GET", path, headers=HTML)
    assert page.status == 410 and b"This share is over." in page.body and b"Dawn" not in page.body
    api(server, "PATCH", path.removeprefix("/share"), body={"expires_ms": None, "download": True})
    assert [status(server, path + part) for part in everything] == [200] * 7
    assert api(server, "DELETE", path.removeprefix("/share")).status == 204
    assert [status(server, path + part) for part in everything] == [404] * 7


def test_who_leaves_leaves_no_share(server):
    who = {"u": "carol", "p": "carol's secret 4Dy"}
    server.ask("createUser", "admin", username="carol", password=who["p"], email="c@x.org", shareRole="true")
    made = server.get("createShare", "", id=song(server), **who).reply["shares"]["share"][0]
    path = f"/share/{made['id']}"
    assert status(server, path) == 200
    server.ask("deleteUser", "admin", username="carol")
    assert status(server, path) == 404 and status(server, f"{path}/stream/{song(server)}") == 404


@pytest.mark.parametrize("token", [
    "sh-", "sh-" + "0" * 20, "sh-%00" + "0" * 19, "%ED%A0%80", "x" * 3000, "1", "SH-A", "...",
])  # fmt: skip
def test_an_unknown_share_is_a_page_of_ours(server, token):
    answer = server.send("GET", f"/share/{token}", headers=HTML)
    assert answer.status == 404 and "text/html" in answer.headers["content-type"]
    assert b"Nothing is shared here." in answer.body or b"Nothing at this address." in answer.body
    assert server.send("GET", f"/share/{token}/cover").status == 404
    assert server.send("POST", f"/share/{token}", b"password=x", FORM).status in (404, 405)


def knock(server: Server, path: str, password: str, **headers):
    return server.send("POST", path, urlencode({"password": password}).encode(), FORM | headers)


def test_a_password_hides_everything_until_it_is_given(server):
    number = song(server)
    path = share(server, number, password=WORD, description="Secret party", download=True)
    page = server.send("GET", path, headers=HTML)
    assert page.status == 403 and b"<form" in page.body
    for secret in (b"Dawn", b"Aurora", b"party", b"og:", b"/cover"):
        assert secret not in page.body
    parts = ("/cover", "/songs.m3u8", "/download", f"/stream/{number}", f"/download/{number}", f"/cover/{number}")
    assert [status(server, path + part) for part in parts] == [403] * 6
    wrong = knock(server, path, "not this one")
    assert wrong.status == 403 and b"This is not the password." in wrong.body and "set-cookie" not in wrong.headers
    right = knock(server, path, WORD)
    cookie = right.headers["set-cookie"]
    assert (right.status, right.headers["location"]) == (303, path)
    assert f"Path={path}" in cookie and "HttpOnly" in cookie and "SameSite=Lax" in cookie and "Secure" not in cookie
    held = cookie.partition(";")[0]
    assert [status(server, path + part, Cookie=held) for part in ("", *parts)] == [200] * 7
    forged = held[:-1] + ("0" if held[-1] != "0" else "1")
    later = re.sub(r"=(\d)", lambda found: f"={int(found[1]) + 1}", held)
    for other in (forged, later, "share=", "share=x.y", "share=9999999999.", "share=²²²²."):
        assert status(server, path, Cookie=other.encode().decode("latin-1")) == 403
    another = share(server, number, password=WORD)
    assert status(server, another, Cookie=held) == 403, "a pass opens one share"
    api(server, "PATCH", path.removeprefix("/share"), body={"password": "another word 2"})
    assert status(server, path, Cookie=held) == 403, "another password, another pass"
    api(server, "PATCH", path.removeprefix("/share"), body={"password": None})
    assert status(server, path) == 200 and knock(server, path, "").status == 303


def test_a_list_for_players_brings_its_pass_along(server):
    path = share(server, song(server), password=WORD)
    held = knock(server, path, WORD).headers["set-cookie"].partition(";")[0]
    lines = server.send("GET", f"{path}/songs.m3u8", headers={"Cookie": held}).body.decode().splitlines()
    assert lines[0] == "#EXTM3U" and lines[1].endswith(",Aurora Vale - Dawn")
    assert lines[2].startswith(server.url) and status(server, lines[2].removeprefix(server.url)) == 200
    plain = share(server, song(server))
    assert "pass" not in server.send("GET", f"{plain}/songs.m3u8").body.decode()


def test_guessing_passwords_comes_to_an_end_for_this_share_only(server):
    path, other = share(server, song(server), password=WORD), share(server, song(server), password=WORD)
    answers = [knock(server, path, f"guess {n}").status for n in range(11)]
    assert answers == [403] * 10 + [429]
    shut = knock(server, path, WORD)
    assert shut.status == 429 and int(shut.headers["retry-after"]) > 0 and b"Try again in" in shut.body
    assert knock(server, other, WORD).status == 303
    assert server.get("ping", "alice").error is None
    for body in (b"", b"password", b"x" * 9000, b"password=%ff", b"&" * 50):
        assert server.send("POST", other, body, FORM).status in (303, 400, 403, 413)


def test_saving_takes_that_it_is_allowed(server):
    number = song(server)
    path = share(server, album(server))
    assert [status(server, path + part) for part in ("/download", f"/download/{number}")] == [403, 403]
    api(server, "PATCH", path.removeprefix("/share"), body={"download": True})
    one = server.send("GET", f"{path}/download/{number}")
    assert one.status == 200 and 'filename="Aurora Vale - Dawn.flac"' in one.headers["content-disposition"]
    page = server.send("GET", path).body.decode()
    assert f'href="{path}/download"' in page and f'href="{path}/download/{number}"' in page
    with without(server, downloadRole="false"):
        assert status(server, f"{path}/download/{number}") == 403
        assert "/download" not in server.send("GET", path).body.decode()


def test_everything_at_once_is_a_zip_of_the_length_that_was_said(server):
    path = share(server, album(server), song(server, "星空"), song(server, "Берёзы"), download=True)
    head = server.send("HEAD", f"{path}/download")
    answer = server.send("GET", f"{path}/download")
    assert int(head.headers["content-length"]) == int(answer.headers["content-length"]) == len(answer.body)
    with zipfile.ZipFile(io.BytesIO(answer.body)) as zipped:
        assert zipped.testzip() is None
        names = zipped.namelist()
        assert names[0] == "1 Aurora Vale - Dawn.flac" and "5 山田太郎 - 星空.ogg" in names and len(names) == 6
        whole = server.send("GET", f"{path}/stream/{song(server)}")
        assert zipped.read(names[0]) == whole.body


def test_a_zip_has_limits(server, monkeypatch):
    path = share(server, album(server), download=True)
    monkeypatch.setattr("server.api.share.ZIPS_MAX", 0)
    assert status(server, f"{path}/download") == 503
    monkeypatch.undo()
    monkeypatch.setattr("server.api.share.ZIPS_EACH", 0)
    assert status(server, f"{path}/download") == 503
    monkeypatch.undo()
    monkeypatch.setattr(archive, "BYTES_MAX", 1000)
    answer = server.send("GET", f"{path}/download")
    assert answer.status == 400 and b"one by one" in answer.body


def test_a_zip_ends_where_its_share_does(server, monkeypatch):
    path = share(server, album(server), download=True)
    member = archive._member

    async def ending(*args):
        found = await member(*args)
        with server.app.db.writing() as conn:
            shares.delete(conn, OPERATOR, path.rpartition("/")[2])
        return found

    monkeypatch.setattr(archive, "_member", ending)
    with pytest.raises((OSError, http.client.HTTPException)):
        server.send("GET", f"{path}/download")


def test_whoever_hardly_takes_anything_of_a_zip_is_let_go(server, monkeypatch):
    path = share(server, album(server), download=True)
    monkeypatch.setattr(archive, "SILENCE_S", 0.0)
    monkeypatch.setattr(archive, "SLOWEST_BYTES_S", 1 << 60)
    with pytest.raises((OSError, http.client.HTTPException)):
        server.send("GET", f"{path}/download")


def test_what_a_browser_cannot_play_is_converted_for_the_host_s_guests(server, monkeypatch):
    number = song(server)
    server.get("stream", "alice", id=number, format="mp3")
    seen = []
    stream = Transcoder.stream

    async def noted(self, request, track, plan, user_id, headers=None):
        seen.append(user_id)
        return await stream(self, request, track, plan, user_id, headers)

    monkeypatch.setattr(Transcoder, "stream", noted)
    path = share(server, number)
    for wish, kind in (("format=opus", "audio/ogg"), ("format=mp3&start=0", "audio/mpeg"), ("format=exe", "audio/flac"),
                       ("format=raw", "audio/flac"), ("start=999999999", "audio/flac")):  # fmt: skip
        answer = server.send("GET", f"{path}/stream/{number}?{wish}")
        assert (answer.status, answer.headers["content-type"]) == (200, kind), wish
        assert answer.headers["x-robots-tag"], wish
    with server.app.db.reading() as conn:
        assert set(seen) == {-conn.value("SELECT id FROM account WHERE name = 'alice'")}
    with without(server, maxBitRate=64):
        assert server.send("GET", f"{path}/stream/{number}?format=raw").headers["content-type"] == "audio/mpeg"


def visits(server: Server, path: str) -> int:
    return orjson.loads(api(server, "GET", path.removeprefix("/share")).body)["visit_count"]


def test_a_visit_is_counted_once_and_a_look_for_a_preview_is_none(server):
    number = song(server)
    path = share(server, number)
    for bot in ("Mozilla/5.0 (compatible; Discordbot/2.0; +https://discordapp.com)", "WhatsApp/2.23.20.0 A",
                "facebookexternalhit/1.1 Facebot Twitterbot/1.0", "TelegramBot (like TwitterBot)",
                "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)"):  # fmt: skip
        for part in ("", "/cover"):
            assert status(server, path + part, **{"User-Agent": bot}) == 200
    ann, ben, player = ({"User-Agent": name} for name in ("Ann's browser", "Ben's browser", "a player"))
    server.send("HEAD", path, headers=ann)
    assert visits(server, path) == 0
    for headers in (ann, ben, ann):
        for start in range(3):
            server.send("GET", path, headers=headers)
            server.send("GET", f"{path}/stream/{number}", headers=headers | {"Range": f"bytes={start}-"})
    assert visits(server, path) == 2
    server.send("GET", f"{path}/stream/{number}", headers=player)
    assert visits(server, path) == 3
    (seen,) = [each for each in server.ask("getShares", "alice")["share"] if path.endswith(each["id"])]
    assert seen["visitCount"] == 3 and seen["lastVisited"] >= seen["created"]


def test_shares_are_told_and_cookies_kept_as_the_outside_sees_them(library):
    values = {**library.config.values, "base_path": "/music", "public_url": "https://music.example/music"}
    with running(replace(library, config=Config(values), parts={})) as server:
        number = song(server)
        made = orjson.loads(server.send(
            "POST", f"/music/api/shares?{query('admin')}", orjson.dumps({"ids": [number], "password": WORD}),
            {"Content-Type": "application/json"},
        ).body)  # fmt: skip
        assert made["url"] == f"https://music.example/music/share/{made['id']}"
        path = f"/music/share/{made['id']}"
        right = knock(server, path, WORD)
        assert right.headers["location"] == path and "Secure" in right.headers["set-cookie"]
        assert f"Path={path}" in right.headers["set-cookie"]
        held = {"Cookie": right.headers["set-cookie"].partition(";")[0]}
        page = server.send("GET", path, headers=held).body.decode()
        assert f'content="{made["url"]}/cover?size=600"' in page and 'src="/music/share/page.js?v=' in page
        told = server.send("GET", f"/music/rest/getShares?{query('admin')}").reply
        assert told["shares"]["share"][0]["url"] == made["url"]
