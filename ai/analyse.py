"""The job that listens to the whole library in spare time, one sound after the other, in a thread of the worker.

It may be ended at any moment and goes on where it was: what is left to do is
read from the database, and what was heard is stored at once. The rule a newcomer
would break: whoever listens to music comes first. So children run only while
nobody else wants the processor, stand still while a conversion begins, and
nothing is ever waited for inside a transaction.
"""

import importlib.util
import logging
import os
import threading
import time
from array import array
from collections.abc import Callable
from contextlib import suppress

from ai import analyses, budget, progress
from ai.analyses import CRASHED, TIMED_OUT, TRIES, VERSION, Analysis, Value
from ai.hearers import Heard, Hearers, as_scanned
from ai.progress import Progress
from ai.waiting import Feed
from server.app import App
from server.kernel.db import Connection, Database
from server.kernel.errors import Conflict, Unavailable
from server.kernel.quiet import Listening

log = logging.getLogger("familiar.ears")

LOCK = "analysis"
TICK_S, RESTING_TICKS, LOOK_S = 0.5, 3, 2.0
"""How long it waits for results, more where none can come, and how often it looks at its budget and at the machine."""
HIGH_LOAD = 4.0
"""Processes that want to run, for each core, above which nothing new is begun."""
ABSENT_S, REFUSED_S = 30.0, 20.0
TELL_S = 5.0
TOO_LONG = ("took", "stopped answering")


def keep_analysing(app: App, stop: threading.Event) -> None:
    """Listen to whatever waits, now and later, until `stop` is set."""
    if not app.config.analysis:
        return
    if sentence := lacking():
        log.warning("%s", sentence)
    while not stop.is_set():
        try:
            with app.db.lock(LOCK):
                if sentence:
                    _tell_lacking(app.db, sentence)
                    return
                Job(app).run(stop)
        except Conflict:
            stop.wait(ABSENT_S)
        except Unavailable as error:
            log.warning("Analysis waits: %s", error)
            stop.wait(ABSENT_S)


def _tell_lacking(db: Database, sentence: str) -> None:
    with db.writing() as conn:
        progress.put(conn, Progress(conn, False).news(progress.NOT_INSTALLED, (), sentence))


def lacking() -> str:
    """Return what is missing to listen to anything, in a sentence, or ""."""
    missing = [name for name in ("numpy", "av") if importlib.util.find_spec(name) is None]
    return f"Music is not analysed: {' and '.join(missing)} are not installed." if missing else ""


def essentia() -> bool:
    return importlib.util.find_spec("essentia") is not None


