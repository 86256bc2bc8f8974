"""Samples to numbers: raw feature blocks, and what can be told of a piece of music without any model.

Pure numpy; runs in children. Everything but loudness is measured after levelling
to -18 LUFS, so that a quiet copy of a track is the same track. The rule a
newcomer would break: the blocks keep their sizes and order for ever within one
`analyses.VERSION`, for vectors of all tracks are compared by position.

Sources: mel scale O'Shaughnessy 1987; MFCC Davis & Mermelstein 1980; spectral
contrast Jiang et al. 2002; harmonic and percussive parts by medians FitzGerald
2010; modulation spectrum ("fluctuation patterns") Pampalk 2001.
"""

from functools import cache
from typing import NamedTuple

import numpy as np

from ai import keys

RATE_HZ, FRAME, HOP = 22_050, 2048, 512
FPS = RATE_HZ / HOP
BLOCKS = (("timbre", 57), ("contrast", 14), ("spectral", 8), ("rhythm", 44), ("tonal", 20), ("dynamics", 6))
"""Names and sizes of the feature blocks, in the order in which they are kept."""
SIZE = sum(size for _, size in BLOCKS)
LEVEL_LUFS = -18.0
PIECE_FRAMES = 256
"""How many frames are held at once: 3 MB, however long the track is."""
BANDS_HZ = ((0, 200), (200, 400), (400, 800), (800, 1600), (1600, 3200), (3200, 6400), (6400, 11_000))
MELS, CEPSTRA = 40, 20


class Frames(NamedTuple):
    """What is known of every frame (n of them, FPS a second)."""

    mel: np.ndarray
    """(n, MELS) float32: natural logarithm of mel band energies."""
    cepstra: np.ndarray
    """(n, CEPSTRA) float32."""
    contrast: np.ndarray
    """(n / 2, 7): peaks above valleys in each band, log energy; every second frame."""
    centroid: np.ndarray
    """(n,) Hz."""
    rolloff: np.ndarray
    """(n / 2,) Hz, 85 %."""
    flatness: np.ndarray
    """(n / 2,) 0 to 1."""
    crossings: np.ndarray
    """(n,) share of neighbouring samples of opposite sign."""
    level: np.ndarray
    """(n,) root of mean power."""
    thin: np.ndarray
    """(n / 4, 128) magnitudes of every fourth frame, pairs of bins below 5.5 kHz."""


