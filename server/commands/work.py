"""`familiar work`: a worker by itself, where the server is told to start none."""

import argparse

from server.kernel.config import Config

ABOUT = "Do the jobs only: scan, watch the music folders, keep the clock."
MORE = """\
`familiar serve` starts a worker of its own. Run this where the two are kept apart: set worker = false for the server,
and give both the same database and Redis."""
SHOWN = ("data", "music", "database", "redis", "watch", "scan_every", "log_level")


def options(parser: argparse.ArgumentParser) -> None:
    # How the server starts its own one: it ends when its standard input does.
    parser.add_argument("--attached", action="store_true", help=argparse.SUPPRESS)


def run(given: argparse.Namespace, config: Config) -> None:
    from server import main as house
    from server.kernel import log

    log.start(config.log_level)
    house.work(house.open_app(config), given.attached)
