"""Titles in a stream: wherever the bytes are cut, in whatever writing, and never more than can be shown."""

import pytest

from server.stream import icy


def block(text: bytes) -> bytes:
    units = -(-len(text) // 16)
    return bytes([units]) + text.ljust(units * 16, b"\0")


def title(text: str, encoding="utf-8") -> bytes:
    return block(f"StreamTitle='{text}';StreamUrl='';".encode(encoding))


@pytest.mark.parametrize("size", [1, 2, 7, 16, 1000])
def test_sound_and_titles_come_apart_wherever_the_bytes_are_cut(size):
    sound = bytes(range(256))
    stream = sound[:100] + title("One") + sound[100:200] + b"\0" + sound[200:] + b"x" * 44 + title("Two") + b"end"
    splitter, heard, titles = icy.Splitter(100), b"", []
    for at in range(0, len(stream), size):
        heard += splitter.feed(stream[at : at + size])
        if splitter.title not in (None, *titles):
            titles.append(splitter.title)
    assert heard == sound + b"x" * 44 + b"end"
    assert titles[-1] == "Two" and splitter.blocks == 3
    assert titles == ["One", "Two"] or size == 1000


def test_a_stream_without_titles_goes_through():
    splitter = icy.Splitter(0)
    assert splitter.feed(b"abc") == b"abc" and splitter.title is None


@pytest.mark.parametrize(("told", "expected"), [
    ("Air - La Femme d'Argent", "Air - La Femme d'Argent"),
    ("It's; 'quoted'; and more", "It's; 'quoted'; and more"),
    ("", ""),
    ("  two\r\n lines\x1b[31m ", "two lines [31m"),
    ("x" * 1000, "x" * 300),
])  # fmt: skip
def test_a_title_is_read_as_it_was_meant(told, expected):
    assert icy.title(title(told)[1:]) == expected


def test_a_title_is_read_in_every_writing():
    assert icy.title("StreamTitle='Björk – Jóga';".encode()) == "Björk – Jóga"
    assert icy.title("StreamTitle='Björk – Jóga';".encode("cp1252")) == "Björk – Jóga"
    assert icy.title(b"StreamTitle='\x81\xe9';") == "é"


@pytest.mark.parametrize(("data", "expected"), [
    (b"StreamTitle='broken off", "broken off"), (b"StreamTitle='no end'", "no end"),
    (b"StreamUrl='x';StreamTitle='second';", "second"), (b"StreamTitle='a';StreamUrl='it';s'", "a"),
])  # fmt: skip
def test_a_block_that_is_not_quite_right_is_read_as_far_as_it_goes(data, expected):
    assert icy.title(data) == expected


@pytest.mark.parametrize(
    "data", [b"", b"\0" * 4080, bytes(range(256)) * 15, b"';" * 2040, b"StreamTitle=", b"=" * 4080]
)
def test_a_block_of_anything_tells_nothing(data):
    assert icy.title(data) is None


def test_sound_that_was_taken_for_titles_does_no_harm():
    splitter, noise = icy.Splitter(16), bytes(range(1, 256)) * 400
    assert len(splitter.feed(noise)) < len(noise) and splitter.title is None


@pytest.mark.parametrize(("header", "expected"), [
    (None, 0), ("", 0), ("0", 0), ("16000", 16000), (" 8192 ", 8192), ("-1", 0), ("1e9", 0), ("²", 0), ("9" * 400, 0),
    ("16777216", 1 << 24), ("16777217", 0),
])  # fmt: skip
def test_an_interval_that_cannot_be_is_none(header, expected):
    assert icy.interval(header) == expected
