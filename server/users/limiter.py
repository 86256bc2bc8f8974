"""One limit on wrong sign-ins behind every door: web, password, token, API key.

An account bears 10 different wrong tries a minute, an address 30. The rule a
newcomer would break: who is over the limit gets no check at all, because a
check whose answer leaks is a try. Two things are borne: the same wrong thing
sent again counts once (clients try a token and then the same password plain),
and an app that has lately signed in from an address keeps a count of its own,
so that an attack from elsewhere, or an old phone next to it, never locks it out.
"""

import hmac
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable
from math import ceil
from typing import NamedTuple

from server.users.secrets import token

WINDOW_S = 60.0
ACCOUNT_TRIES, ADDRESS_TRIES = 10, 30
TRUST_S = 7 * 86_400.0
MOST_WINDOWS, MOST_TRUSTED = 16_384, 4_096
SALT_MAX = 256
_MARKS = secrets.token_bytes(32)
"""Key of this process, so that wrong passwords, often nearly right ones, are not kept as they are."""


class Guess(NamedTuple):
    """Something that was tried: a password, a token with its salt, or an API key."""

    password: str | None = None
    token: str | None = None
    salt: str | None = None
    api_key: str | None = None


class Tried(NamedTuple):
    """What is kept of a wrong try for a minute."""

    at_s: float
    account: str
    mark: bytes
    token: str | None
    salt: str | None


class Door(NamedTuple):
    """Who tries to come in, from where, with which app."""

    account: str
    """The key of the user's name; "" where no account is named."""
    address: str
    client: str


class Limiter:
    """Counts wrong tries in memory. `clock` gives seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic):
        self._clock = clock
        self._windows: OrderedDict[object, list[Tried]] = OrderedDict()
        self._trusted: OrderedDict[Door, float] = OrderedDict()
        self._full_until = 0.0

    def wait_s(self, door: Door) -> int:
        """Return how many seconds this door stays shut, 0 when a try may be checked."""
        now = self._clock()
        if now >= self._full_until:
            return 0
        places = self._places(door)
        if places[0][0] is door:
            places = places[:1]
        return max(self._wait(place, most, now) for place, most in places)

    def knows(self, door: Door) -> bool:
        """Tell at once whether this app has lately signed in here and nobody is over a limit."""
        now, at = self._clock(), self._trusted.get(door)
        return at is not None and now - at < TRUST_S and now >= self._full_until

    def right(self, door: Door, guess: Guess) -> None:
        """Note a sign-in: the try does not count, and this door stays open while others are shut."""
        mark = _mark(door, guess)
        for place, _ in self._places(door):
            if tries := self._windows.get(place):
                tries[:] = [each for each in tries if each.mark != mark]
        self._trusted[door] = self._clock()
        self._trusted.move_to_end(door)
        if len(self._trusted) > MOST_TRUSTED:
            self._trusted.popitem(last=False)

    def wrong(self, door: Door, guess: Guess) -> None:
        """Count a try that is wrong, or whose check takes so long that others could be sent meanwhile."""
        for place, most in self._places(door):
            self._count(place, most, door, guess)

    def _places(self, door: Door) -> list[tuple[object, int]]:
        """Return what counts the tries of a door and how many each bears; a trusted door comes first."""
        places = [(("address", door.address), ADDRESS_TRIES)]
        if door.account:
            places.insert(0, (("account", door.account), ACCOUNT_TRIES))
        at = self._trusted.get(door)
        if at is not None and self._clock() - at < TRUST_S:
            places.insert(0, (door, ACCOUNT_TRIES))
        return places

    def _wait(self, place: object, most: int, now: float) -> int:
        tries = self._recent(place, now)
        return ceil(tries[-most].at_s + WINDOW_S - now) if len(tries) >= most else 0

    def _recent(self, place: object, now: float) -> list[Tried]:
        tries = self._windows.get(place, [])
        while tries and now - tries[0].at_s >= WINDOW_S:
            del tries[0]
        return tries

    def _count(self, place: object, most: int, door: Door, guess: Guess) -> None:
        now, mark = self._clock(), _mark(door, guess)
        tries = self._recent(place, now)
        if any(mark == earlier.mark or _behind(door, guess, earlier) for earlier in tries):
            return
        bounded = guess.salt is not None and len(guess.salt) <= SALT_MAX
        tries.append(Tried(now, door.account, mark, *(guess[1:3] if bounded else (None, None))))
        self._windows[place] = tries
        self._windows.move_to_end(place)
        if len(tries) >= most:
            self._full_until = now + WINDOW_S
        if len(self._windows) > MOST_WINDOWS:
            self._windows.popitem(last=False)


def _mark(door: Door, guess: Guess) -> bytes:
    """Return what the same try at the same account has in common: one password tried on many is many tries."""
    return hmac.digest(_MARKS, repr((door.account, guess)).encode("utf-8", "surrogatepass"), "sha256")


def _behind(door: Door, guess: Guess, earlier: Tried) -> bool:
    """Tell whether this is the password from which an earlier token was made."""
    if guess.password is None or earlier.token is None or earlier.account != door.account:
        return False
    return token(guess.password.encode("utf-8", "surrogatepass"), earlier.salt) == earlier.token
