"""A model of sound from being chosen to being used, on both databases; the child that hears is a drawn one."""

import threading
from types import SimpleNamespace

import pytest

from ai import embed, spaces, towers, vectors, words
from ai.minds import Minds
from ai.spaces import ACTIVE, BLOCKS, BOTH, CLAP, RETIRED, SIMILAR, TEXT
from ai.tests.hearing import compared
from ai.tests.hearing_child import DIMENSIONS
from ai.weights import HUGGING_FACE, Model
from server.kernel import properties
from server.kernel.errors import Conflict
from server.kernel.run import Child

MODEL = Model("music", "clap", HUGGING_FACE, "d1", {}, "CC0", True, DIMENSIONS, "/x", 1, "/data/models/music")
CHILD = "ai.tests.hearing_child:answer"


@pytest.fixture
def job(library, minds, monkeypatch):
    """A job over a library that was listened to, whose files count as there."""
    compared(library, minds)
    monkeypatch.setattr(towers.hearers, "as_scanned", lambda sound: True)
    monkeypatch.setattr(towers, "card", lambda: False)
    monkeypatch.setattr(towers, "AT_ONCE", 40)
    app = SimpleNamespace(db=library.db, part=lambda kind: minds if kind is Minds else None)
    with Child(CHILD) as child:
        yield towers.Job(app, child, threading.Event())


def choose(library, model: Model | None):
    with library.db.writing() as conn:
        return towers.choose(conn, model)


def hear_all(job, model: Model = MODEL) -> int:
    count = 0
    while found := job.step(model):
        count += found
    return count


def active(library, purpose: str = SIMILAR):
    with library.db.reading() as conn:
        return spaces.active(conn, purpose)


def test_a_chosen_model_is_used_once_it_knows_the_library(library, job, minds, viewer):
    choose(library, MODEL)
    assert job.step(MODEL) == towers.AT_ONCE
    assert active(library).kind == BLOCKS
    with library.db.reading() as conn:
        space, size = towers.filled(conn, MODEL)
    assert (space.kind, space.purpose, space.model, space.towers) == (CLAP, BOTH, "d1", "d1")
    assert size.embedded < size.all
    hear_all(job)
    used = active(library)
    assert used.id == space.id == active(library, TEXT).id and used.state == ACTIVE and used.d50 > 0
    with library.db.reading() as conn:
        assert towers.filled(conn, MODEL).size.share == 1
        assert properties.get(conn, f"{words.FOLDER}: {CLAP}") == MODEL.folder
        track = conn.value("SELECT min(id) FROM track WHERE missing_ms IS NULL")
        assert len(vectors.nearest(conn, minds, viewer, used, [(track, None, 1.0)], 10)) == 10


def test_without_a_model_what_was_used_before_is_used_at_once(library, job, minds):
    before = active(library)
    choose(library, MODEL)
    hear_all(job)
    assert choose(library, None).id == before.id == active(library).id
    with library.db.reading() as conn:
        assert towers.filled(conn, MODEL).space.state == RETIRED
    # And back again, without hearing anything anew.
    choose(library, MODEL)
    assert hear_all(job) == 0 and active(library).kind == CLAP


def test_the_weight_free_space_does_not_come_back_by_itself(library, job, minds):
    choose(library, MODEL)
    hear_all(job)
    with library.db.writing() as conn:
        conn.run("UPDATE space SET fitted_on = 1 WHERE kind = :kind", kind=BLOCKS)
    embed.catch_up(library.db, minds)
    assert active(library).kind == CLAP


def test_a_model_without_words_leaves_the_search_alone(library, job):
    deaf = MODEL._replace(name="deaf", digest="d2", words=False)
    choose(library, deaf)
    hear_all(job, deaf)
    used = active(library)
    assert (used.kind, used.purpose, used.towers) == (CLAP, SIMILAR, "") and active(library, TEXT) is None


def test_what_cannot_be_heard_is_left_out_and_the_rest_goes_on(library, job):
    with library.db.writing() as conn:
        first, second = (row[0] for row in conn.rows("SELECT id FROM track ORDER BY id LIMIT 2"))
        for track, name in ((first, "kills.mp3"), (second, "silent.mp3")):
            conn.run("UPDATE track SET name = :name WHERE id = :id", name=name, id=track)
    choose(library, MODEL)
    hear_all(job)
    with library.db.reading() as conn:
        size = towers.filled(conn, MODEL).size
    assert size.all - size.embedded == 2
    assert active(library).kind == (CLAP if size.share >= spaces.COVERED else BLOCKS)


def test_a_model_that_was_given_up_meanwhile_is_not_used(library, job):
    choose(library, MODEL)
    while job.step(MODEL):
        choose(library, None)
    assert active(library).kind == BLOCKS


def test_a_model_in_use_is_not_forgotten(library, job):
    choose(library, MODEL)
    hear_all(job)
    with library.db.writing() as conn, pytest.raises(Conflict, match="in use"):
        towers.forget(conn, MODEL)
    choose(library, None)
    with library.db.writing() as conn:
        towers.forget(conn, MODEL)
        assert towers.filled(conn, MODEL).space is None
