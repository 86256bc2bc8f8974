"""Titles of stations: learned in a moment, once for all, and never at the price of whoever asks."""

import asyncio

import pytest

from server.kernel.fetch import Fetch
from server.library.radio import Station
from server.stream import tuner
from server.stream.tuner import Heard, Tuner
from server.tests.stream.stations import EVERY, SOUND, on_air, told


@pytest.fixture(scope="module")
def air():
    with on_air() as stations:
        yield stations


def station(url: str) -> Station:
    return Station(1, "Waves", url, "", "")


def learned(*urls: str, allow=("127.0.0.0/8",), again: bool = False) -> list[Heard]:
    """Return what is known of stations at first, and once all that began then has ended."""

    async def ask():
        tuned = Tuner(Fetch(allow))
        try:
            first = [tuned.heard(station(url)) for url in urls]
            assert all(heard.title == "" for heard in first), "nobody waits"
            await asyncio.gather(*tuned._asking.values())
            found = [tuned.heard(station(url)) for url in urls]
            await asyncio.gather(*tuned._asking.values())
            return found
        finally:
            await tuned.close()

    return asyncio.run(ask())


def test_a_title_is_learned_and_told_to_all_who_ask(air):
    url = air.station("/waves", "Air - La Femme d'Argent")
    assert learned(url, url, url) == [Heard("Air - La Femme d'Argent", "audio/mpeg", 128)] * 3
    assert air.asked["/waves"] == 1, "one fetch for several, and none while it is fresh"
    assert "Icy-MetaData: 1" in air.lines["/waves"]


def test_a_station_that_never_ends_is_left_after_its_first_title(air):
    assert learned(air.station("/endless", "", "Second", endless=True))[0].title == "Second"


def test_an_old_station_begins_in_its_own_way(air):
    assert learned(air.station("/old", "Old", first="ICY 200 OK"))[0].title == "Old"


@pytest.mark.parametrize("kind", ["audio/x-mpegurl", "text/plain"])
def test_lists_lead_to_the_station(air, kind):
    air.station("/inner", "Found")
    first = air.play("/a.m3u", f"#EXTM3U\n#EXTINF:-1,x\n{air.url}/b.pls\n".encode(), kind=kind)
    air.play("/b.pls", f"[playlist]\nFile1={air.url}/inner\n".encode(), kind="audio/x-scpls")
    assert learned(first)[0].title == "Found"


def test_a_list_that_leads_to_itself_is_left(air):
    url = air.play("/loop.m3u", f"{air.url}/loop.m3u\n".encode(), kind="audio/x-mpegurl")
    assert learned(url) == [Heard()]
    assert air.asked["/loop.m3u"] == tuner.LISTS_MAX + 1


HOSTILE = {
    "interval of nothing": {"head": "icy-metaint: 0\r\n", "body": SOUND},
    "interval of more than there is": {"head": f"icy-metaint: {1 << 24}\r\n", "endless": SOUND},
    "interval that is no number": {"head": "icy-metaint: many\r\n", "body": SOUND},
    "length that lies": {"head": f"icy-metaint: {EVERY}\r\n", "body": SOUND[:EVERY] + b"\xff" + b"StreamTitle='x"},
    "blocks that say nothing": {"head": "icy-metaint: 1\r\n", "endless": b"x\0" * 1000},
    "titles that are none": {"head": "icy-metaint: 1\r\n", "endless": b"x\xff" + b"\x00" * 4080},
    "a page": {"kind": "text/html", "body": b"<html>StreamTitle='x';</html>"},
    "a list without end": {"kind": "audio/x-mpegurl", "endless": b"# nothing\n" * 1000},
    "a list of nothing": {"kind": "audio/x-mpegurl", "body": b"\x00" * 100},
    "pieces": {"kind": "application/vnd.apple.mpegurl", "body": b"#EXTM3U\n#EXT-X-VERSION:3\n#EXTINF:9,\na.ts\n"},
    "a refusal": {"first": "HTTP/1.0 404 Not Found"},
    "nothing": {},
    "no HTTP": {"first": "220 smtp ready"},
    "a local address": {"first": "HTTP/1.0 302 Found", "head": "Location: http://169.254.169.254/latest\r\n"},
    "a file": {"first": "HTTP/1.0 302 Found", "head": "Location: file:///etc/passwd\r\n"},
    "a list to a local address": {"kind": "audio/x-scpls", "body": b"[playlist]\nFile1=http://10.0.0.1/\n"},
}


@pytest.mark.parametrize("how", HOSTILE)
def test_what_is_no_station_tells_no_title_and_is_left_soon(air, how):
    assert learned(air.play(f"/{how.replace(' ', '-')}", **HOSTILE[how]))[0].title == ""


def test_a_private_address_is_not_asked_unless_that_is_allowed(air):
    url = air.station("/private", "Secret")
    assert learned(url, allow=())[0].title == ""
    assert air.asked["/private"] == 0


def test_a_title_of_a_stranger_is_one_line_of_plain_text(air):
    url = air.play("/rude", SOUND[:EVERY] + told("\x1b[2J<script>\r\nx" + "y" * 1000), f"icy-metaint: {EVERY}\r\n")
    title = learned(url)[0].title
    assert title.startswith("[2J<script> xyy") and len(title) == 300


def test_only_some_stations_are_asked_at_once(air):
    urls = [air.station(f"/many/{at}", "Title") for at in range(tuner.ASKING_MAX + 2)]
    assert [heard.title for heard in learned(*urls)] == ["Title"] * tuner.ASKING_MAX + [""] * 2
