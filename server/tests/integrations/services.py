"""Last.fm, MusicBrainz, Wikipedia, Deezer and LRCLIB as far as we ask them, on one port, in their own wire formats.

`asked` keeps what was asked; `broken` makes everybody answer with something else.
"""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, unquote, urlsplit

KEY = "0123456789abcdef0123456789abcdef"
CHER = "bfcc6d75-a6a5-4bc6-8282-47aec8531818"
SONNY = "f3b8ff22-8a9e-4f4f-a0a5-5cb3dd4a0cf2"
STAR = "https://lastfm.freetls.fastly.net/i/u/34s/2a96cbd8b46e442fc41c2b86b821562f.png"
PICTURE = "https://cdn-images.example/images/artist/{}/{}x{}.jpg"


def lastfm(query: dict) -> tuple[int, object]:
    """Answer as https://www.last.fm/api does: errors are numbers in the body, the only one of a list stands alone."""
    if query.get("api_key") != KEY:
        return 403, {"error": 10, "message": "Invalid API key - You must be granted a valid key by last.fm"}
    if query["method"].startswith("artist."):
        if query.get("mbid") != CHER and query.get("artist", "").lower() != "cher":
            return 200, {"error": 6, "message": "The artist you supplied could not be found", "links": []}
    elif (query["artist"].lower(), query["album"].lower()) != ("cher", "believe"):
        return 404, {"error": 6, "message": "Album not found"}
    return 200, LASTFM[query["method"].lower()]


LASTFM = {
    "artist.getinfo": {"artist": {
        "name": "Cher", "mbid": CHER, "url": "https://www.last.fm/music/Cher",
        "image": [{"#text": STAR, "size": size} for size in ("small", "medium", "large", "extralarge", "mega", "")],
        "streamable": "0", "ontour": "0", "stats": {"listeners": "1", "playcount": "2"},
        "similar": {"artist": []}, "tags": {"tag": [{"name": "pop", "url": "https://www.last.fm/tag/pop"}]},
        "bio": {
            "links": {"link": {"#text": "", "rel": "original", "href": "https://last.fm/music/Cher/+wiki"}},
            "published": "10 Feb 2006, 20:51",
            "summary": "Cher sings. <a href=\"https://www.last.fm/music/Cher\">Read more on Last.fm</a>",
            "content": "Cher sings &amp; acts.\n\nShe was &lt;script&gt;born&lt;/script&gt; in 1946. "
            "<a href=\"https://www.last.fm/music/Cher\">Read more on Last.fm</a>. "
            "User-contributed text is available under the Creative Commons By-SA License; additional terms may apply.",
        },
    }},
    "artist.getsimilar": {"similarartists": {
        "artist": [
            {"name": "Sonny & Cher", "mbid": SONNY, "match": "1", "url": "https://www.last.fm/music/S", "image": []},
            {"name": "Kettle Band", "match": "0.7", "url": "https://www.last.fm/music/Kettle", "image": []},
            {"name": "Nobody Here", "match": "0.5", "url": "https://www.last.fm/music/Nobody", "image": []},
        ],
        "@attr": {"artist": "Cher"},
    }},
    "artist.gettoptracks": {"toptracks": {
        "track": {"name": "Believe", "playcount": "9", "listeners": "5", "mbid": "", "@attr": {"rank": "1"}},
        "@attr": {"artist": "Cher", "page": "1", "perPage": "1", "totalPages": "1", "total": "1"},
    }},
    "album.getinfo": {"album": {
        "artist": "Cher", "name": "Believe", "mbid": "", "tags": "", "playcount": "1", "listeners": "1",
        "url": "https://www.last.fm/music/Cher/Believe", "tracks": {"track": []},
        "image": [{"size": size, "#text": f"https://lastfm.freetls.fastly.net/i/u/{size}/b.png"}
                  for size in ("small", "medium", "large", "extralarge", "mega", "")],
        "wiki": {"published": "27 Jul 2008", "summary": "The 22nd album.", "content": "The 22nd album."},
    }},
}  # fmt: skip


def musicbrainz(path: str, query: dict) -> tuple[int, object]:
    """Answer as https://musicbrainz.org/ws/2 does with fmt=json."""
    if query.get("fmt") != "json":
        return 200, "<metadata/>"
    if path == f"artist/{CHER}":
        return 200, {
            "id": CHER, "name": "Cher", "sort-name": "Cher", "type": "Person", "country": "US", "disambiguation": "",
            "annotation": "She is an ''[http://x|American]'' singer.", "life-span": {"begin": "1946-05-20"},
            "relations": [
                {"type": "last.fm", "type-id": "1", "direction": "forward", "ended": False,
                 "url": {"id": "1", "resource": "https://www.last.fm/music/Cher"}},
                {"type": "wikidata", "type-id": "2", "direction": "forward", "ended": False,
                 "url": {"id": "2", "resource": "https://www.wikidata.org/wiki/Q12003"}},
            ],
        }  # fmt: skip
    if path == "artist/":
        found = [{"id": CHER, "score": 100, "name": "Cher"}, {"id": SONNY, "score": 71, "name": "Sonny & Cher"}]
        if "Twice" in query["query"]:
            found = [{"id": CHER, "score": 100, "name": "Twice"}, {"id": SONNY, "score": 100, "name": "Twice"}]
        return 200, {"created": "2026-11-21T00:00:00.000Z", "count": len(found), "offset": 0, "artists": found}
    return 404, {"error": "Not Found", "help": "For usage, please see: https://musicbrainz.org/development/mmd"}


