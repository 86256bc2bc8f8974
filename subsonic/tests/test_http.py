"""What travels over the wire: formats, methods, refusals, compression and long calls, against a running server."""

import gzip
import json
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlencode
from xml.etree import ElementTree

import pytest

from server.tests.fixtures import opened
from server.tests.running import query, running, signed
from subsonic.endpoints import ENDPOINTS
from subsonic.protocol import HANDLERS
from subsonic.tests.permissions import TABLE, canary

SAFE = [name for name in ENDPOINTS if name not in ("deleteUser", "changePassword", "createUser", "updateUser")]


@pytest.mark.parametrize("endpoint", SAFE)
def test_every_endpoint_answers_in_every_format_and_never_with_a_500(server, endpoint):
    row = TABLE[endpoint]
    for fmt in ("xml", "json", "jsonp", "", "nonsense"):
        params = row.params(server) if callable(row.params) else row.params
        answer = server.get(endpoint, "alice", **params, f=fmt, callback="its.callback")
        assert answer.status in (200, 206) and answer.body, fmt
        assert "html" not in answer.headers["content-type"]
        assert answer.headers["access-control-allow-origin"] == "*"
        assert answer.error == row.user


@pytest.mark.parametrize("endpoint", SAFE)
def test_junk_in_any_parameter_is_refused_or_borne_but_never_breaks(server, endpoint):
    names = _wire_names(endpoint)
    for value in ("", "x", "-1", "9" * 20, "\x00", "%", "tr-0000000000", "NaN", "[]", "\ud7ff", "'; DROP"):
        answer = server.get(endpoint, "alice", **dict.fromkeys(names, value))
        assert answer.status in (200, 206) or (ENDPOINTS[endpoint].by_status and 400 <= answer.status < 500)
        assert answer.error is None or answer.error in (0, 10, 50, 70), (value, answer.body)
        assert b"went wrong here" not in answer.body, (value, answer.body)


def _wire_names(endpoint: str) -> list[str]:
    from subsonic.protocol.characters import camel

    return [camel(name) for name in ENDPOINTS[endpoint].declared]


def test_an_envelope_looks_the_same_in_both_formats(server):
    envelope = server.get("ping").reply
    assert {name: envelope[name] for name in ("status", "version", "type", "openSubsonic")} == {
        "status": "ok", "version": "1.16.1", "type": "familiar", "openSubsonic": True}  # fmt: skip
    root = ElementTree.fromstring(server.get("ping", f="xml").body)
    assert root.tag == "{http://subsonic.org/restapi}subsonic-response"
    assert root.attrib["status"] == "ok" and root.attrib["openSubsonic"] == "true"


def test_jsonp_calls_what_was_named_and_nothing_else(server):
    body = server.get("ping", f="jsonp", callback="page.take").body.decode()
    assert body.startswith("page.take(") and body.rstrip(";").endswith(")")
    evil = server.get("ping", f="jsonp", callback="alert(1)//").body
    assert b"alert(1)" not in evil


def test_get_form_and_query_string_post_and_delete_are_one(server):
    call = query("alice", id=canary(server, "tr"))
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    mixed_query, mixed_form = urlencode({"c": "x", "f": "json", "v": "1.16.1"}), urlencode(
        {**signed("alice"), "id": canary(server, "tr")})  # fmt: skip
    answers = [
        server.send("GET", f"/rest/getSong?{call}"),
        server.send("GET", f"/rest/getSong.view?{call}"),
        server.send("POST", f"/rest/getSong?{call}"),
        server.send("POST", "/rest/getSong.view", call.encode(), form),
        server.send("POST", f"/rest/getSong?{mixed_query}", mixed_form.encode(), form),
        server.send("POST", "/rest/getSong", call.encode(), {"Content-Type": form["Content-Type"] + "; charset=UTF-8"}),
        server.send("DELETE", f"/rest/getSong?{call}"),
    ]
    assert {answer.body for answer in answers} == {answers[0].body}
    assert answers[0].error is None
    head = server.send("HEAD", f"/rest/getSong?{call}")
    assert (head.status, head.body) == (200, b"")


def test_a_full_scan_is_asked_for_in_a_form_as_in_the_address(server):
    form, scans = {"Content-Type": "application/x-www-form-urlencoded"}, "SELECT arguments FROM job WHERE name = 'scan'"
    with server.app.db.writing() as conn:
        conn.run("DELETE FROM job WHERE name = 'scan'")
    assert server.ask("startScan", "admin", fullScan="false")["scanning"] is True
    assert server.send("POST", "/rest/startScan", query("admin", fullScan="true").encode(), form).error is None
    server.ask("startScan", "admin", fullScan="TRUE")
    with server.app.db.writing() as conn:
        assert sorted(conn.rows(scans)) == [('{"full":true}',), ("{}",)]
        conn.run("DELETE FROM job WHERE name = 'scan'")


