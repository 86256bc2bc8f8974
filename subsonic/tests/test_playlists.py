"""Playlists on the wire: the answers without which clients make four of one, and indexes as they see them."""

import pytest

from server.kernel.errors import Forbidden, Invalid, NotFound
from server.tests.plays.small import CANARY, CHIEF, LENGTH_MS
from subsonic.protocol import Missing
from subsonic.tests.calling import IDS, Client, ann, bob, clock, small, tr

__all__ = ["ann", "bob", "clock", "small"]


def entries(client, number):
    return [entry["id"] for entry in client.ask("getPlaylist", id=number)["entry"]]


def test_creating_answers_with_the_whole_playlist(ann):
    made = ann.ask("createPlaylist", name="Road", songId=tr(2, 1, 2))
    assert [entry["id"] for entry in made["entry"]] == ["tr-2", "tr-1", "tr-2"]
    assert (made["name"], made["owner"], made["public"], made["readonly"]) == ("Road", "Ann", False, False)
    assert (made["songCount"], made["duration"]) == (3, 3 * LENGTH_MS // 1000)
    assert made["id"].startswith("pl-") and made["coverArt"] == made["id"]
    assert made["created"] == made["changed"]
    assert made == ann.ask("getPlaylist", id=made["id"])
    del made["entry"]
    assert ann.ask("getPlaylists") == {"playlist": [made]}


def test_an_empty_playlist_has_an_empty_list(ann):
    made = ann.ask("createPlaylist", name="Road")
    assert made["entry"] == [] and made["songCount"] == 0 and made["duration"] == 0


def test_creating_with_an_id_replaces(ann):
    number = ann.ask("createPlaylist", name="Road", songId=tr(1))["id"]
    assert len(ann.ask("createPlaylist", playlistId=number, songId=tr(3, 2))["entry"]) == 2
    assert entries(ann, number) == ["tr-3", "tr-2"]
    assert ann.ask("createPlaylist", playlistId=number, name="Rail", songId=tr(3))["name"] == "Rail"


def test_updating_removes_by_index_then_adds_and_clears_a_comment(ann):
    number = ann.ask("createPlaylist", name="Road", songId=tr(1, 2, 3))["id"]
    ann.ask("updatePlaylist", playlistId=number, comment="fast", public="true")
    ann.ask("updatePlaylist", playlistId=number, songIndexToRemove=[0, 2], songIdToAdd=tr(4, 4))
    assert entries(ann, number) == ["tr-2", "tr-4", "tr-4"]
    seen = ann.ask("getPlaylist", id=number)
    assert (seen["comment"], seen["public"]) == ("fast", True)
    ann.ask("updatePlaylist", playlistId=number, comment="")
    assert "comment" not in ann.ask("getPlaylist", id=number)
    with pytest.raises(Invalid):
        ann.ask("updatePlaylist", playlistId=number, songIndexToRemove=[3])


def test_five_thousand_songs_go_in_at_once(ann):
    made = ann.ask("createPlaylist", name="Long", songId=tr(*[n % 6 + 1 for n in range(5000)]))
    assert made["songCount"] == 5000


def test_strangers_see_what_is_public_and_change_nothing(ann, bob, small):
    number = ann.ask("createPlaylist", name="Road", songId=tr(1, CANARY))["id"]
    for ask in (
        lambda: bob.ask("getPlaylist", id=number),
        lambda: bob.ask("updatePlaylist", playlistId=number, name="x"),
        lambda: bob.ask("deletePlaylist", id=number),
    ):
        with pytest.raises(NotFound):
            ask()
    ann.ask("updatePlaylist", playlistId=number, public="true")
    (seen,) = bob.ask("getPlaylists")["playlist"]
    assert (seen["songCount"], seen["readonly"], seen["owner"]) == (1, True, "Ann")
    assert "canary" not in bob.ask("getPlaylist", fmt="xml", id=number)
    for ask in (
        lambda: bob.ask("createPlaylist", playlistId=number, songId=tr(2)),
        lambda: bob.ask("updatePlaylist", playlistId=number, name="x"),
        lambda: bob.ask("deletePlaylist", id=number),
        lambda: bob.ask("getPlaylists", username="Ann"),
    ):
        with pytest.raises(Forbidden):
            ask()
    assert len(Client(small, CHIEF).ask("getPlaylists", username="Ann")["playlist"]) == 1
    assert len(ann.ask("getPlaylists", username="")["playlist"]) == 1


def test_a_deleted_or_unknown_playlist_is_not_found(ann):
    number = ann.ask("createPlaylist", name="Road")["id"]
    ann.ask("deletePlaylist", id=number)
    for text in (number, "nonsense", "1", IDS.text("pl", 777), *tr(1)):
        with pytest.raises(NotFound):
            ann.ask("deletePlaylist", id=text)
    with pytest.raises(Missing):
        ann.ask("createPlaylist", songId=tr(1))
