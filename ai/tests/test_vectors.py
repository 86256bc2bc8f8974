"""Neighbours on both databases: the nearest first, only what may be heard, never across spaces."""

from array import array
from dataclasses import replace

import pytest

from ai import spaces, vectors
from ai.spaces import SIMILAR, Vector
from server.kernel.errors import Invalid


@pytest.fixture
def space(conn) -> spaces.Space:
    return spaces.active(conn, SIMILAR)


def of_style(heard, style: int) -> list[int]:
    return [track for track, each in heard.styles.items() if each == style]


def test_the_nearest_tracks_are_those_of_the_same_style(conn, minds, heard, space):
    for track in list(heard.styles)[:5]:
        found = vectors.nearest(conn, minds, heard.viewer, space, [(track, None, 1.0)], 10)
        assert len(found) == 10 and track not in dict(found)
        assert {heard.styles[each] for each, _ in found} == {heard.styles[track]}
        distances = [distance for _, distance in found]
        assert distances == sorted(distances)
        assert distances == pytest.approx(vectors.distances(conn, minds, space, track, [t for t, _ in found]), abs=2e-3)
        assert vectors.closeness(space, 0) == 1 > vectors.closeness(space, distances[0]) > 0


def test_nobody_finds_what_they_may_not_hear(conn, minds, heard, space):
    track, (_, second) = min(heard.styles), heard.viewer.libraries
    theirs = {number for (number,) in conn.rows("SELECT id FROM track WHERE library_id = :id", id=second)}
    few = replace(heard.viewer, libraries=(second,))
    found = vectors.nearest(conn, minds, few, space, [(track, None, 1.0)], 500)
    assert {each for each, _ in found} == theirs - {track}
    nobody = replace(heard.viewer, libraries=())
    assert vectors.nearest(conn, minds, nobody, space, [(track, None, 1.0)], 5) == []


def test_several_tracks_are_looked_for_between_them_and_others_push_away(conn, minds, heard, space):
    first, second = of_style(heard, 0)[0], of_style(heard, 1)[0]
    query = [(first, None, 1.0), (second, None, 1.0)]
    found = vectors.nearest(conn, minds, heard.viewer, space, query, 20)
    assert not {first, second} & set(dict(found))
    assert {heard.styles[track] for track, _ in found} == {0, 1}
    away = vectors.nearest(conn, minds, heard.viewer, space, [(first, None, 1.0), (second, None, -0.4)], 10)
    assert {heard.styles[track] for track, _ in away} == {0}
    assert vectors.nearest(conn, minds, heard.viewer, space, [(first, None, 1.0), (second, None, -1.0)], 10) == []


def test_a_point_of_the_space_is_looked_for_like_a_track(conn, minds, heard, space):
    track = min(heard.styles)
    point = vectors.of(conn, space, [track])[track]
    (nearest, distance), *rest = vectors.nearest(conn, minds, heard.viewer, space, [(None, point, 1.0)], 5)
    assert nearest == track and distance == pytest.approx(0, abs=1e-2)
    same = vectors.nearest(conn, minds, heard.viewer, space, [(track, None, 1.0)], 4)
    assert [each for each, _ in rest] == [each for each, _ in same]


def test_what_is_to_be_left_out_is_left_out_and_unknown_tracks_are_nobody(conn, minds, heard, space):
    track = min(heard.styles)
    found = vectors.nearest(conn, minds, heard.viewer, space, [(track, None, 1.0)], 6)
    without = [each for each, _ in found[:3]]
    again = vectors.nearest(conn, minds, heard.viewer, space, [(track, None, 1.0)], 3, without)
    assert again == found[3:]
    assert vectors.nearest(conn, minds, heard.viewer, space, [(999_999, None, 1.0)], 3) == []
    assert vectors.nearest(conn, minds, heard.viewer, space, [(track, None, 1.0)], 0) == []
    assert vectors.distances(conn, minds, space, track, [track, 999_999]) == [0, None]
    assert vectors.distances(conn, minds, space, 999_999, [track]) == [None]


def test_a_block_that_does_not_count_changes_who_is_near(conn, minds, heard, space):
    track = min(heard.styles)
    points = vectors.of(conn, space, list(heard.styles))
    only = dict.fromkeys(("timbre", "contrast", "spectral", "tonal", "dynamics"), 0.0) | {"rhythm": 1.0}
    found = vectors.nearest(conn, minds, heard.viewer, space, [(track, None, 1.0)], 10, blocks=only)

    def rhythm(other: int) -> float:
        return sum((a - b) ** 2 for a, b in zip(points[track][79:123], points[other][79:123], strict=True))

    true = sorted((other for other in points if other != track), key=rhythm)
    assert {each for each, _ in found} == set(true[:10])
    assert [distance for _, distance in found] == pytest.approx(
        sorted((6 * rhythm(each)) ** 0.5 for each, _ in found), rel=0.02
    )
    plain = vectors.nearest(conn, minds, heard.viewer, space, [(track, None, 1.0)], 10)
    assert plain == vectors.nearest(
        conn, minds, heard.viewer, space, [(track, None, 1.0)], 10, blocks=dict.fromkeys(only, 2.0)
    )


@pytest.mark.parametrize("blocks", [{"drums": 1.0}, dict.fromkeys(
    ("timbre", "contrast", "spectral", "rhythm", "tonal", "dynamics"), 0.0)])  # fmt: skip
def test_blocks_that_are_none_are_refused(conn, minds, heard, space, blocks):
    with pytest.raises(Invalid):
        vectors.nearest(conn, minds, heard.viewer, space, [(min(heard.styles), None, 1.0)], 10, blocks=blocks)


def test_vectors_of_another_space_are_never_compared(conn, minds, heard, space):
    values = vectors.of(conn, space, [min(heard.styles)])[min(heard.styles)]
    assert values.space_id == space.id
    for other in (Vector(space.id + 1, values), array("f", values)):
        with pytest.raises(Invalid):
            vectors.nearest(conn, minds, heard.viewer, space, [(None, other, 1.0)], 5)
    with pytest.raises(Invalid):
        spaces.packed(space, Vector(space.id + 1, values))
    with pytest.raises(Invalid):
        spaces.packed(space, values[:-1])
    with pytest.raises(Invalid):
        spaces.from_words(space, "clap", values)
    clap = space._replace(towers="clap music")
    assert spaces.from_words(clap, "clap music", values).space_id == space.id


def test_closeness_is_a_half_at_the_half_distance(space):
    assert vectors.closeness(space, space.d50) == pytest.approx(0.5)
    steps = [vectors.closeness(space, space.d50 * at / 10) for at in range(40)]
    assert steps == sorted(steps, reverse=True) and steps[0] == 1
