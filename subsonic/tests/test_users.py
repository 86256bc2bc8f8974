import asyncio
from types import SimpleNamespace

import pytest

from server.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from server.tests.users.people_for_tests import ANNA, BOB, KEY, add, add_library, first, prepared, read, write
from server.users import accounts, credentials
from server.users.people import LISTENER
from server.users.secrets import verify
from server.users.signin import SignIn
from subsonic import endpoints, shapes
from subsonic import system as chapter_system
from subsonic import users as chapter
from subsonic.protocol import HANDLERS, parse, render


@pytest.fixture
def call(db):
    """Calls an endpoint with parameters as they come, as Anna, the administrator, or as `by`."""
    first(db)

    def ask(name, by="anna", **params):
        endpoint = getattr(endpoints, name)
        account = read(db, accounts.by_name, accounts.OPERATOR, by)
        app = SimpleNamespace(part={SignIn: SignIn(db, KEY)}.get, parts={})
        seen = SimpleNamespace(app=app, db=db, viewer=account.viewer, params={})
        lists = {key: value if isinstance(value, list) else [value] for key, value in params.items()}
        return asyncio.run(HANDLERS[endpoint](seen, parse(endpoint, lists)))

    return ask


def test_the_chapters_answer_their_endpoints():
    for name in ("GetUser", "GetUsers", "CreateUser", "UpdateUser", "DeleteUser", "ChangePassword"):
        assert HANDLERS[getattr(endpoints, name)].__module__ == chapter.__name__
    for name in ("Ping", "GetLicense", "GetOpenSubsonicExtensions", "TokenInfo"):
        assert HANDLERS[getattr(endpoints, name)].__module__ == chapter_system.__name__


def test_a_client_can_be_told_all_there_is_about_a_user(db, call):
    rock = add_library(db, "rock")
    shown = call("GetUser", username="ANNA")
    assert (shown.username, shown.folder, shown.scrobbling_enabled) == ("Anna", (rock,), True)
    assert shown.admin_role and shown.stream_role and shown.download_role and shown.playlist_role
    assert not shown.jukebox_role and shown.share_role
    body, _ = render(shown, "json", member="user")
    assert b'"scrobblingEnabled":true' in body and b'"folder":[1]' in body and b'"videoConversionRole":false' in body
    body, _ = render(shown, "xml", member="user")
    assert b"<folder>1</folder>" in body and b'adminRole="true"' in body


def test_a_created_user_has_the_roles_of_the_protocols_defaults(db, call):
    rock, jazz = add_library(db, "rock"), add_library(db, "jazz")
    call("CreateUser", username="bob", password=BOB, email="b@example.org")
    bob = read(db, accounts.by_name, accounts.OPERATOR, "bob")
    assert bob.roles == {"settings", "stream", "playlist"}
    assert (bob.email, bob.libraries) == ("b@example.org", (rock, jazz))
    call(
        "CreateUser", username="eve", password="enc:" + BOB.encode().hex(), email="e", adminRole="true",
        streamRole="false", musicFolderId=[str(jazz)],
    )  # fmt: skip
    eve = read(db, accounts.by_name, accounts.OPERATOR, "eve")
    assert eve.roles == {"admin", "settings", "playlist"}
    assert eve.libraries == (jazz,)
    assert verify(read(db, accounts.proofs)[eve.id].hash, BOB.encode())
    assert [user.username for user in call("GetUsers").user] == ["Anna", "bob", "eve"]


def test_an_update_changes_what_it_names(db, call):
    add_library(db, "rock")
    jazz = add_library(db, "jazz")
    add(db, "bob")
    call("UpdateUser", username="bob", jukeboxRole="true", downloadRole="false", maxBitRate="128")
    bob = call("GetUser", username="bob")
    assert bob.jukebox_role and not bob.download_role and bob.stream_role
    assert (bob.max_bit_rate, len(bob.folder)) == (128, 2)
    call("UpdateUser", username="bob", musicFolderId=[str(jazz)], email="new@example.org", password=ANNA)
    bob = call("GetUser", username="bob")
    assert (bob.folder, bob.email, bob.jukebox_role, bob.max_bit_rate) == ((jazz,), "new@example.org", True, 128)
    assert verify(read(db, accounts.proofs)[2].hash, ANNA.encode())


