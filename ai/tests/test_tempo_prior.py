"""The octave of a tempo, as far as its genre tags speak for one."""

import pytest

from ai.tempo_prior import octave


@pytest.mark.parametrize(("bpm", "genre", "meant"), [
    (87, "Drum and Bass", 174), (87, "Drum & Bass", 174), (87, "DnB", 174), (174, "Drum n Bass", 174),
    (148, "Reggae", 74), (95, "Reggaeton", 95), (64, "House", 128), (86, "Thrash Metal", 172), (180, "Hip-Hop", 90),
    (150, "Ambient", 75), (70, "Dubstep", 140), (100, "Swing", 200), (154, "Classical Piano", 77), (97, "Jazz", 97),
])  # fmt: skip
def test_a_genre_says_which_octave_is_meant(bpm, genre, meant):
    assert octave(bpm, [genre]) == meant


def test_without_a_known_genre_a_tempo_stays():
    assert octave(87, []) == octave(87, ["Favourites", "Gnawa"]) == 87


def test_a_tempo_that_fits_in_no_octave_stays_or_takes_another_reading():
    assert octave(118, ["Drum and Bass"]) == 118
    assert octave(118, ["Drum and Bass"], [88.5, 59]) == 177


def test_the_narrower_word_counts():
    assert octave(86, ["Metal", "Drum and Bass"]) == 172
    assert octave(75, ["Dub Reggae"]) == 75
