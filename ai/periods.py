"""Days and weeks as the server's own clock has them: a week begins on Monday at midnight."""

from datetime import date, datetime, timedelta
from typing import NamedTuple

from server.kernel.clock import Millis


class Period(NamedTuple):
    name: str
    """The first day, such as 2026-11-16."""
    until_ms: Millis


def day(now: Millis) -> Period:
    """Return the day of a moment."""
    return _from(datetime.fromtimestamp(now / 1000).date(), 1)


def week(now: Millis) -> Period:
    """Return the week of a moment."""
    today = datetime.fromtimestamp(now / 1000).date()
    return _from(today - timedelta(days=today.weekday()), 7)


def spoken(name: str) -> str:
    """Return the first day of a period as people say it: 16 November 2026."""
    first = date.fromisoformat(name)
    return f"{first.day} {first:%B} {first.year}"


def _from(first: date, days: int) -> Period:
    end = datetime.combine(first + timedelta(days=days), datetime.min.time())
    return Period(first.isoformat(), int(end.timestamp() * 1000))
