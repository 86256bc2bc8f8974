"""The lists that Familiar makes: what is in them, that they stay for their time, that their owner is their master."""

import threading
from dataclasses import replace
from importlib import import_module
from itertools import pairwise
from types import SimpleNamespace

import pytest

from ai import listener, made, recommend, similar, taste
from ai.discover import WEEKLY
from ai.tests.hearing import compared, multiply
from ai.tests.listeners import DAY, play
from server.kernel.clock import now_ms
from server.kernel.errors import Forbidden, NotFound
from server.kernel.run import ChildError
from server.library.names import UNKNOWN_ARTIST
from server.playlists import playlists
from server.playlists.contents import Item
from server.playlists.playlists import Change
from server.plays import marks

WEEK = 7 * DAY


@pytest.fixture
def styles(library, minds) -> dict[int, int]:
    found = compared(library, minds, 2)
    with library.db.writing() as conn:
        conn.run("UPDATE track SET added_ms = added_ms - :long", long=90 * DAY)
        conn.run("UPDATE album SET added_ms = added_ms - :long", long=90 * DAY)
        conn.bump("library")
    return found


def of(styles: dict[int, int], style: int, count: int) -> list[int]:
    return [track for track, each in styles.items() if each == style][:count]


def at_once(library, minds, viewer, kinds=None, now=None) -> list[int]:
    now = now or now_ms()
    with library.db.reading() as conn:
        kinds = made.due(conn, viewer, now) if kinds is None else kinds
        drafts = made.drafts(conn, minds, viewer, kinds, now)
    with library.db.writing() as conn:
        return made.keep(conn, viewer, kinds, drafts, now)


def opened(library, viewer, name: str):
    with library.db.reading() as conn:
        head = next(each for each in playlists.listed(conn, viewer) if each.name == name)
        return head, playlists.reasons(conn, viewer, head.id)


def test_discover_weekly_is_mostly_new_fits_and_says_why(library, minds, viewer, styles):
    liked = of(styles, 1, 8)
    play(library, viewer, liked)
    at_once(library, minds, viewer)
    head, entries = opened(library, viewer, "Discover Weekly")
    assert len(entries) == len({entry.track_id for entry in entries}) == 30
    assert sum(entry.track_id not in liked for entry in entries) >= 21
    assert all(entry.reason for entry in entries)
    assert any("neighbours" in entry.reason for entry in entries)
    first = [styles[entry.track_id] for entry in entries[:10]]
    assert first.count(1) >= 8
    assert head.readonly and head.made_as == WEEKLY and head.valid_until_ms > now_ms()
    assert "Chosen by what you play and how it sounds" in head.comment


def test_of_who_has_only_starred_nobody_says_that_they_play(library, minds, viewer, styles):
    with library.db.writing() as conn:
        marks.star(conn, viewer, [(3, track) for track in of(styles, 1, 12)])
        conn.run("UPDATE mark SET starred_ms = starred_ms - 1000")
    at_once(library, minds, viewer, ["weekly"])
    said = [entry.reason for entry in opened(library, viewer, "Discover Weekly")[1]]
    assert any("whom you like" in reason for reason in said)
    assert not any("whom you play" in reason or "an artist you play" in reason for reason in said)


def test_a_week_s_list_stays_and_the_next_one_is_another(library, minds, viewer, styles):
    play(library, viewer, of(styles, 1, 8))
    at_once(library, minds, viewer, now=now_ms())
    head, before = opened(library, viewer, "Discover Weekly")
    with library.db.reading() as conn:
        assert made.due(conn, viewer) == []
    assert at_once(library, minds, viewer) == []
    assert opened(library, viewer, "Discover Weekly") == (head, before)
    at_once(library, minds, viewer, now=now_ms() + WEEK)
    later, after = opened(library, viewer, "Discover Weekly")
    assert later.id == head.id and later.changed_ms > head.changed_ms
    assert {entry.track_id for entry in before} != {entry.track_id for entry in after}
    with library.db.reading() as conn:
        assert [list(week.entries) for week in made.weeks(conn, viewer)] == [after, before]


