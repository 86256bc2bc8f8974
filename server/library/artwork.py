"""Covers as clients get them: where a picture is, in which size, and what stands for none.

An id that the viewer may not see is an error; a thing that has no picture, or a
file that has gone or is no picture, gets a drawn one, and that is remembered for
a while. The rule a newcomer would break: no byte of a stranger's picture is
looked at in this process. `pictures.py` does that in a child that may die.

Results are named by the content they were made from, so that twelve tracks with
one picture make one file, and are kept in memory (small ones) and in a folder.
"""

import asyncio
import hashlib
import logging
import time
from collections import Counter, OrderedDict
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import NamedTuple

from aiohttp import web

from server.kernel.db import Database
from server.kernel.errors import Failure, Invalid, NotFound, Unavailable
from server.kernel.files import CacheFolder, display
from server.kernel.ids import Ids
from server.kernel.run import AsyncChild, ChildDied, ChildError, Packed
from server.library.places import Place, Source, Stored, source
from server.users.people import Viewer

log = logging.getLogger("familiar.artwork")

WORK = "server.library.pictures:work"
SIZES = (64, 100, 200, 300, 600, 1200)
DRAWN_SIZE = 600
AVATAR_SIZE = 200
MADE_SIDE = 512
"""Of pictures that people give us; larger ones are made no larger than this."""
TRIES_S = 10
"""How long a picture may take to decode before its child is killed."""
REMEMBERED_S = 600
"""How long a picture that is not there, or is none, is not tried again."""
MEMORY_BYTES = 8 * 1024 * 1024
SMALL_BYTES = 256 * 1024
KEYS = 10_000
DRAWING = "1"
"""Version of the drawn pictures; another one draws them all anew."""


class Picture(NamedTuple):
    data: bytes
    content_type: str
    etag: str
    drawn: bool
    """It stands for a picture that is not there, or not yet."""


def children() -> AsyncChild:
    """Return the pool that looks at pictures; it takes no memory while nobody asks for a new one."""
    return AsyncChild(WORK, processes=2, memory_mb=512, nice=0, recycle_after=500)


