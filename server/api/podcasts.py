"""`/api/podcasts.opml`: the followed podcasts as a file for other programs, and a file of theirs to follow."""

import asyncio

from aiohttp import web

from server.api import signed
from server.app import App
from server.library import opml
from server.library.episodes import allow
from server.users.people import Viewer


class Lists:
    """The handlers."""

    def __init__(self, app: App):
        self.app = app
        self._one = asyncio.Semaphore(1)

    async def written(self, request: web.Request, viewer: Viewer) -> web.Response:
        text = await self.app.db.read(opml.written, viewer)
        headers = {"Content-Disposition": 'attachment; filename="podcasts.opml"'}
        return web.Response(body=text.encode(), content_type="text/x-opml", charset="utf-8", headers=headers)

    async def taken(self, request: web.Request, viewer: Viewer) -> web.Response:
        """Follow what the body names. No form of another site can send this: it lacks the password."""
        allow(viewer)
        data = await signed.body(request, opml.BYTES_MAX)
        # Each takes a child and a thread, of which there are few for all that others want.
        async with self._one:
            feeds = await asyncio.to_thread(opml.read, data)
        taken = await self.app.db.write(opml.take, viewer, feeds)
        return signed.answer(taken._asdict(), status=201 if taken.added else 200)


_OPML = {"text/x-opml": {"schema": {"type": "string"}}}
_TAKEN = {"type": "object", "properties": {
    "added": {"type": "integer"}, "known": {"type": "integer"},
    "refused": {"type": "array", "items": {"type": "string"}, "description": "What was not, and why."}}}  # fmt: skip
_ANSWER = {"application/json": {"schema": _TAKEN}}
PATHS = {
    "/podcasts.opml": {
        "get": {"summary": "The followed podcasts as OPML, for other programs.",
                "responses": {"200": {"description": "The list.", "content": _OPML}}},
        "post": {"summary": "Follow what an OPML list names.", "requestBody": {"required": True, "content": _OPML},
                 "responses": {"200": {"description": "All were followed already.", "content": _ANSWER},
                               "201": {"description": "Some are new.", "content": _ANSWER}}},
    }
}  # fmt: skip
