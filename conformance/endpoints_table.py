"""The 87 endpoints, one line each: derived facts, not anybody's implementation.

Written down from the published OpenSubsonic OpenAPI document (2026-08-07) and the Subsonic API page, with their errata
settled (a repeatable `id` of scrobble and of the play queue, an optional password of updateUser).

    name @since reply parameter…     `@1.8.0` since that version; `+` OpenSubsonic, `+extension` only when announced
    reply                            `member:Type`, `member:Type[]`, `-` an empty answer, `binary` a file
    parameter:type marks             `!` required, `?` required together with others, `[]` may be repeated, `=default`
    # Group                          the chapter of the documentation
"""

ENDPOINTS = """
# System
ping @1.0.0 -
getLicense @1.0.0 license:License
getOpenSubsonicExtensions + openSubsonicExtensions:OpenSubsonicExtension[]
tokenInfo +apiKeyAuthentication tokenInfo:TokenInfo
# Browsing
getMusicFolders @1.0.0 musicFolders:MusicFolders
getIndexes @1.0.0 indexes:Indexes musicFolderId:id ifModifiedSince:int
getMusicDirectory @1.0.0 directory:Directory id:id!
getGenres @1.9.0 genres:Genres
getArtists @1.8.0 artists:ArtistsID3 musicFolderId:id
getArtist @1.8.0 artist:ArtistWithAlbumsID3 id:id!
getAlbum @1.8.0 album:AlbumID3WithSongs id:id!
getSong @1.8.0 song:Child id:id!
getVideos @1.8.0 videos:Videos
getVideoInfo @1.14.0 videoInfo:VideoInfo id:id!
getArtistInfo @1.11.0 artistInfo:ArtistInfo id:id! count:int=20 includeNotPresent:bool=false
getArtistInfo2 @1.11.0 artistInfo2:ArtistInfo2 id:id! count:int=20 includeNotPresent:bool=false
getAlbumInfo @1.14.0 albumInfo:AlbumInfo id:id!
getAlbumInfo2 @1.14.0 albumInfo:AlbumInfo id:id!
getSimilarSongs @1.11.0 similarSongs:SimilarSongs id:id! count:int=50
getSimilarSongs2 @1.11.0 similarSongs2:SimilarSongs2 id:id! count:int=50
getTopSongs @1.13.0 topSongs:TopSongs artist:str? id:id count:int=50
getSonicSimilarTracks +sonicSimilarity sonicMatch:SonicMatch[] id:id! count:int=10
findSonicPath +sonicSimilarity sonicMatch:SonicMatch[] startSongId:id! endSongId:id! count:int=25
getPodcastEpisode +getPodcastEpisode podcastEpisode:PodcastEpisode id:id!
# Lists
getAlbumList @1.2.0 albumList:AlbumList type:enum! size:int=10 offset:int=0 fromYear:int? toYear:int?
    genre:str? musicFolderId:id
getAlbumList2 @1.8.0 albumList2:AlbumList2 type:enum! size:int=10 offset:int=0 fromYear:int? toYear:int?
    genre:str? musicFolderId:id
getRandomSongs @1.2.0 randomSongs:Songs size:int=10 genre:str fromYear:int toYear:int musicFolderId:id
getSongsByGenre @1.9.0 songsByGenre:Songs genre:str! count:int=10 offset:int=0 musicFolderId:id
getNowPlaying @1.0.0 nowPlaying:NowPlaying
getStarred @1.8.0 starred:Starred musicFolderId:id
getStarred2 @1.8.0 starred2:Starred2 musicFolderId:id
# Searching
search @1.0.0 searchResult:SearchResult artist:str album:str title:str any:str count:int=20 offset:int=0
    newerThan:int
search2 @1.4.0 searchResult2:SearchResult2 query:str! artistCount:int=20 artistOffset:int=0
    albumCount:int=20 albumOffset:int=0 songCount:int=20 songOffset:int=0 musicFolderId:id
search3 @1.8.0 searchResult3:SearchResult3 query:str! artistCount:int=20 artistOffset:int=0
    albumCount:int=20 albumOffset:int=0 songCount:int=20 songOffset:int=0 musicFolderId:id
# Playlists
getPlaylists @1.0.0 playlists:Playlists username:str
getPlaylist @1.0.0 playlist:PlaylistWithSongs id:id!
createPlaylist @1.2.0 playlist:PlaylistWithSongs playlistId:id? name:str? songId:id[]
updatePlaylist @1.8.0 - playlistId:id! name:str comment:str public:bool songIdToAdd:id[]
    songIndexToRemove:int[]
deletePlaylist @1.2.0 - id:id!
# Media retrieval
stream @1.0.0 binary id:id! maxBitRate:int format:str timeOffset:int=0 size:str
    estimateContentLength:bool=false converted:bool=false
download @1.0.0 binary id:id!
hls @1.8.0 binary id:id! bitRate:int[] audioTrack:id
getCaptions @1.14.0 binary id:id! format:enum
getCoverArt @1.0.0 binary id:id! size:int
getLyrics @1.2.0 lyrics:Lyrics artist:str title:str
getLyricsBySongId +songLyrics lyricsList:LyricsList id:id! enhanced:bool=false
getAvatar @1.8.0 binary username:str!
# Media annotation
star @1.8.0 - id:id[] albumId:id[] artistId:id[]
unstar @1.8.0 - id:id[] albumId:id[] artistId:id[]
setRating @1.6.0 - id:id! rating:int!
scrobble @1.5.0 - id:id[]! time:int[] submission:bool=true
reportPlayback +playbackReport - mediaId:id! mediaType:enum! positionMs:int! state:enum!
    playbackRate:float=1.0 ignoreScrobble:bool=false
# Bookmarks
getBookmarks @1.9.0 bookmarks:Bookmarks
createBookmark @1.9.0 - id:id! position:int! comment:str
deleteBookmark @1.9.0 - id:id!
getPlayQueue @1.12.0 playQueue:PlayQueue
savePlayQueue @1.12.0 - id:id[] current:id? position:int=0
getPlayQueueByIndex +indexBasedQueue playQueueByIndex:PlayQueueByIndex
savePlayQueueByIndex +indexBasedQueue - id:id[] currentIndex:int? position:int=0
# Sharing
getShares @1.6.0 shares:Shares
createShare @1.6.0 shares:Shares id:id[]! description:str expires:int
updateShare @1.6.0 - id:id! description:str expires:int
deleteShare @1.6.0 - id:id!
# Podcast
getPodcasts @1.6.0 podcasts:Podcasts includeEpisodes:bool=true id:id
getNewestPodcasts @1.13.0 newestPodcasts:NewestPodcasts count:int=20
refreshPodcasts @1.9.0 -
createPodcastChannel @1.9.0 - url:str!
deletePodcastChannel @1.9.0 - id:id!
deletePodcastEpisode @1.9.0 - id:id!
downloadPodcastEpisode @1.9.0 - id:id!
# Jukebox
jukeboxControl @1.2.0 jukeboxStatus:JukeboxStatus action:enum! index:int offset:int id:id[] gain:float
# Internet radio
getInternetRadioStations @1.9.0 internetRadioStations:InternetRadioStations
createInternetRadioStation @1.16.0 - streamUrl:str! name:str! homepageUrl:str
updateInternetRadioStation @1.16.0 - id:id! streamUrl:str! name:str! homepageUrl:str
deleteInternetRadioStation @1.16.0 - id:id!
# Chat
getChatMessages @1.2.0 chatMessages:ChatMessages since:int
addChatMessage @1.2.0 - message:str!
# User management
getUser @1.3.0 user:User username:str!
getUsers @1.8.0 users:Users
createUser @1.1.0 - username:str! password:str! email:str! ldapAuthenticated:bool=false adminRole:bool=false
    settingsRole:bool=true streamRole:bool=true jukeboxRole:bool=false downloadRole:bool=false
    uploadRole:bool=false playlistRole:bool=false coverArtRole:bool=false commentRole:bool=false
    podcastRole:bool=false shareRole:bool=false videoConversionRole:bool=false musicFolderId:id[]
updateUser @1.10.1 - username:str! password:str email:str ldapAuthenticated:bool adminRole:bool
    settingsRole:bool streamRole:bool jukeboxRole:bool downloadRole:bool uploadRole:bool coverArtRole:bool
    commentRole:bool podcastRole:bool shareRole:bool videoConversionRole:bool musicFolderId:id[] maxBitRate:int
deleteUser @1.3.0 - username:str!
changePassword @1.1.0 - username:str! password:str!
# Library scanning
getScanStatus @1.15.0 scanStatus:ScanStatus
startScan @1.15.0 scanStatus:ScanStatus
# Transcoding
getTranscodeDecision +transcoding transcodeDecision:TranscodeDecision mediaId:id! mediaType:enum!
getTranscodeStream +transcoding binary mediaId:id! mediaType:enum! offset:int=0 transcodeParams:str!
"""
