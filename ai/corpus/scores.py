"""From a style to notes: keys, chords and the little notation in which the styles are written.

A pattern is one text for one bar or several ("|" between them), each letter an
equal share of its bar: `.` rests, `-` holds what sounds, `x` strikes the chord
of the bar (`X` louder, `o` softer), a digit is one note so many steps of the
scale above the chord's root (0 root, 2 third, 4 fifth, 7 octave), `v` the fifth
below it, `m` the next note of a melody. For a drum x, X and o strike it.

The rule a newcomer would break: whatever is drawn is drawn from the song's own
`rng`, in one order, so that a seed makes the same music everywhere.
"""

import random
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from ai.corpus.midi import DRUMS, Note, Voice

SCALES = {"major": (0, 2, 4, 5, 7, 9, 11), "minor": (0, 2, 3, 5, 7, 8, 10)}
BEATS = {"4/4": 4, "3/4": 3, "6/8": 2}
"""What a listener taps in a bar."""
LOUDER = {"X": 14, "o": -24}
PERCUSSION = {
    "kick": 36, "rim": 37, "snare": 38, "clap": 39, "closed": 42, "pedal": 44, "low tom": 45, "open": 46, "crash": 49,
    "high tom": 50, "ride": 51, "tambourine": 54, "cowbell": 56, "conga": 63, "low conga": 64, "shaker": 70,
}  # fmt: skip
ARTISTS = 2
POWER, SEVENTH = (0, 4, 7), (0, 2, 4, 6)
QUIET_BLOCK, QUIET_CHANCE = 4, 0.35
"""In every second block of so many bars one part may rest, so that a song has a course."""


class Part(NamedTuple):
    """An instrument and what it plays."""

    programs: tuple[int, int]
    """Of General MIDI, one for each artist."""
    octave: int
    loud: int
    patterns: tuple[str, ...]
    """The artists take turns with them; each song draws one of its artist's."""
    pan: int = 64
    steps: tuple[int, ...] = (0, 2, 4)
    """Notes of a chord, in steps of the scale above its root."""


class Style(NamedTuple):
    name: str
    genre: str
    bpm: tuple[float, float]
    metre: str
    modes: str
    """M or m, a letter for each pair of songs, from the beginning again."""
    level_db: float
    """Mean level (root of mean power) below full scale."""
    energy: float
    valence: float
    danceable: bool
    acoustic: bool
    words: str
    """What a listener would call it."""
    loops: Mapping[str, tuple[str, ...]]
    """Chords, a digit for each bar (0 tonic, 4 dominant), by mode."""
    parts: tuple[Part, ...]
    drums: Mapping[str, tuple[str, ...]] = {}
    kits: tuple[int, int] = (0, 0)
    fill: str = ""
    """What the snare plays in every fourth bar."""
    jitter_ms: float = 0.0
    steady: bool = True
    """Has a beat that one can tap to."""


class Song(NamedTuple):
    style: Style
    artist: int
    bpm: float
    tonic: int
    mode: str
    bars: int
    seed: str


