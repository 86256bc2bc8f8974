"""Spaces from their beginning to their end, and the vectors that come by themselves."""

import logging
import threading
from array import array

import pytest

from ai import analyses, embed, spaces, vectors, vectors_postgres
from ai.embed import LONGEST_S, QUIET_S, Aside, Patience
from ai.spaces import ACTIVE, BOTH, BUILDING, CLAP, RETIRED, SIMILAR, TEXT
from ai.tests.hearing import blocks, compared, facts, listen
from server.kernel.errors import Conflict, Invalid, NotFound, Unavailable


def everything(library) -> list[tuple[int, str, str]]:
    with library.db.reading() as conn:
        return [(space.id, space.kind, space.state) for space in spaces.everything(conn)]


def test_nothing_is_compared_before_fifty_sounds_are_known(library, minds):
    with library.db.writing() as conn:
        for audio_hash, in conn.rows("SELECT audio_hash FROM track WHERE missing_ms IS NULL"):
            analyses.put(conn, audio_hash, 1, facts(0), blocks(0, 1), None, 1)
    assert embed.catch_up(library.db, minds) == 0 and everything(library) == []


def test_the_first_fit_is_used_at_once_and_the_next_when_the_library_has_doubled(library, minds):
    styles = compared(library, minds)
    (first, *_), = everything(library)
    with library.db.reading() as conn:
        space = spaces.active(conn, SIMILAR)
        assert (space.id, space.state, space.fitted_on) == (first, ACTIVE, len(styles))
        assert space.d50 > 0 and all(near > 0 for near in space.near) and spaces.size(conn, space).share == 1
        assert dict(space.layout)["rhythm"] == 44 and space.dimensions == 149
    assert embed.catch_up(library.db, minds) == 0
    with library.db.writing() as conn:
        first_hash = conn.value("SELECT min(audio_hash) FROM track WHERE missing_ms IS NULL")
        conn.run("UPDATE track SET audio_hash = 'new' WHERE audio_hash = :hash", hash=first_hash)
        analyses.put(conn, "new", 1, facts(1), blocks(1, 99), None, 1)
    assert embed.catch_up(library.db, minds) == 1 and everything(library)[0][0] == first
    with library.db.writing() as conn:
        conn.run("UPDATE space SET fitted_on = 20")
    assert embed.catch_up(library.db, minds) == len(styles) + 1
    assert [state for _, _, state in everything(library)] == [ACTIVE, RETIRED]
    with library.db.writing() as conn:
        conn.run("UPDATE space SET fitted_on = 20")
    embed.catch_up(library.db, minds)
    assert [state for _, _, state in everything(library)] == [ACTIVE, RETIRED], "only the one before is kept"
    with library.db.reading() as conn:
        assert conn.value("SELECT count(DISTINCT space_id) FROM embedding") == 2


def test_another_version_of_the_analyser_is_used_when_nearly_everything_was_heard_by_it(library, minds):
    styles = compared(library, minds)
    with library.db.writing() as conn:
        hashes = [row[0] for row in conn.rows("SELECT audio_hash FROM track WHERE missing_ms IS NULL ORDER BY id")]
        for at, audio_hash in enumerate(hashes[:60]):
            analyses.put(conn, audio_hash, 2, facts(0), blocks(at % 3, at), None, 1)
    embed.catch_up(library.db, minds)
    assert [state for _, _, state in everything(library)] == [BUILDING, ACTIVE]
    with library.db.writing() as conn:
        for at, audio_hash in enumerate(hashes[60:]):
            analyses.put(conn, audio_hash, 2, facts(0), blocks(at % 3, at), None, 1)
    embed.catch_up(library.db, minds)
    assert [state for _, _, state in everything(library)] == [ACTIVE, RETIRED]
    with library.db.reading() as conn:
        assert spaces.active(conn, SIMILAR).version == 2
        assert spaces.size(conn, spaces.active(conn, SIMILAR)) == (len(styles), len(styles))


