"""LRCLIB: lyrics with times, by title, artist, album and length. https://lrclib.net/docs"""

from server.integrations.capabilities import Service, Words
from server.integrations.wire import ask, member, text
from server.kernel.fetch import Fetch

BASE = "https://lrclib.net/api/"


class LrcLib:
    def __init__(self, base: str = BASE):
        self._base = base

    async def lyrics(self, fetch: Fetch, artist: str, title: str, album: str, length_s: int) -> Words | None:
        """Return the lyrics of the recording that is within two seconds of this length, or None."""
        found = await ask(fetch, self._base + "get", {
            "artist_name": artist, "track_name": title, "album_name": album, "duration": length_s,
        })  # fmt: skip
        if found is None:
            return None
        words = Words(text(found, "plainLyrics"), text(found, "syncedLyrics"))
        return words if any(words) or member(found, "instrumental") is True else None


SERVICE = Service("lrclib", lacks=lambda config: "", make=lambda config: LrcLib())
