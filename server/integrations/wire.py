"""How services are asked and read: JSON over GET.

What comes back was written by strangers: every reader here takes any shape and
answers with nothing when it is not the one expected.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import urlencode

import orjson

from server.kernel.errors import Unavailable
from server.kernel.fetch import Fetch, host_of

ANSWER_BYTES = 2 << 20
TIMEOUT_S = 15.0


TURNED_AWAY = (401, 403, 408, 425, 429)
"""Statuses by which a service tells nothing of what it was asked, whatever stands in the body."""


async def ask(fetch: Fetch, url: str, params: Mapping[str, object] | None = None,
              headers: Mapping[str, str] | None = None, refuses_in_words: bool = False) -> Any:
    """Return what a service answers, None when it says 404. Raises Unavailable for anything else that is no answer.

    `refuses_in_words`: the caller reads from the body itself whether this is a refusal, and why.
    """
    query = "?" + urlencode({name: value for name, value in params.items() if value}) if params else ""
    answer = await fetch.get(url + query, limit_bytes=ANSWER_BYTES, timeout_s=TIMEOUT_S, headers=headers)
    if answer.status == 404:
        return None
    try:
        found = orjson.loads(answer.body)
    except orjson.JSONDecodeError:
        found = None
    if answer.status in TURNED_AWAY and not (refuses_in_words and member(found, "error") is not None):
        raise Unavailable(f"{host_of(url)} turned the question away with status {answer.status}.")
    # Services put into the body what was wrong with a question, so what can be read is handed on.
    if (answer.status >= 400 and not isinstance(found, dict)) or answer.status >= 500 or found is None:
        raise Unavailable(f"{host_of(url)} answered with status {answer.status} and nothing to read.")
    return found


def member(found: Any, *names: str | int) -> Any:
    """Follow names and places into an answer; None as soon as there is nothing."""
    for name in names:
        if isinstance(found, dict):
            found = found.get(name)
        elif isinstance(found, list) and isinstance(name, int) and name < len(found):
            found = found[name]
        else:
            return None
    return found


def text(found: Any, *names: str | int) -> str:
    """Return the text that stands there, or ""."""
    value = member(found, *names)
    return value.strip() if isinstance(value, str) else ""


def several(found: Any, *names: str | int) -> list[dict]:
    """Return the objects that stand there; some services send the only one of a list by itself."""
    value = member(found, *names)
    return [each for each in (value if isinstance(value, list) else [value]) if isinstance(each, dict)]


def secure(address: str) -> str:
    """Return a web address that a page may load, or "" for anything else."""
    return address if address.startswith("https://") and len(address) < 1000 and not set(address) & set(' "<>') else ""


class Pace:
    """Lets one request pass every so many seconds."""

    def __init__(self, gap_s: float, sleep: Callable[[float], Awaitable] = asyncio.sleep,
                 clock: Callable[[], float] = time.monotonic):
        self._gap_s, self._sleep, self._clock = gap_s, sleep, clock
        self._next_s = 0.0

    async def turn(self) -> None:
        """Wait until the next request may go."""
        now_s = self._clock()
        wait_s = max(self._next_s - now_s, 0.0)
        self._next_s = now_s + wait_s + self._gap_s
        if wait_s:
            await self._sleep(wait_s)
