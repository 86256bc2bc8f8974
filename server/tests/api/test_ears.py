"""`/api/similar`, `/api/path` and the same through Subsonic, over a library that was listened to."""

import orjson
import pytest

from server.tests.running import Answer, Server


def api(server: Server, path: str, user: str = "alice", **given) -> Answer:
    return server.api("GET", path, user, **given)


def found(answer: Answer, name: str) -> list[dict]:
    assert answer.status == 200, answer
    return orjson.loads(answer.body)[name]


def songs(server: Server) -> list[dict]:
    return server.ask("search3", query="", songCount=500)["song"]


def test_similar_songs_come_with_names_closeness_and_reasons(heard):
    song = songs(heard)[0]
    told = found(api(heard, "/similar", id=song["id"], count=7), "similar")
    assert len(told) == 7 and song["id"] not in [each["id"] for each in told]
    assert all(0 <= each["similarity"] <= 1 and each["reasons"] and each["title"] for each in told)


@pytest.mark.parametrize("name", ["albumId", "artistId", "genre"])
def test_anything_can_be_what_it_should_be_like(heard, name):
    song = next(each for each in songs(heard) if each.get(name))
    given = {"genre": song["genre"]} if name == "genre" else {"id": song[name]}
    told = found(api(heard, "/similar", **given, count=5), "similar")
    assert told
    own = {each["id"] for each in songs(heard) if each.get(name) == song[name]}
    # An album is known to whoever asks what is like it; of an artist or a genre one wants more of the same, too.
    assert name != "albumId" or not own & {each["id"] for each in told}


def test_a_path_goes_from_one_song_to_the_other(heard):
    first, last = (songs(heard)[at]["id"] for at in (0, 5))
    told = found(api(heard, "/path", start=first, end=last, count=6), "path")
    assert len(told) == 6 and (told[0]["id"], told[-1]["id"]) == (first, last)
    assert told[0]["similarity"] == 1 and not told[0]["reasons"] and all(each["reasons"] for each in told[1:])
    around = found(api(heard, "/path", start=first, end=last, count=6, without=told[2]["id"]), "path")
    assert told[2]["id"] not in [each["id"] for each in around]


@pytest.mark.parametrize(
    ("path", "given", "status"),
    [
        ("/similar", {}, 400), ("/similar", {"id": "tr-zzzzzzzzzz"}, 404), ("/similar", {"genre": "No Such"}, 404),
        ("/similar", {"genre": "Pop", "count": "0"}, 400), ("/similar", {"genre": "Pop", "count": "nan"}, 400),
        ("/similar", {"genre": "Pop", "rhythm": "9"}, 400), ("/similar", {"genre": "Pop", "mood": "x"}, 400),
        ("/similar", {"genre": "Pop", "sound": 0, "rhythm": 0, "harmony": 0}, 400),
        ("/path", {}, 400), ("/path", {"start": "tr-x", "end": "tr-x"}, 404),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused(heard, path, given, status):
    assert api(heard, path, **given).status == status


def test_nobody_hears_of_what_is_not_theirs(heard):
    song = heard.ask("search3", "bob", query="", songCount=1)["song"][0]["id"]
    for path, given in (("/similar", {"id": song, "count": 100}), ("/path", {"start": song, "end": song})):
        answer = api(heard, path, "bob", **given)
        assert answer.status == 200 and b"anary" not in answer.body
    theirs = heard.ask("search3", query="canary", songCount=1)["song"][0]["id"]
    assert api(heard, "/similar", "bob", id=theirs).status == 404
    assert api(heard, "/path", "bob", start=song, end=theirs).status == 404
    assert api(heard, "/similar", "", id=song).status == 401


def test_apps_get_the_same_through_subsonic(heard):
    names = [each["name"] for each in heard.ask("getOpenSubsonicExtensions", "")]
    assert "sonicSimilarity" in names
    first, last = (songs(heard)[at]["id"] for at in (0, 5))
    told = found(api(heard, "/similar", id=first, count=10), "similar")
    match = heard.ask("getSonicSimilarTracks", id=first, count=10)
    assert {each["entry"]["id"] for each in match} == {each["id"] for each in told}
    likeness = [each["similarity"] for each in match]
    assert likeness == sorted(likeness, reverse=True)
    way = heard.ask("findSonicPath", startSongId=first, endSongId=last, count=8)
    assert len(way) == 8 and (way[0]["entry"]["id"], way[-1]["entry"]["id"]) == (first, last)
    assert way[0]["similarity"] == 1
    assert heard.ask("getSimilarSongs2", id=first, count=5)["song"]
