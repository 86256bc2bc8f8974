"""`/api/avatar` and the pictures of stations: what Subsonic can show and cannot change.

A picture is the body of a PUT, as it is on disk. It is decoded in a child of its
own and made anew; what is kept holds nothing but what one sees.
"""

from aiohttp import web

from server.api.signed import body
from server.app import App
from server.kernel.errors import Invalid
from server.library import avatars, radio
from server.library.artwork import Artwork
from server.users.people import Viewer

PICTURE_BYTES = 8 << 20


class Pictures:
    """The handlers; where no name stands in the address, it is one's own picture."""

    def __init__(self, app: App):
        self.app, self.db = app, app.db

    async def show(self, request: web.Request, viewer: Viewer) -> web.Response:
        name, stored = await self.db.read(avatars.shown, viewer, _name(request, viewer))
        return await self.app.part(Artwork).avatar(request, name, stored)

    async def choose(self, request: web.Request, viewer: Viewer) -> web.Response:
        name = _name(request, viewer)
        await self.db.read(avatars.check, viewer, name)
        key, data = await self.app.part(Artwork).made(await _sent(request), crop=True)
        await self.db.write(avatars.choose, viewer, name, key, data)
        return web.Response(status=204)

    async def remove(self, request: web.Request, viewer: Viewer) -> web.Response:
        await self.db.write(avatars.remove, viewer, _name(request, viewer))
        return web.Response(status=204)

    async def hang(self, request: web.Request, viewer: Viewer) -> web.Response:
        number = await self._station(request, viewer)
        key, data = await self.app.part(Artwork).made(await _sent(request), crop=False)
        await self.db.write(radio.set_picture, viewer, number, key, data)
        return web.Response(status=204)

    async def take_down(self, request: web.Request, viewer: Viewer) -> web.Response:
        number = await self._station(request, viewer)
        await self.db.write(radio.set_picture, viewer, number, "", None)
        return web.Response(status=204)

    async def _station(self, request: web.Request, viewer: Viewer) -> int:
        number = self.app.ids.number("ra", request.match_info["id"])
        await self.db.read(radio.check, viewer, number)
        return number


def _name(request: web.Request, viewer: Viewer) -> str:
    return request.match_info.get("name", viewer.name)


async def _sent(request: web.Request) -> bytes:
    if request.content_type.startswith("multipart/"):
        raise Invalid("Send the picture itself as the body, not a form with it inside.")
    data = await body(request, PICTURE_BYTES)
    if not data:
        raise Invalid("There is no picture in the body.")
    return data


_PICTURE = {"schema": {"type": "string", "format": "binary"}}
_DONE = {"204": {"description": "Done."}}
_BODY = {"required": True, "content": {"image/*": _PICTURE}, "description": "As it is on disk, 8 MB at most."}
_SENT = {"requestBody": _BODY, "responses": _DONE}


def _avatar(whose: str) -> dict[str, dict]:
    shown = {"200": {"description": "The picture.", "content": {"image/*": _PICTURE}}}
    return {
        "get": {"summary": f"The picture of {whose}.", "responses": shown},
        "put": {"summary": f"Choose the picture of {whose}.", **_SENT},
        "delete": {"summary": f"Take down the picture of {whose}.", "responses": _DONE},
    }


PATHS = {
    "/avatar": _avatar("oneself"),
    "/users/{name}/avatar": _avatar("a person; others' are changed by administrators"),
    "/radio/{id}/picture": {
        "put": {"summary": "Hang a picture on a radio station.", **_SENT},
        "delete": {"summary": "Take down the picture of a radio station.", "responses": _DONE},
    },
}
