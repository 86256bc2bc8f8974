"""What the library knows, as the protocol wants to see it: stored faces, and shapes made from records.

A face is what everybody sees of a track, album or artist, rendered when it is scanned and spliced into lists for years.
Whoever changes the bytes that a face gets from the same facts has to raise FACE_VERSION, or old and new rows mix.
"""

from collections.abc import Callable
from functools import lru_cache
from math import isfinite
from operator import attrgetter

from server.kernel.clock import Millis, Seconds
from server.library.facts import AlbumFacts, ArtistFacts, Credited, Day, EpisodeFacts, Gain, Named, TrackFacts
from subsonic import shapes
from subsonic.protocol.tree import Piece, encode, moment, piece, rendered, shared

FACE_VERSION = 2

TextOf = Callable[[str, int], str]
"""Makes the wire's id of a kind and a number: ("tr", 17) → "tr-…"."""


class AlbumRow(shapes.AlbumID3):
    """An album for both views: what the folder view needs besides, and some clients read in the tag view."""

    parent: str | None = None
    is_dir: bool = True
    title: str
    album: str
    media_type: str = "album"


_COMMON = attrgetter(
    "folder_id", "album_id", "album", "artist", "artists", "album_artist", "album_artists", "disc", "year", "genres",
    "moods", "groupings", "explicit", "cover", "suffix", "content_type", "bit_depth", "sample_rate_hz", "channels",
)  # fmt: skip


class Faces:
    """Turns facts into faces; the library calls it for each file of a scan."""

    version = FACE_VERSION

    def __init__(self, text: TextOf):
        self._text = text
        self._names = lru_cache(4096)(self._names)  # the tracks of an album share them
        self._contributors = lru_cache(4096)(self._contributors)
        self._common = lru_cache(256)(self._common)

    def track(self, facts: TrackFacts) -> bytes:
        """Return the face of a track, to be read as Child."""
        return rendered(
            shapes.Child,
            self._common(*_COMMON(facts)),
            id=self._text("tr", facts.id),
            title=facts.title,
            track=known(facts.track),
            size=facts.size_bytes,
            duration=length_s(facts.length_ms),
            bit_rate=known(facts.bitrate_kbps),
            path=facts.path,
            created=facts.added_ms,
            bpm=known(facts.bpm) or 0,
            comment=facts.comment,
            sort_name=facts.sort_title,
            music_brainz_id=facts.mbid,
            isrc=facts.isrc,
            contributors=self._contributors(facts.credits),
            display_composer=composer(facts.credits),
            replay_gain=replay_gain(facts.gain),
            works=works(facts),
            movements=movements(facts),
        )

    def _common(
        self, folder_id: int, album_id: int, album: str, artist: str, artists: tuple[Named, ...], album_artist: str,
        album_artists: tuple[Named, ...], disc: int, year: int, named: tuple[str, ...], moods: tuple[str, ...],
        groupings: tuple[str, ...], explicit: str, cover: str, suffix: str, content_type: str, bit_depth: int,
        sample_rate_hz: int, channels: int,
    ) -> Piece:  # fmt: skip
        """Return what the tracks of an album mostly have in common: more than half of a face."""
        return piece(
            shapes.Child,
            parent=self._text("fo", folder_id),
            is_dir=False,
            album=album,
            artist=artist,
            year=known(year),
            genre=named[0] if named else None,
            cover_art=cover,
            content_type=content_type,
            suffix=suffix,
            bit_depth=bit_depth,
            sampling_rate=sample_rate_hz,
            channel_count=channels,
            is_video=False,
            disc_number=known(disc),
            album_id=self._text("al", album_id),
            artist_id=self._text("ar", artists[0].id) if artists else None,
            type="music",
            media_type="song",
            genres=genres(named),
            artists=self._names(artists),
            display_artist=artist,
            album_artists=self._names(album_artists),
            display_album_artist=album_artist,
            moods=moods,
            explicit_status=explicit,
            groupings=groupings,
        )

    def album(self, facts: AlbumFacts) -> bytes:
        """Return the face of an album, to be read as AlbumID3 and as Child."""
        artist = facts.artists[0] if facts.artists else None
        artist_id = self._text("ar", artist.id) if artist else None
        return encode(
            AlbumRow(
                id=self._text("al", facts.id),
                name=facts.name,
                version=facts.version,
                artist=facts.artist,
                artist_id=artist_id,
                cover_art=facts.cover,
                song_count=facts.track_count,
                duration=facts.length_s,
                created=facts.added_ms,
                year=known(facts.year),
                genre=facts.genres[0] if facts.genres else None,
                record_labels=tuple(shapes.RecordLabel(name=name) for name in facts.labels if name),
                music_brainz_id=facts.mbid,
                genres=genres(facts.genres),
                artists=self._names(facts.artists),
                display_artist=facts.artist,
                release_types=facts.release_types,
                moods=facts.moods,
                sort_name=facts.sort_name,
                original_release_date=item_date(facts.originally),
                release_date=item_date(facts.released),
                is_compilation=facts.compilation,
                explicit_status=facts.explicit,
                disc_titles=self._disc_titles(facts),
                parent=artist_id,
                title=facts.name,
                album=facts.name,
            )
        )

    def artist(self, facts: ArtistFacts) -> bytes:
        """Return the face of an artist, to be read as ArtistID3 and as Artist."""
        return encode(
            shapes.ArtistID3(
                id=self._text("ar", facts.id),
                name=facts.name,
                cover_art=facts.cover,
                album_count=facts.album_count,
                music_brainz_id=facts.mbid,
                sort_name=facts.sort_name,
                roles=facts.roles,
            )
        )

    def episode(self, facts: EpisodeFacts) -> bytes:
        """Return the face of a podcast's episode, to be read as PodcastEpisode and as Child."""
        id_text, channel_id = self._text("pe", facts.id), self._text("pc", facts.channel_id)
        here = facts.status == "completed"
        return encode(
            shapes.PodcastEpisode(
                id=id_text,
                stream_id=id_text if here else None,
                channel_id=channel_id,
                parent=channel_id,
                is_dir=False,
                title=facts.title,
                album=facts.channel,
                artist=facts.author or facts.channel,
                display_artist=facts.author or facts.channel,
                track=known(facts.number),
                disc_number=known(facts.season),
                year=int(moment(facts.published_ms)[:4]),
                genre="Podcast",
                genres=genres(("Podcast",)),
                cover_art=channel_id,
                size=known(facts.size_bytes),
                content_type=facts.content_type or None,
                suffix=facts.suffix or None,
                duration=length_s(facts.length_ms),
                bit_rate=known(facts.bitrate_kbps),
                bit_depth=facts.bit_depth,
                sampling_rate=facts.sample_rate_hz,
                channel_count=facts.channels,
                path=facts.path if here else None,
                is_video=False,
                created=facts.added_ms,
                type="podcast",
                explicit_status=facts.explicit,
                description=facts.description,
                status=facts.status,
                publish_date=facts.published_ms,
            )
        )

    def _disc_titles(self, facts: AlbumFacts) -> tuple[shapes.DiscTitle, ...]:
        """Return the titles of discs; a disc that has a folder of its own has the picture of that."""
        covers = {disc: self._text("fo", folder) for disc, folder in facts.disc_folders}
        return tuple([
            shapes.DiscTitle(disc=disc, title=text, cover_art=covers.get(disc))
            for disc, text in facts.disc_titles if text
        ])  # fmt: skip

    def _names(self, artists: tuple[Named, ...]) -> tuple[shapes.ArtistName, ...]:
        return shared(tuple(self._name(each) for each in artists))

    def _name(self, artist: Named) -> shapes.ArtistName:
        return shapes.ArtistName(id=self._text("ar", artist.id), name=artist.name)

    def _contributors(self, credits: tuple[Credited, ...]) -> tuple[shapes.Contributor, ...]:
        return shared(
            tuple(
                shapes.Contributor(role=each.role, sub_role=each.sub_role, artist=self._name(each.artist))
                for each in credits
            )
        )


