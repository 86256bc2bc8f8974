"""Windows of a track: a few stretches of sound at even places, which a model hears one by one.

Random crops, as the models' own loaders make them, would give a track another
vector each time. The rule a newcomer would break: only the windows are decoded,
so a file of ten hours costs as much as a song.
"""

from collections.abc import Sequence

import av
import numpy as np

from ai.models.decode import Unheard, opened

FEWEST, MOST = 3, 6
EVERY_S = 60.0
"""One more window for each of so many seconds."""
EARLY_S = 1.0
"""Decoding begins so long before a window: the first packets behind a jump are often broken ones."""
MISTAKES = 50


def places(length_s: float, window_s: float) -> list[float]:
    """Return where windows begin (s): their middles divide the track evenly; one for what is hardly longer than one."""
    if length_s <= 1.5 * window_s:
        return [max(0.0, (length_s - window_s) / 2)]
    count = min(MOST, max(FEWEST, round(length_s / EVERY_S)))
    last = length_s - window_s
    return [min(last, max(0.0, (at + 0.5) * length_s / count - window_s / 2)) for at in range(count)]


def cut(path: str, length_s: float, window_s: float, rate_hz: int) -> list[np.ndarray]:
    """Return the windows of a file: mono, float32. Raises Unheard when nothing of it can be decoded."""
    with opened(path) as (container, stream):
        stated_s = float(stream.duration * stream.time_base) if stream.duration else length_s
        found = [_window(container, stream, begin, window_s, rate_hz) for begin in places(stated_s, window_s)]
    found = [each for each in found if len(each) >= rate_hz // 10]
    if not found:
        raise Unheard("Nothing of it can be decoded.")
    return [quantised(each) for each in found]


def _window(container, stream, begin_s: float, window_s: float, rate_hz: int) -> np.ndarray:
    """Return the samples of one window, fewer where the file ends before it does."""
    if begin_s > EARLY_S:
        try:
            container.seek(round((begin_s - EARLY_S) * av.time_base))
        except av.FFmpegError:
            return np.zeros(0, np.float32)
    resampler = av.AudioResampler(format="flt", layout="mono", rate=rate_hz)
    wanted, parts, have, skip = round(window_s * rate_hz), [], 0, None
    for frame in _frames(container, stream):
        if skip is None:
            early_s = begin_s - float(frame.pts * frame.time_base) if frame is not None and frame.pts is not None else 0
            skip = max(0, round(min(early_s, 2 * window_s) * rate_hz))
        if frame is not None:
            frame.pts = None
        for piece in resampler.resample(frame):
            samples = piece.to_ndarray()[0]
            parts.append(samples[skip:])
            have, skip = have + len(parts[-1]), max(0, skip - len(samples))
        if have >= wanted:
            break
    return np.concatenate(parts)[:wanted] if parts else np.zeros(0, np.float32)


def _frames(container, stream):
    """Yield what can be decoded from here on, and None at the end; a few broken packets are passed over."""
    mistakes, packets = 0, container.demux(stream)
    while mistakes < MISTAKES:
        try:
            yield from next(packets).decode()
        except StopIteration:
            break
        except (av.FFmpegError, ValueError):
            mistakes += 1
    yield None


def quantised(samples: np.ndarray) -> np.ndarray:
    """Return samples as 16 bits would hold them: what the models were trained with."""
    whole = np.nan_to_num(samples, nan=0.0, posinf=1.0, neginf=-1.0)
    return (np.clip(whole, -1.0, 1.0) * 32767.0).astype(np.int16).astype(np.float32) / np.float32(32767.0)


def filled(samples: np.ndarray, size: int) -> np.ndarray:
    """Return samples of exactly this size: repeated as often as they fit, and silence behind (LAION's "repeatpad")."""
    if len(samples) >= size:
        return samples[:size]
    whole = np.tile(samples, size // len(samples))
    return np.pad(whole, (0, size - len(whole)))


def pooled(vectors: np.ndarray, counts: Sequence[int]) -> np.ndarray:
    """Return one vector of length 1 for each track; `counts` says how many of the windows, in order, are whose."""
    found, start = np.zeros((len(counts), vectors.shape[1]), np.float32), 0
    for at, count in enumerate(counts):
        middle = unit(vectors[start : start + count]).mean(axis=0)
        found[at], start = unit(middle[None])[0], start + count
    return found


def unit(vectors: np.ndarray) -> np.ndarray:
    return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
