"""The job that listens: every file ends in a state, nothing is lost or heard twice, and whoever listens comes first."""

import os
import random
import threading
import time
import wave
from contextlib import contextmanager
from types import SimpleNamespace

import pytest

from ai import analyse, analyses, budget, hearers, progress
from ai.analyse import Job
from ai.analyses import CRASHED, OK, SILENT, TIMED_OUT, TOO_SHORT, VERSION
from ai.budget import Budget
from ai.progress import Progress
from server.demo.audio import write_track
from server.kernel.config import load
from server.kernel.errors import Unavailable
from server.kernel.quiet import Asking
from server.kernel.run import Child
from server.users.people import OPERATOR


@pytest.fixture
def app(shelf, tmp_path, monkeypatch):
    """As much of an App as the job needs, with children that answer at once."""
    monkeypatch.setattr(hearers, "FUNCTION", "ai.tests.listening:listen")
    # On a machine that has no time to spare, a child that takes only that would make each test last for minutes.
    monkeypatch.setattr(hearers, "Child", lambda *args, **more: Child(*args, **more | {"idle": False, "nice": 0}))
    monkeypatch.setattr(analyse.os, "getloadavg", lambda: (0.0, 0.0, 0.0))
    monkeypatch.setattr(analyse, "LOOK_S", 0.0)
    monkeypatch.setattr(analyse, "TELL_S", 0.0)
    monkeypatch.setattr(analyse, "TICK_S", 0.02)
    return SimpleNamespace(db=shelf.db, config=load({}, {"data": str(tmp_path), "analysis_cores": 1}))


@contextmanager
def going(app):
    """Let the job go on in a thread, as in a worker."""
    stop = threading.Event()
    thread = threading.Thread(target=analyse.keep_analysing, args=(app, stop))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(20)
        assert not thread.is_alive()


def until(true, limit_s: float = 20):
    """Wait for something that another thread brings about, and return it."""
    end = time.monotonic() + limit_s
    while not (found := true()):
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.005)
    return found


def told(app) -> str:
    with app.db.reading() as conn:
        return progress.of(conn).get("state", "")


def states(shelf) -> dict[str, tuple[str, str]]:
    sql = "SELECT t.name, a.state, a.reason FROM track t JOIN track_analysis a ON a.audio_hash = t.audio_hash"
    return {name: (state, reason) for name, state, reason in shelf.rows(sql)}


def write_wave(path, samples: list[int], rate_hz: int = 8000) -> None:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate_hz)
        file.writeframes(b"".join(each.to_bytes(2, "little", signed=True) for each in samples))


