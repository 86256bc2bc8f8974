from concurrent.futures import ThreadPoolExecutor

import pytest

from server.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from server.playlists import playlists
from server.tests.users.people_for_tests import ANNA, KEY, add, add_library, first, prepared, read, write
from server.users import accounts, credentials
from server.users.accounts import Changes
from server.users.people import LISTENER, OPERATOR


def viewer(db, user_id):
    return read(db, accounts.viewer_of, user_id)


def test_of_fifty_first_administrators_at_once_exactly_one_is_made(db):
    def attempt(number):
        return write(db, accounts.first_admin, KEY, f"admin{number}", prepared(ANNA))

    with ThreadPoolExecutor(8) as threads:
        made = [each for each in threads.map(attempt, range(50)) if each is not None]
    assert len(made) == 1
    assert read(db, accounts.count) == 1
    assert viewer(db, made[0]).is_admin


def test_a_new_user_may_listen_and_hears_all_folders_also_those_that_come_later(db):
    first(db)
    rock = add_library(db, "rock")
    bob = add(db, "Bob")
    assert viewer(db, bob).roles == LISTENER
    assert viewer(db, bob).libraries == (rock,)
    jazz = add_library(db, "jazz", online=0)
    add_library(db, "gone", removed=1)
    assert viewer(db, bob).libraries == (rock, jazz)


def test_a_user_with_chosen_folders_hears_only_those(db):
    rock, jazz = add_library(db, "rock"), add_library(db, "jazz")
    bob = add(db, "Bob", libraries=(jazz, jazz))
    add_library(db, "folk")
    assert viewer(db, bob).libraries == (jazz,)
    write(db, accounts.change, OPERATOR, "BOB", Changes(libraries=(rock, jazz)))
    assert viewer(db, bob).libraries == (rock, jazz)
    with pytest.raises(NotFound):
        write(db, accounts.change, OPERATOR, "bob", Changes(libraries=(rock, 99)))
    assert viewer(db, bob).libraries == (rock, jazz)


def test_two_users_cannot_have_names_that_look_the_same(db):
    add(db, "Straße")
    for name in ("straße", "STRASSE", " ｓtrasse "):
        with pytest.raises(Conflict):
            add(db, name)
    assert [each.name for each in read(db, accounts.everyone)] == ["Straße"]


def test_a_change_touches_what_it_names_and_nothing_else(db):
    bob = add(db, "bob", email="b@example.org", roles={"stream"}, max_bitrate_kbps=128)
    write(db, accounts.change, OPERATOR, "Bob", Changes(email=" c@example.org "))
    account = read(db, accounts.by_name, OPERATOR, "bob")
    assert (account.id, account.email, account.roles) == (bob, "c@example.org", {"stream"})
    assert account.max_bitrate_kbps == 128
    write(db, accounts.change, OPERATOR, "bob", Changes(roles=frozenset({"share"}), max_bitrate_kbps=0))
    account = read(db, accounts.by_name, OPERATOR, "bob")
    assert (account.email, account.roles, account.max_bitrate_kbps) == ("c@example.org", {"share"}, 0)


@pytest.mark.parametrize(
    "changes", [Changes(roles=frozenset({"root"})), Changes(max_bitrate_kbps=100), Changes(email="x" * 300)]
)
def test_a_value_that_cannot_be_changes_nothing(db, changes):
    add(db, "bob")
    before = read(db, accounts.everyone)
    with pytest.raises(Invalid):
        write(db, accounts.change, OPERATOR, "bob", changes)
    assert read(db, accounts.everyone) == before


def test_the_last_administrator_can_neither_leave_nor_be_demoted(db):
    first(db)
    with pytest.raises(Conflict):
        write(db, accounts.delete, OPERATOR, "anna")
    with pytest.raises(Conflict):
        write(db, accounts.change, OPERATOR, "anna", Changes(roles=LISTENER))
    add(db, "bob", roles={"admin"})
    write(db, accounts.change, OPERATOR, "anna", Changes(roles=LISTENER))
    with pytest.raises(Conflict):
        write(db, accounts.delete, OPERATOR, "bob")


