"""Reasons in words: true ones, said only of what is known, and never none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ai import explain
from ai.analyses import OK, Analysis, Value
from ai.explain import UNTAGGED, Tags, reasons


def one(sure: float = 0.9, **values) -> Analysis:
    return Analysis(OK, "", {name: Value(value, sure, "ours") for name, value in values.items()})


@pytest.mark.parametrize(
    ("a", "b", "said"),
    [
        (124, 124, "same tempo 124"), (124.3, 123.9, "same tempo 124"), (120, 121, "same tempo 121"),
        (120, 123, "nearly the same tempo 120→123"), (120, 127, ""), (87, 174, "twice the tempo 87→174"),
        (174, 87.5, "half the tempo 174→88"), (87, 180, ""), (60, 240, ""), (None, 120, ""), (0, 120, ""),
    ],
)  # fmt: skip
def test_tempi_are_compared_in_whichever_octave(a, b, said):
    assert explain.tempo(one(tempo_bpm=a), one(tempo_bpm=b)) == said


@pytest.mark.parametrize(
    ("a", "b", "said"),
    [
        ("8A", "8A", "same key 8A"), ("8A", "9A", "neighbouring key 8A→9A"), ("12B", "1B", "neighbouring key 12B→1B"),
        ("1A", "12A", "neighbouring key 1A→12A"), ("8A", "8B", "relative key 8A→8B"), ("8A", "9B", ""),
        ("8A", "10A", ""), (None, "8A", ""),
    ],
)  # fmt: skip
def test_keys_are_compared_on_the_wheel(a, b, said):
    assert explain.key(one(camelot=a), one(camelot=b)) == said


@pytest.mark.parametrize(
    ("a", "b", "said"),
    [
        ({"relaxed": 0.8, "happy": 0.3}, {"relaxed": 0.7, "sad": 0.6}, "same mood: relaxed"),
        ({"relaxed": 0.8}, {"happy": 0.9}, ""), ({"relaxed": 0.4}, {"relaxed": 0.4}, ""),
        ({"sad": 0.7, "relaxed": 0.69}, {"sad": 0.7}, ""), ({}, {"sad": 0.7}, ""), ({}, {}, ""),
    ],
)  # fmt: skip
def test_a_mood_is_said_when_it_stands_out_in_both(a, b, said):
    assert explain.mood(one(**a), one(**b)) == said


@pytest.mark.parametrize(
    ("name", "a", "b", "said"),
    [
        ("energy", 0.9, 0.7, "both full of energy"), ("energy", 0.1, 0.3, "both calm"), ("energy", 0.5, 0.9, None),
        ("acousticness", 0.8, 0.7, "both acoustic"), ("acousticness", 0.1, 0.1, None),
        ("speechiness", 0.9, 0.9, "both spoken"), ("danceability", 0.7, 0.8, "both danceable"),
        ("metre", 3, 3, "both in 3/4"), ("metre", 6, 6, "both in 6/8"), ("metre", 4, 4, None), ("metre", 3, 6, None),
    ],
)  # fmt: skip
def test_what_both_are_is_said_of_both(name, a, b, said):
    found = reasons(one(**{name: a}), one(**{name: b}), alike={"tonal": 2.0})
    assert found == ((said,) if said else ("most alike in harmony",))


def test_what_is_not_sure_is_not_said():
    unsure = one(0.1, tempo_bpm=124, camelot="8A", energy=0.9, relaxed=0.9, metre=3)
    assert reasons(unsure, unsure) == ("chosen without knowing its sound",)
    assert reasons(one(camelot="8A"), unsure, closeness=0.8) == ("close in sound as a whole",)
    assert reasons(None, None, closeness=0.2) == ("among the nearest in sound",)


def test_blocks_are_named_when_they_are_near_and_drums_when_there_are_some():
    drummed = one(percussive=0.8)
    alike = {"rhythm": 0.4, "tonal": 0.9, "timbre": 1.2, "unheard of": 0.1}
    assert reasons(None, None, alike=alike) == ("similar rhythm", "similar harmony")
    assert reasons(drummed, drummed, alike=alike) == ("similar drums", "similar harmony")
    assert reasons(drummed, one(percussive=0.2), alike=alike)[0] == "similar rhythm"


@pytest.mark.parametrize(
    ("a", "b", "said"),
    [
        (Tags(year=1997), Tags(year=1997), ("also from 1997",)),
        (Tags(year=1996), Tags(year=1998), ("from the same years, 1996 and 1998",)),
        (Tags(year=1990), Tags(year=1997), ()), (UNTAGGED, UNTAGGED, ()), (Tags(year=0), Tags(year=1), ()),
        (Tags("Kett", genres=("Folk", "Rock")), Tags("Kett", genres=("Rock",)), ("also by Kett", "also Rock")),
        (Tags(genres=("Folk",)), Tags(genres=("Rock",)), ()),
    ],
)  # fmt: skip
def test_tags_in_common_are_reasons(a, b, said):
    assert tuple(explain.by_tags(a, b)) == said


def test_the_sentence_of_the_readme():
    a = one(tempo_bpm=124, camelot="8A", percussive=0.7, relaxed=0.8)
    b = one(tempo_bpm=124, camelot="9A", percussive=0.7, relaxed=0.7)
    found = reasons(a, b, Tags(year=1997), Tags(year=1997), {"rhythm": 0.5})
    assert found == ("same tempo 124", "neighbouring key 8A→9A", "similar drums", "same mood: relaxed")


VALUES = st.fixed_dictionaries({}, optional={
    "tempo_bpm": st.floats(1, 300), "camelot": st.sampled_from([f"{at}{side}" for at in range(1, 13) for side in "AB"]),
    "energy": st.floats(0, 1), "relaxed": st.floats(0, 1), "sad": st.floats(0, 1), "metre": st.sampled_from([3, 4, 6]),
    "percussive": st.floats(0, 1),
})  # fmt: skip
TAGS = st.builds(Tags, st.sampled_from(["", "Kett"]), st.integers(0, 2030), st.sampled_from([(), ("Folk",)]))
ALIKE = st.dictionaries(st.sampled_from([*explain.BLOCKS, "other"]), st.floats(0, 5))


@given(VALUES, VALUES, TAGS, TAGS, ALIKE, st.floats(0, 1), st.floats(0, 1))
def test_there_is_always_a_reason_and_it_never_depends_on_the_direction(a, b, tags_a, tags_b, alike, near, sure):
    there = reasons(one(sure, **a), one(sure, **b), tags_a, tags_b, alike, near)
    back = reasons(one(sure, **b), one(sure, **a), tags_b, tags_a, alike, near)
    assert 1 <= len(there) == len(back) <= explain.MOST
    assert all(there) and len(set(there)) == len(there)
