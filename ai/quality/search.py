"""How well plain words find music: twenty wishes, and the tracks that somebody with ears would give.

Asked three times: of a library whose genres are all tagged, of one where every
second artist's are and the rest borrow from what sounds like them, and of one
without a tag. The rule a newcomer would break: names say nothing here, for a
composer called "The Techno Makers" would tell everything.
"""

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from ai import captions, describe, find, gloss, scales, traits, words
from ai.analyses import Analysis
from ai.captions import Tags
from ai.corpus import SIDES, Truth
from ai.minds import MINDS
from ai.quality import scores
from ai.quality.heard import PATIENCE_S, Heard
from server.kernel.config import load
from server.kernel.run import Child

FIRST = 5
"""So many of an answer are looked at."""


def styles(*names: str) -> Callable[[Truth], bool]:
    return lambda track: track.style in names


WISHES: tuple[tuple[str, Callable[[Truth], bool]], ...] = (
    ("furious fast metal with distorted guitars", styles("metal")),
    ("quiet piano before sleep", styles("solo piano", "ambient")),
    ("music to dance to at a party", styles("house", "techno", "drum and bass")),
    ("floating ambient drones without a beat", styles("ambient")),
    ("irish jig for a folk dance", styles("jig")),
    ("swinging jazz big band with brass", styles("big band")),
    ("slow hip hop groove", styles("hip-hop")),
    ("chamber music for strings", styles("string quartet")),
    ("8-bit music from an old video game", styles("chiptune")),
    ("a gentle waltz on the guitar", styles("guitar waltz")),
    ("sunny relaxed reggae", styles("reggae")),
    ("drum and bass at 174 bpm", styles("drum and bass")),
    ("bossa nova for a dinner", styles("bossa nova")),
    ("loud rock with electric guitars", styles("rock", "metal")),
    ("calm acoustic music, no drums", styles("solo piano", "guitar waltz", "string quartet")),
    ("energetic music for a workout", lambda track: track.energy >= 0.8),
    ("sad and slow in a minor key", lambda track: track.mode == "minor" and track.energy < 0.45),
    ("hypnotic techno in a dark club", styles("techno")),
    ("calm background for studying", lambda track: track.energy <= 0.4 and not track.speech),
    ("somebody reading a book aloud", lambda track: track.speech),
)


Ask = Callable[[Sequence[str]], np.ndarray | None]
"""Sentences to vectors of length 1; None where there is no model of words."""


def precision(truths: Sequence[Truth], heard: Mapping[str, Heard]) -> dict[str, float]:
    """Return the mean share of fitting tracks among the first five, for each way of being tagged."""
    told = [heard[truth.file].analysis() for truth in truths]
    genres = [truth.genre for truth in truths]
    mind = MINDS[words.MIND]
    with Child(mind.function, memory_mb=mind.memory_mb) as child:
        ask = _model(child)
        wishes = ask([wish for wish, _ in WISHES])

        def asked(tags: Sequence[Tags]) -> float:
            return _precision(truths, told, tags, wishes, ask)

        return {
            "words, all tagged": asked([Tags((genre,)) for genre in genres]),
            "words, half tagged": asked(lent(truths, heard)),
            "words, no tags": asked([Tags()] * len(truths)),
        }


def lent(truths: Sequence[Truth], heard: Mapping[str, Heard]) -> list[Tags]:
    """Return the tags when every second artist of a style has none: those borrow from what sounds like them."""
    raw = np.stack([heard[truth.file].blocks for truth in truths])
    distances = scores.apart(scales.scale(scales.fit(raw), raw))
    known = [truth.artist.endswith(SIDES[0]) or truth.speech for truth in truths]
    found = []
    for at, truth in enumerate(truths):
        near = [truths[other].genre for other in np.argsort(distances[at], kind="stable") if known[other]]
        borrowed = tuple(each.name for each in describe.voted([[genre] for genre in near[: describe.LENDERS]]))
        found.append(Tags((truth.genre,)) if known[at] else Tags(borrowed[:1], lent=bool(borrowed)))
    return found


def _model(child: Child) -> Ask:
    folder = words.folder(load({}, {}))

    def ask(sentences: Sequence[str]) -> np.ndarray | None:
        if not folder:
            return None
        told = words.embed(lambda question: child.call(question, PATIENCE_S), words.CAPTIONS, folder, sentences)
        return np.array(told.vectors)

    return ask


def _precision(truths: Sequence[Truth], told: Sequence[Analysis], tags: Sequence[Tags], wishes: np.ndarray | None,
               ask: Ask) -> float:  # fmt: skip
    each = [traits.packed(analysis, 0, [place for genre in own.genres if (place := gloss.of(genre)) is not None])
            for own, analysis in zip(tags, told, strict=True)]  # fmt: skip
    written = ask([captions.caption(own, analysis) for own, analysis in zip(tags, told, strict=True)])
    found = []
    for at, (wish, fits) in enumerate(WISHES):
        cosines = None if written is None else (written @ wishes[at]).tolist()
        first = find.rank(wish, each, cosines)[:FIRST]
        found.append(np.mean([fits(truths[place]) for place in first]))
    return float(np.mean(found))
