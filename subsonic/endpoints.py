"""Every endpoint of Subsonic 1.16.1 and OpenSubsonic: its parameters, reply, access and age, one class each.

A handler gets an instance and can rely on it: numbers are within their ranges, what belongs together is there. Ids are
text as the client sent it; whether such a thing exists is the verb's to say. Where a parameter is more lenient than the
specification, a comment names the client that needs it.
"""

from typing import Annotated, Literal

from server.kernel.clock import Kbps, Millis, Seconds
from server.kernel.errors import Invalid
from subsonic import shapes
from subsonic.protocol import Between, Missing, Range, Request, Separated

PAGE = Range(1, 500)
UP_TO_500 = Range(0, 500)
MATCHES = Range(0, 100_000)
"""Substreamer asks for 10,000 at once, Aonsoku for the whole library; a shorter page reads as the end of the list."""
FROM_ZERO = Range(0)
"""Feishin asks for songOffset=-5000 when the first page was empty."""

AlbumListType = Literal[
    "random", "newest", "highest", "frequent", "recent", "alphabeticalByName", "alphabeticalByArtist", "starred",
    "byYear", "byGenre",
]  # fmt: skip
MediaType = Literal["song", "podcast"]


# ---- system


class Ping(Request[None], since="1.0.0"):
    """Tell that the server is there and that the credentials are right."""


class GetLicense(Request[shapes.License], since="1.0.0"):
    """Tell that the server may be used; it always may."""


class GetOpenSubsonicExtensions(
    Request[tuple[shapes.OpenSubsonicExtension, ...]], access=None, member="openSubsonicExtensions"
):
    """List the extensions that this server speaks; answers without, and even with wrong, credentials."""


class TokenInfo(Request[shapes.TokenInfo], extension="apiKeyAuthentication"):
    """Tell a client that holds nothing but an API key whose it is."""


# ---- browsing


class GetMusicFolders(Request[shapes.MusicFolders], since="1.0.0", cached=True):
    """List the music folders that the caller may see."""


class GetIndexes(Request[shapes.Indexes], since="1.0.0", cached=True):
    """List the top-level directories by letter; without content when nothing changed since `if_modified_since`."""

    music_folder_id: int | None = None
    if_modified_since: Millis | None = None


class GetMusicDirectory(Request[shapes.Directory], since="1.0.0", cached=True, member="directory"):
    """List what is in a directory; artists, albums and music folders can be opened like one."""

    id: str


class GetGenres(Request[shapes.Genres], since="1.9.0", cached=True):
    """List the genres with their counts."""


class GetArtists(Request[shapes.ArtistsID3], since="1.8.0", cached=True, member="artists"):
    """List the artists by letter, organised by tags."""

    music_folder_id: int | None = None


class GetArtist(Request[shapes.ArtistWithAlbumsID3], since="1.8.0", cached=True, member="artist"):
    """Show an artist and their albums."""

    id: str


class GetAlbum(Request[shapes.AlbumID3WithSongs], since="1.8.0", cached=True, member="album"):
    """Show an album and its songs, by disc and track."""

    id: str


class GetSong(Request[shapes.Child], since="1.8.0", cached=True, member="song"):
    """Show a song."""

    id: str


class GetVideos(Request[shapes.Videos], since="1.8.0"):
    """List the videos."""


class GetVideoInfo(Request[shapes.VideoInfo], since="1.14.0"):
    """Show a video's captions, sound tracks and conversions."""

    id: str


class AboutArtist:
    """What both flavours of artist information take; ids of albums and songs stand for their artist."""

    id: str
    count: Annotated[int, UP_TO_500] = 20
    include_not_present: bool = False


class GetArtistInfo(AboutArtist, Request[shapes.ArtistInfo], since="1.11.0"):
    """Show an artist's biography, pictures and similar artists, organised by folders."""


class GetArtistInfo2(AboutArtist, Request[shapes.ArtistInfo2], since="1.11.0"):
    """Show an artist's biography, pictures and similar artists, organised by tags."""


class GetAlbumInfo(Request[shapes.AlbumInfo], since="1.14.0"):
    """Show an album's notes and pictures, given a directory or a song."""

    id: str


class GetAlbumInfo2(Request[shapes.AlbumInfo], since="1.14.0"):
    """Show an album's notes and pictures, organised by tags; the reply is called albumInfo here too."""

    id: str


class GetSimilarSongs(Request[shapes.SimilarSongs], since="1.11.0"):
    """Pick songs similar to an artist, album or song."""

    id: str
    count: Annotated[int, UP_TO_500] = 50


