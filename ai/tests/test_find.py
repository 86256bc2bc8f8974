"""Finding by description, on both databases: with a model of words, without one, and only what may be heard."""

import threading
from dataclasses import replace

import pytest

from ai import analyses, captioning, describe, find, overlay, spaces
from ai.analyses import OK, Analysis, Value
from ai.spaces import TEXT
from ai.tests.hearing import compared
from ai.tests.tiny import write_model
from server.kernel.errors import Forbidden, Invalid, NotFound
from server.users.people import Viewer

NEVER = threading.Event()


@pytest.fixture(scope="session")
def model(tmp_path_factory) -> str:
    return str(write_model(tmp_path_factory.mktemp("words") / "model"))


@pytest.fixture
def described(library, minds, model):
    """A library in which every third track is calm, and which a model of words has read."""
    compared(library, minds)
    with library.db.writing() as conn:
        for track, audio_hash in conn.rows("SELECT id, audio_hash FROM track WHERE missing_ms IS NULL"):
            analyses.put(conn, audio_hash, 1, sound(track % 3), None, None, 1)
    describe.catch_up(library.db, minds, model, ask=lambda question: minds.ask("words", question))
    return library


def sound(style: int) -> Analysis:
    energy = (0.1, 0.5, 0.9)[style]
    return Analysis(OK, "", {
        "energy": Value(energy, 0.8, "ours"), "percussive": Value(energy, 0.8, "ours"),
        "acousticness": Value(1 - energy, 0.8, "ours"), "relaxed": Value(1 - energy, 0.9, "ours"),
        "tempo_bpm": Value(70.0 + 50 * style, 0.9, "ours"), "key": Value(3 * style, 0.9, "ours"),
        "mode": Value("minor" if style else "major", 0.9, "ours"), "loudness_lufs": Value(-25.0 + 8 * style, 1, "ours"),
    })  # fmt: skip


def test_a_model_of_words_and_the_lexicon_find_together(described, minds, viewer):
    with described.db.reading() as conn:
        space = spaces.active(conn, TEXT)
        answer = find.find(conn, minds, viewer, "slow calm piano without drums", 10)
        told = describe.words.told(conn)
    assert space.kind == "captions" and answer.how == "captions" and not answer.why
    assert space.model in told and "has read" in told
    assert len(answer.tracks) == 10
    assert all(found.track_id % 3 == 0 and found.reasons for found in answer.tracks)
    assert "calm" in answer.tracks[0].reasons or "hardly any drums" in answer.tracks[0].reasons


def test_without_a_model_the_lexicon_answers_alone_and_says_so(described, minds, viewer):
    with described.db.writing() as conn:
        spaces.retire(conn, spaces.active(conn, TEXT))
    with described.db.reading() as conn:
        answer = find.find(conn, minds, viewer, "fast energetic music around 170 bpm", 5)
        assert "lexicon alone" in describe.words.told(conn)
    assert answer.how == "lexicon" and "lexicon alone" in answer.why
    assert {found.track_id % 3 for found in answer.tracks} == {2}
    assert "170 bpm" in answer.tracks[0].reasons


def test_a_model_that_is_gone_is_said_to_be(described, minds, viewer):
    with described.db.writing() as conn:
        describe.words.put_folder(conn, "captions", "/nowhere")
    with described.db.reading() as conn:
        answer = find.find(conn, minds, viewer, "calm", 5)
    assert answer.how == "lexicon" and "/nowhere" in answer.why and answer.tracks


def test_nobody_finds_what_they_may_not_hear(described, minds, viewer):
    few = replace(viewer, libraries=viewer.libraries[1:])
    with described.db.reading() as conn:
        theirs = {number for (number,) in conn.rows("SELECT id FROM track WHERE library_id = :id", id=few.libraries[0])}
        found = {each.track_id for each in find.find(conn, minds, few, "calm piano", 500).tracks}
        assert found and found <= theirs
        assert not find.find(conn, minds, replace(viewer, libraries=()), "calm piano", 500).tracks


def test_words_that_mean_nothing_are_looked_for_in_names(described, minds, viewer):
    with described.db.reading() as conn:
        title = conn.value("SELECT title FROM track WHERE title LIKE '% %' AND missing_ms IS NULL ORDER BY id LIMIT 1")
        word = max(title.lower().split(), key=len)
        answer = find.find(conn, minds, viewer, f"something {word}", 3)
        assert any(word in reason for each in answer.tracks for reason in each.reasons)
        for nothing in ("  ", "???", "%_%", "♪"):
            with pytest.raises(Invalid):
                find.find(conn, minds, viewer, nothing, 3)


def test_what_is_like_an_artist_is_heard_and_not_by_them(described, minds, viewer):
    with described.db.reading() as conn:
        artist, name = conn.row(
            "SELECT a.id, a.name FROM artist a JOIN track t ON t.artist_id = a.id WHERE t.missing_ms IS NULL"
            " GROUP BY a.id, a.name ORDER BY count(*) DESC, a.id LIMIT 1"
        )
        answer = find.find(conn, minds, viewer, f"something like {name}", 5)
        near = [each for each in answer.tracks if f"like {name}" in each.reasons]
        own = {number for (number,) in conn.rows("SELECT id FROM track WHERE artist_id = :id", id=artist)}
        assert near and not own & {each.track_id for each in near}
        unknown = find.find(conn, minds, viewer, "calm, like Nobody Qwertz", 5)
        assert "Nobody here is called Nobody Qwertz." in unknown.why and unknown.tracks
        assert not find.find(conn, minds, viewer, "sounds like rain", 5).why


