"""`/api/dislikes`, `/api/unlearned`, `/api/taste`: what somebody dislikes, what is not learned from, what they like.

All of it is listed to the person it is about, and taken back by DELETE. The rule
a newcomer would break: a thing that is gone, or no longer theirs to hear, is
left out of a list and can still be taken back.
"""

import asyncio
from typing import Any

from aiohttp import web

from ai import made, recommend, replay, taste
from ai.minds import Minds
from ai.taste import CLIENT, SITTING, SONG
from server.api import signed
from server.api.parameters import TEXT, TEXTS, body, parameter
from server.app import App
from server.kernel.errors import Invalid, NotFound
from server.library.facts import ALBUM, ARTIST, TRACK
from server.playlists import contents
from server.playlists.contents import Item
from server.users.people import Viewer

PREFIXES = {ARTIST: "ar", ALBUM: "al", TRACK: "tr"}
KINDS = {prefix: kind for kind, prefix in PREFIXES.items()}
IDS_MAX = 500


class Taste:
    """The handlers."""

    def __init__(self, app: App):
        self.app = app
        # A replay takes seconds, and a thread of the database meanwhile, of which there are few.
        self._one_at_a_time = asyncio.Lock()

    async def dislikes(self, request: web.Request, viewer: Viewer) -> web.Response:
        return signed.answer({"dislikes": await self.app.db.read(_dislikes, viewer, self.app)})

    async def dislike(self, request: web.Request, viewer: Viewer) -> web.Response:
        given = await signed.json_body(request)
        items = [self._item(text) for text in ids_of(given)]
        await self.app.db.write(taste.dislike, viewer, items)
        return await self.dislikes(request, viewer)

    async def like_again(self, request: web.Request, viewer: Viewer) -> web.Response:
        await self.app.db.write(taste.like_again, viewer, [self._item(request.match_info["id"])])
        return web.Response(status=204)

    async def unlearned(self, request: web.Request, viewer: Viewer) -> web.Response:
        return signed.answer({"unlearned": await self.app.db.read(_unlearned, viewer, self.app)})

    async def unlearn(self, request: web.Request, viewer: Viewer) -> web.Response:
        given = await signed.json_body(request)
        match given:
            case {"track": str(text), **more} if not more:
                what = (SONG, self.app.ids.number("tr", text), 0, "")
            case {"session_ms": int(at_ms), **more} if not more and type(at_ms) is int and 0 <= at_ms < 1 << 62:
                what = (SITTING, 0, at_ms, "")
            case {"device": str(client), **more} if not more:
                what = (CLIENT, 0, 0, client)
            case _:
                raise Invalid("Send 'track' (an id), 'session_ms' (when something was played in it) or 'device'.")
        noted = await self.app.db.write(_unlearn, viewer, self.app, *what)
        return signed.answer(noted, status=201, Location=f"{self.app.config.base_path}/api/unlearned/{noted['id']}")

    async def learn_again(self, request: web.Request, viewer: Viewer) -> web.Response:
        text = request.match_info["number"]
        if not (text.isascii() and text.isdigit() and len(text) < 18):
            raise NotFound("There is no such exception.")
        await self.app.db.write(taste.learn_again, viewer, int(text))
        return web.Response(status=204)

    async def taste(self, request: web.Request, viewer: Viewer) -> web.Response:
        one = await self.app.db.read(recommend.profile, self.app.part(Minds), viewer)
        return signed.answer({"basis": one.basis, "modes": [
            {"share": round(mode.share, 3), "genres": mode.genres, "artists": mode.artists, "hour": mode.hour,
             "year": mode.year or None, "tracks": [self.app.ids.text("tr", track) for track in mode.tracks[:10]]}
            for mode in one.modes
        ]})  # fmt: skip

    async def replayed(self, request: web.Request, viewer: Viewer) -> web.Response:
        verb = replay.everybody if request.query.get("everybody") == "true" else replay.replay
        async with self._one_at_a_time:
            found = await self.app.db.read(verb, self.app.part(Minds), viewer)
        if found is None:
            return signed.answer({"sittings": 0})
        told = {name: marks._asdict() for name, marks in found._asdict().items() if name != "sittings"}
        return signed.answer({"sittings": found.sittings} | told)

    async def settings(self, request: web.Request, viewer: Viewer) -> web.Response:
        return signed.answer(await self.app.db.read(made.settings, viewer))

    async def switched(self, request: web.Request, viewer: Viewer) -> web.Response:
        given = await signed.json_body(request)
        for name, on in given.items():
            if name not in made.KINDS or not isinstance(on, bool):
                raise Invalid(f"Switch {', '.join(made.KINDS)}, each with true or false.")
        for name, on in given.items():
            await self.app.db.write(made.switch, viewer, name, on)
        return await self.settings(request, viewer)

    def _item(self, text: str) -> tuple[int, int]:
        prefix, number = self.app.ids.parse(text)
        if prefix not in KINDS:
            raise Invalid("Songs, albums and artists can be disliked.")
        return KINDS[prefix], number


def ids_of(given: dict[str, Any]) -> list[str]:
    """Read a list of ids, and nothing else. Raises Invalid."""
    ids = given.get("ids")
    if set(given) != {"ids"} or not isinstance(ids, list) or not 0 < len(ids) <= IDS_MAX:
        raise Invalid(f"Send 'ids', a list of 1 to {IDS_MAX} ids.")
    if not all(type(each) is str for each in ids):
        raise Invalid("An id is a text.")
    return ids


