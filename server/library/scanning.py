"""The scan as a job, and what starts one: people, changes on disk, the clock."""

import logging
import os
import threading

from server.kernel import jobs
from server.kernel.files import name_text, os_name
from server.kernel.jobs import Running
from server.library import libraries
from server.library.collect import Tally
from server.library.scan import scan as run_scan

log = logging.getLogger("familiar.scan")

SETTLE_MS = 1500
"""A copy of a whole album is one event, not twelve."""
MANY = 200
"""From so many changed folders on, looking at everything is less work."""


@jobs.job
def scan(app, running: Running, full: bool = False, folders: dict | None = None) -> str:
    """Scan everything, or only the folders {library id: [path, …]}; return what was found, in words."""
    starts = {int(number): paths for number, paths in (folders or {}).items()}
    tally = run_scan(
        app.db, app.ids, app.render, running.report, full=full, wanted=list(starts) or None, starts=starts or None
    )
    log.info("scan: %s", told(tally))
    return told(tally)


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
        app.queue.submit(app.db, "scan")


def watch(app, stop: threading.Event) -> None:
    """Queue a scan of every folder in which something changes, until `stop` is set.

    Where the system tells of no changes (network disks, or more folders than it
    can watch) it says so in the log; scans by the clock find them then.
    """
    from watchfiles import Change, DefaultFilter

    class Everything(DefaultFilter):
        ignore_dirs = ()

        def __call__(self, change: Change, path: str) -> bool:
            return True

    while not stop.is_set():
        with app.db.reading() as conn:
            found = {library.id: os_name(library.path) for library in libraries.everything(conn)}
        try:
            _watch(app, found, stop, Everything())
        except (OSError, RuntimeError, FileNotFoundError) as error:
            log.warning("Changes on disk cannot be watched just now (%s); scans by the clock go on.", error)
            stop.wait(60)


def _watch(app, found: dict[int, str], stop: threading.Event, everything) -> None:
    from watchfiles import watch as changes

    roots = [path for path in found.values() if _is_folder(path)]
    if not roots:
        stop.wait(30)
        return
    for batch in changes(
        *roots, watch_filter=everything, debounce=SETTLE_MS, step=300, stop_event=stop, rust_timeout=5000,
        yield_on_timeout=True, raise_interrupt=False,
    ):  # fmt: skip
        if batch:
            app.queue.submit(app.db, "scan", **_wanted(found, [path for _, path in batch]))
        elif [path for path in found.values() if _is_folder(path)] != roots:
            # A music folder came or went: watch what there is now, and look at all of it.
            app.queue.submit(app.db, "scan")
            return


def _wanted(found: dict[int, str], paths: list[str]) -> dict:
    """Return the arguments of a scan that looks at the folders in which these paths lie."""
    folders: dict[str, set[str]] = {}
    for path in paths:
        for number, root in found.items():
            if path.startswith(f"{root}/"):
                inside = path[len(root) + 1 :].rpartition("/")[0]
                folders.setdefault(str(number), set()).add(name_text(inside))
    if not folders or sum(map(len, folders.values())) > MANY:
        return {}
    return {"folders": {number: _tops(several) for number, several in sorted(folders.items())}}


def _tops(several: set[str]) -> list[str]:
    """Leave out folders that lie in another one of the list."""
    return sorted(p for p in several if not any(o != p and (o == "" or p.startswith(f"{o}/")) for o in several))


def _is_folder(path: str) -> bool:
    return os.path.isdir(path)
