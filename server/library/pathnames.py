"""What the names of a file and of its folders say, for whatever its tags leave open: pure text, no disk.

What comes in is path text (see `files.name_text`), what goes out is for people, but for the root.
"""

import re
from functools import lru_cache
from typing import NamedTuple

from server.kernel.files import display

_DISC_FOLDER = re.compile(
    r"[\s\-_.,]*[(\[]?\b(?:cd|dis[ck]|disque)[\s._#\-]*(\d{1,2}|[a-h]|one|two|three|four|five|six)\b.*$",
    re.IGNORECASE,
)
_COUNTED = ("one", "two", "three", "four", "five", "six")
_LEADING = re.compile(r"^(?:(\d{1,2})-)?(\d{1,3})(?:\s*[-._)]\s*|\s+)(?=\S)")
_YEAR_ALBUM = re.compile(r"^\(?(\d{4})\)?\s*[-–.]\s*(.+)$|^(.+?)\s*[(\[](\d{4})[)\]]$")


class FolderName(NamedTuple):
    root: str
    disc: int
    album: str
    year: int
    artist: str


class FileName(NamedTuple):
    title: str
    track: int
    disc: int
    artist: str


class PathNames:
    """What the names of a file and its folders say, worked out only for files whose tags leave it open."""

    __slots__ = ("_name", "folder")

    def __init__(self, folder: str, name: str):
        self.folder, self._name = _folder(folder), name

    @property
    def file(self) -> FileName:
        return _file(self._name, self.folder.artist)

    @property
    def disc(self) -> int:
        """That of a name like "2-03 Title.mp3": few files have one, and most do not say their disc in tags."""
        return self.file.disc if "-" in self._name[1:3] else 0


def album_root(folder: str) -> str:
    """Return the folder that stands for the album: discs' own folders lead to what holds them."""
    parent, _, last = folder.rpartition("/")
    bare = _DISC_FOLDER.sub("", last)
    if bare == last:
        return folder
    return f"{parent}/{bare}" if bare and parent else bare or parent


@lru_cache(256)
def _folder(folder: str) -> FolderName:
    disc = _DISC_FOLDER.search(folder.rpartition("/")[2])
    root = album_root(folder)
    parents = [display(part) for part in root.split("/") if part]
    album, year = _album_and_year(parents[-1]) if parents else ("", 0)
    number = _disc_number(disc[1].lower()) if disc else 0
    return FolderName(root, number, album, year, parents[-2] if len(parents) > 1 else "")


def _disc_number(said: str) -> int:
    """Read "2", "b" or "two"."""
    if said.isdigit():
        return int(said)
    return _COUNTED.index(said) + 1 if said in _COUNTED else ord(said) - ord("a") + 1


def _file(name: str, artist: str) -> FileName:
    name = display(name)
    stem = name.rpartition(".")[0] or name
    leading = _LEADING.match(stem)
    title = (stem[leading.end() :] if leading else stem).replace("_", " ").strip() or stem
    before, dash, after = title.partition(" - ")
    if dash and not artist:
        artist, title = before.strip(), after.strip()
    track, disc = (int(leading[2]), int(leading[1] or 0)) if leading else (0, 0)
    return FileName(title, track, disc, artist)


def _album_and_year(folder: str) -> tuple[str, int]:
    found = _YEAR_ALBUM.match(folder)
    if not found:
        return folder, 0
    return (found[2] or found[3]).strip(), int(found[1] or found[4])
