"""Podcasts brought here: feeds read when they are due, episodes downloaded when somebody wants them.

One worker of a house does this, beside its jobs, so that a slow host never holds
up a scan. What is to be done stands in the rows: it may end at any moment, and
whoever comes next goes on. The rule a newcomer would break: nothing that came
from outside is looked at here, only in a child.
"""

import asyncio
import errno
import logging
import os
import tempfile
import threading
import time
from collections.abc import Coroutine
from contextlib import suppress
from pathlib import Path
from typing import Any

from server.kernel import lasting, properties
from server.kernel.clock import Millis, now_ms
from server.kernel.errors import Failure, Unavailable
from server.kernel.fetch import Answer, Response, host_of
from server.kernel.files import name_text, os_name, safe_name, sync_folder, write_whole
from server.kernel.run import AsyncChild, ChildDied, ChildError
from server.library import episodes, podcasts
from server.library.episodes import FOLDER, Wanted
from server.library.podcasts import Due

log = logging.getLogger("familiar.podcasts")

WORK = "server.library.feeds:work"
LOCK = "podcasts"
FACES = "podcast faces"
"""The fact that says which version drew the episodes' faces: asking the rows would read all of them."""
FEEDS_AT_ONCE, FILES_AT_ONCE, REDRAWN_AT_ONCE = 4, 4, 1000
OF_ONE_AT_ONCE = 2
"""How many episodes of one podcast are on their way, so that a slow host does not hold up all others."""
LOOK_S, TURN_S, ABSENT_S = 1.0, 60.0, 5.0
"""How often it looks for work, how long it holds its place without asking again, and how long it waits for it."""
FEED_BYTES, FEED_S, PARSE_S = 20 << 20, 60.0, 30.0
PICTURE_BYTES = 20 << 20
EPISODE_BYTES, EPISODE_S, SILENCE_S = 2 << 30, 6 * 3600.0, 60.0
SLOW_S, SLOW_BYTES_S = 300.0, 2000
"""After so long an episode has to have come faster than one could speak it, or it is given up."""
NEVER_MS: Millis = 253_402_300_799_999
PICTURES = {b"\xff\xd8\xff": "jpg", b"\x89PNG": "png", b"GIF8": "gif", b"RIFF": "webp"}
"""How pictures begin that the artwork can show, and the suffix that they get."""
FULL = (errno.ENOSPC, errno.EDQUOT)
ROOM_BYTES = 100 << 20
"""So much of a disk is left to others, first of all to the database: an episode is brought again, a star is not."""


def keep_catching(app, stop: threading.Event) -> None:
    """Do what podcasts need until `stop` is set; where another worker does it, stand by."""
    lasting.alone(app, stop, LOCK, ABSENT_S, lambda: asyncio.run(_turn(app, stop)))


async def catch_up(app) -> None:
    """Do all that is due or wanted now. Raises Conflict where a worker does it already."""
    with app.db.lock(LOCK):
        catcher = Catcher(app)
        try:
            while catcher.begin():
                await catcher.wait(LOOK_S)
        finally:
            await catcher.close()


async def _turn(app, stop: threading.Event) -> None:
    # Not for ever: a database that was restarted has forgotten the lock.
    until = time.monotonic() + TURN_S
    catcher = Catcher(app)
    try:
        while not stop.is_set() and (catcher.begin() or time.monotonic() < until):
            await catcher.wait(LOOK_S)
    finally:
        await catcher.close()


