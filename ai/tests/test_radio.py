"""Radio and alchemy on both databases: what comes next, what never comes again, what an exclusion takes."""

from dataclasses import replace

import pytest

from ai import alchemy, describe, radio, similar, sonic
from ai.radio import Heard
from ai.seeds import Seeds
from ai.similar import Knobs
from ai.tests.hearing import compared, multiply
from server.kernel.errors import Invalid, NotFound
from server.library.facts import TRACK
from server.playlists.contents import Item
from server.plays import marks

STILL = Knobs()


@pytest.fixture
def styles(library, minds) -> dict[int, int]:
    return compared(library, minds)


@pytest.fixture
def conn(library, styles):
    with library.db.reading() as found:
        yield found


def song(*tracks: int) -> Seeds:
    return Seeds(tuple(Item("tr", track) for track in tracks))


def artists(conn, tracks) -> list[int]:
    known = dict(conn.rows("SELECT t.id, t.artist_id FROM EACH(:ids) e JOIN track t ON t.id = e.id", ids=tracks))
    return [known[track] for track in tracks]


def test_a_radio_goes_on_and_on_and_never_plays_a_song_twice(conn, minds, viewer, styles):
    track, heard = min(styles), ()
    for _ in range(8):
        found = radio.after(conn, minds, viewer, song(track), Heard(played=heard), 5, dice="monday")
        assert len(found.tracks) == 5 and not found.sentence
        assert all(each.reasons and 0 <= each.closeness <= 1 for each in found.tracks)
        heard += tuple(each.track_id for each in found.tracks)
    assert len(set(heard)) == len(heard) == 40 and track not in heard


def test_a_radio_stays_with_its_seed_and_the_same_dice_make_the_same_radio(conn, minds, viewer, styles):
    track = min(styles)
    first, again, other = (
        [each.track_id for each in radio.after(conn, minds, viewer, song(track), Heard(), 8, knobs, dice).tracks]
        for knobs, dice in ((radio.USUAL, "a"), (radio.USUAL, "a"), (radio.USUAL, "b"))
    )
    assert first == again and first != other
    assert {styles[each] for each in first} == {styles[track]}