def length_s(length_ms: Millis) -> Seconds:
    """Return a length in whole seconds; where there is sound it is never 0, or clients drop the row."""
    return max(1, (length_ms + 500) // 1000) if length_ms > 0 else 0


def known(number: int) -> int | None:
    """Return a number from a tag if it says anything; typed clients stop at one above 32 bits."""
    return number if 0 < number < 2**31 else None


@lru_cache(4096)
def genres(names: tuple[str, ...]) -> tuple[shapes.ItemGenre, ...]:
    """Return genres as the tag view lists them."""
    return shared(tuple(shapes.ItemGenre(name=name) for name in names if name))


def item_date(day: Day) -> shapes.ItemDate:
    """Return a date with what is known of it."""
    return shapes.ItemDate(year=known(day.year), month=known(day.month), day=known(day.day))


def replay_gain(gain: Gain) -> shapes.ReplayGain:
    """Return ReplayGain with what is known of it; a tag may say NaN, which no client can read."""
    known = [value if value is not None and isfinite(value) else None for value in gain]
    track_gain, track_peak, album_gain, album_peak, base_gain = known
    return shapes.ReplayGain(
        track_gain=track_gain, album_gain=album_gain, track_peak=track_peak, album_peak=album_peak, base_gain=base_gain
    )


def works(facts: TrackFacts) -> tuple[shapes.Work, ...]:
    """Return the works that a track is a recording of, each with its id where every one has one."""
    if not facts.works:
        return ()
    mbids = facts.work_mbids if len(facts.work_mbids) == len(facts.works) else (None,) * len(facts.works)
    return tuple([shapes.Work(name=name, music_brainz_id=mbid) for name, mbid in zip(facts.works, mbids, strict=True)])


def movements(facts: TrackFacts) -> tuple[shapes.Movement, ...]:
    """Return the one movement that a track can be tagged with."""
    if not facts.movement:
        return ()
    number, count = known(facts.movement_number), known(facts.movement_count)
    return (shapes.Movement(name=facts.movement, number=number, count=count),)


def composer(credits: tuple[Credited, ...]) -> str:
    """Return the composers' names as one line of text."""
    return ", ".join(credit.artist.name for credit in credits if credit.role == "composer")