class Catcher:
    """Has so many things at once on their way, and nothing twice."""

    def __init__(self, app):
        self._db, self._fetch, self._render, self._config = app.db, app.fetch, app.render, app.config
        self._root = folder_of(app.config)
        self._child = AsyncChild(WORK, processes=1, memory_mb=512, nice=10, recycle_after=200)
        self._feeds: dict[int, asyncio.Task] = {}
        self._files: dict[int, asyncio.Task] = {}
        self._put_down(FOLDER, name_text(str(self._root)))
        if self._put_down(FACES, str(app.render.version)):
            last = 0
            # Some at a time, so that others can write in between.
            while last := self._write(episodes.redraw_some, self._render, last, REDRAWN_AT_ONCE):
                pass
        _sweep(self._root)

    def begin(self) -> bool:
        """Begin what there is to do, and tell whether anything is on its way."""
        self._tidy()
        with self._db.reading() as conn:
            feeds = podcasts.due(conn, FEEDS_AT_ONCE - len(self._feeds), list(self._feeds))
            files = episodes.wanted(conn, 2 * FILES_AT_ONCE, OF_ONE_AT_ONCE)
            for number in self._files.keys() - episodes.still_wanted(conn, list(self._files)):
                self._files[number].cancel()
        for due in feeds:
            self._start(self._feeds, due.id, self._refresh(due))
        for wanted in files:
            if wanted.id not in self._files and len(self._files) < FILES_AT_ONCE:
                self._start(self._files, wanted.id, self._download(wanted))
        return bool(self._feeds or self._files)

    async def wait(self, timeout_s: float) -> None:
        """Wait until something has ended. Raises Unavailable when the database is away."""
        running = [*self._feeds.values(), *self._files.values()]
        if not running:
            await asyncio.sleep(timeout_s)
            return
        await asyncio.wait(running, timeout=timeout_s, return_when=asyncio.FIRST_COMPLETED)
        for table, failed in ((self._feeds, self._feed_failed), (self._files, self._file_failed)):
            for number in [number for number, task in table.items() if task.done()]:
                task = table.pop(number)
                if not task.cancelled() and (error := task.exception()):
                    self._told(number, error, failed)

    async def close(self) -> None:
        """End what is on its way; the rows still say that it is to be done."""
        running = [*self._feeds.values(), *self._files.values()]
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        await self._child.close()

    def _start(self, table: dict[int, asyncio.Task], number: int, work: Coroutine) -> None:
        table[number] = asyncio.get_running_loop().create_task(work)

    def _told(self, number: int, error: BaseException, failed) -> None:
        if isinstance(error, Failure):
            failed(number, str(error))
        elif isinstance(error, OSError):
            full = error.errno in FULL
            failed(number, "There is no room left on the disk." if full else f"It cannot be kept: {error.strerror}.")
        elif isinstance(error, (ChildDied, ChildError)):
            failed(number, "What came could not be understood.")
        else:
            log.error("podcasts: something failed unexpectedly", exc_info=error)
            failed(number, "It failed unexpectedly; the log says how.")

    def _feed_failed(self, number: int, reason: str) -> None:
        log.info("podcast %d: %s", number, reason)
        self._write(podcasts.failed, number, reason, self._next_ms())

    def _file_failed(self, number: int, reason: str) -> None:
        log.warning("episode %d of a podcast: %s", number, reason)
        self._write(episodes.failed, number, reason, self._render)

    async def _refresh(self, due: Due) -> None:
        """Read one feed, and what it says of its picture."""
        answer = await self._fetch.get(due.url, limit_bytes=FEED_BYTES, timeout_s=FEED_S, headers=_conditions(due))
        said = None
        if answer.status != 304:
            _check(answer.status, answer.url)
            said = await self._parsed(answer)
            if answer.moved != due.url and not self._write(podcasts.moved, due, answer.moved):
                return
        added = self._write(
            podcasts.read, due, said, self._render, next_ms=self._next_ms(),
            etag=answer.headers.get("ETag", due.etag)[:500], modified=answer.headers.get("Last-Modified", "")[:100],
        )  # fmt: skip
        if added and self._config.podcast_download:
            self._write(episodes.want_newest, due.id, self._config.podcast_download, self._render)
        if said:
            folder = due.folder or self._write(podcasts.keep_in, due.id, safe_name(said["title"], "Podcast"))
            await self._picture(due, said["image_url"], folder)

    async def _parsed(self, answer: Answer) -> dict[str, Any]:
        said = answer.headers.get("Content-Type", "").lower().partition("charset=")[2]
        charset = said.partition(";")[0].strip(" \"'")
        with tempfile.NamedTemporaryFile(prefix="familiar-feed-") as file:
            file.write(answer.body)
            file.flush()
            asked = {"do": "feed", "path": file.name, "url": answer.url, "now_ms": now_ms(), "charset": charset}
            return await self._child.call(asked, PARSE_S)

    async def _picture(self, due: Due, url: str, folder: str) -> None:
        """Fetch a channel's picture, unless it is the one that is here; a podcast does without a bad one."""
        if not url or (url == due.image_url and due.image and (self._root / due.image).exists()):
            return
        with suppress(Failure):
            answer = await self._fetch.get(url, limit_bytes=PICTURE_BYTES, timeout_s=FEED_S)
            suffix = next((suffix for begin, suffix in PICTURES.items() if answer.body.startswith(begin)), "")
            if answer.status == 200 and suffix:
                path = f"{folder}/cover.{suffix}"
                (self._root / folder).mkdir(parents=True, exist_ok=True)
                write_whole(self._root / path, answer.body)
                self._write(podcasts.pictured, due.id, path)

    async def _download(self, wanted: Wanted) -> None:
        """Bring one file here, see that it is audio, and put it where it belongs."""
        folder = self._root / (wanted.folder or "Podcast")
        folder.mkdir(parents=True, exist_ok=True)
        part = folder / f".{wanted.id}.part.{wanted.suffix}"
        try:
            async with asyncio.timeout(EPISODE_S), self._fetch.open(wanted.url, timeout_s=SILENCE_S) as response:
                _check(response.status, response.url)
                await _pour(response, part, host_of(wanted.url))
            about = await self._child.call({"do": "sound", "path": str(part)}, PARSE_S)
            state = part.stat()
            place = _place(folder, wanted, about["suffix"])
            os.replace(part, place)
            sync_folder(folder)
        except TimeoutError:
            raise Unavailable(f"{host_of(wanted.url)} took more than {EPISODE_S / 3600:g} hours.") from None
        finally:
            part.unlink(missing_ok=True)
        about |= {"size_bytes": state.st_size, "mtime_ns": state.st_mtime_ns}
        if not self._write(episodes.came, wanted.id, f"{folder.name}/{place.name}", about, self._render):
            place.unlink(missing_ok=True)

    def _tidy(self) -> None:
        """Remove the files that people gave up."""
        with self._db.reading() as conn:
            if not episodes.any_given_up(conn) and not podcasts.any_left(conn):
                return
        for path in [*self._write(episodes.given_up, self._render), *self._write(podcasts.left)]:
            place = self._root / os_name(path)
            _remove(place)
            with suppress(OSError):
                place.parent.rmdir()

    def _next_ms(self) -> Millis:
        hours = self._config.podcast_hours
        return now_ms() + hours * 3_600_000 if hours else NEVER_MS

    def _put_down(self, name: str, value: str) -> bool:
        """Put down a fact of this installation, and tell whether it is news."""
        with self._db.reading() as conn:
            known = properties.get(conn, name)
        if known != value:
            self._write(properties.put, name, value)
        return known != value

    def _write(self, verb, *args, **more):
        with self._db.writing() as conn:
            return verb(conn, *args, **more)


