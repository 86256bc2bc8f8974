"""`familiar config`: every setting as it counts here and now. Secrets are masked, so it can be shown to others."""

import argparse

from server.kernel.config import Config

ABOUT = "Show every setting, its value and where that comes from. Passwords and URLs that hold them are masked."


def options(parser: argparse.ArgumentParser) -> None:
    return None


def run(given: argparse.Namespace, config: Config) -> None:
    shown = config.shown()
    wide, long = max(map(len, shown)), min(48, max(map(len, shown.values())))
    for name, value in shown.items():
        print(f"{name:<{wide}}  {value or '-':<{long}}  from {config.sources.get(name, 'the default')}")