def test_two_administrators_who_demote_each_other_at_once_leave_one(db):
    first(db)
    add(db, "bob", roles={"admin"})

    def demote(name):
        try:
            write(db, accounts.change, OPERATOR, name, Changes(roles=LISTENER))
        except Conflict:
            return False
        return True

    with ThreadPoolExecutor(2) as threads:
        assert sorted(threads.map(demote, ("anna", "bob"))) == [False, True]


def test_only_an_administrator_manages_people(db):
    first(db)
    bob = viewer(db, add(db, "bob"))
    for verb, args in [
        (accounts.create, (KEY, "eve", prepared(ANNA))),
        (accounts.change, ("bob", Changes(roles=frozenset({"admin"})))),
        (accounts.delete, ("anna",)),
        (accounts.offer_tokens, (False,)),
        (accounts.set_tokens, ("anna", False)),
        (accounts.set_password, (KEY, "anna", prepared(ANNA))),
    ]:
        with pytest.raises(Forbidden):
            write(db, verb, bob, *args)
    for verb, args in [(accounts.everyone, ()), (accounts.by_name, ("anna",)), (accounts.by_name, ("nobody",))]:
        with pytest.raises(Forbidden):
            read(db, verb, bob, *args)
    assert read(db, accounts.by_name, bob, " BOB ").name == "bob"


def test_who_may_not_change_settings_may_not_change_the_password(db):
    first(db)
    kiosk = viewer(db, add(db, "kiosk", roles={"stream"}))
    with pytest.raises(Forbidden):
        write(db, accounts.set_password, kiosk, KEY, "kiosk", prepared(ANNA))
    bob = viewer(db, add(db, "bob"))
    write(db, accounts.set_password, bob, KEY, "bob", prepared(ANNA))


def test_a_deleted_user_takes_everything_along(db, monkeypatch):
    first(db)
    rock = add_library(db, "rock")
    bob = add(db, "bob", libraries=(rock,))
    write(db, credentials.lend_app_password, OPERATOR, KEY, bob, "phone")
    gone = []
    monkeypatch.setattr(accounts, "FAREWELLS", [*accounts.FAREWELLS, lambda conn, user_id: gone.append(user_id)])
    write(db, accounts.delete, OPERATOR, "bob")
    assert gone == [bob]
    for table in ("account_library", "credential"):
        assert read(db, lambda conn, table=table: conn.value(f"SELECT CAST(count(*) AS BIGINT) FROM {table}")) == 0
    with pytest.raises(NotFound):
        write(db, accounts.delete, OPERATOR, "bob")
    with pytest.raises(NotFound):
        viewer(db, bob)


def test_what_somebody_began_before_they_left_never_becomes_another_s(db):
    first(db)
    bob = read(db, accounts.viewer_of, add(db, "Bob"))
    write(db, accounts.delete, OPERATOR, "Bob")
    # A list that was being made for Bob meanwhile.
    write(db, playlists.create, bob, "Bob's own")
    eve = add(db, "Eve")
    assert eve > bob.user_id
    assert read(db, playlists.listed, read(db, accounts.viewer_of, eve)) == []
    write(db, accounts.delete, OPERATOR, "Eve")
    assert add(db, "Zoe") > eve


def test_every_change_of_rights_moves_the_version_and_a_refused_one_does_not(db):
    def version():
        return read(db, lambda conn: conn.version("accounts"))

    first(db)
    seen = [version()]
    for verb, args in [
        (accounts.create, (KEY, "bob", prepared(ANNA))),
        (accounts.change, ("bob", Changes(roles=frozenset()))),
        (accounts.set_password, (KEY, "bob", prepared(ANNA))),
        (accounts.set_tokens, ("bob", False)),
        (accounts.offer_tokens, (False,)),
        (accounts.delete, ("bob",)),
    ]:
        write(db, verb, OPERATOR, *args)
        seen.append(version())
    assert sorted(set(seen)) == seen
    with pytest.raises(Conflict):
        write(db, accounts.delete, OPERATOR, "anna")
    assert version() == seen[-1]
