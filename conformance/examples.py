"""A right call for every endpoint that the suite covers, and more such calls where one does not show every shape.

An example that needs something to be there first (a bookmark to list, a playlist to delete) makes it through the
site, which takes it away again. Read-only runs get the call without the preparation.
"""

import secrets
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from conformance import facts, things
from conformance.client import VERSION
from conformance.model import Skip
from conformance.site import Site

Parameters = dict[str, Any]

COVERED = tuple(facts.endpoints())
WRITES = frozenset((
    "createPlaylist", "updatePlaylist", "deletePlaylist", "star", "unstar", "setRating", "scrobble", "reportPlayback",
    "createBookmark", "deleteBookmark", "savePlayQueue", "savePlayQueueByIndex", "startScan",
    "createUser", "updateUser", "deleteUser", "changePassword", "createShare", "updateShare", "deleteShare",
    "refreshPodcasts", "createPodcastChannel", "deletePodcastChannel", "deletePodcastEpisode",
    "downloadPodcastEpisode", "createInternetRadioStation", "updateInternetRadioStation",
    "deleteInternetRadioStation", "addChatMessage",
))
ADMIN = frozenset(("getUsers", "createUser", "updateUser", "deleteUser", "changePassword", "startScan",
                   "createInternetRadioStation", "updateInternetRadioStation", "deleteInternetRadioStation"))
SHARING = frozenset(("createShare", "updateShare", "deleteShare"))
OF_FEEDS = frozenset(("createPodcastChannel", "deletePodcastChannel", "deletePodcastEpisode",
                      "downloadPodcastEpisode"))
MORE = ("getAlbumList", "getAlbumList2", "getAlbum", "getArtist", "getSong", "getMusicDirectory", "getIndexes",
        "search2", "search3", "getPodcasts", "getLyricsBySongId")
# Endpoints whose answer differs from call to call, although nothing changed.
SHUFFLED = frozenset(("getRandomSongs", "getSimilarSongs", "getSimilarSongs2", "getTopSongs"))
# Fields that may change between two calls.
OF_A_DOWNLOAD = {"status", "size", "path", "streamId", "contentType", "suffix", "bitRate", "duration"}
RESTLESS = {
    "getNowPlaying": {"minutesAgo", "positionMs"},
    "getScanStatus": {"count", "scanning"},
    "startScan": {"count", "scanning"},
    "createPlaylist": {"id", "name", "created", "changed", "coverArt"},
    "createShare": {"id", "url", "created", "visitCount"},
    "getShares": {"visitCount", "lastVisited"},
    "getPodcasts": OF_A_DOWNLOAD, "getNewestPodcasts": OF_A_DOWNLOAD, "getPodcastEpisode": OF_A_DOWNLOAD,
    "getTranscodeDecision": {"transcodeParams"},
}


def needs(endpoint: str) -> frozenset[str]:
    found = set()
    if endpoint in WRITES:
        found.add("write")
    if endpoint in ADMIN:
        found.add("admin")
    if endpoint == "tokenInfo":
        found.add("key")
    if endpoint in SHARING:
        found.add("share")
    if endpoint in OF_FEEDS or endpoint == "refreshPodcasts":
        found.add("podcast")
    if endpoint in OF_FEEDS:
        found.add("feed")
    if endpoint == "jukeboxControl":
        found.add("jukebox")
    return frozenset(found)


def _song(name: str = "id", **more: Any) -> Callable[[Site], Parameters]:
    return lambda site: {name: site.song["id"], **more}


def _marked(endpoint: str, **more: Any) -> Callable[[Site], Parameters]:
    """A call that marks the sample song; the mark is taken off, or put back as it was, at the end."""
    def make(site: Site) -> Parameters:
        song = site.song
        undo = {
            "star": lambda: site.ask("star" if song.get("starred") else "unstar", {"id": song["id"]}),
            "setRating": lambda: site.ask("setRating", {"id": song["id"], "rating": song.get("userRating") or 0}),
            "createBookmark": lambda: site.ask("deleteBookmark", {"id": song["id"]}),
        }[endpoint]
        site.once(f"undo {endpoint}", lambda: site.later(undo))
        if endpoint == "star":  # whether a second star is ok is another rule's affair
            site.ask("unstar", {"id": song["id"]})
        return {"id": song["id"], **more}

    return make


def _album(site: Site) -> Parameters:
    return {"id": site.album["id"]}


def _artist(site: Site) -> Parameters:
    return {"id": site.artist["id"]}


def _cover(site: Site) -> Parameters:
    found = next((one["coverArt"] for one in [*site.albums, *site.songs] if one.get("coverArt")), None)
    if not found:
        raise Skip("nothing in the sample has a cover")
    return {"id": found}


def _bookmarks(site: Site) -> Parameters:
    if not site.read_only:
        site.once("bookmark", lambda: _bookmark(site))
    return {}


def _bookmark(site: Site) -> Parameters:
    song = site.song["id"]
    site.reply("createBookmark", id=song, position=12345, comment=site.mark)
    site.later(lambda: site.ask("deleteBookmark", {"id": song}))
    return {"id": song}