def test_odd_files_get_a_state_each_and_disturb_nothing(app, shelf, monkeypatch):
    monkeypatch.setattr(hearers, "FUNCTION", "ai.models.bounded:listen")
    monkeypatch.setattr(analyse, "essentia", lambda: False)
    rng = random.Random(1)
    noise = [rng.randrange(-3000, 3000) for _ in range(40_000)]
    write_wave(shelf.root / "mono.wav", noise)
    write_wave(shelf.root / "high.wav", noise * 20, 192_000)
    write_wave(shelf.root / "silence.wav", [0] * 40_000)
    write_wave(shelf.root / "second.wav", noise[:8000])
    corrupt = write_track(shelf.root / "corrupt.mp3", seconds=12, seed=7)
    whole = corrupt.read_bytes()
    torn = rng.randbytes(len(whole) // 4)
    corrupt.write_bytes(whole[: len(whole) // 3] + torn + whole[len(whole) // 3 + len(torn) :])
    short = write_track(shelf.root / "cut.flac", seconds=8, seed=5)
    short.write_bytes(short.read_bytes()[: short.stat().st_size // 4])
    locked = write_track(shelf.root / "locked.m4a", seconds=4, seed=7)
    locked.write_bytes(locked.read_bytes().replace(b"mp4a", b"drms"))
    shelf.scan()
    assert [path for path, _ in shelf.rows("SELECT path, reason FROM bad_file")] == ["locked.m4a"]
    heard = Job(app, heedless=True).run(threading.Event(), until_done=True)
    found = states(shelf)
    assert {name: state for name, (state, _) in found.items()} == {
        "mono.wav": OK, "high.wav": OK, "silence.wav": SILENT, "second.wav": TOO_SHORT, "corrupt.mp3": OK,
        "cut.flac": TOO_SHORT,
    }  # fmt: skip
    assert all(reason for state, reason in found.values() if state != OK)
    assert found["mono.wav"][1] == "" and "decoded" in found["corrupt.mp3"][1]
    assert heard.heard == 6


def test_a_song_whose_name_is_no_utf_8_is_heard_like_any_other_and_keeps_nobody_from_listening(app, shelf, monkeypatch):
    monkeypatch.setattr(hearers, "FUNCTION", "ai.models.bounded:listen")
    monkeypatch.setattr(analyse, "essentia", lambda: False)
    rng = random.Random(2)
    folder = os.fsdecode(os.fsencode(shelf.root) + b"/latin \xe9\xff")
    os.mkdir(folder)
    for name in ("caf\udce9.wav", "plain.wav"):
        write_wave(f"{folder}/{name}", [rng.randrange(-3000, 3000) for _ in range(40_000)])
    shelf.scan()
    heard = Job(app, heedless=True).run(threading.Event(), until_done=True)
    assert [state for state, _ in states(shelf).values()] == [OK, OK] and heard.heard == 2


def test_what_ends_its_listener_twice_is_left_alone_with_the_reason(app, shelf):
    for name in ("crash", "raise", "spin", "fine"):
        shelf.track(f"{name}.mp3")
    shelf.scan()
    heard = Job(app, heedless=True).run(threading.Event(), until_done=True)
    found = states(shelf)
    assert found["fine.mp3"] == (OK, "")
    assert found["crash.mp3"] == (CRASHED, "Listening to it crashed with signal 11.")
    assert found["raise.mp3"] == (CRASHED, "Listening to it failed: ValueError: that was odd.")
    assert found["spin.mp3"] == (TIMED_OUT, "Listening to it took too much processor time.")
    assert heard.heard == 7 and not heard.counts.get(analyses.WAITING)
    with app.db.reading() as conn:
        alone = analyses.quarantined(conn, shelf.viewer, 10)
        assert sorted(state for _, state, _ in alone) == [CRASHED, CRASHED, TIMED_OUT]
        assert progress.status(conn, OPERATOR, app.config).alone == []
    assert Job(app, heedless=True).run(threading.Event(), until_done=True).heard == 0


def test_a_job_that_ended_anywhere_is_taken_up_where_it_was(app, shelf):
    shelf.album("Ann/One", 5)
    shelf.scan()
    stop = threading.Event()
    first = Job(app, heedless=True, told=lambda found: found.heard and stop.set()).run(stop)
    second = Job(app, heedless=True).run(threading.Event(), until_done=True)
    assert 1 <= first.heard <= 5 and first.heard + second.heard == 5
    assert shelf.rows("SELECT CAST(count(*) AS BIGINT) FROM track_analysis") == [(5,)]


def test_files_that_vanished_or_changed_since_the_scan_are_no_failures(app, shelf):
    gone, changed, _ = shelf.album("Ann/One", 3)
    shelf.scan()
    gone.unlink()
    changed.write_bytes(changed.read_bytes() + b"more")
    Job(app, heedless=True).run(threading.Event(), until_done=True)
    assert set(states(shelf)) == {"03.mp3"}
    shelf.scan()
    Job(app, heedless=True).run(threading.Event(), until_done=True)
    assert set(states(shelf)) == {"02.mp3", "03.mp3"}


def test_a_full_disk_loses_nothing(app, shelf, monkeypatch):
    shelf.album("Ann/One", 3)
    shelf.scan()
    refused, put = [], analyses.put

    def full(*args):
        if len(refused) < 2:
            refused.append(args)
            raise Unavailable("The disk that holds the database is full; nothing was changed.")
        put(*args)

    monkeypatch.setattr(analyses, "put", full)
    monkeypatch.setattr(analyse, "REFUSED_S", 0.0)
    assert Job(app, heedless=True).run(threading.Event(), until_done=True).heard == 3
    assert len(refused) == 2 and len(states(shelf)) == 3


def test_a_pause_takes_back_what_is_in_hand_and_a_word_lets_it_go_on(app, shelf):
    (path,) = shelf.album("Ann/wait", 1)
    path.rename(path.with_name("wait.mp3"))
    shelf.scan()
    with going(app):
        until(lambda: told(app) == progress.LISTENING)
        with app.db.writing() as conn:
            budget.change(conn, OPERATOR, paused=True)
        until(lambda: told(app) == "paused")
        (shelf.root / "Ann" / "wait" / "wait.mp3.go").write_text("")
        assert states(shelf) == {}
        with app.db.writing() as conn:
            budget.change(conn, OPERATOR, paused=False, cores=2)
        until(lambda: told(app) == progress.RESTING)
    assert states(shelf) == {"wait.mp3": (OK, "")}
    assert told(app) == progress.STOPPED


def test_all_stand_still_while_somebody_waits_for_music(app, shelf, tmp_path):
    shelf.track("wait.mp3")
    shelf.scan()
    job, stop = Job(app, heedless=True), threading.Event()
    thread = threading.Thread(target=job.run, args=(stop,))
    thread.start()
    try:
        until(lambda: job._hearers.sounds and job._hearers._threads[0]._child.pid)
        pid = job._hearers._threads[0]._child.pid
        asking = Asking(tmp_path)
        end = asking.begin()
        until(lambda: state_of(pid) == "T")
        end()
        until(lambda: state_of(pid) != "T")
        asking.close()
    finally:
        stop.set()
        thread.join(20)


def state_of(pid: int) -> str:
    with open(f"/proc/{pid}/stat") as file:
        return file.read().rpartition(")")[2].split()[0]


def test_without_numpy_it_says_so_once_and_rests(app, shelf, monkeypatch, caplog):
    shelf.album("Ann/One", 1)
    shelf.scan()
    monkeypatch.setattr(analyse.importlib.util, "find_spec", lambda name: None)
    analyse.keep_analysing(app, threading.Event())
    analyse.keep_analysing(app, threading.Event())
    with app.db.reading() as conn:
        found = progress.brief(conn, app.config)
    assert found.state == progress.NOT_INSTALLED and "numpy and av are not installed" in found.reason
    assert states(shelf) == {} and "are not installed" in caplog.text


def test_a_machine_that_is_busy_is_left_alone(app, shelf, monkeypatch):
    shelf.album("Ann/One", 1)
    shelf.scan()
    load = [1000.0]
    monkeypatch.setattr(analyse.os, "getloadavg", lambda: (load[0], 0.0, 0.0))
    with going(app):
        until(lambda: told(app) == progress.MACHINE_BUSY)
        assert states(shelf) == {}
        load[0] = 0.0
        until(lambda: told(app) == progress.RESTING)
    assert len(states(shelf)) == 1


def test_only_one_listens_at_a_time(app, shelf):
    with app.db.lock(analyse.LOCK):
        stop = threading.Event()
        thread = threading.Thread(target=analyse.keep_analysing, args=(app, stop))
        thread.start()
        stop.set()
        thread.join(20)
        assert told(app) == ""


def test_hours_and_switches_say_why_nothing_is_begun():
    always = Budget(on=True, paused=False, cores=1, hours="")
    night = always._replace(hours="22-6")
    assert always.now(12) == "" and night.now(23) == night.now(5) == ""
    assert night.now(6) == night.now(21) == "outside its hours"
    assert always._replace(hours="1-6").now(6) and not always._replace(hours="1-6").now(1)
    assert night._replace(paused=True).now(23) == "paused" and always._replace(on=False).now(1) == "off"


def test_the_machine_is_counted_as_this_process_may_use_it():
    assert 1 <= budget.cores() <= 4096
    assert VERSION >= 1


def test_what_a_clock_that_was_wrong_has_counted_is_no_speed(library):
    minute = int(time.time() // 60)
    with library.db.writing() as conn:
        progress.put(conn, {"state": progress.LISTENING, "counts": {"waiting": 90}, "hearing": (),
                            "minutes": [[minute + 9000, 30], [minute - 30, 10], [minute - 10, 10]]})  # fmt: skip
        config = load({"FAMILIAR_DATA": "/nowhere"}, {})
        assert 35 <= progress.brief(conn, config).per_hour <= 41
        told = Progress(conn, False).news(progress.LISTENING, ())
    assert told["minutes"] == [(minute - 30, 10), (minute - 10, 10)]
