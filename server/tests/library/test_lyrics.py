"""Which lyrics a song has, and how they are found."""

import pytest

from server.kernel.errors import NotFound
from server.library import lyrics
from server.library.sung import Said, child
from server.library.sung.beside import ALONE, sort_out
from server.users.people import Viewer


@pytest.fixture
def song(shelf):
    """One track with a plain tag; called, it scans and says what the song's lyrics are."""
    path = shelf.track("Steam/Kettles/01 Kettle.flac", title="Kettle", artist="The Steam", lyrics="from the tag")
    shelf.scan()
    (number,) = shelf.titles().values()

    def read() -> list[tuple[bool, str]]:
        shelf.scan()
        return [(each.synced, each.text) for each in shelf.read(lyrics.of, shelf.viewer, number).layers()]

    read.path, read.number = path, number
    return read


def test_what_has_times_comes_first_and_files_before_tags(song):
    assert song() == [(False, "from the tag")]
    song.path.with_suffix(".txt").write_text("from the text file")
    song.path.with_suffix(".lrc").write_bytes("[00:01.00]from the ‘lrc’".encode("utf-16"))
    assert song() == [(True, "from the ‘lrc’"), (False, "from the text file"), (False, "from the tag")]
    song.path.with_suffix(".ttml").write_text(
        '<tt><body><p begin="1s"><span begin="1s">from</span> <span begin="2s">ttml</span></p></body></tt>'
    )
    assert song()[0] == (True, "from ttml")


def test_a_file_that_comes_changes_or_goes_is_seen_by_the_next_scan(song, shelf):
    beside = song.path.with_suffix(".lrc")
    for text in ("one", "another"):
        beside.write_text(f"[00:01.00]{text}")
        assert song()[0] == (True, text)
    assert shelf.scan().read == 0
    beside.unlink()
    assert song() == [(False, "from the tag")]


def test_another_reader_reads_again_what_has_not_changed(song, shelf, monkeypatch):
    assert shelf.scan().read == 0
    monkeypatch.setattr("server.library.walk.READER", 99)
    monkeypatch.setattr("server.library.compare.ALONE", ALONE._replace(mark="99"))
    assert shelf.scan().read == 1
    assert shelf.scan().read == 0
    assert song() == [(False, "from the tag")]


def test_a_song_that_was_away_comes_back_with_its_lyrics(song, shelf):
    away = song.path.with_suffix(".away")
    shelf.track("other.mp3")
    song.path.rename(away)
    shelf.scan()
    away.rename(song.path)
    assert song() == [(False, "from the tag")]


def test_the_same_words_are_not_shown_twice_and_capitals_are_found(song):
    song.path.with_suffix(".TXT").write_text("from the tag\r\n")
    assert song() == [(False, "from the tag")]
    song.path.with_suffix(".LRC").write_text("[00:01.00]loud")
    assert song() == [(True, "loud"), (False, "from the tag")]


def test_a_file_that_is_none_or_too_large_is_passed_over(song):
    song.path.with_suffix(".lrc").mkdir()
    song.path.with_suffix(".txt").write_bytes(b"x" * (child.FILE_BYTES + 1))
    assert song() == [(False, "from the tag")]


def test_a_reader_that_breaks_costs_the_lyrics_and_not_the_song(song, shelf, monkeypatch):
    monkeypatch.setattr("server.library.sung.texts.layers", lambda *_: 1 / 0)
    (found,) = child.read_many([(str(song.path), [])])
    assert not Said(*found[:-1]).lyrics


def test_several_languages_stand_side_by_side(song, shelf):
    for name in ("01 Kettle.de.lrc", "01 Kettle.pt-BR.lrc", "01 Kettle.flac.srt"):
        (song.path.parent / name).write_text(
            "1\n00:00:01,000 --> 00:00:02,000\nsrt" if name.endswith("srt") else f"[00:01.00]{name}"
        )
    shelf.scan()
    found = shelf.read(lyrics.of, shelf.viewer, song.number).layers()
    assert [layer.lang for layer in found] == ["und", "de", "pt", "und"]
    assert found[0].text == "srt"


