"""Podcasts as apps see them: over HTTP, from a publisher on this machine to a player with a bookmark."""

import asyncio
from dataclasses import replace
from xml.etree import ElementTree

import pytest

from server.kernel.fetch import Fetch
from server.library import catching
from server.tests import fixtures, running
from server.tests.broadcast import Broadcast, broadcasting, items, rss
from server.users import accounts
from server.users.accounts import Changes
from server.users.people import LISTENER, OPERATOR
from subsonic.tests.test_journey import travel

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c4944415408d763f8cfc000000301010018dd8db0"
    "0000000049454e44ae426082"
)


@pytest.fixture(scope="module")
def broadcast(tmp_path_factory):
    with broadcasting(tmp_path_factory.mktemp("broadcast")) as found:
        found.say(PNG, "/cover.png", kind="image/png")
        found.say(rss(items(found, 3), more=f'<itunes:image href="{found.address}/cover.png"/>'))
        yield found


@pytest.fixture(scope="module", params=fixtures.KINDS)
def server(request, databases, scanned, music, tmp_path_factory):
    """A server that may fetch from this machine, and on which Alice decides about podcasts."""
    kind, data = databases(request.param), tmp_path_factory.mktemp("data")
    with kind.copy(scanned(kind.name)) as url, fixtures.opened(url, music, data) as made:
        app = replace(made, parts={Fetch: Fetch(("127.0.0.1",))})
        with app.db.writing() as conn:
            accounts.change(conn, OPERATOR, "alice", Changes(roles=LISTENER | {"podcast"}))
        with running.running(app) as found:
            yield found


def work(server) -> None:
    """Let the worker do what there is to do."""
    asyncio.run(catching.catch_up(server.app))


@pytest.fixture
def channel(server, broadcast: Broadcast) -> dict:
    """The channel, read, with its episodes."""
    server.ask("createPodcastChannel", url=broadcast.feed)
    work(server)
    return server.ask("getPodcasts", "bob")["channel"][0]


@pytest.fixture
def heard(server, channel) -> dict:
    """An episode that is here."""
    some = channel["episode"][0]["id"]
    server.ask("downloadPodcastEpisode", id=some)
    work(server)
    return server.ask("getPodcastEpisode", "bob", id=some)


def test_channels_are_listed_with_and_without_episodes(server, channel, broadcast):
    assert (channel["url"], channel["title"], channel["status"]) == (broadcast.feed, "Tea & Cake", "completed")
    assert channel["originalImageUrl"].endswith("/cover.png") and len(channel["episode"]) == 3
    bare = server.ask("getPodcasts", id=channel["id"], includeEpisodes="false")["channel"][0]
    assert bare["id"] == channel["id"] and bare["episode"] == []
    assert server.get("getPodcasts", id=channel["episode"][0]["id"]).error == 70


def test_xml_says_the_same(server, channel):
    root = ElementTree.fromstring(server.get("getPodcasts", f="xml").body)
    found = root.findall("{*}podcasts/{*}channel/{*}episode")
    assert [each.get("title") for each in found] == [each["title"] for each in channel["episode"]]
    assert found[0].get("description") == "Water & leaves." and found[0].get("duration")


def test_the_newest_come_first_and_not_more_than_asked_for(server, channel):
    found = server.ask("getNewestPodcasts", "bob", count=2)["episode"]
    assert [each["title"] for each in found] == ["Cup 3", "Cup 2"]
    assert server.ask("getNewestPodcasts", "bob", count=0)["episode"] == []


def test_the_extension_is_announced(server):
    names = {each["name"] for each in server.ask("getOpenSubsonicExtensions", "")}
    assert "getPodcastEpisode" in names


def test_an_episode_is_heard_whole_in_parts_and_converted(server, heard, broadcast):
    assert heard["status"] == "completed" and heard["streamId"] == heard["id"] and heard["suffix"] == "mp3"
    whole = server.get("stream", "bob", id=heard["streamId"])
    assert whole.body == broadcast.sound and whole.headers["content-type"] == "audio/mpeg"
    part = server.send("GET", f"/rest/stream?{running.query('bob', id=heard['id'])}", headers={"Range": "bytes=10-19"})
    assert part.status == 206 and part.body == broadcast.sound[10:20]
    saved = server.get("download", "bob", id=heard["id"])
    assert saved.body == broadcast.sound and "Cup%203.mp3" in saved.headers["content-disposition"].replace(" ", "%20")
    converted = server.get("stream", "bob", id=heard["id"], format="opus", maxBitRate=32)
    assert converted.headers["content-type"] == "audio/ogg" and converted.body.startswith(b"OggS")
    (link,) = [line for line in server.get("hls", "bob", id=heard["id"]).body.decode().split() if "aac?" in line]
    assert server.send("GET", f"/rest/{link}").headers["content-type"] == "audio/aac"


def test_one_that_is_not_here_says_so(server, channel):
    answer = server.get("stream", "bob", id=channel["episode"][-1]["id"])
    assert answer.error == 70 and "downloaded first" in answer.reply["error"]["message"]


def test_the_picture_of_a_channel_is_that_of_its_episodes(server, channel):
    assert channel["episode"][0]["coverArt"] == channel["coverArt"]
    drawn = server.get("getCoverArt", "bob", id="al-0000000000")
    for id_text in (channel["coverArt"], channel["episode"][0]["id"]):
        answer = server.get("getCoverArt", "bob", id=id_text, size=64)
        assert answer.status == 200 and answer.headers["content-type"].startswith("image/"), drawn
        assert "max-age=86400" in answer.headers["cache-control"], "it is the real one, not a drawn one"


