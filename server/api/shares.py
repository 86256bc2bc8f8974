"""`/api/shares`: one's own shares, with what Subsonic has no words for, a password and whether guests may save."""

import asyncio
from typing import Any

from aiohttp import web

from server.api import signed
from server.api.parameters import TEXT, TEXTS, body, checked
from server.app import App
from server.kernel.errors import Invalid
from server.playlists import contents, shares
from server.playlists.shares import Change, Share
from server.users import addresses
from server.users.people import Viewer
from server.users.secrets import NewPassword, prepare

MEMBERS = {"ids": list, "description": str, "expires_ms": int, "download": bool, "password": str}
TAKEN_AWAY = ("expires_ms", "password")
"""What null takes away."""


class Shares:
    """The handlers."""

    def __init__(self, app: App):
        self.app = app

    async def listed(self, request: web.Request, viewer: Viewer) -> web.Response:
        found = await self.app.db.read(shares.listed, viewer)
        return signed.answer({"shares": [self._told(request, share) for share, _ in found]})

    async def one(self, request: web.Request, viewer: Viewer) -> web.Response:
        return signed.answer(await self._shown(request, viewer, request.match_info["share"]))

    async def made(self, request: web.Request, viewer: Viewer) -> web.Response:
        given = checked(await signed.json_body(request), MEMBERS, TAKEN_AWAY)
        items = contents.named(self.app.ids, map(str, given.get("ids", ())))
        token = await self.app.db.write(shares.create, viewer, items, await _change(given))
        told = await self._shown(request, viewer, token)
        return signed.answer(told, status=201, Location=f"{self.app.config.base_path}/api/shares/{token}")

    async def changed(self, request: web.Request, viewer: Viewer) -> web.Response:
        given = checked(await signed.json_body(request), MEMBERS, TAKEN_AWAY)
        if "ids" in given:
            raise Invalid("What is shared cannot be changed. Make another share, or share a playlist and change that.")
        token = request.match_info["share"]
        await self.app.db.write(shares.update, viewer, token, await _change(given))
        return signed.answer(await self._shown(request, viewer, token))

    async def deleted(self, request: web.Request, viewer: Viewer) -> web.Response:
        await self.app.db.write(shares.delete, viewer, request.match_info["share"])
        return web.Response(status=204)

    async def _shown(self, request: web.Request, viewer: Viewer, token: str) -> dict[str, Any]:
        return self._told(request, await self.app.db.read(shares.one, viewer, token))

    def _told(self, request: web.Request, share: Share) -> dict[str, Any]:
        return {
            "id": share.token,
            "url": f"{addresses.home(request, self.app.config)}/share/{share.token}",
            "owner": share.owner,
            "description": share.description,
            "download": share.download,
            "password": bool(share.password_hash),
            "created_ms": share.created_ms,
            "expires_ms": share.expires_ms,
            "visited_ms": share.visited_ms,
            "visit_count": share.visit_count,
        }


async def _change(given: dict[str, Any]) -> Change:
    expires_ms = (given["expires_ms"] or 0) if "expires_ms" in given else None
    password: NewPassword | None = None
    # An empty one, such as a variable of a script that was never set, must not open a share to everybody.
    if given.get("password") is not None:
        password = await asyncio.to_thread(prepare, given["password"])
    return Change(
        description=given.get("description"), expires_ms=expires_ms, download=given.get("download"), password=password,
        open="password" in given and password is None,
    )  # fmt: skip


_FLAG, _WHEN = {"type": "boolean"}, {"type": ["integer", "null"]}
_SHARE = {
    "type": "object",
    "properties": {
        "id": TEXT, "url": TEXT, "owner": TEXT, "description": TEXT, "download": _FLAG,
        "password": {**_FLAG, "description": "Whether guests are asked for one."},
        "created_ms": {"type": "integer"}, "expires_ms": _WHEN, "visited_ms": _WHEN, "visit_count": {"type": "integer"},
    },
}  # fmt: skip
_CHANGE = {
    "description": TEXT, "download": {**_FLAG, "description": "Whether guests may save the music."},
    "expires_ms": {**_WHEN, "description": "null is never."},
    "password": {"type": ["string", "null"], "description": "null takes it away."},
}  # fmt: skip
_IDS = {"ids": {**TEXTS, "description": "Of songs, albums, artists, playlists and folders."}}


def _json(schema: dict[str, Any]) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}


_LIST = {"type": "object", "properties": {"shares": {"type": "array", "items": _SHARE}}}
_SHOWN = {"200": {"description": "The share.", "content": _json(_SHARE)}}
PATHS = {
    "/shares": {
        "get": {"summary": "One's own shares; an administrator sees all.",
                "responses": {"200": {"description": "Newest first.", "content": _json(_LIST)}}},
        "post": {"summary": "Make music public.",
                 "requestBody": body(_IDS | _CHANGE, ["ids"]),
                 "responses": {"201": {"description": "The share.", "content": _json(_SHARE)}}},
    },
    "/shares/{share}": {
        "get": {"summary": "One share.", "responses": _SHOWN},
        "patch": {"summary": "Change what is said of a share.",
                  "requestBody": body(_CHANGE), "responses": _SHOWN},
        "delete": {"summary": "End a share.", "responses": {"204": {"description": "It is gone."}}},
    },
}  # fmt: skip
