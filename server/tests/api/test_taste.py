"""`/api/dislikes`, `/api/unlearned`, `/api/taste`, `/api/discover`: what one says of a taste, and what comes of it."""

import orjson
import pytest

from ai import taste
from server.kernel.db import Database
from server.tests.running import Server


def told(server: Server, method: str, path: str, user: str = "alice", body=None, **given) -> dict:
    answer = server.api(method, path, user, body, **given)
    assert answer.status in (200, 201), answer
    return orjson.loads(answer.body)


def songs(server: Server, user: str = "alice") -> list[dict]:
    return server.ask("search3", user, query="", songCount=500)["song"]


def playlists(server: Server, user: str = "alice") -> dict[str, dict]:
    return {each["name"]: each for each in server.ask("getPlaylists", user).get("playlist", ())}


def test_dislikes_are_listed_and_taken_back_also_those_said_by_a_rating(heard):
    song, other = songs(heard)[:2]
    assert [each["id"] for each in told(heard, "POST", "/dislikes", body={"ids": [song["id"], song["albumId"]]})[
        "dislikes"]] == [song["albumId"], song["id"]]  # fmt: skip
    heard.ask("setRating", id=other["id"], rating=1)
    listed = told(heard, "GET", "/dislikes")["dislikes"]
    assert [(each["id"], each["by"]) for each in listed][-1] == (other["id"], "rating")
    assert told(heard, "GET", "/dislikes", "bob")["dislikes"] == []
    for each in listed:
        assert heard.api("DELETE", f"/dislikes/{each['id']}").status == 204
    assert told(heard, "GET", "/dislikes")["dislikes"] == []
    assert "userRating" not in heard.ask("getSong", id=other["id"])


def test_what_is_not_learned_from_is_listed_and_taken_back(heard):
    song = songs(heard)[0]
    heard.ask("scrobble", id=song["id"], time=1_700_000_000_000)
    first = told(heard, "POST", "/unlearned", body={"track": song["id"]})
    assert told(heard, "POST", "/unlearned", body={"track": song["id"]})["id"] == first["id"]
    told(heard, "POST", "/unlearned", body={"device": "bedroom"})
    sitting = told(heard, "POST", "/unlearned", body={"session_ms": 1_700_000_060_000})
    assert (sitting["began_ms"], sitting["ended_ms"]) == (1_700_000_000_000, 1_700_000_000_000)
    listed = told(heard, "GET", "/unlearned")["unlearned"]
    assert [each["kind"] for each in listed] == ["session", "device", "track"]
    assert listed[-1]["title"] == song["title"]
    assert heard.api("DELETE", f"/unlearned/{first['id']}", "bob").status == 404
    for each in listed:
        assert heard.api("DELETE", f"/unlearned/{each['id']}").status == 204
    assert told(heard, "GET", "/unlearned")["unlearned"] == []


def test_what_was_noted_is_told_though_somebody_takes_it_back_in_the_same_moment(heard, monkeypatch):
    song, write = songs(heard)[0], Database.write

    async def taken_back_at_once(db, verb, viewer, *args):
        done = await write(db, verb, viewer, *args)
        for each in await db.read(taste.unlearned, viewer):
            await write(db, taste.learn_again, viewer, each.id)
        return done

    monkeypatch.setattr(Database, "write", taken_back_at_once)
    noted = told(heard, "POST", "/unlearned", body={"track": song["id"]})
    assert (noted["kind"], noted["title"]) == ("track", song["title"])
    assert told(heard, "GET", "/unlearned")["unlearned"] == []


def test_lists_are_made_on_request_and_every_app_has_them(heard):
    for song in songs(heard)[:12]:
        heard.ask("scrobble", id=song["id"])
    made = told(heard, "POST", "/discover")
    assert {each["kind"] for each in made["lists"]} >= {"weekly", "mixes"}
    weekly = playlists(heard)["Discover Weekly"]
    assert weekly["readonly"] is True and weekly["validUntil"] and weekly["comment"] and weekly["songCount"] > 10
    assert heard.get("getCoverArt", id=weekly["coverArt"]).status == 200
    reasons = told(heard, "GET", f"/playlists/{weekly['id']}/reasons")["reasons"]
    entries = heard.ask("getPlaylist", id=weekly["id"])["entry"]
    assert [each["id"] for each in reasons] == [each["id"] for each in entries]
    assert all(each["reason"] for each in reasons)
    assert told(heard, "POST", "/discover") == made
    assert "Discover Weekly" not in playlists(heard, "bob")
    assert heard.api("GET", f"/playlists/{weekly['id']}/reasons", "bob").status == 404
    assert heard.get("updatePlaylist", playlistId=weekly["id"], name="Mine").error == 50
    assert heard.get("deletePlaylist", id=weekly["id"], user="bob").error == 70
    heard.ask("deletePlaylist", id=weekly["id"])
    assert told(heard, "GET", "/taste/settings")["weekly"] is False
    again = told(heard, "POST", "/discover", body={"kinds": ["weekly"]})
    assert "weekly" in {each["kind"] for each in again["lists"]}
    assert told(heard, "PATCH", "/taste/settings", body={"weekly": False})["weekly"] is False
    assert "Discover Weekly" not in playlists(heard)


def test_recommendations_say_what_they_go_by(heard):
    found = told(heard, "GET", "/recommendations", "bob", count=7)
    assert len(found["recommendations"]) == 7 and found["basis"].startswith("what is here")
    assert told(heard, "GET", "/taste", "bob") == {"basis": found["basis"], "modes": []}
    everything = heard.api("GET", "/recommendations", "bob", count=200).body
    assert b"canary" not in everything.lower()


def test_the_replay_is_of_oneself_and_of_everybody_for_administrators_only(heard):
    assert told(heard, "GET", "/taste/replay", "bob") == {"sittings": 0}
    assert heard.api("GET", "/taste/replay", "bob", everybody="true").status == 403
    assert "sittings" in told(heard, "GET", "/taste/replay", "admin", everybody="true")


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "/dislikes", {}, 400), ("POST", "/dislikes", {"ids": [1]}, 400),
        ("POST", "/dislikes", {"ids": []}, 400),
        ("POST", "/dislikes", {"ids": ["tr-zzzzzzzzzz"]}, 404), ("DELETE", "/dislikes/nonsense", None, 404),
        ("POST", "/unlearned", {}, 400), ("POST", "/unlearned", {"device": ""}, 400),
        ("POST", "/unlearned", {"device": "x", "track": "y"}, 400), ("POST", "/unlearned", {"session_ms": True}, 400),
        ("POST", "/unlearned", {"session_ms": 5}, 404), ("POST", "/unlearned", {"session_ms": 1 << 63}, 400),
        ("DELETE", "/unlearned/99999", None, 404), ("DELETE", "/unlearned/x", None, 404),
        ("PATCH", "/taste/settings", {"weekly": 1}, 400), ("PATCH", "/taste/settings", {"x": True}, 400),
        ("POST", "/discover", {"kinds": []}, 400), ("POST", "/discover", {"kinds": "weekly"}, 400),
        ("POST", "/discover", {"again": 1}, 400), ("GET", "/playlists/pl-zzzzzzz/reasons", None, 404),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused(heard, method, path, body, status):
    assert heard.api(method, path, body=body).status == status


def test_nobody_else_is_asked(heard):
    for path in ("/dislikes", "/unlearned", "/taste", "/taste/settings", "/discover", "/recommendations"):
        assert heard.api("GET", path, "").status == 401
