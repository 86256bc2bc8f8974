"""How well the ears do here: measured, kept, told to administrators; and which space may take another's place."""

import random
import threading
from array import array
from types import SimpleNamespace

import numpy as np
import pytest

from ai import analyses, contest, embed, halves, own_quality, spaces, towers, vectors
from ai.models import halves as listening
from ai.own_quality import FAIR, GOOD, POOR, UNSURE, Coverage
from ai.spaces import ACTIVE, BLOCKS, BUILDING, CLAP, SIMILAR
from ai.tests.hearing import blocks, facts, multiply
from ai.tests.sounds import chords, tone, write_wav
from ai.tests.test_towers import MODEL
from server.kernel.errors import Forbidden, Unavailable
from server.kernel.run import ChildDied
from server.users.people import OPERATOR

ARTISTS = 30


@pytest.fixture
def artists(library) -> dict[str, int]:
    """Return sound → artist of a library in which everybody has some songs."""
    with library.db.writing() as conn:
        multiply(conn, library.ids)
        conn.run("UPDATE track SET artist_id = 1 + id - id / :count * :count", count=ARTISTS)
        rows = conn.rows("SELECT id, audio_hash, artist_id FROM track WHERE missing_ms IS NULL ORDER BY id")
        for track, audio_hash, artist in rows:
            analyses.put(conn, audio_hash, 1, facts(0), blocks(artist, track, 0.5), None, 1)
    return {audio_hash: artist for _, audio_hash, artist in rows}


def made(library, artists: dict[str, int], noise: float, model: str = "") -> spaces.Space:
    """Make a space in which an artist's songs lie near each other, as far as the noise lets them."""
    dice = random.Random(f"{noise} {model}")
    points = {artist: [random.Random(8 * artist + at).gauss(0, 1) for at in range(8)] for artist in artists.values()}
    with library.db.writing() as conn:
        space = spaces.create(conn, SIMILAR, CLAP, 8, model=model, version=towers.VERSION)
        vectors.put(conn, space, [(audio_hash, array("f", [at + dice.gauss(0, noise) for at in points[artist]]))
                                  for audio_hash, artist in artists.items()])  # fmt: skip
    return space


def states(library) -> list[str]:
    with library.db.reading() as conn:
        return [space.state for space in spaces.everything(conn)]


def test_a_space_that_loses_clearly_is_held_back_with_a_reason(library, artists, minds, caplog):
    assert embed.bring_into_use(library.db, minds, made(library, artists, 0.2)).state == ACTIVE
    worse = made(library, artists, 3.0)
    assert embed.bring_into_use(library.db, minds, worse).state == BUILDING
    assert states(library) == [BUILDING, ACTIVE] and "is not used: In it songs of one artist" in caplog.text
    with library.db.reading() as conn:
        (held,) = contest.held(conn)
        assert held.space.id == worse.id and held.reason == contest.reason(conn, worse) and held.held_ms
    assert embed.bring_into_use(library.db, None, worse).state == BUILDING, "nobody is asked twice"
    with library.db.writing() as conn:
        contest.overrule(conn, worse)
    assert embed.bring_into_use(library.db, minds, worse).state == ACTIVE
    with library.db.reading() as conn:
        assert contest.held(conn) == []


def test_a_draw_is_no_loss_and_what_knows_little_defends_nothing(library, artists, minds):
    assert embed.bring_into_use(library.db, minds, made(library, artists, 0.2)).state == ACTIVE
    alike = embed.bring_into_use(library.db, minds, made(library, artists, 0.21))
    assert alike.state == ACTIVE
    with library.db.writing() as conn:
        conn.run("DELETE FROM embedding WHERE space_id = :id AND audio_hash < '5'", id=alike.id)
        assert spaces.size(conn, alike).share < contest.KNOWS
    assert embed.bring_into_use(library.db, minds, made(library, artists, 3.0)).state == ACTIVE


def test_what_cannot_be_measured_stands_in_nobodys_way(library, artists, minds, caplog):
    class Broken:
        def ask(self, name, question, timeout_s=0):
            if question["do"] == "score":
                raise Unavailable("The process that compares sounds was killed.")
            return minds.ask(name, question, timeout_s)

    embed.bring_into_use(library.db, minds, made(library, artists, 0.2))
    assert embed.bring_into_use(library.db, Broken(), made(library, artists, 3.0)).state == ACTIVE
    assert "without being measured" in caplog.text


def test_when_the_library_has_grown_it_is_measured_again(library, artists, minds):
    embed.bring_into_use(library.db, minds, made(library, artists, 0.2))
    worse = made(library, artists, 3.0)
    assert contest.lost(library.db, minds, worse)
    with library.db.writing() as conn:
        conn.run("UPDATE contest SET sounds = 10, reason = 'of old'")
    assert contest.lost(library.db, minds, worse) != "of old"


def test_a_model_that_was_held_back_is_used_when_it_is_chosen_again(library, artists, minds):
    embed.bring_into_use(library.db, minds, made(library, artists, 0.2))
    with library.db.writing() as conn:
        towers.choose(conn, MODEL)
    worse = made(library, artists, 3.0, MODEL.digest)
    assert embed.bring_into_use(library.db, minds, worse).state == BUILDING
    with library.db.writing() as conn:
        towers.choose(conn, None)
        assert contest.reason(conn, worse), "to give it up is not to want it"
        towers.choose(conn, MODEL)
    assert embed.bring_into_use(library.db, minds, worse).state == ACTIVE


