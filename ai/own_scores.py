"""How good the neighbours in a space are, told without a label; pure numpy, runs in a child.

What a good space does: songs of one album, of one artist and of one genre lie
nearer to each other than chance would have it, the halves of a song find each
other, and no song is near to everything. The rule a newcomer would break: an
artist's songs are looked for beyond the album, a genre's beyond the artist, for
two songs of one recording session are near to each other in any space.
"""

import base64
from math import sqrt
from typing import NamedTuple

import numpy as np

from ai import scales

NEAR = 10
PIECE = 500
WITNESSES = 20
"""Fewer of them prove nothing."""


class Labels(NamedTuple):
    albums: np.ndarray
    artists: np.ndarray
    """(n,) both."""
    genres: np.ndarray
    """(n, genres) float32, 1 where a song is of a genre."""
    copies: np.ndarray
    """(pairs, 2): songs that are one recording."""


class Found(NamedTuple):
    """What one space finds, song by song; NaN where a song has nothing to be found."""

    each: dict[str, np.ndarray]
    chance: dict[str, float]
    occurrence: np.ndarray
    """(n,) among the nearest of how many others each song is."""


def score(question: dict) -> dict:
    """Return {"scores": [one for each of `spaces`], "against": {measure: [difference, standard errors]} of two}.

    Each space is {"vectors": as stored, "dimensions", "fit": for `scales` or null}; `albums`, `artists`, `genres` and
    `copies` say what is known of the songs, `halves` holds raw blocks of first halves and of second ones.
    """
    count = len(question["albums"])
    labels = _labels(question, count)
    found = []
    for space in question["spaces"]:
        vectors = np.frombuffer(base64.b64decode(space["vectors"]), "<f2").reshape(count, space["dimensions"])
        one = _found(vectors.astype(np.float32), labels)
        if space["fit"] and question["halves"]:
            _halves(one, space["fit"], *(scales.of_bytes(base64.b64decode(half)) for half in question["halves"]))
        found.append(one)
    against = _against(*found, labels.artists) if len(found) == 2 else {}
    return {"scores": [_told(one) for one in found], "against": against}


def _labels(question: dict, count: int) -> Labels:
    # Who is unknown is nobody's fellow.
    known = [np.array([each or -1 - at for at, each in enumerate(question[name])], np.int64)
             for name in ("albums", "artists")]  # fmt: skip
    numbers = {genre: at for at, genre in enumerate(sorted({each for some in question["genres"] for each in some}))}
    genres = np.zeros((count, len(numbers)), np.float32)
    for at, some in enumerate(question["genres"]):
        genres[at, [numbers[each] for each in some]] = 1
    return Labels(*known, genres, np.array(question["copies"], np.int64).reshape(-1, 2))


def _found(vectors: np.ndarray, labels: Labels) -> Found:
    count = len(vectors)
    crowd = np.concatenate([scales.spread(vectors[at : at + PIECE], vectors) for at in range(0, count, PIECE)])
    crowd = np.clip(crowd / np.median(crowd), 0.5, 2.0)
    norms = (vectors**2).sum(axis=1)
    occurrence = np.zeros(count, np.int64)
    each: dict[str, list[np.ndarray]] = {}
    chances: dict[str, list[np.ndarray]] = {}
    for at in range(0, count, PIECE):
        rows = np.arange(at, min(count, at + PIECE))
        # As `similar` measures: against how crowded it is around both.
        apart = np.maximum(norms[rows, None] + norms - 2 * vectors[rows] @ vectors.T, 0) / crowd
        apart[np.arange(len(rows)), rows] = np.inf
        np.add.at(occurrence, _nearest(apart), 1)
        for name, same, hidden in _asked(rows, labels):
            share, chance = _share(apart, same, hidden, 1 if name == "copies" else NEAR)
            each.setdefault(name, []).append(share)
            chances.setdefault(name, []).append(chance)
    return Found({name: np.concatenate(some) for name, some in each.items()},
                 {name: _mean(np.concatenate(some)) for name, some in chances.items()}, occurrence)  # fmt: skip


