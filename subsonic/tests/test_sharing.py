"""Shares on the wire: the answer to making one, dates, and what is no error and what is."""

from urllib.parse import urlencode

import libopensonic
import libsonic
import pytest

from server.tests.running import HOST, PASSWORDS, Server, query


@pytest.fixture(scope="module")
def server(server) -> Server:
    """Alice may share."""
    server.ask("updateUser", "admin", username="alice", shareRole="true")
    return server


def songs(server: Server) -> list[str]:
    found = server.ask("search3", "alice", query="", songCount=50, albumCount=0, artistCount=0)
    return [song["id"] for song in found["song"]]


def shared(server: Server, *ids: str, **more) -> dict:
    (made,) = server.ask("createShare", "alice", id=list(ids), **more)["share"]
    return made


def test_making_one_answers_with_that_one_share(server):
    first, second = songs(server)[:2]
    made = shared(server, second, first, second, description="Two", expires=4_000_000_000_000)
    assert made["url"] == f"{server.url}/share/{made['id']}" and made["username"] == "alice"
    assert (made["description"], made["expires"], made["visitCount"]) == ("Two", "2096-10-02T07:06:40.000Z", 0)
    assert "lastVisited" not in made and made["created"].endswith("Z")
    assert [entry["id"] for entry in made["entry"]] == [second, first]
    assert made in server.ask("getShares", "alice")["share"]
    assert server.send("GET", f"/share/{made['id']}").status == 200, "DSub makes this address of the id"


def test_both_formats_carry_the_same(server):
    made = shared(server, songs(server)[0])
    body = server.get("getShares", "alice", f="xml").body.decode()
    assert f'<share id="{made["id"]}"' in body and "<entry " in body
    assert 'expires="' not in body.partition(made["id"])[2].partition(">")[0]


def test_an_album_an_artist_and_a_folder_become_their_songs(server):
    found = server.ask("search3", "alice", query="First Light", songCount=1, albumCount=1, artistCount=0)
    album = found["album"][0]
    for number in (album["id"], album["artistId"], server.ask("getSong", id=songs(server)[0])["parent"]):
        made = shared(server, number)
        assert made["entry"] and all(entry["isDir"] is False for entry in made["entry"])


def test_what_is_not_there_is_left_out_or_not_found(server):
    good = songs(server)[0]
    assert len(shared(server, "x", good, "tr-0000000000", "17", "pl-zzzzzzzzzz")["entry"]) == 1
    for ids in ("x", "tr-0000000000", ["al-x", "co-0000000000"], "../etc", "🎵"):
        assert server.get("createShare", "alice", id=ids).error == 70, ids
    assert server.get("createShare", "alice").error == 10
    assert server.get("createShare", "bob", id=good).error == 50


def test_a_share_is_changed_and_ended(server):
    made = shared(server, songs(server)[0], description="x", expires=4_000_000_000_000)
    server.ask("updateShare", "alice", id=made["id"], description="")
    now = next(each for each in server.ask("getShares", "alice")["share"] if each["id"] == made["id"])
    assert "description" not in now and now["expires"] == made["expires"]
    server.ask("updateShare", "alice", id=made["id"], expires=0)
    now = next(each for each in server.ask("getShares", "alice")["share"] if each["id"] == made["id"])
    assert "expires" not in now
    server.ask("deleteShare", "alice", id=made["id"])
    assert server.send("GET", f"/share/{made['id']}").status == 404
    for call in ("updateShare", "deleteShare"):
        assert server.get(call, "alice", id=made["id"]).error == 70
        assert server.get(call, "bob", id=made["id"]).error == 50


def test_an_administrator_sees_all_and_others_none(server):
    made = shared(server, songs(server)[0])
    assert made["id"] in [each["id"] for each in server.ask("getShares", "admin")["share"]]
    assert server.ask("getShares", "bob") == {"share": []}
    server.ask("deleteShare", "admin", id=made["id"])


def test_thousands_of_songs_are_shared_by_a_form(server):
    ids = songs(server)
    many = [ids[n % len(ids)] for n in range(4000)]
    form = urlencode([("id", number) for number in many]).encode()
    head = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = server.send("POST", f"/rest/createShare?{query('alice')}", form, head)
    assert answer.error is None and len(answer.reply["shares"]["share"][0]["entry"]) == len(ids)


@pytest.mark.parametrize("text", ["x", "sh-", "sh-%00", "tr-0000000000", "x" * 3000, "🎵", "' OR 1=1 --"])
def test_an_id_of_no_share_is_not_found(server, text):
    assert server.get("updateShare", "alice", id=text, description="x").error == 70
    assert server.get("deleteShare", "alice", id=text).error == 70


def test_python_libraries_share(server):
    """Both name the parameter `expires` by its value when they update: an unknown parameter is no error."""
    line = libopensonic.Connection(f"http://{HOST}", "alice", PASSWORDS["alice"], port=server.port)
    made = line.create_share([songs(server)[0]], description="From Python")
    assert made.description == "From Python" and made.url.endswith(f"/share/{made.id}") and not made.expires
    other = libsonic.Connection(f"http://{HOST}", "alice", PASSWORDS["alice"], port=server.port)
    other.updateShare(made.id, description="Changed", expires=4_000_000_000)
    (found,) = [each for each in line.get_shares() if each.id == made.id]
    assert found.description == "Changed" and not found.expires
    assert line.delete_share(made.id)
    assert made.id not in [each.id for each in line.get_shares()]