def _dislikes(db, viewer: Viewer, app: App) -> list[dict[str, Any]]:
    told = []
    for each in taste.dislikes(db, viewer):
        prefix = PREFIXES[each.kind]
        name, artist = contents.name(db, viewer, Item(prefix, each.item_id))
        told.append({"id": app.ids.text(prefix, each.item_id), "name": name, "artist": artist or None,
                     "said_ms": each.said_ms, "by": "rating" if each.said_ms is None else "dislike"})  # fmt: skip
    return told


def _unlearn(db, viewer: Viewer, app: App, *what: Any) -> dict[str, Any]:
    """Note an exception and tell of it before anybody can take it back."""
    number = taste.unlearn(db, viewer, *what)
    return next(each for each in _unlearned(db, viewer, app) if each["id"] == number)


def _unlearned(db, viewer: Viewer, app: App) -> list[dict[str, Any]]:
    found = taste.unlearned(db, viewer)
    songs = {song.id: song for song in contents.told(db, viewer, [each.track_id for each in found if each.track_id])}
    told = []
    for each in found:
        one: dict[str, Any] = {"id": each.id, "kind": each.kind, "noted_ms": each.noted_ms}
        if each.kind == SONG:
            song = songs.get(each.track_id)
            one |= {"track": app.ids.text("tr", each.track_id), "title": song and song.title,
                    "artist": song and song.artist}  # fmt: skip
        elif each.kind == SITTING:
            one |= {"began_ms": each.began_ms, "ended_ms": each.ended_ms}
        else:
            one |= {"device": each.client}
        told.append(one)
    return told


def _listed(name: str, about: str, members: dict[str, Any], **beside: Any) -> dict[str, Any]:
    item = {"type": "object", "properties": members}
    schema = {"type": "object", "properties": {name: {"type": "array", "items": item}} | beside}
    return {"200": {"description": about, "content": {"application/json": {"schema": schema}}}}


_GONE = {"204": {"description": "It is taken back."}}
_MS, _SWITCHES = {"type": "integer"}, {kind: {"type": "boolean"} for kind in made.KINDS}
_MAY_TEXT, _MAY_NUMBER = {"type": ["string", "null"]}, {"type": ["integer", "null"]}
_DISLIKES = _listed("dislikes", "What you dislike, newest first; 'by' is \"rating\" for what has one star.", {
    "id": TEXT, "name": TEXT, "artist": _MAY_TEXT, "said_ms": _MAY_NUMBER,
    "by": {"enum": ["dislike", "rating"]}})  # fmt: skip
_SETTINGS = {"200": {"description": "Which lists are made for you.", "content": {
    "application/json": {"schema": {"type": "object", "properties": _SWITCHES}}}}}  # fmt: skip
_UNLEARNED = {
    "id": {"type": "integer"}, "kind": {"enum": [SONG, SITTING, CLIENT]}, "noted_ms": _MS,
    "track": TEXT, "title": _MAY_TEXT, "artist": _MAY_TEXT, "began_ms": _MS, "ended_ms": _MS, "device": TEXT,
}  # fmt: skip
_NOTED = {"201": {"description": "What was noted.", "content": {
    "application/json": {"schema": {"type": "object", "properties": _UNLEARNED}}}}}  # fmt: skip
_MARKS = {"type": "object", "properties": {"r_precision": {"type": "number"}, "ndcg": {"type": "number"}}}
PATHS = {
    "/dislikes": {
        "get": {"summary": "What you dislike.", "responses": _DISLIKES},
        "post": {"summary": "Dislike songs, albums and artists: they are never recommended, and what sounds like them"
                            " seldom.",
                 "requestBody": body({"ids": TEXTS}, ["ids"]), "responses": _DISLIKES},
    },
    "/dislikes/{id}": {
        "delete": {"summary": "Take a dislike back; also a rating of one star.", "responses": _GONE},
    },
    "/unlearned": {
        "get": {"summary": "What nothing is learned from: songs, sittings, devices.",
                "responses": _listed("unlearned", "Newest first.", _UNLEARNED)},
        "post": {"summary": "Learn nothing from a song, from the sitting in which something was played, or from a"
                            " device; one of the three.",
                 "requestBody": body({"track": TEXT, "session_ms": _MS, "device": TEXT}),
                 "responses": _NOTED},
    },
    "/unlearned/{number}": {"delete": {"summary": "Learn from it again.", "responses": _GONE}},
    "/taste": {
        "get": {"summary": "The kinds of music that you like, as they were learned.",
                "responses": _listed("modes", "The largest first.", {
                    "share": {"type": "number"}, "genres": TEXTS, "artists": TEXTS, "hour": _MAY_NUMBER,
                    "year": _MAY_NUMBER, "tracks": TEXTS},
                    basis={**TEXT, "description": "What they were learned from."})},
    },
    "/taste/replay": {
        "get": {
            "summary": "How well recommendations would have foreseen what was then played: R-precision and NDCG, beside"
                       " those of popularity and of chance.",
            "parameters": [parameter("everybody", "The mean over people, for administrators.", {"type": "boolean"})],
            "responses": {"200": {"description": "No sittings where there are too few plays.", "content": {
                "application/json": {"schema": {"type": "object", "properties": {
                    "sittings": {"type": "integer"}, "ours": _MARKS, "popularity": _MARKS, "chance": _MARKS,
                    "new": {**_MARKS, "description": "Of songs that were heard for the first time."},
                    "new_by_chance": _MARKS}}}}}},
        }
    },
    "/taste/settings": {
        "get": {"summary": "Which lists are made for you.", "responses": _SETTINGS},
        "patch": {"summary": "Have lists made, or no longer; those that are switched off go away at once.",
                  "requestBody": body(_SWITCHES), "responses": _SETTINGS},
    },
}  # fmt: skip