def test_what_nobody_is_named_for_has_no_artist_in_common_and_one_name_is_many_songs(library, minds, viewer, styles):
    nameless = of(styles, 1, 24)
    with library.db.writing() as conn:
        nobody = conn.value("SELECT artist_id FROM track WHERE id = :id", id=nameless[0])
        conn.run(
            "UPDATE track SET artist = :unknown, artist_id = :nobody, title = 'Track 01'"
            " WHERE id IN (SELECT id FROM EACH(:ids))", unknown=UNKNOWN_ARTIST, nobody=nobody, ids=nameless,
        )  # fmt: skip
        conn.bump("library")
    play(library, viewer, nameless[:6])
    with library.db.reading() as conn:
        alike = similar.like(conn, minds, viewer, [Item("tr", nameless[0])], 10)
        assert len({each.track_id for each in alike} & set(nameless)) > 5
        assert not any("also by" in reason for each in alike for reason in each.reasons if each.track_id in nameless)
        _, picks = recommend.recommend(conn, minds, viewer, 10, 1.0)
        assert {each.track_id for each in picks} & set(nameless[6:]), "another song of the name was not heard"
        assert not any(UNKNOWN_ARTIST in each.reason for each in picks)
        assert not any(UNKNOWN_ARTIST in mode.artists for mode in recommend.profile(conn, minds, viewer).modes)


def test_each_kind_of_music_somebody_likes_has_a_mix(library, minds, viewer, styles):
    play(library, viewer, of(styles, 0, 8) + of(styles, 1, 6))
    at_once(library, minds, viewer, ["mixes"])
    with library.db.reading() as conn:
        mixes = [each for each in playlists.listed(conn, viewer) if each.made_as == "mixes"]
        found = [[entry.track_id for entry in playlists.reasons(conn, viewer, each.id)] for each in mixes]
    assert [each.name for each in mixes] == ["Daily Mix 1", "Daily Mix 2"]
    assert not set(found[0]) & set(found[1])
    for tracks in found:
        kinds = [styles[track] for track in tracks]
        assert max(kinds.count(0), kinds.count(1)) >= 0.8 * len(kinds)


def test_a_clock_that_was_wrong_and_is_put_right_makes_no_list_twice(library, minds, viewer, styles):
    play(library, viewer, of(styles, 0, 8) + of(styles, 1, 6))
    at_once(library, minds, viewer, now=now_ms() + 8 * DAY)
    before = set()
    for _ in range(3):
        at_once(library, minds, viewer)
        with library.db.reading() as conn:
            there = {(each.id, each.name) for each in playlists.listed(conn, viewer)}
            assert made.due(conn, viewer) == []
        assert len({name for _, name in there}) == len(there) and there == (before or there)
        before = there


def test_the_radar_shows_what_was_added_by_those_whom_one_plays(library, minds, viewer, styles):
    play(library, viewer, of(styles, 1, 8))
    at_once(library, minds, viewer, ["radar"])
    with pytest.raises(StopIteration):
        opened(library, viewer, "Release Radar")
    with library.db.writing() as conn:
        album = conn.value("SELECT album_id FROM track WHERE id = :id", id=of(styles, 1, 1)[0])
        conn.run("UPDATE album SET added_ms = :now WHERE id = :id", id=album, now=now_ms() - DAY)
        conn.run("UPDATE track SET added_ms = :now WHERE album_id = :id", id=album, now=now_ms() - DAY)
    at_once(library, minds, viewer, ["radar"])
    _, entries = opened(library, viewer, "Release Radar")
    with library.db.reading() as conn:
        albums = {conn.value("SELECT album_id FROM track WHERE id = :id", id=each.track_id) for each in entries}
    assert albums == {album}
    assert any("added this week by an artist you play" in entry.reason for entry in entries)


