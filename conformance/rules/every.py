"""What holds for every endpoint: the envelope, the fields, the formats, the ways to ask, CORS.

Each rule looks at one thing, so that one fault of a server is one line of the report.
"""

import gzip
import zlib
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from conformance import check, examples, facts
from conformance.check import KINDS, Fault, cut_answer, differences
from conformance.client import CALLBACK, Answer
from conformance.model import FETCH, MUST, REFERENCE, SHOULD, SUBSONIC, Short, Skip, expect, rule
from conformance.site import Site
from conformance.verdicts import accepted

ALL = examples.COVERED
PLAIN_HTTP = ("getTranscodeStream",)  # fails with a plain HTTP status instead of the envelope
BY_JSON = ("getTranscodeDecision",)  # a POST whose body is JSON
LIVE = ("hls", "getTranscodeStream", "getCaptions")  # written anew for every call, with addresses of their own
ASKED = tuple(name for name in ALL if name not in BY_JSON)
TREES = tuple(name for name in ALL if not facts.endpoints()[name].binary)
FILES = tuple(name for name in ALL if facts.endpoints()[name].binary)
FILLED = tuple(name for name in TREES if facts.endpoints()[name].member)
REPEATABLE = tuple(name for name in ALL if not name.startswith(("create", "delete")) and name not in (
    "startScan", "changePassword", "addChatMessage"))
ENVELOPE = {"status", "version", "type", "serverVersion", "openSubsonic", "error"}
HEAD_BYTES = 4096
A_FILE = "HTTP 200 and the bytes of a file"


def ask_example(site: Site, endpoint: str, **how: Any) -> Answer:
    """The example call of an endpoint, asked in this way; of a file only the beginning."""
    if facts.endpoints()[endpoint].binary:
        how.setdefault("limit", HEAD_BYTES)
    extra = how.pop("extra", {})
    return site.ask(endpoint, examples.example(site, endpoint) | extra, **how)


def sample(site: Site, endpoint: str) -> Answer:
    """The answer to the example call in JSON, asked once a run."""
    return site.recalled(f"sample {endpoint}", lambda: ask_example(site, endpoint))


def _payload(site: Site, endpoint: str) -> Any:
    tree = accepted(sample(site, endpoint))
    member = facts.endpoints()[endpoint].member
    if member not in tree:
        raise Skip(f"the answer has no {member}")
    return tree[member]


# --------------------------------------------------------------------------- the envelope


@rule("answer", MUST, "A right call is answered with HTTP 200 and status ok, a file with its bytes.", *ALL)
def right_call(site: Site, endpoint: str) -> None:
    answer = sample(site, endpoint)
    if endpoint in FILES:
        if endpoint == "getAvatar" and answer.kind in ("application/json", "text/xml", "application/xml"):
            expect(answer.tree().get("error", {}).get("code") == 70, f"{answer.asked} answered {answer.brief()}")
            return
        expect(answer.status == 200 and answer.body, f"{answer.asked} answered {answer.brief()}", A_FILE)
        envelope = answer.kind in ("application/json", "text/xml", "application/xml", "text/html")
        expect(not envelope, f"{answer.asked} answered {answer.brief()}", A_FILE)
    else:
        accepted(answer)


def _more(site: Site, endpoint: str) -> Iterator[Answer]:
    """The answers to further calls, each asked once a run."""
    if endpoint in examples.MORE:
        given = site.once(f"more {endpoint}", lambda: examples.more_examples(site, endpoint))
        for at, parameters in enumerate(given):
            yield site.recalled(f"more {endpoint} {at}", lambda given=parameters: site.ask(endpoint, given))


@rule("answer.more", MUST, "Further right calls are answered too: every kind of list, every letter, every level.",
      *examples.MORE)
def more_calls(site: Site, endpoint: str) -> None:
    for answer in _more(site, endpoint):
        accepted(answer)


@rule("envelope", MUST, "The answer carries status and the protocol version as three numbers.", *TREES,
      page=f"{REFERENCE}")
def envelope(site: Site, endpoint: str) -> None:
    tree = sample(site, endpoint).tree()
    expect(tree.get("status") in ("ok", "failed"), f"status {tree.get('status')!r}")
    parts = str(tree.get("version")).split(".")
    expect(len(parts) == 3 and all(p.isdigit() for p in parts), f"version {tree.get('version')!r}")