class Artwork:
    """Answers with pictures; one for the whole server. `counted` says how, for the metrics."""

    def __init__(self, db: Database, ids: Ids, child: AsyncChild, cache: CacheFolder):
        self.counted: Counter[str] = Counter()
        self._db, self._ids, self._child, self._cache = db, ids, child, cache
        self._memory: OrderedDict[str, bytes] = OrderedDict()
        self._memory_bytes = 0
        self._keys: dict[int, str] = {}
        self._failed: dict[int, float] = {}
        self._flying: dict[str, asyncio.Task] = {}
        # Who sends pictures that take long holds up those who do the same, and nobody else.
        self._uploads = asyncio.Semaphore(1)

    async def respond(self, request: web.Request, viewer: Viewer, id_text: str, size: int | None) -> web.Response:
        """Answer a request for the picture of an id. Raises NotFound for an id that is not the viewer's."""
        prefix, number = self._ids.parse(id_text)
        found = await self._db.read(source, viewer, prefix, number)
        # A cover gets another id with another picture; what somebody sent for a thing stands under the thing's own.
        return _answer(request, await self.get(found, size), "private, max-age=600" if found.stored else "")

    async def show(self, request: web.Request, found: Source, size: int) -> web.Response:
        """Answer a request for a picture that the asker may see."""
        return _answer(request, await self.get(found, size))

    async def avatar(self, request: web.Request, name: str, stored: Stored | None) -> web.Response:
        """Answer a request for the picture of the user of this name, drawn when they have none."""
        found = await self.get(Source("person", name, (), stored), MADE_SIDE if stored else AVATAR_SIZE)
        # The address stays while the picture changes, and somebody who has just changed it looks.
        return _answer(request, found, "private, no-cache")

    async def made(self, data: bytes, crop: bool) -> tuple[str, bytes]:
        """Return key and bytes of a picture made anew from a stranger's, a square of it with `crop`.

        Raises Invalid for what is no picture, or none that can be decoded within bounds.
        """
        async with self._uploads:
            with self._cache.temporary() as path:
                await asyncio.to_thread(path.write_bytes, data)
                payload = {"do": "remake", "places": [_file(path)], "size": MADE_SIDE, "crop": crop}
                try:
                    answer = await self._ask(payload)
                except ChildError as error:
                    log.info("A picture was refused: %s", error)
                    raise Invalid("The picture is damaged.") from error
                except ChildDied as died:
                    log.warning("A picture was refused: the process that read it %s", died.reason)
                    raise Invalid("The picture cannot be read within the limits of time and memory.") from died
        return answer.value["key"], answer.data

    async def get(self, wanted: Source, size: int | None) -> Picture:
        """Return a picture that fits `size` pixels, rounded up to one of SIZES; None or 0 is the original."""
        side = rounded(size)
        if wanted.stored and (picture := await self._stored(wanted.stored, side if side < MADE_SIDE else 0)):
            return picture
        keyed = [(place, key) for place in wanted.places if (key := await self._key(place))]
        choices = [keyed] if len(keyed) == 4 else []
        for choice in [*choices, *([one] for one in keyed)]:
            if (data := await self._rendered(choice, side)) is not None:
                return _picture(data, _name([key for _place, key in choice], side), drawn=False)
        return await self._drawn(wanted, side or DRAWN_SIZE)

    async def _key(self, place: Place) -> str | None:
        """Return the key of a picture's content, None when there is nothing to see."""
        known = hash(place)
        if key := self._keys.get(known):
            return key
        if self._has_failed(known):
            return None
        answer = await self._once(f"look {known}", lambda: self._try(known, place, "look", [place]))
        if answer is None:
            return None
        _remember(self._keys, known, answer["key"])
        return answer["key"]

    async def _rendered(self, choice: list[tuple[Place, str]], side: int) -> bytes | None:
        places, keys = [place for place, _key in choice], [key for _place, key in choice]
        name = _name(keys, side)
        known = hash(tuple(keys))
        if (data := self._recent(name)) is not None:
            return data
        if self._has_failed(known):
            return None

        async def make() -> bytes | None:
            answer = await self._try(known, places[0], "render", places, size=side)
            if answer is None:
                return None
            if answer.value["keys"] == keys:
                await self._keep(name, answer.data)
            else:
                # The file is another one since it was looked at: the next request looks again.
                for place in places:
                    self._keys.pop(hash(place), None)
            return answer.data

        return await self._once(name, lambda: self._kept(name, make))

    async def _stored(self, stored: Stored, side: int) -> Picture | None:
        """Return a picture from a table, None when it has just gone."""
        name = f"{stored.key}-{side}s"

        async def make() -> bytes | None:
            data = await self._db.read(stored.read, stored.number)
            if data is not None and side:
                with self._cache.temporary() as path:
                    await asyncio.to_thread(path.write_bytes, data)
                    answer = await self._ask({"do": "render", "places": [_file(path)], "size": side})
                data = answer.data
            if data is not None:
                await self._keep(name, data)
            return data

        data = self._recent(name)
        if data is None:
            data = await self._once(name, lambda: self._kept(name, make))
        return None if data is None else _picture(data, name, drawn=False)

    async def _drawn(self, wanted: Source, side: int) -> Picture:
        words = f"{DRAWING}\0{wanted.kind}\0{wanted.name}".encode()
        name = f"{hashlib.blake2b(words, digest_size=16).hexdigest()}-{side}d"
        payload = {"do": "draw", "kind": wanted.kind, "name": wanted.name, "size": side}

        async def make() -> bytes:
            try:
                answer = await self._ask(payload)
            except ChildDied as died:
                raise Unavailable(f"The picture could not be drawn: the process that draws {died.reason}.") from died
            self.counted["drawn"] += 1
            await self._keep(name, answer.data)
            return answer.data

        data = self._recent(name)
        if data is None:
            data = await self._once(name, lambda: self._kept(name, make))
        return _picture(data, name, drawn=True)

    async def _try(self, known: int, place: Place, do: str, places: list[Place], **more):
        """Ask the child, and remember what failed: a picture that is bad, or gone, is no error of the request."""
        payload = {"do": do, "places": [{"root": p.root, "path": p.path, "picture": p.picture} for p in places], **more}
        try:
            return await self._ask(payload)
        except (Failure, ChildError, ChildDied) as error:
            if isinstance(error, Unavailable):
                raise
            gone = isinstance(error, NotFound)
            self.counted["gone" if gone else "bad"] += 1
            if not gone:
                log.warning("No usable picture in %s: %s", display(place.path), error)
            _remember(self._failed, known, time.monotonic() + REMEMBERED_S)
            return None

    async def _ask(self, payload: dict) -> dict | Packed:
        try:
            return await self._child.call(payload, TRIES_S)
        except OSError as error:
            raise Unavailable(f"No process could be started for pictures: {error.strerror}.") from error

    async def _kept(self, name: str, make: Callable[[], Awaitable[bytes | None]]) -> bytes | None:
        """Return what the cache folder has under a name, else what `make` makes."""
        if path := self._cache.get(name):
            try:
                data = await asyncio.to_thread(Path(path).read_bytes)
            except FileNotFoundError:
                return await make()
            self.counted["disk"] += 1
            self._memorise(name, data)
            return data
        return await make()

    async def _keep(self, name: str, data: bytes) -> None:
        self.counted["made"] += 1
        self._memorise(name, data)
        try:
            await asyncio.to_thread(self._cache.put, name, data)
        except OSError as error:
            log.warning("A cover could not be kept: %s", error.strerror)

    def _recent(self, name: str) -> bytes | None:
        data = self._memory.get(name)
        if data is not None:
            self.counted["memory"] += 1
            self._memory.move_to_end(name)
        return data

    def _memorise(self, name: str, data: bytes) -> None:
        if len(data) > SMALL_BYTES:
            return
        self._memory_bytes += len(data) - len(self._memory.pop(name, b""))
        self._memory[name] = data
        while self._memory_bytes > MEMORY_BYTES:
            self._memory_bytes -= len(self._memory.popitem(last=False)[1])

    def _has_failed(self, known: int) -> bool:
        return self._failed.get(known, 0) > time.monotonic()

    async def _once(self, name: str, work: Callable[[], Awaitable]):
        """Do a piece of work once for all who want it now; one who goes away does not end it for the others."""
        task = self._flying.get(name)
        if task is None:
            task = self._flying[name] = asyncio.ensure_future(work())
            task.add_done_callback(lambda done: self._landed(name, done))
        return await asyncio.shield(task)

    def _landed(self, name: str, done: asyncio.Task) -> None:
        del self._flying[name]
        if not done.cancelled():
            # Asked for, so that a failure whose callers have all gone is not reported as forgotten.
            done.exception()


