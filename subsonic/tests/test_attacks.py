"""Requests that no honest client sends, and some that clumsy ones do: always an envelope, nothing of the inside."""

import socket
from concurrent.futures import ThreadPoolExecutor

import pytest

from server.tests.running import HOST, Server, query
from subsonic import mount
from subsonic.tests.permissions import canary

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.mark.parametrize("host", ["[::x", "a:99999999", 'a"><script>', "a b", ""])
def test_a_host_that_is_none_is_never_repeated(server: Server, host):
    answer = server.send("GET", "/rest/ping?apiKey=fk_1_no&f=json", headers={"Host": host})
    assert (answer.status, answer.error) == (200, 44)
    assert answer.reply["error"]["helpUrl"].startswith(f"{server.url}/")


@pytest.mark.parametrize(
    ("body", "word"),
    [(b"a=\xff", "UTF-8"), (b"a=" + b"b" * (10 << 20), "10 MB")],
    ids=["bytes", "long"],
)
def test_a_form_that_cannot_be_taken_is_refused_in_the_format_that_the_address_asks_for(server: Server, body, word):
    answer = server.send("POST", "/rest/ping?f=json", body, FORM)
    assert (answer.status, answer.error) == (200, 0)
    assert word in answer.reply["error"]["message"]


def test_every_answer_hides_what_we_are_made_of_and_what_kind_of_thing_it_is_is_not_guessed(server: Server):
    for path in ("/rest/ping?f=jsonp&callback=x", "/rest/nothing", "/nothing", "/", "/health"):
        answer = server.send("GET", path)
        assert answer.headers["server"] == "Familiar"
        assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("path", ["/", "/health", "//x/rest/ping", "/x/rest/ping", "/x%2Frest/ping"])
def test_pages_of_other_sites_may_read_answers_of_rest_alone(server: Server, path):
    assert "access-control-allow-origin" not in server.send("GET", path).headers
    assert server.send("GET", f"/rest/ping?{query('alice')}").headers["access-control-allow-origin"] == "*"


@pytest.mark.parametrize("endpoint", ["getArtistInfo", "getArtistInfo2", "getSimilarSongs", "getSimilarSongs2"])
def test_a_folder_that_one_may_not_see_is_as_one_that_is_not_there(server: Server, endpoint):
    hidden = canary(server, "fo")
    nowhere = server.app.ids.text("fo", 123_456)
    assert [server.get(endpoint, "bob", id=folder).error for folder in (hidden, nowhere)] == [70, 70]
    assert server.get(endpoint, "alice", id=hidden).error is None


def test_a_long_answer_is_written_as_a_short_one(server: Server, monkeypatch):
    made = server.ask("createPlaylist", name="long", songId=[canary(server, "tr")] * 5)
    for fmt in ("json", "xml"):
        short = server.get("getPlaylist", id=made["id"], f=fmt).body
        with monkeypatch.context() as patched:
            patched.setattr(mount, "LONG", 2)
            assert server.get("getPlaylist", id=made["id"], f=fmt).body == short
    server.ask("deletePlaylist", id=made["id"])


def test_a_query_of_a_hundred_thousand_words_is_read_as_far_as_makes_sense(server: Server):
    words = " ".join(f"canary{number:x}" for number in range(100_000))
    body = query("alice", query=words).encode()
    assert server.send("POST", "/rest/search3", body, FORM).reply["searchResult3"]["song"] == []
    assert server.ask("search3", query="canary " * 40)["song"], "the words that are read still count"


def test_five_million_parameters_are_not_read(server: Server):
    answer = server.send("POST", "/rest/ping?f=json", b"&" * 5_000_000, FORM)
    assert (answer.error, answer.reply["error"]["message"]) == (0, "There are more than 60000 parameters.")


def test_large_forms_take_turns(server: Server, monkeypatch):
    monkeypatch.setattr(mount, "LARGE_FORM", 10)
    body = query("alice").encode()
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda _: server.send("POST", "/rest/ping", body, FORM), range(40)))
    assert [answer.error for answer in answers] == [None] * 40


def test_a_form_that_never_arrives_is_not_waited_for(server: Server, monkeypatch):
    monkeypatch.setattr(mount, "FORM_S", 0.01)
    begun = b"POST /rest/ping?f=json HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    with socket.create_connection((HOST, server.port), timeout=20) as line:
        line.sendall(begun + b"Content-Length: 100\r\n\r\nu=alice")
        assert b"did not arrive whole" in line.recv(4096)
