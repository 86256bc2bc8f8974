"""Who listens: threads with a child each, that take sounds and give back what they heard.

They can be held at once, for as long as somebody waits for music, and sent home.
The rule a newcomer would break: nothing here touches the database; sounds come
and go through queues, so that a database that is full or away stops nobody in
the middle.
"""

import os
import queue
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, NamedTuple

from ai.waiting import Sound
from server.kernel.files import os_name
from server.kernel.run import Child, ChildDied, ChildError

FUNCTION = "ai.models.bounded:listen"
MEMORY_MB, RECYCLED_AFTER = 1536, 200
"""Of address space; of memory a child uses a fifth of it."""
FAR_S = 24 * 3600
PROCESS_S, HOME_S = 5.0, 1.2
STUCK_S = 15 * 60.0
"""So long without any processor time, on a machine that had some: it waits for a disk that does not answer."""


BESIDE: set[Child] = set()
"""Children of others, that stand still whenever these do."""


@contextmanager
def beside(child: Child, stop: threading.Event) -> Iterator[None]:
    """Let a child stand still whenever these do, and end it when `stop` is set, whatever it is doing then."""
    BESIDE.add(child)
    threading.Thread(target=lambda: (stop.wait(), child.kill()), daemon=True).start()
    try:
        yield
    finally:
        BESIDE.discard(child)


class Heard(NamedTuple):
    sound: Sound
    answer: dict[str, Any] | None
    """What the child said; None when it died or failed."""
    died: str = ""
    """How it died, in words; "" with no answer when it was sent home: nothing is known then."""


class Hearer(threading.Thread):
    """One thread and its child."""

    def __init__(self, hearers: "Hearers"):
        super().__init__(name="hearer", daemon=True)
        self._all = hearers
        self._child: Child | None = None
        self._sent_home = False
        self.leaving = False
        self.sound: Sound | None = None
        self.since_s = 0.0
        self._seen = (0.0, 0.0)

    def run(self) -> None:
        # A child ends with the thread that started it.
        with Child(FUNCTION, idle=True, memory_mb=MEMORY_MB, recycle_after=RECYCLED_AFTER) as self._child:
            while not self.leaving:
                try:
                    self.sound = self._all.todo.get(timeout=1)
                except queue.Empty:
                    continue
                self.since_s = time.monotonic()
                heard = self._hear(self.sound)
                self.sound = None
                self._all.done.put(heard)

    def hold(self, still: bool) -> None:
        if self._child is not None:
            self._child.hold(still)

    def go_home(self) -> None:
        """End with what is in hand, which counts as not heard."""
        self.leaving = self._sent_home = True
        if self._child is not None:
            self._child.kill()

    def end_if_stuck(self) -> None:
        """End a child that has not moved for long."""
        if self.sound is None or self._child is None or not (pid := self._child.pid):
            self._seen = (0.0, time.monotonic())
            return
        try:
            spent_s = time.clock_gettime(~pid << 3 | 2)  # CPUCLOCK_SCHED of a whole process
        except OSError:
            return
        if spent_s != self._seen[0] or self.since_s > self._seen[1]:
            self._seen = (spent_s, time.monotonic())
        elif time.monotonic() - self._seen[1] > STUCK_S:
            self._child.kill()

    def _hear(self, sound: Sound) -> Heard:
        if not as_scanned(sound):
            return Heard(sound, None)
        payload = {"path": sound.path, "length_s": sound.length_s, "essentia": self._all.essentia}
        try:
            answer = self._child.call(payload, FAR_S)
        except ChildDied as died:
            return Heard(sound, None, "" if self._sent_home or not as_scanned(sound) else died.reason)
        except OSError:
            # No process can be started: the machine has no room for one just now.
            time.sleep(PROCESS_S)
            return Heard(sound, None)
        except ChildError as error:
            return Heard(sound, None, f"failed: {error}")
        # A disk that went away in the middle looks like a file that cannot be read.
        return Heard(sound, answer if as_scanned(sound) else None)


class Hearers:
    """All who listen."""

    def __init__(self, essentia: bool):
        self.essentia = essentia
        self.todo: queue.SimpleQueue[Sound] = queue.SimpleQueue()
        self.done: queue.SimpleQueue[Heard] = queue.SimpleQueue()
        self._threads: list[Hearer] = []
        self._still = False

    @property
    def sounds(self) -> list[Sound]:
        """What is being listened to now."""
        return [sound for thread in self._threads if (sound := thread.sound) is not None]

    @property
    def lacking(self) -> int:
        """How many sounds more would keep all of them busy for the next moments."""
        return max(0, 2 * len(self._staying) - self.todo.qsize() - len(self.sounds))

    @property
    def _staying(self) -> list[Hearer]:
        return [thread for thread in self._threads if not thread.leaving]

    def heard(self, wait_s: float) -> list[Heard]:
        """Wait for what was heard, so long at most, and return all there is."""
        found = []
        with suppress(queue.Empty):
            found.append(self.done.get(timeout=wait_s))
            while True:
                found.append(self.done.get_nowait())
        return found

    def be(self, count: int) -> list[Sound]:
        """Be so many; return the sounds that were taken back from those who are not needed any more."""
        self._threads = [thread for thread in self._threads if thread.is_alive()]
        for _ in range(count - len(self._staying)):
            self._threads.append(Hearer(self))
            self._threads[-1].start()
        for thread in self._staying[count:]:
            thread.leaving = True
        back = []
        while not count and not self.todo.empty():
            back.append(self.todo.get())
        return back

    def hold(self, still: bool) -> None:
        """Let all stand still, or go on."""
        if still != self._still:
            self._still = still
            for thread in self._threads:
                thread.hold(still)
            for child in list(BESIDE):
                child.hold(still)

    def go_home(self) -> None:
        """End all, and what they have in hand; on a busy machine a child may take longer to end than one waits here."""
        self.hold(False)
        going, self._threads = self._threads, []
        for thread in going:
            thread.go_home()
        until = time.monotonic() + HOME_S
        for thread in going:
            thread.join(max(0.0, until - time.monotonic()))

    def end_stuck(self) -> None:
        for thread in self._threads:
            if not self._still:
                thread.end_if_stuck()


def as_scanned(sound: Sound) -> bool:
    """Tell whether the file is there, and is the one that the scan has seen."""
    try:
        found = os.stat(os_name(sound.path))
    except (OSError, ValueError):
        return False
    return (found.st_mtime_ns, found.st_size) == (sound.mtime_ns, sound.size_bytes)
