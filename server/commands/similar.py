"""`familiar similar`: what sounds like a song, and why; or what leads from one song to another."""

import argparse

from ai import path, similar
from ai.minds import Minds
from ai.similar import Knobs
from server.commands.house import counted, current, listener, show, titles
from server.kernel.config import Config
from server.kernel.db import Connection
from server.kernel.errors import Invalid, NotFound
from server.library import names, search
from server.playlists.contents import Item
from server.users.people import Viewer

ABOUT = "Name the songs that sound like one, each with its reasons; or a path from one song to another."
MORE = """\
The words are looked for as in a search: "artist – title", or some of it.

examples:
  familiar similar "boards of canada – roygbiv"
  familiar similar "roygbiv" --count 30 --harmony 2 --era 1
  familiar similar "roygbiv" --to "windowlicker" --count 12"""

MOST = 500


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("words", metavar="SONG", help="a song, as you would search for it")
    parser.add_argument("--to", metavar="SONG", help="walk from one song to this one")
    parser.add_argument("--count", type=int, default=10, metavar="N", help="how many songs [default: 10]")
    for name, default in Knobs()._asdict().items():
        most = 1 if name == "adventurousness" else 3
        parser.add_argument(f"--{name}", type=float, default=default, metavar="X", help=f"0 to {most} [{default:g}]")


def run(given: argparse.Namespace, config: Config) -> None:
    with Minds() as minds, current(config) as db, db.reading() as conn:
        _answer(conn, minds, listener(conn), given)


def _answer(conn: Connection, minds: Minds, viewer: Viewer, given: argparse.Namespace) -> None:
    track = _named(conn, viewer, given.words)
    if given.to is not None:
        found = path.between(conn, minds, viewer, track, _named(conn, viewer, given.to), given.count)
    else:
        knobs = Knobs(*(getattr(given, name) for name in Knobs._fields))
        found = similar.like(conn, minds, viewer, [Item("tr", track)], counted(given.count, MOST), knobs)
    print(f"{'Like' if given.to is None else 'From'} {titles(conn, viewer, [track])[track]}:")
    show(conn, viewer, found)


def _named(conn: Connection, viewer: Viewer, words: str) -> int:
    # A search without a word finds everything.
    if not names.words(words):
        raise Invalid("Name a song by words of its artist or title, such as: dawn.")
    found = search.find_tracks(conn, viewer, viewer.libraries, words, 1, 0)
    if not found:
        raise NotFound(f"No song is called {words!r} here.")
    return found[0].id