def test_browsers_of_other_sites_may_call_and_read(server):
    asked = {"Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "range"}
    preflight = server.send("OPTIONS", "/rest/getSong", headers={"Origin": "https://app.example", **asked})
    assert preflight.status == 204
    assert preflight.headers["access-control-allow-origin"] == "*"
    assert "range" in preflight.headers["access-control-allow-headers"].lower()
    for call in ("ping?f=json", f"stream?{query('alice', id=canary(server, 'tr'), format='raw')}", "nothing?f=json",
                 f"getCoverArt?{query('alice', id=canary(server, 'co'))}"):  # fmt: skip
        answer = server.send("GET", f"/rest/{call}", headers={"Origin": "https://app.example"})
        assert answer.headers["access-control-allow-origin"] == "*", call
        assert "access-control-allow-credentials" not in answer.headers


def test_what_is_no_endpoint_is_refused_in_the_envelope(server):
    for path in ("nothing", "nothing.view", "getsong", "../etc/passwd", "", "a/b/c"):
        answer = server.send("GET", f"/rest/{path}?f=json")
        assert (answer.status, answer.error) == (200, 0), path
    assert server.send("GET", "/rest/nothing").error == 0
    for name in ENDPOINTS:
        if ENDPOINTS[name] not in HANDLERS:
            assert server.get(name).error == 0, name


def test_another_major_version_is_refused(server):
    assert server.get("ping", v="2.0.0").error == 30
    assert server.get("ping", v="1.99.0").error is None
    assert server.get("ping", v=None).error is None


def test_five_thousand_songs_fit_into_a_call_by_form_and_by_address(server):
    songs = [song["id"] for song in server.ask("search3", query="", songCount=500)["song"]]
    many = (songs * 300)[:5000]
    form = query("alice", name="Long", songId=many).encode()
    made = server.send("POST", "/rest/createPlaylist", form, {"Content-Type": "application/x-www-form-urlencoded"})
    assert made.error is None and made.reply["playlist"]["songCount"] == 5000
    again = server.get("createPlaylist", name="Long address", songId=many)
    assert again.error is None and again.reply["playlist"]["songCount"] == 5000
    found = server.ask("getPlaylist", id=made.reply["playlist"]["id"])
    assert [entry["id"] for entry in found["entry"]] == many
    for each in (made, again):
        server.ask("deletePlaylist", id=each.reply["playlist"]["id"])


def test_long_answers_are_compressed_for_whoever_can_read_that(server):
    call = f"/rest/search3?{query('alice', query='', songCount=500)}"
    plain, packed = server.send("GET", call), server.send("GET", call, headers={"Accept-Encoding": "gzip, deflate"})
    assert "content-encoding" not in plain.headers
    assert packed.headers["content-encoding"] == "gzip" and len(packed.body) * 3 < len(plain.body)
    assert gzip.decompress(packed.body) == plain.body
    assert server.send("GET", call, headers={"Accept-Encoding": "gzip"}).body == packed.body


def test_a_kept_answer_is_new_after_a_change_and_nobody_elses(server):
    song = canary(server, "tr")
    server.ask("unstar", id=song)
    assert "starred" not in server.ask("getSong", id=song)
    server.ask("star", id=song)
    assert server.ask("getSong", id=song)["starred"]
    assert "starred" not in server.ask("getSong", "admin", id=song)
    album = {"id": canary(server, "al")}
    assert any("starred" in song for song in server.ask("getAlbum", **album)["song"])
    assert not any("starred" in song for song in server.ask("getAlbum", "admin", **album)["song"])
    server.ask("unstar", id=song)
    assert not any("starred" in song for song in server.ask("getAlbum", **album)["song"])


@pytest.mark.parametrize("asked", ["bytes=0-0", "bytes=5-", "bytes=-7", "bytes=0-999999999", "bytes=10-19"])
def test_parts_of_a_file_are_those_of_the_whole(server, asked):
    call = f"/rest/stream?{query('alice', id=canary(server, 'tr'), format='raw')}"
    whole = server.send("GET", call)
    assert whole.status == 200 and int(whole.headers["content-length"]) == len(whole.body)
    part = server.send("GET", call, headers={"Range": asked})
    assert part.status == 206
    span, _, total = part.headers["content-range"].removeprefix("bytes ").partition("/")
    first, _, last = span.partition("-")
    assert int(total) == len(whole.body)
    assert part.body == whole.body[int(first) : int(last) + 1]


def test_head_and_a_part_beyond_the_end_of_a_file(server):
    call = f"/rest/stream?{query('alice', id=canary(server, 'tr'), format='raw')}"
    whole = server.send("GET", call)
    head = server.send("HEAD", call)
    assert head.status == 200 and head.body == b""
    assert head.headers["content-length"] == whole.headers["content-length"]
    beyond = server.send("GET", call, headers={"Range": "bytes=99999999-"})
    assert beyond.status == 416
    assert server.send("GET", call).body == whole.body


def test_a_transcode_is_made_once_and_kept(server):
    call = f"/rest/stream?{query('alice', id=canary(server, 'tr'), format='opus', maxBitRate=64)}"
    first = server.send("GET", call)
    assert first.status == 200 and first.body[:4] == b"OggS"
    again = server.send("GET", call, headers={"Range": "bytes=0-99"})
    assert again.body[:4] == b"OggS"


def test_covers_come_in_the_size_asked_for_and_are_drawn_where_there_are_none(server):
    small = server.get("getCoverArt", id=canary(server, "co"), size=32)
    assert small.status == 200 and small.headers["content-type"].startswith("image/")
    albums = server.ask("getAlbumList2", type="newest", size=50)["album"]
    without = next(album for album in albums if "coverArt" not in album)
    drawn = server.get("getCoverArt", id=without["id"])
    assert drawn.status == 200 and drawn.headers["content-type"].startswith("image/")
    assert server.get("getCoverArt", id="co-0000000000").error == 70


def test_many_callers_at_once_each_get_their_own(server):
    songs = [song["id"] for song in server.ask("search3", query="", songCount=500)["song"]]

    def ask(number: int) -> bool:
        song, user = songs[number % len(songs)], ("alice", "admin")[number % 2]
        if number % 3 == 0:
            return server.get("star", user, id=song).error is None
        return server.ask("getSong", user, id=song)["id"] == song

    with ThreadPoolExecutor(8) as callers:
        assert all(callers.map(ask, range(120)))
    server.ask("unstar", id=songs)
    server.ask("unstar", "admin", id=songs)


def test_no_page_of_html_and_no_trace_is_shown_for_odd_requests(server):
    call = query("alice")
    for method, path, body, headers in (
        ("POST", f"/rest/ping?{call}", b"{}", {"Content-Type": "application/json"}),
        ("POST", f"/rest/ping?{call}", b"\xff\xfe", {"Content-Type": "application/x-www-form-urlencoded"}),
        ("GET", f"/rest/ping?{call}&u=bob", None, {}),
        ("GET", "/rest/ping?f=json&u=%ff%fe&p=%00", None, {}),
        ("GET", f"/rest/search3?{call}&query=%F0%9F%8E%B5%00", None, {}),
        ("PUT", f"/rest/ping?{call}", None, {}),
    ):
        answer = server.send(method, path, body, headers)
        assert answer.status in (200, 405), (method, path, answer)
        assert b"<html" not in answer.body.lower() and b"Traceback" not in answer.body


def test_the_pages_beside_the_endpoints(server):
    home = server.send("GET", "/")
    assert home.status == 200 and b"Familiar" in home.body
    health = json.loads(server.send("GET", "/health").body)
    assert health["status"] and health["version"]
    assert b"# TYPE" in server.send("GET", "/metrics").body
    assert server.send("GET", "/nothing/here").status == 404


def test_a_base_path_goes_before_everything(databases, scanned, music, tmp_path):
    with databases("sqlite").copy(scanned("sqlite")) as url, opened(url, music, tmp_path, base_path="/music") as app, \
            running(app) as server:  # fmt: skip
        assert server.send("GET", f"/music/rest/ping?{query('alice')}").error is None
        assert server.send("GET", f"/rest/ping?{query('alice')}").status == 404
        assert server.send("GET", "/music/").status == 200


@pytest.fixture
def key_of(server):
    from subsonic.tests.test_journey import api_key

    return lambda user: api_key(server, user)


def test_an_api_key_is_a_person_and_goes_with_no_name(server, key_of):
    key = key_of("bob")
    assert server.get("tokenInfo", "", apiKey=key).reply["tokenInfo"]["username"] == "bob"
    assert server.get("ping", "", apiKey=key, u="bob").error == 43
    assert server.get("ping", "", apiKey=key[:-1] + "x").error == 44
