"""`familiar bench`: hands what was typed to the benchmarks."""

import argparse

from server.kernel.config import Config
from server.kernel.errors import Unavailable

ABOUT = "Measure how fast Familiar is on this machine, each line beside a reference from the same run."
TAKES_ALL = True


def options(parser: argparse.ArgumentParser) -> None:
    return None


def run(given: argparse.Namespace, config: Config) -> int | None:
    try:
        from server.bench.run import main
    except ImportError:
        raise Unavailable("The benchmarks are part of a clone, not of an installed package.") from None
    return main(given.rest)