def test_an_artist_is_not_played_all_along(conn, minds, viewer, styles):
    found = radio.after(conn, minds, viewer, song(min(styles)), Heard(), 30, STILL)
    order = artists(conn, [each.track_id for each in found.tracks])
    assert len(set(order)) > 5
    assert all(order[at] != order[at + 1] for at in range(len(order) - 5))
    assert all(order[:10].count(artist) <= max(radio.MOST, 10 // len(set(order)) + 1) for artist in order)


def test_who_has_all_that_is_near_does_not_play_all_along_either(library, minds, viewer):
    """All works of a composer, all parts of a story: beyond hundreds of them are others."""
    with library.db.writing() as conn:
        multiply(conn, library.ids, 8)
    styles = compared(library, minds, 2)
    theirs = {track for track, style in styles.items() if not style}
    seed = min(theirs)
    with library.db.writing() as conn:
        artist = conn.value("SELECT artist_id FROM track WHERE id = :id", id=seed)
        conn.run("UPDATE track SET artist_id = :artist, artist = 'Bach' WHERE id IN (SELECT id FROM EACH(:ids))",
                 artist=artist, ids=sorted(theirs))  # fmt: skip
        conn.run("DELETE FROM credit WHERE track_id IN (SELECT id FROM EACH(:ids))", ids=sorted(theirs))
        conn.many("INSERT INTO credit (track_id, artist_id, role, sub_role, at) VALUES (?, ?, 'artist', '', 0)",
                  [(track, artist) for track in sorted(theirs)])  # fmt: skip
        conn.bump("library")
    with library.db.reading() as conn:
        alike = [each.track_id for each in similar.like(conn, minds, viewer, [Item("tr", seed)], 10)]
        assert len(alike) == 10 and 0 < len(theirs.intersection(alike)) <= 2
        found = sonic.Ears(minds).like(conn, viewer, [seed], 10)
        assert len(found) == 10 and 0 < len(theirs.intersection(found)) <= 2
        heard: tuple[int, ...] = ()
        for _ in range(4):
            page = radio.after(conn, minds, viewer, song(seed), Heard(played=heard), 5, STILL, "a")
            heard += tuple(each.track_id for each in page.tracks)
        at = [track in theirs for track in heard]
        assert len(at) == 20 and any(at) and all(sum(at[place : place + 10]) <= 2 for place in range(11))


def test_what_is_near_a_skipped_song_is_pushed_down_at_once(conn, minds, viewer, styles):
    one, other = (next(track for track, style in styles.items() if style == wanted) for wanted in (0, 1))
    before = radio.after(conn, minds, viewer, song(one, other), Heard(), 12, STILL)
    skipped = tuple(each.track_id for each in before.tracks if styles[each.track_id] == 0)[:3]
    after = radio.after(conn, minds, viewer, song(one, other), Heard(skipped, skipped), 12, STILL)
    count = [sum(styles[each.track_id] == 0 for each in found.tracks) for found in (before, after)]
    assert count[1] < count[0]
    assert not {each.track_id for each in after.tracks} & set(skipped)


def test_an_adventurous_radio_follows_what_was_heard_to_the_end(conn, minds, viewer, styles):
    one, other = (next(track for track, style in styles.items() if style == wanted) for wanted in (0, 1))
    knobs = Knobs(adventurousness=1.0)
    found = radio.after(conn, minds, viewer, song(one), Heard(played=(other,)), 20, knobs)
    assert {styles[each.like] for each in found.tracks} == {0, 1}
    still = radio.after(conn, minds, viewer, song(one), Heard(played=(other,)), 20, STILL)
    assert {each.like for each in still.tracks} == {one}
    liked = radio.after(conn, minds, viewer, song(one), Heard(liked=(other,)), 20, STILL)
    assert other in {each.like for each in liked.tracks}


def test_albums_artists_and_genres_have_radios_that_may_play_their_own_songs(conn, minds, viewer, styles):
    album, artist = conn.row("SELECT album_id, artist_id FROM track WHERE id = :id", id=min(styles))
    genre = conn.value("SELECT name FROM genre ORDER BY id LIMIT 1")
    for seeds in (Seeds((Item("al", album),)), Seeds((Item("ar", artist),)), Seeds(genres=(genre,))):
        assert len(radio.after(conn, minds, viewer, seeds, Heard(), 10).tracks) == 10


def test_ones_own_taste_is_a_seed(library, minds, viewer, styles):
    with library.db.reading() as conn, pytest.raises(NotFound):
        radio.after(conn, minds, viewer, Seeds(taste=True), Heard(), 5)
    with library.db.writing() as conn:
        marks.rate(conn, viewer, TRACK, min(styles), 5)
    with library.db.reading() as conn:
        found = radio.after(conn, minds, viewer, Seeds(taste=True), Heard(), 5)
        assert {each.like for each in found.tracks} == {min(styles)}


def test_words_are_a_seed(library, minds, viewer, styles):
    describe.catch_up(library.db, minds, "")
    with library.db.reading() as conn:
        genre = conn.value("SELECT name FROM genre ORDER BY id LIMIT 1")
        assert radio.after(conn, minds, viewer, Seeds(words=genre), Heard(), 5).tracks
        with pytest.raises(NotFound, match="qqqq"):
            radio.after(conn, minds, viewer, Seeds(words="qqqq"), Heard(), 5)


def test_what_is_disliked_never_comes_and_pushes_away_what_sounds_like_it(conn, minds, viewer, styles, monkeypatch):
    one, other = (next(track for track, style in styles.items() if style == wanted) for wanted in (0, 1))
    before = [each.track_id for each in radio.after(conn, minds, viewer, song(one, other), Heard(), 12, STILL).tracks]
    bad = next(track for track in before if styles[track] == 0)
    monkeypatch.setattr(similar, "AWAY", [lambda db, viewer: {bad: 1.0}])
    after = [each.track_id for each in radio.after(conn, minds, viewer, song(one, other), Heard(), 12, STILL).tracks]
    assert bad not in after
    assert sum(styles[each] == 0 for each in after) < sum(styles[each] == 0 for each in before)


def test_a_session_that_has_heard_everything_is_told_so(conn, minds, viewer, styles):
    found = radio.after(conn, minds, viewer, song(min(styles)), Heard(played=tuple(styles)), 5)
    assert found == ([], radio.SPENT)


def test_a_radio_plays_nothing_that_the_viewer_may_not_hear(conn, minds, viewer, styles):
    few = replace(viewer, libraries=viewer.libraries[:1])
    theirs = {track for (track,) in conn.rows("SELECT id FROM track WHERE library_id = :id", id=viewer.libraries[0])}
    found = radio.after(conn, minds, few, song(min(theirs & set(styles))), Heard(), 100)
    assert found.tracks and {each.track_id for each in found.tracks} <= theirs
    with pytest.raises(NotFound):
        radio.after(conn, minds, few, song(min(set(styles) - theirs)), Heard(), 5)
    one, hidden = min(theirs & set(styles)), min(set(styles) - theirs)
    assert song(one, hidden).songs(conn, few) == {one}, "else it would tell what the hidden one is a copy of"


def test_these_but_not_those(conn, minds, viewer, styles):
    one, other = (next(track for track, style in styles.items() if style == wanted) for wanted in (0, 1))
    both = alchemy.mix(conn, minds, viewer, song(one, other), Seeds(), 20)
    assert {styles[each.track_id] for each in both.tracks} == {0, 1} and not both.removed
    unwanted = [track for track, style in styles.items() if style == 1 and track != other][:4]
    without = alchemy.mix(conn, minds, viewer, song(one, other), song(*unwanted), 20, exclusion=0.9)
    share = [sum(styles[each.track_id] == 1 for each in mix.tracks) for mix in (both, without)]
    assert share[1] < share[0] and without.removed > 0


def test_an_exclusion_that_leaves_little_says_so_and_how_to_loosen_it(conn, minds, viewer, styles):
    track = min(styles)
    near = [each.track_id for each in alchemy.mix(conn, minds, viewer, song(track), Seeds(), 3).tracks]
    tight = alchemy.mix(conn, minds, viewer, song(track), song(*near), 25, exclusion=1.0)
    assert len(tight.tracks) < 25 and 0 < tight.removed <= tight.considered
    assert f"removes {tight.removed} of the {tight.considered}" in tight.sentence and "Loosen" in tight.sentence
    looser = alchemy.mix(conn, minds, viewer, song(track), song(*near), 25, exclusion=tight.loosen_to)
    assert len(looser.tracks) > len(tight.tracks)
    assert not set(near) & {each.track_id for each in looser.tracks}


def test_what_makes_no_sense_is_refused(conn, minds, viewer, styles):
    with pytest.raises(Invalid):
        alchemy.mix(conn, minds, viewer, song(min(styles)), Seeds(), 5, exclusion=1.5)
    with pytest.raises(Invalid):
        radio.after(conn, minds, viewer, Seeds(), Heard(), 5)
