"""Ways in which a server can be wrong, one at a time: what is spoilt, and the rule that must name it.

A fault is applied to a fresh fake server. `tree` faults change what an answer says in every format, `xml` faults only
one format, `wire` faults the HTTP around it, `mind` faults what the server does.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from conformance.tests.fake import Call, Fake, Reply

GONE = object()


@dataclass(frozen=True, slots=True)
class Fault:
    name: str
    endpoint: str
    rule: str
    apply: Callable[[Fake], None]


def change(tree: Any, path: str, make: Any) -> None:
    """Replace what stands at a dotted path; `*` is every entry of a list, GONE takes it away."""
    head, _, rest = path.partition(".")
    if isinstance(tree, list):
        for one in tree if head == "*" else tree[int(head) : int(head) + 1]:
            change(one, rest, make)
        return
    if not isinstance(tree, dict) or (head not in tree and rest):
        return
    if rest and rest != "[]":
        change(tree[head], rest, make)
    elif make is GONE:
        tree.pop(head, None)
    else:
        tree[head] = make(tree.get(head)) if callable(make) else make


def said(endpoint: str, rule: str, path: str, make: Any, form: str = "") -> Fault:
    """An answer of this endpoint says something else at a path (in one format only when `form` is given)."""
    def apply(fake: Fake) -> None:
        def spoil(call: Call, tree: dict[str, Any]) -> dict[str, Any]:
            if call.endpoint == endpoint and form in ("", call.form):
                change(tree, path, make)
            return tree

        fake.spoil_tree = spoil

    shown = "gone" if make is GONE else getattr(make, "__name__", repr(make))
    return Fault(f"{endpoint} {form} {path} {shown}", endpoint, rule, apply)


def sent(endpoint: str, rule: str, name: str, make: Callable[[Call, Reply], Reply]) -> Fault:
    """The HTTP answer of this endpoint is another."""
    def apply(fake: Fake) -> None:
        fake.spoil_wire = lambda call, reply: make(call, reply) if call.endpoint == endpoint else reply

    return Fault(f"{endpoint} {name}", endpoint, rule, apply)


def header(endpoint: str, rule: str, name: str, value: str | None, status: int = 0) -> Fault:
    """A header is another, or gone; only on answers of `status` when that is given."""
    def make(call: Call, reply: Reply) -> Reply:
        if status in (0, reply.status):
            reply.headers = {k: v for k, v in reply.headers.items() if k != name}
            if value is not None:
                reply.headers[name] = value
        return reply

    return sent(endpoint, rule, f"{name}: {value} {status or ''}", make)


def coded(endpoint: str, rule: str, wrong: int, right: int) -> Fault:
    """The error that should be `right` is `wrong`."""
    def make(code: int) -> int:
        return wrong if code == right else code

    make.__name__ = f"{right} as {wrong}"
    return said(endpoint, rule, "error.code", make)


def text(value: Any) -> str:
    return str(value)


def alone(value: Any) -> Any:
    """A list of one as an object, as bad XML converters make it."""
    return value[0] if value else value


def all_but_first(value: Any) -> Any:
    return value[1:]


def zoneless(value: Any) -> Any:
    return value[:-1]


def no_z(value: Any) -> Any:
    return value[:-1] + "+00:00"


# --------------------------------------------------------------------------- what is said

REQUIRED = [
    ("getMusicFolders", "musicFolders.musicFolder.0.id"), ("getIndexes", "indexes.lastModified"),
    ("getIndexes", "indexes.ignoredArticles"), ("getIndexes", "indexes.index.0.name"),
    ("getArtists", "artists.index.0.artist.0.name"), ("getArtists", "artists.ignoredArticles"),
    ("getArtist", "artist.album"), ("getArtist", "artist.album.0.songCount"), ("getAlbum", "album.created"),
    ("getAlbum", "album.song.1.title"), ("getAlbum", "album.song.0.isDir"), ("getSong", "song.isDir"),
    ("getGenres", "genres.genre.0.albumCount"), ("getAlbumList2", "albumList2.album.2.duration"),
    ("getAlbumList", "albumList.album.0.isDir"), ("getMusicDirectory", "directory.name"),
    ("getMusicDirectory", "directory.child.*.title"), ("getPlaylists", "playlists.playlist.0.changed"),
    ("getPlaylist", "playlist.songCount"), ("getBookmarks", "bookmarks.bookmark.0.entry"),
    ("getPlayQueue", "playQueue.changedBy"), ("getPlayQueueByIndex", "playQueueByIndex.changed"),
    ("getNowPlaying", "nowPlaying.entry.0.playerId"), ("getUser", "user.videoConversionRole"),
    ("getUsers", "users.user.0.scrobblingEnabled"), ("getScanStatus", "scanStatus.scanning"),
    ("getLicense", "license.valid"), ("getLyricsBySongId", "lyricsList.structuredLyrics.0.lang"),
    ("search3", "searchResult3.album.0.created"), ("search", "searchResult.totalHits"),
    ("getStarred2", "starred2.album.0.created"), ("getOpenSubsonicExtensions", "openSubsonicExtensions.0.versions"),
]
TYPES = [
    ("getMusicFolders", "musicFolders.musicFolder.0.id", text), ("getSong", "song.duration", text),
    ("getSong", "song.id", lambda value: 7), ("getAlbum", "album.songCount", text), ("getSong", "song.isDir", "false"),
    ("getScanStatus", "scanStatus.scanning", "false"), ("getSong", "song.year", lambda value: 1984.5),
    ("getArtist", "artist.albumCount", text), ("getIndexes", "indexes.lastModified", text),
    ("getBookmarks", "bookmarks.bookmark.0.position", text), ("getUser", "user.adminRole", 1),
    ("getGenres", "genres.genre.0.songCount", text), ("getPlaylist", "playlist.public", "true"),
    ("getPlayQueue", "playQueue.position", text), ("getNowPlaying", "nowPlaying.entry.0.playerId", "one"),
    ("search3", "searchResult3.song.0.size", text), ("getLicense", "license.valid", "true"),
    ("getUsers", "users.user.0.folder.0", None), ("getAlbumList2", "albumList2.album.0.artistId", 3),
]
ARRAYS = [
    ("getMusicFolders", "musicFolders.musicFolder", alone), ("getIndexes", "indexes.index", alone),
    ("getArtists", "artists.index.0.artist", alone), ("getAlbum", "album.song", alone),
    ("getArtist", "artist.album", alone), ("getPlaylists", "playlists.playlist", alone),
    ("getBookmarks", "bookmarks.bookmark", alone), ("getSong", "song.genres", alone),
    ("getStarred2", "starred2.song", alone), ("getNowPlaying", "nowPlaying.entry", alone),
    ("getUser", "user.folder", alone), ("getAlbumList2", "albumList2.album", alone),
    ("getSong", "song.title", lambda value: [value]), ("getLyricsBySongId", "lyricsList.structuredLyrics", alone),
    ("getGenres", "genres", lambda value: value["genre"]), ("getRandomSongs", "randomSongs.song", alone),
]
NULLS = [
    ("getSong", "song.isrc"), ("getStarred2", "starred2.artist"), ("getBookmarks", "bookmarks.bookmark"),
    ("getAlbum", "album.song"), ("getSong", "song.starred"), ("getPlaylists", "playlists"),
    ("getArtist", "artist.album"),
    ("search3", "searchResult3.song"), ("getPlayQueue", "playQueue.entry"), ("getUser", "user.email"),
    ("getVideos", "videos.video"), ("getTopSongs", "topSongs.song"), ("getAlbumInfo", "albumInfo"),
]
DATES = [
    ("getSong", "song.created", zoneless), ("getAlbum", "album.created", no_z), ("getPlaylist", "playlist.changed", ""),
    ("getAlbumList2", "albumList2.album.0.created", lambda value: value[:10]),
    ("getBookmarks", "bookmarks.bookmark.0.created", zoneless), ("getPlayQueue", "playQueue.changed", zoneless),
    ("getStarred2", "starred2.song.0.starred", zoneless), ("getSong", "song.created", "2026-13-41T10:00:00.000Z"),
    ("getStarred", "starred.song.0.starred", ""), ("getPlaylists", "playlists.playlist.0.created", zoneless),
]
VALUES = [
    ("getSong", "song.userRating", 0), ("getSong", "song.userRating", 9), ("getSong", "song.type", "tune"),
    ("getSong", "song.explicitStatus", "maybe"), ("getAlbum", "album.id", ""), ("getSong", "song.size", 2**64),
    ("getAlbum", "album.releaseTypes", [""]), ("getNowPlaying", "nowPlaying.entry.0.state", "dancing"),
]
SAID = [
    *(said(e, "fields.required", path, GONE) for e, path in REQUIRED),
    *(said(e, "fields.types", path, make) for e, path, make in TYPES if make is not None),
    *(said(e, "fields.arrays", path, make) for e, path, make in ARRAYS),
    *(said(e, "fields.null", path, None) for e, path in NULLS),
    *(said(e, "fields.dates", path, make) for e, path, make in DATES),
    *(said(e, "fields.values", path, make) for e, path, make in VALUES),
    said("ping", "envelope", "version", "1.16"), said("getSong", "envelope", "version", GONE),
    said("ping", "envelope.open", "type", GONE), said("getGenres", "envelope.open", "serverVersion", ""),
    said("getArtists", "stranger.open", "openSubsonic", "true"),
    said("getAlbum", "stranger.open", "type", GONE), said("getLicense", "answer", "status", "failed"),
    said("getAlbumInfo2", "member", "albumInfo2", {}), said("ping", "member", "pong", {}),
    said("getVideos", "lists", "videos.video", GONE), said("getStarred2", "lists", "starred2.artist", GONE),
    said("search3", "lists", "searchResult3.song", GONE),
    said("getArtistInfo2", "fields.types", "artistInfo2", "none"),
    said("search3", "crawl.fields", "searchResult3.song.*.title", GONE),
    said("getGenres", "genres.all", "genres.genre", all_but_first),
    said("getArtists", "artists.all", "artists.index", all_but_first),
    said("getMusicDirectory", "directory.complete", "directory.child", all_but_first),
    # only one format is wrong
    said("getAlbum", "xml.same", "album.song", lambda value: value[:-1], "xml"),
    said("getSong", "xml.same", "song.title", "Another", "xml"), said("getSong", "xml.same", "song.year", 1, "xml"),
    said("getArtists", "xml.same", "artists.index", lambda value: value[::-1], "xml"),
    said("getGenres", "xml.same", "genres.genre.0.value", "", "xml"),
    said("getUser", "xml.same", "user.folder", GONE, "xml"), said("getSong", "xml.same", "song.genres", GONE, "xml"),
    said("getLyrics", "xml.same", "lyrics.value", "lu", "xml"),
    said("getPlaylist", "xml.same", "playlist.entry", [], "xml"),
    said("getOpenSubsonicExtensions", "xml.same", "openSubsonicExtensions.0.versions", [2], "xml"),
    said("getArtistInfo2", "xml.same", "artistInfo2.biography", GONE, "xml"),
    said("search3", "jsonp.same", "searchResult3.song", [], "jsonp"),
    said("getSong", "jsonp.same", "song.id", "other", "jsonp"),
    # wrong codes
    coded("getSong", "unknown", 0, 70), coded("getAlbum", "unknown", 10, 70), coded("getArtist", "unknown", 50, 70),
    coded("getPlaylist", "unknown", 0, 70), coded("stream", "unknown", 0, 70), coded("getUser", "unknown", 50, 70),
    coded("getCoverArt", "unknown.lenient", 0, 70), coded("star", "unknown.lenient", 0, 70),
    coded("getSong", "missing", 0, 10), coded("getAlbumList2", "missing", 70, 10), coded("stream", "missing", 0, 10),
    coded("createPlaylist", "missing.both", 0, 10), coded("getTopSongs", "missing.getTopSongs", 70, 10),
    coded("setRating", "missing", 0, 10), coded("star", "missing.any", 0, 10), coded("ping", "stranger", 50, 40),
    coded("getAlbum", "stranger", 10, 40), coded("getSong", "anonymous", 0, 10), coded("ping", "auth.half", 40, 10),
    coded("ping", "auth.wrong", 50, 40), coded("ping", "auth.half", 0, 10), coded("ping", "auth.key.unknown", 40, 44),
    coded("ping", "auth.key.conflict", 44, 43), said("tokenInfo", "auth.key.owner", "tokenInfo.username", "bob"),
    said("tokenInfo", "fields.required", "tokenInfo.username", GONE), coded("tokenInfo", "auth.key.unknown", 40, 44),
    coded("getUsers", "forbidden", 40, 50),
    coded("deleteUser", "forbidden.write", 0, 50), coded("savePlayQueueByIndex", "index.limits", 0, 10),
    coded("getAlbumList2", "year.missing", 0, 10), coded("createUser", "exists", 50, 0),
]


# --------------------------------------------------------------------------- how it is sent


def status(endpoint: str, rule: str, code: int, of: int = 200) -> Fault:
    def make(call: Call, reply: Reply) -> Reply:
        reply.status = code if reply.status == of else reply.status
        return reply

    return sent(endpoint, rule, f"HTTP {of} as {code}", make)


def on_error(make: Callable[[Reply], Reply]) -> Callable[[Call, Reply], Reply]:
    return lambda call, reply: make(reply) if b"failed" in reply.body[:400] else reply


def unauthorized(reply: Reply) -> Reply:
    return Reply(401, reply.headers, reply.body)


def page(reply: Reply) -> Reply:
    return Reply(200, {**reply.headers, "Content-Type": "text/html"}, b"<html>error</html>")


def silent(reply: Reply) -> Reply:
    return Reply(200, reply.headers, b"")


def without_range(call: Call, reply: Reply) -> Reply:
    return Reply(206, {k: v for k, v in reply.headers.items() if k != "Content-Range"}, reply.body) \
        if reply.status == 206 else reply


def shifted(call: Call, reply: Reply) -> Reply:
    return Reply(206, reply.headers, b"x" + reply.body[:-1]) if reply.status == 206 else reply


def short_by_one(call: Call, reply: Reply) -> Reply:
    length = {"Content-Length": str(len(reply.body))}
    if reply.status == 200 and call.method == "GET" and reply.headers["Content-Type"].startswith("audio/"):
        return Reply(200, reply.headers | length, reply.body[:-1])
    return reply


def only(method: str, make: Callable[[Reply], Reply]) -> Callable[[Call, Reply], Reply]:
    return lambda call, reply: make(reply) if call.method == method else reply


def not_allowed(reply: Reply) -> Reply:
    return Reply(405, reply.headers, b"no")


def bare_post(call: Call, reply: Reply) -> Reply:
    return not_allowed(reply) if call.method == "POST" and call.headers.get("content-length") == "0" else reply


def wrong_part(call: Call, reply: Reply) -> Reply:
    """A range of a transcoded stream is answered with its beginning."""
    if "range" not in call.headers or reply.headers["Content-Type"] != "audio/mpeg":
        return reply
    return Reply(206, reply.headers | {"Content-Range": "bytes 100-199/*"}, reply.body[:100])


def other_length(reply: Reply) -> Reply:
    return Reply(reply.status, reply.headers | {"Content-Length": "7"}, reply.body)


def breaks_behind_the_end(call: Call, reply: Reply) -> Reply:
    return Reply(500, reply.headers, b"oops") if call.query.text("timeOffset") == "100000" else reply


SENT = [
    sent("stream", "transcode.range", "the wrong part", wrong_part),
    sent("stream", "transcode.head", "another length", only("HEAD", other_length)),
    sent("stream", "offset.beyond", "HTTP 500", breaks_behind_the_end),
    header("ping", "json.type", "Content-Type", "text/plain"),
    header("getSong", "json.type", "Content-Type", "text/html"),
    header("getSong", "xml.type", "Content-Type", "application/json"),
    header("ping", "jsonp.same", "Content-Type", "application/json"),
    header("getSong", "cors", "Access-Control-Allow-Origin", None),
    header("stream", "cors", "Access-Control-Allow-Origin", None, 200),
    header("stream", "cors.range", "Access-Control-Allow-Origin", None, 206),
    header("download", "cors.range", "Access-Control-Allow-Origin", None, 416),
    header("getCoverArt", "cors", "Access-Control-Allow-Origin", "https://other.example"),
    header("ping", "cors.preflight", "Access-Control-Allow-Methods", "GET"),
    header("stream", "cors.preflight", "Access-Control-Allow-Headers", "content-type"),
    sent("getSong", "cors.error", "CORS gone on errors", on_error(lambda r: Reply(r.status, {
        "Content-Type": r.headers["Content-Type"]}, r.body))),
    status("ping", "answer", 201), status("getAlbum", "answer", 500), status("ping", "cors.preflight", 401, 204),
    sent("getSong", "stranger", "errors with HTTP 401", on_error(unauthorized)),
    sent("getAlbum", "unknown", "errors with HTTP 401", on_error(unauthorized)),
    sent("getSong", "hostile", "errors as pages", on_error(page)),
    sent("getAlbumList2", "hostile", "errors with nothing", on_error(silent)),
    sent("stream", "error.envelope", "errors as pages", on_error(page)),
    sent("stream", "range.open", "Content-Range gone", without_range),
    sent("download", "range.middle", "other bytes", shifted), status("stream", "range.open", 200, 206),
    status("stream", "range.beyond", 200, 416), header("stream", "range.beyond", "Content-Range", None, 416),
    header("stream", "ranges.offered", "Accept-Ranges", None), sent("stream", "length", "one byte less", short_by_one),
    sent("stream", "estimate", "one byte less", short_by_one),
    sent("download", "length", "one byte less", short_by_one),
    header("stream", "range.if", "ETag", None), header("download", "disposition", "Content-Disposition", None),
    sent("download", "head", "no HEAD", only("HEAD", not_allowed)),
    sent("getCoverArt", "image.head", "no HEAD", only("HEAD", not_allowed)),
    sent("getAvatar", "avatar.head", "no HEAD", only("HEAD", not_allowed)),
    sent("deletePlaylist", "deletes.method", "no DELETE", only("DELETE", not_allowed)),
    sent("getSong", "post.form", "no POST", only("POST", not_allowed)),
    sent("star", "post.query", "no POST without a body", bare_post),
    header("getCoverArt", "image", "Content-Type", "image/jpeg", 200),
    header("getCoverArt", "image.cached", "ETag", None), header("stream", "type", "Content-Type", "audio/mpeg", 200),
    sent("stream", "range.post", "no range for POST", lambda call, reply: Reply(200, reply.headers, reply.body)
         if call.method == "POST" and reply.status == 206 else reply),
    sent("getArtists", "compressed", "gzip that is none", lambda call, reply: Reply(
        reply.status, reply.headers | {"Content-Encoding": "gzip"}, reply.body)
        if call.headers.get("accept-encoding") == "gzip" else reply),
    sent("ping", "client.odd", "Basic counts", lambda call, reply: unauthorized(reply)
         if "authorization" in call.headers else reply),
    sent("createPlaylist", "many.get", "short addresses only", lambda call, reply: Reply(414, reply.headers, b"long")
         if call.method == "GET" and len(call.query.all("songId")) > 100 else reply),
    sent("ping", "callback", "any callback", lambda call, reply: Reply(200, reply.headers, b"alert(1)//({})")
         if "alert" in call.query.text("callback", "") else reply),
]
