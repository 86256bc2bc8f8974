"""Chat. The protocol knows no way to take a message back: the few that are said here stay until they expire."""

import time

from conformance.model import MUST, expect, rule
from conformance.site import Site, Tree

DAY_MS = 86_400_000


def _say(site: Site, text: str, by=None) -> Tree:
    """Say something, and find it among what was said."""
    site.reply("addChatMessage", by, message=text)
    found = [m for m in site.read("getChatMessages", by).get("chatMessage") or [] if m["message"] == text]
    expect(found, f"{text!r} was said, and is not among the messages")
    return found[0]


def _said(site: Site) -> Tree:
    return site.once("chat", lambda: _say(site, f"{site.mark}: ä & <b> 🎵"))


@rule("said", MUST, "What is said is heard to the letter, with who said it and when, in milliseconds.",
      "addChatMessage", "getChatMessages", needs="write")
def said(site: Site, endpoint: str) -> None:
    got = _said(site)
    expect(got["username"].lower() == site.account.name.lower(), f"username {got['username']!r}")
    now = time.time() * 1000
    expect(abs(now - got["time"]) < DAY_MS, f"time {got['time']}, now is {int(now)}")


@rule("since", MUST, "With since only what was said later is given.", "getChatMessages", needs="write")
def since(site: Site, endpoint: str) -> None:
    mine = _said(site)
    for moment, wanted in ((mine["time"] - 1, True), (mine["time"], False), (mine["time"] + DAY_MS, False)):
        heard = mine["message"] in [m["message"] for m in site.read(endpoint, since=moment).get("chatMessage") or []]
        expect(heard is wanted, f"since={moment} {'gives' if heard else 'leaves out'} what was said at {mine['time']}")


@rule("all", MUST, "Everybody hears what is said.", "getChatMessages", needs="write second")
def for_all(site: Site, endpoint: str) -> None:
    mine = _said(site)
    heard = [m["message"] for m in site.read(endpoint, site.second).get("chatMessage") or []]
    expect(mine["message"] in heard, "another account does not hear it")


@rule("once", MUST, "No message stands twice.", "getChatMessages", needs="write")
def once(site: Site, endpoint: str) -> None:
    _said(site)
    mine = [m for m in site.read(endpoint).get("chatMessage") or [] if m["message"] == _said(site)["message"]]
    expect(len(mine) == 1, f"{len(mine)} times")
