"""Clients that say what they can play, as they really say it, and what they get."""

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.kernel.errors import Invalid
from server.library.facts import TrackFile
from server.stream import negotiate
from server.stream.decide import Limits, Raw
from server.tests.running import Server, query
from subsonic import transcoding
from subsonic.protocol.body import shaped
from subsonic.shapes import ClientInfo

MP3_ONLY = {
    "name": "player",
    "directPlayProfiles": [{"containers": ["mp3"], "audioCodecs": ["mp3"], "protocols": ["http"]}],
    "transcodingProfiles": [{"container": "mp3", "audioCodec": "mp3", "protocol": "http"}],
}
ANYTHING = {"name": "player", "platform": "desk", "directPlayProfiles": [
    {"containers": [], "audioCodecs": [], "protocols": []}]}  # fmt: skip


def ask(server: Server, song: str, body: object = None, user: str = "alice", **params):
    data = body if isinstance(body, bytes) else orjson.dumps(MP3_ONLY if body is None else body)
    given = {"mediaId": song, "mediaType": "song"} | params
    return server.send("POST", f"/rest/getTranscodeDecision?{query(user, **given)}", data,
                       {"Content-Type": "application/json"})  # fmt: skip


def decided(server: Server, song: str, body: object = None, user: str = "alice") -> dict:
    answer = ask(server, song, body, user)
    assert (answer.status, answer.error) == (200, None), answer.body
    return answer.reply["transcodeDecision"]


def stream(server: Server, song: str, params: str, user: str = "alice", **more):
    return server.get("getTranscodeStream", user, mediaId=song, mediaType="song", transcodeParams=params, **more)


@pytest.fixture
def songs(server) -> dict[str, dict]:
    found = server.ask("search3", query="", songCount=500)["song"]
    return {song["suffix"]: song for song in found}


def test_a_file_that_the_client_can_play_is_played_as_it_is(server, songs):
    song = songs["mp3"]
    found = decided(server, song["id"])
    assert (found["canDirectPlay"], found["canTranscode"], found["transcodeReason"]) == (True, False, [])
    assert "transcodeStream" not in found and found["sourceStream"]["codec"] == "mp3"
    assert found["sourceStream"]["audioBitrate"] == song["bitRate"] * 1000
    answer = stream(server, song["id"], found["transcodeParams"])
    assert answer.status == 200 and len(answer.body) == song["size"]
    assert decided(server, songs["flac"]["id"], ANYTHING)["canDirectPlay"]


def test_any_other_is_converted_to_what_it_can_play(server, songs):
    found = decided(server, songs["flac"]["id"], MP3_ONLY | {"maxTranscodingAudioBitrate": 130_000})
    assert (found["canDirectPlay"], found["canTranscode"]) == (False, True)
    assert found["transcodeReason"] == ["The container flac is not among mp3."]
    made = found["transcodeStream"]
    assert (made["protocol"], made["container"], made["codec"], made["audioBitrate"]) == ("http", "mp3", "mp3", 128_000)
    answer = stream(server, songs["flac"]["id"], found["transcodeParams"])
    assert answer.status == 200 and answer.headers["content-type"] == "audio/mpeg" and answer.body[:1] == b"\xff"
    assert stream(server, songs["flac"]["id"], found["transcodeParams"], offset=1).status == 200


def test_two_that_differ_in_channels_or_sample_rate_alone_do_not_hear_each_others_conversion(server, songs):
    song, heard = songs["flac"]["id"], set()
    for most, hz in ((2, 44100), (1, 44100), (1, 48000)):
        found = decided(server, song, MP3_ONLY | {
            "maxTranscodingAudioBitrate": 64_000,
            "transcodingProfiles": [{"container": "mp3", "audioCodec": "mp3", "maxAudioChannels": most}],
            "codecProfiles": [{"type": "AudioCodec", "name": "mp3", "limitations": [
                {"name": "audioSamplerate", "comparison": "Equals", "values": [str(hz)], "required": True}]}],
        })  # fmt: skip
        made = found["transcodeStream"]
        assert (made["audioChannels"], made["audioSamplerate"], made["audioBitrate"]) == (most, hz, 64_000)
        heard.add(stream(server, song, found["transcodeParams"]).body)
    assert len(heard) == 3


WORDS = st.sampled_from(["mp3", "flac", "aac", "ogg", "", "http", "audioBitrate", "audioChannels", "AudioCodec",
                         "Equals", "LessThanEqual", "1", "44100", "x"])  # fmt: skip
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.floats() | WORDS, st.lists, max_leaves=4
)
PROFILES = st.lists(st.dictionaries(st.sampled_from([
    "containers", "audioCodecs", "protocols", "maxAudioChannels", "container", "audioCodec", "protocol", "type", "name",
]), st.lists(WORDS, max_size=2) | WORDS | VALUES, max_size=5), max_size=3)  # fmt: skip
BODIES = st.dictionaries(st.sampled_from([
    "name", "maxAudioBitrate", "maxTranscodingAudioBitrate", "directPlayProfiles", "transcodingProfiles",
    "codecProfiles",
]), PROFILES | VALUES, max_size=5)  # fmt: skip


