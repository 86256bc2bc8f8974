"""py-sonic, the library under Mopidy-Subidy and many scripts: every call a form POST, switches as Python writes them.

It reads what comes back as plain dictionaries, so that each test also says what it needs to find there.
"""

import time
from collections.abc import Iterator

import libsonic
import pytest
from libsonic.errors import AuthError, CredentialError, DataNotFoundError

from server.tests.running import HOST, PASSWORDS, Server

MINUTE_MS = 60_000


def connect(server: Server, user: str = "alice", password: str = "", **more) -> libsonic.Connection:
    password = password or PASSWORDS[user]
    return libsonic.Connection(f"http://{HOST}", user, password, port=server.port, appName="Subidy", **more)


@pytest.fixture
def sonic(server) -> libsonic.Connection:
    return connect(server)


@pytest.fixture
def songs(sonic) -> list[dict]:
    """The four songs of First Light."""
    found = sonic.search3("First Light", artistCount=0, albumCount=1, songCount=0)["searchResult3"]
    return sonic.getAlbum(found["album"][0]["id"])["album"]["song"]


@pytest.fixture
def playlist(sonic, songs) -> Iterator[dict]:
    made = sonic.createPlaylist(name="From py-sonic", songIds=[song["id"] for song in songs])["playlist"]
    yield made
    sonic.deletePlaylist(made["id"])
    assert made["id"] not in [each["id"] for each in sonic.getPlaylists()["playlists"]["playlist"]]


@pytest.mark.parametrize("legacy", [False, True], ids=["token", "encoded password"])
def test_signs_in_whichever_way_it_is_told_to(server, legacy):
    assert connect(server, legacyAuth=legacy).ping()
    with pytest.raises(CredentialError):
        connect(server, legacyAuth=legacy, password="not it").getLicense()


def test_says_that_the_licence_is_valid(sonic):
    assert sonic.getLicense()["license"]["valid"] is True


def test_walks_from_artists_to_albums_to_songs(sonic):
    artists = {artist["name"]: artist for index in sonic.getArtists()["artists"]["index"] for artist in index["artist"]}
    artist = sonic.getArtist(artists["Aurora Vale"]["id"])["artist"]
    assert {album["name"] for album in artist["album"]} >= {"First Light", "Greatest Hits"}
    assert artist["albumCount"] == artists["Aurora Vale"]["albumCount"] == len(artist["album"])
    light = next(album for album in artist["album"] if album["name"] == "First Light")
    album = sonic.getAlbum(light["id"])["album"]
    assert [song["title"] for song in album["song"]] == ["Dawn", "Ember", "Glass Tide", "Homeward"]
    for song in album["song"]:
        assert sonic.getSong(song["id"])["song"] == song


def test_walks_the_folders_down_to_the_same_songs(sonic, songs):
    [music] = [each for each in sonic.getMusicFolders()["musicFolders"]["musicFolder"] if each["name"] == "Music"]
    indexes = sonic.getIndexes(musicFolderId=music["id"])["indexes"]
    assert 0 < indexes["lastModified"] <= time.time()
    tops = {each["name"]: each["id"] for index in indexes["index"] for each in index["artist"]}
    folder = sonic.getMusicDirectory(tops["Aurora Vale"])["directory"]
    [light] = [child for child in folder["child"] if child["title"] == "2019 - First Light"]
    assert light["isDir"] is True and light["parent"] == folder["id"]
    children = sonic.getMusicDirectory(light["id"])["directory"]["child"]
    assert [(child["id"], child["isDir"]) for child in children] == [(song["id"], False) for song in songs]


def test_lists_albums_of_every_kind_a_page_at_a_time(sonic):
    first = sonic.getAlbumList2("alphabeticalByName", size=3)["albumList2"]["album"]
    second = sonic.getAlbumList2("alphabeticalByName", size=3, offset=3)["albumList2"]["album"]
    assert len(first) == len(second) == 3
    assert not {album["id"] for album in first} & {album["id"] for album in second}
    assert sonic.getAlbumList2("newest", offset=5_000)["albumList2"]["album"] == []
    old = sonic.getAlbumList("byYear", fromYear=1990, toYear=1999)["albumList"]["album"]
    assert {album["title"] for album in old} >= {"Greatest Hits"}


