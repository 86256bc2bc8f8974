"""Lyrics as clients get them."""

import pytest

from server.tests.library.sung.test_ttml import APPLE
from server.tests.running import Server
from server.tests.shelf import Shelf
from subsonic import lyrics as chapter
from subsonic.endpoints import GetLyrics, GetLyricsBySongId
from subsonic.protocol import HANDLERS
from subsonic.tests.calling import IDS, Client

LRC = "[ar:The Kettles]\n[offset:-40]\n[00:01.00]Put it on\n[00:02.50]\n[00:03.00]Take it <off>\n"
WORDS = "one line\nanother line"


def test_the_chapter_answers_its_endpoints():
    assert {HANDLERS[each].__module__ for each in (GetLyrics, GetLyricsBySongId)} == {chapter.__name__}


@pytest.fixture
def ann(shelf: Shelf) -> Client:
    """A client of somebody with one song, Kettle; `path` and `song` say where and which."""
    path = shelf.track("01.flac", title="Kettle", artist="Steam & Co", lyrics=WORDS)
    shelf.scan()
    client = Client(shelf.db, shelf.viewer)
    client.path, client.song = path, IDS.text("tr", shelf.titles()["Kettle"])
    return client


def test_synced_lyrics_come_first_with_times_in_milliseconds(ann, shelf):
    ann.path.with_suffix(".lrc").write_text(LRC)
    shelf.scan()
    for more in ({}, {"kind": "main"}):
        asked = {"enhanced": "true"} if more else {}
        assert ann.ask("getLyricsBySongId", id=ann.song, **asked) == {"structuredLyrics": [
            {
                "lang": "und", "synced": True, "offset": -40, "displayArtist": "The Kettles", "displayTitle": "Kettle",
                **more,
                "line": [{"value": "Put it on", "start": 1000}, {"value": "", "start": 2500},
                         {"value": "Take it <off>", "start": 3000}],
            },
            {
                "lang": "und", "synced": False, "displayArtist": "Steam & Co", "displayTitle": "Kettle",
                **more,
                "line": [{"value": "one line"}, {"value": "another line"}],
            },
        ]}  # fmt: skip
    xml = ann.ask("getLyricsBySongId", fmt="xml", id=ann.song)
    assert '<line start="3000">Take it &lt;off&gt;</line>' in xml and '<line start="2500"' in xml
    assert 'displayArtist="Steam &amp; Co"' in xml


def test_who_asks_for_it_gets_words_singers_and_other_layers(ann, shelf):
    ann.path.with_suffix(".ttml").write_text(APPLE.replace(' encoding="UTF-16"', ""))
    shelf.scan()
    main, plain, translation, pronunciation = ann.ask(
        "getLyricsBySongId", id=ann.song, enhanced="1")["structuredLyrics"]
    assert [each["kind"] for each in (main, plain, translation, pronunciation)] == [
        "main", "main", "translation", "pronunciation"]  # fmt: skip
    assert main["agents"] == [
        {"id": "v1", "role": "main", "name": "Ann"}, {"id": "bg", "role": "bg"}, {"id": "v2", "role": "group"},
    ]
    assert main["line"][0] == {"value": "君と (ああ)", "start": 1000}
    assert main["cueLine"][0] == {
        "index": 0, "start": 1000, "end": 3000, "value": "君と", "agentId": "v1", "cue": [
            {"start": 1000, "end": 1500, "byteStart": 0, "byteEnd": 2, "value": "君"},
            {"start": 1500, "end": 2000, "byteStart": 3, "byteEnd": 5, "value": "と"},
        ],
    }  # fmt: skip
    assert "agents" not in plain and "cueLine" not in plain and "agentId" not in pronunciation["cueLine"][0]
    xml = ann.ask("getLyricsBySongId", fmt="xml", id=ann.song, enhanced="true")
    assert '<agents id="v1" role="main" name="Ann"' in xml
    assert '<cue start="1000" end="1500" byteStart="0" byteEnd="2">君</cue>' in xml


def test_who_does_not_ask_gets_what_there_always_was(ann, shelf):
    ann.path.with_suffix(".ttml").write_text(APPLE.replace(' encoding="UTF-16"', ""))
    shelf.scan()
    for more in ({}, {"enhanced": "false"}):
        found = ann.ask("getLyricsBySongId", id=ann.song, **more)["structuredLyrics"]
        assert len(found) == 2
        assert all(each.keys() <= {"lang", "synced", "line", "displayArtist", "displayTitle"} for each in found)


def test_by_name_the_words_come_without_their_times(ann, shelf):
    asked = {"artist": "steam & co", "title": "KETTLE"}
    assert ann.ask("getLyrics", **asked) == {"value": WORDS, "artist": "Steam & Co", "title": "Kettle"}
    ann.path.with_suffix(".lrc").write_text(LRC)
    shelf.scan()
    assert ann.ask("getLyrics", **asked)["value"] == "Put it on\n\nTake it <off>"
    assert "<lyrics " in ann.ask("getLyrics", fmt="xml", **asked)


def test_of_songs_of_the_same_name_one_with_lyrics_is_shown(shelf, ann):
    for at in range(2):
        shelf.track(f"b/{at}.mp3", title="Silent", artist="Steam & Co", album=f"b{at}")
    shelf.track("c/1.mp3", title="Silent", artist="Steam & Co", album="c", lyrics="not quite")
    shelf.scan()
    assert ann.ask("getLyrics", artist="Steam & Co", title="Silent")["value"] == "not quite"


def one(server: Server, query: str) -> dict:
    return server.ask("search3", query=query)["song"][0]


def test_a_server_announces_lyrics_and_has_them(server):
    names = {each["name"]: each["versions"] for each in server.ask("getOpenSubsonicExtensions")}
    assert names["songLyrics"] == [1, 2]
    song = one(server, "Together")
    (found,) = server.ask("getLyricsBySongId", id=song["id"])["structuredLyrics"]
    assert [line["value"] for line in found["line"]] == WORDS.split("\n")
    assert server.ask("getLyrics", artist=song["artist"], title=song["title"])["value"] == WORDS


def test_a_song_without_lyrics_has_an_empty_list_and_an_unknown_one_is_an_error(server):
    assert server.ask("getLyricsBySongId", id=one(server, "Ember")["id"]) == {"structuredLyrics": []}
    for text in ("nonsense", "tr-1", one(server, "Ember")["albumId"], one(server, "Canary")["id"]):
        assert server.get("getLyricsBySongId", "bob", id=text).error == 70
    assert server.get("getLyricsBySongId").error == 10


def test_no_song_of_that_name_is_empty_and_no_error(server):
    nothing = {"value": ""}
    assert server.ask("getLyrics", artist="Nobody", title="Nothing") == nothing
    assert server.ask("getLyrics") == nothing
    assert server.ask("getLyrics", "bob", title="Canary 1") == nothing
