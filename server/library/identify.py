"""From what a file says of itself to what it is: pure, no database, no disk.

An album is known by its MusicBrainz release, else by album artist, title and
the folder that holds it, discs folded into one: so two albums called "Greatest
Hits" stay two, and a double album in two folders stays one.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from server.library.facts import NO_GAIN, Day, Gain, Person
from server.library.names import UNKNOWN_ALBUM, UNKNOWN_ARTIST, VARIOUS_ARTISTS, VARIOUS_ARTISTS_MBID, bounded, fold
from server.library.pathnames import PathNames

Texts = tuple[str, ...]
Credit = tuple[str, tuple[Person, ...]]
"""As printed, and who it names."""
Tags = dict[str, list[str]]
"""As `tags.clean` leaves them: no value is empty or has space around it."""


class Part(NamedTuple):
    """A person's part in a track; role in Subsonic's words, such as "composer"."""

    role: str
    sub_role: str
    person: Person


class Album(NamedTuple):
    """What the tags and the folder of a file tell of its album."""

    key: str
    artists: tuple[Person, ...]
    genres: list[str]
    year: int
    more: dict


@dataclass(slots=True)
class Identity:
    """All that the tags and the path of one file tell."""

    title: str
    artist: str
    artists: tuple[Person, ...]
    album_key: str
    album_artists: tuple[Person, ...]
    """Empty when the file does not say: then the album's tracks decide together."""
    parts: list[Part]
    track: int
    disc: int
    genres: list[str]
    year: int
    more: dict
    """The rest, kept as one JSON value with the row: members of `OF_ALBUM` and `OF_SONG`, "album", "album_sort",
    "album_mbid", "album_artist", and "released", "originally", "gain" as lists. What is unknown is left out."""


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
ARTIST = ("artist", "artists", "artistsort", "musicbrainz_artistid")
ALBUM_ARTIST = ("albumartist", "albumartists", "albumartistsort", "musicbrainz_albumartistid")
GAINS = frozenset((
    "replaygain_track_gain", "replaygain_album_gain", "r128_track_gain", "r128_album_gain", "opus_output_gain",
    "replaygain_track_peak", "replaygain_album_peak",
))  # fmt: skip
_NUMBER = re.compile(r"\s*(\d{1,6})")
_DATE = re.compile(r"\s*(\d{4})(?:[-/. ]?(\d{2})(?:[-/. ]?(\d{2}))?)?")
_GUEST = re.compile(r"\s+[(\[]?(?:feat\.?|ft\.?|featuring)\s+", re.IGNORECASE)
_JOINED = re.compile(r"\s*;\s*|\s+/\s+")
_GENRES = re.compile(r"\s*[;\\]\s*|\s+/\s+")


class Identifier:
    """Tells what files are, one after the other; what the songs of a folder have in common is worked out once."""

    def __init__(self) -> None:
        self._common: tuple = ()
        self._album: Album

    def identify(self, tags: Tags, folder: str, name: str) -> Identity:
        """Tell what a file is from its tags, its folder's path within the library and its own name."""
        said = PathNames(folder, name)
        common = (folder, *map(tags.get, COMMON))
        if common != self._common:
            self._album, self._common = _album(tags, said), common
        album = self._album
        artist, artists = _artists(tags, said)
        gain = NO_GAIN if GAINS.isdisjoint(tags) else _gain(tags)
        return Identity(
            title=_first(tags, "title") or said.file.title,
            artist=artist,
            artists=artists,
            album_key=album.key,
            album_artists=album.artists,
            parts=_parts(tags),
            track=number(_first(tags, "tracknumber")) or said.file.track,
            disc=number(_first(tags, "discnumber")) or said.folder.disc or said.disc,
            genres=album.genres,
            year=album.year,
            more=_more(tags, album.more, gain),
        )


def _album(tags: Tags, said: PathNames) -> Album:
    name = _first(tags, "album") or said.folder.album or UNKNOWN_ALBUM
    artist, artists = _album_artists(tags)
    released = day(_first(tags, "releasedate") or _first(tags, "date")) or Day(said.folder.year)
    original = day(_first(tags, "originaldate") or _first(tags, "originalyear")) or day(_first(tags, "date"))
    originally = original or Day(said.folder.year)
    mbid = _first(tags, "musicbrainz_albumid")
    key = f"mb:{mbid}" if mbid else "\x1f".join((fold(artist), fold(name), said.folder.root))
    more = {
        "album": name,
        "album_sort": _first(tags, "albumsort"),
        "album_mbid": mbid,
        "album_artist": artist,
        "released": list(released) if released.year else None,
        "originally": list(originally) if originally.year else None,
    } | {member: read(tags, key) for key, (member, read) in OF_ALBUM.items() if key in tags}
    return Album(bounded(key), artists, _genres(tags), originally.year or released.year,
                 {member: value for member, value in more.items() if value})  # fmt: skip


def number(text: str) -> int:
    """Return the leading number of a text such as "03", or 0."""
    if text.isdecimal() and len(text) < 7:
        return int(text)
    found = _NUMBER.match(text)
    return int(found[1]) if found else 0


@lru_cache(4096)
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
        said = text[:-3] if text.endswith(" dB") else text.split(maxsplit=1)[0].removesuffix("dB")
        value = float(said.replace(",", "."))
    except (ValueError, IndexError):
        return None
    return round(value, 2) if -64 <= value <= 64 else None


def _first(tags: Tags, key: str) -> str:
    values = tags.get(key)
    return values[0] if values else ""


def _all(tags: Tags, key: str) -> list[str]:
    return tags.get(key, [])


