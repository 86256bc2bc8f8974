"""Every type's declaration against the facts of the protocol, in one compact table.

A field is name, `[]` a list, `!` required, `^` added by OpenSubsonic to a type of Subsonic, `=` the element's own text,
`>` a child element with text, `@` a date. (A name) after the type's is the type that it extends. The envelope is
missing: the renderer writes it.
"""

from dataclasses import MISSING

import pytest

from subsonic import shapes
from subsonic.protocol import Shape
from subsonic.protocol.declare import Kind, Mark, fields_of

FACTS = """
Error: code! message helpUrl^
OpenSubsonicExtension: name! versions[]!
TokenInfo: username!
License: valid! email licenseExpires@ trialExpires@
ScanStatus: scanning! count
MusicFolders: musicFolder[]
MusicFolder: id! name
Indexes: lastModified! ignoredArticles! shortcut[] index[] child[]
Index: name! artist[]
Artist: id! name! artistImageUrl starred@ userRating averageRating
Directory: id! parent name! starred@ userRating averageRating playCount child[]
Child: id! parent isDir! title! album artist track year genre coverArt size contentType suffix transcodedContentType
    transcodedSuffix duration bitRate bitDepth^ samplingRate^ channelCount^ path isVideo userRating averageRating
    playCount discNumber created@ starred@ albumId artistId type mediaType^ bookmarkPosition originalWidth
    originalHeight played^@ bpm^ comment^ sortName^ musicBrainzId^ isrc[]^ genres[]^ artists[]^ displayArtist^
    albumArtists[]^ displayAlbumArtist^ contributors[]^ displayComposer^ moods[]^ replayGain^ explicitStatus^ works[]^
    movements[]^ groupings[]^
ArtistsID3: ignoredArticles! index[]
IndexID3: name! artist[]
ArtistID3: id! name! coverArt artistImageUrl albumCount starred@ musicBrainzId^ sortName^ disambiguation^ roles[]^
ArtistWithAlbumsID3(ArtistID3): album[]
AlbumID3: id! name! version^ artist artistId coverArt songCount! duration! playCount created!@ starred@ year genre
    played^@ userRating^ recordLabels[]^ musicBrainzId^ genres[]^ artists[]^ displayArtist^ releaseTypes[]^ moods[]^
    sortName^ originalReleaseDate^ releaseDate^ isCompilation^ explicitStatus^ discTitles[]^
AlbumID3WithSongs(AlbumID3): song[]
Genres: genre[]
AlbumList: album[]
AlbumList2: album[]
Songs: song[]
SimilarSongs: song[]
SimilarSongs2: song[]
TopSongs: song[]
Genre: value!= songCount! albumCount!
Starred: artist[] album[] song[]
Starred2: artist[] album[] song[]
NowPlaying: entry[]
NowPlayingEntry(Child): username! minutesAgo! playerId! playerName state^ positionMs^ playbackRate^
SearchResult: match[] offset! totalHits!
SearchResult2: artist[] album[] song[]
SearchResult3: artist[] album[] song[]
ArtistInfo: biography> musicBrainzId> lastFmUrl> smallImageUrl> mediumImageUrl> largeImageUrl> similarArtist[]
ArtistInfo2: similarArtist[]
AlbumInfo: notes> musicBrainzId> lastFmUrl> smallImageUrl> mediumImageUrl> largeImageUrl>
Playlists: playlist[]
Playlist: id! name! comment owner public songCount! duration! created!@ changed!@ coverArt allowedUser[] readonly^
    validUntil^@
PlaylistWithSongs(Playlist): entry[]
Bookmarks: bookmark[]
Bookmark: position! username! comment created!@ changed!@ entry!
PlayQueue: current position username! changed!@ changedBy! entry[]
PlayQueueByIndex: currentIndex position username! changed!@ changedBy! entry[]
Shares: share[]
Share: id! url! description username! created!@ expires@ lastVisited@ visitCount! entry[]
Podcasts: channel[]
PodcastChannel: id! url! title description coverArt originalImageUrl status! errorMessage episode[]
NewestPodcasts: episode[]
PodcastEpisode(Child): streamId channelId! description status! publishDate@
InternetRadioStations: internetRadioStation[]
InternetRadioStation: id! name! streamUrl! homePageUrl coverArt^
ChatMessages: chatMessage[]
ChatMessage: username! time! message!
Users: user[]
User: username! email scrobblingEnabled! maxBitRate adminRole! settingsRole! downloadRole! uploadRole! playlistRole!
    coverArtRole! commentRole! podcastRole! streamRole! jukeboxRole! shareRole! videoConversionRole!
    avatarLastChanged@ folder[]
JukeboxStatus: currentIndex! playing! gain! position
JukeboxPlaylist(JukeboxStatus): entry[]
Videos: video[]
VideoInfo: id! captions[] audioTrack[] conversion[]
Captions: id! name
AudioTrack: id! name languageCode
VideoConversion: id! bitRate audioTrackId
Lyrics: value!= artist title
LyricsList: structuredLyrics[]
StructuredLyrics: lang! synced! line[]! displayArtist displayTitle offset kind agents[] cueLine[]
Line: value!= start
Agent: id! role! name
CueLine: index! start end value! agentId cue[]!
Cue: start! end byteStart! byteEnd! value!=
ItemGenre: name!
ItemDate: year month day
RecordLabel: name!
DiscTitle: disc! title! coverArt
Contributor: role! subRole artist!
ReplayGain: trackGain albumGain trackPeak albumPeak baseGain fallbackGain
Work: name! musicBrainzId
Movement: name! number count
SonicMatch: entry! similarity!>
TranscodeDecision: canDirectPlay! canTranscode! transcodeReason[] errorReason transcodeParams sourceStream
    transcodeStream
StreamDetails: protocol! container! codec! audioChannels audioBitrate audioProfile audioSamplerate audioBitdepth
ClientInfo: name! platform! maxAudioBitrate maxTranscodingAudioBitrate directPlayProfiles[] transcodingProfiles[]
    codecProfiles[]
DirectPlayProfile: containers[]! audioCodecs[]! protocols[]! maxAudioChannels
TranscodingProfile: container! audioCodec! protocol! maxAudioChannels
CodecProfile: type! name! limitations[]
Limitation: name! comparison! values[]! required!
"""
OPEN_SUBSONIC = {
    "OpenSubsonicExtension", "TokenInfo", "PlayQueueByIndex", "LyricsList", "StructuredLyrics", "Line", "Agent",
    "CueLine", "Cue", "ItemGenre", "ItemDate", "RecordLabel", "DiscTitle", "Contributor", "ReplayGain", "Work",
    "Movement", "SonicMatch", "TranscodeDecision", "StreamDetails", "ClientInfo", "DirectPlayProfile",
    "TranscodingProfile", "CodecProfile", "Limitation",
}  # fmt: skip
"""Types that OpenSubsonic brought whole: none of their fields needs a mark."""
OURS = {
    "ScanStatus": {"folderCount", "lastScan"},
    "Artist": {"coverArt"},
    "ArtistsID3": {"lastModified"},
    "ArtistID3": {"userRating", "averageRating"},
    "AlbumID3": {"averageRating"},
}
"""Fields that the protocol does not know, but Navidrome sends and clients read; plain clients do not get them."""
SENT_ANYWAY = {"User": {"scrobblingEnabled"}, "Lyrics": {"value"}}
"""Required, with a default of ours."""
TOP_LEVEL = {"ArtistID3": {"albumCount"}}
"""Optional on the wire only because nested artists lack it; nested ones are ArtistName here."""


