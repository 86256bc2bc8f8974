"""`familiar flow`: a playlist in the order in which it runs best, each step told, and kept if one says so."""

import argparse

from ai import curves, flow
from ai.flow import Flow
from ai.minds import Minds
from server.commands.house import current, titles
from server.kernel.config import Config
from server.kernel.db import Connection, Database
from server.kernel.errors import NotFound
from server.playlists import playlists
from server.users import accounts
from server.users.people import OPERATOR, Viewer

ABOUT = "Order a playlist so that tempo, key, sound, mood and energy run well from song to song."
MORE = """\
examples:
  familiar flow anna "Friday night" --curve arc
  familiar flow anna "Friday night" --curve warm-up --save"""


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help="the user's name")
    parser.add_argument("playlist", metavar="PLAYLIST", help="what the playlist is called")
    parser.add_argument("--curve", choices=curves.CURVES, default=curves.FLAT, help="how the energy runs [flat]")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="another number may find another order [0]")
    parser.add_argument("--save", action="store_true", help="keep the order")


def run(given: argparse.Namespace, config: Config) -> None:
    with Minds() as minds, current(config) as db:
        with db.reading() as conn:
            viewer = accounts.by_name(conn, OPERATOR, given.name).viewer
            number = _named(conn, viewer, given.playlist)
            there = playlists.track_ids(conn, viewer, number)
            found = flow.flow(conn, minds, viewer, there, given.curve, seed=given.seed)
            _tell(conn, viewer, found)
        if given.save:
            _save(db, viewer, number, found)


def _named(conn: Connection, viewer: Viewer, name: str) -> int:
    found = [each for each in playlists.listed(conn, viewer) if each.name.casefold() == name.strip().casefold()]
    if not found:
        raise NotFound(f"{viewer.name} has no playlist called {name!r}.")
    # A public one of somebody else may have the same name.
    return min(found, key=lambda each: each.owner != viewer.name).id


def _tell(conn: Connection, viewer: Viewer, found: Flow) -> None:
    names = titles(conn, viewer, found.order)
    for at, track in enumerate(found.order):
        if at:
            step = found.transitions[at - 1]
            print(f"{step.score:>9.0%}  {', '.join(step.words)}")
        print(f"{at + 1:>4} {names.get(track, '')}")
    if found.sentence:
        print(found.sentence)
    print(f"Transitions: {found.cost.score:.0%}, before {found.before.score:.0%}.")


def _save(db: Database, viewer: Viewer, number: int, found: Flow) -> None:
    with db.writing() as conn:
        flow.keep(conn, viewer, number, found.order)
    print("It is kept.")
