"""Encoders that misbehave, each in a way that real ones have been seen to do."""

import asyncio
import errno
import os
import shutil
from pathlib import Path

import aiohttp
import pytest

from server.kernel.errors import Unavailable
from server.stream.encoder import Encoding, Patience
from server.tests.stream.playing import children, fake_encoder, open_files, playing, raw_request, track, until

QUICK = Patience(first_byte_s=0.2, idle_s=0.2, linger_s=0.05, term_s=0.1)
GOES_ON = "head -c 100000 /dev/zero; while :; do sleep 0.02; echo more; done"


def alive(pid: int) -> bool:
    """Tell whether a process runs; one that only waits to be reaped by init does not."""
    try:
        return ") Z " not in Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return False


def parts(folder: Path) -> list[str]:
    return os.listdir(folder / "cache")


@pytest.mark.parametrize(
    ("script", "status", "says"),
    [
        ("exit 0", 400, "damaged"),
        ("exit 1", 400, "damaged"),
        ("kill -SEGV $$", 429, "broke down"),
        ("exec sleep 60", 429, "stopped answering"),
        ("trap '' TERM; sleep 60; sleep 60", 429, "stopped answering"),
        ("echo 'av_interleaved_write_frame(): No space left on device' >&2; exit 1", 429, "no room"),
        ("head -c 300000 /dev/zero | tr '\\0' x >&2; exit 1", 400, "damaged"),
    ],
    ids=["empty", "error", "crash", "hang", "ignores TERM", "disk full", "floods stderr"],
)
def test_a_failure_before_the_first_byte_is_an_error_in_words(music, tmp_path, script, status, says):
    async def journey():
        encoder = fake_encoder(tmp_path, script)
        async with playing(track(music), tmp_path, encoder, patience=QUICK) as (client, transcoder):
            async with client.get("/?format=mp3") as answer:
                assert answer.status == status
                assert says in await answer.text()
            await transcoder.settled()
            assert (transcoder.failed, transcoder.running) == (1, 0)
            assert parts(tmp_path) == children() == []

    asyncio.run(journey())


def test_a_folder_of_transcodes_that_was_deleted_is_made_again(music, tmp_path):
    async def journey():
        async with playing(track(music), tmp_path) as (client, transcoder):
            for kbps in (64, 96):
                async with client.get(f"/?format=mp3&maxBitRate={kbps}") as answer:
                    assert answer.status == 200 and await answer.read()
                await transcoder.settled()
                shutil.rmtree(tmp_path / "cache")

    asyncio.run(journey())


def test_a_file_that_may_not_be_read_is_not_said_to_be_damaged(music, tmp_path, monkeypatch):
    real = os.open

    def refused(path, *args, **kw):
        if path == str(music):
            raise PermissionError(errno.EACCES, "no", path)
        return real(path, *args, **kw)

    async def journey():
        async with playing(track(music), tmp_path) as (client, transcoder):
            monkeypatch.setattr(os, "open", refused)
            async with client.get("/?format=mp3") as answer:
                assert (answer.status, await answer.text()) == (429, "The file cannot be read: Permission denied.")
            assert transcoder.started == 0

    asyncio.run(journey())


def test_where_nothing_can_be_written_nobody_is_asked_for_quiet_any_more(tmp_path):
    (tmp_path / "full").touch()
    said = []

    async def journey():
        encoding = Encoding(tmp_path / "full" / "a.part", 1, 0, QUICK, lambda: said.append("begun"))
        with pytest.raises(Unavailable, match="cannot be written: "):
            encoding.start(["true"])

    asyncio.run(journey())
    assert said == ["begun"]


@pytest.mark.parametrize("wish", ["format=mp3", "format=mp3&estimate=1"])
@pytest.mark.parametrize("end", ["exit 1", "kill -SEGV $$", "exec sleep 60"], ids=["error", "crash", "hang"])
def test_a_failure_half_way_breaks_the_connection_and_keeps_nothing(music, tmp_path, wish, end):
    async def journey():
        heard = tmp_path / "heard"
        encoder = fake_encoder(tmp_path, f"head -c 5000 /dev/zero; while [ ! -e {heard} ]; do sleep 0.01; done; {end}")
        async with playing(track(music), tmp_path, encoder, patience=QUICK) as (client, transcoder):
            async with client.get(f"/?{wish}") as answer:
                assert ("Content-Length" in answer.headers) == ("estimate" in wish)
                assert len(await answer.content.readexactly(5000)) == 5000
                heard.touch()
                with pytest.raises(aiohttp.ClientError):
                    await answer.read()
            await transcoder.settled()
            assert transcoder.failed == 1
            assert parts(tmp_path) == children() == []

    asyncio.run(journey())


def test_a_failure_half_way_resets_a_connection_that_has_no_other_end_mark(music, tmp_path):
    async def journey():
        encoder = fake_encoder(tmp_path, "head -c 5000 /dev/zero; exec sleep 60")
        async with playing(track(music), tmp_path, encoder, patience=QUICK) as (client, _):
            with pytest.raises(ConnectionResetError):
                await raw_request(client, "GET /?format=mp3 HTTP/1.0")

    asyncio.run(journey())


def test_an_encoder_that_talks_much_to_stderr_is_not_held_up(music, tmp_path):
    async def journey():
        encoder = fake_encoder(tmp_path, "head -c 1000000 /dev/zero | tr '\\0' x >&2; printf done")
        async with playing(track(music), tmp_path, encoder) as (client, _), client.get("/?format=mp3") as answer:
            assert await answer.read() == b"done"

    asyncio.run(journey())


