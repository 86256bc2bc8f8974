"""`familiar find`: songs by what they are like, and by what they were found."""

import threading

from ai import analyses, describe
from ai.minds import Minds
from ai.tests.hearing import facts
from server.kernel.db import open_database
from server.tests.plays.small import fill


def test_songs_are_named_with_reasons_and_how_they_were_found(familiar, tmp_path):
    assert familiar("find", "calm").status == 1
    assert familiar("user", "add", "anna", typed="correct-horse\n").status == 0
    db = open_database(f"sqlite://{tmp_path}/data/familiar.db")
    with db.writing() as conn:
        conn.run("DELETE FROM account")
    fill(db)
    with db.writing() as conn:
        conn.run("UPDATE track SET audio_hash = 'sound ' || id WHERE audio_hash = ''")
        for at, (audio_hash,) in enumerate(conn.rows("SELECT DISTINCT audio_hash FROM track ORDER BY audio_hash")):
            analyses.put(conn, audio_hash, 1, facts(at % 3), None, None, 1)
    minds = Minds()
    describe.catch_up(db, minds, "", threading.Event())
    minds.close_now()
    db.close()
    told = familiar("find", "calm and slow", "--count", "2")
    assert told.status == 0 and told.out.count("%  ") == 2, told
    assert "calm" in told.out
    assert "lexicon alone" in told.out.splitlines()[-1]
    assert "Nothing was found" in familiar("find", "xyzzy").out
    assert familiar("find", " ").status == 1
