"""`/api/find` and `/api/tracks/{id}/suggestions`, over a library that was listened to."""

import threading

import orjson
import pytest

from ai import describe
from ai.minds import Minds
from ai.tests.hearing import listen
from server.tests.running import Answer, Server


@pytest.fixture(scope="module")
def described(server) -> Server:
    listen(server.app)
    describe.catch_up(server.app.db, server.app.part(Minds), "", threading.Event())
    return server


def api(server: Server, path: str, user: str = "alice", **given) -> Answer:
    return server.api("GET", path, user, **given)


def decide(server: Server, song: str, user: str = "admin", **given) -> Answer:
    return server.api("POST", f"/tracks/{song}/suggestions", user, given)


def test_songs_are_found_by_what_they_are_like(described):
    told = orjson.loads(api(described, "/find", q="slow and calm, please", count=6).body)
    assert told["how"] == "lexicon" and "model of words" in told["why"]
    assert len(told["songs"]) == 6
    assert all(each["title"] and each["reasons"] and 0 <= each["similarity"] <= 1 for each in told["songs"])
    assert told["songs"][0]["reasons"][0] in ("90 bpm", "calm")


@pytest.mark.parametrize("given", [
    {}, {"q": ""}, {"q": "   "}, {"q": "calm", "count": "x"}, {"q": "calm", "count": 0}, {"q": "x", "count": 9999},
])  # fmt: skip
def test_what_cannot_be_understood_is_refused(described, given):
    assert api(described, "/find", **given).status == 400


def test_words_without_any_meaning_find_nothing_and_say_so(described):
    told = orjson.loads(api(described, "/find", q="xyzzy ☃ %00 ' OR 1=1 --").body)
    assert told["songs"] == [] and "none of these words" in told["why"]


def test_an_admin_decides_about_suggestions(described):
    found = orjson.loads(api(described, "/find", q="calm", count=1).body)["songs"][0]["id"]
    told = orjson.loads(api(described, f"/tracks/{found}/suggestions").body)["suggestions"]
    assert ("mood", "calm", "suggested") in [(each["kind"], each["name"], each["state"]) for each in told]
    assert decide(described, found, user="alice", accept=["mood:calm"]).status == 403
    for wrong in ({"accept": "mood:calm"}, {"accept": [1]}, {"accept": ["calm"]}, {"agree": []},
                  {"accept": ["mood:calm"], "refuse": ["mood:calm"]}):  # fmt: skip
        assert decide(described, found, **wrong).status == 400, wrong
    assert decide(described, found, accept=["mood:unheard"]).status == 404
    assert decide(described, "tr-zzzzzzzzzz", accept=["mood:calm"]).status == 404
    told = orjson.loads(decide(described, found, accept=["mood:calm"]).body)["suggestions"]
    assert [each["state"] for each in told if each["name"] == "calm"] == ["accepted"]
