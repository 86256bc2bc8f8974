"""Podcasts. A server reads a feed in its own time: the rules wait for it, but not for long.

With the suite's own feed (`--serve-feed`) every word is known; with another (`--feed`) only that it agrees with
itself is asked.
"""

from itertools import pairwise

from conformance import feed
from conformance.check import instant
from conformance.model import DOCS, MUST, SHOULD, Skip, expect, rule
from conformance.site import Site, Tree
from conformance.things import (
    channel,
    channels,
    downloaded,
    episode,
    feed_address,
    may_follow,
    new_channel,
    own_feed,
    read_channel,
    spare_episode,
    sweep_channels,
)

MAKES = "write podcast feed"
EPISODE = f"{DOCS}/extensions/getpodcastepisode/"


@rule("read", MUST, "A channel is read: it has its address, its title and its episodes, and the status completed.",
      "createPodcastChannel", needs=MAKES)
def read(site: Site, endpoint: str) -> None:
    got = channel(site)
    expect(got["status"] == "completed", f"status {got['status']!r} ({got.get('errorMessage', 'no errorMessage')})")
    expect(got["url"].startswith(site.feed), f"url {got['url']!r}, not {site.feed}")
    expect(got.get("title") and got.get("episode"), "no title, or no episodes")


def _known_words(site: Site) -> None:
    if not own_feed(site):
        raise Skip("only for the suite's own feed (--serve-feed)")


@rule("words", MUST, "Titles and descriptions are those of the feed, to the letter.", "createPodcastChannel",
      "getPodcasts", needs=MAKES)
def words(site: Site, endpoint: str) -> None:
    _known_words(site)
    got = channel(site)
    expect(got.get("title") == feed.TITLE, f"title {got.get('title')!r}, not {feed.TITLE!r}")
    expect(got.get("description") == feed.DESCRIPTION, f"description {got.get('description')!r}")
    titles = {one["title"] for one in got.get("episode") or []}
    missing = [n for n in range(1, feed.EPISODES + 1) if feed.episode_title(n) not in titles]
    expect(not missing, f"{len(missing)} of {feed.EPISODES} episodes are missing, {len(titles)} are there")


@rule("dates", SHOULD, "publishDate is the moment that the feed says.", "getPodcasts", needs=MAKES)
def dates(site: Site, endpoint: str) -> None:
    _known_words(site)
    right = {feed.episode_title(n): feed.published(n) for n in range(1, feed.EPISODES + 1)}
    for one in channel(site).get("episode") or []:
        got = instant(one.get("publishDate", ""))
        expect(got == right[one["title"]], f"{one['title']}: publishDate {one.get('publishDate')!r}")


@rule("episodes.own", MUST, "Every episode names its channel, and no episode stands twice.", "getPodcasts")
def episodes_own(site: Site, endpoint: str) -> None:
    got = channel(site)
    ids = [one["id"] for one in got["episode"]]
    expect(len(ids) == len(set(ids)), "an episode twice")
    wrong = [one["id"] for one in got["episode"] if one["channelId"] != got["id"]]
    expect(not wrong, f"{len(wrong)} of {len(ids)} episodes name another channel than {got['id']}")


@rule("episodes.left", MUST, "With includeEpisodes=false no channel has episodes.", "getPodcasts")
def episodes_left(site: Site, endpoint: str) -> None:
    channel(site)
    for one in channels(site, includeEpisodes="false"):
        expect(not one.get("episode"), f"{len(one.get('episode') or [])} episodes of {one['id']}")


@rule("alone", MUST, "With an id only that channel is given, as it is in the list.", "getPodcasts")
def alone(site: Site, endpoint: str) -> None:
    wanted = channel(site)["id"]
    if may_follow(site):
        site.once("another channel", lambda: new_channel(site))  # else to give all of them would be right too
    got = channels(site, id=wanted)
    expect([one["id"] for one in got] == [wanted], f"channels {[one['id'] for one in got]}, not {wanted}")


@rule("newest", MUST, "The newest episodes come newest first, at most count of them, at most twenty without it.",
      "getNewestPodcasts")
def newest(site: Site, endpoint: str) -> None:
    channel(site)
    for most, given in ((20, {}), (3, {"count": 3}), (0, {"count": 0})):
        rows = site.read(endpoint, **given).get("episode") or []
        expect(len(rows) <= most, f"{len(rows)} episodes for {given or 'no count'}")
        moments = [instant(one["publishDate"]) for one in rows if "publishDate" in one]
        expect(all(a >= b for a, b in pairwise(moments)), "an older one before a newer")


@rule("agrees", MUST, "An episode says the same of itself alone and in its channel.", "getPodcastEpisode", page=EPISODE)
def agrees(site: Site, endpoint: str) -> None:
    one = episode(site)
    got = site.read(endpoint, id=one["id"])
    for name in ("id", "title", "channelId", "publishDate", "description"):
        expect(got.get(name) == one.get(name), f"{name} {got.get(name)!r}, {one.get(name)!r} in the channel")


@rule("downloads", MUST, "A downloaded episode is completed, and is streamed by its streamId.",
      "downloadPodcastEpisode", needs=MAKES)
