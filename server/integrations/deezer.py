"""Deezer: pictures of artists and albums, by name. https://developers.deezer.com/api

It has no ids that others know, so only what bears exactly the same name counts.
"""

from server.integrations.capabilities import About, Service, Subject
from server.integrations.wire import ask, member, secure, several, text
from server.kernel.errors import Unavailable
from server.kernel.fetch import Fetch

BASE = "https://api.deezer.com/"
NOTHING = "//"
"""Where a picture's name should be in the path of one that stands for none."""


class Deezer:
    def __init__(self, base: str = BASE):
        self._base = base

    async def artist(self, fetch: Fetch, subject: Subject) -> About | None:
        found = await self._ask(fetch, "search/artist", q=f'"{_quotable(subject.name)}"')
        return _shown(
            [each for each in found if text(each, "name").casefold() == subject.name.casefold()], "picture"
        )

    async def album(self, fetch: Fetch, subject: Subject) -> About | None:
        named = f'artist:"{_quotable(subject.artist)}" album:"{_quotable(subject.name)}"'
        found = await self._ask(fetch, "search/album", q=named)
        return _shown([
            each for each in found
            if text(each, "title").casefold() == subject.name.casefold()
            and text(each, "artist", "name").casefold() == subject.artist.casefold()
        ], "cover")  # fmt: skip

    async def _ask(self, fetch: Fetch, path: str, **params: object) -> list[dict]:
        found = await ask(fetch, self._base + path, {**params, "limit": 10})
        if error := member(found, "error"):
            raise Unavailable(f"Deezer refused with error {member(error, 'code')}.", 60)
        return several(found, "data")


def _quotable(name: str) -> str:
    return name.replace('"', " ")


def _shown(found: list[dict], kind: str) -> About | None:
    for each in found:
        images = tuple(secure(text(each, f"{kind}_{size}")) for size in ("small", "medium", "xl"))
        if all(images) and NOTHING not in images[-1].removeprefix("https://"):
            return About(images=images)
    return None


SERVICE = Service("deezer", lacks=lambda config: "", make=lambda config: Deezer())