def test_nobody_changes_such_a_list_and_whoever_deletes_it_is_rid_of_it(library, minds, viewer, styles):
    play(library, viewer, of(styles, 1, 8))
    at_once(library, minds, viewer, ["weekly"])
    head, entries = opened(library, viewer, "Discover Weekly")
    with library.db.writing() as conn:
        for change in (Change(name="Mine"), Change(public=True), Change(remove=[0]), Change(add=[entries[0].track_id])):
            with pytest.raises(Forbidden, match="makes this playlist itself"):
                playlists.update(conn, viewer, head.id, change)
        with pytest.raises(Forbidden):
            playlists.replace(conn, viewer, head.id, [])
        with pytest.raises(NotFound):
            playlists.delete(conn, replace(viewer, user_id=77), head.id)
        copied = playlists.create(conn, viewer, "Mine", playlists.track_ids(conn, viewer, head.id))
        assert not next(each for each in playlists.listed(conn, viewer) if each.id == copied).readonly
        playlists.delete(conn, viewer, head.id)
    with library.db.reading() as conn:
        assert made.settings(conn, viewer)["weekly"] is False
    at_once(library, minds, viewer, now=now_ms() + WEEK)
    with pytest.raises(StopIteration):
        opened(library, viewer, "Discover Weekly")
    with library.db.writing() as conn:
        made.asked(conn, viewer, ["weekly"])
    at_once(library, minds, viewer, ["weekly"])
    assert len(opened(library, viewer, "Discover Weekly")[1]) == 30


def test_in_a_small_library_a_week_begins_with_what_was_not_in_the_last_one(library, minds, viewer, styles):
    few = sorted(styles)[:60]
    with library.db.writing() as conn:
        conn.run("UPDATE track SET missing_ms = 1 WHERE id NOT IN (SELECT id FROM EACH(:few))", few=few)
        conn.bump("library")
    play(library, viewer, [track for track in few if styles[track] == 1][:10])
    found = []
    for week in range(4):
        at_once(library, minds, viewer, ["weekly"], now=now_ms() + week * WEEK)
        found.append([entry.track_id for entry in opened(library, viewer, "Discover Weekly")[1]])
    for last, this in pairwise(found):
        assert len(set(this)) == len(this) == 30
        assert not set(this[:20]) & set(last) and len(set(this) & set(last)) == 10


def test_what_is_switched_off_goes_away_and_comes_back(library, minds, viewer, styles):
    play(library, viewer, of(styles, 1, 8))
    at_once(library, minds, viewer)
    with library.db.writing() as conn:
        made.switch(conn, viewer, "mixes", False)
        assert "mixes" not in {each.made_as for each in playlists.listed(conn, viewer)}
        assert made.settings(conn, viewer) == {"weekly": True, "mixes": False, "radar": True}
        assert "mixes" not in made.due(conn, viewer, now_ms() + DAY)
        made.switch(conn, viewer, "mixes", True)
        assert made.settings(conn, viewer)["mixes"] is True


def test_a_deleted_list_stays_away_when_another_is_switched_off(library, minds, viewer, styles):
    play(library, viewer, of(styles, 1, 8))
    at_once(library, minds, viewer, ["weekly", "mixes"])
    head, _ = opened(library, viewer, "Discover Weekly")
    with library.db.writing() as conn:
        playlists.delete(conn, viewer, head.id)
        made.switch(conn, viewer, "mixes", False)
        assert made.settings(conn, viewer) == {"weekly": False, "mixes": False, "radar": True}
        assert "weekly" not in made.due(conn, viewer, now_ms() + WEEK)


def test_why_a_song_is_in_a_list_is_told_to_nobody_but_its_owner(library, minds, viewer, styles):
    play(library, viewer, of(styles, 1, 8))
    at_once(library, minds, viewer, ["weekly"])
    head, entries = opened(library, viewer, "Discover Weekly")
    boss = replace(viewer, user_id=77, name="boss", roles=viewer.roles | {"admin"})
    with library.db.reading() as conn:
        shown = playlists.reasons(conn, boss, head.id)
    assert [entry.track_id for entry in shown] == [entry.track_id for entry in entries]
    assert not any(entry.reason for entry in shown)


