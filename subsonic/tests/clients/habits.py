"""What well-known clients ask and what they read from the answers, call by call, as they send it.

`{song}`, `{album}` and the like are filled in by the test. A reading is a path and a kind: `[]` is a list with
something in it, every element of which is read on; a name with `?` may be absent or empty. Only what a client really
looks at stands here, and without what it looks at it breaks: do not weaken a line because the server has changed.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

NOTHING: Mapping[str, Any] = MappingProxyType({})


class Call(NamedTuple):
    """One call and what comes back; a header by how it begins."""

    endpoint: str
    params: Mapping[str, Any] = NOTHING
    reads: tuple[str, ...] = ()
    method: str = "GET"
    """GET, HEAD, DELETE, POST (all in the address, no body) or FORM (all in the body)."""
    sends: Mapping[str, str] = NOTHING
    status: int = 200
    headers: Mapping[str, str] = NOTHING


class Client(NamedTuple):
    """How a client introduces itself and signs in, and its calls in the order in which it makes them."""

    name: str
    version: str
    sign: str
    """token, short (a token with a salt of one letter), plain, hex."""
    calls: tuple[Call, ...]
    fmt: str | None = "json"
    ending: str = ""


AUDIO = {"content-type": "audio/flac", "access-control-allow-origin": "*"}
PICTURE = {"content-type": "image/", "access-control-allow-origin": "*"}
PING = ("version str", "type str", "serverVersion str", "openSubsonic bool")
SONG = ("id str", "title str", "album str", "artist str", "albumId str", "artistId str", "duration int", "isDir bool")
FILE = ("suffix str", "contentType str", "size int", "bitRate int", "path str", "type str")
ALBUM = ("id str", "name str", "artist str", "artistId str", "songCount int", "duration int", "created date")
LIST = ("id str", "name str", "songCount int", "duration int", "public bool", "changed date", "created date")


def under(path: str, *names: tuple[str, ...]) -> tuple[str, ...]:
    """Put a path before readings."""
    return tuple(f"{path}.{name}" for group in names for name in group)


FEISHIN = Client("Feishin", "1.13.0", "token", ending=".view", calls=(
    Call("ping", reads=PING),
    Call("getOpenSubsonicExtensions",
         reads=("openSubsonicExtensions[].name str", "openSubsonicExtensions[].versions[] int")),
    Call("getUser", {"username": "{user}"}, ("user.username str", "user.adminRole bool", "user.shareRole bool",
                                             "user.folder[] int")),
    Call("getMusicFolders", reads=("musicFolders.musicFolder[].id int", "musicFolders.musicFolder[].name str")),
    Call("getAlbumList2", {"type": "alphabeticalByName", "size": 500, "offset": 0, "musicFolderId": "{library}"},
         under("albumList2.album[]", ALBUM, ("isCompilation bool", "releaseTypes[]? str", "genres[]?.name str"))),
    Call("getAlbumList2", {"type": "byYear", "fromYear": 3000, "toYear": 0, "size": 5},
         ("albumList2.album[].year? int",)),
    Call("getArtists", reads=("artists.index[].artist[].id str", "artists.index[].artist[].albumCount int")),
    Call("getArtist", {"id": "{artist}"}, under("artist.album[]", ALBUM)),
    Call("getArtistInfo", {"id": "{artist}", "count": 10}, ("artistInfo object",)),
    Call("getTopSongs", {"artist": "Aurora Vale", "count": 10}, ("topSongs.song list",)),
    Call("getAlbum", {"id": "{album}"}, under("album.song[]", SONG, FILE, ("discNumber int", "track int"))),
    Call("getSongsByGenre", {"genre": "Folk", "count": 1, "offset": 5000}, ("songsByGenre.song list",)),
    Call("getSongsByGenre", {"genre": "Folk", "count": 500, "offset": 0}, under("songsByGenre.song[]", SONG)),
    *(Call("search3", {"query": '""', "songCount": 1, "songOffset": offset, "artistCount": 0, "albumCount": 0},
           ("searchResult3.song list",)) for offset in (10_000, 5_000, 0, -5_000)),
    Call("getStarred", reads=("starred.artist list", "starred.album list", "starred.song list")),
    Call("getPlaylists", reads=under("playlists.playlist[]", LIST)),
    Call("getPlaylist", {"id": "{playlist}"}, under("playlist.entry[]", SONG)),
    Call("createPlaylist", {"name": "Feishin's"}, ("playlist.id str", "playlist.name str")),
    Call("updatePlaylist", {"playlistId": "{playlist}", "songIdToAdd": ["{song}", "{song}"], "public": "false"}),
    Call("getSimilarSongs", {"id": "{song}", "count": 10}, ("similarSongs.song list",)),
    Call("getLyricsBySongId", {"id": "{song}"}, ("lyricsList.structuredLyrics list",)),
    Call("star", {"id": ["{song}"], "albumId": "{album}"}),
    Call("setRating", {"id": "{artist}", "rating": 3}),
    Call("scrobble", {"id": "{song}", "submission": "true"}),
    Call("getMusicDirectory", {"id": "{artist}"},
         ("directory.id str", "directory.name str", "directory.child[].id str")),
    Call("getAlbumInfo2", {"id": "{album}"}, ("albumInfo object",)),
    Call("savePlayQueueByIndex", {"id": ["{song}", "{song2}"], "currentIndex": 1, "position": 10}),
    Call("getPlayQueueByIndex", reads=under("playQueueByIndex",
         ("currentIndex int", "position int", "entry[].id str"))),
    Call("getCoverArt", {"id": "{artist}", "size": 300}, headers=PICTURE),
    Call("stream", {"id": "{song}", "c": "feishin_web"}, sends={"Range": "bytes=0-"}, status=206, headers=AUDIO),
    Call("download", {"id": "{song}"}, headers={**AUDIO, "content-disposition": "attachment"}),
))  # fmt: skip

CASTAFIORE = Client("Castafiore", "1.16.1", "token", (
    Call("ping", reads=PING),
    Call("getStarred2", reads=("starred2.song list", "starred2.album list", "starred2.artist list")),
    Call("search3", {"query": "dawn"}, under("searchResult3.song[]", SONG)),
    Call("star", {"id": "{album}", "albumId": "{album}", "artistId": "{album}"}),
    Call("unstar", {"id": "{song}", "albumId": "{song}", "artistId": "{song}"}),
    Call("savePlayQueue", {"id": "{song},{song2}", "current": "{song}", "position": 0}),
    Call("getPlaylists", reads=under("playlists.playlist[]", LIST)),
    Call("updatePlaylist", {"playlistId": "{playlist}", "comment": "#user-pin"}),
    Call("getCoverArt", {"id": "{playlist}", "size": 300}, headers=PICTURE),
    Call("getShares", reads=("shares object",)),
    Call("getInternetRadioStations", reads=("internetRadioStations object",)),
    Call("scrobble", {"id": "{song}", "submission": "false"}),
    Call("getSimilarSongs", {"id": "{artist}", "count": 50}, ("similarSongs.song list",)),
), ending=".view")  # fmt: skip

SUBSONIC_PLAYER = Client("web", "1.16.1", "token", (
    Call("ping", reads=PING),
    Call("getBookmarks", reads=("bookmarks.bookmark list",)),
    Call("getPlaylists", reads=under("playlists.playlist[]", LIST)),
    Call("getAvatar", {"username": "{user}"}, method="HEAD", headers=PICTURE),
    Call("getAlbumList2", {"type": "recent", "size": 18, "offset": 0}, ("albumList2.album list",)),
    Call("getArtistInfo2", {"id": "{artist}", "count": 20}, ("artistInfo2 object",)),
    Call("getSimilarSongs2", {"id": "{artist}", "count": 50}, ("similarSongs2.song list",)),
    Call("getGenres",
         reads=("genres.genre[].value str", "genres.genre[].songCount int", "genres.genre[].albumCount int")),
    Call("star", {"albumId": "{album}"}, method="POST"),
    Call("createPlaylist", {"name": "From the web", "songId": ["{song}"]}, ("playlist.id str",), method="POST"),
    Call("savePlayQueue", {"id": ["{song}", "{song2}"], "current": "{song2}", "position": 1500}, method="POST"),
    Call("getPlayQueue", reads=under("playQueue", ("current str", "position int", "changed date", "entry[].id str"))),
    Call("savePlayQueue", method="POST"),
    Call("createBookmark", {"id": "{song}", "position": 100}, method="POST"),
    Call("getNewestPodcasts", {"count": 20}, ("newestPodcasts object",)),
    Call("getPodcasts", {"includeEpisodes": "true"}, ("podcasts object",)),
    Call("getIndexes", reads=("indexes.index[].artist[].id str", "indexes.lastModified int")),
    Call("scrobble", {"id": "{song}"}, method="POST"),
    Call("unstar", {"albumId": "{album}"}, method="POST"),
))  # fmt: skip

AONSOKU = Client("Aonsoku", "1.16.1", "token", (
    Call("getAlbumList2", {"type": "newest", "size": 128, "offset": 0, "fromYear": "0001", "toYear": 2026, "genre": ""},
         under("albumList2.album[]", ALBUM), headers={"x-total-count": ""}),
    Call("search3", {"query": "", "songCount": 100, "songOffset": 0, "artistCount": 0, "albumCount": 0},
         under("searchResult3.song[]", SONG)),
    Call("star", {"id": "{album}"}),
    Call("getArtistInfo", {"id": "{artist}"}, ("artistInfo object",)),
    Call("getLyrics", {"artist": "Mira Sol feat. Juno", "title": "Together"}, ("lyrics.value str",)),
    Call("getCoverArt", {"id": "{artist}", "size": 300}, headers=PICTURE),
    Call("stream", {"id": "{song}", "format": "mp3", "estimateContentLength": "true"},
         headers={"content-type": "audio/mpeg"}),
    Call("unstar", {"id": "{album}"}),
    Call("deletePlaylist", {"id": "{playlist}"}, method="DELETE"),
))  # fmt: skip

SYMFONIUM = Client("Symfonium", "1.13.0", "token", ending=".view", calls=(
    *(Call("search3", {"query": '""', "artistCount": 0, "albumCount": 0, "songCount": 0, f"{one}Count": 500,
                       f"{one}Offset": 0}, under(f"searchResult3.{one}[]", reads))
      for one, reads in (("artist", ("id str", "name str", "albumCount int")), ("album", ALBUM),
                         ("song", (*SONG, *FILE, "created date")))),
    Call("getStarred2", reads=("starred2 object",)),
    Call("getPlaylists", reads=under("playlists.playlist[]", LIST)),
    Call("getBookmarks", reads=("bookmarks object",)),
    Call("getInternetRadioStations", reads=("internetRadioStations object",)),
    Call("getPodcasts", reads=("podcasts object",)),
    Call("getScanStatus", reads=("scanStatus.scanning bool", "scanStatus.count int")),
))  # fmt: skip

STRAWBERRY = Client("strawberry", "1.11.0", "token", ending=".view", calls=(
    Call("ping", reads=("status str", "version str")),
    Call("getAlbumList2", {"type": "alphabeticalByName", "size": 500, "offset": 0}, under("albumList2.album[]", ALBUM)),
    Call("getAlbumList2", {"type": "alphabeticalByName", "size": 500, "offset": 500}, ("albumList2.album list",)),
    Call("getAlbum", {"id": "{album}"}, under("album.song[]", SONG, FILE,
         ("created date", "year int", "genre str", "track int"))),
    Call("getCoverArt", {"id": "{cover}"}, headers=PICTURE),
    Call("stream", {"id": "{song}"}, headers={**AUDIO, "accept-ranges": "bytes"}),
    Call("scrobble", {"id": "{song}", "submission": "true", "time": 1_760_000_000_000}),
))  # fmt: skip

CLEMENTINE = Client("Clementine", "1.8.0", "hex", fmt=None, ending=".view", calls=(
    Call("ping", reads=("status str", "version str")),
    Call("getAlbumList2", {"type": "alphabeticalByName", "size": 500, "offset": 0}, ("albumList2.album[].id str",)),
    Call("getAlbum", {"id": "{album}"}, under("album", ALBUM,
         ("song[].id str", "song[].title str", "song[].size int"))),
    Call("getRandomSongs", {"size": 10}, ("randomSongs.song[].id str",)),
    Call("stream", {"id": "{song}"}, headers=AUDIO),
))  # fmt: skip

SUBMUSIC = Client("SubMusic", "1.10.2", "token", ending=".view", calls=(
    Call("ping", reads=("status str", "version str")),
    Call("getPlaylists", reads=("playlists.playlist[].id str", "playlists.playlist[].name str",
                                "playlists.playlist[].songCount int", "playlists.playlist[].duration int")),
    Call("getPlaylist", {"id": "{playlist}"}, under("playlist", ("id str", "name str", "songCount int"),
         ("entry[].id str", "entry[].title str", "entry[].artist str", "entry[].duration int",
          "entry[].contentType str", "entry[].suffix str", "entry[].coverArt str"))),
    Call("getCoverArt", {"id": "{cover}", "size": 100}, headers=PICTURE),
    Call("stream", {"id": "{song}", "format": "raw"}, headers=AUDIO),
    Call("scrobble", {"id": "{song}", "time": 1_760_000_000_000}),
))  # fmt: skip

TEMPUS = Client("Tempus", "1.15.0", "token", calls=(
    Call("ping", reads=PING),
    Call("getOpenSubsonicExtensions", reads=("openSubsonicExtensions[].name str",)),
    Call("getAlbumList2", {"type": "newest", "size": 20}, under("albumList2.album[]", ALBUM, ("releaseTypes list",))),
    Call("getArtistInfo2", {"id": "{artist}"}, ("artistInfo2.similarArtist list",)),
    Call("getAlbumInfo2", {"id": "{album}"}, ("albumInfo object",)),
    Call("getTopSongs", {"artist": "Aurora Vale", "count": 20}, ("topSongs.song[].id str",)),
    Call("getSimilarSongs2", {"id": "{artist}", "count": 20}, ("similarSongs2.song list",)),
    Call("getRandomSongs", {"size": 10}, under("randomSongs.song[]", SONG, ("created date",))),
    Call("getPodcasts", {"includeEpisodes": "false"}, ("podcasts.channel list",)),
    Call("stream", {"id": "{song}", "timeOffset": 0}, headers={"content-type": "audio/"}),
))  # fmt: skip

DSUB = Client("DSub", "1.2.0", "hex", fmt=None, ending=".view", calls=(
    Call("ping", reads=("status str", "version str")),
    Call("getLicense", reads=("license.valid bool",)),
    Call("getUser", {"username": "{user}"}, ("user.username str", "user.downloadRole bool", "user.folder[] int")),
    Call("getMusicFolders", reads=("musicFolders.musicFolder[].id int", "musicFolders.musicFolder[].name str")),
    Call("getIndexes", {"musicFolderId": "{library}"}, ("indexes.lastModified int", "indexes.index[].name str",
                                                        "indexes.index[].artist[].name str")),
    Call("getMusicDirectory", {"id": "{above}"},
         under("directory.child[]", ("id str", "isDir bool", "title str", "parent str", "coverArt str"))),
    Call("getMusicDirectory", {"id": "{folder}"}, under("directory.child[]",
         ("id str", "isDir bool", "title str", "parent str"))),
    Call("getAlbumList", {"type": "newest", "size": 20, "offset": 0}, ("albumList.album[].title str",
                                                                      "albumList.album[].isDir bool")),
    Call("search2", {"query": "dawn", "artistCount": 20, "albumCount": 20, "songCount": 50},
         ("searchResult2.song[].title str",)),
    Call("getPlaylists", {"username": "{user}"}, ("playlists.playlist[].public bool",)),
    Call("updatePlaylist", {"playlistId": "{playlist}", "songIndexToRemove": [0], "name": "New"}, method="FORM"),
    Call("getPlayQueue", reads=("status str",)),
    Call("getBookmarks", reads=("bookmarks object",)),
    Call("getChatMessages", {"since": 0}, ("chatMessages object",)),
    Call("getShares", reads=("shares object",)),
    Call("getVideos", reads=("videos object",)),
    Call("getNewestPodcasts", reads=("newestPodcasts object",)),
    Call("getTopSongs", {"artist": "Aurora Vale", "size": 20}, ("topSongs object",)),
    Call("getCoverArt", {"id": "{cover}", "size": 128}, method="FORM", headers=PICTURE),
    Call("stream", {"id": "{song}", "maxBitRate": 0}, sends={"Range": "bytes=1000-"}, status=206, headers=AUDIO),
))  # fmt: skip

JAMSTASH = Client("Jamstash", "1.6.0", "hex", fmt="jsonp", ending=".view", calls=(
    Call("ping", reads=("status str", "version str")),
    Call("getMusicFolders", reads=("musicFolders.musicFolder[].id int",)),
    Call("getIndexes", {"musicFolderId": "{library}"}, ("indexes.index[].artist[].id str",)),
    Call("getMusicDirectory", {"id": "{folder}"}, ("directory.child[].id str", "directory.child[].isDir bool")),
    Call("search2", {"query": "dawn"}, ("searchResult2.song[].id str",)),
    Call("getRandomSongs", {"size": 50, "genre": "Folk", "musicFolderId": "{library}"}, ("randomSongs.song[].id str",)),
    Call("getAlbumList", {"type": "newest", "size": 50, "offset": 0}, ("albumList.album[].id str",)),
    Call("getStarred", reads=("starred.song list",)),
    Call("createPlaylist", {"playlistId": "{playlist}", "songId": ["{song2}", "{song}"]}),
    Call("getPlaylist", {"id": "{playlist}"}, ("playlist.entry[].id str",)),
    Call("getPodcasts", reads=("podcasts object",)),
    Call("stream", {"id": "{song}", "salt": "0.4711"}, headers=AUDIO),
))  # fmt: skip

AMPERFY = Client("Amperfy", "1.13.0", "token", fmt=None, ending=".view", calls=(
    Call("ping", reads=PING),
    Call("getOpenSubsonicExtensions", reads=("openSubsonicExtensions[].name str",)),
    Call("getArtists", reads=("artists.index[].artist[].albumCount int",)),
    Call("getAlbumList2", {"type": "newest", "size": 500, "offset": 0}, under("albumList2.album[]", ALBUM)),
    Call("getAlbum", {"id": "{album}"}, under("album.song[]", SONG, FILE, ("created date", "track int"))),
    Call("getGenres", reads=("genres.genre[].songCount int",)),
    Call("getPlaylist", {"id": "{playlist}"}, ("playlist.changed date", "playlist.entry[].id str")),
    Call("getLyricsBySongId", {"id": "{song}"}, ("lyricsList object",)),
    Call("getInternetRadioStations", reads=("internetRadioStations object",)),
    Call("stream", {"id": "{song}", "format": "raw"}, headers=AUDIO),
))  # fmt: skip

SUBLIME = Client("Sublime Music", "1.15.0", "plain", (
    Call("getPlaylists", reads=under("playlists.playlist[]", LIST)),
    Call("getArtists", reads=("artists.ignoredArticles str", "artists.index[].artist[].id str")),
    Call("getArtistInfo2", {"id": "{artist}"}, ("artistInfo2 object",)),
    Call("getAlbumList2", {"type": "alphabeticalByName", "size": 500, "offset": 500}, ("albumList2.album list",)),
    Call("getIndexes",
         reads=("indexes.lastModified int", "indexes.ignoredArticles str", "indexes.index[].artist[].id str")),
    Call("getMusicDirectory", {"id": "{folder}"}, under("directory.child[]", ("id str", "isDir bool", "title str"))),
    Call("savePlayQueue", {"id": ["{song}", "{song2}"], "current": "{song}", "position": 2000}),
    Call("getPlayQueue", reads=under("playQueue", ("current str", "changed date", "changedBy str", "username str"))),
    Call("scrobble", {"id": "{song}"}),
    Call("download", {"id": "{song}"}, headers=AUDIO),
), ending=".view")  # fmt: skip

BEETS = Client("beets", "1.15.0", "short", fmt=None, calls=(
    Call("getPlaylists", reads=("playlists.playlist[].id str", "playlists.playlist[].name str")),
    Call("getPlaylist", {"id": "{playlist}"}, ("playlist.entry[].artist str", "playlist.entry[].title str")),
))  # fmt: skip

AUDIOMUSE = Client("AudioMuse-AI", "1.16.1", "hex", (
    Call("getMusicFolders", reads=("musicFolders.musicFolder[].name str",)),
    Call("getAlbumList2", {"type": "newest", "size": 500, "offset": 0, "musicFolderId": "{library}"},
         ("albumList2.album[].id str",)),
    Call("search3", {"query": "", "songCount": 500, "songOffset": 0, "artistCount": 0, "albumCount": 0},
         under("searchResult3.song[]", SONG, ("path str",))),
    Call("createPlaylist", {"name": "Batches", "songId": ["{song}"]}, ("playlist.id str",), method="POST"),
    Call("updatePlaylist", {"playlistId": "{playlist}", "songIdToAdd": ["{song}"] * 40}, method="POST"),
    Call("getSong", {"id": "{song}"}, ("song.played? date",)),
    Call("stream", {"id": "{song}"}, headers=AUDIO),
))  # fmt: skip

SUBSTREAMER = Client("substreamer8", "1.15.0", "token", ending=".view", calls=(
    Call("getUser", {"username": "{user}"}, ("user.adminRole bool", "user.shareRole bool")),
    Call("search3", {"query": "", "artistCount": 0, "albumCount": 10_000, "songCount": 0},
         ("searchResult3.album[].id str",)),
    Call("search3", {"query": '"dawn"'}, ("searchResult3.song[].id str",)),
    Call("getAlbumList2", {"type": "frequent", "size": 20}, ("albumList2.album list",)),
    Call("star", {"id": ["{song}"]}, method="FORM"),
    Call("unstar", {"id": ["{song}"]}, method="FORM"),
    Call("startScan", reads=("error.code int",)),
    Call("getScanStatus", reads=("scanStatus.scanning bool",)),
))  # fmt: skip

SUPERSONIC = Client("supersonic", "1.15.0", "token", fmt="xml", ending=".view", calls=(
    Call("getAlbumList2", {"type": "byGenre", "genre": "Folk", "limit": 20}, under("albumList2.album[]", ALBUM)),
    Call("getAlbumList2", {"type": "byYear", "fromYear": 3000, "toYear": 0, "limit": 20},
         ("albumList2.album[].id str",)),
    Call("createPlaylist", {"name": "Described", "description": "not in the protocol"}, ("playlist.id str",),
         method="FORM"),
    Call("getAlbumInfo", {"id": "{album}"}, ("albumInfo object",)),
    Call("getSong", {"id": "{song}"}, ("song.id str", "song.duration int")),
    Call("reportPlayback", {"mediaId": "{song}", "mediaType": "song", "positionMs": 0, "state": "starting"}),
    Call("getMusicFolders", reads=("musicFolders.musicFolder[].id int",)),
))  # fmt: skip

MUSIC_ASSISTANT = Client("MusicAssistant", "1.16.1", "token", (
    Call("getAlbumList2", {"type": "alphabeticalByArtist", "size": 500, "offset": 0},
         ("albumList2.album[].created date",)),
    Call("stream", {"id": "{song}", "timeOffset": 0, "estimateContentLength": "true"}, method="FORM", headers=AUDIO),
    Call("getCoverArt", {"id": "{album}", "size": 1000}, method="FORM", headers=PICTURE),
    Call("stream", {"id": "{song}"}, method="FORM", sends={"Range": "bytes=10-19"}, status=206,
         headers={"content-length": "10"}),
))  # fmt: skip

CLIENTS = (
    FEISHIN, CASTAFIORE, SUBSONIC_PLAYER, AONSOKU, SYMFONIUM, STRAWBERRY, CLEMENTINE, DSUB, JAMSTASH, AMPERFY, SUBLIME,
    BEETS, AUDIOMUSE, SUBSTREAMER, SUPERSONIC, MUSIC_ASSISTANT, SUBMUSIC, TEMPUS,
)  # fmt: skip
