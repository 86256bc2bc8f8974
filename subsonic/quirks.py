"""Clients that break on what the protocol allows, and what they get instead.

A client is known by the name that it sends as `c`. Add one only with the reason, and only when a rule that is good for
all clients will not do.
"""

from typing import NamedTuple


class Quirks(NamedTuple):
    """How a client differs from what we assume of all."""

    plain: bool = False
    """Send what Subsonic 1.16.1 knows and nothing that OpenSubsonic added."""
    reason: str = ""


NONE = Quirks()

KNOWN = {
    "dsub": Quirks(
        plain=True,
        reason="Its XML reader takes any element called artist, album, song or entry, however deep, for a row of the "
        "list: the artists inside contributors become ghosts.",
    ),
    "dsub2000": Quirks(plain=True, reason="A fork of DSub that also crashed on validUntil of playlists."),
    "clementine": Quirks(
        plain=True,
        reason="It gives up on an album that holds any element but artists, genres and song, and on a list of albums "
        "that holds anything but album.",
    ),
    "submusic": Quirks(
        plain=True, reason="Runs on watches whose memory ends at some tens of kilobytes: the fewer fields the better."
    ),
}


def of(client: str) -> Quirks:
    """Return what is known of a client by its name."""
    return KNOWN.get(client.strip().lower(), NONE)
