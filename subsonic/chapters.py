"""All chapters of handlers; loading them registers every handler in the grammar's table."""

from importlib import import_module

CHAPTERS = (
    "system", "browsing", "info", "lists", "searching", "playlists", "media", "lyrics", "avatars", "annotation",
    "bookmarks", "scanning", "sharing", "sonic", "users", "radio", "chat", "jukebox", "hls", "podcasts", "transcoding",
)  # fmt: skip


def load() -> None:
    """Import every chapter."""
    for chapter in CHAPTERS:
        import_module(f"subsonic.{chapter}")
