import asyncio
import os
from pathlib import Path

import pytest

from server.stream import send
from server.tests.stream.playing import open_files, raw_request, sending, until

LARGE = 3_000_000


@pytest.fixture(params=[5_000, LARGE], ids=["small", "large"])
def file(request, tmp_path) -> Path:
    path = tmp_path / "song.mp3"
    path.write_bytes((os.urandom(1000) * (request.param // 1000 + 1))[: request.param])
    return path


@pytest.fixture
def large(tmp_path) -> Path:
    path = tmp_path / "large.mp3"
    path.write_bytes(os.urandom(LARGE))
    return path


def test_a_file_arrives_whole_and_says_what_it_is(file):
    async def journey():
        async with sending(file, headers={"X-Ours": "kept"}) as client, client.get("/") as answer:
            assert answer.status == 200
            assert await answer.read() == file.read_bytes()
            assert answer.headers["Content-Length"] == str(file.stat().st_size)
            assert answer.headers["Accept-Ranges"] == "bytes"
            assert answer.headers["Content-Type"] == "audio/mpeg"
            assert answer.headers["X-Ours"] == "kept"
            assert "Transfer-Encoding" not in answer.headers
            assert "Content-Encoding" not in answer.headers

    asyncio.run(journey())


@pytest.mark.parametrize(("asked", "first", "last"), [("1000-1999", 1000, 1999), ("4000-", 4000, -1), ("-10", -10, -1)])
def test_a_range_arrives_exactly(file, asked, first, last):
    async def journey():
        size = file.stat().st_size
        async with sending(file) as client, client.get("/", headers={"Range": f"bytes={asked}"}) as answer:
            assert answer.status == 206
            begin, end = first % size, last % size
            assert answer.headers["Content-Range"] == f"bytes {begin}-{end}/{size}"
            assert await answer.read() == file.read_bytes()[begin : end + 1]

    asyncio.run(journey())


def test_a_range_outside_says_how_long_the_file_is_and_several_ranges_get_all_of_it(file):
    async def journey():
        size = file.stat().st_size
        async with sending(file) as client:
            async with client.get("/", headers={"Range": f"bytes={size}-"}) as answer:
                assert (answer.status, answer.headers["Content-Range"]) == (416, f"bytes */{size}")
                assert await answer.read() == b""
            async with client.get("/", headers={"Range": "bytes=0-1,5-9"}) as answer:
                assert (answer.status, len(await answer.read())) == (200, size)

    asyncio.run(journey())


def test_head_says_the_length_and_sends_nothing(file):
    async def journey():
        async with sending(file) as client, client.head("/", headers={"Range": "bytes=5-9"}) as answer:
            assert answer.status == 200
            assert answer.headers["Content-Length"] == str(file.stat().st_size)
            assert await answer.read() == b""

    asyncio.run(journey())


def test_a_resumed_download_starts_anew_when_the_file_was_changed(file):
    async def journey():
        async with sending(file) as client:
            async with client.head("/") as answer:
                tag, date = answer.headers["ETag"], answer.headers["Last-Modified"]
            for known, status in ((tag, 206), (date, 206), ('"other"', 200), ("Thu, 01 Jan 1998 00:00:00 GMT", 200)):
                async with client.get("/", headers={"Range": "bytes=10-", "If-Range": known}) as answer:
                    assert answer.status == status, known
            file.write_bytes(b"now something else, and longer than before" * 200)
            async with client.get("/", headers={"Range": "bytes=10-", "If-Range": tag}) as answer:
                assert (answer.status, await answer.read()) == (200, file.read_bytes())

    asyncio.run(journey())


def test_a_client_that_has_the_file_is_told_so(file):
    async def journey():
        async with sending(file, etag="v7") as client:
            for method in ("GET", "HEAD"):
                async with client.request(method, "/", headers={"If-None-Match": '"v7"'}) as answer:
                    assert (answer.status, await answer.read()) == (304, b"")
                    assert answer.headers["ETag"] == '"v7"'
            async with client.post("/", headers={"If-None-Match": '"v7"'}) as answer:
                assert answer.status == 200

    asyncio.run(journey())


def test_one_connection_serves_many_answers_in_a_row(file):
    async def journey():
        async with sending(file) as client:
            asked = "\n\n".join(
                f"{line}\nHost: x" for line in ("GET / HTTP/1.1\nRange: bytes=1-3", "HEAD / HTTP/1.1", "GET / HTTP/1.1")
            )
            answer = await raw_request(client, asked + "\nConnection: close")
            assert answer.count(b"HTTP/1.1 ") == 3
            assert answer.endswith(file.read_bytes())

    asyncio.run(journey())


def test_an_old_client_gets_a_length_and_no_chunks(file):
    async def journey():
        async with sending(file) as client:
            head, _, body = (await raw_request(client, "GET / HTTP/1.0\nAccept-Encoding: gzip")).partition(b"\r\n\r\n")
            assert f"Content-Length: {file.stat().st_size}".encode() in head
            assert b"chunked" not in head
            assert body == file.read_bytes()

    asyncio.run(journey())


@pytest.mark.parametrize(
    ("name", "plain", "exact"),
    [
        ("a b.mp3", "a b.mp3", "a%20b.mp3"),
        ("Sigur Rós – Ágætis.flac", "Sigur R_s _ _g_tis.flac", "Sigur%20R%C3%B3s%20%E2%80%93%20%C3%81g%C3%A6tis.flac"),
        ('x"; evil="1.mp3', "x__ evil=_1.mp3", "x%22%3B%20evil%3D%221.mp3"),
        ("two\r\nSet-Cookie: a=b", "two__Set-Cookie: a=b", "two__Set-Cookie%3A%20a%3Db"),
        ("../../etc/passwd", ".._.._etc_passwd", ".._.._etc_passwd"),
        ("caf\udce9.mp3", "caf_.mp3", "caf_.mp3"),
    ],
)
def test_a_download_gets_its_name_and_nothing_else_from_a_file_name(name, plain, exact):
    assert send.attachment(name) == f"attachment; filename=\"{plain}\"; filename*=UTF-8''{exact}"


def test_a_download_says_its_name(file):
    async def journey():
        async with sending(file, attachment_name="Björk.mp3") as client, client.get("/") as answer:
            assert answer.content_disposition.filename == "Björk.mp3"

    asyncio.run(journey())


def test_what_cannot_be_sent_is_said_before_anything_is_sent(tmp_path, large):
    async def status(path, **options) -> tuple[int, str]:
        async with sending(path, **options) as client, client.get("/") as answer:
            return answer.status, await answer.text(errors="replace")

    async def journey():
        os.mkfifo(tmp_path / "pipe.mp3")
        (tmp_path / "locked.mp3").symlink_to(tmp_path / "locked.mp3")
        now = large.stat().st_mtime_ns
        assert await status(tmp_path / "gone.mp3") == (400, "NotFound: The file is no longer there.")
        assert await status(large / "below.mp3") == (400, "NotFound: The file is no longer there.")
        assert await status("nul\0.mp3") == (400, "NotFound: The file is no longer there.")
        assert (await status(tmp_path / "pipe.mp3"))[0] == 400
        assert (await status(tmp_path))[0] == 400
        assert (await status(tmp_path / "locked.mp3"))[0] == 429
        assert (await status(large, size=LARGE + 1, mtime_ns=now))[0] == 429
        assert (await status(large, size=LARGE + 1, mtime_ns=now - 1))[0] == 200, "edited since: sent as it is"

    asyncio.run(journey())


def test_listeners_who_leave_leave_nothing_behind_and_no_noise(large, caplog):
    async def journey():
        async with sending(large) as client:
            async with client.get("/") as answer:
                await answer.read()
            before = open_files()
            for _ in range(20):
                reader, writer = await asyncio.open_connection(client.host, client.port, limit=1024)
                writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
                await reader.read(100)
                writer.transport.abort()
            await until(lambda: open_files() <= before)

    asyncio.run(journey())
    assert not caplog.records


def test_a_file_that_shrinks_while_it_is_sent_ends_in_a_broken_connection(large):
    async def journey():
        async with sending(large) as client:
            reader, writer = await asyncio.open_connection(client.host, client.port, limit=1024)
            writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            await reader.read(100)
            os.truncate(large, 1_500_000)
            with pytest.raises(ConnectionResetError):
                while await reader.read(65536):
                    pass
            writer.close()

    asyncio.run(journey())