@rule("envelope.open", MUST, "The answer carries type, serverVersion and openSubsonic.", *TREES,
      page="https://opensubsonic.netlify.app/docs/responses/subsonic-response/", needs="opensubsonic")
def open_envelope(site: Site, endpoint: str) -> None:
    check_open(sample(site, endpoint).tree())


def check_open(tree: dict[str, Any]) -> None:
    for name in ("type", "serverVersion"):
        expect(isinstance(tree.get(name), str) and tree[name], f"{name} is {tree.get(name)!r}")
    expect(tree.get("openSubsonic") is True, f"openSubsonic is {tree.get('openSubsonic')!r}")


@rule("member", MUST, "The answer holds the one member that the endpoint is documented to answer with.", *TREES)
def member(site: Site, endpoint: str) -> None:
    tree = accepted(sample(site, endpoint))
    known = facts.endpoints()[endpoint]
    got = [name for name in tree if name not in ENVELOPE]
    if endpoint in ("createPlaylist", "getPlayQueue", "getPlayQueueByIndex") and not got:
        if endpoint == "createPlaylist" and site.version >= (1, 14, 0):
            raise Short("no playlist in the answer")
        return
    wanted = [known.member] if known.member else []
    expect(got == wanted, f"members {got}, not {wanted}")


# --------------------------------------------------------------------------- the fields


Seen = tuple[str, Answer]


def _faults(site: Site, endpoint: str) -> list[tuple[Fault, Seen]]:
    """Every fault of the fields, each with the request that showed it."""
    def collect() -> list[tuple[Fault, Seen]]:
        payload = _payload(site, endpoint)
        found = [(fault, site.client.trail[-1]) for fault in _faults_of(site, endpoint, payload)]
        for answer in _more(site, endpoint):
            tree, seen = answer.tree(), site.client.trail[-1]
            if tree.get("status") == "ok":
                payload = tree.get(facts.endpoints()[endpoint].member, {})
                found += [(fault, seen) for fault in _faults_of(site, endpoint, payload)]
        return found

    return site.once(f"faults {endpoint}", collect)


def _faults_of(site: Site, endpoint: str, payload: Any) -> Iterator[Fault]:
    known = facts.endpoints()[endpoint]
    if known.array and not isinstance(payload, list):
        yield Fault("arrays", known.member, "not a list")
        return
    for at, one in enumerate(payload if known.array else [payload]):
        name = f"{known.member}[{at}]" if known.array else known.member
        yield from check.faults(known.type, one, name, site.dialect)


SENTENCES = {
    "required": "Every required field is there.",
    "types": "Every field has its type: numbers and booleans native, ids text, music folder ids whole numbers.",
    "arrays": "Lists are lists, with one entry and with none; single values are not.",
    "null": "Nothing is null: what is not known is left out.",
    "dates": "Dates are ISO 8601 moments in UTC.",
    "values": "Values are within their ranges and enumerations; ids are not empty.",
}


def _declare(kind: str) -> None:
    @rule(f"fields.{kind}", MUST, SENTENCES[kind], *FILLED)
    def fields(site: Site, endpoint: str) -> None:
        found = [(str(fault), seen) for fault, seen in _faults(site, endpoint) if fault.kind == kind]
        site.client.trail.clear()
        site.client.trail.extend(seen for _, seen in found[:1])
        more = f" and {len(found) - 3} more" if len(found) > 3 else ""
        expect(not found, "; ".join(text for text, _ in found[:3]) + more)


for _kind in KINDS:
    _declare(_kind)


LISTS = ("getMusicFolders", "getIndexes", "getGenres", "getArtists", "getArtist", "getAlbum", "getAlbumList",
         "getAlbumList2", "getRandomSongs", "getSongsByGenre", "getNowPlaying", "getStarred", "getStarred2",
         "getPlaylists", "getPlaylist", "getBookmarks", "getUsers", "search2", "search3", "getMusicDirectory",
         "getLyricsBySongId", "getTopSongs", "getSimilarSongs", "getSimilarSongs2", "getVideos", "getShares",
         "getPodcasts", "getNewestPodcasts", "getInternetRadioStations", "getChatMessages")
BLIND = {"getIndexes": ("index",), "getMusicDirectory": ("child",), "getArtist": ("album",), "getAlbum": ("song",),
         "search2": ("artist", "album", "song"), "search3": ("artist", "album", "song"), "getPlaylist": ("entry",)}


