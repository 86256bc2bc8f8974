"""Words to wishes: "slow rainy piano without drums, 80s, around 90 bpm" as what is wanted of a track's traits.

Used alone where no model of words is there, and beside one, which knows what
sounds alike but cannot count. The rule a newcomer would break: what is said with
"without", "no" or "not" is wished the other way round.
"""

import re
from collections.abc import Iterator, Mapping
from math import exp, log2
from typing import NamedTuple

from ai import gloss
from ai.traits import FASTEST, FIRST_YEAR, MOST, NEUTRAL, SLOWEST, UNKNOWN, Columns, bpm_of, shares
from server.library.names import fold


class Wish(NamedTuple):
    """One thing wanted: a trait near a share of what the library has, or scores of its own for each byte."""

    trait: str
    weight: float
    said: str
    """The words that it was read from."""
    want: float = 0.0
    table: tuple[float, ...] = ()

    def scores(self, columns: Columns) -> list[float]:
        """Return what each byte of the trait scores, from 0 to the weight."""
        if self.table:
            return [self.weight * score for score in self.table]
        fits = [1 - abs(share - self.want) for share in shares(columns, self.trait)]
        fits[UNKNOWN] = NEUTRAL
        return [self.weight * fit for fit in fits]


class Reading(NamedTuple):
    """What was made of a query."""

    wishes: tuple[Wish, ...]
    artist: str
    """Whom it is to be like; "" where nobody was named."""
    rest: tuple[str, ...]
    """Folded words that mean nothing here: perhaps a name or a title has them."""


