"""Information about artists and albums as clients get it: from here, and from outside once that is switched on."""

from collections.abc import Iterator
from contextlib import ExitStack
from urllib.parse import urlsplit

import pytest

from server.demo.audio import write_track
from server.integrations.lastfm import LastFm
from server.integrations.lrclib import LrcLib
from server.kernel import jobs
from server.library import outside
from server.library.scan import scan
from server.main import master_key
from server.tests.drawn import ZOE
from server.tests.fixtures import opened
from server.tests.integrations.services import KEY, Services
from server.tests.running import Answer, Server, people, running
from subsonic.tests.permissions import canary

INFO = ("getArtistInfo", "getArtistInfo2", "getAlbumInfo", "getAlbumInfo2", "getSimilarSongs", "getSimilarSongs2")


def named(server: Server, kind: str, name: str) -> str:
    found = server.ask("search3", query=name)[kind]
    return next(each["id"] for each in found if name in (each.get("name"), each.get("title")))


def picture(server: Server, address: str) -> Answer:
    """Load a picture as a page does: with its address alone."""
    assert address.startswith(server.url)
    return server.send("GET", urlsplit(address).path)


def test_an_artist_has_their_id_their_portrait_and_who_is_like_them(server):
    zoe, aurora = named(server, "artist", "Zoë Ångström"), named(server, "artist", "Aurora Vale")
    for endpoint in ("getArtistInfo", "getArtistInfo2"):
        assert server.ask(endpoint, id=zoe)["musicBrainzId"] == ZOE
        found = server.ask(endpoint, id=aurora)
        assert found["similarArtist"][0]["name"] and len(found["similarArtist"]) <= 20
        assert len(server.ask(endpoint, id=aurora, count=1)["similarArtist"]) == 1
        assert server.ask(endpoint, id=aurora, count=0)["similarArtist"] == []
        sizes = [len(picture(server, found[f"{size}ImageUrl"]).body) for size in ("small", "medium", "large")]
        assert all(sizes)
    xml = server.get("getArtistInfo2", id=aurora, f="xml").body.decode()
    assert "<smallImageUrl>http://" in xml and "</largeImageUrl><similarArtist " in xml


def test_an_album_has_pictures_that_need_no_account(server):
    found = server.ask("getAlbumInfo2", id=named(server, "album", "First Light"))
    assert found["musicBrainzId"]
    answer = picture(server, found["largeImageUrl"])
    assert answer.status == 200 and answer.headers["content-type"].startswith("image/")
    assert "sandbox" in answer.headers["content-security-policy"]
    assert answer.headers["access-control-allow-origin"] == "*"


def test_an_address_is_good_for_one_picture_and_nothing_else(server):
    path = urlsplit(server.ask("getAlbumInfo2", id=named(server, "album", "First Light"))["largeImageUrl"]).path
    name = path.removeprefix("/image/")
    cover, size, proof = name.split(".")
    hidden = canary(server, "co")
    for wrong in (f"{cover}.{size}.{proof[:-1]}", f"{cover}.600.{proof}", f"{hidden}.{size}.{proof}", f"{cover}.{size}",
                  f"{cover}..{proof}", "x", "%F0%9F%8E%B5", "..", f"{cover}.{size}.{proof}%00"):  # fmt: skip
        assert server.send("GET", f"/image/{wrong}").status == 404, wrong


def test_songs_albums_and_folders_lead_to_their_artist_and_album(server):
    song = server.ask("search3", query="Ember")["song"][0]
    for number in (song["id"], song["albumId"], song["parent"], song["artistId"]):
        assert server.ask("getArtistInfo2", id=number)["similarArtist"]
        assert len(server.ask("getSimilarSongs", id=number, count=5)["song"]) == 5
    for number in (song["id"], song["albumId"], song["parent"]):
        assert server.ask("getAlbumInfo", id=number)["musicBrainzId"]


