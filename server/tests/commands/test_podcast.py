"""`familiar podcast` on a real installation, with a publisher on this machine."""

import pytest

from server.tests.broadcast import broadcasting


@pytest.fixture
def broadcast(tmp_path, familiar, monkeypatch):
    monkeypatch.setenv("FAMILIAR_FETCH_ALLOW", "127.0.0.1")
    assert familiar("user", "add", "anna", typed="correct-horse\n").status == 0
    with broadcasting(tmp_path) as found:
        yield found


def test_podcasts_are_followed_looked_at_listed_and_left(familiar, broadcast):
    assert "Podcast 1 is followed" in familiar("podcast", "add", broadcast.feed).out
    assert familiar("podcast", "refresh").out == "All podcasts were looked at.\n"
    assert f"1  Tea & Cake ({broadcast.feed}): 3 episodes, read 20" in familiar("podcast", "list").out
    broadcast.say("nonsense")
    familiar("podcast", "refresh")
    assert "What the address gave is no XML." in familiar("podcast", "list").out
    assert familiar("podcast", "remove", "1").status == 0 and "No podcasts" in familiar("podcast", "list").out
    said = familiar("podcast", "remove", "1")
    assert said.status == 1 and "no such podcast" in said.err
    assert familiar("podcast", "add", "file:///etc/passwd").status == 1


def test_it_says_why_an_episode_could_not_be_downloaded(familiar, broadcast, monkeypatch):
    monkeypatch.setenv("FAMILIAR_PODCAST_DOWNLOAD", "1")
    broadcast.say(b"", "/sound.mp3", status=503)
    familiar("podcast", "add", broadcast.feed)
    familiar("podcast", "refresh")
    assert "   Cup 3: 127.0.0.1 answered with status 503.\n" in familiar("podcast", "list").out


def test_lists_come_and_go(familiar, broadcast, tmp_path):
    familiar("podcast", "add", broadcast.feed)
    written = tmp_path / "list.opml"
    written.write_text(familiar("podcast", "export").out)
    familiar("podcast", "remove", "1")
    assert familiar("podcast", "import", written).out == "1 podcasts are new, 0 were followed already.\n"
    assert "0 podcasts are new, 1 were" in familiar("podcast", "import", written).out
    assert "cannot be read" in familiar("podcast", "import", tmp_path / "nothing").err
    assert familiar("podcast", "import", tmp_path / "sound.mp3").status == 1


def test_it_makes_no_installation(familiar, tmp_path):
    assert "There is no Familiar in" in familiar("podcast", "list").err and not (tmp_path / "data").exists()
