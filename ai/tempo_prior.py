"""Which octave of a tempo its genre speaks for: 87 bpm tagged "Drum and Bass" is 174.

Listeners and machines hear the same beats at half or twice the tempo; the words
in a file's tags often say which is meant. The rule a newcomer would break: a
genre moves a tempo by octaves only, and only when it lies outside of what the
genre plays; no tempo is made up.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

TAGS = "tags"
RANGES = tuple((re.compile(words, re.IGNORECASE), low, high) for words, low, high in (
    (r"drum\W*(and|n|&|’n’|'n')?\W*bass|\bd\W?n\W?b\b|jungle|breakcore", 150, 190),
    (r"dubstep|trap\b|footwork|juke\b", 125, 165),
    (r"trip\W?hop|downtempo|chill\W?(out|hop|wave)|lo\W?fi", 62, 112),
    (r"hip\W?hop|\brap\b|boom\W?bap", 66, 112),
    (r"hardcore techno|gabber|speedcore|happy hardcore|hardstyle", 145, 230),
    (r"techno|trance|acid\b|rave\b|eurodance|hardbass", 118, 156),
    (r"house|disco|garage\b|electro\b|edm\b", 104, 138),
    (r"reggaeton|dembow|dancehall", 84, 112),
    (r"reggae|\bdub\b|rocksteady", 58, 100),
    (r"\bska\b", 100, 190),
    (r"grindcore|thrash|speed metal|black metal|death metal", 120, 250),
    (r"doom|sludge|drone|ambient|new age|meditation", 48, 108),
    (r"punk", 130, 220),
    (r"metal\b", 100, 215),
    (r"swing|big band|bebop|be\W?bop|dixieland|charleston", 112, 250),
    (r"bossa|samba|salsa|merengue|cumbia|latin|mambo|cha\W?cha", 92, 200),
    (r"jazz", 80, 250),
    (r"waltz|vals", 84, 200),
    (r"celtic|irish|jig\b|reel\b|polka|klezmer|bluegrass", 92, 170),
    (r"soul|r\W?(&|n|and)\W?b\b|funk|gospel|motown", 62, 132),
    (r"blues", 56, 150),
    (r"chip\W?tune|8\W?bit|video game", 100, 190),
    (r"rock|pop\b|indie|grunge|new wave|country", 72, 180),
    (r"classical|chamber|piano|orchestra|baroque|romantic|opera|quartet", 46, 150),
    (r"folk|singer|acoustic", 66, 172),
))  # fmt: skip
"""The narrowest first: words of a genre, and from where to where it plays (bpm). Common knowledge, not a fit."""


def octave(bpm: float, genres: Sequence[str], alternates: Sequence[float] = ()) -> float:
    """Return a tempo in the octave that the first known genre plays in; as it is where none is known.

    `alternates`: other readings of the same beats; where no octave of `bpm` fits, theirs may.
    """
    if (played := _played(tuple(genres))) is None:
        return bpm
    low, high = played
    for reading in (bpm, *alternates):
        for by in (1, 2, 0.5):
            if low <= reading * by <= high:
                return reading * by
    return bpm


def meant(values: dict[str, Any], genres: Sequence[str]) -> dict[str, Any]:
    """Return the values of an analysis (`ai.analyses.Value`) with the tempo in its genres' octave, told by "tags"."""
    tempo = values.get("tempo_bpm")
    if tempo is None or not genres:
        return values
    others = values["tempo_alternates"].value if "tempo_alternates" in values else []
    bpm = round(octave(tempo.value, genres, others), 2)
    if bpm == tempo.value:
        return values
    kept = [tempo.value, *(other for other in others if abs(other / bpm - 1) > 0.04)]
    return values | {"tempo_bpm": tempo._replace(value=bpm, source=TAGS),
                     "tempo_alternates": tempo._replace(value=kept[:3])}  # fmt: skip


@lru_cache(maxsize=4096)
def _played(genres: tuple[str, ...]) -> tuple[float, float] | None:
    for words, low, high in RANGES:
        if any(words.search(genre) for genre in genres):
            return low, high
    return None
