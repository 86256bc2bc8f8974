"""`/api/radio` and `/api/alchemy`: endless radio and instant mixes from anything, and these but not those.

Both take JSON, as a session that has heard a thousand songs says so in no address.
The rule a newcomer would break: nothing of a session is kept here; the answer's
"session" and what was heard come back with the next question.
"""

import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from aiohttp import web

from ai import alchemy, radio
from ai.minds import Minds
from ai.radio import Heard
from ai.seeds import Seeds
from ai.similar import Knobs
from server.api import ears, signed
from server.api.parameters import TEXT, TEXTS, body, checked, texts
from server.app import App
from server.kernel.errors import Invalid, NotFound
from server.playlists import contents
from server.playlists.contents import Item
from server.users.people import Viewer

COUNT, COUNT_MAX = 10, 200
IDS_MAX, HEARD_MAX = 100, 10_000
WORD_CHARS = 200
SEEDS = {"ids": list, "genres": list, "words": str, "taste": bool}
RADIO = SEEDS | {"knobs": dict, "count": int, "session": str, "played": list, "skipped": list, "liked": list}
ALCHEMY = {"these": dict, "those": dict, "exclusion": float, "knobs": dict, "count": int, "session": str}


class Radio:
    """The handlers."""

    def __init__(self, app: App):
        self.app = app

    async def radio(self, request: web.Request, viewer: Viewer) -> web.Response:
        given = checked(await signed.json_body(request), RADIO)
        heard = Heard(*(self._songs(given, name) for name in Heard._fields))
        session = session_of(given)
        found = await self.app.db.read(
            radio.after, self.app.part(Minds), viewer, self._seeds(given), heard, count_of(given),
            knobs_of(given, radio.USUAL), session,
        )  # fmt: skip
        told = await self._told(viewer, [(each.track_id, each.closeness, each.reasons) for each in found.tracks])
        likes = await self._names(viewer, [each.like for each in found.tracks])
        by_id = {self.app.ids.text("tr", each.track_id): likes.get(each.like) for each in found.tracks}
        return signed.answer({
            "session": session, "radio": [song | {"like": by_id[song["id"]]} for song in told],
            "sentence": found.sentence,
        })  # fmt: skip

    async def alchemy(self, request: web.Request, viewer: Viewer) -> web.Response:
        given = checked(await signed.json_body(request), ALCHEMY)
        these, those = (self._seeds(checked(given.get(name, {}), SEEDS)) for name in ("these", "those"))
        session = session_of(given)
        found = await self.app.db.read(
            alchemy.mix, self.app.part(Minds), viewer, these, those, count_of(given),
            float(given.get("exclusion", 0.5)), knobs_of(given, Knobs()), session,
        )  # fmt: skip
        told = await self._told(viewer, found.tracks)
        more = {name: getattr(found, name) for name in ("considered", "removed", "loosen_to", "sentence")}
        return signed.answer({"session": session, "alchemy": told} | more)

    def _seeds(self, given: Mapping[str, Any]) -> Seeds:
        """Read seeds. Raises Invalid, and NotFound for what is no id."""
        ids, genres = texts(given, "ids", IDS_MAX), texts(given, "genres", IDS_MAX)
        items = tuple(Item(*self.app.ids.parse(text)) for text in ids)
        return Seeds(items, tuple(genres), given.get("words", "").strip()[:WORD_CHARS], given.get("taste", False))

    def _songs(self, given: Mapping[str, Any], name: str) -> tuple[int, ...]:
        """Read what was heard; what is no song of ours, a podcast for one, was none."""
        found = []
        for text in texts(given, name, HEARD_MAX):
            try:
                found.append(self.app.ids.number("tr", text))
            except NotFound:
                continue
        return tuple(found)

    async def _told(self, viewer: Viewer, found: Sequence[tuple[int, float, Sequence[str]]]) -> list[dict[str, Any]]:
        names = await self._names(viewer, [track for track, _, _ in found])
        return [names[track] | {"similarity": closeness, "reasons": reasons}
                for track, closeness, reasons in found if track in names]  # fmt: skip

    async def _names(self, viewer: Viewer, track_ids: Sequence[int]) -> dict[int, dict[str, Any]]:
        songs = await self.app.db.read(contents.told, viewer, sorted(set(track_ids)))
        return {each.id: ears.song(self.app, each) for each in songs}


