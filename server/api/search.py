"""`/api/find`: music by what it is like, and `/api/tracks/{id}/suggestions`: moods and genres that it could have."""

from collections.abc import Sequence
from typing import Any

from aiohttp import web

from ai import captioning, find, overlay
from ai.minds import Minds
from ai.overlay import KINDS, Suggestion
from server.api import ears, signed
from server.api.parameters import TEXT, TEXTS, body, checked, given, parameter, whole
from server.app import App
from server.kernel.db import Connection
from server.kernel.errors import Invalid
from server.users.people import Viewer

COUNT = 20


class Search:
    """The handlers."""

    def __init__(self, app: App):
        self.app = app
        self.ears = ears.Ears(app)

    async def find(self, request: web.Request, viewer: Viewer) -> web.Response:
        query, count = given(request.query, "q"), whole(request.query, "count", COUNT, find.COUNT_MAX)
        found = await self.app.db.read(find.find, self.app.part(Minds), viewer, query, count)
        songs = await self.ears.told(viewer, [each._asdict() for each in found.tracks])
        return signed.answer({"how": found.how, "why": found.why, "songs": songs})

    async def suggestions(self, request: web.Request, viewer: Viewer) -> web.Response:
        return _told(await self.app.db.read(overlay.of, viewer, self._track(request)))

    async def decide(self, request: web.Request, viewer: Viewer) -> web.Response:
        said = checked(await signed.json_body(request), {"accept": list, "refuse": list})
        accept, refuse = (_names(said.get(name, [])) for name in ("accept", "refuse"))
        return _told(await self.app.db.write(_decide, viewer, self._track(request), accept, refuse))

    def _track(self, request: web.Request) -> int:
        return self.app.ids.number("tr", request.match_info["track"])


def _decide(db: Connection, viewer: Viewer, track_id: int, accept: Sequence[tuple[str, str]],
            refuse: Sequence[tuple[str, str]]) -> list[Suggestion]:  # fmt: skip
    found = overlay.decide(db, viewer, track_id, accept, refuse)
    captioning.again(db, track_id)
    return found


def _names(given: Any) -> list[tuple[str, str]]:
    """Read ["mood:happy", …]. Raises Invalid."""
    if not isinstance(given, list) or not all(isinstance(each, str) for each in given):
        raise Invalid("Name suggestions in a list, such as [\"mood:happy\", \"genre:Techno\"].")
    found = [(kind, name) for kind, _, name in (each.partition(":") for each in given)]
    if wrong := [kind for kind, name in found if kind not in KINDS or not name]:
        raise Invalid(f"A suggestion looks like mood:happy or genre:Techno, not like {wrong[0][:40]!r}.")
    return found


def _told(found: Sequence[Suggestion]) -> web.Response:
    return signed.answer({"suggestions": [each._asdict() for each in found]})


_SUGGESTIONS = {"200": {"description": "What is suggested, surest first.", "content": {"application/json": {"schema": {
    "type": "object", "properties": {"suggestions": {"type": "array", "items": {"type": "object", "properties": {
        "kind": {"type": "string", "enum": list(KINDS)}, "name": TEXT, "confidence": {"type": "number"},
        "source": TEXT,
        "state": {"type": "string", "enum": [overlay.SUGGESTED, overlay.ACCEPTED, overlay.REFUSED]},
    }}}}}}}}}  # fmt: skip
_NAMES = {**TEXTS, "description": "Such as mood:happy."}
PATHS = {
    "/find": {
        "get": {
            "summary": "Songs that are like a description, such as: rainy piano, or: 80s pop like Alphaville.",
            "parameters": [
                parameter("q", "What they should be like.", TEXT, required=True),
                parameter("count", "How many.", {"type": "integer", "minimum": 1, "maximum": find.COUNT_MAX,
                                                      "default": COUNT}),
            ],
            "responses": {"200": {"description": "Best first. `how` says what they were found by, and `why` why not by"
                                                 " more.", "content": {"application/json": {"schema": {
                "type": "object", "properties": {
                    "how": {"type": "string", "enum": ["clap", "captions", "lexicon"]}, "why": TEXT,
                    "songs": {"type": "array", "items": ears.SONG},
                }}}}}},
        }
    },
    "/tracks/{track}/suggestions": {
        "get": {"summary": "Moods and genres that a song could have.", "responses": _SUGGESTIONS},
        "post": {
            "summary": "Accept and refuse suggestions for a song and its copies; for administrators.",
            "requestBody": body({"accept": _NAMES, "refuse": _NAMES}),
            "responses": _SUGGESTIONS,
        },
    },
}  # fmt: skip
