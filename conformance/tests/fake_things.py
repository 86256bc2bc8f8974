"""What the fake server keeps for all: shares, stations, the chat, the jukebox."""

from datetime import UTC, datetime
from typing import Any

from conformance.tests.fake_endpoints import Query, Refusal, State, any_of, find, whole
from conformance.tests.fake_library import NOW, Person, library, marked

LATEST = 253_370_764_800_000


def moment(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def now_ms() -> int:
    return int(datetime.now(UTC).timestamp() * 1000)


def needs_role(who: Person, role: str) -> None:
    if not who.roles.get(role):
        raise Refusal(50, f"without {role}")


class Shares:
    state: State

    def _shared(self, q: Query) -> list[str]:
        q.need("id")
        songs = []
        for id_ in q.all("id"):
            any_of(id_)
            songs += [id_] if id_ in library()["song"] else [
                s["id"] for s in library()["song"].values() if s["albumId"] == id_]
        return songs

    def _share(self, who: Person, one: dict[str, Any]) -> dict[str, Any]:
        shown = {name: v for name, v in one.items() if name not in ("songs", "expires_ms") and v is not None}
        if one["expires_ms"]:
            shown["expires"] = moment(one["expires_ms"])
        return shown | {"entry": [marked(who, library()["song"][s]) for s in one["songs"]]}

    def _own_share(self, who: Person, q: Query) -> dict[str, Any]:
        one = self.state.shares.get(q.need("id"))
        if not one or one["username"] != who.name:
            raise Refusal(70, "there is no such share")
        return one

    def get_shares(self, who: Person, q: Query):
        return {"share": [self._share(who, s) for s in self.state.shares.values() if s["username"] == who.name]}

    def create_share(self, who: Person, q: Query):
        needs_role(who, "shareRole")
        songs, expires = self._shared(q), min(q.number("expires", 0, 0), LATEST)
        id_ = self.state.mint("sh")
        one = {"id": id_, "url": f"http://fake.example/share/{id_}", "username": who.name, "created": NOW,
               "visitCount": 0, "description": q.text("description"), "expires_ms": expires, "songs": songs}
        self.state.shares[id_] = one
        return {"share": [self._share(who, one)]}

    def update_share(self, who: Person, q: Query):
        one = self._own_share(who, q)
        expires = min(q.number("expires", one["expires_ms"], 0), LATEST)
        one |= {"expires_ms": expires, "description": q.text("description", one["description"])}

    def delete_share(self, who: Person, q: Query):
        del self.state.shares[self._own_share(who, q)["id"]]

    def share_opens(self, id_: str) -> bool:
        """A stranger comes to the page of a share."""
        one = self.state.shares.get(id_)
        if not one or (one["expires_ms"] and one["expires_ms"] < now_ms()):
            return False
        one |= {"visitCount": one["visitCount"] + 1, "lastVisited": NOW}
        return True


class Radio:
    state: State

    def get_internet_radio_stations(self, who: Person, q: Query):
        return {"internetRadioStation": list(self.state.stations.values())}

    def _station(self, q: Query, id_: str) -> dict[str, Any]:
        one = {"id": id_, "name": q.need("name"), "streamUrl": q.need("streamUrl")}
        return one | ({"homePageUrl": q.need("homepageUrl")} if "homepageUrl" in q.values else {})

    def _known_station(self, who: Person, q: Query) -> str:
        needs_role(who, "adminRole")
        if q.need("id") not in self.state.stations:
            raise Refusal(70, "there is no such station")
        return q.need("id")

    def create_internet_radio_station(self, who: Person, q: Query):
        needs_role(who, "adminRole")
        made = self._station(q, self.state.mint("ra"))
        self.state.stations[made["id"]] = made

    def update_internet_radio_station(self, who: Person, q: Query):
        id_ = self._known_station(who, q)
        self.state.stations[id_] = self._station(q, id_)

    def delete_internet_radio_station(self, who: Person, q: Query):
        del self.state.stations[self._known_station(who, q)]


class Chat:
    state: State

    def get_chat_messages(self, who: Person, q: Query):
        since = q.number("since", 0)
        return {"chatMessage": [m for m in self.state.messages if m["time"] > since]}

    def add_chat_message(self, who: Person, q: Query):
        last = self.state.messages[-1]["time"] if self.state.messages else 0
        said = {"username": who.name, "time": max(now_ms(), last + 1), "message": q.need("message")}
        self.state.messages.append(said)


ACTIONS = ("get", "status", "set", "start", "stop", "skip", "add", "clear", "remove", "shuffle", "setGain")


class Jukebox:
    state: State

    def jukebox_control(self, who: Person, q: Query):
        action, box = q.need("action"), self.state.jukebox
        needs_role(who, "jukeboxRole")
        if action not in ACTIONS:
            raise Refusal(0, f"{action} is no action")
        q.number("index")
        q.number("offset")
        q.fraction("gain")
        ids = [find("song", id_)["id"] for id_ in q.all("id")]
        if action in ("skip", "remove") and not 0 <= whole("index", q.need("index")) < len(box["ids"]):
            raise Refusal(0, "no such index")
        getattr(self, f"_box_{action.lower()}", lambda box, q, ids: None)(box, q, ids)
        shown = {"currentIndex": box["at"], "playing": box["playing"], "gain": box["gain"], "position": 0}
        if action == "get":
            entries = [marked(who, library()["song"][s]) for s in box["ids"]]
            return {"jukeboxPlaylist": shown | {"entry": entries}}
        return shown

    def _box_set(self, box: dict[str, Any], q: Query, ids: list[str]) -> None:
        box["ids"], box["at"] = ids, 0

    def _box_clear(self, box: dict[str, Any], q: Query, ids: list[str]) -> None:
        box["ids"], box["at"], box["playing"] = [], 0, False

    def _box_add(self, box: dict[str, Any], q: Query, ids: list[str]) -> None:
        box["ids"] += ids

    def _box_remove(self, box: dict[str, Any], q: Query, ids: list[str]) -> None:
        del box["ids"][q.number("index")]

    def _box_shuffle(self, box: dict[str, Any], q: Query, ids: list[str]) -> None:
        box["ids"].reverse()

    def _box_skip(self, box: dict[str, Any], q: Query, ids: list[str]) -> None:
        box["at"], box["playing"] = q.number("index"), True

    def _box_start(self, box: dict[str, Any], q: Query, ids: list[str]) -> None:
        box["playing"] = True

    def _box_stop(self, box: dict[str, Any], q: Query, ids: list[str]) -> None:
        box["playing"] = False

    def _box_setgain(self, box: dict[str, Any], q: Query, ids: list[str]) -> None:
        box["gain"] = q.fraction("gain", needed=True)
