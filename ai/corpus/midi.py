"""Notes to a Standard MIDI File of one track: all that our composer needs of the format.

The rule a newcomer would break: times are in beats, and a beat is what a
listener taps, also in 6/8; the file never says a metre, for nobody reads it.
"""

import struct
from collections.abc import Iterable, Mapping
from typing import NamedTuple

TICKS = 480
"""Of one beat."""
DRUMS = 9
"""The channel that General MIDI keeps for percussion."""
PAN, REVERB = 10, 91


class Note(NamedTuple):
    at: float
    """In beats from the beginning."""
    length: float
    """In beats."""
    channel: int
    pitch: int
    """0 to 127, 60 is the C in the middle."""
    velocity: int


class Voice(NamedTuple):
    program: int
    """General MIDI, from 0."""
    pan: int = 64
    reverb: int = 40


def file(bpm: float, voices: Mapping[int, Voice], notes: Iterable[Note]) -> bytes:
    """Return a MIDI file (format 0) of notes at one tempo; `voices` by channel."""
    events: list[tuple[int, int, bytes]] = [(0, 0, b"\xff\x51\x03" + round(60e6 / bpm).to_bytes(3, "big"))]
    for channel, voice in sorted(voices.items()):
        events.append((0, 1, bytes([0xC0 | channel, voice.program])))
        events.append((0, 1, bytes([0xB0 | channel, PAN, voice.pan])))
        events.append((0, 1, bytes([0xB0 | channel, REVERB, voice.reverb])))
    for note in notes:
        begin = max(0, round(note.at * TICKS))
        end = begin + max(10, round(note.length * TICKS))
        pitch, velocity = min(127, max(0, note.pitch)), min(127, max(1, note.velocity))
        # Ends before beginnings, so that a repeated note is struck again.
        events.append((end, 2, bytes([0x80 | note.channel, pitch, 0])))
        events.append((begin, 3, bytes([0x90 | note.channel, pitch, velocity])))
    events.sort()
    body, now = bytearray(), 0
    for tick, _, message in events:
        body += _variable(tick - now) + message
        now = tick
    body += _variable(TICKS) + b"\xff\x2f\x00"
    return b"MThd" + struct.pack(">IHHH", 6, 0, 1, TICKS) + b"MTrk" + struct.pack(">I", len(body)) + bytes(body)


def _variable(number: int) -> bytes:
    """Return a number in sevens of bits, the highest first, all but the last marked."""
    found = [number & 0x7F]
    while number := number >> 7:
        found.append(0x80 | number & 0x7F)
    return bytes(reversed(found))
