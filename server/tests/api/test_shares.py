"""`/api/shares`: what Subsonic has no words for, and who may."""

import base64

import orjson
import pytest

from server.tests.api.test_share import WORD, album, api, server, song
from server.tests.running import PASSWORDS, Server

__all__ = ["server"]


def made(server: Server, user: str = "alice", **more) -> dict:
    return orjson.loads(api(server, "POST", user=user, body={"ids": [album(server)], **more}).body)


def test_a_share_is_made_told_changed_and_ended(server):
    answer = api(server, "POST", body={"ids": [song(server), album(server)], "description": "x", "download": True})
    told = orjson.loads(answer.body)
    assert answer.status == 201 and answer.headers["location"] == f"/api/shares/{told['id']}"
    assert told["url"] == f"{server.url}/share/{told['id']}" and told["owner"] == "alice"
    assert (told["description"], told["download"], told["password"], told["expires_ms"]) == ("x", True, False, None)
    one = f"/{told['id']}"
    assert orjson.loads(api(server, "GET", one).body) == told
    change = {"description": "", "download": False, "password": WORD, "expires_ms": 4_000_000_000_000}
    changed = orjson.loads(api(server, "PATCH", one, body=change).body)
    assert changed == told | change | {"password": True}
    assert told["id"] in [each["id"] for each in orjson.loads(api(server, "GET").body)["shares"]]
    assert WORD.encode() not in api(server, "GET").body
    assert orjson.loads(api(server, "PATCH", one, body={}).body) == changed
    back = orjson.loads(api(server, "PATCH", one, body={"password": None, "expires_ms": None}).body)
    assert (back["password"], back["expires_ms"]) == (False, None)
    assert api(server, "DELETE", one).status == 204
    assert api(server, "GET", one).status == api(server, "DELETE", one).status == 404


def test_a_share_is_its_owner_s_and_the_administrator_s(server):
    one = f"/{made(server)['id']}"
    for method, body in (("GET", None), ("PATCH", {"description": "x"}), ("DELETE", None)):
        assert api(server, method, one, "bob", body).status == 404
        assert api(server, method, one, "", body).status == 401
    assert one[1:] not in str(orjson.loads(api(server, "GET", user="bob").body))
    assert one[1:] in str(orjson.loads(api(server, "GET", user="admin").body))
    assert api(server, "PATCH", one, "admin", {"description": "x"}).status == 200
    assert api(server, "DELETE", one, "admin").status == 204


def test_without_the_right_nothing_is_shared(server):
    server.ask("updateUser", "admin", username="bob", shareRole="false")
    try:
        answer = api(server, "POST", user="bob", body={"ids": [album(server)]})
        assert answer.status == 403 and b"not allowed" in answer.body
    finally:
        server.ask("updateUser", "admin", username="bob", shareRole="true")


@pytest.mark.parametrize("body", [
    {"ids": "al-x"}, {"download": "yes"}, {"expires_ms": "soon"}, {"expires_ms": True}, {"expires_ms": -1},
    {"expires_ms": 10**18}, {"password": "short"}, {"description": None}, {"description": "x" * 2001}, {"owner": "bob"},
    {"password": "\x00" * 10}, [], 7,
])  # fmt: skip
def test_what_makes_no_sense_is_refused_in_words(server, body):
    given = {"ids": [album(server)], **body} if isinstance(body, dict) else body
    answer = api(server, "POST", body=given)
    assert answer.status == 400 and orjson.loads(answer.body)["detail"], answer


def test_nothing_to_share_is_not_found(server):
    for ids in ([], ["x"], ["tr-0000000000"], [7, None, {}], ["../etc"]):
        assert api(server, "POST", body={"ids": ids}).status == 404, ids
    assert api(server, "POST", body={}).status == 404


def test_what_is_shared_stays(server):
    answer = api(server, "PATCH", f"/{made(server)['id']}", body={"ids": [song(server)]})
    assert answer.status == 400 and b"playlist" in answer.body


def test_scripts_sign_in_by_header(server):
    word = base64.b64encode(f"alice:{PASSWORDS['alice']}".encode()).decode()
    answer = server.send("GET", "/api/shares", headers={"Authorization": f"Basic {word}"})
    assert answer.status == 200 and "shares" in orjson.loads(answer.body)
    form = {"Authorization": f"Basic {word}", "Content-Type": "text/plain"}
    assert server.send("POST", "/api/shares", b'{"ids": []}', form).status == 400, "a form of another site says that"


def test_an_empty_password_opens_nothing_to_everybody(server):
    answer = api(server, "POST", body={"ids": [album(server)], "password": ""})
    assert answer.status == 400 and b"A password needs" in answer.body
    one = f"/{made(server, password=WORD)['id']}"
    assert api(server, "PATCH", one, body={"password": ""}).status == 400
    assert orjson.loads(api(server, "GET", one).body)["password"] is True
