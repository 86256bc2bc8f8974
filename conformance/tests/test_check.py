"""The type checker, and the comparison of two trees."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance import check, facts
from conformance.check import Dialect, differences, faults, from_xml, instant
from conformance.tests.fake import as_xml

SONG = {"id": "tr-1", "isDir": False, "title": "A", "created": "2026-11-20T09:16:52.273Z", "isrc": [], "year": 1999}


def kinds(type_name: str, value, dialect: Dialect = check.NEWEST) -> list[str]:
    return [fault.kind for fault in faults(type_name, value, "x", dialect)]


def test_a_right_object_has_no_faults():
    assert kinds("Child", SONG) == []


@pytest.mark.parametrize(("change", "kind"), [
    ({"title": None}, "null"), ({"year": "1999"}, "types"), ({"year": True}, "types"), ({"isDir": "false"}, "types"),
    ({"isrc": "US1"}, "arrays"), ({"isrc": None}, "null"), ({"isrc": [None]}, "null"), ({"isrc": [""]}, "values"),
    ({"created": "2026-11-20T09:16:52"}, "dates"), ({"created": ""}, "dates"), ({"created": 5}, "types"),
    ({"userRating": 0}, "values"), ({"userRating": 6}, "values"), ({"id": 5}, "types"), ({"id": ""}, "values"),
    ({"replayGain": []}, "arrays"), ({"replayGain": {"trackGain": "-6 dB"}}, "types"), ({"title": ["A"]}, "arrays"),
    ({"genres": [{"nom": "Rock"}]}, "required"), ({"explicitStatus": "no"}, "values"),
    ({"artists": {"id": "x"}}, "arrays"),
])
def test_one_fault_is_one_fault_of_its_kind(change, kind):
    assert kinds("Child", SONG | change) == [kind]


def test_fields_that_nobody_documents_are_nobodys_fault():
    assert kinds("Child", SONG | {"lastHeardOn": None}) == []


def test_a_music_folders_id_is_a_whole_number():
    assert kinds("MusicFolder", {"id": 1}) == []
    assert kinds("MusicFolder", {"id": "1"}) == ["types"]


def test_only_what_a_server_says_that_it_speaks_is_required_of_it():
    playlist = {"id": "1", "name": "n", "songCount": 0, "duration": 0, "created": SONG["created"]}
    assert kinds("Playlist", playlist) == ["required"]
    assert kinds("Playlist", playlist, Dialect((1, 12, 0))) == []
    assert kinds("NowPlaying", {}, Dialect(open=False)) == []
    assert kinds("NowPlaying", {}) == ["required"]


@pytest.mark.parametrize("text", ["2026-11-20T09:16:52.273Z", "2026-11-20T09:16:52Z", "2026-11-20T09:16:52.1Z"])
def test_a_moment_in_utc_is_read(text):
    assert instant(text).year == 2026


@pytest.mark.parametrize("text", ["2026-11-20", "2026-11-20T09:16:52", "2026-11-20T09:16:52+01:00", "", "soon",
                                  "2026-13-20T09:16:52Z", "2026-11-20 09:16:52Z"])
def test_anything_else_is_no_moment(text):
    assert instant(text) is None


@pytest.mark.parametrize("body", [
    b"<subsonic-response/>", b"<a xmlns='http://subsonic.org/restapi'/>", b"<subsonic-response",
    b"<!DOCTYPE a [<!ENTITY b 'c'>]><subsonic-response xmlns='http://subsonic.org/restapi'/>",
])
def test_xml_that_is_no_answer_is_refused(body):
    with pytest.raises(ValueError):
        from_xml(body)


def test_xml_is_read_into_the_tree_that_json_is():
    tree = {"status": "ok", "version": "1.16.1", "openSubsonic": True, "genres": {"genre": [
        {"value": "Rock & Roll", "songCount": 3, "albumCount": 1}]}}
    assert from_xml(as_xml(tree).encode()) == tree


def test_differences_are_told_with_their_place():
    left = {"album": {"song": [{"id": "1", "year": 1999}], "name": "A"}}
    right = {"album": {"song": [{"id": "1", "year": 2000}], "name": "A"}}
    assert list(differences(left, right)) == ["album.song[0].year: 1999 and 2000"]


@pytest.mark.parametrize(("left", "right"), [
    ({"a": ""}, {}), ({"a": []}, {}), ({"a": 0}, {}), ({"a": False}, {}), ({"a": {"b": []}}, {}),
    ({"a": 1.0}, {"a": 1}), ({"a": "2026-11-20T09:16:52Z"}, {"a": "2026-11-20T09:16:52.000Z"}),
    ({"a": "http://x/y?sig=1"}, {"a": "http://x/y?sig=2"}),
])
def test_what_means_the_same_is_no_difference(left, right):
    assert list(differences(left, right)) == []


@pytest.mark.parametrize(("left", "right"), [
    ({"a": "x"}, {}), ({"a": 1}, {"a": "1"}), ({"a": [1, 2]}, {"a": [2, 1]}), ({"a": [1]}, {"a": [1, 1]}),
    ({"a": True}, {"a": False}), ({"a": "2026-11-20T09:16:52Z"}, {"a": "2026-11-20T09:16:53Z"}), ({"a": [1]}, {}),
])
def test_what_does_not_is_one(left, right):
    assert list(differences(left, right))


TEXT = st.text(st.characters(min_codepoint=32, blacklist_categories=("Cs", "Cc"), blacklist_characters="\ufffe\uffff"),
               max_size=8)
SCALARS = {"str": TEXT, "enum": TEXT, "id": TEXT, "int": st.integers(-2**40, 2**40), "bool": st.booleans(),
           "float": st.integers(-9000, 9000).map(lambda n: n / 8), "date": st.just("2026-11-20T09:16:52.273Z")}


def objects(type_name: str, depth: int):
    """Any object of a type, some of its fields set."""
    made = {}
    for field in facts.shapes()[type_name].fields.values():
        if field.scalar:
            one = SCALARS[field.type]
        elif depth:
            one = objects(field.type, depth - 1)
        else:
            continue
        made[field.name] = st.lists(one, min_size=1, max_size=2) if field.array else one
    needed = {name: made.pop(name) for name, f in facts.shapes()[type_name].fields.items()
              if f.form == "text" and name in made}
    return st.fixed_dictionaries(needed, optional=made)


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_xml_and_json_of_anything_carry_the_same_tree(data):
    in_elements = ("artistInfo", "artistInfo2", "albumInfo", "sonicMatch")
    known = sorted((m, t) for m, t in facts.members().items() if m not in in_elements)
    member, (type_name, array) = data.draw(st.sampled_from(known))
    one = data.draw(objects(type_name, 2))
    tree = {"status": "ok", member: [one] if array else one}
    assert list(differences(json.loads(json.dumps(tree)), from_xml(as_xml(tree).encode()))) == []
