"""What a process costs, asked from outside: CPU by its clock, memory from /proc, requests over one open connection.

Other work shares the machine, so nothing here trusts a wall clock: cases take
turns, the CPU of the server alone is counted, and the better rounds are
compared. The rule a newcomer would break: a ratio holds only between cases of
one `interleaved` call.
"""

import os
import socket
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import cycle
from pathlib import Path
from typing import NamedTuple

_PAGE = os.sysconf("SC_PAGE_SIZE")


def cpu_s(pid: int) -> float:
    """Return user and system time of a process so far, exact to nanoseconds."""
    return time.clock_gettime(~pid << 3 | 2)  # CPUCLOCK_SCHED of a whole process: clock_getcpuclockid(3)


def tree(pid: int) -> list[int]:
    """Return a process and all that it has started, directly or not."""
    found = [pid]
    with suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in (task / "children").read_text().split():
                found += tree(int(child))
    return found


def tree_cpu_s(pid: int) -> float:
    """Return what a process and its living children have used; it drops when one of them ends."""
    total = 0.0
    for each in tree(pid):
        with suppress(OSError):
            total += cpu_s(each)
    return total


def rss_mb(pid: int) -> float:
    """Return the resident memory of a process and its children, what they share counted for each."""
    total = 0
    for each in tree(pid):
        with suppress(OSError):
            total += int(Path(f"/proc/{each}/statm").read_text().split()[1]) * _PAGE
    return total / 1e6


class Client:
    """One open connection on which requests follow each other."""

    def __init__(self, port: int):
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=120)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._head = b""

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, *_) -> None:
        self._socket.close()

    def get(self, target: str) -> bytes:
        """Return the body of the answer. Raises ValueError when it is no success."""
        self._socket.sendall(f"GET {target} HTTP/1.1\r\nHost: bench\r\n\r\n".encode())
        seen = b""
        while (end := seen.find(b"\r\n\r\n")) < 0:
            seen += self._more()
        head = self._head = seen[:end].lower()
        missing = self.number("content-length") - (len(seen) - end - 4)
        parts = [seen[end + 4 :]]
        while missing > 0:
            parts.append(self._more())
            missing -= len(parts[-1])
        body = b"".join(parts)
        if b" 200 " not in head[:20] or b'status":"failed"' in body[:60]:
            raise ValueError(f"{target} was answered with {(head[:20] + body[:300])!r}")
        return body

    def number(self, header: str) -> int:
        """Return what a header of the last answer says."""
        at = self._head.index(b"\r\n%b:" % header.encode()) + len(header) + 3
        return int(self._head[at:].split(b"\r\n", 1)[0])

    def _more(self) -> bytes:
        got = self._socket.recv(1 << 18)
        if not got:
            raise ConnectionError("the server has closed the connection")
        return got


class Case(NamedTuple):
    """Requests of one kind: who answers them, and their addresses one after the other, without end."""

    name: str
    pid: int
    client: Client
    targets: Iterator[str]
    first: bool = False
    """Whether the first request shows the cost; else it only warms what later ones use."""
    helped: bool = False
    """Whether children of the server do a part of the work."""
    pause_s: float = 0
    """How long to wait before each request."""


def same(target: str) -> Iterator[str]:
    """Return one address for ever."""
    return cycle((target,))


def interleaved(cases: Sequence[Case], rounds: int, round_s: float) -> dict[str, float]:
    """Return the CPU milliseconds of one request of each case, which takes about `round_s` of CPU in a round.

    It is the lower quartile of the rounds: other work can only make a round dearer, never cheaper.
    """
    times = {case.name: _times(case, round_s) for case in cases}
    spent: dict[str, list[float]] = {case.name: [] for case in cases}
    for _ in range(rounds):
        for case in cases:
            spent[case.name].append(_cost_s(case, times[case.name]))
    return {name: sorted(each)[len(each) // 4] * 1000 for name, each in spent.items()}


def _times(case: Case, round_s: float) -> int:
    """Return how many requests make a round, having warmed the server with some."""
    if case.first:
        return 1
    _cost_s(case, 2)
    return max(1, min(100, int(round_s / max(_cost_s(case, 3), 1e-6))))


def _cost_s(case: Case, times: int) -> float:
    spent = tree_cpu_s if case.helped else cpu_s
    before = spent(case.pid)
    for _ in range(times):
        if case.pause_s:
            time.sleep(case.pause_s)
        case.client.get(next(case.targets))
    return (spent(case.pid) - before) / times