@given(BODIES, st.sampled_from(["flac", "mp3", "m4a", ""]), st.integers(0, 8), st.integers(0, 3000))
def test_whatever_a_client_says_of_itself_is_decided_or_refused(body, suffix, channels, kbps):
    track = TrackFile(1, "/x", suffix, "audio/x", suffix, 1, 1, 200_000, kbps, 44100, channels, 16)
    try:
        can = transcoding._abilities(shaped(ClientInfo, orjson.dumps(body)))
    except Invalid:
        return
    verdict = negotiate.decide(track, can, Limits())
    assert not (verdict.direct and verdict.plan)
    assert bool(verdict.error) == (not verdict.direct and not verdict.plan)
    if verdict.plan and not verdict.plan.profile.lossless:
        assert verdict.plan.bitrate_kbps in verdict.plan.profile.steps
    if verdict.plan:
        assert verdict.plan.rate_hz in verdict.plan.profile.rates_hz


def test_an_offset_begins_later_and_never_behind_the_end():
    track = TrackFile(1, "/x.flac", "flac", "audio/flac", "flac", 1, 1, 200_000, 900, 44100, 2, 16)
    said = transcoding.Decided("tr-x", 1, 0, [1, 1], "mp3", 128, 44100, 2)
    for offset, heard in ((0, 0), (60, 60), (9999, 199)):
        plan = transcoding._plan(track, said, offset, Limits())
        assert (plan.offset_s, plan.length_ms, plan.bitrate_kbps) == (heard, 200_000 - heard * 1000, 128)
    assert transcoding._plan(track, said, 0, Limits(max_bitrate_kbps=96)) is None
    raw = said._replace(profile="")
    assert isinstance(transcoding._plan(track, raw, 0, Limits()), Raw)
    assert transcoding._plan(track, raw, 5, Limits()).profile.name == "flac"
    assert transcoding._plan(track, raw, 0, Limits(max_bitrate_kbps=96)) is None


def test_both_formats_carry_the_decision(server, songs):
    answer = ask(server, songs["flac"]["id"], f="xml")
    assert b"<transcodeReason>The container flac" in answer.body and b'<transcodeStream protocol="http"' in answer.body


def test_a_client_that_can_play_nothing_hears_why(server, songs):
    found = decided(server, songs["flac"]["id"], {"name": "x", "transcodingProfiles": [
        {"container": "mp4", "audioCodec": "av1", "protocol": "hls"}]})  # fmt: skip
    assert (found["canDirectPlay"], found["canTranscode"]) == (False, False)
    assert found["errorReason"] and "transcodeParams" not in found


@pytest.mark.parametrize(
    "body",
    [b"", b"{nonsense", b"[]", b"null", b'{"directPlayProfiles": 3}', b'{"directPlayProfiles": [3]}',
     b'{"directPlayProfiles": [{"protocols": ["ftp"]}]}', b'{"maxAudioBitrate": "much"}', b'{"maxAudioBitrate": true}',
     b'{"codecProfiles": [{"type": "AudioCodec", "name": "mp3", "limitations": [{"name": "audioBitrate",'
     b' "comparison": "About", "values": ["1"]}]}]}', b" " * (1 << 20) + b"{}", b'{"name": ' + b"[" * 5000],
)  # fmt: skip
def test_a_body_that_makes_no_sense_is_an_error(server, songs, body):
    answer = ask(server, songs["mp3"]["id"], body)
    assert (answer.status, answer.error) == (200, 0)


def test_what_is_missing_unknown_or_not_posted_is_told_apart(server, songs):
    song = songs["mp3"]["id"]
    assert ask(server, song, mediaId=None).error == 10
    assert ask(server, song, mediaType=None).error == 10
    assert ask(server, song, mediaType="video").error == 0
    assert ask(server, "tr-nobody").error == 70
    assert ask(server, song, user="").error == 10
    answer = server.send("GET", f"/rest/getTranscodeDecision?{query('alice', mediaId=song, mediaType='song')}")
    assert answer.status == 405 and "POST" in answer.headers["allow"]


def test_a_stream_fails_with_a_status(server, songs):
    song, other = songs["flac"]["id"], songs["mp3"]["id"]
    params = decided(server, song)["transcodeParams"]
    assert server.get("getTranscodeStream", mediaType="song", transcodeParams=params).status == 400
    assert server.get("getTranscodeStream", mediaId=song, transcodeParams=params).status == 400
    assert server.get("getTranscodeStream", mediaId=song, mediaType="song").status == 400
    assert server.get("getTranscodeStream", mediaId=song, mediaType="video", transcodeParams=params).status == 400
    assert stream(server, "tr-nobody", params).status == 404
    assert stream(server, song, params, user="").status == 401
    for wrong in ("x", "x.y", params[:-1], "." + params, params.replace(".", "A."), "é.木"):
        assert stream(server, song, wrong).status == 410
    assert stream(server, other, params).status == 410
    assert stream(server, song, params, user="admin").status == 403


def test_what_was_decided_ends_with_a_day_and_with_the_file(server, songs, monkeypatch):
    song = songs["flac"]["id"]
    params = decided(server, song)["transcodeParams"]
    assert stream(server, song, params).status == 200
    monkeypatch.setattr("subsonic.transcoding.LASTS_S", -1)
    assert stream(server, song, decided(server, song)["transcodeParams"]).status == 410


def test_a_server_announces_it(server):
    assert {"name": "transcoding", "versions": [1]} in server.ask("getOpenSubsonicExtensions")
