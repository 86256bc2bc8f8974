"""What a server can do wrong with what is shared, subscribed to, said or played; and the rule that must name it.

A misdeed stands in for one handler of the fake server; `right` is the handler that does it right.
"""

from collections.abc import Callable
from typing import Any

from conformance.tests.fake_endpoints import Refusal, find
from conformance.tests.fake_library import NOW, library
from conformance.tests.fake_marks import File
from conformance.tests.misdeeds import done, named


def as_admin(right: Callable, who: Any, q: Any) -> Any:
    return right(right.__self__.state.people["admin"], q)


def does_nothing(right: Callable, who: Any, q: Any) -> None:
    return None


def without(*names: str) -> Callable:
    """Parameters count for nothing."""
    def make(right: Callable, who: Any, q: Any) -> Any:
        for name in names:
            q.values.pop(name, None)
        return right(who, q)

    make.__name__ = f"without {' '.join(names)}"
    return make


def changed(name: str, make: Callable[[Any], Any]) -> Callable:
    """The answer says something else."""
    def other(right: Callable, who: Any, q: Any) -> Any:
        return make(right(who, q))

    other.__name__ = name
    return other


# --------------------------------------------------------------------------- shares


def all_of_them(right: Callable, who: Any, q: Any) -> Any:
    """createShare answers every share there is."""
    shares = right.__self__
    right(who, q)
    return {"share": [shares._share(who, s) for s in shares.state.shares.values()]}


def backwards(right: Callable, who: Any, q: Any) -> Any:
    q.values["id"] = q.all("id")[::-1]
    return right(who, q)


def first_only(right: Callable, who: Any, q: Any) -> Any:
    q.values["id"] = q.all("id")[:1]
    return right(who, q)