def test_without_a_play_there_is_a_list_of_what_is_here(library, minds, viewer):
    with library.db.writing() as conn:
        multiply(conn, library.ids)
    with library.db.reading() as conn:
        basis, picks = recommend.recommend(conn, minds, viewer, 12)
    assert len(picks) == 12 and basis == listener.BASIS_NOTHING
    assert all(pick.reason for pick in picks)


def test_without_an_analysis_tags_and_plays_are_enough_and_it_says_so(library, minds, viewer):
    with library.db.writing() as conn:
        multiply(conn, library.ids)
        artist = conn.value("SELECT id FROM artist WHERE name = 'Aurora Vale'")
        own = [row[0] for row in conn.rows("SELECT id FROM track WHERE artist_id = :artist ORDER BY id LIMIT 4",
                                           artist=artist)]  # fmt: skip
    play(library, viewer, own)
    with library.db.reading() as conn:
        basis, picks = recommend.recommend(conn, minds, viewer, 12, fresh=1)
        assert basis == listener.BASIS_TAGS
        assert not {pick.track_id for pick in picks} & set(own)
        assert any("Aurora Vale, whom you play" in pick.reason for pick in picks)


def test_a_list_made_from_tags_is_made_once_more_when_the_sound_is_known(library, minds, viewer):
    with library.db.writing() as conn:
        multiply(conn, library.ids)
        own = [row[0] for row in conn.rows("SELECT id FROM track ORDER BY id LIMIT 12")]
    play(library, viewer, own)
    at_once(library, minds, viewer)
    assert listener.BASIS_TAGS in opened(library, viewer, "Discover Weekly")[0].comment
    with library.db.reading() as conn:
        assert made.due(conn, viewer) == []
    compared(library, minds)
    with library.db.reading() as conn:
        assert made.due(conn, viewer) == list(made.KINDS)
    at_once(library, minds, viewer)
    assert listener.BASIS_SOUND in opened(library, viewer, "Discover Weekly")[0].comment
    with library.db.reading() as conn:
        assert made.due(conn, viewer) == []


def test_a_favourite_of_long_ago_comes_back_with_its_time(library, minds, viewer, styles):
    old, lately = of(styles, 1, 1), of(styles, 1, 9)[1:]
    for month in (14, 15, 16):
        play(library, viewer, old, ago_ms=int(month * 30.5 * DAY))
    play(library, viewer, lately)
    with library.db.reading() as conn:
        _, picks = recommend.recommend(conn, minds, viewer, 30, fresh=0)
    assert any(pick.track_id == old[0] and "not heard for 14 months" in pick.reason for pick in picks)


def test_who_has_played_all_of_their_kind_gets_something_else_for_once(library, minds, viewer, styles):
    theirs = of(styles, 1, 200)
    with library.db.writing() as conn:
        conn.run("UPDATE track SET artist_id = id % 2 + 1")
        conn.run("DELETE FROM track_genre")
        conn.run("DELETE FROM credit")
        conn.bump("library")
    play(library, viewer, theirs)
    at_once(library, minds, viewer, ["weekly"])
    _, entries = opened(library, viewer, "Discover Weekly")
    assert len(entries) == 30 and sum(entry.track_id not in theirs for entry in entries) >= 21


def test_no_artist_is_in_more_than_two_of_ten_while_others_fit(library, minds, viewer, styles):
    with library.db.writing() as conn:
        conn.run("UPDATE track SET artist_id = id % 10 + 1")
        conn.run("DELETE FROM credit")
        conn.bump("library")
    play(library, viewer, of(styles, 1, 8))
    with library.db.reading() as conn:
        _, picks = recommend.recommend(conn, minds, viewer, 20, fresh=1)
        artists = [conn.value("SELECT artist_id FROM track WHERE id = :id", id=pick.track_id) for pick in picks]
    assert all(artists[at : at + 10].count(artist) <= 2 for at in range(11) for artist in artists)


