"""`familiar find`: songs by what they are like, and by what they were found."""

import threading

from ai import analyses, describe
from ai.minds import Minds
from ai.tests.hearing import facts


def test_songs_are_named_with_reasons_and_how_they_were_found(familiar, filled):
    with filled.writing() as conn:
        for at, (audio_hash,) in enumerate(conn.rows("SELECT audio_hash FROM track ORDER BY id")):
            analyses.put(conn, audio_hash, 1, facts(at % 3), None, None, 1)
    minds = Minds()
    describe.catch_up(filled, minds, "", threading.Event())
    minds.close_now()
    told = familiar("find", "calm and slow", "--count", "2")
    assert told.status == 0 and told.out.count("%  ") == 2, told
    assert "calm" in told.out
    assert "lexicon alone" in told.out.splitlines()[-1]
    assert "Nothing was found" in familiar("find", "xyzzy").out
    assert familiar("find", " ").status == 1
    for count in ("0", "-3", "501"):
        assert "--count is a number from 1 to 500" in familiar("find", "calm", "--count", count).err


def test_where_nothing_is_installed_nothing_is_found(familiar):
    assert familiar("find", "calm").status == 1
