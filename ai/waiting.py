"""What waits to be listened to: sounds never heard, or heard by an older analyser.

What people play goes first, in turn with what came last; what ended its analyser
once is tried again at the very end. The rule a newcomer would break: nothing
here sorts or counts the library. Ids of tracks only grow, so the newest are
found by walking down from the highest, some hundreds at a time.
"""

import time
from collections import deque
from collections.abc import Sequence
from typing import NamedTuple

from ai.analyses import TRIES, VERSION
from server.kernel.db import Connection
from server.kernel.files import path_text

STEP, STEPS = 500, 20
"""How many tracks are looked at at a time (2 ms), and how often for one question."""
PLAYED, PLAYED_LATELY, PLAYED_STEP = 1000, 300, 50
PLAYED_EVERY_S = 600
AGAIN_AFTER, CHEAP_S = 20, 0.02
"""Walks over a library in which nothing is left take at most one part in so many of the time, but for small ones."""

_SOUND = (
    "SELECT t.audio_hash, t.id, l.path, f.path, t.name, t.mtime_ns, t.size_bytes, t.length_ms, t.artist, t.title"
    " FROM {} JOIN folder f ON f.id = t.folder_id JOIN library l ON l.id = t.library_id"
    " LEFT JOIN track_analysis a ON a.audio_hash = t.audio_hash"
    " WHERE {} AND t.missing_ms IS NULL AND t.audio_hash <> '' AND l.online = 1 AND l.removed = 0"
)
_UNHEARD = "(a.version IS NULL OR a.version < :version)"
_ONCE_FAILED = "a.version = :version AND a.tries > 0 AND a.tries < :tries"


class Sound(NamedTuple):
    """One sound to be listened to, in the file of one track that has it."""

    audio_hash: str
    track_id: int
    path: str
    """As text, which a child can be sent; `files.os_name` gives what the system wants."""
    mtime_ns: int
    size_bytes: int
    length_s: float
    name: str
    """For people."""


def of(db: Connection, hashes: Sequence[str]) -> list[Sound]:
    """Return some sounds, each in one file that has it; those that no present track has are left out."""
    rows = db.rows(_SOUND.format("EACH_TEXT(:hashes) e JOIN track t ON t.audio_hash = e.id", "1 = 1"), hashes=hashes)
    return list({row[0]: _sound(row) for row in rows}.values())


def _sound(row: Sequence) -> Sound:
    audio_hash, number, root, folder, name, mtime_ns, size, length_ms, artist, title = row
    path = path_text(root, folder, name)
    shown = f"{artist} – {title}" if artist else title
    return Sound(audio_hash, number, path, mtime_ns, size, length_ms / 1000, shown)


