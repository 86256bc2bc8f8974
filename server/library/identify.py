"""From what a file says of itself to what it is: pure, no database, no disk.

An album is known by its MusicBrainz release, else by album artist, title and
the folder that holds it, discs folded into one: so two albums called "Greatest
Hits" stay two, and a double album in two folders stays one.
"""

import re
from dataclasses import dataclass, field
from typing import NamedTuple

from server.library.facts import Day, Gain
from server.library.names import UNKNOWN_ALBUM, UNKNOWN_ARTIST, VARIOUS_ARTISTS, VARIOUS_ARTISTS_MBID, fold

Tags = dict[str, list[str]]


class Person(NamedTuple):
    """An artist as a file names them."""

    name: str
    sort: str = ""
    mbid: str = ""


class Part(NamedTuple):
    """A person's part in a track; role in Subsonic's words, such as "composer"."""

    role: str
    sub_role: str
    person: Person


@dataclass(slots=True)
class Identity:
    """All that the tags and the path of one file tell."""

    title: str
    sort_title: str
    artist: str
    artists: list[Person]
    album: str
    album_sort: str
    album_key: str
    album_artist: str
    album_artists: list[Person]
    """Empty when the file does not say: then the album's tracks decide together."""
    parts: list[Part]
    track: int
    disc: int
    genres: list[str]
    released: Day
    originally: Day
    gain: Gain
    lyrics: list[tuple[str, str]]
    """("plain" or "synced", text) pairs."""
    more: dict = field(default_factory=dict)
    """The rest, kept as one JSON value with the row: see `MORE`."""


MORE = (
    "comment", "mbid", "isrc", "moods", "works", "movement", "movement_number", "movement_count", "groupings",
    "explicit", "bpm", "labels", "release_types", "disc_title", "version", "compilation", "album_mbid", "catalogue",
)  # fmt: skip

ROLES = {
    "composer": "composer",
    "lyricist": "lyricist",
    "writer": "lyricist",
    "conductor": "conductor",
    "arranger": "arranger",
    "remixer": "remixer",
    "producer": "producer",
    "engineer": "engineer",
    "mixer": "mixer",
    "djmixer": "djmixer",
    "director": "director",
}
_NUMBER = re.compile(r"\s*(\d{1,6})")
_DATE = re.compile(r"\s*(\d{4})(?:[-/. ]?(\d{2})(?:[-/. ]?(\d{2}))?)?")
_GUEST = re.compile(r"\s+[(\[]?(?:feat\.?|ft\.?|featuring)\s+", re.IGNORECASE)
_JOINED = re.compile(r"\s*;\s*|\s+/\s+")
_DISC_FOLDER = re.compile(
    r"[\s\-_.,]*[(\[]?\b(?:cd|dis[ck]|disque)[\s._#\-]*(\d{1,2}|[a-h]|one|two|three|four|five|six)\b.*$",
    re.IGNORECASE,
)
_LEADING = re.compile(r"^(?:(\d{1,2})-)?(\d{1,3})(?:\s*[-._)]\s*|\s+)(?=\S)")
_YEAR_ALBUM = re.compile(r"^\(?(\d{4})\)?\s*[-–.]\s*(.+)$|^(.+?)\s*[(\[](\d{4})[)\]]$")


def identify(tags: Tags, folder: str, name: str) -> Identity:
    """Tell what a file is from its tags, its folder's path within the library and its own name."""
    said = _Path(folder, name)
    artist, artists = _artists(tags, said)
    album_artist, album_artists = _album_artists(tags)
    album = _first(tags, "album") or said.album or UNKNOWN_ALBUM
    released = day(_first(tags, "releasedate") or _first(tags, "date"))
    original = day(_first(tags, "originaldate") or _first(tags, "originalyear")) or day(_first(tags, "date"))
    album_mbid = _first(tags, "musicbrainz_albumid")
    key = f"mb:{album_mbid}" if album_mbid else "\0".join((fold(album_artist), fold(album), said.root))
    title = _first(tags, "title") or said.title
    return Identity(
        title=title,
        sort_title=_first(tags, "titlesort"),
        artist=artist,
        artists=artists,
        album=album,
        album_sort=_first(tags, "albumsort"),
        album_key=key,
        album_artist=album_artist,
        album_artists=album_artists,
        parts=_parts(tags),
        track=number(_first(tags, "tracknumber")) or said.track,
        disc=number(_first(tags, "discnumber")) or said.disc,
        genres=_genres(tags),
        released=released or Day(said.year),
        originally=original or Day(said.year),
        gain=_gain(tags),
        lyrics=_lyrics(tags),
        more=_more(tags, album_mbid),
    )


