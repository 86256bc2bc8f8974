"""Small things that a server can do wrong: the rest of the rules, each broken once."""

import json
import re
from collections.abc import Callable
from typing import Any

from conformance.tests.fake import CORS, Call, Fake, Reply
from conformance.tests.fake_endpoints import Refusal
from conformance.tests.fake_library import library, png
from conformance.tests.fake_marks import File
from conformance.tests.faults import GONE, Fault, said, sent
from conformance.tests.misdeeds import done, turns
from conformance.tests.misdeeds_things import changed, does_nothing, without


def envelope(status: str, code: int = 0, **more: Any) -> Reply:
    tree = {"status": status, "version": "1.16.1", "type": "fake", "serverVersion": "1", "openSubsonic": True, **more}
    if code:
        tree["error"] = {"code": code, "message": "no"}
    kind = {"Content-Type": "application/json"}
    return Reply(200, CORS | kind, json.dumps({"subsonic-response": tree}).encode())


def when(endpoint: str, rule: str, name: str, wrong: Callable[[Call], object], answer: Reply) -> Fault:
    """The server answers something else to such calls."""
    return sent(endpoint, rule, name, lambda call, reply: Reply(answer.status, dict(answer.headers), answer.body)
                if wrong(call) else reply)


def given(name: str, value: str | None = None) -> Callable[[Call], bool]:
    return lambda call: name in call.query.values and value in (None, call.query.text(name))


def refuses(wrong: Callable[[Any], object], code: int = 0) -> Callable:
    """The server refuses what it should take."""
    def make(right: Callable, who: Any, q: Any) -> Any:
        if wrong(q):
            raise Refusal(code, "no")
        return right(who, q)

    return make


def turned(**other: str) -> Callable:
    """Parameters have other values than those that were sent."""
    def make(right: Callable, who: Any, q: Any) -> Any:
        q.values |= {name: [value] for name, value in other.items()}
        return right(who, q)

    return make


def only_if_missing(**other: str) -> Callable:
    def make(right: Callable, who: Any, q: Any) -> Any:
        for name, value in other.items():
            q.values.setdefault(name, [value])
        return right(who, q)

    return make


def announced(**extensions: list[int]) -> Callable[[Fake], None]:
    return lambda fake: fake.extensions.update(extensions)


NOTHING = Reply(404, CORS | {"Content-Type": "text/html"}, b"<html>no</html>")
NUMBERS = re.compile(r"bytes=-?\d")
PLAIN = CORS | {"Content-Type": "text/plain"}
NO, OK = envelope("failed", 40), envelope("ok")

ASKED = [
    when("getSong", "view", "no .view", lambda call: call.path.endswith(".view"), NOTHING),
    when("getSong", "parameters.unknown", "known parameters only", given("nonsense"), NO),
    when("getSong", "parameters.repeated", "each once", lambda call: len(call.query.all("c")) > 1, NO),
    when("getSong", "stranger.xml", "errors in JSON", lambda call: not call.query.text("u"), envelope("failed", 10)),
    when("ping", "auth.plain", "no passwords", lambda c: "p" in c.query.values and c.query.text("p")[:4] != "enc:", NO),
    when("ping", "auth.hex", "no hexadecimal", lambda call: call.query.text("p", "")[:4] == "enc:", NO),
    when("ping", "auth.token", "no tokens", given("t"), NO),
    when("ping", "auth.token.version", "tokens by version", given("v", "1.11.0"), NO),
    when("ping", "auth.version", "no older ones", given("v", "1.1.0"), envelope("failed", 20)),
    when("ping", "auth.version.newer", "wrong code", given("v", "2.0.0"), envelope("failed", 50)),
    when("ping", "auth.form", "not by form", lambda call: call.method == "POST" and "p" in call.query.values, NO),
    when("ping", "auth.cookie", "anybody", lambda call: not {"u", "apiKey"} & set(call.query.values), OK),
    when("ping", "auth.key", "no keys", lambda call: call.query.text("apiKey", "").startswith("key-"), NO),
    when("ping", "format.unknown", "YAML", given("f", "yaml"), Reply(200, PLAIN, b"status: ok")),
    when("getOpenSubsonicExtensions", "extensions.anonymous", "closed", lambda c: "u" not in c.query.values, NO),
    when("getOpenSubsonicExtensions", "extensions.wrong", "strict", given("u", "nobody-here"), NO),
    when("hls", "paths", "m3u8 only", lambda call: call.path.endswith("hls.view"), NOTHING),
    when("stream", "range.nonsense", "refused", lambda call: not NUMBERS.match(call.headers.get("range", "bytes=0")),
         Reply(400, dict(PLAIN), b"no")),
    when("getTranscodeDecision", "get", "any method", lambda call: call.method == "GET", OK),
    when("getTranscodeStream", "statuses", "in the envelope", lambda c: "transcodeParams" not in c.query.values, NO),
    Fault("ping noSuchMethod not found", "ping", "unknown.method", lambda fake: setattr(
        fake, "spoil_wire", lambda call, reply: envelope("failed", 70) if call.endpoint == "noSuchMethod" else reply)),
    Fault("getLyricsBySongId version 2 alone", "getLyricsBySongId", "lyrics.versions", announced(songLyrics=[2])),
    Fault("getOpenSubsonicExtensions template", "getOpenSubsonicExtensions", "extensions.versions",
          announced(template=[1])),
]

