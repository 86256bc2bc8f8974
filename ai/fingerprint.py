"""Fingerprints of recordings: Chromaprint, bit for bit close to what AcoustID knows; pure numpy, runs in children.

Facts of the method (classifiers, bounds) are those of Chromaprint's algorithm 2,
the one that AcoustID uses; Jang et al. 2009 and Ke et al. 2005 describe it. Its
samples have 11,025 Hz; here a frame of twice as many samples at twice the rate
has the same bins, so nothing is resampled.
"""

from functools import cache

import numpy as np

from ai.features import RATE_HZ

FRAME, HOP = 8192, 2730
LOW_HZ, HIGH_HZ = 28, 3520
LENGTH_S = 120
"""AcoustID wants the first two minutes."""
SMOOTHING = np.array([0.25, 0.75, 1.0, 0.75, 0.25])
SILENT = 0.01
WIDTH = 16
"""Rows that one word of a fingerprint looks at."""
GRAY = np.array([0, 1, 3, 2], np.uint32)
CLASSIFIERS = (
    (0, 4, 3, 15, 1.98215, 2.35817, 2.63523), (4, 4, 6, 15, -1.03809, -0.651211, -0.282167),
    (1, 0, 4, 16, -0.298702, 0.119262, 0.558497), (3, 8, 2, 12, -0.105439, 0.0153946, 0.135898),
    (3, 4, 4, 8, -0.142891, 0.0258736, 0.200632), (4, 0, 3, 5, -0.826319, -0.590612, -0.368214),
    (1, 2, 2, 9, -0.557409, -0.233035, 0.0534525), (2, 7, 3, 4, -0.0646826, 0.00620476, 0.0784847),
    (2, 6, 2, 16, -0.192387, -0.029699, 0.215855), (2, 1, 3, 2, -0.0397818, -0.00568076, 0.0292026),
    (5, 10, 1, 15, -0.53823, -0.369934, -0.190235), (3, 6, 2, 10, -0.124877, 0.0296483, 0.139239),
    (2, 1, 1, 14, -0.101475, 0.0225617, 0.231971), (3, 5, 6, 4, -0.0799915, -0.00729616, 0.063262),
    (1, 9, 2, 12, -0.272556, 0.019424, 0.302559), (3, 4, 2, 14, -0.164292, -0.0321188, 0.0846339),
)  # fmt: skip
"""Kind of filter, first pitch class, pitch classes, rows, and three bounds between the four values of two bits."""


def fingerprint(samples: np.ndarray) -> np.ndarray:
    """Return the words (n,) uint32 of mono samples at RATE_HZ, eight a second; none for under 3 s."""
    image = _image(samples[: LENGTH_S * RATE_HZ])
    count = len(image) - WIDTH + 1
    if count < 1:
        return np.zeros(0, np.uint32)
    sums = np.zeros((len(image) + 1, 13))
    sums[1:, 1:] = image.cumsum(axis=0).cumsum(axis=1)
    words = np.zeros(count, np.uint32)
    for kind, low, height, width, *bounds in CLASSIFIERS:
        value = _filtered(sums, kind, low, height, width, count)
        words = (words << np.uint32(2)) | GRAY[np.searchsorted(bounds, value, side="right")]
    return words


def alike(one: np.ndarray, other: np.ndarray, shift: int = 24) -> float:
    """Return the share of equal bits at the best alignment within `shift` words (3 s); 0.5 is chance.

    From 0.85 on two files hold the same recording; different ones stay below 0.7.
    """
    best = 0.0
    for off in range(-shift, shift + 1):
        left, right = one[max(0, off) :], other[max(0, -off) :]
        size = min(len(left), len(right))
        if size >= 2 * WIDTH:
            best = max(best, 1 - float(np.bitwise_count(left[:size] ^ right[:size]).mean()) / 32)
    return best


def _image(samples: np.ndarray) -> np.ndarray:
    """Return smoothed chroma rows (n, 12) of length 1, or 0 where it is silent."""
    if len(samples) < FRAME:
        return np.zeros((0, 12))
    view = np.lib.stride_tricks.sliding_window_view(samples, FRAME)[::HOP]
    notes, low, high = _notes()
    rows = []
    for at in range(0, len(view), 256):
        spectrum = np.fft.rfft(view[at : at + 256] * _hamming(), axis=1)[:, low:high]
        rows.append((np.square(spectrum.real) + np.square(spectrum.imag)) @ notes)
    whole = np.concatenate(rows) / 4
    if len(whole) < len(SMOOTHING):
        return np.zeros((0, 12))
    smooth = sum(weight * whole[at : len(whole) - 4 + at] for at, weight in enumerate(SMOOTHING))
    norm = np.linalg.norm(smooth, axis=1, keepdims=True)
    return np.where(norm < SILENT, 0.0, smooth / np.maximum(norm, SILENT))


@cache
def _hamming() -> np.ndarray:
    return np.hamming(FRAME).astype(np.float32)


@cache
def _notes() -> tuple[np.ndarray, int, int]:
    low, high = (max(1, round(FRAME * hz / RATE_HZ)) for hz in (LOW_HZ, HIGH_HZ))
    octaves = np.log2(np.arange(low, high) * RATE_HZ / FRAME / (440.0 / 16))
    which = (12 * (octaves - np.floor(octaves))).astype(int)
    return np.eye(12)[which], low, high


def _filtered(sums: np.ndarray, kind: int, low: int, height: int, width: int, count: int) -> np.ndarray:
    """Return one filter's value at each of `count` rows."""

    def area(row: int, column: int, to_row: int, to_column: int) -> np.ndarray:
        rows = slice(row, row + count), slice(to_row, to_row + count)
        return (sums[rows[1], low + to_column] - sums[rows[0], low + to_column]
                - sums[rows[1], low + column] + sums[rows[0], low + column])  # fmt: skip

    whole = area(0, 0, width, height)
    half_w, half_h, third_w, third_h = width // 2, height // 2, width // 3, height // 3
    if kind == 0:
        inner, outer = whole, 0.0
    elif kind == 1:
        inner, outer = area(0, half_h, width, height), area(0, 0, width, half_h)
    elif kind == 2:
        inner, outer = area(half_w, 0, width, height), area(0, 0, half_w, height)
    elif kind == 3:
        inner = area(0, half_h, half_w, height) + area(half_w, 0, width, half_h)
        outer = area(0, 0, half_w, half_h) + area(half_w, half_h, width, height)
    elif kind == 4:
        inner = area(0, third_h, width, 2 * third_h)
        outer = area(0, 0, width, third_h) + area(0, 2 * third_h, width, height)
    else:
        inner = area(third_w, 0, 2 * third_w, height)
        outer = area(0, 0, third_w, height) + area(2 * third_w, 0, width, height)
    return np.log((1 + inner) / (1 + outer))
