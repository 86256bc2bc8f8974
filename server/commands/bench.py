"""`familiar bench`: hands what was typed to the benchmarks."""

import argparse

from server.kernel.config import Config
from server.kernel.errors import Unavailable

ABOUT = "Measure how fast Familiar is on this machine, each line beside a reference from the same run."
MORE = "What else is typed goes to the benchmarks; `familiar bench help` lists them."
SHOWN = ("ffmpeg",)
TAKES_ALL = True
"""Words that are not known here are the benchmarks' own."""


def options(parser: argparse.ArgumentParser) -> None:
    return None


def run(given: argparse.Namespace, config: Config) -> int | None:
    try:
        from server.bench.run import main
    except ImportError:
        raise Unavailable("The benchmarks are part of a clone, not of an installed package.") from None
    return main(given.rest)