def test_what_is_disliked_never_comes_and_pushes_its_neighbours_down(library, minds, viewer, styles):
    play(library, viewer, of(styles, 0, 6) + of(styles, 1, 6))
    bad = of(styles, 1, 16)[6:]
    with library.db.writing() as conn:
        taste.dislike(conn, viewer, [(3, track) for track in bad])
    with library.db.reading() as conn:
        _, picks = recommend.recommend(conn, minds, viewer, 20, fresh=1)
    tracks = [pick.track_id for pick in picks]
    assert not set(tracks) & set(bad)
    assert [styles[track] for track in tracks[:6]].count(0) >= 5


def test_what_is_disliked_leaves_the_lists_at_once(library, minds, viewer, styles):
    play(library, viewer, of(styles, 1, 8))
    at_once(library, minds, viewer, ["weekly"])
    head, entries = opened(library, viewer, "Discover Weekly")
    with library.db.writing() as conn:
        taste.dislike(conn, viewer, [(3, entries[4].track_id)])
    later, left = opened(library, viewer, "Discover Weekly")
    assert left == [*entries[:4], *entries[5:]]
    assert later.changed_ms > head.changed_ms and later.track_count == head.track_count - 1


def test_one_star_in_an_app_is_such_a_dislike(library, minds, viewer, styles):
    play(library, viewer, of(styles, 1, 8))
    at_once(library, minds, viewer, ["weekly"])
    _, entries = opened(library, viewer, "Discover Weekly")
    assert "ai.taste:rated" in import_module("server.serving").marks.RATED, "a server says so"
    with library.db.writing() as conn:
        marks.rate(conn, viewer, 3, entries[2].track_id, 2)
        marks.rate(conn, viewer, 3, entries[4].track_id, 1)
        album = conn.value("SELECT album_id FROM track WHERE id = :id", id=entries[9].track_id)
        marks.rate(conn, viewer, 2, album, 1)
        on_it = {row[0] for row in conn.rows("SELECT id FROM track WHERE album_id = :id", id=album)}
    left = {entry.track_id for entry in opened(library, viewer, "Discover Weekly")[1]}
    assert left == {entry.track_id for entry in entries} - {entries[4].track_id} - on_it


def test_what_is_disliked_while_a_list_is_made_does_not_come_into_it(library, minds, viewer, styles):
    play(library, viewer, of(styles, 1, 8))
    with library.db.reading() as conn:
        drafts = made.drafts(conn, minds, viewer, ["weekly"])
    unwanted = drafts[0].picks[3].track_id
    with library.db.writing() as conn:
        taste.dislike(conn, viewer, [(3, unwanted)])
        made.keep(conn, viewer, ["weekly"], drafts)
    _, entries = opened(library, viewer, "Discover Weekly")
    assert len(entries) == 29 and unwanted not in {entry.track_id for entry in entries}


def test_what_goes_wrong_for_one_person_keeps_nobody_else_waiting(library, viewer, monkeypatch):
    people = [replace(viewer, user_id=number) for number in (1, 2)]
    tried = []

    def make(db, minds, person):
        tried.append(person)
        raise ChildError("ValueError", "not that")

    monkeypatch.setattr(made.accounts, "everyone", lambda conn: [SimpleNamespace(viewer=each) for each in people])
    monkeypatch.setattr(made.history, "enough", lambda *_: True)
    monkeypatch.setattr(made, "make", make)
    made._turn(SimpleNamespace(db=library.db, part=lambda kind: None), threading.Event())
    assert tried == people


def test_nobody_is_given_what_they_may_not_hear(library, minds, viewer, styles):
    play(library, viewer, of(styles, 1, 8))
    few = replace(viewer, libraries=viewer.libraries[:1])
    with library.db.reading() as conn:
        hidden = {row[0] for row in conn.rows("SELECT id FROM track WHERE library_id = :id", id=viewer.libraries[1])}
        _, picks = recommend.recommend(conn, minds, few, 200)
    assert picks and not {pick.track_id for pick in picks} & hidden
