import asyncio
import subprocess
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from server.kernel.errors import Unavailable
from server.library.facts import TrackFile
from server.stream import decide, hls
from server.stream.decide import Default, Limits
from server.stream.encoder import Patience
from server.stream.hls import Cutter, Variant
from server.stream.transcode import Transcoder
from server.tests.stream.playing import ENCODER, application, children, fake_encoder, open_files, track

LENGTH_S = 23


@pytest.fixture(scope="session")
def tone(tmp_path_factory) -> Path:
    """23 seconds of a tone, in which a click would stand out."""
    path = tmp_path_factory.mktemp("hls") / "tone.flac"
    sine = f"sine=frequency=440:duration={LENGTH_S}:sample_rate=44100"
    command = [ENCODER.path, "-nostdin", "-loglevel", "error", "-f", "lavfi", "-i", sine, "-f", "flac", f"file:{path}"]
    subprocess.run(command, check=True)
    return path


@asynccontextmanager
async def cutting(music: TrackFile, folder: Path, encoder=ENCODER, **options):
    """Serve the list and the parts of one track. Gives (client, transcoder)."""
    transcoder = Transcoder(folder / "cache", encoder, **options)
    transcoder.open()
    cutter = Cutter(transcoder)
    plan = decide.in_parts(music, 64, Limits())

    async def handler(request: web.Request) -> web.StreamResponse:
        if "part" in request.query:
            return await cutter.send(request, music, plan, 1, int(request.query["part"]))
        frames = await cutter.frames(music, plan, 1)
        return web.Response(text=hls.media(frames, plan.rate_hz, lambda number: f"/?part={number}"))

    try:
        async with TestClient(TestServer(application(handler))) as client:
            yield client, transcoder
    finally:
        await transcoder.close()


async def fetch(client: TestClient, address: str) -> bytes:
    async with client.get(address) as answer:
        body = await answer.read()
        assert answer.status == 200, body
        return body


def lengths(text: str) -> list[float]:
    return [float(line[8:].rstrip(",")) for line in text.splitlines() if line.startswith("#EXTINF:")]


def addresses(text: str) -> list[str]:
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def sound(part: bytes) -> tuple[int, bytes]:
    """Split a part into when it begins, in ticks of 90 kHz, and its frames."""
    size = 10 + int.from_bytes(part[6:10], "big")
    tag, frames = part[:size], part[size:]
    assert tag.startswith(b"ID3\4\0\0") and b"com.apple.streaming.transportStreamTimestamp\0" in tag
    assert frames[0] == 0xFF and frames[1] & 0xF6 == 0xF0
    return int.from_bytes(tag[-8:], "big"), frames


@pytest.mark.parametrize("rate", [32000, 44100, 48000])
@pytest.mark.parametrize("length_ms", [1, 400, 9_900, 10_000, 10_400, 20_001, 65_300, 3_600_000, 36_000_000])
def test_a_list_is_as_long_as_the_track_and_no_part_is_longer_than_said(rate, length_ms):
    text = hls.media(hls.frames_of(length_ms, rate), rate, str)
    found = lengths(text)
    frame_s = hls.SAMPLES / rate
    assert length_ms / 1000 <= sum(found) < length_ms / 1000 + 2 * frame_s + 0.001
    assert all(each > 0 and round(each) <= hls.PART_S for each in found)
    assert addresses(text) == [str(number) for number in range(len(found))]
    assert text.startswith("#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:10\n")
    assert text.endswith("\n#EXT-X-ENDLIST\n") and "#EXT-X-PLAYLIST-TYPE:VOD" in text


def test_the_parts_are_one_transcode_cut_at_frames_and_play_as_long_as_the_list_says(tone, tmp_path):
    async def journey():
        async with cutting(track(tone, length_ms=LENGTH_S * 1000), tmp_path) as (client, transcoder):
            text = (await fetch(client, "/")).decode()
            assert transcoder.started == 0
            parts = await asyncio.gather(*(fetch(client, address) for address in reversed(addresses(text))))
            assert (transcoder.started, transcoder.failed) == (1, 0)
            await transcoder.settled()
            (kept,) = (tmp_path / "cache").iterdir()
            assert kept.read_bytes() == b"".join(sound(part)[1] for part in reversed(parts))
            assert [await fetch(client, address) for address in addresses(text)] == parts[::-1]
            return text, parts[::-1]

    text, parts = asyncio.run(journey())
    assert len(parts) == 3
    begins_s = [sound(part)[0] / 90_000 for part in parts]
    assert begins_s == [pytest.approx(sum(lengths(text)[:number]), abs=0.0001) for number in range(3)]
    for number, part in enumerate(parts):
        (tmp_path / f"{number}.aac").write_bytes(part)
    names = iter(range(3))
    lines = [f"{next(names)}.aac" if line.startswith("/") else line for line in text.splitlines()]
    (tmp_path / "list.m3u8").write_text("\n".join(lines))
    command = [ENCODER.path, "-nostdin", "-loglevel", "error", "-i", str(tmp_path / "list.m3u8")]
    played = subprocess.run([*command, "-f", "s16le", "-ac", "1", "pipe:1"], capture_output=True, check=True)
    assert not played.stderr
    assert len(played.stdout) // 2 == round(sum(lengths(text)) * 44100)


