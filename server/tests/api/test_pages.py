"""What a browser and a monitor get: the page, health, metrics, and a word for every other address."""

import re
import socket
from dataclasses import replace

import orjson
import pytest

from server.api import home, look, measures, state
from server.kernel import jobs
from server.kernel.config import Config
from server.kernel.errors import Unavailable
from server.kernel.metrics import Metrics, labels
from server.library.libraries import Library, Size
from server.tests.running import running

HTML = {"Accept": "text/html,*/*"}


def test_the_page_says_how_to_connect_and_what_is_there(server):
    answer = server.send("GET", "/")
    page = answer.body.decode()
    assert answer.status == 200 and answer.headers["content-type"] == "text/html; charset=utf-8"
    assert f"http://127.0.0.1:{server.port}<" in page
    assert "Symfonium" in page and "Amperfy" in page and "albums" in page
    assert 'id="sign-in"' in page and "(41)" in page


def test_head_of_the_page_has_its_length_and_no_body(server):
    answer = server.send("HEAD", "/")
    assert answer.status == 200 and answer.body == b"" and int(answer.headers["content-length"]) > 5000


def test_the_page_loads_nothing_and_runs_nothing(server):
    answer = server.send("GET", "/")
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy and look.STYLE_HASH in policy and "frame-ancestors 'none'" in policy
    assert answer.headers["x-content-type-options"] == "nosniff" and answer.headers["referrer-policy"] == "no-referrer"
    page = answer.body.decode()
    assert (
        "<script" not in page
        and "style=" not in page
        and "http://" not in page.replace("http://127.0.0.1", "").replace("http://www.w3.org", "")
    )


@pytest.mark.parametrize("host", ["<script>alert(1)</script>", 'x"onload="y', "odd name", "evil.example/path"])
def test_a_host_that_is_none_is_never_repeated(server, host):
    page = server.send("GET", "/", headers={"Host": host}).body.decode()
    assert host not in page and "127.0.0.1" in page


def test_the_name_under_which_one_came_is_the_address_to_type_in(server):
    assert "http://music.home:80" in server.send("GET", "/", headers={"Host": "music.home:80"}).body.decode()


def test_a_stranger_cannot_say_that_the_connection_is_safe(server):
    headers = {"Host": "music.home", "X-Forwarded-Proto": "https", "X-Forwarded-Host": "evil.example"}
    page = server.send("GET", "/", headers=headers).body.decode()
    assert "http://music.home" in page and "evil" not in page


def test_a_trusted_proxy_says_under_which_address_it_was_asked(library):
    values = {**library.config.values, "trusted_proxies": ("127.0.0.0/8",), "base_path": "/music"}
    with running(_with(library, values)) as server:
        headers = {"Host": "inside:4533", "X-Forwarded-Proto": "https", "X-Forwarded-Host": "music.example"}
        page = server.send("GET", "/music/", headers=headers).body.decode()
        assert "https://music.example/music<" in page and 'href="/music/health"' in page
        assert server.send("GET", "/music").headers["location"] == "/music/"
        assert server.send("GET", "/").status == 404
        assert server.send("GET", "/music/rest/ping?f=json").reply["status"] == "failed"


def _with(app, values):
    from dataclasses import replace

    return replace(app, config=Config(values), parts={})


def test_health_is_json_without_paths_and_people(server):
    answer = server.send("GET", "/health")
    told = orjson.loads(answer.body)
    assert answer.status == 200
    assert told["database"]["ok"] and told["database"]["kind"] == server.app.db.dialect.name
    assert told["worker"]["state"] == "starting" and told["version"]
    assert all(each["online"] and each["tracks"] > 0 for each in told["libraries"] if each["name"] == "Music")
    for secret in (b"alice", b"/tmp", server.app.config.database_url.encode()):
        assert secret not in answer.body


def test_health_tells_of_an_offline_library_without_its_path(library):
    from server.library import libraries

    with library.db.writing() as conn:
        first = libraries.everything(conn)[0]
        libraries.set_online(conn, first.id, "The folder went away during a scan: /secret/place")
    with running(library) as server:
        told = orjson.loads(server.send("GET", "/health").body)
        page = server.send("GET", "/").body.decode()
    assert told["status"] == "degraded"
    assert f"{first.name} is offline: The folder went away during a scan." in told["problems"]
    assert "/secret" not in str(told) and "/secret" not in page and "is offline" in page


def test_health_tells_why_the_last_scan_failed(library):
    with library.db.writing() as conn:
        conn.run(
            "INSERT INTO job (name, state, progress, message, created_ms, started_ms, ended_ms)"
            " VALUES ('scan', 'failed', '{}', 'The disk is full.', 1, 1, 2)"
        )
    with running(library) as server:
        found = orjson.loads(server.send("GET", "/health").body)
    assert found["status"] == "degraded" and "The last scan failed: The disk is full." in found["problems"]


