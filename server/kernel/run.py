"""Child processes that work for us: parsers and picture makers, limited and replaceable.

A `Child` runs one function of ours, call after call, in a process with bounded
memory, time, files and rights; `AsyncChild` is a pool of them for the event
loop. A child serves its calls in order, so a death costs exactly the call that
it was serving: that one raises `ChildDied`, the calls behind it are served by
the next process. The rule a newcomer would break: a child ends with the thread
that started it, so start it where it is used.
"""

import asyncio
import os
import select
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import orjson

from server.kernel import errors
from server.kernel.child import FAILURE, HEAD, MEGABYTE, MEMORY, PACKED, VALUE, Packed, frame

__all__ = ["AsyncChild", "Child", "ChildDied", "ChildError", "Packed"]

ROOT = Path(__file__).parents[2]
BEGIN = "from server.kernel.child import main; main()"
"""Not `-m`, which would make a second copy of the module and of the classes in it."""
PASSED_ON = ("LD_LIBRARY_PATH", "TZ")
"""All of our environment that a child gets; anything else may be a secret."""
COMPLAINT_BYTES = 4096
"""How much of a child's stderr is kept: the end, where a traceback says what it was."""
CHUNK = 256 * 1024


class ChildDied(Exception):
    """A child ended, or was ended, in the middle of a call: `reason` in words, and the payload of that call."""

    def __init__(self, reason: str, payload: Any = None):
        super().__init__(reason)
        self.reason, self.payload = reason, payload


class ChildError(Exception):
    """The function raised something that is no Failure of ours; the child lives on."""

    def __init__(self, kind: str, sentence: str):
        super().__init__(f"{kind}: {sentence}")
        self.kind, self.sentence = kind, sentence


