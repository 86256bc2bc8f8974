"""From a draft of a track to what the world may see of it: pure."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from server.kernel.files import display
from server.library.facts import Credited, Gain, Named, TrackFacts
from server.library.tracks import Draft


class Cast(NamedTuple):
    """Who took part in a track: the tracks of an album mostly have it in common."""

    artists: tuple[Named, ...]
    album_artists: tuple[Named, ...]
    credits: tuple[Credited, ...]


def cast(credits: Sequence[tuple[str, str, int]], name: Callable[[int], str]) -> Cast:
    """Return who the credits of a draft name."""
    named = [(role, sub, Named(artist, name(artist))) for role, sub, artist in credits]
    return Cast(
        tuple([artist for role, _, artist in named if role == "artist"]),
        tuple([artist for role, _, artist in named if role == "albumartist"]),
        tuple([Credited(*part) for part in named if part[0] not in ("artist", "albumartist")]),
    )


def facts(draft: Draft, album: str, album_artist: str, cover: str, path: str, said: Cast,
          content_type: str) -> TrackFacts:
    """Return a draft as the world may see it."""
    more = draft.more
    return TrackFacts(
        id=draft.id, title=draft.title, sort_title=more.get("sort_title", ""), library_id=draft.library_id,
        folder_id=draft.folder_id, album_id=draft.album_id, album=album, artist=draft.artist,
        artists=said.artists, album_artist=album_artist, album_artists=said.album_artists, credits=said.credits,
        track=draft.track, disc=draft.disc, year=draft.year, genres=tuple(draft.genres),
        moods=tuple(more.get("moods", ())), cover=cover, size_bytes=draft.size_bytes, suffix=draft.suffix,
        content_type=content_type, codec=draft.codec, length_ms=draft.length_ms, bitrate_kbps=draft.bitrate_kbps,
        bit_depth=draft.bit_depth, sample_rate_hz=draft.sample_rate_hz, channels=draft.channels, path=display(path),
        added_ms=draft.added_ms, bpm=more.get("bpm", 0), comment=more.get("comment", ""), mbid=more.get("mbid", ""),
        isrc=tuple(more.get("isrc", ())), gain=Gain(*more.get("gain", ())), explicit=more.get("explicit", ""),
        works=tuple(more.get("works", ())), work_mbids=tuple(more.get("work_mbids", ())),
        movement=more.get("movement", ""),
        movement_number=more.get("movement_number", 0), movement_count=more.get("movement_count", 0),
        groupings=tuple(more.get("groupings", ())),
    )  # fmt: skip