def compose(song: Song) -> tuple[dict[int, Voice], list[Note]]:
    """Return voices by channel and the notes of a song."""
    rng = random.Random(song.seed)
    roots = _roots(song, rng)
    voices, notes = {}, []
    resting = _resting(song, rng)
    for number, part in enumerate(song.style.parts):
        channel = number if number < DRUMS else number + 1
        voices[channel] = Voice(part.programs[song.artist], part.pan)
        pattern = _drawn(part.patterns, song.artist, rng)
        notes += [note for note in _part(song, part, channel, pattern, roots, rng)
                  if (int(note.at // BEATS[song.style.metre]), number) not in resting]  # fmt: skip
    if song.style.drums:
        voices[DRUMS] = Voice(song.style.kits[song.artist])
        notes += _drums(song, rng)
    late = song.style.jitter_ms / 1000 * song.bpm / 60
    return voices, [note._replace(at=note.at + rng.uniform(0, late), velocity=note.velocity + rng.randint(-4, 4))
                    for note in notes]  # fmt: skip


def _roots(song: Song, rng: random.Random) -> list[int]:
    """Return a chord for each bar; the first bar and the last two say which key it is."""
    loop = rng.choice(song.style.loops[song.mode])
    roots = [int(loop[bar % len(loop)]) for bar in range(song.bars)]
    roots[0], roots[-2:] = 0, [4, 0]
    return roots


def _resting(song: Song, rng: random.Random) -> set[tuple[int, int]]:
    """Return the (bar, part) that are left out."""
    found = set()
    for first in range(QUIET_BLOCK, song.bars - QUIET_BLOCK, 2 * QUIET_BLOCK):
        if len(song.style.parts) > 1 and rng.random() < QUIET_CHANCE:
            part = rng.randrange(1, len(song.style.parts))
            found |= {(bar, part) for bar in range(first, first + QUIET_BLOCK)}
    return found


def _drawn(patterns: Sequence[str], artist: int, rng: random.Random) -> str:
    own = patterns[artist::ARTISTS] if len(patterns) >= ARTISTS else patterns
    return rng.choice(own)


def _struck(pattern: str, bars: int, beats: int) -> Iterator[tuple[int, float, float, str]]:
    """Yield (bar, at, length, letter) of whatever a pattern strikes over so many bars, in beats."""
    written = pattern.split("|")
    letters = [(bar, bar * beats + step * beats / len(text), beats / len(text), letter)
               for bar in range(bars) for text in (written[bar % len(written)],)
               for step, letter in enumerate(text)]  # fmt: skip
    at = 0
    while at < len(letters):
        bar, begin, length, letter = letters[at]
        at += 1
        if letter in ".-":
            continue
        while at < len(letters) and letters[at][3] == "-":
            length += letters[at][2]
            at += 1
        yield bar, begin, length, letter


def pitch(song: Song, step: int, octave: int, chord: int) -> int:
    """Return the MIDI pitch of a step of the scale; in minor the dominant has its major third, as everywhere."""
    octaves, degree = divmod(step, 7)
    raised = song.mode == "minor" and chord % 7 == 4 and degree == 6
    return 12 * (octave + 1 + octaves) + song.tonic + SCALES[song.mode][degree] + raised


def _part(song: Song, part: Part, channel: int, pattern: str, roots: list[int],
          rng: random.Random) -> Iterator[Note]:  # fmt: skip
    step, last_bar = 0, -1
    for bar, at, length, letter in _struck(pattern, song.bars, BEATS[song.style.metre]):
        chord = roots[bar]
        # A chord high in the scale is turned down, so that a part keeps its place.
        root = chord - 7 if chord > 3 else chord
        if letter == "m":
            if bar != last_bar:
                step = min((root + third for third in (-3, 0, 2, 4, 7)), key=lambda each: abs(each - step + 0.1))
            else:
                step = max(-4, min(11, step + rng.choice((-2, -1, -1, 1, 1, 2))))
            steps, last_bar = [7 if bar == song.bars - 1 and step > 3 else step], bar
        elif letter in "xXo":
            steps = [root + step for step in part.steps]
        else:
            steps = [root + (-3 if letter == "v" else int(letter))]
        loud = part.loud + LOUDER.get(letter, 0) + (6 if at % BEATS[song.style.metre] == 0 else 0)
        for each in steps:
            yield Note(at, length * 0.92, channel, pitch(song, each, part.octave, chord), loud)


def _drums(song: Song, rng: random.Random) -> Iterator[Note]:
    beats = BEATS[song.style.metre]
    for name, patterns in song.style.drums.items():
        for bar, at, _, letter in _struck(_drawn(patterns, song.artist, rng), song.bars, beats):
            filled = song.style.fill and name in ("snare", "clap") and bar % 4 == 3
            if not filled:
                yield Note(at, 0.1, DRUMS, PERCUSSION[name], 96 + LOUDER.get(letter, 0))
    if song.style.fill:
        for bar, at, _, letter in _struck(song.style.fill, song.bars, beats):
            if bar % 4 == 3:
                yield Note(at, 0.1, DRUMS, PERCUSSION["snare"], 94 + LOUDER.get(letter, 0))
