"""What the fake server lets people write, and the files that it sends."""

from dataclasses import dataclass, field
from typing import Any

from conformance.tests.fake_endpoints import Query, Refusal, State, any_of, find, whole
from conformance.tests.fake_library import (
    DURATION_S,
    NOW,
    ROLES,
    Person,
    file_bytes,
    library,
    marked,
    png,
    transcoded,
)


@dataclass(slots=True)
class File:
    kind: str
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)
    ranges: bool = True


class Media:
    state: State

    def stream(self, who: Person, q: Query):
        if q.text("id") in self.state.sounds:
            return File("audio/mpeg", self.state.sounds[q.need("id")])
        song = find("song", q.need("id"))
        if not who.roles.get("streamRole"):
            raise Refusal(50, "may not stream")
        kbps, form = q.number("maxBitRate", 0, 0) or 128, q.text("format")
        seconds = max(1, min(DURATION_S, DURATION_S - q.number("timeOffset", 0, 0)))
        q.flag("estimateContentLength")
        q.flag("converted")
        if form in ("mp3", "opus"):
            kind = {"mp3": "audio/mpeg", "opus": "audio/ogg"}[form]
            return File(kind, transcoded(form, seconds, min(kbps, 128)), ranges=False)
        return File("audio/flac", file_bytes(song["id"]), {"ETag": f'"{song["id"]}"'})

    def download(self, who: Person, q: Query):
        song = find("song", q.need("id"))
        if not who.roles.get("downloadRole"):
            raise Refusal(50, "may not download")
        headers = {"ETag": f'"{song["id"]}"', "Content-Disposition": f'attachment; filename="{song["id"]}.flac"'}
        return File("audio/flac", file_bytes(song["id"]), headers)

    def get_cover_art(self, who: Person, q: Query):
        id_, size = q.need("id"), q.number("size", 300, 1)
        if not (id_.startswith("co-") and id_[3:].isdigit()):
            any_of(id_)
        return File("image/png", png(min(size, 300)), {"ETag": f'"{id_}"'})

    def get_avatar(self, who: Person, q: Query):
        self._person(q)
        return File("image/png", png(64))

    def _person(self, q: Query) -> Person:
        name = q.need("username")
        if name not in self.state.people:
            raise Refusal(70, f"there is no {name}")
        return self.state.people[name]

    def get_lyrics(self, who: Person, q: Query):
        found = [s for s in library()["song"].values() if s["title"] == q.text("title")]
        if not found:
            return {"value": ""}
        return {"value": "la la\nla", "artist": found[0]["artist"], "title": found[0]["title"]}

    def get_lyrics_by_song_id(self, who: Person, q: Query):
        find("song", q.need("id"))
        line = [{"start": 0, "value": "lä"}, {"start": 1500, "value": "la & la"}]
        main = {"lang": "und", "synced": True, "line": line}
        if q.flag("enhanced"):
            words = [{"start": 1500, "end": 1700, "byteStart": 0, "byteEnd": 1, "value": "la"},
                     {"start": 1700, "end": 2000, "byteStart": 5, "byteEnd": 6, "value": "la"}]
            first = [{"start": 0, "end": 900, "byteStart": 0, "byteEnd": 2, "value": "lä"}]
            main |= {"kind": "main", "agents": [{"id": "v1", "role": "main"}], "cueLine": [
                {"index": 0, "value": "lä", "agentId": "v1", "cue": first},
                {"index": 1, "value": "la & la", "agentId": "v1", "cue": words}]}
        return {"structuredLyrics": [main]}


