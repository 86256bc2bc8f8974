"""`/api/analysis`: how far listening to the library is, and how much it may take; and what was heard of a track.

How it goes is for administrators; what was heard is for whoever may hear the track.
"""

from typing import Any

from aiohttp import web

from ai import analyses, budget, progress
from ai.analyses import STATES
from server.api import signed
from server.api.parameters import TEXT, body, checked
from server.app import App
from server.kernel.errors import Invalid
from server.users.people import Viewer

MEMBERS = {"paused": bool, "cores": int, "hours": str}


class Analysis:
    """The handlers."""

    def __init__(self, app: App):
        self.app, self.db = app, app.db

    async def status(self, request: web.Request, viewer: Viewer) -> web.Response:
        return signed.answer(await self._told(viewer))

    async def changed(self, request: web.Request, viewer: Viewer) -> web.Response:
        given = checked(await signed.json_body(request), MEMBERS)
        await self.db.write(budget.change, viewer, **given)
        return signed.answer(await self._told(viewer))

    async def again(self, request: web.Request, viewer: Viewer) -> web.Response:
        state = (await signed.json_body(request)).get("state")
        if not isinstance(state, str):
            raise Invalid(f"Say which 'state' is to be heard again: {', '.join(STATES)}.")
        return signed.answer({"count": await self.db.write(analyses.again, viewer, state)}, status=202)

    async def of_track(self, request: web.Request, viewer: Viewer) -> web.Response:
        number = self.app.ids.number("tr", request.match_info["id"])
        found = await self.db.read(analyses.one, viewer, number)
        values = {name: value._asdict() for name, value in sorted(found.values.items())}
        told = {"id": self.app.ids.text("tr", number), "state": found.state, "reason": found.reason, "values": values}
        return signed.answer(told)

    async def _told(self, viewer: Viewer) -> dict[str, Any]:
        found = await self.db.read(progress.status, viewer, self.app.config)
        text = self.app.ids.text
        return brief(found.brief) | {
            "essentia": found.brief.essentia,
            "reason": found.brief.reason,
            "budget": found.budget._asdict(),
            "hearing": [{"id": text("tr", number), "name": name} for number, name in found.hearing],
            "left_alone": [
                {"id": text("tr", number), "state": state, "reason": reason} for number, state, reason in found.alone
            ],
        }


def brief(found: progress.Brief) -> dict[str, Any]:
    """Return what everybody may know."""
    return {
        "state": found.state, "all": found.all, "waiting": found.waiting, "counts": found.counts,
        "per_hour": found.per_hour, "eta_s": found.eta_s,
    }  # fmt: skip


_COUNT = {"type": "integer"}
_STATUS = {
    "type": "object",
    "properties": {
        "state": {**TEXT, "description": 'What it does: "listening", "resting" (all was heard), "paused", "outside its'
                  ' hours", "machine busy", "off", "not installed", "stopped", "never begun".'},
        "reason": TEXT,
        "all": {**_COUNT, "description": "Sounds in the library; two files of one recording are one."},
        "waiting": {**_COUNT, "description": "Those not heard yet, or by an older analyser."},
        "counts": {"type": "object", "additionalProperties": _COUNT, "description": "Sounds by state."},
        "per_hour": {**_COUNT, "description": "How many an hour, as the last hour went."},
        "eta_s": {"type": ["integer", "null"], "description": "How long the rest will take at that rate."},
        "essentia": {"type": "boolean", "description": "Whether essentia tells beats and keys."},
        "budget": {"type": "object", "properties": {
            "on": {"type": "boolean"}, "paused": {"type": "boolean"}, "cores": _COUNT, "hours": TEXT}},
        "hearing": {"type": "array", "items": {"type": "object", "properties": {"id": TEXT, "name": TEXT}}},
        "left_alone": {"type": "array", "items": {
            "type": "object", "properties": {"id": TEXT, "state": TEXT, "reason": TEXT}}},
    },
}  # fmt: skip
_TOLD = {"200": {"description": "How it is.", "content": {"application/json": {"schema": _STATUS}}}}
_VALUE = {"type": "object", "properties": {
    "value": {}, "confidence": {"type": "number", "minimum": 0, "maximum": 1}, "source": TEXT}}  # fmt: skip


PATHS = {
    "/analysis": {
        "get": {"summary": "How far listening to the library is. For administrators.", "responses": _TOLD},
        "patch": {
            "summary": "Pause it, or change how many cores and which hours of the day it may take.",
            "requestBody": body({
                "paused": {"type": "boolean"},
                "cores": {**_COUNT, "minimum": 0, "maximum": budget.MOST_CORES, "description": "0 as the settings say"},
                "hours": {**TEXT, "examples": ["1-6", "22-6", ""]},
            }),
            "responses": _TOLD,
        },
    },
    "/analysis/again": {
        "post": {
            "summary": "Have all sounds in a state heard again. For administrators.",
            "requestBody": body({"state": {"enum": list(STATES)}}, required=["state"]),
            "responses": {"202": {"description": "They wait now.", "content": {"application/json": {"schema": {
                "type": "object", "properties": {"count": _COUNT}}}}}},
        }
    },
    "/tracks/{id}/analysis": {
        "get": {
            "summary": "What was heard of a song: values, each with how sure it is and what told it.",
            "responses": {"200": {"description": "What could not be told is missing.", "content": {"application/json": {
                "schema": {"type": "object", "properties": {
                    "id": TEXT, "state": {"enum": ["waiting", *STATES]}, "reason": TEXT,
                    "values": {"type": "object", "additionalProperties": _VALUE}}}}}}},
        }
    },
}  # fmt: skip
