"""A parser that dies as parsers do in the wild, at files with certain names. Runs in a child process."""

import os
import time

from server.library.sung.child import read_many as really


def read_many(wanted: list) -> list:
    for path, _names in wanted:
        if path.endswith("crash.mp3"):
            os.abort()
        if path.endswith("exit.mp3"):
            os._exit(3)
        if path.endswith("hang.mp3"):
            time.sleep(600)
        if path.endswith("memory.mp3"):
            return [bytearray(1 << 40)]
    return really(wanted)
