"""`/api/radio` and `/api/alchemy` over a library that was listened to."""

import orjson
import pytest

from server.tests.running import Answer, Server


def post(server: Server, path: str, given, user: str = "alice") -> Answer:
    return server.api("POST", path, user, given)


def told(answer: Answer) -> dict:
    assert answer.status == 200, answer
    return orjson.loads(answer.body)


def songs(server: Server) -> list[dict]:
    return server.ask("search3", query="", songCount=500)["song"]


def test_a_radio_is_continued_with_what_was_heard(heard):
    song = songs(heard)[0]
    first = told(post(heard, "/radio", {"ids": [song["id"]], "count": 6}))
    ids = [each["id"] for each in first["radio"]]
    assert len(ids) == 6 and song["id"] not in ids and first["session"] and first["sentence"] == ""
    assert all(each["like"]["id"] == song["id"] and each["reasons"] and each["title"] for each in first["radio"])
    more = {"session": first["session"], "played": ids, "skipped": ids[:1], "liked": ids[1:2]}
    second = told(post(heard, "/radio", {"ids": [song["id"]], "count": 6, **more}))
    assert len(second["radio"]) == 6 and not set(ids) & {each["id"] for each in second["radio"]}
    assert second["session"] == first["session"]


@pytest.mark.parametrize("name", ["albumId", "artistId", "genre"])
def test_anything_has_an_instant_mix(heard, name):
    song = next(each for each in songs(heard) if each.get(name))
    given = {"genres": [song["genre"]]} if name == "genre" else {"ids": [song[name]]}
    assert told(post(heard, "/radio", {**given, "count": 20, "knobs": {"rhythm": 2, "era": 1, "mood": 0.5}}))["radio"]


def test_a_playlist_has_a_radio_of_its_owner(heard):
    ids = [each["id"] for each in songs(heard)[:3]]
    playlist = heard.ask("createPlaylist", name="Seeds", songId=ids)["id"]
    assert told(post(heard, "/radio", {"ids": [playlist]}))["radio"]
    assert post(heard, "/radio", {"ids": [playlist]}, "bob").status == 404


def test_alchemy_says_what_its_exclusion_took(heard):
    one, *rest = (each["id"] for each in songs(heard)[:4])
    given = {"these": {"ids": [one]}, "those": {"ids": rest}, "exclusion": 1, "count": 50}
    found = told(post(heard, "/alchemy", given))
    assert found["considered"] >= found["removed"] >= 0 and not set(rest) & {each["id"] for each in found["alchemy"]}
    assert found["sentence"] or len(found["alchemy"]) == 50


@pytest.mark.parametrize(
    ("path", "given", "status"),
    [
        ("/radio", {}, 400), ("/radio", [], 400), ("/radio", {"ids": "tr-1"}, 400), ("/radio", {"ids": [1]}, 400),
        ("/radio", {"ids": ["tr-zzzzzzzzzz"]}, 404), ("/radio", {"genres": ["No Such"]}, 404),
        ("/radio", {"genres": ["Pop"], "count": 0}, 400), ("/radio", {"genres": ["Pop"], "count": True}, 400),
        ("/radio", {"genres": ["Pop"], "knobs": {"bass": 1}}, 400),
        ("/radio", {"genres": ["Pop"], "knobs": {"sound": 9}}, 400),
        ("/radio", {"genres": ["Pop"], "knobs": {"sound": 0, "rhythm": 0, "harmony": 0}}, 400),
        ("/radio", {"genres": ["Pop"], "elsewhere": 1}, 400), ("/radio", {"ids": ["x"] * 101}, 400),
        ("/alchemy", {}, 400), ("/alchemy", {"these": {"genre": "Pop"}}, 400),
        ("/alchemy", {"these": {"genres": ["Pop"]}, "exclusion": 2}, 400),
        ("/alchemy", {"these": {"ids": ["tr-zzzzzzzzzz"]}}, 404),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused(heard, path, given, status):
    assert post(heard, path, given).status == status


def test_what_was_played_may_be_anything(heard):
    given = {"ids": [songs(heard)[0]["id"]], "played": ["pe-1", "nonsense", "tr-zzzzzzzzzz"], "skipped": ["x"]}
    assert told(post(heard, "/radio", given))["radio"]


def test_nobody_hears_of_what_is_not_theirs(heard):
    song = heard.ask("search3", "bob", query="", songCount=1)["song"][0]["id"]
    theirs = heard.ask("search3", query="canary", songCount=1)["song"][0]["id"]
    for path, given in (("/radio", {"ids": [song]}), ("/alchemy", {"these": {"ids": [song]}})):
        answer = post(heard, path, {**given, "count": 200}, "bob")
        assert answer.status == 200 and b"Canary" not in answer.body
    liked = post(heard, "/radio", {"ids": [song], "liked": [theirs], "played": [theirs], "count": 200}, "bob")
    assert liked.status == 200 and b"Canary" not in liked.body
    assert post(heard, "/radio", {"ids": [theirs]}, "bob").status == 404
    assert post(heard, "/alchemy", {"these": {"ids": [theirs]}}, "bob").status == 404
    assert post(heard, "/radio", {"ids": [song]}, "").status == 401
