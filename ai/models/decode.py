"""Sound out of files, decoded once: levels of the whole, samples of as much as is listened to.

PyAV decodes in this process, so this runs in a limited child only. The rule a
newcomer would break: nothing here keeps the whole of a long file; what is kept
is bounded by `KEPT_S`, however long the file is.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from typing import NamedTuple

import av
import numpy as np

from ai import features
from server.kernel.files import os_name

RATE_HZ = features.RATE_HZ
"""What features are made of: nothing above 11 kHz tells more about music than its level does."""
BEATS_RATE_HZ = 44_100
KEPT_S, PART_S, PARTS = 600, 60, 5
"""A longer file is listened to in so many parts of so many seconds, spread evenly over it."""
BEATS_S = 100
"""How much is kept at the rate that beat trackers want; the middle of it is as good as all."""
PROTECTED = ("drms", "enca")
"""What the seller of a file puts in place of its codec's name in an MP4; what is behind it would be heard as noise."""
LOUDNESS_GRAPH = "peak=true:metadata=1:framelog=quiet"


class Sound(NamedTuple):
    samples: np.ndarray
    """Mono, float32, RATE_HZ: all of the file or its parts, one behind the other."""
    fine: np.ndarray | None
    """Mono, float32, BEATS_RATE_HZ: at most BEATS_S of it; None when nobody asked for it."""
    length_s: float
    loudness_lufs: float
    """Integrated loudness, EBU R 128; -70 for what the gate finds silent."""
    range_lu: float
    true_peak_dbtp: float
    mistakes: int
    """How many packets could not be decoded and were passed over."""


class Unheard(Exception):
    """There is no sound to listen to, in a sentence for people."""


def decode(path: str, fine: bool) -> Sound:
    """Decode a file. Raises Unheard when it holds no sound that can be decoded."""
    with opened(path) as (container, stream):
        return _listen(container, stream, fine)


@contextmanager
def opened(path: str) -> Iterator[tuple]:
    """Open a file, its name as path text: its container and the stream of its sound. Raises Unheard without one."""
    try:
        container = av.open(os_name(path), metadata_errors="ignore")
    except (av.FFmpegError, OSError, ValueError) as error:
        raise Unheard(f"The file cannot be opened: {_short(error)}.") from error
    with container:
        stream = next(iter(container.streams.audio), None)
        if stream is None:
            raise Unheard("The file holds no sound.")
        if getattr(stream.codec_context, "codec", None) is None:
            raise Unheard("No decoder is known for its sound.")
        if stream.codec_context.codec_tag in PROTECTED:
            raise Unheard("Its sound is locked (DRM), so nobody but its seller's player can hear it.")
        yield container, stream


def _listen(container, stream, fine: bool) -> Sound:
    whole_s = (container.duration or 0) / av.time_base
    stated_s = float(stream.duration * stream.time_base) if stream.duration else whole_s
    kept = [Kept(RATE_HZ, stated_s, KEPT_S)] + ([Kept(BEATS_RATE_HZ, stated_s, BEATS_S)] if fine else [])
    told: dict[str, str] = {}
    meter: Meter | None = None
    mistakes: list[str] = []
    for frame in _frames(container, stream, mistakes):
        if meter is None or meter.shape != shape(frame):
            if meter is not None:
                meter.end()
            meter = Meter(frame, kept, told)
        meter.hear(frame)
    if meter is not None:
        meter.end()
    if not kept[0].heard:
        raise Unheard(f"Nothing of it can be decoded: {mistakes[0]}." if mistakes else "It holds no sound at all.")
    peaks = [float(value) for name, value in told.items() if name.startswith("lavfi.r128.true_peaks_ch")]
    loudness = float(told.get("lavfi.r128.I", "nan"))
    return Sound(
        samples=kept[0].result(),
        fine=kept[1].result() if fine else None,
        length_s=kept[0].heard / RATE_HZ,
        loudness_lufs=max(loudness, -70.0) if np.isfinite(loudness) else -70.0,
        range_lu=float(told.get("lavfi.r128.LRA", 0.0)),
        true_peak_dbtp=20 * float(np.log10(max(*peaks, 1e-6))) if peaks else -120.0,
        mistakes=len(mistakes),
    )


