"""Podcasts, from a feed on the network to a file that can be heard, with everything real but the publisher."""

import asyncio
import os
import threading
from pathlib import Path

import orjson
import pytest

from server.app import App
from server.kernel import properties
from server.kernel.config import load
from server.kernel.db import Database, open_database
from server.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from server.kernel.fetch import Fetch
from server.kernel.jobs import Queue
from server.kernel.run import AsyncChild
from server.library import catching, episodes, opml, playables, podcasts
from server.tests.broadcast import Page, broadcasting, item, items, rss
from server.tests.shelf import IDS
from server.users.people import Viewer
from subsonic.present import Faces

ANN = Viewer(1, "Ann", frozenset({"stream", "podcast"}), (1,))
BOB = Viewer(2, "Bob", frozenset({"stream"}), (1,))


class Lent:
    """The same child for all tests of this file: to start one takes longer than most of them."""

    def __init__(self, pool: AsyncChild):
        self.call = pool.call

    async def close(self) -> None:
        """It is closed once."""


@pytest.fixture(scope="module", autouse=True)
def child():
    pool = AsyncChild(catching.WORK, processes=1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(catching, "AsyncChild", lambda *args, **limits: Lent(pool))
        yield
    pool.close_now()


@pytest.fixture
def broadcast(tmp_path):
    with broadcasting(tmp_path) as found:
        yield found


@pytest.fixture
def house(databases, tmp_path):
    with databases("sqlite").fresh() as url:
        db = open_database(url)
        yield House.of(db, tmp_path)
        db.close()


@pytest.fixture
def either(db, tmp_path):
    """A house over each kind of database."""
    return House.of(db, tmp_path)


class House:
    """An app without a server, whose worker works when it is told to."""

    def __init__(self, app: App):
        self.app = app
        self.folder = app.config.data_path / "podcasts"

    @classmethod
    def of(cls, db: Database, place: Path, **settings) -> "House":
        config = load({}, {"data": str(place / "data"), **settings})
        fetch = Fetch(("127.0.0.1",))
        return cls(App(config, db, IDS, Queue("", place / "q.db"), Faces(IDS.text), {Fetch: fetch}))

    def read(self, verb, *args):
        with self.app.db.reading() as conn:
            return verb(conn, *args)

    def write(self, verb, *args):
        with self.app.db.writing() as conn:
            return verb(conn, *args)

    def catch_up(self) -> None:
        asyncio.run(catching.catch_up(self.app))

    def follow(self, url: str) -> int:
        number = self.write(podcasts.follow, ANN, url)
        self.catch_up()
        return number

    def look_again(self) -> None:
        self.write(podcasts.refresh, ANN)
        self.catch_up()

    def channel(self, number: int) -> podcasts.Channel:
        return self.read(podcasts.channel, BOB, number)

    def episodes(self, number: int) -> list[dict]:
        return [orjson.loads(each.face) for each in self.read(episodes.of_channels, BOB, [number])[number]]

    def numbers(self, number: int) -> list[int]:
        return [-each.id for each in self.read(episodes.of_channels, BOB, [number])[number]]

    def download(self, number: int) -> None:
        self.write(episodes.want, ANN, number, self.app.render)
        self.catch_up()

    def files(self) -> list[str]:
        return sorted(str(each.relative_to(self.folder)) for each in self.folder.rglob("*") if each.is_file())


def titles(found: list[dict]) -> list[str]:
    return [each["title"] for each in found]


def test_a_feed_becomes_a_channel_and_its_episodes_newest_first(either, broadcast):
    number = either.follow(broadcast.feed)
    channel = either.channel(number)
    assert (channel.title, channel.status, channel.error) == ("Tea & Cake", "completed", "")
    assert channel.description == "All about tea."
    first = either.episodes(number)[0]
    assert titles(either.episodes(number)) == ["Cup 3", "Cup 2", "Cup 1"]
    assert first["status"] == "new" and "streamId" not in first and first["channelId"] == IDS.text("pc", number)
    assert (first["album"], first["artist"], first["duration"], first["track"]) == ("Tea & Cake", "Ann", 3723, 3)
    assert first["description"] == "Water & leaves." and first["publishDate"] == "2026-01-08T06:30:00.000Z"
    assert (first["type"], first["contentType"], first["suffix"]) == ("podcast", "audio/mpeg", "mp3")
    assert first["size"] == 123


def test_the_same_feed_is_the_same_channel_however_its_address_is_written(house, broadcast):
    number = house.follow(broadcast.feed)
    host = broadcast.feed.removeprefix("http://")
    for same in (broadcast.feed, f"  {broadcast.feed}/ ", f"HTTP://{host}#top", f"https://{host}"):
        assert house.write(podcasts.follow, ANN, same) == number
    assert house.channel(number).status == "completed"


@pytest.mark.parametrize("verb", [podcasts.refresh, podcasts.refresh_soon])
def test_who_asks_for_a_look_again_and_again_keeps_no_podcast_from_its_turn(either, monkeypatch, verb):
    time_ms = [1_800_000_000_000]
    monkeypatch.setattr(podcasts, "now_ms", lambda: time_ms[0])
    numbers = [either.write(podcasts.follow, ANN, f"http://tea.invalid/{at}") for at in range(3)]
    seen = set()
    for _ in range(3):
        either.write(verb, ANN)
        first = either.read(podcasts.due, 1, [])[0].id
        seen.add(first)
        either.write(podcasts.failed, first, "busy", time_ms[0] + 3_600_000)
        time_ms[0] += 1000
    assert seen == set(numbers)


def test_apps_that_ask_without_end_have_each_podcast_read_once_a_minute(either, monkeypatch):
    time_ms = [1_800_000_000_000]
    monkeypatch.setattr(podcasts, "now_ms", lambda: time_ms[0])
    number = either.write(podcasts.follow, ANN, "http://tea.invalid/")
    reads = []
    for _ in range(200):
        either.write(podcasts.refresh_soon, ANN)
        for due in either.read(podcasts.due, 4, []):
            reads.append(time_ms[0])
            either.write(podcasts.failed, due.id, "busy", time_ms[0] + 3_600_000)
        time_ms[0] += 1000
    assert number and [at - reads[0] for at in reads] == [0, 60_000, 120_000, 180_000]
    # A clock that was set back is no reason to wait.
    time_ms[0] -= 86_400_000
    either.write(podcasts.refresh_soon, ANN)
    assert either.read(podcasts.due, 4, [])


def test_a_list_that_names_a_podcast_twice_tells_of_one(house):
    feeds = [{"url": f"{scheme}://tea.invalid/feed", "title": "Tea"} for scheme in ("http", "https")]
    assert house.write(opml.take, ANN, feeds) == (1, 1, [])


def test_only_who_may_decides_and_everybody_hears(house, broadcast):
    number = house.follow(broadcast.feed)
    some = house.numbers(number)[0]
    for verb, *args in ((podcasts.follow, broadcast.feed), (podcasts.leave, number), (podcasts.refresh,),
                        (podcasts.refresh_soon,), (episodes.want, some, house.app.render),
                        (episodes.drop, some, house.app.render)):  # fmt: skip
        with pytest.raises(Forbidden):
            house.write(verb, BOB, *args)
    assert house.read(podcasts.listed, BOB) and house.read(episodes.newest, BOB, 2)
    for verb, *args in ((podcasts.leave, 99), (podcasts.refresh, 99), (episodes.want, 99, house.app.render),
                        (episodes.drop, 99, house.app.render)):  # fmt: skip
        with pytest.raises(NotFound):
            house.write(verb, ANN, *args)


@pytest.mark.parametrize("url", ["", "example.org/feed", "file:///etc/passwd", "http://a b/", "ftp://example.org/"])
def test_what_is_no_web_address_is_not_followed(house, url):
    with pytest.raises(Invalid):
        house.write(podcasts.follow, ANN, url)


def test_a_feed_at_a_private_address_is_never_asked_and_the_channel_says_why(house, broadcast):
    house.app.parts[Fetch] = Fetch()
    number = house.follow(broadcast.feed)
    assert house.channel(number).status == "error" and "FAMILIAR_FETCH_ALLOW" in house.channel(number).error
    assert broadcast.seen == []


def test_an_episode_that_lies_at_a_private_address_is_not_fetched(house, broadcast):
    broadcast.say(rss(item(broadcast, 1).replace("127.0.0.1", "127.0.0.2")))
    number = house.follow(broadcast.feed)
    house.download(house.numbers(number)[0])
    assert house.episodes(number)[0]["status"] == "error" and not broadcast.asked("/sound.mp3")


def test_a_look_again_finds_what_is_new_and_what_has_changed(either, broadcast):
    number = either.follow(broadcast.feed)
    before = either.numbers(number)
    broadcast.say(rss(items(broadcast, 4).replace("<title>Cup 1<", "<title>A small cup<"), title="Tea, Cake & Jam"))
    either.look_again()
    assert titles(either.episodes(number)) == ["Cup 4", "Cup 3", "Cup 2", "A small cup"]
    assert either.numbers(number)[1:] == before and either.episodes(number)[3]["album"] == "Tea, Cake & Jam"
    broadcast.say(rss(item(broadcast, 4)))
    either.look_again()
    assert len(either.episodes(number)) == 4, "what a feed no longer lists stays"


def test_a_feed_that_did_not_change_is_not_sent_again(house, broadcast):
    broadcast.say(rss(items(broadcast, 2)), headers={"ETag": '"7"', "Last-Modified": "Mon, 05 Jan 2026 06:30:00 GMT"})
    number = house.follow(broadcast.feed)
    house.look_again()
    assert broadcast.asked("/feed.xml")[1]["If-None-Match"] == '"7"'
    assert broadcast.asked("/feed.xml")[1]["If-Modified-Since"] == "Mon, 05 Jan 2026 06:30:00 GMT"
    assert house.channel(number).status == "completed" and len(house.episodes(number)) == 2


def test_it_looks_again_by_the_clock_and_not_before(house, broadcast, monkeypatch):
    house.follow(broadcast.feed)
    house.catch_up()
    assert len(broadcast.asked("/feed.xml")) == 1
    later = podcasts.now_ms() + 6 * 3_600_000 + 1
    monkeypatch.setattr(podcasts, "now_ms", lambda: later)
    monkeypatch.setattr(catching, "now_ms", lambda: later)
    house.catch_up()
    assert len(broadcast.asked("/feed.xml")) == 2


def test_a_feed_that_has_moved_for_good_is_asked_there_from_then_on(house, broadcast):
    new = broadcast.say(rss(items(broadcast, 1)), "/new.xml")
    broadcast.say(b"", status=301, headers={"Location": new})
    number = house.follow(broadcast.feed)
    assert house.channel(number).url == new and len(house.episodes(number)) == 1
    house.look_again()
    assert len(broadcast.asked("/feed.xml")) == 1
    assert house.write(podcasts.follow, ANN, new) == number


def test_a_feed_that_fails_says_so_and_keeps_what_is_known(house, broadcast):
    number = house.follow(broadcast.feed)
    for page, told in (
        (Page(status=404), "status 404"), (Page(status=410), "gone for good"),
        (Page(b"<html><p>Sign in"), "a web page"), (Page(b"nonsense"), "no XML"), (Page(b""), "no XML"),
        (Page(b"<rss/>"), "no channel"), (Page(b"<svg/>"), "no feed"),
    ):  # fmt: skip
        broadcast.pages["/feed.xml"] = page
        house.look_again()
        channel = house.channel(number)
        assert channel.status == "error" and told in channel.error and channel.title == "Tea & Cake", told
    assert len(house.episodes(number)) == 3
    broadcast.say(rss(items(broadcast, 4)))
    house.look_again()
    assert house.channel(number).status == "completed" and house.channel(number).error == ""


def test_one_bad_feed_does_not_keep_the_others_waiting(house, broadcast):
    broadcast.say("<rss", "/bad.xml")
    bad = house.write(podcasts.follow, ANN, broadcast.address + "/bad.xml")
    assert house.channel(house.follow(broadcast.feed)).status == "completed"
    assert house.channel(bad).status == "error"


def test_an_episode_is_downloaded_whole_and_can_be_heard(either, broadcast):
    number = either.follow(broadcast.feed)
    some = either.numbers(number)[0]
    with pytest.raises(NotFound, match="has to be downloaded first"):
        either.read(playables.file, BOB, -some)
    either.download(some)
    episode = either.episodes(number)[0]
    assert (episode["status"], episode["streamId"]) == ("completed", IDS.text("pe", some))
    assert episode["duration"] == 2 and episode["size"] == len(broadcast.sound) and episode["samplingRate"]
    assert episode["path"] == "Tea & Cake/2026-01-08 Cup 3.mp3"
    found = either.read(playables.file, BOB, -some)
    assert Path(found.path).read_bytes() == broadcast.sound and found.content_type == "audio/mpeg"
    assert either.files() == [episode["path"]]
    either.look_again()
    assert either.episodes(number)[0]["duration"] == 2, "what the file is counts more than what the feed says"


def test_downloading_twice_is_downloading_once(house, broadcast):
    number = house.follow(broadcast.feed)
    some = house.numbers(number)[0]
    house.download(some)
    house.download(some)
    assert len(broadcast.asked("/sound.mp3")) == 1


@pytest.mark.parametrize(("page", "told"), [
    (Page(status=404), "status 404"),
    (Page(b"<html>Sign in</html>" * 99, "audio/mpeg"), "not an audio file"),
    (Page(b"\xff\xfb" * 10, "audio/mpeg", promised=9999), "broke the connection off|cannot be read"),
])  # fmt: skip
def test_a_download_that_fails_says_why_leaves_nothing_and_can_be_tried_again(house, broadcast, page, told):
    number = house.follow(broadcast.feed)
    some = house.numbers(number)[0]
    whole, broadcast.pages["/sound.mp3"] = broadcast.pages["/sound.mp3"], page
    house.download(some)
    assert house.episodes(number)[0]["status"] == "error" and house.files() == []
    reason = house.read(lambda conn: conn.value("SELECT error FROM podcast_episode WHERE id = :id", id=some))
    assert any(each in reason for each in told.split("|"))
    broadcast.pages["/sound.mp3"] = whole
    house.download(some)
    assert house.episodes(number)[0]["status"] == "completed"


def test_a_disk_that_is_full_is_a_reason_and_no_crash(house, broadcast, monkeypatch):
    number = house.follow(broadcast.feed)

    def full(*args):
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(catching.os, "fsync", full)
    house.download(house.numbers(number)[0])
    reason = house.read(lambda conn: conn.value("SELECT error FROM podcast_episode WHERE error <> ''"))
    assert reason == "There is no room left on the disk." and house.files() == []


def test_an_episode_leaves_room_for_the_database(house, broadcast, monkeypatch):
    monkeypatch.setattr(catching, "ROOM_BYTES", 1 << 60)
    number = house.follow(broadcast.feed)
    house.download(house.numbers(number)[0])
    reason = house.read(lambda conn: conn.value("SELECT error FROM podcast_episode WHERE error <> ''"))
    assert reason == "There is no room left on the disk." and house.files() == []


def test_an_episode_larger_than_anybody_keeps_is_not_kept(house, broadcast, monkeypatch):
    monkeypatch.setattr(catching, "EPISODE_BYTES", 1000)
    number = house.follow(broadcast.feed)
    house.download(house.numbers(number)[0])
    assert house.episodes(number)[0]["status"] == "error" and house.files() == []


def test_an_episode_that_is_given_up_loses_its_file_and_can_come_back(house, broadcast):
    number = house.follow(broadcast.feed)
    some = house.numbers(number)[0]
    house.download(some)
    house.write(episodes.drop, ANN, some, house.app.render)
    assert house.episodes(number)[0]["status"] == "deleted"
    with pytest.raises(NotFound):
        house.read(playables.file, BOB, -some)
    house.catch_up()
    assert house.files() == []
    house.look_again()
    assert house.episodes(number)[0]["status"] == "deleted"
    house.download(some)
    assert house.episodes(number)[0]["status"] == "completed" and len(house.files()) == 1


def test_one_that_is_given_up_while_it_comes_is_not_kept(house, broadcast, monkeypatch):
    number = house.follow(broadcast.feed)
    some = house.numbers(number)[0]
    place = catching._place

    def meanwhile(*args):
        house.write(episodes.drop, ANN, some, house.app.render)
        return place(*args)

    monkeypatch.setattr(catching, "_place", meanwhile)
    house.download(some)
    assert house.episodes(number)[0]["status"] == "deleted" and house.files() == []


def test_one_that_is_given_up_before_it_has_come_is_not_waited_for(house, broadcast, monkeypatch):
    number = house.follow(broadcast.feed)
    some = house.numbers(number)[0]

    async def endless(response, path, host):
        path.write_bytes(b"x")
        house.write(episodes.drop, ANN, some, house.app.render)
        await asyncio.Event().wait()

    monkeypatch.setattr(catching, "_pour", endless)
    monkeypatch.setattr(catching, "LOOK_S", 0.01)
    house.download(some)
    assert house.episodes(number)[0]["status"] == "deleted" and house.files() == []


def test_a_podcast_that_is_slow_leaves_room_for_others(either, broadcast):
    slow = either.follow(broadcast.feed)
    other = either.follow(broadcast.say(rss(item(broadcast, 1)), "/other.xml"))
    for number in (*either.numbers(slow), *either.numbers(other)):
        either.write(episodes.want, ANN, number, either.app.render)
    assert [each.channel_id for each in either.read(episodes.wanted, 9, 2)] == [slow, slow, other]


def test_an_episode_that_drips_is_given_up(house, broadcast, monkeypatch):
    monkeypatch.setattr(catching, "SLOW_S", 0.0)
    monkeypatch.setattr(catching, "SLOW_BYTES_S", 1 << 60)
    number = house.follow(broadcast.feed)
    house.download(house.numbers(number)[0])
    reason = house.read(lambda conn: conn.value("SELECT error FROM podcast_episode WHERE error <> ''"))
    assert reason == "127.0.0.1 sends the episode slower than one could listen to it." and house.files() == []


def test_a_channel_that_is_left_takes_its_files_along_and_comes_back_as_the_same(either, broadcast):
    broadcast.say(b"\xff\xd8\xff picture", "/c.jpg", kind="image/jpeg")
    broadcast.say(rss(items(broadcast, 2), more=f'<itunes:image href="{broadcast.address}/c.jpg"/>'))
    number = either.follow(broadcast.feed)
    before = either.numbers(number)
    either.download(before[0])
    assert either.files() == ["Tea & Cake/2026-01-07 Cup 2.mp3", "Tea & Cake/cover.jpg"]
    either.write(podcasts.leave, ANN, number)
    assert either.read(podcasts.listed, BOB) == [] and either.read(episodes.newest, BOB, 9) == []
    for verb in (podcasts.channel, episodes.one):
        with pytest.raises(NotFound):
            either.read(verb, BOB, number)
    with pytest.raises(NotFound):
        either.write(podcasts.leave, ANN, number)
    either.catch_up()
    assert either.files() == [] and list(either.folder.iterdir()) == []
    assert either.follow(broadcast.feed) == number and either.numbers(number) == before
    assert [each["status"] for each in either.episodes(number)] == ["new", "new"]
    assert either.files() == ["Tea & Cake/cover.jpg"]


def test_the_newest_come_by_themselves_where_that_is_wanted(db, tmp_path, broadcast):
    house = House.of(db, tmp_path, podcast_download=2, podcast_folder=str(tmp_path / "casts"))
    house.folder = tmp_path / "casts"
    number = house.follow(broadcast.feed)
    assert [each["status"] for each in house.episodes(number)] == ["completed", "completed", "new"]
    house.write(episodes.drop, ANN, house.numbers(number)[0], house.app.render)
    broadcast.say(rss(items(broadcast, 4)))
    house.look_again()
    assert [each["status"] for each in house.episodes(number)] == ["completed", "deleted", "completed", "new"]
    assert house.files() == ["Tea & Cake/2026-01-07 Cup 2.mp3", "Tea & Cake/2026-01-09 Cup 4.mp3"]


def test_evil_names_stay_in_the_podcast_folder(house, broadcast):
    said = "".join(item(broadcast, at).replace(f"Cup {at}", title) for at, title in enumerate(
        ("../../../../etc/cron.d/x", "a/b\\c:d", "." * 300, "-rf", "CON", "x" * 500, "Cup\u202e3pm.exe", "é" * 200)))
    broadcast.say(rss(said, title="../../.."))
    number = house.follow(broadcast.feed)
    for some in house.numbers(number):
        house.write(episodes.want, ANN, some, house.app.render)
    house.catch_up()
    assert {each["status"] for each in house.episodes(number)} == {"completed"}
    files = house.files()
    assert len(files) == 8 and {each.count("/") for each in files} == {1}
    assert sorted(p.name for p in house.folder.parent.iterdir()) == ["podcasts"]
    assert max(len(part.encode()) for each in files for part in each.split("/")) < 255


def test_two_channels_or_episodes_of_one_name_do_not_share_a_place(house, broadcast):
    twins = "".join(item(broadcast, 1).replace("cup-1", guid) for guid in ("a", "b"))
    broadcast.say(rss(twins), "/one.xml")
    broadcast.say(rss(twins), "/two.xml")
    for path in ("/one.xml", "/two.xml"):
        for some in house.numbers(house.follow(broadcast.address + path)):
            house.download(some)
    assert len(house.files()) == 4


def test_what_is_no_audio_is_listed_and_not_downloaded(house, broadcast):
    broadcast.say(rss(item(broadcast, 1).replace("audio/mpeg", "video/mp4").replace("sound.mp3", "film.mp4")))
    number = house.follow(broadcast.feed)
    assert house.episodes(number)[0]["status"] == "skipped"
    with pytest.raises(Invalid):
        house.download(house.numbers(number)[0])


def test_a_download_that_was_cut_short_begins_again(house, broadcast):
    number = house.follow(broadcast.feed)
    house.write(episodes.want, ANN, house.numbers(number)[0], house.app.render)
    left = house.folder / "Tea & Cake" / ".1.part.mp3"
    left.parent.mkdir(parents=True, exist_ok=True)
    left.write_bytes(b"half")
    house.catch_up()
    assert house.episodes(number)[0]["status"] == "completed" and len(house.files()) == 1


def test_what_a_killed_worker_left_half_is_removed(house, broadcast):
    left = house.folder / "Tea & Cake" / ".1.part.mp3"
    left.parent.mkdir(parents=True)
    left.write_bytes(b"half")
    house.catch_up()
    assert not left.parent.exists()


def test_a_file_that_cannot_be_removed_ends_nothing_else(house, broadcast, caplog):
    number = house.follow(broadcast.feed)
    house.download(house.numbers(number)[0])
    place = house.folder / house.files()[0]
    place.unlink()
    place.mkdir()
    house.write(podcasts.leave, ANN, number)
    house.catch_up()
    assert "cannot be removed" in caplog.text


def test_one_worker_of_a_house_does_it(house):
    with house.app.db.lock(catching.LOCK), pytest.raises(Conflict):
        house.catch_up()


def test_lists_of_a_hundred_channels_take_a_fixed_number_of_statements(either):
    with either.app.db.writing() as conn:
        conn.many("INSERT INTO podcast_channel (id, key, url, title, status) VALUES (?, ?, 'http://x', ?, 'completed')",
                  [(at, f"k{at}", f"Channel {at}") for at in range(1, 101)])  # fmt: skip
        conn.many(
            "INSERT INTO podcast_episode (channel_id, guid, published_ms, face) VALUES (?, ?, ?, ?)",
            [(at % 100 + 1, str(at), at, b"{}") for at in range(2000)],
        )
    db = either.app.db
    with db.reading() as conn:
        before = db.statements
        found = podcasts.listed(conn, BOB)
        below = episodes.of_channels(conn, BOB, [each.id for each in found])
        assert len(found) == 100 and {len(each) for each in below.values()} == {20}
        assert len(episodes.newest(conn, BOB, 500)) == 500
        assert db.statements - before == 3


def test_a_worker_does_it_until_it_is_told_to_end(house, broadcast, monkeypatch):
    number, stop = house.write(podcasts.follow, ANN, broadcast.feed), threading.Event()
    read = podcasts.read

    def once(*args, **more):
        stop.set()
        return read(*args, **more)

    monkeypatch.setattr(catching.podcasts, "read", once)
    worker = threading.Thread(target=catching.keep_catching, args=(house.app, stop))
    worker.start()
    worker.join(30)
    assert not worker.is_alive() and house.channel(number).status == "completed"


def test_the_old_address_of_a_podcast_that_has_moved_is_the_same_podcast(house, broadcast):
    new = broadcast.say(rss(items(broadcast, 1)), "/new.xml")
    number = house.follow(new)
    broadcast.say(b"", status=301, headers={"Location": new})
    house.follow(broadcast.feed)
    assert [each.id for each in house.read(podcasts.listed, BOB)] == [number]


def test_what_goes_wrong_unexpectedly_is_in_the_log_and_ends_nothing_else(house, broadcast, monkeypatch, caplog):
    monkeypatch.setattr(catching, "_conditions", lambda due: 1 / 0)
    number = house.follow(broadcast.feed)
    assert "the log says how" in house.channel(number).error and "ZeroDivisionError" in caplog.text


def test_faces_of_another_version_are_drawn_anew(house, broadcast):
    number = house.follow(broadcast.feed)
    house.write(lambda conn: conn.run("UPDATE podcast_episode SET face = :old, face_version = 0", old=b"{}"))
    house.write(properties.put, catching.FACES, "0")
    house.catch_up()
    assert titles(house.episodes(number)) == ["Cup 3", "Cup 2", "Cup 1"]
