"""Servers to be measured, each a process of its own: ours as people start it, and a bare aiohttp beside it."""

import hashlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlencode

from server.bench.measure import Case, Client, same
from server.kernel.config import PREFIX

ROOT = Path(__file__).resolve().parents[2]
USER, PASSWORD, SALT = "admin", "a benchmark's password", "5a17ed"
SIGNED = urlencode({
    "u": USER, "t": hashlib.md5((PASSWORD + SALT).encode()).hexdigest(), "s": SALT, "v": "1.16.1", "c": "bench",
})  # fmt: skip


class Running(NamedTuple):
    """A server that answers, and an open connection to it."""

    pid: int
    port: int
    client: Client

    def get(self, endpoint: str, **params) -> bytes:
        return self.client.get(address(endpoint, **params))

    def case(self, name: str, endpoint: str, **params) -> Case:
        """Return a case of the same request again and again."""
        return Case(name, self.pid, self.client, same(address(endpoint, **params)))

    def cases(self, name: str, endpoint: str, varied: Iterator[dict]) -> Case:
        """Return a case of requests that differ, so that no kept answer serves them."""
        return Case(name, self.pid, self.client, (address(endpoint, **params) for params in varied))


def address(endpoint: str, **params) -> str:
    """Return the address of a signed call; a list gives a parameter several times."""
    return f"/rest/{endpoint}?{SIGNED}&{urlencode({'f': 'json'} | params, doseq=True)}"


def command(*words: str) -> list[str]:
    """Return our command line as a list."""
    return [sys.executable, "-m", "server", *words]


def environment() -> dict[str, str]:
    """Return this process's environment without any setting of ours, and with the benchmark's password."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    # Where Python may not keep what it compiled, every start compiles our 150 files again (100 ms): that is not
    # what people run, and site-packages, which the comparison is made of, always come compiled.
    kept.pop("PYTHONDONTWRITEBYTECODE", None)
    return kept | {"FAMILIAR_ADMIN_USER": USER, "FAMILIAR_ADMIN_PASSWORD": PASSWORD, "PYTHONPATH": str(ROOT)}


@contextmanager
def ours(data: Path) -> Iterator[Running]:
    """Serve a data folder, without a worker."""
    port = free_port()
    with _running(serve(data, port), port) as running:
        yield running


def serve(data: Path, port: int) -> list[str]:
    """Return the command line that serves a data folder, without a worker."""
    return command("serve", "--data", str(data), "--host", "127.0.0.1", "--port", str(port), "--worker", "false")


@contextmanager
def bare() -> Iterator[Running]:
    """Serve one small JSON answer with aiohttp and nothing else."""
    port = free_port()
    with _running(serve_bare(port), port) as running:
        yield running


def serve_bare(port: int) -> list[str]:
    return [sys.executable, "-m", "server.bench.bare", str(port)]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def _running(words: list[str], port: int) -> Iterator[Running]:
    quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    process = subprocess.Popen(words, env=environment(), cwd=ROOT, **quiet)
    try:
        await_port(process, port)
        with Client(port) as client:
            yield Running(process.pid, port, client)
    finally:
        process.terminate()
        process.wait()


def await_port(process: subprocess.Popen, port: int, limit_s: float = 60) -> None:
    """Wait until a server listens. Raises RuntimeError when it ends or takes too long."""
    until = time.monotonic() + limit_s
    while time.monotonic() < until and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.005)
    raise RuntimeError(f"the server did not start (status {process.poll()})")
