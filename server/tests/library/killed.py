"""A scan that is killed: `python -m … URL WHEN` scans in small batches and ends with signal 9 in the third one."""

import os
import signal
import sys

from server.kernel.db import open_database
from server.library import collect, scan
from server.tests.shelf import IDS
from subsonic.present import Faces

AT = 3


def main(url: str, when: str) -> None:
    scan.BATCH = scan.READ_AT_ONCE = 2
    place, name = (collect.Collector, "write") if when == "inside" else (scan.Scanner, "_write")
    really, count = getattr(place, name), 0

    def write(self, *args) -> None:
        nonlocal count
        really(self, *args)
        count += 1
        if count == AT:
            os.kill(os.getpid(), signal.SIGKILL)

    setattr(place, name, write)
    scan.scan(open_database(url), IDS, Faces(IDS.text))


if __name__ == "__main__":
    main(*sys.argv[1:])
