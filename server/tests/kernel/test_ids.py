"""Ids on the wire: one for each row, not to be guessed from another, and nothing else is one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.kernel.errors import NotFound
from server.kernel.ids import LETTERS, PREFIXES, SPACE, Ids, new_key

KEYS = st.integers(0, SPACE // 2 - 1).map(lambda half: half * 2 + 1)


@given(KEYS, st.integers(0, SPACE - 1), st.sampled_from(PREFIXES))
def test_an_id_leads_back_to_its_row(key, number, prefix):
    ids = Ids(key)
    text = ids.text(prefix, number)
    assert ids.parse(text) == (prefix, number)
    assert ids.number(prefix, text) == number
    assert len(text) == 13 and set(text[3:]) <= set(LETTERS)


@given(st.text(max_size=30))
def test_any_text_is_an_id_or_not_found(text):
    ids = Ids(0x1D2B3A4F5E6D7)
    try:
        prefix, number = ids.parse(text)
    except NotFound:
        return
    assert ids.text(prefix, number) == text


def test_neighbours_have_nothing_in_common_and_databases_neither():
    ids, others = Ids(new_key()), Ids(new_key())
    texts = [ids.text("tr", number) for number in range(1, 1001)]
    assert len(set(texts)) == 1000
    assert not set(texts) & {others.text("tr", number) for number in range(1, 1001)}


@pytest.mark.parametrize("text", ["", "tr", "tr-", "17", "tr-17", "TR-7k2mf0c9xq", "tr-7K2MF0C9XQ", "xx-7k2mf0c9xq",
                                  "tr-7k2mf0c9xi", "tr-7k2mf0c9xqq", "tr_7k2mf0c9xq"])  # fmt: skip
def test_what_is_no_id_is_not_found(text):
    with pytest.raises(NotFound):
        Ids(0x1D2B3A4F5E6D7).parse(text)


def test_an_id_of_another_kind_is_not_found_and_among_many_nobodys():
    ids = Ids(0x1D2B3A4F5E6D7)
    with pytest.raises(NotFound):
        ids.number("al", ids.text("tr", 1))
    assert ids.numbers("tr", [ids.text("tr", 5), "nonsense", ids.text("al", 6)]) == [5, 0, 0]
