"""`/api/discover`: the lists that are made for somebody, recommendations, and why a song is in a playlist.

The rule a newcomer would break: a week's list is made once; asking again gives
what there is, unless it is asked to be made anew.
"""

import asyncio
from typing import Any

from aiohttp import web

from ai import made, recommend
from ai.made import Kept
from ai.minds import Minds
from server.api import ears, signed
from server.api.parameters import TEXT, TEXTS, number, parameter, whole
from server.app import App
from server.kernel.errors import Invalid
from server.playlists import contents, playlists
from server.playlists.playlists import Entry
from server.users.people import Viewer

COUNT, COUNT_MAX, FRESH = 20, 200, 0.5
WEEKS = 12


class Discover:
    """The handlers."""

    def __init__(self, app: App):
        self.app = app
        # Lists take seconds, and a thread of the database meanwhile, of which there are few.
        self._one_at_a_time = asyncio.Lock()

    async def shown(self, request: web.Request, viewer: Viewer) -> web.Response:
        lists = await self.app.db.read(made.current, viewer)
        weeks = (await self.app.db.read(made.weeks, viewer))[:WEEKS]
        songs = await self._songs(viewer, [entry.track_id for week in weeks for entry in week.entries])
        return signed.answer({
            "lists": [self._told(each) for each in lists],
            "weeks": [self._told(each) | {"songs": _explained(songs, each.entries)} for each in weeks],
        })  # fmt: skip

    async def made(self, request: web.Request, viewer: Viewer) -> web.Response:
        kinds, again = _asked(await signed.json_body(request) if request.can_read_body else {})
        db = self.app.db
        await db.write(made.asked, viewer, kinds)
        async with self._one_at_a_time:
            if not again:
                kinds = await db.read(made.lacking, viewer, kinds)
            drafts = await db.read(made.drafts, self.app.part(Minds), viewer, kinds)
            await db.write(made.keep, viewer, kinds, drafts)
        return await self.shown(request, viewer)

    async def recommended(self, request: web.Request, viewer: Viewer) -> web.Response:
        count = whole(request.query, "count", COUNT, COUNT_MAX)
        fresh = number(request.query, "fresh") if "fresh" in request.query else FRESH
        if not 0 <= fresh <= 1:
            raise Invalid("'fresh' goes from 0 to 1.")
        hour = number(request.query, "hour") if "hour" in request.query else None
        if hour is not None and hour not in range(24):
            raise Invalid("'hour' is a whole number from 0 to 23.")
        basis, picks = await self.app.db.read(
            recommend.recommend, self.app.part(Minds), viewer, count, fresh, hour=None if hour is None else int(hour)
        )
        songs = await self._songs(viewer, [each.track_id for each in picks])
        return signed.answer({"basis": basis, "recommendations": _explained(songs, picks)})

    async def reasons(self, request: web.Request, viewer: Viewer) -> web.Response:
        number = self.app.ids.number("pl", request.match_info["id"])
        entries = await self.app.db.read(playlists.reasons, viewer, number)
        songs = await self._songs(viewer, [each.track_id for each in entries])
        return signed.answer({"reasons": _explained(songs, entries)})

    async def _songs(self, viewer: Viewer, track_ids: list[int]) -> dict[int, dict[str, Any]]:
        """Return those of some songs that the viewer may hear, as the answers here name them."""
        found = await self.app.db.read(contents.told, viewer, sorted(set(track_ids)))
        return {song.id: ears.song(self.app, song) for song in found}

    def _told(self, each: Kept) -> dict[str, Any]:
        return {
            "kind": each.kind, "number": each.slot or None, "period": each.period, "basis": each.basis,
            "playlist": each.playlist_id and self.app.ids.text("pl", each.playlist_id), "made_ms": each.made_ms,
        }  # fmt: skip


def _asked(given: dict[str, Any]) -> tuple[list[str], bool]:
    """Read which kinds of lists are asked for, and whether anew. Raises Invalid."""
    kinds, again = given.get("kinds", list(made.KINDS)), given.get("again", False)
    if set(given) - {"kinds", "again"} or not isinstance(kinds, list) or not isinstance(again, bool):
        raise Invalid("Send 'kinds', a list, and 'again', true or false; or nothing.")
    if not kinds or not all(type(kind) is str and kind in made.KINDS for kind in kinds):
        raise Invalid(f"There are the kinds {', '.join(made.KINDS)}.")
    return list(dict.fromkeys(kinds)), again


def _explained(songs: dict[int, dict[str, Any]], entries: tuple[Entry, ...] | list) -> list[dict[str, Any]]:
    return [songs[track] | {"reason": reason} for track, reason in entries if track in songs]


_SONG = {"type": "object", "properties": ears.NAMED | {"reason": {**TEXT, "description": "Why, in words."}}}
_LIST = {
    "kind": {**TEXT, "enum": list(made.KINDS)},
    "number": {"type": ["integer", "null"], "description": "Which of several of its kind."},
    "period": {**TEXT, "description": "The day, or the Monday of the week, that it is for."}, "basis": TEXT,
    "playlist": {"type": ["string", "null"], "description": "null where it is no playlist any more."},
    "made_ms": {"type": "integer"},
}  # fmt: skip


def _answer(about: str, **members: Any) -> dict[str, Any]:
    schema = {"type": "object", "properties": members}
    return {"200": {"description": about, "content": {"application/json": {"schema": schema}}}}


_SONGS = {"type": "array", "items": _SONG}
_SHOWN = _answer(
    "The lists that there are as playlists, and the last Discover Weeklies with their songs.",
    lists={"type": "array", "items": {"type": "object", "properties": _LIST}},
    weeks={"type": "array", "items": {"type": "object", "properties": _LIST | {"songs": _SONGS}}},
)
PATHS = {
    "/discover": {
        "get": {"summary": "The lists that are made for you, and those of past weeks.", "responses": _SHOWN},
        "post": {
            "summary": "Have lists made now that are not there yet, also such as were deleted or switched off.",
            "requestBody": {"required": False, "content": {"application/json": {"schema": {
                "type": "object", "properties": {
                    "kinds": {**TEXTS, "description": "Which; all of them if nothing is said."},
                    "again": {"type": "boolean", "description": "Make those anew that are there."},
                }}}}},
            "responses": _SHOWN,
        },
    },
    "/recommendations": {
        "get": {
            "summary": "Songs that you could like, each with its reason, and what they were chosen by.",
            "parameters": [
                parameter("count", "How many.", {"type": "integer", "minimum": 1, "maximum": COUNT_MAX,
                                                      "default": COUNT}),
                parameter("fresh", "The least share of songs that you never played.",
                               {"type": "number", "minimum": 0, "maximum": 1, "default": FRESH}),
                parameter("hour", "An hour of the day, for which what is played about that time counts more.",
                               {"type": "integer", "minimum": 0, "maximum": 23}),
            ],
            "responses": _answer("The best first.", basis=TEXT, recommendations=_SONGS),
        }
    },
    "/playlists/{id}/reasons": {
        "get": {"summary": "Why each song is in a playlist; empty where nobody said.",
                "responses": _answer("In the order of the playlist.", reasons=_SONGS)},
    },
}  # fmt: skip