def test_nothing_known_is_no_error_and_an_unknown_id_is_one(server):
    for artist in server.ask("search3", query="", artistCount=500)["artist"]:
        for endpoint in ("getArtistInfo", "getArtistInfo2", "getSimilarSongs2"):
            server.ask(endpoint, id=artist["id"])
        server.ask("getTopSongs", artist=artist["name"])
    for album in server.ask("search3", query="", albumCount=500)["album"]:
        server.ask("getAlbumInfo2", id=album["id"])
    for endpoint in INFO:
        for number in ("ar-0000000000", "al-x", "17", "pl-0000000000"):
            assert server.get(endpoint, id=number).error == 70, (endpoint, number)
    assert server.ask("getTopSongs", artist="Nobody At All") == {"song": []}


def test_nothing_of_a_hidden_folder_is_told(server):
    for kind in ("ar", "al", "tr", "fo"):
        for endpoint in INFO:
            assert server.get(endpoint, "bob", id=canary(server, kind)).error == 70


@pytest.fixture
def cher(kind, tmp_path) -> Iterator[tuple[Server, Services]]:
    """A server with an album by Cher and one by the Kettle Band, and Last.fm switched on."""
    with ExitStack() as stack:
        services = Services()
        stack.callback(services.close)
        for at, title in enumerate(("Love", "Believe", "Strong"), 1):
            write_track(tmp_path / "m" / "Cher" / "Believe" / f"{at}.mp3", seconds=0.3, seed=at, title=title,
                        artist="Cher", albumartist="Cher", album="Believe", tracknumber=at)  # fmt: skip
        write_track(tmp_path / "m" / "Kettle Band" / "1.mp3", seconds=0.3, seed=9, title="Steam", artist="Kettle Band",
                    album="Steam")  # fmt: skip
        url = stack.enter_context(kind.fresh())
        (tmp_path / "data").mkdir(mode=0o700)
        app = stack.enter_context(opened(
            url, (("Music", str(tmp_path / "m")),), tmp_path / "data", outside="lastfm", lastfm_api_key=KEY,
            fetch_allow="127.0.0.0/8",
        ))  # fmt: skip
        scan(app.db, app.ids, app.render)
        people(app, master_key(app.config))
        server = stack.enter_context(running(app))
        app.parts[outside.SERVICES] = {"lastfm": LastFm(KEY, "en", f"{services.url}/2.0/")}
        yield server, services


def work(server: Server) -> int:
    """Do the jobs that wait, as the worker does, and return how many there were."""
    with server.app.db.reading() as conn:
        waiting = [n for (n,) in conn.rows("SELECT id FROM job WHERE state = 'waiting' AND name = 'ask_outside'")]
    for number in waiting:
        jobs.perform(server.app, number)
    return len(waiting)


def test_what_services_know_is_there_the_next_time(cher):
    server, services = cher
    artist, album = named(server, "artist", "Cher"), named(server, "album", "Believe")
    assert "biography" not in server.ask("getArtistInfo2", id=artist)
    server.ask("getArtistInfo2", id=artist)
    server.ask("getAlbumInfo2", id=album)
    assert not services.asked and work(server) == 1 and len(services.asked) == 4

    found = server.ask("getArtistInfo2", id=artist, includeNotPresent="true")
    assert found["biography"].startswith("Cher sings & acts.")
    assert found["lastFmUrl"] == "https://www.last.fm/music/Cher"
    assert [(each["name"], each["id"] == "-1") for each in found["similarArtist"]] == [
        ("Kettle Band", False), ("Sonny & Cher", True), ("Nobody Here", True)]  # fmt: skip
    assert [each["name"] for each in server.ask("getArtistInfo", id=artist)["similarArtist"]] == ["Kettle Band"]
    assert server.ask("getAlbumInfo2", id=album)["notes"] == "The 22nd album."
    assert server.ask("getAlbumInfo2", id=album)["largeImageUrl"].endswith("/mega/b.png")
    assert server.ask("getTopSongs", artist="cher")["song"][0]["title"] == "Believe"
    assert any(song["artist"] == "Kettle Band" for song in server.ask("getSimilarSongs2", id=artist)["song"])
    assert work(server) == 0 and len(services.asked) == 4


