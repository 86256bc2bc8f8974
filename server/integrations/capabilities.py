"""What an outside service can be asked: one method each, so that a service offers what it has.

A service is a leaf: it knows its own wire and nothing of the library. It answers
None for "they know nothing of that" and raises a Failure when it could not be
asked; whoever mixes the two makes us ask for ever, or never again.
"""

from collections.abc import Callable
from typing import NamedTuple, Protocol, runtime_checkable

from server.kernel.config import Config
from server.kernel.fetch import Fetch


class Subject(NamedTuple):
    """The artist or album that is asked about; `artist` is the album's."""

    name: str
    artist: str = ""
    mbid: str = ""


class About(NamedTuple):
    """What a service says. All texts are plain, without markup; addresses begin with https://."""

    text: str = ""
    mbid: str = ""
    url: str = ""
    """The page at Last.fm, which is the one link that the protocol has room for."""
    images: tuple[str, ...] = ()
    """Addresses of one picture, small, medium and large; or none."""
    similar: tuple[tuple[str, str], ...] = ()
    """Artists as (name, MusicBrainz id or ""), nearest first."""
    top: tuple[str, ...] = ()
    """Titles of the artist's best known songs, best known first."""


class Words(NamedTuple):
    """Lyrics of a song: plain, and as LRC when there are times; both "" for an instrumental."""

    plain: str
    synced: str


@runtime_checkable
class ArtistInfo(Protocol):
    async def artist(self, fetch: Fetch, subject: Subject) -> About | None: ...


@runtime_checkable
class AlbumInfo(Protocol):
    async def album(self, fetch: Fetch, subject: Subject) -> About | None: ...


@runtime_checkable
class Lyrics(Protocol):
    async def lyrics(self, fetch: Fetch, artist: str, title: str, album: str, length_s: int) -> Words | None: ...


class Service(NamedTuple):
    """A service that can be switched on: the name for that, what it lacks, and how it is made."""

    name: str
    lacks: Callable[[Config], str]
    """Return the setting that has to be given first, or ""."""
    make: Callable[[Config], object]
