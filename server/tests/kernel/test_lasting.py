"""Threads that begin anew."""

import threading

from server.kernel import lasting


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