def test_a_file_belongs_to_the_song_of_its_whole_name():
    texts = [("a.en.lrc", 1, 1), ("a.lrc", 1, 1), ("b.mp3.txt", 1, 1), ("c.lrc", 1, 1), ("a.en.de.srt", 1, 1)]
    found = sort_out(["a.mp3", "a.en.mp3", "b.mp3"], texts)
    assert {name: beside.names for name, beside in found.items()} == {
        "a.mp3": ("a.lrc",), "a.en.mp3": ("a.en.lrc", "a.en.de.srt"), "b.mp3": ("b.mp3.txt",)}  # fmt: skip
    assert len({beside.mark for beside in found.values()} | {ALONE.mark}) == 4


def test_times_in_a_plain_tag_are_seen(shelf):
    shelf.track("a.flac", title="Timed", lyrics="[00:02.00]two\n[00:01.00]one")
    shelf.scan()
    found = shelf.read(lyrics.of, shelf.viewer, shelf.titles()["Timed"]).layers()
    assert [[tuple(line) for line in each.lines] for each in found] == [[("one", 1000), ("two", 2000)]]


def test_songs_of_others_have_no_lyrics(shelf, song):
    stranger = Viewer(2, "bob", frozenset(), ())
    with pytest.raises(NotFound):
        shelf.read(lyrics.of, stranger, song.number)
    with pytest.raises(NotFound):
        shelf.read(lyrics.of, shelf.viewer, 999)
    assert shelf.read(lyrics.named, stranger, "The Steam", "Kettle") is None


@pytest.fixture
def several(shelf):
    """Songs whose names are alike; called, it tells by its lyrics which one is found."""
    names = (("Kettle", "The Steam"), ("Kettle", "Zoë"), ("Kettle Song", "The Steam"), ("Kettle", "Ann feat. Zoë"),
             ("Pot (Remastered 2009)", "The Steam"))  # fmt: skip
    for title, artist in names:
        shelf.track(f"{artist}/{title}.mp3", title=title, artist=artist, album="Kettle", lyrics=f"{title} by {artist}")
    shelf.track("silent.mp3", title="Kettle Song", artist="The Steam")
    shelf.scan()

    def found(artist: str, title: str) -> str:
        sung = shelf.read(lyrics.named, shelf.viewer, artist, title)
        return sung.layers()[0].text if sung else ""

    return found


def test_a_song_is_found_by_its_whole_title_and_a_singer(several):
    assert several("the steam", "KETTLE") == "Kettle by The Steam"
    assert several("The Steam", "Kettle Song") == "Kettle Song by The Steam"
    assert several("zoe", "Kettle") == "Kettle by Zoë"
    assert several("", "Kettle").startswith("Kettle by")


def test_what_is_added_to_names_does_not_count(several):
    assert several("The Steam feat. Bob", "Kettle (Live at Home)") == "Kettle by The Steam"
    assert (
        several("The Steam", "Pot")
        == several("The Steam", "Pot - 2009 Remaster")
        == "Pot (Remastered 2009) by The Steam"
    )
    assert several("Ann feat. Zoë", "Kettle") == "Kettle by Ann feat. Zoë"


def test_nothing_but_the_song_itself_will_do(several):
    for artist, title in (
        ("", ""), ("The Steam", ""), ("The Steam", "Kett"), ("Steam Engine", "Kettle"), ("Stea", "Kettle"), ("", "???"),
        ("x" * 100_000, "Kettle"), ("", "kettle " * 20_000), ("\0", "'\" OR 1"), ("*", "*Song*"),
    ):  # fmt: skip
        assert several(artist, title) == "", (artist[:20], title[:20])
