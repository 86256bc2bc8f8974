"""Subtitles as SubRip (.srt) and WebVTT have them: a time with an arrow, then the lines that are shown."""

import re

from server.kernel.clock import Millis
from server.library.sung.building import Row, Voice, bounded, build
from server.library.sung.layers import Layer

_TIME = r"(?:([0-9]{1,3}):)?([0-9]{1,3}):([0-9]{1,2})[.,]([0-9]{1,3})"
_TIMES = re.compile(rf"\s*{_TIME}\s{{0,9}}-->\s{{0,9}}{_TIME}")
_MARKS = re.compile(r"</?[a-zA-Z][^<>]{0,200}>|\{\\[^{}]{0,200}\}")


def known(head: str) -> bool:
    """Tell whether a text begins as subtitles do: perhaps a title and a number, then a time with an arrow."""
    return any(_TIMES.match(line) for line in head.splitlines()[:8])


def read(text: str) -> list[Layer]:
    """Return the subtitles as lines with times."""
    rows: list[Row] = []
    shown: list[str] | None = None
    times: re.Match | None = None
    for line in [*text.splitlines(), ""]:
        if (begins := _TIMES.match(line)) or not line.strip():
            if times and shown:
                rows.append(_row(times, shown))
            times, shown = begins, []
        elif times:
            shown.append(_MARKS.sub("", line))
    found = build(rows)
    return [found] if found else []


def _row(times: re.Match, shown: list[str]) -> Row:
    parts = times.groups()
    return Row(_ms(*parts[:4]), [Voice(text=" ".join(shown), end_ms=_ms(*parts[4:]))])


def _ms(hours: str | None, minutes: str, seconds: str, fraction: str) -> Millis:
    whole = int(hours or 0) * 3600 + int(minutes) * 60 + int(seconds)
    return bounded(whole * 1000 + int(fraction.ljust(3, "0")))
