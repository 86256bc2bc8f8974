"""`familiar share`: shared in somebody's name, listed, changed and ended."""

import pytest

from server.kernel import properties
from server.kernel.ids import Ids
from server.tests.plays.small import read


@pytest.fixture
def album(filled) -> str:
    """Return the id of an album."""
    return Ids(int(read(filled, properties.get, "id key"))).text("al", 1)


def test_a_share_is_made_listed_changed_and_ended(familiar, album):
    assert familiar("share", "list").out == "Nothing is shared.\n"
    made = familiar("share", "add", "ann", album, "--description", "For you", "--days", "3", "--download", "on")
    assert made.status == 0, made
    token = made.out.strip().rpartition("/")[2]
    (line,) = familiar("share", "list").out.splitlines()
    assert line.startswith(f"{token}  Ann ") and "saving" in line and "until 2" in line and line.endswith("For you")
    said = familiar("share", "set", token, "--password", "--days", "0", "--download", "off", typed="open sesame\n").out
    assert "password" in said and "for ever" in said and "saving" not in said
    assert "password" not in familiar("share", "set", token, "--open").out
    assert "ended before" in familiar("share", "set", token, "--days", "-1").err
    assert familiar("share", "remove", token).out == "It is over.\n"
    assert "no such share" in familiar("share", "remove", token).err


def test_what_cannot_be_shared_is_said(familiar, album):
    assert "nothing of this" in familiar("share", "add", "ann", "al-0000000000").err
    assert "familiar user roles Bob --grant share" in familiar("share", "add", "bob", album).err
    assert "no user called" in familiar("share", "add", "nobody", album).err
    assert "at least 8" in familiar("share", "add", "ann", album, "--password", typed="short\n").err


def test_with_a_public_address_the_whole_address_is_told(familiar, album):
    made = familiar("share", "add", "chief", album, "--public-url", "https://music.example/")
    assert made.out.startswith("https://music.example/share/sh-")
