"""Lyrics: from tags and from the file beside the audio, understood as lines with times.

Whether a text is synced is seen in the text alone: taggers put LRC into plain
fields, and files named .lrc hold plain words. The rule a newcomer would break:
strangers wrote what is parsed here, so any text gives lines or nothing, in time
and room that grow with its length, and never an exception.
"""

import codecs
import logging
import os
import re
from collections.abc import Iterator
from typing import NamedTuple

from server.kernel.clock import Millis
from server.kernel.db import Connection
from server.kernel.errors import Invalid, NotFound
from server.kernel.files import display, name_text, read_regular
from server.library import search, tracks
from server.library.names import words
from server.users.people import Viewer

log = logging.getLogger("familiar.lyrics")

FILE_BYTES = 256 * 1024
TEXT_CHARS = 256 * 1024
ROOM_CHARS = 1024 * 1024
"""What all lines of a song may hold together: a line with a thousand stamps is a thousand lines."""
LINE_CHARS = 64
"""What a line takes of that beside its words, as an answer holds it."""
TEXTS = 8
CANDIDATES = 100
TRIED = 3
"""How many songs of the same name are looked at until one has lyrics."""
NAME_CHARS = 300
BESIDE = ((".lrc", ".LRC"), (".txt", ".TXT"))
UNKNOWN = "und"

_TIME = r"\s{0,2}(?:([0-9]{1,2}):(?=[0-9]{1,2}:[0-9]{1,2}[.,]))?([0-9]{1,4}):([0-9]{1,2})(?:[.,:]([0-9]{1,9}))?\s{0,2}"
_STAMP = re.compile(rf"\s*\[{_TIME}\]")
_WORD_STAMP = re.compile(rf"[<\[]{_TIME}[>\]]")
_ABOUT = frozenset((
    "#", "al", "ar", "au", "bg", "by", "encoding", "hash", "id", "kana", "la", "lang", "language", "length", "lr",
    "offset", "re", "sign", "ti", "tool", "total", "ve",
))  # fmt: skip
"""What is said of the song in brackets; any other bracket, such as [Chorus: both], is part of the words."""
_LANGUAGE = re.compile(r"[a-z]{2,3}(?![^\W_])")
_OFFSET = re.compile(r"[+-]?[0-9]{1,7}")


class Line(NamedTuple):
    text: str
    start_ms: Millis | None = None
    """When it is sung; None in lyrics that are not synced."""


class Lyrics(NamedTuple):
    """One version of a song's words."""

    synced: bool
    lines: tuple[Line, ...]
    lang: str = UNKNOWN
    """A code of ISO 639."""
    artist: str = ""
    title: str = ""
    offset_ms: Millis = 0
    """How much earlier than their times the lines should be shown."""

    @property
    def text(self) -> str:
        """The words alone."""
        return "\n".join([line.text for line in self.lines])


class Sources(NamedTuple):
    """What the lyrics of a track can be read from."""

    title: str
    artist: str
    path: str
    """The audio file's, as the system wants it."""
    texts: tuple[str, ...]
    """From the tags, best first."""


def sources(db: Connection, viewer: Viewer, number: int) -> Sources:
    """Return where the lyrics of a track may be. Raises NotFound."""
    file = tracks.file(db, viewer, number)
    texts = [text for _kind, text in tracks.lyrics(db, viewer, number)]
    return Sources(file.title, file.artist, file.path, tuple(texts[:TEXTS]))


def named(db: Connection, viewer: Viewer, artist: str, title: str) -> list[Sources]:
    """List where the lyrics of songs with exactly this title by this artist may be; no artist is any artist."""
    called, by = words(title[:NAME_CHARS]), words(artist[:NAME_CHARS])
    if not called or not viewer.libraries:
        return []
    found = search.ids(db, viewer.libraries, "track", f"{called} {by}".strip(), CANDIDATES, 0)
    rows = db.rows("SELECT t.id, t.title, t.artist FROM EACH(:ids) e JOIN track t ON t.id = e.id", ids=found)
    singers = {number: words(singer) for number, its_title, singer in rows if words(its_title) == called}
    # One of several singers counts, but whoever sings alone under that name comes first.
    fits = [(singer != by, number) for number, singer in singers.items() if not by or f" {by} " in f" {singer} "]
    return [sources(db, viewer, number) for _, number in sorted(fits)[:TRIED]]