def album_root(folder: str) -> str:
    """Return the folder that stands for the album: discs' own folders lead to what holds them."""
    parent, _, last = folder.rpartition("/")
    bare = _DISC_FOLDER.sub("", last)
    if bare == last:
        return folder
    return f"{parent}/{bare}" if bare and parent else bare or parent


def number(text: str) -> int:
    """Return the leading number of a text such as "03", or 0."""
    found = _NUMBER.match(text)
    return int(found[1]) if found else 0


def day(text: str) -> Day | None:
    """Read "2019", "2019-05" or "2019-05-03T…"; None when there is no year."""
    found = _DATE.match(text)
    if not found or found[1] == "0000":
        return None
    month, date = int(found[2] or 0), int(found[3] or 0)
    if month > 12:
        month = date = 0
    return Day(int(found[1]), month, date if month and date <= 31 else 0)


def decibels(text: str) -> float | None:
    """Read a gain such as "-7.31 dB"; None when it is no number within ±64 dB."""
    try:
        value = float(text.split()[0].removesuffix("dB").replace(",", "."))
    except (ValueError, IndexError):
        return None
    return round(value, 2) if -64 <= value <= 64 else None


class _Path:
    """What the names of a file and its folders say, for files without tags."""

    def __init__(self, folder: str, name: str):
        stem = name.rpartition(".")[0] or name
        leading = _LEADING.match(stem)
        self.track = int(leading[2]) if leading else 0
        disc = _DISC_FOLDER.search(folder.rpartition("/")[2])
        self.disc = int(leading[1] or 0) if leading else 0
        if disc and disc[1].isdigit():
            self.disc = self.disc or int(disc[1])
        self.title = (stem[leading.end() :] if leading else stem).replace("_", " ").strip() or stem
        self.root = album_root(folder)
        parents = [part for part in self.root.split("/") if part]
        self.album, self.year = _album_and_year(parents[-1]) if parents else ("", 0)
        self.artist = parents[-2] if len(parents) > 1 else ""
        before, dash, after = self.title.partition(" - ")
        if dash and not self.artist:
            self.artist, self.title = before.strip(), after.strip()


def _album_and_year(folder: str) -> tuple[str, int]:
    found = _YEAR_ALBUM.match(folder)
    if not found:
        return folder, 0
    return (found[2] or found[3]).strip(), int(found[1] or found[4])


def _first(tags: Tags, key: str) -> str:
    for value in tags.get(key, ()):
        if value := value.strip():
            return value
    return ""


def _all(tags: Tags, key: str) -> list[str]:
    return [value for value in (raw.strip() for raw in tags.get(key, ())) if value]


def _people(names: list[str], sorts: list[str], mbids: list[str]) -> list[Person]:
    """Join names with sort names and ids when there are as many of them."""
    if len(sorts) != len(names):
        sorts = [""] * len(names)
    if len(mbids) != len(names):
        mbids = [""] * len(names)
    seen: dict[str, Person] = {}
    for name, sort, mbid in zip(names, sorts, mbids, strict=True):
        seen.setdefault(fold(name), Person(name, sort, mbid))
    return list(seen.values())


def _artists(tags: Tags, said: _Path) -> tuple[str, list[Person]]:
    printed, several = _all(tags, "artist"), _all(tags, "artists")
    if not printed and not several:
        name = said.artist or UNKNOWN_ARTIST
        return name, [Person(name)]
    names = several or printed
    if len(names) == 1:
        names = _apart(names[0], len(_all(tags, "musicbrainz_artistid")))
    display = printed[0] if len(printed) == 1 else ", ".join(printed or several)
    return display, _people(names, _all(tags, "artistsort"), _all(tags, "musicbrainz_artistid"))


def _apart(name: str, ids: int) -> list[str]:
    """Take "A feat. B; C" apart, unless as many ids as names say that it is one name."""
    if ids == 1 and not _GUEST.search(name):
        return [name]
    names = [part.strip(" )]") if i else part.strip() for i, part in enumerate(_GUEST.split(name))]
    names = [part for whole in names for part in _JOINED.split(whole) if part]
    return names or [name]


