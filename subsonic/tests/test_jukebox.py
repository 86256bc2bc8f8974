from collections.abc import Iterator

import pytest

from server.tests import running
from server.tests.fixtures import opened
from server.tests.jukebox.test_jukebox import Room
from server.tests.running import Server


@pytest.fixture
def house(kind, scanned, music, tmp_path, tmp_path_factory) -> Iterator[Server]:
    """A server with a player; Bob may use it, Alice may not."""
    room = Room(tmp_path)
    with (
        kind.copy(scanned(kind.name)) as url,
        opened(url, music, tmp_path_factory.mktemp("data"), jukebox=str(room.path)) as app,
        running.running(app) as server,
    ):
        server.ask("updateUser", "admin", username="bob", jukeboxRole="true")
        yield server


def songs(server: Server) -> list[str]:
    return [song["id"] for song in server.ask("search3", "bob", query="Side")["song"]]


def steer(server: Server, action: str, user: str = "bob", **params) -> dict:
    return server.ask("jukeboxControl", user, action=action, **params)


def test_who_may_use_it_is_told_so(house):
    roles = {each["username"]: each["jukeboxRole"] for each in house.ask("getUsers", "admin")["user"]}
    assert roles["bob"] and roles["admin"] and not roles["alice"]
    assert house.ask("getUser", "admin", username="admin")["jukeboxRole"] is True
    assert house.ask("getUser", "alice", username="alice")["jukeboxRole"] is False


def test_every_action_answers_with_the_whole_status_and_get_with_the_list(house):
    some = songs(house)
    empty = {"currentIndex": -1, "playing": False, "gain": 0.5, "position": 0}
    assert steer(house, "status") == empty
    assert steer(house, "get") == {**empty, "entry": []}
    assert steer(house, "add", id=some[:2]) == {**empty, "currentIndex": 0}
    assert steer(house, "start")["playing"] is True
    assert steer(house, "set", id=some)["currentIndex"] == 0
    skipped = steer(house, "skip", index=2, offset=4)
    assert (skipped["currentIndex"], skipped["position"], skipped["playing"]) == (2, 4, True)
    assert steer(house, "setGain", gain=0.25)["gain"] == 0.25
    assert steer(house, "stop")["playing"] is False
    assert steer(house, "remove", index=0)["currentIndex"] == 1
    assert steer(house, "shuffle")["currentIndex"] == 0
    listed = steer(house, "get", "admin")
    assert len(listed["entry"]) == len(some) - 1 and listed["entry"][0]["id"] == some[2]
    assert steer(house, "clear") == {**empty, "gain": 0.25}
    xml = house.get("jukeboxControl", "bob", action="get", f="xml").body.decode()
    assert '<jukeboxPlaylist currentIndex="-1" playing="false" gain="0.25" position="0"/>' in xml


def test_what_cannot_be_is_refused(house):
    for params, code in (
        ({}, 10), ({"action": "dance"}, 0), ({"action": "skip"}, 10), ({"action": "remove"}, 10),
        ({"action": "add"}, 10), ({"action": "setGain"}, 10), ({"action": "setGain", "gain": 2}, 0),
        ({"action": "setGain", "gain": "nan"}, 0), ({"action": "skip", "index": 0}, 0),
        ({"action": "add", "id": "x"}, 70), ({"action": "set", "id": "tr-1"}, 70),
    ):  # fmt: skip
        assert house.get("jukeboxControl", "bob", **params).error == code, params


def test_only_those_with_the_right_may_even_look(house):
    for action in ("get", "status", "start"):
        assert house.get("jukeboxControl", "alice", action=action).error == 50
        assert house.get("jukeboxControl", "", action=action).error == 10
        assert house.get("jukeboxControl", "admin", action=action).error is None


def test_a_server_without_a_player_says_so(server):
    answer = server.get("jukeboxControl", "admin", action="start")
    assert answer.error == 0 and "FAMILIAR_JUKEBOX" in answer.reply["error"]["message"]