def read(found: Sources) -> list[Lyrics]:
    """Return all lyrics that the sources hold, synced ones first, then tags before files.

    Reads files, so it runs in a thread.
    """
    texts = [*found.texts, *_beside(found.path)]
    understood = [lyrics for text in texts if (lyrics := parse(text)) is not None]
    return sorted(dict.fromkeys(understood), key=lambda lyrics: not lyrics.synced)


def parse(text: str) -> Lyrics | None:
    """Understand LRC, with or without stamps inside the lines, or plain words; None when there are none."""
    about, timed, plain = _taken_apart(text[:TEXT_CHARS].splitlines())
    lines = sorted(timed, key=lambda line: line.start_ms) if timed else _trimmed(plain)
    if not any(line.text for line in lines):
        return None
    language = _LANGUAGE.match((about.get("la") or about.get("lang") or about.get("language") or "").lower())
    offset = _OFFSET.fullmatch(about.get("offset", ""))
    return Lyrics(
        synced=bool(timed),
        lines=tuple(lines),
        lang=language[0] if language else UNKNOWN,
        artist=about.get("ar", ""),
        title=about.get("ti", ""),
        offset_ms=int(offset[0]) if offset and timed else 0,
    )


def decode(data: bytes) -> str:
    """Return the text of a file whose encoding nobody noted."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16", "replace")
    if b"\0" in data[:2]:
        return data.decode("utf-16-be" if data[0] == 0 else "utf-16-le", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def _taken_apart(text: list[str]) -> tuple[dict[str, str], list[Line], list[Line]]:
    """Return what is said of the song, the lines with times, and those without in case there are no others."""
    about: dict[str, str] = {}
    timed: list[Line] = []
    plain: list[Line] = []
    starts: list[Millis] = []
    room = ROOM_CHARS
    for raw in text:
        line = raw.strip()
        if said := _said(line):
            about.setdefault(*said)
            continue
        now, sung = _stamped(line)
        # Words without a stamp go on where the line before them began.
        starts = now or starts
        room -= max(len(starts), 1) * (len(sung) + LINE_CHARS)
        if room < 0:
            break
        if starts and (now or sung):
            timed += [Line(sung, start) for start in starts]
        else:
            plain.append(Line(sung))
    return about, timed, plain


def _said(line: str) -> tuple[str, str] | None:
    """Return name and value when a line says something of the song."""
    if line[:1] != "[" or line[-1:] != "]":
        return None
    name, colon, value = line[1:-1].partition(":")
    name = name.strip().lower()
    return (name, value.strip()[:NAME_CHARS]) if colon and name in _ABOUT else None


def _stamped(line: str) -> tuple[list[Millis], str]:
    """Take a line apart into the times at its beginning and its words."""
    starts: list[Millis] = []
    at = 0
    while stamp := _STAMP.match(line, at):
        starts.append(_ms(stamp))
        at = stamp.end()
    rest = line[at:].strip()
    if not starts and (first := _WORD_STAMP.match(rest)):
        starts = [_ms(first)]
    if starts and (bare := _WORD_STAMP.sub("", rest)) != rest:
        rest = " ".join(bare.split())
    return starts, rest


def _ms(stamp: re.Match) -> Millis:
    hours, minutes, seconds, fraction = stamp.groups()
    whole = int(hours or 0) * 3600 + int(minutes) * 60 + int(seconds)
    return whole * 1000 + int((fraction or "0")[:3].ljust(3, "0"))


def _trimmed(lines: list[Line]) -> list[Line]:
    """Return lines without empty ones before and after."""
    sung = [at for at, line in enumerate(lines) if line.text]
    return lines[sung[0] : sung[-1] + 1] if sung else []


def _beside(path: str) -> Iterator[str]:
    """Yield the texts of the files that lie beside an audio file under its name."""
    stem = os.path.splitext(path)[0]
    for spellings in BESIDE:
        for suffix in spellings:
            if (data := _content(stem + suffix)) is not None:
                yield decode(data)
                break


def _content(path: str) -> bytes | None:
    try:
        return read_regular(path, FILE_BYTES)
    except NotFound:
        return None
    except Invalid:
        log.warning("Larger than %d KiB, so these are no lyrics: %s", FILE_BYTES >> 10, display(name_text(path)))
    except OSError as error:
        log.warning("Lyrics cannot be read: %s: %s", error.strerror, display(name_text(path)))
    return None
