"""Failures: a stranger, a missing parameter, an unknown id, a value of the wrong kind.

A failure is an answer like any other: HTTP 200, the envelope, the format that was asked for.
"""

from conformance import examples, facts
from conformance.client import Account
from conformance.model import MUST, REFERENCE, SHOULD, Skip, expect, rule
from conformance.rules.every import ALL, PLAIN_HTTP, check_open
from conformance.site import Site
from conformance.verdicts import must_fail

CLOSED = tuple(name for name in ALL if name != "getOpenSubsonicExtensions" and name not in PLAIN_HTTP)
LENIENT = frozenset(("search2", "search3", "getVideoInfo", "getCaptions", "tokenInfo", *PLAIN_HTTP))
NEEDY = tuple(name for name in ALL if name not in LENIENT
              and any(p.required for p in facts.endpoints()[name].parameters.values()))
ERRORS = f"{REFERENCE}#error-handling"

# Endpoints and the parameter whose unknown value is error 70.
LOST = {
    "getMusicDirectory": "id", "getArtist": "id", "getAlbum": "id", "getSong": "id", "getVideoInfo": "id",
    "getArtistInfo": "id", "getArtistInfo2": "id", "getAlbumInfo": "id", "getAlbumInfo2": "id",
    "getSimilarSongs": "id", "getSimilarSongs2": "id", "getPlaylist": "id", "createPlaylist": "playlistId",
    "updatePlaylist": "playlistId", "deletePlaylist": "id", "stream": "id", "download": "id",
    "getLyricsBySongId": "id", "setRating": "id", "reportPlayback": "mediaId", "createBookmark": "id",
    "deleteBookmark": "id", "getUser": "username", "updateUser": "username", "deleteUser": "username",
    "changePassword": "username", "hls": "id", "getCaptions": "id", "getSonicSimilarTracks": "id",
    "findSonicPath": "startSongId", "getPodcastEpisode": "id", "getPodcasts": "id", "createShare": "id",
    "updateShare": "id", "deleteShare": "id", "deletePodcastChannel": "id", "deletePodcastEpisode": "id",
    "downloadPodcastEpisode": "id", "updateInternetRadioStation": "id", "deleteInternetRadioStation": "id",
    "getTranscodeDecision": "mediaId",
}
# The same where servers are known to be lenient, with reasons.
LENIENTLY_LOST = {"getCoverArt": "id", "star": "id", "unstar": "id", "getAvatar": "username"}


def _unknown(endpoint: str, name: str) -> str:
    return f"nobody-{endpoint.lower()}" if name == "username" else "tr-99999999999999999"


@rule("stranger", MUST, "A user that does not exist is error 40, in the envelope, with HTTP 200.", *CLOSED, page=ERRORS)
def stranger(site: Site, endpoint: str) -> None:
    nobody = Account(f"{site.mark}-nobody", "nothing", site.account.sign)
    tree = must_fail(site.ask(endpoint, _given(site, endpoint), account=nobody), (40,))
    message = tree["error"].get("message")
    expect(message is None or isinstance(message, str), f"message {message!r}")


@rule("stranger.open", MUST, "A failure too carries type, serverVersion and openSubsonic.", *CLOSED,
      page="https://opensubsonic.netlify.app/docs/responses/subsonic-response/", needs="opensubsonic")
def stranger_open(site: Site, endpoint: str) -> None:
    check_open(site.ask(endpoint, {}, account=None).tree())


@rule("stranger.xml", MUST, "A failure is answered in the format asked for, XML when none is.", *CLOSED, page=REFERENCE)
def stranger_xml(site: Site, endpoint: str) -> None:
    for form in ("xml", None):
        answer = site.ask(endpoint, {}, account=None, form=form)
        expect(answer.kind in ("text/xml", "application/xml"), f"f={form} answered {answer.brief()}")
        must_fail(answer, (10, 40))
    answer = site.ask(endpoint, {}, account=None, form="json")
    expect(answer.kind == "application/json", f"f=json answered {answer.brief()}")


@rule("anonymous", MUST, "A call without any credentials is refused: error 10, or 40.", *CLOSED, page=ERRORS)
def anonymous(site: Site, endpoint: str) -> None:
    must_fail(site.ask(endpoint, _given(site, endpoint), account=None), (10, 40))


def _given(site: Site, endpoint: str) -> dict:
    """Parameters complete enough to be refused for the person alone, without preparing anything."""
    known = facts.endpoints()[endpoint].parameters.values()
    return {p.name: "1" if p.type in ("int", "id") else "newest" for p in known if p.required}


@rule("missing", MUST, "A missing required parameter is error 10.", *NEEDY,
      page=ERRORS)
def missing(site: Site, endpoint: str) -> None:
    known = facts.endpoints()[endpoint]
    lacks = site.lacks(examples.needs(endpoint), endpoint)
    if lacks:
        raise Skip(lacks)
    given = examples.example(site, endpoint)
    for parameter in known.parameters.values():
        if parameter.required:
            rest = {name: value for name, value in given.items() if name != parameter.name}
            must_fail(site.ask(endpoint, rest), (10,))


@rule("missing.getTopSongs", MUST, "Without an artist's name (or id) the call is error 10.", "getTopSongs", page=ERRORS)
def missing_artist(site: Site, endpoint: str) -> None:
    site.refused(endpoint, (10,))


@rule("missing.both", MUST, "Without a name and without a playlist the call is error 10.", "createPlaylist",
      page=ERRORS, needs="write")
def missing_playlist(site: Site, endpoint: str) -> None:
    site.refused(endpoint, (10,), songId=site.song["id"])


@rule("missing.any", SHOULD, "A call that names nothing at all is error 10.", "star", "unstar", page=ERRORS,
      needs="write")
def missing_any(site: Site, endpoint: str) -> None:
    site.refused(endpoint, (10,))


@rule("unknown", MUST, "An id that does not exist is error 70, in the envelope, with HTTP 200.", *LOST, page=ERRORS)
def unknown(site: Site, endpoint: str) -> None:
    _lost(site, endpoint, LOST[endpoint])


@rule("unknown.lenient", SHOULD, "An id that does not exist is error 70.", *LENIENTLY_LOST, page=ERRORS)
def unknown_lenient(site: Site, endpoint: str) -> None:
    _lost(site, endpoint, LENIENTLY_LOST[endpoint])


ODD_IDS = ("nothing", "-1", "9223372036854775808", "99999999999999999999999", "ä 日本 🎵", "²",
           "../../etc/passwd", "tr-")


@rule("unknown.odd", SHOULD, "An id of a shape that the server never mints is as unknown as any other: error 70.",
      *(name for name, parameter in LOST.items() if parameter != "username"), page=ERRORS)
def unknown_odd(site: Site, endpoint: str) -> None:
    for value in ODD_IDS:
        _lost(site, endpoint, LOST[endpoint], value)


def _lost(site: Site, endpoint: str, name: str, value: str = "") -> None:
    lacks = site.lacks(examples.needs(endpoint) | ({"admin"} if endpoint == "getUser" else set()), endpoint)
    if lacks:
        raise Skip(lacks)
    alone = endpoint in ("getVideoInfo", "getCaptions", "createPlaylist", "getAvatar", "getPodcastEpisode",
                         "downloadPodcastEpisode") or endpoint.startswith("delete")
    given = {} if alone else examples.example(site, endpoint)
    if endpoint == "createPlaylist":
        given = {"songId": site.song["id"]}
    must_fail(site.ask(endpoint, given | {name: value or _unknown(endpoint, name)}), (70,))
