from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from server.tests.running import PASSWORDS, Server, query, signed

SIGNED = {"v": "1.16.1", "c": "tests"}


@pytest.fixture(scope="module")
def song(server: Server) -> str:
    (found,) = [each for each in server.ask("search3", query="Ember")["song"] if each["title"] == "Ember"]
    return found["id"]


def lines(server: Server, path: str) -> list[str]:
    answer = server.send("GET", path)
    assert answer.status == 200, answer
    assert answer.headers["content-type"] == "application/vnd.apple.mpegurl"
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "no-store" in answer.headers["cache-control"]
    return answer.body.decode().splitlines()


def links(found: list[str]) -> list[str]:
    return [f"/rest/{line}" for line in found if not line.startswith("#")]


@pytest.mark.parametrize("name", ["hls", "hls.view", "hls.m3u8"])
def test_a_list_leads_to_parts_that_need_nothing_else(server, song, name):
    found = lines(server, f"/rest/{name}?{query('alice', id=song, bitRate=64)}")
    assert found[0] == "#EXTM3U" and found[-1] == "#EXT-X-ENDLIST"
    (link,) = links(found)
    assert urlsplit(link).path == "/rest/hls.aac"
    assert set(parse_qs(urlsplit(link).query)) == {"id", "bitRate", "segment", "u", "t", "s", "v", "c"}
    part = server.send("GET", link)
    assert (part.status, part.headers["content-type"]) == (200, "audio/aac")
    assert part.body.startswith(b"ID3") and part.headers["access-control-allow-origin"] == "*"


def test_a_list_of_lists_has_one_for_each_bit_rate_that_differs(server, song):
    found = lines(server, f"/rest/hls.m3u8?{query('alice', id=song, bitRate=['64', '96@480x360', '1000@1x1', '2000'])}")
    assert [line.partition(",")[0] for line in found if line.startswith("#EXT-X-STREAM-INF")] == [
        f"#EXT-X-STREAM-INF:BANDWIDTH={kbps * 1100}" for kbps in (64, 96, 320)
    ]
    for link in links(found):
        assert lines(server, link)[-1] == "#EXT-X-ENDLIST"


def test_a_list_carries_what_the_call_was_signed_with_and_no_password_beside_a_token(server, song):
    def carried(**given) -> dict:
        (link,) = links(lines(server, f"/rest/hls?{urlencode({'id': song, **SIGNED, **given})}"))
        assert server.send("GET", link).headers["content-type"] == "audio/aac"
        return {name: value for name, (value,) in parse_qs(urlsplit(link).query).items() if name in "uptsapiKey"}

    token, password = signed("alice"), PASSWORDS["alice"]
    assert carried(**token) == token
    for sent in (password, f"enc:{password.encode().hex()}"):
        assert carried(u="alice", p=sent) == {"u": "alice", "p": sent}
        assert carried(**token, p=sent) == token


def test_a_form_is_answered_with_addresses_that_are_whole(server, song):
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = server.send("POST", "/rest/hls.view", query("alice", id=song).encode(), headers)
    (link,) = links(answer.body.decode().splitlines())
    assert server.send("GET", link).headers["content-type"] == "audio/aac"


@pytest.mark.parametrize("wrong, code", [
    ({"bitRate": "fast"}, 0), ({"bitRate": "-1"}, 0), ({"bitRate": "1" * 400}, 0), ({"bitRate": "٣"}, 0),
    ({"bitRate": ["64"] * 21}, 0), ({"segment": "x"}, 0), ({"segment": 99}, 70), ({"id": "tr-0000000000"}, 70),
    ({"id": None}, 10),
])  # fmt: skip
def test_what_cannot_be_is_refused(server, song, wrong, code):
    assert server.get("hls", **{"id": song, **wrong}).error == code


def test_nobody_reaches_a_part_of_what_they_may_not_hear(server):
    canary = server.ask("search3", query="canary")["song"][0]["id"]
    assert server.get("hls", id=canary).status == 200
    for params in ({}, {"segment": 0}):
        assert server.get("hls", "bob", id=canary, **params).error == 70
        assert server.get("hls", "", id=canary, **params).error == 10


def test_videos_are_none_and_captions_of_none_are_not_found(server, song):
    assert server.ask("getVideos") == {"video": []}
    for endpoint in ("getVideoInfo", "getCaptions"):
        for thing in (song, "x"):
            assert server.get(endpoint, id=thing).error == 70
        assert server.get(endpoint).error == 10
    assert server.get("getCaptions", id=song, format="doc").error == 0