class Marks:
    state: State

    def _named(self, q: Query) -> list[str]:
        ids = [*q.all("id"), *q.all("albumId"), *q.all("artistId")]
        if not ids:
            raise Refusal(10, "id is missing")
        return [any_of(id_)["id"] for id_ in ids]

    def star(self, who: Person, q: Query):
        for id_ in self._named(q):
            who.starred.setdefault(id_, NOW)

    def unstar(self, who: Person, q: Query):
        for id_ in self._named(q):
            who.starred.pop(id_, None)

    def set_rating(self, who: Person, q: Query):
        id_, rating = any_of(q.need("id"))["id"], whole("rating", q.need("rating"))
        if not 0 <= rating <= 5:
            raise Refusal(0, "a rating is 0 to 5")
        who.rating.pop(id_, None)
        if rating:
            who.rating[id_] = rating

    def scrobble(self, who: Person, q: Query):
        q.need("id")
        ids, times = q.all("id"), [whole("time", t) for t in q.all("time")]
        if times and len(times) != len(ids):
            raise Refusal(0, "as many times as ids")
        counts = q.flag("submission", True)
        for at, id_ in enumerate(ids):
            if id_ not in library()["song"]:
                continue
            plays = who.plays.setdefault(id_, [])
            moment = times[at] if times else -len(plays)
            if not counts:
                who.playing = {"id": id_, "state": "playing", "position": 0}
            elif moment not in plays:
                plays.append(moment)

    def report_playback(self, who: Person, q: Query):
        kind, state, position = q.need("mediaType"), q.need("state"), whole("positionMs", q.need("positionMs"))
        song = find("song", q.need("mediaId"))
        rate = q.text("playbackRate", "1")
        if kind not in ("song", "podcast") or state not in ("starting", "playing", "paused", "stopped") or position < 0:
            raise Refusal(0, "no such report")
        if not rate.replace(".", "", 1).isdigit() or float(rate) == 0:
            raise Refusal(0, "no such rate")
        q.flag("ignoreScrobble")
        who.playing = {"id": song["id"], "state": state, "position": position} if state != "stopped" else {}

    def get_bookmarks(self, who: Person, q: Query):
        return {"bookmark": [b | {"entry": marked(who, library()["song"][id_])} for id_, b in who.bookmarks.items()]}

    def create_bookmark(self, who: Person, q: Query):
        id_, position = find("song", q.need("id"))["id"], whole("position", q.need("position"))
        if position < 0:
            raise Refusal(0, "a position below zero")
        who.bookmarks[id_] = {"position": position, "username": who.name, "comment": q.text("comment", ""),
                              "created": NOW, "changed": NOW}

    def delete_bookmark(self, who: Person, q: Query):
        if who.bookmarks.pop(q.need("id"), None) is None:
            raise Refusal(70, "no such bookmark")

    def _queue(self, who: Person) -> dict[str, Any]:
        songs = [marked(who, library()["song"][s]) for s in who.queue.get("ids", [])]
        return {"username": who.name, "changed": NOW, "changedBy": who.queue.get("by", ""), "entry": songs}

    def get_play_queue(self, who: Person, q: Query):
        queue = self._queue(who)
        if queue["entry"]:
            queue |= {"current": who.queue["ids"][who.queue["at"]], "position": who.queue["position"]}
        return queue

    def get_play_queue_by_index(self, who: Person, q: Query):
        queue = self._queue(who)
        if queue["entry"]:
            queue |= {"currentIndex": who.queue["at"], "position": who.queue["position"]}
        return queue

    def _save(self, who: Person, q: Query, ids: list[str], at: int) -> None:
        who.queue = {"ids": ids, "at": at, "position": q.number("position", 0, 0), "by": q.text("c", "")}

    def save_play_queue(self, who: Person, q: Query):
        ids = [id_ for id_ in q.all("id") if id_ in library()["song"]]
        if q.all("id") and ids and q.need("current") not in ids:
            raise Refusal(0, "current is not in the queue")
        self._save(who, q, ids, ids.index(q.need("current")) if ids else 0)

    def save_play_queue_by_index(self, who: Person, q: Query):
        ids = [id_ for id_ in q.all("id") if id_ in library()["song"]]
        at = whole("currentIndex", q.need("currentIndex")) if q.all("id") else 0
        if q.all("id") and ids and not 0 <= at < len(ids):
            raise Refusal(10, "no such index")
        self._save(who, q, ids, at)


class People(Media):
    def get_user(self, who: Person, q: Query):
        if q.need("username").lower() != who.name.lower():
            self._admin(who)
        return self._person(q).facts()

    def get_users(self, who: Person, q: Query):
        self._admin(who)
        return {"user": [p.facts() for p in self.state.people.values()]}

    def _admin(self, who: Person) -> None:
        if not who.roles.get("adminRole"):
            raise Refusal(50, "only administrators")

    def _change(self, person: Person, q: Query, defaults: dict[str, bool]) -> None:
        roles = {role: q.flag(role, person.roles.get(role, defaults.get(role, False))) for role in ROLES}
        q.flag("ldapAuthenticated")
        folders = [whole("musicFolderId", f) for f in q.all("musicFolderId")]
        person.max_bit_rate = q.number("maxBitRate", person.max_bit_rate)
        person.email, person.roles = q.text("email", person.email), roles
        person.folders = folders or person.folders

    def create_user(self, who: Person, q: Query):
        self._admin(who)
        person = Person(q.need("username"), plain(q.need("password")), q.need("email"))
        if person.name in self.state.people:
            raise Refusal(0, "that name is taken")
        self._change(person, q, {"settingsRole": True, "streamRole": True})
        self.state.people[person.name] = person

    def update_user(self, who: Person, q: Query):
        self._admin(who)
        person = self._person(q)
        self._change(person, q, {})
        if q.text("password"):
            person.password = plain(q.need("password"))

    def delete_user(self, who: Person, q: Query):
        self._admin(who)
        del self.state.people[self._person(q).name]

    def change_password(self, who: Person, q: Query):
        new = plain(q.need("password"))
        if q.need("username") != who.name:
            self._admin(who)
        self._person(q).password = new

    def get_scan_status(self, who: Person, q: Query):
        return {"scanning": False, "count": len(library()["song"])}

    def start_scan(self, who: Person, q: Query):
        self._admin(who)
        return self.get_scan_status(who, q)


def plain(password: str) -> str:
    """A password as it was sent; raises Refusal 40 at bad hexadecimal."""
    if not password.startswith("enc:"):
        return password
    try:
        return bytes.fromhex(password[4:]).decode()
    except ValueError:
        raise Refusal(40, "wrong user or password") from None
