"""A small music library whose musical facts are known exactly, for whatever claims to hear them.

Everything is composed here, played by fluidsynth with a soundfont of General
MIDI, and read aloud by espeak-ng: fifteen styles by two artists each, spoken
tracks, and copies of some songs as other people would have encoded or mastered
them. `truth.json` beside the files says what a perfect listener would.

The rule a newcomer would break: the truth is what was composed, never what was
measured afterwards.
"""

import hashlib
import math
import random
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import orjson

from ai.corpus import midi, rendering
from ai.corpus.rendering import Missing
from ai.corpus.scores import ARTISTS, BEATS, Song, Style, compose
from ai.corpus.styles import STYLES
from server.stream import ffmpeg

PITCHES = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
SIDES = ("Makers", "Players")
READERS = (("en-gb", 150, 40), ("en-us", 175, 60), ("en-gb-scotland", 140, 30), ("en-us", 125, 45))
"""Voice, words a minute and pitch of espeak-ng."""
TEXT = (
    "The ferry leaves at seven, and whoever misses it waits until the afternoon. My grandmother kept the timetable "
    "in a tin beside the tea, though everybody on the island knew it by heart. On windy days the captain would stand "
    "on the quay, look at the clouds for a long while, and shake his head. Then we all walked home again. "
)
DRIFTS_DB = (0.0, -2.0, 1.5)
"""Not everybody masters as loud as the style would have it."""


class Truth(NamedTuple):
    """What a perfect listener would say of one track. Where there is nothing to say (the key of speech): None."""

    id: str
    file: str
    style: str
    genre: str
    artist: str
    title: str
    year: int
    tempo_bpm: float | None
    steady: bool
    metre: str | None
    key: int | None
    """Pitch class, C = 0."""
    mode: str | None
    level_db: float
    energy: float
    valence: float
    danceable: bool
    acoustic: bool
    drums: bool
    speech: bool
    words: str
    copies: tuple[tuple[str, str], ...]
    """(kind, file) of the same recording: "lossy" and "remaster"."""


class Size(NamedTuple):
    per_style: int
    seconds: float
    spoken: int
    copies: int
    """How many styles have copies of their first song."""


FULL = Size(6, 30, 4, len(STYLES))
SMALL = Size(4, 14, 2, 6)


def make(folder: Path, seed: int = 1, size: Size = FULL, font: str = "", workers: int = 2) -> list[Truth]:
    """Write the corpus into a folder and return its truth. Raises Missing where a program or soundfont is not there."""
    encoder = ffmpeg.find()
    if encoder is None:
        raise Missing("There is no ffmpeg on the PATH or in the environment.")
    font = font or rendering.soundfont()
    jobs = [(style, number) for style in STYLES for number in range(size.per_style)]
    copied = {style.name for style in STYLES[:: max(1, len(STYLES) // max(1, size.copies))][: size.copies]}
    with ThreadPoolExecutor(workers) as pool:
        found = list(pool.map(
            lambda job: _song(folder, seed, size, font, encoder.path, *job, job[0].name in copied and job[1] == 0), jobs
        ))  # fmt: skip
        found += pool.map(lambda number: _reading(folder, size, encoder.path, number), range(size.spoken))
    return found


def ready(folder: Path, seed: int = 1, size: Size = FULL, font: str = "", workers: int = 2) -> list[Truth]:
    """Do what `make` does, or return the truth of what it made there before, by this code and of the same kind."""
    file, stamp = folder / "truth.json", _stamp(seed, size, font or rendering.soundfont())
    if file.exists() and (told := orjson.loads(file.read_bytes())).get("stamp") == stamp:
        return [Truth(**track | {"copies": tuple(map(tuple, track["copies"]))}) for track in told["tracks"]]
    found = make(folder, seed, size, font, workers)
    told = {"stamp": stamp, "tracks": [truth._asdict() for truth in found]}
    file.write_bytes(orjson.dumps(told, option=orjson.OPT_INDENT_2))
    return found


def _stamp(seed: int, size: Size, font: str) -> str:
    digest = hashlib.sha256(repr((seed, size, Path(font).name)).encode())
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def planned(style: Style, number: int, seed: int, size: Size) -> Song:
    """Return what song number so and so of a style is: keys and tempi are spread over what the style allows."""
    rng = random.Random(f"{seed}/{style.name}/plan")
    tonics = rng.sample(range(12), 12)
    places = list(range(size.per_style))
    rng.shuffle(places)
    low, high = style.bpm
    bpm = round(low + (high - low) * (places[number] + 0.5) / size.per_style, 1)
    mode = "major" if style.modes[number // ARTISTS % len(style.modes)] == "M" else "minor"
    bars = max(4, math.ceil(size.seconds * bpm / 60 / BEATS[style.metre]) + 1)
    name = f"{seed}/{style.name}/{number}"
    return Song(style, number % ARTISTS, bpm, tonics[number % 12], mode, bars + bars % 2, name)


def _song(folder: Path, seed: int, size: Size, font: str, encoder: str, style: Style, number: int,
          with_copies: bool) -> Truth:  # fmt: skip
    song = planned(style, number, seed, size)
    name = f"{style.name.replace(' ', '-')}-{number + 1:02}"
    artist = f"The {style.name.title()} {SIDES[song.artist]}"
    title = f"{PITCHES[song.tonic]} {song.mode} at {song.bpm:g}"
    year = 1965 + (sum(map(ord, style.name)) + 7 * number) % 56
    samples = rendering.played(midi.file(song.bpm, *compose(song)), font, size.seconds)
    samples, level_db = rendering.levelled(samples, style.level_db + DRIFTS_DB[number // ARTISTS % len(DRIFTS_DB)])
    tags = {
        "title": title, "artist": artist, "album_artist": artist, "album": f"{style.genre} Studies", "date": str(year),
        "genre": style.genre, "track": str(number + 1),
    }  # fmt: skip
    file, copies = f"music/{name}.flac", ()
    rendering.write(folder / file, samples, tags, encoder)
    if with_copies:
        copies = (("lossy", f"copies/{name}.mp3"), ("remaster", f"copies/{name}-remaster.opus"))
        rendering.write(folder / copies[0][1], samples, tags, encoder)
        rendering.write(folder / copies[1][1], rendering.remastered(samples), tags, encoder)
    return Truth(
        name, file, style.name, style.genre, artist, title, year, song.bpm, style.steady, style.metre, song.tonic,
        song.mode, round(level_db, 2), style.energy, round(style.valence - 0.15 * (song.mode == "minor"), 2),
        style.danceable, style.acoustic, bool(style.drums), False, style.words, copies,
    )  # fmt: skip


def _reading(folder: Path, size: Size, encoder: str, number: int) -> Truth:
    voice, words_per_minute, pitch = READERS[number % len(READERS)]
    read_aloud = rendering.spoken(TEXT * 3, voice, words_per_minute, pitch, size.seconds)
    samples, level_db = rendering.levelled(read_aloud, -20)
    name, title, artist, genre = f"reading-{number + 1:02}", f"Reading {number + 1}", "The Readers", "Spoken Word"
    file = f"music/{name}.flac"
    tags = {"title": title, "artist": artist, "album": "Read Aloud", "genre": genre, "track": str(number + 1)}
    rendering.write(folder / file, samples, tags, encoder)
    return Truth(
        name, file, "speech", genre, artist, title, 2001, None, False, None, None, None, round(level_db, 2), 0.1, 0.5,
        False, True, False, True, "spoken word speech voice reading audiobook", (),
    )  # fmt: skip
