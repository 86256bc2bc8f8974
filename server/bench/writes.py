"""What it costs to keep what people do. When the answer comes it is on disk, so most of the time nobody computes."""

from collections.abc import Iterator
from itertools import count, cycle

from server.bench.report import Line
from server.bench.requests import FULL_PAGE, PAGE, known
from server.bench.servers import ours
from server.bench.shop import Shop

PAUSE_S = 0.003
"""About as long as a disk takes. A processor that has rested is slower, and so is all that follows a write."""


def writes(shop: Shop) -> Iterator[Line]:
    """Measure stars, ratings, scrobbles, queues and playlists, and the list of 2,000 stars."""
    with shop.copied(shop.usual) as data, ours(data) as server:
        songs = known(server).songs
        found = shop.compare([
            server.case("ping", "ping"),
            server.case("late ping", "ping")._replace(pause_s=PAUSE_S),
            server.cases("star", "star", ({"id": song} for song in cycle(songs))),
            server.cases("scrobble", "scrobble", ({"id": song} for song in cycle(songs))),
            server.cases("setRating", "setRating", (
                {"id": song, "rating": 1 + step // len(songs) % 5} for step, song in enumerate(cycle(songs)))),
            server.cases("savePlayQueue of 20", "savePlayQueue", (
                {"id": songs[step % 500 : step % 500 + PAGE], "current": songs[step % 500]} for step in count())),
            server.cases("createPlaylist of 500", "createPlaylist", (
                {"name": f"list {step}", "songId": songs[:FULL_PAGE]} for step in count())),
        ])  # fmt: skip
        yield Line("writes", "a ping after a pause, as on disk", found["late ping"], "ms CPU", found["ping"], "a ping")
        for name in ("star", "scrobble"):
            yield Line("writes", name, found[name], "ms CPU", found["ping"], "a ping", 6)
        for name in ("setRating", "savePlayQueue of 20", "createPlaylist of 500"):
            yield Line("writes", name, found[name], "ms CPU", found["ping"], "a ping")
        for start in range(0, len(songs), FULL_PAGE):
            server.get("star", id=songs[start : start + FULL_PAGE])
        found = shop.compare([
            server.case("ping", "ping"),
            server.cases("starred", "getStarred2", ({"_try": step} for step in count())),
        ])  # fmt: skip
        name = f"getStarred2 with {len(songs)} stars"
        yield Line("writes", name, found["starred"], "ms CPU", found["ping"], "a ping")
