import asyncio
import os
import ssl

import pytest

from server.stream.encoder import Patience
from server.tests.stream.playing import (
    LENGTH_S,
    children,
    fake_encoder,
    loudness,
    open_files,
    playing,
    raw_answer,
    raw_request,
    samples,
    track,
    until,
)


@pytest.mark.parametrize("word", ["mp3", "opus", "aac", "flac&timeOffset=0&maxBitRate=0"])
def test_a_transcode_arrives_whole_and_a_repeat_is_a_file_with_ranges(music, tmp_path, word):
    source = track(music, suffix="wav", codec="pcm")

    async def journey():
        async with playing(source, tmp_path) as (client, transcoder):
            async with client.get(f"/?format={word}") as answer:
                assert answer.status == 200
                assert answer.headers["Accept-Ranges"] == "none"
                assert answer.headers["X-Content-Duration"] == "4.000"
                assert answer.headers["X-Ours"] == "kept"
                first = await answer.read()
            assert abs(len(samples(first)) / 8000 - LENGTH_S) < 0.1
            await transcoder.settled()
            async with client.get(f"/?format={word}") as answer:
                assert answer.headers["Content-Length"] == str(len(first))
                assert await answer.read() == first
            async with client.get(f"/?format={word}", headers={"Range": "bytes=100-199"}) as answer:
                assert (answer.status, await answer.read()) == (206, first[100:200])
            assert (transcoder.started, transcoder.failed, transcoder.running) == (1, 0, 0)
            assert transcoder.cache_bytes == len(first)

    asyncio.run(journey())


def test_many_listeners_of_one_transcode_share_one_encoder(music, tmp_path):
    async def listen(client):
        async with client.get("/?format=mp3") as answer:
            return await answer.read()

    async def journey():
        async with playing(track(music), tmp_path) as (client, transcoder):
            heard = await asyncio.gather(*(listen(client) for _ in range(12)))
            assert len(set(heard)) == 1
            assert transcoder.started == 1
            assert transcoder.listeners == 0

    asyncio.run(journey())


@pytest.mark.parametrize("word", ["mp3", "opus", "aac"])
@pytest.mark.parametrize("said_s", [2, 4, 9], ids=["longer than said", "as said", "shorter than said"])
def test_an_estimated_length_is_met_exactly_and_padding_is_not_heard(music, tmp_path, word, said_s):
    async def journey():
        async with playing(track(music, length_ms=said_s * 1000), tmp_path) as (client, _):
            async with client.get(f"/?format={word}&maxBitRate=96&estimate=1") as answer:
                assert "Transfer-Encoding" not in answer.headers
                body = await answer.read()
                assert int(answer.headers["Content-Length"]) == len(body)
            heard_s = len(samples(body)) / 8000
            assert min(said_s, LENGTH_S) - 0.2 < heard_s < LENGTH_S + 0.2

    asyncio.run(journey())


@pytest.mark.parametrize("rest", [10, 1_000_000], ids=["padded", "cut"])
def test_a_promised_length_holds_whatever_the_encoder_makes(music, tmp_path, rest):
    async def journey():
        heard = tmp_path / "heard"
        waits = f"while [ ! -e {heard} ]; do sleep 0.01; done"
        encoder = fake_encoder(tmp_path, f"yes | head -c 5000; {waits}; yes | head -c {rest}")
        async with playing(track(music), tmp_path, encoder) as (client, _):
            async with client.head("/?format=mp3&estimate=1") as answer:
                promised = int(answer.headers["Content-Length"])
            async with client.get("/?format=mp3&estimate=1") as answer:
                assert int(answer.headers["Content-Length"]) == promised
                heard.touch()
                body = await answer.read()
            assert len(body) == promised
            assert body.count(0) == max(0, promised - 5000 - rest)

    asyncio.run(journey())


def test_another_place_in_a_transcode_that_is_soon_done_is_a_part_of_it(music, tmp_path):
    async def journey():
        async with playing(track(music), tmp_path) as (client, transcoder):
            async with client.get("/?format=mp3", headers={"Range": "bytes=1000-1999"}) as answer:
                part = await answer.read()
                assert (answer.status, len(part), answer.headers["Accept-Ranges"]) == (206, 1000, "bytes")
                assert answer.headers["Content-Range"] == f"bytes 1000-1999/{transcoder.cache_bytes}"
                assert answer.headers["X-Ours"] == "kept"
            async with client.get("/?format=mp3") as answer:
                assert (await answer.read())[1000:2000] == part
            assert transcoder.started == 1

    asyncio.run(journey())