def test_a_track_shorter_than_a_part_is_one_part(music, tmp_path):
    async def journey():
        async with cutting(track(music), tmp_path) as (client, _):
            text = (await fetch(client, "/")).decode()
            assert addresses(text) == ["/?part=0"]
            async with client.head("/?part=0") as answer:
                promised = int(answer.headers["Content-Length"])
                assert answer.content_type == "audio/aac"
            assert len(await fetch(client, "/?part=0")) == promised
            async with client.get("/?part=1") as answer:
                assert (answer.status, await answer.text()) == (400, "NotFound: This song has no such part.")

    asyncio.run(journey())


def test_a_length_that_nobody_knows_is_found_by_encoding(tone, tmp_path):
    async def journey():
        async with cutting(track(tone, length_ms=0), tmp_path) as (client, transcoder):
            text = (await fetch(client, "/")).decode()
            assert (len(addresses(text)), transcoder.started) == (3, 1)
            assert sum(lengths(text)) == pytest.approx(LENGTH_S, abs=0.05)
            await transcoder.settled()
            assert sum([len(sound(await fetch(client, each))[1]) for each in addresses(text)]) == transcoder.cache_bytes

    asyncio.run(journey())


@pytest.mark.parametrize("said_s, count", [(2, 1), (60, 6)])
def test_all_that_is_there_is_sent_of_a_track_with_a_wrong_length(tone, tmp_path, said_s, count):
    async def journey():
        async with cutting(track(tone, length_ms=said_s * 1000), tmp_path) as (client, transcoder):
            parts = [sound(await fetch(client, f"/?part={number}"))[1] for number in range(count)]
            await transcoder.settled()
            (kept,) = (tmp_path / "cache").iterdir()
            assert b"".join(parts[:3]) == kept.read_bytes()
            assert all(part and kept.read_bytes().endswith(part) for part in parts[3:])

    asyncio.run(journey())


def test_the_encoder_goes_on_while_the_player_has_enough_for_now(tone, tmp_path):
    frame = bytes((0xFF, 0xF1, 0x50, 0x80, 100 >> 3, (100 & 7) << 5 | 0x1F, 0xFC)) + bytes(93)
    (tmp_path / "part").write_bytes(frame * hls.frames_per_part(44100))
    go = tmp_path / "go"
    script = f"cat {tmp_path}/part; while [ ! -e {go} ]; do sleep 0.01; done; cat {tmp_path}/part"

    async def journey():
        encoder = fake_encoder(tmp_path, script)
        async with cutting(track(tone, length_ms=19_000), tmp_path, encoder, patience=Patience(linger_s=0)) as both:
            client, transcoder = both
            assert sound(await fetch(client, "/?part=0"))[1] == frame * hls.frames_per_part(44100)
            go.touch()
            await transcoder.settled()
            assert sound(await fetch(client, "/?part=1"))[1] == frame * hls.frames_per_part(44100)
            assert (transcoder.started, transcoder.failed) == (1, 0)

    asyncio.run(journey())


def test_a_part_that_is_not_there_in_time_may_be_asked_for_again(tone, tmp_path, monkeypatch):
    monkeypatch.setattr(hls, "PATIENCE_S", 0.05)

    async def journey():
        encoder = fake_encoder(tmp_path, "printf abcdefgh; exec sleep 60")
        async with cutting(track(tone), tmp_path, encoder) as (client, transcoder):
            async with client.get("/?part=0") as answer:
                assert (answer.status, answer.headers["Retry-After"]) == (429, "5")
            assert transcoder.listeners == 0

    before = children(), open_files()
    asyncio.run(journey())
    assert (children(), open_files()) == before


def test_a_file_that_cannot_be_converted_is_refused(tmp_path):
    broken = tmp_path / "broken.flac"
    broken.write_bytes(b"fLaC" + bytes(1000))

    async def journey():
        async with cutting(track(broken), tmp_path) as (client, _), client.get("/?part=0") as answer:
            assert answer.status == 400 and "cannot be converted" in await answer.text()

    asyncio.run(journey())


def test_what_is_cut_keeps_to_the_ceilings(tone):
    source = track(tone)
    assert decide.in_parts(source, 0, Limits()).bitrate_kbps == 256
    assert decide.in_parts(source, 0, Limits(default=Default("opus", 96))).bitrate_kbps == 96
    assert decide.in_parts(source, 1000, Limits()).bitrate_kbps == 320
    assert decide.in_parts(source, 1000, Limits(max_bitrate_kbps=128)).bitrate_kbps == 128
    assert decide.in_parts(track(tone, suffix="mp3", codec="mp3", bitrate_kbps=96), 0, Limits()).bitrate_kbps == 96
    assert decide.in_parts(track(tone, sample_rate_hz=96000), 0, Limits()).rate_hz == 48000
    with pytest.raises(Unavailable):
        decide.in_parts(source, 0, Limits(can_transcode=False))


def test_a_list_of_lists_names_each_bit_rate():
    text = hls.master([Variant(64, "low"), Variant(128, "high")])
    assert text.splitlines()[2:] == [
        '#EXT-X-STREAM-INF:BANDWIDTH=70400,CODECS="mp4a.40.2"', "low",
        '#EXT-X-STREAM-INF:BANDWIDTH=140800,CODECS="mp4a.40.2"', "high",
    ]  # fmt: skip
