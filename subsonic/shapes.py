"""Every object that a reply, or a JSON body, can hold: the protocol's types, one class each.

Order within a class is the order in XML. Fields whose default is None are left out while unknown; all others are always
in the JSON, because a client takes a missing list or count for a server that lacks it (see protocol/declare.py).
The envelope itself is the renderer's, and so is `Error`.
"""

from typing import Literal

from server.kernel.clock import Kbps, Millis, Seconds
from subsonic.protocol import OS, Date, Element, Error, Kept, Rows, Shape, Text

__all__ = ["Error"]

PlayState = Literal["starting", "playing", "paused", "stopped"]
PodcastStatus = Literal["new", "downloading", "completed", "error", "deleted", "skipped"]


# ---- parts


class ArtistName(Shape):
    """An artist inside something else: nested ArtistID3 carry nothing more, or they grow every song row."""

    id: str
    name: str


class ItemGenre(Shape):
    name: str


class ItemDate(Shape):
    """A date that may be known to the year or month only."""

    year: int | None = None
    month: int | None = None
    day: int | None = None


class RecordLabel(Shape):
    name: str


class DiscTitle(Shape):
    disc: int
    title: str
    cover_art: str | None = None


class Contributor(Shape):
    role: str
    sub_role: str | None = None
    artist: ArtistName


class ReplayGain(Shape):
    """Gains in dB, peaks as a positive factor; unknown members are left out, the object itself is not."""

    track_gain: float | None = None
    album_gain: float | None = None
    track_peak: float | None = None
    album_peak: float | None = None
    base_gain: float | None = None
    fallback_gain: float | None = None


class Work(Shape):
    name: str
    music_brainz_id: str | None = None


class Movement(Shape):
    name: str
    number: int | None = None
    count: int | None = None


# ---- system


class OpenSubsonicExtension(Shape):
    name: str
    versions: tuple[int, ...]


class TokenInfo(Shape):
    username: str


class License(Shape):
    valid: bool
    email: str | None = None
    license_expires: Date | None = None
    trial_expires: Date | None = None


class ScanStatus(Shape):
    scanning: bool
    count: int | None = None
    folder_count: OS[int | None] = None
    last_scan: OS[Date | None] = None


# ---- folder view


class Child(Shape):
    """A song, a directory, an album of the folder view, a video."""

    id: str
    parent: str | None = None
    is_dir: bool
    title: str
    album: str | None = None
    artist: str | None = None
    track: int | None = None
    year: int | None = None
    genre: str | None = None
    cover_art: str | None = None
    size: int | None = None
    content_type: str | None = None
    suffix: str | None = None
    transcoded_content_type: str | None = None
    transcoded_suffix: str | None = None
    duration: Seconds | None = None
    bit_rate: Kbps | None = None
    bit_depth: OS[int] = 0
    sampling_rate: OS[int] = 0
    channel_count: OS[int] = 0
    path: str | None = None
    is_video: bool | None = None
    user_rating: int | None = None
    average_rating: float | None = None
    play_count: int | None = None
    disc_number: int | None = None
    created: Date | None = None
    starred: Date | None = None
    album_id: str | None = None
    artist_id: str | None = None
    type: Literal["music", "podcast", "audiobook", "video"] | None = None
    media_type: OS[Literal["song", "album", "artist"] | None] = None
    bookmark_position: Millis | None = None
    original_width: int | None = None
    original_height: int | None = None
    played: OS[Date | None] = None
    bpm: OS[int] = 0
    comment: OS[str] = ""
    sort_name: OS[str] = ""
    music_brainz_id: OS[str] = ""
    isrc: OS[tuple[str, ...]] = ()
    genres: OS[tuple[ItemGenre, ...]] = ()
    artists: OS[tuple[ArtistName, ...]] = ()
    display_artist: OS[str] = ""
    album_artists: OS[tuple[ArtistName, ...]] = ()
    display_album_artist: OS[str] = ""
    contributors: OS[tuple[Contributor, ...]] = ()
    display_composer: OS[str] = ""
    moods: OS[tuple[str, ...]] = ()
    replay_gain: Kept[OS[ReplayGain]] = ReplayGain()
    explicit_status: OS[Literal["explicit", "clean", ""]] = ""
    works: OS[tuple[Work, ...]] = ()
    movements: OS[tuple[Movement, ...]] = ()
    groupings: OS[tuple[str, ...]] = ()


