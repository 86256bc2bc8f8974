"""`familiar(…)` runs a command as typed, in this process, and says what came of it."""

import io
import sys
from typing import NamedTuple

import pytest

from server.__main__ import main


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
