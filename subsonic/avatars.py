"""Avatars: the picture of a user.

Whoever is signed in may see anybody's. Clients ask at every start, often by
HEAD, so there is always a picture: initials are drawn for who has none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.library import avatars
from server.library.artwork import Artwork
from subsonic.endpoints import GetAvatar
from subsonic.protocol import handles

if TYPE_CHECKING:
    from subsonic.mount import Call


@handles(GetAvatar)
async def avatar(call: Call, q: GetAvatar):
    name, stored = await call.db.read(avatars.shown, call.viewer, q.username)
    return await call.app.part(Artwork).avatar(call.request, name, stored)
