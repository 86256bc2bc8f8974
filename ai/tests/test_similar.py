"""Similar songs and paths, on both databases: what is found, in which order, and what is said of it."""

from array import array
from collections import Counter
from dataclasses import replace
from itertools import pairwise

import pytest

from ai import path, sift, similar, sonic, taste
from ai.similar import Knobs
from ai.tests.hearing import STRIDE, compared, everywhere
from server.kernel.errors import Invalid, NotFound, Unavailable
from server.library import similar as by_tags
from server.library.facts import ALBUM, TRACK
from server.playlists import playlists
from server.playlists.contents import Item
from server.plays import marks
from server.users.people import LISTENER, Viewer


@pytest.fixture
def viewer(heard) -> Viewer:
    return heard.viewer


@pytest.fixture
def seed(heard) -> int:
    return min(heard.styles)


def ids(found) -> list[int]:
    return [each.track_id for each in found]


def test_a_song_has_similar_songs_of_its_style_with_reasons(conn, minds, heard, viewer, seed):
    found = similar.like(conn, minds, viewer, [Item("tr", seed)], 6)
    assert len(found) == 6 and seed not in ids(found)
    assert {heard.styles[track] for track in ids(found)} == {heard.styles[seed]}
    assert all(0 < each.closeness <= 1 and each.reasons and all(each.reasons) for each in found)
    assert "same tempo" in found[0].reasons[0] and "same key" in found[0].reasons[1]
    assert found == similar.like(conn, minds, viewer, [Item("tr", seed)], 6)


def test_no_artist_plays_all_along_while_there_are_others(conn, minds, heard, viewer, seed):
    found = similar.like(conn, minds, viewer, [Item("tr", seed)], 10)
    artists = sift.rows(conn, ids(found))
    assert len(found) == 10
    assert max(Counter(row.artist_id for row in artists.values() if row.artist_id).values()) <= 4
    assert len(similar.like(conn, minds, viewer, [Item("tr", seed)], 500)) > 60, "artists come again where others end"


def test_albums_artists_genres_and_playlists_are_like_others(conn, minds, heard, viewer):
    album, artist = conn.row("SELECT album_id, artist_id FROM track WHERE title = 'Dawn'")
    own = {number for (number,) in conn.rows("SELECT id FROM track WHERE album_id = :id", id=album)}
    found = ids(similar.like(conn, minds, viewer, [Item("al", album)], 12))
    assert len(found) == 12 and not own & set(found)
    mixed = ids(similar.like(conn, minds, viewer, [Item("ar", artist)], 12))
    assert len(mixed) == 12 and own & set(mixed), "of an artist one wants more, too"
    assert ids(similar.like(conn, minds, viewer, ["Folk"], 12))
    both = ids(similar.like(conn, minds, viewer, [Item("al", album), "Pop"], 12))
    assert len(both) == 12 and not own & set(both)


def test_a_playlist_is_its_songs(library, minds):
    styles = compared(library, minds)
    with library.db.writing() as conn:
        libraries = tuple(number for (number,) in conn.rows("SELECT id FROM library"))
        who = conn.value("SELECT id FROM account WHERE name = 'alice'")
        viewer = Viewer(who, "alice", frozenset({"playlist", "stream"}), libraries)
        chosen = [track for track, style in styles.items() if style == 1][:3]
        number = playlists.create(conn, viewer, "Some", chosen)
    with library.db.reading() as conn:
        found = ids(similar.like(conn, minds, viewer, [Item("pl", number)], 8))
        assert {styles[track] for track in found} == {1} and not set(found) & set(chosen)
        with pytest.raises(NotFound):
            similar.like(conn, minds, replace(viewer, user_id=who + 100), [Item("pl", number)], 8)


@pytest.mark.parametrize("seeds", [
    [Item("tr", 999_999)], [Item("al", 999_999)], [Item("pe", 1)], ["No such genre"], [],
])  # fmt: skip
def test_what_is_not_there_is_not_found(conn, minds, viewer, seeds):
    with pytest.raises(NotFound):
        similar.like(conn, minds, viewer, seeds, 5)


def test_what_may_not_be_heard_is_neither_seed_nor_answer(conn, minds, heard, viewer):
    first, second = viewer.libraries
    hidden = conn.value("SELECT min(id) FROM track WHERE library_id = :id", id=second)
    few = replace(viewer, libraries=(first,))
    with pytest.raises(NotFound):
        similar.like(conn, minds, few, [Item("tr", hidden)], 5)
    theirs = {number for (number,) in conn.rows("SELECT id FROM track WHERE library_id = :id", id=second)}
    assert not theirs & set(ids(similar.like(conn, minds, few, [Item("tr", min(heard.styles))], 500)))
    with pytest.raises(NotFound):
        path.between(conn, minds, few, min(heard.styles), hidden, 5)


