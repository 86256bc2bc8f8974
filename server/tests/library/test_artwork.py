"""Pictures in every size, from good files and hostile ones, with real children."""

import asyncio
import contextlib
import io
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from PIL import Image

from server.kernel.files import CacheFolder
from server.kernel.run import AsyncChild
from server.library import artwork, pictures
from server.library.artwork import Artwork
from server.library.places import Place, Source
from server.tests.library.hostile_images import BROKEN


def photo(width: int, height: int, kind: str = "JPEG", mode: str = "RGB", **how) -> bytes:
    out = io.BytesIO()
    colour = {"RGB": (180, 40, 40), "RGBA": (180, 40, 40, 90), "CMYK": (10, 200, 200, 20)}.get(mode, 1)
    Image.new(mode, (width, height), colour).save(out, kind, **how)
    return out.getvalue()


def size_of(data: bytes) -> tuple[int, int]:
    return Image.open(io.BytesIO(data)).size


def mp3_with(picture: bytes, mime: str = "image/jpeg") -> bytes:
    """Return a silent file with one embedded picture."""

    def seven_bits(number: int) -> bytes:
        return bytes(number >> shift & 127 for shift in (21, 14, 7, 0))

    body = b"\0" + mime.encode() + b"\0\x03\0" + picture
    frame = b"APIC" + seven_bits(len(body)) + b"\0\0" + body
    return b"ID3\x04\0\0" + seven_bits(len(frame)) + frame + (b"\xff\xfb\x90\x64" + bytes(413)) * 20


@pytest.fixture
def music(tmp_path):
    folder = tmp_path / "music"
    folder.mkdir()
    return folder


@contextlib.asynccontextmanager
async def gallery(tmp_path, db=None, ids=None, limit=1 << 24):
    child = AsyncChild(artwork.WORK, processes=1, nice=0)
    cache = CacheFolder(tmp_path / "covers", limit)
    try:
        yield Artwork(db, ids, child, cache)
    finally:
        await child.close()


def at(music: Path, name: str, picture: int = -1) -> Source:
    about = (music / name).stat() if (music / name).exists() else SimpleNamespace(st_mtime_ns=0, st_size=0)
    return Source("album", "A Name", (Place(str(music), name, picture, f"{about.st_mtime_ns}:{about.st_size}"),))


def files_in(tmp_path) -> list[str]:
    return sorted(path.name for path in (tmp_path / "covers").rglob("*") if path.is_file())


def shown(tmp_path, wanted: Source, *sizes: int | None) -> list:
    async def ask():
        async with gallery(tmp_path) as art:
            return [await art.get(wanted, size) for size in sizes]

    return asyncio.run(ask())


def test_a_size_is_rounded_up_to_the_list_and_never_enlarges(tmp_path, music):
    (music / "cover.jpg").write_bytes(photo(800, 400))
    asked = (1, 64, 65, 250, 301, 1_000_000_000)
    found = shown(tmp_path, at(music, "cover.jpg"), *asked)
    assert [size_of(picture.data) for picture in found] == [
        (64, 32), (64, 32), (100, 50), (300, 150), (600, 300), (800, 400),
    ]  # fmt: skip
    assert {picture.content_type for picture in found} == {"image/jpeg"}
    assert len({picture.etag for picture in found}) == 5


@pytest.mark.parametrize("size", [None, 0, -5])
def test_without_a_size_the_original_bytes_are_sent(tmp_path, music, size):
    data = photo(500, 500, "PNG")
    (music / "cover.png").write_bytes(data)
    (picture,) = shown(tmp_path, at(music, "cover.png"), size)
    assert (picture.data, picture.content_type) == (data, "image/png")


def test_an_original_that_is_too_large_for_clients_is_made_smaller(tmp_path, music):
    (music / "cover.jpg").write_bytes(photo(4000, 4000))
    (picture,) = shown(tmp_path, at(music, "cover.jpg"), None)
    assert size_of(picture.data) == (1200, 1200)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
def test_all_four_formats_are_made_small(kind):
    content_type, data = pictures.small(photo(700, 700, kind), 300)
    assert content_type == "image/jpeg"
    assert size_of(data) == (300, 300)