def test_when_the_last_listener_leaves_the_whole_group_is_ended(music, tmp_path, caplog):
    async def journey():
        child = tmp_path / "child"
        encoder = fake_encoder(tmp_path, f"trap '' TERM; sleep 60 & echo $! > {child}; {GOES_ON}")
        async with playing(track(music), tmp_path, encoder, patience=QUICK) as (client, transcoder):
            before = open_files()
            async with client.get("/?format=mp3") as one, client.get("/?format=mp3") as two:
                await one.content.read(10)
                await two.content.read(10)
                assert (transcoder.listeners, transcoder.running) == (2, 1)
                one.close()
                await until(lambda: transcoder.listeners == 1)
                await two.content.read(50_000)
                assert transcoder.running == 1, "somebody still listens"
            await transcoder.settled()
            await until(lambda: not alive(int(child.read_text())) and open_files() <= before)
            assert (transcoder.failed, children(), parts(tmp_path)) == (0, [], [])

    asyncio.run(journey())
    assert not caplog.records, "somebody who leaves is no news"


def test_a_listener_who_leaves_before_the_first_byte_ends_the_encoder(music, tmp_path):
    async def journey():
        encoder = fake_encoder(tmp_path, "exec sleep 60")
        async with playing(track(music), tmp_path, encoder, patience=Patience(linger_s=0)) as (client, transcoder):
            _, writer = await asyncio.open_connection(client.host, client.port)
            writer.write(b"GET /?format=mp3 HTTP/1.1\r\nHost: x\r\n\r\n")
            await until(lambda: transcoder.listeners == 1)
            writer.transport.abort()
            await until(lambda: transcoder.listeners == 0)
            await transcoder.settled()
            assert parts(tmp_path) == children() == []

    asyncio.run(journey())


def test_what_an_encoder_leaves_running_behind_itself_is_ended_too(music, tmp_path):
    async def journey():
        child = tmp_path / "child"
        encoder = fake_encoder(tmp_path, f"sleep 60 & echo $! > {child}; printf sound")
        async with playing(track(music), tmp_path, encoder) as (client, transcoder):
            async with client.get("/?format=mp3") as answer:
                assert await answer.read() == b"sound"
            await transcoder.settled()
            await until(lambda: not alive(int(child.read_text())))

    asyncio.run(journey())


def test_places_are_limited_for_each_user_and_in_all(music, tmp_path):
    async def journey():
        encoder = fake_encoder(tmp_path, GOES_ON)
        async with playing(track(music), tmp_path, encoder, max_running=3, max_per_user=2) as (client, transcoder):
            answers = []
            for user, kbps, status in ((1, 64, 200), (1, 80, 200), (1, 96, 429), (2, 96, 200), (3, 112, 429)):
                answer = await client.get(f"/?format=mp3&user={user}&maxBitRate={kbps}")
                assert answer.status == status, (user, kbps)
                answers.append(answer)
            assert answers[2].headers["Retry-After"] == "5"
            joined = await client.get("/?format=mp3&user=3&maxBitRate=64")
            assert joined.status == 200, "joining a running encoder takes no place"
            raw = await client.get("/?format=raw&user=3")
            assert raw.status == 200, "nor does the file as it is"
            assert (transcoder.running, transcoder.refused, len(children())) == (3, 2, 3)
            for answer in (*answers, joined, raw):
                answer.close()
        assert children() == []

    asyncio.run(journey())


def test_closing_ends_every_encoder(music, tmp_path):
    async def journey():
        encoder = fake_encoder(tmp_path, f"trap '' TERM; {GOES_ON}")
        async with playing(track(music), tmp_path, encoder) as (client, transcoder):
            answers = [await client.get(f"/?format=mp3&maxBitRate={kbps}") for kbps in (64, 80)]
            await transcoder.close()
            assert (transcoder.running, children(), parts(tmp_path)) == (0, [], [])
            async with client.get("/?format=mp3&maxBitRate=96") as answer:
                assert answer.status == 429
            for answer in answers:
                answer.close()

    asyncio.run(journey())


def test_an_encoder_that_is_gone_is_said_in_words(music, tmp_path):
    async def journey():
        encoder = fake_encoder(tmp_path, "exit 0")
        os.unlink(encoder.path)
        async with playing(track(music), tmp_path, encoder) as (client, _), client.get("/?format=mp3") as answer:
            assert answer.status == 429
            assert "cannot be started" in await answer.text()
        assert parts(tmp_path) == []

    asyncio.run(journey())


def test_a_cache_folder_that_takes_nothing_is_said_in_words_and_harms_no_other(music, tmp_path):
    async def journey():
        async with playing(track(music), tmp_path) as (client, _):
            (tmp_path / "cache").rmdir()
            (tmp_path / "cache").touch()
            async with client.get("/?format=mp3") as answer:
                assert answer.status == 429
                assert "cannot be written" in await answer.text()
            async with client.get("/?format=raw") as answer:
                assert await answer.read() == music.read_bytes()

    asyncio.run(journey())


def test_an_encoder_that_writes_without_end_is_stopped_by_the_kernel(music, tmp_path, monkeypatch):
    async def journey():
        encoder = fake_encoder(tmp_path, "exec cat /dev/zero")
        async with playing(track(music), tmp_path, encoder) as (client, transcoder):
            with pytest.raises((aiohttp.ClientPayloadError, aiohttp.ClientConnectionError)):
                async with client.get("/?format=mp3&maxBitRate=32") as answer:
                    while await answer.content.readany():
                        pass
            await transcoder.settled()
            assert parts(tmp_path) == children() == []

    asyncio.run(journey())