SAID_WRONGLY = [said(endpoint, rule, path, make) for endpoint, rule, path, make in (
    ("getLicense", "license.valid", "license.valid", False),
    ("getArtists", "index.names", "artists.index.0.artist", []),
    ("getArtists", "index.once", "artists.index", lambda index: [*index, *index[:1]]),
    ("getMusicFolders", "folders.some", "musicFolders.musicFolder", []),
    ("getMusicDirectory", "directory.opens", "directory.name", "Another"),
    ("getMusicDirectory", "directory.children", "directory.child.0.parent", "fo-none"),
    ("getGenres", "genres.names", "genres.genre.0.value", ""),
    ("getGenres", "genres.counts", "genres.genre.0.songCount", 1),
    ("getArtist", "artist.opens", "artist.albumCount", 99), ("getArtist", "artist.albums", "artist.album", []),
    ("getAlbum", "album.songs", "album.songCount", 99), ("getAlbum", "album.duration", "album.duration", 9999),
    ("getAlbum", "album.order", "album.song", lambda songs: songs[::-1]),
    ("getAlbum", "album.agrees", "album.name", "Another"), ("getSong", "song.agrees", "song.title", "Another"),
    ("getSong", "song.ids", "song.albumId", "al-none"), ("getSong", "song.file", "song.suffix", GONE),
    ("getUser", "scrobbling", "user.scrobblingEnabled", False),
    ("getUsers", "listed", "users.user", lambda users: users + users[:1]),
    ("getPlaylists", "listed", "playlists.playlist.*.songCount", 77),
)]

