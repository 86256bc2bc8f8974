"""Media as files: exact lengths, ranges, HEAD, the original bytes.

The smallest song of the sample is fetched once in full; every other answer is compared with it.
"""

from conformance.client import Answer
from conformance.model import MUST, RANGES, SHOULD, Short, Skip, expect, rule
from conformance.site import Site
from conformance.verdicts import must_fail

FILES = ("stream", "download")
LARGEST = 64 * 1024 * 1024


def fetch(site: Site, endpoint: str, headers: dict[str, str] | None = None, **how) -> Answer:
    """The small song as it lies on the server's disk."""
    parameters = {"id": site.song["id"]} | ({"format": "raw"} if endpoint == "stream" else {}) | how.pop("extra", {})
    return site.ask(endpoint, parameters, headers=headers, **how)


def whole(site: Site, endpoint: str) -> Answer:
    """The complete file, asked for once a run. Raises Short when it is not a file."""
    if (site.song.get("size") or 0) > LARGEST:
        raise Skip("the smallest song of the sample is too large")
    answer = site.once(f"whole {endpoint}", lambda: fetch(site, endpoint))
    if answer.status != 200 or answer.kind in ("application/json", "text/xml", "application/xml", "text/html"):
        raise Short(f"{answer.asked} answered {answer.brief()}")
    return answer


def _length(answer: Answer) -> int:
    text = answer.header("content-length")
    expect(text.isdigit(), f"{answer.asked} answered Content-Length {text!r}")
    return int(text)


@rule("length", MUST, "A file is answered with its exact Content-Length.", *FILES,
      page="https://www.rfc-editor.org/rfc/rfc9110#section-8.6")
def length(site: Site, endpoint: str) -> None:
    answer = whole(site, endpoint)
    expect(answer.whole and _length(answer) == len(answer.body),
           f"Content-Length {answer.header('content-length')!r}, {len(answer.body)} bytes came")


@rule("type", MUST, "The Content-Type of the file is the contentType that the song says.", "stream")
def media_type(site: Site, endpoint: str) -> None:
    said, got = site.song.get("contentType"), whole(site, endpoint).kind
    expect(got.startswith(("audio/", "video/", "application/ogg", "application/octet")), f"Content-Type {got!r}")
    expect(said in (None, got), f"Content-Type {got!r}, contentType {said!r}")


@rule("size", SHOULD, "The file is as long as the song's size says.", *FILES)
def size(site: Site, endpoint: str) -> None:
    said = site.song.get("size")
    if said is None:
        raise Skip("the song says no size")
    expect(len(whole(site, endpoint).body) == said, f"{len(whole(site, endpoint).body)} bytes, size says {said}")


@rule("raw", MUST, "format=raw is the original file, byte for byte what download gives.", "stream")
def raw(site: Site, endpoint: str) -> None:
    expect(whole(site, "stream").body == whole(site, "download").body, "other bytes than download")


@rule("disposition", SHOULD, "A download says under which name it wants to be saved.", "download")
def disposition(site: Site, endpoint: str) -> None:
    got = whole(site, endpoint).header("content-disposition")
    expect("filename" in got.lower(), f"Content-Disposition {got!r}")


@rule("head", SHOULD, "HEAD answers what GET does, without the body.", *FILES)
def head(site: Site, endpoint: str) -> None:
    full, answer = whole(site, endpoint), fetch(site, endpoint, method="HEAD")
    expect(answer.status == 200, f"HEAD answered HTTP {answer.status}")
    for name in ("content-type", "content-length", "accept-ranges"):
        expect(answer.header(name) == full.header(name),
               f"{name}: {answer.header(name)!r} by HEAD, {full.header(name)!r} by GET")


@rule("ranges.offered", SHOULD, "A file says Accept-Ranges: bytes.", *FILES, page=RANGES)
def ranges_offered(site: Site, endpoint: str) -> None:
    got = whole(site, endpoint).header("accept-ranges")
    expect(got == "bytes", f"Accept-Ranges {got!r}")


def _check_range(site: Site, endpoint: str, spec: str, first: int, last: int, **how) -> Answer:
    """Ask for a range and compare it with the whole file."""
    full = whole(site, endpoint).body
    answer = fetch(site, endpoint, {"Range": f"bytes={spec}"}, **how)
    expect(answer.status == 206, f"Range: bytes={spec} answered HTTP {answer.status}")
    wanted = f"bytes {first}-{last}/{len(full)}"
    expect(answer.header("content-range") == wanted,
           f"Range: bytes={spec} answered Content-Range {answer.header('content-range')!r}, not {wanted!r}")
    expect(answer.body == full[first : last + 1] and answer.whole,
           f"Range: bytes={spec} answered {len(answer.body)} bytes, {last - first + 1} wanted, or other ones")
    expect(_length(answer) == len(answer.body),
           f"Range: bytes={spec} answered Content-Length {answer.header('content-length')}")
    return answer


