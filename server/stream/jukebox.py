"""The jukebox: one player at the server, and one list for all who may use it.

Everything that is asked of it is done one after the other, and so is what the
player tells, so that nobody sees it half-way. The rule a newcomer would break:
a listener's list is the part of it that they may hear. Places are counted in
that part, and a track is played by the rights of who put it there.
"""

import asyncio
import logging
import random
from collections.abc import AsyncIterator, Coroutine, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import NamedTuple

import orjson

from server.kernel import properties
from server.kernel.clock import Seconds
from server.kernel.db import Connection, Database
from server.kernel.errors import Failure, Invalid, NotFound, Unavailable
from server.library import playables
from server.library.facts import Faced
from server.plays import nowplaying
from server.stream import players
from server.users import accounts
from server.users.people import Viewer

log = logging.getLogger(__name__)

CLIENT = "Jukebox"
"""As what it appears among those who listen."""
ENTRIES_MAX = 10_000
FAILURES_MAX = 3
"""So many tracks in a row that cannot be played are no broken files: the loudspeaker is gone."""
IDLE_S = 60.0
"""How long a silent player is kept."""
_KEPT = "jukebox"


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """A track in the list, which may hold it twice, and who put it there."""

    track_id: int
    user_id: int


class Shown(NamedTuple):
    """The jukebox as one listener may see it."""

    current_at: int
    """Index into `entries`; -1 where these are empty, or hold nothing of what plays."""
    playing: bool
    gain: float
    position_s: Seconds
    entries: tuple[Faced, ...]


