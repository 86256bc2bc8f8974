"""Guests of a share: what lets them in, and how often they came.

A pass is a signed text that opens one share until some hour; with another password it opens nothing any more. The rule
a newcomer would break: a guest's cookie belongs to the path of one share, so it is never sent to any other.
"""

import asyncio
import hmac
import logging
import re
import time
from collections import OrderedDict

from server.kernel.db import Database
from server.kernel.errors import Unavailable
from server.playlists import shares
from server.playlists.shares import Share
from server.users.limiter import Door, Guess, Limiter
from server.users.secrets import PASSWORD_MAX_BYTES, MasterKey, verify

log = logging.getLogger("familiar.shares")

COOKIE = "share"
PASS_S = 7 * 86_400
VISIT_S = 30 * 60.0
"""Who comes back within this time is still on the same visit."""
VISITORS_MAX = 4_096
PREVIEW = re.compile(r"bot\b|crawl|spider|externalhit|preview|whatsapp|embed|unfurl|scrape", re.IGNORECASE)
"""How those call themselves that fetch a page to show a preview of it; they are no visit."""


class Passes:
    """Makes and knows passes."""

    def __init__(self, key: MasterKey):
        self._key = key.derive("share pass")

    def make(self, share: Share) -> str:
        return self._signed(share, int(time.time()) + PASS_S)

    def fits(self, share: Share, given: str) -> bool:
        """Tell whether this is a pass for this share, as its password is now."""
        until = given.partition(".")[0]
        if not (until.isascii() and until.isdigit() and len(until) < 12) or int(until) < time.time():
            return False
        return hmac.compare_digest(given.encode("utf-8", "replace"), self._signed(share, int(until)).encode())

    def _signed(self, share: Share, until_s: int) -> str:
        text = f"{share.token} {until_s} {share.password_hash}"
        return f"{until_s}.{hmac.digest(self._key, text.encode(), 'sha256').hex()}"


class Passwords:
    """Checks what guests type, one at a time, under the limit that holds for wrong sign-ins too."""

    def __init__(self, limiter: Limiter):
        self._limiter, self._one = limiter, asyncio.Lock()

    async def right(self, share: Share, password: str, address: str) -> bool:
        """Tell whether this is a share's password. Raises Unavailable after too many wrong ones."""
        # No user has a name with a NUL in it.
        door, guess = Door(f"\0{share.token}", address, "share"), Guess(password=password)
        if wait_s := self._limiter.wait_s(door):
            raise Unavailable(f"Too many wrong passwords. Try again in {wait_s} seconds.", retry_after_s=wait_s)
        self._limiter.wrong(door, guess)
        plain = password.encode("utf-8", "surrogatepass")
        async with self._one:
            right = len(plain) <= PASSWORD_MAX_BYTES and await asyncio.to_thread(verify, share.password_hash, plain)
        if right:
            self._limiter.right(door, guess)
        return right


class Visits:
    """Counts guests, each once for a visit; held in memory, so a restart counts those anew that are there."""

    def __init__(self, db: Database):
        self._db = db
        self._seen: OrderedDict[tuple[str, str, int], float] = OrderedDict()

    async def note(self, token: str, address: str, browser: str) -> None:
        if PREVIEW.search(browser):
            return
        who, now = (token, address, hash(browser)), time.monotonic()
        at = self._seen.pop(who, None)
        self._seen[who] = now
        if len(self._seen) > VISITORS_MAX:
            self._seen.popitem(last=False)
        if at is None or now - at >= VISIT_S:
            try:
                await self._db.write(shares.visited, token)
            except Unavailable as full:
                log.warning("A visit was not counted: %s", full)
