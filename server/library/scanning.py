"""The scan as a job, and what starts one: people, changes on disk, the clock."""

import logging
import os
import stat
import threading
from dataclasses import asdict

from server.kernel import jobs
from server.kernel.db import Database
from server.kernel.errors import Unavailable
from server.kernel.files import display, name_text, os_name
from server.kernel.jobs import Running
from server.library import libraries
from server.library.batch import Tally
from server.library.scan import scan as run_scan
from server.library.tags import SUFFIXES
from server.library.walk import BESIDE, PASSED_OVER, STOPPERS

log = logging.getLogger("familiar.scan")

SETTLE_MS = 1500
"""A copy of a whole album is one event, not twelve."""
ABSENT_S = 5
"""How long it may take to notice that a music folder came or went."""
REST_S = 60
"""How long the watcher rests where the system or the database lets it down."""
UNDECODABLE = "decode path"
POLLED_MS = 120_000
"""How often all files are looked at where names are no UTF-8."""
MANY = 200
"""From so many changed folders on, looking at everything is less work."""


@jobs.job
def scan(app, running: Running, full: bool = False, folders: dict | None = None) -> str:
    """Scan everything, or only the folders {library id: [path, …]}; return what was found, in words."""
    starts = {int(number): paths for number, paths in (folders or {}).items()}
    tally = run_scan(
        app.db, app.ids, app.render, running.report, full=full, wanted=list(starts) or None, starts=starts or None
    )
    running.report({"phase": "done", **asdict(tally)})
    log.info("scan: %s", told(tally))
    for sentence in offline(app.db):
        log.warning("%s", sentence)
    return told(tally)


def offline(db: Database) -> list[str]:
    """Say of each music folder that cannot be reached which it is and why, for who runs the server."""
    with db.reading() as conn:
        return [
            f"{each.name} ({display(each.path)}) is offline: {each.reason}"
            for each in libraries.everything(conn) if not each.online
        ]  # fmt: skip


def told(tally: Tally) -> str:
    """Return what a scan found, in words."""
    return (
        f"{tally.seen} files seen, {tally.added} new, {tally.changed} changed, {tally.moved} moved,"
        f" {tally.missing} missing, {tally.recovered} back, {tally.bad} unreadable"
    )


def keep_scanning(app, stop: threading.Event) -> None:
    """Queue a scan of everything every `scan_every` minutes, until `stop` is set."""
    every_s = app.config.scan_every * 60
    while every_s and not stop.wait(every_s):
        try:
            app.queue.submit(app.db, "scan")
        except Unavailable as error:
            log.warning("A scan was due and could not be queued: %s", error)


