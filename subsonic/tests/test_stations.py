"""Listening to stations: through this server, and what everybody sees of it."""

import http.client
import os

import pytest

from server.stream import tuner
from server.stream.tuner import Tuner
from server.tests.fixtures import opened
from server.tests.running import HOST, query, running
from server.tests.stream.stations import EVERY, SOUND, on_air, with_titles


@pytest.fixture(scope="module")
def air():
    with on_air() as stations:
        yield stations


@pytest.fixture(scope="module")
def server(databases, scanned, music, tmp_path_factory):
    """A server that may ask stations on the loopback."""
    kind, data = databases("sqlite"), tmp_path_factory.mktemp("data")
    os.chmod(data, 0o700)
    with (
        kind.copy(scanned(kind.name)) as url,
        opened(url, music, data, fetch_allow="127.0.0.0/8") as app,
        running(app) as found,
    ):
        yield found


@pytest.fixture
def add(server):
    """Return a function that makes a station of an address and returns its id; they go at the end."""
    made = []

    def adding(url: str, name: str = "Waves") -> str:
        server.ask("createInternetRadioStation", "admin", name=name, streamUrl=url)
        known = server.ask("getInternetRadioStations")["internetRadioStation"]
        made.append(next(each["id"] for each in known if each["streamUrl"] == url))
        return made[-1]

    yield adding
    for number in made:
        server.ask("deleteInternetRadioStation", "admin", id=number)


def playing(server, user="bob") -> list[dict]:
    return server.ask("getNowPlaying", user)["entry"]


def learned(server, title: str) -> dict:
    """Ask until a title is known, which takes no longer than the station does."""
    for _ in range(500):
        entries = playing(server)
        if entries and entries[0]["title"] == title:
            return entries[0]
    raise AssertionError(entries)


class Line:
    """Somebody who listens, and goes away in the middle."""

    def __init__(self, server, station, user="alice", headers=None, client="browser"):
        self.line = http.client.HTTPConnection(HOST, server.port, timeout=20)
        self.line.request("GET", f"/rest/stream?{query(user, id=station, c=client)}", headers=headers or {})
        self.answer = self.line.getresponse()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.answer.close()
        self.line.close()


def test_a_station_reported_is_shown_by_its_name_and_then_by_its_title(server, air, add):
    station = add(air.station("/reported", "Air - La Femme d'Argent"), "Waves FM")
    report = {"mediaId": station, "mediaType": "song", "positionMs": 0}
    server.ask("reportPlayback", "alice", **report, state="playing")
    first = playing(server)[0]
    assert (first["id"], first["isDir"], first["username"]) == (station, False, "alice")
    assert first["title"] in ("Waves FM", "Air - La Femme d'Argent"), "nobody waits for a station"
    entry = learned(server, "Air - La Femme d'Argent")
    assert (entry["artist"], entry["coverArt"], entry["state"], entry["bitRate"]) == (
        "Waves FM", station, "playing", 128
    )  # fmt: skip
    assert entry["contentType"] == "audio/mpeg" and entry["type"] == "music" and "duration" not in entry
    assert air.asked["/reported"] == 1
    xml = server.get("getNowPlaying", f="xml").body.decode()
    assert 'title="Air - La Femme d\'Argent"' in xml or "La Femme d&apos;Argent" in xml or "&#39;" in xml
    server.ask("reportPlayback", "alice", **report, state="stopped")
    assert playing(server) == []


def test_a_scrobble_shows_a_station_and_counts_no_play(server, air, add):
    station = add(air.station("/scrobbled"))
    server.ask("scrobble", "alice", id=station, submission="false")
    assert [each["id"] for each in playing(server)] == [station]
    server.ask("scrobble", "alice", id=station)
    song = server.ask("search3", query="", songCount=1)["song"][0]["id"]
    server.ask("scrobble", "alice", id=[station, song])
    server.ask("scrobble", "alice", id=song, submission="false")
    assert [each["id"] for each in playing(server)] == [song], "one thing at a time"
    assert server.get("scrobble", id="ra-0000000000").error == 70
    assert server.get("scrobble", id="ra-0000000000", submission="false").error == 70


