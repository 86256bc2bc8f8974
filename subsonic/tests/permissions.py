"""Who may call what: every endpoint × nobody, a user, another user, an administrator.

Alice is the user whose things are asked for; she hears everything. Bob is the
other user; he hears only the first music folder. "OK" is success, a number the
error code. An endpoint that is not in this table fails the tests, so nobody adds
one without saying who may call it.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from server.library import episodes, podcasts
from server.tests.running import PASSWORDS, Server
from server.users.people import OPERATOR

OK = None
GENERIC, MISSING, FORBIDDEN, NOT_FOUND = 0, 10, 50, 70


class Row(NamedTuple):
    """A right call of an endpoint, and what becomes of it by who calls."""

    params: Callable[[Server], dict[str, Any]] | dict[str, Any]
    nobody: int | None = MISSING
    user: int | None = OK
    other: int | None = OK
    admin: int | None = OK


def canary(server: Server, kind: str) -> str:
    """Return the id of something in the music folder that Bob may not hear: "ar", "al", "tr", "fo" or "co"."""
    sql = {
        "ar": "SELECT id FROM artist WHERE name = 'Canary Choir'",
        "al": "SELECT id FROM album WHERE name = 'Canary Album'",
        "tr": "SELECT id FROM track WHERE title = 'Canary 1'",
        "fo": "SELECT id FROM folder WHERE name = 'Canary Album'",
        "co": "SELECT cover_id FROM album WHERE name = 'Canary Album'",
    }[kind]
    with server.app.db.reading() as conn:
        return server.app.ids.text(kind, conn.value(sql))


def everybody(**params) -> Row:
    """A call that everybody who is signed in may make."""
    return Row(params)


def admins(params: Callable | None = None, **fixed) -> Row:
    """A call for administrators."""
    return Row(params or fixed, user=FORBIDDEN, other=FORBIDDEN)


def heard(kind: str, name: str = "id", **more) -> Row:
    """A call about something in a music folder: for those who hear it."""
    return Row(lambda server: {name: canary(server, kind), **more}, other=NOT_FOUND)


def alices(make: Callable[[Server], dict], other: int | None = NOT_FOUND, admin: int | None = OK) -> Row:
    """A call about something of Alice's own."""
    return Row(make, other=other, admin=admin)


def playlist(server: Server, **more) -> dict:
    made = server.ask("createPlaylist", "alice", name="Alice's own", songId=canary(server, "tr"))
    return {"id": made["id"], **more}


def bookmark(server: Server) -> dict:
    for who in ("alice", "admin"):
        server.ask("createBookmark", who, id=canary(server, "tr"), position=1)
    return {"id": canary(server, "tr")}


def share(server: Server) -> str:
    """Share something; only an administrator has the right from the start."""
    return server.ask("createShare", "admin", id=canary(server, "tr"))["share"][0]["id"]


def somebody(server: Server) -> dict:
    """Make a user who can be taken away."""
    server.get("createUser", "admin", username="carol", password="carol's secret 4Dy", email="c@example.org")
    return {"username": "carol"}


def station(server: Server) -> str:
    """Make a radio station and return its id."""
    server.ask("createInternetRadioStation", "admin", name="Waves", streamUrl="http://waves.invalid/")
    return server.ask("getInternetRadioStations")["internetRadioStation"][-1]["id"]


def podcast(server: Server) -> str:
    """Follow a podcast and return its id."""
    with server.app.db.writing() as conn:
        return server.app.ids.text("pc", podcasts.follow(conn, OPERATOR, "http://tea.invalid/feed"))


def episode(server: Server) -> str:
    """Make an episode, as a feed would, and return its id."""
    said = {"guid": "1", "url": "http://tea.invalid/1.mp3", "title": "Cup 1", "description": "", "published_ms": None,
            "season": 0, "number": 0, "explicit": "", "length_ms": 0, "size_bytes": 0, "content_type": "audio/mpeg",
            "suffix": "mp3"}  # fmt: skip
    number = server.app.ids.number("pc", podcast(server))
    with server.app.db.writing() as conn:
        episodes.merge(conn, number, [said], server.app.render)
        return server.app.ids.text("pe", -episodes.of_channels(conn, OPERATOR, [number])[number][0].id)


def decided(server: Server) -> dict:
    """Have it decided how Alice gets a song."""
    asked = {"mediaId": canary(server, "tr"), "mediaType": "song"}
    return {**asked, "transcodeParams": server.ask("getTranscodeDecision", **asked)["transcodeParams"]}


