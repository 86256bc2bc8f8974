"""`familiar bench`: measures every promise about speed and says which are kept."""

import argparse
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import orjson

from server.bench import (
    analysing,
    every,
    finding,
    flows,
    neighbours,
    requests,
    scans,
    searches,
    starts,
    streams,
    writes,
)
from server.bench.report import HEAD, Line, summary
from server.bench.shop import QUICK, Pace, Shop, opened
from server.kernel.errors import Failure

BENCHES: dict[str, Callable[[Shop], Iterator[Line]]] = {
    "ping": requests.ping,
    "lists": requests.lists,
    "searching": searches.searching,
    "syncing": searches.syncing,
    "finding": finding.finding,
    "browsing": requests.browsing,
    "writes": writes.writes,
    "every": every.every,
    "neighbours": neighbours.neighbours,
    "flow": flows.flows,
    "formats": requests.formats,
    "covers": streams.covers,
    "streaming": streams.streaming,
    "transcoding": streams.transcoding,
    "starting": starts.starting,
    "reading": scans.reading,
    "rescanning": scans.rescanning,
    "scanning": scans.scanning,
    "analysing": analysing.analysing,
}


def main(argv: list[str] | None = None) -> int:
    """Measure, print a line for each promise, and return 0 when all that were measured are kept."""
    given = _parser().parse_args(argv)
    wanted = list(BENCHES) if given.only is None else given.only.split(",")
    if unknown := [name for name in wanted if name not in BENCHES]:
        print(f"There is no benchmark called {unknown[0]}; there are {', '.join(BENCHES)}.", file=sys.stderr)
        return 2
    tracks = [int(word) for word in (given.tracks or ("5000" if given.quick else "20000,100000")).split(",")]
    lines: list[Line] = []
    print(HEAD, flush=True)
    with opened(given.library, tracks, QUICK if given.quick else Pace()) as shop:
        for name in wanted:
            try:
                for line in BENCHES[name](shop):
                    lines.append(line)
                    print(line.text(), flush=True)
            except Failure as error:
                print(f"{name}: {error}", file=sys.stderr)
    print(summary(lines))
    if given.json:
        Path(given.json).write_bytes(orjson.dumps([line.record() for line in lines], option=orjson.OPT_INDENT_2))
    return 0 if all(line.reached is not False for line in lines) else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("familiar bench", description="Measure how fast Familiar is on this machine.")
    parser.add_argument("--only", metavar="NAME,…", help=f"some of {', '.join(BENCHES)}")
    parser.add_argument("--tracks", metavar="N,…", help="sizes of the libraries (default 20000,100000)")
    parser.add_argument("--quick", action="store_true", help="small libraries and few rounds: about a minute")
    parser.add_argument("--library", metavar="DIR", help="keep the generated libraries here, to use them again")
    parser.add_argument("--json", metavar="FILE", help="write the lines here as well")
    return parser
