"""All vectors of a space in memory, and the nearest of them; pure numpy, runs in children.

Distances are Euclid's. The rule a newcomer would break: a row is a track, not a
sound; two tracks of one recording lie at distance 0, and whoever asks sifts them.
"""

from typing import NamedTuple

import numpy as np


class Rows(NamedTuple):
    """What the database said, row by row."""

    tracks: np.ndarray
    """(n,) int64, rising."""
    libraries: np.ndarray
    """(n,) int32."""
    artists: np.ndarray
    """(n,) int64, 0 where nobody is known."""
    values: np.ndarray
    """(n, dimensions) float16."""


class Matrix:
    """The rows of one space, in the form in which they are compared."""

    def __init__(self, rows: Rows, sizes: tuple[int, ...] = ()):
        self.tracks, self.libraries, self.artists = rows.tracks, rows.libraries, rows.artists
        self.values = rows.values.astype(np.float32)
        self.sizes = sizes
        self.norms = np.einsum("ij,ij->i", self.values, self.values)

    def __len__(self) -> int:
        return len(self.tracks)

    def at(self, tracks) -> np.ndarray:
        """Return the rows of some tracks, those that have none left out."""
        wanted = np.asarray(list(tracks), np.int64)
        places = np.searchsorted(self.tracks, wanted)
        places[places == len(self.tracks)] = 0
        return places[self.tracks[places] == wanted] if len(self.tracks) else places[:0]

    def nearest(self, target: np.ndarray, count: int, libraries=None, without=(), weights=None):
        """Return (rows, distances), nearest first, of the `count` rows nearest to a point (dimensions,).

        `libraries`: the only ones that count; `without`: rows that do not; `weights`: for each block.
        """
        if weights is None:
            squares = self.norms - 2 * (self.values @ target)
            squares += target @ target
        else:
            scale = np.sqrt(np.repeat(np.asarray(weights, np.float32), self.sizes))
            squares = np.square((self.values - target) * scale).sum(axis=1)
        if libraries is not None:
            squares[~np.isin(self.libraries, libraries)] = np.inf
        squares[without] = np.inf
        best = np.argpartition(squares, min(count, len(squares) - 1))[:count] if count < len(squares) else (
            np.arange(len(squares)))  # fmt: skip
        best = best[np.isfinite(squares[best])]
        best = best[np.argsort(squares[best], kind="stable")]
        return best, np.sqrt(np.maximum(squares[best], 0))
