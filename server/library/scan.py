"""Scanning: making the database say what the disks say.

Walk, compare signatures, read what is new in a child process, write in batches.
The promise: absence deletes nothing. A music folder that cannot be reached or is
suddenly empty makes its library offline; a scan that fails half-way has marked
nothing as missing.
"""

import gc
import os
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict

from server.kernel import clock
from server.kernel.db import Connection, Database
from server.kernel.errors import Conflict
from server.kernel.files import os_name, path_text
from server.kernel.ids import Ids
from server.kernel.run import Child, ChildDied
from server.library import albums, bad_files, folders, libraries, tracks
from server.library.batch import Bad, Batch, Found, Tally
from server.library.collect import Collector
from server.library.compare import Known, Task, compare
from server.library.facts import Renderer
from server.library.folders import Folder
from server.library.identify import Identifier
from server.library.images import choose, portrait
from server.library.libraries import Library
from server.library.sung import Said
from server.library.tags import SUFFIXES
from server.library.walk import Sight, walk

LOCK = "scan"
READ_AT_ONCE = 80
"""Files per call of the parser child."""
IN_FLIGHT = 3
BATCH = 1200
"""Files per transaction: about 0.2 s of writing, for which other writers wait at most."""
PUBLISH_MS = 4000
PUBLISH_SHARE = 20
"""Showing what is new counts artists again, so it happens seldom enough to take a twentieth of the time."""
TELL_MS = 500
CALL_S, FILE_S = 60, 15


class Cancelled(Exception):
    """Somebody asked for the scan to end. What was written stays, nothing was marked as missing."""


class Unreachable(Exception):
    """The music folder went away; the text says how."""


