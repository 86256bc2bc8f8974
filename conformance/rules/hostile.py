"""Values that nobody means: of the wrong kind, below zero, larger than anything, strange text.

The least is that the server stays a Subsonic server: an envelope, never a 5xx, an HTML page or an empty body.
"""

from typing import Any

from conformance import examples, facts
from conformance.model import MUST, REFERENCE, SHOULD, Skip, expect, rule
from conformance.rules.every import ALL, PLAIN_HTTP
from conformance.site import Site
from conformance.verdicts import must_fail

ERRORS = f"{REFERENCE}#error-handling"
# These would make odd accounts, stations and channels, or fetch odd addresses.
NOT_CALLED_ODDLY = frozenset(("createUser", "changePassword", "startScan", "createPodcastChannel", *PLAIN_HTTP))
KINDS = ("int", "float", "bool", "enum")


def _typed(endpoint: str, *kinds: str) -> list[str]:
    known = facts.endpoints()[endpoint].parameters.values()
    return [p.name for p in known if p.type in kinds and not p.conditional]


TYPED = tuple(name for name in ALL if _typed(name, *KINDS) and name not in PLAIN_HTTP)
WITH_ANY = tuple(name for name in ALL if facts.endpoints()[name].parameters and name not in NOT_CALLED_ODDLY)
NUMBERED = tuple(name for name in ALL if _typed(name, "int"))
STRANGE = ("-1", "-5000", "2147483648", "9223372036854775808", "1e9", "0x10", "", "\x00", "null",
           "ä\u0301 日本 🎵 ' \" ; -- %", "../../etc/passwd", "x" * 2000)


def _lacks(site: Site, endpoint: str) -> None:
    lacks = site.lacks(examples.needs(endpoint), endpoint)
    if lacks:
        raise Skip(lacks)


def _example(site: Site, endpoint: str) -> dict[str, Any]:
    if endpoint.startswith("delete") and endpoint != "deleteBookmark":
        return {}
    return examples.example(site, endpoint)


@rule("wrong", SHOULD, "A value of the wrong kind is error 0 (10 is borne) with a sentence, and changes nothing.",
      *TYPED, page=ERRORS)
def wrong_kind(site: Site, endpoint: str) -> None:
    _lacks(site, endpoint)
    given = _example(site, endpoint)
    for name in _typed(endpoint, *KINDS):
        answer = site.ask(endpoint, given | {name: "nonsense"}, limit=4096)
        tree = must_fail(answer, (0, 10))
        expect(tree["error"].get("message"), f"{answer.asked} answered no message")


@rule("hostile", MUST, "Whatever a parameter holds, the answer is an envelope or a file, never a crash or a page.",
      *WITH_ANY, page=REFERENCE)
def hostile(site: Site, endpoint: str) -> None:
    _lacks(site, endpoint)
    known = facts.endpoints()[endpoint]
    given = _example(site, endpoint)
    for name in known.parameters:
        if endpoint in ("updatePlaylist", "createPlaylist", "updateUser") and name in ("name", "comment", "email"):
            continue
        for value in STRANGE if known.parameters[name].type in ("int", "id") else STRANGE[6:11]:
            if endpoint in examples.WRITES and known.parameters[name].type == "str":
                continue
            answer = site.ask(endpoint, given | {name: value}, limit=65536)
            calm = answer.status < 400 or answer.status == 416
            expect(calm, f"{answer.asked} answered {answer.brief()}")
            expect(answer.body, f"{answer.asked} answered nothing")
            expect("html" not in answer.kind, f"{answer.asked} answered {answer.brief()}")
            if not known.binary:
                expect(answer.kind == "application/json", f"{answer.asked} answered {answer.brief()}")


PAGED = {"getAlbumList": "offset", "getAlbumList2": "offset", "getSongsByGenre": "offset", "search": "offset",
         "search2": "songOffset", "search3": "songOffset"}


@rule("offset.negative", SHOULD, "An offset below zero counts as zero.", *PAGED)
def offset_negative(site: Site, endpoint: str) -> None:
    given = examples.example(site, endpoint)
    member = facts.endpoints()[endpoint].member
    first = site.read(endpoint, **given | {PAGED[endpoint]: 0})
    below = site.read(endpoint, **given | {PAGED[endpoint]: -5000})
    ids = [[row["id"] for row in rows_of(page)] for page in (first, below)]
    expect(ids[0] == ids[1], f"{PAGED[endpoint]}=-5000 gave {len(ids[1])} rows of {member}, 0 gave {len(ids[0])}")


@rule("offset.huge", MUST, "An offset past the end is ok and empty.", *PAGED)
def offset_huge(site: Site, endpoint: str) -> None:
    given = examples.example(site, endpoint)
    names = [n for n in facts.endpoints()[endpoint].parameters if n.lower().endswith("offset")]
    page = site.read(endpoint, **given | dict.fromkeys(names, 2_000_000_000))
    expect(not rows_of(page), f"{len(rows_of(page))} rows at 2,000,000,000")


def rows_of(page: dict[str, Any]) -> list[dict[str, Any]]:
    """The songs of a page, or its albums, or its matches."""
    for name in ("song", "album", "match"):
        if page.get(name):
            return page[name]
    return []
