"""`familiar podcast`: what is followed, and lists of it to and from other programs."""

import argparse
import sys
import time
from pathlib import Path

from server.commands.house import current
from server.commands.line import actions
from server.kernel.config import Config
from server.kernel.errors import Conflict, NotFound

ABOUT = "List, follow and leave podcasts, look for new episodes, exchange lists with other programs."
MORE = """\
examples:
  familiar podcast add https://example.org/feed.xml
  familiar podcast import subscriptions.opml
  familiar podcast export > podcasts.opml"""
SHOWN = ("data", "database", "podcast_folder", "podcast_hours", "podcast_download", "fetch_allow")


def options(parser: argparse.ArgumentParser) -> None:
    action = actions(parser)
    action("list", "list the podcasts that are followed, by number, with what went wrong")
    action("add", "follow the podcast at an address").add_argument("url", metavar="URL", help="address of its feed")
    remove = action("remove", "leave a podcast and delete its files")
    remove.add_argument("number", type=int, metavar="NUMBER", help="its number, as `podcast list` shows it")
    action("refresh", "look for new episodes now, in this process where no worker runs")
    action("import", "follow what an OPML file names").add_argument("file", metavar="FILE", help="- is standard input")
    action("export", "write all that is followed as OPML to standard output")


def run(given: argparse.Namespace, config: Config) -> None:
    with current(config) as db:
        _act(given, config, db)
    if given.action == "refresh":
        _catch_up(config)


def _act(given: argparse.Namespace, config: Config, db) -> None:
    from server.library import episodes, opml, podcasts
    from server.users.people import OPERATOR

    match given.action:
        case "list":
            with db.reading() as conn:
                counts, failures = episodes.counts(conn), episodes.failures(conn)
                found = podcasts.listed(conn, OPERATOR)
                if not found:
                    print("No podcasts are followed yet.")
                for each in found:
                    print(_line(each, counts.get(each.id, 0)))
                    for title, reason in failures.get(each.id, []):
                        print(f"   {title}: {reason}")
        case "add":
            with db.writing() as conn:
                number = podcasts.follow(conn, OPERATOR, given.url)
            print(f"Podcast {number} is followed. A worker reads it soon; see `familiar podcast list`.")
        case "remove":
            with db.writing() as conn:
                podcasts.leave(conn, OPERATOR, given.number)
            print(f"Podcast {given.number} was left; a worker removes its files.")
        case "refresh":
            with db.writing() as conn:
                podcasts.refresh(conn, OPERATOR)
        case "import":
            feeds = opml.read(_content(given.file))
            with db.writing() as conn:
                taken = opml.take(conn, OPERATOR, feeds)
            print(f"{taken.added} podcasts are new, {taken.known} were followed already.", *taken.refused, sep="\n")
        case "export":
            with db.reading() as conn:
                print(opml.written(conn, OPERATOR), end="")


def _catch_up(config: Config) -> None:
    """Look now, or leave it to the worker that runs."""
    import asyncio

    from server import main as house
    from server.library import catching

    app = house.open_app(config)
    try:
        asyncio.run(catching.catch_up(app))
        print("All podcasts were looked at.")
    except Conflict:
        print("The worker was asked to look.")
    finally:
        app.db.close()


def _content(name: str) -> bytes:
    if name == "-":
        return sys.stdin.buffer.read()
    try:
        return Path(name).read_bytes()
    except OSError as error:
        raise NotFound(f"{name} cannot be read: {error.strerror}.") from None


def _line(each, episodes: int) -> str:
    read = time.strftime("%Y-%m-%d %H:%M", time.localtime(each.fetched_ms / 1000)) if each.fetched_ms else "never"
    told = f"{episodes} episodes, read {read}" + (f"; {each.error}" if each.error else "")
    return f"{each.id}  {each.title} ({each.url}): {told}"
