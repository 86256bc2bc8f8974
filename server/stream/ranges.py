"""What the Range and If-… headers of a request ask for; pure functions over text.

A header that we do not understand is ignored, as RFC 9110 wants it: the answer
is then the whole file. Only a range that lies outside the file is an error.
Several ranges in one request are answered with the whole file, which §14.2
allows and no audio player misses.
"""

import re
from collections.abc import Mapping
from email.utils import formatdate, parsedate_to_datetime
from typing import NamedTuple

_RANGE = re.compile(r"\s*bytes\s*=\s*(\d{0,18})\s*-\s*(\d{0,18})\s*", re.IGNORECASE | re.ASCII)


class Part(NamedTuple):
    """Bytes to send: the whole file is Part(0, size)."""

    offset: int
    count: int


def part(header: str, size: int) -> Part | None:
    """Return the part that a Range header names, or None where it is to be ignored; IndexError lies outside."""
    found = _RANGE.fullmatch(header)
    if not found or found.groups() == ("", ""):
        return None
    first, last = found.groups()
    if not first:
        count = min(int(last), size)
        if not count:
            raise IndexError
        return Part(size - count, count)
    if last and int(last) < int(first):
        return None
    if int(first) >= size:
        raise IndexError
    end = min(int(last) + 1, size) if last else size
    return Part(int(first), end - int(first))


def http_date(seconds: int) -> str:
    """Return a time as HTTP writes it."""
    return formatdate(seconds, usegmt=True)


def still_the_same(if_range: str, etag: str, modified_s: int) -> bool:
    """Tell whether If-Range names what we have: a strong entity tag or the exact date (RFC 9110 §13.1.5)."""
    if if_range.startswith('"'):
        return if_range == etag
    return _seconds(if_range) == modified_s


def already_there(headers: Mapping[str, str], etag: str, modified_s: int) -> bool:
    """Tell whether the client's copy is good: If-None-Match where sent, else If-Modified-Since."""
    known = headers.get("If-None-Match")
    if known is not None:
        return known.strip() == "*" or etag in (tag.strip().removeprefix("W/") for tag in known.split(","))
    since = _seconds(headers.get("If-Modified-Since", ""))
    return since is not None and modified_s <= since


def _seconds(date: str) -> int | None:
    try:
        return int(parsedate_to_datetime(date).timestamp())
    except (TypeError, ValueError, OverflowError):
        return None