class GetSimilarSongs2(Request[shapes.SimilarSongs2], since="1.11.0"):
    """Pick songs similar to an artist; albums and songs will do as well."""

    id: str
    count: Annotated[int, UP_TO_500] = 50


class GetTopSongs(Request[shapes.TopSongs], since="1.13.0", extension="topSongsByArtistId"):
    """List an artist's best known songs, by name or (OpenSubsonic) by id, which wins."""

    artist: str | None = None
    id: str | None = None
    count: Annotated[int, UP_TO_500] = 50

    def __post_init__(self):
        if not self.id and not self.artist:
            raise Missing("artist")


class GetSonicSimilarTracks(Request[tuple[shapes.SonicMatch, ...]], extension="sonicSimilarity", member="sonicMatch"):
    """List the songs that sound most like this one, best first."""

    id: str
    count: Annotated[int, UP_TO_500] = 10


class FindSonicPath(Request[tuple[shapes.SonicMatch, ...]], extension="sonicSimilarity", member="sonicMatch"):
    """List songs that lead from the sound of one song to that of another, both included."""

    start_song_id: str
    end_song_id: str
    count: Annotated[int, UP_TO_500] = 25


class GetPodcastEpisode(Request[shapes.PodcastEpisode], extension="getPodcastEpisode"):
    """Show an episode of a podcast."""

    id: str


# ---- lists


class InOrder:
    """What both flavours of album list take. Beyond the end is an empty page, never an error."""

    type: AlbumListType
    size: Annotated[int, PAGE] = 10
    offset: Annotated[int, FROM_ZERO] = 0
    from_year: int | None = None
    to_year: int | None = None
    genre: str | None = None
    music_folder_id: int | None = None

    def __post_init__(self):
        if self.type == "byGenre" and not self.genre:
            raise Missing("genre")
        if self.type == "byYear" and None in (self.from_year, self.to_year):
            raise Missing("fromYear" if self.from_year is None else "toYear")

    def may_cache(self) -> bool:
        """Tell whether asking again would give the same list."""
        return self.type != "random"


class GetAlbumList(InOrder, Request[shapes.AlbumList], since="1.2.0", cached=True):
    """List albums in one of the home page's orders, organised by folders."""


class GetAlbumList2(InOrder, Request[shapes.AlbumList2], since="1.8.0", cached=True):
    """List albums in one of the home page's orders, organised by tags."""


class GetRandomSongs(Request[shapes.Songs], since="1.2.0", member="randomSongs"):
    """Pick songs at random, perhaps of one genre or of some years."""

    size: Annotated[int, Range(0, 500)] = 10
    genre: str | None = None
    from_year: int | None = None
    to_year: int | None = None
    music_folder_id: int | None = None


class GetSongsByGenre(Request[shapes.Songs], since="1.9.0", cached=True, member="songsByGenre"):
    """List the songs of a genre; Feishin finds the total by asking for one song at ever deeper offsets."""

    genre: str
    count: Annotated[int, UP_TO_500] = 10
    offset: Annotated[int, FROM_ZERO] = 0
    music_folder_id: int | None = None


class GetNowPlaying(Request[shapes.NowPlaying], since="1.0.0"):
    """List what is being heard just now, by whom and where."""


class GetStarred(Request[shapes.Starred], since="1.8.0", cached=True):
    """List what the caller starred, organised by folders."""

    music_folder_id: int | None = None


class GetStarred2(Request[shapes.Starred2], since="1.8.0", cached=True):
    """List what the caller starred, organised by tags."""

    music_folder_id: int | None = None


# ---- searching


class Search(Request[shapes.SearchResult], since="1.0.0", cached=True):
    """Find songs by words in their fields; outdated since 1.4.0."""

    artist: str | None = None
    album: str | None = None
    title: str | None = None
    any: str | None = None
    count: Annotated[int, MATCHES] = 20
    offset: Annotated[int, FROM_ZERO] = 0
    newer_than: Millis | None = None


class Words:
    """What both flavours of search take.

    No words mean everything, page by page: that is how Symfonium, Feishin and others copy a library. The query may be
    missing (Music Assistant), empty (Aonsoku) or two quotation marks (Symfonium); a count of 0 leaves that list empty.
    """

    query: str = ""
    artist_count: Annotated[int, MATCHES] = 20
    artist_offset: Annotated[int, FROM_ZERO] = 0
    album_count: Annotated[int, MATCHES] = 20
    album_offset: Annotated[int, FROM_ZERO] = 0
    song_count: Annotated[int, MATCHES] = 20
    song_offset: Annotated[int, FROM_ZERO] = 0
    music_folder_id: int | None = None

    @property
    def words(self) -> str:
        """The text to look for, without the quotation marks and the star that clients put around it."""
        text = self.query.strip()
        if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'":
            text = text[1:-1].strip()
        return text.rstrip("*").rstrip()


