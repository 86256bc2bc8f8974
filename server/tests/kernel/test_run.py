"""Children that work, die, hang and hoard: the parent always gets an answer or a reason, and nothing stays behind."""

import asyncio
import contextlib
import gc
import os
import resource

import pytest

from server.kernel.errors import NotFound
from server.kernel.run import AsyncChild, Child, ChildDied, ChildError, Packed

WORK = "server.tests.kernel.childwork:work"
LONG_S = 30


@pytest.fixture
def child():
    with Child(WORK, memory_mb=256) as started:
        yield started


def say(words):
    return {"do": "echo", "say": words}


def alive(pid: int) -> bool:
    return os.path.exists(f"/proc/{pid}")


async def until(condition) -> None:
    """Wait for another process, which sets no event of ours."""
    while not condition():  # noqa: ASYNC110
        await asyncio.sleep(0)


def open_files() -> int:
    return len(os.listdir("/proc/self/fd"))


def test_a_call_returns_what_the_function_returns(child):
    assert child.call(say({"title": "Ænima", "tracks": [1, 2]}), LONG_S) == {"title": "Ænima", "tracks": [1, 2]}


def test_bytes_travel_beside_the_json(child):
    answer = child.call({"do": "bytes", "size": 5_000_000}, LONG_S)
    assert isinstance(answer, Packed)
    assert answer.value == {"size": 5_000_000}
    assert answer.data == b"\xff" * 5_000_000


@pytest.mark.parametrize(
    ("deed", "reason"),
    [
        ("crash", "crashed with signal 11"),
        ("hog", "used more than 256 MB"),
        ("leave", "ended with status 3"),
    ],
)
def test_a_death_has_a_reason_and_the_next_call_is_served(child, deed, reason):
    with pytest.raises(ChildDied, match=reason) as caught:
        child.call({"do": deed}, LONG_S)
    assert caught.value.payload == {"do": deed}
    assert child.call(say("again"), LONG_S) == "again"


def test_a_call_that_takes_too_long_is_killed(child):
    first = child.call({"do": "pid"}, LONG_S)
    with pytest.raises(ChildDied, match=r"took longer than 0\.05 s"):
        child.call({"do": "hang"}, 0.05)
    assert not alive(first)
    assert child.call(say("again"), LONG_S) == "again"


def test_an_answer_without_end_is_refused():
    with Child(WORK, answer_mb=1) as child:
        with pytest.raises(ChildDied, match="answered with more than 1 MB"):
            child.call({"do": "bytes", "size": 2_000_000}, LONG_S)
        assert child.call(say("again"), LONG_S) == "again"


def test_a_module_that_is_not_there_is_named():
    with Child("server.tests.kernel.nowhere:work") as child, pytest.raises(ChildDied, match="ModuleNotFoundError"):
        child.call({}, LONG_S)


def test_what_is_written_to_stdout_and_stderr_disturbs_nothing(child):
    assert child.call({"do": "scream"}, LONG_S) == "heard"
    assert child.call(say("fine"), LONG_S) == "fine"


def test_a_failure_of_ours_arrives_as_itself_and_the_child_lives(child):
    first = child.call({"do": "pid"}, LONG_S)
    with pytest.raises(NotFound, match=r"There is no such cover\."):
        child.call({"do": "missing"}, LONG_S)
    with pytest.raises(ChildError, match="KeyError"):
        child.call({"do": "bug"}, LONG_S)
    with pytest.raises(ChildError, match="RecursionError"):
        child.call({"do": "deep"}, LONG_S)
    assert child.call({"do": "pid"}, LONG_S) == first


def test_calls_in_flight_are_answered_in_order_and_a_death_costs_only_its_own(child):
    calls = [say(1), say(2), {"do": "crash"}, say(3), {"do": "hang"}, say(4)]
    for payload in calls:
        child.send(payload)
    answers = []
    while child.in_flight:
        try:
            answers.append(child.receive(0.5))
        except ChildDied as died:
            answers.append(died.payload["do"])
    assert answers == [1, 2, "crash", 3, "hang", 4]


def test_more_than_a_pipe_holds_may_be_in_flight(child):
    words = "a" * 300_000
    for _ in range(8):
        child.send(say(words))
    assert [len(child.receive(LONG_S)) for _ in range(8)] == [300_000] * 8


def test_a_child_is_replaced_after_its_share_of_calls():
    with Child(WORK, recycle_after=3) as child:
        for _ in range(7):
            child.send({"do": "pid"})
        pids = [child.receive(LONG_S) for _ in range(7)]
        assert [pids.count(pid) for pid in dict.fromkeys(pids)] == [3, 3, 1]
        assert child.call({"do": "pid"}, LONG_S) == pids[-1]


def test_a_child_that_died_while_idle_is_replaced_unseen(child):
    pid = child.call({"do": "pid"}, LONG_S)
    os.kill(pid, 9)
    os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
    assert child.call(say("again"), LONG_S) == "again"


def test_a_child_knows_no_secret_and_has_no_file_but_its_own(child, monkeypatch):
    monkeypatch.setenv("FAMILIAR_ADMIN_PASSWORD", "hunter2")
    environment = child.call({"do": "environment"}, LONG_S)
    assert "hunter2" not in str(environment)
    assert set(environment) <= {
        "PATH", "LC_ALL", "PYTHONUTF8", "PYTHONPATH", "LD_LIBRARY_PATH", "TZ", "LC_CTYPE",
        "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS",
    }  # fmt: skip
    found = child.call({"do": "limits"}, LONG_S)
    assert len(found["files"]) == 6
    assert found["nice"] >= 10
    assert found["session"]


