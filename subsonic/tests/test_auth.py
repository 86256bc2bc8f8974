import asyncio

import pytest
from multidict import MultiDict

from server.tests.users.people_for_tests import ANNA, BOB, KEY, add, first, write
from server.users import credentials
from server.users.people import OPERATOR
from server.users.secrets import token
from server.users.signin import Refused, SignIn
from subsonic import auth


@pytest.fixture
def door(db):
    first(db)
    add(db, "bob")
    door = SignIn(db, KEY)
    yield door
    asyncio.run(door.aclose())


@pytest.fixture
def bobs_key(db, door):
    return write(db, credentials.lend_api_key, OPERATOR, KEY, 2, "script")[1]


def ask(door, params):
    return asyncio.run(auth.identify(door, params, "192.0.2.7"))


def test_parameters_may_be_a_mapping_to_lists_or_a_multidict(door):
    for params in ({"u": ["anna"], "p": [ANNA], "c": ["x"]}, MultiDict(u="anna", p=ANNA)):
        assert ask(door, params).name == "Anna"
        assert ask(door, params).name == "Anna"


@pytest.mark.parametrize(
    ("pairs", "code"),
    [
        ([("u", "admin"), ("u", "bob"), ("p", "x")], 43),
        ([("u", "bob"), ("p", BOB), ("p", "x")], 43),
        ([("u", "bob"), ("apiKey", "{key}")], 43),
        ([("apiKey", "{key}"), ("t", "x"), ("s", "y")], 43),
        ([("apiKey", "")], 44),
        ([("u", "bob"), ("jwt", "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZG1pbiJ9.")], 42),
        ([("jwt", "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZG1pbiJ9.")], 42),
        ([("u", "bob"), ("p", "enc:zz"), ("jwt", "x")], 40),
        ([("u", "bob"), ("t", ""), ("s", "")], 40),
        ([("U", "bob"), ("P", BOB)], 10),
        ([], 10),
    ],
)
def test_what_cannot_be_is_refused_with_its_code(door, bobs_key, pairs, code):
    params = MultiDict([(name, value.replace("{key}", bobs_key)) for name, value in pairs])
    with pytest.raises(Refused) as caught:
        ask(door, params)
    assert caught.value.code == code


def test_the_same_credentials_in_the_address_and_in_the_form_are_no_conflict(door, bobs_key):
    assert ask(door, MultiDict([("u", "bob"), ("u", "bob"), ("p", BOB), ("p", BOB)])).name == "bob"
    assert ask(door, {"apiKey": [bobs_key, bobs_key]}).name == "bob"


def test_only_parameters_count(door):
    salt = "abcdef"
    params = MultiDict(u="bob", t=token(BOB.encode(), salt), s=salt, v="1.11.0", jwt="x", user_id="1", is_admin="1")
    viewer = ask(door, params)
    assert (viewer.name, viewer.is_admin) == ("bob", False)


def test_help_is_offered_where_a_page_can_help():
    origin = "http://music.local:4533"
    assert auth.help_url(Refused(41, "No.", help=True), origin, "/music") == "http://music.local:4533/music/#sign-in"
    assert auth.help_url(Refused(40, "No."), origin) is None
