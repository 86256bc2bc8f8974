"""How names are folded, sorted and taken apart into words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.library.names import fold, letter, sort_key, words


@pytest.mark.parametrize(("one", "other"), [
    ("Sigur Rós", "SIGUR ROS"), ("Björk", "bjork"), ("Straße", "STRASSE"), ("Ёлка", "елка"), ("ﬁn", "fin"),
    ("Beyonce\u0301", "Beyoncé"), ("ΣΊΣΥΦΟΣ", "σισυφος"), ("Đ", "đ"), ("ＡＢＣ", "abc"),
])  # fmt: skip
def test_case_and_diacritics_do_not_count(one, other):
    assert fold(one) == fold(other)


@pytest.mark.parametrize(("name", "key"), [
    ("The Beatles", "beatles"), ("Los Lobos", "lobos"), ("The The", "the"), ("The", "the"), ("Theatre", "theatre"),
    ("  A Band", "a band"), ("La", "la"), ("Éels", "eels"),
])  # fmt: skip
def test_leading_articles_do_not_count_in_an_order(name, key):
    assert sort_key(name) == key


@pytest.mark.parametrize(("text", "expected"), [
    ("Don't Stop", "dont stop"), ("AC/DC", "ac dc"), ("R.E.M.", "r e m"), ("Ágætis byrjun", "agaetis byrjun"),
    ("夜の音楽", "夜 の 音 楽"), ("Perfume ポリ", "perfume ホ リ"), ("", ""),
    ("!!!", ""), ("a_b-c", "a b c"), ("2+2=5", "2 2 5"), ("Røyksopp", "royksopp"), ("Cœur", "coeur"), ("Łona", "lona"),
    ("Ðrút Þór", "drut thor"), ("Işık", "isik"), ("Hawaiʻi", "hawaii"), ("ǾŒ", "ooe"),
])  # fmt: skip
def test_texts_become_words(text, expected):
    assert words(text) == expected


@pytest.mark.parametrize(("sort", "expected"), [
    ("aurora", "A"), ("élan", "É"), ("", "#"), ("2pac", "#"), ("любэ", "Л"), ("山田", "山"), ("!!!", "#"),
])  # fmt: skip
def test_the_index_goes_by_letter(sort, expected):
    assert letter(sort) == expected


@given(st.text(max_size=60))
def test_folding_twice_changes_nothing_and_words_are_plain(text):
    assert fold(fold(text)) == fold(text)
    found = words(text)
    assert found == " ".join(found.split(" ")) and not set(found) & set("'\"*()%\0")
    assert words(found) == found


@given(st.text(max_size=40), st.text(max_size=40))
def test_words_of_several_texts_are_those_of_each(one, other):
    assert words(one, other) == " ".join(part for part in (words(one), words(other)) if part)
