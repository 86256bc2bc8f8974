"""The music, the people and the marks of the fake server: small, made up, and always the same.

Everything lives in plain dictionaries; what a viewer sees of them is put together anew for every answer.
"""

import struct
import zlib
from dataclasses import dataclass, field
from functools import cache
from typing import Any

NAMES = ("Ada Lind", "Björk Ågren", "Czerny", "日本の音", "The Éclairs", "Fjord", "9 Lives")
GENRES = ("Rock", "Jazz & Blues", "Ambient")
WORDS = ("Morning", "River", "Copper", "Lantern", "Nöel", "Harbour", "Willow", "Sparrow")
ROLES = ("adminRole", "settingsRole", "downloadRole", "uploadRole", "playlistRole", "coverArtRole", "commentRole",
         "podcastRole", "streamRole", "jukeboxRole", "shareRole", "videoConversionRole")
ALBUMS, SONGS_EACH, DURATION_S, SIZE = 23, 3, 8, 3000
ADDED = "2026-10-{:02d}T10:00:00.000Z"
NOW = "2026-11-20T09:16:52.273Z"


@dataclass(slots=True)
class Person:
    """One account with all that is its own."""

    name: str
    password: str
    email: str = ""
    roles: dict[str, bool] = field(default_factory=dict)
    max_bit_rate: int = 0
    folders: list[int] = field(default_factory=lambda: [1, 2])
    starred: dict[str, str] = field(default_factory=dict)
    rating: dict[str, int] = field(default_factory=dict)
    plays: dict[str, list[int]] = field(default_factory=dict)
    bookmarks: dict[str, dict[str, Any]] = field(default_factory=dict)
    queue: dict[str, Any] = field(default_factory=dict)
    playing: dict[str, Any] = field(default_factory=dict)

    def facts(self) -> dict[str, Any]:
        return {"username": self.name, "email": self.email, "scrobblingEnabled": True, "maxBitRate": self.max_bit_rate,
                "folder": list(self.folders), **{role: self.roles.get(role, False) for role in ROLES}}


@cache
def library() -> dict[str, dict[str, dict[str, Any]]]:
    """Artists, albums, songs by id, without anybody's marks."""
    artists = {f"ar-{n}": {"id": f"ar-{n}", "name": name, "coverArt": f"co-{n}"} for n, name in enumerate(NAMES)}
    albums, songs = {}, {}
    for n in range(ALBUMS):
        artist, genre = artists[f"ar-{n % len(NAMES)}"], GENRES[n % len(GENRES)]
        album = {"id": f"al-{n}", "name": f"{WORDS[n % 8]} {n}", "artist": artist["name"], "artistId": artist["id"],
                 "coverArt": f"co-{n}", "songCount": SONGS_EACH, "duration": SONGS_EACH * DURATION_S,
                 "created": ADDED.format(n + 1), "year": 1980 + n, "genre": genre, "genres": [{"name": genre}],
                 "artists": [{"id": artist["id"], "name": artist["name"]}], "isCompilation": False}
        albums[album["id"]] = album
        for track in range(1, SONGS_EACH + 1):
            song = _song(n, track, album, artist, genre)
            songs[song["id"]] = song
    for id_, artist in artists.items():
        artist["albumCount"] = sum(a["artistId"] == id_ for a in albums.values())
    return {"artist": artists, "album": albums, "song": songs}


def _song(n: int, track: int, album: dict, artist: dict, genre: str) -> dict[str, Any]:
    id_ = f"tr-{n * SONGS_EACH + track}"
    return {
        "id": id_, "parent": f"fo-{n}", "isDir": False, "title": f"{WORDS[(n + track) % 8]} Song {id_[3:]}",
        "album": album["name"], "artist": artist["name"], "track": track, "discNumber": 1, "year": album["year"],
        "genre": genre, "genres": [{"name": genre}], "coverArt": album["coverArt"], "size": SIZE, "suffix": "flac",
        "contentType": "audio/flac", "duration": DURATION_S, "bitRate": 700, "path": f"{artist['name']}/{id_}.flac",
        "isVideo": False, "created": album["created"], "albumId": album["id"], "artistId": artist["id"],
        "type": "music", "mediaType": "song", "bpm": 0, "isrc": [], "replayGain": {"trackGain": -6.5},
        "artists": [{"id": artist["id"], "name": artist["name"]}],
    }


def marked(person: Person, one: dict[str, Any]) -> dict[str, Any]:
    """A song, album or artist as this person sees it."""
    id_, seen = one["id"], dict(one)
    if id_ in person.starred:
        seen["starred"] = person.starred[id_]
    if id_ in person.rating:
        seen["userRating"] = person.rating[id_]
    if person.plays.get(id_):
        seen |= {"playCount": len(person.plays[id_]), "played": NOW}
    return seen


def as_folder(person: Person, album: dict[str, Any]) -> dict[str, Any]:
    """An album as the folder view shows it."""
    shown = {"id": album["id"], "isDir": True, "title": album["name"], "album": album["name"],
             "artist": album["artist"], "artistId": album["artistId"], "coverArt": album["coverArt"],
             "year": album["year"], "genre": album["genre"], "created": album["created"]}
    return marked(person, shown)


def file_bytes(id_: str) -> bytes:
    seed = zlib.crc32(id_.encode()).to_bytes(4, "big")
    return (b"fLaC" + seed * (SIZE // 4))[:SIZE]


def transcoded(form: str, seconds: int, kbps: int) -> bytes:
    head = b"ID3\x04" if form == "mp3" else b"OggS" + bytes(24) + b"OpusHead"
    return (head + bytes(seconds * kbps * 125))[: max(64, seconds * kbps * 125)]


@cache
def png(side: int) -> bytes:
    """A black square."""
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = zlib.compress((b"\0" + bytes(side)) * side)
    head = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
