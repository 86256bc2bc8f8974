"""The children that compute: one process for each kind of thought, started when it is first wanted.

The rule a newcomer would break: a mind is asked with plain values and answers
with plain values, so it may die, or be ended when nobody needs it, at any time.
"""

import asyncio
import logging
from typing import Any, NamedTuple

from server.kernel.errors import Unavailable
from server.kernel.run import AsyncChild, ChildDied, ChildError

log = logging.getLogger("familiar.ears")


class Mind(NamedTuple):
    function: str
    memory_mb: int
    """Of address space, which numpy's libraries take more of than they use."""
    idle_s: float
    """After so long without a question the process ends and gives its memory back."""


MINDS = {
    "neighbours": Mind("ai.neighbours:answer", 8192, 3600),
    "order": Mind("ai.order:answer", 2048, 60),
    "taste": Mind("ai.clusters:answer", 2048, 60),
    "words": Mind("ai.models.words:answer", 8192, 300),
}


class Minds:
    """What a server or a worker holds: `ask` waits in a thread, `think` on the event loop."""

    def __init__(self):
        self._children = {
            name: AsyncChild(mind.function, processes=1, memory_mb=mind.memory_mb, idle_s=mind.idle_s, nice=0)
            for name, mind in MINDS.items()
        }

    def __enter__(self) -> "Minds":
        return self

    def __exit__(self, *_) -> None:
        self.close_now()

    def attach(self, loop: asyncio.AbstractEventLoop) -> None:
        for child in self._children.values():
            child.attach(loop)

    def ask(self, name: str, question: Any, timeout_s: float = 20) -> Any:
        """Return a mind's answer. Raises Unavailable when it ends over it or fails, and the Failures of the mind."""
        try:
            return self._children[name].ask(question, timeout_s)
        except (ChildDied, ChildError) as error:
            raise _unavailable(name, error) from error

    async def think(self, name: str, question: Any, timeout_s: float = 20) -> Any:
        """Do the same on the event loop."""
        try:
            return await self._children[name].call(question, timeout_s)
        except (ChildDied, ChildError) as error:
            raise _unavailable(name, error) from error

    async def close(self) -> None:
        for child in self._children.values():
            await child.close()

    def close_now(self) -> None:
        for child in self._children.values():
            child.close_now()


def _unavailable(name: str, error: ChildDied | ChildError) -> Unavailable:
    if isinstance(error, ChildDied):
        return Unavailable(f"The process that computes this {error.reason}. Try again in a moment.")
    # A mistake of ours: whoever asked does without, and whoever runs this can tell us.
    log.error("The mind %r has failed: %s", name, error)
    return Unavailable("What computes this has failed; the server's log says how.")
