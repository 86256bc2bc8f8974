"""HLS: a playlist of parts, or of playlists where several bit rates are asked for.

Where playlists lead is the server's affair; here they are followed without credentials but those that they carry.
"""

from urllib.parse import urljoin, urlsplit

from conformance.client import Answer
from conformance.model import MUST, SHOULD, Skip, expect, rule
from conformance.site import Site
from conformance.things import more_songs

PLAYLIST = "https://www.rfc-editor.org/rfc/rfc8216#section-4"
RATES = (32, 64)
KINDS = ("application/vnd.apple.mpegurl", "application/x-mpegurl", "audio/mpegurl", "audio/x-mpegurl")


def _playlist(answer: Answer) -> list[str]:
    """The lines of a playlist; raises Short when it is none."""
    expect(answer.status == 200, f"{answer.asked} answered {answer.brief()}", "HTTP 200 and a playlist")
    expect(answer.kind in KINDS, f"{answer.asked} answered {answer.kind!r}", " or ".join(KINDS[:2]))
    lines = answer.body.decode("utf-8", "replace").splitlines()
    expect(lines and lines[0] == "#EXTM3U", f"it begins with {lines[:1]}")
    return [line.strip() for line in lines if line.strip()]


def _follow(site: Site, link: str, **how) -> Answer:
    parts = urlsplit(urljoin(f"http://x{site.client.base}/rest/hls.m3u8", link))
    return site.client.fetch(f"{parts.path}{'?' + parts.query if parts.query else ''}", **how)


def _links(lines: list[str]) -> list[str]:
    return [line for line in lines if not line.startswith("#")]


def _one(site: Site) -> list[str]:
    return _playlist(site.recalled("hls one", lambda: site.ask("hls", {"id": site.song["id"], "bitRate": 64})))


@rule("playlist", MUST, "With one bit rate the answer is a playlist of parts that ends.", "hls", page=PLAYLIST,
      needs="songs")
def playlist(site: Site, endpoint: str) -> None:
    lines = _one(site)
    for tag in ("#EXT-X-TARGETDURATION", "#EXTINF", "#EXT-X-ENDLIST"):
        expect(any(line.startswith(tag) for line in lines), f"no {tag}")
    expect(_links(lines), "no parts")


@rule("playlist.length", SHOULD, "The parts are together as long as the song, none longer than said.", "hls",
      page=PLAYLIST, needs="songs")
def length(site: Site, endpoint: str) -> None:
    lines = _one(site)
    if not site.song.get("duration"):
        raise Skip("the song says no duration")
    parts = [float(line[8:].partition(",")[0]) for line in lines if line.startswith("#EXTINF:")]
    most = next(float(line.partition(":")[2]) for line in lines if line.startswith("#EXT-X-TARGETDURATION:"))
    expect(all(round(part) <= most for part in parts), f"a part of {max(parts)} s, {most} are said to be the most")
    expect(abs(sum(parts) - site.song["duration"]) <= 1.5, f"{sum(parts):.1f} s, the song has {site.song['duration']}")


@rule("parts", MUST, "Every part that is named can be had, without other credentials than its address holds.", "hls",
      page=PLAYLIST, needs="songs")
def parts(site: Site, endpoint: str) -> None:
    links = _links(_one(site))
    for link in dict.fromkeys((links[0], links[-1])):
        answer = _follow(site, link)
        expect(answer.status in (200, 206) and answer.body, f"{answer.asked} answered {answer.brief()}", "sound")
        expect(not answer.kind.startswith(("text/", "application/json")), f"{answer.asked} answered {answer.brief()}",
               "sound")


@rule("variants", MUST, "With several bit rates the answer is a playlist of playlists, one for each, and they open.",
      "hls", page=PLAYLIST, needs="songs")
def variants(site: Site, endpoint: str) -> None:
    # a song of more than both, for nobody sends more than there is
    song = max(more_songs(site), key=lambda s: s.get("bitRate") or 0)
    if (song.get("bitRate") or 0) <= max(RATES):
        raise Skip(f"no song has more than {max(RATES)} kbit/s")
    lines = _playlist(site.ask(endpoint, {"id": song["id"], "bitRate": list(RATES)}))
    told = [line for line in lines if line.startswith("#EXT-X-STREAM-INF")]
    expect(len(told) == 2, f"{len(told)} #EXT-X-STREAM-INF for two bit rates")
    expect(all("BANDWIDTH=" in line for line in told), "no BANDWIDTH")
    links = _links(lines)
    expect(len(set(links)) == 2, f"{len(set(links))} playlists for two bit rates")
    for link in links:
        inner = _playlist(_follow(site, link))
        expect(any(line.startswith("#EXTINF") for line in inner), f"no #EXTINF in {link.partition('?')[0]}")


@rule("paths", SHOULD, "The playlist is found as hls.view too: clients call it so.", "hls",
      needs="songs")
def paths(site: Site, endpoint: str) -> None:
    _playlist(site.ask(endpoint, {"id": site.song["id"]}, view=True))


@rule("right", MUST, "An account without streamRole gets error 50.", "hls", needs="write admin songs")
def right(site: Site, endpoint: str) -> None:
    account = site.new_user("hls", streamRole="false")
    site.refused(endpoint, (50,), account, id=site.song["id"])
