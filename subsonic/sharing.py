"""Sharing: music made public under an address of its own; the pages themselves are in `server.api.share`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.library.facts import Faced
from server.playlists import contents, shares
from server.playlists.shares import Change
from server.users import addresses
from subsonic.endpoints import CreateShare, DeleteShare, GetShares, UpdateShare
from subsonic.protocol import handles
from subsonic.shapes import Share, Shares

if TYPE_CHECKING:
    from subsonic.mount import Call


@handles(GetShares)
async def get_shares(call: Call, q: GetShares) -> Shares:
    found = await call.db.read(shares.listed, call.viewer)
    return Shares(share=tuple(_share(call, *each) for each in found))


@handles(CreateShare)
async def create_share(call: Call, q: CreateShare) -> Shares:
    change = Change(description=q.description, expires_ms=q.expires)
    token = await call.db.write(shares.create, call.viewer, contents.named(call.ids, q.id), change)
    return Shares(share=(_share(call, *await call.db.read(shares.shown, call.viewer, token)),))


@handles(UpdateShare)
async def update_share(call: Call, q: UpdateShare) -> None:
    await call.db.write(shares.update, call.viewer, q.id, Change(description=q.description, expires_ms=q.expires))


@handles(DeleteShare)
async def delete_share(call: Call, q: DeleteShare) -> None:
    await call.db.write(shares.delete, call.viewer, q.id)


def _share(call: Call, share: shares.Share, songs: list[Faced]) -> Share:
    return Share(
        id=share.token,
        url=f"{addresses.home(call.request, call.app.config)}/share/{share.token}",
        description=share.description or None,
        username=share.owner,
        created=share.created_ms,
        expires=share.expires_ms,
        last_visited=share.visited_ms,
        visit_count=share.visit_count,
        entry=tuple(songs),
    )
