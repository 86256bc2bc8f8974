"""LRC as people write it, and as nobody should."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.library.sung import building, lrc
from server.library.sung.layers import Line, packed, unpacked
from server.library.sung.texts import decode
from server.tests.library.sung.promises import keeps


def parse(text: str):
    """Return the one layer that LRC is, None for no lyrics."""
    found = lrc.read(text)
    assert len(found) < 2
    return found[0] if found else None


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
    return [(line.start_ms, line.text) for layer in lrc.read(text) for line in layer.lines]


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
     "v1:", "F:", "[bg:",
     "[0:1]", "<0:1>", "[offset:", "[ar:", "[la:", "[#:]", "-", "words", "木"]
)  # fmt: skip


@given(st.one_of(st.text(), st.lists(PIECES, max_size=60).map("".join)))
def test_any_text_gives_lines_or_nothing(text):
    found = parse(text)
    if found is not None:
        keeps(found)
        assert unpacked(found.kind, packed(found)) == found


@given(st.binary())
def test_any_bytes_are_some_text(data):
    assert isinstance(decode(data), str)


@pytest.mark.parametrize(
    "piece",
    ["[", "]", "[[", "[]", "<", " [", "[ ", "[0", "[0:", "[00:0", "[0:0]", "[0:0] ", "<0:0>", "[0:0]<0:0>", "[a:",
     "[ar:]", "\n", " ", "\t\n", "[0:0]\n", "[0:0]x\n", "x\n", "[0:0:0:0", "[ar:]\n", "1", "[0:0]" * 9 + "words\n"],
)  # fmt: skip
def test_a_quarter_of_a_megabyte_of_anything_never_grows_much(piece):
    text = piece * (256 * 1024 // len(piece))
    for made in (text, text[: len(text) // 2] + "x" * (len(text) // 2), "x\n" + text + "\nx"):
        found = parse(made)
        if found is not None:
            assert sum(len(line.text) + building.LINE_CHARS for line in found.lines) <= building.ROOM_CHARS


def cues(line) -> list[tuple]:
    text = line.text.encode()
    return [(text[c.first_byte : c.last_byte + 1].decode(), c.start_ms, c.end_ms) for c in line.cues]


def test_words_have_their_times_and_bytes():
    (line,) = parse("[00:05.00] <00:05.00>Här <00:06.00> 木と<00:07.10> easy").cue_lines
    assert (line.index, line.text, line.agent) == (0, "Här 木と easy", "")
    assert cues(line) == [("Här ", 5000, None), ("木と ", 6000, None), ("easy", 7100, None)]
    assert (line.cues[1].first_byte, line.cues[1].last_byte) == (5, 11)


def test_a_stamp_behind_the_last_word_gives_all_words_an_end():
    (line,) = parse("[00:05.00]<00:05.00>One <00:06.00>two<00:07.00>").cue_lines
    assert cues(line) == [("One ", 5000, 6000), ("two", 6000, 7000)]
    assert line.end_ms == 7000


def test_a_pause_ends_the_word_before_it_and_a_missing_end_is_that_of_the_line():
    first, _ = parse("[00:05.00]<00:05.00>One<00:05.50> <00:06.00>two\n[00:09.00]<00:09.00>x").cue_lines
    assert cues(first) == [("One ", 5000, 5500), ("two", 6000, 9000)]


def test_the_words_of_a_line_sung_twice_move_with_it():
    first, second = parse("[00:01.00][00:21.00]<00:01.00>La <00:02.00>la").cue_lines
    assert cues(second) == [("La ", 21000, None), ("la", 22000, None)]
    assert cues(first)[1] == ("la", 2000, None)


def test_times_that_run_backwards_are_put_in_order():
    (line,) = parse("[00:05.00]<00:08.00>One <00:06.00>two <00:09.00>").cue_lines
    assert cues(line) == [("One ", 8000, 8000), ("two", 8000, 9000)]


def test_two_singers_and_a_choir_behind_them_are_told_apart():
    found = parse("[00:01.00]v1: <00:01.00>You <00:02.00>go\n[00:03.00]v2: <00:03.00>I stay\n[bg: <00:03.50>(stay)]")
    assert [(agent.id, agent.role) for agent in found.agents] == [("v1", "main"), ("v2", "voice"), ("bg", "bg")]
    assert [(line.index, line.agent, line.text) for line in found.cue_lines] == [
        (0, "v1", "You go"), (1, "v2", "I stay"), (1, "bg", "(stay)")]  # fmt: skip
    assert [line.text for line in found.lines] == ["You go", "I stay (stay)"]


def test_her_him_and_both_sing_until_another_is_named():
    found = parse("[00:01.00]F: Hello\n[00:02.00]there\n[00:03.00]M: Hi\n[00:04.00]D: La")
    assert [(line.agent, line.text) for line in found.cue_lines] == [
        ("F", "Hello"), ("F", "there"), ("M", "Hi"), ("D", "La")]  # fmt: skip
    assert [(agent.name, agent.role) for agent in found.agents] == [
        ("Female", "main"), ("Male", "voice"), ("Duet", "group")]  # fmt: skip


def test_one_who_sings_alone_needs_no_agents():
    found = parse("[00:01.00]v1: <00:01.00>You\n[00:02.00]v1: plain")
    assert not found.agents and [line.agent for line in found.cue_lines] == [""]
