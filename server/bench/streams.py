"""What streams, transcodes and covers cost. The first two are measured by `server.stream.bench`."""

from collections.abc import Iterator

import orjson

from server.bench.report import Line
from server.bench.servers import Running, ours
from server.bench.shop import Shop
from server.stream import bench

MOST_KB = 20


def streaming(shop: Shop) -> Iterator[Line]:
    """Measure a file sent over and over, and listeners who read as fast as they play."""
    found, name = bench.raw_streaming(rounds=shop.pace.streams), bench.reference()
    mine, other = found["ours_cpu_s_per_gb"], found[f"{name}_cpu_s_per_gb"]
    yield Line("streaming", "raw file of 40 MB", mine, "CPU s/GB", other, name.replace("_", " "), 1.5)
    for listeners in shop.pace.listeners:
        heard = bench.slow_listeners(listeners, seconds=shop.pace.listen_s)
        most = 4 if listeners <= 1000 else 10
        work = f"{listeners} listeners at 320 kbit/s"
        yield Line("streaming", work, heard["cpu_percent_of_a_core"], "% of a core", most=most)
        yield Line("streaming", f"{work}, memory of each", heard["rss_kb_each"], "KB", most=MOST_KB)
        yield Line("streaming", f"{work}, delivered", heard["delivered_percent"], "%")


def transcoding(shop: Shop) -> Iterator[Line]:
    """Measure the time to the first byte of a new transcode from the middle of a track, and of a repeat."""
    found = bench.transcode_first_byte(shop.pace.transcodes)
    for word in ("mp3", "opus", "aac", "flac"):
        if f"{word}_ms" in found:
            bare = found[f"{word}_bare_ms"]
            yield Line("transcoding", f"first byte at a timeOffset, {word}", found[f"{word}_ms"], "ms", bare,
                       "bare ffmpeg", 1.67)  # fmt: skip
    if "repeat_ms" in found:
        yield Line("transcoding", "first byte of a repeat, mp3", found["repeat_ms"], "ms", most=10)


def covers(shop: Shop) -> Iterator[Line]:
    """Measure covers of 300 pixels: made anew by the child process, and from the cache."""
    with shop.copied(shop.small) as data, ours(data) as server:
        ids = _covers(server)
        fresh = server.cases("new", "getCoverArt", ({"id": each, "size": 300} for each in ids))
        fresh = fresh._replace(first=True, helped=True)
        server.get("getCoverArt", id=ids[-1], size=300)
        found = shop.compare([fresh], min(len(ids), shop.pace.covers))
        found |= shop.compare([server.case("ping", "ping"), server.case("again", "getCoverArt", id=ids[0], size=300)])
        yield Line("covers", "cover of 300 px, new", found["new"], "ms CPU", found["ping"], "a ping", 8, absolute=True)
        yield Line("covers", "cover of 300 px, again", found["again"], "ms CPU", found["ping"], "a ping", 3)


def _covers(server: Running) -> list[str]:
    body = server.get("getAlbumList2", type="random", size=500)
    albums = orjson.loads(body)["subsonic-response"]["albumList2"]["album"]
    return [album["coverArt"] for album in albums if album.get("coverArt", "").startswith("co-")]
