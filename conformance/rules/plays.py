"""Plays: what counts as one, and what does not.

These rules leave plays behind that no call can take away: a handful of plays of two songs.
"""

import time

from conformance.model import DOCS, MUST, SHOULD, Skip, expect, rule
from conformance.site import Site

REPORT = f"{DOCS}/extensions/playbackreport/"
HOUR_MS = 3_600_000


def _count(site: Site, id_: str) -> int:
    return site.read("getSong", id=id_).get("playCount") or 0


def _counts(site: Site) -> None:
    """Raise Skip where play counts are not shown."""
    if site.version < (1, 14, 0):
        raise Skip("playCount came with 1.14.0")


def _past(hours: int) -> int:
    """A moment so many hours ago, in milliseconds, that no other run has used."""
    return int(time.time() * 1000) - hours * HOUR_MS


@rule("announces", MUST, "submission=false is not a play: playCount stays.", "scrobble", needs="write songs")
def announces(site: Site, endpoint: str) -> None:
    _counts(site)
    before = _count(site, site.song["id"])
    site.reply(endpoint, id=site.song["id"], submission="false")
    expect(_count(site, site.song["id"]) == before, f"playCount {before}, then {_count(site, site.song['id'])}")


@rule("counts", MUST, "A scrobble, with submission=true or without it, is a play: playCount grows by one.", "scrobble",
      needs="write songs")
def counts(site: Site, endpoint: str) -> None:
    _counts(site)
    id_ = site.song["id"]
    before = _count(site, id_)
    site.reply(endpoint, id=id_, time=_past(2))
    site.reply(endpoint, id=id_, time=_past(3), submission="true")
    expect(_count(site, id_) == before + 2, f"playCount {before}, after two plays {_count(site, id_)}")


@rule("played", SHOULD, "A play shows as played, the last time the song was heard.", "scrobble",
      needs="write songs opensubsonic")
def played(site: Site, endpoint: str) -> None:
    site.reply(endpoint, id=site.song["id"], time=_past(1))
    expect(site.read("getSong", id=site.song["id"]).get("played"), "no played after a play")


@rule("batch", MUST, "Several songs with their times are several plays.", "scrobble", needs="write songs")
def batch(site: Site, endpoint: str) -> None:
    _counts(site)
    ids = [site.song["id"], site.others[0]["id"]]
    before = [_count(site, id_) for id_ in ids]
    site.reply(endpoint, id=ids, time=[_past(5), _past(6)])
    after = [_count(site, id_) for id_ in ids]
    expect(after == [n + 1 for n in before], f"playCount {before}, then {after}")


@rule("batch.bad", SHOULD, "In a batch the songs that exist count, although one does not.", "scrobble",
      needs="write songs")
def batch_bad(site: Site, endpoint: str) -> None:
    _counts(site)
    id_ = site.song["id"]
    before = _count(site, id_)
    site.reply(endpoint, id=[id_, "tr-99999999999999999"], time=[_past(7), _past(8)])
    expect(_count(site, id_) == before + 1, f"playCount {before}, then {_count(site, id_)}")


@rule("twice", SHOULD, "The same song at the same moment, sent again, is one play.", "scrobble", needs="write songs")
def twice(site: Site, endpoint: str) -> None:
    _counts(site)
    id_, moment = site.song["id"], _past(9)
    before = _count(site, id_)
    site.reply(endpoint, id=id_, time=moment)
    site.reply(endpoint, id=id_, time=moment)
    expect(_count(site, id_) == before + 1, f"playCount {before}, then {_count(site, id_)}")


@rule("times", SHOULD, "Times that are not as many as the ids are error 0 (10 is borne).", "scrobble",
      needs="write songs")
def times(site: Site, endpoint: str) -> None:
    site.refused(endpoint, (0, 10), id=[site.song["id"], site.others[0]["id"]], time=_past(10))


def _report(site: Site, state: str, **more) -> None:
    site.reply("reportPlayback", **({"mediaId": site.song["id"], "mediaType": "song", "positionMs": 0, "state": state,
                                     "ignoreScrobble": "true"} | more))


def _mine(site: Site) -> list[dict]:
    rows = site.read("getNowPlaying").get("entry") or []
    return [e for e in rows if e["id"] == site.song["id"] and e["username"].lower() == site.account.name.lower()]


@rule("report.states", MUST, "Every state is taken; another state, a negative position or a rate of 0 is refused.",
      "reportPlayback", page=REPORT, needs="write songs")
def report_states(site: Site, endpoint: str) -> None:
    for state in ("starting", "playing", "paused", "stopped"):
        _report(site, state)
    right = {"mediaId": site.song["id"], "mediaType": "song", "positionMs": 0, "state": "playing"}
    for wrong in ({"state": "sleeping"}, {"positionMs": -1}, {"mediaType": "film"}, {"playbackRate": "0"},
                  {"playbackRate": "-1"}):
        site.refused(endpoint, (0, 10), **right | wrong)


@rule("report.shows", MUST, "What is reported shows among those now playing, with its state and position.",
      "reportPlayback", page=REPORT, needs="write songs")
def report_shows(site: Site, endpoint: str) -> None:
    _report(site, "starting")
    _report(site, "playing", positionMs=200)  # within even a song of half a second
    mine = _mine(site)
    expect(mine, "not among those now playing")
    expect(mine[0].get("state") == "playing", f"state {mine[0].get('state')!r}")
    expect((mine[0].get("positionMs") or 0) >= 200, f"positionMs {mine[0].get('positionMs')!r}")
    _report(site, "paused", positionMs=300)
    expect(_mine(site) and _mine(site)[0].get("state") == "paused", "paused does not show")
    _report(site, "stopped", positionMs=300)
    expect(not [e for e in _mine(site) if e.get("state") != "stopped"], "still playing after stopped")


@rule("report.ignored", MUST, "With ignoreScrobble a report counts no play.", "reportPlayback", page=REPORT,
      needs="write songs")
def report_ignored(site: Site, endpoint: str) -> None:
    before = _count(site, site.song["id"])
    _report(site, "starting")
    _report(site, "playing")
    _report(site, "stopped", positionMs=(site.song.get("duration") or 1) * 1000)
    expect(_count(site, site.song["id"]) == before, f"playCount {before}, then {_count(site, site.song['id'])}")
