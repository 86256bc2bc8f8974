"""Whose picture may be seen, and how a client gets it, on both databases."""

import asyncio
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from server.kernel.errors import NotFound
from server.kernel.ids import Ids, new_key
from server.library import info
from server.library.places import source
from server.tests.library.test_artwork import gallery, photo, size_of
from server.users.people import Viewer

HERE, THERE = 1, 2
PORTRAIT = 3
EVERYTHING = Viewer(1, "ann", frozenset(), (HERE, THERE))
ONLY_HERE = Viewer(2, "ben", frozenset(), (HERE,))
NOTHING = Viewer(3, "cat", frozenset(), ())


@pytest.fixture
def rows(db, tmp_path):
    """A library for everybody and one for few, each with an album; a picture in each."""
    music = tmp_path / "music"
    music.mkdir()
    with db.writing() as conn:
        for number, name in ((HERE, "here"), (THERE, "there")):
            conn.run(
                "INSERT INTO library (id, name, path, online) VALUES (:id, :name, :path, 1)",
                id=number, name=name, path=str(music / name),
            )  # fmt: skip
            (music / name).mkdir()
            (music / name / "cover.jpg").write_bytes(photo(300 + number, 300))
            conn.run(
                "INSERT INTO cover (id, library_id, path, picture, mtime_ns, size_bytes)"
                " VALUES (:id, :id, 'cover.jpg', -1, 1, 1)", id=number,
            )  # fmt: skip
            conn.run(
                "INSERT INTO album (id, library_id, key, name, artist_id, cover_id, track_count)"
                " VALUES (:id, :id, 'k', :name, 1, :id, 1)", id=number, name=name,
            )  # fmt: skip
            conn.run(
                "INSERT INTO folder (id, library_id, path, name, image) VALUES (:id, :id, '', :name, 'cover.jpg')",
                id=number, name=name,
            )  # fmt: skip
            conn.run(
                "INSERT INTO track (id, library_id, folder_id, album_id, name) VALUES (:id, :id, :id, :id, 'a.mp3')",
                id=number,
            )  # fmt: skip
            conn.run(
                "INSERT INTO playlist (id, owner_id, name, public) VALUES (:id, 1, 'mine', :public)",
                id=number, public=number - 1,
            )  # fmt: skip
            for track in (HERE, THERE):
                conn.run(
                    "INSERT INTO playlist_track (playlist_id, at, track_id) VALUES (:id, :at, :at)", id=number, at=track
                )
            conn.run(
                "INSERT INTO artist_library (artist_id, library_id, album_count, track_count) VALUES (1, :id, 1, 1)",
                id=number,
            )  # fmt: skip
        conn.run(
            "INSERT INTO cover (id, library_id, path, picture, mtime_ns, size_bytes)"
            " VALUES (:id, :there, 'artist.jpg', -1, 1, 1)", id=PORTRAIT, there=THERE,
        )  # fmt: skip
        conn.run("INSERT INTO artist (id, key, name, cover_id) VALUES (1, 'x', 'Xenia', :id)", id=PORTRAIT)
    return db


def roots(db, viewer, prefix, number) -> list[str]:
    with db.reading() as conn:
        return [Path(place.root).name for place in source(conn, viewer, prefix, number).places]


@pytest.mark.parametrize("prefix", ["co", "al", "tr", "fo"])
def test_a_thing_of_another_library_is_not_there(rows, prefix):
    assert roots(rows, ONLY_HERE, prefix, HERE) == ["here"]
    assert roots(rows, EVERYTHING, prefix, THERE) == ["there"]
    for viewer, number in ((ONLY_HERE, THERE), (NOTHING, HERE), (EVERYTHING, 99)):
        with pytest.raises(NotFound):
            roots(rows, viewer, prefix, number)


def test_an_artist_has_a_cover_that_the_viewer_may_see(rows):
    assert roots(rows, EVERYTHING, "ar", 1) == ["there"]
    assert roots(rows, ONLY_HERE, "ar", 1) == ["here"]
    with pytest.raises(NotFound):
        roots(rows, NOTHING, "ar", 1)