@rule("lists", SHOULD, "A list that clients read unasked is there even when it is empty.", *LISTS)
def lists(site: Site, endpoint: str) -> None:
    payload = _payload(site, endpoint)
    known = facts.endpoints()[endpoint]
    names = BLIND.get(endpoint) or [f.name for f in facts.shapes()[known.type].fields.values() if f.array]
    missing = [name for name in names if name not in payload]
    expect(not missing, f"{known.member} without {', '.join(missing)}")


# --------------------------------------------------------------------------- the formats


def _same(site: Site, endpoint: str, answer: Answer) -> None:
    """Raise Short unless `answer` says the same as the example's answer."""
    if endpoint in FILES:
        base = sample(site, endpoint)
        expect(answer.status == base.status, f"{answer.asked} answered HTTP {answer.status}, not {base.status}")
        expect(answer.kind == base.kind, f"{answer.asked} answered {answer.kind}, not {base.kind}")
        if endpoint not in LIVE:
            expect(answer.body[:1024] == base.body[:1024], f"{answer.asked} answered other bytes")
        return
    other = accepted(answer)
    parted = _parted(site, endpoint, accepted(sample(site, endpoint)), other)
    if parted and endpoint in REPEATABLE:  # perhaps the server's state has moved on since the sample
        parted = _parted(site, endpoint, accepted(ask_example(site, endpoint)), other)
    expect(not parted, f"{answer.asked}: " + "; ".join(parted[:3]))


def _parted(site: Site, endpoint: str, one: dict[str, Any], other: dict[str, Any]) -> list[str]:
    one, other = cut_answer(one), cut_answer(other)
    if endpoint in examples.SHUFFLED:
        member = facts.endpoints()[endpoint].member
        shared = {s["id"] for s in one[member].get("song", [])} & {s["id"] for s in other[member].get("song", [])}
        for tree in (one, other):
            rows = [s for s in tree[member].get("song", []) if s["id"] in shared]
            tree[member] = {"song": sorted(rows, key=lambda s: s["id"])}
    ignore = frozenset(examples.RESTLESS.get(endpoint, ()))
    return list(differences(one, other, ignore=ignore))


@rule("json.type", MUST, "JSON is answered as application/json, in UTF-8.", *TREES, page=REFERENCE)
def json_type(site: Site, endpoint: str) -> None:
    answer = sample(site, endpoint)
    expect(answer.kind == "application/json", f"Content-Type {answer.kind!r}")
    try:
        answer.body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Short(f"not UTF-8: {error}") from error


@rule("xml.type", MUST, "XML is answered as text/xml or application/xml, and is what a call without f gets.", *TREES,
      page=SUBSONIC)
def xml_type(site: Site, endpoint: str) -> None:
    answer = ask_example(site, endpoint, form=None)
    expect(answer.kind in ("text/xml", "application/xml"), f"Content-Type {answer.kind!r}")
    expect(answer.body.lstrip().startswith(b"<"), f"{answer.brief()}")


@rule("xml.same", MUST, "XML says the same as JSON: the same objects, lists in the same order, the same values.",
      *TREES, page=REFERENCE)
def xml_same(site: Site, endpoint: str) -> None:
    answer = ask_example(site, endpoint, form="xml")
    expect(answer.body.lstrip().startswith(b"<"), f"{answer.brief()} for f=xml")
    _same(site, endpoint, answer)
    for parameters in examples.more_examples(site, endpoint):
        tree = site.ask(endpoint, parameters).tree()
        if tree.get("status") == "ok" and parameters.get("type") != "random":
            parted = _parted(site, endpoint, tree, accepted(site.ask(endpoint, parameters, form="xml")))
            expect(not parted, f"{parameters}: " + "; ".join(parted[:3]))


@rule("jsonp.same", MUST, "JSONP is the same JSON in a call of the callback, as JavaScript.", *TREES, page=SUBSONIC)
def jsonp_same(site: Site, endpoint: str) -> None:
    answer = ask_example(site, endpoint, form="jsonp")
    expect("javascript" in answer.kind, f"Content-Type {answer.kind!r} for f=jsonp")
    expect(answer.body.lstrip().startswith(CALLBACK.encode()), f"{answer.brief()} for f=jsonp")
    _same(site, endpoint, answer)


@rule("compressed", MUST, "To a client that bears gzip the answer is the same; a file is never compressed on the way.",
      "getArtists", "getAlbumList2", "search3", "getIndexes", "stream", "download",
      page="https://www.rfc-editor.org/rfc/rfc9110#section-8.4")