def test_features_that_were_held_back_wait_and_the_old_ones_stay_filled(library, artists, minds, monkeypatch):
    embed.catch_up(library.db, minds)
    monkeypatch.setattr(contest, "judged", lambda told: "They are worse.")
    with library.db.writing() as conn:
        conn.run("UPDATE space SET fitted_on = 10")
    embed.catch_up(library.db, minds)
    with library.db.writing() as conn:
        active = spaces.active(conn, SIMILAR)
        conn.run("UPDATE track SET audio_hash = 'new' WHERE id = (SELECT max(id) FROM track)")
        analyses.put(conn, "new", 1, facts(1), blocks(1, 99), None, 1)
    embed.catch_up(library.db, minds)
    with library.db.writing() as conn:
        assert [space.state for space in spaces.everything(conn)] == [BUILDING, ACTIVE]
        assert spaces.size(conn, active).share == 1 and spaces.unspread(conn, active, 5) == []
        towers.choose(conn, None)
    embed.catch_up(library.db, minds)
    with library.db.reading() as conn:
        assert spaces.active(conn, SIMILAR).id > active.id and spaces.active(conn, SIMILAR).kind == BLOCKS


def test_quality_is_measured_kept_and_told_to_administrators(library, artists, minds, viewer):
    with library.db.reading() as conn:
        before = own_quality.report(conn, OPERATOR)
        assert (before.made_ms, before.waiting, before.scores) == (0, False, None)
        assert before.coverage == Coverage(len(artists), len(artists), 0)
        with pytest.raises(Forbidden):
            own_quality.report(conn, viewer)
    embed.catch_up(library.db, minds)
    with library.db.reading() as conn:
        assert own_quality.report(conn, OPERATOR).waiting
    own_quality.measure(library.db, minds, minds)
    with library.db.writing() as conn:
        found = own_quality.report(conn, OPERATOR)
        assert found.made_ms and not found.waiting and found.replayed is None and found.held == []
        told = {line.name: line for line in found.lines}
        assert told["artist"].verdict == GOOD and told["artist"].value > 5 * told["artist"].chance
        assert told["compared"].value == 1 and told["orphans"].value < 0.5 and "halves" not in told
        own_quality.ask(conn, OPERATOR)
        with pytest.raises(Forbidden):
            own_quality.ask(conn, viewer)
    with library.db.reading() as conn:
        assert own_quality.report(conn, OPERATOR).waiting


def test_every_line_says_whether_that_is_good():
    scores = {"songs": 90, "hubs": {"largest": 60, "skew": 2.0, "orphans": 0.3}, "measures": {
        "album": {"found": 0.3, "chance": 0.25, "asked": 90}, "halves": {"found": 0.3, "chance": 0.03, "asked": 90},
        "copies": {"found": 1.0, "chance": 0.01, "asked": 4}}}  # fmt: skip
    replayed = {"sittings": 8, "ours": {"ndcg": 0.3}, "popularity": {"ndcg": 0.4}, "chance": {"ndcg": 0.01}}
    told = {line.name: line.verdict for line in own_quality.lines(Coverage(10, 9, 3), scores, replayed)}
    assert told == {"heard": FAIR, "compared": POOR, "album": POOR, "halves": FAIR, "copies": UNSURE, "hubs": FAIR,
                    "orphans": POOR, "recommended": FAIR}  # fmt: skip
    few = own_quality.lines(Coverage(10, 9, 3), None, replayed | {"sittings": 1})
    assert few[-1].verdict == UNSURE
    assert own_quality.lines(Coverage(0, 0, 0), None, None) == []


class Ears:
    """A child that hears what a test says."""

    def __init__(self, *answers):
        self._answers = list(answers)

    def call(self, payload, timeout_s):
        answer = self._answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def test_halves_are_heard_once_and_measured(library, artists, minds, monkeypatch):
    monkeypatch.setattr(halves.hearers, "as_scanned", lambda sound: True)
    embed.catch_up(library.db, minds)
    with library.db.reading() as conn:
        waiting = halves.lacking(conn)
    assert len(waiting) == min(halves.COUNT, len(artists))
    answers = [ChildDied("was killed"), [], *([*blocks(at, 1, 0.1), *blocks(at, 2, 0.1)] for at in range(200))]
    assert halves.listen(library.db, threading.Event(), Ears(*answers), waiting, limit=3) == 3
    with library.db.reading() as conn:
        left = halves.lacking(conn)
        assert len(left) == len(waiting) - 3 and halves.count(conn, 1) == 1
    assert halves.listen(library.db, threading.Event(), Ears(*answers[3:]), left) == len(left)
    own_quality.measure(library.db, minds, minds)
    with library.db.reading() as conn:
        assert halves.lacking(conn) == []
        assert own_quality.report(conn, OPERATOR).scores["measures"]["halves"]["found"] > 0.9


def test_both_halves_of_a_file_are_described(tmp_path):
    song = tmp_path / "song.wav"
    write_wav(song, np.concatenate([*3 * [chords(0, "major")], tone(440, 14)]))
    found = listening.described(str(song))
    assert len(found) == 2 * 149 and found[:149] != found[149:]
    write_wav(song, tone(440, 5))
    assert listening.described(str(song)) == [] == listening.described(str(tmp_path / "none.wav"))


def test_the_worker_measures_when_a_space_has_come_into_use(library, artists, minds):
    class Turns(threading.Event):
        """Told to stop at the second look."""

        def wait(self, timeout=None) -> bool:
            if timeout is None:
                return super().wait()
            self.set()
            return True

    embed.catch_up(library.db, minds)
    app = SimpleNamespace(db=library.db, config=library.config, part=lambda kind: minds)
    own_quality.keep_measuring(app, Turns())
    with library.db.reading() as conn:
        assert own_quality.report(conn, OPERATOR).scores["songs"] == len(artists)