def _stars(site: Site) -> Parameters:
    def star() -> None:
        marks = {"id": site.song["id"], "albumId": site.album["id"], "artistId": site.artist["id"]}
        site.reply("star", **marks)
        site.later(lambda: site.ask("unstar", marks))

    if not site.read_only:
        site.once("stars", star)
    return {}


def _playing(site: Site) -> Parameters:
    if not site.read_only:
        site.reply("scrobble", id=site.song["id"], submission="false")
    return {}


def _playlists(site: Site) -> Parameters:
    if not site.read_only:
        _playlist(site)
    return {}


def _playlist(site: Site) -> Parameters:
    if site.read_only:
        found = site.read("getPlaylists").get("playlist")
        if not found:
            raise Skip("no playlists, and read-only")
        return {"id": found[0]["id"]}
    made = site.once("playlist", lambda: site.new_playlist([s["id"] for s in site.songs[:3]], "sample"))
    return {"id": made["id"]}


def _fresh_playlist(site: Site) -> Parameters:
    return {"id": site.new_playlist([site.song["id"]], "gone")["id"]}


def _create_playlist(site: Site) -> Parameters:
    name = f"{site.mark}-made-{secrets.token_hex(2)}"

    def sweep() -> None:
        for row in site.read("getPlaylists").get("playlist") or []:
            if str(row.get("name")).startswith(site.mark):
                site.ask("deletePlaylist", {"id": row["id"]})

    site.once("sweep playlists", lambda: site.later(sweep))
    return {"name": name, "songId": [s["id"] for s in site.songs[:2]]}


def _queue(site: Site) -> Parameters:
    site.keep_queue()
    ids = [s["id"] for s in site.songs[:3]]
    if not ids:
        raise Skip("no songs found")
    return {"id": ids, "current": ids[-1], "position": 4321}


def _queue_by_index(site: Site) -> Parameters:
    queue = _queue(site)
    return {"id": queue["id"], "currentIndex": len(queue["id"]) - 1, "position": 4321}


def _saved_queue(endpoint: str) -> Callable[[Site], Parameters]:
    def make(site: Site) -> Parameters:
        if not site.read_only:
            site.once(f"saved for {endpoint}", lambda: site.reply("savePlayQueue", **_queue(site)))
        return {}

    return make


def _create_user(site: Site) -> Parameters:
    name = f"{site.mark}-made-{secrets.token_hex(2)}"
    site.later(lambda: site.ask("deleteUser", {"username": name}))
    return {"username": name, "password": "pw-" + secrets.token_hex(6), "email": f"{name}@example.org"}


def _some_user(site: Site) -> Parameters:
    return {"username": site.once("user", lambda: site.new_user("sample")).name}


def _shares(site: Site) -> Parameters:
    if not site.read_only and site.roles.get("shareRole"):
        site.once("share", lambda: things.new_share(site, description="for people & machines"))
    return {}


def _update_share(site: Site) -> Parameters:
    made = site.once("share to change", lambda: things.new_share(site))
    return {"id": made["id"], "description": "another"}


def _create_share(site: Site) -> Parameters:
    def sweep() -> None:
        for row in site.read("getShares").get("share") or []:
            if str(row.get("description")).startswith(site.mark):
                site.ask("deleteShare", {"id": row["id"]})

    site.once("sweep shares", lambda: site.later(sweep))
    return {"id": [s["id"] for s in site.songs[:2]], "description": site.mark}


def _stations(site: Site) -> Parameters:
    if not site.read_only and site.admin:
        site.once("station", lambda: things.new_station(site))
    return {}


def _create_station(site: Site) -> Parameters:
    things.sweep_stations(site)
    return {"name": f"{site.mark}-{secrets.token_hex(2)}", "streamUrl": things.STREAM_URL}


def _update_station(site: Site) -> Parameters:
    made = site.once("station to change", lambda: things.new_station(site))
    return {"id": made["id"], "name": made["name"], "streamUrl": things.STREAM_URL}


def _create_channel(site: Site) -> Parameters:
    things.sweep_channels(site)
    return {"url": things.feed_address(site)}


def _podcasts(site: Site) -> Parameters:
    with suppress(Skip):  # a list without podcasts is an answer too
        things.channel(site)
    return {}


