import asyncio
from collections import Counter

import pytest

from server.kernel.errors import Unavailable
from server.tests.users.people_for_tests import ANNA, BOB, KEY, add, add_library, first, prepared, read, write
from server.users import accounts, credentials, known, signin
from server.users.limiter import Limiter
from server.users.people import OPERATOR
from server.users.secrets import MasterKey, token
from server.users.signin import Refused, SignIn

HOME = "192.0.2.7"


REFUSALS = [
    ({}, 10),
    ({"u": "anna"}, 10),
    ({"p": ANNA}, 10),
    ({"u": "anna", "t": "0" * 32}, 10),
    ({"u": "anna", "s": "abcdef"}, 10),
    ({"apiKey": ""}, 44),
    ({"apiKey": "fk_1_" + "x" * 43}, 44),
    ({"apiKey": "fk_1_" + "x" * 43, "u": "anna"}, 43),
    ({"apiKey": "fk_1_" + "x" * 43, "t": "x", "s": "y"}, 43),
    ({"apiKey": "fk_1_" + "x" * 43, "p": ""}, 43),
    ({"u": "nosuch", "t": token(b"", "x"), "s": "x"}, 40),
    ({"u": "%", "p": "x"}, 40),
    ({"u": "ann_", "p": ANNA}, 40),
    ({"u": "", "p": ANNA}, 40),
    ({"u": "", "p": ""}, 40),
    ({"u": "anna", "p": ""}, 40),
    ({"u": "anna", "t": "", "s": ""}, 40),
    ({"u": "anna", "t": token(b"", ""), "s": ""}, 40),
    ({"u": "anna", "p": "enc:zz"}, 40),
    ({"u": "anna", "p": "enc:"}, 40),
    ({"u": "anna", "p": "enc:ff"}, 40),
    ({"u": "anna\0", "p": ANNA}, 40),
    ({"u": "anna", "p": BOB}, 40),
    ({"u": "anna", "p": ANNA + "\0"}, 40),
    ({"u": "anna", "p": "\ud800"}, 40),
    ({"u": "\ud800", "p": ANNA}, 40),
    ({"u": "anna", "t": token(ANNA.encode(), "abcdef")[:31], "s": "abcdef"}, 40),
    ({"u": "anna", "t": token(ANNA.encode(), "abcdef"), "s": "a"}, 40),
    ({"u": "anna", "t": "ä" * 32, "s": "a"}, 40),
    ({"u": "anna", "t": "İ" * 32, "s": "\ud800"}, 40),
    ({"u": "a" * 100_000, "p": "x"}, 40),
    ({"u": "anna", "p": "x" * 100_000}, 40),
]


class Clock:
    now = 1000.0

    def __call__(self):
        return self.now


def enter(door: SignIn, address=HOME, client="test", **given):
    """Sign in as a front does, and return the viewer."""

    async def both():
        params = [given.get(name) for name in ("u", "p", "t", "s", "apiKey")]
        return door.identify_fast(*params, address, client) or await door.identify(*params, address, client)

    return asyncio.run(both())


def refusal(door: SignIn, **given) -> Refused:
    with pytest.raises(Refused) as caught:
        enter(door, **given)
    return caught.value


def by_token(name: str, password: str, salt="abcdef"):
    return {"u": name, "t": token(password.encode(), salt), "s": salt}


@pytest.fixture
def door(db):
    first(db)
    add(db, "bob")
    door = SignIn(db, KEY, Limiter(Clock()))
    yield door
    asyncio.run(door.aclose())