class Child:
    """One process at a time for one function, `"package.module:function"`; for one thread at a time.

    The function takes one JSON value and returns one, or `Packed(value, bytes)`. `send` and `receive` keep the
    process busy while the caller does something else: answers come in the order of the calls.
    """

    def __init__(
        self, function: str, *, memory_mb: int = 512, nice: int = 10, idle: bool = False, recycle_after: int = 5000,
        answer_mb: int = 64, card: bool = False,
    ):  # fmt: skip
        """`card`: it computes on a graphics card, whose driver wants threads, files and addresses without end."""
        self.function, self.memory_mb, self.nice, self.idle = function, memory_mb, nice, idle
        self.recycle_after, self.answer_bytes, self.card = recycle_after, answer_mb * MEGABYTE, card
        self._process: subprocess.Popen | None = None
        self._waiting: deque[tuple[Any, bytes]] = deque()
        self._outgoing, self._incoming, self._complaint = bytearray(), bytearray(), b""
        self._served, self._silent, self._mute = 0, False, False

    def __enter__(self) -> "Child":
        return self

    def __exit__(self, *_) -> None:
        self.close()

    @property
    def pid(self) -> int | None:
        """The number of the process, None when there is none just now."""
        return self._process.pid if self._process else None

    @property
    def in_flight(self) -> int:
        """How many calls were sent and not yet received."""
        return len(self._waiting)

    def call(self, payload: Any, timeout_s: float) -> Any:
        """Return what the function makes of `payload`.

        Raises ChildDied, the function's own Failure, or ChildError for any other exception of the function.
        """
        if self._waiting:
            raise RuntimeError("call() may not overtake calls that were sent")
        self.send(payload)
        return self.receive(timeout_s)

    def send(self, payload: Any) -> None:
        """Hand over one more call and return at once; what the pipe cannot hold yet goes out during `receive`."""
        if self._process and not self._waiting and self._process.poll() is not None:
            self._reap()
        data = frame(VALUE, payload)
        self._waiting.append((payload, data))
        if self._process is None:
            self._start()
        else:
            self._outgoing += data
        self._pump(0)

    def receive(self, timeout_s: float) -> Any:
        """Return the answer to the oldest call, or raise as `call` does; `timeout_s` counts from here."""
        if not self._waiting:
            raise RuntimeError("receive() without a call that was sent")
        if self._process is None:
            self._start()
        deadline = time.monotonic() + timeout_s
        while (found := self._next_frame()) is None:
            left_s = deadline - time.monotonic()
            if self._silent:
                self._ended()
            elif left_s <= 0:
                self._lose(f"took longer than {timeout_s:g} s")
            else:
                self._pump(left_s)
        self._served += 1
        return self._result(*found)

    def hold(self, still: bool) -> None:
        """Let the process stand still, or go on. Any thread may do this."""
        process = self._process
        if process is not None and process.poll() is None:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGSTOP if still else signal.SIGCONT)

    def kill(self) -> None:
        """Kill the process with everything it started. Any thread may do this; a waiting call then raises."""
        process = self._process
        if process is not None and process.poll() is None:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)

    def close(self) -> None:
        """End the process and forget the calls in flight; the next call would start another."""
        self._waiting.clear()
        self._reap()

    def _start(self) -> None:
        """Start a process and give it every call that still waits for an answer."""
        settings = {
            "memory_mb": self.memory_mb,
            "nice": self.nice,
            "card": self.card,
            "idle": self.idle,
            "recycle_after": self.recycle_after,
            "parent": os.getpid(),
        }
        # -P: nothing is imported from the working directory.
        command = [sys.executable, "-P", "-c", BEGIN, self.function, orjson.dumps(settings).decode()]
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,
            cwd="/",
            env=_environment(),
            start_new_session=True,
        )
        for pipe in (self._process.stdin, self._process.stdout, self._process.stderr):
            os.set_blocking(pipe.fileno(), False)
        self._outgoing = bytearray(b"".join(data for _payload, data in self._waiting))
        self._incoming, self._complaint = bytearray(), b""
        self._served, self._silent, self._mute = 0, False, False

    def _pump(self, timeout_s: float) -> None:
        """Move bytes in all directions, waiting up to `timeout_s` for the first that can be moved."""
        process, poller = self._process, select.poll()
        poller.register(process.stdout, select.POLLIN)
        if not self._mute:
            poller.register(process.stderr, select.POLLIN)
        if self._outgoing:
            poller.register(process.stdin, select.POLLOUT)
        for fd, _event in poller.poll(timeout_s * 1000):
            if fd == process.stdout.fileno():
                chunk = os.read(fd, CHUNK)
                self._incoming += chunk
                self._silent = not chunk
            elif fd == process.stderr.fileno():
                chunk = os.read(fd, CHUNK)
                self._complaint = (self._complaint + chunk)[-COMPLAINT_BYTES:]
                self._mute = not chunk
            else:
                self._write(fd)

    def _write(self, fd: int) -> None:
        try:
            del self._outgoing[: os.write(fd, self._outgoing[:CHUNK])]
        except BrokenPipeError:
            # It has ended; the end of its stdout will tell how.
            self._outgoing.clear()

    def _next_frame(self) -> tuple[int, bytes, bytes] | None:
        if len(self._incoming) < HEAD.size:
            return None
        kind, length, tail = HEAD.unpack_from(self._incoming)
        if length + tail > self.answer_bytes:
            self._lose(f"answered with more than {self.answer_bytes // MEGABYTE} MB")
        end = HEAD.size + length
        if len(self._incoming) < end + tail:
            return None
        body, data = bytes(self._incoming[HEAD.size : end]), bytes(self._incoming[end : end + tail])
        del self._incoming[: end + tail]
        return kind, body, data

    def _result(self, kind: int, body: bytes, data: bytes) -> Any:
        if kind == MEMORY:
            self._lose(f"used more than {self.memory_mb} MB")
        try:
            value = orjson.loads(body)
        except orjson.JSONDecodeError:
            self._lose("answered with something unreadable")
        self._waiting.popleft()
        if kind == FAILURE:
            ours = getattr(errors, value["failure"], None)
            if isinstance(ours, type) and issubclass(ours, errors.Failure):
                raise ours(value["sentence"])
            raise ChildError(value["failure"], value["sentence"])
        return Packed(value, data) if kind == PACKED else value

    def _ended(self) -> None:
        """Go on in a new process after a planned end; raise ChildDied after any other."""
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(1)
        while not self._mute and select.select([self._process.stderr], [], [], 0)[0]:
            self._pump(0)
        status = self._process.poll()
        if status == 0 and self._served >= self.recycle_after:
            self._reap()
            self._start()
        else:
            self._lose(_reason(status, self._complaint))

    def _lose(self, reason: str) -> None:
        payload, _data = self._waiting.popleft()
        self._reap()
        raise ChildDied(reason, payload)

    def _reap(self) -> None:
        if (process := self._process) is None:
            return
        self.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout, process.stderr):
            pipe.close()
        self._process = None