class Search2(Words, Request[shapes.SearchResult2], since="1.4.0", cached=True):
    """Find artists, albums and songs, organised by folders."""


class Search3(Words, Request[shapes.SearchResult3], since="1.8.0", cached=True):
    """Find artists, albums and songs, organised by tags."""


# ---- playlists


class GetPlaylists(Request[shapes.Playlists], since="1.0.0"):
    """List the caller's playlists and those that others made public; another user's, if the caller is an admin."""

    username: str | None = None


class GetPlaylist(Request[shapes.PlaylistWithSongs], since="1.0.0", member="playlist"):
    """Show a playlist and its songs."""

    id: str


class CreatePlaylist(Request[shapes.PlaylistWithSongs], since="1.2.0", member="playlist"):
    """Make a playlist; with `playlist_id`, replace all songs of one."""

    playlist_id: str | None = None
    name: str | None = None
    song_id: tuple[str, ...] = ()

    def __post_init__(self):
        if not self.playlist_id and not self.name:
            raise Missing("name")


class UpdatePlaylist(Request[None], since="1.8.0"):
    """Change a playlist: songs are removed by their place before the call, then others are added at the end."""

    playlist_id: str
    name: str | None = None
    comment: str | None = None
    public: bool | None = None
    song_id_to_add: tuple[str, ...] = ()
    song_index_to_remove: tuple[int, ...] = ()


class DeletePlaylist(Request[None], since="1.2.0"):
    """Delete a playlist."""

    id: str


# ---- media retrieval


class Stream(Request[None], since="1.0.0", access="stream", media=True, extension="transcodeOffset"):
    """Send a song's sound, converted where the client or a limit asks for it; counts no play."""

    id: str
    max_bit_rate: Annotated[Kbps, FROM_ZERO] = 0
    format: str = ""
    time_offset: Annotated[Seconds, FROM_ZERO] = 0
    size: str = ""
    estimate_content_length: bool = False
    converted: bool = False


class Download(Request[None], since="1.0.0", access="download", media=True):
    """Send the file as it is."""

    id: str


class Hls(Request[None], since="1.8.0", access="stream", media=True):
    """Send an HLS play list, with one variant for each bit rate that is asked for.

    `segment` is ours: the lists name the parts of a song by it.
    """

    id: str
    bit_rate: tuple[str, ...] = ()
    audio_track: str | None = None
    segment: Annotated[int | None, FROM_ZERO] = None


class GetCaptions(Request[None], since="1.14.0", media=True):
    """Send a video's captions."""

    id: str
    format: Literal["srt", "vtt"] | None = None


class GetCoverArt(Request[None], since="1.0.0", media=True):
    """Send a picture by the id of a cover, song, album, artist or playlist; it is never made larger than it is."""

    id: str
    size: Annotated[int, Range(0, 4000)] = 0


class GetLyrics(Request[shapes.Lyrics], since="1.2.0"):
    """Find the lyrics of a song by artist and title."""

    artist: str = ""
    title: str = ""


class GetLyricsBySongId(Request[shapes.LyricsList], extension="songLyrics"):
    """Show all lyrics of a song; `enhanced` adds layers, agents and the timing of words."""

    id: str
    enhanced: bool = False


class GetAvatar(Request[None], since="1.8.0", media=True):
    """Send a user's picture."""

    username: str


# ---- media annotation


class Several:
    """What star and unstar take; clients send any id in any of the three (Castafiore: the same one in all)."""

    id: tuple[str, ...] = ()
    album_id: tuple[str, ...] = ()
    artist_id: tuple[str, ...] = ()

    def __post_init__(self):
        if not self.ids:
            raise Missing("id")

    @property
    def ids(self) -> tuple[str, ...]:
        """All that was named, each once."""
        return tuple(dict.fromkeys(self.id + self.album_id + self.artist_id))


class Star(Several, Request[None], since="1.8.0"):
    """Star songs, albums and artists; the first date stays."""


class Unstar(Several, Request[None], since="1.8.0"):
    """Take the star from songs, albums and artists."""


class SetRating(Request[None], since="1.6.0"):
    """Rate a song, album or artist with 1 to 5; 0 removes the rating."""

    id: str
    rating: Annotated[int, Between(0, 5)]


