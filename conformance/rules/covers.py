"""Pictures: covers and avatars.

A picture is known by its first bytes, not by what its header says.
"""

import struct

from conformance.examples import example
from conformance.model import MUST, SHOULD, Skip, expect, rule
from conformance.site import Site


def picture(body: bytes) -> tuple[str, int, int]:
    """The content type, width and height of an image; raises ValueError when it is none that we know."""
    if body.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png", *struct.unpack(">II", body[16:24])
    if body.startswith(b"GIF8"):
        return "image/gif", *struct.unpack("<HH", body[6:10])
    if body[:4] == b"RIFF" and body[8:12] == b"WEBP":
        return "image/webp", *_webp(body)
    if body.startswith(b"\xff\xd8"):
        return "image/jpeg", *_jpeg(body)
    if b"<svg" in body[:512]:
        return "image/svg+xml", 0, 0
    raise ValueError(f"no image, it begins with {body[:8]!r}")


def _webp(body: bytes) -> tuple[int, int]:
    if body[12:16] == b"VP8X":
        return int.from_bytes(body[24:27], "little") + 1, int.from_bytes(body[27:30], "little") + 1
    if body[12:16] == b"VP8L":
        bits = int.from_bytes(body[21:25], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    return struct.unpack("<HH", body[26:30])


def _jpeg(body: bytes) -> tuple[int, int]:
    at = 2
    while at + 9 < len(body):
        if body[at] != 0xFF:
            at += 1
            continue
        kind, length = body[at + 1], int.from_bytes(body[at + 2 : at + 4], "big")
        if 0xC0 <= kind <= 0xCF and kind not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">HH", body[at + 5 : at + 9])
            return width, height
        at += 2 if kind in (0x00, 0x01, 0xFF) or 0xD0 <= kind <= 0xD9 else 2 + length
    raise ValueError("a JPEG without a size")


def _cover(site: Site, **more) -> tuple[str, int, int]:
    answer = site.ask("getCoverArt", example(site, "getCoverArt") | more)
    expect(answer.status == 200, f"{answer.asked} answered {answer.brief()}")
    kind, width, height = picture(answer.body)
    expect(answer.kind == kind, f"{answer.asked} answered {answer.kind!r} for an {kind}")
    return kind, width, height


@rule("image", MUST, "A cover is an image, of the Content-Type that it says.", "getCoverArt")
def image(site: Site, endpoint: str) -> None:
    _cover(site)


@rule("image.scaled", MUST, "With size a cover is scaled: no side is more than twice as long.", "getCoverArt")
def image_scaled(site: Site, endpoint: str) -> None:
    # "Scale image to this size", the page says. Whether that is a bound it leaves open, and servers round to a short
    # list, so that nobody can fill their disk with one picture in a thousand sizes. Twice is what no reading allows.
    for size in (32, 64, 100, 150, 300):
        _, width, height = _cover(site, size=size)
        expect(max(width, height) <= size * 2, f"size={size} gave {width}×{height}")


@rule("image.larger", SHOULD, "A cover is never enlarged.", "getCoverArt")
def image_larger(site: Site, endpoint: str) -> None:
    _, width, height = _cover(site)
    _, wide, high = _cover(site, size=4000)
    expect(max(wide, high) <= max(width, height, 1500), f"{width}×{height} without a size, {wide}×{high} for size=4000")


@rule("image.head", SHOULD, "HEAD on a cover answers what GET does, without the body.", "getCoverArt")
def image_head(site: Site, endpoint: str) -> None:
    given = example(site, endpoint) | {"size": 64}
    full, head = site.ask(endpoint, given), site.ask(endpoint, given, method="HEAD")
    expect(head.status == full.status == 200, f"HEAD answered HTTP {head.status}, GET {full.status}")
    expect(head.kind == full.kind, f"{head.kind!r} by HEAD, {full.kind!r} by GET")


@rule("image.cached", SHOULD, "A cover may be kept by the client: it has an ETag, Last-Modified or Cache-Control.",
      "getCoverArt")
def image_cached(site: Site, endpoint: str) -> None:
    answer = site.ask(endpoint, example(site, endpoint) | {"size": 64})
    expect(answer.header("etag") or answer.header("last-modified") or "max-age" in answer.header("cache-control"),
           "neither ETag, Last-Modified nor Cache-Control: max-age")


@rule("image.ids", SHOULD, "A cover is found by the id of a song, an album and an artist too.", "getCoverArt")
def image_ids(site: Site, endpoint: str) -> None:
    for kind, id_ in (("song", site.song["id"]), ("album", site.album["id"]), ("artist", site.artist["id"])):
        answer = site.ask(endpoint, {"id": id_, "size": 64})
        expect(answer.kind.startswith("image/"), f"by the id of the {kind}: {answer.brief()}")


@rule("image.lists", SHOULD, "Every coverArt that the library names is a picture.", "getCoverArt")
def image_lists(site: Site, endpoint: str) -> None:
    named = {one["coverArt"] for one in [*site.albums[:6], *site.songs[:6], *site.artists[:4]] if one.get("coverArt")}
    if not named:
        raise Skip("nothing in the sample has a cover")
    for id_ in sorted(named):
        answer = site.ask(endpoint, {"id": id_, "size": 64})
        expect(answer.kind.startswith("image/"), f"{id_}: {answer.brief()}")


@rule("avatar.head", SHOULD, "HEAD on an avatar is answered, as a web client asks it at every start.", "getAvatar")
def avatar_head(site: Site, endpoint: str) -> None:
    given = {"username": site.account.name}
    head, full = site.ask(endpoint, given, method="HEAD"), site.ask(endpoint, given)
    expect(head.status == full.status, f"HEAD answered HTTP {head.status}, GET {full.status}")


@rule("avatar.image", MUST, "An avatar is an image, of the Content-Type that it says.", "getAvatar")
def avatar_image(site: Site, endpoint: str) -> None:
    answer = site.ask(endpoint, {"username": site.account.name})
    if answer.kind in ("application/json", "text/xml", "application/xml"):
        raise Skip("the account has no avatar")
    kind, _, _ = picture(answer.body)
    expect(answer.kind == kind, f"{answer.asked} answered {answer.kind!r} for an {kind}")
