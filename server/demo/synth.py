"""Instruments, and a mixer that works on whole bars at once without numpy.

A sound is one big integer with a lane of 64 bits for each moment: 32 bits left,
32 bits right, two's complement. To add two integers is to mix two sounds; to
multiply by `left + (right << 32)` pans one. A borrow that runs into the next lane
is one part in 2^32 and cannot be heard, so nothing here guards against it; a sum
that leaves 32 bits can be heard very well: keep gains small.
"""

import math
import random
from array import array
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import accumulate, repeat
from operator import mul
from typing import NamedTuple

RATE = 22_050
_LANE = 64
_PEAK = 1 << 24  # full scale of a sound at gain 1; a note's gain is 1..100
_LEVELS = 256  # a partial of a held sound is a multiple of this part of full scale
_LOOP_S = 2  # held sounds repeat after this, so their frequencies are multiples of 0.5 Hz


class Note(NamedTuple):
    """One sound in a bar: beats from the bar's start, MIDI pitch, gain 1..100, pan -1..1, length in beats."""

    beat: float
    sound: str
    pitch: int
    gain: float = 30
    pan: float = 0.0
    beats: float = 1.0


def mix(bars: Iterable[list[Note]], bpm: float) -> Iterator[bytes]:
    """Stereo PCM (32 bit little-endian, 22.05 kHz) of bars of four beats, piece by piece, then what still rings."""
    beat, ringing = 60 / bpm * RATE, 0
    for bar in bars:
        at = 0
        for note in sorted(bar):
            played = round(note.beat * beat) - at
            yield _first(ringing, played)
            ringing, at = ringing >> played * _LANE, at + played
            held_s = math.ceil(note.beats * 60 / bpm * 8) / 8
            ringing += _sound(note.sound, note.pitch, held_s) * _pan(note.gain, note.pan)
        rest = round(4 * beat) - at
        yield _first(ringing, rest)
        ringing >>= rest * _LANE
    yield _first(ringing, min(ringing.bit_length() // _LANE, 4 * RATE))


def _first(sound: int, frames: int) -> bytes:
    """The first moments of a sound as PCM."""
    return (sound & ((1 << frames * _LANE) - 1)).to_bytes(frames * 8, "little")


def _pan(gain: float, pan: float) -> int:
    """The factor that spreads a sound over both sides at equal power."""
    angle = (pan + 1) * math.pi / 4
    return round(gain * math.cos(angle)) + (round(gain * math.sin(angle)) << 32)


def _lanes(samples: Iterable[float]) -> int:
    """A sound from samples of full scale _PEAK."""
    return int.from_bytes(array("q", map(int, samples)).tobytes(), "little")


def _sound(name: str, pitch: int, held_s: float) -> int:
    if name in _HELD:
        return _held(name, pitch, held_s)
    return _struck(name, pitch)


@lru_cache(maxsize=240)
def _struck(name: str, pitch: int) -> int:
    return _STRUCK[name](440 * 2 ** ((pitch - 69) / 12))


# Each partial: (multiple of the pitch, level, seconds until it has fallen to 1/e).
_PIANO = ((1, 0.6, 0.7), (2, 0.3, 0.4), (3.01, 0.16, 0.25), (4.02, 0.08, 0.18), (5.04, 0.04, 0.1), (11, 0.03, 0.02))
_BELL = ((1, 0.5, 1.1), (2.76, 0.25, 0.6), (5.4, 0.1, 0.25), (8.9, 0.05, 0.1))
_KEYS = ((1, 0.6, 0.6), (2, 0.12, 0.4), (4, 0.2, 0.12), (14, 0.05, 0.03))
_BASS = ((1, 0.8, 0.35), (2, 0.3, 0.2), (3, 0.14, 0.1), (5, 0.05, 0.05))
_MARIMBA = ((1, 0.7, 0.22), (3.9, 0.2, 0.07), (9.2, 0.06, 0.03))
_TOM = ((1, 0.8, 0.16), (1.6, 0.3, 0.08), (2.3, 0.2, 0.05))


def _partials(table: tuple[tuple[float, float, float], ...], hz: float) -> int:
    """Decaying sines: powers of a complex number inside the unit circle."""
    total = 0
    for ratio, level, fall_s in table:
        if ratio * hz > RATE * 0.45:
            continue
        turn = complex(-1 / (fall_s * RATE), 2 * math.pi * ratio * hz / RATE)
        step = complex(math.cos(turn.imag), math.sin(turn.imag)) * math.exp(turn.real)
        loud = level * _PEAK
        wave = accumulate(repeat(step, int(fall_s * 5 * RATE)), mul)
        total += _lanes([loud * z.imag for z in wave])
    return total


def _string(hz: float) -> int:
    """A plucked string (Karplus and Strong 1983): a burst of noise, smoothed once a period."""
    period = RATE / hz - 0.5
    size = int(period)
    part = period - size
    near, middle, far = 0.498 * (1 - part), 0.498, 0.498 * part
    rng = random.Random(size)
    wave = [rng.uniform(-_PEAK, _PEAK) for _ in range(size)]
    wave = [(a + b + c) / 2 for a, b, c in zip(wave, wave[-1:] + wave, wave[-2:] + wave, strict=False)]
    out: list[float] = []
    while len(out) < 1.6 * RATE:
        out += wave
        once, twice = wave[-1:] + wave[:-1], wave[-2:] + wave[:-2]
        wave = [near * a + middle * b + far * c for a, b, c in zip(wave, once, twice, strict=True)]
    fade = RATE // 5
    out[-fade:] = [s * (1 - i / fade) for i, s in enumerate(out[-fade:])]
    return _lanes(out)


def _pulse(duty: float, fall_s: float):
    """A game console's pulse wave, fading in sixteen steps as theirs did."""

    def play(hz: float) -> int:
        size = int(fall_s * RATE)
        steps = [0.35 * _PEAK * (15 - i * 16 // size) / 15 for i in range(size)]
        turn = hz / RATE
        return _lanes([s if i * turn % 1 < duty else -s for i, s in enumerate(steps)])

    return play


def _kick(_: float) -> int:
    size = int(0.32 * RATE)
    phases = accumulate(2 * math.pi * (46 + 130 * math.exp(-i / 500)) / RATE for i in range(size))
    return _lanes([0.9 * _PEAK * math.sin(p) * math.exp(-i / 2100) for i, p in enumerate(phases)])


def _noise(fall_s: float, level: float, bright: bool, body_hz: float = 0):
    def play(_: float) -> int:
        rng, last, out = random.Random(7), 0.0, []
        fall, loud = fall_s * RATE, level * _PEAK
        for i in range(int(fall * 5)):
            fresh = rng.uniform(-1, 1)
            tone = math.sin(2 * math.pi * body_hz * i / RATE) if body_hz else 0
            out.append(loud * ((fresh - last if bright else fresh) * 0.6 + tone * 0.5) * math.exp(-i / fall))
            last = fresh
        return _lanes(out)

    return play


_STRUCK = {
    "piano": lambda hz: _partials(_PIANO, hz),
    "bell": lambda hz: _partials(_BELL, hz),
    "keys": lambda hz: _partials(_KEYS, hz),
    "bass": lambda hz: _partials(_BASS, hz),
    "marimba": lambda hz: _partials(_MARIMBA, hz),
    "tom": lambda hz: _partials(_TOM, hz),
    "string": _string,
    "lead": _pulse(0.25, 0.32),
    "square": _pulse(0.5, 0.2),
    "kick": _kick,
    "snare": _noise(0.07, 0.5, False, 190),
    "hat": _noise(0.018, 0.3, True),
    "shaker": _noise(0.035, 0.18, True),
}

# Held sounds: (multiple of the pitch, half-hertz of detuning, level), and seconds to rise and to fall.
_HELD = {
    "pad": (((1, 0, 0.34), (1, 1, 0.3), (2, -1, 0.14), (3, 1, 0.07), (4, -2, 0.04), (0.5, 0, 0.15)), 0.9, 1.6),
    "strings": (((1, 0, 0.3), (1, 2, 0.25), (2, 1, 0.17), (3, -2, 0.11), (4, 2, 0.07), (5, -1, 0.05)), 0.35, 0.7),
    "organ": (((1, 0, 0.4), (2, 0, 0.2), (3, 1, 0.1), (4, 0, 0.08)), 0.05, 0.2),
    "drone": (((1, 0, 0.4), (1, 1, 0.3), (1.5, 0, 0.16), (2, 1, 0.12), (3, -1, 0.08), (5, 1, 0.03)), 2.0, 2.5),
    "air": (((1, 0, 0.4), (2, 1, 0.08), (3, 2, 0.03)), 0.25, 0.6),
}


@lru_cache(maxsize=96)
def _held(name: str, pitch: int, held_s: float) -> int:
    _, rise_s, fall_s = _HELD[name]
    rise, fall = int(rise_s * RATE), int(fall_s * RATE)
    size = max(int(held_s * RATE), rise) + fall
    loop = _loop(name, pitch)
    wave = (loop * (size // len(loop) + 1))[:size]
    wave[:rise] = array("q", [s * i // rise for i, s in enumerate(wave[:rise])])
    ending, whole = zip(range(fall, 0, -1), wave[-fall:], strict=True), fall * fall
    wave[-fall:] = array("q", [s * i * i // whole for i, s in ending])
    return int.from_bytes(wave.tobytes(), "little")


@lru_cache(maxsize=128)
def _loop(name: str, pitch: int) -> array:
    """Two seconds of a held sound, which follow upon themselves without a seam."""
    size = _LOOP_S * RATE
    cycles = 440 * 2 ** ((pitch - 69) / 12) * _LOOP_S
    total = 0
    for ratio, detune, level in _HELD[name][0]:
        wave = _steps(round(pitch * 977 * ratio) % size, round(cycles * ratio) + detune)
        total += int.from_bytes(wave.tobytes(), "little") * round(level * _LEVELS)
    return array("q", (total & ((1 << size * _LANE) - 1)).to_bytes(size * 8, "little"))


def _steps(start: int, step: int) -> array:
    """The sine table read with a step, round and round: slice by slice, which is ten times faster than by index."""
    sine, out = _sine(), array("q")
    size = len(sine)
    while len(out) < size:
        turn = sine[start::step]
        out += turn
        start += len(turn) * step - size
    return out[:size]


@lru_cache(maxsize=1)
def _sine() -> array:
    size = _LOOP_S * RATE
    return array("q", [int(_PEAK / _LEVELS * math.sin(2 * math.pi * i / size)) for i in range(size)])
