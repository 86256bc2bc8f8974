"""Shares: what guests reach and what they do not, as rights, the library and playlists change."""

import pytest

from server.kernel.errors import Forbidden, Invalid, NotFound
from server.playlists import contents, playlists, shares
from server.playlists.contents import Item
from server.playlists.shares import Change, Gone
from server.tests.plays.small import ANN, BOB, CANARY, CHIEF, MISSING, MUTE, bring_back, lose, read, statements, write
from server.tests.users.people_for_tests import prepared
from server.users import accounts
from server.users.people import Viewer

SHARING = frozenset({"stream", "share", "playlist", "download"})
ANNA = Viewer(ANN.user_id, "Ann", SHARING, (1, 2))
BERT = Viewer(BOB.user_id, "Bob", SHARING, (1,))


@pytest.fixture
def small(small):
    """Ann and Bob may share."""
    with small.writing() as conn:
        conn.run("UPDATE account SET roles = 'stream share playlist download' WHERE id < 3")
        conn.run("UPDATE account SET roles = 'admin' WHERE id = 3")
        conn.run("UPDATE account SET all_libraries = 1 WHERE id IN (1, 3)")
        conn.run("INSERT INTO account_library (user_id, library_id) VALUES (2, 1)")
        conn.many("INSERT INTO folder (id, library_id, parent_id, path, name, sort) VALUES (?, ?, ?, ?, ?, ?)", [
            (10, 1, None, "", "A", ""), (11, 1, 10, "one", "one", "one"), (12, 1, 11, "one/two", "two", "two"),
            (13, 1, 10, "one_", "one_", "one_"), (19, 2, None, "", "B", ""),
        ])  # fmt: skip
    return small


def share(db, *items, who=ANNA, **change):
    return write(db, shares.create, who, [Item(*item) for item in items], Change(**change))


def heard(db, token):
    return list(read(db, shares.reach, token).track_ids)


def test_a_token_cannot_be_guessed_and_is_no_ones_before(small):
    tokens = {share(small, ("tr", 1)) for _ in range(20)}
    assert len(tokens) == 20
    assert all(len(token) == 23 and token.startswith("sh-") for token in tokens)


def test_everything_that_can_be_shared_becomes_its_songs(small):
    assert heard(small, share(small, ("tr", 3), ("tr", 1), ("tr", 3))) == [3, 1]
    assert heard(small, share(small, ("al", 2))) == [4, 5, 6]
    assert heard(small, share(small, ("ar", 1))) == [1, 2, 3], "what they composed for others is not theirs"
    assert heard(small, share(small, ("ar", 3))) == [6]
    assert heard(small, share(small, ("fo", 11))) == [1, 2, 3, 4, 5, 6]
    assert heard(small, share(small, ("fo", 12))) == [4, 5, 6]
    mine = write(small, playlists.create, ANNA, "Mine", [5, 1, 5])
    assert heard(small, share(small, ("pl", mine))) == [5, 1]
    assert heard(small, share(small, ("tr", 4), ("al", 1), ("al", 2))) == [4, 1, 2, 3, 5, 6]


def test_nothing_is_shared_of_what_the_owner_cannot_hear(small):
    secret = write(small, playlists.create, ANNA, "Secret", [1])
    hidden = [("tr", CANARY), ("al", 9), ("ar", 9), ("fo", 19), ("pl", secret), ("tr", MISSING), ("tr", 0), ("xx", 1),
              ("tr", 777)]  # fmt: skip
    for item in hidden:
        with pytest.raises(NotFound):
            share(small, item, who=BERT)
    assert heard(small, share(small, *hidden, ("tr", 2), who=BERT)) == [2]


def test_a_guest_reaches_no_track_but_those_shared(small):
    found = read(small, shares.reach, share(small, ("al", 1)))
    assert read(small, lambda db: 4 in found.track_ids) is False
    for number in (4, CANARY, MISSING, 0):
        with pytest.raises(NotFound):
            read(small, shares.file, found, number)