def test_a_part_of_a_promised_length_is_sent_as_soon_as_it_is_there(music, tmp_path):
    async def journey():
        go = tmp_path / "go"
        waits = f"while [ ! -e {go} ]; do sleep 0.01; done"
        encoder = fake_encoder(tmp_path, f"yes | head -c 5000; {waits}; yes | head -c 99")
        async with playing(track(music), tmp_path, encoder, patience=Patience(seek_s=60)) as (client, transcoder):
            address = "/?format=mp3&estimate=1"
            async with client.head(address) as answer:
                promised = int(answer.headers["Content-Length"])
                assert answer.headers["Accept-Ranges"] == "bytes"
            async with client.get(address, headers={"Range": "bytes=4001-4004"}) as answer:
                assert (answer.status, await answer.read()) == (206, b"\ny\ny")
                assert answer.headers["Content-Range"] == f"bytes 4001-4004/{promised}"
            async with client.get(address, headers={"Range": "bytes=4001-"}) as answer:
                assert answer.headers["Content-Length"] == str(promised - 4001)
                go.touch()
                assert await answer.read() == (b"\ny" * 549) + bytes(promised - 5099)
            async with client.get(address, headers={"Range": f"bytes={promised}-"}) as answer:
                assert answer.status == 416
            assert (transcoder.started, transcoder.listeners) == (1, 0)

    asyncio.run(journey())


@pytest.mark.parametrize("headers", [
    {"Range": "bytes=9000-"}, {"Range": "bytes=-1"}, {"Range": "bytes=0-"}, {"Range": "bytes=10-20", "If-Range": '"x"'},
    {"Range": "pages=1-2"},
], ids=str)  # fmt: skip
@pytest.mark.parametrize("estimate", ["", "&estimate=1"])
def test_what_is_not_there_in_time_begins_at_the_beginning(music, tmp_path, headers, estimate):
    async def journey():
        encoder = fake_encoder(tmp_path, "yes | head -c 5000; exec sleep 60")
        async with (
            playing(track(music), tmp_path, encoder, patience=Patience(seek_s=0.02)) as (client, _),
            client.get(f"/?format=mp3{estimate}", headers=headers) as answer,
        ):
            assert (answer.status, await answer.content.readexactly(4)) == (200, b"y\ny\n")

    asyncio.run(journey())


def test_an_encoder_that_fails_before_the_place_is_reached_is_refused_cleanly(music, tmp_path):
    async def journey():
        encoder = fake_encoder(tmp_path, "echo; sleep 0.05; exit 1")
        async with (
            playing(track(music), tmp_path, encoder) as (client, _),
            client.get("/?format=mp3", headers={"Range": "bytes=900-"}) as answer,
        ):
            assert answer.status == 400
            assert "cannot be converted" in await answer.text()

    asyncio.run(journey())


def test_a_time_offset_starts_there(music, tmp_path):
    async def journey():
        async with playing(track(music), tmp_path) as (client, _):
            heard = {}
            for offset_s in (0, 2):
                async with client.get(f"/?format=mp3&timeOffset={offset_s}") as answer:
                    assert answer.headers["X-Content-Duration"] == f"{LENGTH_S - offset_s}.000"
                    heard[offset_s] = samples(await answer.read())
            assert abs(len(heard[2]) / 8000 - 2) < 0.1
            assert loudness(heard[0][:8000]) < 50
            assert loudness(heard[2][2000:8000]) > 3000

    asyncio.run(journey())


def test_head_and_raw_start_no_encoder(music, tmp_path):
    async def journey():
        async with playing(track(music), tmp_path) as (client, transcoder):
            async with client.head("/?format=mp3") as answer:
                assert (answer.status, answer.content_type) == (200, "audio/mpeg")
                assert answer.headers["Accept-Ranges"] == "none"
                assert "Content-Length" not in answer.headers
            async with client.get("/?format=raw&maxBitRate=64") as answer:
                assert await answer.read() == music.read_bytes()
                assert answer.headers["X-Content-Duration"] == "4.000"
            assert transcoder.started == 0

    asyncio.run(journey())


def test_a_changed_file_is_encoded_anew(music, tmp_path):
    path = tmp_path / "mine.flac"
    path.write_bytes(music.read_bytes())

    async def journey():
        async with playing(track(path), tmp_path) as (client, transcoder):
            for _ in range(2):
                async with client.get("/?format=mp3") as answer:
                    await answer.read()
                await transcoder.settled()
                os.utime(path, (1, 1))
            assert transcoder.started == 2

    asyncio.run(journey())