class Scrobble(Request[None], since="1.5.0"):
    """Tell that songs were heard, or with `submission` false that one is being heard."""

    id: tuple[str, ...]
    time: tuple[Millis, ...] = ()
    submission: bool = True

    def __post_init__(self):
        if self.time and len(self.time) != len(self.id):
            raise Invalid("There has to be one 'time' for each 'id', or none at all.")


class ReportPlayback(Request[None], extension="playbackReport"):
    """Tell what a player does: the server knows from it what is being heard, and counts what was."""

    media_id: str
    media_type: MediaType
    position_ms: Annotated[Millis, Between(0, 2**53)]
    state: shapes.PlayState
    playback_rate: Annotated[float, Between(0.01, 100)] = 1.0
    ignore_scrobble: bool = False


# ---- bookmarks and play queues


class GetBookmarks(Request[shapes.Bookmarks], since="1.9.0"):
    """List the caller's bookmarks."""


class CreateBookmark(Request[None], since="1.9.0"):
    """Keep a position in a song, in place of the one kept before."""

    id: str
    position: Annotated[Millis, FROM_ZERO]
    comment: str | None = None


class DeleteBookmark(Request[None], since="1.9.0"):
    """Forget the position in a song."""

    id: str


class GetPlayQueue(Request[shapes.PlayQueue], since="1.12.0"):
    """Show what the caller left playing, on whatever device."""


class SavePlayQueue(Request[None], since="1.12.0"):
    """Keep what the caller is playing; without ids, forget it."""

    id: Annotated[tuple[str, ...], Separated(",")] = ()  # Castafiore sends one id=a,b,c
    current: str | None = None
    position: Annotated[Millis, FROM_ZERO] = 0

    def __post_init__(self):
        if self.id and not self.current:
            raise Missing("current")
        if self.id and self.current not in self.id:
            raise Invalid("The parameter 'current' has to be one of the ids in the queue.")


class GetPlayQueueByIndex(Request[shapes.PlayQueueByIndex], extension="indexBasedQueue"):
    """Show what the caller left playing, with the current song by its place."""


class SavePlayQueueByIndex(Request[None], extension="indexBasedQueue"):
    """Keep what the caller is playing, with the current song by its place; without ids, forget it."""

    id: tuple[str, ...] = ()
    current_index: int | None = None
    position: Annotated[Millis, FROM_ZERO] = 0

    def __post_init__(self):
        # The extension answers an index outside of the queue like one that is missing.
        if self.id and (self.current_index is None or not 0 <= self.current_index < len(self.id)):
            raise Missing("currentIndex")


# ---- sharing


class GetShares(Request[shapes.Shares], since="1.6.0"):
    """List the shares that the caller may change."""


class CreateShare(Request[shapes.Shares], since="1.6.0", access="share"):
    """Make songs or albums public under an address of their own."""

    id: tuple[str, ...]
    description: str | None = None
    expires: Millis | None = None


class UpdateShare(Request[None], since="1.6.0", access="share"):
    """Change a share's description or end; an end of 0 means never."""

    id: str
    description: str | None = None
    expires: Millis | None = None


class DeleteShare(Request[None], since="1.6.0", access="share"):
    """End a share."""

    id: str


# ---- podcasts


class GetPodcasts(Request[shapes.Podcasts], since="1.6.0"):
    """List the podcasts, or show one, with or without episodes."""

    include_episodes: bool = True
    id: str | None = None


class GetNewestPodcasts(Request[shapes.NewestPodcasts], since="1.13.0"):
    """List the newest episodes of all podcasts."""

    count: Annotated[int, UP_TO_500] = 20


class RefreshPodcasts(Request[None], since="1.9.0", access="podcast"):
    """Look for new episodes."""


class CreatePodcastChannel(Request[None], since="1.9.0", access="podcast"):
    """Follow a podcast."""

    url: str


class DeletePodcastChannel(Request[None], since="1.9.0", access="podcast"):
    """Leave a podcast and delete its episodes."""

    id: str


class DeletePodcastEpisode(Request[None], since="1.9.0", access="podcast"):
    """Delete an episode's file."""

    id: str


class DownloadPodcastEpisode(Request[None], since="1.9.0", access="podcast"):
    """Begin to fetch an episode."""

    id: str


# ---- jukebox


