"""What tags say reaches the wire, from every format that people keep music in."""

import pytest

import subsonic.browsing  # noqa: F401
from server.tests.shelf import Shelf
from subsonic.tests.calling import IDS, Client

RECORDING, RELEASE, ARTIST, WORK = (f"{digit}" * 8 + "-0000-4000-8000-000000000000" for digit in "1234")
FORMATS = ("mp3", "flac", "opus", "m4a")
TAGS = {
    "title": "The Kettle", "titlesort": "Kettle, The", "artist": "Ann & Ben", "artists": ["Ann", "Ben"],
    "albumartist": "Ann", "albumartistsort": "Ann A.", "album": "Steam", "albumsort": "Steam 1", "tracknumber": 2,
    "totaltracks": 9, "discnumber": 2, "totaldiscs": 3, "discsubtitle": "The Second", "date": "2019-05-03",
    "originaldate": "1971-02", "genre": ["Folk", "Dub"], "mood": ["calm", "wide"], "comment": "made in a kitchen",
    "isrc": ["GBAAA1900001", "GBAAA1900002"], "bpm": 101, "label": ["Tideline", "Other"],
    "releasetype": ["album", "live"], "albumversion": "Deluxe", "compilation": 1, "composer": ["Cy", "Di"],
    "lyricist": "Lu", "conductor": "Co", "arranger": "Ar", "producer": "Pro", "engineer": "En", "mixer": "Mi",
    "djmixer": "Dj", "remixer": "Re", "performer:piano": "Ann", "performer:drums (kit)": "Ben", "work": "Opus One",
    "musicbrainz_workid": WORK, "movement": "Adagio", "movementnumber": "2/4", "grouping": ["Tea", "Kitchen"],
    "itunesadvisory": 1, "musicbrainz_trackid": RECORDING, "musicbrainz_albumid": RELEASE,
    "musicbrainz_albumartistid": ARTIST, "replaygain_track_gain": "-7.31 dB", "replaygain_track_peak": "0.98",
    "replaygain_album_gain": "-6.00 dB", "replaygain_album_peak": "0.99",
}  # fmt: skip
SONG = {
    "title": "The Kettle", "sortName": "Kettle, The", "artist": "Ann & Ben", "displayArtist": "Ann & Ben",
    "displayAlbumArtist": "Ann", "album": "Steam", "track": 2, "discNumber": 2, "year": 1971, "genre": "Folk",
    "genres": [{"name": "Folk"}, {"name": "Dub"}], "moods": ["calm", "wide"], "comment": "made in a kitchen",
    "isrc": ["GBAAA1900001", "GBAAA1900002"], "bpm": 101, "displayComposer": "Cy, Di", "explicitStatus": "explicit",
    "works": [{"name": "Opus One", "musicBrainzId": WORK}], "movements": [{"name": "Adagio", "number": 2, "count": 4}],
    "groupings": ["Tea", "Kitchen"], "musicBrainzId": RECORDING, "mediaType": "song", "type": "music", "isDir": False,
    "isVideo": False, "duration": 1,
}  # fmt: skip
ALBUM = {
    "name": "Steam", "version": "Deluxe", "artist": "Ann", "displayArtist": "Ann", "songCount": 1, "year": 1971,
    "genre": "Folk", "recordLabels": [{"name": "Tideline"}, {"name": "Other"}], "releaseTypes": ["album", "live"],
    "moods": ["calm", "wide"], "musicBrainzId": RELEASE, "releaseDate": {"year": 2019, "month": 5, "day": 3},
    "originalReleaseDate": {"year": 1971, "month": 2}, "isCompilation": True, "explicitStatus": "explicit",
    "discTitles": [{"disc": 2, "title": "The Second"}],
}  # fmt: skip
PARTS = {
    ("composer", None, "Cy"), ("composer", None, "Di"), ("lyricist", None, "Lu"), ("conductor", None, "Co"),
    ("arranger", None, "Ar"), ("producer", None, "Pro"), ("engineer", None, "En"), ("mixer", None, "Mi"),
    ("djmixer", None, "Dj"), ("remixer", None, "Re"),
    ("performer", "piano", "Ann"), ("performer", "drums (kit)", "Ben"),
}  # fmt: skip


