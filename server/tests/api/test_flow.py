"""`/api/flow` over a library that was listened to."""

from collections import Counter

import orjson
import pytest

from server.api import flow
from server.tests.running import Answer, Server


@pytest.fixture
def songs(heard) -> list[str]:
    return [each["id"] for each in heard.ask("search3", query="", songCount=9)["song"]]


def send(server: Server, given, path: str = "/flow", user: str = "alice", method: str = "POST") -> Answer:
    return server.api(method, path, user, given)


def told(answer: Answer, status: int = 200) -> dict:
    assert answer.status == status, answer
    return orjson.loads(answer.body)


def ids(found: dict) -> list[str]:
    return [each["id"] for each in found["flow"]]


def test_songs_are_ordered_and_each_step_is_told(heard, songs):
    found = told(send(heard, {"tracks": songs, "curve": "arc", "pins": [{"id": songs[3], "at": 0}]}))
    assert sorted(ids(found)) == sorted(songs) and ids(found)[0] == songs[3]
    assert [songs[each["place"]] for each in found["flow"]] == ids(found)
    assert all(each["title"] and each["artist"] for each in found["flow"])
    assert len(found["transitions"]) == len(songs) - 1 and all(0 <= each["score"] <= 1 for each in found["transitions"])
    assert all(each["words"] and len(each["tempo"]) == 2 and each["fits"] for each in found["transitions"])
    assert set(found["after"]) == set(found["before"]) == {"cost", "score", "repeats", "off_curve"}
    assert found["unheard"] == [] and found["sentence"] == "" and "undo" not in found
    drawn = told(send(heard, {"tracks": songs, "curve": [1, 0.2, 0]}))
    assert sorted(ids(drawn)) == sorted(songs) and ids(told(send(heard, {"tracks": []}))) == []


def test_a_playlist_is_ordered_kept_and_put_back(heard, songs):
    playlist = heard.ask("createPlaylist", name="Evening", songId=[*songs, songs[0]])["id"]

    def now() -> list[str]:
        return [each["id"] for each in heard.ask("getPlaylist", id=playlist)["entry"]]

    before = now()
    found = told(send(heard, {"playlist": playlist, "curve": "wind-down"}))
    assert Counter(ids(found)) == Counter(before) and now() == before, "nothing is written unasked"
    kept = told(send(heard, {"playlist": playlist, "curve": "wind-down", "save": True}))
    assert now() == ids(kept) == ids(found) and kept["undo"] == before
    back = {"playlist": playlist, "tracks": kept["undo"]}
    assert send(heard, back, method="PUT").status == 204 and now() == before
    assert send(heard, {**back, "tracks": before[1:]}, method="PUT").status == 409
    assert send(heard, back, method="PUT", user="bob").status == 404
    assert send(heard, {"playlist": playlist}, user="bob").status == 404
    heard.ask("updatePlaylist", playlistId=playlist, public="true")
    assert send(heard, {"playlist": playlist}, user="bob").status == 200
    assert send(heard, {"playlist": playlist, "save": True}, user="bob").status == 403 and now() == before


def test_a_list_from_seeds_becomes_a_playlist_when_it_has_a_name(heard, songs):
    found = told(send(heard, {"ids": songs[:1], "count": 6, "curve": "warm-up", "knobs": {"rhythm": 2}}, "/flow/seeds"))
    assert len(ids(found)) == 6 and songs[0] in ids(found) and "playlist" not in found
    given = {"ids": songs[:1], "genres": ["Folk"], "count": 6, "name": "From seeds"}
    made = told(send(heard, given, "/flow/seeds"), 201)
    assert [each["id"] for each in heard.ask("getPlaylist", id=made["playlist"])["entry"]] == ids(made)
    heard.ask("deletePlaylist", id=made["playlist"])


def test_nobody_hears_of_what_is_not_theirs(heard, songs):
    theirs = heard.ask("search3", query="canary", songCount=1)["song"][0]["id"]
    allowed = heard.ask("search3", "bob", query="", songCount=1)["song"][0]["id"]
    assert ids(told(send(heard, {"tracks": [theirs, allowed]}, user="bob"))) == [allowed]
    assert send(heard, {"ids": [theirs]}, "/flow/seeds", "bob").status == 404
    answer = send(heard, {"ids": [allowed], "count": 60}, "/flow/seeds", "bob")
    assert answer.status == 200 and b"Canary" not in answer.body
    for path in ("/flow", "/flow/seeds"):
        assert send(heard, {"tracks": songs}, path, "").status == 401


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ({}, 400), ([], 400), ({"tracks": "tr-1"}, 400), ({"tracks": [1]}, 400), ({"tracks": ["x"]}, 404),
        ({"tracks": ["al-0000000000"]}, 404), ({"tracks": [], "playlist": "pl-0000000000"}, 400),
        ({"playlist": "pl-0000000000"}, 404), ({"playlist": 7}, 400), ({"tracks": [], "save": True}, 400),
        ({"tracks": [], "curve": "up"}, 400), ({"tracks": [], "curve": [2, 3]}, 400),
        ({"tracks": [], "curve": None}, 400), ({"tracks": [], "curve": [[0, 1], [1, 0]]}, 400),
        ({"tracks": [], "pins": [{"at": 0}]}, 400), ({"tracks": [], "pins": [{"id": "x", "at": 0}]}, 404),
        ({"tracks": [], "pins": [7]}, 400), ({"tracks": [], "pins": [{"id": "x", "at": "first"}]}, 400),
        ({"tracks": [], "pins": [{"id": "x", "at": 0}] * 201}, 400), ({"tracks": [], "seed": "x"}, 400),
        ({"tracks": [], "mood": 1}, 400), ({"tracks": ["x"] * 3001}, 400),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused(heard, given, status):
    answer = send(heard, given)
    assert answer.status == status and orjson.loads(answer.body)["detail"], answer


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ({}, 404), ({"ids": ["tr-zzzzzzzzzz"]}, 404), ({"genres": ["Pop"], "count": 0}, 400),
        ({"genres": ["Pop"], "count": 101}, 400), ({"genres": ["Pop"], "count": 2.5}, 400),
        ({"genres": ["Pop"], "name": ""}, 400), ({"genres": ["Pop"], "knobs": {"bass": 1}}, 400),
        ({"genres": ["Pop"], "save": True}, 400),
    ],
)  # fmt: skip
def test_seeds_that_make_no_sense_are_refused(heard, given, status):
    assert send(heard, given, "/flow/seeds").status == status


def test_only_what_is_needed_to_put_a_playlist_in_order_is_taken(heard, songs):
    for given in ({}, {"playlist": "pl-0000000000"}, {"tracks": songs}, {"playlist": 7, "tracks": songs}):
        assert send(heard, given, method="PUT").status == 400
    assert send(heard, {"playlist": "pl-0000000000", "tracks": songs}, method="PUT").status == 404


def test_who_would_have_to_wait_too_long_is_told_to_come_back(heard, songs, monkeypatch):
    monkeypatch.setattr(flow, "WAITING_MAX", 0)
    answer = send(heard, {"tracks": songs})
    assert answer.status == 503 and answer.headers["retry-after"]
