"""Finding music by what it is like: "rainy piano", "upbeat electronic with heavy bass", "80s pop like Alphaville".

Three things know: CLAP, which has heard the music; a model of words, which has
read the captions; and the lexicon, which can count and knows what "without"
means. The rule a newcomer would break: an answer says which of them it is from,
and a track is only ever found by somebody who may hear it.
"""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from ai import captioning, captions, lexicon, says, sift, similar, spaces, traits, vectors, words
from ai.lexicon import Reading, Wish
from ai.minds import Minds
from ai.spaces import CLAP, TEXT
from ai.traits import Columns
from server.kernel.db import Connection, long
from server.kernel.errors import Failure, Invalid
from server.library import search, tracks
from server.library.names import fold
from server.library.names import words as words_of
from server.playlists.contents import Item
from server.users.people import Viewer

LEXICON, CAPTIONS = "lexicon", words.CAPTIONS
SHARES = {CAPTIONS: 0.35, CLAP: 0.2}
"""What the lexicon counts beside a model."""
COSINES = {CAPTIONS: 0.1, CLAP: 0.06}
"""How far the cosines of one query with all tracks are usually spread (standard deviation)."""
LEAST_SPREAD = 0.04
NEAR, WEIGHED, NAMED = 1000, 500, 200
"""So many tracks each of a model, the lexicon and names are weighed against each other."""
SECOND = 0.6
"""What a track's second genre counts beside its first."""
LIKE, IN_NAMES = 3.0, 1.5
ALIKE = 0.2
"""From this closeness on a track is said to be like an artist."""
COUNT_MAX = 500
REASONS = 4
PROMPTS = ("{}", "This audio is a {} song.", "This is a sound of {}.", "Music: {}")
"""CLAP has learned from sentences of this kind; the mean of several is nearer to what is meant."""


class Found(NamedTuple):
    track_id: int
    closeness: float
    """0 to 1, comparable within one answer."""
    reasons: tuple[str, ...]


class Answer(NamedTuple):
    how: str
    """"clap", "captions" or "lexicon"."""
    why: str
    """What could not be used, and why, in sentences; else ""."""
    tracks: list[Found]


class Wanted:
    """What the lexicon says of every track that the viewer may hear."""

    def __init__(self, columns: Columns, wishes: Sequence[Wish]):
        self.columns = columns
        self.wishes = [(wish, wish.scores(columns)) for wish in wishes]
        parts = [(columns.columns[wish.trait], scores) for wish, scores in self.wishes]
        parts += [(columns.columns["genre2"], [SECOND * score for score in scores])
                  for wish, scores in self.wishes if wish.trait == "genre"]  # fmt: skip
        self.weight = sum(max(scores) for _, scores in parts)
        self.scores = traits.added(parts, len(columns.tracks))

    def place(self, track: int) -> int | None:
        """Return where a track stands in the columns; None when it has no caption yet."""
        at = bisect_left(self.columns.tracks, track)
        return at if at < len(self.columns.tracks) and self.columns.tracks[at] == track else None


class Near(NamedTuple):
    """What a model says."""

    how: str
    why: str
    cosines: Mapping[int, float]


class Extra(NamedTuple):
    """What names say: tracks with scores from 0 to 1, and words for it."""

    weight: float
    said: str
    scores: Mapping[int, float]


@long
def find(db: Connection, minds: Minds, viewer: Viewer, query: str, count: int = 20) -> Answer:
    """Return the tracks that are most like a description, best first. Raises Invalid for one without a word."""
    if not words_of(query):
        raise Invalid("Say what you want to hear, such as: rainy piano.")
    query, count = query.strip()[: lexicon.QUERY_MAX], max(0, min(count, COUNT_MAX))
    reading, artist, unknown = _read(db, viewer, query)
    wanted = Wanted(captioning.columns(db, viewer.libraries), reading.wishes)
    # Of a name a model of words knows no more than its letters.
    described = query.replace(reading.artist, "") if artist else query
    near = _near(db, minds, viewer, described)
    alike, unlike = _like(db, minds, viewer, artist, reading.artist) if artist else ([], unknown)
    near = near._replace(why=f"{near.why} {unlike}".strip())
    extras = [*alike, *_named(db, viewer, reading)]
    totals = _totals(wanted, near, extras)
    if near.how == LEXICON and not reading.wishes and not extras:
        return Answer(LEXICON, f"{near.why} And none of these words says anything about a sound.".strip(), [])
    order = sorted(totals, key=lambda track: (-totals[track][0], track))
    chosen = _sifted(db, viewer, order, count)
    why = _reasons(db, chosen, described, wanted, extras, near)
    return Answer(near.how, near.why, [Found(track, totals[track][1], why[track]) for track in chosen])


def rank(query: str, each: Sequence[bytes], cosines: Sequence[float] | None = None, how: str = CAPTIONS) -> list[int]:
    """Return the places of tracks, best first: of their traits (`traits.packed`), and the cosines of their captions
    with the query where a model of words gave them. Needs no database."""
    wanted = Wanted(traits.columns(enumerate(each)), lexicon.read(query).wishes)
    near = Near(LEXICON if cosines is None else how, "", {} if cosines is None else dict(enumerate(cosines)))
    totals = _totals(wanted, near, [], len(each))
    return sorted(totals, key=lambda place: (-totals[place][0], place))


