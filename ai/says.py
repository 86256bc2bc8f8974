"""Why a track was found, in words: the wishes that it fulfils, told as facts about it."""

from collections.abc import Iterator, Sequence

from ai import gloss
from ai.lexicon import Wish
from ai.traits import FIRST_YEAR, UNKNOWN, Columns, bpm_of, shares

FULFILLED = 0.7
OPPOSITES = {
    "energy": ("calm", "full of energy"), "danceability": ("not for dancing", "danceable"),
    "acousticness": ("electric sound", "acoustic sound"), "percussive": ("hardly any drums", "strong drums"),
    "valence": ("rather dark", "rather bright"), "happy": ("not happy", "happy"), "sad": ("not sad", "sad"),
    "aggressive": ("not aggressive", "aggressive"), "relaxed": ("tense", "relaxed"),
    "bright": ("dark sound", "bright sound"), "loud": ("quiet", "loud"), "speechiness": ("nobody talks", "spoken"),
}  # fmt: skip
KEYS = ("C", "C♯", "D", "E♭", "E", "F", "F♯", "G", "A♭", "A", "B♭", "B")
METRES = {3: "in 3/4", 4: "in 4/4", 6: "in 6/8"}


def fulfilled(wishes: Sequence[tuple[Wish, Sequence[float]]], columns: Columns, at: int) -> list[str]:
    """Return facts of the track at a place that fulfil wishes, each given with its scores; what counts most first."""
    said = []
    for wish, scores in sorted(wishes, key=lambda each: -each[0].weight):
        byte = columns.columns[wish.trait][at]
        if byte != UNKNOWN and scores[byte] >= FULFILLED * wish.weight:
            said += [*_fact(wish.trait, byte, columns)]
    return list(dict.fromkeys(said))


def _fact(trait: str, byte: int, columns: Columns) -> Iterator[str]:
    if trait in OPPOSITES:
        yield OPPOSITES[trait][shares(columns, trait)[byte] > 0.5]
    elif trait == "tempo":
        yield f"{bpm_of(byte):.0f} bpm"
    elif trait == "year":
        yield f"from {FIRST_YEAR + byte}"
    elif trait == "metre" and byte in METRES:
        yield METRES[byte]
    elif trait == "key":
        yield f"in {KEYS[byte % 12]} {'minor' if byte >= 12 else 'major'}"
    elif trait == "genre" and byte < len(gloss.ROWS):
        yield gloss.ROWS[byte].names[0]
