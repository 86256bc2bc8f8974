"""Threads for the event loop: order, errors, work nobody waits for any more, an orderly end."""

import asyncio
import threading

import pytest

from server.kernel.crew import Crew


def test_one_thread_does_its_work_in_order():
    done = []

    async def all_of_it():
        crew = Crew(1, "one")
        await asyncio.gather(*(crew.run(lambda n=n: done.append((n, threading.get_ident()))) for n in range(50)))
        crew.close()

    asyncio.run(all_of_it())
    assert [n for n, _ in done] == list(range(50))
    assert len({thread for _, thread in done}) == 1 and done[0][1] != threading.get_ident()


def test_threads_start_when_there_is_more_to_do_than_hands():
    async def both():
        crew, meeting = Crew(2, "pair"), threading.Barrier(2, timeout=20)
        await asyncio.gather(crew.run(meeting.wait), crew.run(meeting.wait))
        assert len(crew._threads) == 2
        crew.close()

    asyncio.run(both())


def test_one_call_after_the_other_needs_one_thread():
    async def in_turn():
        crew = Crew(3, "turn")
        assert [await crew.run(threading.get_ident) for _ in range(5)] == [crew._threads[0].ident] * 5
        crew.close()

    asyncio.run(in_turn())


def test_what_is_raised_reaches_who_waits_and_the_thread_goes_on():
    async def wrong_then_right():
        crew = Crew(1, "one")
        with pytest.raises(ZeroDivisionError):
            await crew.run(lambda: 1 / 0)
        assert await crew.run(lambda: 7) == 7
        crew.close()

    asyncio.run(wrong_then_right())


def test_work_is_done_also_when_nobody_waits_any_more():
    begun, go_on, done = threading.Event(), threading.Event(), []

    def slow():
        begun.set()
        go_on.wait(20)
        done.append("slow")

    async def leave():
        crew = Crew(1, "one")
        waiting = asyncio.ensure_future(crew.run(slow))
        await asyncio.to_thread(begun.wait, 20)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        go_on.set()
        assert await crew.run(lambda: done.append("next")) is None
        crew.close()

    asyncio.run(leave())
    assert done == ["slow", "next"]


def test_closing_waits_for_what_was_handed_in_and_a_closed_loop_is_no_error():
    go_on, done = threading.Event(), []
    crew = Crew(1, "one")

    async def hand_in():
        crew.run(lambda: (go_on.wait(20), done.append("late")))

    asyncio.run(hand_in())
    go_on.set()
    crew.close()
    assert done == ["late"]