def test_finds_genres_and_what_belongs_to_one(sonic):
    genres = {genre["value"]: genre for genre in sonic.getGenres()["genres"]["genre"]}
    songs = sonic.getSongsByGenre("Dream Pop", count=500)["songsByGenre"]["song"]
    assert genres["Dream Pop"]["songCount"] == len(songs) == 4
    assert {song["genre"] for song in sonic.getRandomSongs(size=4, genre="Folk")["randomSongs"]["song"]} == {"Folk"}
    assert len(sonic.getRandomSongs(size=4, genre="")["randomSongs"]["song"]) == 4  # an empty choice is none


@pytest.mark.parametrize("ask", ["search2", "search3"])
def test_searches_the_start_of_words_in_any_script(sonic, ask):
    def found(words: str) -> dict:
        return getattr(sonic, ask)(words)["searchResult" + ask[-1]]

    assert [song["title"] for song in found("homew")["song"]] == ["Homeward"]
    assert [song["title"] for song in found("берез")["song"]] == ["Берёзы"]
    assert found("nothing is called so") == {"artist": [], "album": [], "song": []}


def test_streams_the_file_byte_by_byte(sonic, songs):
    song = songs[0]
    with sonic.stream(song["id"]) as streamed, sonic.download(song["id"]) as downloaded:
        assert streamed.headers["Content-Type"] == song["contentType"] == "audio/flac"
        body = streamed.read()
        assert body[:4] == b"fLaC" and len(body) == song["size"]
        assert downloaded.read() == body


def test_streams_in_the_format_it_wants(sonic, songs):
    with sonic.stream(songs[1]["id"], maxBitRate=64, tformat="mp3") as converted:
        assert converted.headers["Content-Type"] == "audio/mpeg"
        body = converted.read()
    assert body[:3] == b"ID3" or body[0] == 0xFF
    assert 0 < len(body) < songs[1]["size"]


def test_a_song_that_is_not_there_cannot_be_streamed(sonic):
    with pytest.raises(DataNotFoundError):
        sonic.stream("tr-nosuchthing")


def test_shows_covers_at_the_size_it_wants(sonic, songs):
    with sonic.getCoverArt(songs[0]["coverArt"], size=64) as cover:
        assert cover.headers["Content-Type"].startswith("image/")
        assert len(cover.read()) > 100


def test_stars_a_song_an_album_and_an_artist_at_once(sonic, songs):
    song, album, artist = songs[0]["id"], songs[0]["albumId"], songs[0]["artistId"]
    sonic.star([song], [album], [artist])
    marked = {kind: [each["id"] for each in found] for kind, found in sonic.getStarred2()["starred2"].items()}
    assert marked == {"song": [song], "album": [album], "artist": [artist]}
    assert sonic.getSong(song)["song"]["starred"].endswith("Z")
    sonic.unstar([song], [album], [artist])
    assert sonic.getStarred2()["starred2"] == {"artist": [], "album": [], "song": []}
    assert "starred" not in sonic.getSong(song)["song"]


def test_rates_and_takes_the_rating_back(sonic, songs):
    song = songs[2]["id"]
    sonic.setRating(song, 4)
    assert sonic.getSong(song)["song"]["userRating"] == 4
    sonic.setRating(song, 0)
    assert "userRating" not in sonic.getSong(song)["song"]


def test_makes_a_playlist_and_gets_it_back(playlist, songs):
    assert playlist["name"] == "From py-sonic" and playlist["owner"] == "alice"
    assert [entry["id"] for entry in playlist["entry"]] == [song["id"] for song in songs]
    assert playlist["songCount"] == 4 and playlist["duration"] > 0
    assert playlist["created"].endswith("Z") and playlist["changed"].endswith("Z")


def test_replaces_the_songs_of_a_playlist(sonic, playlist, songs):
    order = [songs[at]["id"] for at in (3, 0, 3)]
    sonic.createPlaylist(playlistId=playlist["id"], songIds=order)
    assert [entry["id"] for entry in sonic.getPlaylist(playlist["id"])["playlist"]["entry"]] == order


