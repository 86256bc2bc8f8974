"""The jukebox: the player at the server, for those who may make noise there."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from server.library import playables
from server.stream.jukebox import Jukebox
from server.users.people import Viewer
from subsonic.endpoints import JukeboxControl
from subsonic.protocol import handles
from subsonic.shapes import JukeboxPlaylist, JukeboxStatus

if TYPE_CHECKING:
    from subsonic.mount import Call

Steer = Callable[[Jukebox, Viewer, JukeboxControl, list[int]], Awaitable[None]]

STEER: dict[str, Steer] = {
    "set": lambda jukebox, viewer, q, ids: jukebox.put(viewer, ids),
    "add": lambda jukebox, viewer, q, ids: jukebox.add(viewer, ids),
    "start": lambda jukebox, viewer, q, ids: jukebox.start(),
    "stop": lambda jukebox, viewer, q, ids: jukebox.stop(),
    "skip": lambda jukebox, viewer, q, ids: jukebox.skip(viewer, q.index, q.offset),
    "clear": lambda jukebox, viewer, q, ids: jukebox.clear(),
    "remove": lambda jukebox, viewer, q, ids: jukebox.remove(viewer, q.index),
    "shuffle": lambda jukebox, viewer, q, ids: jukebox.shuffle(),
    "setGain": lambda jukebox, viewer, q, ids: jukebox.set_gain(q.gain),
}
"""What changes something; `get` and `status` only look."""


@handles(JukeboxControl)
async def control(call: Call, q: JukeboxControl) -> JukeboxStatus | JukeboxPlaylist:
    jukebox: Jukebox = call.app.part(Jukebox)
    if q.action in STEER:
        await STEER[q.action](jukebox, call.viewer, q, playables.numbers(call.ids, q.id))
    shown = await jukebox.show(call.viewer)
    status = {
        "current_index": shown.current_at,
        "playing": shown.playing,
        "gain": shown.gain,
        "position": shown.position_s,
    }
    return JukeboxPlaylist(**status, entry=shown.entries) if q.action == "get" else JukeboxStatus(**status)
