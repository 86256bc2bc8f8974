"""What everybody may see of a track, an album and an artist.

These records are what the library hands to whoever renders it. They hold
nothing of a single viewer: stars, ratings and plays travel beside the stored
face, in `Faced`. Unknown values are "", 0, None or (): a renderer decides what
that looks like on its wire.
"""

from typing import NamedTuple, Protocol

from server.kernel.clock import Kbps, Millis, Seconds

ARTIST, ALBUM, TRACK, EPISODE = 1, 2, 3, 5
"""The kinds of thing that a person can mark (column `mark.kind`); 4 are folders, which stand for their albums."""


class Named(NamedTuple):
    """An artist as others refer to it."""

    id: int
    name: str


class Person(NamedTuple):
    """An artist as a file names them."""

    name: str
    sort: str = ""
    mbid: str = ""


class Credited(NamedTuple):
    """One part that somebody had in a track, such as ("performer", "piano", artist)."""

    role: str
    sub_role: str
    artist: Named


class Day(NamedTuple):
    """A date that may be known to the year or month only; 0 is unknown."""

    year: int = 0
    month: int = 0
    day: int = 0


class Gain(NamedTuple):
    """ReplayGain 2.0 values: gains in dB relative to -18 LUFS, peaks as a positive factor of full scale."""

    track_gain_db: float | None = None
    track_peak: float | None = None
    album_gain_db: float | None = None
    album_peak: float | None = None
    base_gain_db: float | None = None


NO_GAIN = Gain()


class TrackFacts(NamedTuple):
    id: int
    title: str
    sort_title: str
    library_id: int
    folder_id: int
    album_id: int
    album: str
    artist: str
    """The credit as printed, such as "A feat. B"."""
    artists: tuple[Named, ...]
    album_artist: str
    album_artists: tuple[Named, ...]
    credits: tuple[Credited, ...]
    track: int
    disc: int
    year: int
    genres: tuple[str, ...]
    moods: tuple[str, ...]
    cover: str
    """Text of the cover id, or "" when there is none."""
    size_bytes: int
    suffix: str
    content_type: str
    codec: str
    length_ms: Millis
    bitrate_kbps: Kbps
    bit_depth: int
    sample_rate_hz: int
    channels: int
    path: str
    """Relative to the music folder, readable, never used to open a file."""
    added_ms: Millis
    bpm: int = 0
    comment: str = ""
    mbid: str = ""
    isrc: tuple[str, ...] = ()
    gain: Gain = NO_GAIN
    explicit: str = ""
    """"explicit", "clean" or ""."""
    works: tuple[str, ...] = ()
    work_mbids: tuple[str, ...] = ()
    """Those of the works, where there are as many."""
    movement: str = ""
    movement_number: int = 0
    movement_count: int = 0
    groupings: tuple[str, ...] = ()


class AlbumFacts(NamedTuple):
    id: int
    name: str
    sort_name: str
    library_id: int
    folder_id: int
    artist: str
    artists: tuple[Named, ...]
    cover: str
    track_count: int
    length_s: Seconds
    added_ms: Millis
    year: int
    genres: tuple[str, ...]
    moods: tuple[str, ...]
    labels: tuple[str, ...]
    release_types: tuple[str, ...]
    released: Day
    originally: Day
    compilation: bool
    mbid: str = ""
    version: str = ""
    explicit: str = ""
    disc_titles: tuple[tuple[int, str], ...] = ()
    disc_folders: tuple[tuple[int, int], ...] = ()
    """The folder of each disc, where every disc has one of its own."""


class ArtistFacts(NamedTuple):
    id: int
    name: str
    sort_name: str
    album_count: int
    cover: str
    mbid: str = ""
    roles: tuple[str, ...] = ()


class EpisodeFacts(NamedTuple):
    id: int
    channel_id: int
    channel: str
    author: str
    title: str
    description: str
    url: str
    published_ms: Millis
    added_ms: Millis
    season: int
    number: int
    explicit: str
    length_ms: Millis
    size_bytes: int
    content_type: str
    suffix: str
    bitrate_kbps: Kbps
    sample_rate_hz: int
    channels: int
    bit_depth: int
    path: str
    """Relative to the podcast folder, "" until it is downloaded."""
    status: str


class Faced(NamedTuple):
    """A stored face and what is the viewer's own. None and 0 mean that there is no mark."""

    id: int
    face: bytes
    starred_ms: Millis | None = None
    rating: int = 0
    play_count: int = 0
    played_ms: Millis | None = None
    average_rating: float = 0.0
    bookmark_ms: Millis | None = None


class Renderer(Protocol):
    """Whoever turns facts into faces: JSON objects as bytes, braces included."""

    version: int
    """Moves whenever the same facts would give other bytes; stored faces of another version are made anew."""

    def track(self, facts: TrackFacts) -> bytes: ...
    def album(self, facts: AlbumFacts) -> bytes: ...
    def artist(self, facts: ArtistFacts) -> bytes: ...
    def episode(self, facts: EpisodeFacts) -> bytes: ...


class TrackFile(NamedTuple):
    """Where a track's bytes are and what they are, for sending and transcoding."""

    id: int
    path: str
    """Absolute, as the operating system wants it."""
    suffix: str
    content_type: str
    codec: str
    size_bytes: int
    mtime_ns: int
    length_ms: Millis
    bitrate_kbps: Kbps
    sample_rate_hz: int
    channels: int
    bit_depth: int
    title: str = ""
    artist: str = ""
