"""What the fake server answers: the right thing, in the shortest way.

A handler takes the asking person and the query and returns the payload, a `File`, or None for an empty answer.
"""

import unicodedata
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from conformance.tests.fake_library import DURATION_S, GENRES, NOW, Person, as_folder, library, marked


class Refusal(Exception):
    def __init__(self, code: int, message: str):
        super().__init__(message)
        self.code = code


class Status(Exception):
    """Refused with an HTTP status and nothing else."""

    def __init__(self, code: int):
        super().__init__(code)
        self.code = code


@dataclass(slots=True)
class Query:
    """Parameters, read strictly."""

    values: dict[str, list[str]]
    body: bytes = b""

    def all(self, name: str) -> list[str]:
        return self.values.get(name, [])

    def text(self, name: str, default: str | None = None) -> str | None:
        return self.all(name)[0] if self.all(name) else default

    def need(self, name: str) -> str:
        if name not in self.values:
            raise Refusal(10, f"{name} is missing")
        return self.values[name][0]

    def number(self, name: str, default: int | None = None, least: int | None = None) -> int | None:
        if name not in self.values:
            return default
        return whole(name, self.values[name][0], least)

    def fraction(self, name: str, needed: bool = False) -> float | None:
        if not needed and name not in self.values:
            return None
        try:
            number = float(self.need(name))
        except ValueError:
            raise Refusal(0, f"{name} is no number") from None
        if not 0 <= number <= 1:
            raise Refusal(0, f"{name} is 0 to 1")
        return number

    def flag(self, name: str, default: bool | None = False) -> bool | None:
        got = self.text(name)
        if got is None:
            return default
        if got.lower() not in ("true", "false", "1", "0"):
            raise Refusal(0, f"{name} is neither true nor false")
        return got.lower() in ("true", "1")


def whole(name: str, text: str, least: int | None = None) -> int:
    try:
        number = int(text)
    except ValueError:
        raise Refusal(0, f"{name} is no number") from None
    return number if least is None else max(least, number)


@dataclass(slots=True)
class State:
    """What the fake server remembers."""

    people: dict[str, Person] = field(default_factory=dict)
    playlists: dict[str, dict[str, Any]] = field(default_factory=dict)
    shares: dict[str, dict[str, Any]] = field(default_factory=dict)
    stations: dict[str, dict[str, Any]] = field(default_factory=dict)
    messages: list[dict[str, Any]] = field(default_factory=list)
    channels: dict[str, dict[str, Any]] = field(default_factory=dict)
    sounds: dict[str, bytes] = field(default_factory=dict)
    jukebox: dict[str, Any] = field(default_factory=lambda: {"ids": [], "at": 0, "playing": False, "gain": 0.5})
    minted: int = 0

    def mint(self, kind: str) -> str:
        self.minted += 1
        return f"{kind}-{self.minted}"


def find(kind: str, id_: str) -> dict[str, Any]:
    try:
        return library()[kind][id_]
    except KeyError:
        raise Refusal(70, f"there is no {kind} {id_}") from None


def any_of(id_: str) -> dict[str, Any]:
    for kind in ("song", "album", "artist"):
        if id_ in library()[kind]:
            return library()[kind][id_]
    raise Refusal(70, f"there is no {id_}")