TABLE: dict[str, Row] = {
    "ping": everybody(),
    "getLicense": everybody(),
    "getOpenSubsonicExtensions": Row({}, nobody=OK),
    "tokenInfo": everybody(),
    "getMusicFolders": everybody(),
    "getIndexes": everybody(),
    "getMusicDirectory": heard("fo"),
    "getGenres": everybody(),
    "getArtists": everybody(),
    "getArtist": heard("ar"),
    "getAlbum": heard("al"),
    "getSong": heard("tr"),
    "getVideos": everybody(),
    "getVideoInfo": Row({"id": "tr-nothing"}, user=NOT_FOUND, other=NOT_FOUND, admin=NOT_FOUND),
    "getArtistInfo": heard("ar"),
    "getArtistInfo2": heard("ar"),
    "getAlbumInfo": heard("al"),
    "getAlbumInfo2": heard("al"),
    "getSimilarSongs": heard("tr"),
    "getSimilarSongs2": heard("ar"),
    "getTopSongs": everybody(artist="Canary Choir"),
    "getSonicSimilarTracks": Row({"id": "x"}, user=GENERIC, other=GENERIC, admin=GENERIC),
    "findSonicPath": Row({"startSongId": "x", "endSongId": "y"}, user=GENERIC, other=GENERIC, admin=GENERIC),
    "getPodcastEpisode": Row(lambda server: {"id": episode(server)}),
    "getAlbumList": everybody(type="newest"),
    "getAlbumList2": everybody(type="newest"),
    "getRandomSongs": everybody(),
    "getSongsByGenre": everybody(genre="Canary"),
    "getNowPlaying": everybody(),
    "getStarred": everybody(),
    "getStarred2": everybody(),
    "search": everybody(any="canary"),
    "search2": everybody(query="canary"),
    "search3": everybody(query="canary"),
    "getPlaylists": Row({"username": "alice"}, other=FORBIDDEN),
    "getPlaylist": alices(playlist),
    "createPlaylist": alices(lambda server: {"playlistId": playlist(server)["id"], "name": "Another name"}),
    "updatePlaylist": alices(lambda server: {"playlistId": playlist(server)["id"], "comment": "changed"}),
    "deletePlaylist": alices(playlist),
    "stream": heard("tr"),
    "download": heard("tr"),
    "hls": heard("tr"),
    "getCaptions": Row({"id": "tr-nothing"}, user=NOT_FOUND, other=NOT_FOUND, admin=NOT_FOUND),
    "getCoverArt": heard("co"),
    "getLyrics": everybody(artist="Canary Choir", title="Canary 1"),
    "getLyricsBySongId": heard("tr"),
    "getAvatar": everybody(username="alice"),
    "star": heard("tr"),
    "unstar": heard("tr"),
    "setRating": heard("tr", rating=3),
    "scrobble": heard("tr"),
    "reportPlayback": heard("tr", "mediaId", mediaType="song", positionMs=0, state="playing"),
    "getBookmarks": everybody(),
    "createBookmark": heard("tr", position=1000),
    "deleteBookmark": alices(bookmark),
    "getPlayQueue": everybody(),
    "savePlayQueue": Row(lambda server: {"id": canary(server, "tr"), "current": canary(server, "tr")}, other=NOT_FOUND),
    "getPlayQueueByIndex": everybody(),
    "savePlayQueueByIndex": heard("tr", currentIndex=0),
    "getShares": everybody(),
    "createShare": admins(lambda server: {"id": canary(server, "tr")}),
    "updateShare": admins(lambda server: {"id": share(server), "description": "changed"}),
    "deleteShare": admins(lambda server: {"id": share(server)}),
    "getPodcasts": everybody(),
    "getNewestPodcasts": everybody(),
    "refreshPodcasts": admins(),
    "createPodcastChannel": admins(url="http://x.invalid/"),
    "deletePodcastChannel": admins(lambda server: {"id": podcast(server)}),
    "deletePodcastEpisode": admins(lambda server: {"id": episode(server)}),
    "downloadPodcastEpisode": admins(lambda server: {"id": episode(server)}),
    "jukeboxControl": Row({"action": "status"}, user=FORBIDDEN, other=FORBIDDEN, admin=GENERIC),
    "getInternetRadioStations": everybody(),
    "createInternetRadioStation": admins(streamUrl="http://x.invalid/", name="x"),
    "updateInternetRadioStation": admins(
        lambda server: {"id": station(server), "streamUrl": "http://y.invalid/", "name": "y"}
    ),
    "deleteInternetRadioStation": admins(lambda server: {"id": station(server)}),
    "getChatMessages": everybody(),
    "addChatMessage": everybody(message="hello"),
    "getUser": alices(lambda server: {"username": "alice"}, other=FORBIDDEN),
    "getUsers": admins(),
    "createUser": admins(username="dora", password="dora's secret 5Ez", email="d@example.org"),
    "updateUser": admins(username="bob", email="bob@example.org"),
    "deleteUser": admins(somebody),
    "changePassword": alices(lambda server: {"username": "alice", "password": PASSWORDS["alice"]}, other=FORBIDDEN),
    "getScanStatus": everybody(),
    "startScan": admins(),
    "getTranscodeDecision": heard("tr", "mediaId", mediaType="song"),
    "getTranscodeStream": alices(decided, other=FORBIDDEN, admin=FORBIDDEN),
}

PAGES = {
    "/", "/ears", "/ears.js", "/image/{name}", "/health", "/metrics", "/{tail}", "/share/page.css", "/share/page.js",
    "/share/{share}", "/share/{share}/cover", "/share/{share}/cover/{track}", "/share/{share}/stream/{track}",
    "/share/{share}/download", "/share/{share}/download/{track}", "/share/{share}/songs.m3u8",
}  # fmt: skip
"""What is served beside the endpoints, to everybody."""

SIGNED = {
    "/api/alchemy", "/api/analysis", "/api/analysis/again", "/api/avatar", "/api/discover", "/api/dislikes",
    "/api/dislikes/{id}", "/api/find", "/api/flow", "/api/flow/seeds", "/api/openapi.json", "/api/path",
    "/api/playlists/{id}/reasons", "/api/podcasts.opml", "/api/quality", "/api/radio", "/api/radio/{id}/picture",
    "/api/recommendations", "/api/shares", "/api/shares/{share}", "/api/similar", "/api/taste", "/api/taste/replay",
    "/api/taste/settings", "/api/tracks/{id}/analysis", "/api/tracks/{track}/suggestions", "/api/unlearned",
    "/api/unlearned/{number}", "/api/users/{name}/avatar",
}  # fmt: skip
"""What is served beside them to those who have signed in."""
