"""Analyses: kept by sound, read by whoever may hear the track, counted by state."""

from array import array
from dataclasses import replace

from ai import analyses, spaces
from ai.analyses import CRASHED, OK, SILENT, Analysis, Value
from ai.tests.hearing import everywhere

TEMPO = Value(124.0, 0.8, "ours")


def hashes(db) -> dict[int, str]:
    return dict(db.rows("SELECT id, audio_hash FROM track WHERE missing_ms IS NULL ORDER BY id"))


def test_an_analysis_is_of_a_sound_and_seen_by_whoever_may_hear_the_track(library, viewer):
    with library.db.writing() as conn:
        known = hashes(conn)
        first, second = list(known)[:2]
        analyses.put(conn, known[first], 1, Analysis(OK, "", {"tempo_bpm": TEMPO, "key": Value(None, 0, "ours")}),
                     array("f", [1, 2]), array("I", [7]), 900)  # fmt: skip
    with library.db.reading() as conn:
        found = analyses.of(conn, viewer, [first, second])
        assert found == {first: Analysis(OK, "", {"tempo_bpm": TEMPO})}
        assert found[first].get("tempo_bpm") == 124.0 and found[first].get("tempo_bpm", 0.9) is None
        assert found[first].get("key") is None
        assert analyses.of(conn, replace(viewer, libraries=()), [first]) == {}
        assert array("f", conn.value("SELECT blocks FROM track_analysis")).tolist() == [1, 2]


def test_states_count_each_sound_once_and_an_older_analyser_as_waiting(library):
    with library.db.writing() as conn:
        all_of_them = sorted(set(hashes(conn).values()))
        analyses.put(conn, all_of_them[0], 2, Analysis(OK, "", {}), None, None, 1)
        analyses.put(conn, all_of_them[1], 2, Analysis(SILENT, "Nothing can be heard.", {}), None, None, 1)
        analyses.put(conn, all_of_them[2], 1, Analysis(OK, "", {}), None, None, 1)
        assert analyses.states(conn, 2) == {OK: 1, SILENT: 1, "waiting": len(all_of_them) - 2}


def test_nothing_is_awaited_of_a_folder_that_is_no_longer_named(library):
    with library.db.writing() as conn:
        for audio_hash in set(hashes(conn).values()):
            analyses.put(conn, audio_hash, 1, Analysis(OK, "", {}), None, None, 1)
        space = spaces.create(conn, spaces.SIMILAR, spaces.CLAP, 2)
        gone = everywhere(conn)[0]
        here = sorted({row[0] for row in conn.rows(
            "SELECT audio_hash FROM track WHERE missing_ms IS NULL AND library_id <> :gone", gone=gone)})  # fmt: skip
        assert 0 < len(here) < len(set(hashes(conn).values()))
        conn.run("UPDATE library SET removed = 1 WHERE id = :gone", gone=gone)
        conn.bump("library")
        assert analyses.states(conn, 1) == {OK: len(here)} and analyses.states(conn, 2) == {"waiting": len(here)}
        assert sorted(spaces.lacking(conn, space, 10_000)) == here
        spaces.put(conn, space, [(each, [0.0, 1.0]) for each in here])
        assert spaces.size(conn, space) == (len(here), len(here)), "a new model need not know it to be used"


def test_a_sound_that_ends_its_analyser_is_counted_anew_for_each_version(library):
    with library.db.writing() as conn:
        assert [analyses.failed(conn, "x", 1, CRASHED, "ended") for _ in range(2)] == [1, 2]
        assert analyses.failed(conn, "x", 2, CRASHED, "ended") == 1
        analyses.put(conn, "x", 2, Analysis(OK, "", {}), None, None, 1)
        assert conn.row("SELECT state, tries FROM track_analysis WHERE audio_hash = 'x'") == (OK, 0)
