"""Playlists: whose they are, what their indexes mean, and that nothing hidden is lost."""

import pytest

from server.kernel.errors import Forbidden, Invalid, NotFound
from server.playlists import playlists
from server.playlists.playlists import Change
from server.tests.plays.small import (
    ANN,
    BOB,
    CANARY,
    CHIEF,
    LENGTH_MS,
    MISSING,
    MUTE,
    bring_back,
    lose,
    read,
    statements,
    write,
)  # fmt: skip


def make(db, viewer=ANN, tracks=(), name="Mine", public=False):
    number = write(db, playlists.create, viewer, name, list(tracks))
    if public:
        write(db, playlists.update, viewer, number, Change(public=True))
    return number


def shown(db, number, viewer=ANN):
    return [track.id for track in read(db, playlists.opened, viewer, number)[1]]


def stored(db, number):
    return [track for (track,) in read(db, lambda conn: conn.rows(
        "SELECT track_id FROM playlist_track WHERE playlist_id = :id ORDER BY at", id=number))]


def head(db, number, viewer=ANN):
    return read(db, playlists.opened, viewer, number)[0]


def names(db, viewer, username=None):
    return [each.name for each in read(db, playlists.listed, viewer, username)]


def test_a_playlist_keeps_its_order_and_repetitions(small, clock):
    number = make(small, tracks=[3, 1, 3, 2])
    assert shown(small, number) == [3, 1, 3, 2]
    assert head(small, number) == playlists.Playlist(
        id=number, name="Mine", comment="", owner="Ann", public=False, readonly=False, track_count=4,
        length_ms=4 * LENGTH_MS, created_ms=clock.ms, changed_ms=clock.ms,
    )  # fmt: skip
    assert read(small, playlists.listed, ANN) == [head(small, number)]


def test_removals_count_from_before_the_call_and_additions_follow(small):
    number = make(small, tracks=[1, 2, 3, 4, 5])
    write(small, playlists.update, ANN, number, Change(remove=[3, 0, 0], add=[6, 6, 1]))
    assert shown(small, number) == [2, 3, 5, 6, 6, 1]


@pytest.mark.parametrize("index", [-1, 3, 10**12])
def test_an_index_outside_changes_nothing(small, index):
    number = make(small, tracks=[1, 2, 3])
    with pytest.raises(Invalid):
        write(small, playlists.update, ANN, number, Change(name="Other", remove=[0, index]))
    assert shown(small, number) == [1, 2, 3]
    assert head(small, number).name == "Mine"


def test_indexes_count_what_the_viewer_sees(small):
    number = make(small, ANN, [1, CANARY, 2, 3, CANARY, 4], public=True)
    lose(small, 2)
    assert shown(small, number, BOB) == [1, 3, 4]
    assert shown(small, number, ANN) == [1, CANARY, 3, CANARY, 4]
    write(small, playlists.update, ANN, number, Change(remove=[2]))
    assert shown(small, number, ANN) == [1, CANARY, CANARY, 4]
    bring_back(small, 2)
    assert shown(small, number, ANN) == [1, CANARY, 2, CANARY, 4]


def test_replacing_keeps_what_the_viewer_cannot_see_at_its_place(small):
    number = make(small, tracks=[1, 2, 3, 4])
    lose(small, 2)
    write(small, playlists.replace, ANN, number, [4, 3, 1, 5])
    assert shown(small, number) == [4, 3, 1, 5]
    bring_back(small, 2)
    assert shown(small, number) == [4, 2, 3, 1, 5]
    lose(small, 2)
    write(small, playlists.replace, ANN, number, [])
    assert shown(small, number) == []
    bring_back(small, 2)
    assert shown(small, number) == [2]


def test_replacing_can_rename_and_otherwise_leaves_the_name(small):
    number = make(small, tracks=[1])
    write(small, playlists.replace, ANN, number, [2])
    assert (head(small, number).name, shown(small, number)) == ("Mine", [2])
    write(small, playlists.replace, ANN, number, [3], "Ours")
    assert (head(small, number).name, shown(small, number)) == ("Ours", [3])