def test_a_worker_that_holds_its_lock_is_seen(library):
    watch = state.WorkerWatch(library.db, library.queue)
    assert watch.told() == "starting"
    watch._looked = -100.0
    with library.db.lock(jobs.WORKER_LOCK):
        assert watch.told() == "running"
    watch._looked = watch._since = -1000.0
    assert watch.told() == "stopped"


def test_a_redis_that_does_not_answer_is_told_at_once(library, tmp_path):
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        queue = jobs.Queue(f"redis://127.0.0.1:{nobody.getsockname()[1]}/0", tmp_path / "none.db")
        with library.db.lock(jobs.WORKER_LOCK), running(replace(library, queue=queue)) as server:
            found = orjson.loads(server.send("GET", "/health").body)
    assert found["status"] == "degraded" and found["worker"]["state"] == "unreachable"
    assert found["problems"][0].startswith("Redis does not answer, so the worker is not told what to do")


def test_a_worker_whose_lock_cannot_be_opened_is_not_seen_and_the_server_is_not_down(library, monkeypatch):
    def lock(name):
        raise Unavailable("The lock beside the database cannot be opened.")

    monkeypatch.setattr(library.db, "lock", lock)
    with running(library) as server:
        answer = server.send("GET", "/health")
    assert (answer.status, orjson.loads(answer.body)["worker"]["state"]) == (200, "starting")


def test_two_music_folders_of_one_name_are_two_lines_of_metrics():
    found = [Library(number, name, f"/{number}", True, "", 1000) for number, name in ((1, "music"), (2, "music"),
                                                                                      (3, "Kids"))]  # fmt: skip
    sizes = {number: Size(tracks=number * 10) for number in (1, 2, 3)}
    told = measures._library(state.State(found, sizes, None, False, {}, 0, None))
    assert told["library_tracks"][1] == {
        labels(library="music (1)"): 10, labels(library="music (2)"): 20, labels(library="Kids"): 30}  # fmt: skip
    assert all(len(values) == 3 for _, values in told.values())


def test_metrics_are_numbers_that_prometheus_reads(server):
    server.get("ping")
    answer = server.send("GET", "/metrics")
    text = answer.body.decode()
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    line = re.compile(r'[a-z_]+(\{([a-z]+="([^"\\]|\\.)*",?)*\})? [0-9.e+-]+')
    assert all(line.fullmatch(each) for each in text.splitlines() if not each.startswith("#"))
    assert 'familiar_requests_total{endpoint="ping",status="ok"}' in text
    for name in (
        "transcodes_running",
        "jobs",
        "scan_running",
        "library_tracks",
        "process_resident_bytes",
        "covers_total",
        "analysis_sounds",
    ):
        assert f"# TYPE familiar_{name} " in text


def test_labels_cannot_be_broken_out_of():
    assert labels(name='a"} 1\nb\\') == '{name="a\\"} 1\\nb\\\\"}'


def test_large_numbers_keep_every_digit():
    assert "familiar_x 1234567890123\n" in Metrics().text({"x": ("", {"": 1234567890123})})


def test_any_other_address_gets_a_word_in_the_form_that_is_read(server):
    answer = server.send("GET", "/nothing/here", headers=HTML)
    assert answer.status == 404 and b"Nothing at this address" in answer.body
    assert "content-security-policy" in answer.headers
    answer = server.send("POST", "/nothing/here")
    assert answer.status == 404 and orjson.loads(answer.body)["error"]


def test_rest_stays_the_subsonic_fronts(server):
    assert server.send("GET", "/rest/nothing?f=json").reply["status"] == "failed"


def _state(**given) -> state.State:
    found = {"libraries": [], "sizes": {}, "scan": None, "scanning": False, "jobs": {}, "waiting_ms": 0}
    return state.State(**found | {"analysis": None} | given)


def test_the_page_tells_of_no_music_an_empty_folder_and_a_scan():
    library = Library(1, "<Music>", "/x", True, "", None)
    assert "No music yet" in home.page("http://x", _state(), "")
    assert "The shelf is empty" in home.page("http://x", _state(libraries=[library]), "")
    assert "Putting your records" in home.page("http://x", _state(libraries=[library], scanning=True), "")
    one = home.page("http://x", _state(libraries=[library], sizes={1: Size(1, 1, 1)}), "")
    assert "1 album</strong>" in one and "1 song</strong>" in one
    offline = library._replace(online=False, reason="The folder cannot be read: x.")
    assert "&lt;Music&gt; is offline" in home.page("http://x", _state(libraries=[offline]), "")


def test_on_this_machine_the_page_says_what_to_type_on_another():
    assert "in place of localhost" in home.page("http://localhost:1", _state(), "")
    assert "in place of" not in home.page("http://music.home", _state(), "")
