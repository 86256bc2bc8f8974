"""Every endpoint's declaration against the facts of the protocol, in one compact table.

`name since member:Reply parameters`; a parameter is name, `*` repeatable, `!` required, `=default`. "OS" is
OpenSubsonic.
The query of the searches is required on paper; clients leave it out, so here it is not.
"""

from dataclasses import MISSING
from typing import get_args, get_origin, get_type_hints

import pytest

from subsonic import shapes
from subsonic.endpoints import ENDPOINTS, GetAlbumList2, JukeboxControl, Ping
from subsonic.protocol import HANDLERS, Request, Shape, coverage, handles
from subsonic.protocol.characters import camel
from subsonic.protocol.declare import Record, without_marks

FACTS = """
ping 1.0.0 -
getLicense 1.0.0 license:License
getOpenSubsonicExtensions OS openSubsonicExtensions:OpenSubsonicExtension
tokenInfo OS tokenInfo:TokenInfo
getMusicFolders 1.0.0 musicFolders:MusicFolders
getIndexes 1.0.0 indexes:Indexes musicFolderId ifModifiedSince
getMusicDirectory 1.0.0 directory:Directory id!
getGenres 1.9.0 genres:Genres
getArtists 1.8.0 artists:ArtistsID3 musicFolderId
getArtist 1.8.0 artist:ArtistWithAlbumsID3 id!
getAlbum 1.8.0 album:AlbumID3WithSongs id!
getSong 1.8.0 song:Child id!
getVideos 1.8.0 videos:Videos
getVideoInfo 1.14.0 videoInfo:VideoInfo id!
getArtistInfo 1.11.0 artistInfo:ArtistInfo id! count=20 includeNotPresent=false
getArtistInfo2 1.11.0 artistInfo2:ArtistInfo2 id! count=20 includeNotPresent=false
getAlbumInfo 1.14.0 albumInfo:AlbumInfo id!
getAlbumInfo2 1.14.0 albumInfo:AlbumInfo id!
getSimilarSongs 1.11.0 similarSongs:SimilarSongs id! count=50
getSimilarSongs2 1.11.0 similarSongs2:SimilarSongs2 id! count=50
getTopSongs 1.13.0 topSongs:TopSongs artist id count=50
getSonicSimilarTracks OS sonicMatch:SonicMatch id! count=10
findSonicPath OS sonicMatch:SonicMatch startSongId! endSongId! count=25
getPodcastEpisode OS podcastEpisode:PodcastEpisode id!
getAlbumList 1.2.0 albumList:AlbumList type! size=10 offset=0 fromYear toYear genre musicFolderId
getAlbumList2 1.8.0 albumList2:AlbumList2 type! size=10 offset=0 fromYear toYear genre musicFolderId
getRandomSongs 1.2.0 randomSongs:Songs size=10 genre fromYear toYear musicFolderId
getSongsByGenre 1.9.0 songsByGenre:Songs genre! count=10 offset=0 musicFolderId
getNowPlaying 1.0.0 nowPlaying:NowPlaying
getStarred 1.8.0 starred:Starred musicFolderId
getStarred2 1.8.0 starred2:Starred2 musicFolderId
search 1.0.0 searchResult:SearchResult artist album title any count=20 offset=0 newerThan
search2 1.4.0 searchResult2:SearchResult2 query artistCount=20 artistOffset=0 albumCount=20 albumOffset=0 songCount=20
    songOffset=0 musicFolderId
search3 1.8.0 searchResult3:SearchResult3 query artistCount=20 artistOffset=0 albumCount=20 albumOffset=0 songCount=20
    songOffset=0 musicFolderId
getPlaylists 1.0.0 playlists:Playlists username
getPlaylist 1.0.0 playlist:PlaylistWithSongs id!
createPlaylist 1.2.0 playlist:PlaylistWithSongs playlistId name songId*
updatePlaylist 1.8.0 - playlistId! name comment public songIdToAdd* songIndexToRemove*
deletePlaylist 1.2.0 - id!
stream 1.0.0 file id! maxBitRate=0 format timeOffset=0 size estimateContentLength=false converted=false
download 1.0.0 file id!
hls 1.8.0 file id! bitRate* audioTrack segment
getCaptions 1.14.0 file id! format
getCoverArt 1.0.0 file id! size
getLyrics 1.2.0 lyrics:Lyrics artist title
getLyricsBySongId OS lyricsList:LyricsList id! enhanced=false
getAvatar 1.8.0 file username!
star 1.8.0 - id* albumId* artistId*
unstar 1.8.0 - id* albumId* artistId*
setRating 1.6.0 - id! rating!
scrobble 1.5.0 - id*! time* submission=true
reportPlayback OS - mediaId! mediaType! positionMs! state! playbackRate=1.0 ignoreScrobble=false
getBookmarks 1.9.0 bookmarks:Bookmarks
createBookmark 1.9.0 - id! position! comment
deleteBookmark 1.9.0 - id!
getPlayQueue 1.12.0 playQueue:PlayQueue
savePlayQueue 1.12.0 - id* current position=0
getPlayQueueByIndex OS playQueueByIndex:PlayQueueByIndex
savePlayQueueByIndex OS - id* currentIndex position=0
getShares 1.6.0 shares:Shares
createShare 1.6.0 shares:Shares id*! description expires
updateShare 1.6.0 - id! description expires
deleteShare 1.6.0 - id!
getPodcasts 1.6.0 podcasts:Podcasts includeEpisodes=true id
getNewestPodcasts 1.13.0 newestPodcasts:NewestPodcasts count=20
refreshPodcasts 1.9.0 -
createPodcastChannel 1.9.0 - url!
deletePodcastChannel 1.9.0 - id!
deletePodcastEpisode 1.9.0 - id!
downloadPodcastEpisode 1.9.0 - id!
jukeboxControl 1.2.0 jukeboxStatus:JukeboxStatus action! index offset id* gain
getInternetRadioStations 1.9.0 internetRadioStations:InternetRadioStations
createInternetRadioStation 1.16.0 - streamUrl! name! homepageUrl
updateInternetRadioStation 1.16.0 - id! streamUrl! name! homepageUrl
deleteInternetRadioStation 1.16.0 - id!
getChatMessages 1.2.0 chatMessages:ChatMessages since
addChatMessage 1.2.0 - message!
getUser 1.3.0 user:User username!
getUsers 1.8.0 users:Users
createUser 1.1.0 - username! password! email! ldapAuthenticated=false adminRole=false settingsRole=true
    streamRole=true jukeboxRole=false downloadRole=false uploadRole=false playlistRole=false coverArtRole=false
    commentRole=false podcastRole=false shareRole=false videoConversionRole=false musicFolderId*
updateUser 1.10.1 - username! password email ldapAuthenticated adminRole settingsRole streamRole jukeboxRole
    downloadRole uploadRole coverArtRole commentRole podcastRole shareRole videoConversionRole musicFolderId*
    maxBitRate
deleteUser 1.3.0 - username!
changePassword 1.1.0 - username! password!
getScanStatus 1.15.0 scanStatus:ScanStatus
startScan 1.15.0 scanStatus:ScanStatus
getTranscodeDecision OS transcodeDecision:TranscodeDecision mediaId! mediaType!
getTranscodeStream OS file mediaId! mediaType! offset=0 transcodeParams!
"""
OURS = {"startScan": {"fullScan"}}
"""Parameters that the protocol does not know: Navidrome's fullScan, which clients send."""
NO_DEFAULT = {
    "getCoverArt": {"size"},
    "getLyrics": {"artist", "title"},
    "jukeboxControl": {"offset"},
    "search2": {"query"},
    "search3": {"query"},
    "stream": {"format", "size"},
}
"""Parameters that are "" or 0 when absent, because the two mean the same."""


