"""Files: names that databases can keep, joins that stay inside, writes that are whole, caches with a bound.

A file name is bytes; the system gives those that are no UTF-8 as lone
surrogates, which every database and every JSON writer refuses. So a path is kept
as *path text*: the rule a newcomer would break is to hand path text to `open`
without `os_name`, or a name from the disk to the database without `name_text`.
"""

import os
import re
import secrets
import stat
import threading
import time
import unicodedata
from collections import OrderedDict
from contextlib import contextmanager, suppress
from pathlib import Path

from server.kernel.errors import Invalid, NotFound

ESCAPES = re.compile("[\uf780-\uf7ff]+")
TO_ESCAPE = re.compile("[\udc80-\udcff\uf780-\uf7ff]")
CONTROLS = re.compile(r"[\x00-\x1f\x7f]")
NOT_EVERYWHERE = re.compile(r'[/\\:*?"<>|]')
NAME_BYTES = 150
"""Of 255, so that there is room for a date, a number and a suffix."""
SHIFT = 0xF700
"""A byte that is no UTF-8 stands in path text as U+F700 + byte: U+F780 to U+F7FF, of the private use area."""

KEY = re.compile(r"[0-9a-z][0-9a-z._-]{1,120}")
BLOCK_BYTES = 4096
STALE_S = 3600
ROOM_BYTES = 100 << 20
"""So much of a disk is left to others: a transcode or cover is made again, a star is not."""
TOUCH_S = 24 * 3600


def name_text(name: str) -> str:
    """Return a name or path as the disk gave it in a form that is valid text, one to one."""
    if name.isascii() or not TO_ESCAPE.search(name):
        return name
    return TO_ESCAPE.sub(_escape, name)


def os_name(text: str) -> str:
    """Return the name on disk that `name_text` made this text from."""
    if text.isascii() or not ESCAPES.search(text):
        return text
    raw = ESCAPES.sub(lambda found: "".join(chr(ord(char) - SHIFT + 0xDC00) for char in found[0]), text)
    return os.fsdecode(raw.encode("utf-8", "surrogateescape"))


def path_text(*parts: str) -> str:
    """Return names and paths as one path text; empty ones, as that of a music folder's own folder, are left out."""
    return "/".join([part for part in parts if part])


def display(text: str) -> str:
    """Return path text for people: old Western names readable again, control characters visible as such."""
    if text.isprintable():
        # Neither controls nor private signs, which are not printable either.
        return text
    return CONTROLS.sub("\N{REPLACEMENT CHARACTER}", ESCAPES.sub(_readable, text))


def safe_name(said: str, otherwise: str) -> str:
    """Return a name for a file or folder of ours that any disk can keep, as near as can be to what a stranger said."""
    plain = TO_ESCAPE.sub("_", CONTROLS.sub(" ", unicodedata.normalize("NFC", said)))
    kept = " ".join(NOT_EVERYWHERE.sub("_", plain).split()).lstrip(".-_ ")
    short = kept.encode()[:NAME_BYTES].decode(errors="ignore").rstrip(". ")
    return short or otherwise


def join(root: str, text: str) -> str:
    """Return the path on disk of `text`, path text relative to `root` that was found by walking it.

    Links that the owner of a folder put there are followed, wherever they lead; `..` is not, and raises NotFound.
    """
    if "\0" in text or text.startswith("/") or ".." in text.split("/"):
        raise NotFound("There is no such file.")
    return os.path.join(os_name(root), os_name(text))


def safe_join(root: str, text: str) -> str:
    """Return the real path of `text`, a stranger's path text relative to `root`; NotFound when it leads out of it."""
    if "\0" in text or text.startswith("/"):
        raise NotFound("There is no such file.")
    real_root = os.path.realpath(os_name(root))
    real = os.path.realpath(os.path.join(real_root, os_name(text)))
    if real != real_root and not real.startswith(real_root.rstrip("/") + "/"):
        raise NotFound("There is no such file.")
    return real


def read_regular(path: str, max_bytes: int) -> bytes:
    """Return the content of a regular file; a pipe or a device is never waited for.

    Raises NotFound when there is no such file and Invalid when it is larger than `max_bytes`.
    """
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise NotFound(f"The file cannot be opened: {error.strerror}.") from error
    if not stat.S_ISREG(os.fstat(fd).st_mode):
        os.close(fd)
        raise NotFound("There is no such file.")
    with open(fd, "rb") as file:
        data = file.read(max_bytes + 1)
    if len(data) > max_bytes:
        raise Invalid(f"The file is larger than {max_bytes >> 20} MB.")
    return data


