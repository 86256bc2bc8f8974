"""The jukebox: the server plays, whoever may says what.

What stood in its list before is put back; where there is no jukebox the one thing asked for is a clear refusal.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from conformance.model import MUST, SHOULD, Skip, expect, rule
from conformance.site import Site, Tree
from conformance.verdicts import must_fail

CONTROL = "jukeboxControl"
USES = "write songs jukebox"


def _do(site: Site, action: str, **more) -> Tree:
    return site.read(CONTROL, action=action, **more)


def _list(site: Site) -> Tree:
    tree = site.reply(CONTROL, action="get")
    expect("jukeboxPlaylist" in tree, f"action=get answered {[n for n in tree if n.startswith('juke')]}",
           "jukeboxPlaylist")
    return tree["jukeboxPlaylist"]


def _ids(site: Site) -> list[str]:
    return [entry["id"] for entry in _list(site).get("entry") or []]


@contextmanager
def stopped(site: Site) -> Iterator[list[str]]:
    """The jukebox, silent, with three songs; afterwards as it was."""
    before = _list(site)

    def back() -> None:
        site.ask(CONTROL, {"action": "set", "id": [e["id"] for e in before.get("entry") or []]})
        site.ask(CONTROL, {"action": "setGain", "gain": before["gain"]})

    site.once("jukebox", lambda: site.later(back))
    ids = [site.song["id"], *(s["id"] for s in site.others[:2])]
    _do(site, "stop")
    _do(site, "set", id=ids)
    yield ids
    _do(site, "clear")


@rule("refusal", MUST, "A jukebox that is not there, or not allowed, is refused in the envelope with a sentence.",
      CONTROL)
def refusal(site: Site, endpoint: str) -> None:
    if not site.jukebox:
        raise Skip("there is a jukebox")
    tree = must_fail(site.ask(endpoint, {"action": "status"}), (0, 50))
    expect(tree["error"].get("message"), "no message")


@rule("set", MUST, "set makes the list, get shows it: the songs in order, with repeats.", CONTROL, needs=USES)
def sets(site: Site, endpoint: str) -> None:
    with stopped(site) as ids:
        expect(_ids(site) == ids, f"{_ids(site)}, {ids} were set")
        _do(site, "set", id=[*ids, ids[0]])
        expect(_ids(site) == [*ids, ids[0]], "a song that is set twice is not there twice")


@rule("add", MUST, "add appends, remove takes out the one at the index, clear empties.", CONTROL, needs=USES)
def adds(site: Site, endpoint: str) -> None:
    with stopped(site) as ids:
        _do(site, "add", id=ids[0])
        expect(_ids(site) == [*ids, ids[0]], f"after add: {_ids(site)}")
        _do(site, "remove", index=1)
        expect(_ids(site) == [ids[0], ids[2], ids[0]], f"after remove index=1: {_ids(site)}")
        _do(site, "clear")
        expect(not _ids(site), f"after clear: {_ids(site)}")


@rule("shuffle", SHOULD, "shuffle changes nothing but the order.", CONTROL, needs=USES)
def shuffles(site: Site, endpoint: str) -> None:
    with stopped(site) as ids:
        _do(site, "shuffle")
        expect(sorted(_ids(site)) == sorted(ids), f"after shuffle: {_ids(site)}")


@rule("skip", MUST, "skip goes to the index.", CONTROL, needs=USES)
def skips(site: Site, endpoint: str) -> None:
    with stopped(site):
        _do(site, "skip", index=1)
        got = _do(site, "status")["currentIndex"]
        _do(site, "stop")
        expect(got == 1, f"currentIndex {got} after skip index=1")


@rule("gain", MUST, "setGain sets the volume, from 0 to 1; beyond that it is refused or held at the end.", CONTROL,
      needs=USES)
def gain(site: Site, endpoint: str) -> None:
    with stopped(site):
        _do(site, "setGain", gain=0.25)
        got = _do(site, "status")["gain"]
        expect(abs(got - 0.25) < 0.02, f"gain {got}, 0.25 was set")
        site.ask(endpoint, {"action": "setGain", "gain": 7})
        got = _do(site, "status")["gain"]
        expect(0 <= got <= 1, f"gain {got} after setGain gain=7")


@rule("action.unknown", SHOULD, "An action that does not exist is error 0 (10 is borne).", CONTROL, needs="jukebox")
def unknown_action(site: Site, endpoint: str) -> None:
    site.refused(endpoint, (0, 10), action="dance")


@rule("index.unknown", SHOULD, "An index that is not in the list is refused, and changes nothing.", CONTROL, needs=USES)
def unknown_index(site: Site, endpoint: str) -> None:
    with stopped(site) as ids:
        site.refused(endpoint, (0, 10, 70), action="remove", index=99)
        expect(_ids(site) == ids, "it was refused, and the list changed all the same")


@rule("right", MUST, "An account without jukeboxRole gets error 50.", CONTROL, needs="write admin")
def right(site: Site, endpoint: str) -> None:
    account = site.new_user("jukebox", jukeboxRole="false")
    must_fail(site.ask(endpoint, {"action": "status"}, account=account), (50,) if not site.jukebox else (0, 50))
