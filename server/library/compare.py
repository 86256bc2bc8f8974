"""Telling new and changed files from known ones: pure, from what the walk saw and what the database has."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from server.library.folders import Folder
from server.library.sung.beside import ALONE, Beside, sort_out
from server.library.walk import Sight


@dataclass(slots=True)
class Task:
    """Some files of some folders on their way through the parser."""

    work: list[tuple[Folder, str, int, int, int | None, Beside]] = field(default_factory=list)
    """(folder, name, mtime_ns, size_bytes, known row, what lies beside it) of what has to be read."""
    folders: list[tuple[Folder, str]] = field(default_factory=list)
    recovered: list[int] = field(default_factory=list)
    lost: list[tuple[int, int]] = field(default_factory=list)
    """(track, its folder) of what is no longer there."""
    restyled: list[int] = field(default_factory=list)


class Known(NamedTuple):
    """What the database has of some folders."""

    rows: dict[int, dict[str, tuple]]
    """Folder → file name → a row of `tracks.in_folders`."""
    folders: dict[int, Folder]
    bad: dict[str, tuple[int, int]]
    """Path → (mtime_ns, size_bytes) of files that could not be read."""


def compare(pending: list[tuple[Folder, Sight]], known: Known, full: bool, at_once: int) -> Iterator[Task]:
    """Yield what has to be done, in portions of about `at_once` files to read; `full` reads unchanged files as well.

    A folder with more files than that comes in parts. Its signature comes with the
    last one, so that a scan which ends in between looks at it again.
    """
    task = Task()
    for folder, sight in pending:
        there = known.rows[folder.id]
        beside = sort_out([name for name, _, _ in sight.audio], sight.texts)
        for file in sight.audio:
            lying = beside.get(file[0], ALONE)
            _one_file(task, folder, file, there.pop(file[0], None), known.bad, full, lying)
            if len(task.work) >= at_once:
                task.folders.append((folder, ""))
                yield task
                task = Task()
        task.lost += [(row[0], folder.id) for row in there.values() if row[6] is None]
        task.folders.append((folder, sight.signature))
        if folder.id in known.folders and any(folder[5:] + known.folders[folder.id][5:]):
            # A picture may have come, gone, or changed under its name: only its file would tell.
            task.restyled.append(folder.id)
    if task.work or task.folders:
        yield task


def _one_file(task: Task, folder: Folder, file: tuple[str, int, int], row: tuple | None, bad: dict, full: bool,
              beside: Beside) -> None:
    name, mtime, size = file
    path = f"{folder.path}/{name}" if folder.path else name
    unchanged = row is not None and row[3:5] == (mtime, size) and row[7] == beside.mark and not full
    if unchanged and path not in bad:
        if row[6] is not None:
            task.recovered.append(row[0])
        return
    if bad.get(path) == (mtime, size) and not full:
        if row is not None and row[6] is None:
            task.lost.append((row[0], folder.id))
        return
    task.work.append((folder, name, mtime, size, row[0] if row else None, beside))
