"""The corpus: what is composed is what its truth says, and a seed composes the same everywhere."""

import hashlib
import struct

import pytest

from ai.corpus import FULL, PITCHES, SMALL, midi, planned, rendering, scores
from ai.corpus.midi import DRUMS, Note, Voice
from ai.corpus.rendering import levelled, remastered
from ai.corpus.scores import ARTISTS, BEATS, SCALES
from ai.corpus.styles import STYLES
from ai.tests.sounds import noise

NAMES = [style.name for style in STYLES]


def test_there_are_fifteen_styles_of_every_kind():
    assert len(set(NAMES)) == 15 and len({style.genre for style in STYLES}) == 15
    assert {style.metre for style in STYLES} == set(BEATS) and sum(not style.steady for style in STYLES) == 1


@pytest.mark.parametrize("style", STYLES, ids=NAMES)
def test_every_pattern_fills_its_bars_evenly(style):
    patterns = [pattern for part in style.parts for pattern in part.patterns]
    patterns += [pattern for voice in style.drums.values() for pattern in voice] + [style.fill] * bool(style.fill)
    for bar in (bar for pattern in patterns for bar in pattern.split("|")):
        assert set(bar) <= set(".-xXovm0123456789") and len(bar) % BEATS[style.metre] == 0, bar


@pytest.mark.parametrize("style", STYLES, ids=NAMES)
@pytest.mark.parametrize("number", range(4))
def test_a_song_is_in_its_key_and_ends_with_its_tonic(style, number):
    song = planned(style, number, 1, FULL)
    voices, notes = scores.compose(song)
    scale = {(song.tonic + step) % 12 for step in SCALES[song.mode]} | {(song.tonic + 11) % 12}
    tones = [note for note in notes if note.channel != DRUMS]
    assert {note.pitch % 12 for note in tones} <= scale
    assert {note.channel for note in notes} <= set(voices) and all(16 <= note.pitch <= 108 for note in tones)
    assert style.bpm[0] <= song.bpm <= style.bpm[1] and (DRUMS in voices) == bool(style.drums)
    last = [note for note in tones if note.at >= (song.bars - 1) * BEATS[style.metre]]
    assert song.tonic in {note.pitch % 12 for note in last}


def test_songs_of_a_style_differ_in_key_and_tempo_and_have_two_artists():
    for style in STYLES:
        songs = [planned(style, number, 1, FULL) for number in range(FULL.per_style)]
        assert len({song.tonic for song in songs}) == len({song.bpm for song in songs}) == FULL.per_style
        assert [song.artist for song in songs] == [number % ARTISTS for number in range(FULL.per_style)]


def test_a_seed_composes_the_same_everywhere_and_another_something_else():
    def digest(seed: int) -> str:
        songs = [planned(style, 0, seed, SMALL) for style in STYLES]
        whole = b"".join(midi.file(song.bpm, *scores.compose(song)) for song in songs)
        return hashlib.sha256(whole).hexdigest()

    assert digest(1) == digest(1) != digest(2)


def test_a_midi_file_says_its_tempo_its_voices_and_its_notes():
    whole = midi.file(120, {0: Voice(40, 20)}, [Note(0, 1, 0, 60, 100), Note(300, 0.5, 0, 200, 0)])
    assert whole[:14] == b"MThd" + struct.pack(">IHHH", 6, 0, 1, midi.TICKS)
    assert struct.unpack(">I", whole[18:22])[0] == len(whole) - 22
    assert b"\xff\x51\x03\x07\xa1\x20" in whole and b"\xc0\x28" in whole and b"\xb0\x0a\x14" in whole
    # 299 beats after the first note's end: a number of three bytes. Pitch and velocity are brought within bounds.
    assert b"\x90\x3c\x64" in whole and b"\x88\xe1\x20\x90\x7f\x01" in whole and whole.endswith(b"\xff\x2f\x00")


def test_levels_are_what_was_asked_and_nothing_clips():
    loud, told_db = levelled(noise(2)[:, None].repeat(2, axis=1), -20)
    assert told_db == pytest.approx(-20, abs=0.1)
    hot, hot_db = levelled(loud, -3)
    assert abs(hot).max() < 1 and -7 < hot_db < -3
    assert len(remastered(loud)) == len(loud) - 22_050


def test_pitches_have_names():
    assert PITCHES[0] == "C" and PITCHES[9] == "A" and len(PITCHES) == 12


def test_the_small_corpus_takes_the_smallest_soundfont_and_the_full_one_the_best(monkeypatch, tmp_path):
    best, smallest = tmp_path / "best.sf2", tmp_path / "smallest.sf2"
    monkeypatch.setattr(rendering, "SOUNDFONTS", (str(tmp_path / "absent.sf2"), str(best), str(smallest)))
    best.touch()
    assert rendering.soundfont() == rendering.soundfont(small=True) == str(best)
    smallest.touch()
    assert rendering.soundfont() == str(best) and rendering.soundfont(small=True) == str(smallest)