def _people(names: Sequence[str], sorts: Sequence[str], mbids: Sequence[str]) -> list[Person]:
    """Join names with sort names and ids when there are as many of them."""
    if len(names) == 1:
        return [Person(names[0], sorts[0] if len(sorts) == 1 else "", mbids[0] if len(mbids) == 1 else "")]
    if len(sorts) != len(names):
        sorts = [""] * len(names)
    if len(mbids) != len(names):
        mbids = [""] * len(names)
    seen: dict[str, Person] = {}
    for name, sort, mbid in zip(names, sorts, mbids, strict=True):
        seen.setdefault(fold(name), Person(name, sort, mbid))
    return list(seen.values())


def _artists(tags: Tags, said: PathNames) -> Credit:
    if "artist" not in tags and "artists" not in tags:
        name = said.file.artist or UNKNOWN_ARTIST
        return name, (Person(name),)
    return _credit(*[tuple(tags.get(key, ())) for key in ARTIST], _apart)


@lru_cache(128)
def _credit(printed: Texts, several: Texts, sorts: Texts, mbids: Texts, apart: Callable) -> Credit:
    """Return a credit as printed and the people in it: the songs of an album mostly have the same."""
    names: Sequence[str] = several or printed
    if len(names) == 1:
        names = apart(names[0], len(mbids))
    display = printed[0] if len(printed) == 1 else ", ".join(printed or several)
    return display, tuple(_people(names, sorts, mbids))


def _apart(name: str, ids: int) -> list[str]:
    """Take "A feat. B; C" apart, unless as many ids as names say that it is one name."""
    if ids == 1 and not _GUEST.search(name):
        return [name]
    names = [part.strip(" )]") if i else part.strip() for i, part in enumerate(_GUEST.split(name))]
    names = [part for whole in names for part in _JOINED.split(whole) if part]
    return names or [name]


def _album_artists(tags: Tags) -> Credit:
    if "albumartist" in tags or "albumartists" in tags:
        return _credit(*[tuple(tags.get(key, ())) for key in ALBUM_ARTIST], _apart_of_album)
    if _first(tags, "compilation") == "1":
        return VARIOUS_ARTISTS, (Person(VARIOUS_ARTISTS, "", VARIOUS_ARTISTS_MBID),)
    return "", ()


def _apart_of_album(name: str, ids: int) -> list[str]:
    """Take "B; C" apart, unless an id says that it is one name; an album by "B feat. C" keeps that name."""
    return [name] if ids else [part for part in _JOINED.split(name) if part] or [name]


def _parts(tags: Tags) -> list[Part]:
    if ROLES.keys().isdisjoint(tags) and "performer" not in "\n".join(tags):
        return []
    parts: dict[tuple[str, str, str], Part] = {}
    for key in [key for key in tags if key in ROLES or key.startswith("performer")]:
        role, _, sub_role = (ROLES.get(key) or key).partition(":")
        sorts = _all(tags, "composersort") if key == "composer" else []
        names = _all(tags, key)
        if role != "performer":
            names = [name for value in names for name in _JOINED.split(value) if name]
        for person in _people(names, sorts, []):
            parts.setdefault((role, sub_role, fold(person.name)), Part(role, sub_role, person))
    return list(parts.values())


def _genres(tags: Tags) -> list[str]:
    found = _all(tags, "genre")
    if len(found) == 1 and found[0].isalnum():
        return found
    seen: dict[str, str] = {}
    for value in found:
        for name in _GENRES.split(value):
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


def _more(tags: Tags, of_album: dict, gain: Gain) -> dict:
    more = of_album.copy()
    for key in tags.keys() & OF_SONG.keys():
        member, read = OF_SONG[key]
        if value := read(tags, key):
            more[member] = value
    if "movement" not in more:
        more.pop("movement_number", None)
        more.pop("movement_count", None)
    if gain != NO_GAIN:
        more["gain"] = list(gain)
    return more


def _explicit(tags: Tags, key: str) -> str:
    said = _first(tags, key)
    return said if said in ("explicit", "clean") else ""


def _count(tags: Tags, key: str) -> int:
    return min(number(_first(tags, key)), 999)


def _types(tags: Tags, key: str) -> list[str]:
    return [name for value in _all(tags, key) for part in value.split(";") if (name := part.strip())]


OF_ALBUM = {
    "label": ("labels", _all),
    "releasetype": ("release_types", _types),
    "catalognumber": ("catalogue", _first),
    "compilation": ("compilation", lambda tags, key: int(_first(tags, key) == "1")),
    "discsubtitle": ("disc_title", _first),
    "version": ("version", _first),
    "mood": ("moods", _all),
    "grouping": ("groupings", _all),
}
"""Tag → (member of `Identity.more`, how it is read): what the songs of an album mostly have in common."""
OF_SONG = {
    "titlesort": ("sort_title", _first),
    "comment": ("comment", lambda tags, key: _first(tags, key)[:4000]),
    "musicbrainz_trackid": ("mbid", _first),
    "isrc": ("isrc", _all),
    "work": ("works", _all),
    "musicbrainz_workid": ("work_mbids", _all),
    "movement": ("movement", _first),
    "movementnumber": ("movement_number", _count),
    "movementtotal": ("movement_count", _count),
    "explicit": ("explicit", _explicit),
    "bpm": ("bpm", _count),
}
"""The same of what each song has of its own."""
COMMON = (
    "album", "albumsort", "musicbrainz_albumid", *ALBUM_ARTIST, "date", "releasedate", "originaldate", "originalyear",
    "genre", *OF_ALBUM,
)  # fmt: skip
"""All tags that `_album` looks at."""
