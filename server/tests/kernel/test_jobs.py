"""Jobs: queued once, done, watched, cancelled, and what becomes of them when things go wrong."""

import threading
from types import SimpleNamespace

import pytest

from server.kernel import jobs
from server.kernel.errors import Conflict, Unavailable
from server.kernel.jobs import CANCELLED, DONE, FAILED, RUNNING, WAITING, Queue


@pytest.fixture
def work(db, tmp_path, monkeypatch):
    """A queue, and jobs of a test's own that put down what they did."""
    monkeypatch.setattr(jobs, "REGISTRY", {})
    queue, done = Queue("", tmp_path / "queue.db"), []
    app = SimpleNamespace(db=db, done=done)

    @jobs.job
    def note(app, running, **arguments):
        app.done.append(arguments)
        return f"{len(app.done)} done"

    @jobs.job
    def refuse(app, running):
        raise Conflict("It cannot be.")

    @jobs.job
    def break_(app, running):
        raise ZeroDivisionError("secret detail")

    @jobs.job
    def count(app, running):
        for at in range(10):
            if not running.report({"at": at}):
                raise Conflict(f"cancelled at {at}")
            app.done.append(at)
            if at == 3:
                with app.db.writing() as conn:
                    jobs.cancel(conn, "count")

    return SimpleNamespace(queue=queue, app=app, done=done, db=db)


def read(db, verb, *args):
    with db.reading() as conn:
        return verb(conn, *args)


def test_a_job_is_done_and_says_how_it_ended(work):
    number = work.queue.submit(work.db, "note", folder="a", full=True)
    assert read(work.db, jobs.latest, "note").state == WAITING
    assert read(work.db, jobs.active, "note")
    jobs.perform(work.app, number)
    ended = read(work.db, jobs.latest, "note")
    assert (ended.state, ended.message) == (DONE, "1 done")
    assert ended.created_ms <= ended.started_ms <= ended.ended_ms
    assert work.done == [{"folder": "a", "full": True}]
    assert not read(work.db, jobs.active, "note")


def test_the_same_wish_waits_once_and_runs_again_when_it_is_wished_again(work):
    first = work.queue.submit(work.db, "note", folder="a")
    assert work.queue.submit(work.db, "note", folder="a") == first
    other = work.queue.submit(work.db, "note", folder="b")
    assert other != first
    jobs.perform(work.app, first)
    assert work.queue.submit(work.db, "note", folder="a") not in (first, other)


def test_a_message_that_comes_twice_does_its_job_once(work):
    number = work.queue.submit(work.db, "note")
    jobs.perform(work.app, number)
    jobs.perform(work.app, number)
    jobs.perform(work.app, 999)
    assert len(work.done) == 1


def test_a_refusal_is_told_and_an_accident_is_not(work, caplog):
    jobs.perform(work.app, work.queue.submit(work.db, "refuse"))
    ended = read(work.db, jobs.latest, "refuse")
    assert (ended.state, ended.message) == (FAILED, "It cannot be.")
    jobs.perform(work.app, work.queue.submit(work.db, "break_"))
    ended = read(work.db, jobs.latest, "break_")
    assert ended.state == FAILED and "secret detail" not in ended.message
    assert "secret detail" in caplog.text


def test_a_job_learns_that_it_is_no_longer_wanted(work):
    jobs.perform(work.app, work.queue.submit(work.db, "count"))
    ended = read(work.db, jobs.latest, "count")
    assert (ended.state, ended.message) == (CANCELLED, "cancelled at 4")
    assert ended.progress == {"at": 4}
    assert work.done == [0, 1, 2, 3]


def test_a_job_that_is_cancelled_while_it_waits_is_never_begun(work):
    number = work.queue.submit(work.db, "note")
    with work.db.writing() as conn:
        assert jobs.cancel(conn, "note") == 1
    jobs.perform(work.app, number)
    assert work.done == []
    assert read(work.db, jobs.latest, "note").state == CANCELLED


def test_a_wish_after_a_cancelled_one_is_a_new_job(work):
    first = work.queue.submit(work.db, "note")
    with work.db.writing() as conn:
        jobs.cancel(conn, "note")
    again = work.queue.submit(work.db, "note")
    for number in {first, again}:
        jobs.perform(work.app, number)
    assert len(work.done) == 1