def table() -> dict[str, list[str]]:
    """Return the facts by endpoint; a line that begins with a blank goes on from the one before."""
    lines = FACTS.strip().replace("\n    ", " ").splitlines()
    return {name: rest for name, *rest in map(str.split, lines)}


@pytest.mark.parametrize("name", sorted(table()))
def test_an_endpoint_is_declared_as_the_protocol_has_it(name):
    since, reply, *parameters = table()[name]
    request = ENDPOINTS[name]
    assert (request.since_api or "OS") == since
    assert described_reply(request) == reply
    assert described_parameters(request) == sorted(parameters)
    assert request.__doc__


def test_there_are_all_87_endpoints_and_no_others():
    assert sorted(ENDPOINTS) == sorted(table())
    assert len(ENDPOINTS) == 87


def test_only_the_list_of_extensions_needs_nobody_signed_in():
    assert [name for name, request in ENDPOINTS.items() if request.access is None] == ["getOpenSubsonicExtensions"]


def test_a_random_list_is_never_kept():
    assert GetAlbumList2(type="newest").may_cache()
    assert not GetAlbumList2(type="random").may_cache()
    assert not Ping().may_cache()


def test_the_two_replies_of_the_jukebox_have_their_own_names():
    assert get_args(JukeboxControl.reply) == (shapes.JukeboxStatus, shapes.JukeboxPlaylist)
    assert JukeboxControl.member == "jukeboxStatus"
    assert shapes.JukeboxPlaylist.member == "jukeboxPlaylist"