def test_an_update_that_fails_half_way_changes_nothing(db, call):
    add(db, "bob")
    before = read(db, accounts.everyone)
    with pytest.raises(NotFound):
        call("UpdateUser", username="bob", email="new@example.org", musicFolderId=["99"])
    assert read(db, accounts.everyone) == before


def test_a_user_sees_and_changes_only_themselves(db, call):
    add(db, "bob")
    assert call("GetUser", by="bob", username="Bob").username == "bob"
    call("ChangePassword", by="bob", username="bob", password="enc:" + ANNA.encode().hex())
    assert verify(read(db, accounts.proofs)[2].hash, ANNA.encode())
    for name, params in [
        ("GetUser", {"username": "anna"}),
        ("GetUser", {"username": "nobody"}),
        ("GetUsers", {}),
        ("ChangePassword", {"username": "anna", "password": ANNA}),
        ("CreateUser", {"username": "eve", "password": ANNA, "email": "e"}),
        ("UpdateUser", {"username": "bob", "adminRole": "true"}),
        ("DeleteUser", {"username": "anna"}),
    ]:
        with pytest.raises(Forbidden):
            call(name, by="bob", **params)


def test_what_cannot_be_is_refused_in_a_sentence(db, call):
    add(db, "bob")
    for failure, name, params in [
        (Conflict, "CreateUser", {"username": "BOB", "password": ANNA, "email": "e"}),
        (Invalid, "CreateUser", {"username": "eve", "password": "short", "email": "e"}),
        (Invalid, "CreateUser", {"username": "eve", "password": "enc:zz", "email": "e"}),
        (Invalid, "CreateUser", {"username": "e\u202eve", "password": ANNA, "email": "e"}),
        (Invalid, "ChangePassword", {"username": "bob", "password": "enc:"}),
        (NotFound, "ChangePassword", {"username": "nobody", "password": ANNA}),
        (NotFound, "UpdateUser", {"username": "nobody", "email": "e"}),
        (NotFound, "UpdateUser", {"username": "nobody", "adminRole": "true"}),
        (NotFound, "GetUser", {"username": "nobody"}),
        (NotFound, "DeleteUser", {"username": "nobody"}),
        (Conflict, "DeleteUser", {"username": "anna"}),
        (Conflict, "UpdateUser", {"username": "anna", "adminRole": "false"}),
    ]:
        with pytest.raises(failure, match=r"\."):
            call(name, **params)
    assert [user.username for user in call("GetUsers").user] == ["Anna", "bob"]


def test_the_probes_answer(db, call):
    write(db, accounts.create, accounts.OPERATOR, KEY, "bob", prepared(BOB), roles=LISTENER)
    assert call("Ping", by="bob") is None
    assert call("GetLicense", by="bob") == shapes.License(valid=True)
    assert call("TokenInfo", by="bob").username == "bob"
    announced = {each.name: each.versions for each in call("GetOpenSubsonicExtensions")}
    assert announced["formPost"] == announced["apiKeyAuthentication"] == (1,)


def test_a_key_that_was_lent_changes_no_password_and_says_whose_it_is(server):
    with server.app.db.writing() as conn:
        alice = accounts.by_name(conn, accounts.OPERATOR, "alice").viewer.user_id
        key = credentials.lend_api_key(conn, accounts.OPERATOR, server.app.part(SignIn).key, alice, "script")[1]

    def ask(endpoint, user="", **params):
        return server.get(endpoint, user, apiKey=key, **params)

    assert ask("tokenInfo").reply["tokenInfo"] == {"username": "alice"}
    assert ask("tokenInfo", "alice").error == 43
    assert server.get("tokenInfo", "", apiKey=key + "x").error == 44
    assert server.get("tokenInfo", "", jwt="x").error == 42
    assert server.get("tokenInfo", "").error == 10
    for name in ("alice", "bob", "nobody"):
        assert ask("changePassword", username=name, password="another secret 9").error == 50