def test_that_a_service_knows_nothing_is_remembered_and_that_it_failed_is_not_for_long(cher, monkeypatch):
    server, services = cher
    kettle = named(server, "artist", "Kettle Band")
    server.ask("getArtistInfo2", id=kettle)
    work(server)
    asked = len(services.asked)
    server.ask("getArtistInfo2", id=kettle)
    assert work(server) == 0

    cher_id = named(server, "artist", "Cher")
    services.broken = (500, b"<html>")
    server.ask("getArtistInfo2", id=cher_id)
    assert work(server) == 1 and len(services.asked) == asked + 1
    assert "biography" not in server.ask("getArtistInfo2", id=cher_id) and work(server) == 0
    services.broken = None
    later = outside.now_ms() + outside.AGAIN_MS + 1
    monkeypatch.setattr(outside, "now_ms", lambda: later)
    server.ask("getArtistInfo2", id=cher_id)
    assert work(server) == 1
    assert "biography" in server.ask("getArtistInfo2", id=cher_id)


def test_what_was_said_stays_while_a_service_is_away_and_goes_when_it_is_switched_off(cher, monkeypatch):
    server, services = cher
    cher_id = named(server, "artist", "Cher")
    server.ask("getArtistInfo2", id=cher_id)
    work(server)
    later = outside.now_ms() + outside.KEPT_MS + 1
    monkeypatch.setattr(outside, "now_ms", lambda: later)
    services.broken = (200, b"{}" * 9)
    server.ask("getArtistInfo2", id=cher_id)
    assert work(server) == 1
    assert "biography" in server.ask("getArtistInfo2", id=cher_id)

    monkeypatch.setitem(server.app.config.values, "outside", "deezer")
    assert list(outside.switched_on(server.app)) == ["deezer"]
    assert "biography" not in server.ask("getArtistInfo2", id=cher_id)


def test_lyrics_that_nobody_has_here_are_asked_for(cher):
    server, services = cher
    server.app.parts[outside.SERVICES] = {"lrclib": LrcLib(f"{services.url}/api/")}
    songs = {song["title"]: song["id"] for song in server.ask("search3", query="Cher")["song"]}
    for song in songs.values():
        assert server.ask("getLyricsBySongId", id=song)["structuredLyrics"] == []
        server.ask("getArtistInfo2", id=song)
    assert work(server) == 1 and len(services.asked) == len(songs)
    first, second = server.ask("getLyricsBySongId", id=songs["Believe"])["structuredLyrics"]
    assert first["synced"] and first["line"] == [{"value": "After love", "start": 1000}] and not second["synced"]
    assert server.ask("getLyricsBySongId", id=songs["Love"])["structuredLyrics"] == [] and work(server) == 0


def test_a_service_that_is_away_is_asked_once_and_then_left_alone(cher):
    server, services = cher
    services.broken = (503, b"busy")
    for artist in ("Cher", "Kettle Band"):
        server.ask("getArtistInfo2", id=named(server, "artist", artist))
    assert work(server) == 1 and len(services.asked) == 1
    for artist in ("Cher", "Kettle Band"):
        server.ask("getArtistInfo2", id=named(server, "artist", artist))
    assert work(server) == 0


def test_a_crawl_through_everything_fills_no_endless_queue(cher, monkeypatch):
    server, services = cher
    monkeypatch.setattr(outside, "WAITING_MAX", 1)
    for artist in ("Cher", "Kettle Band"):
        server.ask("getArtistInfo2", id=named(server, "artist", artist))
    assert work(server) == 1
    assert {query.get("artist") for _, query, _ in services.asked} == {"Cher"}


def test_a_key_is_never_shown(cher):
    server, _ = cher
    assert KEY not in str(server.app.config.shown()) and KEY not in repr(server.app.config)
