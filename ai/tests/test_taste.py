"""What is told of a taste and what is learned of it, on both databases."""

import numpy as np
import pytest

from ai import clusters, history, modes, recommend, replay, similar, taste
from ai.tests.hearing import compared
from ai.tests.listeners import DAY, HOUR, MINUTE, play
from server.kernel.errors import NotFound
from server.plays import marks, nowplaying, plays
from server.plays.nowplaying import Report
from server.users.people import Viewer


@pytest.fixture
def known(library) -> list[int]:
    with library.db.reading() as conn:
        return [row[0] for row in conn.rows("SELECT id FROM track WHERE missing_ms IS NULL ORDER BY id")]


def weights(library, viewer) -> dict[int, float]:
    with library.db.reading() as conn:
        return dict(history.of(conn, viewer).weights)


def test_an_album_an_artist_and_one_star_are_dislikes_of_their_songs(library, viewer, known):
    with library.db.writing() as conn:
        album, artist = conn.row("SELECT album_id, artist_id FROM track WHERE id = :id", id=known[0])
        on_album = {row[0] for row in conn.rows("SELECT id FROM track WHERE album_id = :id", id=album)}
        taste.dislike(conn, viewer, [(2, album)])
        marks.rate(conn, viewer, 3, known[-1], 1)
        assert dict(similar.disliked(conn, viewer)) == dict.fromkeys([*on_album, known[-1]], 1.0)
        taste.dislike(conn, viewer, [(1, artist)])
        assert on_album < set(taste.away(conn, viewer))
        before = taste.away(conn, viewer, until_ms=taste.now_ms() - HOUR)
        assert not before, "what is said today was not known before"
        taste.like_again(conn, viewer, [(1, artist), (2, album), (3, known[-1])])
        assert dict(taste.away(conn, viewer)) == {}
        with pytest.raises(NotFound):
            taste.dislike(conn, viewer, [(3, 10**9)])


def test_what_is_stopped_early_is_a_skip_and_finishing_it_makes_up_for_it(library, viewer, known, monkeypatch):
    now = nowplaying.now_ms() - HOUR
    monkeypatch.setattr(nowplaying, "now_ms", lambda: now)
    with library.db.writing() as conn:
        conn.run("UPDATE track SET length_ms = 200000")
        for state, ms in (("playing", 0), ("stopped", 9_000)):
            now += ms
            plays.report(conn, viewer, Report(known[0], state, ms), "app")
        assert conn.rows("SELECT track_id, heard_ms FROM skip") == [(known[0], 9_000)]
        assert conn.value("SELECT count(*) FROM play") == 0
        assert taste.away(conn, viewer)[known[0]] == pytest.approx(taste.SKIPPED, abs=0.01)
        for state, ms in (("playing", 0), ("stopped", 190_000)):
            now += ms
            plays.report(conn, viewer, Report(known[0], state, ms), "app")
    with library.db.reading() as conn:
        assert known[0] not in taste.away(conn, viewer, until_ms=now + 1)


def test_an_app_that_soon_begins_another_song_has_skipped_one(library, viewer, known, monkeypatch):
    now = nowplaying.now_ms() - HOUR
    monkeypatch.setattr(nowplaying, "now_ms", lambda: now)
    with library.db.writing() as conn:
        conn.run("UPDATE track SET length_ms = 200000")
        for track, ms in ((0, 0), (1, 8_000), (2, 500), (3, 60_000), (3, 5_000)):
            now += ms
            plays.begin(conn, viewer, known[track], "app")
        plays.begin(conn, viewer, known[5], "another app")
        assert conn.rows("SELECT track_id, heard_ms FROM skip") == [(known[0], 8_000)]


def test_a_skip_that_nobody_shall_scrobble_is_none(library, viewer, known):
    with library.db.writing() as conn:
        plays.report(conn, viewer, Report(known[0], "playing", 0), "app")
        plays.report(conn, viewer, Report(known[0], "stopped", 0, ignore_scrobble=True), "app")
        assert conn.value("SELECT count(*) FROM skip") == 0


def test_plays_weigh_less_with_time_and_when_they_were_not_heard_to_the_end(library, viewer, known):
    play(library, viewer, known[:1], ago_ms=HOUR)
    play(library, viewer, known[1:2], ago_ms=30 * DAY)
    play(library, viewer, known[2:3], ago_ms=HOUR, share=0.5)
    found = weights(library, viewer)
    today, before, half = (np.expm1(found[track]) for track in known[:3])
    assert today == pytest.approx(1, abs=0.01) and before == pytest.approx(0.5, abs=0.01)
    assert half == pytest.approx(0.5, abs=0.01)


