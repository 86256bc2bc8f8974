"""The rules, one file per chapter; importing this package declares them all, the general ones first."""

from conformance.rules import (  # noqa: F401, I001  (the order is the order of the report)
    every, errors, hostile, system, browsing, lists, paging, searching, playlists, sharing_playlists,
    media, transcoding, covers, annotation, plays, bookmarks, queues, scanning, users, permissions,
)
