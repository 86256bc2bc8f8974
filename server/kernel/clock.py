"""The time, in the one unit that the database keeps: integer milliseconds UTC."""

import time

Millis = int
Seconds = int
Kbps = int


def now_ms() -> Millis:
    """Return the current time in milliseconds since 1970-01-01 UTC."""
    return time.time_ns() // 1_000_000