HIGH, LOW = 1.0, 0.0
WORDS: tuple[tuple[str, tuple[tuple[str, float, float], ...]], ...] = (
    ("heavy bass|big bass|fat bass|deep bass|strong bass|bass|basses|subwoofer|bassy",
     (("bright", LOW, 0.4), ("percussive", HIGH, 0.4), ("loud", HIGH, 0.3), ("energy", HIGH, 0.3))),
    ("energetic|energy|intense|powerful|workout|training|gym|driving|pumping|wild|hard|exciting|power",
     (("energy", HIGH, 1.0),)),
    ("heavy|aggressive|angry|brutal|furious|rage|violent|evil",
     (("energy", HIGH, 0.7), ("aggressive", HIGH, 0.7), ("valence", LOW, 0.2))),
    ("upbeat|uplifting|lively|cheering|feel good|feelgood",
     (("energy", HIGH, 0.7), ("valence", HIGH, 0.5), ("danceability", HIGH, 0.4))),
    ("calm|calming|relax|relaxing|relaxed|gentle|soft|peaceful|mellow|soothing|quiet|tranquil|serene|delicate|laid back"
     "|laid-back|chill|chilled|chillout|easy|smooth|slow burning|unwind|cozy|cosy",
     (("energy", LOW, 1.0), ("relaxed", HIGH, 0.4))),
    ("sleep|sleepy|asleep|bedtime|lullaby|meditation|meditative|meditate|yoga|spa|zen|nap|dreaming",
     (("energy", LOW, 1.2), ("percussive", LOW, 0.5), ("loud", LOW, 0.4))),
    ("study|studying|focus|concentrate|concentration|reading music|background|working|work|office|homework|coding",
     (("energy", LOW, 0.8), ("percussive", LOW, 0.3), ("speechiness", LOW, 2.0))),
    ("ambient|soundscape|atmospheric|floating|ethereal|spacey|drifting|dreamy|dream",
     (("energy", LOW, 0.8), ("percussive", LOW, 0.5))),
    ("rain|rainy|autumn|november|foggy|fog|grey|gray|cloudy|misty",
     (("energy", LOW, 0.8), ("valence", LOW, 0.3), ("relaxed", HIGH, 0.4), ("percussive", LOW, 0.3))),
    ("winter|snow|snowy|cold|frozen|icy", (("energy", LOW, 0.5), ("valence", LOW, 0.3))),
    ("night|midnight|late night|nocturnal|evening|after dark", (("energy", LOW, 0.4), ("bright", LOW, 0.4))),
    ("morning|sunrise|dawn|breakfast|coffee|sunday", (("energy", LOW, 0.4), ("valence", HIGH, 0.4))),
    ("summer|sunny|sunshine|beach|tropical|holiday|vacation|warm", (("valence", HIGH, 0.6),)),
    ("dinner|candlelight|restaurant|lounge|cocktail|romantic|love|tender|intimate|sensual|wedding",
     (("energy", LOW, 0.5), ("relaxed", HIGH, 0.5), ("aggressive", LOW, 0.5))),
    ("happy|cheerful|joyful|joy|fun|bright mood|positive|playful|optimistic|merry|funny",
     (("valence", HIGH, 0.8), ("happy", HIGH, 0.5))),
    ("sad|melancholy|melancholic|melancholia|depressing|gloomy|heartbreak|heartbroken|lonely|mournful|sorrow|sombre"
     "|somber|crying|tears|grief|wistful|nostalgic",
     (("valence", LOW, 0.6), ("energy", LOW, 0.5), ("sad", HIGH, 0.6))),
    ("dark|sinister|scary|spooky|haunting|ominous|tense|horror|creepy|eerie|doom",
     (("valence", LOW, 0.7), ("bright", LOW, 0.3))),
    ("epic|dramatic|triumphant|heroic|anthem|anthemic|majestic|bombastic",
     (("energy", HIGH, 0.7), ("loud", HIGH, 0.3), ("danceability", LOW, 0.2))),
    ("hypnotic|repetitive|trippy|groove|groovy|funky|swinging",
     (("danceability", HIGH, 0.7), ("percussive", HIGH, 0.3))),
    ("dance|danceable|dancing|club|clubbing|dancefloor|disco|rave|bouncy",
     (("danceability", HIGH, 0.8), ("energy", HIGH, 0.3))),
    ("party|celebration|festival", (("energy", HIGH, 0.7), ("danceability", HIGH, 0.7))),
    ("running|jogging|cardio|run", (("energy", HIGH, 0.8), ("tempo", HIGH, 0.7))),
    ("loud|noisy|wall of sound", (("loud", HIGH, 0.9), ("energy", HIGH, 0.3))),
    ("bright|sparkling|shimmering|crisp|airy", (("bright", HIGH, 0.7),)),
    ("warm sound|muffled|mellow sound|dull", (("bright", LOW, 0.7),)),
    ("drums|drum|drummer|beat|beats|percussion|percussive|rhythmic|drumming", (("percussive", HIGH, 0.6),)),
    ("acoustic|unplugged|unamplified|wooden|organic", (("acousticness", HIGH, 1.0),)),
    ("piano|violin|cello|harp|strings|string quartet|flute|clarinet|oboe|orchestra|orchestral|chamber",
     (("acousticness", HIGH, 0.6), ("percussive", LOW, 0.3))),
    ("electronic|electronica|synth|synths|synthesizer|synthesizers|digital|robotic|techno",
     (("acousticness", LOW, 0.6),)),
    ("distorted|guitars|riff|riffs|shredding", (("energy", HIGH, 0.4), ("acousticness", LOW, 0.4))),
    ("spoken|speech|talking|speaking|audiobook|audio book|podcast|narration|narrator|reading an|reading a|story"
     "|storytelling|someone reading|someone talking|someone speaking|interview|poem|poetry|voice over",
     (("speechiness", HIGH, 4.0),)),
)  # fmt: skip
STOP = frozenset({
    "a", "an", "and", "or", "the", "of", "for", "to", "in", "on", "at", "by", "with", "some", "any", "me", "my",
    "i", "you", "it", "is", "are", "that", "this", "from", "music", "song", "songs", "track", "tracks", "tune",
    "tunes", "play", "please", "something", "someone", "somebody", "very", "really", "quite", "bit", "little",
    "more", "less", "most", "much", "style", "sound", "sounds", "sounding", "feel", "feeling", "feels", "vibe",
    "vibes", "mood", "moody", "good", "best", "nice", "great", "about", "around", "key", "time", "tempo", "too",
    "bpm", "like", "similar", "want", "need", "find", "give", "when", "while", "as", "so", "not", "no", "without",
    "but", "old", "new", "type", "kind", "full", "lots", "lot", "into", "be", "was", "were", "do", "does", "during",
    "after", "before", "since", "until", "band", "group", "artist", "album", "listen", "hear", "fall",
})  # fmt: skip
NEGATIONS = r"(?:without|no|not|non|never|less|but not|minus|except|hardly any|free of)"
BETWEEN = r"(?:\s+(?:any|a|the|too|so|very|much|really|many))*\s+"
LIKE = re.compile(
    r"\b(?:sounds? like|similar to|in the style of|as if by|à la|like|reminiscent of)\s+(.+?)"
    r"(?=\s*(?:[,;]|$|\s(?:but|without|with|except|minus|only|from the|in the|for)\s))", re.IGNORECASE,
)
FAST = (100.0, 145.0)
SLOW = (112.0, 72.0)
TEMPO_OFF = 0.03
"""Of an octave: how far off a tempo may be to count three fifths."""
QUICK, SLOWLY = "fast|quick|up-?tempo|speedy|rapid", "slow|slowly|downtempo|ballads?"
NOTES = {"c": 0, "d": 2, "e": 4, "f": 5, "g": 7, "a": 9, "b": 11, "h": 11}
NUMBERS = {"twenties": 1920, "thirties": 1930, "forties": 1940, "fifties": 1950, "sixties": 1960, "seventies": 1970,
           "eighties": 1980, "nineties": 1990, "noughties": 2000}  # fmt: skip
