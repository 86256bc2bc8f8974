"""A third-party client with strict models of its own does everything that a person does."""

import asyncio

import pytest
from libopensonic import AsyncConnection
from libopensonic.errors import SonicError

from server.tests.running import PASSWORDS


@pytest.fixture(params=["token", "plain", "key", "get"])
def way(request):
    return request.param


def travel(server, journey, user: str = "alice", way: str = "token"):
    """Let somebody do something with a client of their own."""

    async def go():
        options = {"username": user, "password": PASSWORDS[user]}
        if way == "key":
            options = {"api_key": api_key(server, user)}
        client = AsyncConnection(
            "http://127.0.0.1", port=server.port, legacy_auth=way == "plain", use_get=way == "get", **options
        )
        try:
            return await journey(client)
        finally:
            await client.cleanup()

    return asyncio.run(go())


def api_key(server, user: str) -> str:
    from server.main import master_key
    from server.users import credentials
    from server.users.people import OPERATOR

    with server.app.db.writing() as conn:
        number = conn.value("SELECT id FROM account WHERE key = :key", key=user)
        return credentials.lend_api_key(conn, OPERATOR, master_key(server.app.config), number, "journey")[1]


def test_signing_in_by_every_way(server, way):
    async def journey(client):
        assert await client.ping()
        assert (await client.get_license())["license"]["valid"]
        if way == "key":
            assert (await client.token_info()).username == "alice"

    travel(server, journey, way=way)


def test_browsing_both_views(server):
    async def journey(client):
        indexes = await client.get_indexes()
        names = {artist.name: artist.id for index in indexes.index for artist in index.artist}
        assert {"Aurora Vale", "Longplay", "山田太郎"} <= names.keys()
        inside = await client.get_music_directory(names["Aurora Vale"])
        assert {child.title for child in inside.child} >= {"2019 - First Light", "Greatest Hits"}
        deeper = await client.get_music_directory(next(c.id for c in inside.child if "First" in c.title))
        assert [song.title for song in deeper.child] == ["Dawn", "Ember", "Glass Tide", "Homeward"]
        artists = await client.get_artists()
        found = {artist.name: artist for index in artists.index for artist in index.artist}
        assert found["Aurora Vale"].album_count == 2
        artist = await client.get_artist(found["Aurora Vale"].id)
        assert [album.name for album in artist.album] == ["First Light", "Greatest Hits"]
        album = await client.get_album(next(a.id for a in artist.album if a.name == "First Light"))
        assert [(song.track, song.title) for song in album.song][:2] == [(1, "Dawn"), (2, "Ember")]
        song = await client.get_song(album.song[0].id)
        assert (song.artist, song.album, song.year, song.suffix) == ("Aurora Vale", "First Light", 2018, "flac")
        assert {genre.value for genre in await client.get_genres()} >= {"Folk", "Dream Pop", "Pop", "Rock", "Jazz"}
        double = await client.search3("both sides")
        assert [album.song_count for album in double.album] == [4]
        assert (await client.get_artist_info2(artist.id)) is not None
        assert (await client.get_album_info2(album.id)) is not None

    travel(server, journey)


def test_lists_and_search(server):
    async def journey(client):
        for kind in ("random", "newest", "frequent", "recent", "starred", "alphabeticalByName", "alphabeticalByArtist"):
            albums = await client.get_album_list2(kind, size=50)
            assert isinstance(albums, list), kind
        names = [album.name for album in await client.get_album_list2("alphabeticalByName", size=50)]
        assert names == sorted(names, key=str.casefold) and names.count("Greatest Hits") == 2
        assert {a.name for a in await client.get_album_list2("byGenre", genre="Jazz")} == {"Duets", "Harbour Nights"}
        assert [a.name for a in await client.get_album_list2("byYear", from_year=2015, to_year=2010)] == [
            "Duets", "Harbour Nights", "東京の夜"]  # fmt: skip
        assert len(await client.get_random_songs(size=5)) == 5
        assert len(await client.get_songs_by_genre("Folk")) == 4
        for words, title in (("dawn aurora", "Dawn"), ("ANGSTROM hit", "Hit 1"), ("夜", "星空"), ("берёз", "Берёзы")):
            found = await client.search3(words, song_count=20)
            assert title in [song.title for song in found.song], words
        everything = await client.search3("", song_count=500)
        assert len(everything.song) == len({song.id for song in everything.song}) == 23
        page = await client.search3("", song_count=5, song_offset=5)
        assert [s.id for s in page.song] == [s.id for s in everything.song][5:10]

    travel(server, journey)


def test_hearing(server):
    async def journey(client):
        song = (await client.search3("dawn")).song[0]
        whole = await (await client.stream(song.id, tformat="raw")).read()
        assert len(whole) == song.size and whole[:4] == b"fLaC"
        part = await client.stream(song.id, tformat="raw", byte_range="bytes=4-13")
        assert part.status == 206 and await part.read() == whole[4:14]
        assert await (await client.download(song.id)).read() == whole
        smaller = await client.stream(song.id, tformat="mp3", max_bit_rate=64)
        assert smaller.content_type == "audio/mpeg"
        assert (await smaller.read())[:2] in (b"ID", b"\xff\xfb", b"\xff\xf3", b"\xff\xfa")
        album = await client.get_album(song.album_id)
        cover = await client.get_cover_art(album.cover_art, size=64)
        assert cover.content_type.startswith("image/") and len(await cover.read()) > 50

    travel(server, journey)


