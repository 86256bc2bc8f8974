"""Transcoding by stream: the format asked for, a promised length kept, seeking in time.

Which formats a server can make is its own affair: what it does not offer is not judged.
"""

from conformance.client import Answer
from conformance.model import DOCS, MUST, RANGES, SHOULD, Skip, expect, rule
from conformance.rules.media import LARGEST, whole
from conformance.site import Site
from conformance.things import more_songs
from conformance.verdicts import must_fail

SLOW_KBPS = 64
MAGIC = {"mp3": (b"ID3", b"\xff\xfb", b"\xff\xf3", b"\xff\xf2", b"\xff\xfa"), "opus": (b"OggS",)}
KINDS = {"mp3": ("audio/mpeg", "audio/mp3"), "opus": ("audio/ogg", "audio/opus", "application/ogg")}


def _convert(site: Site, form: str, **more) -> Answer:
    """The small song in another format. Raises Skip where the server does not offer that."""
    if (site.song.get("size") or 0) > LARGEST:
        raise Skip("the smallest song of the sample is too large")
    answer = site.ask("stream", {"id": _source(site, form)["id"], "format": form, "maxBitRate": SLOW_KBPS} | more)
    if answer.status != 200 or answer.kind not in KINDS[form]:
        raise Skip(f"{form} is not offered ({answer.brief()})")
    return answer


def _source(site: Site, form: str) -> dict:
    """A small song whose own format is another, or else any; of some seconds where there is one."""
    others = [s for s in more_songs(site) if s.get("suffix") not in (form, None)]
    return min(others or [site.song], key=lambda s: ((s.get("duration") or 0) < 8, s.get("size") or 2**40))


def _check(site: Site, form: str) -> None:
    answer = _convert(site, form)
    expect(answer.whole and answer.body, f"{answer.asked} broke off after {len(answer.body)} bytes")
    expect(answer.body.startswith(MAGIC[form]), f"{answer.kind}, but it begins with {answer.body[:4]!r}")


@rule("transcode.mp3", MUST, "What is sent as MP3 is MP3, and complete.", "stream", needs="songs")
def mp3(site: Site, endpoint: str) -> None:
    _check(site, "mp3")


@rule("transcode.opus", MUST, "What is sent as Opus is in an Ogg stream, and complete.", "stream", needs="songs")
def opus(site: Site, endpoint: str) -> None:
    _check(site, "opus")
    expect(b"OpusHead" in _convert(site, "opus").body[:64], "no Opus header at the beginning of the stream")


@rule("transcode.range", MUST, "A range of a transcoded stream is answered with the whole stream, or with exactly that "
      "part.", "stream", page=RANGES, needs="songs")
def transcoded_range(site: Site, endpoint: str) -> None:
    full = _convert(site, "mp3")
    for _ in range(2):  # the second may come from a cache, and then have ranges
        given = {"id": _source(site, "mp3")["id"], "format": "mp3", "maxBitRate": SLOW_KBPS}
        answer = site.ask(endpoint, given, headers={"Range": "bytes=100-199"})
        if answer.status == 206:
            expect(answer.body == full.body[100:200], f"HTTP 206 with {len(answer.body)} bytes, or other ones")
            said = answer.header("content-range").partition("/")[0]
            expect(said == "bytes 100-199", f"Content-Range {answer.header('content-range')!r}")
        else:
            expect(answer.status == 200 and len(answer.body) == len(full.body),
                   f"HTTP {answer.status} with {len(answer.body)} bytes, the whole is {len(full.body)}")


@rule("transcode.head", SHOULD, "HEAD of a transcoded stream answers its type, and no other length than it has.",
      "stream", needs="songs")
def transcoded_head(site: Site, endpoint: str) -> None:
    given = {"id": _source(site, "mp3")["id"], "format": "mp3", "maxBitRate": SLOW_KBPS}
    full, head = _convert(site, "mp3"), site.ask(endpoint, given, method="HEAD")
    expect(head.status == 200 and head.kind == full.kind, f"HEAD answered HTTP {head.status} {head.kind!r}")
    said = head.header("content-length")
    expect(said in ("", str(len(full.body))), f"Content-Length {said} by HEAD, {len(full.body)} bytes by GET")