def test_captions_follow_what_changes_and_nothing_else(described, minds, model):
    db = described.db
    assert describe.write(db, NEVER) == 0
    with db.writing() as conn:
        track, audio_hash = conn.row("SELECT id, audio_hash FROM track WHERE missing_ms IS NULL ORDER BY id LIMIT 1")
        before = captioning.of(conn, [track])[track]
        conn.run("UPDATE track_analysis SET analysed_ms = 1 WHERE audio_hash = :hash", hash=audio_hash)
    assert describe.write(db, NEVER) == 1
    with db.writing() as conn:
        assert captioning.of(conn, [track])[track] == before
        assert not captioning.unread(conn, spaces.active(conn, TEXT).id, 10)
        conn.run("UPDATE track SET year = 1984, mtime_ns = mtime_ns + 1 WHERE id = :id", id=track)
    assert describe.write(db, NEVER) == 1
    with db.reading() as conn:
        assert "1980s" in captioning.of(conn, [track])[track]
        assert [row[0] for row in captioning.unread(conn, spaces.active(conn, TEXT).id, 10)] == [track]
    describe.catch_up(db, minds, model, ask=lambda question: minds.ask("words", question))
    with db.reading() as conn:
        assert not captioning.unread(conn, spaces.active(conn, TEXT).id, 10)


def test_moods_are_suggested_and_an_admin_decides(described, minds, viewer):
    admin = Viewer(1, "anna", frozenset({"admin"}), viewer.libraries)
    with described.db.writing() as conn:
        track = conn.value("SELECT id FROM track WHERE missing_ms IS NULL AND id % 3 = 0 ORDER BY id LIMIT 1")
        there = {each.name: each for each in overlay.of(conn, viewer, track)}
        assert there["calm"].kind == "mood" and there["calm"].state == "suggested" and there["calm"].confidence > 0.5
        with pytest.raises(Forbidden):
            overlay.decide(conn, viewer, track, [("mood", "calm")], [])
        with pytest.raises(NotFound):
            overlay.decide(conn, admin, track, [("mood", "angry")], [])
        with pytest.raises(NotFound):
            overlay.of(conn, replace(viewer, libraries=()), track)
        decided = overlay.decide(conn, admin, track, [("mood", "calm")], [("mood", "relaxed")])
        captioning.again(conn, track)
    assert {("calm", "accepted"), ("relaxed", "refused")} <= {(each.name, each.state) for each in decided}
    describe.write(described.db, NEVER)
    with described.db.reading() as conn:
        kept = {each.name: each.state for each in overlay.of(conn, viewer, track)}
        assert kept["calm"] == "accepted" and kept["relaxed"] == "refused"
        assert "relaxed" not in [each.name for each in overlay.standing(conn, [track])[track]]


def test_tracks_without_a_genre_are_lent_one_by_their_neighbours(described, minds):
    with described.db.writing() as conn:
        track = conn.value("SELECT id FROM track WHERE missing_ms IS NULL ORDER BY id LIMIT 1")
        space = spaces.active(conn, "similar")
        conn.run("DELETE FROM track_genre")
        genre = conn.insert("INSERT INTO genre (id, key, name) VALUES (9999, 'chiptune', 'Chiptune') RETURNING id")
        conn.run("INSERT INTO track_genre (track_id, genre_id) SELECT id, :genre FROM track WHERE id <> :id"
                 " AND id % 3 = :rest", genre=genre, id=track, rest=track % 3)  # fmt: skip
        conn.run("UPDATE caption SET lent_in = 0, version = 0")
    assert describe.lend(described.db, minds, NEVER) >= 1
    describe.write(described.db, NEVER)
    with described.db.reading() as conn:
        lent = [each for each in overlay.standing(conn, [track])[track] if each.kind == "genre"]
        assert [(each.name, each.confidence) for each in lent] == [("Chiptune", 1.0)]
        assert "8-bit video game music" in captioning.of(conn, [track])[track]
        assert space.id == conn.value("SELECT lent_in FROM caption WHERE track_id = :id", id=track)
        assert conn.value("SELECT count(*) FROM track_genre WHERE track_id = :id", id=track) == 0


def test_a_model_that_is_replaced_reads_everything_again(described, minds, tmp_path):
    def ask(question):
        asked.append(question["do"])
        return minds.ask("words", question)

    asked: list[str] = []
    other = str(write_model(tmp_path / "other", seed=2))
    with described.db.reading() as conn:
        before = spaces.active(conn, TEXT)
    after = describe.catch_up(described.db, minds, other, ask=ask)
    assert after.id != before.id and after.state == "active" and asked[0] == "look"
    asked.clear()
    # Nothing is left to read, so nobody is asked.
    assert describe.catch_up(described.db, minds, other, ask=ask).id == after.id and not asked
