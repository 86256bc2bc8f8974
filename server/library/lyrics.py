"""Lyrics: what a song's words are, as the scan understood them.

Nothing is parsed here: an answer is the rows that the scan stored (see `server.library.sung`), else what a service
said where one is asked. The rule a newcomer would break: a song without lyrics is an
empty answer; an error is only a song that is not there.
"""

import re
from typing import NamedTuple

from server.kernel.db import Connection
from server.library import outside, search, tracks
from server.library.names import words
from server.library.sung.layers import MAIN, Layer, unpacked
from server.users.people import Viewer

CANDIDATES = 100
NAME_CHARS = 300
PLAIN = (MAIN,)
"""The kinds of layer that version 1 of the protocol's extension knows."""

_BRACKETS = re.compile(r"[(\[{][^()\[\]{}]*[)\]}]")
_VERSION = re.compile(r"\s[-–—]\s.*")
_GUEST = re.compile(r"(?:\s[-–—]\s|[(\[,;]|\b(?:feat|ft|featuring|with|vs)\b\.?).*", re.IGNORECASE)


class Sung(NamedTuple):
    """A song and its lyrics as they are stored, best first."""

    title: str
    artist: str
    stored: list[tuple[str, str]]

    def layers(self, kinds: tuple[str, ...] = ()) -> list[Layer]:
        """Return the layers of some kinds, or of all: work of some ms for the longest, so it may want a thread."""
        return [unpacked(kind, content) for kind, content in self.stored if not kinds or kind in kinds]


def of(db: Connection, viewer: Viewer, number: int) -> Sung:
    """Return a track's lyrics. Raises NotFound."""
    stored = tracks.lyrics(db, viewer, number) or outside.lyrics(db, number)
    title, artist = db.row("SELECT title, artist FROM track WHERE id = :id", id=number)
    return Sung(title, artist, stored)


def named(db: Connection, viewer: Viewer, artist: str, title: str) -> Sung | None:
    """Return the lyrics of a song with this title by this artist; no artist is any artist.

    What people add to names does not count, such as "(Remastered)" or "feat. Somebody", but the song that has exactly
    these names comes first.
    """
    artist, title = artist[:NAME_CHARS], title[:NAME_CHARS]
    called, bare, by = words(title), _bare(title), words(_GUEST.sub("", artist)) or words(artist)
    if not called or not viewer.libraries:
        return None
    found = search.ids(db, viewer.libraries, "track", f"{bare} {by}".strip(), CANDIDATES, 0)
    best = []
    for number, its_title, singer in db.rows(
        "SELECT DISTINCT t.id, t.title, t.artist FROM EACH(:ids) e JOIN track t ON t.id = e.id"
        " JOIN lyric l ON l.track_id = t.id AND l.kind = 'main'", ids=found,
    ):  # fmt: skip
        names = words(singer)
        if _bare(its_title) == bare and (not by or f" {by} " in f" {names} "):
            # One of several singers counts, but whoever sings alone under that name comes first.
            best.append((words(its_title) != called, names != by, number))
    return of(db, viewer, min(best)[2]) if best else None


def _bare(title: str) -> str:
    """Return the words of a title without what stands in brackets or behind a dash, where anything else is left."""
    return words(_VERSION.sub("", _BRACKETS.sub(" ", title))) or words(title)