def test_what_ran_when_the_worker_died_is_done_again(work):
    number = work.queue.submit(work.db, "note", folder="a")
    with work.db.writing() as conn:
        conn.run("UPDATE job SET state = 'running' WHERE id = :id", id=number)
    work.queue._do_lost_again(work.db)
    assert read(work.db, jobs.counts) == {("note", FAILED): 1, ("note", WAITING): 1}
    jobs.perform(work.app, number + 1)
    assert work.done == [{"folder": "a"}]


def test_a_second_worker_leaves_alone_what_the_first_is_at(work):
    """It takes no job for lost that another one does, does none of the same name, and it is done after that one."""
    second, seen = Queue("", work.queue._file), []

    @jobs.job
    def slow(app, running, **arguments):
        if not arguments:
            later = second.submit(app.db, "slow", later=True)
            second._do_lost_again(app.db)
            assert jobs.perform(app, later) is None
            seen.append(read(app.db, jobs.counts))
        app.done.append(arguments)

    number = work.queue.submit(work.db, "slow")
    sent = []
    work.queue._app, work.queue._send = work.app, sent.append
    work.queue._perform(number)
    assert seen == [{("slow", RUNNING): 1, ("slow", WAITING): 1}]
    assert sent == [number + 1]
    work.queue._perform(number + 1)
    assert work.done == [{}, {"later": True}]


def test_the_latest_job_is_the_one_that_runs_or_began_last_whatever_the_clock_said(work):
    for at in range(3):
        work.queue.submit(work.db, "note", at=at)
    with work.db.writing() as conn:
        conn.run("UPDATE job SET state = 'done', started_ms = 5000 - id, ended_ms = 5000 WHERE id <= 2")
    assert read(work.db, jobs.latest, "note").id == 2
    with work.db.writing() as conn:
        conn.run("UPDATE job SET state = 'running' WHERE id = 1")
    assert read(work.db, jobs.latest, "note").id == 1


def test_only_the_last_of_many_ended_jobs_are_remembered(work, monkeypatch):
    monkeypatch.setattr(jobs, "KEPT", 3)
    for at in range(6):
        jobs.perform(work.app, work.queue.submit(work.db, "note", at=at))
    waiting = work.queue.submit(work.db, "note", at=99)
    with work.db.reading() as conn:
        assert len(conn.rows("SELECT id FROM job")) <= 4
        assert conn.value("SELECT state FROM job WHERE id = :id", id=waiting) == WAITING


def test_how_it_ended_is_put_down_once_the_disk_has_room_again(work, monkeypatch):
    """A full disk ends a scan, and would swallow the news of that as well: the job must not seem to run for ever."""
    number = work.queue.submit(work.db, "refuse")
    monkeypatch.setattr(jobs, "PAUSE_S", 0)
    really, refusals = work.db.writing, iter((1, 0, 1, 1))

    def writing():
        if next(refusals, 0):
            raise Unavailable("The disk that holds the database is full; nothing was changed.")
        return really()

    monkeypatch.setattr(work.db, "writing", writing)
    jobs.perform(work.app, number)
    assert read(work.db, jobs.latest, "refuse").state == FAILED


def test_a_worker_takes_up_jobs_by_way_of_the_queue(work, monkeypatch):
    """The real consumer in a thread: what waited before it started, and what comes after."""
    came = threading.Event()

    @jobs.job
    def ring(app, running):
        came.set()

    work.queue.submit(work.db, "note", before=True)
    work.queue._open()
    work.queue._app = work.app
    monkeypatch.setattr("huey.consumer.Consumer._set_signal_handlers", lambda self: None)
    consumer = work.queue._huey.create_consumer(workers=1, initial_delay=0.01, max_delay=0.02, periodic=False)
    consumer.start()
    work.queue.submit(work.db, "ring")
    assert came.wait(10)
    consumer.stop(graceful=True)
    assert work.done == [{"before": True}]


def test_messages_are_json_and_nothing_else(work):
    from server.kernel.jobs_huey import JsonSerializer

    serializer = JsonSerializer()
    with pytest.raises(ValueError):
        serializer.deserialize(b"\x80\x04\x95")
    assert serializer.deserialize(serializer.serialize({"a": [1, "x", None]})) == {"a": [1, "x", None]}
