"""`familiar radio`: stations listed, added, removed, and taken over from a file."""

import pytest


@pytest.fixture
def home(familiar):
    assert familiar("user", "add", "anna", "--admin", typed="correct-horse\n").status == 0


def test_stations_are_added_listed_and_removed(familiar, home):
    assert "no radio stations" in familiar("radio", "list").out
    assert familiar("radio", "add", " Waves  FM", "http://waves.invalid/").out == "Added Waves FM.\n"
    assert familiar("radio", "list").out.split() == ["1", "Waves", "FM", "http://waves.invalid/"]
    assert familiar("radio", "remove", "1").out == "Removed Waves FM.\n"
    assert "no such radio station" in familiar("radio", "remove", "1").err
    wrong = familiar("radio", "add", "x", "ftp://x.invalid/")
    assert wrong.status == 1 and "http://" in wrong.err


def test_a_list_is_taken_over_once(familiar, home, tmp_path):
    path = tmp_path / "stations.m3u"
    path.write_text("#EXTM3U\n#EXTINF:-1,Hills\nhttp://hills.invalid/\nhttp://waves.invalid/\nsong.mp3\n")
    assert familiar("radio", "import", path).out == "Added 2 of 2 stations; the others were there already.\n"
    assert familiar("radio", "import", path).out == "Added 0 of 2 stations; the others were there already.\n"
    assert "Hills" in familiar("radio", "list").out
    path.write_text("nothing")
    said = familiar("radio", "import", path)
    assert said.status == 1 and "M3U" in said.err
    assert familiar("radio", "import", tmp_path / "none").status == 1
    assert familiar("radio", "import", "/dev/zero").status == 1


def test_a_line_that_makes_no_sense_does_not_keep_the_other_stations_away(familiar, home, tmp_path):
    path = tmp_path / "stations.m3u"
    path.write_text(
        "#EXTM3U\n#EXTINF:-1,Hills\nhttp://hills.invalid/\nhttp://\n#EXTINF:-1,Port\nhttp://x.invalid:99999/\n"
        "http://ann:secret@x.invalid/\nhttp://x.invalid:22/\n#EXTINF:-1,\u200b\nhttp://waves.invalid/\n", "utf-8",
    )  # fmt: skip
    assert familiar("radio", "import", path).out == "Added 2 of 2 stations; the others were there already.\n"
    assert "Hills" in familiar("radio", "list").out
