"""The children that compute: one process for each kind of thought, started when it is first wanted.

The rule a newcomer would break: a mind is asked with plain values and answers
with plain values, so it may die, or be ended when nobody needs it, at any time.
"""

import asyncio
from typing import Any, NamedTuple

from server.kernel.errors import Unavailable
from server.kernel.run import AsyncChild, ChildDied


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

    def attach(self, loop: asyncio.AbstractEventLoop) -> None:
        for child in self._children.values():
            child.attach(loop)

    def ask(self, name: str, question: Any, timeout_s: float = 20) -> Any:
        """Return a mind's answer. Raises Unavailable when its process ends over it, and the Failures of the mind."""
        try:
            return self._children[name].ask(question, timeout_s)
        except ChildDied as died:
            raise _unavailable(died) from died

    async def think(self, name: str, question: Any, timeout_s: float = 20) -> Any:
        """Do the same on the event loop."""
        try:
            return await self._children[name].call(question, timeout_s)
        except ChildDied as died:
            raise _unavailable(died) from died

    async def close(self) -> None:
        for child in self._children.values():
            await child.close()

    def close_now(self) -> None:
        for child in self._children.values():
            child.close_now()


def _unavailable(died: ChildDied) -> Unavailable:
    return Unavailable(f"The process that computes this {died.reason}. Try again in a moment.")
