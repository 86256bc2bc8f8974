"""The measures themselves: what is right, what is half right, and what a table says of it."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from ai.analyses import OK, Value
from ai.corpus import Truth
from ai.corpus.styles import STYLES
from ai.quality import bliss, gates, heard, measure, scores
from ai.quality.heard import Heard
from ai.quality.search import WISHES
from ai.tests.sounds import chords, clicks, write_wav


def test_a_tempo_is_right_within_4_percent_and_in_the_looser_measure_in_any_octave():
    assert scores.tempo_right(124, 120) and not scores.tempo_right(126, 120)
    assert not scores.tempo_right(60, 120) and scores.tempo_right(60, 120, True) and scores.tempo_right(40, 120, True)
    assert not scores.tempo_right(90, 120, True) and not scores.tempo_right(None, 120, True)


@pytest.mark.parametrize(("said", "score"), [
    ((0, "major"), 1), ((7, "major"), 0.5), ((5, "major"), 0.5), ((9, "minor"), 0.3), ((0, "minor"), 0.2),
    ((2, "major"), 0), ((3, "minor"), 0), (None, 0),
])  # fmt: skip
def test_a_key_is_scored_as_mirex_does(said, score):
    assert scores.key_score(said, (0, "major")) == score


def test_the_relative_of_a_minor_key_is_its_major():
    assert scores.key_score((0, "major"), (9, "minor")) == 0.3


def test_orders_that_agree_correlate_whatever_their_scale():
    assert scores.correlation([1, 2, 3, 4], [10, 200, 201, 900]) == pytest.approx(1)
    assert scores.correlation([1, 2, 3, 4], [4, 3, 2, 1]) == pytest.approx(-1)


def test_separation_is_the_chance_that_the_wanted_has_more():
    assert scores.separation([1, 2, 3, 4], [False, False, True, True]) == 1
    assert scores.separation([4, 3, 2, 1], [False, False, True, True]) == 0
    assert scores.separation([1, 1, 1, 1], [False, True, False, True]) == 0.5


def test_neighbours_are_counted_without_oneself_and_without_the_barred():
    vectors = np.array([[0.0], [0.1], [0.2], [5.0], [5.1], [5.2]])
    distances, groups = scores.apart(vectors), ["a", "a", "a", "b", "b", "b"]
    assert scores.precision(distances, groups, 2) == 1
    assert scores.precision(distances, groups, 3) == pytest.approx(2 / 3)
    artists = [1, 1, 2, 3, 3, 4]
    assert scores.precision(distances, groups, 1, artists) == 1
    assert scores.occurrences(distances, 1).tolist() == [1, 2, 0, 1, 2, 0]


def test_every_gate_has_four_ways_and_a_missed_one_is_told():
    assert all(len(each) == 4 for each in (*gates.LEAST.values(), *gates.MOST.values()))
    found = {"key MIREX": 0.5, "memory, MB": 200.0, "tempo Acc1": float("nan")}
    rows = gates.table(found, small=False, essentia=True)
    assert [(row.name, row.passed) for row in rows] == [
        ("tempo Acc1", False), ("key MIREX", False), ("memory, MB", True)]  # fmt: skip
    said = []
    assert not gates.show(rows, said.append)
    assert "NO" in said[1] and "yes" in said[3] and gates.show(rows[2:], said.append)
    assert gates.table({"tempo Acc1": 0.1}, small=True, essentia=False)[0].passed


def test_the_yardstick_has_23_finite_numbers(tmp_path):
    raw = np.array([
        bliss.listen({"path": str(write_wav(tmp_path / f"{tonic}.wav", chords(tonic, "major") + clicks(110, 4.8)))})
        for tonic in (0, 5, 9)
    ])  # fmt: skip
    assert raw.shape == (3, 23) and np.isfinite(raw).all()
    assert bliss.scaled(raw, True).shape == bliss.scaled(raw, False).shape == (3, 23)


def test_a_corpus_in_a_folder_named_from_here_is_heard_by_children_elsewhere(tmp_path, monkeypatch):
    write_wav(tmp_path / "song.wav", chords(0, "major") + clicks(110, 4.8))
    monkeypatch.chdir(tmp_path)
    song = SimpleNamespace(file="song.wav", copies=())
    assert heard.corpus(Path(), [song], False, 1)["song.wav"].state == OK
    assert heard.bliss(Path(), [song], 1).shape == (1, 23)


def test_there_are_twenty_wishes():
    assert len({wish for wish, _ in WISHES}) == 20


def truths() -> list[Truth]:
    return [
        Truth(f"{style.name}{number}", f"{style.name}{number}.flac", style.name, style.genre, f"{style.name} {number}",
              "", 2000, sum(style.bpm) / 2 + number, style.steady, style.metre, 5 * number, "minor",
              -10.0 - at - number / 9, style.energy + at / 1e3 + number / 1e4, style.valence, style.danceable,
              style.acoustic, bool(style.drums), False, style.words,
              (("lossy", f"{style.name}.mp3"),) if number == 0 else ())
        for at, style in enumerate(STYLES) for number in range(2)
    ] + [Truth("r", "r.flac", "speech", "Spoken Word", "R", "", 2000, None, False, None, None, None, -40.0, 0.01, 0.5,
               False, True, False, True, "", ())]  # fmt: skip


def perfect(truth: Truth, seed: int) -> Heard:
    """Return what one would say who knows."""
    told = {"loudness_lufs": truth.level_db, "energy": truth.energy, "danceability": float(truth.danceable),
            "acousticness": float(truth.acoustic), "percussive": float(truth.drums),
            "speechiness": float(truth.speech)}  # fmt: skip
    if truth.steady:
        told |= {"tempo_bpm": truth.tempo_bpm, "metre": {"4/4": 4, "3/4": 3, "6/8": 6}[truth.metre]}
    if truth.key is not None:
        told |= {"key": truth.key, "mode": truth.mode}
    words = np.random.default_rng(seed).integers(0, 2**32, 200, np.uint32)
    blocks = np.random.default_rng(seed).normal(size=149) * 0.1
    blocks += np.random.default_rng(list(truth.style.encode())).normal(size=149)
    return Heard(OK, {name: Value(value, 1.0, "ours") for name, value in told.items()}, blocks, words, 1)


def test_who_knows_everything_reaches_everything():
    known = truths()
    heard = {truth.file: perfect(truth, at) for at, truth in enumerate(known)}
    found = measure.values(known, heard)
    assert {name: round(value, 3) for name, value in found.items()} == dict.fromkeys(found, 1.0)
    heard |= {file: heard[truth.file] for truth in known for _, file in truth.copies}
    found = measure.copies(known, heard)
    assert found["copies found first"] == found["fingerprints alike, least of copies"] == 1
    assert 0.4 < found["fingerprints alike, most of others"] < 0.6
    same = np.stack([heard[truth.file].blocks for truth in known])
    found = measure.neighbours(known, heard, [same], 1)
    assert found["style among the nearest"] == found["style by another artist"] == 1
    assert found["times as good as 23 numbers"] == 1


def test_what_is_left_out_is_wrong():
    known = truths()
    heard = {truth.file: perfect(truth, at) for at, truth in enumerate(known)}
    for each in heard.values():
        for name in ("tempo_bpm", "metre", "key", "mode"):
            each.told.pop(name, None)
    found = measure.values(known, heard)
    assert [found[name] for name in ("tempo Acc1", "tempo Acc2", "key exact", "key MIREX", "metre, three or four")] == (
        [0] * 5)  # fmt: skip
    assert found["no steady beat, told"] == 1
