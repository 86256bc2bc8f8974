"""All vectors of a space in memory, and the nearest of them; pure numpy, runs in children.

Distances are Euclid's. Many rows are searched in two steps: a sketch, the rows
turned so that their first numbers say most, gives a few thousand that may be
near, and those are measured exactly. The rule a newcomer would break: a row is a
track, not a sound; two tracks of one recording lie at distance 0, and whoever
asks sifts them.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

EXACT = 20_000
"""Up to so many rows all are measured."""
WHOLE = 300_000
"""Up to so many rows are held in 32 bits; more of them in 16, which are half as large and slower to measure."""
SKETCH = 24
"""Numbers of each row in the sketch."""
SAMPLE = 20_000
LIKELY, EACH = 2000, 30
"""So many rows are measured at least, and so many for each one wanted."""
WEIGHED = 8
"""So many times more where blocks count differently from what the sketch knows."""
PIECE = 50_000
NO_ROWS = np.zeros(0, np.int64)


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

    def __init__(self, rows: Rows, sizes: Sequence[int] = ()):
        self.tracks, self.libraries, self.artists = rows.tracks, rows.libraries, rows.artists
        self.values = rows.values.astype(np.float32) if len(rows.tracks) <= WHOLE else rows.values
        self.sizes = tuple(sizes) or (rows.values.shape[1],)
        self._starts = np.cumsum((0, *self.sizes))[:-1]
        self._known = set(np.unique(self.libraries).tolist())
        self._elsewhere: dict[tuple[int, ...], np.ndarray] = {}
        self._norms = np.concatenate(
            [self._block_norms(piece) for piece in self._pieces()] or [np.zeros((0, len(self.sizes)), np.float32)]
        )
        self._basis, self._sketch = self._sketched() if len(self) > EXACT else (None, None)

    def __len__(self) -> int:
        return len(self.tracks)

    def at(self, tracks: Sequence[int]) -> np.ndarray:
        """Return the rows of some tracks, those that have none left out."""
        wanted = np.asarray(tracks, np.int64)
        if not len(self) or not len(wanted):
            return NO_ROWS
        places = np.minimum(np.searchsorted(self.tracks, wanted), len(self) - 1)
        return places[self.tracks[places] == wanted]

    def point(self, row: int) -> np.ndarray:
        return self.values[row].astype(np.float32)

    def points(self, rows: np.ndarray) -> np.ndarray:
        return self.values[rows].astype(np.float32, copy=False)

    def nearest(self, target: np.ndarray, count: int, libraries: Sequence[int] | None = None,
                without: np.ndarray = NO_ROWS, weights: Sequence[float] | None = None,
                ) -> tuple[np.ndarray, np.ndarray]:  # fmt: skip
        """Return (rows, distances), nearest first, of the `count` rows nearest to a point (dimensions,) float32.

        `libraries`: the only ones that count; `without`: rows that do not; `weights`: for each block, of its squares.
        """
        hidden = self._hidden(libraries)
        if self._sketch is None:
            rows, squares = None, self._squares(slice(None), target, weights)
        else:
            wanted = max(LIKELY, EACH * count) * (1 if weights is None else WEIGHED)
            rows = self._likely(target, wanted, hidden, without)
            squares = self._squares(rows, target, weights)
        if rows is None:
            if hidden is not None:
                squares[hidden] = np.inf
            squares[without] = np.inf
        best = _smallest(squares, count)
        return (best if rows is None else rows[best]), np.sqrt(np.maximum(squares[best], 0))

    def _hidden(self, libraries: Sequence[int] | None) -> np.ndarray | None:
        """Return which rows lie in other libraries; None when there are none."""
        if libraries is None or self._known <= set(libraries):
            return None
        key = tuple(sorted(libraries))
        if key not in self._elsewhere:
            while len(self._elsewhere) >= 16:
                self._elsewhere.pop(next(iter(self._elsewhere)))
            self._elsewhere[key] = ~np.isin(self.libraries, np.asarray(key, np.int32))
        return self._elsewhere[key]

    def _squares(self, rows: slice | np.ndarray, target: np.ndarray, weights: Sequence[float] | None) -> np.ndarray:
        """Return the squared distances of some rows: of squares and products, so that nothing is written but them."""
        values, norms = self.values[rows].astype(np.float32, copy=False), self._norms[rows]
        if weights is None:
            return norms.sum(axis=1) + target @ target - 2 * (values @ target)
        counted = np.asarray(weights, np.float32)
        weighed = target * np.repeat(counted, self.sizes)
        return norms @ counted + weighed @ target - 2 * (values @ weighed)

    def _likely(self, target: np.ndarray, wanted: int, hidden: np.ndarray | None, without: np.ndarray) -> np.ndarray:
        """Return about so many rows whose sketches are nearest to that of a point, rising."""
        turned = target @ self._basis
        rough = np.concatenate([-2 * turned, [np.float32(1)]]).astype(np.float32) @ self._sketch
        if hidden is not None:
            rough[hidden] = np.inf
        rough[without] = np.inf
        # Where the bound lies, a sample of them tells: to order a million numbers would take longer than all the rest.
        seen = rough[:: max(1, len(rough) // 16_384)]
        place = min(len(seen) - 1, wanted * len(seen) // len(rough) + 1)
        bound = np.partition(seen, place)[place]
        return np.flatnonzero((rough <= bound) & np.isfinite(rough))

    def _sketched(self) -> tuple[np.ndarray, np.ndarray]:
        """Return (dimensions, SKETCH) main directions, and sketches with their norms as (SKETCH + 1, n), by column."""
        few = self.points(np.linspace(0, len(self) - 1, SAMPLE).astype(np.int64))
        _, directions = np.linalg.eigh(np.cov(few - few.mean(axis=0), rowvar=False))
        basis = np.ascontiguousarray(directions[:, ::-1][:, :SKETCH], np.float32)
        sketch, start = np.empty((SKETCH + 1, len(self)), np.float32), 0
        for piece in self._pieces():
            turned = piece @ basis
            sketch[:-1, start : start + len(piece)] = turned.T
            sketch[-1, start : start + len(piece)] = np.einsum("ij,ij->i", turned, turned)
            start += len(piece)
        return basis, sketch

    def _pieces(self):
        for start in range(0, len(self), PIECE):
            yield self.values[start : start + PIECE].astype(np.float32, copy=False)

    def _block_norms(self, piece: np.ndarray) -> np.ndarray:
        return np.add.reduceat(np.square(piece), self._starts, axis=1)


def _smallest(squares: np.ndarray, count: int) -> np.ndarray:
    """Return the places of the smallest finite ones, smallest first."""
    best = np.argpartition(squares, count)[:count] if count < len(squares) else np.arange(len(squares))
    best = best[np.isfinite(squares[best])]
    return best[np.argsort(squares[best], kind="stable")]