QUERY_MAX = 500


def read(query: str) -> Reading:
    """Return what a query wants, as far as the lexicon knows."""
    text = fold(query[:QUERY_MAX])
    like = LIKE.search(query[:QUERY_MAX])
    wishes = [*_words(text), *_tempo(text), *_key(text), *_metre(text), *_years(text), *_genres(text)]
    known = set(re.findall(r"\w+", " ".join(wish.said for wish in wishes)))
    rest = [word for word in re.findall(r"[^\W_]+", text) if word not in known | STOP and not word.isdigit()]
    return Reading(tuple(wishes), like[1].strip(" .,!?\"'") if like else "", tuple(dict.fromkeys(rest)))


def _words(text: str) -> Iterator[Wish]:
    taken: list[tuple[int, int]] = []
    for pattern, wanted in _PATTERNS:
        found = pattern.search(text)
        if found is None or any(start <= found.start("word") and found.end("word") <= end and
                                (start, end) != found.span("word") for start, end in taken):  # fmt: skip
            continue
        taken.append(found.span("word"))
        for trait, want, weight in wanted:
            yield _wanted(trait, want, weight, found["word"], bool(found["no"]))


def _wanted(trait: str, want: float, weight: float, said: str, negated: bool) -> Wish:
    want = 1 - want if negated else want
    # Who says what there shall not be means it.
    weight = weight * 2 if negated else weight
    if trait == "tempo":
        return _ramp(FAST if want > 0.5 else SLOW, weight, said)
    if trait == "speechiness":
        table = tuple(max(0.0, min(1.0, (byte / MOST - 0.45) / 0.2)) for byte in range(256))
        table = table if want > 0.5 else tuple(1 - score for score in table)
        return Wish(trait, weight, said, table=(*table[:UNKNOWN], 0.0 if want > 0.5 else 1.0))
    return Wish(trait, weight, said, want)


def _ramp(bounds: tuple[float, float], weight: float, said: str) -> Wish:
    first, last = bounds
    table = [max(0.0, min(1.0, (bpm_of(byte) - first) / (last - first))) for byte in range(256)]
    return Wish("tempo", weight, said, table=(*table[:UNKNOWN], NEUTRAL))


def _tempo(text: str) -> Iterator[Wish]:
    for words, meant, other in ((QUICK, FAST, SLOW), (SLOWLY, SLOW, FAST)):
        if found := re.search(rf"\b(?P<no>not (?:too |so |very )?)?(?P<word>{words})\b", text):
            yield _ramp(other if found["no"] else meant, 1.0, found["word"])
    if found := re.search(r"\b(\d{2,3})(?:\s*(?:-|–|to)\s*(\d{2,3}))?\s*bpm\b", text):
        yield _beats(float(found[1]), float(found[2] or found[1]), found[0])


def _beats(low: float, high: float, said: str) -> Wish:
    """Half and double count a little less: who hears a tempo hears one of these."""
    def fits(bpm: float) -> float:
        off = abs(log2(bpm / min(max(bpm, low), high)))
        octave = min(abs(log2(bpm / low) - 1), abs(log2(bpm / high) + 1))
        return max(exp(-0.5 * (off / TEMPO_OFF) ** 2), 0.9 * exp(-0.5 * (octave / TEMPO_OFF) ** 2))

    low, high = (min(max(bpm, SLOWEST), FASTEST) for bpm in sorted((low, high)))
    return Wish("tempo", 1.5, said, table=(*(fits(bpm_of(byte)) for byte in range(UNKNOWN)), 0.0))