def test_an_endpoint_has_one_handler_and_coverage_tells_who_has_none():
    class Wave(Request[None]):
        """Say hello."""

    assert coverage({"wave": Wave}) == {"wave": False}

    @handles(Wave)
    async def wave(call, q):
        return None

    try:
        assert coverage({"wave": Wave}) == {"wave": True}
        with pytest.raises(TypeError, match="already answered"):
            handles(Wave)(wave)
    finally:
        del HANDLERS[Wave]


def test_a_request_must_say_what_it_replies():
    with pytest.raises(TypeError, match="does not say what it replies"):

        class Mute(Request):
            """Nothing."""


def test_a_call_cannot_be_changed_and_serves_as_a_key():
    call = GetAlbumList2(type="newest")
    with pytest.raises(AttributeError):
        call.size = 5
    assert {call: 1}[GetAlbumList2(type="newest")] == 1
    assert call != GetAlbumList2(type="newest", size=11)
    assert "size=10" in repr(call)


@pytest.mark.parametrize("given", [{}, {"type": "newest", "colour": "red"}, {"colour": "red"}])
def test_a_record_takes_what_it_declares_and_nothing_else(given):
    with pytest.raises(TypeError):
        GetAlbumList2(**given)


def described_reply(request) -> str:
    if request.media:
        return "file"
    if request.reply is None:
        return "-"
    reply = request.reply
    if not (isinstance(reply, type) and issubclass(reply, Shape)):
        reply = get_args(reply)[0]
    return f"{request.member}:{reply.__name__}"


def described_parameters(request) -> list[str]:
    hints = get_type_hints(request, include_extras=True)
    found = []
    for name, default in request.declared.items():
        wire = camel(name)
        if wire in OURS.get(request.wire, ()):
            continue
        repeated = get_origin(without_marks(hints[name])[0]) is tuple
        absent = default in (None, ()) or wire in NO_DEFAULT.get(request.wire, ())
        end = "!" if default is MISSING else "" if absent else f"={str(default).replace('True', 'true')}"
        found.append(wire + "*" * repeated + end.replace("False", "false"))
    return sorted(found)


def test_no_field_hides_what_is_said_about_the_class():
    said = {*Record.__annotations__, *Request.__annotations__, *Shape.__annotations__}
    records = [*ENDPOINTS.values(), *(each for each in vars(shapes).values() if isinstance(each, type))]
    assert not [(each, said & set(each.declared)) for each in records if said & set(getattr(each, "declared", ()))]