def compressed(site: Site, endpoint: str) -> None:
    answer = ask_example(site, endpoint, headers={"Accept-Encoding": "gzip"})
    packed = answer.header("content-encoding")
    if endpoint in FILES:
        expect(packed in ("", "identity"), f"Content-Encoding {packed!r}")
    elif packed == "gzip":
        try:
            answer = replace(answer, body=gzip.decompress(answer.body))
        except (OSError, EOFError, zlib.error) as error:
            raise Short(f"Content-Encoding gzip, but {error}") from error
    _same(site, endpoint, answer)


# --------------------------------------------------------------------------- the ways to ask


@rule("view", MUST, "The same path with .view behind it answers the same.",
      *(name for name in ALL if name != "hls"), page=SUBSONIC)
def view(site: Site, endpoint: str) -> None:
    _same(site, endpoint, ask_example(site, endpoint, view=True))


@rule("post.form", MUST, "A POST with a form body answers the same.", *ASKED,
      page="https://opensubsonic.netlify.app/docs/extensions/formpost/", needs="formPost")
def post_form(site: Site, endpoint: str) -> None:
    _same(site, endpoint, ask_example(site, endpoint, post="form"))


@rule("post.query", SHOULD, "A POST with an empty body and everything in the query string answers the same.",
      *ASKED, page=SUBSONIC)
def post_query(site: Site, endpoint: str) -> None:
    _same(site, endpoint, ask_example(site, endpoint, post="query"))


@rule("parameters.unknown", SHOULD, "Parameters that no document names are ignored.", *REPEATABLE, page=REFERENCE)
def unknown_parameters(site: Site, endpoint: str) -> None:
    _same(site, endpoint, ask_example(site, endpoint, extra={"_": "1763720000", "nonsense": "ä&b=c"}))


@rule("parameters.repeated", SHOULD, "A parameter given twice with the same value counts once.", *REPEATABLE,
      page=REFERENCE)
def repeated_parameters(site: Site, endpoint: str) -> None:
    known = facts.endpoints()[endpoint].parameters
    given = examples.example(site, endpoint)
    twice = {name: [v, v] for name, v in given.items() if not known[name].repeated and not isinstance(v, list)}
    _same(site, endpoint, ask_example(site, endpoint, extra={**twice, "c": ["conformance", "conformance"]}))


@rule("again", SHOULD, "The same call again is answered the same: to read changes nothing.",
      *(name for name in TREES if name.startswith(("get", "search", "find", "token", "ping"))), page=REFERENCE)
def again(site: Site, endpoint: str) -> None:
    _same(site, endpoint, ask_example(site, endpoint))


@rule("cors", SHOULD, "The answer may be read by web pages of any origin.", *ALL, page=FETCH)
def cors(site: Site, endpoint: str) -> None:
    origin = "https://player.example"
    answer = ask_example(site, endpoint, headers={"Origin": origin})
    _check_origin(answer, origin)


def _check_origin(answer: Answer, origin: str) -> None:
    got = answer.header("access-control-allow-origin")
    expect(got in ("*", origin), f"{answer.asked} answered Access-Control-Allow-Origin {got!r}")


@rule("cors.error", SHOULD, "A failure too may be read by web pages of any origin.", *ALL, page=FETCH)
def cors_error(site: Site, endpoint: str) -> None:
    answer = site.ask(endpoint, {}, account=None, headers={"Origin": "https://player.example"})
    _check_origin(answer, "https://player.example")


@rule("cors.preflight", SHOULD, "OPTIONS without credentials allows GET, HEAD, POST and the headers asked for.", *ALL,
      page=FETCH)
def preflight(site: Site, endpoint: str) -> None:
    answer = site.ask(endpoint, {"v": None, "c": None}, account=None, form=None, method="OPTIONS", headers={
        "Origin": "https://player.example", "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "content-type, range"})
    expect(answer.status in (200, 204), f"OPTIONS answered HTTP {answer.status}")
    _check_origin(answer, "https://player.example")
    methods = answer.header("access-control-allow-methods").upper()
    missing = [m for m in ("GET", "POST") if m not in methods] if methods != "*" else []
    expect(not missing, f"Access-Control-Allow-Methods {methods!r}")
    headers = answer.header("access-control-allow-headers").lower()
    missing = [h for h in ("content-type", "range") if h not in headers] if headers != "*" else []
    expect(not missing, f"Access-Control-Allow-Headers {headers!r}")