def test_a_space_of_a_model_takes_over_and_gives_back(library, minds, viewer):
    compared(library, minds)
    with library.db.writing() as conn:
        ours = spaces.active(conn, SIMILAR)
        clap = spaces.create(conn, BOTH, CLAP, 8, model="a digest", towers="clap music")
        assert spaces.building(conn, TEXT) == clap and spaces.active(conn, TEXT) is None
        with pytest.raises(Conflict):
            vectors.activate(conn, clap, 1.0)
        hashes = spaces.lacking(conn, clap, 500)
        vectors.put(conn, clap, [(each, array("f", [at, 1, 0, 0, 0, 0, 0, 0])) for at, each in enumerate(hashes)])
        assert spaces.lacking(conn, clap, 500) == []
    used = embed.bring_into_use(library.db, minds, clap)
    assert used.state == ACTIVE and used.d50 > 0 and used.near == ()
    with library.db.reading() as conn:
        assert spaces.active(conn, SIMILAR).id == spaces.active(conn, TEXT).id == clap.id
        track = conn.value("SELECT min(id) FROM track WHERE missing_ms IS NULL")
        found = vectors.nearest(conn, minds, viewer, used, [(track, None, 1.0)], 3, blocks={})
        assert len(found) == 3 and found[0][1] == pytest.approx(1.0, abs=1e-3)
        point = spaces.from_words(used, "clap music", [3.2, 1, 0, 0, 0, 0, 0, 0])
        assert len(vectors.nearest(conn, minds, viewer, used, [(None, point, 1.0)], 2)) == 2
        with pytest.raises(Invalid):
            vectors.nearest(conn, minds, viewer, ours, [(None, point, 1.0)], 2)
    assert embed.catch_up(library.db, minds) == 0, "the blocks are kept up to date beside it"
    with library.db.writing() as conn:
        back = spaces.retire(conn, used)
        assert back.id == ours.id and spaces.active(conn, SIMILAR).id == ours.id and spaces.active(conn, TEXT) is None
        spaces.drop(conn, used)
        with pytest.raises(NotFound):
            spaces.by_id(conn, used.id)


@pytest.mark.parametrize(("purpose", "dimensions"), [("taste", 8), (SIMILAR, 0), (SIMILAR, 5000)])
def test_a_space_that_makes_no_sense_is_refused(library, purpose, dimensions):
    with library.db.writing() as conn, pytest.raises(Invalid):
        spaces.create(conn, purpose, CLAP, dimensions)


def test_a_track_that_comes_later_is_compared_as_soon_as_its_sound_is_known(library, minds, viewer):
    compared(library, minds)
    with library.db.writing() as conn:
        space, track = spaces.active(conn, SIMILAR), conn.value("SELECT max(id) FROM track WHERE missing_ms IS NULL")
        conn.run("UPDATE track SET missing_ms = 1 WHERE id = :id", id=track)
        conn.bump("library")
        seed = conn.value("SELECT max(id) FROM track WHERE missing_ms IS NULL AND id % 3 = :style", style=track % 3)
    with library.db.reading() as conn:
        found = vectors.nearest(conn, minds, viewer, space, [(seed, None, 1.0)], 100)
        assert track not in dict(found)
    with library.db.writing() as conn:
        conn.run("UPDATE track SET missing_ms = NULL WHERE id = :id", id=track)
        conn.bump("library")
    with library.db.reading() as conn:
        found = vectors.nearest(conn, minds, viewer, space, [(seed, None, 1.0)], 100)
        assert track in dict(found)


def test_without_pgvector_it_says_so_and_nothing_breaks(library, minds, monkeypatch, caplog):
    monkeypatch.setattr(vectors, "prepare", lambda db: vectors_postgres.LACKING)
    monkeypatch.setattr(embed, "_told", set())
    listen(library)
    with caplog.at_level(logging.WARNING):
        embed.catch_up(library.db, minds)
        embed.catch_up(library.db, minds)
    assert caplog.text.count("pgvector, 0.8") == 1
    assert [state for _, _, state in everything(library)] == [BUILDING]
    monkeypatch.undo()
    embed.catch_up(library.db, minds)
    assert [state for _, _, state in everything(library)] == [ACTIVE]


