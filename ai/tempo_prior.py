"""Which octave of a tempo its genre speaks for: 87 bpm tagged "Drum and Bass" is 174.

Listeners and machines hear the same beats at half or twice the tempo; the words
in a file's tags often say which is meant. The rule a newcomer would break: a
genre moves a tempo by octaves only, and only when it lies outside of what the
genre plays; no tempo is made up.
"""

import re
from collections.abc import Sequence

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
"""The narrowest first: words of a genre, and from where to where it plays (bpm). Common knowledge, fitted to nothing."""


def octave(bpm: float, genres: Sequence[str], alternates: Sequence[float] = ()) -> float:
    """Return a tempo in the octave that the first known genre plays in; as it is where none is known.

    `alternates`: other readings of the same beats; where no octave of `bpm` fits, theirs may.
    """
    for words, low, high in RANGES:
        if any(words.search(genre) for genre in genres):
            for reading in (bpm, *alternates):
                fitting = [reading * by for by in (1, 2, 0.5) if low <= reading * by <= high]
                if fitting:
                    return fitting[0]
            return bpm
    return bpm