def count_of(given: Mapping[str, Any]) -> int:
    count = given.get("count", COUNT)
    if not 1 <= count <= COUNT_MAX:
        raise Invalid(f"'count' has to be from 1 to {COUNT_MAX}.")
    return count


def session_of(given: Mapping[str, Any]) -> str:
    return given.get("session", "")[:WORD_CHARS] or secrets.token_hex(8)


def knobs_of(given: Mapping[str, Any], usual: Knobs) -> Knobs:
    """Read the knobs that were turned. Raises Invalid."""
    turned = checked(given.get("knobs", {}), dict.fromkeys(Knobs._fields, float))
    return usual._replace(**{name: float(value) for name, value in turned.items()}).checked()


def _array(about: str) -> dict[str, Any]:
    return {**TEXTS, "description": about}


_KNOBS = {
    "type": "object", "properties": {each["name"]: each["schema"] | {"description": each["description"]}
                                     for each in ears.KNOBS},
}  # fmt: skip
_COUNT = {"type": "integer", "minimum": 1, "maximum": COUNT_MAX, "default": COUNT}
_SESSION = {**TEXT, "description": "As an earlier answer said it; without it another radio begins."}
_SEEDS = {
    "ids": _array("Songs, albums, artists, playlists and folders."), "genres": _array("Genres."),
    "words": {**TEXT, "description": "What it should be like, such as: rainy piano."},
    "taste": {"type": "boolean", "description": "Also what you like."},
}  # fmt: skip
_SENTENCE = {**TEXT, "description": "What is to be said of it; empty when all is well."}


def _answer(name: str, about: str, song: Mapping[str, Any], more: Mapping[str, Any]) -> dict[str, Any]:
    members = {"session": TEXT, name: {"type": "array", "items": song}, "sentence": _SENTENCE, **more}
    schema = {"type": "object", "properties": members}
    return {"200": {"description": about, "content": {"application/json": {"schema": schema}}}}


_SONG = {"type": "object", "properties": ears.SONG["properties"] | {"like": {
    "type": ["object", "null"], "properties": ears.NAMED,
    "description": "The song that it is nearest to, and that the reasons speak of."}}}  # fmt: skip
PATHS = {
    "/radio": {
        "post": {
            "summary": "What comes next in an endless radio; the first page of one is an instant mix.",
            "requestBody": body(_SEEDS | {
                "played": _array("Songs that this session has heard, oldest first; none of them comes again."),
                "skipped": _array("Those that were skipped, oldest first: what sounds like them is pushed down."),
                "liked": _array("Those that were liked: they lead on."),
                "knobs": _KNOBS, "count": _COUNT, "session": _SESSION,
            }),
            "responses": _answer("radio", "In the order in which they play.", _SONG, {}),
        }
    },
    "/alchemy": {
        "post": {
            "summary": "Songs like these, and not like those.",
            "requestBody": body({
                "these": {"type": "object", "properties": _SEEDS}, "those": {"type": "object", "properties": _SEEDS},
                "exclusion": {"type": "number", "minimum": 0, "maximum": 1, "default": 0.5,
                              "description": "At 0.5 what is nearer to those than to these goes, at 1 also what is"
                                             " not twice as far from those, at 0 only those themselves."},
                "knobs": _KNOBS, "count": _COUNT, "session": _SESSION,
            }, ["these"]),
            "responses": _answer("alchemy", "Most alike first.", ears.SONG, {
                "considered": {"type": "integer", "description": "How many songs near to these were looked at."},
                "removed": {"type": "integer", "description": "How many of them the exclusion took."},
                "loosen_to": {"type": ["number", "null"], "description": "The exclusion that would leave enough."},
            }),
        }
    },
}  # fmt: skip
