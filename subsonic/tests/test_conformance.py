"""Our own server under the conformance suite, as any other would be: a process of its own, and the suite's music.

Whatever the suite can judge is there to be judged: every role, a podcast to read, a player for the jukebox.
"""

import json
import subprocess
import sys
import urllib.request
from pathlib import Path
from urllib.parse import urlencode

import pytest

from conformance.music import library
from server.tests.commands.test_serving import Process
from server.tests.jukebox.test_jukebox import Room

KNOWN = Path(__file__).parents[2] / "conformance" / "known" / "familiar.toml"
# What is not there to be judged: no video in the suite's music, no analysis in this test.
NOT_JUDGED = {"sonicSimilarity is not announced", "no videos found", "there is a jukebox"}
ROLES = ("shareRole", "podcastRole", "jukeboxRole", "downloadRole", "uploadRole", "coverArtRole", "commentRole")


def suite(*words: str) -> subprocess.CompletedProcess:
    command = [sys.executable, "-m", "conformance", *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)


@pytest.fixture
def served(kind, tmp_path):
    """A server that has read the suite's own music, as the suite wants it named on its command line."""
    count, data, room = library.make(tmp_path / "music"), tmp_path / "data", Room(tmp_path)
    with kind.fresh() as url:
        house = ("--data", str(data), "--database", url)
        process = Process(data, *house[2:], "--music", str(tmp_path / "music"), "--fetch-allow", "127.0.0.0/8",
                          "--jukebox", str(room.path))  # fmt: skip
        try:
            password = process.until(r"Password +(\S+)")[1]
            address = f"http://127.0.0.1:{process.port()}"
            found = process.until(r"(\d+) files seen, (\d+) new.* (\d+) unreadable")
            assert found.groups() == (str(count), str(count), "0")
            given = {"u": "admin", "p": password, "v": "1.16.1", "c": "tests", "username": "admin"}
            rights = urlencode(given | dict.fromkeys(ROLES, "true"))
            urllib.request.urlopen(f"{address}/rest/updateUser?{rights}").close()
            yield "--url", address, "--user", "admin", "--password", password, "--api-key", api_key(*house)
        finally:
            process.end()


def api_key(*house: str) -> str:
    command = [sys.executable, "-m", "server", "user", "api-key", "admin", "conformance", *house]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()[0]


def test_nothing_falls_short_of_the_protocol(served, tmp_path):
    report = tmp_path / "report.json"
    ran = suite(*served, "--serve-feed", "--known", str(KNOWN), "--json", str(report))
    assert ran.returncode == 0, ran.stdout[-6000:] + ran.stderr[-2000:]
    assert " 0 MUST and 0 SHOULD fell short, 0 known" in ran.stdout
    assert "could not be undone" not in ran.stderr
    skipped = {o["got"] for o in json.loads(report.read_text())["outcomes"] if o["state"] == "skipped"}
    assert {why for why in skipped if not why.endswith(" is announced")} <= NOT_JUDGED


def test_no_deviation_of_ours_is_known():
    assert "[[deviation]]" not in KNOWN.read_text()
