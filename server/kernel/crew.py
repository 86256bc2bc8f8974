"""Threads that the event loop hands work to.

A `ThreadPoolExecutor` makes two futures, a condition and several locks for each
call; for work as short as one row on disk that was a fifth of the processor's
time (measured: 130 µs of a star's write, of which 27 go with this). The rule a
newcomer would break: what is handed in runs to its end, also when whoever
waited for it has gone.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from queue import SimpleQueue
from threading import Lock, Thread
from typing import Any


class Crew:
    """Up to `count` threads, started when they are first needed, that do what they are given in order."""

    def __init__(self, count: int, name: str):
        self._count, self._name = count, name
        self._work: SimpleQueue = SimpleQueue()
        self._threads: list[Thread] = []
        self._waiting, self._lock = 0, Lock()

    def run(self, function: Callable[[], Any]) -> asyncio.Future:
        """Have one of the threads call `function`; the future gives what it returns or raises."""
        loop = asyncio.get_running_loop()
        future = loop.create_future()
        with self._lock:
            self._waiting += 1
            if self._waiting > len(self._threads) < self._count:
                # A daemon: a program that fails before it closes its database must still be able to end.
                thread = Thread(target=self._serve, name=f"{self._name}-{len(self._threads)}", daemon=True)
                self._threads.append(thread)
                thread.start()
        self._work.put((loop, future, function))
        return future

    def close(self) -> None:
        """Let everything handed in be done, and end the threads."""
        for _ in self._threads:
            self._work.put(None)
        for thread in self._threads:
            thread.join()
        self._threads.clear()

    def _serve(self) -> None:
        while (given := self._work.get()) is not None:
            loop, future, function = given
            value, error = None, None
            try:
                value = function()
            except BaseException as raised:
                error = raised
            with self._lock:
                self._waiting -= 1
            # A loop that has ended meanwhile has nobody who waits.
            with suppress(RuntimeError):
                loop.call_soon_threadsafe(_settle, future, value, error)
            del given, future, function, value, error


def _settle(future: asyncio.Future, value: Any, error: BaseException | None) -> None:
    if future.cancelled():
        return
    if error is None:
        future.set_result(value)
    else:
        future.set_exception(error)
