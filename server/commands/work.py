"""`familiar work`: a worker by itself, where the server is told to start none."""

import argparse

from server.kernel.config import Config

ABOUT = "Do a worker's jobs only: scan and watch the music folders, listen to the music, fetch podcasts, make lists."
MORE = """\
`familiar serve` starts a worker of its own. Run this where the two are kept apart: set worker = false for the server,
and give both the same database and Redis."""
SHOWN = (
    "data", "music", "database", "redis", "watch", "scan_every", "podcast_folder", "podcast_hours", "podcast_download",
    "fetch_allow", "analysis", "analysis_cores", "analysis_hours", "text_model", "log_level",
)  # fmt: skip


def options(parser: argparse.ArgumentParser) -> None:
    # How the server starts its own one: it ends when its standard input does.
    parser.add_argument("--attached", action="store_true", help=argparse.SUPPRESS)


def run(given: argparse.Namespace, config: Config) -> None:
    from server import main as house
    from server.kernel import log

    log.start(config.log_level)
    house.work(house.open_app(config), given.attached)