class Browsing:
    state: State

    def get_music_folders(self, who: Person, q: Query):
        return {"musicFolder": [{"id": n, "name": f"Folder {n}"} for n in who.folders]}

    def _index(self, who: Person, q: Query):
        folder = q.number("musicFolderId")
        letters: dict[str, list] = {}
        for n, artist in enumerate(library()["artist"].values()):
            if folder is None or n % 2 + 1 == folder:
                letters.setdefault(artist["name"][0], []).append(marked(who, artist))
        return [{"name": letter, "artist": artists} for letter, artists in sorted(letters.items())]

    def get_artists(self, who: Person, q: Query):
        return {"ignoredArticles": "The El La", "index": self._index(who, q)}

    def get_indexes(self, who: Person, q: Query):
        modified = 1_763_000_000_000
        if (q.number("ifModifiedSince") or 0) >= modified:
            return {}
        index = self._index(who, q)
        for letter in index:
            letter["artist"] = [{"id": a["id"], "name": a["name"]} for a in letter["artist"]]
        return {"indexes": {"lastModified": modified, "ignoredArticles": "The El La", "index": index}}

    def get_music_directory(self, who: Person, q: Query):
        id_ = q.need("id")
        if id_ in library()["artist"]:
            albums = [a for a in library()["album"].values() if a["artistId"] == id_]
            children = [as_folder(who, a) | {"parent": id_} for a in albums]
            return {"id": id_, "name": library()["artist"][id_]["name"], "child": children}
        album = find("album", id_)
        songs = [marked(who, s) | {"parent": id_} for s in library()["song"].values() if s["albumId"] == id_]
        return {"id": id_, "parent": album["artistId"], "name": album["name"], "child": songs}

    def get_genres(self, who: Person, q: Query):
        songs, albums = library()["song"].values(), library()["album"].values()
        return {"genre": [{"value": g, "songCount": sum(s["genre"] == g for s in songs),
                           "albumCount": sum(a["genre"] == g for a in albums)} for g in GENRES]}

    def get_artist(self, who: Person, q: Query):
        artist = find("artist", q.need("id"))
        albums = [marked(who, a) for a in library()["album"].values() if a["artistId"] == artist["id"]]
        return marked(who, artist) | {"album": albums}

    def get_album(self, who: Person, q: Query):
        album = find("album", q.need("id"))
        songs = [marked(who, s) for s in library()["song"].values() if s["albumId"] == album["id"]]
        return marked(who, album) | {"song": songs}

    def get_song(self, who: Person, q: Query):
        return marked(who, find("song", q.need("id")))

    def get_artist_info(self, who: Person, q: Query):
        any_of(q.need("id"))
        count = q.number("count", 20, 0)
        q.flag("includeNotPresent")
        similar = [{"id": a["id"], "name": a["name"]} for a in library()["artist"].values()]
        return {"biography": "Born & raised.", "similarArtist": similar[:count]}

    get_artist_info2 = get_artist_info

    def get_album_info(self, who: Person, q: Query):
        any_of(q.need("id"))
        return {"notes": "A <b>record</b>."}

    get_album_info2 = get_album_info

    def get_similar_songs(self, who: Person, q: Query):
        any_of(q.need("id"))
        count = q.number("count", 50, 0)
        return {"song": [marked(who, s) for s in list(library()["song"].values())[:count]]}

    get_similar_songs2 = get_similar_songs

    def get_top_songs(self, who: Person, q: Query):
        count = q.number("count", 50, 0)
        name = find("artist", q.text("id"))["name"] if q.text("id") is not None else q.need("artist")
        return {"song": [marked(who, s) for s in library()["song"].values() if s["artist"] == name][:count]}


KINDS = ("random", "newest", "highest", "frequent", "recent", "alphabeticalByName", "alphabeticalByArtist", "starred",
         "byYear", "byGenre")


class Lists:
    state: State

    def _albums(self, who: Person, q: Query) -> list[dict[str, Any]]:
        kind = q.need("type")
        if kind not in KINDS:
            raise Refusal(0, f"{kind} is no type of list")
        rows = [a for n, a in enumerate(library()["album"].values())
                if q.number("musicFolderId") in (None, n % len(library()["artist"]) % 2 + 1)]
        if kind == "byYear":
            low, high = whole("fromYear", q.need("fromYear")), whole("toYear", q.need("toYear"))
            rows = [a for a in rows if min(low, high) <= a["year"] <= max(low, high)]
            rows.sort(key=lambda a: a["year"], reverse=low > high)
        elif kind == "byGenre":
            genre = q.need("genre")
            rows = [a for a in rows if a["genre"] == genre]
        elif kind == "starred":
            rows = [a for a in rows if a["id"] in who.starred]
        elif kind == "newest":
            rows.sort(key=lambda a: a["created"], reverse=True)
        else:
            rows.sort(key=lambda a: (a["artist" if kind == "alphabeticalByArtist" else "name"], a["id"]))
        size, offset = min(500, q.number("size", 10, 0)), q.number("offset", 0, 0)
        return rows[offset : offset + size]

    def get_album_list(self, who: Person, q: Query):
        return {"album": [as_folder(who, a) for a in self._albums(who, q)]}

    def get_album_list2(self, who: Person, q: Query):
        return {"album": [marked(who, a) for a in self._albums(who, q)]}

    def get_random_songs(self, who: Person, q: Query):
        low, high, genre = q.number("fromYear", 0), q.number("toYear", 9999), q.text("genre")
        rows = [s for s in library()["song"].values() if low <= s["year"] <= high and genre in (None, s["genre"])]
        self.state.minted += 1
        turn = self.state.minted % (len(rows) or 1)
        return {"song": [marked(who, s) for s in rows[turn:] + rows[:turn]][: min(500, q.number("size", 10, 0))]}

    def get_songs_by_genre(self, who: Person, q: Query):
        rows = [s for s in library()["song"].values() if s["genre"] == q.need("genre")]
        size, offset = min(500, q.number("count", 10, 0)), q.number("offset", 0, 0)
        return {"song": [marked(who, s) for s in rows[offset : offset + size]]}

    def get_now_playing(self, who: Person, q: Query):
        rows = [(p, p.playing) for p in self.state.people.values() if p.playing]
        return {"entry": [marked(who, library()["song"][now["id"]]) | {
            "username": p.name, "minutesAgo": 0, "playerId": 1, "playerName": "fake", "state": now["state"],
            "positionMs": now["position"], "playbackRate": 1.0} for p, now in rows]}

    def get_starred(self, who: Person, q: Query):
        found = self.get_starred2(who, q)
        return {"artist": [{"id": a["id"], "name": a["name"], "starred": a["starred"]} for a in found["artist"]],
                "album": [as_folder(who, a) for a in found["album"]], "song": found["song"]}

    def get_starred2(self, who: Person, q: Query):
        ids = list(reversed(who.starred))
        return {kind: [marked(who, library()[kind][i]) for i in ids if i in library()[kind]]
                for kind in ("artist", "album", "song")}

    def _search(self, who: Person, q: Query) -> dict[str, list[dict[str, Any]]]:
        query = fold(q.text("query", "").strip('"').removesuffix("*"))
        words = query.split()
        found = {}
        for kind, name in (("artist", "name"), ("album", "name"), ("song", "title")):
            rows = []
            for n, one in enumerate(library()[kind].values()):
                if q.number("musicFolderId") not in (None, n % 2 + 1):
                    continue
                text = fold(f"{one[name]} {one.get('artist', '')}")
                if all(word in text for word in words):
                    rows.append(marked(who, one))
            count, offset = q.number(f"{kind}Count", 20, 0), q.number(f"{kind}Offset", 0, 0)
            found[kind] = rows[offset : offset + min(count, 500)]
        return found

    def search3(self, who: Person, q: Query):
        return self._search(who, q)

    def search2(self, who: Person, q: Query):
        found = self._search(who, q)
        found["artist"] = [{"id": a["id"], "name": a["name"]} for a in found["artist"]]
        found["album"] = [as_folder(who, library()["album"][a["id"]]) for a in found["album"]]
        return found

    def search(self, who: Person, q: Query):
        text = fold(q.text("any") or q.text("title") or "")
        q.number("newerThan")
        rows = [marked(who, s) for s in library()["song"].values() if text in fold(s["title"])]
        count, offset = q.number("count", 20, 0), q.number("offset", 0, 0)
        return {"offset": offset, "totalHits": len(rows), "match": rows[offset : offset + count]}


