"""`familiar discover`: make the lists that Familiar makes for somebody, or show them with their reasons."""

import argparse

from ai import made
from ai.minds import Minds
from server.commands.house import current, titles
from server.kernel.config import Config
from server.kernel.db import Connection
from server.users import accounts
from server.users.people import OPERATOR, Viewer

ABOUT = "Make Discover Weekly, Daily Mixes and Release Radar for a user now, as far as they are not there yet."
MORE = """\
They are playlists of that user, in every app. The worker makes them by itself for whoever has played or starred
ten songs.

examples:
  familiar discover anna
  familiar discover anna --list
  familiar discover anna --again"""


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="USER", help="the user's name")
    parser.add_argument("--list", action="store_true", help="only show what there is, with reasons")
    parser.add_argument("--again", action="store_true", help="make those anew that are there")


def run(given: argparse.Namespace, config: Config) -> None:
    with Minds() as minds, current(config) as db:
        with db.reading() as conn:
            viewer = accounts.viewer_of(conn, accounts.by_name(conn, OPERATOR, given.name).id)
            on = [kind for kind, wanted in made.settings(conn, viewer).items() if wanted]
            kinds = on if given.again else made.lacking(conn, viewer, on)
        if not given.list:
            made.make(db, minds, viewer, kinds)
        with db.reading() as conn:
            _show(conn, viewer, given.list)


def _show(conn: Connection, viewer: Viewer, songs_too: bool) -> None:
    kept = made.current(conn, viewer)
    if not kept:
        print(f"There are no lists for {viewer.name}.")
    for each in kept:
        names = titles(conn, viewer, [entry.track_id for entry in each.entries])
        print(f"{each.name} ({each.period}): {len(names)} songs. Chosen by {each.basis}.")
        for track, reason in each.entries if songs_too else ():
            if track in names:
                print(f"  {names[track]}\n      {reason}")
