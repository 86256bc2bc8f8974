"""One running encoder and the file that it fills.

The encoder leads a process group of its own and is reaped last: as long as its
process id is not given back, the id of the group is ours, so a signal can never
hit a stranger. The watch is a poll of a few microseconds (2 to 20 ms apart) and
not a child watcher with a thread for each child.
"""

import asyncio
import errno
import logging
import os
import resource
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path
from time import monotonic
from typing import NamedTuple

from server.kernel.errors import Failure, Invalid, Unavailable
from server.kernel.run import PASSED_ON
from server.stream import cache

log = logging.getLogger(__name__)

_KEPT_WORDS = 64 * 1024
_FIRST_POLL_S, _LAST_POLL_S = 0.001, 0.02
_MEMORY_BYTES = 4 << 30
_CPU_S = 3600
_LARGEST_BYTES = 4 << 30


class Patience(NamedTuple):
    """How long an encoder may take, in seconds."""

    first_byte_s: float = 10
    idle_s: float = 30
    """Without progress, after the first byte."""
    linger_s: float = 2
    """Without a listener: players open, look at the headers and come again."""
    seek_s: float = 5
    """Until the place that a listener wants is written: then it begins at the beginning."""
    term_s: float = 2
    """From SIGTERM to SIGKILL."""


