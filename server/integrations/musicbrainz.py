"""MusicBrainz: who exactly somebody is, where they are at Last.fm, and notes. https://musicbrainz.org/doc/MusicBrainz_API

It wants one request a second at most, and to be told who asks. A name alone
leads to somebody only when exactly one artist there bears it.
"""

from urllib.parse import quote

from server.integrations.capabilities import About, Service, Subject
from server.integrations.wire import Pace, ask, secure, several, text
from server.kernel.fetch import AGENT, Fetch
from server.kernel.markup import plain

BASE = "https://musicbrainz.org/ws/2/"
GAP_S = 1.1
SURE = 100


class MusicBrainz:
    def __init__(self, contact: str, base: str = BASE, pace: Pace | None = None):
        self._base, self._pace = base, pace or Pace(GAP_S)
        self._headers = {"User-Agent": f"{AGENT} ( {contact} )", "Accept": "application/json"}

    async def artist(self, fetch: Fetch, subject: Subject) -> About | None:
        mbid = subject.mbid or await self._only_one_called(fetch, subject.name)
        return await self._about(fetch, "artist", mbid)

    async def album(self, fetch: Fetch, subject: Subject) -> About | None:
        return await self._about(fetch, "release", subject.mbid)

    async def _about(self, fetch: Fetch, kind: str, mbid: str) -> About | None:
        found = await self._ask(fetch, f"{kind}/{quote(mbid, safe='')}", inc="annotation+url-rels") if mbid else None
        if found is None:
            return None
        links = {text(each, "type"): text(each, "url", "resource") for each in several(found, "relations")}
        return About(
            text=plain(text(found, "annotation")), mbid=text(found, "id"), url=secure(links.get("last.fm", ""))
        )

    async def _only_one_called(self, fetch: Fetch, name: str) -> str:
        phrase = name.replace("\\", "\\\\").replace('"', '\\"')
        found = await self._ask(fetch, "artist/", query=f'artist:"{phrase}"', limit=5)
        # The score is a number that some mirrors send as text.
        same = [
            each for each in several(found, "artists")
            if str(each.get("score")) == str(SURE) and text(each, "name").casefold() == name.casefold()
        ]  # fmt: skip
        return text(same[0], "id") if len(same) == 1 else ""

    async def _ask(self, fetch: Fetch, path: str, **params: object) -> dict | None:
        await self._pace.turn()
        return await ask(fetch, self._base + path, {**params, "fmt": "json"}, self._headers)


SERVICE = Service(
    "musicbrainz",
    lacks=lambda config: "" if config.outside_contact else "outside_contact",
    make=lambda config: MusicBrainz(config.outside_contact),
)
