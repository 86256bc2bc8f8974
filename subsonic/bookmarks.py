"""Bookmarks and play queues: where a person was, in a song or an episode and in a list of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.library import playables
from server.plays import bookmarks, queues
from subsonic.endpoints import (
    CreateBookmark,
    DeleteBookmark,
    GetBookmarks,
    GetPlayQueue,
    GetPlayQueueByIndex,
    SavePlayQueue,
    SavePlayQueueByIndex,
)
from subsonic.protocol import handles
from subsonic.shapes import Bookmark, Bookmarks, PlayQueue, PlayQueueByIndex

if TYPE_CHECKING:
    from subsonic.mount import Call


@handles(GetBookmarks)
async def get_bookmarks(call: Call, q: GetBookmarks) -> Bookmarks:
    found = await call.db.read(bookmarks.listed, call.viewer)
    return Bookmarks(bookmark=tuple(_bookmark(call, each) for each in found))


@handles(CreateBookmark)
async def create_bookmark(call: Call, q: CreateBookmark) -> None:
    playable = playables.number(call.ids, q.id)
    await call.db.write(bookmarks.put, call.viewer, playable, q.position, q.comment or "")


@handles(DeleteBookmark)
async def delete_bookmark(call: Call, q: DeleteBookmark) -> None:
    await call.db.write(bookmarks.remove, call.viewer, playables.number(call.ids, q.id))


@handles(GetPlayQueue)
async def get_play_queue(call: Call, q: GetPlayQueue) -> PlayQueue:
    """Answer with the queue; one that was never saved is empty and was changed in 1970."""
    queue = await call.db.read(queues.saved, call.viewer)
    current = None if queue.current_at is None else playables.text(call.ids, queue.tracks[queue.current_at].id)
    return PlayQueue(
        current=current,
        position=queue.position_ms,
        username=call.viewer.name,
        changed=queue.changed_ms,
        changed_by=queue.changed_by,
        entry=queue.tracks,
    )


@handles(SavePlayQueue)
async def save_play_queue(call: Call, q: SavePlayQueue) -> None:
    await _save(call, q.id, q.id.index(q.current) if q.id else 0, q.position)


@handles(GetPlayQueueByIndex)
async def get_play_queue_by_index(call: Call, q: GetPlayQueueByIndex) -> PlayQueueByIndex:
    queue = await call.db.read(queues.saved, call.viewer)
    return PlayQueueByIndex(
        current_index=queue.current_at,
        position=queue.position_ms,
        username=call.viewer.name,
        changed=queue.changed_ms,
        changed_by=queue.changed_by,
        entry=queue.tracks,
    )


@handles(SavePlayQueueByIndex)
async def save_play_queue_by_index(call: Call, q: SavePlayQueueByIndex) -> None:
    await _save(call, q.id, q.current_index or 0, q.position)


async def _save(call: Call, texts: tuple[str, ...], current_at: int, position_ms: int) -> None:
    if not texts:
        await call.db.write(queues.clear, call.viewer, call.client)
        return
    ids = playables.numbers(call.ids, texts)
    await call.db.write(queues.save, call.viewer, ids, current_at, position_ms, call.client)


def _bookmark(call: Call, each: bookmarks.Bookmark) -> Bookmark:
    return Bookmark(
        position=each.position_ms,
        username=call.viewer.name,
        comment=each.comment,
        created=each.created_ms,
        changed=each.changed_ms,
        entry=each.track,
    )