@pytest.mark.parametrize(
    ("kind", "mode"), [("PNG", "L"), ("PNG", "P"), ("PNG", "I;16"), ("PNG", "1"), ("JPEG", "CMYK")]
)
def test_every_kind_of_pixel_becomes_one_that_clients_know(kind, mode):
    _type, data = pictures.small(photo(700, 700, kind, mode), 100)
    assert Image.open(io.BytesIO(data)).mode in ("RGB", "L")


def test_a_picture_that_can_be_looked_through_stays_so():
    content_type, data = pictures.small(photo(700, 700, "PNG", "RGBA"), 100)
    assert content_type == "image/png"
    assert Image.open(io.BytesIO(data)).getpixel((50, 50))[3] == 90


def test_a_turned_photograph_is_put_upright_and_tells_nothing_of_where_it_was_taken():
    exif = Image.Exif()
    exif[pictures.ORIENTATION] = 6
    exif[0x010E] = "at home"
    data = photo(900, 300, exif=exif, comment=b"at home")
    for made in (pictures.small(data, 300)[1], pictures.original(data)[1]):
        assert Image.open(io.BytesIO(made)).height == 3 * Image.open(io.BytesIO(made)).width
        assert b"at home" not in made


def test_the_same_picture_in_twelve_files_is_kept_once(tmp_path, music):
    data = mp3_with(photo(900, 900))
    for number in range(12):
        (music / f"{number}.mp3").write_bytes(data + bytes(number))

    async def ask():
        async with gallery(tmp_path) as art:
            every = await asyncio.gather(*(art.get(at(music, f"{n}.mp3", 0), 300) for n in range(12)))
            return every, art.counted

    found, counted = asyncio.run(ask())
    assert {size_of(picture.data) for picture in found} == {(300, 300)}
    assert len(files_in(tmp_path)) == counted["made"] == 1


def test_a_repeat_comes_from_memory_and_after_a_restart_from_the_folder(tmp_path, music):
    (music / "cover.jpg").write_bytes(photo(900, 900))

    async def ask(art):
        before = dict(art.counted)
        await art.get(at(music, "cover.jpg"), 300)
        return {key: count - before.get(key, 0) for key, count in art.counted.items() if count != before.get(key, 0)}

    async def journey():
        async with gallery(tmp_path) as art:
            first = await ask(art)
            second = await ask(art)
        async with gallery(tmp_path) as art:
            return first, second, await ask(art)

    assert asyncio.run(journey()) == ({"made": 1}, {"memory": 1}, {"disk": 1})


def test_the_folder_keeps_its_bound(tmp_path, music):
    for number in range(12):
        Image.effect_noise((500, 500), 90 + number).convert("RGB").save(music / f"{number}.jpg")

    async def ask():
        async with gallery(tmp_path, limit=200_000) as art:
            for number in range(12):
                await art.get(at(music, f"{number}.jpg"), 300)

    asyncio.run(ask())
    assert 0 < sum(path.stat().st_size for path in (tmp_path / "covers").rglob("*") if path.is_file()) <= 200_000


def test_broken_and_hostile_pictures_become_drawn_ones(tmp_path, music):
    for name, data in BROKEN.items():
        (music / name).write_bytes(data)
    os.mkfifo(music / "pipe.jpg")
    (music / "device.jpg").symlink_to("/dev/zero")
    (music / "folder.jpg").mkdir()
    names = [*BROKEN, "pipe.jpg", "device.jpg", "folder.jpg", "gone.jpg", "../outside.jpg"]

    async def ask():
        async with gallery(tmp_path) as art:
            found = [(name, await art.get(at(music, name), size)) for name in names for size in (300, None)]
            counted = art.counted.copy()
            again = [await art.get(at(music, name), 300) for name in names]
            return found, again, counted, art.counted

    found, again, counted, after = asyncio.run(ask())
    assert [name for name, picture in found if not picture.drawn] == []
    assert {picture.content_type for _name, picture in found} == {"image/jpeg"}
    # What failed is not tried again.
    assert all(picture.drawn for picture in again)
    assert (counted["bad"], counted["gone"]) == (after["bad"], after["gone"])
    assert counted["gone"] == 5