def _album_artists(tags: Tags) -> tuple[str, list[Person]]:
    printed, several = _all(tags, "albumartist"), _all(tags, "albumartists")
    names = several or printed
    if not names:
        if _first(tags, "compilation") == "1":
            return VARIOUS_ARTISTS, [Person(VARIOUS_ARTISTS, "", VARIOUS_ARTISTS_MBID)]
        return "", []
    mbids = _all(tags, "musicbrainz_albumartistid")
    if len(names) == 1 and not mbids:
        names = [part for part in _JOINED.split(names[0]) if part] or names
    display = printed[0] if len(printed) == 1 else ", ".join(printed or several)
    return display, _people(names, _all(tags, "albumartistsort"), mbids)


def _parts(tags: Tags) -> list[Part]:
    parts: dict[tuple[str, str, str], Part] = {}
    for key, values in tags.items():
        role, _, sub_role = key.partition(":")
        role = "performer" if role == "performer" else ROLES.get(key, "")
        if not role:
            continue
        sorts = _all(tags, "composersort") if key == "composer" else []
        names = [name for value in values for name in (_JOINED.split(value) if role != "performer" else [value])]
        for person in _people([name.strip() for name in names if name.strip()], sorts, []):
            parts.setdefault((role, sub_role, fold(person.name)), Part(role, sub_role, person))
    return list(parts.values())


def _genres(tags: Tags) -> list[str]:
    seen: dict[str, str] = {}
    for value in _all(tags, "genre"):
        for name in re.split(r"\s*[;\\]\s*|\s+/\s+", value):
            if name:
                seen.setdefault(fold(name), name)
    return list(seen.values())


def _gain(tags: Tags) -> Gain:
    track, album = decibels(_first(tags, "replaygain_track_gain")), decibels(_first(tags, "replaygain_album_gain"))
    # Opus keeps gains as Q7.8 relative to -23 LUFS (RFC 7845 §5.2.1); ReplayGain 2 refers to -18.
    if track is None and (r128 := _first(tags, "r128_track_gain")):
        track = _q78(r128)
    if album is None and (r128 := _first(tags, "r128_album_gain")):
        album = _q78(r128)
    return Gain(
        track,
        _peak(_first(tags, "replaygain_track_peak")),
        album,
        _peak(_first(tags, "replaygain_album_peak")),
        decibels(_first(tags, "opus_output_gain")),
    )


def _q78(text: str) -> float | None:
    try:
        return round(int(text) / 256 + 5, 2)
    except ValueError:
        return None


def _peak(text: str) -> float | None:
    try:
        value = float(text.replace(",", "."))
    except ValueError:
        return None
    return round(value, 6) if 0 < value < 100 else None


def _lyrics(tags: Tags) -> list[tuple[str, str]]:
    return [("synced", text) for text in tags.get("syncedlyrics", ()) if text] + [
        ("plain", text) for text in tags.get("lyrics", ()) if text
    ]


def _more(tags: Tags, album_mbid: str) -> dict:
    """Return the members of `MORE` that the file has; what it lacks is left out."""
    movement = _first(tags, "movement") or _first(tags, "movementname")
    more = {
        "comment": _first(tags, "comment")[:4000],
        "mbid": _first(tags, "musicbrainz_trackid"),
        "isrc": _all(tags, "isrc"),
        "moods": _all(tags, "mood"),
        "works": _all(tags, "work"),
        "movement": movement,
        "movement_number": number(_first(tags, "movementnumber")) if movement else 0,
        "movement_count": number(_first(tags, "movementtotal")) if movement else 0,
        "groupings": _all(tags, "grouping"),
        "explicit": _first(tags, "explicit") if _first(tags, "explicit") in ("explicit", "clean") else "",
        "bpm": min(number(_first(tags, "bpm")), 999),
        "labels": _all(tags, "label"),
        "release_types": [name.strip() for value in _all(tags, "releasetype") for name in value.split(";")],
        "disc_title": _first(tags, "discsubtitle"),
        "version": _first(tags, "version"),
        "compilation": 1 if _first(tags, "compilation") == "1" else 0,
        "album_mbid": album_mbid,
        "catalogue": _first(tags, "catalognumber"),
    }
    return {key: value for key, value in more.items() if value}
