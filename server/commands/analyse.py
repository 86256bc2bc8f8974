"""`familiar analyse`: the library listened to here and now, or a look at how a worker gets on with it."""

import argparse
import os
import signal
import sys
import threading
import time

from ai import analyses, budget, progress
from server.commands.house import current, existing, listener
from server.kernel.config import Config
from server.kernel.db import Database
from server.kernel.errors import Conflict, Unavailable
from server.users.people import OPERATOR

ABOUT = "Listen to the music now, until all was heard or until Ctrl-C; or see and change how a worker does it."
MORE = """\
A worker listens by itself, in spare time. What was heard is kept, so one may end this at any time.

examples:
  familiar analyse --status
  familiar analyse --cores 2 --hours 1-6
  familiar analyse --again "timed out\""""
SHOWN = ("data", "database", "analysis", "analysis_cores", "analysis_hours")


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--status", action="store_true", help="say how far it is, and do nothing")
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--pause", action="store_true", help="let the worker pause until --resume")
    which.add_argument("--resume", action="store_true", help="let the worker go on")
    parser.add_argument("--cores", type=int, metavar="N", help="how many cores it may take; 0 is what the settings say")
    parser.add_argument("--hours", metavar="H-H", help='hours of the day, such as 1-6; "" is always')
    parser.add_argument("--again", metavar="STATE", help=f"hear again what is {', '.join(analyses.STATES)}")


def run(given: argparse.Namespace, config: Config) -> None:
    paused = True if given.pause else False if given.resume else None
    changed = {"paused": paused, "cores": given.cores, "hours": given.hours}
    if all(value is None for value in changed.values()) and not given.again and not given.status:
        _analyse(config)
        return
    with current(config) as db:
        with db.writing() as conn:
            budget.change(conn, OPERATOR, **changed)
            if given.again:
                print(f"{analyses.again(conn, OPERATOR, given.again):,} sounds are to be heard again.")
        _status(db, config)


def _status(db: Database, config: Config) -> None:
    with db.reading() as conn:
        found = progress.status(conn, listener(conn), config)
    brief, allowed = found.brief, found.budget
    print(f"Analysis is {brief.state}{f': {brief.reason}' if brief.reason else '.'}")
    print(f"{brief.all - brief.waiting:,} of {brief.all:,} sounds were heard, about {brief.per_hour:,} an hour"
          + (f"; the rest takes {_span(brief.eta_s)}." if brief.eta_s else "."))  # fmt: skip
    print(", ".join(f"{count:,} {state}" for state, count in sorted(brief.counts.items())))
    when = f"from {allowed.hours} o’clock" if allowed.hours else "at any hour"
    print(f"It may take {allowed.cores} core{'s' if allowed.cores > 1 else ''} {when};"
          f" beats and keys are told by {'essentia' if brief.essentia else 'Familiar itself'}.")  # fmt: skip
    for _, name in found.hearing:
        print(f"now: {name}")
    for number, state, reason in found.alone:
        print(f"left alone: track {number}, {state}: {reason}")


def _analyse(config: Config) -> None:
    from ai import analyse, embed
    from ai.minds import Minds
    from server import main as house

    if sentence := analyse.lacking():
        raise Unavailable(sentence)
    with existing(config):
        os.nice(15)
    app, stop = house.open_app(config), threading.Event()
    before = {number: signal.signal(number, lambda *_: stop.set()) for number in (signal.SIGINT, signal.SIGTERM)}
    minds = Minds()
    began = time.monotonic()
    try:
        with app.db.lock(analyse.LOCK):
            found = analyse.Job(app, heedless=True, told=_shown).run(stop, until_done=True)
        if not stop.is_set():
            embed.catch_up(app.db, minds)
    except Conflict:
        raise Conflict("A worker is at it. `familiar analyse --status` says how far it is.") from None
    finally:
        if sys.stderr.isatty():
            print("\r\033[K", end="", file=sys.stderr)
        minds.close_now()
        app.db.close()
        for number, handler in before.items():
            signal.signal(number, handler)
    print(f"{found.heard:,} sounds were heard in {_span(time.monotonic() - began)}, for {found.cpu_ms / 1000:,.0f} s of"
          f" processor time; {found.counts.get(analyses.WAITING, 0):,} wait.")  # fmt: skip


def _shown(found: progress.Progress) -> None:
    if sys.stderr.isatty():
        told = ", ".join(f"{count:,} {state}" for state, count in sorted(found.counts.items()))
        print(f"\r\033[K{told}", end="", file=sys.stderr, flush=True)


def _span(seconds: float) -> str:
    """Return a time as people say it."""
    for unit, size in (("days", 86400), ("hours", 3600), ("minutes", 60)):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"
