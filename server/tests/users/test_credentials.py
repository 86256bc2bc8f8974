import pytest

from server.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from server.tests.users.people_for_tests import ANNA, BOB, KEY, add, first, read, write
from server.users import accounts, credentials
from server.users.people import OPERATOR


def test_no_secret_can_be_read_in_the_database(db):
    anna, bob = first(db), add(db, "bob")
    secrets = [ANNA, BOB]
    for lend in (credentials.lend_app_password, credentials.lend_api_key):
        for user_id in (anna, bob):
            secrets.append(write(db, lend, OPERATOR, KEY, user_id, "phone")[1])
    everything = b""
    for table in ("account", "credential", "property", "version"):
        everything += repr(read(db, lambda conn, table=table: conn.rows(f"SELECT * FROM {table}"))).encode()
    if db.dialect.name == "sqlite":
        for suffix in ("", "-wal"):
            with open(db.dialect.path + suffix, "rb") as file:
                everything += file.read()
    for secret in secrets:
        assert secret.encode() not in everything
        assert secret.encode().hex().encode() not in everything


def test_secrets_have_the_shape_that_was_promised(db):
    bob = add(db, "bob")
    number, text = write(db, credentials.lend_app_password, OPERATOR, KEY, bob, "phone")
    assert len(text) == 26
    assert set(text) <= set("abcdefghijklmnopqrstuvwxyz234567")
    number, text = write(db, credentials.lend_api_key, OPERATOR, KEY, bob, "script")
    assert text.startswith(f"fk_{number}_")
    assert len(text.split("_", 2)[2]) == 43
    assert credentials.id_in(text) == number
    for other in ("", "fk_1_short", text + "x", text.replace("fk_", "fk_²"), "FK" + text[2:]):
        assert credentials.id_in(other) is None


def test_one_lends_for_oneself_only_and_sees_only_ones_own(db):
    first(db)
    bob, eve = add(db, "bob"), add(db, "eve")
    viewer = read(db, accounts.viewer_of, bob)
    number, _ = write(db, credentials.lend_app_password, viewer, KEY, bob, " phone ")
    theirs, _ = write(db, credentials.lend_api_key, OPERATOR, KEY, eve, "script")
    for lend in (credentials.lend_app_password, credentials.lend_api_key):
        with pytest.raises(Forbidden):
            write(db, lend, viewer, KEY, eve, "phone")
    with pytest.raises(Forbidden):
        read(db, credentials.of_user, viewer, eve)
    with pytest.raises(NotFound):
        write(db, credentials.revoke, viewer, theirs)
    with pytest.raises(NotFound):
        write(db, credentials.revoke, viewer, 999)
    mine = read(db, credentials.of_user, viewer, bob)
    assert [(each.id, each.name, each.kind, each.used_ms) for each in mine] == [(number, "phone", "app password", None)]
    write(db, credentials.revoke, viewer, number)
    assert read(db, credentials.of_user, viewer, bob) == []


def test_there_is_an_end_to_app_passwords(db):
    bob = add(db, "bob")
    for at in range(20):
        write(db, credentials.lend_app_password, OPERATOR, KEY, bob, f"app {at}")
    with pytest.raises(Conflict):
        write(db, credentials.lend_app_password, OPERATOR, KEY, bob, "one more")
    write(db, credentials.lend_api_key, OPERATOR, KEY, bob, "a key is another thing")


@pytest.mark.parametrize("name", ["", "  ", "x" * 65, "a\nb"])
def test_a_credential_needs_a_name(db, name):
    bob = add(db, "bob")
    with pytest.raises(Invalid):
        write(db, credentials.lend_app_password, OPERATOR, KEY, bob, name)


def test_nobody_can_lend_for_a_user_who_is_not_there(db):
    with pytest.raises(NotFound):
        write(db, credentials.lend_api_key, OPERATOR, KEY, 77, "ghost")
