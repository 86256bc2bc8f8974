"""What is known of every track in one byte a trait: a hundred thousand tracks are weighed without numpy.

A column of traits is a `bytes`; a wish is a table of 256 scores, so `translate`
weighs all tracks at once, and columns of scores are added as two large numbers
are. The rule a newcomer would break: no sum of scores may go beyond 255, for it
would carry into the track beside it.
"""

from array import array
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate
from math import log2
from typing import NamedTuple

from ai.analyses import Analysis

UNKNOWN = 255
MOST = 254
NEUTRAL = 0.4
"""What an unknown trait counts: a little less than one that is half as wished."""

SCALED = ("energy", "danceability", "acousticness", "speechiness", "percussive", "valence", "happy", "sad",
          "aggressive", "relaxed")  # fmt: skip
"""From 0 to 1 in the analysis."""
NAMES = (*SCALED, "bright", "loud", "tempo", "year", "key", "metre", "genre", "genre2")
WIDTH = len(NAMES)
PLACE = {name: at for at, name in enumerate(NAMES)}
RAW = frozenset(("speechiness", "tempo", "year", "key", "metre", "genre", "genre2"))
"""Compared as they are; all others by how many tracks of the library have less of it."""
SLOWEST, FASTEST = 30.0, 284.0
FIRST_YEAR = 1850
VERSION = 1
NOTHING = bytes([UNKNOWN]) * WIDTH


def packed(analysis: Analysis | None, year: int = 0, genres: Sequence[int] = ()) -> bytes:
    """Return the traits of one track; `genres` are places in `ai.gloss.ROWS`."""
    found = bytearray(NOTHING)

    def put(name: str, share: float | None) -> None:
        if share is not None:
            found[PLACE[name]] = round(MOST * min(1.0, max(0.0, share)))

    if analysis is not None:
        for name in SCALED:
            put(name, analysis.get(name))
        centroid, loudness = analysis.get("centroid_hz"), analysis.get("loudness_lufs")
        put("bright", log2(max(centroid, 100) / 100) / 6.5 if centroid else None)
        put("loud", (loudness + 45) / 45 if loudness is not None else None)
        if bpm := analysis.get("tempo_bpm", 0.2):
            put("tempo", (bpm - SLOWEST) / (FASTEST - SLOWEST))
        if (key := analysis.get("key")) is not None and (mode := analysis.get("mode")):
            found[PLACE["key"]] = key % 12 + 12 * (mode == "minor")
        found[PLACE["metre"]] = analysis.get("metre") or UNKNOWN
    if FIRST_YEAR < year < FIRST_YEAR + MOST:
        found[PLACE["year"]] = year - FIRST_YEAR
    for name, place in zip(("genre", "genre2"), genres, strict=False):
        found[PLACE[name]] = place
    return bytes(found)


def bpm_of(byte: int) -> float:
    return SLOWEST + byte / MOST * (FASTEST - SLOWEST)


class Columns(NamedTuple):
    """The traits of many tracks."""

    tracks: array
    """Ids, 64 bits each."""
    columns: Mapping[str, bytes]
    ranks: Mapping[str, Sequence[float]]
    """For each trait the share of tracks that have less of it, by byte."""

    def __sizeof__(self) -> int:
        return len(self.tracks) * (8 + WIDTH) + 4096


def columns(rows: Iterable[tuple[int, bytes]]) -> Columns:
    """Return (track, traits) of many tracks as columns."""
    rows = list(rows)
    whole = b"".join([row[1] for row in rows])
    found = {name: whole[at::WIDTH] for at, name in enumerate(NAMES)}
    ranks = {name: _ranks(column) for name, column in found.items() if name not in RAW}
    return Columns(array("q", [row[0] for row in rows]), found, ranks)


def _ranks(column: bytes) -> list[float]:
    counts = Counter(column)
    known = max(1, len(column) - counts[UNKNOWN])
    below = [0, *accumulate(counts[byte] for byte in range(MOST))]
    # The middle of those that have the same, so that a library of one kind is neither high nor low.
    return [(below[byte] + counts[byte] / 2) / known for byte in range(UNKNOWN)] + [0.5]


def shares(columns: Columns, name: str) -> Sequence[float]:
    """Return for each byte what it stands for, 0 to 1."""
    return columns.ranks.get(name) or [byte / MOST for byte in range(256)]


def added(parts: Sequence[tuple[bytes, Sequence[float]]], size: int) -> bytes:
    """Return for each track the sum of its scores, 0 to 255; `parts` are columns with what each byte scores.

    The best that each part can give is added up to be 255.
    """
    whole = sum(max(scores) for _, scores in parts)
    if whole <= 0:
        return bytes(size)
    total = 0
    for column, scores in parts:
        # Rounded down, so that the sum stays within a byte.
        table = bytes([int(255 * max(0.0, score) / whole) for score in scores])
        total += int.from_bytes(column.translate(table), "little")
    return total.to_bytes(size, "little")


def best(scores: bytes, counts: Counter[int], count: int) -> list[int]:
    """Return the places of the `count` best scores, best first; of many that are alike, some from all over.

    `counts`: how often there is each score.
    """
    wanted, least = count, 255
    while least > 0 and wanted > counts[least]:
        wanted -= counts[least]
        least -= 1
    above, level = _places(scores, range(least + 1, 256)), _places(scores, (least,))
    step = max(1.0, len(level) / max(1, wanted))
    chosen = [level[int(at * step)] for at in range(min(wanted, len(level)))]
    return sorted(above, key=lambda at: (-scores[at], at)) + chosen


def _places(scores: bytes, wanted: Iterable[int]) -> list[int]:
    table = bytearray(256)
    for score in wanted:
        table[score] = 1
    marked, found, at = scores.translate(bytes(table)), [], -1
    while (at := marked.find(1, at + 1)) >= 0:
        found.append(at)
    return found


def spread(counts: Counter[int]) -> float:
    """Return the standard deviation of scores as a share of 255."""
    size = max(1, counts.total())
    mean = sum(score * count for score, count in counts.items()) / size
    return (sum((score - mean) ** 2 * count for score, count in counts.items()) / size) ** 0.5 / 255
