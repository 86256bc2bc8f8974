"""Pictures of stations: which a page names as its own, and what becomes of them."""

import asyncio
import io

import pytest
from PIL import Image

from server.kernel.fetch import Fetch
from server.kernel.files import CacheFolder
from server.kernel.ids import Ids
from server.library import logos, radio
from server.library.artwork import Artwork, children
from server.library.logos import Logos
from server.library.radio import Listed
from server.tests.plays.small import CHIEF, read, write
from server.tests.stream.stations import on_air

PAGE = """<!doctype html><html><head>
<meta property="og:image" content="/og.jpg?a=1&amp;b=2">
<LINK REL="shortcut icon" HREF="/favicon.ico">
<link rel=icon sizes=32x32 href=small.png><link href='//cdn.example/large.png' sizes="192x192" rel='icon'>
<link rel="apple-touch-icon" href="touch.png"><link rel="apple-touch-icon-precomposed" sizes="180x180" href="big.png">
<link rel="stylesheet" href="style.css"><link rel="icon" href="javascript:alert(1)"><link rel="icon" href="data:x">
<meta name="twitter:image" content="http://[broken">"""


def test_a_page_names_its_pictures_in_this_order():
    assert logos.pictures(PAGE, "https://radio.example/live/") == [
        "https://radio.example/live/big.png", "https://radio.example/live/touch.png", "https://cdn.example/large.png",
        "https://radio.example/live/small.png", "https://radio.example/og.jpg?a=1&b=2",
        "https://radio.example/apple-touch-icon.png",
    ]  # fmt: skip


@pytest.mark.parametrize("page", ["", "<link " * 50_000, "<link rel=icon href=" * 20_000, "\x00" * 1000,
                                  '<meta property="og:image" content="' + "x" * 100_000])  # fmt: skip
def test_a_page_of_anything_names_none_of_its_own(page):
    assert logos.pictures(page, "https://radio.example/") == ["https://radio.example/apple-touch-icon.png"]


def png(colour=(9, 99, 199)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (180, 90), colour).save(out, "PNG")
    return out.getvalue()


def sought(db, folder, numbers, allow=("127.0.0.0/8",)):
    """Look for the pictures of stations, until that has ended."""

    async def seek():
        child = children()
        seeker = Logos(db, Fetch(allow), Artwork(db, Ids(3), child, CacheFolder(folder, 1 << 20)))
        try:
            for number in numbers:
                seeker.soon(number)
                seeker.soon(number)
            await asyncio.gather(*seeker._tasks)
        finally:
            await seeker.close()
            await child.close()

    asyncio.run(seek())


def test_a_station_gets_the_picture_of_its_homepage(db, tmp_path):
    with on_air() as web:
        home = web.play("/home", b"<link rel='apple-touch-icon' href='/no.png'><link rel=icon href='/logo.png'>",
                        kind="text/html")  # fmt: skip
        web.play("/no.png", b"no picture", kind="image/png")
        web.play("/logo.png", png(), kind="image/png")
        bare = web.play("/bare", b"<html>", kind="text/html")
        web.play("/apple-touch-icon.png", first="HTTP/1.0 404 Not Found")
        made = [
            write(db, radio.create, CHIEF, Listed("Waves", "http://waves.invalid/", url)) for url in (home, bare, "")
        ]
        sought(db, tmp_path, made)
        assert [bool(read(db, radio.by_id, number).picture_key) for number in made] == [True, False, False]
        assert Image.open(io.BytesIO(read(db, radio.picture, made[0]))).size == (180, 90)
        sought(db, tmp_path, made)
        assert web.asked["/home"] == web.asked["/bare"] == 1, "a week has not gone by"


def test_a_picture_that_somebody_chose_stays(db):
    number = write(db, radio.create, CHIEF, Listed("Waves", "http://waves.invalid/", "http://home.invalid/"))
    write(db, radio.set_picture, CHIEF, number, "chosen", b"chosen")
    write(db, radio.adopt_picture, number, "found", b"found")
    assert read(db, radio.picture, number) == b"chosen"


def test_a_private_homepage_is_not_asked(db, tmp_path):
    with on_air() as web:
        home = web.play("/home", b"<html>", kind="text/html")
        number = write(db, radio.create, CHIEF, Listed("Waves", "http://waves.invalid/", home))
        sought(db, tmp_path, [number], allow=())
        assert not web.asked