class JukeboxControl(Request[shapes.JukeboxStatus | shapes.JukeboxPlaylist], since="1.2.0", access="jukebox"):
    """Steer the player at the server; the action get answers with the list as well."""

    action: Literal[
        "get", "status", "set", "start", "stop", "skip", "add", "clear", "remove", "shuffle", "setGain"
    ]  # fmt: skip
    index: int | None = None
    offset: Annotated[Seconds, FROM_ZERO] = 0
    id: tuple[str, ...] = ()
    gain: Annotated[float | None, Between(0, 1)] = None

    def __post_init__(self):
        if self.action in ("skip", "remove") and self.index is None:
            raise Missing("index")
        if self.action == "add" and not self.id:
            raise Missing("id")
        if self.action == "setGain" and self.gain is None:
            raise Missing("gain")


# ---- internet radio


class GetInternetRadioStations(Request[shapes.InternetRadioStations], since="1.9.0"):
    """List the radio stations."""


class CreateInternetRadioStation(Request[None], since="1.16.0", access="admin"):
    """Add a radio station."""

    stream_url: str
    name: str
    homepage_url: str | None = None


class UpdateInternetRadioStation(Request[None], since="1.16.0", access="admin"):
    """Change a radio station."""

    id: str
    stream_url: str
    name: str
    homepage_url: str | None = None


class DeleteInternetRadioStation(Request[None], since="1.16.0", access="admin"):
    """Delete a radio station."""

    id: str


# ---- chat


class GetChatMessages(Request[shapes.ChatMessages], since="1.2.0"):
    """List the chat's messages, or those after a moment."""

    since: Millis | None = None


class AddChatMessage(Request[None], since="1.2.0"):
    """Say something in the chat."""

    message: str


# ---- users


class GetUser(Request[shapes.User], since="1.3.0"):
    """Show a user and what they may do: oneself, or for an admin anyone."""

    username: str


class GetUsers(Request[shapes.Users], since="1.8.0", access="admin"):
    """List the users."""


class CreateUser(Request[None], since="1.1.0", access="admin"):
    """Add a user. The password may be clear or enc:hex; without music folders the user may see all."""

    username: str
    password: str
    email: str
    ldap_authenticated: bool = False
    admin_role: bool = False
    settings_role: bool = True
    stream_role: bool = True
    jukebox_role: bool = False
    download_role: bool = False
    upload_role: bool = False
    playlist_role: bool = False
    cover_art_role: bool = False
    comment_role: bool = False
    podcast_role: bool = False
    share_role: bool = False
    video_conversion_role: bool = False
    music_folder_id: tuple[int, ...] | None = None


class UpdateUser(Request[None], since="1.10.1", access="admin"):
    """Change a user; what is not given stays."""

    username: str
    password: str | None = None
    email: str | None = None
    ldap_authenticated: bool | None = None
    admin_role: bool | None = None
    settings_role: bool | None = None
    stream_role: bool | None = None
    jukebox_role: bool | None = None
    download_role: bool | None = None
    upload_role: bool | None = None
    cover_art_role: bool | None = None
    comment_role: bool | None = None
    podcast_role: bool | None = None
    share_role: bool | None = None
    video_conversion_role: bool | None = None
    music_folder_id: tuple[int, ...] | None = None
    max_bit_rate: Literal[0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320] | None = None


class DeleteUser(Request[None], since="1.3.0", access="admin"):
    """Delete a user."""

    username: str


class ChangePassword(Request[None], since="1.1.0"):
    """Change one's own password, or for an admin anyone's; it may be clear or enc:hex."""

    username: str
    password: str


# ---- library scanning


class GetScanStatus(Request[shapes.ScanStatus], since="1.15.0"):
    """Tell whether the library is being scanned and how far that is."""


class StartScan(Request[shapes.ScanStatus], since="1.15.0", access="admin"):
    """Begin a scan; `full_scan`, which Navidrome has, reads unchanged files as well."""

    full_scan: bool = False


# ---- transcoding


class GetTranscodeDecision(
    Request[shapes.TranscodeDecision], access="stream", extension="transcoding", body=shapes.ClientInfo
):
    """Decide how a client that can play this and that should get a song."""

    media_id: str
    media_type: MediaType


class GetTranscodeStream(Request[None], access="stream", media=True, extension="transcoding", by_status=True):
    """Send a song as was decided; it fails with plain HTTP codes."""

    media_id: str
    media_type: MediaType
    offset: Annotated[Seconds, FROM_ZERO] = 0
    transcode_params: str


ENDPOINTS: dict[str, type[Request]] = {
    request.wire: request
    for request in tuple(globals().values())
    if isinstance(request, type) and issubclass(request, Request) and request is not Request
}
"""Every endpoint by its name in the address."""