EXAMPLES: dict[str, Callable[[Site], Parameters]] = {
    "getMusicDirectory": lambda site: {"id": site.directory},
    "getArtist": _artist, "getAlbum": _album, "getSong": _song(),
    "getArtistInfo": _artist, "getArtistInfo2": _artist, "getAlbumInfo": _album, "getAlbumInfo2": _album,
    "getSimilarSongs": _song(), "getSimilarSongs2": _artist,
    "getTopSongs": lambda site: {"artist": site.artist["name"]},
    "getAlbumList": lambda site: {"type": "alphabeticalByName"},
    "getAlbumList2": lambda site: {"type": "alphabeticalByName"},
    "getRandomSongs": lambda site: {"size": 500},
    "getSongsByGenre": lambda site: {"genre": site.genre},
    "getNowPlaying": _playing, "getStarred": _stars, "getStarred2": _stars,
    "search": lambda site: {"any": word_of(site.song["title"])},
    "search2": lambda site: {"query": word_of(site.song["title"])},
    "search3": lambda site: {"query": word_of(site.song["title"])},
    "getPlaylists": _playlists, "getPlaylist": _playlist, "createPlaylist": _create_playlist,
    "updatePlaylist": lambda site: {"playlistId": _playlist(site)["id"], "comment": "a comment"},
    "deletePlaylist": _fresh_playlist,
    "stream": _song(), "download": _song(), "getCoverArt": _cover,
    "getLyrics": lambda site: {"artist": site.song.get("artist", "nobody"), "title": site.song["title"]},
    "getLyricsBySongId": _song(), "getAvatar": lambda site: {"username": site.account.name},
    "star": _marked("star"), "unstar": _marked("star"), "setRating": _marked("setRating", rating=3),
    "scrobble": _song(submission="false"),
    "reportPlayback": _song("mediaId", mediaType="song", positionMs=0, state="playing", ignoreScrobble="true"),
    "getBookmarks": _bookmarks, "createBookmark": _marked("createBookmark", position=1000), "deleteBookmark": _bookmark,
    "getPlayQueue": _saved_queue("getPlayQueue"), "savePlayQueue": _queue,
    "getPlayQueueByIndex": _saved_queue("getPlayQueueByIndex"),
    "savePlayQueueByIndex": _queue_by_index,
    "getUser": lambda site: {"username": site.account.name},
    "createUser": _create_user, "updateUser": lambda site: _some_user(site) | {"commentRole": "true"},
    "deleteUser": lambda site: {"username": site.new_user("gone").name},
    "changePassword": lambda site: _some_user(site) | {"password": "pw-" + secrets.token_hex(6)},
    "getVideoInfo": lambda site: {"id": things.video(site)["id"]},
    "getCaptions": lambda site: {"id": things.video(site)["id"]},
    "hls": _song(bitRate=128),
    "getSonicSimilarTracks": _song(),
    "findSonicPath": lambda site: {"startSongId": site.song["id"], "endSongId": site.others[0]["id"]},
    "getShares": _shares, "createShare": _create_share, "updateShare": _update_share,
    "deleteShare": lambda site: {"id": things.new_share(site)["id"]},
    "getPodcasts": _podcasts, "getNewestPodcasts": _podcasts,
    "getPodcastEpisode": lambda site: {"id": things.episode(site)["id"]},
    "createPodcastChannel": _create_channel,
    "deletePodcastChannel": lambda site: {"id": things.new_channel(site)["id"]},
    "deletePodcastEpisode": lambda site: {"id": things.spare_episode(site)["id"]},
    "downloadPodcastEpisode": lambda site: {"id": things.episode(site)["id"]},
    "jukeboxControl": lambda site: {"action": "status"},
    "getInternetRadioStations": _stations, "createInternetRadioStation": _create_station,
    "updateInternetRadioStation": _update_station,
    "deleteInternetRadioStation": lambda site: {"id": things.new_station(site, "gone")["id"]},
    "addChatMessage": lambda site: {"message": f"{site.mark} was here"},
    "getTranscodeDecision": _song("mediaId", mediaType="song"),
    "getTranscodeStream": things.decision,
}


def word_of(title: str) -> str:
    """The longest word of a title, which every search should find."""
    return max(title.split() or [title], key=len)


def example(site: Site, endpoint: str) -> Parameters:
    """The parameters of a right call; raises Skip when the library has nothing to ask for."""
    make = EXAMPLES.get(endpoint)
    return make(site) if make else {}


def more_examples(site: Site, endpoint: str) -> list[Parameters]:
    """Further right calls whose answers should have the right shapes too."""
    kinds = ("random", "newest", "frequent", "recent", "highest", "starred", "alphabeticalByArtist")
    if endpoint in ("getAlbumList", "getAlbumList2"):
        return [{"type": kind, "size": 20} for kind in kinds]
    if endpoint == "getAlbum":
        return [{"id": one["id"]} for one in site.albums[:5]]
    if endpoint == "getArtist":
        return [{"id": one["id"]} for one in site.artists[:5]]
    if endpoint == "getSong":
        return [{"id": one["id"]} for one in site.songs[:5]]
    if endpoint == "getMusicDirectory":
        children = site.read("getMusicDirectory", id=site.directory).get("child") or []
        return [{"id": child["id"]} for child in children if child.get("isDir")][:2]
    if endpoint == "getIndexes":
        return [{"musicFolderId": f["id"]} for f in site.read("getMusicFolders").get("musicFolder") or []][:3]
    if endpoint == "getLyricsBySongId":
        return [{"id": song["id"], "enhanced": enhanced} for song in things.more_songs(site)[:40]
                for enhanced in ("false", "true")]
    if endpoint == "getPodcasts":
        return [{"includeEpisodes": "false"}]
    if endpoint in ("search2", "search3"):
        most = dict.fromkeys(("songCount", "albumCount", "artistCount"), 100)
        return [{"query": "", **most}, {"query": f"no such thing {VERSION} {site.mark}"}]
    return []
