"""How answers look, byte for byte where clients have been seen to break, and that both formats say the same."""

from xml.etree import ElementTree

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.library.facts import Faced
from subsonic import shapes
from subsonic.protocol import failure, render
from subsonic.protocol.declare import Kind, Mark, Shape, fields_of
from subsonic.protocol.tree import moment
from subsonic.quirks import of

SPACE = "{http://subsonic.org/restapi}"
SHAPES = sorted(
    {each for each in vars(shapes).values() if isinstance(each, type) and issubclass(each, Shape)} - {Shape},
    key=lambda each: each.__name__,
)
SONG = (
    b'{"id":"tr-1","isDir":false,"title":"A & <B> \\"C\\" \\\\ D","bpm":0,"genres":[{"name":"Rock"}],"moods":[],'
    b'"replayGain":{}}'
)


def in_json(reply, member="x", **kwargs):
    body, kind = render(reply, "json", member=member, **kwargs)
    assert kind == "application/json"
    return orjson.loads(body)["subsonic-response"]


def in_xml(reply, member="x", **kwargs) -> str:
    body, kind = render(reply, "xml", member=member, **kwargs)
    assert kind == "text/xml; charset=utf-8"
    return body.decode().partition('openSubsonic="true">')[2].removesuffix("</subsonic-response>")


# ---- the envelope


def test_the_envelope_says_who_we_are():
    said = in_json(None)
    assert said.pop("serverVersion")
    assert said == {"status": "ok", "version": "1.16.1", "type": "familiar", "openSubsonic": True}
    root = ElementTree.fromstring(render(None, "xml")[0])
    assert root.tag == SPACE + "subsonic-response"
    assert root.attrib["openSubsonic"] == "true" and root.attrib["version"] == "1.16.1"


def test_a_failure_has_the_same_envelope():
    said = orjson.loads(failure(40, "No.", "json")[0])["subsonic-response"]
    assert said["status"] == "failed" and said["openSubsonic"] is True and said["serverVersion"]
    assert said["error"] == {"code": 40, "message": "No."}
    assert (
        b'<error code="41" message="No." helpUrl="http://x/?a&amp;b"/>'
        in failure(41, "No.", "xml", help_url="http://x/?a&b")[0]
    )


def test_an_unknown_format_is_xml():
    assert render(None, "yaml")[1] == failure(0, "", "yaml")[1] == "text/xml; charset=utf-8"


def test_jsonp_is_a_call():
    body, kind = render(shapes.License(valid=True), "jsonp", member="license", callback="a.b_$1")
    assert kind == "text/javascript"
    assert body.startswith(b'a.b_$1({"subsonic-response":{') and body.endswith(b'"license":{"valid":true}}});')
    assert failure(70, "No.", "jsonp", "cb")[0].startswith(b"cb({")


@pytest.mark.parametrize(("callback", "code"), [(None, 10), ("", 10), ("a(b)", 0), ("x" * 65, 0), ("<script>", 0)])
def test_jsonp_without_a_usable_callback_fails_as_json(callback, code):
    body, kind = render(None, "jsonp", callback=callback)
    assert kind == "application/json"
    assert orjson.loads(body)["subsonic-response"]["error"]["code"] == code
    assert failure(40, "No.", "jsonp", callback)[1] == "application/json"


def test_jsonp_escapes_what_ends_a_line_in_old_javascript():
    assert b"a\\u2028b" in failure(0, "a\u2028b", "jsonp", "cb")[0]


# ---- what is sent


def test_arrays_are_always_there_and_containers_are_objects():
    assert in_json(shapes.Shares(), "shares")["shares"] == {"share": []}
    assert in_xml(shapes.Shares(), "shares") == "<shares/>"
    assert in_json(shapes.ArtistInfo2(), "artistInfo2")["artistInfo2"] == {"similarArtist": []}


