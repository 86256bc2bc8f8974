"""`familiar scan`: the music folders looked through now, in this process, or a look at a scan that runs elsewhere."""

import argparse
import os
import sys
import time

from server.commands.house import current
from server.kernel.config import Config
from server.kernel.errors import Conflict

ABOUT = "Look through all music folders now and wait for it. Two scans never run at once."
MORE = """\
A file that is gone becomes missing, and comes back with its stars and plays when it does. A scan deletes nothing."""
SHOWN = ("data", "music", "database")
BAD_SHOWN = 100
"""Bad files that are named; so many more are the work of a disk that dies, not of single files."""


def options(parser: argparse.ArgumentParser) -> None:
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--full", action="store_true", help="read every file again, changed or not")
    which.add_argument(
        "--status",
        action="store_true",
        help="say how the last or running scan goes and what could not be read; scan nothing",
    )
    which.add_argument(
        "--cancel", action="store_true", help="ask a running worker's scan to end; what it found is kept"
    )


def run(given: argparse.Namespace, config: Config) -> None:
    if given.status:
        _status(config)
    elif given.cancel:
        _cancel(config)
    else:
        _scan(config, given.full)


def _scan(config: Config, full: bool) -> None:
    from server import main as house
    from server.library.scan import scan
    from server.library.scanning import offline, told

    # It gives way to whoever listens, as a worker does.
    os.nice(15)
    app = house.open_app(config)
    try:
        tally = scan(app.db, app.ids, app.render, _progress(), full=full)
        away = offline(app.db)
    except Conflict as error:
        raise Conflict(f"{error} `familiar scan --status` says how far it is.") from None
    finally:
        if sys.stderr.isatty():
            print("\r\033[K", end="", file=sys.stderr)
        app.db.close()
    print(told(tally))
    for sentence in away:
        print(sentence, file=sys.stderr)


def _progress():
    """Return what the scanner reports to: a line at a terminal, nothing in a log."""
    live = sys.stderr.isatty()

    def report(progress: dict) -> bool:
        if live:
            print(f"\r\033[K{line_of(progress)}", end="", file=sys.stderr, flush=True)
        return True

    return report


def line_of(progress: dict) -> str:
    """Return a scan's progress as a line."""
    return ", ".join(f"{number:,} {name}" for name, number in progress.items() if isinstance(number, int) and number)


def _status(config: Config) -> None:
    from server.kernel import jobs
    from server.library import bad_files, libraries
    from server.users.people import OPERATOR

    with current(config) as db, db.reading() as conn:
        job = jobs.latest(conn, "scan")
        if job is None:
            print("No worker has scanned yet.")
        elif job.state in (jobs.RUNNING, jobs.WAITING):
            print(f"A scan is {job.state}: {line_of(job.progress) or 'nothing seen yet'}.")
        else:
            print(f"The last scan by a worker, {_when(job.ended_ms)}, is {job.state}: {job.message}")
        known = libraries.everything(conn)
        for library in known:
            state = "online" if library.online else f"offline: {library.reason}"
            print(f"{library.id}  {library.name} ({library.path}): {state}, seen whole {_when(library.scanned_ms)}")
        numbers = {library.id for library in known}
        _name([each for each in bad_files.listed(conn, OPERATOR) if each.library_id in numbers])


def _name(bad: list) -> None:
    """Name the files that could not be read, with the reasons."""
    from server.kernel.files import display

    if bad:
        print(f"{len(bad):,} could not be read:")
    for each in bad[:BAD_SHOWN]:
        print(f"{each.library_id}  {display(each.path)}: {each.reason}")
    if len(bad) > BAD_SHOWN:
        print(f"and {len(bad) - BAD_SHOWN:,} more")


def _cancel(config: Config) -> None:
    from server.kernel import jobs

    with current(config) as db, db.writing() as conn:
        number = jobs.cancel(conn, "scan")
    print("The scan was asked to end." if number else "No worker is scanning.")


def _when(at_ms: int | None) -> str:
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(at_ms / 1000)) if at_ms else "never"
