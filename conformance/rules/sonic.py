"""Sonic similarity: songs that sound alike, and ways from one to another."""

from itertools import pairwise

from conformance.model import DOCS, MUST, SHOULD, Skip, expect, rule
from conformance.site import Site, Tree

PAGE = f"{DOCS}/extensions/sonicsimilarity/"
ALIKE, PATH = "getSonicSimilarTracks", "findSonicPath"


def _alike(site: Site, **more) -> list[Tree]:
    return site.read(ALIKE, id=site.song["id"], **more)


def _path(site: Site, **more) -> list[Tree]:
    found = site.read(PATH, startSongId=site.song["id"], endSongId=site.others[0]["id"], **more)
    if not found:
        raise Skip("no way from one song of the sample to another")
    return found


@rule("similarity", MUST, "A similarity is within 0 and 1, or -1 where it is not known.", ALIKE, PATH, page=PAGE,
      needs="songs")
def similarity(site: Site, endpoint: str) -> None:
    for match in _alike(site) if endpoint == ALIKE else _path(site):
        got = match["similarity"]
        expect(got == -1 or 0 <= got <= 1, f"similarity {got} of {match['entry']['id']}")


@rule("best", MUST, "The most similar comes first.", ALIKE, page=PAGE, needs="songs")
def best(site: Site, endpoint: str) -> None:
    got = [match["similarity"] for match in _alike(site, count=50)]
    expect(all(a >= b for a, b in pairwise(got)), f"similarities {got[:8]}")


@rule("once", MUST, "No song stands twice.", ALIKE, PATH, page=PAGE, needs="songs")
def once(site: Site, endpoint: str) -> None:
    ids = [match["entry"]["id"] for match in (_alike(site) if endpoint == ALIKE else _path(site))]
    expect(len(ids) == len(set(ids)), f"{len(ids)} songs, {len(set(ids))} different")


@rule("others", SHOULD, "The song that was asked for is not similar to itself.", ALIKE, page=PAGE, needs="songs")
def others(site: Site, endpoint: str) -> None:
    expect(site.song["id"] not in [match["entry"]["id"] for match in _alike(site, count=50)], "it is in the list")


@rule("ends", MUST, "A path begins with the first song and ends with the last.", PATH, page=PAGE, needs="songs")
def ends(site: Site, endpoint: str) -> None:
    ids = [match["entry"]["id"] for match in _path(site)]
    wanted = [site.song["id"], site.others[0]["id"]]
    expect([ids[0], ids[-1]] == wanted, f"from {ids[0]} to {ids[-1]}, not {wanted}")


@rule("short", MUST, "A path is no longer than count.", PATH, page=PAGE, needs="songs")
def short(site: Site, endpoint: str) -> None:
    found = _path(site, count=5)
    expect(len(found) <= 5, f"{len(found)} songs for count=5")