class Job:
    """One run of it; whoever runs it holds the lock."""

    def __init__(self, app: App, *, heedless: bool = False, told: Callable[[Progress], None] | None = None):
        """`heedless`: somebody waits for it, so neither hours nor the load of the machine count."""
        self.app, self._db, self._heedless, self._told = app, app.db, heedless, told
        self._feed, self._hearers = Feed(), Hearers(essentia())
        self._unstored: list[Heard] = []
        with self._db.reading() as conn:
            self._progress = Progress(conn, self._hearers.essentia)
        self._why = progress.RESTING
        self._cores = 1
        self._looked_s = self._told_s = self._refused_s = -1e9
        self._ended = threading.Event()

    def run(self, stop: threading.Event, until_done: bool = False) -> Progress:
        """Listen until `stop` is set, or until nothing is left."""
        ear = threading.Thread(target=self._heed, daemon=True)
        ear.start()
        try:
            while not stop.is_set():
                self._look()
                self._hand_out()
                self._collect()
                if until_done and self._feed.finished and not self._busy:
                    break
        finally:
            self._ended.set()
            self._hearers.go_home()
            ear.join()
            self._say_goodbye()
        return self._progress

    @property
    def _busy(self) -> bool:
        hearers = self._hearers
        return bool(self._unstored or hearers.sounds or not hearers.todo.empty() or not hearers.done.empty())

    def _heed(self) -> None:
        """Let all stand still while somebody waits for music."""
        listening = Listening(self.app.config.data_path)
        while not self._ended.is_set():
            self._hearers.hold(listening.wait(TICK_S))
        listening.close()

    def _look(self) -> None:
        """Look at what is allowed now, and act on it."""
        now = time.monotonic()
        if now - self._looked_s < LOOK_S:
            return
        self._looked_s = now
        with self._db.reading() as conn:
            allowed = budget.of(conn, self.app.config)
        # Each costs memory, and more of them than the machine has cores hear nothing sooner.
        self._cores = min(allowed.cores, budget.cores())
        before, self._why = self._why, self._reason(allowed)
        if self._why and self._why != progress.MACHINE_BUSY and self._why != before:
            # What was in hand is heard another time: a file of ten hours would go on for long.
            self._hearers.go_home()
        self._hearers.end_stuck()

    def _reason(self, allowed: budget.Budget) -> str:
        """Return why nothing new is begun, or ""."""
        if self._heedless:
            return ""
        if why := allowed.now(time.localtime().tm_hour):
            return why
        load = os.getloadavg()[0] - len(self._hearers.sounds)
        return progress.MACHINE_BUSY if load > HIGH_LOAD * budget.cores() else ""

    def _hand_out(self) -> None:
        """Give the hearers what they need to stay busy, or send them away."""
        if self._why:
            for sound in self._hearers.be(0):
                self._feed.back(sound)
            return
        if self._unstored:
            return
        if self._hearers.lacking or not self._hearers.sounds:
            with self._db.reading() as conn:
                sounds = self._feed.take(conn, max(self._hearers.lacking, self._cores))
            if sounds or not self._feed.finished:
                self._hearers.be(self._cores)
            elif not self._busy:
                self._hearers.be(0)
            for sound in sounds:
                self._hearers.todo.put(sound)

    def _collect(self) -> None:
        """Wait for what was heard, a moment at most, and store it."""
        self._unstored += self._hearers.heard(TICK_S if self._busy else RESTING_TICKS * TICK_S)
        for heard in [each for each in self._unstored if each.answer is None and not each.died]:
            self._unstored.remove(heard)
            (self._feed.back if as_scanned(heard.sound) else self._feed.passed)(heard.sound)
        now = time.monotonic()
        if now - self._refused_s > REFUSED_S and (self._unstored or now - self._told_s > TELL_S):
            try:
                self._store()
            except Unavailable as error:
                self._refused_s = now
                log.warning("What was heard cannot be stored, so nothing more is begun: %s", error)

    def _store(self) -> None:
        self._told_s = time.monotonic()
        state = self._why or (progress.LISTENING if self._busy else progress.RESTING)
        with self._db.reading() as conn:
            self._progress.look(conn)
        news = self._progress.news(state, self._hearers.sounds)
        if self._unstored or news:
            with self._db.writing() as conn:
                spent = [_kept(conn, heard) for heard in self._unstored]
                if news:
                    progress.put(conn, news)
            for heard, cpu_ms in zip(self._unstored, spent, strict=True):
                self._feed.done(heard.sound, died=heard.answer is None)
                self._progress.count(cpu_ms)
            self._unstored = []
        if self._told:
            self._told(self._progress)

    def _say_goodbye(self) -> None:
        with suppress(Unavailable), self._db.writing() as conn:
            self._progress.look(conn)
            if news := self._progress.news(progress.STOPPED, ()):
                progress.put(conn, news)


def _kept(db: Connection, heard: Heard) -> int:
    """Store what was heard of one sound; return the processor time that it took (ms)."""
    sound, answer = heard.sound, heard.answer
    if answer is None:
        state = TIMED_OUT if heard.died.startswith(TOO_LONG) else CRASHED
        reason = f"Listening to it {heard.died}."
        if analyses.failed(db, sound.audio_hash, VERSION, state, reason) >= TRIES:
            log.warning("%s is left alone from now on: %s", sound.name, reason)
        return 0
    values = {name: Value(*parts) for name, parts in answer["values"].items()}
    blocks = answer["blocks"] and array("f", answer["blocks"])
    analyses.put(
        db, sound.audio_hash, VERSION, Analysis(answer["state"], answer["reason"], values), blocks or None,
        array("I", answer["fingerprint"]) if answer["fingerprint"] else None, answer["cpu_ms"],
    )  # fmt: skip
    return answer["cpu_ms"]
