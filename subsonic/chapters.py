"""All chapters of handlers; loading one registers its handlers in the grammar's table.

The server loads them once it answers: an app's first call is a ping, for which the first chapter is enough.
"""

from collections.abc import Callable
from functools import cache
from importlib import import_module

from subsonic.protocol import HANDLERS, Request

CHAPTERS = (
    "system", "browsing", "info", "lists", "searching", "playlists", "media", "lyrics", "avatars", "annotation",
    "bookmarks", "scanning", "sharing", "sonic", "users", "radio", "chat", "jukebox", "hls", "podcasts", "transcoding",
)  # fmt: skip


def load(*chapters: str) -> None:
    """Import some chapters, all of them when none is named."""
    for chapter in chapters or CHAPTERS:
        import_module(f"subsonic.{chapter}")


def handler_of(endpoint: type[Request]) -> Callable | None:
    """Return what answers an endpoint, None when nothing does; the chapters that are still missing are loaded."""
    return HANDLERS.get(endpoint) or _loaded().get(endpoint)


@cache
def _loaded() -> dict[type[Request], Callable]:
    load()
    return HANDLERS