@pytest.mark.skipif(os.uname().machine not in ("x86_64", "aarch64"), reason="its system calls are not known to us")
@pytest.mark.parametrize("deed", ["call_home", "start_program"])
def test_a_child_reaches_neither_the_network_nor_another_program(child, deed):
    with pytest.raises(ChildError, match="PermissionError"):
        child.call({"do": deed}, LONG_S)


def test_a_child_with_a_card_has_what_a_driver_wants_and_no_more(child):
    found = child.call({"do": "limits"}, LONG_S)
    assert (found["memory"], found["threads"]) == (256 << 20, 0)
    with Child(WORK, memory_mb=256, card=True) as other:
        found = other.call({"do": "limits"}, LONG_S)
        # Up to whatever this process may itself.
        assert (found["memory"], found["threads"]) == tuple(
            resource.getrlimit(which)[0] for which in (resource.RLIMIT_AS, resource.RLIMIT_NPROC)
        )
        if os.uname().machine in ("x86_64", "aarch64"):
            with pytest.raises(ChildError, match="PermissionError"):
                other.call({"do": "start_program"}, LONG_S)


def test_nothing_stays_behind():
    gc.collect()  # what an earlier test left to be collected is not to be closed in between
    before, pids = open_files(), []
    for deed in ("echo", "crash", "hang", "leave"):
        with Child(WORK) as child, contextlib.suppress(ChildDied):
            pids.append(child.call({"do": "pid"}, LONG_S))
            child.call({"do": deed, "say": ""}, 0.2)
    assert open_files() == before
    # A process that ended and was not reaped would still be listed.
    assert not any(alive(pid) for pid in pids)


def test_a_pool_serves_many_calls_and_survives_deaths():
    async def calls():
        pool = AsyncChild(WORK, processes=2)
        deeds = [say(at) if at % 5 else {"do": "crash"} for at in range(20)]
        found = await asyncio.gather(*(pool.call(deed, LONG_S) for deed in deeds), return_exceptions=True)
        assert 1 <= len(pool.pids) <= 2
        await pool.close()
        assert pool.pids == []
        return found

    found = asyncio.run(calls())
    assert [at for at in range(20) if isinstance(found[at], ChildDied)] == [0, 5, 10, 15]
    assert [answer for answer in found if isinstance(answer, int)] == [at for at in range(20) if at % 5]


def test_a_pool_lets_its_idle_children_go_and_starts_them_again():
    async def calls():
        pool = AsyncChild(WORK, idle_s=0.01)
        first = await pool.call({"do": "pid"}, LONG_S)
        await until(lambda: not alive(first))
        assert await pool.call(say("again"), LONG_S) == "again"
        await pool.close()

    asyncio.run(asyncio.wait_for(calls(), LONG_S))


def test_a_thread_can_ask_a_pool_and_its_idle_children_end_all_the_same():
    async def calls():
        pool = AsyncChild(WORK, idle_s=0.01)
        pool.attach(asyncio.get_running_loop())
        first = await asyncio.to_thread(pool.ask, {"do": "pid"}, LONG_S)
        await until(lambda: not alive(first))
        with pytest.raises(ChildDied):
            await asyncio.to_thread(pool.ask, {"do": "crash"}, LONG_S)
        await pool.close()

    asyncio.run(asyncio.wait_for(calls(), LONG_S))


def test_a_pool_works_without_an_event_loop():
    pool = AsyncChild(WORK)
    assert pool.ask(say("now"), LONG_S) == "now"
    pool.close_now()
    assert pool.pids == []


def test_an_idle_child_takes_only_what_nobody_else_wants():
    with Child(WORK, idle=True) as child:
        assert os.sched_getscheduler(child.call({"do": "pid"}, LONG_S)) == os.SCHED_IDLE
    with Child(WORK) as child:
        child.call({"do": "pid"}, LONG_S)
        assert os.sched_getscheduler(child.pid) == os.SCHED_OTHER


def test_closing_a_pool_ends_the_calls_in_progress_and_refuses_new_ones():
    async def calls():
        pool = AsyncChild(WORK)
        hanging = asyncio.ensure_future(pool.call({"do": "hang"}, LONG_S))
        await until(lambda: pool.pids)
        await pool.close()
        with pytest.raises(ChildDied):
            await hanging

    asyncio.run(asyncio.wait_for(calls(), LONG_S))


def test_a_child_ends_with_its_parent():
    script = f"from server.kernel.run import Child; import os; c = Child({WORK!r})\n"
    script += "print(c.call({'do': 'pid'}, 30), flush=True); c.send({'do': 'hang'}); os.kill(os.getpid(), 9)"

    async def parent():
        process = await asyncio.create_subprocess_exec(os.sys.executable, "-c", script, stdout=asyncio.subprocess.PIPE)
        pid = int(await process.stdout.readline())
        await process.wait()
        await until(lambda: not alive(pid))

    asyncio.run(asyncio.wait_for(parent(), LONG_S))
