"""`/api/similar` and `/api/path`: what sounds alike and what leads from one song to another, with reasons and knobs.

The rule a newcomer would break: a knob that nobody turned is not passed on, so
that what is usual is said in one place, `ai.similar.Knobs`.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from aiohttp import web
from multidict import MultiMapping

from ai import path, similar
from ai.minds import Minds
from ai.similar import Knobs
from server.api import signed
from server.api.parameters import TEXT, TEXTS, given, number, parameter, whole
from server.app import App
from server.kernel.errors import Invalid
from server.playlists import contents
from server.playlists.contents import Item
from server.users.people import Viewer

COUNT, COUNT_MAX, STEPS = 20, 500, 25
SEEDS_MAX = 100


class Ears:
    """The handlers."""

    def __init__(self, app: App):
        self.app = app

    async def similar(self, request: web.Request, viewer: Viewer) -> web.Response:
        seeds, count = seeds_of(self.app, request.query), whole(request.query, "count", COUNT, COUNT_MAX)
        found = await self.app.db.read(
            similar.like, self.app.part(Minds), viewer, seeds, count, knobs_of(request.query)
        )
        return signed.answer({"similar": await self.told(viewer, [each._asdict() for each in found])})

    async def path(self, request: web.Request, viewer: Viewer) -> web.Response:
        ends = [self.app.ids.number("tr", given(request.query, name)) for name in ("start", "end")]
        without = [self.app.ids.number("tr", text) for text in request.query.getall("without", [])]
        count = whole(request.query, "count", STEPS, path.LONGEST)
        found = await self.app.db.read(path.between, self.app.part(Minds), viewer, *ends, count, without)
        return signed.answer({"path": await self.told(viewer, [each._asdict() for each in found])})

    async def told(self, viewer: Viewer, found: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """Return what was found as JSON, each with the name of its song."""
        songs = await self.app.db.read(contents.told, viewer, [each["track_id"] for each in found])
        by_id = {each.id: each for each in songs}  # not "song": early releases of Python 3.12 then lose the function
        return [song(self.app, by_id[each["track_id"]]) | {"similarity": each["closeness"], "reasons": each["reasons"]}
                for each in found if each["track_id"] in by_id]  # fmt: skip


def song(app: App, track: contents.Track) -> dict[str, Any]:
    """Return a song as the answers here name it."""
    return {
        "id": app.ids.text("tr", track.id), "title": track.title, "artist": track.artist, "album": track.album,
        "length_ms": track.length_ms,
    }  # fmt: skip


def seeds_of(app: App, query: MultiMapping[str]) -> list[Item | str]:
    """Read `id` and `genre`, each as often as one likes. Raises Invalid without any, NotFound for what is no id."""
    found = [Item(*app.ids.parse(text)) for text in query.getall("id", [])] + list(query.getall("genre", []))
    if not 0 < len(found) <= SEEDS_MAX:
        raise Invalid(f"Say what it should be like: 1 to {SEEDS_MAX} times 'id' or 'genre'.")
    return found


def knobs_of(query: MultiMapping[str]) -> Knobs:
    """Read the knobs that were turned. Raises Invalid."""
    turned = {name: number(query, name) for name in Knobs._fields if name in query}
    return Knobs(**turned).checked()


KNOBS = [
    *(parameter(name, f"How much {about} counts: 1 as usual, 0 not at all.",
                {"type": "number", "minimum": 0, "maximum": 3, "default": usual})
      for name, about, usual in (("sound", "the sound", 1), ("rhythm", "the rhythm", 1), ("harmony", "the harmony", 1),
                                 ("mood", "the mood", 0), ("era", "the time it is from", 0))),
    parameter("adventurousness", "0 for the nearest, up to 1 for a walk about the neighbourhood.",
              {"type": "number", "minimum": 0, "maximum": 1, "default": 0}),
]  # fmt: skip
NAMED = {"id": TEXT, "title": TEXT, "artist": TEXT, "album": TEXT, "length_ms": {"type": "integer"}}
"""How a song is named, as OpenAPI describes what `song` returns."""
SONG = {
    "type": "object",
    "properties": NAMED | {
        "similarity": {"type": "number", "description": "1.0 for the same sound, 0.5 at the library's half distance."},
        "reasons": {**TEXTS, "description": "Why, in words."},
    },
}  # fmt: skip


def songs(name: str, about: str) -> dict[str, Any]:
    """Return the responses of an address that answers with songs."""
    schema = {"type": "object", "properties": {name: {"type": "array", "items": SONG}}}
    return {"200": {"description": about, "content": {"application/json": {"schema": schema}}}}


PATHS = {
    "/similar": {
        "get": {
            "summary": "Songs that sound like songs, albums, artists, playlists, folders or genres, and why.",
            "parameters": [
                parameter("id", "What they should sound like; as often as you like.", TEXTS),
                parameter("genre", "A genre that they should sound like; as often as you like.", TEXTS),
                parameter("count", "How many.", {"type": "integer", "minimum": 1, "maximum": COUNT_MAX,
                                                 "default": COUNT}),
                *KNOBS,
            ],
            "responses": songs("similar", "Most alike first; no recording twice, no song of what was asked about."),
        }
    },
    "/path": {
        "get": {
            "summary": "Songs that lead from one to another in small steps.",
            "parameters": [
                parameter("start", "The song to begin with.", TEXT, required=True),
                parameter("end", "The song to end with.", TEXT, required=True),
                parameter("count", "How many songs, with both.", {"type": "integer", "minimum": 2,
                                                                  "maximum": path.LONGEST, "default": STEPS}),
                parameter("without", "Songs to walk around; as often as you like.", TEXTS),
            ],
            "responses": songs("path", "In order. The similarity is to the first, the reasons to the one before."),
        }
    },
}  # fmt: skip