def test_a_relay_sends_the_sound_without_titles_and_shows_them(server, air, add):
    station = add(air.station("/relayed", "One", "", "Two"))
    answer = server.get("stream", "bob", id=station)
    assert answer.status == 200 and answer.body == SOUND
    assert answer.headers["content-type"] == "audio/mpeg" and answer.headers["access-control-allow-origin"] == "*"
    assert "icy-metaint" not in answer.headers and "content-length" not in answer.headers


def test_a_player_that_asks_for_titles_gets_them(server, air, add):
    station = add(air.station("/titled", "One"))
    path = f"/rest/stream?{query('bob', id=station)}"
    answer = server.send("GET", path, headers={"Icy-MetaData": "1"})
    assert answer.body == with_titles("One") and answer.headers["icy-metaint"] == str(EVERY)
    head = server.send("HEAD", path)
    assert (head.status, head.headers["content-type"], head.body) == (200, "audio/mpeg", b"")


def test_who_listens_through_the_server_is_shown_while_they_do(server, air, add):
    station = add(air.station("/live", "Live", endless=True))
    with Line(server, station) as line:
        assert line.answer.status == 200
        line.answer.read(EVERY * 6)
        entry = learned(server, "Live")
        assert (entry["username"], entry["playerName"], entry["state"]) == ("alice", "browser", "playing")
        assert air.asked["/live"] == 1, "its title comes with its sound"
    gone(server)
    assert [each for each in playing(server) if each["id"] == station] == []


def gone(server) -> None:
    """Ask something until the server has seen that the listeners are away."""
    heard = server.app.part(Tuner)
    for _ in range(2000):
        if not heard.listeners:
            return
        server.ask("ping")
    raise AssertionError("a listener who has gone is still there")


def test_listeners_have_a_number(server, air, add, monkeypatch):
    monkeypatch.setattr(tuner, "PER_USER", 1)
    station = add(air.station("/full", endless=True))
    with Line(server, station) as line:
        line.answer.read(10)
        refused = server.get("stream", id=station)
        assert (refused.status, refused.error) == (429, 0) and "retry-after" in refused.headers
        with Line(server, station, "bob") as other:
            assert other.answer.status == 200
            monkeypatch.setattr(tuner, "LISTENERS_MAX", 2)
            assert server.get("stream", "admin", id=station).status == 429
    gone(server)


@pytest.mark.parametrize(("path", "page", "words"), [
    ("/html", {"kind": "text/html", "body": b"<html>"}, "no sound"),
    ("/pieces", {"kind": "application/vnd.apple.mpegurl", "body": b"#EXTM3U\n#EXT-X-VERSION:3\n"}, "HLS"),
    ("/empty.pls", {"kind": "audio/x-scpls", "body": b"[playlist]\n"}, "no station"),
    ("/gone", {"first": "HTTP/1.0 404 Not Found"}, "404"),
    ("/inside", {"first": "HTTP/1.0 302 Found", "head": "Location: http://10.1.2.3/\r\n"}, "FAMILIAR_FETCH_ALLOW"),
])  # fmt: skip
def test_what_cannot_be_relayed_is_refused_in_words(server, air, add, path, page, words):
    answer = server.get("stream", id=add(air.play(path, **page)))
    assert answer.error in (0, 50) and words in answer.reply["error"]["message"]


def test_a_station_that_breaks_off_ends_the_answer(server, air, add):
    head = f"icy-metaint: {EVERY}\r\nContent-Length: 999999\r\n"
    answer = server.get("stream", id=add(air.play("/broken", SOUND[:EVERY] + b"\xff" + b"x" * 50, head)))
    assert answer.status == 200 and answer.body == SOUND[:EVERY]


def test_a_server_that_ends_breaks_listeners_off(server, air, tmp_path, databases, scanned, music):
    kind = databases("sqlite")
    os.chmod(tmp_path, 0o700)
    with kind.copy(scanned(kind.name)) as url, opened(url, music, tmp_path, fetch_allow="127.0.0.0/8") as app:
        with running(app) as ending:
            ending.ask("createInternetRadioStation", "admin", name="x", streamUrl=air.station("/last", endless=True))
            [station] = ending.ask("getInternetRadioStations")["internetRadioStation"]
            line = Line(ending, station["id"])
            line.answer.read(10)
        with line, pytest.raises((http.client.IncompleteRead, ConnectionError)):
            line.answer.read()
