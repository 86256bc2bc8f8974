"""Pictures of radio stations, looked for on their homepages.

A homepage is read as far as its head goes, once in a while, by nobody who waits
for it. The rule a newcomer would break: all of it is a stranger's, so addresses
go through `fetch`, and pictures through the child that makes them anew.
"""

import asyncio
import html
import logging
import re
import time
from urllib.parse import urljoin

from server.kernel.clock import Millis
from server.kernel.db import Database
from server.kernel.errors import Failure
from server.kernel.fetch import Fetch
from server.library import radio
from server.library.artwork import Artwork

log = logging.getLogger("familiar.radio")

AGAIN_MS: Millis = 7 * 86_400_000
PAGE_BYTES, PICTURE_BYTES, WAIT_S = 512 * 1024, 2 << 20, 15.0
TRIES, WAITING_MAX = 4, 200
TAG = re.compile(r"<(?:link|meta)\b([^<>]{1,2000})>", re.IGNORECASE)
ATTRIBUTE = re.compile(r"""([a-z:-]{1,30})\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.IGNORECASE)
UNREADABLE = (".ico", ".svg")


class Logos:
    """Looks for pictures; one for the whole server."""

    def __init__(self, db: Database, fetch: Fetch, artwork: Artwork):
        self._db, self._fetch, self._artwork = db, fetch, artwork
        self._sought: dict[int, float] = {}
        self._tasks: set[asyncio.Task] = set()
        self._one = asyncio.Semaphore(1)

    def soon(self, number: int) -> None:
        """See to it that a station without a picture gets one, if there is one to be found; never waits."""
        if time.monotonic() - self._sought.get(number, -AGAIN_MS) < AGAIN_MS / 1000 or len(self._tasks) >= WAITING_MAX:
            return
        self._sought[number] = time.monotonic()
        task = asyncio.get_running_loop().create_task(self._seek(number))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def again(self, number: int) -> None:
        """Do the same for a station that has changed."""
        self._sought.pop(number, None)
        self.soon(number)

    async def close(self) -> None:
        """Stop looking."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _seek(self, number: int) -> None:
        async with self._one:
            try:
                homepage = await self._db.write(radio.seek_picture, number, AGAIN_MS)
                if homepage:
                    await self._hang(number, await self._candidates(homepage))
            except (Failure, TimeoutError) as error:
                log.info("No picture was found for a radio station: %s", error)

    async def _hang(self, number: int, urls: list[str]) -> None:
        for url in urls[:TRIES]:
            try:
                found = await self._fetch.get(url, limit_bytes=PICTURE_BYTES, timeout_s=WAIT_S)
                if found.status == 200:
                    key, data = await self._artwork.made(found.body, crop=False)
                    await self._db.write(radio.adopt_picture, number, key, data)
                    return
            except Failure as error:
                log.debug("A picture of a radio station was passed over: %s", error)

    async def _candidates(self, homepage: str) -> list[str]:
        page = bytearray()
        async with asyncio.timeout(2 * WAIT_S), self._fetch.open(homepage, timeout_s=WAIT_S) as answer:
            if answer.headers.get("Content-Type", "").startswith("image/"):
                return [homepage]
            while len(page) < PAGE_BYTES and (data := await answer.read()):
                page += data
            # One that is made to be hard to read takes half a second, and others are listening.
            return await asyncio.to_thread(pictures, page.decode("utf-8", "replace"), answer.url)


def pictures(page: str, base: str) -> list[str]:
    """Return the addresses of pictures that a page names as its own, those first that are likely to be a logo."""
    found: list[tuple[int, int, str]] = []
    for tag in TAG.finditer(page):
        told = {name.lower(): html.unescape(a or b or c).strip() for name, a, b, c in ATTRIBUTE.findall(tag[1])}
        rel, name = told.get("rel", "").lower().split(), told.get("property", told.get("name", "")).lower()
        if "href" in told and any(each.startswith("apple-touch-icon") for each in rel):
            found.append((0, -_side(told), told["href"]))
        elif "href" in told and "icon" in rel:
            found.append((1, -_side(told), told["href"]))
        elif "content" in told and name in ("og:image", "twitter:image"):
            found.append((2, 0, told["content"]))
    urls = [_joined(base, url) for _, _, url in sorted(found)] + [_joined(base, "/apple-touch-icon.png")]
    return [url for url in dict.fromkeys(urls) if url and not url.partition("?")[0].lower().endswith(UNREADABLE)]


def _side(told: dict[str, str]) -> int:
    side = told.get("sizes", "").lower().partition("x")[0]
    return int(side) if side.isascii() and side.isdigit() and len(side) < 6 else 0


def _joined(base: str, url: str) -> str:
    try:
        joined = urljoin(base, url)
    except ValueError:
        return ""
    return joined if joined.startswith(("http://", "https://")) else ""
