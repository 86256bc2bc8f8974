"""Any parameter of any endpoint, with any value: an answer in the protocol each time, and no trace in the log."""

import logging

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from server.tests.running import Server
from subsonic.endpoints import ENDPOINTS
from subsonic.protocol.parse import _steps

EACH = 12
"""Calls of one endpoint on one database; the seed differs from run to run, so that many runs try much."""
ODD = (
    "", "0", "-1", "1", "2", "10", "500", "99999999999999999999", "-9223372036854775809", "1e308", "NaN", "0.5", "true",
    "FALSE", "maybe", "null", "undefined", "%00", "\x00", "a\x01b\ufffe", "\U0001f3b5", "é" * 300, "x" * 5000,
    "../../../etc/passwd", "' OR 1=1 --", '"; DROP TABLE track; --', "<script>", "*", "%", "_", "-", "1970",
    "alice", "admin", "nobody", "newest", "random", "byYear", "byGenre", "mp3", "raw", "opus", "128@480x360",
    "http://127.0.0.1:1/", "file:///etc/passwd", "starting", "playing", "stopped", "song", "podcast", "get", "set",
    "start", "stop", "skip", "add", "clear", "remove", "shuffle", "setGain", "status", "tr-0000000000", "al-zzzzzzzzzz",
    "tr-",
)  # fmt: skip
HANDS_OFF = {
    # They would end the account or the library that the other calls need.
    ("deleteUser", "username"): ("alice", "admin", "bob"),
    ("changePassword", "username"): ("alice", "admin", "bob"),
    ("updateUser", "username"): ("alice", "admin", "bob"),
}


@pytest.fixture(scope="module")
def ids(server: Server) -> list[str]:
    """Ids of each kind that there is, to be put where they belong and where they do not."""
    song = server.ask("getRandomSongs", size=1)["song"][0]
    playlist = server.ask("createPlaylist", name="for the fuzz", songId=[song["id"]])["id"]
    share = server.ask("createShare", "admin", id=song["id"])["share"][0]["id"]
    folder = server.ask("getIndexes")["index"][0]["artist"][0]["id"]
    return [song["id"], song["albumId"], song["artistId"], song.get("coverArt", ""), playlist, share, folder]


@pytest.mark.parametrize("name", sorted(ENDPOINTS))
def test_no_value_of_any_parameter_brings_it_down(server: Server, ids, caplog, name):
    known = [step.wire for step in _steps(ENDPOINTS[name])]
    values = st.one_of(st.sampled_from(ids), st.sampled_from(ODD), st.text(max_size=40), st.integers().map(str))
    calls = st.fixed_dictionaries(
        {}, optional={wire: st.lists(values, min_size=1, max_size=3) for wire in known} | {"odd": st.just(["1"])}
    )

    @settings(max_examples=EACH, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(calls, st.sampled_from(["json", "xml", "jsonp"]), st.sampled_from(["alice", "admin", "bob", ""]))
    def call(params, fmt, user):
        for (endpoint, wire), kept in HANDS_OFF.items():
            if endpoint == name and any(value.strip().casefold() in kept for value in params.get(wire, ())):
                return
        # Surrogates have no bytes in an address.
        texts = {wire: [text.encode(errors="replace").decode() for text in found] for wire, found in params.items()}
        answer = server.get(name, user, **{**texts, "f": fmt, "callback": "heard"})
        assert answer.status in (200, 204, 206, 304, 400, 401, 403, 404, 405, 410, 416, 429, 503), (name, texts, answer)

    with caplog.at_level(logging.ERROR):
        call()
    assert not caplog.records, caplog.text