def _near(db: Connection, minds: Minds, viewer: Viewer, query: str) -> Near:
    """Ask the model of words, if there is one."""
    space = spaces.active(db, TEXT)
    if space is None:
        return Near(LEXICON, "There is no model of words, so this goes by the lexicon alone.", {})
    how = CLAP if space.kind == CLAP else CAPTIONS
    texts = [prompt.format(query) for prompt in PROMPTS] if how == CLAP else [query]
    try:
        point = words.query(db, minds, space, texts)
        found = vectors.nearest(db, minds, viewer, space, [(None, point, 1.0)], NEAR)
    except Failure as failure:
        return Near(LEXICON, f"The model of words does not answer, so this goes by the lexicon alone: {failure}", {})
    # Of vectors of length 1.
    return Near(how, "", {track: 1 - distance * distance / 2 for track, distance in found})


def _read(db: Connection, viewer: Viewer, query: str) -> tuple[Reading, int | None, str]:
    """Return what a query wants, the artist that it names, and a sentence where nobody is called so."""
    reading = lexicon.read(query)
    sought = words_of(reading.artist)
    if not sought:
        return reading, None, ""
    found = search.ids(db, viewer.libraries, "artist", sought, 1, 0)
    if found and words_of(db.value("SELECT name FROM artist WHERE id = :id", id=found[0])) == sought:
        # What a name is made of says nothing about music: nobody wants metal who wants what is like Metallica.
        return lexicon.read(query.replace(reading.artist, ""))._replace(artist=reading.artist), found[0], ""
    # "Like rain" names nobody.
    stranger = set(sought.split()) & set(reading.rest)
    return reading, None, f"Nobody here is called {reading.artist}." if stranger else ""


def _like(db: Connection, minds: Minds, viewer: Viewer, artist: int, name: str) -> tuple[list[Extra], str]:
    """Return what sounds like an artist, or why nothing does, in a sentence."""
    try:
        space = similar.usable(db)
        own = similar.seed_tracks(db, viewer, [Item("ar", artist)])
        seeds = similar.spread(own, similar.SEEDS)
        pool = similar.candidates(db, minds, viewer, space, seeds, NAMED, without=own)
    except Failure as failure:
        return [], f"What is like {name} cannot be told: {failure}"
    close = {each.track: vectors.closeness(space, each.distance) for each in pool}
    return [Extra(LIKE, f"like {name}", close)], ""


def _named(db: Connection, viewer: Viewer, reading: Reading) -> list[Extra]:
    """Return the tracks whose names have words that the lexicon does not know."""
    found = []
    for word in reading.rest[:4]:
        if word in fold(reading.artist) or len(word) < 3:
            continue
        there = search.ids(db, viewer.libraries, "track", word, NAMED, 0)
        if there:
            found.append(Extra(IN_NAMES, f"“{word}” in its names", dict.fromkeys(there, 1.0)))
    return found


def _totals(wanted: Wanted, near: Near, extras: Sequence[Extra],
            most: int = WEIGHED) -> dict[int, tuple[float, float]]:  # fmt: skip
    """Return (what it is ranked by, closeness) of every track that anybody thinks of."""
    counts = Counter(wanted.scores)
    spread = max(LEAST_SPREAD, traits.spread(counts))
    at_best = traits.best(wanted.scores, counts, most) if wanted.wishes else ()
    places = {wanted.columns.tracks[at]: at for at in at_best}
    for track in (*near.cosines, *(track for extra in extras for track in extra.scores)):
        if track not in places:
            places[track] = wanted.place(track)
    share, weight = SHARES.get(near.how, 1.0), wanted.weight + sum(extra.weight for extra in extras)
    # Whom the model did not name is no nearer than the last that it did.
    beyond = min(near.cosines.values(), default=0.0)
    totals = {}
    for track, at in places.items():
        worded = wanted.weight * wanted.scores[at] / 255 if at is not None else 0.0
        worded = (worded + sum(extra.weight * extra.scores.get(track, 0.0) for extra in extras)) / (weight or 1)
        cosine = near.cosines.get(track, beyond)
        total = share * worded / spread + (1 - share) * cosine / COSINES.get(near.how, 1.0)
        close = share * worded + (1 - share) * cosine
        totals[track] = (total, round(max(0.0, min(1.0, close)), 4))
    return totals


def _sifted(db: Connection, viewer: Viewer, order: Sequence[int], count: int) -> list[int]:
    """Return the first tracks that the viewer may hear and that are there, no sound and no song twice."""
    taken: list[int] = []
    seen: set = set()
    step = 2 * count + 20
    for start in range(0, len(order), step):
        part = tracks.visible(db, viewer, order[start : start + step])
        rows = sift.rows(db, part)
        for track in part:
            marks = sift.marks(track, rows[track])
            if len(taken) < count and seen.isdisjoint(marks):
                seen |= marks
                taken.append(track)
        if len(taken) >= count:
            break
    return taken


def _reasons(db: Connection, chosen: Sequence[int], query: str, wanted: Wanted, extras: Sequence[Extra],
             near: Near) -> dict[int, tuple[str, ...]]:  # fmt: skip
    described = captioning.of(db, chosen)
    asked = [word for word in re.findall(r"\w+", fold(query)) if word not in lexicon.STOP]
    found = {}
    for track in chosen:
        caption, at = described.get(track, ""), wanted.place(track)
        told = [extra.said for extra in extras if extra.scores.get(track, 0.0) >= ALIKE]
        told += says.fulfilled(wanted.wishes, wanted.columns, at) if at is not None else []
        told += captions.parts_like(caption, asked, told)
        if not told and near.how == CLAP:
            told = ["it sounds like these words"]
        told = told or [part for part in caption.split(", ")[:2] if part]
        found[track] = tuple(dict.fromkeys(told))[:REASONS]
    return found