@cache
def fold(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKD", text.lower()) if not unicodedata.combining(c))


class Playlists:
    state: State

    def _mine(self, who: Person, id_: str) -> dict[str, Any]:
        one = self._seen(who, id_)
        if one["owner"] != who.name:
            raise Refusal(50, "not your playlist")
        return one

    def _seen(self, who: Person, id_: str) -> dict[str, Any]:
        one = self.state.playlists.get(id_)
        if not one or (one["owner"] != who.name and not one["public"]):
            raise Refusal(70, f"there is no playlist {id_}")
        return one

    def _row(self, one: dict[str, Any]) -> dict[str, Any]:
        songs = one["songs"]
        row = {name: one[name] for name in ("id", "name", "owner", "public", "created", "changed")}
        return row | {"comment": one["comment"], "songCount": len(songs), "duration": len(songs) * DURATION_S}

    def _whole(self, who: Person, one: dict[str, Any]) -> dict[str, Any]:
        return self._row(one) | {"entry": [marked(who, library()["song"][s]) for s in one["songs"]]}

    def get_playlists(self, who: Person, q: Query):
        if q.text("username", who.name) != who.name and not who.roles.get("adminRole"):
            raise Refusal(50, "only administrators")
        name = q.text("username", who.name)
        rows = [p for p in self.state.playlists.values() if p["owner"] == name or p["public"]]
        return {"playlist": [self._row(p) for p in rows]}

    def get_playlist(self, who: Person, q: Query):
        return self._whole(who, self._seen(who, q.need("id")))

    def create_playlist(self, who: Person, q: Query):
        songs = [find("song", id_)["id"] for id_ in q.all("songId") if id_ in library()["song"]]
        if q.text("playlistId") is not None:
            one = self._mine(who, q.need("playlistId"))
            one["songs"] = songs
        else:
            self.state.minted += 1
            one = {"id": f"pl-{self.state.minted}", "name": q.need("name"), "owner": who.name, "public": False,
                   "comment": "", "created": NOW, "changed": NOW, "songs": songs}
            self.state.playlists[one["id"]] = one
        return self._whole(who, one)

    def update_playlist(self, who: Person, q: Query):
        one = self._mine(who, q.need("playlistId"))
        gone = {whole("songIndexToRemove", at) for at in q.all("songIndexToRemove")}
        public = q.flag("public", None)
        one["songs"] = [s for at, s in enumerate(one["songs"]) if at not in gone]
        one["songs"] += [s for s in q.all("songIdToAdd") if s in library()["song"]]
        for name in ("name", "comment"):
            if q.text(name) is not None:
                one[name] = q.text(name)
        if public is not None:
            one["public"] = public

    def delete_playlist(self, who: Person, q: Query):
        del self.state.playlists[self._mine(who, q.need("id"))["id"]]