class Feed:
    """Gives what to listen to next, each sound once. Used by one thread."""

    def __init__(self):
        self._plays, self._plays_at = deque(), -PLAYED_EVERY_S
        self._played: deque[Sound] = deque()
        self._newest: deque[Sound] = deque()
        self._turn = 0
        self._given: set[str] = set()
        self._passed: set[str] = set()
        """What waits for the next scan: its file is not there, or has changed since the last one."""
        self._top, self._walks = 0, []
        """The highest id seen, and (from, down to) of what is still to be walked."""
        self._stamp: tuple[int, ...] = ()
        self._spent_s, self._ended_s = 0.0, 0.0
        """Processor time of the last walk over everything, and when it ended."""
        self._retried = True
        self.finished = False
        """Whether there was nothing left at the last look."""

    def take(self, db: Connection, count: int) -> list[Sound]:
        """Return up to so many sounds; fewer, also none, where `finished` or where looking on takes longer."""
        found: list[Sound] = []
        for _ in range(STEPS):
            while len(found) < count and (lane := self._lane()):
                found.append(lane.popleft())
            if len(found) == count or not self._more(db):
                break
        return found

    def back(self, sound: Sound) -> None:
        """Take back what was given and not listened to; it is the first to be given again."""
        self._newest.appendleft(sound)

    def passed(self, sound: Sound) -> None:
        """Leave a sound that cannot be heard now until the library has changed."""
        self._passed.add(sound.audio_hash)

    def done(self, sound: Sound, died: bool) -> None:
        """Forget a sound that was stored; what ended its listener may have to be tried again."""
        self._given.discard(sound.audio_hash)
        if died:
            self._retried = self.finished = False

    def _lane(self) -> deque[Sound]:
        """Return where the next one comes from, in turn what is played and what is new."""
        self._turn += 1
        first, second = (self._played, self._newest) if self._turn % 2 else (self._newest, self._played)
        return first or second

    def _more(self, db: Connection) -> bool:
        """Look at some more tracks; tell whether there may be others behind them."""
        began_s = time.thread_time()
        self._begin(db)
        self._look_at_plays(db)
        if self._plays and not self._played:
            ids = [self._plays.popleft() for _ in range(min(PLAYED_STEP, len(self._plays)))]
            self._add(db, self._played, _SOUND.format("EACH(:ids) e JOIN track t ON t.id = e.id", _UNHEARD), ids=ids)
        if self._walks:
            self._walk(db)
        elif not self._retried:
            self._retried, self._ended_s = True, time.monotonic()
            self._add(db, self._newest, f"{_SOUND.format('track t', _ONCE_FAILED)} LIMIT {STEP}", tries=TRIES)
        self._spent_s += time.thread_time() - began_s
        self.finished = not (self._walks or self._plays or self._newest or self._played) and self._retried
        return not self.finished

    def _begin(self, db: Connection) -> None:
        """Walk down from what is new; and over everything at the beginning, and when the library has changed since."""
        top, now = db.value("SELECT max(id) FROM track") or 0, time.monotonic()
        stamp = db.versions(("library", "heard again"))
        if top > self._top:
            if not self._walks:
                self._spent_s, self._stamp = 0.0, stamp
            self._walks.append((top, self._top))
            self._top, self._retried = top, False
        elif self._retried and stamp != self._stamp and self._rested(now):
            self._stamp, self._spent_s, self._retried = stamp, 0.0, False
            self._given -= self._passed
            self._passed.clear()
            self._walks.append((top, 0))

    def _rested(self, now: float) -> bool:
        """Tell whether it is time for another walk over everything."""
        return self._spent_s < CHEAP_S or now - self._ended_s > AGAIN_AFTER * self._spent_s

    def _look_at_plays(self, db: Connection) -> None:
        if time.monotonic() - self._plays_at < PLAYED_EVERY_S:
            return
        self._plays_at = time.monotonic()
        lately = db.rows("SELECT track_id FROM play ORDER BY id DESC LIMIT :most", most=PLAYED_LATELY)
        often = db.rows(
            "SELECT item_id, CAST(sum(play_count) AS BIGINT) AS plays FROM mark WHERE kind = 3 AND play_count > 0"
            " GROUP BY item_id ORDER BY plays DESC LIMIT :most", most=PLAYED,
        )  # fmt: skip
        self._plays = deque(dict.fromkeys([row[0] for row in (*lately, *often)]))

    def _walk(self, db: Connection) -> None:
        first, last = self._walks.pop()
        low = db.value(
            "SELECT min(id) FROM (SELECT id FROM track WHERE id <= :first AND id > :last"
            " ORDER BY id DESC LIMIT :step) s",
            first=first, last=last, step=STEP,
        )  # fmt: skip
        if low is None:
            return
        if low - 1 > last:
            self._walks.append((low - 1, last))
        of = _SOUND.format("track t", f"t.id BETWEEN :low AND :first AND {_UNHEARD}")
        self._add(db, self._newest, f"{of} ORDER BY t.id DESC", low=low, first=first)

    def _add(self, db: Connection, lane: deque[Sound], sql: str, **params) -> None:
        for row in db.rows(sql, version=VERSION, **params):
            audio_hash = row[0]
            if audio_hash not in self._given:
                self._given.add(audio_hash)
                lane.append(_sound(row))
