"""Little pieces of music: a style is a function that writes one bar.

Every style plays the same idea through its own instruments: a progression of
four chords, a motif of two bars, an opening, a middle and an end. A style takes
its chance from `piece.rng(bar)` only, so that a bar can be written in any order.
"""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from server.demo.synth import Note

_SCALES = {
    "major": (0, 2, 4, 5, 7, 9, 11),
    "minor": (0, 2, 3, 5, 7, 8, 10),
    "dorian": (0, 2, 3, 5, 7, 9, 10),
    "lydian": (0, 2, 4, 6, 7, 9, 11),
    "hijaz": (0, 1, 4, 5, 7, 8, 10),
    "yo": (0, 2, 5, 7, 9),
}
_PROGRESSIONS = ((0, 5, 3, 4), (0, 3, 5, 4), (0, 4, 5, 3), (0, 2, 3, 3), (5, 3, 0, 4), (0, 5, 1, 4))
# What follows the mixer: an echo that stands for a room, and the tone of the record.
_HALL = "aecho=0.9:0.75:47|83|131|211|307:0.3|0.26|0.22|0.18|0.14"
_ROOM = "aecho=0.95:0.85:19|37|61:0.2|0.15|0.1"


@dataclass(frozen=True, slots=True)
class Piece:
    """What a track's music follows from."""

    style: str
    seed: str
    scale: str
    seconds: float

    def rng(self, part: object = "") -> random.Random:
        return random.Random(f"{self.seed}:{part}")

    @property
    def bpm(self) -> int:
        low, high = _STYLES[self.style].bpm
        return self.rng("bpm").choice((low, (low + high) // 2, high))

    @property
    def bars(self) -> int:
        return max(2, round(self.seconds * self.bpm / 240))

    @property
    def filters(self) -> str:
        return _STYLES[self.style].filters

    def pitch(self, step: int, octave: int = 0) -> int:
        """The MIDI pitch of a step of the scale, the root lying between C3 and A3."""
        scale = _SCALES[self.scale]
        root = 48 + self.rng("root").choice((0, 5))
        return root + 12 * (octave + step // len(scale)) + scale[step % len(scale)]

    def chord(self, bar: int) -> tuple[int, int, int]:
        root = self.rng("chords").choice(_PROGRESSIONS)[bar % 4]
        return (root, root + 2, root + 4)

    def motif(self, bar: int) -> list[tuple[float, int]]:
        """(beat, step) of the tune in this bar: two bars, the second answering the first."""
        rng = self.rng(f"motif{bar % 2}")
        beats = rng.choice(((0, 1, 1.5, 3), (0, 0.5, 1.5, 2.5), (0.5, 1, 2, 3, 3.5), (0, 1.5, 2, 3)))
        step, tune = self.chord(bar)[rng.randrange(3)], []
        for beat in beats:
            tune.append((beat, step))
            step += rng.choice((-2, -1, 1, 1, 2, -1))
        return tune

    def full(self, bar: int) -> bool:
        """Whether all play: not in the opening and not in the last bar."""
        return 1 + self.bars // 8 <= bar < self.bars - 1


def bars(piece: Piece) -> Iterator[list[Note]]:
    """The piece, bar by bar."""
    write = _STYLES[piece.style].write
    return (write(piece, bar) for bar in range(piece.bars))


def _ambient(piece: Piece, bar: int) -> list[Note]:
    rng, chord = piece.rng(bar), piece.chord(bar // 2)
    notes = []
    if bar % 2 == 0:
        notes = [Note(0, "pad", piece.pitch(s), 17, p, 7) for s, p in zip(chord, (-0.5, 0.1, 0.5), strict=True)]
        notes.append(Note(0, "air", piece.pitch(chord[0], -1), 24, 0, 7))
    if piece.full(bar):
        notes += [Note(b, "bell", piece.pitch(s, 1), rng.randrange(7, 13), rng.uniform(-0.7, 0.7))
                  for b, s in piece.motif(bar) if rng.random() < 0.7]  # fmt: skip
    return notes


def _synth(piece: Piece, bar: int) -> list[Note]:
    chord = piece.chord(bar)
    order = (0, 1, 2, 1, 0, 2, 1, 2) if bar % 4 < 3 else (2, 1, 0, 1, 2, 0, 1, 0)
    notes = [Note(i / 2, "lead", piece.pitch(chord[o], 1), 15 if i % 2 else 20, 0.4 if i % 2 else -0.4)
             for i, o in enumerate(order)]  # fmt: skip
    notes += [Note(0, "pad", piece.pitch(s), 10, p, 4) for s, p in zip(chord, (-0.6, 0, 0.6), strict=True)]
    if bar > 0:
        notes += [Note(b, "bass", piece.pitch(chord[0], -1), 34) for b in (0, 0.5, 1.5, 2, 2.5, 3.5)]
    if piece.full(bar):
        notes += [Note(b, "kick", 36, 40) for b in range(4)]
        notes += [Note(b + 0.5, "hat", 60, 18, 0.3) for b in range(4)]
        notes += [Note(b, "snare", 60, 20) for b in (1, 3)]
        notes += [Note(b, "keys", piece.pitch(s, 2), 12, 0.2) for b, s in piece.motif(bar)]
    return notes


def _groove(piece: Piece, bar: int) -> list[Note]:
    rng, chord = piece.rng(bar), piece.chord(bar)
    swing = 0.12
    notes = [Note(b, "keys", piece.pitch(s), 15, p) for b in (0, 1.5 + swing, 2.5 + swing)
             for s, p in zip((*chord, chord[2] + 2), (-0.5, -0.2, 0.2, 0.5), strict=True)]  # fmt: skip
    walk = (chord[0], chord[0] + 2, chord[0] + 4, chord[0] + rng.choice((1, 3, 5)))
    notes += [Note(b, "bass", piece.pitch(s, -1), 34) for b, s in enumerate(walk)]
    if piece.full(bar):
        notes += [Note(b, "kick", 36, 32) for b in (0, 2, 2.5 + swing)]
        notes += [Note(b, "snare", 60, 18, 0.1) for b in (1, 3)]
        notes += [Note(b, "piano", piece.pitch(s, 1), 18, 0.3) for b, s in piece.motif(bar)]
    notes += [Note(b, "hat", 60, 14, -0.3) for b in (0, 1, 1.5 + swing, 2, 3, 3.5 + swing)]
    return notes


def _piano(piece: Piece, bar: int) -> list[Note]:
    rng, chord = piece.rng(bar), piece.chord(bar)
    steps = (chord[0], chord[2], chord[0] + 7, chord[1] + 7, chord[2], chord[0] + 7, chord[2], chord[1])
    notes = [Note(i / 2, "piano", piece.pitch(s, -1), rng.randrange(15, 21), -0.25) for i, s in enumerate(steps)]
    if bar % 4 == 3:
        notes = notes[:5]
    if piece.full(bar):
        notes += [Note(b + rng.uniform(0, 0.03), "piano", piece.pitch(s, 1), rng.randrange(24, 32), 0.25)
                  for b, s in piece.motif(bar)]  # fmt: skip
    return notes


def _drone(piece: Piece, bar: int) -> list[Note]:
    rng, notes = piece.rng(bar), []
    if bar % 2 == 0:
        low = piece.chord(bar // 4)[0] % 5
        notes = [Note(0, "drone", piece.pitch(0, -1), 30, -0.3, 8), Note(0, "drone", piece.pitch(low), 18, 0.4, 8)]
    if bar and rng.random() < 0.8:
        pitch, pan = piece.pitch(rng.choice((2, 4, 6, 7)), 1), rng.uniform(-0.8, 0.8)
        notes.append(Note(rng.choice((0, 1, 2)), "strings", pitch, 9, pan, 3))
    if piece.full(bar):
        notes += [Note(b, "bell", piece.pitch(s), 7, 0.5) for b, s in piece.motif(bar)[:2]]
        notes.append(Note(0, "tom", 33, 22))
    return notes


def _chip(piece: Piece, bar: int) -> list[Note]:
    chord = piece.chord(bar)
    notes = [Note(i / 4, "square", piece.pitch(chord[i % 3], 1), 11, -0.35) for i in range(16)]
    notes += [Note(b / 2, "bass", piece.pitch(chord[0], -1 + b % 2), 30) for b in range(8)]
    if piece.full(bar):
        notes += [Note(b, "lead", piece.pitch(s, 2), 20, 0.3) for b, s in piece.motif(bar)]
        notes += [Note(b, "kick", 36, 30) for b in (0, 1.5, 2)]
        notes += [Note(b, "snare", 60, 20) for b in (1, 3)]
        notes += [Note(b / 2, "hat", 60, 12, 0.2) for b in range(8)]
    return notes


def _guitar(piece: Piece, bar: int) -> list[Note]:
    rng, chord = piece.rng(bar), piece.chord(bar)
    picks = (chord[0] - 7, chord[0], chord[2], chord[1], chord[0] + 7, chord[1], chord[2], chord[0])
    notes = [Note(i / 2, "string", piece.pitch(s), rng.randrange(26, 34), -0.2 if i % 2 else 0.15)
             for i, s in enumerate(picks)]  # fmt: skip
    if piece.full(bar):
        notes += [Note(b, "string", piece.pitch(s, 1), 30, 0.4) for b, s in piece.motif(bar)]
        notes += [Note(b / 2, "shaker", 60, 14 if b % 2 else 20, -0.4) for b in range(8)]
        notes.append(Note(0, "air", piece.pitch(chord[0], 1), 7, 0, 4))
    return notes


def _ensemble(piece: Piece, bar: int) -> list[Note]:
    rng, chord = piece.rng(bar), piece.chord(bar)
    notes = [Note(0, "strings", piece.pitch(s), 14, p, 4) for s, p in zip(chord, (-0.6, 0, 0.6), strict=True)]
    notes.append(Note(0, "strings", piece.pitch(chord[0], -1), 17, 0.2, 4))
    if piece.full(bar):
        notes += [Note(b, "marimba", piece.pitch(s, 1), 22, 0.4) for b, s in piece.motif(bar)]
        notes += [Note(i / 2, "marimba", piece.pitch(chord[i % 3]), 13, -0.4) for i in range(8)]
        notes += [Note(b, "tom", 36, rng.randrange(22, 32), -0.1) for b in (0, 2.5)]
    return notes


@dataclass(frozen=True, slots=True)
class _Style:
    write: Callable[[Piece, int], list[Note]]
    bpm: tuple[int, int]
    filters: str


_STYLES = {
    "ambient": _Style(_ambient, (62, 78), f"{_HALL},volume=5dB"),
    "synth": _Style(_synth, (104, 122), f"{_ROOM},lowpass=f=8000,volume=4dB"),
    "groove": _Style(_groove, (88, 108), f"{_ROOM},volume=4dB"),
    "piano": _Style(_piano, (72, 96), f"{_HALL},volume=6dB"),
    "drone": _Style(_drone, (60, 72), f"{_HALL},lowpass=f=6000,volume=4dB"),
    "chip": _Style(_chip, (132, 156), "lowpass=f=9000,volume=1dB"),
    "guitar": _Style(_guitar, (84, 108), f"{_ROOM},volume=6dB"),
    "ensemble": _Style(_ensemble, (76, 100), f"{_HALL},volume=8dB"),
}
