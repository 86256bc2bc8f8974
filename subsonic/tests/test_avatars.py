"""Avatars: a picture for everybody, by any way of asking."""

import io

import pytest
from PIL import Image

from server.library.placeholder import placeholder
from server.tests.running import query


def test_everybody_has_a_picture_that_anybody_may_see(server):
    own, others = server.get("getAvatar", username="alice"), server.get("getAvatar", username="bob")
    for answer in (own, others):
        assert answer.status == 200 and answer.headers["content-type"] == "image/jpeg"
        assert Image.open(io.BytesIO(answer.body)).size == (200, 200)
        assert answer.headers["x-content-type-options"] == "nosniff"
    assert own.body != others.body
    assert server.get("getAvatar", "bob", username="alice").body == own.body


def test_names_are_the_same_in_capitals(server):
    small, large = server.get("getAvatar", username="alice"), server.get("getAvatar", username=" ALICE")
    assert (small.body, small.headers["etag"]) == (large.body, large.headers["etag"])


def test_a_head_has_all_but_the_picture(server):
    full = server.get("getAvatar", username="alice")
    head = server.send("HEAD", f"/rest/getAvatar?{query('alice', username='alice')}")
    assert (head.status, head.body) == (200, b"")
    for name in ("content-length", "content-type", "etag", "cache-control"):
        assert head.headers[name] == full.headers[name]


def test_a_picture_that_the_client_has_is_not_sent_again(server):
    path = f"/rest/getAvatar.view?{query('alice', username='alice')}"
    known = server.send("GET", path).headers["etag"]
    again = server.send("GET", path, headers={"If-None-Match": known})
    assert (again.status, again.body, again.headers["etag"]) == (304, b"", known)


def test_nobody_has_no_picture_and_nobody_sees_one(server):
    assert server.get("getAvatar", username="nobody").error == 70
    assert server.get("getAvatar", username="").error in (10, 70)
    assert server.get("getAvatar").error == 10
    stranger = server.get("getAvatar", "", username="alice")
    assert stranger.error in (10, 40) and b"JFIF" not in stranger.body


@pytest.mark.parametrize("name", ["alice", "Bob Marley", "山田", "WW WW", "???", "a" * 64])
def test_every_name_gives_a_picture_of_its_own(name):
    picture = placeholder("person", name, 200)
    assert picture.size == (200, 200) and picture.tobytes() != placeholder("person", "else", 200).tobytes()