def test_a_root_array_stands_in_the_envelope_itself():
    found = (shapes.OpenSubsonicExtension(name="songLyrics", versions=(1, 2)),)
    name = "openSubsonicExtensions"
    assert in_json(found, name)[name] == [{"name": "songLyrics", "versions": [1, 2]}]
    expected = f'<{name} name="songLyrics"><versions>1</versions><versions>2</versions></{name}>'
    assert in_xml(found, name) == expected
    assert in_json((), "sonicMatch")["sonicMatch"] == []
    assert in_xml((), "sonicMatch") == ""


def test_what_is_unknown_is_left_out_and_never_null_or_empty():
    song = in_json(shapes.Child(id="tr-1", is_dir=False, title="T", cover_art="", album=None))["x"]
    assert not {"coverArt", "album", "starred", "parent", "year", "played", "mediaType"} & set(song)
    assert None not in song.values()


def test_what_open_subsonic_added_is_always_in_the_json_and_in_xml_when_there_is_something():
    song = shapes.Child(id="tr-1", is_dir=False, title="T")
    empty = {
        "bitDepth": 0, "samplingRate": 0, "channelCount": 0, "bpm": 0, "comment": "", "sortName": "",
        "musicBrainzId": "", "isrc": [], "genres": [], "artists": [], "displayArtist": "", "albumArtists": [],
        "displayAlbumArtist": "", "contributors": [], "displayComposer": "", "moods": [], "replayGain": {},
        "explicitStatus": "", "works": [], "movements": [], "groupings": [],
    }  # fmt: skip
    assert in_json(song)["x"] == {"id": "tr-1", "isDir": False, "title": "T", **empty}
    assert in_xml(song, "song") == '<song id="tr-1" isDir="false" title="T"><replayGain/></song>'


def test_text_values_are_the_text_of_an_element():
    genre = shapes.Genre(value="Drum & Bass", song_count=3, album_count=0)
    assert in_json(genre)["x"] == {"value": "Drum & Bass", "songCount": 3, "albumCount": 0}
    assert in_xml(genre, "genre") == '<genre songCount="3" albumCount="0">Drum &amp; Bass</genre>'


def test_what_is_known_about_an_artist_stands_in_elements_in_their_order():
    about = shapes.ArtistInfo(large_image_url="http://l", biography="B <i>", music_brainz_id="m")
    assert in_xml(about, "artistInfo") == (
        "<artistInfo><biography>B &lt;i&gt;</biography><musicBrainzId>m</musicBrainzId>"
        "<largeImageUrl>http://l</largeImageUrl></artistInfo>"
    )


def test_lists_of_text_and_numbers_are_repeated_elements_and_hold_nothing_empty():
    user = {
        f"{role}_role": True for role in ["admin", "settings", "download", "upload", "playlist", "cover_art", "comment"]
    }
    user |= {f"{role}_role": False for role in ["podcast", "stream", "jukebox", "share", "video_conversion"]}
    found = shapes.User(username="u", folder=(1, 2), **user)
    assert in_json(found)["x"]["folder"] == [1, 2]
    assert in_xml(found, "user").endswith("<folder>1</folder><folder>2</folder></user>")
    song = shapes.Child(id="i", is_dir=False, title="t", moods=("calm", "", "sad"))
    assert in_json(song)["x"]["moods"] == ["calm", "sad"]


def test_dates_have_three_digits_of_a_second_and_a_z():
    assert moment(1_763_630_212_273) == "2025-11-20T09:16:52.273Z"
    assert moment(0) == "1970-01-01T00:00:00.000Z"
    assert moment(10**18) == "9999-12-31T23:59:59.999Z"
    assert moment(-5) == "1970-01-01T00:00:00.000Z"


def test_characters_that_xml_forbids_are_in_neither_format():
    song = shapes.Child(id="i", is_dir=False, title="a\x00\x0b\ud800\ufffeb\n\t\r\x85", genre="\x01")
    assert in_json(song)["x"]["title"] == "ab\n\t\r\x85"
    assert ElementTree.fromstring(render(song, "xml", member="song")[0])[0].attrib["title"] == "ab\n\t\r\x85"


def test_a_number_that_json_cannot_hold_is_left_out():
    assert in_json(shapes.ReplayGain(track_gain=float("nan"), album_gain=-1.5))["x"] == {"albumGain": -1.5}


