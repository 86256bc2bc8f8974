"""Finished transcodes in a folder, bounded in bytes, and by the room that others need on its disk.

What is in here is complete: a file gets its name only when its encoder ended
well and its bytes are on disk. Names ending in ".part" belong to a running
encoder, and at start to one that a crash took along. One server owns a folder.
"""

import os
import time
from collections import OrderedDict
from pathlib import Path

from server.kernel.errors import Unavailable
from server.kernel.files import crowded

_PART = ".part"


class Cache:
    """The finished files, the one that was heard longest ago first. Evicting a file that is being sent is safe."""

    def __init__(self, folder: Path, max_bytes: int):
        self.folder, self.max_bytes, self.bytes = folder, max_bytes, 0
        self._sizes: OrderedDict[str, int] = OrderedDict()
        self._parts = 0

    def open(self) -> None:
        """Make the folder, sweep what a crash left and learn what is there."""
        self.folder.mkdir(parents=True, exist_ok=True)
        heard = []
        with os.scandir(self.folder) as entries:
            for entry in entries:
                if not entry.is_file(follow_symlinks=False):
                    continue
                if entry.name.endswith(_PART):
                    os.unlink(entry)
                    continue
                state = entry.stat(follow_symlinks=False)
                heard.append((state.st_atime_ns, entry.name, state.st_size))
        for _, name, size in sorted(heard):
            self._note(name, size)
        self._make_room(0)

    def find(self, name: str) -> Path | None:
        """Return a finished file and note that it was heard."""
        if name not in self._sizes:
            return None
        path = self.folder / name
        try:
            # The date of change stays: it is part of what Range and If-Range rely on.
            os.utime(path, ns=(time.time_ns(), path.stat().st_mtime_ns))
        except OSError:
            self._forget(name)
            return None
        self._sizes.move_to_end(name)
        return path

    def part(self, name: str) -> Path:
        """Return where an encoder may write what is to get this name."""
        self._parts += 1
        self._make_room(0)
        return self.folder / f"{name}.{os.getpid()}-{self._parts}{_PART}"

    def keep(self, part: Path, name: str) -> Path | None:
        """Give a finished file its name, at the cost of older ones; None, and the file is gone, where it is too big."""
        size = part.stat().st_size
        if size > self.max_bytes:
            part.unlink()
            return None
        self._forget(name)
        self._make_room(size)
        part.replace(self.folder / name)
        self._note(name, size)
        return self.folder / name

    def _note(self, name: str, size: int) -> None:
        self._sizes[name] = size
        self.bytes += size

    def _forget(self, name: str) -> None:
        self.bytes -= self._sizes.pop(name, 0)

    def _make_room(self, size: int) -> None:
        while self._sizes and (self.bytes + size > self.max_bytes or crowded(self.folder)):
            name, old = self._sizes.popitem(last=False)
            self.bytes -= old
            (self.folder / name).unlink(missing_ok=True)


def create(part: Path) -> int:
    """Create a file for an encoder and return its handle; it can only be appended to, so ffmpeg takes it for a pipe."""
    try:
        # Who wants room deletes the whole folder, also while the server runs.
        part.parent.mkdir(parents=True, exist_ok=True)
        return os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise Unavailable(f"The converted track cannot be written: {os.strerror(error.errno)}.", 30) from None


def sync(path: Path) -> None:
    """Return when a file's bytes are on disk."""
    handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fdatasync(handle)
    finally:
        os.close(handle)