@pytest.fixture
def ann(shelf: Shelf) -> Client:
    shelf.track("Empty/bare.mp3")
    return Client(shelf.db, shelf.viewer)


def scanned(shelf: Shelf, suffix: str) -> tuple[str, str]:
    """Write one track in a format, and return its id and its album's."""
    shelf.track(f"Ann/Steam/2-02.{suffix}", **TAGS)
    shelf.scan()
    song, album = shelf.rows("SELECT id, album_id FROM track WHERE title = 'The Kettle'")[0]
    return IDS.text("tr", song), IDS.text("al", album)


@pytest.mark.parametrize("suffix", FORMATS)
def test_every_tag_of_a_song_and_its_album_is_on_the_wire(shelf, ann, suffix):
    song_id, album_id = scanned(shelf, suffix)
    song, album = ann.ask("getSong", id=song_id), ann.ask("getAlbum", id=album_id)
    assert {name: song.get(name) for name in SONG} == SONG
    assert {name: album.get(name) for name in ALBUM} == ALBUM
    assert album["song"] == [song]
    assert {(each["role"], each.get("subRole"), each["artist"]["name"]) for each in song["contributors"]} == PARTS
    assert [each["name"] for each in song["artists"]] == ["Ann", "Ben"]
    assert [each["name"] for each in song["albumArtists"]] == [each["name"] for each in album["artists"]] == ["Ann"]
    gain = song["replayGain"]
    assert (gain["trackGain"], gain["trackPeak"], gain["albumGain"], gain["albumPeak"]) == (-7.31, 0.98, -6.0, 0.99)
    assert song["samplingRate"] >= 44100 and song["channelCount"] in (1, 2) and song["bitRate"] and song["size"]
    assert (song["bitDepth"] > 0) is (suffix == "flac")
    artist = ann.ask("getArtist", id=album["artistId"])
    assert (artist["musicBrainzId"], artist["sortName"], artist["albumCount"]) == (ARTIST, "Ann A.", 1)
    assert artist["roles"] == ["albumartist", "artist", "performer"]


@pytest.mark.parametrize("suffix", FORMATS)
def test_xml_has_the_same_parts(shelf, ann, suffix):
    song_id, album_id = scanned(shelf, suffix)
    xml = ann.ask("getSong", fmt="xml", id=song_id)
    for part in (f'<works name="Opus One" musicBrainzId="{WORK}"/>', '<movements name="Adagio" number="2" count="4"/>',
                 "<groupings>Tea</groupings><groupings>Kitchen</groupings>", "<moods>calm</moods>",
                 "<isrc>GBAAA1900001</isrc>", '<contributors role="performer" subRole="piano">',
                 'explicitStatus="explicit"', '<replayGain trackGain="-7.31"'):  # fmt: skip
        assert part in xml, part
    xml = ann.ask("getAlbum", fmt="xml", id=album_id)
    for part in ('version="Deluxe"', '<recordLabels name="Tideline"/>', "<releaseTypes>live</releaseTypes>",
                 '<originalReleaseDate year="1971" month="2"/>', '<discTitles disc="2" title="The Second"/>'):
        assert part in xml, part


def test_discs_in_folders_of_their_own_have_pictures_of_their_own(shelf, ann):
    for disc, title in ((1, "Early"), (2, "Late"), (3, None)):
        shelf.track(f"Ann/Box/CD{disc}/1.flac", title=f"On {disc}", artist="Ann", albumartist="Ann", album="Box",
                    discnumber=disc, discsubtitle=title)  # fmt: skip
    shelf.scan()
    ((album, _),) = shelf.rows("SELECT id, name FROM album WHERE name = 'Box'")
    folders = dict(shelf.rows("SELECT path, id FROM folder"))
    assert ann.ask("getAlbum", id=IDS.text("al", album))["discTitles"] == [
        {"disc": disc, "title": title, "coverArt": IDS.text("fo", folders[f"Ann/Box/CD{disc}"])}
        for disc, title in ((1, "Early"), (2, "Late"))
    ]