def test_removes_by_where_songs_stood_and_adds_at_the_end(sonic, playlist, songs):
    ids = [song["id"] for song in songs]
    sonic.updatePlaylist(playlist["id"], "Renamed", "a word", songIdsToAdd=[ids[1]], songIndexesToRemove=[0, 2])
    changed = sonic.getPlaylist(playlist["id"])["playlist"]
    assert [entry["id"] for entry in changed["entry"]] == [ids[1], ids[3], ids[1]]
    assert (changed["name"], changed["comment"]) == ("Renamed", "a word")


def test_goes_on_where_another_device_stopped(sonic, songs):
    ids = [song["id"] for song in songs]
    sonic.savePlayQueue(ids, current=ids[1], position=1234)
    queue = sonic.getPlayQueue()["playQueue"]
    assert [entry["id"] for entry in queue["entry"]] == ids
    assert (queue["current"], queue["position"]) == (ids[1], 1234)
    assert (queue["username"], queue["changedBy"]) == ("alice", "Subidy") and queue["changed"].endswith("Z")


def test_a_scrobble_counts_and_now_playing_does_not(sonic, songs):
    song = songs[3]["id"]
    before = sonic.getSong(song)["song"].get("playCount", 0)
    sonic.scrobble(song, submission=False)
    assert sonic.getSong(song)["song"].get("playCount", 0) == before
    [playing] = [each for each in sonic.getNowPlaying()["nowPlaying"]["entry"] if each["username"] == "alice"]
    assert playing["id"] == song and playing["minutesAgo"] == 0
    sonic.scrobble(song, listenTime=time.time() - 60)
    assert sonic.getSong(song)["song"]["playCount"] == before + 1
    assert sonic.getAlbumList2("recent")["albumList2"]["album"][0]["id"] == songs[3]["albumId"]


def test_keeps_a_bookmark_until_it_is_deleted(sonic, songs):
    song = songs[1]["id"]
    sonic.createBookmark(song, 5 * MINUTE_MS, "here")
    [kept] = sonic.getBookmarks()["bookmarks"]["bookmark"]
    assert (kept["position"], kept["comment"], kept["entry"]["id"]) == (5 * MINUTE_MS, "here", song)
    sonic.deleteBookmark(song)
    assert sonic.getBookmarks()["bookmarks"]["bookmark"] == []


def test_what_nobody_knows_more_of_is_empty_and_no_error(sonic, songs):
    artist, album = songs[0]["artistId"], songs[0]["albumId"]
    assert isinstance(sonic.getArtistInfo2(artist)["artistInfo2"], dict)
    assert isinstance(sonic.getAlbumInfo2(album)["albumInfo"], dict)
    assert isinstance(sonic.getSimilarSongs2(artist)["similarSongs2"]["song"], list)
    assert isinstance(sonic.getTopSongs("Aurora Vale")["topSongs"]["song"], list)


def test_tells_how_a_scan_goes(sonic):
    status = sonic.getScanStatus()["scanStatus"]
    assert isinstance(status["scanning"], bool) and status["count"] > 0


def test_an_administrator_makes_changes_and_removes_people(server):
    admin = connect(server, "admin")
    admin.createUser("carol", "carol's secret 4", "carol@example.org", streamRole=True, downloadRole=True)
    assert connect(server, "carol", password="carol's secret 4").ping()
    carol = admin.getUser("carol")["user"]
    assert (carol["email"], carol["downloadRole"], carol["adminRole"]) == ("carol@example.org", True, False)
    admin.updateUser("carol", email="c@example.org", maxBitRate=128)
    assert admin.getUser("carol")["user"]["downloadRole"] is False  # it sends every role each time
    admin.changePassword("carol", "carol's secret 5")
    assert connect(server, "carol", password="carol's secret 5").ping()
    admin.deleteUser("carol")
    assert "carol" not in [user["username"] for user in admin.getUsers()["users"]["user"]]


def test_others_may_not_manage_people(sonic):
    with pytest.raises(AuthError):
        sonic.getUsers()
    assert sonic.getUser("alice")["user"]["adminRole"] is False
