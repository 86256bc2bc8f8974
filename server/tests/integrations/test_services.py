"""What each service says, as we understand it, and what happens when it says something else."""

import asyncio
from collections.abc import Iterator

import pytest

from server import integrations
from server.integrations.capabilities import Subject, Words
from server.integrations.deezer import Deezer
from server.integrations.lastfm import LastFm
from server.integrations.lrclib import LrcLib
from server.integrations.musicbrainz import MusicBrainz
from server.integrations.wikipedia import Wikipedia
from server.integrations.wire import Pace
from server.kernel.config import load
from server.kernel.errors import Failure, Forbidden, Invalid, Unavailable
from server.kernel.fetch import Fetch, at_once
from server.tests.integrations.services import CHER, KEY, SONNY, Services

LOOPBACK = Fetch(("127.0.0.0/8",))
WHO = Subject("Cher", mbid=CHER)
BELIEVE = Subject("Believe", "Cher")


@pytest.fixture
def services() -> Iterator[Services]:
    found = Services()
    yield found
    found.close()


def clients(url: str) -> dict[str, object]:
    """Return a client of each service for a server that plays all of them."""
    return {
        "lastfm": LastFm(KEY, "de", f"{url}/2.0/"),
        "wikipedia": Wikipedia("de", f"{url}/w/api.php", url + "/page/{language}/"),
        "musicbrainz": MusicBrainz("me@example.org", f"{url}/ws/2/", Pace(0)),
        "deezer": Deezer(f"{url}/"),
        "lrclib": LrcLib(f"{url}/api/"),
    }


def ask(services: Services, name: str, kind: str, *args):
    return at_once(getattr(clients(services.url)[name], kind), LOOPBACK, *args)


def test_lastfm_tells_of_an_artist(services):
    found = ask(services, "lastfm", "artist", WHO)
    assert found.text == "Cher sings & acts.\n\nShe was born in 1946."
    assert found.url == "https://www.last.fm/music/Cher" and found.mbid == CHER
    assert found.similar == (("Sonny & Cher", SONNY), ("Kettle Band", ""), ("Nobody Here", ""))
    assert found.top == ("Believe",) and found.images == ()
    assert [(query["method"], query.get("lang")) for _, query, _ in services.asked] == [
        ("artist.getInfo", "de"), ("artist.getSimilar", None), ("artist.getTopTracks", None)]  # fmt: skip


def test_lastfm_is_asked_by_name_where_it_does_not_know_the_id(services):
    assert ask(services, "lastfm", "artist", Subject("CHER", mbid=SONNY)).mbid == CHER
    assert ask(services, "lastfm", "artist", Subject("Somebody Else")) is None


def test_lastfm_tells_of_an_album(services):
    found = ask(services, "lastfm", "album", BELIEVE)
    assert found.text == "The 22nd album." and found.url == "https://www.last.fm/music/Cher/Believe"
    assert found.images[0].endswith("/medium/b.png") and found.images[2].endswith("/mega/b.png")
    assert ask(services, "lastfm", "album", Subject("Other", "Cher")) is None


def test_a_key_that_lastfm_does_not_take_is_told_without_the_key(services):
    wrong = LastFm("f" * 32, "en", f"{services.url}/2.0/")
    with pytest.raises(Unavailable, match="error 10") as raised:
        at_once(wrong.artist, LOOPBACK, WHO)
    assert "f" * 32 not in str(raised.value)


def test_musicbrainz_tells_who_somebody_is_and_hears_who_asks(services):
    found = ask(services, "musicbrainz", "artist", WHO)
    assert found.mbid == CHER and found.url == "https://www.last.fm/music/Cher" and "singer" in found.text
    assert services.asked[0][2]["User-Agent"].endswith("( me@example.org )")
    assert ask(services, "musicbrainz", "artist", Subject("Cher")).mbid == CHER
    assert ask(services, "musicbrainz", "artist", Subject("Twice")) is None
    assert ask(services, "musicbrainz", "artist", Subject("Sonny & Cher")) is None
    assert ask(services, "musicbrainz", "album", BELIEVE) is None


def test_a_pace_lets_one_pass_at_a_time():
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    async def three(pace: Pace) -> None:
        for _ in range(3):
            await pace.turn()

    asyncio.run(three(Pace(1.1, sleep, lambda: 100.0)))
    assert [round(wait, 3) for wait in waits] == [1.1, 2.2]


