"""Invented people, titles, labels and genres for the generated libraries.

Spread as in real collections: few artists have most of the albums, one name in
eight is not in Latin letters, titles repeat. An artist follows from the seed and
its number alone, so that it is the same person on every album.
"""

import random
import uuid
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate

_SYLLABLES = (
    "ba", "ra", "lo", "mi", "den", "sha", "ter", "ion", "vel", "mar", "cas", "tin", "dor", "el", "an", "to",
    "sil", "ver", "gra", "bur", "nor", "wes", "fel", "kin", "lun", "sta", "mo", "ri", "que", "zan", "pol",
    "ash", "ivy", "ru", "be", "ck", "ham", "ley", "ston",
)  # fmt: skip
_WORDS = (
    "Night", "River", "Golden", "Paper", "Electric", "Velvet", "Silent", "Broken", "Summer", "Winter", "Glass",
    "Neon", "Blue", "Crimson", "Hollow", "Distant", "Wild", "Lonely", "Burning", "Falling", "Rising",
    "Sleeping", "Endless", "Second", "Last", "First", "Little", "Heavy", "Mirror", "Garden", "City", "Ocean",
    "Fire", "Ghost", "Heart", "Moon", "Road", "Shadow", "Signal", "Stone", "Thunder", "Train", "Wire", "Wolf",
    "Dream", "Echo", "Machine", "Memory", "Morning", "Letter", "Island", "Highway", "Harbour", "Horizon",
    "Ceremony", "Satellite", "Static",
)  # fmt: skip
_FOREIGN = (
    "Þórunn", "Ægishljóð", "Mörkvan", "Ángeles", "Quirión", "Żurawik", "Łąkowa", "Český", "Ďáblice", "Ğülsün",
    "Ñandeyra", "Đêmxanh", "Çınaraltı", "Полынья", "Ветрогон", "Снегирята", "Άνεμος", "Θαλασσινοί", "Σκιά",
    "夜汽車", "星屑喫茶", "雨宮電機", "月下楽団", "青い犬", "별빛다방", "새벽기차", "قمرالليل", "نسيمالبحر",
    "رמל_ולילה", "מגדלור",
    "ลมหนาว", "ดาวทะเล", "☆Comet♥", "🎷Brassbox", "Naïveté", "Ångskog",
)  # fmt: skip
GENRES = (
    "Rock", "Pop", "Electronic", "Hip-Hop", "Jazz", "Classical", "Metal", "Folk", "Indie Rock", "Ambient",
    "Soul", "Funk", "Blues", "Reggae", "House", "Techno", "Punk", "Country", "R&B", "Soundtrack", "Synth-pop",
    "Shoegaze", "Post-Rock", "Drum and Bass", "Trip Hop", "Progressive Rock", "Black Metal", "Death Metal",
    "Bossa Nova", "Chanson", "J-Pop", "K-Pop", "Dub", "IDM", "Krautrock", "Disco", "Gospel", "Afrobeat",
    "Flamenco", "Singer/Songwriter", "Spoken Word", "Chiptune", "Opera", "Baroque",
)  # fmt: skip
GENRE_WEIGHTS = list(accumulate((i + 1) ** -0.9 for i in range(len(GENRES))))
LABELS = [f"{a} {b}" for a in ("North", "Red", "Analog", "Ninth", "Salt") for b in ("Records", "Music", "Tapes")]
MOODS = ("Happy", "Sad", "Energetic", "Calm", "Dark", "Romantic", "Epic")


@dataclass(frozen=True, slots=True)
class Artist:
    """Somebody with a name, a sorting name, and a MusicBrainz id or ""."""

    name: str
    sort: str
    mbid: str


VARIOUS = Artist("Various Artists", "Various Artists", "89ad4ac3-39f7-470e-963a-56509c546377")


@lru_cache(maxsize=50_000)
def artist(seed: int, number: int) -> Artist:
    """The artist with that number."""
    rng = random.Random(f"{seed}:artist:{number}")
    name = _artist_name(rng)
    sort = f"{name[4:]}, The" if name.startswith("The ") else name
    return Artist(name, sort, mbid(rng) if rng.random() < 0.8 else "")


def _artist_name(rng: random.Random) -> str:
    kind = rng.random()
    if kind < 0.12:
        name = " ".join(rng.sample(_FOREIGN, k=rng.randrange(1, 3)))
        return name if rng.random() < 0.3 else f"{name} {word(rng)}"
    if kind < 0.45:
        return person(rng)
    if kind < 0.75:
        return f"{rng.choice(('The ', '', '', 'Los '))}{rng.choice(_WORDS)} {word(rng)}s"
    return f"{word(rng)}{rng.choice(('', ' & ', ' and the ', '/', '-'))}{rng.choice(_WORDS)}"


def person(rng: random.Random) -> str:
    """A first and a last name."""
    return f"{word(rng)} {word(rng)}"


def title(rng: random.Random) -> str:
    """The title of a track or an album."""
    kind = rng.random()
    if kind < 0.08:
        return f"{rng.choice(_FOREIGN)} {word(rng)}"
    words = rng.choices(_WORDS, k=rng.randrange(1, 4))
    if kind < 0.2:
        return f"{words[0]} {word(rng)} (Live at {word(rng)}, {rng.randrange(1960, 2027)})"
    return " ".join([*words, word(rng)] if kind < 0.6 else words)


def word(rng: random.Random) -> str:
    """A made-up word."""
    return "".join(rng.choices(_SYLLABLES, k=rng.randrange(2, 4))).capitalize()


def mbid(rng: random.Random) -> str:
    """An id in the shape of MusicBrainz's."""
    return str(uuid.UUID(int=rng.getrandbits(128) & ~(0xF << 76) | 4 << 76))
