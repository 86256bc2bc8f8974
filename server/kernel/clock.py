"""The time, in the one unit that the database keeps: integer milliseconds UTC. And hours of the day."""

import re
import time

Millis = int
Seconds = int
Kbps = int


def now_ms() -> Millis:
    """Return the current time in milliseconds since 1970-01-01 UTC."""
    return time.time_ns() // 1_000_000


def hours_of(text: str) -> str:
    """Return hours of the day such as "1-6", or "" for all of them, as they are kept. Raises ValueError."""
    if not text.strip():
        return ""
    found = re.fullmatch(r"\s*(\d\d?)\s*-\s*(\d\d?)\s*", text, re.ASCII)
    first, last = (int(word) for word in found.groups()) if found else (24, 24)
    if first > 23 or last > 24 or first == last:
        raise ValueError(text)
    return f"{first}-{last}"


def in_hours(hours: str, hour: int) -> bool:
    """Tell whether an hour (0 to 23) lies in hours as `hours_of` gives them; "22-6" lasts over midnight."""
    if not hours:
        return True
    first, last = map(int, hours.split("-"))
    return first <= hour < last if first < last else hour >= first or hour < last