@pytest.mark.parametrize("shown", [PORTRAIT, THERE], ids=["a portrait", "an album's cover"])
def test_the_cover_that_an_artist_has_elsewhere_is_another_one_for_who_may_not_see_it(rows, shown):
    with rows.writing() as conn:
        conn.run("UPDATE artist SET cover_id = :shown", shown=shown)
    assert roots(rows, EVERYTHING, "co", shown) == ["there"]
    assert roots(rows, ONLY_HERE, "co", shown) == ["here"]
    with rows.writing() as conn:
        conn.run("UPDATE album SET cover_id = NULL WHERE id = :here", here=HERE)
    assert roots(rows, ONLY_HERE, "co", shown) == []
    with pytest.raises(NotFound):
        roots(rows, NOTHING, "co", shown)
    with rows.writing() as conn:
        conn.run("DELETE FROM artist_library WHERE library_id = :here", here=HERE)
    with pytest.raises(NotFound):
        roots(rows, ONLY_HERE, "co", shown)


def test_what_is_told_of_an_artist_leads_to_no_picture_that_the_viewer_may_not_see(rows):
    with rows.writing() as conn:
        conn.run("UPDATE artist SET portrait_id = cover_id")
    with rows.reading() as conn:
        assert info.of_artist(conn, EVERYTHING, 1, 0).cover_id == PORTRAIT
        assert info.of_artist(conn, ONLY_HERE, 1, 0).cover_id is None


def test_a_playlist_shows_covers_that_the_viewer_may_see(rows):
    assert roots(rows, EVERYTHING, "pl", 1) == ["here", "there"]
    assert roots(rows, ONLY_HERE, "pl", 2) == ["here"]
    with pytest.raises(NotFound):
        roots(rows, ONLY_HERE, "pl", 1)


def test_a_thing_without_a_picture_is_a_source_without_places(rows):
    with rows.writing() as conn:
        conn.run("UPDATE album SET cover_id = NULL")
        conn.run("UPDATE folder SET image = ''")
        conn.run("UPDATE artist SET cover_id = NULL")
    assert [roots(rows, EVERYTHING, prefix, HERE) for prefix in ("al", "tr", "fo", "ar", "pl")] == [[]] * 5
    with rows.reading() as conn:
        assert source(conn, EVERYTHING, "al", HERE).name == "here"


def test_a_client_gets_headers_that_let_it_keep_the_picture(rows, tmp_path):
    ids = Ids(new_key())

    async def journey():
        async with gallery(tmp_path, rows, ids) as art:

            async def answer(request):
                try:
                    return await art.respond(request, ONLY_HERE, request.query["id"], 64)
                except NotFound:
                    return web.Response(status=404)

            app = web.Application()
            app.router.add_get("/cover", answer)
            async with TestClient(TestServer(app)) as client:
                first = await client.get("/cover", params={"id": ids.text("al", HERE)})
                body = await first.read()
                head = await client.head("/cover", params={"id": ids.text("al", HERE)})
                again = await client.get(
                    "/cover", params={"id": ids.text("al", HERE)}, headers={"If-None-Match": first.headers["ETag"]}
                )
                strange = [
                    (await client.get("/cover", params={"id": text})).status
                    for text in (ids.text("al", THERE), ids.text("al", 99), "al-", "17", "../../etc/passwd")
                ]
                return first, body, head, again, strange

    first, body, head, again, strange = asyncio.run(journey())
    assert size_of(body)[0] == 64
    assert first.headers["Content-Type"] == "image/jpeg"
    assert first.headers["Cache-Control"] == "private, max-age=86400"
    assert first.headers["X-Content-Type-Options"] == "nosniff"
    assert head.headers["Content-Length"] == str(len(body))
    assert (head.status, again.status) == (200, 304)
    assert strange == [404] * 5
