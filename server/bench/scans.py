"""What a scan costs: files for each CPU second of all processes, their memory, and what people who listen notice.

The server answers while the scan runs, as in real life, and has answered before.
The music is read once before that: the work of the program is measured, not how
much of the music the system happened to have at hand. Of several scans the one
that took least counts, for whatever else a machine does only adds to it. Beside it
stands what mutagen needs to read tags and nothing else. The no-change rescan is
measured in one process with the bare walk it is compared with, as a worker does
it: without the start of Python.
"""

import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median, quantiles

import orjson

from server.bench.measure import Client, rss_mb
from server.bench.report import Line
from server.bench.servers import ROOT, address, command, environment, ours
from server.bench.shop import Shop, size_of

EVERY_S = 0.02
LEAST_PER_S, MOST_MB = 4000, 250
LARGE = 50_000


@dataclass(slots=True)
class Watched:
    """What was seen while something ran."""

    cpu_s: float = 0.0
    rss_mb: float = 0.0
    with_server_mb: float = 0.0
    answers_ms: list[float] = field(default_factory=list)


def scanning(shop: Shop) -> Iterator[Line]:
    """Measure first scans of every size, with a listener beside them."""
    for tracks in shop.tracks:
        music, label = shop.music(tracks), f"{size_of(tracks)} files"
        scans, idle = [], []
        for _ in range(shop.pace.scans if tracks < LARGE else 1):
            with tempfile.TemporaryDirectory(dir=shop.folder) as folder:
                data = Path(folder, "data")
                with ours(shutil.copytree(_empty(shop), data)) as server:
                    asked(server.client, 10)
                    _at_hand(music)
                    scans.append(_watched(command("scan", "--data", str(data), "--music", f"bench={music}"), server))
                    idle += asked(server.client, len(scans[-1].answers_ms))
        cpu_s, busy = min(seen.cpu_s for seen in scans), [each for seen in scans for each in seen.answers_ms]
        mutagen_ms = _inside("read", str(music), str(shop.pace.files))["mutagen_ms"]
        yield Line("scanning", f"first scan, {label}", tracks / cpu_s, "files/CPU s", 1000 / mutagen_ms,
                   "read by mutagen", least=LEAST_PER_S, absolute=True)  # fmt: skip
        yield Line("scanning", f"memory of the scan, {label}", max(seen.rss_mb for seen in scans), "MB RSS")
        together_mb = max(seen.with_server_mb for seen in scans)
        yield Line("scanning", f"memory of scan and server, {label}", together_mb, "MB RSS", most=MOST_MB)
        yield Line("scanning", f"list of 20 during a scan, p99, {label}", p99(busy), "ms", p99(idle), "idle p99", 3)
        p50, idle_p50 = median(busy), median(idle)
        yield Line("scanning", f"list of 20 during a scan, p50, {label}", p50, "ms", idle_p50, "idle p50")


def rescanning(shop: Shop) -> Iterator[Line]:
    """Measure a scan that finds nothing new against a bare walk with stat."""
    for tracks in shop.tracks:
        with shop.copied(tracks) as data:
            found = _inside("rescan", str(data), str(shop.music(tracks)))
        work = f"rescan without change, {size_of(tracks)} files"
        yield Line("rescanning", work, found["rescan_s"], "s CPU", found["walk_s"], "walk and stat", 2)


def reading(shop: Shop) -> Iterator[Line]:
    """Measure our reader of tags against mutagen, file by file."""
    music = shop.music(shop.small)
    found = _inside("read", str(music), str(shop.pace.files))
    yield Line("reading", "tags, audio hash and all, of one file", found["ours_ms"], "ms CPU", found["mutagen_ms"],
               "mutagen")  # fmt: skip


def _at_hand(music: Path) -> None:
    """Have the system read what a scan reads."""
    for folder, _, names in os.walk(music):
        for name in names:
            with open(os.path.join(folder, name), "rb", buffering=0) as file:
                while file.read(1 << 20):
                    pass


def _empty(shop: Shop) -> Path:
    """Return a data folder with nothing but its first user."""
    folder = shop.folder / "data-empty"
    shutil.rmtree(folder, ignore_errors=True)
    with ours(folder) as server:
        server.get("ping")
    return folder


def _watched(words: list[str], server) -> Watched:
    """Run a command, asking the server for a list all the while."""
    seen = Watched()
    process = subprocess.Popen(words, env=environment(), cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while True:
        pid, status, used = os.wait4(process.pid, os.WNOHANG)
        if pid:
            break
        alone = rss_mb(process.pid)
        seen.rss_mb = max(seen.rss_mb, alone)
        seen.with_server_mb = max(seen.with_server_mb, alone + rss_mb(server.pid))
        seen.answers_ms += asked(server.client, 1)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{words} ended with status {process.returncode}")
    seen.cpu_s = used.ru_utime + used.ru_stime
    return seen


def asked(client: Client, times: int) -> list[float]:
    """Return the milliseconds of some requests, one every `EVERY_S`, no two alike."""
    took = []
    for _ in range(times):
        time.sleep(EVERY_S)
        target = address("getAlbumList2", type="newest", size=20, _try=random.random())
        began = time.perf_counter()
        client.get(target)
        took.append((time.perf_counter() - began) * 1000)
    return took


def p99(values: list[float]) -> float:
    return quantiles(values, n=100)[98]


def _inside(*words: str) -> dict[str, float]:
    command = [sys.executable, "-m", "server.bench.inside", *words]
    told = subprocess.run(command, check=True, env=environment(), cwd=ROOT, stdout=subprocess.PIPE)
    return orjson.loads(told.stdout)