def test_an_empty_comment_clears_it_and_none_leaves_it(small):
    number = make(small)
    write(small, playlists.update, ANN, number, Change(comment="for the road"))
    write(small, playlists.update, ANN, number, Change(public=True))
    assert (head(small, number).comment, head(small, number).public) == ("for the road", True)
    write(small, playlists.update, ANN, number, Change(comment=""))
    assert (head(small, number).comment, head(small, number).public) == ("", True)


def test_every_change_moves_its_time_even_within_a_millisecond(small, clock):
    number = make(small)
    times = [head(small, number).changed_ms]
    for change in (Change(name="A"), Change(add=[1]), Change(remove=[0]), Change(public=True)):
        write(small, playlists.update, ANN, number, change)
        times.append(head(small, number).changed_ms)
    write(small, playlists.replace, ANN, number, [1])
    times.append(head(small, number).changed_ms)
    assert times == sorted(set(times))
    clock.step(1_000_000)
    write(small, playlists.update, ANN, number, Change(add=[1]))
    assert head(small, number).changed_ms == clock.ms


def test_a_name_is_needed(small):
    with pytest.raises(Invalid):
        make(small, name="  ")
    number = make(small)
    with pytest.raises(Invalid):
        write(small, playlists.update, ANN, number, Change(name=""))


def test_unknown_tracks_are_left_out_and_nothing_but_unknown_is_not_found(small):
    number = make(small, BOB, [777, 1, CANARY, MISSING, 2])
    assert shown(small, number, BOB) == stored(small, number) == [1, 2]
    for attempt in (
        lambda: make(small, BOB, [777, CANARY]),
        lambda: write(small, playlists.update, BOB, number, Change(add=[CANARY])),
        lambda: write(small, playlists.replace, BOB, number, [MISSING, 777]),
    ):
        with pytest.raises(NotFound):
            attempt()
    assert stored(small, number) == [1, 2]
    assert names(small, BOB) == ["Mine"]


def test_a_private_playlist_does_not_exist_for_others(small):
    number = make(small, ANN, [1])
    assert names(small, BOB) == []
    for attempt in (
        lambda: shown(small, number, BOB),
        lambda: read(small, playlists.covers, BOB, number),
        lambda: write(small, playlists.update, BOB, number, Change(name="Stolen")),
        lambda: write(small, playlists.replace, BOB, number, [2]),
        lambda: write(small, playlists.delete, BOB, number),
        lambda: write(small, playlists.delete, ANN, 777),
    ):
        with pytest.raises(NotFound):
            attempt()
    assert shown(small, number) == [1]


def test_a_public_playlist_can_be_read_by_others_and_changed_by_nobody_else(small):
    number = make(small, ANN, [1, CANARY], public=True)
    (seen,) = read(small, playlists.listed, BOB)
    assert (seen.owner, seen.readonly, seen.track_count, seen.length_ms) == ("Ann", True, 1, LENGTH_MS)
    assert seen == head(small, number, BOB)
    assert b"canary" not in b"".join(track.face for track in read(small, playlists.opened, BOB, number)[1])
    for attempt in (
        lambda: write(small, playlists.update, BOB, number, Change(name="Stolen")),
        lambda: write(small, playlists.replace, BOB, number, [2]),
        lambda: write(small, playlists.delete, BOB, number),
    ):
        with pytest.raises(Forbidden):
            attempt()
    assert head(small, number).name == "Mine"


def test_an_administrator_may_change_any(small):
    number = make(small, ANN, [1])
    assert head(small, number, CHIEF).readonly is False
    write(small, playlists.update, CHIEF, number, Change(name="Tidied", add=[2]))
    assert (head(small, number).name, head(small, number).owner, shown(small, number)) == ("Tidied", "Ann", [1, 2])
    write(small, playlists.delete, CHIEF, number)
    with pytest.raises(NotFound):
        shown(small, number)


