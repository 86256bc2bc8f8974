"""Libraries to measure with: music on disk, data folders that a real scan has filled, and larger ones made from these.

Music is kept and used again; a database is used again only while the code that
filled it is the same.
"""

import hashlib
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from server.bench import rows
from server.bench.measure import Case, interleaved
from server.bench.servers import ROOT, command, environment
from server.demo.library import make_library
from server.kernel.errors import Unavailable
from server.stream import ffmpeg

FILLED_BY = ("migrations", "server/library", "subsonic/present.py", "subsonic/shapes.py", "server/bench/rows.py")


@dataclass(frozen=True, slots=True)
class Pace:
    """How long to look: more is surer."""

    rounds: int = 7
    round_s: float = 0.02
    """CPU that one case may take in one round: enough for the clock, little enough that the others get their turn."""
    listeners: tuple[int, ...] = (1000, 5000)
    listen_s: float = 4
    streams: int = 8
    transcodes: int = 9
    covers: int = 100
    files: int = 2000
    starts: int = 5
    settle_s: float = 0.5
    heard_s: int = 240
    """How long a track is that is listened to, three times."""
    pieces: int = 40
    """How many an analyser has to do while requests are sent, in twelve turns of so many."""
    turn: int = 50
    scans: int = 5
    """Of a library that takes seconds; a large one is scanned once."""


QUICK = Pace(3, 0.01, (1000,), 2, 3, 3, 20, 300, 3, scans=1)


@dataclass(frozen=True, slots=True)
class Shop:
    """Where the libraries lie, how large they shall be, and how long to look."""

    folder: Path
    tracks: tuple[int, ...]
    pace: Pace

    @property
    def small(self) -> int:
        return self.tracks[0]

    @property
    def usual(self) -> int:
        """The size at which requests are measured."""
        return self.tracks[-1]

    @property
    def huge(self) -> int:
        """Ten times the largest on disk: 1M tracks where that is 100,000."""
        return self.usual * 10

    def music(self, tracks: int) -> Path:
        """Return a folder with that many generated files."""
        done = self.folder / f"music-{tracks}"
        if not done.exists():
            encoder = ffmpeg.find()
            if encoder is None:
                raise Unavailable("The benchmark makes its music with ffmpeg, and there is none.")
            part = self.folder / f"music-{tracks}.part"
            shutil.rmtree(part, ignore_errors=True)
            make_library(part, tracks, ffmpeg=encoder.path, jobs=2 if tracks > 1000 else 1)
            part.rename(done)
        return done

    def data(self, tracks: int) -> Path:
        """Return a data folder that knows that many tracks."""
        done = self.folder / f"data-{tracks}-{_filling()}"
        if not done.exists():
            part = self.folder / f"data-{tracks}.part"
            shutil.rmtree(part, ignore_errors=True)
            self._fill(part, tracks)
            part.rename(done)
        return done

    def _fill(self, data: Path, tracks: int) -> None:
        if tracks in self.tracks:
            words = ("scan", "--data", str(data), "--music", f"bench={self.music(tracks)}")
            subprocess.run(command(*words), check=True, env=environment(), cwd=ROOT, capture_output=True)
            return
        base = self.data(max(size for size in self.tracks if tracks % size == 0))
        shutil.copytree(base, data)
        rows.multiply(data / "familiar.db", tracks // int(base.name.split("-")[1]))

    def compare(self, cases: Sequence[Case], rounds: int | None = None) -> dict[str, float]:
        """Return the CPU milliseconds of one request of each case; they take turns."""
        return interleaved(cases, rounds or self.pace.rounds, self.pace.round_s)

    @contextmanager
    def copied(self, tracks: int) -> Iterator[Path]:
        """Give a copy of a data folder that may be written to, for as long as the context lasts."""
        with tempfile.TemporaryDirectory(dir=self.folder) as folder:
            shutil.copytree(self.data(tracks), Path(folder, "data"))
            yield Path(folder, "data")


def size_of(tracks: int) -> str:
    """Return how people call a library of that size."""
    return f"{tracks // 1000}k" if tracks >= 1000 else str(tracks)


@contextmanager
def opened(folder: str | None, tracks: Sequence[int], pace: Pace) -> Iterator[Shop]:
    """Give a shop in a folder that stays, or in one that is removed at the end."""
    sizes = tuple(sorted(tracks))
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
        yield Shop(Path(folder).resolve(), sizes, pace)
        return
    with tempfile.TemporaryDirectory(prefix="familiar-bench-") as made:
        yield Shop(Path(made), sizes, pace)


def _filling() -> str:
    """Return a word that changes with the code that fills databases."""
    digest = hashlib.sha256()
    for name in FILLED_BY:
        path = ROOT / name
        for file in sorted(path.rglob("*.py")) if path.is_dir() else [path]:
            digest.update(file.read_bytes())
    return digest.hexdigest()[:10]