def _frames(container, stream, mistakes: list[str]) -> Iterator[av.AudioFrame]:
    """Yield what can be decoded; one bad packet costs itself, a thousand the rest of the file."""
    packets = container.demux(stream)
    while len(mistakes) < 1000:
        try:
            packet = next(packets)
        except StopIteration:
            return
        except av.FFmpegError as error:
            mistakes.append(_short(error))
            return
        try:
            yield from packet.decode()
        except (av.FFmpegError, ValueError) as error:
            mistakes.append(_short(error))


class Kept:
    """The samples to listen to at one rate: all of a file up to so many seconds, parts of a longer one."""

    def __init__(self, rate_hz: int, stated_s: float, most_s: int):
        self.rate_hz, self.heard = rate_hz, 0
        if stated_s > KEPT_S:
            gap, parts = stated_s / PARTS, min(PARTS, most_s // PART_S)
            middles = [gap * (n + 0.5) for n in range(PARTS)][:parts]
            self._wanted = [(middle - PART_S / 2, middle + PART_S / 2) for middle in middles]
        else:
            begin = max(0.0, (stated_s - most_s) / 2)
            self._wanted = [(begin, begin + most_s)]
        # What is not written to takes no memory, so room for the most is reserved rather than moved about.
        self._room, self._filled = np.empty(round(sum(last - first for first, last in self._wanted) * rate_hz) + 8,
                                            np.float32), 0  # fmt: skip

    def take(self, samples: np.ndarray) -> None:
        begin, self.heard = self.heard, self.heard + len(samples)
        for first, last in self._wanted:
            low, high = max(begin, round(first * self.rate_hz)), min(self.heard, round(last * self.rate_hz))
            if low < high:
                self._room[self._filled : self._filled + high - low] = samples[low - begin : high - begin]
                self._filled += high - low

    def result(self) -> np.ndarray:
        samples = self._room[: self._filled]
        if not np.isfinite(samples.sum(dtype=np.float64)):
            np.nan_to_num(samples, copy=False, nan=0.0, posinf=1.0, neginf=-1.0)
        # A broken file of floats may hold numbers whose squares have no end.
        return np.clip(samples, -64.0, 64.0, out=samples)


class Meter:
    """ffmpeg's meter of EBU R 128 (ITU-R BS.1770-4, EBU Tech 3341 and 3342), and behind it what makes mono of it.

    One graph does both, so that Python sees ten pieces a second rather than every packet three times.
    """

    def __init__(self, frame: av.AudioFrame, kept: list[Kept], told: dict[str, str]):
        self.shape, self._kept, self._told, self._sample = shape(frame), kept, told, 0
        rate, name, layout = self.shape
        graph = self._graph = av.filter.Graph()
        self._source = graph.add_abuffer(sample_rate=rate, format=name, layout=layout, time_base=f"1/{rate}")
        last = graph.add("ebur128", LOUDNESS_GRAPH)
        self._source.link_to(last)
        if len(kept) > 1:
            split = graph.add("asplit", str(len(kept)))
            last.link_to(split)
        self._sinks = []
        for at, each in enumerate(kept):
            mono = graph.add("aresample", f"{each.rate_hz}:ochl=mono:osf=flt")
            sink = graph.add("abuffersink")
            if len(kept) > 1:
                split.link_to(mono, at)
            else:
                last.link_to(mono)
            mono.link_to(sink)
            self._sinks.append(sink)
        graph.configure()

    def hear(self, frame: av.AudioFrame) -> None:
        frame.pts, self._sample = self._sample, self._sample + frame.samples
        frame.time_base = Fraction(1, self.shape[0])
        self._source.push(frame)
        self._drain()

    def end(self) -> None:
        self._source.push(None)
        self._drain()

    def _drain(self) -> None:
        for kept, sink in zip(self._kept, self._sinks, strict=True):
            while True:
                try:
                    frame = sink.pull()
                except (av.BlockingIOError, av.EOFError):
                    break
                kept.take(frame.to_ndarray()[0])
                self._told.update(frame.metadata)


def shape(frame: av.AudioFrame) -> tuple[int, str, str]:
    """Return what a graph is made for: rate (Hz), format and layout."""
    return frame.sample_rate, frame.format.name, frame.layout.name


def _short(error: Exception) -> str:
    return (getattr(error, "strerror", None) or str(error) or type(error).__name__).strip().rstrip(".")[:200]
