"""Why one track goes with another, in words, from what is known of both.

Pure. The rule a newcomer would break: a reason is a fact that anybody could
check, said only when both values are known well enough; there is always one, if
only in what the two sound most alike.
"""

from collections.abc import Callable, Iterator, Mapping
from math import log2
from typing import NamedTuple

from ai.analyses import Analysis

MOST = 4
"""More reasons than this convince nobody more."""
BEAT, TONE, LEVEL, MOOD = 0.3, 0.3, 0.5, 0.3
"""How sure a value has to be: tempo, key, estimates, moods."""
HIGH, LOW = 0.65, 0.3
SAME_TEMPO, NEAR_TEMPO = 0.015, 0.04
"""Shares of a tempo."""
MOODS = ("happy", "sad", "aggressive", "relaxed")
MOOD_LEAST, MOOD_LEAD = 0.5, 0.05
BLOCKS = {
    "timbre": "sound", "contrast": "texture", "spectral": "brightness", "rhythm": "rhythm", "tonal": "harmony",
    "dynamics": "dynamics",
}  # fmt: skip
"""What the blocks of the weight-free space are called; "rhythm" says "drums" where there are some."""
DULL = {"contrast": 1.5, "spectral": 1.3, "dynamics": 1.7}
"""What hardly anybody listens for is said later than its nearness would have it."""


class Tags(NamedTuple):
    """What tags say of a track."""

    artist: str = ""
    year: int = 0
    genres: tuple[str, ...] = ()


UNTAGGED = Tags()


def reasons(a: Analysis | None, b: Analysis | None, tags_a: Tags = UNTAGGED, tags_b: Tags = UNTAGGED,
            alike: Mapping[str, float] | None = None, closeness: float = 0.0) -> tuple[str, ...]:  # fmt: skip
    """Return up to four reasons why track b goes with track a, the best first; never none.

    `alike`: for each block its distance as a share of what counts as near, so below 1 is near; `closeness`: 0 to 1.
    """
    found: list[str] = []
    if a is not None and b is not None:
        for say in (tempo, key):
            found += filter(None, [say(a, b)])
    found += list(sounds(alike or {}, a, b))[:2]
    if a is not None and b is not None:
        for say in CHARACTER:
            found += filter(None, [say(a, b)])
    found += by_tags(tags_a, tags_b)
    return tuple(found[:MOST]) or (least(alike or {}, closeness),)


def tempo(a: Analysis, b: Analysis) -> str:
    """Compare tempi in whichever octave they were heard."""
    one, other = a.get("tempo_bpm", BEAT), b.get("tempo_bpm", BEAT)
    if not one or not other:
        return ""
    apart = log2(other / one)
    octaves = round(apart)
    off = 2 ** abs(apart - octaves) - 1
    if off > NEAR_TEMPO or abs(octaves) > 1:
        return ""
    shown = f"{one:.0f}", f"{other:.0f}"
    if octaves:
        return f"{'twice' if octaves > 0 else 'half'} the tempo {shown[0]}→{shown[1]}" if off <= SAME_TEMPO else ""
    if off <= SAME_TEMPO:
        return f"same tempo {shown[1]}"
    return f"nearly the same tempo {shown[0]}→{shown[1]}"


def key(a: Analysis, b: Analysis) -> str:
    """Compare places on the wheel of keys: the same, one step on, or major and minor of one place."""
    one, other = a.get("camelot", TONE), b.get("camelot", TONE)
    if not one or not other:
        return ""
    if one == other:
        return f"same key {one}"
    (hour, letter), (hour_b, letter_b) = ((int(each[:-1]), each[-1]) for each in (one, other))
    if letter == letter_b and (hour - hour_b) % 12 in (1, 11):
        return f"neighbouring key {one}→{other}"
    return f"relative key {one}→{other}" if hour == hour_b else ""


def sounds(alike: Mapping[str, float], a: Analysis | None, b: Analysis | None) -> Iterator[str]:
    """Name the blocks in which both lie near each other, first those that people listen for."""
    near = {block: share * DULL.get(block, 1.0) for block, share in alike.items() if share < 1 and block in BLOCKS}
    for block in sorted(near, key=near.__getitem__):
        yield f"similar {_called(block, a, b)}"


def _called(block: str, a: Analysis | None, b: Analysis | None) -> str:
    drums = [each.get("percussive", LEVEL) if each is not None else None for each in (a, b)]
    if block == "rhythm" and all(each is not None and each >= LEVEL for each in drums):
        return "drums"
    return BLOCKS[block]


def mood(a: Analysis, b: Analysis) -> str:
    """Say the mood that stands out in both."""
    strongest = {_strongest(a), _strongest(b)}
    return f"same mood: {strongest.pop()}" if len(strongest) == 1 and None not in strongest else ""


def _strongest(one: Analysis) -> str | None:
    known = sorted(((one.get(name, MOOD) or 0.0, name) for name in MOODS), reverse=True)
    return known[0][1] if known[0][0] >= MOOD_LEAST and known[0][0] - known[1][0] >= MOOD_LEAD else None


def _both(name: str, high: str, low: str = "") -> Callable[[Analysis, Analysis], str]:
    def say(a: Analysis, b: Analysis) -> str:
        one, other = a.get(name, LEVEL), b.get(name, LEVEL)
        if one is None or other is None:
            return ""
        if min(one, other) >= HIGH:
            return high
        return low if max(one, other) <= LOW else ""

    return say


def metre(a: Analysis, b: Analysis) -> str:
    """Four beats are no news."""
    one, other = a.get("metre", LEVEL), b.get("metre", LEVEL)
    return {3: "both in 3/4", 6: "both in 6/8"}.get(one, "") if one == other else ""


CHARACTER = (
    mood, metre, _both("energy", "both full of energy", "both calm"), _both("speechiness", "both spoken"),
    _both("acousticness", "both acoustic"), _both("danceability", "both danceable"),
)  # fmt: skip


def by_tags(a: Tags, b: Tags) -> Iterator[str]:
    """Say what the tags of both have in common."""
    if a.artist and a.artist == b.artist:
        yield f"also by {b.artist}"
    if shared := [genre for genre in a.genres if genre in b.genres]:
        yield f"also {shared[0]}"
    if a.year and a.year == b.year:
        yield f"also from {b.year}"
    elif a.year and b.year and abs(a.year - b.year) <= 3:
        yield f"from the same years, {a.year} and {b.year}"


def least(alike: Mapping[str, float], closeness: float) -> str:
    """Say what is true even of two tracks that have no fact in common."""
    known = {block: share for block, share in alike.items() if block in BLOCKS}
    if known:
        return f"most alike in {BLOCKS[min(known, key=known.__getitem__)]}"
    if closeness >= 0.5:
        return "close in sound as a whole"
    return "among the nearest in sound" if closeness > 0 else "chosen without knowing its sound"
