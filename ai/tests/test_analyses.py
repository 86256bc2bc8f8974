"""Analyses: kept by sound, read by whoever may hear the track, counted by state."""

from array import array
from dataclasses import replace

from ai import analyses
from ai.analyses import CRASHED, OK, SILENT, Analysis, Value

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


def test_a_sound_that_ends_its_analyser_is_counted_anew_for_each_version(library):
    with library.db.writing() as conn:
        assert [analyses.failed(conn, "x", 1, CRASHED, "ended") for _ in range(2)] == [1, 2]
        assert analyses.failed(conn, "x", 2, CRASHED, "ended") == 1
        analyses.put(conn, "x", 2, Analysis(OK, "", {}), None, None, 1)
        assert conn.row("SELECT state, tries FROM track_analysis WHERE audio_hash = 'x'") == (OK, 0)
