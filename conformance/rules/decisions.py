"""The transcoding extension: a player says what it can play, the server what it will send.

All bit rates of this extension are bits per second. The stream endpoint fails with plain HTTP statuses.
"""

import json
from copy import deepcopy
from typing import Any

from conformance.client import Account, Answer
from conformance.model import DOCS, MUST, SHOULD, Skip, expect, rule
from conformance.site import PLAYER, Site, Tree
from conformance.things import decision, other_than_mp3
from conformance.verdicts import accepted, must_fail

PAGE = f"{DOCS}/extensions/transcoding/"
DECIDES, STREAMS = "getTranscodeDecision", "getTranscodeStream"
CODECS = {"mp3": "mp3", "flac": "flac", "opus": "opus", "ogg": "vorbis", "m4a": "aac", "wav": "pcm"}
CONTAINERS = {"opus": "ogg", "m4a": "mp4"}


def _ask(site: Site, song: Tree, player: Tree | bytes, **how: Any) -> Answer:
    body = player if isinstance(player, bytes) else json.dumps(player).encode()
    how = {"method": "POST", "body": body, "headers": {"Content-Type": "application/json"}} | how
    return site.ask(DECIDES, {"mediaId": song["id"], "mediaType": "song"}, **how)


def _decide(site: Site, song: Tree, player: Tree) -> Tree:
    return accepted(_ask(site, song, player))["transcodeDecision"]


def _player(song: Tree, **limit: Any) -> Tree:
    """A player of just what the song is; `limit` is a limitation of its codec."""
    suffix = song.get("suffix")
    if suffix not in CODECS:
        raise Skip(f"the song is {suffix}")
    player = deepcopy(PLAYER)
    containers = [suffix, CONTAINERS.get(suffix, suffix)]
    player["directPlayProfiles"] = [{"containers": containers, "audioCodecs": [CODECS[suffix]], "protocols": ["http"]}]
    if limit:
        player["codecProfiles"] = [{"type": "AudioCodec", "name": CODECS[suffix], "limitations": [limit]}]
    return player


@rule("direct", MUST, "What the player can play as it is may be played as it is.", DECIDES, page=PAGE, needs="songs")
def direct(site: Site, endpoint: str) -> None:
    got = _decide(site, site.song, _player(site.song))
    expect(got["canDirectPlay"] is True, f"canDirectPlay false: {got.get('transcodeReason')}")


@rule("unplayable", MUST, "What the player cannot play is not to be played as it is, and a reason is given.", DECIDES,
      page=PAGE, needs="songs")
def unplayable(site: Site, endpoint: str) -> None:
    player = deepcopy(PLAYER)
    player["directPlayProfiles"] = [{"containers": ["tape"], "audioCodecs": ["hiss"], "protocols": ["http"]}]
    got = _decide(site, site.song, player)
    expect(got["canDirectPlay"] is False, "canDirectPlay true for a player of tape")
    expect(got.get("transcodeReason"), "no transcodeReason")


@rule("limited", MUST, "A required limit that the song does not keep rules out to play it as it is; a wish does not.",
      DECIDES, page=PAGE, needs="songs")
def limited(site: Site, endpoint: str) -> None:
    limit = {"name": "audioChannels", "comparison": "GreaterThanEqual", "values": ["64"]}
    got = _decide(site, site.song, _player(site.song, **limit, required=True))
    expect(got["canDirectPlay"] is False, "canDirectPlay true, the song has no 64 channels")
    got = _decide(site, site.song, _player(site.song, **limit, required=False))
    expect(got["canDirectPlay"] is True, "canDirectPlay false for a wish")


@rule("promised", MUST, "Where a song can be transcoded, what it will be and the parameters for it are given.", DECIDES,
      page=PAGE, needs="songs")
def promised(site: Site, endpoint: str) -> None:
    got = _decide(site, other_than_mp3(site), PLAYER)
    expect(got["canDirectPlay"] is False, "canDirectPlay true for a player of MP3")
    if not got["canTranscode"]:
        raise Skip(f"nothing is transcoded here: {got.get('errorReason', 'no errorReason')}")
    expect(got.get("transcodeParams"), "no transcodeParams")
    expect(len(got["transcodeParams"]) < 4096, f"{len(got['transcodeParams'])} characters of transcodeParams")
    stream = got.get("transcodeStream") or {}
    expect((stream.get("container"), stream.get("codec")) == ("mp3", "mp3"), f"transcodeStream {stream}")


