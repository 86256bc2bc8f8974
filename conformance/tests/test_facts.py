"""The tables of facts are complete and hold together; the rules are well formed."""

import re

import conformance.rules  # noqa: F401  (importing declares the rules)
from conformance import examples, facts
from conformance.model import BOOK, MUST, SHOULD


def test_all_endpoints_and_types_are_there():
    assert len(facts.endpoints()) == 87
    assert len(facts.shapes()) == 85


def test_every_type_that_is_named_is_known():
    for shape in facts.shapes().values():
        for field in shape.fields.values():
            assert field.scalar or field.type in facts.shapes(), f"{shape.name}.{field.name}"
    for type_name, _ in facts.members().values():
        assert type_name in facts.shapes()


def test_types_inherit_their_parents_fields():
    assert "songCount" in facts.shapes()["AlbumID3WithSongs"].fields
    assert facts.shapes()["ArtistInfo2"].fields["similarArtist"].type == "ArtistID3"
    assert facts.shapes()["ArtistInfo"].fields["similarArtist"].type == "Artist"


def test_notations_are_read():
    genre = facts.shapes()["Genre"].fields
    assert genre["value"].form == "text" and genre["songCount"].since == (1, 10, 2)
    assert facts.shapes()["AlbumInfo"].fields["notes"].form == "element"
    scrobble = facts.endpoints()["scrobble"].parameters
    assert scrobble["id"].repeated and scrobble["id"].required and scrobble["submission"].default == "true"
    assert facts.endpoints()["reportPlayback"].extension == "playbackReport"
    assert facts.endpoints()["stream"].binary and not facts.endpoints()["ping"].member


def test_every_covered_endpoint_has_rules_and_every_example_names_known_parameters():
    ruled = {endpoint for rule in BOOK.rules for endpoint in rule.endpoints}
    assert ruled == set(examples.COVERED)
    assert set(examples.EXAMPLES) <= set(examples.COVERED)


def test_a_rule_is_a_sentence_with_an_address():
    for rule in BOOK.rules:
        assert rule.level in (MUST, SHOULD)
        assert re.fullmatch(r"[A-Za-z0-9]\w*(\.\w+)*", rule.id), rule.id
        assert rule.sentence.endswith(".") and len(rule.sentence.split()) > 3
        for endpoint in rule.endpoints:
            assert rule.address(endpoint).startswith("https://")


def test_no_rule_has_the_same_id_twice_for_an_endpoint():
    seen = [(endpoint, rule.id) for rule in BOOK.rules for endpoint in rule.endpoints]
    assert len(seen) == len(set(seen))
