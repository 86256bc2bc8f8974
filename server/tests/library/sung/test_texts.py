"""Texts in any format, and what files say in their tags."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mutagen import id3

from server.library.sung import Said, building, child, srt
from server.library.sung.layers import STORED_CHARS, stored, unpacked
from server.library.sung.texts import layers
from server.tests.library.sung.promises import keeps
from server.tests.library.sung.test_lrc import cues

SRT = "\ufeff1\r\n00:00:01,000 --> 00:00:02,500\r\n<i>Hello</i>\r\nworld\r\n\r\n2\r\n00:00:03,5 --> 00:00:04,000\r\nbye"
VTT = "WEBVTT\n\n00:01.000 --> 00:02.000 align:start\n<v Ann>Hello</v>\n\n00:03.000 --> 00:04.000\n\n"


def test_subtitles_are_lines_with_times():
    assert [(line.start_ms, line.text) for layer in layers(SRT) for line in layer.lines] == [
        (1000, "Hello world"), (3500, "bye")]  # fmt: skip
    assert [(line.start_ms, line.text) for layer in layers(VTT) for line in layer.lines] == [(1000, "Hello")]


def test_the_format_is_seen_in_the_text():
    assert layers('<tt><body><p begin="1">x</p></body></tt>')[0].synced
    assert layers("<3 is a heart")[0].lines == (("<3 is a heart", None),)
    assert layers("[00:01.00]x", "de")[0].lang == "de"
    assert layers("[la:fr]\n[00:01.00]x", "de")[0].lang == "fr"
    assert layers("x", "xxx")[0].lang == "und"


@given(
    st.lists(st.sampled_from(["1", "\n", "00:00:01,000", " --> ", "00:00:02,000", "x", "<i>", "{\\an8}"])).map("".join)
)
def test_any_subtitles_give_lyrics_or_nothing(text):
    for layer in srt.read(text):
        keeps(layer)


@given(st.text(max_size=200))
def test_any_text_gives_lyrics_that_may_be_sent(text):
    for layer in layers(text):
        keeps(layer)


@pytest.fixture
def tagged(shelf):
    """Write frames into an MP3 and return what the scan's child makes of it."""
    path = shelf.track("x.mp3", title="x")

    def read(*frames) -> list:
        held = id3.ID3(path)
        for frame in frames:
            held.add(frame)
        held.save(path)
        (found,) = child.read_many([(str(path), [])])
        return [unpacked(kind, content) for kind, content in Said(*found[:-1]).lyrics]

    return read


def sylt(text, **more) -> id3.SYLT:
    return id3.SYLT(**{"encoding": 1, "lang": "eng", "format": 2, "type": 1, "desc": "", "text": text} | more)


def test_frames_say_their_language_and_come_in_every_encoding(tagged):
    # "XXX" is what ID3v2.4 wants written where the language is not known (4.8).
    found = tagged(*[id3.USLT(encoding=e, lang=lang, desc=str(e), text=f"Grüße {e}")
                     for e, lang in enumerate(("deu", "XXX", "fra", "eng"))])  # fmt: skip
    assert {layer.text: layer.lang for layer in found} == {
        "Grüße 0": "deu", "Grüße 1": "und", "Grüße 2": "fra", "Grüße 3": "eng"}  # fmt: skip


def test_syllables_in_a_frame_become_words_whichever_side_the_break_is_on(tagged):
    for text in (
        [("Hel", 1000), ("lo ", 1500), ("you", 2000), ("\nBye", 3000)],
        [("Hel", 1000), ("lo ", 1500), ("you\n", 2000), ("Bye", 3000)],
    ):
        (found,) = tagged(sylt(text))
        assert [cues(line) for line in found.cue_lines] == [
            [("Hel", 1000, None), ("lo ", 1500, None), ("you", 2000, None)], [("Bye", 3000, None)]]  # fmt: skip
        assert [(line.text, line.start_ms) for line in found.lines] == [("Hello you", 1000), ("Bye", 3000)]


def test_a_line_for_each_time_is_no_words(tagged):
    (found,) = tagged(sylt([("One", 1500), ("Two", 61230)]))
    assert [tuple(line) for line in found.lines] == [("One", 1500), ("Two", 61230)]
    assert not found.cue_lines


def test_times_counted_in_frames_are_as_long_as_the_files_frames(tagged):
    (found,) = tagged(sylt([("One", 0), ("Two", 100)], format=1))
    assert [line.start_ms for line in found.lines] == [0, round(100 * 1152 * 1000 / 44100)]


def test_chords_and_events_are_no_lyrics(tagged):
    assert tagged(sylt([("Am", 1000)], type=5), sylt([("intro", 1000)], type=3, desc="x")) == []


def test_a_hundred_thousand_lines_stay_bounded():
    (found,) = layers(
        "".join([f"[{at // 60:02}:{at % 60:02}.00]<{at // 60:02}:{at % 60:02}.00>la\n" for at in range(100_000)])
    )
    keeps(found)
    assert len(found.lines) == len(found.cue_lines) == building.LINES
    assert sum(len(content) for _, content in stored([found] * 99)) <= STORED_CHARS
