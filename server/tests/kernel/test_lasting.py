"""Threads that begin anew."""

import threading
from contextlib import contextmanager
from types import SimpleNamespace

from server.kernel import lasting
from server.kernel.errors import Conflict


def test_what_fails_is_logged_and_begun_anew_until_it_ends_by_itself(monkeypatch, caplog):
    monkeypatch.setattr(lasting, "AGAIN_S", 0.0)
    calls = []

    def keep_trying(app, stop):
        calls.append(app)
        if len(calls) < 3:
            raise ZeroDivisionError

    thread = lasting.thread(keep_trying, "app", threading.Event())
    thread.start()
    thread.join(10)
    assert calls == ["app"] * 3 and thread.daemon
    assert [record.exc_info[0] for record in caplog.records] == [ZeroDivisionError] * 2


def test_nothing_is_begun_anew_once_all_shall_end(caplog):
    stop = threading.Event()

    def keep_trying(app, stop):
        stop.set()
        raise ZeroDivisionError

    thread = lasting.thread(keep_trying, None, stop)
    thread.start()
    thread.join(10)
    assert not thread.is_alive() and not caplog.records


class Locks:
    """A database whose lock somebody else holds at first."""

    def __init__(self):
        self.tried = 0

    @contextmanager
    def lock(self, name: str):
        self.tried += 1
        if self.tried < 3:
            raise Conflict(f"Another process holds the {name} lock.")
        yield


def test_what_one_worker_does_the_others_stand_by_for():
    stop, turns = threading.Event(), []

    def turn() -> None:
        turns.append(db.tried)
        if len(turns) == 2:
            stop.set()

    db = Locks()
    lasting.alone(SimpleNamespace(db=db), stop, "this", 0.0, turn)
    assert turns == [3, 4]
