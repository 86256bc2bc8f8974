"""Clients that break on what the protocol allows, and what they get instead.

A client is known by the name that it sends as `c`. Add one only with the reason, and only when a rule that is good for
all clients will not do. Most habits of clients are such rules: lists that are there when empty, dates to the
millisecond, ids that are no numbers, POST and DELETE everywhere, errors with HTTP 200 (see tests/clients/habits.py).
"""

from typing import Any, NamedTuple


class Quirks(NamedTuple):
    """How a client differs from what we assume of all."""

    plain: bool = False
    """Send what Subsonic 1.16.1 knows and nothing that OpenSubsonic added."""
    less: frozenset[str] = frozenset()
    """Optional members, by their names on the wire, that are left out of everything."""
    reason: str = ""

    @property
    def view(self) -> dict[str, Any]:
        """What `render` is told of it."""
        return {"plain": self.plain, "less": self.less}


NONE = Quirks()

_DSUB = (
    "Its XML reader takes any element called artist, album, song or entry, however deep, for a row of the list: the "
    "artists inside contributors become ghosts (sentriz/gonic 3ae31774)."
)
KNOWN = {
    "dsub": Quirks(plain=True, reason=_DSUB),
    "dsub2000": Quirks(
        plain=True, reason=f"A fork of DSub that also crashed on validUntil of playlists (navidrome 23f355637). {_DSUB}"
    ),
    "audinaut": Quirks(plain=True, reason=f"A fork of DSub with the same reader. {_DSUB}"),
    "clementine": Quirks(
        plain=True,
        reason="It gives up on an album that holds any element but artists, genres and song, and on a list of albums "
        "that holds anything but album (navidrome/navidrome#2924).",
    ),
    "submusic": Quirks(
        plain=True,
        less=frozenset((
            "parent", "path", "year", "genre", "bitRate", "isVideo", "type", "discNumber", "albumId", "artistId",
            "playCount", "userRating", "averageRating", "bookmarkPosition", "size", "comment",
        )),
        reason="Runs on watches whose memory ends at some tens of kilobytes, and reads of a song little more than its "
        "id, title, artist, length and type: with fewer members playlists can be longer (memen45/SubMusic#37, #97).",
    ),
}  # fmt: skip


def of(client: str) -> Quirks:
    """Return what is known of a client by its name."""
    return KNOWN.get(client.strip().lower(), NONE)
