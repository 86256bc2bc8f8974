"""The server as people start it: a process that says where it is, brings a worker along, and ends with it."""

import asyncio
import errno
import http.client
import json
import os
import re
import signal
import subprocess
import sys
import threading
from pathlib import Path
from types import SimpleNamespace

import pytest

from server import serving
from server.demo.audio import write_track

PATIENCE_S = 60


class Process:
    """`familiar serve` with a data folder, read line by line."""

    def __init__(self, data, *words: str):
        environment = {name: value for name, value in os.environ.items() if not name.startswith("FAMILIAR_")}
        self.child = subprocess.Popen(
            [sys.executable, "-P", "-m", "server", "serve", "--data", str(data), "--port", "0", *words],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment,
        )  # fmt: skip
        self.said: list[str] = []
        self._limit = threading.Timer(PATIENCE_S, self.child.kill)
        self._limit.start()

    def until(self, pattern: str) -> re.Match:
        """Return the first match in what it says from now on."""
        for line in self.child.stdout:
            self.said.append(line)
            if found := re.search(pattern, line):
                return found
        raise AssertionError(f"it never said {pattern!r} but: {''.join(self.said)}")

    def port(self) -> int:
        return int(self.until(r"Familiar is at http://localhost:(\d+)/")[1])

    def end(self, how: signal.Signals = signal.SIGTERM) -> tuple[int, str]:
        self.child.send_signal(how)
        rest, _ = self.child.communicate()
        self._limit.cancel()
        return self.child.returncode, rest


def health(port: int) -> dict:
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        line.request("GET", "/health")
        return json.loads(line.getresponse().read())
    finally:
        line.close()


def children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_it_says_where_it_is_scans_by_itself_and_ends_with_its_worker(tmp_path, how):
    (tmp_path / "music").mkdir()
    write_track(tmp_path / "music" / "one.mp3", artist="Anna", album="First", title="One")
    process = Process(tmp_path / "data", "--music", str(tmp_path / "music"))
    password = process.until(r"Password +(\S+)")[1]
    port = process.port()
    assert len(password) > 12
    process.until("1 files seen, 1 new")
    assert health(port)["libraries"][0]["tracks"] == 1
    workers = children(process.child.pid)
    assert workers
    status, rest = process.end(how)
    assert status == 0 and "Traceback" not in rest, rest
    assert not any(os.path.exists(f"/proc/{worker}") for worker in workers)


def test_two_servers_never_share_a_data_folder(tmp_path):
    first = Process(tmp_path, "--worker", "off")
    first.port()
    second = Process(tmp_path, "--worker", "off")
    rest, _ = second.child.communicate()
    second._limit.cancel()
    assert second.child.returncode == 1 and "already uses" in rest and "Traceback" not in rest
    first.end()


def test_a_port_that_is_taken_is_one_sentence(tmp_path):
    first = Process(tmp_path / "a", "--worker", "off")
    port = first.port()
    second = Process(tmp_path / "b", "--worker", "off", "--port", str(port))
    rest, _ = second.child.communicate()
    second._limit.cancel()
    assert second.child.returncode == 1 and str(port) in rest and "Traceback" not in rest, rest
    first.end()


def test_a_worker_for_which_there_is_no_memory_is_started_later(monkeypatch, caplog):
    for pause in ("SETTLED_S", "WORKER_PAUSE_S", "WORKER_PAUSE_MAX_S"):
        monkeypatch.setattr(serving, pause, 0.0)
    lacks = [OSError(errno.ENOMEM, "no memory"), OSError(errno.EAGAIN, "too many processes")]

    async def journey():
        started = asyncio.Event()

        def start(config):
            if lacks:
                raise lacks.pop()
            started.set()
            return subprocess.Popen(["true"])

        monkeypatch.setattr(serving, "_start_worker", start)
        keeping = asyncio.create_task(serving._keep_worker(SimpleNamespace(config=None)))
        async with asyncio.timeout(10):
            await asyncio.wait((asyncio.create_task(started.wait()), keeping), return_when=asyncio.FIRST_COMPLETED)
        assert started.is_set()
        keeping.cancel()
        await asyncio.wait((keeping,))

    asyncio.run(journey())
    assert "could not be started (Cannot allocate memory)" in caplog.text


def test_nobody_is_kept_waiting_while_a_worker_ends(monkeypatch):
    monkeypatch.setattr(serving, "GRACE_S", 0.1)
    # A worker that does not end when it is told to, as one whose disk hangs.
    deaf = subprocess.Popen(
        ["sh", "-c", "trap '' TERM; echo ready; while :; do sleep 0.05; done"], stdout=subprocess.PIPE
    )
    deaf.stdout.readline()
    monkeypatch.setattr(serving, "_start_worker", lambda config: deaf)

    async def journey():
        keeping = asyncio.create_task(serving._one_worker(None))
        await asyncio.sleep(0)
        keeping.cancel()
        await asyncio.sleep(0)
        assert not keeping.done() and deaf.poll() is None
        await asyncio.wait((keeping,))

    asyncio.run(journey())
    assert deaf.returncode == -signal.SIGKILL
    deaf.stdout.close()
