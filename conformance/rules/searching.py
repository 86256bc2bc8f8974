"""Searching: what is in the library is found, by its words, in any case; what is not, is ok and empty."""

import unicodedata

from conformance.examples import word_of
from conformance.model import MUST, SHOULD, Skip, expect, rule
from conformance.site import Site
from conformance.verdicts import accepted

BOTH = ("search2", "search3")


def _ids(site: Site, endpoint: str, query: str, kind: str = "song") -> list[str]:
    found = site.read(endpoint, query=query, songCount=500, albumCount=500, artistCount=500)
    return [row["id"] for row in found.get(kind) or []]


@rule("finds", MUST, "A song is found by its title and by one word of it, in upper and in lower case.", *BOTH)
def finds(site: Site, endpoint: str) -> None:
    song = site.song
    for query in (song["title"], word_of(song["title"]), song["title"].upper(), song["title"].lower()):
        expect(song["id"] in _ids(site, endpoint, query), f"{song['title']!r} is not found by {query!r}")


@rule("finds.others", MUST, "An album is found by its name, an artist by theirs.", "search3")
def finds_others(site: Site, endpoint: str) -> None:
    expect(site.album["id"] in _ids(site, endpoint, site.album["name"], "album"),
           f"the album {site.album['name']!r} is not found")
    expect(site.artist["id"] in _ids(site, endpoint, site.artist["name"], "artist"),
           f"the artist {site.artist['name']!r} is not found")


@rule("finds.prefix", SHOULD, "A song is found by the beginning of a word of its title.", *BOTH)
def finds_prefix(site: Site, endpoint: str) -> None:
    word = word_of(site.song["title"])
    if len(word) < 4:
        raise Skip("no long word in the title")
    query = word[:-1]
    expect(site.song["id"] in _ids(site, endpoint, query), f"{site.song['title']!r} is not found by {query!r}")


@rule("finds.words", SHOULD, "A song is found by words of its title and its artist together, in any order.", "search3")
def finds_words(site: Site, endpoint: str) -> None:
    song = next((s for s in site.songs if s.get("artist")), None)
    if not song:
        raise Skip("no song with an artist")
    title, artist = word_of(song["title"]), word_of(song["artist"])
    for query in (f"{title} {artist}", f"{artist} {title}"):
        expect(song["id"] in _ids(site, endpoint, query), f"{song['title']!r} is not found by {query!r}")


@rule("finds.plain", SHOULD, "A name with accents is found without them.", "search3")
def finds_plain(site: Site, endpoint: str) -> None:
    def plain(text: str) -> str:
        return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))

    named = [*site.artists, *site.albums]
    accented = [one for one in named if one["name"] != plain(one["name"]) and plain(one["name"]).isascii()]
    if not accented:
        raise Skip("no accents in the sample")
    one = accented[0]
    kind = "album" if "songCount" in one else "artist"
    expect(one["id"] in _ids(site, endpoint, plain(one["name"]), kind), f"{one['name']!r} by {plain(one['name'])!r}")


@rule("finds.script", MUST, "A name in any script is found, asked by GET and by POST.", "search3")
def finds_script(site: Site, endpoint: str) -> None:
    named = [one for one in [*site.albums, *site.artists] if not one["name"].isascii()]
    if not named:
        raise Skip("every name in the sample is ASCII")
    one = named[0]
    kind = "album" if "songCount" in one else "artist"
    given = {"query": one["name"], f"{kind}Count": 500}
    for post in ("", "query", "form") if "formPost" in site.extensions else ("", "query"):
        found = accepted(site.ask(endpoint, given, post=post))["searchResult3"].get(kind) or []
        expect(one["id"] in {row["id"] for row in found}, f"{one['name']!r} is not found by {post or 'GET'}")


@rule("finds.quoted", SHOULD, "A query in quotation marks, or with an asterisk behind it, finds what it does without.",
      *BOTH)
def finds_quoted(site: Site, endpoint: str) -> None:
    word = word_of(site.song["title"])
    for query in (f'"{word}"', f"{word}*"):
        expect(site.song["id"] in _ids(site, endpoint, query), f"{site.song['title']!r} is not found by {query}")


@rule("nothing", MUST, "Nothing found is ok, with an empty result.", *BOTH)
def nothing(site: Site, endpoint: str) -> None:
    for kind in ("song", "album", "artist"):
        found = _ids(site, endpoint, "qxzvkjqwxz 日本語日本語", kind)
        expect(not found, f"{len(found)} {kind}s for a text that is nowhere")


@rule("counts", MUST, "Each kind keeps to its own count: zero gives none, one gives at most one.", *BOTH)
def counts(site: Site, endpoint: str) -> None:
    query = word_of(site.song["title"])
    none = site.read(endpoint, query=query, songCount=0, albumCount=0, artistCount=0)
    given = [kind for kind in ("song", "album", "artist") if none.get(kind)]
    expect(not given, f"{', '.join(given)} given for a count of 0")
    one = site.read(endpoint, query=query, songCount=1, albumCount=0, artistCount=0).get("song") or []
    expect(len(one) <= 1, f"{len(one)} songs for songCount=1")


@rule("counts.default", MUST, "Without counts at most twenty of each kind are given.", *BOTH)
def counts_default(site: Site, endpoint: str) -> None:
    found = site.read(endpoint, query="")
    for kind in ("song", "album", "artist"):
        rows = found.get(kind) or []
        expect(len(rows) <= 20, f"{len(rows)} {kind}s")


@rule("old.finds", SHOULD, "The first search still finds a title, and counts its hits.", "search")
def old_finds(site: Site, endpoint: str) -> None:
    found = site.read(endpoint, title=site.song["title"], count=50)
    expect(site.song["id"] in {row["id"] for row in found.get("match") or []}, f"{site.song['title']!r} is not found")
    expect(found["totalHits"] >= len(found["match"]), f"totalHits {found['totalHits']}, {len(found['match'])} matches")