def write_whole(path: str | Path, data: bytes, mode: int = 0o600) -> None:
    """Write a file so that it is there completely or not at all, even after a power cut."""
    path = Path(path)
    temporary = path.with_name(f".{secrets.token_hex(8)}.part")
    try:
        _write_synced(temporary, data, mode)
        os.replace(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def sync_folder(path: str | Path) -> None:
    """Put the names in a folder on disk: without this a power cut can undo a rename."""
    fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def crowded(folder: str | Path) -> bool:
    """Tell whether a disk has so little room left that what can be made again has to leave it to the database."""
    try:
        disk = os.statvfs(folder)
    except FileNotFoundError:
        return False  # and what is not there takes none
    return disk.f_bavail * disk.f_frsize < ROOM_BYTES


def private_file(path: str | Path) -> None:
    """Make an empty file that is only for whom the folder around it belongs to, also where root makes it for them.

    Raises FileExistsError where there is one.
    """
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    give_to_owner(path)


def private_folder(path: str | Path) -> None:
    """Make a folder of that kind, where there is none."""
    with suppress(FileExistsError):
        Path(path).mkdir(mode=0o700, parents=True)
        give_to_owner(path)


def give_to_owner(path: str | Path) -> None:
    """Give what root has made to whom the folder around it belongs: a server that is not root has to use it."""
    if os.geteuid() == 0:
        about = os.stat(Path(path).absolute().parent)
        # Some network disks let nobody give anything away, and tell everybody that it is theirs.
        with suppress(PermissionError):
            os.chown(path, about.st_uid, about.st_gid)


class CacheFolder:
    """A folder of files that may be lost, under `max_bytes`: the least recently used go first.

    `get` may run on the event loop; `put` and `adopt` write and may list the folder, so they run in a thread.
    Keys are file names: lower-case letters, digits, dot, dash.
    """

    def __init__(self, path: str | Path, max_bytes: int):
        self.path, self.max_bytes = Path(path), max_bytes
        self._temporary = self.path / "tmp"
        self._kept: OrderedDict[str, int] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()
        self._listing = threading.Lock()
        self._listed = False

    @property
    def bytes(self) -> int:
        """Room taken on disk, as far as it is known yet."""
        return self._bytes

    def place(self, key: str) -> Path:
        """Return where the file of a key is or would be."""
        if not KEY.fullmatch(key):
            raise Invalid("A cache key has lower-case letters, digits, dots and dashes only.")
        return self.path / key[:2] / key

    def get(self, key: str) -> Path | None:
        """Return the path of a kept file, or None. The file may go at any time: open it and see."""
        place = self.place(key)
        try:
            found = place.stat()
        except OSError:
            self._forget(key)
            return None
        if time.time() - found.st_mtime > TOUCH_S:
            # The order of use outlives a restart, to the day.
            with suppress(OSError):
                os.utime(place)
        self._remember(key, found.st_size)
        return place

    def put(self, key: str, data: bytes) -> Path:
        """Keep these bytes under a key and return where; make room by dropping what was not used for longest."""
        with self.temporary() as temporary:
            _write_synced(temporary, data, 0o600)
            return self.adopt(key, temporary)

    @contextmanager
    def temporary(self):
        """Give the path of a file still to be written, for `adopt`; what is not adopted is removed."""
        self._temporary.mkdir(parents=True, exist_ok=True)
        self._list()
        self._make_room()
        path = self._temporary / secrets.token_hex(8)
        try:
            yield path
        finally:
            path.unlink(missing_ok=True)

    def adopt(self, key: str, temporary: Path) -> Path:
        """Move a finished file from `temporary` in under a key and return where it is now."""
        self._list()
        place = self.place(key)
        place.parent.mkdir(parents=True, exist_ok=True)
        size = temporary.stat().st_size
        os.replace(temporary, place)
        self._remember(key, size)
        self._make_room()
        return place

    def drop(self, key: str) -> None:
        """Remove a file, if it is there."""
        self.place(key).unlink(missing_ok=True)
        self._forget(key)

    def _remember(self, key: str, size: int) -> None:
        size = -(-size // BLOCK_BYTES) * BLOCK_BYTES
        with self._lock:
            self._bytes += size - self._kept.pop(key, 0)
            self._kept[key] = size

    def _forget(self, key: str) -> None:
        with self._lock:
            self._bytes -= self._kept.pop(key, 0)

    def _make_room(self) -> None:
        """Drop files until a tenth is free, so that not every new file has to; on a crowded disk the older half."""
        full = self._bytes > self.max_bytes
        if not full and not crowded(self.path):
            return
        with self._lock:
            going, half = [], len(self._kept) // 2
            while self._kept and (self._bytes > self.max_bytes * 0.9 if full else len(going) < half):
                key, size = self._kept.popitem(last=False)
                self._bytes -= size
                going.append(key)
        for key in going:
            self.place(key).unlink(missing_ok=True)

    def _list(self) -> None:
        """Learn once what earlier runs left, oldest first, and sweep what they did not finish."""
        with self._listing:
            if self._listed:
                return
            found = sorted(self._files(), reverse=True)
            with self._lock:
                for _used, key, size in found:
                    if key not in self._kept:
                        self._kept[key] = -(-size // BLOCK_BYTES) * BLOCK_BYTES
                        self._kept.move_to_end(key, last=False)
                        self._bytes += self._kept[key]
            self._listed = True

    def _files(self):
        before = time.time() - STALE_S
        for folder in os.scandir(self.path):
            if not folder.is_dir(follow_symlinks=False):
                continue
            for entry in os.scandir(folder):
                with suppress(FileNotFoundError):
                    known = entry.stat(follow_symlinks=False)
                    if folder.name != "tmp":
                        yield known.st_mtime, entry.name, known.st_size
                    elif known.st_mtime < before:
                        # Younger ones may be another process's work in progress.
                        os.unlink(entry)


def _write_synced(path: Path, data: bytes, mode: int) -> None:
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _escape(found: re.Match) -> str:
    char = found[0]
    if char >= "\uf780":
        # The name holds one of our escapes itself: its own bytes are escaped instead.
        return "".join(chr(SHIFT + byte) for byte in char.encode())
    return chr(ord(char) - 0xDC00 + SHIFT)


def _readable(found: re.Match) -> str:
    raw = bytes(ord(char) - SHIFT for char in found[0])
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("cp1252", "replace")
