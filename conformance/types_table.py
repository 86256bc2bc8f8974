"""The objects that a Subsonic answer can hold, one block each: derived facts, not anybody's implementation.

Written down from the published OpenSubsonic OpenAPI document (2026-08-07) and the Subsonic 1.16.1 schema, with the
errata of both settled. Change a line only when the published documents change, never to make a server pass.

    name:type marks   `!` required, `[]` a list, `+` added by OpenSubsonic, `@1.8.0` the version that introduced it,
                      `=` the element's own text in XML, `<` a child element in XML (else an attribute)
    Type (Parent) +   inherits the parent's fields; `+` says that the whole type is OpenSubsonic's
"""

TYPES = """
Error
    code:int! message:str helpUrl:str+
OpenSubsonicExtension +
    name:str! versions:int[]!
TokenInfo +
    username:str!
License
    valid:bool! email:str licenseExpires:date trialExpires:date
ScanStatus
    scanning:bool! count:int
MusicFolders
    musicFolder:MusicFolder[]
MusicFolder
    id:int! name:str
Indexes
    lastModified:int! ignoredArticles:str!@1.10.0 shortcut:Artist[] index:Index[] child:Child[]@1.7.0
Index
    name:str! artist:Artist[]
Artist
    id:str! name:str! artistImageUrl:str@1.16.1 starred:date@1.10.1 userRating:int(1..5)@1.13.0
    averageRating:float(1..5)@1.13.0
Directory
    id:str! parent:str name:str! starred:date@1.10.1 userRating:int(1..5)@1.13.0 averageRating:float@1.13.0
    playCount:int@1.14.0 child:Child[]
Child
    id:str! parent:str isDir:bool! title:str! album:str artist:str track:int year:int genre:str coverArt:str
    size:int contentType:str suffix:str transcodedContentType:str transcodedSuffix:str duration:int bitRate:int
    bitDepth:int+ samplingRate:int+ channelCount:int+ path:str isVideo:bool@1.4.1 userRating:int(1..5)@1.6.0
    averageRating:float(1..5)@1.6.0 playCount:int@1.14.0 discNumber:int@1.8.0 created:date@1.8.0
    starred:date@1.8.0 albumId:str@1.8.0 artistId:str@1.8.0 type:enum(music|podcast|audiobook|video)@1.8.0
    mediaType:enum(song|album|artist|podcast|video)+ bookmarkPosition:int@1.10.1 originalWidth:int@1.13.0
    originalHeight:int@1.13.0 played:date+ bpm:int+ comment:str+ sortName:str+ musicBrainzId:str+ isrc:str[]+
    genres:ItemGenre[]+ artists:ArtistID3[]+ displayArtist:str+ albumArtists:ArtistID3[]+
    displayAlbumArtist:str+ contributors:Contributor[]+ displayComposer:str+ moods:str[]+ replayGain:ReplayGain+
    explicitStatus:enum(explicit|clean|)+ works:Work[]+ movements:Movement[]+ groupings:str[]+
ArtistsID3
    ignoredArticles:str!@1.10.0 index:IndexID3[]
IndexID3
    name:str! artist:ArtistID3[]
ArtistID3
    id:str! name:str! coverArt:str artistImageUrl:str@1.16.1 albumCount:int starred:date musicBrainzId:str+
    sortName:str+ disambiguation:str+ roles:str[]+
ArtistWithAlbumsID3 (ArtistID3)
    album:AlbumID3[]!+
AlbumID3
    id:str! name:str! version:str+ artist:str artistId:str coverArt:str songCount:int! duration:int!
    playCount:int@1.14.0 created:date! starred:date year:int@1.10.1 genre:str@1.10.1 played:date+
    userRating:int(1..5)+ recordLabels:RecordLabel[]+ musicBrainzId:str+ genres:ItemGenre[]+
    artists:ArtistID3[]+ displayArtist:str+ releaseTypes:str[]+ moods:str[]+ sortName:str+
    originalReleaseDate:ItemDate+ releaseDate:ItemDate+ isCompilation:bool+
    explicitStatus:enum(explicit|clean|)+ discTitles:DiscTitle[]+
AlbumID3WithSongs (AlbumID3)
    song:Child[]!+
Genres
    genre:Genre[]
AlbumList
    album:Child[]
AlbumList2
    album:AlbumID3[]
Songs
    song:Child[]
SimilarSongs
    song:Child[]
SimilarSongs2
    song:Child[]
TopSongs
    song:Child[]
Genre
    value:str!= songCount:int!@1.10.2 albumCount:int!@1.10.2
Starred
    artist:Artist[] album:Child[] song:Child[]
Starred2
    artist:ArtistID3[] album:AlbumID3[] song:Child[]
NowPlaying
    entry:NowPlayingEntry[]!+
NowPlayingEntry (Child)
    username:str! minutesAgo:int! playerId:int! playerName:str state:enum(starting|playing|paused|stopped)+
    positionMs:int+ playbackRate:float+
SearchResult
    match:Child[] offset:int! totalHits:int!
SearchResult2
    artist:Artist[] album:Child[] song:Child[]
SearchResult3
    artist:ArtistID3[] album:AlbumID3[] song:Child[]
ArtistInfo
    biography:str< musicBrainzId:str< lastFmUrl:str< smallImageUrl:str< mediumImageUrl:str< largeImageUrl:str<
    similarArtist:Artist[]
ArtistInfo2 (ArtistInfo)
    similarArtist:ArtistID3[]
AlbumInfo
    notes:str< musicBrainzId:str< lastFmUrl:str< smallImageUrl:str< mediumImageUrl:str< largeImageUrl:str<
Playlists
    playlist:Playlist[]
Playlist
    id:str! name:str! comment:str@1.8.0 owner:str@1.8.0 public:bool@1.8.0 songCount:int!@1.8.0
    duration:int!@1.8.0 created:date!@1.8.0 changed:date!@1.13.0 coverArt:str@1.11.0 allowedUser:str[]@1.8.0
    readonly:bool+ validUntil:date+
PlaylistWithSongs (Playlist)
    entry:Child[]
Bookmarks
    bookmark:Bookmark[]
Bookmark
    position:int! username:str! comment:str created:date! changed:date! entry:Child!
PlayQueue
    current:str position:int username:str! changed:date! changedBy:str! entry:Child[]
PlayQueueByIndex +
    currentIndex:int position:int username:str! changed:date! changedBy:str! entry:Child[]
Shares
    share:Share[]
Share
    id:str! url:str! description:str username:str! created:date! expires:date lastVisited:date visitCount:int!
    entry:Child[]
Podcasts
    channel:PodcastChannel[]
PodcastChannel
    id:str! url:str! title:str description:str coverArt:str@1.13.0 originalImageUrl:str@1.13.0
    status:enum(new|downloading|completed|error|deleted|skipped)! errorMessage:str episode:PodcastEpisode[]
NewestPodcasts
    episode:PodcastEpisode[]
PodcastEpisode (Child)
    streamId:str channelId:str!@1.13.0 description:str
    status:enum(new|downloading|completed|error|deleted|skipped)! publishDate:date
InternetRadioStations
    internetRadioStation:InternetRadioStation[]
InternetRadioStation
    id:str! name:str! streamUrl:str! homePageUrl:str coverArt:str+
ChatMessages
    chatMessage:ChatMessage[]
ChatMessage
    username:str! time:int! message:str!
Users
    user:User[]
User
    username:str! email:str@1.6.0 scrobblingEnabled:bool!@1.7.0 maxBitRate:int@1.13.0 adminRole:bool!
    settingsRole:bool! downloadRole:bool! uploadRole:bool! playlistRole:bool! coverArtRole:bool!
    commentRole:bool! podcastRole:bool! streamRole:bool! jukeboxRole:bool! shareRole:bool!@1.7.0
    videoConversionRole:bool!@1.14.0 avatarLastChanged:date@1.14.0 folder:int[]@1.12.0
JukeboxStatus
    currentIndex:int! playing:bool! gain:float(0..1)! position:int@1.7.0
JukeboxPlaylist (JukeboxStatus)
    entry:Child[]
Videos
    video:Child[]
VideoInfo
    id:str! captions:Captions[] audioTrack:AudioTrack[] conversion:VideoConversion[]
Captions
    id:str! name:str
AudioTrack
    id:str! name:str languageCode:str
VideoConversion
    id:str! bitRate:int audioTrackId:int
Lyrics
    value:str!= artist:str title:str
LyricsList +
    structuredLyrics:StructuredLyrics[]
StructuredLyrics +
    lang:str! synced:bool! line:Line[]! displayArtist:str displayTitle:str offset:float
    kind:enum(main|translation|pronunciation) agents:Agent[] cueLine:CueLine[]
Line +
    value:str!= start:float
Agent +
    id:str! role:enum(main|voice|bg|group)! name:str
CueLine +
    index:int! start:int end:int value:str! agentId:str cue:Cue[]!
Cue +
    start:int! end:int byteStart:int! byteEnd:int! value:str!=
ItemGenre +
    name:str!
ItemDate +
    year:int month:int day:int
RecordLabel +
    name:str!
DiscTitle +
    disc:int! title:str! coverArt:str
Contributor +
    role:str! subRole:str artist:ArtistID3!
ReplayGain +
    trackGain:float albumGain:float trackPeak:float albumPeak:float baseGain:float fallbackGain:float
Work +
    name:str! musicBrainzId:str
Movement +
    name:str! number:int count:int
SonicMatch +
    entry:Child! similarity:float!<
TranscodeDecision +
    canDirectPlay:bool! canTranscode:bool! transcodeReason:str[] errorReason:str transcodeParams:str
    sourceStream:StreamDetails transcodeStream:StreamDetails
StreamDetails +
    protocol:enum(http|hls)! container:str! codec:str! audioChannels:int audioBitrate:int audioProfile:str
    audioSamplerate:int audioBitdepth:int
ClientInfo +
    name:str! platform:str! maxAudioBitrate:int maxTranscodingAudioBitrate:int
    directPlayProfiles:DirectPlayProfile[] transcodingProfiles:TranscodingProfile[] codecProfiles:CodecProfile[]
DirectPlayProfile +
    containers:str[]! audioCodecs:str[]! protocols:enum(http|hls)[]! maxAudioChannels:int
TranscodingProfile +
    container:str! audioCodec:str! protocol:enum(http|hls)! maxAudioChannels:int
CodecProfile +
    type:enum(AudioCodec)! name:str! limitations:Limitation[]
Limitation +
    name:enum(audioChannels|audioBitrate|audioProfile|audioSamplerate|audioBitdepth)!
    comparison:enum(Equals|NotEquals|LessThanEqual|GreaterThanEqual)! values:str[]! required:bool!
"""