def test_wikipedia_knows_people_by_their_musicbrainz_id_in_the_language_of_the_house(services):
    found = ask(services, "wikipedia", "artist", WHO)
    assert found.text == "Cher (de).\n\nWikipedia: https://de.wikipedia.org/wiki/Cher"
    assert found.images[2] == "https://upload.example/o.jpg"
    french = Wikipedia("fr", f"{services.url}/w/api.php", services.url + "/page/{language}/")
    assert at_once(french.artist, LOOPBACK, WHO).text.startswith("Cher (en).")
    assert ask(services, "wikipedia", "artist", Subject("Cher")) is None
    assert ask(services, "wikipedia", "artist", Subject("Cher", mbid=SONNY)) is None


def test_deezer_shows_who_bears_exactly_this_name_and_has_a_picture(services):
    assert [image.split("/")[-2] for image in ask(services, "deezer", "artist", WHO).images] == ["c1"] * 3
    assert ask(services, "deezer", "artist", Subject("Cherry")) is None
    assert len(ask(services, "deezer", "album", BELIEVE).images) == 3
    with pytest.raises(Unavailable, match="error 4"):
        ask(services, "deezer", "artist", Subject("quota"))


def test_lrclib_has_words_with_times(services):
    found = ask(services, "lrclib", "lyrics", "Cher", "Believe", "Believe", 239)
    assert found == Words("After love", "[00:01.00] After love")
    assert services.asked[0][1] == {
        "artist_name": "Cher", "track_name": "Believe", "album_name": "Believe", "duration": "239"}  # fmt: skip
    assert ask(services, "lrclib", "lyrics", "Cher", "Other", "", 1) is None


@pytest.mark.parametrize("body", [
    b"", b"<html>busy</html>", b"null", b"[]", b"{}", b'"text"', b"17",
    b'{"artist":17,"data":{},"query":[],"error":{}}',
    b'{"artist":{"bio":[1,2],"url":["x"],"mbid":{}},"data":[1,null],"query":{"search":[]}}', b"{" * 5000,
])  # fmt: skip
@pytest.mark.parametrize("status", [200, 403, 500])
def test_whatever_a_service_sends_is_an_answer_or_a_failure(services, status, body):
    services.broken = (status, body)
    for name, kind, *args in (
        ("lastfm", "artist", WHO), ("lastfm", "album", BELIEVE), ("musicbrainz", "artist", WHO),
        ("wikipedia", "artist", WHO), ("deezer", "artist", WHO), ("deezer", "album", BELIEVE),
        ("lrclib", "lyrics", "Cher", "Believe", "", 1),
    ):  # fmt: skip
        try:
            ask(services, name, kind, *args)
        except Failure as failure:
            assert KEY not in str(failure)


@pytest.mark.parametrize(("status", "body"), [
    (429, b'{"httpCode":429,"httpReason":"Too Many Requests"}'), (403, b'{"error":"Your requests exceed the limit."}'),
    (429, b'{"code":429,"name":"TooManyRequests"}'), (401, b"[]"),
])  # fmt: skip
def test_who_is_turned_away_has_not_been_told_that_there_is_nothing(services, status, body):
    services.broken = (status, body)
    for name, kind, *args in (
        ("lastfm", "artist", WHO), ("musicbrainz", "artist", WHO), ("musicbrainz", "artist", Subject("Cher")),
        ("wikipedia", "artist", WHO), ("deezer", "artist", WHO), ("lrclib", "lyrics", "Cher", "Believe", "", 1),
    ):  # fmt: skip
        with pytest.raises(Unavailable):
            ask(services, name, kind, *args)


def test_that_wikidata_is_busy_is_no_answer_and_that_it_knows_no_such_thing_is_one(services):
    services.broken = (200, b'{"error":{"code":"cirrussearch-too-busy-error","info":"Search is busy."}}')
    with pytest.raises(Unavailable, match="too-busy"):
        ask(services, "wikipedia", "artist", WHO)
    services.broken = (200, b'{"error":{"code":"no-such-entity"}}')
    assert ask(services, "wikipedia", "artist", WHO) is None


def test_services_in_private_networks_are_not_asked_unless_admitted(services):
    with pytest.raises(Forbidden, match="FAMILIAR_FETCH_ALLOW"):
        at_once(clients(services.url)["deezer"].artist, Fetch(), WHO)
    assert not services.asked


def test_nobody_is_asked_unless_the_settings_say_so():
    assert integrations.switched_on(load({})) == {}
    found = integrations.switched_on(load({}, {"outside": "deezer, LastFM", "lastfm_api_key": KEY}))
    assert list(found) == ["lastfm", "deezer"]


@pytest.mark.parametrize(("settings", "said"), [
    ({"outside": "lastfm"}, "lastfm_api_key"),
    ({"outside": "musicbrainz"}, "outside_contact"),
    ({"outside": "deezer,spotfy"}, "spotfy"),
])  # fmt: skip
def test_a_service_that_cannot_be_asked_is_told_at_the_start(settings, said):
    with pytest.raises(Invalid, match=said):
        integrations.switched_on(load({}, settings))
