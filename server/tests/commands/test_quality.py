"""`familiar quality`: what was measured, in words."""

import pytest

from ai import contest, own_quality, spaces
from ai.own_quality import GOOD, Coverage, Line, Report


def test_nothing_was_measured_yet(familiar):
    assert familiar("user", "add", "anna", "--admin", typed="correct-horse\n").status == 0
    said = familiar("quality")
    assert said.status == 0 and "Nothing was measured yet" in said.out
    said = familiar("quality", "--again")
    assert "cannot be compared yet" in said.out and "too little was played" in said.out


@pytest.fixture
def measured(monkeypatch):
    space = spaces.Space(7, "similar", "clap", "building", 8, (), "d" * 64, "", 1, 0, 0.0)
    found = Report(1_700_000_000_000, True, Coverage(10, 9, 9), {"songs": 4321}, {"sittings": 3}, [
        Line("album", 0.42, 0.013, GOOD, "so many are"), Line("hubs", 1.234, None, GOOD, "0 is even"),
    ], [contest.Held(space, "In it less is found.", 1)])  # fmt: skip
    monkeypatch.setattr(own_quality, "report", lambda conn, viewer: found)


def test_every_line_is_told_with_its_verdict(familiar, measured):
    assert familiar("user", "add", "anna", "--admin", typed="correct-horse\n").status == 0
    told = familiar("quality").out
    assert "album          42 %  good    so many are; by chance 1 %" in told and "hubs           1.23  good" in told
    assert "Held back (clap, dddddddddddd): In it less is found." in told
    assert "on 4,321 songs. It is to be measured anew." in told