def test_every_mechanism_leads_to_the_same_viewer(db, door):
    _, app = write(db, credentials.lend_app_password, OPERATOR, KEY, 1, "phone")
    _, key = write(db, credentials.lend_api_key, OPERATOR, KEY, 1, "script")
    ways = [
        {"u": "Anna", "p": ANNA},
        {"u": "anna", "p": "enc:" + ANNA.encode().hex()},
        {"u": "ANNA ", "p": "enc:" + ANNA.encode().hex().upper()},
        by_token("anna", ANNA),
        by_token("Ａnna", ANNA, salt="x"),
        {**by_token("anna", ANNA), "t": token(ANNA.encode(), "abcdef").upper()},
        {"u": "anna", "p": app},
        by_token("anna", app),
        {"apiKey": key},
    ]
    for way in ways * 2:
        viewer = enter(door, **way)
        assert (viewer.user_id, viewer.name, viewer.is_admin) == (1, "Anna", True)


def test_the_second_time_memory_is_enough(db, door):
    _, app = write(db, credentials.lend_app_password, OPERATOR, KEY, 1, "phone")
    _, key = write(db, credentials.lend_api_key, OPERATOR, KEY, 1, "script")

    async def twice(u=None, p=None, t=None, s=None, apiKey=None):
        assert door.identify_fast(u, p, t, s, apiKey, HOME, "test") is None
        viewer = await door.identify(u, p, t, s, apiKey, HOME, "test")
        await db.version("accounts")
        assert door.identify_fast(u, p, t, s, apiKey, HOME, "test") is viewer
        assert door.identify_fast(u, p, t, s, apiKey, HOME, "another app") is None
        assert door.identify_fast(u, p, t, s, apiKey, "198.51.100.1", "test") is None

    for way in ({"u": "Anna", "p": ANNA}, by_token("anna", app), {"apiKey": key}):
        asyncio.run(twice(**way))


def test_what_is_wrong_is_refused_with_its_code(db, door):
    for given, code in REFUSALS:
        fresh = SignIn(db, KEY)
        for _ in range(2):
            assert (given, refusal(fresh, **given).code) == (given, code)
        asyncio.run(fresh.aclose())


def test_an_unknown_user_costs_and_hears_the_same_as_a_known_one(db, door, monkeypatch):
    write(db, accounts.set_tokens, OPERATOR, "bob", False)
    done = Counter()

    def counted(name, function):
        def call(*args):
            done[name] += 1
            return function(*args)

        return call

    monkeypatch.setattr(signin, "verify", counted("argon2", signin.verify))
    monkeypatch.setattr(signin, "token", counted("md5", signin.token))
    seen = []
    for name in ("anna", "bob", "nobody"):
        for given in ({"p": "a wrong password"}, {"t": "0" * 32, "s": "abcdef"}):
            done.clear()
            refused = refusal(door, u=name, **given)
            seen.append((refused.code, str(refused), refused.help, dict(done)))
    passwords, tokens = seen[0::2], seen[1::2]
    assert passwords == [passwords[0]] * 3
    assert tokens == [tokens[0]] * 3
    assert passwords[0][3] == {"argon2": 1}
    assert tokens[0][3] == {"md5": 1}


def test_a_wrong_token_is_40_while_every_account_takes_tokens_and_41_for_all_once_one_does_not(db, door):
    for name in ("anna", "nobody"):
        assert refusal(door, **by_token(name, "wrong")).code == 40
    write(db, accounts.set_tokens, OPERATOR, "bob", False)
    for name in ("anna", "bob", "nobody"):
        refused = refusal(door, **by_token(name, "wrong"))
        assert (refused.code, refused.help) == (41, True)
    assert refusal(door, **by_token("bob", BOB)).code == 41
    assert enter(door, **by_token("anna", ANNA)).name == "Anna"
    assert enter(door, u="bob", p=BOB).name == "bob"


def test_with_tokens_off_for_all_app_passwords_and_plain_passwords_still_work(db, door):
    write(db, accounts.offer_tokens, OPERATOR, False)
    assert read(db, lambda conn: conn.rows("SELECT id FROM account WHERE secret IS NOT NULL")) == []
    _, app = write(db, credentials.lend_app_password, OPERATOR, KEY, 2, "phone")
    assert refusal(door, **by_token("bob", BOB)).code == 41
    assert enter(door, **by_token("bob", app)).name == "bob"
    assert enter(door, u="bob", p=BOB).name == "bob"
    assert refusal(door, **by_token("bob", BOB)).code == 41
    assert read(db, lambda conn: conn.rows("SELECT id FROM account WHERE secret IS NOT NULL")) == []


