import asyncio
import logging
from contextlib import asynccontextmanager

import pytest
from aiohttp import web

from server.kernel import connections
from server.kernel.connections import Doors
from server.kernel.errors import Unavailable

HEAD = b" HTTP/1.1\r\nHost: x\r\n"
LARGE = b"x" * (32 << 20)


async def answer(request: web.BaseRequest) -> web.Response:
    if request.path == "/fails":
        raise RuntimeError("secret of the inside")
    if request.path == "/later":
        raise Unavailable("Not now.", retry_after_s=7)
    return web.Response(body=LARGE if request.path == "/large" else await request.read())


class Counted(Doors):
    """Doors of one place, and a word when somebody has left."""

    def __init__(self, most: int = 100):
        super().__init__(lambda address: "home", per_place=most)
        self.left = asyncio.Event()

    def leave(self, place: str) -> None:
        super().leave(place)
        self.left.set()


@asynccontextmanager
async def listening(doors: Doors | None = None):
    """Give a function that opens a connection."""
    doors = doors or Doors(lambda address: "")
    low = web.Server(answer, handler_cancellation=True)
    server = await asyncio.get_running_loop().create_server(lambda: doors.connection(low), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    opened = []

    async def connect() -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        opened.append(await asyncio.open_connection("127.0.0.1", port))
        return opened[-1]

    try:
        yield connect
    finally:
        for _, writer in opened:
            writer.close()
        server.close()
        await low.shutdown(1)


def ask(data: bytes) -> bytes:
    """Return all that comes back for some bytes until the server ends the connection."""

    async def talk() -> bytes:
        async with listening() as connect:
            reader, writer = await connect()
            writer.write(data)
            return await asyncio.wait_for(reader.read(), 10)

    return asyncio.run(talk())


@pytest.mark.parametrize(
    "data",
    [
        b"GET /?p=canary word HTTP/1.1\r\n\r\n",
        b"GET /?p=canary\xff" + HEAD + b"\r\n",
        b"GET /?p=canary&\0" + HEAD + b"\r\n",
        b"GET /?p=canary" + b"x" * (1 << 20) + HEAD + b"\r\n",
        b"GET /" + HEAD + b"no header: p=canary\0\r\n\r\n",
        b"GET /" + HEAD + b"X: " + b"canary" * 10_000 + b"\r\n\r\n",
        b"BREW /?p=canary" + HEAD + b"\r\n",
        b"GET /?p=canary HTTP/1.1\r\n\r\n",
        b"GET /?p=canary" + HEAD + b"Host: y\r\n\r\n",
        b"POST /?p=canary" + HEAD + b"Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    ],
    ids=["space", "bytes", "nul", "line", "header", "field", "method", "host", "hosts", "lengths"],
)
def test_a_broken_request_is_refused_without_repeating_any_of_it(data, caplog):
    caplog.set_level(logging.DEBUG)
    said = ask(data)
    assert said.startswith(b"HTTP/1.0 400 ")
    assert b"canary" not in said and b"aiohttp" not in said
    assert "canary" not in caplog.text and "Traceback" not in caplog.text


def test_what_fails_outside_every_handler_says_nothing_of_the_inside(caplog):
    said = ask(b"GET /fails" + HEAD + b"\r\n")
    assert said.startswith(b"HTTP/1.1 500 ") and b"secret" not in said
    assert "secret of the inside" in caplog.text


def test_what_cannot_be_just_now_says_when_to_come_back(caplog):
    said = ask(b"GET /later" + HEAD + b"\r\n")
    assert said.startswith(b"HTTP/1.1 503 ") and b"Retry-After: 7\r\n" in said and said.endswith(b"\r\n\r\nNot now.")
    assert "Traceback" not in caplog.text


def test_a_body_that_breaks_half_way_leaves_no_traceback(caplog):
    chunked = b"POST /" + HEAD + b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n"

    async def talk() -> None:
        async with listening() as connect:
            reader, writer = await connect()
            writer.write(chunked)
            await asyncio.sleep(0)
            writer.write(b"zz\r\n")
            await asyncio.wait_for(reader.read(), 10)

    asyncio.run(talk())
    assert "Traceback" not in caplog.text


def test_a_compressed_body_is_not_blown_up():
    said = ask(b"POST /" + HEAD + b"Content-Encoding: gzip\r\nConnection: close\r\nContent-Length: 3\r\n\r\nabc")
    assert said.endswith(b"\r\n\r\nabc")


@pytest.mark.parametrize("begun", [b"", b"GET / HTT", b"GET /" + HEAD + b"X-a: b\r\n"])
def test_who_never_completes_a_request_is_let_go(begun, monkeypatch):
    monkeypatch.setattr(connections, "FIRST_REQUEST_S", 0.01)
    assert ask(begun) == b""


def test_a_connection_that_has_asked_once_may_be_silent(monkeypatch):
    monkeypatch.setattr(connections, "FIRST_REQUEST_S", 0.01)

    async def talk() -> None:
        async with listening() as connect:
            reader, writer = await connect()
            for _ in range(2):
                writer.write(b"GET /" + HEAD + b"\r\n")
                assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 200")
                await asyncio.sleep(2 * connections.FIRST_REQUEST_S)

    asyncio.run(talk())


def test_who_takes_nothing_of_what_is_written_is_let_go(monkeypatch):
    monkeypatch.setattr(connections, "TAKING_S", 0.02)

    async def talk() -> None:
        doors = Counted()
        async with listening(doors) as connect:
            reader, writer = await connect()
            writer.write(b"GET /large" + HEAD + b"\r\n")
            await asyncio.wait_for(doors.left.wait(), 10)
            with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
                await asyncio.wait_for(reader.readexactly(len(LARGE)), 10)

    asyncio.run(talk())


def test_who_takes_it_in_time_gets_all(monkeypatch):
    monkeypatch.setattr(connections, "TAKING_S", 5)

    async def talk() -> bytes:
        async with listening() as connect:
            reader, writer = await connect()
            writer.write(b"GET /large" + HEAD + b"Connection: close\r\n\r\n")
            return await asyncio.wait_for(reader.read(), 10)

    assert asyncio.run(talk()).endswith(LARGE)


def test_one_place_gets_so_many_connections_and_another_one_once_one_of_them_ended():
    async def served(connect) -> bool:
        reader, writer = await connect()
        writer.write(b"GET /" + HEAD + b"Connection: close\r\n\r\n")
        try:
            return b" 200 " in await asyncio.wait_for(reader.read(), 10)
        except ConnectionError:
            return False

    async def talk() -> None:
        doors = Counted(most=2)
        async with listening(doors) as connect:
            _, first = await connect()
            await connect()
            assert not await served(connect)
            first.close()
            await asyncio.wait_for(doors.left.wait(), 10)
            assert await served(connect)

    asyncio.run(talk())


def test_places_without_a_limit_have_that_of_all():
    doors = Doors(lambda address: "", most=3, per_place=1)
    assert [doors.enter("127.0.0.1") for _ in range(4)] == ["", "", "", None]
    doors.leave("")
    assert doors.enter("127.0.0.1") == ""


def test_being_out_of_files_is_said_once(caplog):
    lack = {"message": "socket.accept() out of system resource", "exception": OSError(24, "Too many open files")}

    async def complain() -> None:
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(connections.Complaints())
        for _ in range(3):
            loop.call_exception_handler(lack)
        loop.call_exception_handler({"message": "something else", "exception": OSError(5, "broken")})

    asyncio.run(complain())
    assert [record.name for record in caplog.records] == ["familiar.connections", "asyncio"]