def _sweep(root: Path) -> None:
    """Remove what is left of downloads whose worker was killed; who does this is the only one that downloads."""
    for part in root.glob("*/.*.part.*"):
        _remove(part)
        with suppress(OSError):
            part.parent.rmdir()


def _remove(place: Path) -> None:
    try:
        place.unlink(missing_ok=True)
    except OSError as error:
        log.warning("podcasts: %s stays, for it cannot be removed: %s", place, error.strerror)


def folder_of(config) -> Path:
    """Return where downloads are kept."""
    return Path(os.path.expanduser(config.podcast_folder)) if config.podcast_folder else config.data_path / "podcasts"


def _conditions(due: Due) -> dict[str, str]:
    """Return the headers that keep a feed from being sent again that did not change."""
    if due.fetched_ms is None:
        return {}
    known = {"If-None-Match": due.etag, "If-Modified-Since": due.modified}
    return {name: value for name, value in known.items() if value.isprintable() and value}


def _check(status: int, url: str) -> None:
    if status == 410:
        raise Unavailable(f"{host_of(url)} says that this is gone for good.")
    if status != 200:
        raise Unavailable(f"{host_of(url)} answered with status {status}.")


async def _pour(response: Response, path: Path, host: str) -> None:
    size, began = 0, time.monotonic()
    with open(path, "wb") as file:  # noqa: ASYNC230 -- nobody else waits for this loop
        async for data in response:
            size += len(data)
            if size > EPISODE_BYTES:
                raise Unavailable(f"The episode is larger than {EPISODE_BYTES >> 30} GB.")
            if (took_s := time.monotonic() - began) > SLOW_S and size < took_s * SLOW_BYTES_S:
                raise Unavailable(f"{host} sends the episode slower than one could listen to it.")
            file.write(data)
            disk = os.fstatvfs(file.fileno())
            if disk.f_bavail * disk.f_frsize < ROOM_BYTES:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        file.flush()
        os.fsync(file.fileno())


def _place(folder: Path, wanted: Wanted, suffix: str) -> Path:
    """Return a place that is free, named after what the episode is."""
    day = time.strftime("%Y-%m-%d", time.gmtime(wanted.published_ms / 1000))
    name = f"{day} {safe_name(wanted.title, 'Episode')}"
    place = folder / f"{name}.{suffix}"
    return folder / f"{name} ({wanted.id}).{suffix}" if place.exists() else place
