"""Every call that a third-party client library knows, made once; none raises. A new call of the library fails here."""

import asyncio
import inspect
from collections.abc import Iterator
from dataclasses import replace

import pytest
from libopensonic import AsyncConnection

from server.kernel.fetch import Fetch
from server.library import sonic
from server.tests.broadcast import broadcasting, items, rss
from server.tests.fixtures import opened
from server.tests.jukebox.test_jukebox import Room
from server.tests.running import Server, running
from subsonic.tests.test_journey import travel
from subsonic.tests.test_podcasts import work
from subsonic.tests.test_sonic import Compass

REFUSED = {"get_video_info", "get_captions", "token_info"}
"""There are no videos, and no key was used: the protocol wants a refusal, which this library raises."""
BROKEN = {"get_music_folders", "update_share"}
"""Whatever a server answers: one reads a list's container as the list, one sends the value as the parameter's name."""
NO_CALLS = {"cleanup", "get_stream_url", "search"}


@pytest.fixture
def house(kind, scanned, music, tmp_path, tmp_path_factory) -> Iterator[tuple[Server, str]]:
    """A server with all that can be switched on, and the address of a feed."""
    with (
        kind.copy(scanned(kind.name)) as url,
        opened(url, music, tmp_path_factory.mktemp("data"), jukebox=str(Room(tmp_path).path)) as made,
        running(replace(made, parts={Fetch: Fetch(("127.0.0.1",))})) as server,
        broadcasting(tmp_path_factory.mktemp("broadcast")) as broadcast,
    ):
        server.app.parts[sonic.Engine] = Compass(server.app)
        broadcast.say(rss(items(broadcast, 2)))
        yield server, broadcast.feed


def test_every_call_of_the_library_is_answered(house):
    server, feed = house
    called: set[str] = set()

    class Counted:
        """The client, which notes what of it was used."""

        def __init__(self, client):
            self._client = client

        def __getattr__(self, name):
            called.add(name)
            return getattr(self._client, name)

    async def journey(plain):
        client = Counted(plain)
        song, other = (await client.get_random_songs(2))[:2]
        await system(client, song)
        await browse(client, song)
        await mark(client, song, other)
        await publish(client, song)
        await listen(client, song, other)
        await people(client)
        await broadcasts(client, server, feed)

    travel(server, journey, "admin")
    there = {
        name for name, kind in inspect.getmembers(AsyncConnection, inspect.isfunction) if not name.startswith("_")
    }
    assert there - NO_CALLS - REFUSED - BROKEN == called


async def system(client, song):
    assert await client.ping() and (await client.get_license())["license"]["valid"]
    assert {each.name for each in await client.get_open_subsonic_extensions()} >= {"sonicSimilarity", "formPost"}
    assert (await client.get_scan_status()).scanning in (True, False)
    await client.start_scan()
    await client.add_chat_message("hello")
    assert (await client.get_chat_messages())[0].message == "hello"
    assert await (await client.get_avatar("admin")).read()
    assert await (await client.get_cover_art(song.album_id, 100)).read()


async def browse(client, song):
    assert (await client.get_indexes()).index and (await client.get_artists()).index
    assert (await client.get_artist(song.artist_id)).id == song.artist_id
    assert (await client.get_album(song.album_id)).song and (await client.get_song(song.id)).id == song.id
    assert (await client.get_music_directory(song.parent)).child
    genres = await client.get_genres()
    assert await client.get_songs_by_genre(genres[0].value)
    assert await client.get_album_list("newest") and await client.get_album_list2("newest")
    for call in (client.search2, client.search3):
        assert (await call(song.title[:4])).song
    for call in (client.get_artist_info, client.get_artist_info2):
        await call(song.artist_id)
    for call in (client.get_album_info, client.get_album_info2):
        await call(song.album_id)
    for call in (client.get_similar_songs, client.get_similar_songs2, client.get_sonic_similar_tracks):
        assert isinstance(await call(song.id), list)
    await client.get_top_songs(song.artist)
    await client.get_lyrics(song.artist, song.title)
    await client.get_lyrics_by_song_id(song.id)
    await client.get_videos()


async def mark(client, song, other):
    assert await client.star([song.id]) and await client.set_rating(song.id, 4)
    assert (await client.get_starred()).song and (await client.get_starred2()).song
    assert await client.unstar([song.id])
    assert await client.create_bookmark(song.id, 1000) and await client.get_bookmarks()
    assert await client.delete_bookmark(song.id)
    assert await client.save_play_queue([song.id, other.id], song.id, 5)
    assert (await client.get_play_queue()).entry
    assert await client.save_play_queue_by_index([song.id, other.id], 1, 5)
    assert (await client.get_play_queue_by_index()).current_index == 1
    await client.create_playlist(name="mine", song_ids=[song.id])
    [made] = [each for each in await client.get_playlists() if each.name == "mine"]
    assert await client.update_playlist(made.id, comment="x", song_ids_to_add=[other.id])
    assert (await client.get_playlist(made.id)).song_count == 2 and await client.delete_playlist(made.id)


async def publish(client, song):
    share = await client.create_share([song.id], "listen")
    assert share.id in [each.id for each in await client.get_shares()]
    assert await client.delete_share(share.id)
    assert await client.create_internet_radio_station("http://waves.invalid/", "Waves")
    station = (await client.get_internet_radio_stations())[0]
    assert await client.update_internet_radio_station(station.id, "http://hills.invalid/", "Hills")
    assert await client.delete_internet_radio_station(station.id)


async def listen(client, song, other):
    assert await client.scrobble(song.id) and await client.report_playback(song.id, "song", 10, "playing")
    assert await client.get_now_playing()
    for call in (client.stream, client.download):
        assert await (await call(song.id)).read()
    await client.hls(song.id)
    able = {"name": "x", "directPlayProfiles": [{"containers": [], "audioCodecs": [], "protocols": []}]}
    able |= {"transcodingProfiles": [{"container": "mp3", "audioCodec": "mp3", "protocol": "http"}]}
    decision = await client.get_transcode_decision(song.id, "song", able)
    assert decision.can_direct_play
    none = able | {"directPlayProfiles": []}
    params = (await client.get_transcode_decision(song.id, "song", none)).transcode_params
    assert await (await client.get_transcode_stream(song.id, "song", params)).read()
    for action in ("status", "get", "start", "stop", "clear"):
        await client.jukebox_control(action)
    assert (await client.find_sonic_path(song.id, other.id))[0].entry.id == song.id


async def people(client):
    assert await client.create_user("carol", "a secret of hers", "c@example.org")
    assert await client.update_user("carol", email="d@example.org")
    assert await client.change_password("carol", "another of hers")
    assert (await client.get_user("carol")).username == "carol"
    assert "carol" in [each.username for each in await client.get_users()] and await client.delete_user("carol")


async def broadcasts(client, server, feed):
    assert await client.create_podcast_channel(feed) and await client.refresh_podcasts()
    await asyncio.to_thread(work, server)
    channel = (await client.get_podcasts())[0]
    episode = (await client.get_newest_podcasts())[0]
    assert (await client.get_podcast_episode(episode.id)).id == episode.id
    assert await client.download_podcast_episode(episode.id) and await client.delete_podcast_episode(episode.id)
    assert await client.delete_podcast_channel(channel.id)
