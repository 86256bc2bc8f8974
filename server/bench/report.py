"""Lines of the result: what was measured, beside what, and whether the promise holds."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True)
class Line:
    """One promise. Its target is a bound of the ratio to the reference, or, if `absolute`, of the number itself."""

    bench: str
    work: str
    measured: float
    unit: str
    reference: float | None = None
    against: str = ""
    most: float | None = None
    least: float | None = None
    absolute: bool = False

    @property
    def ratio(self) -> float | None:
        return self.measured / self.reference if self.reference else None

    @property
    def reached(self) -> bool | None:
        """Whether the target is reached; None where nothing was promised."""
        judged = self.measured if self.absolute or self.ratio is None else self.ratio
        if self.most is not None:
            return judged <= self.most
        return None if self.least is None else judged >= self.least

    def target(self) -> str:
        bound = f"≤ {self.most:g}" if self.most is not None else f"≥ {self.least:g}" if self.least is not None else ""
        return f"{bound} ×" if bound and self.reference and not self.absolute else bound

    def text(self) -> str:
        """Return the line for people: work, measured, reference, ratio, target, reached."""
        beside = f"{number(self.reference)} {self.against}" if self.reference else ""
        ratio = f"{number(self.ratio)} ×" if self.ratio is not None else ""
        word = {True: "yes", False: "NO", None: ""}[self.reached]
        measured = f"{self.work:<52}{number(self.measured):>8} {self.unit:<13}"
        return f"{measured}{beside:<24}{ratio:>9} {self.target():>9} {word}".rstrip()

    def record(self) -> dict:
        return asdict(self) | {"ratio": self.ratio, "reached": self.reached}


def number(value: float) -> str:
    """Return a number as short as it is useful."""
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"


HEAD = f"{'work':<52}{'measured':>8} {'':<13}{'reference':<24}{'ratio':>9} {'target':>9} reached"


def summary(lines: Iterable[Line]) -> str:
    """Return how many targets were reached."""
    judged = [line for line in lines if line.reached is not None]
    return f"{sum(line.reached for line in judged)} of {len(judged)} targets reached."
