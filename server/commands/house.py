"""What commands need of an installation that is there: its database, opened and closed again.

A command that only looks or changes never makes an installation: typed in the
wrong folder it would make an empty one and say that there is nothing.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from server.kernel import migrate
from server.kernel.config import Config
from server.kernel.db import Connection, Database, open_database
from server.kernel.errors import Conflict, Invalid, NotFound
from server.library import libraries
from server.playlists import contents
from server.users.people import OPERATOR, Viewer

SQLITE = "sqlite://"


@contextmanager
def existing(config: Config) -> Iterator[Database]:
    """Give the database of an installation, whatever steps it has taken. Raises NotFound when there is none."""
    url = config.database_url
    if url.startswith(SQLITE) and not Path(url[len(SQLITE) :]).exists():
        raise NotFound(
            f"There is no Familiar in {config.data_path}: no database is there. Name its data folder with --data."
        )
    db = open_database(url)
    try:
        yield db
    finally:
        db.close()


@contextmanager
def current(config: Config) -> Iterator[Database]:
    """Give the database of an installation that is up to date."""
    with existing(config) as db:
        if migrate.pending(db):
            raise Conflict("The database is not up to date. Run `familiar migrate` first.")
        yield db


def titles(db: Connection, viewer: Viewer, tracks: Iterable[int]) -> dict[int, str]:
    """Return how people call songs, by number; those that this viewer may not hear are left out."""
    return {song.id: f"{song.artist} – {song.title}" for song in contents.told(db, viewer, list(tracks))}


def counted(count: int, most: int) -> int:
    """Return how many songs somebody wants. Raises Invalid."""
    if not 1 <= count <= most:
        raise Invalid(f"--count is a number from 1 to {most}.")
    return count


def show(db: Connection, viewer: Viewer, found: Sequence[Any]) -> None:
    """Print what was found, each with how near it is and why."""
    names = titles(db, viewer, [each.track_id for each in found])
    for each in found:
        print(f"{each.closeness:>5.0%}  {names[each.track_id]}")
        if each.reasons:
            print(f"       {', '.join(each.reasons)}")


def listener(db: Connection) -> Viewer:
    """Return the operator as somebody who may hear everything."""
    return replace(OPERATOR, libraries=tuple(library.id for library in libraries.everything(db)))
