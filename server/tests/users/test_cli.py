import io
import sys

import pytest

from server.kernel.errors import Conflict, Invalid
from server.tests.users.people_for_tests import ANNA, BOB, KEY, first, read
from server.users import accounts, cli, secrets
from server.users.people import LISTENER, OPERATOR


def pipe(monkeypatch, text):
    monkeypatch.setattr(sys, "stdin", io.StringIO(text))


def test_a_user_is_added_with_a_password_from_a_pipe(db, monkeypatch, capsys):
    pipe(monkeypatch, f"{BOB}\n")
    cli.add(db, KEY, "Bob", email="b@example.org")
    account = read(db, accounts.by_name, OPERATOR, "bob")
    assert (account.name, account.email, account.roles) == ("Bob", "b@example.org", LISTENER)
    assert secrets.verify(read(db, accounts.proofs)[account.id].hash, BOB.encode())
    cli.listing(db)
    said = capsys.readouterr().out
    assert "Added Bob." in said
    assert "all folders" in said and "last seen never" in said
    assert BOB not in said


def test_a_terminal_asks_twice_and_two_different_answers_change_nothing(db, monkeypatch):
    monkeypatch.setattr(sys, "stdin", type("Terminal", (), {"isatty": lambda self: True})())
    answers = iter([ANNA, ANNA, BOB, ANNA])
    monkeypatch.setattr(cli.getpass, "getpass", lambda prompt: next(answers))
    cli.add(db, KEY, "anna", admin=True)
    with pytest.raises(Invalid, match="not the same"):
        cli.passwd(db, KEY, "anna")
    assert secrets.verify(read(db, accounts.proofs)[1].hash, ANNA.encode())


def test_rights_are_given_and_taken(db, monkeypatch, capsys):
    first(db)
    pipe(monkeypatch, BOB)
    cli.add(db, KEY, "bob", roles=["stream"])
    cli.roles(db, "bob", ["share", "admin"], ["stream"])
    assert capsys.readouterr().out.splitlines()[-1] == "admin share"
    with pytest.raises(Invalid, match="no right called root"):
        cli.roles(db, "bob", ["root"], [])
    cli.roles(db, "bob", [], ["admin"])
    with pytest.raises(Conflict):
        cli.roles(db, "anna", [], ["admin"])
    cli.hears(db, "bob", ())
    assert capsys.readouterr().out.splitlines()[-1] == "all folders"
    cli.remove(db, "bob")
    assert [each.name for each in read(db, accounts.everyone)] == ["Anna"]


def test_what_is_lent_is_shown_once(db, capsys):
    first(db)
    cli.app_password(db, KEY, "anna", "phone")
    cli.api_key(db, KEY, "anna", "script")
    shown = capsys.readouterr().out.splitlines()
    cli.lent(db, "anna")
    listed = capsys.readouterr().out
    assert "phone" in listed and "script" in listed and "used never" in listed
    assert shown[0] not in listed and shown[2] not in listed
    cli.revoke(db, 1)
    cli.revoke(db, 2)
    capsys.readouterr()
    cli.lent(db, "anna")
    assert capsys.readouterr().out == ""


def test_tokens_are_switched_for_one_and_for_all(db, capsys):
    first(db)
    cli.tokens(db, "anna", False)
    assert read(db, accounts.by_name, OPERATOR, "anna").tokens_off
    cli.tokens(db, "anna", True)
    cli.tokens(db, None, False)
    assert not read(db, accounts.tokens_offered)
    assert "every account is off" in capsys.readouterr().out
