"""The server under test: its accounts, what it announces, a sample of its library, and all that must be undone.

Whatever a rule makes goes through `later`, so that it is taken away again even when the rule, or the run, is cut
short. Names of what is made begin with `mark`, which is new for every run.
"""

import json
import secrets
import time
from collections.abc import Callable
from functools import cached_property
from http.client import HTTPException
from typing import Any

from conformance import facts
from conformance.check import Dialect
from conformance.client import Account, Answer, Client
from conformance.model import Short, Skip
from conformance.verdicts import accepted, error_text, must_fail

Tree = dict[str, Any]
# What getTranscodeDecision is asked with: a player of MP3 and nothing else, which takes MP3 over HTTP.
PLAYER: Tree = {
    "name": "conformance", "platform": "test",
    "directPlayProfiles": [{"containers": ["mp3"], "audioCodecs": ["mp3"], "protocols": ["http"]}],
    "transcodingProfiles": [{"container": "mp3", "audioCodec": "mp3", "protocol": "http", "maxAudioChannels": 2}],
    "codecProfiles": [],
}
UNREADABLE = (LookupError, TypeError, ValueError, AttributeError, ArithmeticError, RecursionError)


class Site:
    """One server during one run."""

    def __init__(self, client: Client, account: Account, second: Account | None = None, read_only: bool = False,
                 api_key: str = "", feed: str = ""):
        self.client, self.account, self.read_only = client, account, read_only
        self.key = Account(account.name, api_key, "key") if api_key else None
        self.feed = feed
        self.mark = "conformance-" + secrets.token_hex(3)
        self.version: facts.Version = (1, 16, 1)
        self.version_text = ""
        self.product = ""
        self.open = False
        self.admin = False
        self.roles: Tree = {}
        self.extensions: dict[str, list[int]] = {}
        self._given_second = second
        self._undo: list[Callable[[], object]] = []
        self._once: dict[str, Any] = {}

    # ------------------------------------------------------------------- asking

    def ask(self, endpoint: str, parameters: Tree | None = None, **how: Any) -> Answer:
        """A call by the first account, unless `account=` says another (None for nobody)."""
        how.setdefault("account", (self.key or self.account) if endpoint == "tokenInfo" else self.account)
        if endpoint == "getTranscodeDecision" and "method" not in how:
            how = {"method": "POST", "body": json.dumps(PLAYER).encode(), **how}
            how["headers"] = {"Content-Type": "application/json", **(how.get("headers") or {})}
        return self.client.ask(endpoint, parameters, **how)

    def reply(self, endpoint: str, by: Account | None = None, **parameters: Any) -> Tree:
        """The content of an answer that must be ok."""
        return accepted(self.ask(endpoint, parameters, account=by or self.account))

    def read(self, endpoint: str, by: Account | None = None, **parameters: Any) -> Any:
        """The payload of an answer that must be ok."""
        tree = self.reply(endpoint, by, **parameters)
        member = facts.endpoints()[endpoint].member
        if member not in tree:
            raise Short(f"{endpoint} answered without {member}")
        return tree[member]

    def refused(self, endpoint: str, codes: tuple[int, ...], by: Account | None = None, **parameters: Any) -> None:
        """Raise Short unless the call fails with one of these codes."""
        must_fail(self.ask(endpoint, parameters, account=by or self.account), codes)

    # ------------------------------------------------------------------- what is there

    def arrive(self) -> None:
        """Find out who the server is and who we are. Raises Short when the account cannot sign in."""
        tree = self.ask("ping").tree()
        if tree.get("status") != "ok":  # 41 says that tokens cannot be checked; some servers say 10 or 40
            self.account = Account(self.account.name, self.account.password, "plain")
            tree = self.ask("ping").tree()
        if tree.get("status") != "ok":
            raise Short(f"ping answered {error_text(tree)}")
        self.version_text = str(tree.get("version"))
        self.open = tree.get("openSubsonic") is True
        self.product = " ".join(str(tree[name]) for name in ("type", "serverVersion") if name in tree)
        try:
            self.version = facts.version(tree.get("version"))
            self.extensions = self._announced()
            self.roles = self.reply("getUser", username=self.account.name)["user"]
            self.admin = self.roles["adminRole"] is True
        except (Short, *UNREADABLE):
            self.admin = False

    def settle(self, at_most_s: float) -> bool:
        """Wait for a scan that is running, for a library that grows cannot be compared; False when it goes on."""
        end = time.monotonic() + at_most_s
        while True:
            tree = self.ask("getScanStatus").tree()
            if (tree.get("scanStatus") or {}).get("scanning") is not True:
                return True
            if time.monotonic() > end:
                return False
            time.sleep(0.5)

    def _announced(self) -> dict[str, list[int]]:
        if not self.open:
            return {}
        found = self.ask("getOpenSubsonicExtensions").tree().get("openSubsonicExtensions") or []
        return {e["name"]: e.get("versions") or [1] for e in found}

    @cached_property
    def second(self) -> Account | None:
        """Another, ordinary account: the one given, or one made for this run by an administrator."""
        if self._given_second or self.read_only or not self.admin:
            return self._given_second
        try:
            return self.new_user("listener")
        except (Short, HTTPException):
            return None

    def lacks(self, needs: frozenset[str], endpoint: str) -> str:
        """Why a rule with these needs says nothing about this endpoint here, or ""."""
        known = facts.endpoints()[endpoint]
        if known.since > self.version:
            return f"came with {'.'.join(map(str, known.since))}"
        if known.open and not self.open:
            return "not an OpenSubsonic server"
        if "unannounced" in needs:
            if known.extension in self.extensions:
                return f"{known.extension} is announced"
        elif known.extension and known.extension not in self.extensions:
            return f"{known.extension} is not announced"
        for need in sorted(needs - {"unannounced"}):
            if why := self._lacks(need):
                return why
        return ""

    def _lacks(self, need: str) -> str:
        if need == "write":
            return "read-only" if self.read_only else ""
        if need == "admin":
            return "" if self.admin else "not an administrator"
        if need == "second":
            return "" if self.second else "no second account"
        if need == "opensubsonic":
            return "" if self.open else "not an OpenSubsonic server"
        if need == "key":
            return "" if self.key else "no API key was given"
        if need == "songs":
            return "" if self.songs else "no songs found"
        if need == "feed":
            return "" if self.feed else "no feed was given (--feed, --serve-feed)"
        if need in ("share", "podcast"):
            return "" if self.roles.get(f"{need}Role") is True else f"the account has no {need}Role"
        if need == "jukebox":
            return self.jukebox
        name, _, version = need.partition("@")
        if name in self.extensions and (not version or int(version) in self.extensions[name]):
            return ""
        return f"{name} {version}".strip() + " is not announced"

    @cached_property
    def jukebox(self) -> str:
        """Why the jukebox cannot be used, or ""."""
        tree = self.ask("jukeboxControl", {"action": "status"}).tree()
        return "" if tree.get("status") == "ok" else f"no jukebox here: {error_text(tree)}"

    @property
    def dialect(self) -> Dialect:
        return Dialect(self.version, self.open)

    # ------------------------------------------------------------------- a sample of the library

    @cached_property
    def albums(self) -> list[Tree]:
        """Up to twenty albums."""
        for endpoint, parameters, member in (
            ("getAlbumList2", {"type": "alphabeticalByName", "size": 20}, "album"),
            ("search3", {"query": "", "albumCount": 20, "songCount": 0, "artistCount": 0}, "album"),
        ):
            try:
                found = self.read(endpoint, **parameters).get(member) or []
                found = [one for one in found if one.get("id")]
            except (Short, *UNREADABLE):
                continue
            if found:
                return found
        return []

    @cached_property
    def songs(self) -> list[Tree]:
        """The songs of a few albums, at least three when the library has them."""
        found: list[Tree] = []
        for album in self.albums[:8]:
            try:
                found += [s for s in self.read("getAlbum", id=album["id"]).get("song") or [] if s.get("id")]
            except (Short, *UNREADABLE):
                continue
            if len(found) >= 12:
                break
        if not found:
            try:
                found = self.read("getRandomSongs", size=20)["song"]
            except (Short, *UNREADABLE):
                return []
        return found

    @property
    def song(self) -> Tree:
        """A small song without marks of ours."""
        plain = [s for s in self.songs if not s.get("starred") and not s.get("userRating")] or self.songs
        if not plain:
            raise Skip("no songs found")
        return min(plain, key=lambda s: s.get("size") or 2**40)

    @property
    def others(self) -> list[Tree]:
        """Other songs than `song`."""
        rest = [s for s in self.songs if s["id"] != self.song["id"]]
        if len(rest) < 2:
            raise Skip("fewer than three songs")
        return rest

    @property
    def album(self) -> Tree:
        if not self.albums:
            raise Skip("no albums found")
        return next((a for a in self.albums if not a.get("starred")), self.albums[0])

    @cached_property
    def artists(self) -> list[Tree]:
        """All artists of getArtists, none when it cannot be read."""
        try:
            return [a for index in self.read("getArtists").get("index") or [] for a in index["artist"]]
        except (Short, *UNREADABLE):
            return []

    @property
    def artist(self) -> Tree:
        if not self.artists:
            raise Skip("no artists found")
        return next((a for a in self.artists if a.get("albumCount")), self.artists[0])

    @cached_property
    def directory(self) -> str:
        """The id of a directory that getIndexes names."""
        try:
            found = [a["id"] for index in self.read("getIndexes").get("index") or [] for a in index["artist"]]
        except (Short, *UNREADABLE):
            found = []
        if not found:
            raise Skip("getIndexes names no directory")
        return found[0]

    @cached_property
    def genre(self) -> str:
        try:
            found = [g for g in self.read("getGenres").get("genre") or [] if g.get("songCount")]
        except (Short, *UNREADABLE):
            found = []
        if not found:
            raise Skip("no genres found")
        return max(found, key=lambda g: g["songCount"])["value"]

    # ------------------------------------------------------------------- what is made and undone

    def later(self, undo: Callable[[], object]) -> None:
        self._undo.append(undo)

    def recalled(self, key: str, make: Callable[[], Answer]) -> Answer:
        """An answer that is asked for once a run; whoever reads it has it among what was asked."""
        def ask() -> tuple[str, Answer]:
            answer = make()
            return self.client.trail.pop()[0], answer

        found = self.once(key, ask)
        self.client.trail.append(found)
        return found[1]

    def once(self, key: str, make: Callable[[], Any]) -> Any:
        """What `make` gave the first time it was asked for under this key."""
        if key not in self._once:
            self._once[key] = make()
        return self._once[key]

    def new_playlist(self, songs: list[str], name: str = "list", by: Account | None = None) -> Tree:
        """A playlist of ours, taken away at the end. Works with servers that do not answer with it."""
        full = f"{self.mark}-{name}-{secrets.token_hex(2)}"
        tree = self.reply("createPlaylist", by, name=full, songId=songs)
        made = tree.get("playlist")
        if not made:
            rows = self.read("getPlaylists", by).get("playlist") or []
            made = next((row for row in rows if row["name"] == full), None)
        if not made:
            raise Short("createPlaylist made no playlist that getPlaylists lists")
        self.later(lambda: self.ask("deletePlaylist", {"id": made["id"]}, account=by or self.account))
        return made

    def new_user(self, name: str = "user", **roles: Any) -> Account:
        """An ordinary account of ours, taken away at the end."""
        account = Account(f"{self.mark}-{name}-{secrets.token_hex(2)}", "pw-" + secrets.token_hex(6), self.account.sign)
        self.reply("createUser", username=account.name, password=account.password,
                   email=f"{account.name}@example.org", **roles)
        self.later(lambda: self.ask("deleteUser", {"username": account.name}))
        return account

    def keep_queue(self) -> None:
        """Remember the play queue of the first account and put it back at the end."""
        def remember() -> None:
            queue = self.reply("getPlayQueue").get("playQueue") or {}
            ids = [entry["id"] for entry in queue.get("entry") or []]
            back = {"id": ids, "current": queue.get("current"), "position": queue.get("position")} if ids else {}
            self.later(lambda: self.ask("savePlayQueue", back))

        self.once("queue", remember)

    def leave(self) -> list[str]:
        """Undo everything, newest first; says what could not be undone."""
        left = []
        while self._undo:
            undo = self._undo.pop()
            try:
                undo()
            except (OSError, HTTPException, Short, *UNREADABLE) as error:
                left.append(f"{type(error).__name__}: {error}")
        return left
