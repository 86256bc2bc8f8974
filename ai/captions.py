"""Captions: a track in a sentence of plain words, from its tags and its sound, for a model of words to read.

The rule a newcomer would break: a caption says only what is known; a value that
is missing or unsure is not written about, for a model takes every word as true.
"""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ai import gloss
from ai.analyses import Analysis

VERSION = 1
"""What an older one has written is written again."""


class Tags(NamedTuple):
    """What is written about a track, and what was lent to it."""

    genres: tuple[str, ...] = ()
    year: int = 0
    artist: str = ""
    album: str = ""
    title: str = ""
    moods: tuple[str, ...] = ()
    lent: bool = False
    """The genres are not its own: its neighbours have them."""


ENERGY = ("very calm, quiet, gentle, sleepy, relaxing", "calm, soft, relaxed", "moderate", "energetic, lively",
          "very energetic, intense, powerful, loud")  # fmt: skip
SPOKEN = 0.6
STEADY = 0.25
DESCRIBING = re.compile(
    r"\b(piano|guitar|violin|cello|flute|organ|harp|drums?|bass|strings?|orchestra|symphon\w+|sonata|concerto|suite|waltz"
    r"|nocturne|prelude|étude|etude|fugue|quartet|trio|choir|acoustic|unplugged|live|instrumental|remix|rain\w*|snow"
    r"|winter|summer|autumn|spring|night|midnight|morning|sunset|sunrise|christmas|lullab\w+|sleep|dreams?|dance|party"
    r"|love|ballad\w*|blues|jazz|soundtrack|theme|meditation|nature|ocean|forest|beach|road|workout|study|relax\w*)\b",
    re.IGNORECASE,
)


def caption(tags: Tags, analysis: Analysis | None) -> str:
    """Return what a track is like, comma by comma; "" when nothing is known."""
    told = analysis if analysis is not None and analysis.values else None
    if told and (told.get("speechiness") or 0.0) >= SPOKEN and not _sung(tags):
        parts = ["spoken word, a person speaking, speech, audiobook reading, no music", *_words(tags)]
    else:
        parts = [*_genres(tags), *(_sound(told) if told else ()), *_words(tags)]
    return ", ".join(dict.fromkeys(piece for part in parts for piece in part.split(", ") if piece))


def parts_like(written: str, words: Sequence[str], told: Sequence[str], most: int = 2) -> list[str]:
    """Return parts of a caption that hold one of these words and say more than what was told already, for a reason."""
    known = {"music", "style", *re.findall(r"\w+", " ".join(told).lower())}
    found: list[str] = []
    for part in written.split(", "):
        own = set(re.findall(r"\w+", part.lower()))
        if own & set(words) and not own <= known:
            found.append(part)
            known |= own
    return found[:most]


def _sung(tags: Tags) -> bool:
    """Tell whether tags say that it is music: rap has what speech has."""
    return any("speaking" not in gloss.words(genre) for genre in tags.genres) and not tags.lent


def _genres(tags: Tags) -> Iterator[str]:
    for genre in tags.genres[:2]:
        name = " ".join(genre.split())[:60]
        yield f"{name} music"
        yield f"{name.lower()} style"
        yield gloss.words(genre)
    if tags.moods:
        yield ", ".join(mood.lower()[:30] for mood in tags.moods[:3])


def _words(tags: Tags) -> Iterator[str]:
    if tags.year > 0:
        yield f"from the {tags.year // 10 * 10}s"
    if found := list(dict.fromkeys(word.lower() for word in DESCRIBING.findall(f"{tags.title} {tags.album}"))):
        yield " ".join(found[:5])
    if tags.artist:
        yield f"by {tags.artist[:60]}"


def _sound(told: Analysis) -> Iterator[str]:
    energy = told.get("energy")
    if energy is not None:
        yield ENERGY[min(4, int(energy * 5))]
    yield from _beat(told)
    yield _between(told.get("percussive"), 0.35, 0.55, "no drums", "light percussion", "strong drums and beat")
    yield _between(told.get("acousticness"), 0.4, 0.65, "electric and electronic sound", "", "acoustic instruments")
    if (told.get("danceability") or 0.0) >= 0.6 and (energy or 0.0) > 0.5:
        yield "danceable, party, club"
    yield _mood(told.get("valence"), energy)
    yield _between(told.get("centroid_hz"), 400, 1600, "dark mellow sound", "", "bright sound")
    if told.get("metre", 0.4) == 3:
        yield "waltz, three four time"
    if mode := told.get("mode", 0.3):
        yield f"{mode} key"


def _beat(told: Analysis) -> Iterator[str]:
    beat = told.values.get("tempo_bpm")
    if beat is None or beat.confidence < STEADY:
        yield "no steady beat, floating, atmospheric"
        return
    bpm = beat.value
    yield ("slow tempo" if bpm < 80 else "medium tempo" if bpm < 115 else "fast tempo" if bpm < 150
           else "very fast tempo")  # fmt: skip
    yield f"{bpm:.0f} bpm"


def _between(value: float | None, low: float, high: float, below: str, middle: str, above: str) -> str:
    if value is None:
        return ""
    return below if value < low else above if value > high else middle


def _mood(valence: float | None, energy: float | None) -> str:
    if valence is None or energy is None:
        return ""
    if valence > 0.6:
        return "happy, cheerful" if energy > 0.5 else "peaceful, warm"
    if valence < 0.4:
        return "angry, aggressive, dark" if energy > 0.75 else "tense, dark" if energy > 0.5 else "sad, melancholic"
    return ""
