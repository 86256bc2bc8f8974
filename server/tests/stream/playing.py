"""A server with one track, and listeners for it, as the tests of streaming need them."""

import array
import asyncio
import os
import re
import subprocess
from collections.abc import Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from server.kernel.errors import Failure, Unavailable
from server.library.facts import TrackFile
from server.stream import decide, ffmpeg, send
from server.stream.decide import Limits, Wish
from server.stream.transcode import Transcoder

ENCODER = ffmpeg.find()
"""The ffmpeg of this machine or of the wheel."""

LENGTH_S = 4


def make_music(path: Path) -> Path:
    """Write four seconds of FLAC: two of silence, two of a tone with some noise."""
    tone = f"aevalsrc=if(lt(t\\,2)\\,0\\,0.4*sin(2765*t)+0.1*random(0)):s=44100:d={LENGTH_S}"
    command = [ENCODER.path, "-nostdin", "-loglevel", "error", "-y", "-f", "lavfi", "-i", tone]
    subprocess.run([*command, "-ac", "2", "-f", "flac", f"file:{path}"], check=True)
    return path


def track(path: Path, **changes) -> TrackFile:
    """Return what the library would know of a file made by make_music."""
    state = os.stat(path)
    made = TrackFile(
        7, str(path), "flac", "audio/flac", "flac",
        state.st_size, state.st_mtime_ns, LENGTH_S * 1000, 900, 44100, 2, 16,
    )  # fmt: skip
    return made._replace(**changes)


def samples(encoded: bytes) -> array.array:
    """Decode to mono at 8 kHz, whatever it is."""
    command = [ENCODER.path, "-nostdin", "-loglevel", "fatal", "-i", "pipe:0", "-f", "s16le"]
    decoded = subprocess.run([*command, "-ac", "1", "-ar", "8000", "pipe:1"], input=encoded, capture_output=True)
    return array.array("h", decoded.stdout)


def loudness(heard: array.array) -> float:
    return sum(map(abs, heard)) / len(heard)


def fake_encoder(folder: Path, script: str) -> ffmpeg.Encoder:
    """Return an encoder that is a shell script with a fault."""
    path = folder / "fake-ffmpeg"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return ffmpeg.Encoder(str(path), "fake")


def application(handler: Callable[[web.Request], Awaitable[web.StreamResponse]]) -> web.Application:
    """Return an application that maps our failures as a front does: 429 where it may be tried again, else 400."""

    async def answer(request: web.Request) -> web.StreamResponse:
        try:
            return await handler(request)
        except Unavailable as failure:
            return web.Response(status=429, text=str(failure), headers={"Retry-After": str(failure.retry_after_s)})
        except Failure as failure:
            return web.Response(status=400, text=f"{type(failure).__name__}: {failure}")

    app = web.Application()
    app.router.add_route("*", "/", answer)
    return app


@asynccontextmanager
async def sending(path: Path, **options):
    """Serve one file by `send_file` and give a client for it."""

    async def handler(request: web.Request) -> web.StreamResponse:
        return await send.send_file(request, path, **{"content_type": "audio/mpeg", **options})

    async with TestClient(TestServer(application(handler)), auto_decompress=False) as client:
        yield client


@asynccontextmanager
async def playing(music: TrackFile, folder: Path, encoder: ffmpeg.Encoder | None = ENCODER, ssl=None, **options):
    """Serve one track by a Transcoder; the query says the wish, `user` who asks. Gives (client, transcoder)."""
    transcoder = Transcoder(folder / "cache", encoder, **options)
    transcoder.open()

    async def handler(request: web.Request) -> web.StreamResponse:
        said = request.query
        wish = Wish(
            said.get("format", ""), int(said.get("maxBitRate", 0)), int(said.get("timeOffset", 0)), "estimate" in said
        )
        plan = decide.plan(music, wish, Limits(can_transcode=encoder is not None))
        return await transcoder.stream(request, music, plan, int(said.get("user", 1)), {"X-Ours": "kept"})

    server = TestServer(application(handler), scheme="https" if ssl else "http")
    await server.start_server(**({"ssl": ssl} if ssl else {}))
    try:
        async with TestClient(server) as client:
            yield client, transcoder
    finally:
        await transcoder.close()


async def raw_request(client: TestClient, text: str) -> bytes:
    """Send a request as written and return all that comes until the server closes."""
    reader, writer = await asyncio.open_connection(client.host, client.port)
    writer.write(text.replace("\n", "\r\n").encode() + b"\r\n\r\n")
    answer = await asyncio.wait_for(reader.read(), 20)
    writer.close()
    return answer


async def raw_answer(client: TestClient, text: str) -> tuple[bytes, bytes]:
    """Send a request as written; return the head and the body: as long as the head says, else all until the end."""
    reader, writer = await asyncio.open_connection(client.host, client.port)
    writer.write(text.replace("\n", "\r\n").encode() + b"\r\n\r\n")
    async with asyncio.timeout(20):
        head = await reader.readuntil(b"\r\n\r\n")
        length = re.search(rb"Content-Length: (\d+)", head)
        body = await (reader.readexactly(int(length[1])) if length else reader.read())
    writer.close()
    return head, body


async def until(condition: Callable[[], bool]) -> None:
    """Return when a condition holds; fails after ten seconds."""
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110 (what is waited for is another process)
            await asyncio.sleep(0.005)


def children() -> list[int]:
    """Return the process ids of our children, zombies included."""
    return [int(word) for word in Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()]


def open_files() -> int:
    return len(os.listdir("/proc/self/fd"))
