"""Neighbours on both databases: the nearest first, only what may be heard, never across spaces."""

from dataclasses import replace

import pytest

from ai import spaces, vectors
from ai.spaces import SIMILAR
from ai.tests.hearing import compared


@pytest.fixture
def styles(library, minds) -> dict[int, int]:
    return compared(library, minds)


@pytest.fixture
def conn(library, styles):
    with library.db.reading() as found:
        yield found


def test_the_nearest_tracks_are_those_of_the_same_style(conn, minds, viewer, styles):
    space = spaces.active(conn, SIMILAR)
    for track in list(styles)[:5]:
        found = vectors.nearest(conn, minds, viewer, space, [(track, None, 1.0)], 10)
        assert len(found) == 10 and track not in dict(found)
        assert {styles[each] for each, _ in found} == {styles[track]}
        distances = [distance for _, distance in found]
        assert distances == sorted(distances)
        assert distances == pytest.approx(vectors.distances(conn, minds, space, track, [t for t, _ in found]), abs=2e-3)
        assert vectors.closeness(space, 0) == 1 > vectors.closeness(space, distances[0]) > 0


def test_nobody_finds_what_they_may_not_hear(conn, minds, viewer, styles):
    space = spaces.active(conn, SIMILAR)
    few = replace(viewer, libraries=viewer.libraries[1:])
    theirs = {track for (track,) in conn.rows("SELECT id FROM track WHERE library_id = :id", id=viewer.libraries[1])}
    found = vectors.nearest(conn, minds, few, space, [(min(styles), None, 1.0)], 500)
    assert {track for track, _ in found} == theirs - {min(styles)}
    assert vectors.nearest(conn, minds, replace(viewer, libraries=()), space, [(min(styles), None, 1.0)], 5) == []
