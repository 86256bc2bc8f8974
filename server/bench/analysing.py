"""What listening to music costs, and what people who listen notice of it.

The analyser is let run and held in turns while the same requests are sent, so that
both numbers are of the same minute.
"""

import importlib.util
import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from statistics import median

from server.bench.measure import Client, tree
from server.bench.report import Line
from server.bench.scans import asked, p99
from server.bench.servers import ROOT, command, environment, ours
from server.bench.shop import Shop
from server.demo.audio import write_track
from server.kernel.run import Child

PIECE_S, TURNS = 60, 12
LIMIT_S = 60
FUNCTION = "ai.models.bounded:listen"
"""What `ai.hearers` runs; a benchmark of the server does not import it."""


def analysing(shop: Shop) -> Iterator[Line]:
    """Measure one track by itself, and lists asked for beside the analyser."""
    yield from _one_track(shop)
    with tempfile.TemporaryDirectory(dir=shop.folder) as folder:
        music, data = Path(folder, "music"), Path(folder, "data")
        for number in range(shop.pace.pieces):
            write_track(music / f"{number}.mp3", seconds=PIECE_S, seed=number, title=f"Piece {number}")
        subprocess.run(command("scan", "--data", str(data), "--music", f"bench={music}"), check=True,
                       env=environment(), cwd=ROOT, capture_output=True)  # fmt: skip
        with ours(data) as server, _analyser(data) as pid:
            idle, beside = _in_turns(server.client, pid, shop.pace.turn)
    yield Line("analysing", "list of 20 while analysing, p99", p99(beside), "ms", p99(idle), "idle p99",
               most=2 * p99(idle) + 5, absolute=True)  # fmt: skip
    yield Line("analysing", "list of 20 while analysing, p50", median(beside), "ms", median(idle), "idle p50")


def _one_track(shop: Shop) -> Iterator[Line]:
    with tempfile.TemporaryDirectory(dir=shop.folder) as folder:
        path = write_track(Path(folder, "long.mp3"), seconds=shop.pace.heard_s)
        for essentia in (False, True):
            if essentia and importlib.util.find_spec("essentia") is None:
                continue
            payload = {"path": str(path), "length_s": shop.pace.heard_s, "essentia": essentia}
            with Child(FUNCTION, memory_mb=1536) as child:
                # The first one also pays for all that is imported, which happens every 200 tracks.
                spent = [child.call(payload, 600)["cpu_ms"] / 1000 for _ in range(3)]
                highest_mb = _highest_mb(child.pid)
            name = f"a track of {shop.pace.heard_s} s is heard, {'with' if essentia else 'without'} essentia"
            yield Line("analysing", name, min(spent), "s CPU", most=3 if essentia else 1.5, absolute=True)
            yield Line("analysing", "memory of who hears it", highest_mb, "MB RSS", most=300, absolute=True)
            yield Line("analysing", "such tracks in an hour, one core", 3600 / min(spent), "tracks")


def _highest_mb(pid: int) -> float:
    status = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines() if ":" in line)
    return int(status["VmHWM"].split()[0]) / 1024


@contextmanager
def _analyser(data: Path) -> Iterator[int]:
    """Have everything listened to for as long as the context lasts; gives the number of the process."""
    quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    process = subprocess.Popen(command("analyse", "--data", str(data)), env=environment(), cwd=ROOT, **quiet)
    try:
        until = time.monotonic() + LIMIT_S
        while len(tree(process.pid)) < 2 and time.monotonic() < until and process.poll() is None:
            time.sleep(0.05)
        yield process.pid
    finally:
        _all(process.pid, signal.SIGCONT)
        process.terminate()
        process.wait()


def _in_turns(client: Client, pid: int, turn: int) -> tuple[list[float], list[float]]:
    """Return milliseconds of answers while the analyser is held, and while it runs."""
    idle: list[float] = []
    beside: list[float] = []
    for _ in range(TURNS):
        for number, found in ((signal.SIGSTOP, idle), (signal.SIGCONT, beside)):
            _all(pid, number)
            found += asked(client, turn)
    return idle, beside


def _all(pid: int, number: signal.Signals) -> None:
    for each in tree(pid):
        with suppress(ProcessLookupError):
            os.kill(each, number)
