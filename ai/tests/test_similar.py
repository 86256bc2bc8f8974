"""Similar songs and paths, on both databases: what is found, in which order, and what is said of it."""

import pytest

from ai import path, similar
from ai.tests.hearing import compared
from server.playlists.contents import Item


@pytest.fixture
def styles(library, minds) -> dict[int, int]:
    return compared(library, minds)


@pytest.fixture
def conn(library, styles):
    with library.db.reading() as found:
        yield found


def test_a_song_has_similar_songs_of_its_style_with_reasons(conn, minds, viewer, styles):
    track = min(styles)
    found = similar.like(conn, minds, viewer, [Item("tr", track)], 6)
    assert len(found) == 6 and track not in {each.track_id for each in found}
    assert {styles[each.track_id] for each in found} == {styles[track]}
    closeness = [each.closeness for each in found]
    assert all(each.reasons and all(each.reasons) for each in found)
    assert all(0 < each <= 1 for each in closeness)
    assert "same tempo" in found[0].reasons[0]


def test_a_path_has_the_ends_and_the_length_that_were_asked_for(conn, minds, viewer, styles):
    start, end = min(styles), min(track for track, style in styles.items() if style != styles[min(styles)])
    for count in (2, 3, 7, 15):
        walked = [step.track_id for step in path.between(conn, minds, viewer, start, end, count)]
        assert walked[0] == start and walked[-1] == end
        assert len(walked) == count == len(set(walked))