@cache
def mel_bank(bands: int = MELS, low_hz: float = 30.0, high_hz: float = 11_000.0) -> np.ndarray:
    """Return triangular mel filters of equal area, (FRAME / 2 + 1, bands) float32."""
    low, high = 2595 * np.log10(1 + np.array([low_hz, high_hz]) / 700)
    edges = 700 * (10 ** (np.linspace(low, high, bands + 2) / 2595) - 1)
    hz = np.linspace(0, RATE_HZ / 2, FRAME // 2 + 1)[:, None]
    rising = (hz - edges[:-2]) / (edges[1:-1] - edges[:-2])
    falling = (edges[2:] - hz) / (edges[2:] - edges[1:-1])
    bank = np.maximum(0, np.minimum(rising, falling))
    return (bank / (bank.sum(axis=0) + 1e-9)).astype(np.float32)


@cache
def cosines(size: int, kept: int) -> np.ndarray:
    """Return the orthonormal DCT-II as a matrix, (size, kept) float32."""
    at = np.pi * (np.arange(size)[:, None] + 0.5) * np.arange(kept) / size
    scale = np.full(kept, np.sqrt(2 / size))
    scale[0] = np.sqrt(1 / size)
    return (np.cos(at) * scale).astype(np.float32)


@cache
def window(size: int) -> np.ndarray:
    return np.hanning(size + 1)[:-1].astype(np.float32)


def levelled(samples: np.ndarray, loudness_lufs: float, out: np.ndarray | None = None) -> np.ndarray:
    """Return mono samples (n,) at RATE_HZ brought to LEVEL_LUFS."""
    return np.multiply(samples, np.float32(10 ** ((LEVEL_LUFS - max(-60.0, loudness_lufs)) / 20)), out=out)


def frames(samples: np.ndarray) -> Frames:
    """Describe levelled mono samples (n,) float32 at RATE_HZ frame by frame; at least one frame long."""
    view = np.lib.stride_tricks.sliding_window_view(samples, FRAME)[::HOP]
    hz = np.linspace(0, RATE_HZ / 2, FRAME // 2 + 1, dtype=np.float32)
    pieces = [_piece(view[at : at + PIECE_FRAMES], hz) for at in range(0, len(view), PIECE_FRAMES)]
    mel, contrast, centroid, rolloff, flatness, level, thin = (
        np.concatenate([piece[which] for piece in pieces]) for which in range(7)
    )
    return Frames(
        mel, mel @ cosines(MELS, CEPSTRA), contrast, centroid, rolloff, flatness,
        _crossings(samples, len(view)), level, thin,
    )  # fmt: skip


def _crossings(samples: np.ndarray, count: int) -> np.ndarray:
    """Return the share of neighbouring samples of opposite sign in each of `count` frames."""
    below = np.signbit(samples)
    crossed = below[1:] != below[:-1]
    size = (count + FRAME // HOP - 1) * HOP
    hops = np.resize(np.pad(crossed, (0, max(0, size - len(crossed)))), (size // HOP, HOP)).sum(axis=1)
    whole = np.lib.stride_tricks.sliding_window_view(hops, FRAME // HOP).sum(axis=1)
    # The last of a frame's samples has its neighbour in the next one.
    last = np.arange(count) * HOP + FRAME - 1
    beyond = np.zeros(count, bool)
    inside = last < len(crossed)
    beyond[inside] = crossed[last[inside]]
    return (whole - beyond) / np.float32(FRAME - 1)


def _piece(view: np.ndarray, hz: np.ndarray) -> tuple[np.ndarray, ...]:
    magnitude = np.abs(np.fft.rfft(view * window(FRAME), axis=1)).astype(np.float32, copy=False)
    power = magnitude * magnitude
    total = power.sum(axis=1) + np.float32(1e-9)
    mel = np.log(power @ mel_bank() + np.float32(1e-4))
    # What changes slowly is taken from every second frame: sorting is the dearest step.
    half = power[::2]
    logs = np.log(half + np.float32(1e-9))
    whole = np.cumsum(half, axis=1)
    rolloff = hz[np.argmax(whole >= 0.85 * whole[:, -1:], axis=1)]
    flatness = np.exp(logs[:, 4:].mean(axis=1)) / (half[:, 4:].mean(axis=1) + np.float32(1e-9))
    thin = magnitude[::4, 1:513].reshape(len(magnitude[::4]), 256, 2).mean(axis=2)
    thin = thin.reshape(len(thin), 128, 2).mean(axis=2)
    return mel, _contrast(logs, hz), (power @ hz) / total, rolloff, flatness, np.sqrt(total / FRAME), thin


def _contrast(logs: np.ndarray, hz: np.ndarray) -> np.ndarray:
    """Return how far the strongest tenth of each band lies above its weakest tenth."""
    found = []
    # Below the floor of 16 bit there is no valley, only the noise of rounding.
    logs = np.maximum(logs, np.float32(np.log(1e-6)))
    for low, high in BANDS_HZ:
        band = logs[:, (hz >= low) & (hz < high)]
        tenth = max(1, band.shape[1] // 10)
        ordered = np.partition(band, (tenth - 1, band.shape[1] - tenth), axis=1)
        found.append(ordered[:, -tenth:].mean(axis=1) - ordered[:, :tenth].mean(axis=1))
    return np.stack(found, axis=1)


def chroma(samples: np.ndarray) -> np.ndarray:
    """Return pitch classes of levelled samples, (n, 12), rows of sum 1 (C first), 5.4 a second.

    Only spectral peaks between 65 and 2,100 Hz count, so broadband noise weighs little.
    """
    size, hop = 8192, 4096
    if len(samples) < size:
        samples = np.pad(samples, (0, size - len(samples)))
    view = np.lib.stride_tricks.sliding_window_view(samples, size)[::hop]
    weights, low, high = _pitch_weights(size)
    found = []
    for at in range(0, len(view), 64):
        magnitude = np.abs(np.fft.rfft(view[at : at + 64] * window(size), axis=1)[:, low - 1 : high + 1])
        inner = magnitude[:, 1:-1]
        peaks = np.sqrt(inner) * ((inner > magnitude[:, :-2]) & (inner >= magnitude[:, 2:]))
        found.append(peaks.astype(np.float32) @ weights)
    whole = np.concatenate(found)
    return whole / (whole.sum(axis=1, keepdims=True) + 1e-9)


@cache
def _pitch_weights(size: int) -> tuple[np.ndarray, int, int]:
    hz = np.arange(size // 2 + 1) * RATE_HZ / size
    low, high = int(np.argmax(hz > 65)), int(np.argmax(hz >= 2100))
    semitones = 12 * np.log2(hz[low:high] / 440.0) + 9
    off = (semitones[:, None] - np.arange(12) + 6) % 12 - 6
    return np.exp(-0.5 * (off / 0.35) ** 2).astype(np.float32), low, high


def percussive_share(thin: np.ndarray) -> float:
    """Return how much of the energy stands upright in the spectrogram, 0 (tones) to 1 (clicks)."""
    if len(thin) < 9 or not thin.any():
        return 0.0
    along = _median9(thin, 0) ** 2
    across = _median9(thin, 1) ** 2
    upright, lying = float(across.sum()), float(along.sum())
    return upright / (upright + lying + 1e-9)


SORTING = ((1, 2), (4, 5), (7, 8), (0, 1), (3, 4), (6, 7), (1, 2), (4, 5), (7, 8), (0, 3), (5, 8), (4, 7), (3, 6),
           (1, 4), (2, 5), (4, 7), (4, 2), (6, 4), (4, 2))  # fmt: skip
"""A network that brings the median of nine to place 4 (Paeth 1990): whole arrays at a time, where sorting each
nine would cost a hundred times as much."""


def _median9(values: np.ndarray, axis: int) -> np.ndarray:
    values = np.moveaxis(values, axis, 0)
    padded = np.pad(values, ((4, 4), (0, 0)), mode="edge")
    nine = [padded[at : at + len(values)] for at in range(9)]
    for low, high in SORTING:
        nine[low], nine[high] = np.minimum(nine[low], nine[high]), np.maximum(nine[low], nine[high])
    return np.moveaxis(nine[4], 0, axis)


def onsets(mel: np.ndarray) -> np.ndarray:
    """Return how much each mel band rises from frame to frame, (n - 1, MELS), 0 and above."""
    return np.maximum(0, np.diff(mel, axis=0))


def modulation(flux: np.ndarray) -> np.ndarray:
    """Return what a rhythm feels like: rates of 0.6 to 10 Hz in 8 bands, as 4 x 10 coefficients (40,)."""
    groups = np.stack([part.mean(axis=1) for part in np.array_split(flux, 8, axis=1)], axis=1)
    size, rates = int(FPS * 6), np.geomspace(0.6, 10, 18)
    hz = np.arange(513) * FPS / 1024
    found = []
    for at in range(0, max(1, len(groups) - size + 1), size // 2):
        part = groups[at : at + size]
        if len(part) < size // 2:
            break
        part = (part - part.mean(axis=0)) * np.hanning(len(part))[:, None]
        spectrum = np.abs(np.fft.rfft(part, n=1024, axis=0))
        found.append(np.stack([np.interp(rates, hz, spectrum[:, band]) for band in range(8)]))
    pattern = np.log1p(np.mean(found, axis=0)) if found else np.zeros((8, 18))
    return (cosines(8, 4).T @ pattern @ cosines(18, 10)).ravel()


def pulse(envelope: np.ndarray, reach_s: float = 2.2) -> tuple[np.ndarray, np.ndarray]:
    """Return lags (frames, from 1) and how well an onset envelope repeats after them, -1 to 1."""
    size = 1 << int(2 * len(envelope) - 1).bit_length()
    spectrum = np.fft.rfft(envelope, size)
    repeats = np.fft.irfft(np.abs(spectrum) ** 2, size)[: len(envelope)]
    lags = np.arange(1, min(len(repeats), int(FPS * reach_s)))
    return lags, repeats[lags] / (repeats[0] + 1e-9)


def envelope_of(flux: np.ndarray) -> np.ndarray:
    """Return onset strength with its slow course taken off, (n,)."""
    strength = flux.mean(axis=1)
    span = min(len(strength), int(FPS))
    return strength - np.convolve(strength, np.ones(span) / span, "same") if span else strength


def onset_rate_hz(envelope: np.ndarray) -> float:
    """Return how many onsets a second stand out."""
    strong = np.maximum(envelope, 0)
    if len(strong) < 3:
        return 0.0
    least = strong.mean() + strong.std()
    peaks = (strong[1:-1] > least) & (strong[1:-1] >= strong[:-2]) & (strong[1:-1] > strong[2:])
    return float(peaks.sum() / (len(strong) / FPS))


class Cues(NamedTuple):
    """Plain numbers that several estimates are made of."""

    loudness_lufs: float
    range_lu: float
    crest_db: float
    percussive: float
    centroid_hz: float
    flatness: float
    onset_rate_hz: float
    pulse: float
    """How regular the strongest repetition of onsets is, 0 to 1."""
    flux: float
    quiet_share: float
    """Share of frames below half the mean level."""
    syllables: float
    """Share of the level's modulation at 2.5 to 6.5 Hz, where syllables are."""
    harmonic_change: float
    tonal_entropy: float
    crossings_spread: float


class Heard(NamedTuple):
    blocks: np.ndarray
    """(SIZE,) float32, in the order of BLOCKS."""
    cues: Cues
    pitch: np.ndarray
    """(12,) mean pitch classes, sum 1."""
    flux: np.ndarray
    envelope: np.ndarray
    """Of `flux`, as `envelope_of` makes it."""
    mel: np.ndarray


def hear(samples: np.ndarray, loudness_lufs: float, range_lu: float, overwrite: bool = False) -> Heard:
    """Describe mono samples (n,) float32 at RATE_HZ, 2 s of them at least.

    `overwrite` levels them where they are: a copy of ten minutes takes 53 MB.
    """
    crest_db = _crest_db(samples)
    samples = levelled(samples, loudness_lufs, samples if overwrite else None)
    each = frames(samples)
    flux = onsets(each.mel)
    envelope = envelope_of(flux)
    _, repeats = pulse(envelope)
    pitches = chroma(samples)
    mean_pitch = pitches.mean(axis=0)
    unit = pitches / (np.linalg.norm(pitches, axis=1, keepdims=True) + 1e-9)
    intervals = [float(np.mean((unit * np.roll(unit, step, axis=1)).sum(axis=1))) for step in range(1, 7)]
    cues = Cues(
        loudness_lufs, range_lu, crest_db,
        percussive=percussive_share(each.thin),
        centroid_hz=float(each.centroid.mean()),
        flatness=float(each.flatness.mean()),
        onset_rate_hz=onset_rate_hz(envelope),
        pulse=float(max(0.0, repeats[int(FPS * 0.25) :].max(initial=0.0))),
        flux=float(flux.mean()),
        quiet_share=float((each.level < 0.5 * each.level.mean()).mean()),
        syllables=_syllables(each.level),
        harmonic_change=float(np.linalg.norm(np.diff(unit, axis=0), axis=1).mean()) if len(unit) > 1 else 0.0,
        tonal_entropy=float(-(mean_pitch * np.log(mean_pitch + 1e-9)).sum() / np.log(12)),
        crossings_spread=float(each.crossings.std()),
    )  # fmt: skip
    # Our own key whatever else is installed: vectors of one library must not depend on when a package came.
    turned = np.roll(mean_pitch, -keys.key(mean_pitch).tonic)
    return Heard(_blocks(each, flux, envelope, cues, turned, intervals), cues, mean_pitch, flux, envelope, each.mel)


def _blocks(each: Frames, flux: np.ndarray, envelope: np.ndarray, cues: Cues, turned: np.ndarray,
            intervals: list[float]) -> np.ndarray:
    steps = np.diff(each.cepstra[:, 1:], axis=0)
    unevenness = envelope.std() / (flux.mean() + 1e-9)
    level_spread = np.log(each.level.std() / (each.level.mean() + 1e-9) + 1e-3)
    blocks = np.concatenate([
        each.cepstra[:, 1:].mean(axis=0), np.log(each.cepstra[:, 1:].std(axis=0) + 1e-3),
        np.log(steps.std(axis=0) + 1e-3),
        each.contrast.mean(axis=0), each.contrast.std(axis=0),
        [np.log(each.centroid.mean() + 1), np.log(each.centroid.std() + 1), np.log(each.rolloff.mean() + 1),
         np.log(each.rolloff.std() + 1), np.log(each.flatness.mean() + 1e-6), np.log(each.flatness.std() + 1e-6),
         each.crossings.mean(), each.crossings.std()],
        modulation(flux), [cues.onset_rate_hz, cues.pulse, cues.flux, unevenness],
        turned, intervals, [cues.tonal_entropy, cues.harmonic_change],
        [cues.range_lu, cues.crest_db, cues.percussive, cues.quiet_share, cues.syllables, level_spread],
    ]).astype(np.float32)  # fmt: skip
    return np.nan_to_num(blocks, nan=0.0, posinf=0.0, neginf=0.0)


def _crest_db(samples: np.ndarray) -> float:
    """Return how far the highest peak lies above the mean level."""
    # Piece by piece: the squares of a long track would take as much memory again.
    power = sum(float(np.square(samples[at : at + RATE_HZ]).sum(dtype=np.float64))
                for at in range(0, len(samples), RATE_HZ))  # fmt: skip
    root, peak = float(np.sqrt(power / max(1, len(samples)))), float(max(samples.max(), -samples.min()))
    return float(20 * np.log10((peak + 1e-9) / (root + 1e-9)))


def _syllables(level: np.ndarray) -> float:
    logs = np.log(level + 1e-5)
    power = np.abs(np.fft.rfft((logs - logs.mean()) * np.hanning(len(logs)))) ** 2
    hz = np.arange(len(power)) * FPS / len(logs)
    return float(power[(hz > 2.5) & (hz < 6.5)].sum() / (power[(hz > 0.3) & (hz < 12)].sum() + 1e-9))