def test_rights_of_the_owner_are_those_of_now(small):
    token = share(small, ("tr", CANARY), ("tr", 1))
    assert heard(small, token) == [CANARY, 1]
    write(small, accounts.change, CHIEF, "Ann", accounts.Changes(libraries=(1,)))
    assert heard(small, token) == [1]
    write(small, accounts.change, CHIEF, "Ann", accounts.Changes(libraries=(2,)))
    assert heard(small, token) == [CANARY]
    write(small, accounts.change, CHIEF, "Ann", accounts.Changes(libraries=()))
    for without in ("share", "stream"):
        write(small, accounts.change, CHIEF, "Ann", accounts.Changes(roles=SHARING - {without}))
        with pytest.raises(NotFound):
            heard(small, token)
    write(small, accounts.change, CHIEF, "Ann", accounts.Changes(roles=SHARING))
    assert heard(small, token) == [CANARY, 1]


def test_a_share_of_nothing_any_more_is_not_found_and_comes_back(small):
    token = share(small, ("tr", 1))
    lose(small, 1)
    with pytest.raises(NotFound):
        heard(small, token)
    assert read(small, shares.listed, ANNA)[0][1] == []
    bring_back(small, 1)
    assert heard(small, token) == [1]


def test_a_playlist_is_followed(small):
    mine = write(small, playlists.create, ANNA, "Mine", [1])
    token = share(small, ("pl", mine))
    write(small, playlists.update, ANNA, mine, playlists.Change(add=[4], remove=[0]))
    assert heard(small, token) == [4]
    write(small, playlists.delete, ANNA, mine)
    with pytest.raises(NotFound):
        heard(small, token)


def test_a_playlist_of_somebody_else_is_shared_for_as_long_as_it_is_public(small):
    theirs = write(small, playlists.create, ANNA, "Theirs", [1, CANARY])
    write(small, playlists.update, ANNA, theirs, playlists.Change(public=True))
    token = share(small, ("pl", theirs), who=BERT)
    assert heard(small, token) == [1]
    write(small, playlists.update, ANNA, theirs, playlists.Change(public=False))
    with pytest.raises(NotFound):
        heard(small, token)


def test_an_end_comes_and_can_be_put_off(small, clock):
    token = share(small, ("tr", 1), expires_ms=clock.ms + 1000)
    assert heard(small, token) == [1]
    clock.step(1000)
    with pytest.raises(Gone):
        heard(small, token)
    write(small, shares.update, ANNA, token, Change(expires_ms=0))
    assert heard(small, token) == [1]
    assert read(small, shares.one, ANNA, token).expires_ms is None
    for never in (-1, 1 << 60):
        with pytest.raises(Invalid):
            write(small, shares.update, ANNA, token, Change(expires_ms=never))


def test_a_deleted_share_is_gone_at_once(small):
    token = share(small, ("tr", 1))
    write(small, shares.delete, ANNA, token)
    for verb, args in ((shares.reach, (token,)), (shares.one, (ANNA, token))):
        with pytest.raises(NotFound):
            read(small, verb, *args)
    assert read(small, lambda db: db.value("SELECT count(*) FROM share_item")) == 0


def test_people_see_and_change_their_own_and_an_administrator_all(small):
    token = share(small, ("tr", 1), description="mine")
    assert [head.description for head, _ in read(small, shares.listed, ANNA)] == ["mine"]
    assert read(small, shares.listed, BERT) == []
    for call in (
        lambda: write(small, shares.update, BERT, token, Change(description="x")),
        lambda: write(small, shares.delete, BERT, token),
        lambda: read(small, shares.one, BERT, token),
    ):
        with pytest.raises(NotFound):
            call()
    assert [head.owner for head, _ in read(small, shares.listed, CHIEF)] == ["Ann"]
    write(small, shares.update, CHIEF, token, Change(description="theirs"))
    write(small, shares.delete, CHIEF, token)


def test_an_administrator_sees_songs_of_a_share_as_its_owner_does(small):
    share(small, ("tr", 1), ("tr", CANARY))
    write(small, accounts.change, CHIEF, "Ann", accounts.Changes(libraries=(1,)))
    assert [[song.id for song in songs] for _, songs in read(small, shares.listed, CHIEF)] == [[1]]


def test_the_right_to_share_is_needed(small):
    token = share(small, ("tr", 1))
    for call in (
        lambda: share(small, ("tr", 1), who=MUTE),
        lambda: write(small, shares.update, ANN, token, Change()),
        lambda: write(small, shares.delete, ANN, token),
    ):
        with pytest.raises(Forbidden):
            call()