def downloads(site: Site, endpoint: str) -> None:
    got = _download(site)
    expect(got["status"] == "completed", f"status {got['status']!r}")
    expect(got.get("streamId"), "no streamId")
    answer = site.ask("stream", {"id": got["streamId"], "format": "raw"})
    expect(answer.status == 200 and answer.kind.startswith("audio/"), f"{answer.asked} answered {answer.brief()}")
    if own_feed(site):
        expect(answer.body == feed.sound(), f"{len(answer.body)} bytes, not the {len(feed.sound())} of the feed")


def _download(site: Site) -> Tree:
    def fetch() -> Tree:
        id_ = spare_episode(site)["id"]
        site.reply("downloadPodcastEpisode", id=id_)
        return downloaded(site, id_)

    return site.once("downloaded", fetch)


@rule("downloads.again", MUST, "To download an episode that is there is ok and changes nothing.",
      "downloadPodcastEpisode", needs=MAKES)
def downloads_again(site: Site, endpoint: str) -> None:
    before = _download(site)
    site.reply(endpoint, id=before["id"])
    got = downloaded(site, before["id"])
    expect(got["status"] == before["status"], f"status {got['status']!r}, it was {before['status']!r}")


@rule("deletes", MUST, "A deleted episode is listed as deleted or skipped, or not at all, and is no longer streamed.",
      "deletePodcastEpisode", needs=MAKES)
def deletes(site: Site, endpoint: str) -> None:
    one = spare_episode(site)
    site.reply("downloadPodcastEpisode", id=one["id"])
    stream = downloaded(site, one["id"]).get("streamId")
    site.reply(endpoint, id=one["id"])
    rows = [e for c in channels(site) for e in c.get("episode") or [] if e["id"] == one["id"]]
    expect(not rows or rows[0]["status"] in ("deleted", "skipped"), f"status {rows and rows[0]['status']!r}")
    if stream:
        answer = site.ask("stream", {"id": stream, "format": "raw"}, limit=4096)
        expect(not answer.kind.startswith("audio/"), f"{answer.asked} answered {answer.brief()}")


@rule("refreshed", MUST, "To refresh brings no episode twice and loses none.", "refreshPodcasts", needs=MAKES)
def refreshed(site: Site, endpoint: str) -> None:
    one = channel(site)
    site.reply(endpoint)
    got = next((c for c in channels(site) if c["id"] == one["id"]), {})
    ids = [e["title"] for e in got.get("episode") or []]
    expect(len(ids) == len(set(ids)) or len(ids) == len(one["episode"]), f"{len(ids)} episodes, {len(set(ids))} titles")
    expect(len(ids) >= len(one["episode"]), f"{len(ids)} episodes, {len(one['episode'])} before")


@rule("gone", MUST, "A deleted channel is gone with its episodes, and a second time unknown.", "deletePodcastChannel",
      needs=MAKES)
def gone(site: Site, endpoint: str) -> None:
    made = read_channel(site)
    site.reply(endpoint, id=made["id"])
    expect(made["id"] not in {c["id"] for c in channels(site)}, "still listed")
    newest = site.read("getNewestPodcasts", count=200).get("episode") or []
    expect(made["id"] not in {e["channelId"] for e in newest}, "its episodes are still among the newest")
    site.refused(endpoint, (70,), id=made["id"])


BAD = ("nonsense", "file:///etc/passwd", "ftp://example.org/feed", "")


@rule("address", MUST, "What is no http address is refused, or a channel of status error; it never becomes one that "
      "is completed.", "createPodcastChannel", needs="write podcast")
def address(site: Site, endpoint: str) -> None:
    before = {c["id"] for c in channels(site)}
    for url in BAD:
        site.ask(endpoint, {"url": url})
    made = [c for c in channels(site) if c["id"] not in before]
    for one in made:
        site.later(lambda one=one: site.ask("deletePodcastChannel", {"id": one["id"]}))
    done = [c["url"] for c in made if c["status"] == "completed"]
    expect(not done, f"{done} was read")


@rule("right", MUST, "An account without podcastRole gets error 50.", "createPodcastChannel", "refreshPodcasts",
      "deletePodcastChannel", "deletePodcastEpisode", "downloadPodcastEpisode", needs="write admin podcast feed")
def right(site: Site, endpoint: str) -> None:
    account = site.once("no podcasts", lambda: site.new_user("deaf", podcastRole="false"))
    given = {"createPodcastChannel": {"url": feed_address(site)}, "refreshPodcasts": {}}.get(endpoint)
    if given is None:
        given = {"id": channel(site)["id"] if endpoint == "deletePodcastChannel" else episode(site)["id"]}
    sweep_channels(site)
    site.refused(endpoint, (50,), account, **given)


@rule("heard", SHOULD, "Every account may look at the podcasts.", "getPodcasts", "getNewestPodcasts", needs="second")
def heard(site: Site, endpoint: str) -> None:
    one = channel(site)
    rows = site.read(endpoint, site.second).get("channel" if endpoint == "getPodcasts" else "episode") or []
    ids = {row["id" if endpoint == "getPodcasts" else "channelId"] for row in rows}
    if not ids and endpoint == "getNewestPodcasts":
        raise Skip("no episodes")
    expect(one["id"] in ids or endpoint == "getNewestPodcasts", "another account does not see the channel")


@rule("created", MUST, "A new channel is listed, whatever has been read of it yet.", "createPodcastChannel",
      needs=MAKES)
def created(site: Site, endpoint: str) -> None:
    new_channel(site)
