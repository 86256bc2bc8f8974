"""Who is asking: the record that every verb takes first after the database.

A `Viewer` is a snapshot of rights made at sign-in. The rule a newcomer would
break: a verb trusts the viewer it is given and nothing else, so the owner and
the visible libraries belong in its SQL, never in a check before or after it.
"""

from dataclasses import dataclass

from server.kernel.clock import Kbps

ROLES = (
    "admin",
    "settings",
    "download",
    "upload",
    "playlist",
    "coverArt",
    "comment",
    "podcast",
    "stream",
    "jukebox",
    "share",
    "videoConversion",
)
"""Rights as Subsonic names them, without the suffix `Role`."""

LISTENER = frozenset({"settings", "download", "playlist", "comment", "stream"})
"""What somebody may do who was added without further words."""


@dataclass(frozen=True, slots=True)
class Viewer:
    user_id: int
    name: str
    roles: frozenset[str]
    libraries: tuple[int, ...]
    """Ids of the music folders whose content this person may hear, ascending."""
    max_bitrate_kbps: Kbps = 0
    """Ceiling for streams; 0 is none."""

    @property
    def is_admin(self) -> bool:
        return "admin" in self.roles

    def may(self, role: str) -> bool:
        """Tell whether this person has a right; an administrator has all of them."""
        return role in self.roles or "admin" in self.roles


OPERATOR = Viewer(0, "operator", frozenset({"admin"}), ())
"""Whoever sits at the machine itself: the command line asks as this one."""