def test_a_password_and_saving_are_set_and_taken_back(small):
    token = share(small, ("tr", 1))
    assert not read(small, shares.reach, token).saves
    write(small, shares.update, ANNA, token, Change(download=True, password=prepared("open sesame 1")))
    found = read(small, shares.reach, token)
    assert found.saves and found.share.password_hash.startswith("$argon2id$")
    write(small, shares.update, ANNA, token, Change(description="x"))
    assert read(small, shares.reach, token).share.password_hash
    write(small, shares.update, ANNA, token, Change(open=True))
    assert read(small, shares.reach, token).share.password_hash == ""
    write(small, accounts.change, CHIEF, "Ann", accounts.Changes(roles=SHARING - {"download"}))
    assert not read(small, shares.reach, token).saves


def test_visits_are_counted(small, clock):
    token = share(small, ("tr", 1))
    assert read(small, shares.one, ANNA, token)[-2:] == (None, 0)
    for _ in range(2):
        write(small, shares.visited, token)
    assert read(small, shares.one, ANNA, token)[-2:] == (clock.ms, 2)
    write(small, shares.visited, "sh-unknown")


def test_who_leaves_takes_their_shares_along(small):
    token, kept = share(small, ("tr", 1)), share(small, ("tr", 1), who=BERT)
    write(small, accounts.delete, CHIEF, "Ann")
    with pytest.raises(NotFound):
        heard(small, token)
    assert heard(small, kept) == [1]
    assert read(small, lambda db: db.value("SELECT count(*) FROM share_item")) == 1


def test_everything_has_an_end(small, monkeypatch):
    monkeypatch.setattr(shares, "ITEMS_MAX", 3)
    monkeypatch.setattr(shares, "SHARES_MAX", 2)
    monkeypatch.setattr(contents, "COLLECTIONS_MAX", 1)
    for items in ([("tr", n) for n in (1, 2, 3, 4)], [("al", 1), ("al", 2)]):
        with pytest.raises(Invalid):
            share(small, *items)
    with pytest.raises(Invalid):
        share(small, ("tr", 1), description="x" * 2001)
    for _ in range(2):
        share(small, *[("tr", 1)] * 9)
    with pytest.raises(Invalid, match="2 shares"):
        share(small, ("tr", 1))
    share(small, ("tr", 1), who=BERT)


def test_a_share_of_more_than_a_page_holds_ends_there(small, monkeypatch):
    monkeypatch.setattr(contents, "TRACKS_MAX", 4)
    assert heard(small, share(small, ("al", 1), ("al", 2), ("tr", CANARY))) == [1, 2, 3, 4]


def test_what_guests_are_told_is_in_order_and_names_no_file(small):
    told = read(small, contents.told, BERT, [4, CANARY, 1])
    assert [(each.id, each.title, each.album) for each in told] == [(4, "song 4", "album 2"), (1, "song 1", "album 1")]


def test_a_thing_is_called_by_its_name(small):
    mine = write(small, playlists.create, ANNA, "Mine", [1])
    things = {("al", 1): "album 1", ("tr", 2): "song 2", ("ar", 3): "artist 3", ("fo", 12): "two", ("pl", mine): "Mine"}
    for thing, name in things.items():
        assert read(small, contents.name, ANNA, Item(*thing))[0] == name


def test_a_guests_request_takes_few_statements(small):
    token = share(small, *[("tr", n) for n in (1, 2, 3, 4, 5, 6)])
    heard(small, token)
    assert statements(small, lambda: heard(small, token)) <= 6


def test_a_list_of_many_shares_takes_few_statements(small):
    for number in (1, 2, 3, 4, 5, 6) * 3:
        share(small, ("tr", number), ("al", 1))
    for who in (ANNA, CHIEF):
        few = len(read(small, shares.listed, who))
        assert few == 18 and statements(small, lambda who=who: read(small, shares.listed, who)) <= 24


def test_a_list_of_many_shares_tells_the_first_songs_of_each(small, monkeypatch):
    monkeypatch.setattr(shares, "LISTED_ALL_MAX", 5)
    for _ in range(2):
        share(small, *[("tr", n) for n in (1, 2, 3, 4)])
    assert [len(songs) for _, songs in read(small, shares.listed, ANNA)] == [2, 2]


def test_sharing_thousands_takes_as_few_statements_as_one(small):
    items = [Item("tr", n % 6 + 1) for n in range(4000)]
    assert statements(small, lambda: write(small, shares.create, ANNA, items)) <= 6
