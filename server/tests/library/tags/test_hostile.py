"""Whatever a file holds, reading it ends: with a Reading or with one plain sentence."""

import math
import os
import random
import shutil
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import orjson
import pytest

from server.library import tags
from server.library.sung.child import read_many
from server.library.tags import child
from server.tests.library import hostile

from . import written
from .samples import png

ROUNDS = 900


def outcome(path: Path) -> tags.Reading | str:
    """The reading, fully checked, or the sentence."""
    try:
        found = tags.read(str(path))
    except tags.Unreadable as error:
        assert str(error).endswith(".") and "\n" not in str(error), str(error)
        return str(error)
    orjson.dumps(found, default=tuple)
    size = path.stat().st_size
    assert found.length_ms > 0 and math.isfinite(found.length_ms)
    assert found.bitrate_kbps > 0 and found.sample_rate_hz > 0 and found.channels > 0
    assert len(found.audio_hash) == 32
    assert len(found.tags) <= 200
    assert all(0 < len(values) <= 64 for values in found.tags.values())
    assert sum(len(value) for values in found.tags.values() for value in values) <= 512 << 10
    for values in found.tags.values():
        assert not any(sign < " " and sign not in "\n\t" for value in values for sign in value)
    for picture in found.pictures:
        assert picture.offset == -1 or picture.offset + picture.length <= size
    return found


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("hostile")
    hostile.make_all(folder)
    return folder


@pytest.mark.parametrize(("name", "why", "expect"), [case[:3] for case in hostile.CASES], ids=lambda text: text[:24])
def test_a_hostile_file_is_read_or_refused_with_a_sentence(made: Path, name: str, why: str, expect: str) -> None:
    found = outcome(made / name)
    if expect != "either":
        assert isinstance(found, str) == (expect == "refused"), (why, found)
    if not isinstance(found, str):
        assert found.length_ms < 60_000
        tags.picture(str(made / name))


def test_a_bomb_takes_no_memory_to_speak_of(made: Path) -> None:
    tracemalloc.start()
    try:
        for name in ("zlib_bomb.mp3", "id3_claims_256M.mp3", "picture_lies.flac", "cover_lies.m4a", "bad.wma"):
            outcome(made / name)
        assert tracemalloc.get_traced_memory()[1] < 16 << 20
    finally:
        tracemalloc.stop()


def test_many_paths_come_back_in_their_order_as_plain_values(made: Path) -> None:
    names = [case[0] for case in hostile.CASES]
    found = read_many([(str(made / name), []) for name in names])
    assert len(found) == len(names)
    again = orjson.loads(orjson.dumps(found))
    assert again[names.index("ok.flac")][-1]["title"] == ["ok"]
    assert "empty" in again[names.index("zero.mp3")]["error"]


