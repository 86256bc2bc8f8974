"""The octave of a tempo, as far as its genre tags speak for one."""

import pytest

from ai import analyses
from ai.analyses import OK, Analysis, Value
from ai.tempo_prior import meant, octave


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


def test_the_values_of_an_analysis_say_that_the_tags_told_the_octave():
    heard = {"tempo_bpm": Value(87.0, 0.8, "ours"), "tempo_alternates": Value([174.2, 58.0], 0.8, "ours")}
    told = meant(heard, ["Drum and Bass"])
    assert told["tempo_bpm"] == Value(174.0, 0.8, "tags") and told["tempo_alternates"].value == [87.0, 58.0]
    assert meant(heard, ["Reggae"]) == meant(heard, []) == heard and meant({}, ["Reggae"]) == {}


def test_whoever_reads_an_analysis_gets_the_octave_of_the_tags(library, viewer):
    with library.db.writing() as conn:
        track, genre, audio_hash = conn.row(
            "SELECT t.id, g.genre_id, t.audio_hash FROM track t JOIN track_genre g ON g.track_id = t.id LIMIT 1")
        conn.run("UPDATE genre SET name = 'Drum & Bass' WHERE id = :genre", genre=genre)
        analyses.put(conn, audio_hash, 1, Analysis(OK, "", {"tempo_bpm": Value(88.0, 0.9, "ours")}), None, None, 1)
    with library.db.reading() as conn:
        assert analyses.of(conn, viewer, [track])[track].values["tempo_bpm"] == Value(176.0, 0.9, "tags")
