"""What the library's records look like on the wire."""

import hashlib

import orjson
import pytest

from server.library.facts import AlbumFacts, ArtistFacts, Credited, Day, Faced, Gain, Named, TrackFacts
from subsonic import shapes
from subsonic.present import FACE_VERSION, Faces
from subsonic.protocol import render
from subsonic.protocol.declare import MISSING, fields_of

faces = Faces(lambda kind, number: f"{kind}-{number}")
BJORK, SO = Named(1, "Björk"), Named(2, "Someone")

TRACK = TrackFacts(
    id=7, title="Jóga", sort_title="joga", library_id=1, folder_id=9, album_id=4, album="Homogenic",
    artist="Björk feat. Someone", artists=(BJORK, SO), album_artist="Björk", album_artists=(BJORK,),
    credits=(Credited("composer", "", BJORK), Credited("performer", "piano", SO)), track=2, disc=1, year=1997,
    genres=("Electronic", "Art Pop"), moods=("calm",), cover="co-3", size_bytes=31_000_000, suffix="flac",
    content_type="audio/flac", codec="flac", length_ms=304_600, bitrate_kbps=850, bit_depth=16, sample_rate_hz=44_100,
    channels=2, path="Björk/Homogenic/02 - Jóga.flac", added_ms=1_763_630_212_273, bpm=84, comment="c", mbid="m",
    isrc=("GB1",), gain=Gain(-8.25, 0.98, -7.5, 1.0, None), explicit="clean", works=("W",), movement="I",
    movement_number=1, movement_count=3, groupings=("g",),
)  # fmt: skip
BARE = TrackFacts(
    id=8, title="x.mp3", sort_title="x.mp3", library_id=1, folder_id=9, album_id=4, album="", artist="", artists=(),
    album_artist="", album_artists=(), credits=(), track=0, disc=0, year=0, genres=(), moods=(), cover="", size_bytes=1,
    suffix="mp3", content_type="audio/mpeg", codec="mp3", length_ms=0, bitrate_kbps=0, bit_depth=0, sample_rate_hz=0,
    channels=0, path="x.mp3", added_ms=0,
)  # fmt: skip
ALBUM = AlbumFacts(
    id=4, name="Homogenic", sort_name="homogenic", library_id=1, folder_id=9, artist="Björk", artists=(BJORK,),
    cover="co-3", track_count=10, length_s=2614, added_ms=1_763_630_212_273, year=1997, genres=("Electronic",),
    moods=(), labels=("One Little Indian",), release_types=("Album", ""), released=Day(1997, 9), originally=Day(1997),
    compilation=False, mbid="m", version="Deluxe", explicit="", disc_titles=((1, "First"), (2, "")),
)  # fmt: skip
ARTIST = ArtistFacts(id=1, name="Björk", sort_name="bjork", album_count=9, cover="", mbid="m", roles=("artist",))


def test_the_face_of_a_track_says_all_that_is_known():
    assert orjson.loads(faces.track(TRACK)) == {
        "id": "tr-7", "parent": "fo-9", "isDir": False, "title": "Jóga", "album": "Homogenic",
        "artist": "Björk feat. Someone", "track": 2, "year": 1997, "genre": "Electronic", "coverArt": "co-3",
        "size": 31_000_000, "contentType": "audio/flac", "suffix": "flac", "duration": 305, "bitRate": 850,
        "bitDepth": 16, "samplingRate": 44_100, "channelCount": 2, "path": "Björk/Homogenic/02 - Jóga.flac",
        "isVideo": False, "discNumber": 1, "created": "2025-11-20T09:16:52.273Z", "albumId": "al-4",
        "artistId": "ar-1", "type": "music", "mediaType": "song", "bpm": 84, "comment": "c", "sortName": "joga",
        "musicBrainzId": "m", "isrc": ["GB1"], "genres": [{"name": "Electronic"}, {"name": "Art Pop"}],
        "artists": [{"id": "ar-1", "name": "Björk"}, {"id": "ar-2", "name": "Someone"}],
        "displayArtist": "Björk feat. Someone", "albumArtists": [{"id": "ar-1", "name": "Björk"}],
        "displayAlbumArtist": "Björk",
        "contributors": [
            {"role": "composer", "artist": {"id": "ar-1", "name": "Björk"}},
            {"role": "performer", "subRole": "piano", "artist": {"id": "ar-2", "name": "Someone"}},
        ],
        "displayComposer": "Björk", "moods": ["calm"],
        "replayGain": {"trackGain": -8.25, "albumGain": -7.5, "trackPeak": 0.98, "albumPeak": 1.0},
        "explicitStatus": "clean", "works": [{"name": "W"}], "movements": [{"name": "I", "number": 1, "count": 3}],
        "groupings": ["g"],
    }  # fmt: skip


