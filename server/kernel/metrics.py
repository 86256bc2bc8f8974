"""Counters for Prometheus, kept as plain numbers and written as text when asked."""

from collections import defaultdict

BOUNDS_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)


class Metrics:
    """Requests by name and outcome with their durations. Used on the event loop only."""

    def __init__(self):
        self.requests: dict[tuple[str, str], int] = defaultdict(int)
        self._seconds: dict[str, float] = defaultdict(float)
        self._buckets: dict[str, list[int]] = defaultdict(lambda: [0] * (len(BOUNDS_S) + 1))

    def count(self, name: str, outcome: str, seconds: float) -> None:
        """Note one answered request."""
        self.requests[name, outcome] += 1
        self._seconds[name] += seconds
        at = 0
        for bound in BOUNDS_S:
            if seconds <= bound:
                break
            at += 1
        self._buckets[name][at] += 1

    def text(self, gauges: dict[str, tuple[str, dict[str, float]]]) -> str:
        """Return everything in Prometheus' text format.

        `gauges` is name → (help, {labels: value}), with labels as `labels` makes them.
        """
        lines = ["# HELP familiar_requests_total Answered requests.", "# TYPE familiar_requests_total counter"]
        for (name, outcome), number in sorted(self.requests.items()):
            lines.append(f"familiar_requests_total{labels(endpoint=name, status=outcome)} {number}")
        lines += ["# HELP familiar_request_seconds Time from request to answer.",
                  "# TYPE familiar_request_seconds histogram"]  # fmt: skip
        for name, buckets in sorted(self._buckets.items()):
            total = 0
            for bound, number in zip((*BOUNDS_S, "+Inf"), buckets, strict=True):
                total += number
                lines.append(f'familiar_request_seconds_bucket{{endpoint="{name}",le="{bound}"}} {total}')
            lines.append(f'familiar_request_seconds_sum{{endpoint="{name}"}} {self._seconds[name]:.6f}')
            lines.append(f'familiar_request_seconds_count{{endpoint="{name}"}} {total}')
        for name, (about, values) in gauges.items():
            kind = "counter" if name.endswith("_total") else "gauge"
            lines += [f"# HELP familiar_{name} {about}", f"# TYPE familiar_{name} {kind}"]
            lines += [f"familiar_{name}{mark} {_number(value)}" for mark, value in values.items()]
        return "\n".join(lines) + "\n"


def labels(**values: str) -> str:
    """Return labels as Prometheus writes them, with what would end a value escaped."""
    return "{" + ",".join(f'{name}="{_escaped(value)}"' for name, value in values.items()) + "}"


def _escaped(value: str) -> str:
    return value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")


def _number(value: float) -> str:
    return str(value) if isinstance(value, int) else repr(round(value, 6))
