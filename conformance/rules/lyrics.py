"""Lyrics: plain, timed by line, timed by word.

Offsets of words are counted in bytes of UTF-8 and both ends belong to the word. Where the sample has no lyrics these
rules say nothing; the suite's own library has some of every kind.
"""

from collections.abc import Iterator
from itertools import pairwise

from conformance.model import DOCS, MUST, SHOULD, Skip, expect, rule
from conformance.site import Site, Tree
from conformance.things import more_songs

LYRICS = f"{DOCS}/extensions/songlyrics/"
WORDS = "songLyrics@2 songs"
LOOKED_AT = 100


@rule("lyrics.none", MUST, "Lyrics that nobody knows are ok and empty.", "getLyrics")
def lyrics_none(site: Site, endpoint: str) -> None:
    found = site.read(endpoint, artist=f"{site.mark} nobody", title=f"{site.mark} nothing")
    expect(not found.get("value"), f"{found.get('value')!r}")
    site.read(endpoint)


def _all(site: Site, enhanced: bool) -> dict[str, list[Tree]]:
    """The lyrics of the sample by song, of those that have some."""
    def ask() -> dict[str, list[Tree]]:
        found = {}
        for song in more_songs(site)[:LOOKED_AT]:
            more = {"enhanced": "true"} if enhanced else {}
            rows = site.read("getLyricsBySongId", id=song["id"], **more).get("structuredLyrics") or []
            if rows:
                found[song["id"]] = rows
        return found

    return site.once(f"lyrics {enhanced}", ask)


def _some(site: Site, enhanced: bool = False) -> dict[str, list[Tree]]:
    found = _all(site, enhanced)
    if not found:
        raise Skip("no song of the sample has lyrics")
    return found


@rule("lyrics.plain", MUST, "Without enhanced the answer is that of version 1: no kind, agents or cueLine.",
      "getLyricsBySongId", page=LYRICS)
def lyrics_plain(site: Site, endpoint: str) -> None:
    for id_, rows in _some(site).items():
        for one in rows:
            extra = [name for name in ("kind", "agents", "cueLine") if name in one]
            expect(not extra, f"{', '.join(extra)} in the lyrics of {id_}")


@rule("lyrics.synced", MUST, "Every line of synced lyrics has its start, no line of others has one, and starts ascend.",
      "getLyricsBySongId", page=LYRICS)
def lyrics_synced(site: Site, endpoint: str) -> None:
    for id_, rows in _some(site).items():
        for one in rows:
            starts = [line["start"] for line in one["line"] if "start" in line]
            wanted = len(one["line"]) if one["synced"] else 0
            expect(len(starts) == wanted, f"synced {one['synced']}, {len(starts)} starts in {len(one['line'])} lines "
                                          f"of {id_}")
            expect(starts == sorted(starts), f"the lines of {id_} go back in time")


@rule("lyrics.versions", SHOULD, "Version 2 of songLyrics is announced together with version 1.", "getLyricsBySongId",
      page=LYRICS)
def lyrics_versions(site: Site, endpoint: str) -> None:
    versions = site.extensions.get("songLyrics", [])
    expect(2 not in versions or 1 in versions, f"versions {versions}")


@rule("lyrics.fallback", MUST, "With enhanced the main lines are those that are given without.", "getLyricsBySongId",
      page=LYRICS, needs=WORDS)
def lyrics_fallback(site: Site, endpoint: str) -> None:
    enhanced = _all(site, True)
    for id_, rows in _some(site).items():
        main = [one["line"] for one in enhanced.get(id_, []) if one.get("kind", "main") == "main"]
        for one in rows:
            expect(one["line"] in main, f"the lines of {id_} are others with enhanced=true")


def _cued(site: Site) -> Iterator[tuple[str, Tree, Tree]]:
    """Song, lyrics and line of every line that has words with a time of their own."""
    some = False
    for id_, rows in _some(site, True).items():
        for one in rows:
            for line in one.get("cueLine") or []:
                some = True
                yield id_, one, line
    if not some:
        raise Skip("no song of the sample has words with a time of their own")


@rule("cues.lines", MUST, "Only synced lyrics have cueLine, and each belongs to a line that is there.",
      "getLyricsBySongId", page=LYRICS, needs=WORDS)
def cue_lines(site: Site, endpoint: str) -> None:
    for id_, one, line in _cued(site):
        expect(one["synced"], f"cueLine in lyrics of {id_} that are not synced")
        expect(0 <= line["index"] < len(one["line"]), f"index {line['index']}, {len(one['line'])} lines in {id_}")


@rule("cues.bytes", MUST, "byteStart and byteEnd are the first and the last byte of the word in the line's UTF-8.",
      "getLyricsBySongId", page=LYRICS, needs=WORDS)
def cue_bytes(site: Site, endpoint: str) -> None:
    for id_, _, line in _cued(site):
        whole = line["value"].encode()
        for cue in line["cue"]:
            got = whole[cue["byteStart"] : cue["byteEnd"] + 1].decode("utf-8", "replace")
            expect(got == cue["value"], f"bytes {cue['byteStart']}–{cue['byteEnd']} of {line['value']!r} are {got!r}, "
                                        f"the word is {cue['value']!r} ({id_})")


@rule("cues.order", MUST, "Words of a line do not overlap, and either all of them have an end or none has.",
      "getLyricsBySongId", page=LYRICS, needs=WORDS)
def cue_order(site: Site, endpoint: str) -> None:
    for id_, _, line in _cued(site):
        ends = ["end" in cue for cue in line["cue"]]
        expect(all(ends) or not any(ends), f"some words of {line['value']!r} have an end, some not ({id_})")
        for one, other in pairwise(line["cue"]):
            expect(one.get("end", one["start"]) <= other["start"],
                   f"{one['value']!r} and {other['value']!r} overlap ({id_})")


@rule("agents", MUST, "Where there are agents their ids differ, one is main, and every cueLine names one of them; "
      "where there are none no cueLine does.", "getLyricsBySongId", page=LYRICS, needs=WORDS)
def agents(site: Site, endpoint: str) -> None:
    for id_, one, line in _cued(site):
        known = [agent["id"] for agent in one.get("agents") or []]
        if "agents" not in one:
            expect("agentId" not in line, f"agentId without agents in {id_}")
            continue
        expect(known and len(known) == len(set(known)), f"agents {known} of {id_}")
        roles = [agent["role"] for agent in one["agents"]]
        expect(roles.count("main") == 1, f"roles {roles} of {id_}")
        expect(line.get("agentId") in known, f"agentId {line.get('agentId')!r} is none of {known} ({id_})")
