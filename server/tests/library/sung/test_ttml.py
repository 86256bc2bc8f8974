"""TTML as Apple writes it, and as nobody should."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.library.sung import ttml
from server.library.sung.texts import layers
from server.tests.library.sung.promises import keeps
from server.tests.library.sung.test_lrc import cues

APPLE = """<?xml version="1.0" encoding="UTF-16"?>
<tt xmlns="http://www.w3.org/ns/ttml" xmlns:ttm="http://www.w3.org/ns/ttml#metadata"
 xmlns:itunes="http://music.apple.com/lyric-ttml-internal" itunes:timing="Word" xml:lang="ja"><head><metadata>
<ttm:agent type="person" xml:id="v1"><ttm:name type="full">Ann</ttm:name></ttm:agent>
<ttm:agent type="group" xml:id="v2"/><iTunesMetadata><translations>
<translation type="subtitle" xml:lang="en-US"><text for="L1">You and I</text></translation>
</translations><transliterations><transliteration xml:lang="ja-Latn">
<text for="L1"><span begin="1.0" end="1.5">kimi</span>
 <span begin="1.5" end="2">to</span></text></transliteration></transliterations></iTunesMetadata></metadata></head>
<body dur="10"><div begin="1.0" end="5"><p begin="1.0" end="3.0" itunes:key="L1" ttm:agent="v1"><span begin="1.0"
 end="1.5">君</span><span begin="1.5" end="2">と</span><span ttm:role="x-bg"><span begin="2.5"
 end="3.5">(ああ)</span></span>
</p><p begin="4.0" end="5.0" itunes:key="L2" ttm:agent="v2">all of us</p></div></body></tt>"""


def test_apples_lyrics_have_singers_a_choir_a_translation_and_a_pronunciation():
    main, translation, pronunciation = layers(APPLE)
    assert [(agent.id, agent.role, agent.name) for agent in main.agents] == [
        ("v1", "main", "Ann"), ("bg", "bg", ""), ("v2", "group", "")]  # fmt: skip
    assert [(line.start_ms, line.text) for line in main.lines] == [(1000, "君と (ああ)"), (4000, "all of us")]
    assert [(line.index, line.agent, cues(line)) for line in main.cue_lines] == [
        (0, "v1", [("君", 1000, 1500), ("と", 1500, 2000)]), (0, "bg", [("(ああ)", 2500, 3500)]),
        (1, "v2", [("all of us", 4000, 5000)]),
    ]  # fmt: skip
    assert (main.lang, main.kind) == ("ja", "main")
    assert (translation.kind, translation.lang, translation.text) == ("translation", "en", "You and I")
    assert translation.lines[0].start_ms == 1000 and not translation.cue_lines
    assert (pronunciation.kind, cues(pronunciation.cue_lines[0])) == (
        "pronunciation", [("kimi ", 1000, 1500), ("to", 1500, 2000)])  # fmt: skip
    for layer in (main, translation, pronunciation):
        keeps(layer)


def test_translations_inside_the_line_are_layers_of_their_own():
    text = (
        '<tt xmlns:ttm="m"><body><p begin="1s"><span begin="1s">Hola</span><span ttm:role="x-translation"'
        ' xml:lang="en">Hello</span></p></body></tt>'
    )
    main, translation = layers(text)
    assert (main.text, translation.text, translation.lang, translation.kind) == ("Hola", "Hello", "en", "translation")


def test_lines_without_times_are_plain_words():
    (found,) = layers('<tt xml:lang="en"><body><div><p>One<br/>half</p><p>Two</p></div></body></tt>')
    assert (found.synced, found.text) == (False, "One half\nTwo")


@pytest.mark.parametrize(
    ("said", "ms"),
    [("12.5", 12500), ("1:02.34", 62340), ("01:00:01.5", 3601500), ("12.5s", 12500), ("500ms", 500), ("2m", 120000),
     ("15f", 500), ("20t", 2000), ("-5", None), ("soon", None), ("", None)],
)  # fmt: skip
def test_times_are_read_in_every_spelling(said, ms):
    found = ttml.read(f'<tt xmlns:p="p" p:tickRate="10"><body><p begin="{said}">x</p></body></tt>')
    assert found[0].lines[0].start_ms == ms


BOMB = '<!DOCTYPE tt [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><tt><body><p begin="1">&b;</p></body></tt>'


@pytest.mark.parametrize(
    "text",
    [BOMB, '<!DOCTYPE tt SYSTEM "file:///etc/passwd"><tt/>', "<tt>", "<tt><body><p>&x;</p></body></tt>",
     "<tt></p></tt>", "<tt>" + "<div>" * 100 + "</div>" * 100 + "</tt>", "<tt><body/></tt>", "<tt>\ud800</tt>",
     "<tt><p>\0</p></tt>"],
)  # fmt: skip
def test_what_is_no_harmless_ttml_is_no_lyrics(text):
    assert ttml.read(text) == []


TAGS = st.sampled_from(
    ["<p>", "</p>", "<span>", "</span>", '<span begin="1">', '<span begin="5" end="2">', '<p begin="3" end="1">',
     "<br/>", '<span role="x-bg">', '<span role="x-translation">', "<div>", "</div>", "la", " ", '<text for="L1">',
     "</text>",
     '<p key="L1" agent="v1">', "<translation>", "</translation>", '<agent id="v1">', "</agent>", "木"]
)  # fmt: skip


@given(st.lists(TAGS, max_size=40).map("".join))
def test_any_elements_give_lyrics_or_nothing(text):
    opened, whole = [], ""
    for piece in text.replace("><", ">\0<").replace("</", "\0</").split("\0"):
        name = piece[2:].partition(">")[0] if piece[:2] == "</" else ""
        if name and (not opened or opened.pop() != name):
            break
        if piece[:1] == "<" and not name and "/>" not in piece:
            opened.append(piece[1:].partition(" ")[0].partition(">")[0])
        whole += piece
    for end in ("", "".join(f"</{name}>" for name in reversed(opened))):
        for layer in ttml.read(f"<tt>{whole}{end}</tt>"):
            keeps(layer)


@pytest.mark.parametrize(
    "piece",
    ['<p begin="1"><span begin="1">x</span></p>', "<p/>", '<span begin="1">', "x", "<p>x", "&#65;", '<text for="a">'],
)
def test_a_megabyte_of_anything_stays_bounded(piece):
    for layer in ttml.read(f"<tt><body>{piece * (1024 * 1024 // len(piece))}</body></tt>"):
        keeps(layer)
