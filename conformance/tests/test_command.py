"""The command: exit status, reports, known deviations, cleaning up, keeping its hands off."""

import json
import re
from xml.etree import ElementTree

import pytest

from conformance import known, report
from conformance.__main__ import main
from conformance.client import Account, Client
from conformance.examples import WRITES
from conformance.model import FAILED, KNOWN, MUST, PASSED, RETURNED, Outcome, Rule
from conformance.run import PATIENCE, run
from conformance.site import Site
from conformance.tests.fake import served
from conformance.tests.faults import SAID, said


@pytest.fixture
def server():
    with served() as (fake, url):
        yield fake, url


def command(url: str, *more: str) -> int:
    return main(["--url", url, "--user", "admin", "--password", "sesame", *more])


def spoil(fake, name: str) -> None:
    next(fault for fault in SAID if fault.name.startswith(name)).apply(fake)


def test_a_right_server_gives_status_zero_and_a_table(server, capsys):
    assert command(server[1], "--only", "ping,getSong") == 0
    out = capsys.readouterr().out
    assert "getSong" in out and "fell short, 0 known" in out


def test_a_wrong_one_gives_status_one_and_says_what_was_got(server, capsys):
    spoil(server[0], "getSong  song.isDir gone")
    assert command(server[1], "--only", "getSong") == 1
    out = capsys.readouterr().out
    assert "failed MUST fields.required" in out and "song.isDir: missing" in out
    assert "https://opensubsonic.netlify.app/docs/endpoints/getsong/" in out


def test_a_server_that_cannot_be_asked_gives_status_two(server, capsys):
    assert main(["--url", server[1], "--user", "admin", "--password", "wrong"]) == 2
    assert main(["--url", "ftp://nowhere", "--user", "a", "--password", "b"]) == 2
    err = capsys.readouterr().err
    assert "cannot be checked" in err and "not an http address" in err


def test_an_unknown_endpoint_is_refused(server):
    with pytest.raises(SystemExit):
        command(server[1], "--only", "getEverything")


def test_a_known_deviation_passes_and_one_that_is_gone_fails(server, tmp_path, capsys):
    path = tmp_path / "fake.toml"
    path.write_text('[[deviation]]\nendpoint = "getGenres"\nrule = "fields.required"\nreason = "old habit"\n')
    assert command(server[1], "--only", "getGenres", "--known", str(path)) == 1
    assert "passes, yet is known: old habit" in capsys.readouterr().out
    spoil(server[0], "getGenres  genres.genre.0.albumCount gone")
    assert command(server[1], "--only", "getGenres", "--known", str(path)) == 0
    assert "1 known" in capsys.readouterr().out


def test_a_known_deviation_needs_a_reason(tmp_path):
    path = tmp_path / "known.toml"
    path.write_text('[[deviation]]\nendpoint = "getSong"\nrule = "cors"\n')
    with pytest.raises(ValueError, match="deviation 1 has no reason"):
        known.load(path)


def outcome(endpoint: str, state: str, got: str = "") -> Outcome:
    return Outcome(endpoint, Rule("r", MUST, "A rule.", "", (endpoint,), print, frozenset()), state, got)


def test_a_deviation_of_all_endpoints_returns_only_when_it_shows_nowhere():
    everywhere = [known.Deviation("*", "r", "why")]
    marked = known.apply([outcome("a", PASSED), outcome("b", FAILED)], everywhere)
    assert [o.state for o in marked] == [PASSED, KNOWN]
    marked = known.apply([outcome("a", PASSED), outcome("b", PASSED)], everywhere)
    assert [o.state for o in marked] == [RETURNED, PASSED]
    assert known.apply([], everywhere) == []


def test_reports_for_machines_hold_every_outcome(server, tmp_path):
    spoil(server[0], "getSong  song.isDir gone")
    junit, as_json = tmp_path / "junit.xml", tmp_path / "out.json"
    command(server[1], "--only", "getSong", "--junit", str(junit), "--json", str(as_json))
    told = json.loads(as_json.read_text())
    suite = ElementTree.parse(junit).getroot().find("testsuite")
    assert int(suite.get("tests")) == len(told["outcomes"]) > 30
    assert int(suite.get("failures")) == told["summary"]["failed"] == len(suite.findall("testcase/failure"))


def test_reports_hold_whatever_a_server_says():
    outcomes = [outcome("ping", FAILED, "\x00\x1b[31m\ud800 <&>")]
    ElementTree.fromstring(report.as_junit(outcomes, "a\x01b").encode())
    assert "\x1b" not in report.table(outcomes)


def test_what_falls_short_nearly_everywhere_is_said_once():
    rows = [outcome(f"e{n}", FAILED, "got this") for n in range(20)]
    assert "got this" not in report.table(rows) and "e19" in report.table(rows)
    assert report.everywhere(rows).count("got this") == 1 and "at 20 endpoints" in report.everywhere(rows)
    assert report.table(rows, verbose=True).count("got this") == 20
    assert not report.everywhere(rows[:3])


def test_read_only_writes_nothing(server):
    fake, url = server
    calls = []
    fake.spoil_wire = lambda call, reply: calls.append((call.endpoint, call.query.text("u"))) or reply
    assert command(url, "--read-only") == 0
    assert not [call for call in calls if call[0] in WRITES and call[1] == "admin"]
    assert set(fake.state.people) == {"admin", "bob"} and not fake.state.playlists


def test_a_run_that_is_cut_short_is_cleaned_up(server):
    fake, url = server
    site = Site(Client(url), Account("admin", "sesame"))
    site.arrive()
    for made in run(site):
        if made.endpoint == "getPlaylist":
            break
    assert fake.state.playlists and len(fake.state.people) == 3
    assert site.leave() == []
    site.client.close()
    assert not fake.state.playlists and len(fake.state.people) == 2
    assert not fake.state.people["admin"].starred


def test_a_server_that_goes_away_ends_the_run():
    with served() as (_, url):
        site = Site(Client(url), Account("admin", "sesame"))
        site.arrive()
        site.client.close()
    outcomes = list(run(site, ["getSong", "getAlbum"]))
    assert sum(o.state == FAILED for o in outcomes) == PATIENCE
    assert not any(o.state == PASSED for o in outcomes)


def test_one_endpoint_that_does_not_answer_is_said_once(server, capsys):
    said("getVideos", "answer", "status", "failed").apply(server[0])
    assert command(server[1], "--only", "getVideos") == 1
    said_at = re.findall(r"    failed MUST (\S+):", capsys.readouterr().out)
    assert said_at == ["answer", "videos"]  # the general rules once, and the chapter's own


def test_every_account_signs_in_as_the_server_can(server):
    fake, url = server

    def without_tokens(q, right=fake._sign_in):
        if "t" in q.values:
            from conformance.tests.fake_endpoints import Refusal
            raise Refusal(41, "no tokens")
        return right(q)

    fake._sign_in = without_tokens
    site = Site(Client(url), Account("admin", "sesame"))
    site.arrive()
    site.client.close()
    assert site.account.sign == "plain" and site.admin
