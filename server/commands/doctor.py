"""`familiar doctor`: every check, a line each."""

import argparse

from server.kernel.config import Config

ABOUT = "Check everything this installation needs, and say what is wrong and what to do. It changes nothing."
MORE = "The exit status is 1 when something is wrong. Give it the settings that the server has."
SHOWN = (
    "data", "music", "database", "redis", "host", "port", "base_path", "watch", "ffmpeg", "jukebox", "jukebox_device",
    "analysis", "text_model",
)  # fmt: skip
SIGNS = {"ok": "ok  ", "note": "note", "wrong": "BAD "}


def options(parser: argparse.ArgumentParser) -> None:
    return None


def run(given: argparse.Namespace, config: Config) -> int:
    from server.operate import checks

    wrong = 0
    for found in checks.everything(config):
        wrong += found.state == checks.WRONG
        print(f"{SIGNS[found.state]}  {found.what:<14} {found.sentence}", flush=True)
    print("All is well." if not wrong else f"{wrong} {'thing is' if wrong == 1 else 'things are'} wrong.")
    return 1 if wrong else 0