def _key(text: str) -> Iterator[Wish]:
    # "in a minor key" is any minor key, "in A minor" is one.
    found = re.search(r"\b([a-h])(?:\s?(#|♯|sharp|b|♭|flat))?[\s-]+(major|minor)\b(?! (?:key|mood|tune))", text)
    if found:
        step = {"#": 1, "♯": 1, "sharp": 1, None: 0}.get(found[2], -1)
        byte = (NOTES[found[1]] + step) % 12 + 12 * (found[3] == "minor")
        yield _among("key", {byte: 1.0}, 1.5, found[0])
    elif found := re.search(r"\b(major|minor)\b", text):
        yield _among("key", dict.fromkeys(range(12, 24) if found[1] == "minor" else range(12), 1.0), 0.8, found[1])


def _metre(text: str) -> Iterator[Wish]:
    if found := re.search(r"\bwaltz(?:es)?\b|\bthree[- ]four\b|\b3/4\b|\bin three\b", text):
        yield _among("metre", {3: 1.0, 6: 0.4}, 1.2, found[0])
    elif found := re.search(r"\b6/8\b|\bsix[- ]eight\b", text):
        yield _among("metre", {6: 1.0, 3: 0.4}, 1.2, found[0])


def _years(text: str) -> Iterator[Wish]:
    year = r"(1[89]\d\d|20\d\d)"
    spans = [(int(found[1]), int(found[2]), found[0])
             for found in re.finditer(rf"\b{year}\s*(?:-|–|to|until)\s*{year}\b", text)]  # fmt: skip
    if not spans:
        for found in re.finditer(r"\b(1[89]\d|20\d)0'?s\b", text):
            spans.append((int(found[1]) * 10, int(found[1]) * 10 + 9, found[0]))
        for found in re.finditer(r"(?<!\w)'?(\d)0'?s\b", text):
            first = 1900 + int(found[1]) * 10 if int(found[1]) > 2 else 2000 + int(found[1]) * 10
            spans.append((first, first + 9, found[0]))
        spans += [(first, first + 9, word) for word, first in NUMBERS.items() if re.search(rf"\b{word}\b", text)]
        for found in re.finditer(r"\b(?:(before|until|after|since)\s+)?(1[89]\d\d|20[0-4]\d)\b(?!'?s)", text):
            year = int(found[2])
            first, last = {"before": (0, year - 1), "until": (0, year), "after": (year + 1, 9999),
                           "since": (year, 9999)}.get(found[1], (year, year))  # fmt: skip
            spans.append((first, last, found[0]))
    if spans:
        degrees = {byte: 1.0 for byte in range(1, UNKNOWN)
                   if any(first <= FIRST_YEAR + byte <= last for first, last, _ in spans)}  # fmt: skip
        yield _among("year", degrees, 2.0, " ".join(said for *_, said in spans))


def _genres(text: str) -> Iterator[Wish]:
    unwanted: dict[int, float] = {}
    for found in reversed(list(re.finditer(rf"\b{NEGATIONS}{BETWEEN}", text))):
        name = gloss.first(text[found.end() :])
        unwanted |= gloss.degrees(name)
        text = text[: found.start()] + " , " + text[found.end() + len(name) :]
    if wanted := gloss.degrees(text):
        rows = [gloss.ROWS[place] for place in wanted]
        known = {word for row in rows for name in (*row.names, *row.kinds) for word in name.split()}
        said = " ".join(word for word in re.findall(r"[\w&'-]+", text) if word in known)
        yield _among("genre", wanted, 1.5, said)
    if unwanted:
        table = tuple(1.0 - unwanted.get(byte, 0.0) for byte in range(256))
        yield Wish("genre", 3.0, "", table=table)


def _among(trait: str, degrees: Mapping[int, float], weight: float, said: str) -> Wish:
    return Wish(trait, weight, said, table=tuple(degrees.get(byte, 0.0) for byte in range(256)))


def _longest_first(names: str) -> str:
    return "|".join(sorted(names.split("|"), key=len, reverse=True))


_PATTERNS = [
    (re.compile(rf"(?:\b(?P<no>{NEGATIONS}){BETWEEN})?(?<!\w)(?P<word>{_longest_first(names)})(?!\w)"), wanted)
    for names, wanted in WORDS
]