def test_before_anything_is_known_it_says_so(library, minds):
    viewer = Viewer(1, "ann", frozenset(), (1, 2))
    with library.db.reading() as conn:
        track = conn.value("SELECT min(id) FROM track WHERE missing_ms IS NULL")
        with pytest.raises(Unavailable):
            similar.like(conn, minds, viewer, [Item("tr", track)], 5)
        ears = sonic.Ears(minds)
        assert not ears.active(conn)
        assert ears.similar(conn, viewer, track, 5) == ears.path(conn, viewer, track, track + 1, 5) == []


def test_knobs_change_what_is_found(conn, minds, viewer, seed):
    usual = ids(similar.like(conn, minds, viewer, [Item("tr", seed)], 8))
    harmony = ids(similar.like(conn, minds, viewer, [Item("tr", seed)], 8, Knobs(sound=0, rhythm=0, harmony=1)))
    assert usual != harmony
    bold = Knobs(adventurousness=1)
    walk = ids(similar.like(conn, minds, viewer, [Item("tr", seed)], 8, bold))
    assert walk != usual and walk == ids(similar.like(conn, minds, viewer, [Item("tr", seed)], 8, bold))


def test_the_era_counts_when_it_is_to_count(conn, minds, viewer):
    seed, year = conn.row(
        "SELECT id, year FROM track WHERE year > 0 AND id < :stride ORDER BY id LIMIT 1", stride=STRIDE
    )

    def apart(knobs: Knobs) -> float:
        found = sift.rows(conn, ids(similar.like(conn, minds, viewer, [Item("tr", seed)], 8, knobs)))
        return sum(abs(row.year - year) if row.year else 40 for row in found.values())

    assert apart(Knobs(era=3)) < apart(Knobs())
    assert len(similar.like(conn, minds, viewer, [Item("tr", seed)], 8, Knobs(mood=2))) == 8


@pytest.mark.parametrize("knobs", [Knobs(sound=-1), Knobs(era=4), Knobs(adventurousness=2), Knobs(0, 0, 0),
                                   Knobs(mood=float("nan"))])  # fmt: skip
def test_a_knob_is_not_turned_too_far(conn, minds, viewer, seed, knobs):
    with pytest.raises(Invalid):
        similar.like(conn, minds, viewer, [Item("tr", seed)], 8, knobs)


def test_what_is_disliked_stays_away_and_so_does_what_is_near_it(conn, minds, heard, viewer, seed, monkeypatch):
    usual = ids(similar.like(conn, minds, viewer, [Item("tr", seed)], 12))
    monkeypatch.setattr(similar, "AWAY", [lambda db, viewer: {usual[0]: 1.0}])
    found = ids(similar.like(conn, minds, viewer, [Item("tr", seed)], 12))
    assert usual[0] not in found
    other = next(track for track, style in heard.styles.items() if style == heard.styles[seed] and track not in usual)
    assert usual[0] not in [step.track_id for step in path.between(conn, minds, viewer, seed, other, 8)]
    assert usual[0] == path.between(conn, minds, viewer, seed, usual[0], 8)[-1].track_id, "who asks for it gets it"


def test_one_recording_is_found_once(library, minds):
    styles = compared(library, minds)
    prints = array("I", [(at * 2_654_435_761) & 0xFFFFFFFF for at in range(400)])
    noisy = array("I", [word ^ (1 << at % 32) for at, word in enumerate(prints)])
    with library.db.writing() as conn:
        seed = min(styles)
        viewer = Viewer(1, "ann", frozenset(), tuple(number for (number,) in conn.rows("SELECT id FROM library")))
        same, copy, named, retold = [track for track in sorted(styles) if styles[track] == styles[seed]][1:5]
        hashes = dict(conn.rows("SELECT id, audio_hash FROM track"))
        vector = conn.value("SELECT vector FROM embedding WHERE audio_hash = :hash", hash=hashes[same])
        conn.run("UPDATE embedding SET vector = :vector WHERE audio_hash = :hash", vector=vector, hash=hashes[copy])
        for track, words in ((same, prints), (copy, noisy)):
            conn.run("UPDATE track_analysis SET fingerprint = :words WHERE audio_hash = :hash",
                     words=words.tobytes(), hash=hashes[track])  # fmt: skip
        conn.run("UPDATE track SET title = 'One Name', artist = 'Somebody', artist_id = NULL WHERE id = :id", id=named)
        conn.run("UPDATE track SET title = 'ONE name', artist = 'somebody', artist_id = NULL WHERE id = :id", id=retold)
        conn.bump("vectors")
    with library.db.reading() as conn:
        found = ids(similar.like(conn, minds, viewer, [Item("tr", seed)], 60))
        assert len({same, copy} & set(found)) == 1, "told by the fingerprint"
        assert len({named, retold} & set(found)) == 1, "told by its name"
        assert not {same, copy} & set(ids(similar.like(conn, minds, viewer, [Item("tr", same)], 60)))
        walked = [step.track_id for step in path.between(conn, minds, viewer, same, seed, 20)]
        assert copy not in walked and len(walked) == len(set(walked)) == 20


