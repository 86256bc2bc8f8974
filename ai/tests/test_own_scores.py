"""Whether a space is good is told from drawn vectors of which that is known."""

import base64

import numpy as np
import pytest

from ai import own_scores
from ai.contest import judged

ALBUMS, EACH = 60, 4
SONGS = ALBUMS * EACH


def packed(vectors: np.ndarray) -> str:
    return base64.b64encode(np.asarray(vectors, "<f2").tobytes()).decode()


def drawn(noise: float, seed: int = 0, dimensions: int = 12) -> np.ndarray:
    """Songs of albums, two albums an artist, five artists a genre; `noise` hides all that."""
    chance = np.random.default_rng(7)
    genre, artist, album = (np.repeat(chance.normal(size=(count, dimensions)), SONGS // count, axis=0)
                            for count in (2, ALBUMS // 2, ALBUMS))  # fmt: skip
    own = np.random.default_rng(seed).normal(size=(SONGS, dimensions))
    return genre + artist + album + noise * own


def question(*spaces: np.ndarray, **more) -> dict:
    at = np.arange(SONGS)
    return {
        "spaces": [{"vectors": packed(each), "dimensions": each.shape[1], "fit": None} for each in spaces],
        "albums": (at // EACH + 1).tolist(), "artists": (at // (2 * EACH) + 1).tolist(),
        "genres": [[int(each)] for each in at // (SONGS // 2)], "copies": [], "halves": [], **more,
    }  # fmt: skip


def test_who_belongs_together_is_found_where_a_space_knows_it_and_by_chance_where_it_does_not():
    good, blind = (own_scores.score(question(space))["scores"][0] for space in (drawn(0.3), drawn(1000)))
    for name, least in (("album", 0.9), ("artist", 0.5), ("genre", 0.7)):
        found = good["measures"][name]
        assert found["found"] > least > found["chance"] and found["asked"] == SONGS
        assert blind["measures"][name]["found"] == pytest.approx(found["chance"], abs=0.07)
    assert good["songs"] == SONGS and "copies" not in good["measures"] and "halves" not in good["measures"]


def test_a_song_that_is_near_to_everything_is_seen():
    vectors = np.random.default_rng(1).normal(size=(SONGS, 200))
    even = own_scores.score(question(drawn(0.3)))["scores"][0]["hubs"]
    vectors[0] = 0
    hubs = own_scores.score(question(vectors))["scores"][0]["hubs"]
    assert hubs["largest"] > 100 > even["largest"] and hubs["skew"] > 3 > even["skew"] and even["orphans"] < 0.05


def test_copies_are_each_others_nearest_or_not():
    vectors = drawn(0.3)
    vectors[100] = vectors[3] + 0.001
    found = own_scores.score(question(vectors, copies=[[3, 100], [5, 90]]))["scores"][0]["measures"]["copies"]
    assert found["found"] == 0.5 and found["asked"] == 4


def test_halves_find_each_other():
    chance = np.random.default_rng(3)
    first = chance.normal(size=(40, 149))
    fit = {"middle": [0.0] * 149, "width": [1.0] * 149}

    def found(second: np.ndarray) -> dict:
        asked = question(drawn(0.3), halves=[base64.b64encode(np.asarray(half, "<f4").tobytes()).decode()
                                             for half in (first, second)])  # fmt: skip
        asked["spaces"][0]["fit"] = fit
        return own_scores.score(asked)["scores"][0]["measures"]["halves"]

    assert found(first + 0.1 * chance.normal(size=first.shape))["found"] == 1
    strangers = found(chance.normal(size=first.shape))
    assert strangers["found"] == pytest.approx(strangers["chance"], abs=0.08) and strangers["asked"] == 80


def test_what_is_unknown_is_nobodys_fellow():
    asked = question(drawn(0.3))
    asked |= {"albums": [0] * SONGS, "artists": [0] * SONGS, "genres": [[] for _ in range(SONGS)]}
    assert own_scores.score(asked)["scores"][0]["measures"] == {}


def test_a_space_that_loses_clearly_is_told_and_a_draw_is_none():
    good, same, worse = drawn(0.3), drawn(0.3, seed=5), drawn(4.0)
    assert judged(own_scores.score(question(good, same))) == ""
    assert judged(own_scores.score(question(worse, good))) == ""
    sentence = judged(own_scores.score(question(good, worse)))
    assert "songs of one album are found less" in sentence and sentence.endswith("on 240 songs of this library.")


def test_a_space_with_hubs_loses():
    scores = [{"songs": 99, "measures": {}, "hubs": hubs} for hubs in (
        {"largest": 20, "skew": 1.0, "orphans": 0.01}, {"largest": 60, "skew": 4.0, "orphans": 0.3})]  # fmt: skip
    assert "nearest of 60 others, not of 20" in judged({"scores": scores, "against": {}})
    assert judged({"scores": scores[::-1], "against": {}}) == ""
