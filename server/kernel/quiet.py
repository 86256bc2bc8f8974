"""A word from those who serve to those who work beside them: be still for a moment.

The server says it when somebody waits for an encoder's first bytes; a worker on
the same machine hears it within a millisecond and stops what can wait. It goes
through a pipe with a name in the data folder, so it costs nothing while nobody
has anything to say. The rule a newcomer would break: nobody depends on being
heard. Without a worker, without such pipes, or when a word is lost, all goes on.
"""

import os
import select
import stat
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

PIPE = "quiet.pipe"
BEGIN, END = b"+", b"-"
LONGEST_S = 10.0
"""After so long nobody is waited for any more: whoever asked may have died."""
AFTER_S = 0.5
"""Players ask for several things at once: the quiet lasts a little longer than what it was for."""


class Asking:
    """What a server holds."""

    def __init__(self, data: Path):
        self._path, self._pipe = data / PIPE, -1

    def begin(self) -> Callable[[], None]:
        """Ask for quiet; what is returned says, at its first call, that it is no longer needed."""
        self._say(BEGIN)
        said = False

        def end() -> None:
            nonlocal said
            if not said:
                said = True
                self._say(END)

        return end

    def close(self) -> None:
        if self._pipe >= 0:
            os.close(self._pipe)
            self._pipe = -1

    def _say(self, word: bytes) -> None:
        # Without a pipe, or with nobody at its other end, it is not said. After a worker's end there may be a new one.
        for _ in range(2):
            try:
                if self._pipe < 0:
                    self._pipe = os.open(self._path, os.O_WRONLY | os.O_NONBLOCK | os.O_CLOEXEC)
                os.write(self._pipe, word)
                return
            except BlockingIOError:
                return
            except OSError:
                if self._pipe < 0:
                    return
                self.close()


class Listening:
    """What a worker holds; `wait` is called in a thread of its own."""

    def __init__(self, data: Path):
        self._pipe, self._open, self._until = -1, 0, 0.0
        path = data / PIPE
        # A disk that knows no such pipes, or is full, has nobody heard.
        with suppress(OSError):
            if not path.exists() or not stat.S_ISFIFO(path.stat().st_mode):
                path.unlink(missing_ok=True)
                os.mkfifo(path, 0o600)
            # For writing too: else it ends whenever the last server does.
            self._pipe = os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)

    def wait(self, limit_s: float) -> bool:
        """Wait for a change, or so long, and tell whether quiet is asked for."""
        left_s = self._until - time.monotonic()
        if self._pipe < 0:
            time.sleep(limit_s)
        elif select.select([self._pipe], [], [], min(limit_s, left_s) if left_s > 0 else limit_s)[0]:
            self._hear(os.read(self._pipe, 4096))
        return time.monotonic() < self._until

    def _hear(self, words: bytes) -> None:
        now = time.monotonic()
        if now > self._until:
            self._open = 0
        for word in words:
            self._open = self._open + 1 if word == BEGIN[0] else max(0, self._open - 1)
        self._until = now + (LONGEST_S if self._open else AFTER_S)

    def close(self) -> None:
        if self._pipe >= 0:
            os.close(self._pipe)
            self._pipe = -1
