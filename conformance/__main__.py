"""The command line: `python -m conformance --url … --user … --password …`, and `python -m conformance music DIR`.

Exit status 0: nothing unknown fell short. 1: something did. 2: the server could not be asked at all.
"""

import argparse
import os
import sys
import time
from collections.abc import Sequence
from contextlib import nullcontext
from http.client import HTTPException
from pathlib import Path

from conformance import feed, known, page, report
from conformance.client import Account, Client
from conformance.examples import COVERED
from conformance.model import Outcome, Short
from conformance.music import library
from conformance.run import run
from conformance.site import Site

SCAN_S = 120

def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(
        prog="python -m conformance",
        description="Checks a Subsonic or OpenSubsonic server against the published documents, over HTTP only.",
        epilog="It takes away what it makes: playlists, stars, ratings, bookmarks, accounts, the play queue, shares, "
               "stations, podcasts. A few plays of two songs and some chat messages remain. With --read-only nothing "
               "is written at all. An administrator's account covers most; without a second account one is made for "
               "the run. `python -m conformance music DIR` writes a small library to test with.")
    made.add_argument("--url", required=True, help="address of the server, such as http://host:4533")
    made.add_argument("--user", required=True, help="an account, best an administrator")
    made.add_argument("--password", default=os.environ.get("CONFORMANCE_PASSWORD"),
                      help="its password (or CONFORMANCE_PASSWORD)")
    made.add_argument("--second-user", help="another, ordinary account")
    made.add_argument("--second-password", default=os.environ.get("CONFORMANCE_SECOND_PASSWORD"),
                      help="its password (or CONFORMANCE_SECOND_PASSWORD)")
    made.add_argument("--api-key", default=os.environ.get("CONFORMANCE_API_KEY", ""),
                      help="an API key of the first account (or CONFORMANCE_API_KEY): its rules are left out without")
    feeds = made.add_mutually_exclusive_group()
    feeds.add_argument("--feed", default="", metavar="URL", help="a podcast feed that the server can read")
    feeds.add_argument("--serve-feed", nargs="?", const="", metavar="HOST[:PORT]",
                       help="serve a feed of our own during the run, under a name of this machine that the server "
                            "can reach; without one 127.0.0.1")
    made.add_argument("--only", default="", metavar="ENDPOINT[,…]", help="only the rules of these endpoints")
    made.add_argument("--read-only", action="store_true", help="only rules that change nothing on the server")
    made.add_argument("--known", type=Path, metavar="FILE", help="known deviations of this server, with reasons")
    made.add_argument("--junit", type=Path, metavar="FILE", help="write the outcome as JUnit XML")
    made.add_argument("--json", type=Path, metavar="FILE", help="write the outcome as JSON")
    made.add_argument("--html", type=Path, metavar="FILE", help="write the outcome as a page to read")
    made.add_argument("--name", default="", help="the name of the server in reports, for one that does not say it")
    made.add_argument("--verbose", action="store_true", help="show skipped rules and known deviations too")
    return made


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    made = parser()
    given = made.parse_args(arguments)
    given.only = [name.removesuffix(".view") for name in given.only.split(",") if name]
    unknown = [name for name in given.only if name not in COVERED]
    if unknown:
        made.error(f"no rules for {', '.join(unknown)}; there are for {', '.join(COVERED)}")
    if given.password is None or (given.second_user and given.second_password is None):
        made.error("a password is missing")
    return given


def _collect(site: Site, only: list[str]) -> list[Outcome]:
    """Run the rules; whatever happens, undo what they made."""
    outcomes: list[Outcome] = []
    try:
        for outcome in run(site, only):
            outcomes.append(outcome)
    except KeyboardInterrupt:
        print("interrupted; cleaning up", file=sys.stderr)
        raise SystemExit(130) from None
    finally:
        for left in site.leave():
            print(f"could not be undone: {left}", file=sys.stderr)
        site.client.close()
    return outcomes


def main(arguments: Sequence[str] | None = None) -> int:
    words = sys.argv[1:] if arguments is None else list(arguments)
    if words[:1] == ["music"]:
        return _music(words[1:])
    given = _options(words)
    with feed.served(given.serve_feed) if given.serve_feed is not None else nullcontext(given.feed) as address:
        return _check(given, address)


def _music(words: Sequence[str]) -> int:
    made = argparse.ArgumentParser(prog="python -m conformance music",
                                   description="Writes a small music library to test a server with.")
    made.add_argument("folder", type=Path, metavar="DIR", help="where; it is made when it is not there")
    folder = made.parse_args(words).folder
    print(f"{library.make(folder)} tracks in {folder}")
    return 0


def _check(given: argparse.Namespace, address: str) -> int:
    started = time.monotonic()
    try:
        deviations = known.load(given.known) if given.known else []
        client = Client(given.url)
    except (OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    second = Account(given.second_user, given.second_password) if given.second_user else None
    site = Site(client, Account(given.user, given.password), second, given.read_only, given.api_key, address)
    try:
        site.arrive()
        if site.version >= (1, 15, 0) and not site.settle(SCAN_S):
            print("a scan is still running: what is compared may move", file=sys.stderr)
    except (OSError, HTTPException, Short) as error:
        print(f"{given.url} cannot be checked: {error}", file=sys.stderr)
        client.close()
        return 2
    outcomes = known.apply(_collect(site, given.only), deviations)
    _tell(given, site, outcomes, time.monotonic() - started)
    return 1 if not outcomes or any(outcome.state in report.BAD for outcome in outcomes) else 0


def _tell(given: argparse.Namespace, site: Site, outcomes: list[Outcome], seconds: float) -> None:
    print(report.table(outcomes, given.verbose))
    if many := report.everywhere(outcomes):
        print("fell short at many endpoints:")
        print(many)
    if reasons := report.skipped_because(outcomes):
        print("skipped because:")
        print(reasons)
    print(f"{site.product or 'a server without a name'}, protocol {site.version_text}: {report.summary(outcomes)} "
          f"({site.client.request_count} requests, {seconds:.1f} s)")
    name = given.name or site.product or given.url
    if given.json:
        given.json.write_text(report.as_json(outcomes, name))
    if given.junit:
        given.junit.write_text(report.as_junit(outcomes, name))
    if given.html:
        given.html.write_text(page.as_html(outcomes, name, site, given.read_only))


if __name__ == "__main__":
    sys.exit(main())