def _answer(request: web.Request, picture: Picture, caching: str = "") -> web.Response:
    # What is drawn today may have a picture after the next scan.
    usual = "private, max-age=600" if picture.drawn else "private, max-age=86400"
    headers = {"ETag": picture.etag, "Cache-Control": caching or usual}
    if picture.etag in request.headers.get("If-None-Match", ""):
        return web.Response(status=304, headers=headers)
    headers["Content-Type"] = picture.content_type
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return web.Response(body=picture.data, headers=headers)


def _file(path: Path) -> dict:
    """Return the place of an image file, as the child is told it."""
    return {"root": str(path.parent), "path": path.name, "picture": -1}


def rounded(size: int | None) -> int:
    """Return the side of the square to fit: the next of SIZES, the largest for more, 0 for none."""
    if size is None or size <= 0:
        return 0
    return next((side for side in SIZES if side >= size), SIZES[-1])


def _name(keys: list[str], side: int) -> str:
    if len(keys) == 1:
        return f"{keys[0]}-{side}"
    return f"{hashlib.blake2b(' '.join(keys).encode(), digest_size=16).hexdigest()}-{side}m"


def _picture(data: bytes, name: str, drawn: bool) -> Picture:
    return Picture(data, _type(data), f'"{name}"', drawn)


def _type(data: bytes) -> str:
    """Return what our own children made, or let pass as an original, by its first bytes."""
    if data.startswith(b"\x89PNG"):
        return "image/png"
    if data.startswith(b"GIF8"):
        return "image/gif"
    return "image/webp" if data.startswith(b"RIFF") else "image/jpeg"


def _remember(kept: dict, key: int, value) -> None:
    """Keep a value under a bound, the oldest go first."""
    if len(kept) >= KEYS:
        del kept[next(iter(kept))]
    kept[key] = value
