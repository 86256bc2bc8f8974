"""Last.fm: biographies, similar artists, best known songs. https://www.last.fm/api

Its pictures of artists are one grey star since 2019, so only those of albums are
taken. Errors come as a number in the body, whatever the status says.
"""

import re

from server.integrations.capabilities import About, Service, Subject
from server.integrations.wire import ask, member, secure, several, text
from server.kernel.errors import Unavailable
from server.kernel.fetch import Fetch
from server.kernel.markup import plain

BASE = "https://ws.audioscrobbler.com/2.0/"
NOT_FOUND = (6, 7)
SIMILAR, TOP = 50, 50
_MORE = re.compile(r"\s*<a [^>]*>\s*Read more[^<]*</a>.*$", re.DOTALL | re.IGNORECASE)
_LICENCE = re.compile(r"\s*User-contributed text is available under.*$", re.DOTALL)
SIZES = ("medium", "extralarge", "mega")


class LastFm:
    def __init__(self, key: str, language: str = "en", base: str = BASE):
        self._key, self._language, self._base = key, language, base

    async def artist(self, fetch: Fetch, subject: Subject) -> About | None:
        named = {"artist": subject.name, "autocorrect": 1}
        whom = {"mbid": subject.mbid} if subject.mbid else named
        found = await self._ask(fetch, "artist.getInfo", lang=self._language, **whom)
        if found is None and subject.mbid:
            # It does not know every id of MusicBrainz, and the name may do.
            whom = named
            found = await self._ask(fetch, "artist.getInfo", lang=self._language, **whom)
        if found is None:
            return None
        alike = await self._ask(fetch, "artist.getSimilar", limit=SIMILAR, **whom)
        top = await self._ask(fetch, "artist.getTopTracks", limit=TOP, **whom)
        return About(
            text=_biography(found, "artist", "bio"),
            mbid=text(found, "artist", "mbid"),
            url=secure(text(found, "artist", "url")),
            similar=tuple(
                (text(each, "name"), text(each, "mbid"))
                for each in several(alike, "similarartists", "artist") if text(each, "name")
            ),
            top=tuple(text(each, "name") for each in several(top, "toptracks", "track") if text(each, "name")),
        )  # fmt: skip

    async def album(self, fetch: Fetch, subject: Subject) -> About | None:
        named = {"artist": subject.artist, "album": subject.name, "autocorrect": 1}
        found = await self._ask(fetch, "album.getInfo", lang=self._language, **named)
        if found is None:
            return None
        images = {text(each, "size"): secure(text(each, "#text")) for each in several(found, "album", "image")}
        sized = tuple(images.get(size, "") for size in SIZES)
        return About(
            text=_biography(found, "album", "wiki"),
            mbid=text(found, "album", "mbid"),
            url=secure(text(found, "album", "url")),
            images=sized if all(sized) else (),
        )

    async def _ask(self, fetch: Fetch, method: str, **params: object) -> dict | None:
        asked = {"method": method, "format": "json", "api_key": self._key, **params}
        found = await ask(fetch, self._base, asked, refuses_in_words=True)
        error = member(found, "error")
        if found is None or error in NOT_FOUND:
            return None
        if error is not None:
            raise Unavailable(f"Last.fm refused with error {error}: {text(found, 'message')[:200]}", 3600)
        return found


def _biography(found: dict, kind: str, where: str) -> str:
    said = text(found, kind, where, "content") or text(found, kind, where, "summary")
    return plain(_LICENCE.sub("", _MORE.sub("", said)))


SERVICE = Service(
    "lastfm",
    lacks=lambda config: "" if config.lastfm_api_key else "lastfm_api_key",
    make=lambda config: LastFm(config.lastfm_api_key, config.outside_language),
)