class Artist(Shape):
    """An artist, or any top-level directory, of the folder view."""

    id: str
    name: str
    cover_art: OS[str | None] = None
    artist_image_url: str | None = None
    starred: Date | None = None
    user_rating: int | None = None
    average_rating: float | None = None


class MusicFolder(Shape):
    """The only id that is a number: clients compute with it."""

    id: int
    name: str | None = None


class MusicFolders(Shape):
    music_folder: tuple[MusicFolder, ...] = ()


class Index(Shape):
    name: str
    artist: Rows[Artist] = ()


class Indexes(Shape):
    last_modified: Millis
    ignored_articles: str
    shortcut: tuple[Artist, ...] = ()
    index: tuple[Index, ...] = ()
    child: Rows[Child] = ()


class Directory(Shape):
    id: str
    parent: str | None = None
    name: str
    starred: Date | None = None
    user_rating: int | None = None
    average_rating: float | None = None
    play_count: int | None = None
    child: Rows[Child] = ()


# ---- tag view


class ArtistID3(Shape):
    """An artist of the tag view. Ratings are no field of the specification, but clients show them."""

    id: str
    name: str
    cover_art: str | None = None
    artist_image_url: str | None = None
    album_count: int
    starred: Date | None = None
    user_rating: OS[int | None] = None
    average_rating: OS[float | None] = None
    music_brainz_id: OS[str] = ""
    sort_name: OS[str] = ""
    disambiguation: OS[str | None] = None
    roles: OS[tuple[str, ...]] = ()


class IndexID3(Shape):
    name: str
    artist: Rows[ArtistID3] = ()


class ArtistsID3(Shape):
    ignored_articles: str
    last_modified: OS[Millis | None] = None
    index: tuple[IndexID3, ...] = ()


class AlbumID3(Shape):
    id: str
    name: str
    version: OS[str] = ""
    artist: str | None = None
    artist_id: str | None = None
    cover_art: str | None = None
    song_count: int
    duration: Seconds
    play_count: int | None = None
    created: Date
    starred: Date | None = None
    year: int | None = None
    genre: str | None = None
    played: OS[Date | None] = None
    user_rating: OS[int | None] = None
    average_rating: OS[float | None] = None
    record_labels: OS[tuple[RecordLabel, ...]] = ()
    music_brainz_id: OS[str] = ""
    genres: OS[tuple[ItemGenre, ...]] = ()
    artists: OS[tuple[ArtistName, ...]] = ()
    display_artist: OS[str] = ""
    release_types: OS[tuple[str, ...]] = ()
    moods: OS[tuple[str, ...]] = ()
    sort_name: OS[str] = ""
    original_release_date: OS[ItemDate] = ItemDate()
    release_date: OS[ItemDate] = ItemDate()
    is_compilation: OS[bool] = False
    explicit_status: OS[Literal["explicit", "clean", ""]] = ""
    disc_titles: OS[tuple[DiscTitle, ...]] = ()


class ArtistWithAlbumsID3(ArtistID3):
    album: Rows[AlbumID3] = ()


class AlbumID3WithSongs(AlbumID3):
    song: Rows[Child] = ()


# ---- lists


class Genre(Shape):
    value: Text[str]
    song_count: int
    album_count: int


class Genres(Shape):
    genre: tuple[Genre, ...] = ()


class AlbumList(Shape):
    album: Rows[Child] = ()


class AlbumList2(Shape):
    album: Rows[AlbumID3] = ()


class Songs(Shape):
    song: Rows[Child] = ()


class SimilarSongs(Shape):
    song: Rows[Child] = ()


class SimilarSongs2(Shape):
    song: Rows[Child] = ()


class TopSongs(Shape):
    song: Rows[Child] = ()


class Starred(Shape):
    artist: Rows[Artist] = ()
    album: Rows[Child] = ()
    song: Rows[Child] = ()


class Starred2(Shape):
    artist: Rows[ArtistID3] = ()
    album: Rows[AlbumID3] = ()
    song: Rows[Child] = ()


class NowPlayingEntry(Child):
    username: str
    minutes_ago: int
    player_id: int
    player_name: str | None = None
    state: OS[PlayState | None] = None
    position_ms: OS[Millis | None] = None
    playback_rate: OS[float | None] = None


class NowPlaying(Shape):
    entry: tuple[NowPlayingEntry, ...] = ()


# ---- searching


class SearchResult(Shape):
    offset: int
    total_hits: int
    match: Rows[Child] = ()


