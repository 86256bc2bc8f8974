"""`/api/quality`: how well the ears do on this library, for administrators."""

from typing import Any

from aiohttp import web

from ai import own_quality
from ai.own_quality import FAIR, GOOD, POOR, UNSURE
from server.api import signed
from server.api.parameters import TEXT
from server.app import App
from server.users.people import Viewer


class Quality:
    """The handlers."""

    def __init__(self, app: App):
        self.db = app.db

    async def shown(self, request: web.Request, viewer: Viewer) -> web.Response:
        return signed.answer(_told(await self.db.read(own_quality.report, viewer)))

    async def asked(self, request: web.Request, viewer: Viewer) -> web.Response:
        await self.db.write(own_quality.ask, viewer)
        return signed.answer(_told(await self.db.read(own_quality.report, viewer)), status=202)


def _told(found: own_quality.Report) -> dict[str, Any]:
    return {
        "measured_ms": found.made_ms or None,
        "waiting": found.waiting,
        "coverage": found.coverage._asdict(),
        "songs": found.scores["songs"] if found.scores else 0,
        "lines": [line._asdict() for line in found.lines],
        "recommendations": found.replayed,
        "held_back": [
            {"kind": each.space.kind, "model": each.space.model, "reason": each.reason, "since_ms": each.held_ms}
            for each in found.held
        ],
    }  # fmt: skip


_COUNT, _NUMBER = {"type": "integer"}, {"type": "number"}
_MARKS = {"type": "object", "properties": {
    "r_precision": {**_NUMBER, "description": "The share of what was played among as many first places."},
    "ndcg": {**_NUMBER, "description": "The same for a hundred places, the first counting most."}}}  # fmt: skip
_REPORT = {
    "type": "object",
    "properties": {
        "measured_ms": {"type": ["integer", "null"], "description": "When; null while nothing was measured yet."},
        "waiting": {"type": "boolean", "description": "Whether a worker is to measure it anew."},
        "coverage": {"type": "object", "properties": {"all": _COUNT, "heard": _COUNT, "compared": _COUNT},
                     "description": "Sounds: all, those listened to, those that can be compared."},
        "songs": {**_COUNT, "description": "So many songs were asked about."},
        "lines": {"type": "array", "description": "What was measured, each judged.", "items": {
            "type": "object", "properties": {
                "name": {"enum": ["heard", "compared", *own_quality.SENTENCES, "hubs", "orphans", "recommended"]},
                "value": _NUMBER,
                "chance": {"type": ["number", "null"], "description": "What would be so by chance."},
                "verdict": {"enum": [GOOD, FAIR, POOR, UNSURE], "description": '"unsure": too little could be asked.'},
                "sentence": TEXT}}},
        "recommendations": {"type": ["object", "null"], "description": "The last sittings of people replayed: what"
                            " would have been recommended, against what was played; null while too little was.",
                            "properties": {"sittings": _COUNT},
                            "additionalProperties": _MARKS},
        "held_back": {"type": "array", "description": "What is not used, for it finds less than what is.", "items": {
            "type": "object", "properties": {
                "kind": {"enum": ["blocks", "clap"]}, "model": {**TEXT, "description": "Its sha256, or nothing."},
                "reason": TEXT, "since_ms": _COUNT}}},
    },
}  # fmt: skip
_CONTENT = {"application/json": {"schema": _REPORT}}

PATHS = {
    "/quality": {
        "get": {
            "summary": "How well the ears do on this library, without a label. For administrators.",
            "responses": {"200": {"description": "What was measured last.", "content": _CONTENT}},
        },
        "post": {
            "summary": "Have it measured anew.",
            "responses": {"202": {"description": "A worker will; this was measured last.", "content": _CONTENT}},
        },
    }
}