class Scanner:
    """One scan of some libraries. Use `scan`."""

    def __init__(self, db: Database, ids: Ids, render: Renderer, report: Callable[[dict], bool], full: bool):
        self.db, self.ids, self.render, self.report, self.full = db, ids, render, report, full
        self.identifier = Identifier()
        self.parser = Child("server.library.sung.child:read_many", memory_mb=512, nice=10)
        self.publish_at = clock.now_ms() + PUBLISH_MS
        self.reported = 0
        self.collector: Collector

    def run(self, wanted: list[int] | None, starts: dict[int, list[str]] | None) -> Tally:
        """Scan the wanted libraries (None: all), or only the folders `starts` names in each."""
        with self.db.reading() as conn:
            everything = libraries.everything(conn)
        checked = [self._check(library) for library in everything]
        with self.db.writing() as conn:
            self.collector = Collector(conn, self.render, self.ids, checked)
            (tracks.without_hash_index if self.collector.first else tracks.with_hash_index)(conn)
        try:
            for library in checked:
                if library.online and (wanted is None or library.id in wanted):
                    self._library(library, (starts or {}).get(library.id))
            self._publish()
            self._redraw()
        finally:
            self.parser.close()
            if self.collector.first:
                with self.db.writing() as conn:
                    tracks.with_hash_index(conn)
        return self.collector.tally

    def _check(self, library: Library) -> Library:
        """Look whether a library can be reached, and note it."""
        reason = self._why_offline(library)
        with self.db.writing() as conn:
            libraries.set_online(conn, library.id, reason)
        return library._replace(online=not reason, reason=reason)

    def _why_offline(self, library: Library) -> str:
        try:
            with os.scandir(os_name(library.path)) as entries:
                if any(True for _ in entries):
                    return ""
        except OSError as error:
            return f"The folder cannot be read: {error.strerror}."
        with self.db.reading() as conn:
            known = tracks.any_in(conn, library.id)
        return "The folder is empty, though music was found there before." if known else ""

    def _library(self, library: Library, starts: list[str] | None) -> None:
        with self.db.reading() as conn:
            self.known = folders.signatures(conn, library.id)
            self.bad = bad_files.known(conn, library.id)
            self.next_folder = folders.last_id(conn) + 1
        self.seen: set[str] = set()
        self.blind: list[str] = []
        """Folders that could not be read: what is known below them stays."""
        self.lost: list[int] = []
        """Tracks that are marked as missing at the end: until then they may be found in another place."""
        self.losing: set[int] = set()
        """Their folders."""
        self.held: list[tuple[Folder, str]] = []
        """Folders that lost something: their signatures wait until that is marked, or a scan that ends before the end
        would leave folders that no later one looks into."""
        self.batch = Batch(library)
        tops = sorted({self._anchored(start) for start in starts or [""]})
        try:
            for top in tops:
                self._read_all(library, top)
            self._still_there(library)
            self._lose(library, tops)
        except (Unreachable, FileNotFoundError, NotADirectoryError, PermissionError) as error:
            # The answers still on their way belong to this library: the next one must not get them.
            self.parser.close()
            self._write()
            above = sorted({top.rpartition("/")[0] for top in tops if top})
            if isinstance(error, Unreachable) or not above:
                return self._offline(library, error)
            # A folder that was to be looked at is gone: look at what held it.
            return self._library(library, None if "" in above else above)
        if "" in tops:
            with self.db.writing() as conn:
                libraries.scanned(conn, library.id)
        return None

    def _anchored(self, start: str) -> str:
        """Return the nearest folder above whose own place is known, so that none hangs in the air."""
        above = start.rpartition("/")[0]
        known = self.known.get(above)
        return start if not start or (known and not known[2]) else self._anchored(above)

    def _offline(self, library: Library, error: Exception) -> None:
        reason = f"The folder went away during a scan: {error}"
        self.collector.libraries[library.id] = library._replace(online=False, reason=reason)
        with self.db.writing() as conn:
            libraries.set_online(conn, library.id, reason)

    def _read_all(self, library: Library, start: str) -> None:
        flying: deque[Task] = deque()
        for task in self._tasks(library, start):
            root = library.path
            if task.work:
                self.parser.send([(f"{root}/{f.path}/{name}" if f.path else f"{root}/{name}", beside.names)
                                  for f, name, *_, beside in task.work])
            flying.append(task)
            while flying and (len(flying) > IN_FLIGHT or not flying[0].work):
                self._land(library, flying.popleft())
        while flying:
            self._land(library, flying.popleft())
        self._write()

    def _tasks(self, library: Library, start: str) -> Iterator[Task]:
        """Yield what has to be read, in portions of about `READ_AT_ONCE` files."""
        pending: list[tuple[Folder, Sight]] = []
        for sight in walk(os_name(library.path), frozenset(SUFFIXES), os_name(start)):
            self.seen.add(sight.path)
            self.collector.tally.seen += len(sight.audio)
            self._tell("walk")
            if sight.unreadable:
                self._blind(library, sight)
                continue
            was = self.known.get(sight.path)
            if was and was[1] == sight.signature and not was[2] and not self.full:
                continue
            folder = self._folder(library, sight)
            if folder.portrait:
                self.collector.gallery.note_portrait(folder)
            pending.append((folder, sight))
            if sum(len(s.audio) for _, s in pending) >= READ_AT_ONCE or len(pending) >= 200:
                yield from self._compare(pending)
                pending = []
        yield from self._compare(pending)

    def _blind(self, library: Library, sight: Sight) -> None:
        """Note a folder that cannot be read; one that went in this moment was simply not seen."""
        if sight.path == "":
            raise Unreachable(sight.unreadable)
        self._still_there(library)
        if not os.path.lexists(os_name(f"{library.path}/{sight.path}")):
            self.seen.discard(sight.path)
            return
        self.blind.append(sight.path)
        with self.db.writing() as conn:
            bad_files.note(conn, library.id, [(sight.path, 0, 0, f"The folder cannot be read: {sight.unreadable}.")])

    def _folder(self, library: Library, sight: Sight) -> Folder:
        known = self.known.get(sight.path)
        parent, _, name = sight.path.rpartition("/")
        if known:
            number = known[0]
        else:
            number, self.next_folder = self.next_folder, self.next_folder + 1
            self.known[sight.path] = (number, "", False)
        parent_id = self.known[parent][0] if sight.path and parent in self.known else None
        return Folder(
            number, library.id, parent_id, sight.path, name or library.name, choose(sight.images),
            portrait(sight.images),
        )  # fmt: skip

    def _compare(self, pending: list[tuple[Folder, Sight]]) -> Iterator[Task]:
        """Yield what has to be done in some folders."""
        rows: dict[int, dict[str, tuple]] = {folder.id: {} for folder, _ in pending}
        before: dict[int, Folder] = {}
        if pending and not self.collector.first:
            with self.db.reading() as conn:
                before = folders.by_ids(conn, list(rows))
                for row in tracks.in_folders(conn, list(rows)):
                    rows[row[1]][row[2]] = row
        yield from compare(pending, Known(rows, before, self.bad), self.full, READ_AT_ONCE)

    def _land(self, library: Library, task: Task) -> None:
        """Take what the parser says of a task into the batch, and write the batch when it is full."""
        readings = self._receive(library, task) if task.work else []
        if passing := any(type(reading) is dict and "passing" in reading for reading in readings):
            self._still_there(library)
        self.collector.tally.read += len(readings)
        for (folder, name, mtime, size, old, beside), reading in zip(task.work, readings, strict=True):
            if type(reading) is not dict:
                # At once, and not with the batch: what was just unpacked is still at hand, and tags take memory.
                identity = self.identifier.identify(reading.pop(), folder.path, name)
                self.batch.found.append(Found(folder, name, mtime, size, old, Said(*reading), identity, beside.mark))
            elif "passing" in reading:
                self._not_given(library, Bad(folder, name, 0, 0, old, reading["error"]))
            else:
                self.batch.bad.append(Bad(folder, name, mtime, size, old, reading["error"]))
                if old is not None:
                    self._note_lost(old, folder.id)
        for number, folder_id in task.lost:
            self._note_lost(number, folder_id)
        self._sign(task.folders, passing)
        self.batch.recovered += task.recovered
        self.batch.restyled += task.restyled
        self._tell("read")
        if len(self.batch) >= BATCH:
            self._write()

    def _not_given(self, library: Library, bad: Bad) -> None:
        """Take in a file that the disk did not give: gone since it was seen, or there and to be tried again."""
        if os.path.lexists(os_name(path_text(library.path, bad.folder.path, bad.name))):
            self.batch.bad.append(bad)
        elif bad.old_id is not None:
            self._note_lost(bad.old_id, bad.folder.id)

    def _note_lost(self, number: int, folder_id: int) -> None:
        self.lost.append(number)
        self.losing.add(folder_id)

    def _sign(self, signed: list[tuple[Folder, str]], passing: bool) -> None:
        """Take folders into the batch: one without its signature is looked at again by the next scan."""
        for folder, signature in signed:
            if signature and folder.id in self.losing and not passing:
                self.held.append((folder, signature))
            self.batch.folders.append((folder, "" if passing or folder.id in self.losing else signature))

    def _receive(self, library: Library, task: Task) -> list[list | dict]:
        """Return one reading per file; a file that kills the parser is found by trying each alone."""
        try:
            return self.parser.receive(CALL_S)
        except ChildDied:
            readings = []
            alone = Child("server.library.sung.child:read_many", memory_mb=512, nice=10)
            try:
                for folder, name, *_, beside in task.work:
                    path = path_text(library.path, folder.path, name)
                    try:
                        readings += alone.call([(path, beside.names)], FILE_S)
                    except ChildDied as death:
                        readings.append({"error": f"Reading this file failed: the reader {death.reason}."})
            finally:
                alone.close()
            return readings

    def _write(self) -> None:
        if not len(self.batch) and not self.batch.folders:
            return
        due = clock.now_ms() >= self.publish_at
        with self.db.writing() as conn:
            self.collector.write(conn, self.batch)
            if due:
                self._show(conn)
        self.batch = Batch(self.batch.library)

    def _show(self, conn: Connection) -> None:
        began = clock.now_ms()
        self.collector.publish(conn)
        now = clock.now_ms()
        self.publish_at = now + max(PUBLISH_MS, (now - began) * PUBLISH_SHARE)

    def _publish(self) -> None:
        """Show the last changes; a scan that changed nothing moves no version, so that caches stay warm."""
        tally = self.collector.tally
        if tally.added or tally.changed or tally.moved or tally.missing or tally.recovered or self.collector.touched:
            with self.db.writing() as conn:
                self._show(conn)

    def _still_there(self, library: Library) -> None:
        """Absence counts only when the music folder itself is still there and not empty."""
        if reason := self._why_offline(library):
            raise Unreachable(reason)

    def _lose(self, library: Library, starts: list[str]) -> None:
        """Mark as missing what was known and not seen, in batches like any other change."""
        gone = [
            (path, number) for path, (number, _, missing) in self.known.items()
            if not missing and path not in self.seen and self._below(path, starts) and not self._below(path, self.blind)
        ]  # fmt: skip
        numbers = [number for _, number in gone]
        with self.db.reading() as conn:
            lost = self.lost + [row[0] for row in tracks.in_folders(conn, numbers) if row[6] is None]
            self._forget_bad(conn, library, starts)
        lost = [number for number in lost if number not in self.collector.moved]
        for start in range(0, len(lost), BATCH):
            self.batch.lost = lost[start : start + BATCH]
            self._write()
        self.batch.folders = self.held
        self._write()
        if numbers:
            with self.db.writing() as conn:
                self.collector.lose_folders(conn, numbers)

    def _forget_bad(self, conn, library: Library, starts: list[str]) -> None:
        """Drop bad files that are no longer there."""
        gone = [path for path in self.bad if self._below(path, starts) and not self._below(path, self.blind)
                and not os.path.lexists(os_name(f"{library.path}/{path}"))]  # fmt: skip
        readable = [path for path in self.bad if path in self.seen and path not in self.blind]
        if gone or readable:
            with self.db.writing() as writing:
                bad_files.forget(writing, library.id, gone + readable)

    @staticmethod
    def _below(path: str, tops: list[str]) -> bool:
        return any(not top or path == top or path.startswith(f"{top}/") for top in tops)

    def _tell(self, phase: str) -> None:
        """Report at most twice a second, and end the scan when the answer is that nobody wants it."""
        now = clock.now_ms()
        if now - self.reported < TELL_MS:
            return
        self.reported = now
        if not self.report({"phase": phase, **asdict(self.collector.tally)}):
            self._write()
            self._publish()
            raise Cancelled

    def _redraw(self) -> None:
        """Draw anew the faces that an older version of the program drew."""
        with self.db.reading() as conn:
            stale = albums.stale(conn, self.render.version)
        for start in range(0, len(stale), 100):
            with self.db.writing() as conn:
                self.collector.redraw(conn, stale[start : start + 100])
            self._tell("draw")
        if stale:
            with self.db.writing() as conn:
                self.collector.publish(conn)


def scan(db: Database, ids: Ids, render: Renderer, report: Callable[[dict], bool] = lambda progress: True, *,
         full: bool = False, wanted: list[int] | None = None, starts: dict[int, list[str]] | None = None) -> Tally:
    """Scan music folders and return what was found.

    `report` gets the progress twice a second and returns whether to go on. `full`
    reads every file again. `wanted` are ids of libraries, `starts` folders in them.
    Raises Conflict when another scan runs, in whatever process.
    """
    try:
        with db.lock(LOCK), _no_collector():
            return Scanner(db, ids, render, report, full).run(wanted, starts)
    except Cancelled:
        raise Conflict("The scan was cancelled; what it had found is kept.") from None


@contextmanager
def _no_collector() -> Iterator[None]:
    """Keep the collector of cycles from looking through millions of rows again and again: 12 % of a first scan."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
