"""Quiet: asked for by one process, heard by another, and never depended on."""

import os

from server.kernel import quiet
from server.kernel.quiet import Asking, Listening


def test_quiet_lasts_from_the_first_word_to_a_little_after_the_last(tmp_path, monkeypatch):
    listening, asking = Listening(tmp_path), Asking(tmp_path)
    assert not listening.wait(0)
    first, second = asking.begin(), asking.begin()
    assert listening.wait(0)
    first()
    first()
    monkeypatch.setattr(quiet, "AFTER_S", 0.0)
    assert listening.wait(0) and listening._open == 1
    second()
    assert not listening.wait(0)
    asking.close()
    listening.close()


def test_who_never_says_the_last_word_is_waited_for_a_while_only(tmp_path, monkeypatch):
    listening, asking = Listening(tmp_path), Asking(tmp_path)
    monkeypatch.setattr(quiet, "LONGEST_S", 0.0)
    asking.begin()
    assert not listening.wait(0)
    monkeypatch.setattr(quiet, "LONGEST_S", 10.0)
    monkeypatch.setattr(quiet, "AFTER_S", 0.0)
    asking.begin()()
    assert not listening.wait(0) and listening._open == 0
    asking.close()
    listening.close()


def test_nobody_has_to_listen(tmp_path):
    asking = Asking(tmp_path)
    asking.begin()()
    listening = Listening(tmp_path)
    asking.begin()
    assert listening.wait(0)
    listening.close()
    asking.begin()()
    again = Listening(tmp_path)
    asking.begin()
    assert again.wait(0)
    again.close()
    asking.close()


def test_who_does_not_read_stops_nobody(tmp_path):
    listening, asking = Listening(tmp_path), Asking(tmp_path)
    for _ in range(70_000):
        asking.begin()
    assert listening.wait(0)
    asking.close()
    listening.close()


def test_a_folder_without_pipes_is_a_folder_without_quiet(tmp_path):
    (tmp_path / quiet.PIPE).mkdir()
    listening, asking = Listening(tmp_path), Asking(tmp_path)
    asking.begin()()
    assert not listening.wait(0)
    (tmp_path / quiet.PIPE).rmdir()
    (tmp_path / quiet.PIPE).write_text("left by somebody")
    listening = Listening(tmp_path)
    asking.begin()
    assert listening.wait(0) and not os.path.isfile(tmp_path / quiet.PIPE)
    listening.close()
    asking.close()
