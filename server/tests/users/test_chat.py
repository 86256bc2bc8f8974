"""The chat: in order, without holes for those who ask for what is new, and with an end."""

import pytest

from server.kernel.errors import Invalid, Unavailable
from server.tests.plays.small import ANN, BOB, fill, read, write
from server.users import chat


@pytest.fixture
def room(db, monkeypatch):
    fill(db)
    monkeypatch.setattr(chat, "now_ms", lambda: 1_790_000_000_000)
    return db


def test_the_newest_comes_first_and_no_two_bear_one_time(room):
    times = [write(room, chat.say, who, text) for who, text in ((ANN, "hello"), (BOB, "hi"), (ANN, "how are you?"))]
    assert times == [1_790_000_000_000, 1_790_000_000_001, 1_790_000_000_002]
    assert [(each.name, each.text) for each in read(room, chat.messages, BOB)] == [
        ("Ann", "how are you?"), ("Bob", "hi"), ("Ann", "hello")
    ]  # fmt: skip
    assert [each.text for each in read(room, chat.messages, ANN, times[0])] == ["how are you?", "hi"]
    assert read(room, chat.messages, ANN, times[2]) == []


def test_control_characters_go_and_the_rest_stays_as_it_was(room):
    write(room, chat.say, ANN, " a\x00b\r\nc\u202e 👩‍👩‍👧 <b>&amp;</b> \x1b[31m ")
    assert read(room, chat.messages, BOB)[0].text == "a b c  👩‍👩‍👧 <b>&amp;</b>  [31m"


@pytest.mark.parametrize("text", ["", "  \n", "\x00\x01", "x" * 2001])
def test_what_is_no_message_is_refused(room, text):
    with pytest.raises(Invalid):
        write(room, chat.say, ANN, text)
    assert read(room, chat.messages, ANN) == []


def test_only_the_newest_are_kept(room, monkeypatch):
    monkeypatch.setattr(chat, "KEPT", 3)
    for at in range(5):
        write(room, chat.say, ANN, str(at))
    assert [each.text for each in read(room, chat.messages, ANN)] == ["4", "3", "2"]
    with room.reading() as conn:
        assert conn.value("SELECT CAST(count(*) AS BIGINT) FROM chat_message") == 3


def test_who_leaves_takes_their_words_along(room):
    write(room, chat.say, ANN, "mine")
    write(room, chat.say, BOB, "his")
    write(room, chat.forget, ANN.user_id)
    assert [each.text for each in read(room, chat.messages, BOB)] == ["his"]


def test_nobody_pushes_out_what_others_have_said(room, monkeypatch):
    for at in range(chat.PER_MINUTE):
        write(room, chat.say, ANN, str(at))
    with pytest.raises(Unavailable, match="30 messages in a minute"):
        write(room, chat.say, ANN, "once more")
    write(room, chat.say, BOB, "hello?")
    monkeypatch.setattr(chat, "now_ms", lambda: 1_790_000_000_000 + 61_000)
    write(room, chat.say, ANN, "later")
    assert [each.text for each in read(room, chat.messages, BOB)[:2]] == ["later", "hello?"]