class SearchResult2(Shape):
    artist: Rows[Artist] = ()
    album: Rows[Child] = ()
    song: Rows[Child] = ()


class SearchResult3(Shape):
    artist: Rows[ArtistID3] = ()
    album: Rows[AlbumID3] = ()
    song: Rows[Child] = ()


# ---- what others know about artists and albums


class ArtistInfo(Shape):
    biography: Element[str | None] = None
    music_brainz_id: Element[str | None] = None
    last_fm_url: Element[str | None] = None
    small_image_url: Element[str | None] = None
    medium_image_url: Element[str | None] = None
    large_image_url: Element[str | None] = None
    similar_artist: Rows[Artist] = ()


class ArtistInfo2(Shape):
    biography: Element[str | None] = None
    music_brainz_id: Element[str | None] = None
    last_fm_url: Element[str | None] = None
    small_image_url: Element[str | None] = None
    medium_image_url: Element[str | None] = None
    large_image_url: Element[str | None] = None
    similar_artist: Rows[ArtistID3] = ()


class AlbumInfo(Shape):
    notes: Element[str | None] = None
    music_brainz_id: Element[str | None] = None
    last_fm_url: Element[str | None] = None
    small_image_url: Element[str | None] = None
    medium_image_url: Element[str | None] = None
    large_image_url: Element[str | None] = None


# ---- playlists


class Playlist(Shape):
    id: str
    name: str
    comment: str | None = None
    owner: str | None = None
    public: bool = False
    song_count: int
    duration: Seconds
    created: Date
    changed: Date
    cover_art: str | None = None
    allowed_user: tuple[str, ...] = ()
    readonly: OS[bool] = False
    valid_until: OS[Date | None] = None


class Playlists(Shape):
    playlist: tuple[Playlist, ...] = ()


class PlaylistWithSongs(Playlist):
    entry: Rows[Child] = ()


# ---- bookmarks and play queues


class Bookmark(Shape):
    position: Millis
    username: str
    comment: str | None = None
    created: Date
    changed: Date
    entry: Child


class Bookmarks(Shape):
    bookmark: tuple[Bookmark, ...] = ()


class PlayQueue(Shape):
    current: str | None = None
    position: Millis | None = None
    username: str
    changed: Date
    changed_by: str
    entry: Rows[Child] = ()


class PlayQueueByIndex(Shape):
    current_index: int | None = None
    position: Millis | None = None
    username: str
    changed: Date
    changed_by: str
    entry: Rows[Child] = ()


# ---- sharing


class Share(Shape):
    id: str
    url: str
    description: str | None = None
    username: str
    created: Date
    expires: Date | None = None
    last_visited: Date | None = None
    visit_count: int
    entry: Rows[Child] = ()


class Shares(Shape):
    share: tuple[Share, ...] = ()


# ---- podcasts


class PodcastEpisode(Child):
    """Send a `duration`: Tempo crashes without one."""

    stream_id: str | None = None
    channel_id: str
    description: str | None = None
    status: PodcastStatus
    publish_date: Date | None = None


class PodcastChannel(Shape):
    id: str
    url: str
    title: str | None = None
    description: str | None = None
    cover_art: str | None = None
    original_image_url: str | None = None
    status: PodcastStatus
    error_message: str | None = None
    episode: tuple[PodcastEpisode, ...] = ()


class Podcasts(Shape):
    channel: tuple[PodcastChannel, ...] = ()


class NewestPodcasts(Shape):
    episode: tuple[PodcastEpisode, ...] = ()


# ---- radio and chat


class InternetRadioStation(Shape):
    """Mind the capital P of homePageUrl; requests spell it homepageUrl."""

    id: str
    name: str
    stream_url: str
    home_page_url: str | None = None
    cover_art: OS[str | None] = None


class InternetRadioStations(Shape):
    internet_radio_station: tuple[InternetRadioStation, ...] = ()


class ChatMessage(Shape):
    username: str
    time: Millis
    message: str


class ChatMessages(Shape):
    chat_message: tuple[ChatMessage, ...] = ()


# ---- users and jukebox


class User(Shape):
    username: str
    email: str | None = None
    scrobbling_enabled: bool = True
    max_bit_rate: Kbps | None = None
    admin_role: bool
    settings_role: bool
    download_role: bool
    upload_role: bool
    playlist_role: bool
    cover_art_role: bool
    comment_role: bool
    podcast_role: bool
    stream_role: bool
    jukebox_role: bool
    share_role: bool
    video_conversion_role: bool
    avatar_last_changed: Date | None = None
    folder: tuple[int, ...] = ()


