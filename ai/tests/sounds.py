"""Sounds for the tests of what listens: samples (n,) float32 with a known truth, and files of them."""

import wave
from pathlib import Path

import numpy as np

from ai.features import RATE_HZ


def clicks(bpm: float, seconds: float, accents: int = 0, rate_hz: int = RATE_HZ) -> np.ndarray:
    """Return short bursts of noise at a tempo; every `accents`-th is louder and lower."""
    rng, found = np.random.default_rng(1), np.zeros(int(seconds * rate_hz), np.float32)
    size = int(0.04 * rate_hz)
    fading = np.exp(-np.arange(size) / (0.008 * rate_hz))
    high = rng.standard_normal(size) * fading * 0.3
    low = np.sin(2 * np.pi * 90 * np.arange(size) / rate_hz) * fading * 2
    for number, at in enumerate(np.arange(0.1, seconds - 0.1, 60 / bpm)):
        begin = int(at * rate_hz)
        found[begin : begin + size] += (high + low if accents and number % accents == 0 else high)[: len(found) - begin]
    return found


def tone(hz: float, seconds: float, level_db: float = -20.0, rate_hz: int = RATE_HZ) -> np.ndarray:
    """Return a sine whose peak lies `level_db` below full scale."""
    return (10 ** (level_db / 20) * np.sin(2 * np.pi * hz * np.arange(int(seconds * rate_hz)) / rate_hz)).astype("f4")


def noise(seconds: float, level: float = 0.1, seed: int = 1) -> np.ndarray:
    return (np.random.default_rng(seed).standard_normal(int(seconds * RATE_HZ)) * level).astype(np.float32)


def chords(tonic: int, mode: str, seconds_each: float = 0.6) -> np.ndarray:
    """Return tonic, subdominant, dominant and tonic, twice, with a few overtones; harmonic minor."""
    third = 4 if mode == "major" else 3
    song = [(0, third), (5, third), (7, 4), (0, third)] * 2
    return np.concatenate([
        sum(tone(261.63 * 2 ** ((tonic + root + step) / 12) * over, seconds_each, -24 - 8 * over)
            for step in (0, mine, 7) for over in (1, 2, 3)) for root, mine in song
    ])  # fmt: skip


def write_wav(path: Path, samples: np.ndarray, rate_hz: int = RATE_HZ) -> Path:
    """Write samples (n,) or (n, channels) with 16 bits."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1 if samples.ndim == 1 else samples.shape[1])
        file.setsampwidth(2)
        file.setframerate(rate_hz)
        file.writeframes(np.clip(np.round(samples * 32767), -32768, 32767).astype("<i2").tobytes())
    return path
