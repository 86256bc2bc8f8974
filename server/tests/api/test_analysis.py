"""`/api/analysis`: what administrators see and change, what a listener sees of a track, and what health tells all."""

from array import array

import orjson
import pytest

from ai import analyses, budget, progress
from ai.analyses import OK, VERSION, Analysis, Value


def call(server, method, path, user="admin", body=None):
    answer = server.api(method, path, user, body)
    return answer.status, orjson.loads(answer.body)


@pytest.fixture
def heard(server):
    """Return the id of a track of each library, of which the worker has told; and clean up."""
    with server.app.db.writing() as conn:
        rows = conn.rows("SELECT min(id), max(audio_hash) FROM track WHERE library_id IN (1, 2) GROUP BY library_id, id"
                         " ORDER BY library_id, 1")  # fmt: skip
        first, last = rows[0], rows[-1]
        values = {"tempo_bpm": Value(124.0, 0.8, "ours")}
        for _, audio_hash in (first, last):
            analyses.put(conn, audio_hash, VERSION, Analysis(OK, "", values), array("f", [1]), array("I", [7]), 9)
        told = progress.Progress(conn, essentia=True)
        told.count(900)
        told.look(conn)
        sounds = [_Playing(first[0], "Aurora Vale – Dawn")]
        progress.put(conn, told.news(progress.LISTENING, sounds))
    yield server.app.ids.text("tr", first[0]), server.app.ids.text("tr", last[0])
    with server.app.db.writing() as conn:
        conn.many("DELETE FROM track_analysis WHERE audio_hash = ?", [(first[1],), (last[1],)])
        conn.bump("analyses")
        conn.run("DELETE FROM property WHERE name IN (:one, :other)", one=budget.NAME, other=progress.NAME)


class _Playing:
    def __init__(self, track_id, name):
        self.track_id, self.name = track_id, name


def test_an_administrator_sees_how_far_it_is(server, heard):
    status, told = call(server, "GET", "/analysis")
    assert status == 200 and told["state"] == "listening" and told["essentia"] is True
    assert told["counts"][OK] == 2 and told["waiting"] == told["all"] - 2
    assert told["per_hour"] > 0 and told["eta_s"] > 0
    assert told["hearing"] == [{"id": heard[0], "name": "Aurora Vale – Dawn"}] and told["left_alone"] == []
    assert call(server, "GET", "/analysis", "alice")[0] == 403


def test_the_budget_is_changed_while_it_runs(server, heard):
    status, told = call(server, "PATCH", "/analysis", body={"paused": True, "cores": 3, "hours": " 22 - 6"})
    assert status == 200 and told["budget"] == {"on": True, "paused": True, "cores": 3, "hours": "22-6"}
    assert told["state"] == "paused" and told["eta_s"] is None
    told = call(server, "PATCH", "/analysis", body={"paused": False, "hours": "", "cores": 0})[1]
    assert told["state"] == "listening" and told["budget"]["cores"] == max(1, budget.cores() // 2)
    for wrong in ({"hours": "25-1"}, {"hours": "6-6"}, {"cores": -1}, {"cores": True}, {"speed": 1}, {"paused": 1}):
        assert call(server, "PATCH", "/analysis", body=wrong)[0] == 400, wrong
    assert call(server, "PATCH", "/analysis", "alice", {"paused": True})[0] == 403


def test_a_state_is_heard_again(server, heard):
    assert call(server, "POST", "/analysis/again", "alice", {"state": OK})[0] == 403
    assert call(server, "POST", "/analysis/again", body={"state": "lost"})[0] == 400
    assert call(server, "POST", "/analysis/again", body={})[0] == 400
    assert call(server, "POST", "/analysis/again", body={"state": OK}) == (202, {"count": 2})
    with server.app.db.reading() as conn:
        assert OK not in analyses.states(conn, VERSION)


def test_what_was_heard_of_a_track_is_seen_by_whoever_may_hear_it(server, heard):
    mine, canary = heard
    tempo = {"tempo_bpm": {"value": 124.0, "confidence": 0.8, "source": "ours"}}
    found = call(server, "GET", f"/tracks/{mine}/analysis", "bob")
    assert found == (200, {"id": mine, "state": OK, "reason": "", "values": tempo})
    assert call(server, "GET", f"/tracks/{canary}/analysis", "alice")[0] == 200
    assert call(server, "GET", f"/tracks/{canary}/analysis", "bob")[0] == 404
    assert call(server, "GET", "/tracks/al-1/analysis", "bob")[0] == 404


def test_health_and_metrics_tell_numbers_and_no_names(server, heard):
    told = orjson.loads(server.send("GET", "/health").body)["analysis"]
    assert told["state"] == "listening" and told["counts"][OK] == 2 and "hearing" not in told
    text = server.send("GET", "/metrics").body.decode()
    assert "familiar_analysis_running 1" in text and 'familiar_analysis_sounds{state="ok"} 2' in text


def test_a_worker_that_fell_silent_is_told_as_stopped(server, heard):
    with server.app.db.writing() as conn:
        progress.put(conn, progress.of(conn))
        conn.run("UPDATE property SET value = :old WHERE name = :name", name=progress.NAME,
                 old=orjson.dumps(progress.of(conn) | {"at_ms": 1}).decode())  # fmt: skip
    assert call(server, "GET", "/analysis")[1]["state"] == "stopped"
