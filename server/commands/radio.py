"""`familiar radio`: the stations, also many at once out of a file."""

import argparse
import sys

from server.commands.house import current
from server.commands.line import actions
from server.kernel.config import Config
from server.kernel.db import Database
from server.kernel.errors import Invalid
from server.kernel.files import read_regular
from server.library import radio, station_lists
from server.library.radio import Listed
from server.users.people import OPERATOR

ABOUT = "List, add and remove radio stations, or take over a list of them. It takes effect at once."
MORE = """\
examples:
  familiar radio add "Waves FM" http://waves.example:8000/stream
  familiar radio import stations.m3u
  familiar radio list
  familiar radio remove 3"""


def options(parser: argparse.ArgumentParser) -> None:
    action = actions(parser)
    action("list", "list all stations")
    add = action("add", "add a station")
    add.add_argument("name", metavar="NAME", help="what it is called")
    add.add_argument("url", metavar="URL", help="the address of its stream")
    add.add_argument("--homepage", default="", metavar="URL", help="the address of its page")
    remove = action("remove", "remove a station")
    remove.add_argument("number", type=int, metavar="NUMBER", help="its number, as `radio list` shows it")
    found = action("import", "add the stations of an M3U or PLS file, leaving out those that are there")
    found.add_argument("file", metavar="FILE", help="the file, or - for standard input")


def run(given: argparse.Namespace, config: Config) -> None:
    with current(config) as db:
        match given.action:
            case "list":
                _list(db)
            case "add":
                _add(db, Listed(given.name, given.url, given.homepage))
            case "remove":
                _remove(db, given.number)
            case "import":
                _import(db, given.file)


def _list(db: Database) -> None:
    with db.reading() as conn:
        stations = radio.everything(conn)
    if not stations:
        print("There are no radio stations yet.")
    for station in stations:
        print(f"{station.id:>5}  {station.name:<32} {station.stream_url}")


def _add(db: Database, station: Listed) -> None:
    with db.writing() as conn:
        made = radio.by_id(conn, radio.create(conn, OPERATOR, station))
    print(f"Added {made.name}.")


def _remove(db: Database, number: int) -> None:
    with db.writing() as conn:
        name = radio.by_id(conn, number).name
        radio.delete(conn, OPERATOR, number)
    print(f"Removed {name}.")


def _import(db: Database, file: str) -> None:
    most = station_lists.LIST_BYTES
    found = station_lists.read(sys.stdin.buffer.read(most) if file == "-" else read_regular(file, most))
    if not found:
        raise Invalid("There are no stations in this file. It should be an M3U or PLS list of web addresses.")
    with db.writing() as conn:
        added = radio.add_new(conn, OPERATOR, found)
    print(f"Added {added} of {len(found)} stations; the others were there already.")
