"""What has to be made before it can be asked for: shares, stations, channels with their episodes, decisions.

Everything made here is taken away at the end of the run through `site.later`.
"""

import secrets
import time
from typing import Any

from conformance import feed
from conformance.client import Account
from conformance.model import Short, Skip
from conformance.site import Site, Tree

PATIENCE_S = 15
STATES_TO_COME = ("new", "downloading")
STREAM_URL = "http://radio.example.org:8000/live.mp3"


# --------------------------------------------------------------------------- shares


def new_share(site: Site, ids: list[str] | None = None, by: Account | None = None, **more: Any) -> Tree:
    """A share of ours, as createShare answers it."""
    found = site.read("createShare", by, id=ids or [site.song["id"]], **more).get("share")
    if not found:
        raise Short("createShare answered no share")
    made = found[0]
    site.later(lambda: site.ask("deleteShare", {"id": made["id"]}, account=by or site.account))
    return made


def share_of(site: Site, id_: str, by: Account | None = None) -> Tree | None:
    """What getShares says of one share."""
    return next((s for s in site.read("getShares", by).get("share") or [] if s["id"] == id_), None)


# --------------------------------------------------------------------------- radio stations


def new_station(site: Site, name: str = "station", **more: Any) -> Tree:
    """A station of ours, as getInternetRadioStations lists it."""
    sweep_stations(site)
    full = f"{site.mark}-{name}-{secrets.token_hex(2)}"
    site.reply("createInternetRadioStation", name=full, streamUrl=STREAM_URL, **more)
    made = station_named(site, full)
    if not made:
        raise Short("createInternetRadioStation made no station that getInternetRadioStations lists")
    return made


def station_named(site: Site, name: str, by: Account | None = None) -> Tree | None:
    """The station of that name."""
    rows = site.read("getInternetRadioStations", by).get("internetRadioStation") or []
    return next((row for row in rows if row["name"] == name), None)


def sweep_stations(site: Site) -> None:
    """Take away, at the end, all stations that were made under names of ours."""
    def sweep() -> None:
        for row in site.read("getInternetRadioStations").get("internetRadioStation") or []:
            if str(row.get("name")).startswith(site.mark):
                site.ask("deleteInternetRadioStation", {"id": row["id"]})

    site.once("sweep stations", lambda: site.later(sweep))


# --------------------------------------------------------------------------- podcasts


def feed_address(site: Site) -> str:
    """The address of the feed, new each time, for a server may refuse to read one address twice."""
    return f"{site.feed}{'&' if '?' in site.feed else '?'}conformance={secrets.token_hex(4)}"


def channels(site: Site, **parameters: Any) -> list[Tree]:
    return site.read("getPodcasts", **parameters).get("channel") or []


def sweep_channels(site: Site) -> None:
    """Take away, at the end, every channel of the feed that came during this run."""
    def sweep() -> None:
        for one in channels(site, includeEpisodes="false"):
            if one["id"] not in before and str(one.get("url")).startswith(site.feed):
                site.ask("deletePodcastChannel", {"id": one["id"]})

    before = site.once("channels before", lambda: {one["id"] for one in channels(site, includeEpisodes="false")})
    site.once("sweep channels", lambda: site.later(sweep))


def new_channel(site: Site) -> Tree:
    """A channel of ours, listed, perhaps not read yet."""
    sweep_channels(site)
    address = feed_address(site)
    site.reply("createPodcastChannel", url=address)
    return _until(site, lambda: next((c for c in channels(site, includeEpisodes="false") if c["url"] == address), None),
                  "createPodcastChannel made no channel that getPodcasts lists")


def read_channel(site: Site) -> Tree:
    """A channel of ours that the server has read, with its episodes."""
    made = new_channel(site)

    def done() -> Tree | None:
        one = channels(site, id=made["id"])[0]
        return one if one["status"] not in STATES_TO_COME and (one.get("episode") or one["status"] == "error") else None

    return _until(site, done, f"the feed was not read within {PATIENCE_S} s")


def _until(site: Site, look: Any, otherwise: str) -> Any:
    """What `look` gives as soon as it gives something; raises Short when it never does, the second time at once."""
    in_vain = site.once(f"in vain: {otherwise}", list)
    end = time.monotonic() + (0 if in_vain else PATIENCE_S)
    while not (found := look()):
        if time.monotonic() > end:
            in_vain.append(1)
            raise Short(otherwise)
        time.sleep(0.05)
    return found


def may_follow(site: Site) -> bool:
    return not site.read_only and bool(site.feed and site.roles.get("podcastRole"))


def channel(site: Site) -> Tree:
    """A channel to look at: ours, or when none may be made one that is there."""
    if may_follow(site):
        return site.once("channel", lambda: read_channel(site))
    found = [one for one in channels(site) if one.get("episode")]
    if not found:
        raise Skip("no podcast with episodes, and no feed was given (--feed, --serve-feed)")
    return found[0]


def episode(site: Site) -> Tree:
    """An episode to look at."""
    found = channel(site).get("episode")
    if not found:
        raise Skip("the podcast has no episodes")
    return found[0]


def spare_episode(site: Site) -> Tree:
    """Another episode at every call, of channels of ours, to be deleted."""
    left = site.once("spare episodes", list)
    if not left:
        left += (read_channel(site).get("episode") or [])[1:]
    if not left:
        raise Skip("the podcast has fewer than two episodes")
    return left.pop()


def downloaded(site: Site, id_: str) -> Tree:
    """An episode after its download has come to an end."""
    def done() -> Tree | None:
        one = next((e for c in channels(site) for e in c.get("episode") or [] if e["id"] == id_), None)
        if one is None:
            raise Short(f"the episode {id_} is no longer listed")
        return one if one["status"] not in ("new", "downloading", "skipped") else None

    return _until(site, done, f"the episode was not downloaded within {PATIENCE_S} s")


def own_feed(site: Site) -> bool:
    """Whether the feed is the suite's own, whose every word is known."""
    return site.feed.endswith(feed.PATH)


# --------------------------------------------------------------------------- transcoding, videos


def decision(site: Site) -> Tree:
    """A decision by which a song is transcoded, with its parameters for getTranscodeStream."""
    song = other_than_mp3(site)
    decided = site.read("getTranscodeDecision", mediaId=song["id"], mediaType="song")
    if not decided.get("transcodeParams"):
        raise Skip("nothing is transcoded for a player of MP3")
    return {"mediaId": song["id"], "mediaType": "song", "transcodeParams": decided["transcodeParams"]}


def other_than_mp3(site: Site) -> Tree:
    """A small song that a player of MP3 cannot play."""
    found = [s for s in more_songs(site) if s.get("suffix") not in ("mp3", None)]
    if not found:
        raise Skip("every song is MP3")
    return min(found, key=lambda s: s.get("size") or 2**40)


def more_songs(site: Site) -> list[Tree]:
    """The sample's songs, and two hundred others where search3 lists them."""
    def ask() -> list[Tree]:
        tree = site.ask("search3", {"query": "", "songCount": 200, "albumCount": 0, "artistCount": 0}).tree()
        found = (tree.get("searchResult3") or {}).get("song") or []
        music = (song for song in found if song.get("type", "music") == "music" and song.get("id"))
        return list({song["id"]: song for song in (*site.songs, *music)}.values())

    return site.once("more songs", ask)


def video(site: Site) -> Tree:
    found = site.once("videos", lambda: site.read("getVideos").get("video") or [])
    if not found:
        raise Skip("no videos found")
    return found[0]