def test_a_place_in_an_episode_is_kept_as_one_in_a_song_is(server, heard):
    server.ask("createBookmark", "bob", id=heard["id"], position=1500, comment="here")
    found = server.ask("getBookmarks", "bob")["bookmark"][0]
    assert (found["position"], found["entry"]["id"], found["entry"]["type"]) == (1500, heard["id"], "podcast")
    assert server.ask("getPodcastEpisode", "bob", id=heard["id"])["bookmarkPosition"] == 1500
    assert server.ask("getNewestPodcasts", "bob")["episode"][0]["bookmarkPosition"] == 1500
    assert "bookmarkPosition" not in server.ask("getPodcastEpisode", id=heard["id"])
    server.ask("deleteBookmark", "bob", id=heard["id"])
    assert server.ask("getBookmarks", "bob")["bookmark"] == []
    assert server.get("createBookmark", "bob", id="pe-0000000000", position=1).error == 70


def test_a_queue_may_hold_songs_and_episodes(server, heard):
    song = server.ask("getRandomSongs", "bob", size=1)["song"][0]
    server.ask("savePlayQueue", "bob", id=[song["id"], heard["id"]], current=heard["id"], position=700)
    queue = server.ask("getPlayQueue", "bob")
    assert [each["id"] for each in queue["entry"]] == [song["id"], heard["id"]]
    assert (queue["current"], queue["position"]) == (heard["id"], 700)
    root = ElementTree.fromstring(server.get("getPlayQueue", "bob", f="xml").body)
    assert [each.get("status") for each in root.findall("{*}playQueue/{*}entry")] == [None, None]


def test_hearing_one_is_seen_counted_and_remembered(server, heard):
    server.ask("scrobble", "bob", id=heard["id"], submission="false")
    assert [each["id"] for each in server.ask("getNowPlaying")["entry"]] == [heard["id"]]
    server.ask("scrobble", "bob", id=heard["id"])
    server.ask("scrobble", "bob", id=heard["id"])
    assert server.ask("getPodcastEpisode", "bob", id=heard["id"])["playCount"] == 1
    server.ask("reportPlayback", "bob", mediaId=heard["id"], mediaType="podcast", positionMs=900, state="playing")
    assert server.ask("getNowPlaying")["entry"][0]["positionMs"] >= 900
    server.ask("star", "bob", id=heard["id"])
    assert "starred" in server.ask("getPodcastEpisode", "bob", id=heard["id"])


def test_only_who_has_the_right_changes_anything(server, channel):
    some = channel["episode"][1]["id"]
    for endpoint, params in (("refreshPodcasts", {}), ("createPodcastChannel", {"url": "http://tea.invalid/"}),
                             ("deletePodcastChannel", {"id": channel["id"]}), ("downloadPodcastEpisode", {"id": some}),
                             ("deletePodcastEpisode", {"id": some})):  # fmt: skip
        assert server.get(endpoint, "bob", **params).error == 50, endpoint


@pytest.mark.parametrize(("url", "code"), [
    ("http://10.0.0.1/feed", 50), ("http://[::1]/", 50), ("http://2130706433/", 0), ("file:///etc/passwd", 0), ("", 10),
    ("http://u:p@example.org/", 0),
])  # fmt: skip
def test_addresses_that_nobody_may_ask_are_refused_at_once(server, url, code):
    assert server.get("createPodcastChannel", url=url).error == code


def test_an_episode_is_deleted_and_a_channel_is_left(server, heard, channel, broadcast):
    server.ask("deletePodcastEpisode", id=heard["id"])
    assert server.ask("getPodcastEpisode", id=heard["id"])["status"] == "deleted"
    assert server.get("stream", "bob", id=heard["id"]).error == 70
    server.ask("deletePodcastChannel", id=channel["id"])
    assert server.ask("getPodcasts")["channel"] == [] and server.ask("getNewestPodcasts")["episode"] == []
    assert server.get("getPodcastEpisode", id=heard["id"]).error == 70
    assert server.get("deletePodcastChannel", id=channel["id"]).error == 70
    server.ask("createPodcastChannel", url=broadcast.feed)
    assert server.ask("getPodcasts")["channel"][0]["id"] == channel["id"]


def test_a_library_with_models_of_its_own_does_all_of_it(server, channel, broadcast):
    async def journey(client):
        await client.create_podcast_channel(broadcast.feed)
        await client.refresh_podcasts()
        found = (await client.get_podcasts(inc_episodes=True))[0]
        assert found.title == "Tea & Cake" and len(found.episode) == 3
        newest = await client.get_newest_podcasts(count=1)
        assert newest[0].channel_id == channel["id"]
        assert (await client.get_podcast_episode(newest[0].id)).title == "Cup 3"
        await client.download_podcast_episode(newest[0].id)
        await client.delete_podcast_episode(newest[0].id)
        await client.delete_podcast_channel(found.id)

    travel(server, journey)


def test_lists_are_exchanged_with_other_programs(server, channel):
    path = f"/api/podcasts.opml?{running.query('alice')}"
    said = server.send("GET", path)
    assert said.headers["content-type"].startswith("text/x-opml") and b'title="Tea &amp; Cake"' in said.body
    assert server.send("POST", path, said.body).body == b'{"added":0,"known":1,"refused":[]}'
    more = b'<opml><outline text="Jam" xmlUrl="http://jam.invalid/"/><outline text="Odd" xmlUrl="file:///etc"/></opml>'
    answer = server.send("POST", path, more)
    assert answer.status == 201 and b'"added":1' in answer.body and b"Odd: A web address begins" in answer.body
    assert "Jam" in [each["title"] for each in server.ask("getPodcasts")["channel"]]
    assert server.send("POST", path, b"no list").status == 400
    assert server.send("POST", f"/api/podcasts.opml?{running.query('bob')}", more).status == 403
    assert server.send("GET", "/api/podcasts.opml").status == 401