class Users(Shape):
    user: tuple[User, ...] = ()


class JukeboxStatus(Shape):
    current_index: int
    playing: bool
    gain: float
    position: Seconds | None = None


class JukeboxPlaylist(JukeboxStatus, member="jukeboxPlaylist"):
    entry: Rows[Child] = ()


# ---- video


class Videos(Shape):
    video: Rows[Child] = ()


class Captions(Shape):
    id: str
    name: str | None = None


class AudioTrack(Shape):
    id: str
    name: str | None = None
    language_code: str | None = None


class VideoConversion(Shape):
    id: str
    bit_rate: Kbps | None = None
    audio_track_id: int | None = None


class VideoInfo(Shape):
    id: str
    captions: tuple[Captions, ...] = ()
    audio_track: tuple[AudioTrack, ...] = ()
    conversion: tuple[VideoConversion, ...] = ()


# ---- lyrics


class Lyrics(Shape):
    value: Text[str] = ""
    artist: str | None = None
    title: str | None = None


class Line(Shape):
    value: Text[str]
    start: Millis | None = None


class Agent(Shape):
    id: str
    role: Literal["main", "voice", "bg", "group"]
    name: str | None = None


class Cue(Shape):
    """Byte offsets are into the UTF-8 of the cue line's value, both inclusive."""

    start: Millis
    end: Millis | None = None
    byte_start: int
    byte_end: int
    value: Text[str]


class CueLine(Shape):
    index: int
    start: Millis | None = None
    end: Millis | None = None
    value: str
    agent_id: str | None = None
    cue: tuple[Cue, ...]


class StructuredLyrics(Shape):
    """`kind`, `agents` and `cue_line` belong to version 2 and may be there only when it was asked for."""

    lang: str
    synced: bool
    line: tuple[Line, ...]
    display_artist: str | None = None
    display_title: str | None = None
    offset: Millis | None = None
    kind: Literal["main", "translation", "pronunciation"] | None = None
    agents: tuple[Agent, ...] | None = None
    cue_line: tuple[CueLine, ...] | None = None


class LyricsList(Shape):
    structured_lyrics: tuple[StructuredLyrics, ...] = ()


# ---- sonic similarity and transcoding


class SonicMatch(Shape):
    entry: Child
    similarity: Element[float]


class StreamDetails(Shape):
    """Rates are bits per second here, unlike anywhere else in the protocol."""

    protocol: Literal["http", "hls"]
    container: str
    codec: str
    audio_channels: int | None = None
    audio_bitrate: int | None = None
    audio_profile: str | None = None
    audio_samplerate: int | None = None
    audio_bitdepth: int | None = None


class TranscodeDecision(Shape):
    can_direct_play: bool
    can_transcode: bool
    transcode_reason: tuple[str, ...] = ()
    error_reason: str | None = None
    transcode_params: str | None = None
    source_stream: StreamDetails | None = None
    transcode_stream: StreamDetails | None = None


class DirectPlayProfile(Shape):
    """What a client plays as it is; an empty list means anything."""

    containers: tuple[str, ...]
    audio_codecs: tuple[str, ...]
    protocols: tuple[Literal["http", "hls"], ...]
    max_audio_channels: int | None = None


class TranscodingProfile(Shape):
    container: str
    audio_codec: str
    protocol: Literal["http", "hls"]
    max_audio_channels: int | None = None


class Limitation(Shape):
    name: Literal["audioChannels", "audioBitrate", "audioProfile", "audioSamplerate", "audioBitdepth"]
    comparison: Literal["Equals", "NotEquals", "LessThanEqual", "GreaterThanEqual"]
    values: tuple[str, ...]
    required: bool


class CodecProfile(Shape):
    type: Literal["AudioCodec"]
    name: str
    limitations: tuple[Limitation, ...] = ()


class ClientInfo(Shape):
    """The body of getTranscodeDecision: what the client can play."""

    name: str
    platform: str
    max_audio_bitrate: int | None = None
    max_transcoding_audio_bitrate: int | None = None
    direct_play_profiles: tuple[DirectPlayProfile, ...] = ()
    transcoding_profiles: tuple[TranscodingProfile, ...] = ()
    codec_profiles: tuple[CodecProfile, ...] = ()