def test_a_broken_embedded_picture_becomes_a_drawn_one(tmp_path, music):
    (music / "a.mp3").write_bytes(mp3_with(BROKEN["sixteen-thousand.png"], "image/png"))
    (music / "b.mp3").write_bytes(b"no music at all")
    for wanted in (at(music, "a.mp3", 0), at(music, "a.mp3", 5), at(music, "b.mp3", 0)):
        assert shown(tmp_path, wanted, 300)[0].drawn


def test_a_child_that_dies_over_a_picture_costs_nothing_but_that_picture(tmp_path, music, monkeypatch):
    (music / "cover.jpg").write_bytes(photo(900, 900))
    monkeypatch.setattr(artwork, "TRIES_S", 0.000001)

    async def ask():
        async with gallery(tmp_path) as art:
            first = asyncio.ensure_future(art._key(at(music, "cover.jpg").places[0]))
            assert await first is None
            monkeypatch.setattr(artwork, "TRIES_S", 30)
            assert (await art.get(at(music, "cover.jpg"), 300)).drawn
            (music / "other.jpg").write_bytes(photo(901, 900))
            assert not (await art.get(at(music, "other.jpg"), 300)).drawn

    asyncio.run(ask())


def test_a_file_that_changed_has_a_new_picture(tmp_path, music):
    async def ask():
        async with gallery(tmp_path) as art:
            (music / "cover.jpg").write_bytes(photo(900, 900))
            first = await art.get(at(music, "cover.jpg"), 300)
            (music / "cover.jpg").write_bytes(photo(900, 450))
            return first, await art.get(at(music, "cover.jpg"), 300)

    first, second = asyncio.run(ask())
    assert size_of(second.data) == (300, 150)
    assert first.etag != second.etag


def test_a_name_of_bytes_that_are_no_text_is_found(tmp_path, music):
    name = os.fsencode(music) + b"/B\xf6rk.jpg"
    with open(name, "wb") as file:
        file.write(photo(300, 300))
    assert not shown(tmp_path, at(music, "B\uf7f6rk.jpg"), 300)[0].drawn


def test_four_covers_make_a_mosaic_and_fewer_do_not(tmp_path, music):
    for number in range(4):
        (music / f"{number}.png").write_bytes(photo(400 + number, 300, "PNG"))
    places = tuple(at(music, f"{number}.png").places[0] for number in range(4))
    mosaic, three, broken = (
        shown(tmp_path, Source("playlist", "Mix", chosen), 300)[0]
        for chosen in (places, places[:3], (*places[:3], Place(str(music), "gone.png", -1, "")))
    )
    assert size_of(mosaic.data) == (300, 300)
    assert size_of(three.data) == size_of(broken.data) == (300, 225)


def test_a_drawn_picture_follows_from_the_name_and_honours_the_size(tmp_path):
    names = ("One", "東京", "")
    kinds = [Source(kind, name, ()) for kind in ("album", "artist", "playlist", "folder") for name in names]

    async def ask():
        async with gallery(tmp_path) as art:
            return [(await art.get(wanted, 100), await art.get(wanted, None)) for wanted in kinds]

    found = asyncio.run(ask())
    assert found == asyncio.run(ask())
    assert len({small.data for small, _large in found}) == len(kinds)
    for small, large in found:
        assert size_of(small.data) == (100, 100)
        assert size_of(large.data) == (600, 600)
        assert len(small.data) < 6_000


def test_one_who_goes_away_does_not_take_the_picture_from_the_others(tmp_path, music):
    (music / "cover.jpg").write_bytes(photo(900, 900))

    async def ask():
        async with gallery(tmp_path) as art:
            one, other = (asyncio.ensure_future(art.get(at(music, "cover.jpg"), 300)) for _ in range(2))
            await asyncio.sleep(0)
            one.cancel()
            assert size_of((await other).data) == (300, 300)
            assert art.counted["made"] == 1

    asyncio.run(ask())


def test_the_server_itself_never_loads_what_decodes_pictures():
    script = "import sys, server.library.artwork; sys.exit(any(name.startswith('PIL') for name in sys.modules))"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