# ---- faces


def test_a_stored_face_is_sent_as_it_is():
    assert SONG in render(shapes.Songs(song=(Faced(1, SONG),)), "json", member="randomSongs")[0]


def test_rows_may_come_in_a_list():
    rows = [Faced(1, SONG)]
    assert render(shapes.Songs(song=rows), "json") == render(shapes.Songs(song=tuple(rows)), "json")


def test_the_viewers_marks_are_spliced_into_a_face():
    marked = Faced(1, SONG, 1_763_630_212_273, 4, 7, 1_763_630_212_000, 3.5, 90_000)
    (song,) = in_json(shapes.Songs(song=(marked,)))["x"]["song"]
    assert {name: song[name] for name in list(song)[-6:]} == {
        "starred": "2025-11-20T09:16:52.273Z", "userRating": 4, "averageRating": 3.5, "playCount": 7,
        "played": "2025-11-20T09:16:52.000Z", "bookmarkPosition": 90_000,
    }  # fmt: skip
    assert 'starred="2025-11-20T09:16:52.273Z" userRating="4"' in in_xml(shapes.Songs(song=(marked,)))


def test_a_face_in_xml_is_escaped_once():
    assert in_xml(shapes.Songs(song=(Faced(1, SONG),)), "songs") == (
        '<songs><song id="tr-1" isDir="false" title="A &amp; &lt;B&gt; &quot;C&quot; \\ D"><genres name="Rock"/>'
        "<replayGain/></song></songs>"
    )


def test_a_shape_over_a_face_adds_what_the_face_lacks():
    face = b'{"id":"al-1","name":"N","songCount":1,"duration":2,"created":"2025-11-20T09:16:52.273Z","title":"N"}'
    album = shapes.AlbumID3WithSongs.over(Faced(1, face, rating=5), song=(Faced(2, SONG),))
    found = in_json(album, "album")["album"]
    assert found["userRating"] == 5 and found["song"][0]["id"] == "tr-1"
    assert in_xml(album, "album").startswith('<album id="al-1" name="N" songCount="1" duration="2" created=')
    assert "title=" not in in_xml(album, "album").partition(">")[0]
    song = shapes.Child.over(Faced(2, SONG))
    assert in_json(song, "song")["song"] == orjson.loads(SONG)
    entry = shapes.NowPlayingEntry.over(Faced(2, SONG), username="u", minutes_ago=0, player_id=3, player_name="")
    assert list(in_json(shapes.NowPlaying(entry=(entry,)))["x"]["entry"][0])[-3:] == [
        "username",
        "minutesAgo",
        "playerId",
    ]


def test_a_shape_over_a_face_takes_only_what_the_shape_has():
    with pytest.raises(TypeError, match="Child has no colour"):
        shapes.Child.over(Faced(2, SONG), colour="red")


def test_a_bookmark_holds_one_object():
    mark = shapes.Bookmark(position=1, username="u", created=0, changed=0, entry=shapes.Child.over(Faced(2, SONG)))
    assert in_json(shapes.Bookmarks(bookmark=(mark,)))["x"]["bookmark"][0]["entry"]["id"] == "tr-1"


# ---- the plain profile


def test_plain_clients_get_nothing_that_open_subsonic_added():
    face = Faced(1, SONG, played_ms=5, starred_ms=5)
    body, _ = render(shapes.Songs(song=(face,)), "json", member="randomSongs", plain=True)
    said = orjson.loads(body)["subsonic-response"]
    assert set(said) == {"status", "version", "randomSongs"}
    assert set(said["randomSongs"]["song"][0]) == {"id", "isDir", "title", "starred"}
    body, _ = render(shapes.Songs(song=(face,)), "xml", member="randomSongs", plain=True)
    assert b"openSubsonic" not in body and b"genres" not in body and b"replayGain" not in body and b"starred" in body


def test_clients_that_need_the_plain_profile_are_known_by_name():
    assert of("DSub").plain and of("Clementine").plain and of("submusic").plain and of("DSub").reason
    assert not of("Symfonium").plain and not of("").plain


