"""`/api/flow`: songs and playlists in the order in which they run best, and lists made from seeds.

The rule a newcomer would break: nothing is written unless the request says so, and
then the answer holds what was there before, to go back to.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from aiohttp import web

from ai import curves, flow
from ai.flow import Asked, Flow, Pin
from ai.minds import Minds
from ai.similar import USUAL
from server.api import ears, signed
from server.api.parameters import TEXT, body, checked, texts
from server.api.radio import IDS_MAX, knobs_of
from server.app import App
from server.kernel.errors import Invalid, Unavailable
from server.playlists import playlists
from server.playlists.contents import Item
from server.users.people import Viewer

COUNT = 25
PINS_MAX = 200
WAITING_MAX = 8
"""One child orders one list after the other; who would wait longer is told to come back."""
WISHES = {"pins": list, "seed": int}
ORDER = WISHES | {"tracks": list, "playlist": str, "save": bool}
SEEDS = WISHES | {"ids": list, "genres": list, "count": int, "knobs": dict, "name": str}
KEEP = {"playlist": str, "tracks": list}


class Flows:
    """The handlers."""

    def __init__(self, app: App):
        self.app, self.db = app, app.db
        self._waiting = 0

    async def order(self, request: web.Request, viewer: Viewer) -> web.Response:
        """Order songs or a playlist; "save" puts the playlist into that order."""
        given, curve = _split(await signed.json_body(request), ORDER)
        if ("tracks" in given) == ("playlist" in given):
            raise Invalid("Say either 'tracks' or 'playlist'.")
        playlist = self.app.ids.number("pl", given["playlist"]) if "playlist" in given else None
        if given.get("save") and playlist is None:
            raise Invalid("Only a playlist can be saved.")
        if playlist is None:
            there = self._songs(given, "tracks", flow.TRACKS_MAX)
        else:
            there = await self.db.read(playlists.track_ids, viewer, playlist)
        about = await self.db.read(flow.asked, viewer, there, curve, self._pins(given), given.get("seed", 0))
        found, told = await self._ordered(viewer, about)
        if given.get("save"):
            await self.db.write(flow.keep, viewer, playlist, found.order)
            told["undo"] = [self.app.ids.text("tr", track) for track in there]
        return signed.answer(told)

    async def from_seeds(self, request: web.Request, viewer: Viewer) -> web.Response:
        """Make a list; with a name it becomes a playlist."""
        given, curve = _split(await signed.json_body(request), SEEDS)
        seeds = [Item(*self.app.ids.parse(text)) for text in texts(given, "ids", IDS_MAX)]
        about = await self.db.read(
            flow.asked_of_seeds, self.app.part(Minds), viewer, [*seeds, *texts(given, "genres", IDS_MAX)],
            given.get("count", COUNT), curve, self._pins(given), given.get("seed", 0), knobs_of(given, USUAL),
        )  # fmt: skip
        found, told = await self._ordered(viewer, about)
        if "name" in given:
            made = await self.db.write(playlists.create, viewer, given["name"], found.order)
            told["playlist"] = self.app.ids.text("pl", made)
        return signed.answer(told, status=201 if "name" in given else 200)

    async def keep(self, request: web.Request, viewer: Viewer) -> web.Response:
        """Put the songs of a playlist into an order, such as the one that "undo" gave."""
        given = checked(await signed.json_body(request), KEEP)
        if set(given) != set(KEEP):
            raise Invalid("Say 'playlist' and 'tracks'.")
        wanted = self._songs(given, "tracks", playlists.TRACKS_MAX)
        await self.db.write(flow.keep, viewer, self.app.ids.number("pl", given["playlist"]), wanted)
        return web.Response(status=204)

    async def _ordered(self, viewer: Viewer, about: Asked) -> tuple[Flow, dict[str, Any]]:
        """Return an order, and what is answered of it."""
        if self._waiting >= WAITING_MAX:
            raise Unavailable("Too many lists are being ordered just now.", retry_after_s=10)
        self._waiting += 1
        try:
            answer = await self.app.part(Minds).think(flow.MIND, about.question, flow.PATIENCE_S)
        finally:
            self._waiting -= 1
        found, songs = await self.db.read(flow.named, viewer, about, answer)
        return found, self._told(found, {song.id: ears.song(self.app, song) for song in songs})

    def _songs(self, given: Mapping[str, Any], name: str, most: int) -> list[int]:
        return [self.app.ids.number("tr", text) for text in texts(given, name, most)]

    def _pins(self, given: Mapping[str, Any]) -> list[Pin]:
        found = []
        if len(given.get("pins", [])) > PINS_MAX:
            raise Invalid(f"At most {PINS_MAX} songs can be pinned.")
        for pin in given.get("pins", []):
            if not isinstance(pin, dict) or set(pin) != {"id", "at"} or type(pin["id"]) is not str:
                raise Invalid('A pin looks like {"id": "tr-…", "at": 0}; -1 is the last place.')
            if type(pin["at"]) is not int:
                raise Invalid("A song is pinned at a whole number, counted from 0; -1 is the last place.")
            found.append(Pin(self.app.ids.number("tr", pin["id"]), pin["at"]))
        return found

    def _told(self, found: Flow, by_id: Mapping[int, dict[str, Any]]) -> dict[str, Any]:
        text = self.app.ids.text
        return {
            # A song that was removed between two statements keeps its place, without a name.
            "flow": [by_id.get(track, {"id": text("tr", track)}) | {"place": place}
                     for track, place in zip(found.order, found.places, strict=True)],
            "transitions": [step._asdict() for step in found.transitions],
            "after": found.cost._asdict(), "before": found.before._asdict(),
            "unheard": [text("tr", track) for track in found.unheard], "sentence": found.sentence,
        }  # fmt: skip


def _split(given: dict[str, Any], members: Mapping[str, type]) -> tuple[dict[str, Any], str | Sequence[float]]:
    """Return a checked body, and the curve from it: a name or heights."""
    curve = given.pop("curve", curves.FLAT)
    if not isinstance(curve, str | list):
        raise Invalid(f"'curve' is one of {', '.join(curves.CURVES)}, or a list of heights from 0 to 1.")
    return checked(given, members), curve


def _list(about: str, items: Mapping[str, Any] = TEXT) -> dict[str, Any]:
    return {"type": "array", "items": dict(items), "description": about}


def _pair(kind: str, about: str) -> dict[str, Any]:
    return {"type": ["array", "null"], "items": {"type": kind}, "minItems": 2, "maxItems": 2, "description": about}


_NUMBER, _WHOLE = {"type": "number"}, {"type": "integer"}
_WORTH = {"type": "object", "properties": {
    "cost": _NUMBER | {"description": "What is made as small as can be."},
    "score": _NUMBER | {"description": "The mean of all transitions, 0 to 1."},
    "repeats": _WHOLE | {"description": "How often an artist follows themselves."},
    "off_curve": {"type": ["number", "null"], "description": "How far the energy is off the curve, 0 to 1."},
}}  # fmt: skip
_STEP = {"type": "object", "properties": {
    "score": _NUMBER | {"description": "0 to 1."}, "words": _list("What it is, in words."),
    "tempo": _pair("number", "Beats a minute; null without a steady beat in both."),
    "key": _pair("string", "On Camelot's wheel, such as 8A."), "energy": _pair("number", "0 to 1."),
    "fits": {"type": "object", "additionalProperties": _NUMBER,
             "description": "How well tempo, key, sound, mood and energy fit, 0 to 1."},
    "repeated": {"type": "boolean", "description": "Whether it is the same artist again."},
}}  # fmt: skip
_ANSWER = {
    "flow": _list("The songs in their order; \"place\" is where each stood before, from 0.",
                  {"type": "object", "properties": ears.NAMED | {"place": _WHOLE}}),
    "transitions": _list("From each song to the next.", _STEP), "after": _WORTH, "before": _WORTH,
    "unheard": _list("Songs that have not been listened to yet: what they cost is an average."),
    "sentence": TEXT | {"description": "What is to be said of it; empty when all is well."},
}  # fmt: skip
_WISHES = {
    "curve": {"description": "How the energy runs, within what the list has: a name, or 2 to 1000 heights from 0 to 1.",
              "oneOf": [{"type": "string", "enum": list(curves.CURVES)}, {"type": "array", "items": _NUMBER}],
              "default": curves.FLAT},
    "pins": _list("Songs that have their place, counted from 0; -1 is the last.",
                  {"type": "object", "properties": {"id": TEXT, "at": _WHOLE}, "required": ["id", "at"]}),
    "seed": _WHOLE | {"default": 0, "description": "The same number gives the same order."},
}  # fmt: skip


def _answered(about: str, more: Mapping[str, Any]) -> dict[str, Any]:
    schema = {"type": "object", "properties": _ANSWER | more}
    return {"description": about, "content": {"application/json": {"schema": schema}}}


_MADE = {"playlist": TEXT | {"description": "The playlist that was made."}}
PATHS = {
    "/flow": {
        "post": {
            "summary": "Songs, or a playlist, in the order in which they run best: tempo, key, sound, mood, energy.",
            "requestBody": body(_WISHES | {
                "tracks": _list(f"Songs, up to {flow.TRACKS_MAX}."), "playlist": TEXT,
                "save": {"type": "boolean", "default": False, "description": "Put the playlist into this order."},
            }),
            "responses": {"200": _answered("The order.", {
                "undo": _list("If it was saved: the order that the playlist had. PUT it back to undo this."),
            })},
        },
        "put": {
            "summary": "Put the songs of a playlist into the order given.",
            "requestBody": body({"playlist": TEXT, "tracks": _list("All of its songs.")}, list(KEEP)),
            "responses": {"204": {"description": "Done."}},
        },
    },
    "/flow/seeds": {
        "post": {
            "summary": "A list of songs that are like some others and run best; songs named as seeds are among them.",
            "requestBody": body(_WISHES | {
                "ids": _list("Songs, albums, artists, playlists and folders."), "genres": _list("Genres."),
                "count": {"type": "integer", "minimum": 1, "maximum": flow.COUNT_MAX, "default": COUNT},
                "knobs": {"type": "object", "properties": {
                    each["name"]: each["schema"] | {"description": each["description"]} for each in ears.KNOBS}},
                "name": TEXT | {"description": "Make a playlist of this name of it."},
            }),
            "responses": {"200": _answered("The list.", {}), "201": _answered("The list, kept as a playlist.", _MADE)},
        }
    },
}  # fmt: skip