def test_vectors_are_made_when_it_has_been_quiet_or_after_a_while_all_the_same():
    patience = Patience()
    assert patience.due(0, 0, hurry=True) and not patience.due(0, 1, hurry=True)
    assert not patience.due(1, 2, hurry=False) and not patience.due(1, QUIET_S, hurry=False)
    assert patience.due(1, 2 + QUIET_S, hurry=False) and not patience.due(1, 999, hurry=False)
    at, version = 1000.0, 2
    while not patience.due(version, at, hurry=False):
        at, version = at + QUIET_S / 2, version + 1
    assert at == pytest.approx(1000 + LONGEST_S, abs=QUIET_S)




class Answers:
    """A PostgreSQL that says what a test wants it to."""

    def __init__(self, *values):
        self._values = list(values)

    def value(self, sql, **params):
        return self._values.pop(0)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        (("0.8.0",), ""), (("0.7.4",), vectors_postgres.LACKING), ((None, None), vectors_postgres.LACKING),
        ((None, "0.5.1"), vectors_postgres.LACKING), ((None, "0.8.0", False), vectors_postgres.FORBIDDEN),
        ((None, "0.8.0", True), ""),
    ],
)  # fmt: skip
def test_what_is_wrong_with_pgvector_is_said_in_words(values, said):
    assert vectors_postgres.trouble(Answers(*values)) == said


def test_a_database_without_pgvector_says_so_when_it_is_asked(library, minds, viewer):
    with library.db.writing() as conn:
        space = spaces.create(conn, SIMILAR, CLAP, 4)
        if conn.dialect == "postgres":
            with pytest.raises(Unavailable):
                vectors.nearest(conn, minds, viewer, space, [(1, None, 1.0)], 3)
            assert vectors.put(conn, space, [("x", [1, 2, 3, 4])]) == 1, "kept for when it is there"
        assert vectors.trouble(conn) == ""


def test_what_is_made_by_itself_is_made_aside(library):
    listen(library)
    with Aside() as aside:
        assert embed.catch_up(library.db, aside) > 50
    assert [state for _, _, state in everything(library)] == [ACTIVE]
    with library.db.reading() as conn:
        space = spaces.active(conn, SIMILAR)
        assert spaces.unspread(conn, space, 5) == [] and space.spread > 0


def test_how_far_neighbours_usually_lie_is_known_also_when_measuring_them_was_broken_off(library, minds):
    listen(library)
    embed.catch_up(library.db, minds)
    with library.db.writing() as conn:
        space = spaces.active(conn, SIMILAR)
        conn.run("UPDATE space SET state = 'building', d50 = 0, spread = 0 WHERE id = :id", id=space.id)
        conn.bump("spaces")
        broken_off = spaces.by_id(conn, space.id)
    assert embed.bring_into_use(library.db, minds, broken_off).spread == space.spread > 0


def test_the_worker_follows_the_analyses(library):
    class Once(threading.Event):
        """Told to stop at the second look."""

        def wait(self, timeout=None) -> bool:
            self.set()
            return True

    listen(library)
    embed.keep_embedding(library, Once())
    assert [state for _, _, state in everything(library)] == [ACTIVE]


def test_after_a_backup_was_brought_back_the_index_is_made_again(library, minds, viewer):
    compared(library, minds)
    with library.db.writing() as conn:
        space, track = spaces.active(conn, SIMILAR), conn.value("SELECT min(id) FROM track WHERE missing_ms IS NULL")
        before = vectors.nearest(conn, minds, viewer, space, [(track, None, 1.0)], 5)
        if conn.dialect == "postgres":
            conn.script("DROP SCHEMA nearby CASCADE")
            conn.bump("spaces")
    embed.catch_up(library.db, minds)
    with library.db.reading() as conn:
        assert vectors.nearest(conn, minds, viewer, space, [(track, None, 1.0)], 5) == before