def in_seconds(right: Callable, who: Any, q: Any) -> Any:
    if q.text("expires", "").isdigit():
        q.values["expires"] = [str(int(q.need("expires")) // 1_000_000 * 1_000_000)]
    return right(who, q)


def local_address(right: Callable, who: Any, q: Any) -> Any:
    found = right(who, q)
    for one in found["share"]:
        one["url"] = "/share/" + one["id"]
    return found


def dead_address(right: Callable, who: Any, q: Any) -> Any:
    found = right(who, q)
    for one in found["share"]:
        one["url"] += "x"
    return found


def one_for_all(right: Callable, who: Any, q: Any) -> Any:
    """The same share whenever the same is shared."""
    shares = right.__self__
    for one in shares.state.shares.values():
        if one["songs"] == q.all("id") and not one["description"]:
            return {"share": [shares._share(who, one)]}
    return right(who, q)


def expires_in_a_year(right: Callable, who: Any, q: Any) -> Any:
    q.values.setdefault("expires", ["1900000000000"])
    return right(who, q)


def of_everybody(right: Callable, who: Any, q: Any) -> Any:
    shares = right.__self__
    return {"share": [shares._share(who, s) for s in shares.state.shares.values()]}


def as_owner(right: Callable, who: Any, q: Any) -> Any:
    one = right.__self__.state.shares.get(q.text("id"))
    return right(right.__self__.state.people[one["username"]] if one else who, q)


def forgets_the_rest(right: Callable, who: Any, q: Any) -> Any:
    for name, value in (("description", ""), ("expires", "0")):
        q.values.setdefault(name, [value])
    return right(who, q)


def keeps_the_end(right: Callable, who: Any, q: Any) -> Any:
    if q.text("expires") == "0":
        del q.values["expires"]
    return right(who, q)


def hides_only(right: Callable, who: Any, q: Any) -> None:
    """A deleted share is no longer listed, and opens all the same."""
    one = right.__self__._own_share(who, q)
    one["username"] = "nobody"


def never_expires(right: Callable, who: Any, q: Any) -> Any:
    found = right(who, q)
    for one in right.__self__.state.shares.values():
        one["expires_ms"] = 0
    return found


SHARES = [
    ("createShare", "one", all_of_them), ("createShare", "one", backwards), ("createShare", "one", first_only),
    ("createShare", "kept", without("description")), ("createShare", "kept", in_seconds),
    ("createShare", "address", local_address), ("createShare", "address", dead_address),
    ("createShare", "address.unguessed", one_for_all), ("createShare", "unlimited", expires_in_a_year),
    ("createShare", "expired", never_expires), ("createShare", "right", as_admin),
    ("createShare", "album", changed("no entries", lambda found: {"share": [s | {"entry": []}
                                                                         for s in found["share"]]})),
    ("getShares", "own", of_everybody), ("getShares", "kept", changed("lists none", lambda found: {"share": []})),
    ("getShares", "visited", changed("counts nothing", lambda found: {"share": [
        s | {"visitCount": 0} for s in found["share"]]})),
    ("updateShare", "own", as_owner), ("updateShare", "changes", forgets_the_rest),
    ("updateShare", "changes", does_nothing), ("updateShare", "endless", keeps_the_end),
    ("updateShare", "expired", without("expires")), ("deleteShare", "own", as_owner),
    ("deleteShare", "deleted", does_nothing), ("deleteShare", "deleted", hides_only),
]


# --------------------------------------------------------------------------- podcasts, radio, chat


def unread(right: Callable, who: Any, q: Any) -> None:
    """What cannot be read counts as a podcast without a title."""
    try:
        right(who, q)
    except Refusal as refusal:
        if refusal.code != 0:
            raise
        id_ = right.__self__.state.mint("pc")
        right.__self__.state.channels[id_] = {"id": id_, "url": q.need("url"), "status": "completed", "episode": []}


def twice(right: Callable, who: Any, q: Any) -> None:
    for one in right.__self__.state.channels.values():
        one["episode"] = one["episode"] + [e | {"id": e["id"] + "x"} for e in one["episode"][:3]]


def loses(right: Callable, who: Any, q: Any) -> None:
    for one in right.__self__.state.channels.values():
        one["episode"] = one["episode"][1:]


def keeps_sound(right: Callable, who: Any, q: Any) -> None:
    one = right.__self__._episode(q.need("id"))
    one["status"] = "skipped"


def other_sound(right: Callable, who: Any, q: Any) -> None:
    right(who, q)
    state = right.__self__.state
    state.sounds = dict.fromkeys(state.sounds, b"\xff\xfbother")


def keeps_episodes(right: Callable, who: Any, q: Any) -> None:
    """A deleted channel is gone, its episodes are not."""
    state = right.__self__.state
    left = state.channels.get(q.need("id"), {})
    right(who, q)
    right.__self__.get_newest_podcasts = lambda who, q: {"episode": left.get("episode", [])}


def _channels(make: Callable[[dict], dict]) -> Callable[[Any], Any]:
    return lambda found: {"channel": [make(dict(c)) for c in found["channel"]]}


def _episodes(make: Callable[[dict], dict]) -> Callable[[Any], Any]:
    return _channels(lambda c: c | ({"episode": [make(dict(e)) for e in c["episode"]]} if "episode" in c else {}))


PODCASTS = [
    ("createPodcastChannel", "created", does_nothing), ("createPodcastChannel", "address", unread),
    ("createPodcastChannel", "right", as_admin),
    ("getPodcasts", "words", changed("escaped", _channels(lambda c: c | {"title": "K&amp;auml;"}))),
    ("getPodcasts", "words", changed("ten only", _channels(
        lambda c: c | ({"episode": c["episode"][:10]} if "episode" in c else {})))),
    ("getPodcasts", "dates", changed("all now", _episodes(lambda e: e | {"publishDate": NOW}))),
    ("getPodcasts", "episodes.own", changed("other channel", _episodes(lambda e: e | {"channelId": "pc-0"}))),
    ("getPodcasts", "episodes.left", without("includeEpisodes")), ("getPodcasts", "alone", without("id")),
    ("getNewestPodcasts", "newest", changed("oldest first", lambda found: {"episode": found["episode"][::-1]})),
    ("getNewestPodcasts", "count.most", without("count")),
    ("getPodcastEpisode", "agrees", changed("another", lambda found: found | {"title": "Another"})),
    ("refreshPodcasts", "refreshed", twice), ("refreshPodcasts", "refreshed", loses),
    ("refreshPodcasts", "right", as_admin), ("deletePodcastChannel", "right", as_admin),
    ("deletePodcastChannel", "gone", does_nothing), ("deletePodcastChannel", "gone", keeps_episodes),
    ("deletePodcastEpisode", "deletes", does_nothing), ("deletePodcastEpisode", "deletes", keeps_sound),
    ("downloadPodcastEpisode", "downloads", other_sound), ("downloadPodcastEpisode", "right", as_admin),
    ("createInternetRadioStation", "kept", without("homepageUrl")), ("createInternetRadioStation", "admins", as_admin),
    ("updateInternetRadioStation", "changes", does_nothing), ("updateInternetRadioStation", "admins", as_admin),
    ("deleteInternetRadioStation", "deleted", does_nothing), ("deleteInternetRadioStation", "admins", as_admin),
    ("getInternetRadioStations", "all", lambda right, who, q: right(who, q) if who.name == "admin" else
     {"internetRadioStation": []}),
    ("getChatMessages", "since", without("since")),
    ("getChatMessages", "all", lambda right, who, q: right(who, q) if who.name == "admin" else {"chatMessage": []}),
    ("getChatMessages", "once", changed("twice", lambda found: {"chatMessage": found["chatMessage"] * 2})),
    ("getChatMessages", "said", changed("in seconds", lambda found: {"chatMessage": [
        m | {"time": m["time"] // 1000} for m in found["chatMessage"]]})),
    ("addChatMessage", "said", does_nothing),
]


# --------------------------------------------------------------------------- what is played


def box(action: str, make: Callable) -> Callable:
    """Another behaviour of the jukebox for one action."""
    def other(right: Callable, who: Any, q: Any) -> Any:
        return make(right, who, q) if q.text("action") == action else right(who, q)

    other.__name__ = f"{action} {named(make)}"
    return other


def as_status(right: Callable, who: Any, q: Any) -> Any:
    q.values["action"] = ["status"]
    return right(who, q)


def any_action(right: Callable, who: Any, q: Any) -> Any:
    try:
        return right(who, q)
    except Refusal as refusal:
        if refusal.code != 0:
            raise
        return as_status(right, who, q)


def clears_too(right: Callable, who: Any, q: Any) -> Any:
    right.__self__.state.jukebox["ids"] = []
    return right(who, q)


def any_gain(right: Callable, who: Any, q: Any) -> Any:
    right.__self__.state.jukebox["gain"] = float(q.text("gain", "1") if q.text("gain") != "nonsense" else 1)
    return as_status(right, who, q)


def lines(make: Callable[[list[str]], list[str]]) -> Callable:
    """Another playlist."""
    def other(right: Callable, who: Any, q: Any) -> Any:
        found = right(who, q)
        return File(found.kind, "\n".join(make(found.body.decode().splitlines())).encode(), ranges=False)

    other.__name__ = "other lines"
    return other


def lyrics(make: Callable[[dict], None], enhanced: bool = True) -> Callable:
    """Other lyrics, of those asked for with enhanced only."""
    def other(right: Callable, who: Any, q: Any) -> Any:
        found = right(who, q)
        if q.flag("enhanced") or not enhanced:
            make(found["structuredLyrics"][0])
        return found

    other.__name__ = "other lyrics"
    return other


def _cut(one: dict) -> None:
    one["cueLine"][0]["cue"][0]["byteEnd"] = 1


def _overlap(one: dict) -> None:
    one["cueLine"][1]["cue"][0]["end"] = 1900


def _no_end(one: dict) -> None:
    del one["cueLine"][1]["cue"][0]["end"]


def _beyond(one: dict) -> None:
    one["cueLine"][1]["index"] = 7


def _nobody(one: dict) -> None:
    one["cueLine"][0]["agentId"] = "v9"


def _two_mains(one: dict) -> None:
    one["agents"] = [{"id": "v1", "role": "main"}, {"id": "v2", "role": "main"}]


def _other_line(one: dict) -> None:
    one["line"][0]["value"] = "lo"


def _kind(one: dict) -> None:
    one["kind"] = "main"


def _half_synced(one: dict) -> None:
    del one["line"][1]["start"]


def _backwards(one: dict) -> None:
    one["line"].reverse()


def plays_anything(right: Callable, who: Any, q: Any) -> Any:
    return right(who, q) | {"canDirectPlay": True}


def plays_nothing(right: Callable, who: Any, q: Any) -> Any:
    return right(who, q) | {"canDirectPlay": False}


def kilobits(right: Callable, who: Any, q: Any) -> Any:
    found = right(who, q)
    found["sourceStream"]["audioBitrate"] //= 1000
    return found


def any_body(right: Callable, who: Any, q: Any) -> Any:
    try:
        return right(who, q)
    except Refusal as refusal:
        if refusal.code != 0:
            raise
        return {"canDirectPlay": True, "canTranscode": False}


def any_parameters(right: Callable, who: Any, q: Any) -> Any:
    q.values["transcodeParams"] = [f"p-{find('song', q.need('mediaId'))['id']}"]
    q.need("mediaType")
    return right(who, q)


def itself(right: Callable, who: Any, q: Any) -> Any:
    found = right(who, q)
    return [{"entry": library()["song"][q.need("id")], "similarity": 1}, *found][: len(found)]


PLAYED = [
    ("jukeboxControl", "set", box("set", first_only)), ("jukeboxControl", "add", box("add", clears_too)),
    ("jukeboxControl", "add", box("clear", as_status)), ("jukeboxControl", "skip", box("skip", as_status)),
    ("jukeboxControl", "gain", box("setGain", any_gain)), ("jukeboxControl", "gain", box("setGain", as_status)),
    ("jukeboxControl", "shuffle", box("shuffle", clears_too)), ("jukeboxControl", "action.unknown", any_action),
    ("jukeboxControl", "index.unknown", box("remove", any_action)), ("jukeboxControl", "right", as_admin),
    ("hls", "playlist", lines(lambda text: text[:-1])), ("hls", "playlist", lines(lambda text: text[1:])),
    ("hls", "parts", lines(lambda text: [line.replace("tr-", "no-") for line in text])),
    ("hls", "playlist.length", lines(lambda text: [line.replace("4.0", "1.0") for line in text])),
    ("hls", "variants", without("bitRate")), ("hls", "right", as_admin),
    ("getVideos", "videos", changed("a song", lambda found: {"video": [v | {"isVideo": False}
                                                                    for v in found["video"]]})),
    ("getVideoInfo", "info.own", changed("another", lambda found: found | {"id": "vi-2"})),
    ("getCaptions", "captions.format", without("format")),
    ("getLyricsBySongId", "cues.bytes", lyrics(_cut)), ("getLyricsBySongId", "cues.order", lyrics(_overlap)),
    ("getLyricsBySongId", "cues.order", lyrics(_no_end)), ("getLyricsBySongId", "cues.lines", lyrics(_beyond)),
    ("getLyricsBySongId", "agents", lyrics(_nobody)), ("getLyricsBySongId", "agents", lyrics(_two_mains)),
    ("getLyricsBySongId", "lyrics.fallback", lyrics(_other_line)),
    ("getLyricsBySongId", "lyrics.plain", lyrics(_kind, False)),
    ("getLyricsBySongId", "lyrics.synced", lyrics(_half_synced, False)),
    ("getLyricsBySongId", "lyrics.synced", lyrics(_backwards, False)),
    ("getTranscodeDecision", "unplayable", plays_anything), ("getTranscodeDecision", "limited", plays_anything),
    ("getTranscodeDecision", "direct", plays_nothing), ("getTranscodeDecision", "bits", kilobits),
    ("getTranscodeDecision", "nonsense", any_body),
    ("getTranscodeDecision", "promised", changed("no parameters", lambda found: {
        n: v for n, v in found.items() if n != "transcodeParams"})),
    ("getTranscodeStream", "forged", any_parameters), ("getTranscodeStream", "offset", without("offset")),
    ("getTranscodeStream", "promise.kept", lambda right, who, q: File("audio/ogg", b"OggS" + bytes(99))),
    ("getSonicSimilarTracks", "best", changed("backwards", lambda found: found[::-1])),
    ("getSonicSimilarTracks", "others", itself), ("getSonicSimilarTracks", "count.most", without("count")),
    ("getSonicSimilarTracks", "once", changed("one only", lambda found: found[:1] * len(found))),
    ("getSonicSimilarTracks", "similarity", changed("percent", lambda found: [
        m | {"similarity": m["similarity"] * 100} for m in found])),
    ("findSonicPath", "ends", changed("without its end", lambda found: found[:-1])),
    ("findSonicPath", "ends", changed("backwards", lambda found: found[::-1])),
    ("findSonicPath", "short", without("count")),
    ("getSimilarSongs", "count.most", without("count")), ("getArtistInfo2", "count.most", without("count")),
    ("getSimilarSongs2", "similar.songs", changed("twice", lambda found: {"song": found["song"][:1] * 5})),
    ("search3", "count.default", lambda right, who, q: right(who, q) if "songCount" in q.values else _all(right, who,
                                                                                                      q)),
    ("getTopSongs", "count.none", lambda right, who, q: _at_least_one(right, who, q)),
]


def _all(right: Callable, who: Any, q: Any) -> Any:
    q.values |= {"songCount": ["500"], "albumCount": ["500"], "artistCount": ["500"]}
    return right(who, q)


def _at_least_one(right: Callable, who: Any, q: Any) -> Any:
    if q.text("count") == "0":
        q.values["count"] = ["1"]
    return right(who, q)


MISDEEDS = [done(endpoint, rule, named(make), make) for endpoint, rule, make in (*SHARES, *PODCASTS, *PLAYED)]
