"""Files on their way to a listener.

The kernel moves the bytes: a file's content passes through Python only when it
is small enough for one write. Never add a read-and-write loop here: measured at
5,000 listeners it costs twelve times the CPU and forty times the memory.
Whatever can be refused is refused before the headers; after them the only way
to say "this went wrong" is to break the connection.
"""

import asyncio
import io
import os
import socket
import stat
import struct
from collections.abc import Mapping
from time import monotonic
from urllib.parse import quote

from aiohttp import web

from server.kernel.errors import NotFound, Unavailable
from server.stream import ranges

SMALL_BYTES = 64 * 1024
"""Up to here a body is read at once and leaves in one packet train with its headers."""

SEND_BUFFER_BYTES = 128 * 1024
"""What the kernel may hold for one listener: 3 s at 320 kbit/s, and a fifth of the kernel memory of its default."""

FAST_BUFFER_BYTES = 2 * 1024 * 1024
"""The same for one who saves the file instead of hearing it: a third of the CPU for each GB."""

_PROBE_BYTES, _PROBE_S = 1024 * 1024, 0.05
"""Who takes so much in so little time is saving. A player that fills a large buffer at once looks the same: it costs
the kernel up to 4 MB until the song is sent, which is what the kernel's default would give to everybody."""

_RESET = struct.pack("ii", 1, 0)


async def send_file(
    request: web.Request,
    path: str | os.PathLike[str],
    *,
    content_type: str,
    size: int | None = None,
    mtime_ns: int | None = None,
    headers: Mapping[str, str] | None = None,
    etag: str = "",
    attachment_name: str = "",
) -> web.StreamResponse:
    """Answer a request with a file: ranges, conditions, HEAD; `size` and `mtime_ns` are what it is known to be.

    A file that was changed since goes out as it is now. One that kept its date and lost bytes is damaged and
    raises Unavailable, as does one that cannot be read; one that is gone raises NotFound.
    """
    with open_regular(path) as file:
        state = os.fstat(file.fileno())
        if size and state.st_size < size and mtime_ns in (None, state.st_mtime_ns):
            raise Unavailable("This file is shorter on disk than it should be.", retry_after_s=60)
        tag = f'"{etag or f"{state.st_mtime_ns:x}-{state.st_size:x}"}"'
        head = {
            **(headers or {}),
            "Content-Type": content_type,
            "Accept-Ranges": "bytes",
            "ETag": tag,
            "Last-Modified": ranges.http_date(int(state.st_mtime)),
            "X-Content-Type-Options": "nosniff",
        }
        if attachment_name:
            head["Content-Disposition"] = attachment(attachment_name)
        return await _answer(request, file, state, head)


async def _answer(request: web.Request, file: io.FileIO, state: os.stat_result, head: dict) -> web.StreamResponse:
    size, modified_s, status = state.st_size, int(state.st_mtime), 200
    if request.method in ("GET", "HEAD") and ranges.already_there(request.headers, head["ETag"], modified_s):
        return web.Response(status=304, headers=head)
    wanted = ranges.Part(0, size)
    asked = request.headers.get("Range", "") if request.method != "HEAD" else ""
    if asked and ranges.still_the_same(request.headers.get("If-Range", head["ETag"]), head["ETag"], modified_s):
        try:
            found = ranges.part(asked, size)
        except IndexError:
            return web.Response(status=416, headers={**head, "Content-Range": f"bytes */{size}"})
        if found:
            status, wanted = 206, found
            head["Content-Range"] = f"bytes {found.offset}-{found.offset + found.count - 1}/{size}"
    if request.method == "HEAD":
        return web.Response(headers={**head, "Content-Length": str(size)})
    if wanted.count <= SMALL_BYTES:
        return web.Response(status=status, headers=head, body=os.pread(file.fileno(), wanted.count, wanted.offset))
    response = web.StreamResponse(status=status, headers=head)
    response.content_length = wanted.count
    if await start(request, response):
        await pour(request, file, *wanted)
    return response


def open_regular(path: str | os.PathLike[str]) -> io.FileIO:
    """Open a regular file for reading, or say in one of our failures why not; a pipe or device never blocks us."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY)
    except (FileNotFoundError, NotADirectoryError, ValueError):
        raise NotFound("The file is no longer there.") from None
    except OSError as error:
        raise Unavailable(f"The file cannot be read: {os.strerror(error.errno)}.", retry_after_s=30) from None
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise NotFound("This is not a file.")
    return io.FileIO(handle)


async def start(request: web.Request, response: web.StreamResponse) -> bool:
    """Send the headers at once and bound what the kernel holds; False when the listener has left."""
    try:
        await response.prepare(request)
    except ConnectionError:
        return False
    return _buffer(request, SEND_BUFFER_BYTES)


def _buffer(request: web.Request, size: int) -> bool:
    """Bound what the kernel holds for a listener; False when there is none."""
    peer = request.transport and request.transport.get_extra_info("socket")
    if peer is None or peer.fileno() < 0:
        return False
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, size)
    return True


async def pour(request: web.Request, file: io.FileIO, offset: int, count: int) -> bool:
    """Send bytes of a file behind what was written before; False, with the connection broken, when it could not."""
    if count <= _PROBE_BYTES:
        return await _pour(request, file, offset, count)
    began = monotonic()
    if not await _pour(request, file, offset, _PROBE_BYTES):
        return False
    if monotonic() - began < _PROBE_S:
        _buffer(request, FAST_BUFFER_BYTES)
    return await _pour(request, file, offset + _PROBE_BYTES, count - _PROBE_BYTES)


async def _pour(request: web.Request, file: io.FileIO, offset: int, count: int) -> bool:
    transport = request.transport
    if transport is None or transport.is_closing():
        return False
    try:
        if await asyncio.get_running_loop().sendfile(transport, file, offset, count) == count:
            return True
    except OSError:
        pass  # the listener left, or the disk failed; both end in a broken connection
    except RuntimeError:
        if not transport.is_closing():
            raise
    break_off(request)
    return False


async def pour_chunk(request: web.Request, file: io.FileIO, offset: int, count: int) -> bool:
    """Send bytes of a file as one chunk of a chunked answer: the frame is ours, so that the kernel can fill it."""
    transport = request.transport
    if transport is None or transport.is_closing():
        return False
    transport.write(b"%x\r\n" % count)
    if not await pour(request, file, offset, count):
        return False
    transport.write(b"\r\n")
    return True


def break_off(request: web.Request) -> None:
    """End a connection so that nobody can take what was sent for the whole: by a reset, not by a polite end."""
    transport = request.transport
    if transport is None:
        return
    peer = transport.get_extra_info("socket")
    if peer is not None and peer.fileno() >= 0:
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    transport.abort()


def attachment(name: str) -> str:
    """Return a Content-Disposition that saves under this name in any browser (RFC 6266)."""
    clean = "".join("_" if sign in "/\\" or not sign.isprintable() else sign for sign in name)
    plain = "".join(sign if " " <= sign <= "~" and sign not in '"%;' else "_" for sign in clean)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(clean, safe='', errors='replace')}"