def test_a_path_has_the_ends_and_the_length_that_were_asked_for(conn, minds, heard, viewer, seed):
    end = min(track for track, style in heard.styles.items() if style != heard.styles[seed])
    for count in (2, 3, 7, 15, 40):
        walked = path.between(conn, minds, viewer, seed, end, count)
        tracks = [step.track_id for step in walked]
        assert (tracks[0], tracks[-1]) == (seed, end) and len(tracks) == count == len(set(tracks))
        assert walked[0].closeness == 1 and walked[0].reasons == () and all(step.reasons for step in walked[1:])
    assert [step.track_id for step in path.between(conn, minds, viewer, seed, seed, 5)] == [seed]
    for count in (-1, 0, 1, 201):
        with pytest.raises(Invalid):
            path.between(conn, minds, viewer, seed, end, count)


def test_a_path_goes_from_one_style_to_the_other_once(conn, minds, heard, viewer, seed):
    end = min(track for track, style in heard.styles.items() if style != heard.styles[seed])
    styles = [heard.styles[step.track_id] for step in path.between(conn, minds, viewer, seed, end, 12)]
    changes = sum(one != other for one, other in pairwise(styles))
    assert changes <= 2 and {styles[0], styles[-1]} == {heard.styles[seed], heard.styles[end]}
    without = path.between(conn, minds, viewer, seed, end, 12)[4].track_id
    assert without not in [step.track_id for step in path.between(conn, minds, viewer, seed, end, 12, [without])]


def test_a_song_nobody_listened_to_has_no_path(library, minds):
    styles = compared(library, minds)
    with library.db.writing() as conn:
        track = max(styles)
        conn.run("UPDATE track SET audio_hash = 'unheard' WHERE id = :id", id=track)
        conn.bump("library")
        viewer = Viewer(1, "ann", frozenset(), tuple(number for (number,) in conn.rows("SELECT id FROM library")))
    with library.db.reading() as conn:
        for ask in (lambda: path.between(conn, minds, viewer, min(styles), track, 5),
                    lambda: similar.like(conn, minds, viewer, [Item("tr", track)], 5)):  # fmt: skip
            with pytest.raises(Unavailable):
                ask()
        assert sonic.Ears(minds).path(conn, viewer, min(styles), track, 5) == []


def test_the_engine_answers_for_apps(conn, minds, heard, viewer, seed):
    ears = sonic.Ears(minds)
    assert ears.active(conn)
    found = ears.similar(conn, viewer, seed, 10)
    assert [track for track, _ in found] == ids(similar.like(conn, minds, viewer, [Item("tr", seed)], 10))
    assert len(ears.similar(conn, viewer, seed, 1)) == 1 and ears.similar(conn, viewer, 999_999, 5) == []
    album = [track for (track,) in conn.rows("SELECT id FROM track WHERE title LIKE 'Dawn%' OR title LIKE 'Ember%'")]
    like = ears.like(conn, viewer, album, 10)
    assert len(like) == 10 and not set(like) & set(album) and ears.like(conn, viewer, [], 10) == []
    end = max(heard.styles)
    way = ears.path(conn, viewer, seed, end, 9)
    assert len(way) == 9 and way[0] == (seed, 1.0) and way[-1][0] == end


def test_what_is_disliked_is_no_similar_song_either_where_tags_have_to_tell(library, minds):
    with library.db.writing() as conn:
        viewer = Viewer(1, "ann", LISTENER, everywhere(conn))
        seed = conn.value("SELECT id FROM track WHERE title = 'Dawn'")
        usual = [each.id for each in by_tags.tracks_like(conn, viewer, "tr", seed, 30, sonic.Ears(minds))]
        taste.dislike(conn, viewer, [(TRACK, usual[0])])
        album = conn.value("SELECT album_id FROM track WHERE id = :id", id=usual[1])
        marks.rate(conn, viewer, ALBUM, album, 1)
    with library.db.reading() as conn:
        left = [each.id for each in by_tags.tracks_like(conn, viewer, "tr", seed, 30, sonic.Ears(minds))]
        assert left and not {usual[0], usual[1]} & set(left)
