"""Every endpoint once at the usual size of library: none may take long but those that return the whole index.

Each request differs from the one before and is counted the first time it is
made, so what the server keeps for later helps only as it helps people.
"""

from collections.abc import Callable, Iterator
from itertools import count, cycle, islice

import orjson

from server.bench.report import Line
from server.bench.requests import Known, known
from server.bench.servers import ours
from server.bench.shop import Shop, size_of

MOST_MS = 50
ROUNDS, MADE = 7, 10
WHOLE = {"getArtists", "getIndexes"}
"""What returns all there is, and may take as long as that takes."""
ELSEWHERE = {
    "stream": "streaming", "download": "streaming", "getCoverArt": "covers", "hls": "transcoding",
    "getTranscodeStream": "transcoding", "getTranscodeDecision": "it takes POST",
    "startScan": "scanning", "jukeboxControl": "it needs a player",
    "createUser": "a password takes long by design", "changePassword": "a password takes long by design",
    "updateUser": "a password takes long by design", "deleteUser": "it follows createUser",
    "tokenInfo": "it needs an API key", "getSonicSimilarTracks": "neighbours", "findSonicPath": "neighbours",
    "getVideoInfo": "there are no videos", "getCaptions": "there are no videos",
    "createPodcastChannel": "it asks another server", "refreshPodcasts": "it asks other servers",
    "deletePodcastChannel": "it needs a podcast", "downloadPodcastEpisode": "it needs a podcast",
    "deletePodcastEpisode": "it needs a podcast", "getPodcastEpisode": "it needs a podcast",
}  # fmt: skip
"""What is not measured here, and where it is or why not."""
PLAIN = (
    "ping", "getLicense", "getOpenSubsonicExtensions", "getMusicFolders", "getIndexes", "getGenres", "getArtists",
    "getVideos", "getNowPlaying", "getStarred", "getStarred2", "getPlaylists", "getBookmarks", "getPlayQueue",
    "getPlayQueueByIndex", "getShares", "getPodcasts", "getNewestPodcasts", "getInternetRadioStations",
    "getChatMessages", "getUsers", "getScanStatus",
)  # fmt: skip
OF_ONE = {
    "getMusicDirectory": "folders", "getArtist": "artists", "getAlbum": "albums", "getSong": "songs",
    "getArtistInfo": "artists", "getArtistInfo2": "artists", "getAlbumInfo": "albums", "getAlbumInfo2": "albums",
    "getSimilarSongs": "songs", "getSimilarSongs2": "artists", "getLyricsBySongId": "songs", "star": "songs",
    "unstar": "songs", "scrobble": "songs",
}  # fmt: skip


def every(shop: Shop) -> Iterator[Line]:
    """Measure one new request of each endpoint."""
    with shop.copied(shop.usual) as data, ours(data) as server:
        there = known(server)
        server.get("star", id=there.songs, albumId=there.albums[:200], artistId=there.artists[:200])
        calls = targets(there, lambda endpoint, **params: orjson.loads(server.get(endpoint, **params)))
        cases = [server.cases(name, name, params)._replace(first=True) for name, params in calls.items()]
        found = shop.compare(cases, ROUNDS)
        for name, spent in sorted(found.items(), key=lambda item: -item[1]):
            most = None if name in WHOLE else MOST_MS
            yield Line("every", f"{name}, {size_of(shop.usual)}", spent, "ms CPU", most=most, absolute=True)


def targets(there: Known, ask: Callable[..., dict]) -> dict[str, Iterator[dict]]:
    """Return parameters for each endpoint, no two alike; `ask` makes what others then change or delete."""
    songs = there.songs
    song = ask("getSong", id=songs[0])["subsonic-response"]["song"]
    calls: dict[str, Iterator[dict]] = {name: ({"_try": at} for at in count()) for name in PLAIN}
    for name, kind in OF_ONE.items():
        calls[name] = ({"id": each, "_try": at} for at, each in enumerate(cycle(getattr(there, kind))))
    calls |= {
        "getAlbumList": ({"type": "newest", "size": 100, "offset": at} for at in count()),
        "getAlbumList2": ({"type": "newest", "size": 100, "offset": at} for at in count()),
        "getRandomSongs": ({"size": 100, "_try": at} for at in count()),
        "getSongsByGenre": ({"genre": song["genre"], "count": 100, "offset": at} for at in count()),
        "getTopSongs": ({"artist": song["artist"], "_try": at} for at in count()),
        "getLyrics": ({"artist": song["artist"], "title": song["title"], "_try": at} for at in count()),
        "search": ({"any": word} for word in _words()),
        "search2": ({"query": word} for word in _words()),
        "search3": ({"query": word} for word in _words()),
        "getUser": ({"username": "admin", "_try": at} for at in count()),
        "getAvatar": ({"username": "admin", "_try": at} for at in count()),
        "addChatMessage": ({"message": f"hello {at}"} for at in count()),
        "setRating": ({"id": each, "rating": 3} for each in songs),
        "reportPlayback": ({"mediaId": each, "mediaType": "song", "positionMs": 9, "state": "playing"}
                           for each in songs),
        "createBookmark": ({"id": each, "position": 1000} for each in reversed(songs)),
        "deleteBookmark": ({"id": each} for each in songs[:MADE]),
        "savePlayQueue": ({"id": songs[at : at + 50], "current": songs[at]} for at in count()),
        "savePlayQueueByIndex": ({"id": songs[at : at + 50], "currentIndex": 3} for at in count()),
        "createShare": ({"id": each, "_try": at} for at, each in enumerate(cycle(there.albums))),
        "createPlaylist": ({"name": f"list {at}", "songId": songs[at : at + 50]} for at in count()),
        "createInternetRadioStation": ({"name": f"station {at}", "streamUrl": f"http://radio.invalid/{at}"}
                                       for at in count()),
    }  # fmt: skip
    for each in songs[:MADE]:
        ask("createBookmark", id=each, position=1)
    return calls | _changes(songs, ask)


def _changes(songs: list[str], ask: Callable[..., dict]) -> dict[str, Iterator[dict]]:
    def made(call: str, *way: str, **params):
        found = ask(call, **params)["subsonic-response"]
        for step in way:
            found = found[step]
        return found

    lists = [made("createPlaylist", "playlist", name=f"old {at}", songId=songs[:100])["id"] for at in range(MADE)]
    shares = [made("createShare", "shares", "share", id=songs[at])[0]["id"] for at in range(MADE)]
    for at in range(MADE):
        ask("createInternetRadioStation", name=f"old {at}", streamUrl=f"http://old.invalid/{at}")
    stations = [each["id"] for each in made("getInternetRadioStations", "internetRadioStations",
                                            "internetRadioStation")]  # fmt: skip
    return {
        "getPlaylist": ({"id": each, "_try": at} for at, each in enumerate(lists)),
        "updatePlaylist": ({"playlistId": each, "songIdToAdd": songs[:20]} for each in lists),
        "deletePlaylist": ({"id": each} for each in lists),
        "updateShare": ({"id": each, "description": "x"} for each in shares),
        "deleteShare": ({"id": each} for each in shares),
        "updateInternetRadioStation": ({"id": each, "name": "x", "streamUrl": "http://x.invalid/"}
                                       for each in stations),
        "deleteInternetRadioStation": ({"id": each} for each in stations),
    }  # fmt: skip


def _words() -> Iterator[str]:
    """Yield words of one to three letters, as people type them."""
    letters = "aeiostnrl"
    return islice((a + b + c for a in letters for b in ("", *letters) for c in ("", *letters) if b or not c), 500)
