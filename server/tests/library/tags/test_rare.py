"""Formats that ffmpeg cannot write here, made by hand from their headers."""

import struct
from pathlib import Path

import pytest
from mutagen.apev2 import APEv2

from server.library import tags
from server.tests.library import hostile


def monkeys(seconds: int = 2) -> bytes:
    """A Monkey's Audio header (version 3.99), then what would be frames."""
    blocks = 73728
    total = 44100 * seconds
    frames, final = divmod(total, blocks)
    head = b"MAC " + struct.pack("<HHIIIIIII", 3990, 0, 52, 24, 0, 0, 9000, 0, 0) + bytes(16)
    return head + struct.pack("<HHIIIHHI", 2000, 0, blocks, final, frames + 1, 16, 2, 44100) + hostile.noise(9000)


def musepack(frames: int = 80) -> bytes:
    """A Musepack header of stream version 7."""
    return b"MP+\x07" + struct.pack("<II", frames, 0) + bytes(20) + hostile.noise(30000)


def dff(seconds: float = 0.05) -> bytes:
    """DSDIFF with two channels of silence."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return name + struct.pack(">Q", len(body)) + body + b"\0" * (len(body) & 1)

    channels = chunk(b"CHNL", struct.pack(">H", 2) + b"SLFTSRGT")
    props = b"SND " + chunk(b"FS  ", struct.pack(">I", 2822400)) + channels + chunk(b"CMPR", b"DSD \x03DSD")
    data = b"\x69" * (int(2822400 * seconds) // 8 * 2)
    return chunk(b"FRM8", b"DSD " + chunk(b"FVER", b"\1\5\0\0") + chunk(b"PROP", props) + chunk(b"DSD ", data))


def speex(seconds: int = 3) -> bytes:
    head = b"Speex   " + b"1.2".ljust(20, b"\0") + struct.pack("<13I", 1, 80, 16000, 1, 4, 1, 0, 320, 1, 1, 0, 0, 0)
    made = hostile.page(head, 0, 2) + hostile.page(hostile.comments([b"TITLE=Speech", b"ARTIST=A"]), 1)
    return made + hostile.page(hostile.noise(6000), 2, 4, 16000 * seconds)


@pytest.mark.parametrize(
    ("name", "data", "codec", "rate", "channels", "depth", "length_ms"),
    [
        ("x.ape", monkeys(), "ape", 44100, 2, 16, 2000),
        ("x.mpc", musepack(), "mpc", 44100, 2, 0, 2076),
        ("x.dff", dff(), "dsd", 2822400, 2, 1, 50),
        ("x.spx", speex(), "speex", 16000, 1, 0, 3000),
    ],
)
def test_a_rare_format_is_read(
    tmp_path: Path, name: str, data: bytes, codec: str, rate: int, channels: int, depth: int, length_ms: int
) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    found = tags.read(str(path))
    assert (found.codec, found.sample_rate_hz, found.channels, found.bit_depth) == (codec, rate, channels, depth)
    assert found.length_ms == pytest.approx(length_ms, abs=2)
    if name == "x.spx":
        assert found.tags == {"title": ["Speech"], "artist": ["A"]}


@pytest.mark.parametrize(("name", "data"), [("x.ape", monkeys()), ("x.mpc", musepack())])
def test_apev2_behind_a_rare_format_is_read_and_no_part_of_its_hash(tmp_path: Path, name: str, data: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    before = tags.read(str(path))
    held = APEv2()
    held["Title"], held["Artist"], held["Track"] = "T", ["A", "B"], "2/3"
    held.save(path)
    after = tags.read(str(path))
    assert after.tags == {"title": ["T"], "artist": ["A", "B"], "tracknumber": ["2"], "totaltracks": ["3"]}
    assert after.audio_hash == before.audio_hash
    assert after.reader == "mutagen"


def test_riff_info_is_read_where_there_is_no_id3(tmp_path: Path) -> None:
    def text(name: bytes, value: bytes) -> bytes:
        return name + struct.pack("<I", len(value) + 1) + value + b"\0" * (2 - len(value) % 2)

    info = b"INFO" + text(b"INAM", "Título".encode()) + text(b"IART", "Bjørk".encode("latin-1")) + text(b"ITRK", b"4")
    path = tmp_path / "x.wav"
    path.write_bytes(hostile.wav() + b"LIST" + struct.pack("<I", len(info)) + info)
    found = tags.read(str(path)).tags
    assert found == {"title": ["Título"], "artist": ["Bjørk"], "tracknumber": ["4"]}


def test_every_suffix_has_a_type() -> None:
    assert all(suffix.islower() and kind.startswith("audio/") for suffix, kind in tags.SUFFIXES.items())
    assert len(tags.SUFFIXES) == 23


def test_the_content_decides_and_not_the_name(tmp_path: Path) -> None:
    for name, data, codec in (("a.mp3", hostile.SMALL_FLAC, "flac"), ("b.flac", hostile.MP3, "mp3")):
        (tmp_path / name).write_bytes(data)
        found = tags.read(str(tmp_path / name))
        assert (found.codec, found.suffix) == (codec, name[2:])
