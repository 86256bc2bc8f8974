"""Words read as wishes, tracks told in captions, and both put in order without a database."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ai import captions, find, gloss, lexicon, overlay, traits
from ai.analyses import OK, Analysis, Value
from ai.captions import Tags
from ai.describe import voted


def heard(**values) -> Analysis:
    return Analysis(OK, "", {name: Value(value, 0.8, "ours") for name, value in values.items()})


def wished(query: str) -> dict[str, lexicon.Wish]:
    return {wish.trait: wish for wish in lexicon.read(query).wishes}


CALM = heard(energy=0.1, percussive=0.05, acousticness=0.9, tempo_bpm=70.0, key=9, mode="minor", metre=3, valence=0.2,
             relaxed=0.8, loudness_lufs=-25.0, centroid_hz=300.0, danceability=0.1)  # fmt: skip
LOUD = heard(energy=0.95, percussive=0.9, acousticness=0.1, tempo_bpm=172.0, key=0, mode="major", metre=4, valence=0.9,
             relaxed=0.1, loudness_lufs=-8.0, centroid_hz=2500.0, danceability=0.9)  # fmt: skip
EACH = [
    traits.packed(CALM, 1984, [gloss.of("Solo Piano")]), traits.packed(LOUD, 1999, [gloss.of("Techno")]),
    traits.packed(heard(speechiness=0.95, energy=0.4), 2010, [gloss.of("Audiobook")]), traits.packed(None),
]  # fmt: skip


@pytest.mark.parametrize(("query", "first"), [
    ("calm", 0), ("slow", 0), ("rainy piano", 0), ("not loud", 0), ("without drums", 0), ("in A minor", 0),
    ("a waltz", 0), ("80s", 0), ("from 1984", 0), ("eighties", 0), ("before 1990", 0), ("around 70 bpm", 0),
    ("around 140 bpm", 0), ("music without techno", 0), ("fast", 1), ("party", 1), ("1999", 1), ("170-175 bpm", 1),
    ("upbeat electronic with heavy bass", 1), ("dance music", 1), ("major key", 1), ("no piano, energetic", 1),
    ("someone reading an audiobook", 2), ("since 2005", 2), ("a podcast", 2),
])  # fmt: skip
def test_what_is_wished_for_comes_first(query, first):
    assert find.rank(query, EACH)[0] == first


def test_a_model_of_words_counts_more_than_the_lexicon_but_not_alone():
    assert find.rank("calm", EACH, [0.1, 0.9, 0.1, 0.1])[0] == 1
    assert find.rank("calm", EACH, [0.30, 0.31, 0.1, 0.1])[0] == 0
    assert find.rank("xyzzy", EACH, [0.1, 0.2, 0.3, 0.9])[0] == 3


def test_tempos_an_octave_off_count_a_little_less():
    fast, half, other = (traits.packed(heard(tempo_bpm=bpm)) for bpm in (174.0, 87.0, 120.0))
    assert find.rank("drum and bass at 174 bpm", [other, half, fast]) == [2, 1, 0]


def test_negations_turn_what_they_stand_before_and_nothing_else():
    drums, piano = wished("piano without any drums"), wished("no piano, drums")
    assert drums["percussive"].want == 0 and drums["acousticness"].want == 1
    assert piano["acousticness"].want == 0 and piano["percussive"].want == 1
    # "fast" is negated here, jazz is not.
    jazz = wished("not too fast jazz")
    assert jazz["genre"].table[gloss.of("jazz")] == 1 and jazz["tempo"].table[0] == 1


def test_names_are_what_the_lexicon_does_not_know():
    for query in ("slow songs like Nils Frahm", "like Nils Frahm, slow", "like Nils Frahm but slow"):
        read = lexicon.read(query)
        assert read.artist == "Nils Frahm" and read.rest == ("nils", "frahm")
    assert lexicon.read("calm piano for the night").rest == ()
    assert lexicon.read("").wishes == () and lexicon.read("🎉" * 4000).wishes == ()
    assert wished("in a minor key")["key"].table[21] == wished("in a minor key")["key"].table[12] == 1
    assert wished("in A minor")["key"].table[21] == 1 and wished("in A minor")["key"].table[12] == 0


def test_genres_are_known_by_their_names_and_by_what_they_are():
    assert gloss.of("Melodic Death Metal") == gloss.of("death metal") != gloss.of("metal")
    assert gloss.of("Zeuhl") is None and gloss.words("Zeuhl") == ""
    assert "8-bit video game music" in gloss.words("Chiptune")
    degrees = gloss.degrees("electronic")
    assert degrees[gloss.of("electronic")] == 1 > degrees[gloss.of("techno")] > 0
    assert gloss.of("rock") not in gloss.degrees("punk rock")
    assert len(gloss.ROWS) < traits.UNKNOWN


def test_captions_say_what_is_known_and_nothing_more():
    told = captions.caption(Tags(("Chiptune",), 1987, "Ada", "Live in the Rain", "Piano", ("Dreamy",)), CALM)
    for part in ("Chiptune music", "8-bit video game music", "dreamy", "from the 1980s", "very calm", "slow tempo",
                 "70 bpm", "no drums", "acoustic instruments", "waltz", "minor key", "sad", "piano live rain",
                 "by Ada"):  # fmt: skip
        assert part in told, part
    assert captions.caption(Tags(), None) == ""
    assert captions.caption(Tags(), heard(energy=0.9)) == (
        "very energetic, intense, powerful, loud, no steady beat, floating, atmospheric"
    )
    assert "person speaking" in captions.caption(Tags(), heard(speechiness=0.9, energy=0.2))
    assert "person speaking" not in captions.caption(Tags(("Rap",)), heard(speechiness=0.9, energy=0.2))


def test_moods_are_suggested_where_a_value_speaks_for_them():
    assert {each.name for each in overlay.moods(CALM)} == {"calm", "acoustic", "relaxed"}
    assert {each.name for each in overlay.moods(LOUD)} == {"energetic", "danceable"}
    assert overlay.moods(CALM._replace(state="silent")) == overlay.moods(heard()) == []


def test_neighbours_lend_a_genre_when_most_of_the_nearest_have_it():
    assert [(each.name, each.kind) for each in voted([["Jazz"], ["Jazz"], ["Rock"], ["Jazz"], ["Pop"]])] == [
        ("Jazz", "genre")
    ]
    assert voted([["Jazz"], ["Jazz"]]) == []
    assert voted([["A", "B"], ["C"], ["D"], ["E"], ["F"]])[0].confidence < 0.5


def test_columns_add_up_like_single_tracks():
    columns = traits.columns(enumerate(EACH * 50))
    wish = lexicon.read("calm").wishes[0]
    scores = traits.added([(columns.columns[wish.trait], wish.scores(columns))], 200)
    assert len(scores) == 200 and scores[0] == scores[4] == max(scores)
    counts = traits.Counter(scores)
    assert {at % 4 for at in traits.best(scores, counts, 50)} == {0}
    assert len(traits.best(scores, counts, 60)) == 60 and traits.best(b"", traits.Counter(), 5) == []
    assert traits.spread(counts) > 0 == traits.spread(traits.Counter())


WORDS = st.sampled_from((
    "no", "not", "without", "like", "sounds", "90", "00", "bpm", "1-999", "80s", "2000s", "1999", "before", "a",
    "minor", "c#", "drums", "rock", "&", "'", "the",
))  # fmt: skip


@settings(max_examples=150, deadline=None)
@example("00 bpm")
@given(st.one_of(st.text(max_size=600), st.lists(WORDS, max_size=30).map(" ".join)))
def test_anything_can_be_typed(query):
    order = find.rank(query, EACH)
    assert sorted(order) in ([], [0, 1, 2, 3])
    assert all(score >= 0 for wish in lexicon.read(query).wishes for score in wish.scores(traits.columns(())))
