"""What the few clients get that are known to break, and that all others get everything."""

from xml.etree import ElementTree

import pytest

from server.tests.running import Server
from subsonic import shapes
from subsonic.protocol.declare import fields_of
from subsonic.quirks import KNOWN, of

XML = "{http://subsonic.org/restapi}"
PLAIN = [name for name, quirks in KNOWN.items() if quirks.plain]


def pages(server: Server) -> dict[str, dict]:
    """Return calls that show artists, albums, songs and lists of them."""
    song = server.ask("search3", query="Ember")["song"][0]
    listed = server.ask("createPlaylist", name="Quirky", songId=song["id"])
    return {
        "search3": {"query": "a"}, "getAlbum": {"id": song["albumId"]}, "getArtist": {"id": song["artistId"]},
        "getAlbumList2": {"type": "newest"}, "getSong": {"id": song["id"]}, "getPlaylist": {"id": listed["id"]},
        "getMusicDirectory": {"id": song["albumId"]}, "getArtistInfo2": {"id": song["artistId"]}, "getStarred2": {},
    }  # fmt: skip


def test_everybody_listed_has_a_reason_and_a_name_as_they_send_it():
    assert all(quirks.reason.endswith(".") and name == name.lower() for name, quirks in KNOWN.items())
    assert of("DSub") is of(" dsub ") and not of("Symfonium").plain and not of("Feishin").less


@pytest.mark.parametrize("client", PLAIN)
def test_readers_that_go_by_names_find_no_artist_inside_a_song(server, client):
    for endpoint, params in pages(server).items():
        root = ElementTree.fromstring(server.get(endpoint, **params, f="xml", c=client).body)
        assert set(root.attrib) == {"status", "version"}, endpoint
        for row in root.iter():
            if row.tag in (f"{XML}song", f"{XML}entry", f"{XML}child"):
                assert not list(row), endpoint
        names = {row.tag.removeprefix(XML) for row in root.iter()}
        assert not names & {"contributors", "artists", "albumArtists", "genres", "replayGain", "validUntil"}, endpoint


def test_an_album_holds_nothing_but_songs_for_clementine(server):
    root = ElementTree.fromstring(server.get("getAlbum", **pages(server)["getAlbum"], f="xml", c="Clementine").body)
    assert {child.tag for child in root[0]} == {f"{XML}song"}
    listed = ElementTree.fromstring(server.get("getAlbumList2", type="newest", f="xml", c="Clementine").body)
    assert not [child for album in listed[0] for child in album]


def test_a_watch_gets_little_but_all_that_it_reads(server):
    params = pages(server)["getPlaylist"]
    whole, small = server.get("getPlaylist", **params).body, server.get("getPlaylist", **params, c="SubMusic")
    (entry,) = small.reply["playlist"]["entry"]
    assert {"id", "title", "artist", "duration", "contentType", "suffix", "coverArt", "isDir"} <= set(entry)
    assert not set(entry) & of("SubMusic").less
    assert len(small.body) < 0.5 * len(whole)
    xml = server.get("getPlaylist", **params, c="SubMusic", f="xml").body
    assert b" path=" not in xml and b" title=" in xml
    assert {"songCount", "duration", "created", "changed"} <= set(small.reply["playlist"])


def test_what_is_left_out_is_never_something_that_has_to_be_there():
    declared = {field.wire: field for field in fields_of(shapes.Child)}
    for quirks in KNOWN.values():
        assert all(declared[name].optional or declared[name].marks for name in quirks.less)


def test_one_client_is_never_given_the_answer_that_another_got(server):
    params = pages(server)["getAlbum"]
    for client in ("DSub", "tests", "SubMusic", "tests", "DSub"):
        song = server.get("getAlbum", **params, c=client).reply["album"]["song"][0]
        assert ("genres" in song) is (client == "tests") and ("path" in song) is (client != "SubMusic")