def wikidata(query: dict) -> tuple[int, object]:
    """Answer as the action API of MediaWiki does."""
    if query["action"] == "query":
        hits = [{"ns": 0, "title": "Q12003", "pageid": 1}] if query["srsearch"] == f"haswbstatement:P434={CHER}" else []
        return 200, {"batchcomplete": "", "query": {"searchinfo": {"totalhits": len(hits)}, "search": hits}}
    links = {"enwiki": {"site": "enwiki", "title": "Cher", "badges": []},
             "dewiki": {"site": "dewiki", "title": "Cher (Sängerin)", "badges": []}}  # fmt: skip
    asked = {name: links[name] for name in query["sitefilter"].split("|") if name in links}
    return 200, {"entities": {query["ids"]: {"type": "item", "id": query["ids"], "sitelinks": asked}}, "success": 1}


def wikipedia(path: str) -> tuple[int, object]:
    """Answer as the REST API does for the summary of a page."""
    language, _, title = path.partition("/")
    if title not in ("Cher", "Cher_(Sängerin)"):
        return 404, {"type": "https://mediawiki.org/wiki/HyperSwitch/errors/not_found", "title": "Not found."}
    return 200, {
        "type": "standard", "title": title.replace("_", " "), "lang": language, "extract": f"Cher ({language}).",
        "extract_html": "<p>Cher</p>", "thumbnail": {"source": "https://upload.example/t.jpg", "width": 320},
        "originalimage": {"source": "https://upload.example/o.jpg", "width": 3000},
        "content_urls": {"desktop": {"page": f"https://{language}.wikipedia.org/wiki/Cher"}},
    }  # fmt: skip


def deezer(path: str, query: dict) -> tuple[int, object]:
    """Answer as https://api.deezer.com does: what it does not like is an error with status 200."""
    if "quota" in query["q"]:
        return 200, {"error": {"type": "Exception", "message": "Quota limit exceeded", "code": 4}}
    if path == "search/album":
        covers = {f"cover_{size}": PICTURE.format("b1", size, size) for size in ("small", "medium", "big", "xl")}
        return 200, {"data": [{"id": 1, "title": "Believe", **covers, "artist": {"id": 2, "name": "Cher"}}], "total": 1}
    found = []
    for name, picture in (("Cheryl", "c0"), ("Cher", ""), ("Cher", "c1")):
        pictures = {f"picture_{size}": PICTURE.format(picture, size, size) for size in ("small", "medium", "big", "xl")}
        found.append({"id": len(found), "name": name, **pictures, "nb_fan": 1, "type": "artist"})
    return 200, {"data": found, "total": len(found)}


def lrclib(query: dict) -> tuple[int, object]:
    """Answer as https://lrclib.net/api/get does."""
    if query.get("track_name") != "Believe":
        return 404, {"code": 404, "name": "TrackNotFound", "message": "Failed to find specified track"}
    return 200, {
        "id": 1, "trackName": "Believe", "artistName": "Cher", "albumName": "Believe", "duration": 239.0,
        "instrumental": False, "plainLyrics": "After love", "syncedLyrics": "[00:01.00] After love",
    }  # fmt: skip


class Services:
    """All of them; `url` is where."""

    def __init__(self):
        self.asked: list[tuple[str, dict, dict]] = []
        self.broken: tuple[int, bytes] | None = None
        self.headers: dict[str, str] = {}
        services = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                parts = urlsplit(self.path)
                query = dict(parse_qsl(parts.query))
                services.asked.append((unquote(parts.path), query, dict(self.headers)))
                status, body = services.broken or answered(unquote(parts.path), query)
                data = body if isinstance(body, bytes) else json.dumps(body).encode()
                self.send_response(status)
                for name, value in services.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *args):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def answered(path: str, query: dict) -> tuple[int, object]:
    service, _, rest = path.strip("/").partition("/") if path != "/ws/2/artist/" else ("ws", "", "2/artist/")
    if service == "2.0":
        return lastfm(query)
    if service == "ws":
        return musicbrainz(rest.removeprefix("2/"), query)
    if service == "w":
        return wikidata(query)
    if service == "page":
        return wikipedia(rest)
    if service == "search":
        return deezer(f"search/{rest}", query)
    return lrclib(query)
