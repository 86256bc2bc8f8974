"""Bookmarks and queues on the wire: objects where clients want objects, and required members always there."""

import pytest

from server.kernel.errors import Invalid, NotFound
from server.tests.plays.small import CANARY, lose
from subsonic.protocol import Missing
from subsonic.tests.calling import ann, bob, clock, small, tr

__all__ = ["ann", "bob", "clock", "small"]


def test_a_bookmark_holds_one_entry_as_an_object(ann, bob):
    ann.ask("createBookmark", id=tr(1), position=123456, comment="here")
    (mark,) = ann.ask("getBookmarks")["bookmark"]
    assert (mark["position"], mark["username"], mark["comment"]) == (123456, "Ann", "here")
    assert mark["entry"]["title"] == "song 1" and mark["entry"]["bookmarkPosition"] == 123456
    assert mark["created"] == mark["changed"] and mark["created"].endswith("Z")
    assert '<bookmark position="123456" username="Ann" comment="here"' in ann.ask("getBookmarks", fmt="xml")
    assert bob.ask("getBookmarks") == {"bookmark": []}


def test_a_bookmark_is_overwritten_and_deleted_once(ann):
    ann.ask("createBookmark", id=tr(1), position=1, comment="here")
    ann.ask("createBookmark", id=tr(1), position=2)
    (mark,) = ann.ask("getBookmarks")["bookmark"]
    assert mark["position"] == 2 and "comment" not in mark
    ann.ask("deleteBookmark", id=tr(1))
    for text in ("nonsense", *tr(1, 777)):
        with pytest.raises(NotFound):
            ann.ask("deleteBookmark", id=text)


def test_no_queue_is_an_empty_one_with_all_that_clients_require(ann):
    queue = ann.ask("getPlayQueue")
    assert queue["entry"] == [] and queue["username"] == "Ann" and queue["changedBy"] == ""
    assert queue["changed"] == "1970-01-01T00:00:00.000Z" and "current" not in queue
    assert ann.ask("getPlayQueueByIndex")["entry"] == []


def test_a_queue_saved_either_way_is_read_either_way(ann):
    ann.ask("savePlayQueue", id=tr(3, 1, 2), current=tr(1), position=4000)
    queue = ann.ask("getPlayQueueByIndex")
    assert (queue["currentIndex"], queue["position"], queue["changedBy"]) == (1, 4000, "player")
    ann.ask("savePlayQueueByIndex", id=tr(1, 2, 1), currentIndex=2)
    queue = ann.ask("getPlayQueue")
    assert (queue["current"], queue["position"]) == (tr(1)[0], 0)
    assert [entry["id"] for entry in queue["entry"]] == ["tr-1", "tr-2", "tr-1"]


def test_one_id_that_holds_commas_is_several(ann):
    ann.ask("savePlayQueue", id=",".join(tr(1, 2, 3)), current=tr(2), position=1)
    assert ann.ask("getPlayQueueByIndex")["currentIndex"] == 1


def test_saving_without_ids_clears(ann):
    ann.ask("savePlayQueue", id=tr(1), current=tr(1))
    ann.ask("savePlayQueue")
    assert ann.ask("getPlayQueue")["entry"] == []
    ann.ask("savePlayQueueByIndex", id=tr(1), currentIndex=0)
    ann.ask("savePlayQueueByIndex")
    assert ann.ask("getPlayQueue")["entry"] == []


def test_a_current_song_outside_of_the_queue_is_refused(ann):
    with pytest.raises(Invalid):
        ann.ask("savePlayQueue", id=tr(1, 2), current=tr(3))
    for params in ({"id": tr(1, 2)}, {"id": tr(1, 2), "currentIndex": 2}, {"id": tr(1, 2), "currentIndex": -1}):
        with pytest.raises(Missing):
            ann.ask("savePlayQueueByIndex", **params)
    with pytest.raises(Missing):
        ann.ask("savePlayQueue", id=tr(1))


def test_the_current_id_is_always_one_of_the_entries(ann, bob, small):
    ann.ask("savePlayQueue", id=["nonsense", *tr(777, 1, 2)], current=tr(2), position=9)
    assert ann.ask("getPlayQueue")["current"] == tr(2)[0]
    lose(small, 2)
    queue = ann.ask("getPlayQueue")
    assert (queue["current"], queue["position"], len(queue["entry"])) == (tr(1)[0], 0, 1)
    with pytest.raises(NotFound):
        bob.ask("savePlayQueue", id=tr(CANARY), current=tr(CANARY))