class Encoding:
    """An encoder at work: how far it is, whether it ended, and how."""

    def __init__(self, part: Path, user_id: int, expected_bytes: int, patience: Patience,
                 begun: Callable[[], None] = lambda: None):  # fmt: skip
        """`begun` is called when its first bytes are there, or none will be."""
        self.path, self.user_id, self.size, self.listeners = part, user_id, 0, 0
        self.over = False
        """No byte will follow."""
        self.failure: Failure | None = None
        self.unwanted = False
        """It was ended because nobody listened, not because something went wrong."""
        self._expected, self._patience, self._begun = expected_bytes, patience, begun
        self.left_at = self._moved_at = monotonic()
        self._words = bytearray()
        self._changed = asyncio.get_running_loop().create_future()
        self._gone = asyncio.get_running_loop().create_future()
        self.settled = asyncio.get_running_loop().create_future()
        """Done when its file is kept under its name, or gone."""

    def start(self, command: list[str], source: str = "") -> None:
        """Start the encoder; raises Unavailable where it cannot be. `source` is what it reads, for the log."""
        self._source = source
        try:
            output = cache.create(self.path)
        except Failure:
            self._begun()
            raise
        passed_on = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
        try:
            self._process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.PIPE,
                start_new_session=True, cwd="/", env=passed_on,
            )  # fmt: skip
        except OSError as error:
            os.close(output)
            self.path.unlink()
            self._begun()
            raise Unavailable(f"The encoder cannot be started: {os.strerror(error.errno)}.", 60) from None
        self._output = output
        self._bound()
        self._complaints = self._process.stderr.fileno()
        os.set_blocking(self._complaints, False)
        asyncio.get_running_loop().add_reader(self._complaints, self._listen)

    def join(self) -> None:
        self.listeners += 1

    def stay(self, linger_s: float) -> None:
        """Go on for longer without a listener: some come back for the next part only when they need it."""
        self._patience = self._patience._replace(linger_s=max(linger_s, self._patience.linger_s))

    def leave(self) -> None:
        self.listeners -= 1
        self.left_at = monotonic()

    async def beyond(self, sent: int) -> None:
        """Return when there is more than `sent`, when nothing will follow, or after half a second."""
        if self.size <= sent and not self.over:
            await asyncio.wait((self._changed,), timeout=0.5)

    def kill(self) -> None:
        """End the whole group at once; what it wrote is of no use."""
        self.unwanted = True
        self._give_up(Unavailable("This conversion was ended to make room for another."))
        self._signal(signal.SIGKILL)

    async def make_room(self) -> bool:
        """End the whole group at once, and tell whether it is gone."""
        self.kill()
        await asyncio.wait((self._gone,), timeout=2)
        return self._gone.done()

    async def watch(self) -> bool:
        """Follow the encoder to its end, reap it, and tell whether the file is whole."""
        try:
            await self._until_it_ends()
        finally:
            self._signal(signal.SIGKILL)  # also what it may have left behind
            code = self._process.wait()
            self._listen()
            asyncio.get_running_loop().remove_reader(self._complaints)
            self._process.stderr.close()
            self._measure()
            os.close(self._output)
            self._begun()
            self._gone.set_result(None)
        if code or not self.size or self._disk_full():
            self._give_up(self._why(code))
        if self.failure and not self.unwanted:
            words = bytes(self._words[-2000:]).decode(errors="replace").strip()
            log.warning("%s: %s (code %s, %s bytes) %s", self._source, self.failure, code, self.size, words)
        self.over = True
        self._announce()
        return self.failure is None

    async def _until_it_ends(self) -> None:
        pause = _FIRST_POLL_S
        while not self._ended():
            if self._measure():
                pause = _FIRST_POLL_S * 2
            if reason := self._too_long():
                self._give_up(reason)
                await self._end_politely()
                return
            await asyncio.sleep(pause)
            # Closely while somebody waits for the first byte (an encoder needs 12 ms), then at ease.
            pause = min(pause * (1.25 if self.size else 1.04), _LAST_POLL_S)

    async def _end_politely(self) -> None:
        for number, patience_s in ((signal.SIGTERM, self._patience.term_s), (signal.SIGKILL, float("inf"))):
            self._signal(number)
            until = monotonic() + patience_s
            while not self._ended():
                if monotonic() > until:
                    break
                await asyncio.sleep(_LAST_POLL_S)

    def _too_long(self) -> Failure | None:
        now, patience = monotonic(), self._patience
        nearly_done = self._expected and self.size > self._expected * 0.9
        if self.failure:
            return self.failure
        if not self.listeners and now - self.left_at > patience.linger_s and not nearly_done:
            self.unwanted = True
            return Unavailable("Nobody listened any more.")
        if now - self._moved_at > (patience.idle_s if self.size else patience.first_byte_s):
            return Unavailable("The encoder stopped answering.", retry_after_s=30)
        return None

    def _give_up(self, reason: Failure) -> None:
        self.failure = self.failure or reason
        self.over = True
        self._announce()

    def _why(self, code: int) -> Failure:
        if self._disk_full():
            return Unavailable("There is no room left to convert this track.", retry_after_s=60)
        if code < 0:
            return Unavailable("The encoder broke down over this track.", retry_after_s=60)
        return Invalid("This track cannot be converted: its file is damaged or of a kind that ffmpeg does not know.")

    def _disk_full(self) -> bool:
        # Some versions of ffmpeg end well after a failed write.
        return os.strerror(errno.ENOSPC).encode() in self._words

    def _measure(self) -> bool:
        """Note how far it is; tell whether it moved."""
        size = os.fstat(self._output).st_size
        if size == self.size:
            return False
        self.size, self._moved_at = size, monotonic()
        self._begun()
        self._announce()
        return True

    def _announce(self) -> None:
        self._changed.set_result(None)
        self._changed = self._changed.get_loop().create_future()

    def _listen(self) -> None:
        """Take what the encoder complains of, so that it never waits for us, and keep the end of it."""
        try:
            words = os.read(self._complaints, _KEPT_WORDS)
        except BlockingIOError:
            return
        if not words:
            asyncio.get_running_loop().remove_reader(self._complaints)
        self._words += words
        del self._words[:-_KEPT_WORDS]

    def _ended(self) -> bool:
        """Tell whether the encoder itself has ended, without reaping it."""
        ended = os.waitid(os.P_PID, self._process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        return ended is not None

    def _signal(self, number: int) -> None:
        if self._process.returncode is None:
            os.killpg(self._process.pid, number)

    def _bound(self) -> None:
        """Limit what a hostile file can make of the encoder; it has a head start of microseconds."""
        largest = self._expected * 4 + (64 << 20) if self._expected else _LARGEST_BYTES
        for kind, most in (
            (resource.RLIMIT_AS, _MEMORY_BYTES),
            (resource.RLIMIT_CPU, _CPU_S),
            (resource.RLIMIT_FSIZE, largest),
            (resource.RLIMIT_NOFILE, 64),
            (resource.RLIMIT_CORE, 0),
        ):
            _, allowed = resource.prlimit(self._process.pid, kind)
            if allowed != resource.RLIM_INFINITY:
                most = min(most, allowed)
            resource.prlimit(self._process.pid, kind, (most, most))
