"""`familiar(…)` runs a command as typed, in this process, and says what came of it."""

import io
import sys
from collections.abc import Iterator
from typing import NamedTuple

import pytest

from server.__main__ import main
from server.kernel.db import Database, open_database
from server.tests.plays.small import ANN, CHIEF, fill


class Said(NamedTuple):
    status: int
    out: str
    err: str


@pytest.fixture
def familiar(capsys, monkeypatch, tmp_path):
    """Return a function that runs a command with the data folder `tmp_path / "data"` and no settings from outside."""
    import os

    for name in [name for name in os.environ if name.startswith("FAMILIAR_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("FAMILIAR_DATA", str(tmp_path / "data"))
    # A command that gives way to others would let all tests after it do the same: niceness is never taken back.
    monkeypatch.setattr(os, "nice", lambda more: more)

    def run(*words: str, typed: str = "") -> Said:
        monkeypatch.setattr(sys, "stdin", io.StringIO(typed))
        capsys.readouterr()
        try:
            status = main([str(word) for word in words])
        except SystemExit as end:
            status = end.code
        out, err = capsys.readouterr()
        return Said(status, out, err)

    return run


@pytest.fixture
def filled(familiar, tmp_path) -> Iterator[Database]:
    """Make an installation with the people and songs of `small` in it, each song a sound of its own; its database."""
    assert familiar("user", "add", "anna", typed="correct-horse\n").status == 0
    db = open_database(f"sqlite://{tmp_path}/data/familiar.db")
    with db.writing() as conn:
        conn.run("DELETE FROM account")
    fill(db)
    with db.writing() as conn:
        sql = "UPDATE account SET all_libraries = 1, roles = :roles WHERE id = :id"
        conn.run(sql, roles="stream playlist share", id=ANN.user_id)
        conn.run(sql, roles="admin", id=CHIEF.user_id)
        conn.run("UPDATE track SET audio_hash = 'sound ' || id")
        conn.bump("accounts")
    yield db
    db.close()