class Jukebox:
    """The list, what plays of it, and the player, which is None where there is none."""

    def __init__(self, db: Database, setting: str = players.OFF, device: str = "", idle_s: float = IDLE_S):
        self.playing, self.gain = False, 0.5
        self.player = players.find(setting, device, self._hear_over)
        if self.player is None and not players.is_off(setting):
            log.warning("There is no jukebox: no player was found for the setting %s.", setting)
        self._db, self._setting, self._idle_s = db, setting, idle_s
        self._entries: list[Entry] = []
        self._current: Entry | None = None
        """What plays, or would; None where that was taken out of the list, or the list is empty."""
        self._sounding: Entry | None = None
        """What the player has loaded, be it in the list or not any more."""
        self._noted: Entry | None = None
        """What others were last told of."""
        self._position_s, self._failures, self._loaded = 0.0, 0, False
        self._lock = asyncio.Lock()
        self._idle: asyncio.TimerHandle | None = None
        self._tasks: set[asyncio.Task] = set()

    async def show(self, viewer: Viewer) -> Shown:
        """Return what this viewer may see of the list, and how far it is."""
        async with self._alone():
            faces = await self._db.read(playables.faced, viewer, list({each.track_id for each in self._entries}))
            seen = [each for each in self._entries if each.track_id in faces]
            at = seen.index(self._current) if self._current in seen else -1
            position_s = int(await self._where_s())
            return Shown(at, self.playing, self.gain, position_s, tuple([faces[each.track_id] for each in seen]))

    async def start(self) -> None:
        """Go on where it was stopped, or begin with the first track."""
        async with self._turn():
            if not self.playing and not await self._resume():
                await self._begin(self._current or self._following(), self._position_s)

    async def stop(self) -> None:
        """Fall silent and stay where it is."""
        async with self._turn():
            if self.playing:
                self._position_s = await self._where_s()
                self.playing = False
                with suppress(Unavailable):  # one that has just ended is silent
                    await self.player.pause()
                await self._note("paused")

    async def skip(self, viewer: Viewer, index: int, offset_s: Seconds = 0) -> None:
        """Play the track at a place in the list, from some second on. Raises Invalid for a place outside."""
        async with self._turn():
            await self._begin(await self._at(viewer, index), offset_s)

    async def add(self, viewer: Viewer, ids: Sequence[int]) -> None:
        """Put tracks at the end of the list. Raises NotFound where the viewer may not hear them all."""
        async with self._turn():
            self._entries += await self._allowed(viewer, ids, len(self._entries))
            self._current = self._current or (None if self._sounding else self._following())

    async def put(self, viewer: Viewer, ids: Sequence[int]) -> None:
        """Put these tracks in place of the list; what plays goes on, be it among them or not."""
        async with self._turn():
            self._entries = await self._allowed(viewer, ids, 0)
            before = self._sounding or self._current
            at = next((at for at, each in enumerate(self._entries) if before and each.track_id == before.track_id), -1)
            if at >= 0:
                self._entries[at] = self._current = before
            elif self.playing:
                self._current = None
            else:
                await self._end(self._entries[0] if self._entries else None)

    async def clear(self) -> None:
        """Empty the list and fall silent."""
        async with self._turn():
            self._entries = []
            await self._end(None)

    async def remove(self, viewer: Viewer, index: int) -> None:
        """Take a track out; when it is the one that plays, the next one begins. Raises Invalid."""
        async with self._turn():
            entry = await self._at(viewer, index)
            following = self._following() if entry is self._current else None
            self._entries.remove(entry)
            if entry is not self._current:
                return
            if self.playing and following is not None:
                await self._begin(following, 0)
            else:
                await self._end(following or (self._entries[-1] if self._entries else None))

    async def shuffle(self) -> None:
        """Mix the list; what plays comes first, so that all others follow it."""
        async with self._turn():
            others = [each for each in self._entries if each is not self._current]
            random.shuffle(others)
            self._entries = [self._current, *others] if self._current else others

    async def set_gain(self, gain: float) -> None:
        """Choose how loud it plays, 0 to 1."""
        async with self._turn():
            self.gain = gain
            if self._sounding is not None:
                with suppress(Unavailable):  # the next one is told when it begins
                    await self.player.set_gain(gain)

    async def close(self) -> None:
        """End the player and note where it was."""
        if self.player is None or not self._loaded:
            return
        try:
            await self.stop()
            async with self._turn():
                await self._note("stopped")
        except Failure as error:
            log.warning("The jukebox cannot note where it was: %s", error)
        async with self._lock:
            if self._idle is not None:
                self._idle.cancel()
            self._sounding = None
            await self.player.close()
        await asyncio.gather(*self._tasks)

    @asynccontextmanager
    async def _alone(self) -> AsyncIterator[None]:
        """Do one thing at a time. Raises Unavailable where there is no player."""
        if self.player is None:
            why = "it is switched off" if players.is_off(self._setting) else "no player was found on the server"
            raise Unavailable(f"There is no jukebox here: {why}. The setting is FAMILIAR_JUKEBOX.", 3600)
        async with self._lock:
            if not self._loaded:
                await self._load()
            yield

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        """Change something: it is kept, and the player learns what follows."""
        async with self._alone():
            before = self._state()
            try:
                yield
                await self._prepare_next()
            finally:
                self._rest_later()
                if self._state() != before:
                    await self._db.write(properties.put, _KEPT, self._state())

    async def _begin(self, entry: Entry | None, offset_s: float) -> None:
        """Play an entry, or the first one behind it that can be played now."""
        while entry is not None:
            self._current = entry
            if path := await self._db.read(_path, entry):
                self._sounding, self._position_s = entry, offset_s
                await self._play(entry, path, offset_s)
                self.playing = True
                await self._note("playing")
                return
            entry, offset_s = self._following(), 0
        await self._end(self._entries[0] if self._entries else None, at_once=False)

    async def _play(self, entry: Entry, path: str, offset_s: float) -> None:
        try:
            await self.player.play(entry, path, offset_s, self.gain)
        except Unavailable:
            # It may have ended at this very moment: once more, with another one.
            await self.player.close()
            try:
                await self.player.play(entry, path, offset_s, self.gain)
            except Unavailable:
                await self._end(entry)
                raise

    async def _resume(self) -> bool:
        """Go on with what the player holds; False where it holds nothing any more."""
        if self._sounding is None or self.player.now is not self._sounding:
            return False
        try:
            await self.player.resume()
        except Unavailable:
            return False
        self.playing = True
        await self._note("playing")
        return True

    async def _end(self, current: Entry | None, at_once: bool = True) -> None:
        """Fall silent, with a track to begin with next time; not `at_once` where the last sounds are still to come."""
        await self._note("stopped")
        self.playing, self._sounding, self._current, self._position_s = False, None, current, 0.0
        if at_once:
            await self.player.close()

    async def _prepare_next(self) -> None:
        """Tell the player what follows, where that has changed."""
        following = self._following() if self.playing else None
        if self._sounding is None or self.player.next is following or self.player.now is not self._sounding:
            return
        path = await self._db.read(_path, following) if following else ""
        with suppress(Unavailable):  # what follows is then begun when this is over
            await self.player.follow(following if path else None, path)

    def _following(self) -> Entry | None:
        at = self._entries.index(self._current) + 1 if self._current in self._entries else 0
        return self._entries[at] if at < len(self._entries) else None

    def _hear_over(self, entry: object, failed: bool) -> None:
        self._soon(self._over(entry, failed))

    async def _over(self, entry: object, failed: bool) -> None:
        """Go on to the next track, or fall silent at the end of the list."""
        if entry is not self._sounding:
            return
        try:
            async with self._turn():
                # Where the player has it again, it was begun anew meanwhile.
                if entry is self._sounding and self.player.now is not entry:
                    await self._go_on(failed)
        except Failure as error:
            log.warning("The jukebox stopped: %s", error)

    async def _go_on(self, failed: bool) -> None:
        self._failures = self._failures + 1 if failed else 0
        following = self._following()
        if self._failures >= FAILURES_MAX:
            log.warning("The jukebox stopped: %d tracks in a row could not be played.", self._failures)
            self._failures = 0
            await self._end(self._current)
        elif not self.playing:
            self._sounding = None
        elif following is not None and self.player.now is following:
            self._current = self._sounding = following
            self._position_s = 0.0
            await self._note("playing")
        else:
            await self._begin(following, 0)

    def _rest_later(self) -> None:
        """Let go of the player when it has been silent for a while: it may hold the loudspeakers for itself."""
        if self._idle is not None:
            self._idle.cancel()
        self._idle = None
        if not self.playing:
            self._idle = asyncio.get_running_loop().call_later(self._idle_s, lambda: self._soon(self._rest()))

    async def _rest(self) -> None:
        async with self._lock:
            if not self.playing:
                self._sounding = None
                await self.player.close()

    def _soon(self, work: Coroutine) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _where_s(self) -> float:
        return await self.player.position_s() if self.playing else self._position_s

    async def _at(self, viewer: Viewer, index: int) -> Entry:
        ids = await self._db.read(playables.visible, viewer, [each.track_id for each in self._entries])
        allowed = set(ids)
        seen = [each for each in self._entries if each.track_id in allowed]
        if not 0 <= index < len(seen):
            raise Invalid(f"There is no place {index} in the jukebox, which holds {len(seen)} songs.")
        return seen[index]

    async def _allowed(self, viewer: Viewer, ids: Sequence[int], there: int) -> list[Entry]:
        if there + len(ids) > ENTRIES_MAX:
            raise Invalid(f"The jukebox holds {ENTRIES_MAX} songs at most.")
        if len(await self._db.read(playables.visible, viewer, ids)) < len(ids):
            raise NotFound("There is no such song.")
        return [Entry(number, viewer.user_id) for number in ids]

    async def _note(self, state: str) -> None:
        """Let everybody see what plays, as far as they may hear it."""
        if self._sounding is not None:
            position_ms = int(await self._where_s() * 1000) if state != "stopped" else 0
            before, self._noted = self._noted, self._sounding
            await self._db.write(_note, before, self._sounding, state, position_ms)

    def _state(self) -> str:
        at = self._entries.index(self._current) if self._current in self._entries else -1
        listed = [(each.track_id, each.user_id) for each in self._entries]
        position_s = 0 if self.playing else int(self._position_s)
        return orjson.dumps({"entries": listed, "at": at, "position_s": position_s, "gain": self.gain}).decode()

    async def _load(self) -> None:
        kept = orjson.loads(await self._db.read(properties.get, _KEPT) or "{}")
        self._entries = [Entry(*each) for each in kept.get("entries", ())]
        at = kept.get("at", -1)
        self._current = self._entries[at] if 0 <= at < len(self._entries) else self._following()
        self._position_s, self.gain, self._loaded = kept.get("position_s", 0), kept.get("gain", self.gain), True


def _path(db: Connection, entry: Entry) -> str:
    """Return where a track is, "" where it is gone or who put it there may not hear it any more."""
    try:
        return playables.file(db, accounts.viewer_of(db, entry.user_id), entry.track_id).path
    except NotFound:
        return ""


def _note(db: Connection, before: Entry | None, entry: Entry, state: str, position_ms: int) -> None:
    """Note what plays in the name of who put it there, and of nobody else."""
    if before is not None and before.user_id != entry.user_id:
        _report(db, before, "stopped", 0)
    _report(db, entry, state, position_ms)


def _report(db: Connection, entry: Entry, state: str, position_ms: int) -> None:
    try:
        viewer = accounts.viewer_of(db, entry.user_id)
        nowplaying.follow(db, viewer, nowplaying.Report(entry.track_id, state, position_ms), CLIENT)
    except NotFound:
        return  # who put it there has left, or the file is gone