@rule("offset.beyond", MUST, "A timeOffset behind the end is an empty or short stream, or a failure in the envelope.",
      "stream", page=f"{DOCS}/extensions/transcodeoffset/", needs="transcodeOffset songs")
def offset_beyond(site: Site, endpoint: str) -> None:
    answer = site.ask(endpoint, {"id": site.song["id"], "format": "mp3", "timeOffset": 100_000})
    expect(answer.status in (200, 416), f"{answer.asked} answered {answer.brief()}")
    expect(answer.whole, f"{answer.asked} broke off after {len(answer.body)} bytes")


@rule("transcode.bitrate", SHOULD, "maxBitRate is kept to.", "stream", needs="songs")
def bitrate(site: Site, endpoint: str) -> None:
    answer, song = _convert(site, "mp3"), _source(site, "mp3")
    if not song.get("duration"):
        raise Skip("the song says no duration")
    kbps = len(answer.body) * 8 / 1000 / song["duration"]
    expect(kbps <= SLOW_KBPS * 1.3 + 8 * 30 / song["duration"], f"{kbps:.0f} kbit/s for maxBitRate={SLOW_KBPS}")


@rule("transcode.unlimited", MUST, "maxBitRate=0 is no limit.", "stream", needs="songs")
def unlimited(site: Site, endpoint: str) -> None:
    whole(site, "stream")
    answer = site.ask(endpoint, {"id": site.song["id"], "format": "raw", "maxBitRate": 0})
    expect(answer.body == whole(site, "stream").body, f"{answer.asked} answered other bytes")


@rule("transcode.same", SHOULD, "The format that the file already has is no reason to refuse or to convert it.",
      "stream", needs="songs")
def same(site: Site, endpoint: str) -> None:
    suffix = site.song.get("suffix")
    if suffix not in ("mp3", "opus", "flac", "ogg"):
        raise Skip(f"the song is {suffix}")
    answer = site.ask(endpoint, {"id": site.song["id"], "format": suffix})
    expect(answer.status == 200 and answer.kind.startswith(("audio/", "application/ogg")),
           f"{answer.asked} answered {answer.brief()}")


@rule("estimate", MUST, "With estimateContentLength the length that is promised is met exactly.", "stream",
      needs="songs")
def estimate(site: Site, endpoint: str) -> None:
    answer = _convert(site, "mp3", estimateContentLength="true")
    said = answer.header("content-length")
    if not said:
        raise Skip("no length is promised")
    expect(answer.whole and int(said) == len(answer.body), f"Content-Length {said}, {len(answer.body)} bytes came")


@rule("estimate.offered", SHOULD, "With estimateContentLength a transcoded stream carries a Content-Length.",
      "stream", needs="songs")
def estimate_offered(site: Site, endpoint: str) -> None:
    answer = _convert(site, "mp3", estimateContentLength="true")
    expect(answer.header("content-length"), "no Content-Length")


@rule("offset", MUST, "timeOffset begins that many seconds later, for music too.", "stream",
      page=f"{DOCS}/extensions/transcodeoffset/", needs="transcodeOffset songs")
def offset(site: Site, endpoint: str) -> None:
    song = _source(site, "mp3")
    seconds = (song.get("duration") or 0) // 2
    if seconds < 1:
        raise Skip("the song is too short")
    full, later = _convert(site, "mp3"), _convert(site, "mp3", timeOffset=seconds)
    share = len(later.body) / len(full.body)
    expect(later.body and share < 0.8, f"timeOffset={seconds} of {song['duration']} gave {share:.0%} of the stream")


@rule("not.counted", MUST, "To stream a song is not to have played it: its playCount stays.", "stream",
      needs="opensubsonic songs")
def not_counted(site: Site, endpoint: str) -> None:
    before = site.read("getSong", id=site.song["id"]).get("playCount") or 0
    site.ask(endpoint, {"id": site.song["id"], "format": "raw"})
    after = site.read("getSong", id=site.song["id"]).get("playCount") or 0
    expect(before == after, f"playCount {before}, then {after}")


@rule("role", MUST, "An account without streamRole may not stream, one without downloadRole not download: error 50.",
      "stream", "download", needs="write admin songs")
def role(site: Site, endpoint: str) -> None:
    account = site.new_user(endpoint, **{f"{endpoint}Role": "false"})
    must_fail(site.ask(endpoint, {"id": site.song["id"]}, account=account), (50,))
