"""The rules, one file per chapter; importing this package declares them all, the general ones first."""

from conformance.rules import (  # noqa: F401, I001  (the order is the order of the report)
    every, errors, hostile, counts, extensions, system, browsing, lists, paging, searching, playlists,
    sharing_playlists, media, transcoding, decisions, hls, covers, videos, lyrics, annotation, plays, bookmarks,
    queues, shares, podcasts, jukebox, radio, chat, sonic, scanning, users, permissions,
)