def test_tokens_switched_on_again_work_after_the_next_plain_password(db, door):
    write(db, accounts.set_tokens, OPERATOR, "bob", False)
    assert enter(door, u="bob", p=BOB).name == "bob"
    write(db, accounts.set_tokens, OPERATOR, "bob", True)
    assert refusal(door, **by_token("bob", BOB)).code == 41
    later = SignIn(db, KEY)
    assert enter(later, u="bob", p=BOB).name == "bob"
    assert enter(later, **by_token("bob", BOB)).name == "bob"


def test_with_another_master_key_plain_passwords_work_and_mend_the_tokens(db, door, caplog):
    _, app = write(db, credentials.lend_app_password, OPERATOR, KEY, 1, "phone")
    _, key = write(db, credentials.lend_api_key, OPERATOR, KEY, 1, "script")
    lost = SignIn(db, MasterKey(b"another key, another key, anothe"))
    assert refusal(lost, **by_token("anna", ANNA)).code == 41
    assert "master key" in caplog.text
    assert refusal(lost, **by_token("anna", app)).code == 41
    assert refusal(lost, u="anna", p=app).code == 40
    assert refusal(lost, apiKey=key).code == 44
    assert enter(lost, u="anna", p=ANNA).name == "Anna"
    assert enter(lost, **by_token("anna", ANNA)).name == "Anna"
    assert refusal(lost, **by_token("bob", BOB)).code == 41


def test_a_verified_password_is_not_hashed_again_until_it_changes(db, door, monkeypatch):
    write(db, accounts.offer_tokens, OPERATOR, False)
    runs = []
    real = signin.verify
    monkeypatch.setattr(signin, "verify", lambda *args: runs.append(args) or real(*args))

    async def fifty():
        return await asyncio.gather(*[door.identify("bob", BOB, None, None, None, HOME, "test") for _ in range(50)])

    assert {viewer.name for viewer in asyncio.run(fifty())} == {"bob"}
    assert len(runs) == 1
    write(db, accounts.set_password, OPERATOR, KEY, "bob", prepared(ANNA))
    assert refusal(door, u="bob", p=BOB).code == 40
    assert enter(door, u="bob", p=ANNA).name == "bob"
    assert len(runs) == 3


def test_what_is_taken_back_is_out_at_once(db, door):
    number, app = write(db, credentials.lend_app_password, OPERATOR, KEY, 2, "phone")
    key_number, key = write(db, credentials.lend_api_key, OPERATOR, KEY, 2, "script")
    for way in (by_token("bob", app), {"apiKey": key}, by_token("bob", BOB)):
        assert enter(door, **way).name == "bob"
    write(db, credentials.revoke, OPERATOR, number)
    assert refusal(door, **by_token("bob", app)).code == 40
    write(db, credentials.revoke, OPERATOR, key_number)
    assert refusal(door, apiKey=key).code == 44
    write(db, accounts.set_password, OPERATOR, KEY, "bob", prepared(ANNA))
    assert refusal(door, **by_token("bob", BOB)).code == 40
    assert enter(door, **by_token("bob", ANNA)).name == "bob"
    write(db, accounts.delete, OPERATOR, "bob")
    assert refusal(door, **by_token("bob", ANNA)).code == 40


def test_new_rights_hold_from_the_next_call(db, door):
    assert not enter(door, u="bob", p=BOB).is_admin
    write(db, accounts.change, OPERATOR, "bob", accounts.Changes(roles=frozenset({"admin"})))
    assert enter(door, u="bob", p=BOB).is_admin
    rock = add_library(db, "rock")
    assert enter(door, u="bob", p=BOB).libraries == (rock,)
    write(db, accounts.change, OPERATOR, "bob", accounts.Changes(roles=frozenset()))
    assert not enter(door, u="bob", p=BOB).is_admin