def test_lists_hold_ones_own_and_the_public_ones_of_others_by_name(small):
    make(small, ANN, name="beta")
    make(small, ANN, name="Alpha", public=True)
    make(small, BOB, name="gamma")
    assert names(small, ANN) == ["Alpha", "beta"]
    assert names(small, BOB) == ["Alpha", "gamma"]
    assert names(small, BOB, "BOB") == ["Alpha", "gamma"]
    assert names(small, CHIEF) == ["Alpha"]
    assert names(small, CHIEF, "ann") == ["Alpha", "beta"]
    with pytest.raises(NotFound):
        names(small, CHIEF, "nobody")
    for username in ("Ann", "nobody"):
        with pytest.raises(Forbidden):
            names(small, BOB, username)


def test_without_the_right_nobody_makes_or_changes_one(small):
    with pytest.raises(Forbidden):
        make(small, MUTE)
    number = make(small, ANN, public=True)
    with pytest.raises(Forbidden):
        write(small, playlists.delete, MUTE, number)


def test_the_id_of_a_deleted_playlist_is_never_given_again(small):
    first = make(small)
    write(small, playlists.delete, ANN, first)
    assert make(small) > first


def test_counts_follow_the_library_and_other_peoples_changes(small):
    number = make(small, ANN, [1, 2], public=True)
    assert read(small, playlists.listed, BOB)[0].track_count == 2
    lose(small, 2)
    assert read(small, playlists.listed, BOB)[0].track_count == 1
    write(small, playlists.update, ANN, number, Change(add=[3, 4]))
    assert read(small, playlists.listed, BOB)[0].track_count == 3


def test_a_cover_is_made_of_the_first_four_albums_that_the_viewer_hears(small):
    number = make(small, ANN, [CANARY, 4, 5, 1, 4], public=True)
    assert read(small, playlists.covers, ANN, number) == [59, 52, 51]
    assert read(small, playlists.covers, BOB, number) == [52, 51]


def test_five_thousand_tracks_take_as_few_statements_as_one(small):
    many = [n % 6 + 1 for n in range(5000)]
    assert statements(small, lambda: make(small, tracks=many)) == 7
    number = read(small, playlists.listed, ANN)[0].id
    assert statements(small, lambda: shown(small, number)) == 3
    assert statements(small, lambda: write(small, playlists.replace, ANN, number, many)) == 7
    change = Change(remove=range(0, 5000, 2), add=many)
    assert statements(small, lambda: write(small, playlists.update, ANN, number, change)) == 7
    assert shown(small, number) == many[1::2] + many


def test_a_list_of_many_playlists_takes_three_statements(small):
    for n in range(20):
        make(small, tracks=[1, 2], name=str(n))
    assert statements(small, lambda: names(small, ANN)) <= 3


def test_who_leaves_takes_their_playlists_along(small):
    make(small, ANN, [1], public=True)
    kept = make(small, BOB, [1])
    write(small, playlists.forget, ANN.user_id)
    assert names(small, BOB) == ["Mine"] and shown(small, kept, BOB) == [1]
    assert read(small, lambda conn: conn.value("SELECT count(*) FROM playlist_track")) == 1


def test_a_playlist_has_an_end(small, monkeypatch):
    monkeypatch.setattr(playlists, "TRACKS_MAX", 3)
    number = make(small, tracks=[1, 2, 1])
    for call in (
        lambda: write(small, playlists.update, ANN, number, Change(add=[3])),
        lambda: write(small, playlists.replace, ANN, number, [1, 2, 3, 1]),
        lambda: make(small, tracks=[1, 1, 1, 1]),
    ):
        with pytest.raises(Invalid, match="3 songs"):
            call()
    assert stored(small, number) == [1, 2, 1]


def test_names_and_comments_have_an_end(small):
    number = make(small, name="n" * 500)
    write(small, playlists.update, ANN, number, Change(comment="c" * 20_000))
    for change in (Change(name="n" * 501), Change(comment="c" * 20_001)):
        with pytest.raises(Invalid, match="characters at most"):
            write(small, playlists.update, ANN, number, change)
    with pytest.raises(Invalid, match="characters at most"):
        make(small, name="n" * 501)