def table() -> dict[str, tuple[str, list[str]]]:
    """Return for each type the one that it extends and its fields."""
    found = {}
    for line in FACTS.strip().replace("\n    ", " ").splitlines():
        head, fields = line.split(":", 1)
        name, _, base = head.partition("(")
        found[name] = base.rstrip(")"), fields.split()
    return found


@pytest.mark.parametrize("name", sorted(table()))
def test_a_type_is_declared_as_the_protocol_has_it(name):
    base, facts = table()[name]
    shape = getattr(shapes, name)
    inherited = {field.name for field in fields_of(getattr(shapes, base))} if base else set()
    if name == "ArtistInfo2":
        inherited = {field.name for field in fields_of(shapes.AlbumInfo)} | {"biography"}
    fields = [field for field in fields_of(shape) if field.name not in inherited]
    ours = OURS.get(name, set())
    assert {field.wire for field in fields if Mark.OS in field.marks} >= ours
    assert sorted(described(name, field) for field in fields if field.wire not in ours) == sorted(facts)


def test_all_types_are_there():
    assert len(table()) + 1 == 86
    mine = {name for name, kind in vars(shapes).items() if isinstance(kind, type) and issubclass(kind, Shape)}
    assert mine - {"Shape", "ArtistName"} == set(table())


def test_children_of_indexes_stand_in_the_order_that_strict_parsers_want():
    lists = [field.wire for field in fields_of(shapes.Indexes) if field.kind is Kind.SHAPES]
    assert lists == ["shortcut", "index", "child"]


def described(name, field) -> str:
    default = getattr(shapes, name).declared[field.name]
    required = default is MISSING or field.wire in SENT_ANYWAY.get(name, ())
    text = field.wire
    text += "[]" * (field.kind in (Kind.SHAPES, Kind.SCALARS))
    text += "!" * (required and field.wire not in TOP_LEVEL.get(name, ()))
    text += "^" * (Mark.OS in field.marks and name not in OPEN_SUBSONIC)
    text += "=" * (Mark.TEXT in field.marks)
    text += ">" * (Mark.ELEMENT in field.marks)
    return text + "@" * (Mark.DATE in field.marks)