def test_what_a_song_lacks_is_empty_so_that_clients_see_what_is_supported(shelf, ann):
    shelf.scan()
    song = ann.ask("getSong", id=IDS.text("tr", shelf.titles()["bare"]))
    for name, empty in {"bpm": 0, "comment": "", "sortName": "", "musicBrainzId": "", "isrc": [], "genres": [],
                        "moods": [], "contributors": [], "displayComposer": "", "explicitStatus": "", "works": [],
                        "movements": [], "groupings": [], "replayGain": {}}.items():  # fmt: skip
        assert song[name] == empty, name
    assert not {"track", "year", "genre", "coverArt", "starred", "userRating", "averageRating", "played"} & song.keys()


def test_marks_are_on_every_row_that_has_room_for_them(server):
    song = server.ask("search3", query="Ember")["song"][0]
    ids = {"id": song["id"], "albumId": song["albumId"], "artistId": song["artistId"]}
    server.ask("star", **ids)
    for each in ids.values():
        server.ask("setRating", id=each, rating=4)
    server.ask("setRating", "bob", id=song["id"], rating=1)
    server.ask("scrobble", id=song["id"])
    for endpoint, number in (("getSong", song["id"]), ("getAlbum", song["albumId"]),
                                  ("getArtist", song["artistId"]), ("getMusicDirectory", song["albumId"]),
                                  ("getMusicDirectory", song["artistId"])):  # fmt: skip
        found = server.ask(endpoint, id=number)
        assert found["starred"].endswith("Z") and found["userRating"] == 4, endpoint
        assert found["averageRating"] == (2.5 if endpoint == "getSong" else 4), endpoint
        if endpoint != "getArtist":
            assert found["playCount"] == 1, endpoint
        if endpoint in ("getSong", "getAlbum"):
            assert found["played"].endswith("Z")
    assert server.ask("getMusicDirectory", id=song["albumId"])["parent"] == song["artistId"]
    bare = server.ask("getMusicDirectory", "bob", id=song["albumId"])
    assert not {"starred", "userRating", "playCount"} & bare.keys()


def test_what_is_starred_and_rated_as_a_folder_is_so_wherever_the_folder_stands(server):
    song = server.ask("search3", query="Together")["song"][0]
    album = server.ask("getMusicDirectory", id=song["parent"])

    def shown(who="alice"):
        above = server.ask("getMusicDirectory", who, id=album["parent"])["child"]
        index = server.ask("getIndexes", who)["index"]
        return [
            server.ask("getMusicDirectory", who, id=album["id"]),
            next(each for each in above if each["id"] == album["id"]),
            next(each for letter in index for each in letter["artist"] if each["id"] == album["id"]),
        ]

    server.ask("star", id=album["id"])
    server.ask("setRating", id=album["id"], rating=3)
    assert all(each["starred"].endswith("Z") and each["userRating"] == each["averageRating"] == 3 for each in shown())
    assert not any({"starred", "userRating"} & each.keys() for each in shown("bob"))
    server.ask("unstar", id=album["id"])
    server.ask("setRating", id=album["id"], rating=0)
    assert not any({"starred", "userRating", "averageRating"} & each.keys() for each in shown())


def test_folders_whose_names_are_no_utf_8_are_readable(ann, shelf):
    shelf.track("Ren\udce9/\udcc9t\udce9/1.mp3")
    shelf.scan()
    (top,) = [each for index in ann.ask("getIndexes")["index"] for each in index["artist"] if each["name"] != "Empty"]
    inside = ann.ask("getMusicDirectory", id=top["id"])
    (album,) = inside["child"]
    assert (top["name"], inside["name"]) == ("René", "René")
    assert [album[key] for key in ("title", "album", "artist", "path")] == ["Été", "Été", "René", "René/Été"]