def test_who_is_deleted_while_argon2_runs_does_not_come_in(db, door, monkeypatch):
    write(db, accounts.offer_tokens, OPERATOR, False)
    real = signin.verify

    def slow(*args):
        write(db, accounts.delete, OPERATOR, "bob")
        return real(*args)

    monkeypatch.setattr(signin, "verify", slow)
    assert refusal(door, u="bob", p=BOB).code == 40


def test_an_account_under_attack_is_shut_to_strangers_and_open_to_those_who_were_there(db, door, monkeypatch):
    monkeypatch.setattr(signin, "verify", lambda *args: False)
    assert enter(door, **by_token("anna", ANNA)).name == "Anna"
    said = [refusal(door, address="198.51.100.1", u="anna", p=f"guess number {at}") for at in range(50)]
    assert {refused.code for refused in said} == {40}
    assert sum("Too many" in str(refused) for refused in said) == 40
    assert "60 seconds" in str(said[-1])
    right = refusal(door, address="198.51.100.2", **by_token("anna", ANNA))
    assert "Too many" in str(right)
    assert enter(door, **by_token("anna", ANNA, salt="another")).name == "Anna"


def test_apps_that_go_on_with_the_old_password_do_not_shut_the_door(db, door):
    _, app = write(db, credentials.lend_app_password, OPERATOR, KEY, 2, "phone")
    enter(door, u="bob", p=BOB)
    write(db, accounts.set_password, OPERATOR, KEY, "bob", prepared(ANNA))
    write(db, credentials.revoke, OPERATOR, 1)
    for at in range(50):
        for old in (BOB, app):
            assert str(refusal(door, client="phone", **by_token("bob", old, f"salt {at}"))).startswith("Wrong")
            assert str(refusal(door, client="phone", u="bob", p=old)).startswith("Wrong")
    assert enter(door, client="new phone", u="bob", p=ANNA).name == "bob"
    write(db, accounts.set_password, OPERATOR, KEY, "bob", prepared(BOB))
    assert enter(door, client="phone", u="bob", p=BOB).name == "bob"
    assert refusal(door, client="phone", u="bob", p=ANNA).code == 40
    write(db, accounts.set_tokens, OPERATOR, "bob", False)
    assert enter(door, client="phone", u="bob", p=BOB).name == "bob"
    write(db, accounts.set_password, OPERATOR, KEY, "bob", prepared(ANNA))
    assert enter(door, client="phone", u="bob", p=ANNA).name == "bob"


def test_guesses_sent_all_at_once_are_not_all_checked(db, door, monkeypatch):
    write(db, accounts.set_tokens, OPERATOR, "bob", False)
    checked = []
    monkeypatch.setattr(signin, "verify", lambda *args: checked.append(args) and False)

    async def storm():
        for name in ("bob", "anna", "nobody"):
            checked.clear()
            tries = [door.identify(name, f"guess {at}", None, None, None, HOME, "test") for at in range(200)]
            assert {each.code for each in await asyncio.gather(*tries, return_exceptions=True)} == {40}
            assert len(checked) == 10

    asyncio.run(storm())


def test_last_use_is_noted_and_a_full_disk_keeps_nobody_out(db, door, monkeypatch):
    _, app = write(db, credentials.lend_app_password, OPERATOR, KEY, 2, "phone")
    enter(door, u="bob", p=app)
    assert read(db, accounts.by_name, OPERATOR, "bob").seen_ms
    assert read(db, credentials.of_user, OPERATOR, 2)[0].used_ms

    async def full(*args):
        raise Unavailable("The disk is full.")

    monkeypatch.setattr(db, "write", full)
    assert enter(door, u="anna", p=ANNA).name == "Anna"


def test_secrets_in_memory_do_not_show_themselves(db, door):
    enter(door, u="bob", p=BOB)
    table = read(db, known.load, KEY, None)
    assert ANNA.encode() in table.opened.values()
    shown = repr(list(table.names.values()))
    assert "canary" not in shown and "argon2" not in shown
