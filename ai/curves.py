"""Curves: how the energy of a list is wished to run from its first track to its last.

A curve is heights between 0 and 1 at even distances. The rule a newcomer would
break: it is followed within what a list has, so 0 is that list's calmest and 1
its wildest track; a quiet list asked for an arc gets a quiet arc.
"""

from collections.abc import Sequence
from math import cos, pi, sin

from server.kernel.errors import Invalid

POINTS = 33
POINTS_MAX = 1000
FLAT, WARM_UP, ARC, WIND_DOWN = "flat", "warm-up", "arc", "wind-down"
_PEAK = 1.357
"""Puts the top of the arc at 0.6: x ** 1.357 is a half there."""


def _sampled(height) -> list[float]:
    return [round(height(at / (POINTS - 1)), 4) for at in range(POINTS)]


CURVES: dict[str, list[float]] = {
    FLAT: [],
    WARM_UP: _sampled(lambda x: 0.1 + 0.9 * (1 - cos(pi * x)) / 2),
    ARC: _sampled(lambda x: 0.1 + 0.9 * sin(pi * x**_PEAK)),
    WIND_DOWN: _sampled(lambda x: 1 - 0.9 * (1 - cos(pi * x)) / 2),
}
"""Of each name; flat wishes for nothing but small steps."""


def heights(curve: str | Sequence[float]) -> list[float]:
    """Return the heights of a curve by its name, or of one that was drawn: 2 to 1000 of them. Raises Invalid."""
    if isinstance(curve, str):
        if curve not in CURVES:
            raise Invalid(f"There is no curve {curve[:40]!r}; there are {', '.join(CURVES)}, or a list of heights.")
        return CURVES[curve]
    if not 2 <= len(curve) <= POINTS_MAX:
        raise Invalid(f"A drawn curve has 2 to {POINTS_MAX} heights.")
    if not all(type(each) in (int, float) and 0 <= each <= 1 for each in curve):
        raise Invalid("The heights of a drawn curve are numbers from 0 to 1.")
    return [float(each) for each in curve]
