"""A zip of whole files, made while it is sent: stored, not packed, and its length is known before its first byte.

The kernel moves the files' bytes here too. Each file is read once before, for its checksum, which the format wants in
front of the content; a descriptor behind it would spare that, but half of the programs that unpack as they read
cannot cope with one. The rule a newcomer would break: below 4 GiB and 65,535 files the old format holds everything,
and it is the one that every program reads, so what is larger is refused.
"""

import asyncio
import os
import struct
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import NamedTuple

from aiohttp import web
from isal import isal_zlib

from server.kernel.errors import Failure, Invalid
from server.stream import send

BYTES_MAX, MEMBERS_MAX = (1 << 32) - 1, (1 << 16) - 1
NAME_BYTES = 200
"""A number, a suffix and what other programs add have room beside it: most disks take 255."""
SILENCE_S, SLOWEST_BYTES_S = 60.0, 20_000
"""Who saves slower than that, for a whole file, is gone: nobody listens to a zip."""
_LOCAL, _CENTRAL, _END = struct.Struct("<4s5H3I2H"), struct.Struct("<4s6H3I5H2I"), struct.Struct("<4s4H2IH")
_VERSION, _UTF8, _STORED = 20, 0x0800, 0
_UNIX = 3 << 8
_MODE = 0o100644 << 16
_PIECE_BYTES = 1 << 20


class Member(NamedTuple):
    name: str
    path: str
    size: int
    mtime_s: int


class Entry(NamedTuple):
    """A member that has been sent."""

    name: bytes
    dated: tuple[int, int]
    checksum: int
    size: int
    offset: int


def members(files: Iterable[tuple[str, str]]) -> list[Member]:
    """Return what (name, path) pairs are on disk now; files that are gone are left out. Raises Invalid for too much."""
    found = []
    for name, path in files:
        try:
            state = os.stat(path)
        except (OSError, ValueError):
            continue
        found.append(Member(name, path, state.st_size, int(state.st_mtime)))
    if len(found) > MEMBERS_MAX or length(found) > BYTES_MAX:
        raise Invalid("This is more than fits into one zip file, 4 GB. Take the songs one by one.")
    return found


def length(found: Sequence[Member]) -> int:
    """Return how many bytes the whole zip has."""
    return sum(m.size + 2 * len(m.name.encode()) + _LOCAL.size + _CENTRAL.size for m in found) + _END.size


async def answer(request: web.Request, found: Sequence[Member], name: str,
                 still: Callable[[], Awaitable[bool]]) -> web.StreamResponse:
    """Answer a request with a zip of these files, for as long as that is `still` allowed.

    A file that has changed meanwhile breaks the connection, and so does who hardly takes anything.
    """
    head = {
        "Content-Type": "application/zip",
        "Content-Disposition": send.attachment(name),
        "Accept-Ranges": "none",
        "Cache-Control": "private, no-store",
        "X-Content-Type-Options": "nosniff",
    }
    if request.method == "HEAD":
        return web.Response(headers=head | {"Content-Length": str(length(found))})
    response = web.StreamResponse(headers=head)
    response.content_length = length(found)
    if not await send.start(request, response):
        return response
    entries: list[Entry] = []
    offset = 0
    try:
        for member in found:
            async with asyncio.timeout(SILENCE_S + member.size / SLOWEST_BYTES_S):
                entry = await _member(request, response, member, offset) if await still() else None
            if entry is None:
                send.break_off(request)
                return response
            entries.append(entry)
            offset += _LOCAL.size + len(entry.name) + entry.size
        await response.write(directory(entries, offset))
    except TimeoutError:
        send.break_off(request)
    except ConnectionError:
        pass
    return response


async def _member(
    request: web.Request, response: web.StreamResponse, member: Member, offset: int
) -> Entry | None:
    """Send one file with its head; None when that could not be done."""
    if request.transport is None or request.transport.is_closing():
        return None
    try:
        file = send.open_regular(member.path)
    except Failure:
        return None
    with file:
        if os.fstat(file.fileno()).st_size != member.size:
            return None
        checksum = await asyncio.to_thread(_checksum, file.fileno())
        entry = Entry(member.name.encode(), _dated(member.mtime_s), checksum, member.size, offset)
        await response.write(heading(entry))
        return entry if not member.size or await send.pour(request, file, 0, member.size) else None


def _checksum(handle: int) -> int:
    checksum = at = 0
    while piece := os.pread(handle, _PIECE_BYTES, at):
        checksum = isal_zlib.crc32(piece, checksum)
        at += len(piece)
    return checksum


def heading(entry: Entry) -> bytes:
    """Return what stands before a file's content."""
    return _LOCAL.pack(
        b"PK\3\4", _VERSION, _UTF8, _STORED, *entry.dated, entry.checksum, entry.size, entry.size, len(entry.name), 0
    ) + entry.name


def directory(entries: list[Entry], offset: int) -> bytes:
    """Return what stands at the end of a zip, `offset` bytes from its begin."""
    body = b"".join(
        _CENTRAL.pack(
            b"PK\1\2", _UNIX | _VERSION, _VERSION, _UTF8, _STORED, *entry.dated, entry.checksum, entry.size, entry.size,
            len(entry.name), 0, 0, 0, 0, _MODE, entry.offset,
        ) + entry.name
        for entry in entries
    )  # fmt: skip
    return body + _END.pack(b"PK\5\6", 0, 0, len(entries), len(entries), len(body), offset, 0)


def _dated(mtime_s: int) -> tuple[int, int]:
    """Return time and date as MS-DOS wrote them, which began in 1980 and ends in 2107."""
    at = time.gmtime(max(mtime_s, 0))
    year = min(max(at.tm_year, 1980), 2107) - 1980
    return at.tm_hour << 11 | at.tm_min << 5 | at.tm_sec // 2, year << 9 | at.tm_mon << 5 | at.tm_mday


def clean(name: str) -> str:
    """Return a text as a file name that every system takes, and that leads nowhere else."""
    text = "".join("_" if sign in '/\\:*?"<>|' or not sign.isprintable() else sign for sign in name)
    return text.strip(" .").encode(errors="replace")[:NAME_BYTES].decode(errors="ignore").strip(" .") or "_"