def watch(app, stop: threading.Event) -> None:
    """Queue a scan of every folder in which something changes, until `stop` is set.

    Where the system tells of no changes (network disks, or more folders than it
    can watch) it says so in the log; scans by the clock find them then.
    """
    before, polled, said = None, False, ""
    while not stop.is_set():
        try:
            with app.db.reading() as conn:
                found = {library.id: os_name(library.path) for library in libraries.everything(conn)}
            roots = _roots(found)
            if before is not None and roots != before:
                # A music folder came or went: look at all of it.
                app.queue.submit(app.db, "scan")
            before = roots
            _watch(app, found, roots, stop, polled)
        except Unavailable as error:
            log.warning("What changed on disk cannot be scanned just now (%s).", error)
            # By then nobody knows any more what it was: look at all of it.
            before = {}
            stop.wait(REST_S)
        except (OSError, RuntimeError) as error:
            if UNDECODABLE in str(error):
                # The system tells of all that is opened, and the watcher ends at a name that is not UTF-8: each scan
                # would ask for the next. By looking itself it ends at changes only; what they were, a scan finds.
                if not polled:
                    log.info("Some names are not UTF-8: changes on disk are looked for every %d s.", POLLED_MS // 1000)
                polled, before = True, {}
                continue
            if str(error) != said:
                said = str(error)
                log.warning("Changes on disk cannot be watched just now (%s); scans by the clock go on.", error)
            stop.wait(REST_S)


def _watch(app, found: dict[int, str], roots: dict[str, tuple], stop: threading.Event, polled: bool = False) -> None:
    """Watch until one of the music folders is another one than it was, or `stop` is set."""
    from watchfiles import watch as changes

    if not roots:
        while not stop.wait(ABSENT_S) and not _roots(found):
            pass
        return
    data = os.path.realpath(app.config.data_path)
    for batch in changes(
        *roots, watch_filter=None, debounce=SETTLE_MS, step=300, stop_event=stop, rust_timeout=int(ABSENT_S * 1000),
        yield_on_timeout=True, raise_interrupt=False, force_polling=polled or None, poll_delay_ms=POLLED_MS,
        ignore_permission_denied=True,
    ):  # fmt: skip
        if _roots(found) != roots:
            return
        # One that looks for itself tells of links that lead nowhere each time, as of files that are gone.
        paths = [path for _, path in batch if _matters(path) and not (polled and _leads_nowhere(path))]
        if paths and (wanted := _wanted(found, paths, data)) is not None:
            app.queue.submit(app.db, "scan", **wanted)


def _leads_nowhere(path: str) -> bool:
    return os.path.islink(path) and not os.path.exists(path)


def _matters(path: str) -> bool:
    """Tell whether a change may be one of music; a path that leads nowhere now may have been a folder."""
    name = os.path.basename(path)
    suffix = name.rpartition(".")[2].lower()
    return suffix in SUFFIXES or suffix in BESIDE or name in STOPPERS or not os.path.isfile(path)


def _wanted(found: dict[int, str], paths: list[str], data: str = "") -> dict | None:
    """Return the arguments of a scan that looks where these paths lie, None when it would see nothing there.

    What the server writes into a data folder inside the music does not count, or each scan would ask for the next.
    """
    folders: dict[str, set[str]] = {}
    passed_over = False
    for folder in {path.rpartition("/")[0] for path in paths}:
        for number, root in found.items():
            if f"{folder}/".startswith(f"{root}/"):
                ours = data and _within(folder, data) and not _within(root, data)
                reached = None if ours else _reached(root, folder[len(root) + 1 :])
                if reached is None:
                    passed_over = True
                else:
                    folders.setdefault(str(number), set()).add(name_text(reached))
    if not folders and passed_over:
        return None
    if not folders or sum(map(len, folders.values())) > MANY:
        return {}
    return {"folders": {number: _tops(several) for number, several in sorted(folders.items())}}


def _reached(root: str, inside: str) -> str | None:
    """Return the path by which a walk of the whole comes to a folder, None when it passes that over.

    The watcher looks into hidden folders too, and names what two paths lead to by either of them.
    """
    at = ""
    for name in filter(None, inside.split("/")):
        if any(os.path.lexists(f"{root}/{at}/{stopper}") for stopper in STOPPERS):
            return at
        if name[0] == "." or name.lower() in PASSED_OVER:
            return None
        at = f"{at}/{name}" if at else name
        if os.path.islink(f"{root}/{at}"):
            home, there = os.path.realpath(root), os.path.realpath(f"{root}/{at}")
            if f"{home}/".startswith(f"{there}/") or there.startswith(f"{home}/"):
                whole = os.path.realpath(f"{root}/{inside}")
                return _reached(home, whole[len(home) + 1 :]) if f"{whole}/".startswith(f"{home}/") else None
    return at


def _within(path: str, folder: str) -> bool:
    return f"{os.path.realpath(path)}/".startswith(f"{folder}/")


def _tops(several: set[str]) -> list[str]:
    """Leave out folders that lie in another one of the list."""
    return sorted(p for p in several if not any(o != p and (o == "" or p.startswith(f"{o}/")) for o in several))


def _roots(found: dict[int, str]) -> dict[str, tuple]:
    """Return the music folders that are there, each with what tells it from another one mounted in its place."""
    roots = {}
    for path in found.values():
        try:
            about = os.stat(path)
        except OSError:
            continue
        if stat.S_ISDIR(about.st_mode):
            roots[path] = about.st_dev, about.st_ino
    return roots
