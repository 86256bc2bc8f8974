"""Order: in which order a list of tracks flows best, and which of many flow best together; the "order" child.

A list up to 120 tracks is one search. A longer one is laid out roughly and then searched in windows that overlap. The
rule a newcomer would break: an answer is places in the list that was asked about, each of them once, so that an entry
that stands there twice comes back twice.
"""

import base64
from collections.abc import Sequence
from typing import Any

import numpy as np

from ai import choosing, longer
from ai.genetic import search
from ai.transitions import SAME_ARTIST, WEIGHTS, Known, costs, known, repeated, steps
from ai.wishes import Wish, by_energy, problem, wish

WHOLE = 120
"""A list up to this length is searched as one."""
LIKENESS = 0.3
"""What a candidate costs, beside the steps to and from it, that is not like the seeds at all."""


def answer(question: dict[str, Any]) -> dict[str, Any]:
    """Order, or choose and order, the tracks of a question.

    `rows`: [track, artist, tempo_bpm, confidence, camelot, confidence, energy, c., valence, c.]; `vectors`: as
    `packed`, of the rows in `heard`, `half` their half distance; `curve`: heights; `pins`: [position, row]; `count` and
    `must`, if it is to choose: how many, and rows that have to be among them; `likeness`: 0 to 1 for each row. The
    answer: `order`, rows by position; `after` and `before`, see `_told`; `steps`, see `_steps`.
    """
    of = _known(question)
    size, pins = len(question["rows"]), dict(question["pins"])
    count = question.get("count", size)
    wanted = wish(of, question["curve"], count)
    if count < size:
        liked = LIKENESS * (1 - np.array(question["likeness"], float))
        found = choosing.chosen(of, wanted, pins, question["must"], liked, count, question["seed"])
    else:
        found = ordered(of, wanted, pins, question["seed"])
    return {
        "order": found.tolist(), "after": _told(of, wanted, found), "before": _told(of, wanted, np.arange(count)),
        "steps": _steps(of, found),
    }  # fmt: skip


def packed(vectors: np.ndarray | Sequence) -> str:
    """Return vectors as a question holds them: 32-bit floats, one behind the other, base64."""
    return base64.b64encode(np.asarray(vectors, "f4").tobytes()).decode()


def ordered(of: Known, wanted: Wish, pins: dict[int, int], seed: int) -> np.ndarray:
    """Return the best order found for all tracks."""
    size = len(of.same)
    if size > WHOLE:
        return longer.ordered(of, wanted, pins)
    everything = np.arange(size)
    return search(problem(of, wanted, everything), [everything, by_energy(wanted, everything)], pins, seed)


def _known(question: dict[str, Any]) -> Known:
    size, dimensions = len(question["rows"]), question["dimensions"]
    heard = np.zeros(size, bool)
    heard[question["heard"]] = True
    vectors = np.zeros((size, dimensions), np.float32)
    given = np.frombuffer(base64.b64decode(question["vectors"]), "f4")
    vectors[heard] = given.reshape(-1, dimensions) / (question["half"] or 1) if dimensions else 0
    return known(question["rows"], vectors, heard)


def _told(of: Known, wanted: Wish, order: np.ndarray) -> dict[str, Any]:
    """Return what an order is worth: its cost, the mean score of its steps (0 to 1), how often an artist follows
    itself, and how far the energy is off the curve (0 to 1, null where there is none)."""
    before, after = order[:-1], order[1:]
    taken = steps(of, before, after)
    positions = np.arange(len(order))
    repeats = repeated(of, before, after)
    off, sure = None, wanted.trust[order]
    if wanted.wanted is not None and sure.any():
        off = float(np.sqrt(np.average((wanted.height[order] - wanted.wanted) ** 2, weights=sure)))
    return {
        "cost": round(float(taken.sum() + wanted.price(order, positions).sum()), 6),
        "score": round(float(np.mean(1 - taken + SAME_ARTIST * repeats)), 4) if len(taken) else 1.0,
        "repeats": int(repeats.sum()), "off_curve": None if off is None else round(off, 4),
    }  # fmt: skip


def _steps(of: Known, order: np.ndarray) -> list[list]:
    """Return for each step its score, 0 to 1, whether an artist follows itself, and the costs by thing, unweighted."""
    before, after = order[:-1], order[1:]
    parts = costs(of, before, after)
    score = 1 - sum(WEIGHTS[name] * each for name, each in parts.items())
    repeats = repeated(of, before, after)
    rounded = [np.round(each.astype(float), 3).tolist() for each in parts.values()]
    told = [dict(zip(parts, each, strict=True)) for each in zip(*rounded, strict=True)]
    return [list(each) for each in zip(np.round(score, 3).tolist(), repeats.tolist(), told, strict=True)]