def test_what_is_unknown_of_a_track_is_left_out_or_empty_as_the_protocol_wants():
    said = orjson.loads(faces.track(BARE))
    assert not {"album", "artist", "artistId", "track", "discNumber", "year", "genre", "coverArt", "bitRate"} & set(
        said
    )
    assert said["replayGain"] == {} and said["artists"] == said["isrc"] == said["movements"] == []
    assert said["title"] == "x.mp3" and said["duration"] == 0


@pytest.mark.parametrize(("length_ms", "seconds"), [(1, 1), (400, 1), (1499, 1), (1500, 2), (304_600, 305)])
def test_a_length_is_rounded_and_never_nothing_where_there_is_sound(length_ms, seconds):
    assert orjson.loads(faces.track(TRACK._replace(length_ms=length_ms)))["duration"] == seconds


def test_a_number_that_typed_clients_cannot_hold_counts_as_unknown():
    said = orjson.loads(faces.track(TRACK._replace(track=2**31, disc=-1, year=10**12, bpm=2**40)))
    assert said["bpm"] == 0 and not {"track", "discNumber", "year"} & set(said)


def test_a_gain_that_is_no_number_is_left_out():
    gain = Gain(float("nan"), float("inf"), -7.0, None, None)
    assert orjson.loads(faces.track(TRACK._replace(gain=gain)))["replayGain"] == {"albumGain": -7.0}


def test_the_face_of_an_album_serves_both_views():
    said = orjson.loads(faces.album(ALBUM))
    wanted = {"id", "name", "songCount", "duration", "created", "title", "album", "isDir", "parent", "artistId"}
    assert wanted <= set(said) and said["isDir"] is True and said["mediaType"] == "album"
    assert said["releaseTypes"] == ["Album"] and said["discTitles"] == [{"disc": 1, "title": "First"}]
    assert said["releaseDate"] == {"year": 1997, "month": 9} and said["originalReleaseDate"] == {"year": 1997}
    row = Faced(4, faces.album(ALBUM))
    by_tags = render(shapes.AlbumList2(album=(row,)), "xml", member="albumList2")[0].decode()
    by_folders = render(shapes.AlbumList(album=(row,)), "xml", member="albumList")[0].decode()
    assert 'name="Homogenic"' in by_tags and "isDir" not in by_tags and "songCount" in by_tags
    assert 'title="Homogenic"' in by_folders and 'isDir="true"' in by_folders and "songCount" not in by_folders


def test_the_face_of_an_artist_says_how_many_albums_there_are():
    assert orjson.loads(faces.artist(ARTIST)) == {
        "id": "ar-1", "name": "Björk", "albumCount": 9, "musicBrainzId": "m", "sortName": "bjork", "roles": ["artist"]
    }  # fmt: skip


@pytest.mark.parametrize(
    ("face", "shape"),
    [
        (faces.track(BARE), shapes.Child),
        (faces.album(ALBUM), shapes.Child),
        (faces.album(ALBUM), shapes.AlbumID3),
        (faces.artist(ARTIST), shapes.ArtistID3),
        (faces.artist(ARTIST), shapes.Artist),
    ],
)
def test_a_face_has_every_field_that_its_shapes_require(face, shape):
    required = {field.wire for field in fields_of(shape) if shape.declared[field.name] is MISSING}
    assert required <= set(orjson.loads(face))


def test_faces_with_other_bytes_are_faces_of_another_version():
    """Raise FACE_VERSION and put the new sum here when a face changes: stored ones are then made anew."""
    rendered = faces.track(TRACK) + faces.track(BARE) + faces.album(ALBUM) + faces.artist(ARTIST)
    assert (FACE_VERSION, hashlib.sha256(rendered).hexdigest()[:12]) == (2, "a3c34a880ee7")