@rule("bits", SHOULD, "The stream that there is is described, its bit rate in bits per second.", DECIDES, page=PAGE,
      needs="songs")
def bits(site: Site, endpoint: str) -> None:
    song = other_than_mp3(site)
    source = _decide(site, song, PLAYER).get("sourceStream") or {}
    expect(source.get("codec"), "no sourceStream")
    kbps = song.get("bitRate") or 0
    if kbps >= 16 and "audioBitrate" in source:
        got = source["audioBitrate"]
        expect(abs(got / 1000 - kbps) <= kbps * 0.1 + 2, f"audioBitrate {got}, the song says {kbps} kbit/s")


@rule("nonsense", SHOULD, "A body that is not what it should be is error 0 (10 is borne).", DECIDES, page=PAGE,
      needs="songs")
def nonsense(site: Site, endpoint: str) -> None:
    wrong = deepcopy(PLAYER)
    wrong["codecProfiles"] = [{"type": "Nonsense", "name": "mp3", "limitations": "none"}]
    for body in (b"{not json", b"[1]", json.dumps(wrong).encode()):
        answer = _ask(site, site.song, body)
        if answer.status != 400:  # a plain status is borne as well
            must_fail(answer, (0, 10))


@rule("get", SHOULD, "It is a POST: GET is HTTP 405.", DECIDES, page=PAGE, needs="songs")
def by_get(site: Site, endpoint: str) -> None:
    answer = _ask(site, site.song, b"", method="GET", body=None)
    expect(answer.status == 405, f"GET answered {answer.brief()}", "HTTP 405")


@rule("promise.kept", MUST, "The stream is what the decision promised, from the beginning to the end.", STREAMS,
      page=PAGE, needs="songs")
def promise_kept(site: Site, endpoint: str) -> None:
    answer = site.ask(endpoint, decision(site))
    expect(answer.kind in ("audio/mpeg", "audio/mp3"), f"{answer.asked} answered {answer.brief()}", "audio/mpeg")
    expect(answer.whole and answer.body[:2] in (b"ID", b"\xff\xfb", b"\xff\xf3", b"\xff\xf2"),
           f"{len(answer.body)} bytes that begin with {answer.body[:4]!r}", "MP3, whole")


@rule("offset", SHOULD, "offset begins that many seconds later.", STREAMS, page=PAGE, needs="songs")
def offset(site: Site, endpoint: str) -> None:
    given = decision(site)
    seconds = (other_than_mp3(site).get("duration") or 0) // 2
    if seconds < 1:
        raise Skip("the song is too short")
    full, later = site.ask(endpoint, given), site.ask(endpoint, given | {"offset": seconds})
    expect(0 < len(later.body) < 0.8 * len(full.body), f"{len(later.body)} of {len(full.body)} bytes from {seconds} s")


@rule("statuses", MUST, "A failure is a plain HTTP status: 400 for a parameter that is missing, 404 for an unknown "
      "song, 401 for a stranger.", STREAMS, page=PAGE, needs="songs")
def statuses(site: Site, endpoint: str) -> None:
    given = decision(site)
    cases = [(given | {name: None}, site.account, (400,)) for name in given]
    cases.append((given, Account(f"{site.mark}-nobody", "nothing", site.account.sign), (401,)))
    cases.append((given | {"mediaId": "tr-99999999999999999"}, site.account, (400, 404, 410)))
    for parameters, account, wanted in cases:
        answer = site.ask(endpoint, parameters, account=account, limit=4096)
        told = " or ".join(map(str, wanted))
        expect(answer.status in wanted, f"{answer.asked} answered {answer.brief()}", f"HTTP {told}")


@rule("forged", MUST, "Parameters that no decision gave are refused.", STREAMS, page=PAGE, needs="songs")
def forged(site: Site, endpoint: str) -> None:
    given = decision(site)
    answer = site.ask(endpoint, given | {"transcodeParams": "nonsense"}, limit=4096)
    expect(400 <= answer.status < 500, f"{answer.asked} answered {answer.brief()}", "HTTP 400, 404 or 410")
