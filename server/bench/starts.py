"""How long a start takes until the first answer, and what an idle server holds in memory, at every size of library."""

import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from server.bench.measure import Client, cpu_s, rss_mb
from server.bench.report import Line
from server.bench.servers import ROOT, address, environment, free_port, ours, serve, serve_bare
from server.bench.shop import Shop, size_of

MOST = 1.6
"""300 ms where a bare aiohttp server needs 187; both change with the machine and its load, their ratio does not."""
SMALL, LARGE = 25_000, 100_000


def starting(shop: Shop) -> Iterator[Line]:
    """Measure starts and idle memory: of an empty library, and of each size."""
    with tempfile.TemporaryDirectory(dir=shop.folder) as folder:
        with ours(Path(folder, "data")) as server:
            server.get("ping")
        yield from _starts(shop, Path(folder, "data"), "empty", SMALL)
    for tracks in shop.tracks:
        with shop.copied(tracks) as data:
            yield from _starts(shop, data, size_of(tracks), tracks)


def _starts(shop: Shop, data: Path, label: str, tracks: int) -> Iterator[Line]:
    ours, bare = [], []
    for _ in range(shop.pace.starts):
        port = free_port()
        ours.append(_start(serve(data, port), port, shop.pace.settle_s))
        bare.append(_start(serve_bare(port), port, 0))
    # The quickest of each: whatever else a machine does only adds to it.
    (wall, cpu), held = map(min, zip(*[each[:2] for each in ours], strict=True)), median(each[2] for each in ours)
    bare_wall, bare_cpu = map(min, zip(*[each[:2] for each in bare], strict=True))
    yield Line("starting", f"start to the first answer, {label}", wall, "ms", bare_wall, "bare aiohttp", MOST)
    yield Line("starting", f"CPU of a start, {label}", cpu, "ms CPU", bare_cpu, "bare aiohttp")
    most = 60 if tracks <= SMALL else 100 if tracks <= LARGE else None
    yield Line("starting", f"memory of an idle server, {label}", held, "MB RSS", most=most)


def _start(words: list[str], port: int, settle_s: float) -> tuple[float, float, float]:
    """Return milliseconds to the first answer, the CPU of them, and megabytes a moment later."""
    quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    began = time.perf_counter()
    process = subprocess.Popen(words, env=environment(), cwd=ROOT, **quiet)
    try:
        with _client(port) as client:
            client.get(address("ping"))
            took, spent = time.perf_counter() - began, cpu_s(process.pid)
            time.sleep(settle_s)
            return took * 1000, spent * 1000, rss_mb(process.pid)
    finally:
        process.terminate()
        process.wait()


def _client(port: int) -> Client:
    until = time.monotonic() + 60
    while True:
        try:
            return Client(port)
        except ConnectionRefusedError:
            if time.monotonic() > until:
                raise
            time.sleep(0.002)