def test_an_old_client_hears_all_of_it_to_the_length_said_or_to_the_end_of_the_connection(music, tmp_path):
    async def journey():
        async with playing(track(music), tmp_path) as (client, _):
            for number, extra in enumerate(("", "\nConnection: keep-alive")):
                asked = f"GET /?format=mp3&timeOffset={number} HTTP/1.0{extra}"
                head, body = await raw_answer(client, asked)
                assert b"chunked" not in head
                assert b"Content-Length" in head or b"keep-alive" not in head
                assert abs(len(samples(body)) / 8000 - LENGTH_S + number) < 0.1

    asyncio.run(journey())


def test_one_connection_serves_a_transcode_and_then_something_else(music, tmp_path):
    async def journey():
        async with playing(track(music), tmp_path) as (client, _):
            asked = "GET /?format=mp3 HTTP/1.1\nHost: x\n\nGET /?format=raw HTTP/1.1\nHost: x\nConnection: close"
            answer = await raw_request(client, asked)
            assert answer.count(b"HTTP/1.1 200 OK") == 2
            assert answer.endswith(music.read_bytes())

    asyncio.run(journey())


def test_it_all_works_behind_tls(music, tmp_path, certificate):
    async def journey():
        server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        server.load_cert_chain(certificate)
        async with playing(track(music), tmp_path, ssl=server) as (client, _):
            async with client.get("/?format=mp3", ssl=False) as answer:
                assert abs(len(samples(await answer.read())) / 8000 - LENGTH_S) < 0.1
            async with client.get("/?format=raw", ssl=False) as answer:
                assert await answer.read() == music.read_bytes()

    asyncio.run(journey())


def test_the_cache_stays_within_its_bound(music, tmp_path):
    async def journey():
        async with playing(track(music), tmp_path, max_cache_bytes=100_000) as (client, transcoder):
            for kbps in (64, 80, 96, 112):
                async with client.get(f"/?format=mp3&maxBitRate={kbps}") as answer:
                    await answer.read()
                await transcoder.settled()
                held = sum(entry.stat().st_size for entry in os.scandir(tmp_path / "cache"))
                assert held == transcoder.cache_bytes <= 100_000
            assert transcoder.cache_bytes > 0

    asyncio.run(journey())


def test_nothing_is_left_of_processes_and_files(music, tmp_path):
    async def journey():
        async with playing(track(music), tmp_path) as (client, transcoder):
            async with client.get("/?format=mp3") as answer:
                await answer.read()
            await transcoder.settled()
            before = open_files()
            for kbps in (64, 80, 96):
                async with client.get(f"/?format=opus&maxBitRate={kbps}") as answer:
                    await answer.read()
            await transcoder.settled()
            assert children() == []
            assert open_files() == before

    asyncio.run(journey())


def test_a_missing_track_and_a_missing_encoder_are_said_in_words(music, tmp_path):
    async def journey():
        async with playing(track(music)._replace(path="/nowhere/a.flac"), tmp_path) as (client, _):
            for wish in ("format=mp3", "format=raw"):
                async with client.get(f"/?{wish}") as answer:
                    assert (answer.status, (await answer.text())[:8]) == (400, "NotFound")
        async with playing(track(music), tmp_path, encoder=None) as (client, _):
            async with client.get("/?timeOffset=1") as answer:
                assert (answer.status, answer.headers["Retry-After"]) == (429, "3600")
                assert "ffmpeg" in await answer.text()
            async with client.get("/?format=mp3") as answer:
                assert await answer.read() == music.read_bytes()

    asyncio.run(journey())


def test_a_damaged_file_is_an_error_and_never_an_empty_answer_and_the_log_names_it(music, tmp_path, caplog):
    damaged = tmp_path / "damaged.flac"
    damaged.write_bytes(os.urandom(20_000))

    async def journey():
        async with playing(track(damaged), tmp_path) as (client, transcoder):
            async with client.get("/?format=mp3") as answer:
                assert answer.status == 400
                assert "damaged" in await answer.text()
            await transcoder.settled()
            assert transcoder.failed == 1
            assert os.listdir(tmp_path / "cache") == []

    asyncio.run(journey())
    assert caplog.messages[0].startswith(f"{damaged}: This track cannot be converted")


def test_a_listener_who_skips_gives_the_place_to_the_next_track(music, tmp_path):
    """Patience is long here: only the second track's need of the place can end the first encoder."""
    slow = Patience(linger_s=1000)

    async def journey():
        long = track(music, length_ms=0)
        async with playing(long, tmp_path, max_per_user=1, patience=slow) as (client, transcoder):
            for offset_s in (0, 1, 2):
                async with client.get(f"/?format=aac&timeOffset={offset_s}") as answer:
                    assert answer.status == 200
                    await answer.content.read(10)
            await until(lambda: transcoder.listeners == 0)
            await transcoder.settled()
            assert children() == []

    asyncio.run(journey())
