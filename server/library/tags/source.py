"""One open file, read by as few system calls as its format allows.

Small files are read whole at once; of others the first 16 KiB, and the last 66 KiB when somebody asks.
Nobody else in this package opens, seeks or reads: every read here is bounded by its caller's count.
"""

import errno
import os
import stat

import xxhash

from .reading import NotGiven, Picture, Reading, Unreadable

SMALL = 131072
HEAD = 16384
EDGE = 65536
TAIL = EDGE + 2048
PICTURES = 32
# Bytes of long texts that a file may have read; a tag of 256 MB of titles ends here.
TEXT_ROOM = 4 << 20
PICTURE_BYTES = 20 << 20
# What a second of music takes at least; digital silence in FLAC is next to nothing.
BITS_PER_SECOND, BITS_PER_SECOND_FLAC = 500, 20


class Source:
    """A regular file, open for reading; from `begin` on with its first and last bytes at hand."""

    __slots__ = ("_tail", "fd", "head", "kept", "pictures", "room", "size", "suffix", "wanted")

    def __init__(self, path: str | bytes, suffix: str, wanted: int = -1) -> None:
        self.suffix = suffix
        self.wanted = wanted
        self.head = self.kept = b""
        self.pictures: list[Picture] = []
        self._tail = b""
        self.room = TEXT_ROOM
        try:
            self.fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError as error:
            raise NotGiven(_why(error)) from None
        try:
            found = os.fstat(self.fd)
            if not stat.S_ISREG(found.st_mode):
                raise Unreadable("This is not a regular file.")
            self.size = size = found.st_size
            if not size:
                raise Unreadable("The file is empty.")
        except OSError as error:
            os.close(self.fd)
            raise NotGiven(_why(error)) from None
        except BaseException:
            os.close(self.fd)
            raise

    def order(self) -> None:
        """Have the system fetch what will be read, so that a slow disk works at several files at once."""
        try:
            os.posix_fadvise(self.fd, 0, SMALL, os.POSIX_FADV_WILLNEED)
            if self.size > SMALL:
                os.posix_fadvise(self.fd, self.size - TAIL, TAIL, os.POSIX_FADV_WILLNEED)
        except OSError:
            pass  # A file system that cannot do this is no worse for it.

    def begin(self) -> None:
        """Read the first bytes."""
        try:
            self.head = os.pread(self.fd, self.size if self.size <= SMALL else HEAD, 0)
        except OSError as error:
            raise NotGiven(_why(error)) from None

    def close(self) -> None:
        os.close(self.fd)

    def at(self, offset: int, count: int) -> bytes:
        """The bytes [offset, offset + count), fewer where the file ends."""
        end = offset + count
        if end <= len(self.head) or len(self.head) == self.size:
            return self.head[offset:end]
        start = self.size - len(self._tail)
        if offset >= start and self._tail:
            return self._tail[offset - start : end - start]
        try:
            return os.pread(self.fd, count, offset)
        except OSError as error:
            raise NotGiven(_why(error)) from None

    def tail(self) -> bytes:
        """The last 66 KiB of the file, or all of a small one."""
        if len(self.head) == self.size:
            return self.head
        if not self._tail:
            self._tail = self.at(self.size - TAIL, TAIL)
        return self._tail

    def add_picture(self, kind: int, mime: str, offset: int, length: int) -> None:
        """Note a picture that lies in the file as it is; one that reaches past the end is a lie and left out."""
        if length > 0 and mime != "-->" and offset + length <= self.size and len(self.pictures) < PICTURES:
            self.pictures.append(Picture(kind, mime, offset, length))

    def keep_picture(self, kind: int, mime: str, data: bytes) -> None:
        """Note a picture that had to be unwrapped, and hold its bytes if it is the one asked for."""
        if data and mime != "-->" and len(self.pictures) < PICTURES:
            if self.wanted == len(self.pictures):
                self.kept = data
            self.pictures.append(Picture(kind, mime, -1, len(data)))

    def note_picture(self, kind: int, mime: str, length: int) -> None:
        """Note a wrapped picture without having unwrapped it."""
        if length > 0 and mime != "-->" and len(self.pictures) < PICTURES:
            self.pictures.append(Picture(kind, mime, -1, length))

    def reading(
        self,
        tags: dict[str, list[str]],
        length_s: float,
        rate: int,
        channels: int,
        depth: int,
        codec: str,
        start: int,
        end: int,
        *,
        digest: str = "",
        bitrate_kbps: int = 0,
        reader: str = "own",
    ) -> Reading:
        """The record of this file, once its numbers have been checked against what it can hold."""
        payload = end - start
        if payload <= 0:
            raise Unreadable("The file holds no audio.")
        if not (0 < rate <= 50_000_000 and 0 < channels <= 255):
            raise Unreadable("The file claims an impossible sample rate or number of channels.")
        if length_s * (BITS_PER_SECOND if codec != "flac" else BITS_PER_SECOND_FLAC) > payload * 8:
            raise Unreadable(f"The file claims to last {int(length_s)} s, but holds only {payload} bytes of audio.")
        length_ms = round(length_s * 1000) or 1
        bitrate = bitrate_kbps or round(payload * 8 / length_ms) or 1
        return Reading(
            tags,
            length_ms,
            bitrate,
            rate,
            channels,
            depth,
            codec,
            self.suffix,
            self.pictures,
            digest or self.digest(start, end),
            reader,
        )

    def digest(self, start: int, end: int) -> str:
        """xxh3 of the first and last 64 KiB of the payload and of its length: the same after any retagging."""
        count = end - start
        if count <= 2 * EDGE:
            if end <= len(self.head):
                hasher = xxhash.xxh3_128(memoryview(self.head)[start:end])
            else:
                hasher = xxhash.xxh3_128(self.at(start, count))
        else:
            hasher = xxhash.xxh3_128(self.at(start, EDGE))
            hasher.update(self.at(end - EDGE, EDGE))
        hasher.update(count.to_bytes(8, "little"))
        return hasher.hexdigest()


def _why(error: OSError) -> str:
    if error.errno == errno.ENOENT:
        return "The file is gone."
    if error.errno in (errno.EACCES, errno.EPERM):
        return "The server may not read this file."
    return f"The file could not be read: {error.strerror}."
