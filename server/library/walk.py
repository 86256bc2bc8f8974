"""Walking a music folder: what is on disk, folder by folder, without opening a file.

A folder that cannot be read is reported as unreadable, never as empty: what is
known of it must stay as it is.
"""

import os
import stat
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import xxhash

from server.kernel.files import name_text
from server.library.sung import READER
from server.library.sung.beside import SUFFIXES as TEXTS

IMAGES = frozenset(("jpg", "jpeg", "png", "webp", "gif"))
BESIDE = IMAGES.union(TEXTS)
"""Files that are no tracks, but whose coming and going changes what a track is shown with."""
_ENDINGS = tuple([f".{suffix}" for suffix in TEXTS])
STOPPERS = frozenset((".nomedia", ".ndignore"))
"""Files that say that a folder holds no music for players."""
PASSED_OVER = frozenset(("@eadir", "#recycle", "$recycle.bin", "lost+found", "system volume information"))
DEPTH = 64
PATH_BYTES = 1900
"""Room for the path of a folder: together with a file's name it has to fit into an index of PostgreSQL."""


class Sight(NamedTuple):
    """One folder as it is now. Names are path text (see `files.name_text`)."""

    path: str
    """Relative to the library, "/" between names."""
    audio: list[tuple[str, int, int]]
    """(name, mtime_ns, size_bytes)"""
    images: list[str]
    signature: str
    unreadable: str
    """Why it could not be read, "" when it could."""
    texts: Sequence[tuple[str, int, int]] = ()
    """(name, mtime_ns, size_bytes) of what may be lyrics"""


def walk(root: str, suffixes: frozenset[str], start: str = "") -> Iterator[Sight]:
    """Yield every folder at and below `start`, each before those inside it.

    Links to folders are followed once, unless they lead to a folder that is walked
    anyway. Raises OSError when the first folder itself cannot be read.
    """
    top = f"{root}/{start}" if start else root
    real_root = os.path.realpath(root)
    followed: set[str] = set()
    with os.scandir(top):
        pass
    stack: list[tuple[str, str, int]] = [(top, name_text(start), 0)]
    while stack:
        where, path, depth = stack.pop()
        sight, inside = _look(where, path, suffixes)
        yield sight
        if depth >= DEPTH:
            continue
        below: list[tuple[str, str, int]] = []
        for name, linked in inside:
            there = f"{where}/{name}"
            if linked:
                real = os.path.realpath(there)
                if real in followed or f"{real_root}/".startswith(f"{real}/") or real.startswith(f"{real_root}/"):
                    continue
                followed.add(real)
            text = name_text(name)
            inner = f"{path}/{text}" if path else text
            if len(inner) * 4 <= PATH_BYTES or len(inner.encode()) <= PATH_BYTES:
                below.append((there, inner, depth + 1))
        stack.extend(reversed(below))


def _look(where: str, path: str, suffixes: frozenset[str]) -> tuple[Sight, list[tuple[str, bool]]]:
    audio: list[tuple[str, int, int]] = []
    other: list[tuple[str, int, int]] = []
    inside: list[tuple[str, bool]] = []
    try:
        with os.scandir(where) as entries:
            for entry in entries:
                name = entry.name
                if name[0] == ".":
                    if name in STOPPERS:
                        return Sight(path, [], [], "stopped", ""), []
                    continue
                suffix = name.rpartition(".")[2].lower()
                wanted = suffix in suffixes or suffix in BESIDE
                if wanted and (about := _about(entry)) is not None:
                    (other if suffix in BESIDE else audio).append((name_text(name), about.st_mtime_ns, about.st_size))
                elif name.lower() not in PASSED_OVER and _is_folder(entry):
                    inside.append((name, entry.is_symlink()))
    except OSError as error:
        return Sight(path, [], [], "", error.strerror or "cannot be read"), []
    audio.sort()
    other.sort()
    inside.sort()
    texts = [each for each in other if each[0].lower().endswith(_ENDINGS)]
    # A picture that never arrived must not stand before one in the songs.
    images = [name for name, _, size in other if size and not name.lower().endswith(_ENDINGS)]
    return Sight(path, audio, images, _signature(audio, other), "", texts), inside


def _about(entry: os.DirEntry) -> os.stat_result | None:
    """Return what is known of a regular file, None for anything else and for links that lead nowhere."""
    try:
        about = entry.stat()
    except OSError:
        return None
    return about if stat.S_ISREG(about.st_mode) else None


def _is_folder(entry: os.DirEntry) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        # A link in a circle, or into a place that we may not enter: no reason to give up what lies beside it.
        return False


def _signature(audio: list, other: list) -> str:
    """Return a text that changes when any file in a folder comes, goes or changes, or its reader does."""
    if not audio and not other:
        return "empty"
    listed = "\n".join([f"{name}\0{mtime}\0{size}" for name, mtime, size in audio + other])
    return xxhash.xxh3_64_hexdigest(f"{READER}\n{listed}".encode())