def test_files_are_opened_ahead_and_none_stays_open(made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def still_open() -> int:
        return len(os.listdir("/proc/self/fd"))

    before, names = still_open(), ["gone.mp3", *["ok.mp3", "ok.flac", "zero.mp3"] * 20]
    paths = [str(made / name) for name in names]
    counts, found = [], []
    for reading in child.read_each(paths):
        counts.append(still_open() - before)
        found.append(reading)
    assert [type(each) is dict for each in found] == [name in ("gone.mp3", "zero.mp3") for name in names]
    assert found[0]["passing"] and found[1] == tags.read(paths[1])
    assert child.AHEAD // 2 < max(counts) <= child.AHEAD and counts[-1] == 0
    begun = child.read_each(paths)
    next(begun)
    begun.close()
    assert still_open() == before

    def refused(*_) -> None:
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr(os, "posix_fadvise", refused)
    assert list(child.read_each(paths)) == found


def test_what_is_no_regular_file_is_refused_without_waiting(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.mp3")
    for name in ("pipe.mp3", ".", "gone.mp3"):
        with pytest.raises(tags.Unreadable):
            tags.read(str(tmp_path / name))


def test_a_broken_tag_does_not_cost_the_audio(made: Path) -> None:
    for name in ("id3_claims_256M.mp3", "xing_lies.mp3", "ape_lies.mp3"):
        found = tags.read(str(made / name))
        assert found.length_ms == pytest.approx(1045, abs=40)


def test_an_mp3_that_was_cut_off_is_as_long_as_what_is_left(copy: Callable[[str], Path]) -> None:
    path = copy("vbr.mp3")
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    assert tags.read(str(path)).length_ms == pytest.approx(600, abs=60)


def test_flac_that_does_not_say_its_length_is_as_long_as_its_last_frame(copy: Callable[[str], Path]) -> None:
    path = copy("plain.flac")
    data = bytearray(path.read_bytes())
    data[8 + 13] &= 0xF0
    data[8 + 14 : 8 + 18] = bytes(4)
    path.write_bytes(data)
    assert tags.read(str(path)).length_ms == pytest.approx(1200, abs=1)


def seeds(streams: dict[str, Path], folder: Path) -> list[bytes]:
    """Good files of every format, richly tagged, to be broken."""
    for name in ("cbr.mp3", "plain.flac", "plain.ogg", "plain.opus", "flac.oga", "last.m4a", "alac.m4a", "plain.wav",
                 "plain.aiff", "plain.wma", "plain.wv", "plain.tta", "plain.aac", "plain.dsf"):  # fmt: skip
        shutil.copy(streams[name], folder / name)
    written.write_id3(folder / "cbr.mp3", 4, 3, png(20000))
    written.write_ape(folder / "cbr.mp3")
    written.write_flac(folder / "plain.flac", png(20000))
    for name in ("plain.ogg", "plain.opus", "flac.oga"):
        written.write_ogg(folder / name, png(20000))
    for name in ("last.m4a", "alac.m4a"):
        written.write_mp4(folder / name, png(20000))
    for name in ("plain.wav", "plain.aiff", "plain.tta", "plain.dsf"):
        written.write_inside(folder / name)
    written.write_asf(folder / "plain.wma")
    written.write_ape(folder / "plain.wv")
    return [path.read_bytes() for path in sorted(folder.iterdir())]


def broken(data: bytes, rng: random.Random) -> bytes:
    """One of the ways in which files break, mostly near their heads and tails."""
    out = bytearray(data)
    span = rng.choice((64, 512, 4096, len(out)))
    for _ in range(rng.choice((1, 2, 8, 40))):
        at = rng.randrange(min(span, len(out)))
        at = len(out) - 1 - at if rng.random() < 0.2 else at
        kind = rng.randrange(6)
        if kind == 0:
            out[at] ^= 1 << rng.randrange(8)
        elif kind == 1:
            out[at : at + 4] = rng.choice((b"\xff\xff\xff\xff", bytes(4), b"\x7f\xff\xff\xff", b"\x80\0\0\0"))
        elif kind == 2:
            del out[at : at + rng.randrange(1, 40)]
        elif kind == 3:
            out[at:at] = rng.randbytes(rng.randrange(1, 12))
        elif kind == 4:
            begin = rng.randrange(len(out))
            out[at:at] = out[begin : begin + rng.randrange(400)]
        elif rng.random() < 0.3:
            del out[max(at, 8) :]
        if len(out) < 8:
            break
    return bytes(out) or b"\0"


def test_files_broken_at_random_are_read_or_refused(streams: dict[str, Path], tmp_path: Path) -> None:
    (tmp_path / "good").mkdir()
    rng = random.Random(20)
    good = seeds(streams, tmp_path / "good")
    path = tmp_path / "broken.bin"
    read = 0
    for number in range(ROUNDS):
        data = broken(good[number % len(good)], rng)
        path.write_bytes(data)
        read += not isinstance(outcome(path), str)
    assert read > ROUNDS // 4
