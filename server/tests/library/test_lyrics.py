"""Lyrics as people write them, as nobody should, and where they are found."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.kernel.errors import NotFound
from server.library import lyrics
from server.library.lyrics import Line, decode, parse
from server.users.people import Viewer

LRC = """\
[ti:Kettle Song]
[ar: The Steam]
[la:en-GB]
[offset:+250]
[00:20.50][00:01.5]Again
[00:04.000] First line
[00:08:25]

[00:12]Last line
"""


def lines(text: str) -> list[tuple]:
    found = parse(text)
    return [] if found is None else [(line.start_ms, line.text) for line in found.lines]


def test_lines_with_times_come_in_their_order_with_what_is_said_of_the_song():
    assert lines(LRC) == [(1500, "Again"), (4000, "First line"), (8250, ""), (12000, "Last line"), (20500, "Again")]
    found = parse(LRC)
    assert (found.synced, found.lang, found.artist, found.title, found.offset_ms) == (
        True, "en", "The Steam", "Kettle Song", 250)  # fmt: skip


@pytest.mark.parametrize(
    ("stamp", "ms"),
    [
        ("[00:00]", 0), ("[1:2]", 62_000), ("[01:02.3]", 62_300), ("[01:02.34]", 62_340), ("[01:02.345]", 62_345),
        ("[01:02.3456789]", 62_345), ("[01:02:34]", 62_340), ("[01:02,34]", 62_340), ("[ 01:02.34 ]", 62_340),
        ("[100:00.00]", 6_000_000), ("[00:75.00]", 75_000), ("[1:00:01.50]", 3_601_500), ("  [00:01.00]", 1000),
    ],
)  # fmt: skip
def test_times_are_read_in_every_spelling(stamp, ms):
    assert lines(f"{stamp} words ") == [(ms, "words")]


@pytest.mark.parametrize(
    "stamp", ["[aa:bb]", "[00:]", "[:01]", "[-1:02]", "[١:٢]", "[12345:01]", "[00:01", "00:01]", "[]"]
)
def test_what_is_no_time_is_part_of_the_words(stamp):
    assert lines(f"{stamp} words") == [(None, f"{stamp} words")]


@pytest.mark.parametrize(
    "line",
    [
        "[00:05.00]<00:05.00>Slow <00:06.00> and<00:07.10> easy",
        "[00:05.00] Slow [00:06.00]and [00:07.10]easy",
        "<00:05.00>Slow <00:06.00>and <00:07.10>easy<00:08.00>",
    ],
)
def test_stamps_of_single_words_are_taken_out(line):
    assert lines(line) == [(5000, "Slow and easy")]


def test_words_without_a_stamp_go_on_where_the_line_before_began():
    assert lines("Typed by me\n[00:01.00][00:09.00]One\nand a half\n\n[00:05.00]Two") == [
        (1000, "One"), (1000, "and a half"), (5000, "Two"), (9000, "One"), (9000, "and a half"),
    ]  # fmt: skip


def test_plain_words_keep_their_empty_lines_and_their_brackets():
    found = parse("[ar:The Steam]\n\n[Chorus: everybody]\r\nOne <3\n\nTwo\n\n")
    assert found.lines == (Line("[Chorus: everybody]"), Line("One <3"), Line(""), Line("Two"))
    assert (found.synced, found.artist, found.lang, found.offset_ms) == (False, "The Steam", "und", 0)
    assert found.text == "[Chorus: everybody]\nOne <3\n\nTwo"


@pytest.mark.parametrize(
    "text", ["", " \n\t\n", "[00:01.00]\n[00:02.00]  ", "[ti:Nothing]\n[au: instrumental]", "<00:01.00>"]
)
def test_nothing_sung_is_no_lyrics(text):
    assert parse(text) is None


@pytest.mark.parametrize(
    ("said", "lang"),
    [("[la:DE]", "de"), ("[lang:jpn]", "jpn"), ("[language:pt_BR]", "pt"), ("[la:English]", "und"), ("[la:]", "und")],
)
def test_a_language_is_a_code_or_unknown(said, lang):
    assert parse(f"{said}\nwords").lang == lang


@pytest.mark.parametrize(("said", "ms"), [("-500", -500), ("+ 500", 0), ("1e9", 0), ("99999999", 0), ("", 0), ("0", 0)])
def test_an_offset_is_a_small_number_or_none(said, ms):
    assert parse(f"[offset:{said}]\n[00:01.00]words").offset_ms == ms


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_a_file_is_read_in_any_unicode(encoding):
    assert decode("[00:01.00]Bäume 木".encode(encoding)) == "[00:01.00]Bäume 木"


def test_a_file_of_old_is_read_as_western():
    assert decode("Bäume – ‘groß’".encode("cp1252")) == "Bäume – ‘groß’"
    assert decode(b"") == "" and decode(b"\0") is not None and decode(b"\xff\xfea") is not None


PIECES = st.sampled_from(
    ["[", "]", "<", ">", ":", ".", ",", "00", "1", "9999", " ", "\n", "\r", "\x0b", "\0", "\ud800", "[00:01.00]",
     "[0:1]", "<0:1>", "[offset:", "[ar:", "[la:", "[#:]", "-", "words", "木"]
)  # fmt: skip


@given(st.one_of(st.text(), st.lists(PIECES, max_size=60).map("".join)))
def test_any_text_gives_lines_or_nothing(text):
    found = parse(text)
    if found is not None:
        starts = [line.start_ms for line in found.lines]
        assert found.lines and any(line.text for line in found.lines)
        assert starts == (sorted(starts) if found.synced else [None] * len(starts))
        assert all(line.text == line.text.strip() and "\n" not in line.text for line in found.lines)


@given(st.binary())
def test_any_bytes_are_some_text(data):
    assert isinstance(decode(data), str)


@pytest.mark.parametrize(
    "piece",
    ["[", "]", "[[", "[]", "<", " [", "[ ", "[0", "[0:", "[00:0", "[0:0]", "[0:0] ", "<0:0>", "[0:0]<0:0>", "[a:",
     "[ar:]", "\n", " ", "\t\n", "[0:0]\n", "[0:0]x\n", "x\n", "[0:0:0:0", "[ar:]\n", "1", "[0:0]" * 9 + "words\n"],
)  # fmt: skip
def test_a_quarter_of_a_megabyte_of_anything_never_grows_much(piece):
    text = piece * (lyrics.TEXT_CHARS // len(piece))
    for made in (text, text[: len(text) // 2] + "x" * (len(text) // 2), "x\n" + text + "\nx"):
        found = parse(made)
        if found is not None:
            assert sum(len(line.text) + lyrics.LINE_CHARS for line in found.lines) <= lyrics.ROOM_CHARS


@pytest.fixture
def song(shelf):
    """One track with a plain tag, and what is read of it."""
    path = shelf.track("Steam/Kettles/01 Kettle.flac", title="Kettle", artist="The Steam", lyrics="from the tag")
    shelf.scan()
    (number,) = shelf.titles().values()

    def read() -> list[tuple[bool, str]]:
        found = shelf.read(lyrics.sources, shelf.viewer, number)
        return [(each.synced, each.text) for each in lyrics.read(found)]

    read.path, read.number = path, number
    return read


def test_what_is_synced_comes_first_and_tags_before_files(song):
    assert song() == [(False, "from the tag")]
    song.path.with_suffix(".txt").write_text("from the text file")
    song.path.with_suffix(".lrc").write_bytes("[00:01.00]from the ‘lrc’".encode("utf-16"))
    assert song() == [(True, "from the ‘lrc’"), (False, "from the tag"), (False, "from the text file")]


def test_the_same_words_are_not_shown_twice_and_capitals_are_found(song):
    song.path.with_suffix(".TXT").write_text("from the tag\r\n")
    assert song() == [(False, "from the tag")]
    song.path.with_suffix(".LRC").write_text("[00:01.00]loud")
    assert song() == [(True, "loud"), (False, "from the tag")]


def test_a_file_that_is_none_or_too_large_is_passed_over(song, caplog):
    song.path.with_suffix(".lrc").mkdir()
    song.path.with_suffix(".txt").write_bytes(b"x" * (lyrics.FILE_BYTES + 1))
    assert song() == [(False, "from the tag")]
    assert "01 Kettle.txt" in caplog.text


def test_times_in_a_plain_tag_are_seen(shelf):
    shelf.track("a.flac", title="Timed", lyrics="[00:02.00]two\n[00:01.00]one")
    shelf.scan()
    found = shelf.read(lyrics.sources, shelf.viewer, shelf.titles()["Timed"])
    assert [each.lines for each in lyrics.read(found)] == [(Line("one", 1000), Line("two", 2000))]


def test_songs_of_others_have_no_lyrics(shelf, song):
    stranger = Viewer(2, "bob", frozenset(), ())
    with pytest.raises(NotFound):
        shelf.read(lyrics.sources, stranger, song.number)
    with pytest.raises(NotFound):
        shelf.read(lyrics.sources, shelf.viewer, 999)
    assert shelf.read(lyrics.named, stranger, "The Steam", "Kettle") == []


@pytest.fixture
def several(shelf):
    """Songs whose names are alike."""
    names = (("Kettle", "The Steam"), ("Kettle", "Zoë"), ("Kettle Song", "The Steam"), ("Kettle", "Ann feat. Zoë"))
    for title, artist in names:
        shelf.track(f"{artist}/{title}.mp3", title=title, artist=artist, album="Kettle")
    shelf.scan()
    return lambda artist, title: [
        (found.artist, found.title) for found in shelf.read(lyrics.named, shelf.viewer, artist, title)
    ]


def test_a_song_is_found_by_its_whole_title_and_a_singer(several):
    assert several("the steam", "KETTLE") == [("The Steam", "Kettle")]
    assert several("The Steam", "Kettle Song") == [("The Steam", "Kettle Song")]
    assert several("zoe", "Kettle") == [("Zoë", "Kettle"), ("Ann feat. Zoë", "Kettle")]
    assert len(several("", "Kettle")) == 3


def test_nothing_but_the_song_itself_will_do(several):
    for artist, title in (
        ("", ""), ("The Steam", ""), ("The Steam", "Kett"), ("Steam Engine", "Kettle"), ("Stea", "Kettle"), ("", "???"),
        ("x" * 100_000, "Kettle"), ("", "kettle " * 20_000), ("\0", "'\" OR 1"), ("*", "*Song*"),
    ):  # fmt: skip
        assert several(artist, title) == []