# ---- both formats say the same


def values(field):
    if Mark.DATE in field.marks:
        return st.integers(0, 4_102_444_800_000)
    if isinstance(field.type, type):
        if issubclass(field.type, Shape):
            return instances(field.type)
        if field.type in (int, bool, float):
            return {int: st.integers(-(2**53), 2**53), bool: st.booleans(), float: st.floats(-1e9, 1e9)}[field.type]
    return st.text(max_size=6) | st.sampled_from(["<&>\"'", "\\n", 'a\\"b', "\n", "\x00", "ä", "\\\\"])


def instances(shape):
    given = {}
    for field in fields_of(shape):
        one = values(field)
        if field.kind in (Kind.SHAPES, Kind.SCALARS):
            one = st.lists(one, max_size=2).map(tuple)
        given[field.name] = st.none() | one if field.optional else one
    return st.fixed_dictionaries(given).map(lambda kept: shape(**kept))


def read_xml(shape, element):
    """Return what the JSON should say, from an element of a shape."""
    found = {}
    for field in fields_of(shape):
        children = [each for each in element if each.tag == SPACE + field.wire]
        if Mark.TEXT in field.marks:
            found[field.wire] = element.text or ""
        elif field.kind is Kind.SHAPES:
            found[field.wire] = [read_xml(field.type, each) for each in children]
        elif field.kind is Kind.SCALARS:
            found[field.wire] = [read_scalar(field, each.text) for each in children]
        elif field.kind is Kind.SHAPE:
            found[field.wire] = read_xml(field.type, children[0]) if children else {}
        elif Mark.ELEMENT in field.marks:
            found[field.wire] = read_scalar(field, children[0].text or "") if children else None
        else:
            found[field.wire] = read_scalar(field, element.attrib[field.wire]) if field.wire in element.attrib else None
    return found


def read_scalar(field, text):
    if Mark.DATE not in field.marks and field.type in (int, float):
        return field.type(text)
    return text == "true" if field.type is bool else text


def filled(shape, tree):
    """Return the tree of a JSON answer in the same terms: what is empty and what is absent are one in XML."""
    found = {}
    for field in fields_of(shape):
        member = tree.get(field.wire)
        if field.kind is Kind.SHAPES:
            member = [filled(field.type, each) for each in member or ()]
        elif field.kind is Kind.SHAPE:
            member = filled(field.type, member) if member else {}
        elif field.kind is Kind.SCALARS:
            member = member or []
        elif Mark.OS in field.marks and not member:
            member = None
        found[field.wire] = member
    return found


def settled(shape, tree):
    """Return the tree without the difference between an empty and an absent object, or a zero and an absent one."""
    for field in fields_of(shape):
        member = tree[field.wire]
        if field.kind is Kind.SHAPES:
            tree[field.wire] = [settled(field.type, each) for each in member]
        elif field.kind is Kind.SHAPE:
            member = settled(field.type, member) if member else {}
            tree[field.wire] = member if any(each not in (None, [], {}) for each in member.values()) else {}
        elif Mark.OS in field.marks and not member:
            tree[field.wire] = None
    return tree


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(SHAPES).flatmap(instances))
def test_xml_and_json_carry_the_same_tree(reply):
    shape = type(reply)
    member = shape.member or "x"
    said = in_json(reply)[member]
    (element,) = ElementTree.fromstring(render(reply, "xml", member="x")[0])
    assert element.tag == SPACE + member
    assert settled(shape, read_xml(shape, element)) == settled(shape, filled(shape, said))
    assert_nothing_is_null_or_needlessly_empty(shape, said)


def assert_nothing_is_null_or_needlessly_empty(shape, tree):
    fields = {field.wire: field for field in fields_of(shape)}
    for wire, member in tree.items():
        field = fields[wire]
        assert member is not None and not (field.optional and member == "")
        for each in member if field.kind is Kind.SHAPES else [member] if field.kind is Kind.SHAPE else []:
            assert_nothing_is_null_or_needlessly_empty(field.type, each)
