"""Runs rules against a site and says what came of each.

A check that stumbles over a malformed answer counts as fallen short: a suite that crashes on a bad server is no use.
"""

from collections.abc import Iterable, Iterator, Sequence
from http.client import HTTPException

import conformance.rules  # noqa: F401  (importing declares the rules)
from conformance import examples
from conformance.model import BOOK, FAILED, PASSED, SKIPPED, Exchange, Outcome, Rule, Short, Skip
from conformance.site import UNREADABLE, Site

FIRST = "answer"
SILENT = "no answer"
PATIENCE = 5
WITHOUT_EXAMPLE = frozenset(("cors.preflight", "cors.error"))


def _makes_example(rule: Rule) -> bool:
    return rule.check.__module__.endswith(".every") and rule.id not in WITHOUT_EXAMPLE


def _lacks(site: Site, rule: Rule, endpoint: str) -> str:
    """Why a rule is left out here; a rule that makes the example call needs what that needs."""
    return site.lacks(rule.needs | (examples.needs(endpoint) if _makes_example(rule) else frozenset()), endpoint)


def judge(site: Site, rule: Rule, endpoint: str) -> Outcome:
    """What came of one rule for one endpoint."""
    try:
        if why := _lacks(site, rule, endpoint):
            return Outcome(endpoint, rule, SKIPPED, why)
        site.client.trail.clear()
        rule.check(site, endpoint)
    except Skip as why:
        return Outcome(endpoint, rule, SKIPPED, str(why))
    except Short as got:
        return Outcome(endpoint, rule, FAILED, str(got), got.wanted, trail(site))
    except (OSError, HTTPException) as error:
        return Outcome(endpoint, rule, FAILED, f"{SILENT}: {type(error).__name__} {error}", "", trail(site))
    except UNREADABLE as error:
        got = f"an answer that cannot be read: {type(error).__name__} {error}"
        return Outcome(endpoint, rule, FAILED, got, "", trail(site))
    return Outcome(endpoint, rule, PASSED)


def trail(site: Site) -> tuple[Exchange, ...]:
    """The last requests of a check, and what came."""
    return tuple(Exchange(address, answer.told()) for address, answer in site.client.trail)


def _endpoint(site: Site, endpoint: str, rules: Sequence[Rule]) -> Iterator[Outcome]:
    """All rules of one endpoint. One that does not answer its right call is said once, not forty times."""
    broken = absent = False
    for rule in rules:
        if endpoint not in rule.endpoints:
            continue
        if absent or (broken and _makes_example(rule)):
            yield Outcome(endpoint, rule, SKIPPED, "the right call fails already")
            continue
        outcome = judge(site, rule, endpoint)
        if rule.id == FIRST and outcome.state == FAILED:
            broken = True
            absent = _absent(site, endpoint)
        yield outcome


def _absent(site: Site, endpoint: str) -> bool:
    try:
        return site.ask(endpoint, limit=4096).status in (404, 405, 501)
    except (OSError, HTTPException):
        return False


def run(site: Site, only: Iterable[str] = (), rules: Sequence[Rule] = BOOK.rules) -> Iterator[Outcome]:
    """Every rule of every covered endpoint, or of those named, in the order of the documentation.

    Ends early when the server has not answered so many times in a row: it is gone, or it hangs.
    """
    chosen = frozenset(only) or frozenset(examples.COVERED)
    silent = 0
    for endpoint in examples.COVERED:
        if endpoint not in chosen:
            continue
        for outcome in _endpoint(site, endpoint, rules):
            if outcome.state != SKIPPED:
                silent = silent + 1 if outcome.got.startswith(SILENT) else 0
            yield outcome
            if silent == PATIENCE:
                return