DONE = [done(endpoint, rule, f"{name}", make) for endpoint, rule, name, make in (
    ("getAlbumList2", "answer.more", "no list of the highest", refuses(lambda q: q.text("type") == "highest")),
    ("search3", "again", "turns", turns),
    ("getAlbum", "unknown.odd", "ASCII only", refuses(lambda q: not q.text("id", "").isascii())),
    ("getArtistInfo2", "info.ids", "artists only", refuses(lambda q: q.text("id", "").startswith("tr-"), 70)),
    ("getSimilarSongs", "similar.ids", "songs only", refuses(lambda q: q.text("id", "").startswith("ar-"), 70)),
    ("getTopSongs", "top.nobody", "unknown", refuses(lambda q: "nobody" in q.text("artist", ""), 70)),
    ("getTopSongs", "top.count", "all", without("count")), ("getTopSongs", "top.id", "names only", without("id")),
    ("getAlbumList2", "type.unknown", "newest instead", lambda right, who, q: turned(type="newest")(right, who, q)
     if q.text("type") == "nonsense" else right(who, q)),
    ("getAlbumList2", "size.most", "refused", refuses(lambda q: int(q.text("size", "0")) > 500)),
    ("getAlbumList2", "newest.order", "oldest first", lambda right, who, q: {"album": right(who, q)["album"][::-1]}
     if q.text("type") == "newest" else right(who, q)),
    ("getAlbumList2", "genre.albums", "any genre", lambda right, who, q: turned(type="newest")(right, who, q)
     if q.text("type") == "byGenre" else right(who, q)),
    ("getAlbumList2", "starred.lists", "none", lambda right, who, q: {"album": []}
     if q.text("type") == "starred" else right(who, q)),
    ("getAlbumList2", "folder.all", "half", lambda right, who, q: {"album": right(who, q)["album"][::2]}
     if "musicFolderId" in q.values else right(who, q)),
    ("getRandomSongs", "random.filter", "any", without("genre", "fromYear", "toYear")),
    ("getSongsByGenre", "genre.songs", "unknown", refuses(
        lambda q: q.text("genre") and q.text("genre") not in {s["genre"] for s in library()["song"].values()}, 70)),
    ("getSongsByGenre", "genre.count", "twenty", only_if_missing(count="20")),
    ("search2", "counts.default", "fifty", only_if_missing(songCount="50", albumCount="50", artistCount="50")),
    ("search", "old.finds", "nothing", changed("nothing", lambda found: found | {"match": [], "totalHits": 0})),
    ("createPlaylist", "empty", "refused", refuses(lambda q: not q.all("songId") and "name" in q.values, 10)),
    ("updatePlaylist", "appends", "nothing", without("songIdToAdd")),
    ("getPlaylists", "public", "own only", lambda right, who, q: {"playlist": [
        p for p in right(who, q)["playlist"] if p["owner"] == who.name]}),
    ("stream", "transcode.mp3", "Ogg", lambda right, who, q: File("audio/mpeg", b"OggS" + bytes(900), ranges=False)
     if q.text("format") == "mp3" else right(who, q)),
    ("stream", "transcode.opus", "Vorbis", lambda right, who, q: File("audio/ogg", b"OggS" + bytes(900), ranges=False)
     if q.text("format") == "opus" else right(who, q)),
    ("stream", "transcode.bitrate", "no limit", without("maxBitRate")),
    ("stream", "transcode.same", "refused", refuses(lambda q: q.text("format") == "flac")),
    ("getCoverArt", "image.larger", "as large as asked", lambda right, who, q: File(
        "image/png", png(min(q.number("size", 300, 1), 2000)), {"ETag": '"x"'})),
    ("getCoverArt", "image.ids", "covers only", refuses(lambda q: not q.text("id", "").startswith("co-"), 70)),
    ("getAvatar", "avatar.image", "JPEG", lambda right, who, q: File("image/jpeg", png(8))),
    ("getLyrics", "lyrics.none", "unknown", refuses(lambda q: "nothing" in q.text("title", ""), 70)),
    ("star", "any", "songs by id", refuses(lambda q: q.text("id", "tr-")[:3] != "tr-", 70)),
    ("star", "several", "the first only", lambda right, who, q: turned(id=q.all("id")[0])(right, who, q)
     if len(q.all("id")) > 1 else right(who, q)),
    ("scrobble", "times", "any number", lambda right, who, q: without("time")(right, who, q)
     if len(q.all("time")) != len(q.all("id")) else right(who, q)),
    ("reportPlayback", "report.states", "three states", refuses(lambda q: q.text("state") == "starting")),
    ("createBookmark", "large", "32 bits", lambda right, who, q: turned(position="2147483647")(right, who, q)
     if q.text("position", "").isdigit() and int(q.need("position")) > 2**31 else right(who, q)),
    ("createBookmark", "negative", "kept", lambda right, who, q: right(who, q) if q.text("position") != "-1" else
     who.bookmarks.update({q.need("id"): {"position": -1, "username": who.name, "created": "2026-01-01T00:00:00.000Z",
                                         "changed": "2026-01-01T00:00:00.000Z"}})),
    ("savePlayQueue", "by", "nobody", turned(c="somebody")),
    ("savePlayQueue", "current.limits", "wrong code", refuses(lambda q: q.all("id") and not q.text("current"), 70)),
    ("savePlayQueue", "many", "hundred", lambda right, who, q: right(who, q) if len(q.all("id")) < 101 else None),
    ("downloadPodcastEpisode", "downloads.again", "refused", lambda right, who, q: right(who, q)
     if q.text("id") and right.__self__._episode(q.need("id"))["status"] != "completed" else refuses(
         lambda q: True)(right, who, q)),
    ("getPodcasts", "heard", "own only", lambda right, who, q: right(who, q) if who.name == "admin" else
     {"channel": []}),
    ("jukeboxControl", "refusal", "by status", refuses(lambda q: True, 70)),
    ("startScan", "guarded", "by anybody", lambda right, who, q: right(right.__self__.state.people["admin"], q)),
    ("getUser", "self", "administrators only", lambda right, who, q: right(who, q) if who.roles.get("adminRole") else
     refuses(lambda q: True, 50)(right, who, q)),
    ("createUser", "signs.in", "hexadecimal kept", lambda right, who, q: turned(
        password="p" + q.text("password", ""))(right, who, q) if q.text("password") else right(who, q)),
    ("createUser", "roles.given", "shares for nobody", without("shareRole")),
    ("updateUser", "folders", "all of them", without("musicFolderId")),
    ("changePassword", "password.own", "administrators only", lambda right, who, q: right(who, q)
     if who.roles.get("adminRole") else refuses(lambda q: True, 50)(right, who, q)),
    ("deleteUser", "deleted", "nothing", does_nothing),
)]
MISDEEDS = [*ASKED, *SAID_WRONGLY, *DONE]
