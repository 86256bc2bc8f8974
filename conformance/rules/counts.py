"""How much is given: the documented default when nothing is asked, no more than asked, nothing for nothing."""

from collections.abc import Callable
from typing import Any

from conformance import examples, facts
from conformance.model import MUST, SHOULD, Skip, expect, rule
from conformance.site import Site

# Endpoint, parameter, and the list that it limits.
LIMITS = {
    "getAlbumList": (("size", "album"),), "getAlbumList2": (("size", "album"),), "getRandomSongs": (("size", "song"),),
    "getSongsByGenre": (("count", "song"),), "search": (("count", "match"),),
    "search2": (("artistCount", "artist"), ("albumCount", "album"), ("songCount", "song")),
    "search3": (("artistCount", "artist"), ("albumCount", "album"), ("songCount", "song")),
    "getSimilarSongs": (("count", "song"),), "getSimilarSongs2": (("count", "song"),),
    "getTopSongs": (("count", "song"),), "getNewestPodcasts": (("count", "episode"),),
    "getArtistInfo": (("count", "similarArtist"),), "getArtistInfo2": (("count", "similarArtist"),),
    "getSonicSimilarTracks": (("count", ""),), "findSonicPath": (("count", ""),),
}
# Wide calls, so that there is more than the default.
WIDE: dict[str, Callable[[Site], dict[str, Any]]] = {
    "getRandomSongs": lambda site: {}, "search": lambda site: {"any": "o"}, "search2": lambda site: {"query": ""},
    "search3": lambda site: {"query": ""},
}
# Lists whose documented least is 1.
AT_LEAST_ONE = ("findSonicPath", "getAlbumList", "getAlbumList2")
STILL = tuple(name for name in LIMITS if name not in AT_LEAST_ONE)


def _given(site: Site, endpoint: str) -> dict[str, Any]:
    make = WIDE.get(endpoint)
    return make(site) if make else examples.example(site, endpoint)


def _rows(site: Site, endpoint: str, member: str, given: dict[str, Any]) -> list[Any]:
    found = site.read(endpoint, **given)
    return (found.get(member) if member else found) or []


@rule("count.default", MUST, "Without a count no more is given than the default that the documentation names.", *LIMITS)
def default(site: Site, endpoint: str) -> None:
    for name, member in LIMITS[endpoint]:
        most = int(facts.endpoints()[endpoint].parameters[name].default)
        rows = _rows(site, endpoint, member, _given(site, endpoint))
        expect(len(rows) <= most, f"{len(rows)} in {member or 'the list'} without {name}", f"at most {most}")


@rule("count.most", MUST, "No more is given than is asked for.", *LIMITS)
def most(site: Site, endpoint: str) -> None:
    for name, member in LIMITS[endpoint]:
        for asked in (2, 3):
            rows = _rows(site, endpoint, member, _given(site, endpoint) | {name: asked})
            expect(len(rows) <= asked, f"{len(rows)} in {member or 'the list'} for {name}={asked}")


@rule("count.none", SHOULD, "A count of 0 gives nothing, and is no error.", *STILL)
def none(site: Site, endpoint: str) -> None:
    for name, member in LIMITS[endpoint]:
        rows = _rows(site, endpoint, member, _given(site, endpoint) | {name: 0})
        expect(not rows, f"{len(rows)} in {member or 'the list'} for {name}=0")


@rule("present", SHOULD, "Without includeNotPresent every similar artist is one of the library.", "getArtistInfo",
      "getArtistInfo2")
def present(site: Site, endpoint: str) -> None:
    for artist in site.artists[:4]:
        for one in site.read(endpoint, id=artist["id"]).get("similarArtist") or []:
            site.read("getArtist", id=one["id"])


@rule("similar.songs", MUST, "Similar songs and top songs are songs of the library, each once.", "getSimilarSongs",
      "getSimilarSongs2", "getTopSongs")
def similar_songs(site: Site, endpoint: str) -> None:
    rows = _rows(site, endpoint, "song", examples.example(site, endpoint))
    ids = [row["id"] for row in rows]
    expect(len(ids) == len(set(ids)), f"{len(ids)} songs, {len(set(ids))} different")
    if not ids:
        raise Skip("nothing is similar here")
    got = site.read("getSong", id=ids[0])
    expect(got["id"] == ids[0], f"getSong of {ids[0]} gave {got['id']}")
