"""`familiar similar`: what sounds like a song, and a path to another."""

from ai import analyses, spaces, vectors
from ai.spaces import CLAP, SIMILAR
from ai.tests.hearing import facts
from server.library import search


def test_songs_like_one_are_named_with_reasons_and_a_path_leads_to_another(familiar, filled):
    titles = _heard(filled)
    told = familiar("similar", titles[0], "--count", "2")
    assert told.status == 0 and told.out.startswith("Like ") and told.out.count("%  ") == 2, told
    assert "same tempo" in told.out
    path = familiar("similar", titles[0], "--to", titles[-1], "--count", "3")
    lines = [line for line in path.out.splitlines() if "%  " in line]
    assert path.out.startswith("From ") and titles[0] in lines[0] and titles[-1] in lines[-1] and len(lines) == 3, path
    assert "No song is called 'xyzzy'" in familiar("similar", "xyzzy").err
    for nothing in ("", " ", "?!"):
        assert "Name a song" in familiar("similar", nothing).err
        assert "Name a song" in familiar("similar", titles[0], "--to", nothing).err
    for count in ("0", "-3", "501"):
        assert "--count is a number from 1 to 500" in familiar("similar", titles[0], "--count", count).err
    assert "A path has 2 to 200 songs" in familiar("similar", titles[0], "--to", titles[-1], "--count", "1").err
    assert "rhythm goes from 0 to 3" in familiar("similar", titles[0], "--rhythm", "9").err


def _heard(db) -> list[str]:
    """Put analyses and vectors where there are tracks, and return the titles of these."""
    with db.writing() as conn:
        rows = conn.rows("SELECT audio_hash, title, id FROM track WHERE missing_ms IS NULL ORDER BY id")
        search.index(conn, "track", [(number, "", title) for _, title, number in rows])
        space = spaces.create(conn, SIMILAR, CLAP, 4)
        for at, (audio_hash, *_) in enumerate(rows):
            analyses.put(conn, audio_hash, 1, facts(0), None, None, 1)
            vectors.put(conn, space, [(audio_hash, [1.0, at / 8, 0.0, 0.0])])
        vectors.activate(conn, space, 1.0)
    return [title for _, title, _ in rows]