def test_marking(server):
    async def journey(client):
        song = (await client.search3("homeward")).song[0]
        assert await client.star([song.id], [song.album_id], [song.artist_id])
        starred = await client.get_starred2()
        assert [s.id for s in starred.song] == [song.id]
        assert [a.id for a in starred.album] == [song.album_id] and [a.id for a in starred.artist] == [song.artist_id]
        assert (await client.get_song(song.id)).starred
        assert await client.unstar([song.id], [song.album_id], [song.artist_id])
        assert not (await client.get_starred2()).song
        assert await client.set_rating(song.id, 4)
        assert (await client.get_song(song.id)).user_rating == 4
        before = (await client.get_song(song.id)).play_count or 0
        assert await client.scrobble(song.id, listen_time=1_700_000_000_000)
        assert (await client.get_song(song.id)).play_count == before + 1
        assert await client.scrobble(song.id, submission=False)
        assert [entry.id for entry in await client.get_now_playing()] == [song.id]
        assert (await client.get_album_list2("recent"))[0].id == song.album_id
        assert await client.create_bookmark(song.id, 12_345, "here")
        (mark,) = await client.get_bookmarks()
        assert (mark.position, mark.comment, mark.entry.id) == (12_345, "here", song.id)
        assert await client.delete_bookmark(song.id)
        assert await client.get_bookmarks() == []

    travel(server, journey)


def test_playlists_and_queues(server):
    async def journey(client):
        songs = [song.id for song in (await client.search3("", song_count=6)).song]
        assert await client.create_playlist(name="Evening", song_ids=songs[:3])
        made = next(each for each in await client.get_playlists() if each.name == "Evening")
        assert made.song_count == 3
        assert await client.update_playlist(made.id, comment="quiet", song_ids_to_add=songs[3:5],
                                            song_indices_to_remove=[0, 2])  # fmt: skip
        found = await client.get_playlist(made.id)
        assert [entry.id for entry in found.entry] == [songs[1], songs[3], songs[4]]
        assert found.comment == "quiet"
        assert await client.delete_playlist(made.id)
        with pytest.raises(SonicError):
            await client.get_playlist(made.id)
        assert await client.save_play_queue(songs, current=songs[2], position=9000)
        queue = await client.get_play_queue()
        assert [entry.id for entry in queue.entry] == songs
        assert (queue.current, queue.position) == (songs[2], 9000)
        assert await client.save_play_queue_by_index(songs[:2], 1, 10)
        assert (await client.get_play_queue_by_index()).current_index == 1

    travel(server, journey)


def test_managing_people(server):
    async def journey(client):
        assert await client.create_user("erin", "erin's secret 7Gb", "erin@example.org")
        assert (await client.get_user("erin")).stream_role
        assert "erin" in [user.username for user in await client.get_users()]
        assert await client.update_user("erin", stream_role=False)
        assert not (await client.get_user("erin")).stream_role
        assert await client.change_password("erin", "erin's other 8Hc")
        assert await client.delete_user("erin")
        assert "erin" not in [user.username for user in await client.get_users()]
        assert await client.get_scan_status() is not None

    travel(server, journey, user="admin")


def test_somebody_else_sees_only_what_is_theirs(server):
    async def journey(client):
        assert len((await client.search3("", song_count=500)).song) == 21
        with pytest.raises(SonicError):
            await client.get_users()

    travel(server, journey, user="bob")


def test_radio_chat_and_pictures(server):
    async def stations(client):
        assert await client.create_internet_radio_station("http://waves.invalid/", "Waves", "http://home.invalid/")
        [made] = [each for each in await client.get_internet_radio_stations() if each.name == "Waves"]
        assert (made.stream_url, made.home_page_url) == ("http://waves.invalid/", "http://home.invalid/")
        assert await client.update_internet_radio_station(made.id, "http://hills.invalid/", "Hills")
        assert await client.scrobble(made.id, submission=False)
        [entry] = [each for each in await client.get_now_playing() if each.id == made.id]
        assert (entry.title, entry.is_dir) == ("Hills", False)
        assert (await (await client.get_cover_art(made.id, 200)).read()).startswith(b"\xff\xd8")
        assert await client.delete_internet_radio_station(made.id)
        assert made.id not in [each.id for each in await client.get_internet_radio_stations()]

    async def chat(client):
        assert await client.add_chat_message("hello, everybody")
        message = (await client.get_chat_messages())[0]
        assert (message.username, message.message) == ("alice", "hello, everybody")
        assert (await (await client.get_avatar("bob")).read()).startswith(b"\xff\xd8")
        with pytest.raises(SonicError):
            await client.create_internet_radio_station("http://x.invalid/", "x")

    travel(server, stations, "admin")
    travel(server, chat)