def _asked(rows: np.ndarray, labels: Labels):
    """Yield (measure, who counts as found, who is passed over or None), both (rows, n)."""
    album = labels.albums[rows, None] == labels.albums
    artist = labels.artists[rows, None] == labels.artists
    yield "album", album, None
    yield "artist", artist & ~album, album
    if labels.genres.shape[1]:
        yield "genre", (labels.genres[rows] @ labels.genres.T > 0) & ~artist, artist
    if len(labels.copies):
        copies = np.zeros((len(rows), len(labels.albums)), bool)
        for one, other in np.concatenate([labels.copies, labels.copies[:, ::-1]]):
            if rows[0] <= one <= rows[-1]:
                copies[one - rows[0], other] = True
        yield "copies", copies, None


def _nearest(apart: np.ndarray, count: int = NEAR) -> np.ndarray:
    count = min(count, apart.shape[1] - 1)
    return np.argpartition(apart, count - 1, axis=1)[:, :count]


def _share(apart: np.ndarray, same: np.ndarray, hidden: np.ndarray | None, near: int) -> tuple[np.ndarray, np.ndarray]:
    """Return for each row how much of what could be among the nearest is there, and how much would be by chance."""
    same = same & np.isfinite(apart)
    shown = np.where(hidden, np.inf, apart) if hidden is not None else apart
    nearest = _nearest(shown, near)
    hits = np.take_along_axis(same & np.isfinite(shown), nearest, axis=1).sum(axis=1)
    mates, others = same.sum(axis=1), np.isfinite(shown).sum(axis=1)
    most = np.minimum(near, mates)
    with np.errstate(invalid="ignore", divide="ignore"):
        return (np.where(most > 0, hits / most, np.nan),
                np.where(most > 0, np.minimum(near, others) * mates / others / most, np.nan))  # fmt: skip


def _halves(found: Found, fit: dict, first: np.ndarray, second: np.ndarray) -> None:
    """Add how soon the second half of a song is met from the first, and the other way: 1 over its place."""
    fitted = scales.Fit(np.array(fit["middle"]), np.array(fit["width"]))
    one, other = scales.scale(fitted, first), scales.scale(fitted, second)
    apart = (one**2).sum(axis=1)[:, None] + (other**2).sum(axis=1) - 2 * one @ other.T
    own = np.diag(apart)
    places = np.concatenate([(apart < own[:, None]).sum(axis=1), (apart < own).sum(axis=0)]) + 1
    found.each["halves"] = 1 / places
    found.chance["halves"] = float((1 / np.arange(1, len(one) + 1)).mean())


def _told(found: Found) -> dict:
    told = {
        name: {"found": round(_mean(each), 4), "chance": round(found.chance[name], 4),
               "asked": int(np.isfinite(each).sum())}
        for name, each in found.each.items() if np.isfinite(each).any()
    }  # fmt: skip
    seen = found.occurrence.astype(np.float64)
    deviation = seen.std() or 1.0
    hubs = {"largest": int(seen.max()), "skew": round(float((((seen - seen.mean()) / deviation) ** 3).mean()), 3),
            "orphans": round(float((seen == 0).mean()), 4)}  # fmt: skip
    return {"songs": len(seen), "measures": told, "hubs": hubs}


def _against(old: Found, new: Found, artists: np.ndarray) -> dict[str, list[float]]:
    """Return for each measure by how much the second finds more, and how many standard errors that is.

    An artist is one witness, whatever the number of songs: what is true of one of them is mostly true of all.
    """
    told = {}
    for name in old.each.keys() & new.each.keys():
        more = new.each[name] - old.each[name]
        known = np.isfinite(more)
        if len(more) == len(artists):
            _, of = np.unique(artists[known], return_inverse=True)
            more = np.bincount(of, more[known]) / np.bincount(of)
        if len(more) >= WITNESSES:
            mean, error = float(more.mean()), float(more.std()) / sqrt(len(more))
            told[name] = [round(mean, 4), round(mean / max(error, 1e-6), 1)]
    return told


def _mean(values: np.ndarray) -> float:
    finite = values[np.isfinite(values)]
    return float(finite.mean()) if len(finite) else 0.0