def test_nothing_is_learned_from_a_song_a_sitting_or_a_device_until_it_is_taken_back(library, viewer, known):
    play(library, viewer, known[:2], ago_ms=2 * DAY)
    began = play(library, viewer, known[2:4], ago_ms=DAY, every_ms=20 * MINUTE)
    play(library, viewer, known[4:6], ago_ms=HOUR, client="sleep")
    assert set(weights(library, viewer)) == set(known[:6])
    with library.db.writing() as conn:
        exceptions = [
            taste.unlearn(conn, viewer, taste.SONG, track_id=known[0]),
            taste.unlearn(conn, viewer, taste.SITTING, at_ms=began + 25 * MINUTE),
            taste.unlearn(conn, viewer, taste.CLIENT, client="sleep"),
        ]
    assert set(weights(library, viewer)) == {known[1]}
    with library.db.reading() as conn:
        assert set(known[:6]) <= history.of(conn, viewer).played
    with library.db.writing() as conn:
        for number in exceptions:
            taste.learn_again(conn, viewer, number)
    assert set(weights(library, viewer)) == set(known[:6])


def test_stars_weigh_and_nothing_is_left_of_who_leaves(library, viewer, known):
    with library.db.writing() as conn:
        album = conn.value("SELECT album_id FROM track WHERE id = :id", id=known[0])
        marks.star(conn, viewer, [(3, known[0]), (2, album)])
    found = weights(library, viewer)
    assert found[known[0]] == max(found.values()) and len(found) > 1
    with library.db.writing() as conn:
        taste.dislike(conn, viewer, [(3, known[1])])
        taste.forget(conn, viewer.user_id)
        assert taste.dislikes(conn, viewer) == []


def test_music_for_two_occasions_is_two_modes_with_their_hours(library, minds, viewer):
    styles = compared(library, minds, 2)
    of = {style: [track for track, each in styles.items() if each == style][:6] for style in (0, 1)}
    for days in range(1, 5):
        for style, hours in ((0, 0), (1, 11)):
            play(library, viewer, of[style], ago_ms=days * DAY + hours * HOUR, every_ms=MINUTE)
    with library.db.reading() as conn:
        from ai import recommend

        one = recommend.profile(conn, minds, viewer)
    assert len(one.modes) == 2
    assert {frozenset(styles[track] for track in mode.tracks) for mode in one.modes} == {frozenset({0}), frozenset({1})}
    first, second = (mode.hour for mode in one.modes)
    assert min((first - second) % 24, (second - first) % 24) >= 9


def test_one_kind_of_music_is_one_mode():
    points = np.random.default_rng(3).normal(size=(40, 149)).astype(np.float32)
    labels, centres = clusters.modes(points, np.ones(40, np.float32))
    assert len(centres) == 1 and set(labels) == {0}


def test_what_was_heard_long_ago_alone_is_a_taste_too(library, minds, viewer):
    """Whoever brings their history along from elsewhere may have played nothing since."""
    styles = compared(library, minds)
    play(library, viewer, [track for track in styles if styles[track] < 2][:30], ago_ms=20 * 365 * DAY)
    with library.db.reading() as conn:
        found = recommend.profile(conn, minds, viewer)
        assert sum(mode.share for mode in found.modes) == pytest.approx(1)
        assert {styles[track] for track in found.modes[0].tracks} in ({0}, {1})
        assert recommend.recommend(conn, minds, viewer, 5)[1]


def test_modes_by_tags_group_by_the_genre_that_weighs_most(library, minds, viewer, known):
    play(library, viewer, known)
    with library.db.reading() as conn:
        found = modes.of(conn, minds, None, history.of(conn, viewer))
    assert len(found) > 1 and all(mode.centre is None for mode in found)
    assert sum(mode.share for mode in found) <= 1 + 1e-9


def test_what_people_then_played_is_foreseen_better_than_by_popularity_and_by_chance(library, minds, viewer):
    styles = compared(library, minds, 3)
    others = [Viewer(at, f"somebody {at}", viewer.roles, viewer.libraries) for at in (2, 3)]
    by_style = [[track for track, each in styles.items() if each == style] for style in range(3)]
    for person, tracks in zip([viewer, *others], by_style, strict=True):
        chance = np.random.default_rng(person.user_id)
        # Everybody keeps to a style, and has favourites in it.
        likely = np.array([1 / (at + 2) for at in range(len(tracks))])
        for days in range(12, 0, -1):
            heard = chance.choice(tracks, 6, replace=False, p=likely / likely.sum())
            play(library, person, heard.tolist(), ago_ms=days * DAY)
    with library.db.reading() as conn:
        found = replay.replay(conn, minds, viewer)
        assert found.sittings == 5
        assert found.ours.r_precision > 2 * found.chance.r_precision
        assert found.ours.r_precision > found.popularity.r_precision
        assert found.new.ndcg > found.new_by_chance.ndcg
        assert found.ours.ndcg > max(found.popularity.ndcg, 1.3 * found.chance.ndcg)
        few = Viewer(9, "nobody", viewer.roles, viewer.libraries)
        assert replay.replay(conn, minds, few) is None


def test_a_ranking_is_marked_by_what_was_played():
    assert replay.marks([1, 2, 3], {1, 2}) == (1.0, 1.0)
    assert replay.marks([9, 8, 1], {1, 2}).r_precision == 0
    assert 0 < replay.marks([9, 8, 1], {1, 2}).ndcg < 0.5