@rule("range.open", SHOULD, "bytes=0- is answered with 206 and the whole file, as every browser asks.", *FILES,
      page=RANGES)
def range_open(site: Site, endpoint: str) -> None:
    _check_range(site, endpoint, "0-", 0, len(whole(site, endpoint).body) - 1)


@rule("range.middle", SHOULD, "A range from the middle, with and without an end, is answered with 206 and exactly "
      "those bytes.", *FILES, page=RANGES)
def range_middle(site: Site, endpoint: str) -> None:
    end = len(whole(site, endpoint).body)
    _check_range(site, endpoint, f"{end // 3}-{end // 2}", end // 3, end // 2)
    _check_range(site, endpoint, f"{end // 2}-", end // 2, end - 1)
    _check_range(site, endpoint, f"{end - 10}-{end + 1000}", end - 10, end - 1)
    _check_range(site, endpoint, "0-0", 0, 0)


@rule("range.suffix", SHOULD, "bytes=-100 is the last hundred bytes.", *FILES, page=RANGES)
def range_suffix(site: Site, endpoint: str) -> None:
    end = len(whole(site, endpoint).body)
    _check_range(site, endpoint, "-100", end - 100, end - 1)


@rule("range.beyond", SHOULD, "A range behind the end is HTTP 416 with the length of the file.", *FILES, page=RANGES)
def range_beyond(site: Site, endpoint: str) -> None:
    end = len(whole(site, endpoint).body)
    answer = fetch(site, endpoint, {"Range": f"bytes={end + 10}-"})
    expect(answer.status == 416, f"HTTP {answer.status}")
    expect(answer.header("content-range") == f"bytes */{end}", f"Content-Range {answer.header('content-range')!r}")


@rule("range.nonsense", SHOULD, "A Range that cannot be read is as none.", *FILES, page=RANGES)
def range_nonsense(site: Site, endpoint: str) -> None:
    for spec in ("lines=1-2", "bytes=x-y"):
        answer = fetch(site, endpoint, {"Range": spec})
        expect(answer.status in (200, 416), f"Range: {spec} answered HTTP {answer.status}")


@rule("range.if", SHOULD, "If-Range: the range when the validator still holds, the whole file when it does not.",
      *FILES, page=RANGES)
def range_if(site: Site, endpoint: str) -> None:
    full = whole(site, endpoint)
    etag = full.header("etag")
    validator = etag if etag and not etag.startswith("W/") else full.header("last-modified")
    expect(validator, "neither a strong ETag nor Last-Modified")
    answer = fetch(site, endpoint, {"Range": "bytes=10-19", "If-Range": validator})
    expect(answer.status == 206, f"If-Range: {validator} answered HTTP {answer.status}")
    answer = fetch(site, endpoint, {"Range": "bytes=10-19", "If-Range": '"something else"'})
    expect(answer.status == 200 and answer.body == full.body, f"another If-Range answered HTTP {answer.status}")


@rule("range.post", SHOULD, "A range is answered for a POST with a form body too, as py-opensonic asks.", *FILES,
      page=RANGES, needs="formPost")
def range_post(site: Site, endpoint: str) -> None:
    _check_range(site, endpoint, "5-24", 5, 24, post="form")


@rule("cors.range", SHOULD, "A part of a file, and a refused part, may be read by web pages of any origin.", *FILES,
      page=RANGES)
def cors_range(site: Site, endpoint: str) -> None:
    end = len(whole(site, endpoint).body)
    for spec in ("0-", f"{end + 10}-"):
        answer = fetch(site, endpoint, {"Range": f"bytes={spec}", "Origin": "https://player.example"})
        got = answer.header("access-control-allow-origin")
        expect(got in ("*", "https://player.example"),
               f"HTTP {answer.status} for bytes={spec} with Access-Control-Allow-Origin {got!r}")


@rule("error.envelope", MUST, "A failure of a media call is an envelope in the format asked for, XML when none is.",
      *FILES, "getCoverArt")
def error_envelope(site: Site, endpoint: str) -> None:
    for form, kinds in ((None, ("text/xml", "application/xml")), ("json", ("application/json", "text/xml"))):
        answer = site.ask(endpoint, {}, form=form)
        expect(answer.kind in kinds, f"f={form} answered {answer.brief()}")
        must_fail(answer, (10,))
