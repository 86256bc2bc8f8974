"""Wikipedia: who an artist is, in the language of the house. https://www.mediawiki.org/wiki/API

Wikidata knows the MusicBrainz ids of artists (property P434), so nobody is taken
for their namesake; without such an id there is no answer. The text is CC BY-SA,
so its source stands below it.
"""

from typing import Any
from urllib.parse import quote

from server.integrations.capabilities import About, Service, Subject
from server.integrations.wire import ask, member, secure, text
from server.kernel.errors import Unavailable
from server.kernel.fetch import Fetch
from server.kernel.markup import plain

WIKIDATA = "https://www.wikidata.org/w/api.php"
WIKIPEDIA = "https://{language}.wikipedia.org/api/rest_v1/page/summary/"
ENGLISH = "en"
UNKNOWN = "no-such-entity"


class Wikipedia:
    def __init__(self, language: str = ENGLISH, wikidata: str = WIKIDATA, wikipedia: str = WIKIPEDIA):
        self._languages = tuple(dict.fromkeys((language, ENGLISH)))
        self._wikidata, self._wikipedia = wikidata, wikipedia

    async def artist(self, fetch: Fetch, subject: Subject) -> About | None:
        if not subject.mbid:
            return None
        found = await self._ask(fetch, {
            "action": "query", "list": "search", "srsearch": f"haswbstatement:P434={subject.mbid}", "format": "json",
        })  # fmt: skip
        entity = text(found, "query", "search", 0, "title")
        if not entity:
            return None
        found = await self._ask(fetch, {
            "action": "wbgetentities", "ids": entity, "props": "sitelinks", "format": "json",
            "sitefilter": "|".join(f"{language}wiki" for language in self._languages),
        })  # fmt: skip
        for language in self._languages:
            if title := text(found, "entities", entity, "sitelinks", f"{language}wiki", "title"):
                return await self._page(fetch, language, title)
        return None

    async def _ask(self, fetch: Fetch, params: dict[str, str]) -> Any:
        """Ask Wikidata, which says with status 200 that it is too busy to look."""
        found = await ask(fetch, self._wikidata, params)
        if (code := text(found, "error", "code")) and code != UNKNOWN:
            raise Unavailable(f"Wikidata refused with error {code[:100]}.", 60)
        return found

    async def _page(self, fetch: Fetch, language: str, title: str) -> About | None:
        address = self._wikipedia.format(language=language) + quote(title.replace(" ", "_"), safe="")
        found = await ask(fetch, address)
        said = plain(text(found, "extract"))
        if not said:
            return None
        source = secure(text(found, "content_urls", "desktop", "page"))
        thumbnail = secure(text(found, "thumbnail", "source"))
        whole = secure(text(member(found, "originalimage"), "source")) or thumbnail
        images = (thumbnail, thumbnail, whole) if thumbnail else ()
        return About(text=f"{said}\n\nWikipedia: {source}" if source else said, images=images)


SERVICE = Service(
    "wikipedia", lacks=lambda config: "", make=lambda config: Wikipedia(config.outside_language or ENGLISH)
)