def _environment() -> dict[str, str]:
    passed_on = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    # UTF-8 with surrogate escapes for file names, whatever the locale of the server is. One thread of arithmetic:
    # a child may not start more, and more of them would take the cores from those who listen.
    return passed_on | {
        "PATH": "", "LC_ALL": "C.UTF-8", "PYTHONUTF8": "1", "PYTHONPATH": os.fspath(ROOT),
        "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1",
    }  # fmt: skip


def _reason(status: int | None, complaint: bytes) -> str:
    if status is None:
        return "stopped answering"
    if status == -signal.SIGKILL:
        return "was killed with signal 9, perhaps because the machine had no memory left"
    if status == -signal.SIGXCPU:
        return "took too much processor time"
    if status < 0:
        return f"crashed with signal {-status}"
    last = complaint.decode(errors="replace").strip().rpartition("\n")[2]
    return f"ended with status {status}: {last}" if last else f"ended with status {status}"


class AsyncChild:
    """Up to `processes` children for the event loop and other threads; calls queue, idle ones end after `idle_s`."""

    def __init__(self, function: str, *, processes: int = 2, idle_s: float = 60, **limits):
        self.function, self._limits, self._idle_s = function, limits, idle_s
        self._threads = ThreadPoolExecutor(processes, "child")
        self._free: list[tuple[float, Child]] = []
        self._busy: set[Child] = set()
        self._lock = threading.Lock()
        self._timer: asyncio.TimerHandle | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._closed = False

    @property
    def pids(self) -> list[int]:
        """The numbers of the processes alive just now."""
        with self._lock:
            children = [*self._busy, *(child for _since, child in self._free)]
        return [child.pid for child in children if child.pid]

    async def call(self, payload: Any, timeout_s: float) -> Any:
        """Return what the function makes of `payload`; raises as `Child.call` does. Waiting in line is not counted."""
        self._loop = asyncio.get_running_loop()
        try:
            return await self._loop.run_in_executor(self._threads, self._call, payload, timeout_s)
        finally:
            self._watch()

    def ask(self, payload: Any, timeout_s: float) -> Any:
        """Do the same for a caller outside the event loop, who waits."""
        try:
            return self._threads.submit(self._call, payload, timeout_s).result()
        finally:
            # Where no event loop is, as in a worker, the children stay until they are closed.
            if self._loop is not None and not self._loop.is_closed():
                self._loop.call_soon_threadsafe(self._watch)

    def attach(self, loop: asyncio.AbstractEventLoop) -> None:
        """Let this loop end what falls idle, also when only `ask` is used."""
        self._loop = loop

    async def close(self) -> None:
        """Kill all children, let the calls in progress fail, and wait until all of that is over."""
        if self._timer:
            self._timer.cancel()
        await asyncio.get_running_loop().run_in_executor(None, self.close_now)

    def _call(self, payload: Any, timeout_s: float) -> Any:
        with self._lock:
            if self._closed:
                raise ChildDied("was closed", payload)
            # The one used last is the one to use next, so that the others can fall idle.
            child = self._free.pop()[1] if self._free else Child(self.function, **self._limits)
            self._busy.add(child)
        try:
            return child.call(payload, timeout_s)
        finally:
            with self._lock:
                self._busy.discard(child)
                self._free.append((time.monotonic(), child))

    def _watch(self) -> None:
        if self._timer is None and not self._closed:
            self._timer = self._loop.call_later(self._idle_s, self._rest)

    def close_now(self) -> None:
        """Do what `close` does, for a caller outside the event loop."""
        with self._lock:
            self._closed = True
            for child in self._busy:
                child.kill()
        self._shut()

    def _shut(self) -> None:
        self._threads.shutdown(wait=True, cancel_futures=True)
        while self._free:
            self._free.pop()[1].close()

    def _rest(self) -> None:
        """End the children that nobody needed for a while."""
        self._timer = None
        self._threads.submit(self._end_idle)
        if self._free or self._busy:
            self._timer = asyncio.get_running_loop().call_later(self._idle_s, self._rest)

    def _end_idle(self) -> None:
        before = time.monotonic() - self._idle_s
        with self._lock:
            idle = [child for since, child in self._free if since <= before]
            self._free = [item for item in self._free if item[0] > before]
        for child in idle:
            child.close()
