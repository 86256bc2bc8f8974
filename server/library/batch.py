"""What a scan carries from the parser to the writer, a transaction at a time, and what it counts for people."""

from dataclasses import dataclass, field
from typing import NamedTuple

from server.library.folders import Folder
from server.library.identify import Identity
from server.library.libraries import Library
from server.library.sung import Said


class Found(NamedTuple):
    """One file that was read."""

    folder: Folder
    name: str
    mtime_ns: int
    size_bytes: int
    old_id: int | None
    """The row of the file that had this name before, if any."""
    said: Said
    identity: Identity
    """What its tags and its path tell."""
    beside: str
    """The mark of what lay beside it and of the reader (`sung.beside.Beside.mark`)."""


class Bad(NamedTuple):
    """One file that could not be read."""

    folder: Folder
    name: str
    mtime_ns: int
    size_bytes: int
    old_id: int | None
    reason: str


@dataclass(slots=True)
class Batch:
    """What one transaction writes."""

    library: Library
    found: list[Found] = field(default_factory=list)
    bad: list[Bad] = field(default_factory=list)
    folders: list[tuple[Folder, str]] = field(default_factory=list)
    """Folders with their new signatures."""
    recovered: list[int] = field(default_factory=list)
    """Tracks whose file is back, unchanged."""
    lost: list[int] = field(default_factory=list)
    restyled: list[int] = field(default_factory=list)
    """Known folders whose pictures may have changed."""

    def __len__(self) -> int:
        several = (self.found, self.bad, self.recovered, self.lost)
        return sum(map(len, several)) + len(self.folders) // 4


@dataclass(slots=True)
class Tally:
    """What a scan did, for people to read."""

    seen: int = 0
    read: int = 0
    added: int = 0
    changed: int = 0
    moved: int = 0
    missing: int = 0
    recovered: int = 0
    bad: int = 0
