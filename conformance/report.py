"""What people and machines read of a run: a table for the console, JUnit for a build, JSON for everything else."""

import json
from collections import Counter
from dataclasses import asdict
from itertools import groupby
from xml.etree import ElementTree

from conformance.model import FAILED, KNOWN, MUST, PASSED, RETURNED, SKIPPED, Outcome

BAD = (FAILED, RETURNED)
MANY = 8


def _clean(text: str) -> str:
    """Text without what neither a console nor XML 1.0 can hold."""
    return "".join(c if c >= " " and not 0xD800 <= ord(c) <= 0xDFFF else "�" for c in text.replace("\n", " "))


def _counts(outcomes: list[Outcome]) -> tuple[int, int, int, int, int]:
    found = Counter(o.state for o in outcomes)
    must = sum(o.state in BAD and o.rule.level == MUST for o in outcomes)
    return found[PASSED], must, found[FAILED] + found[RETURNED] - must, found[KNOWN], found[SKIPPED]


def _by_rule(outcomes: list[Outcome]) -> dict[str, list[Outcome]]:
    """What fell short, by rules that did so at many endpoints."""
    found: dict[str, list[Outcome]] = {}
    for one in outcomes:
        if one.state in BAD:
            found.setdefault(one.rule.id, []).append(one)
    return {id_: rows for id_, rows in found.items() if len(rows) >= MANY and id_ != "answer"}


def everywhere(outcomes: list[Outcome]) -> str:
    """Rules that fell short at many endpoints, each said once."""
    lines = []
    for id_, rows in _by_rule(outcomes).items():
        first = rows[0]
        lines.append(f"    {first.rule.level} {id_}, at {len(rows)} endpoints: {first.rule.sentence}")
        lines.append(f"        got: {_clean(first.got)}")
        lines.append(f"        see: {first.rule.address(first.endpoint)}")
        lines.append(f"        at:  {', '.join(one.endpoint for one in rows)}")
    return "\n".join(lines)


def table(outcomes: list[Outcome], verbose: bool = False) -> str:
    """Endpoint by endpoint: how many rules passed, and each that did not with what was got.

    What falls short nearly everywhere stands below the table (`everywhere`), here only when `verbose`.
    """
    many = frozenset() if verbose else _by_rule(outcomes).keys()
    lines = [f"{'endpoint':<28}{'passed':>7}{'MUST':>6}{'SHOULD':>8}{'known':>7}{'skipped':>9}"]
    for endpoint, group in groupby(outcomes, key=lambda o: o.endpoint):
        rows = list(group)
        passed, must, should, known, skipped = (str(n) if n else "·" for n in _counts(rows))
        lines.append(f"{endpoint:<28}{passed:>7}{must:>6}{should:>8}{known:>7}{skipped:>9}")
        for one in rows:
            told = one.state in BAD and one.rule.id not in many
            if told or (verbose and one.state in (KNOWN, SKIPPED)):
                lines.append(f"    {one.state} {one.rule.level} {one.rule.id}: {one.rule.sentence}")
                lines.append(f"        got: {_clean(one.got)}")
                if one.state in BAD:
                    lines.append(f"        see: {one.rule.address(endpoint)}")
    return "\n".join(lines)


def summary(outcomes: list[Outcome]) -> str:
    passed, must, should, known, skipped = _counts(outcomes)
    return (f"{len(outcomes)} checks: {passed} passed, {must} MUST and {should} SHOULD fell short, "
            f"{known} known, {skipped} skipped")


def skipped_because(outcomes: list[Outcome]) -> str:
    """The reasons for which rules were left out, most frequent first."""
    found = Counter(_clean(o.got) for o in outcomes if o.state == SKIPPED)
    return "\n".join(f"    {n:>4}  {why}" for why, n in found.most_common())


def as_json(outcomes: list[Outcome], server: str) -> str:
    return json.dumps({
        "server": server,
        "summary": dict(Counter(o.state for o in outcomes)),
        "outcomes": [{"endpoint": o.endpoint, "rule": o.rule.id, "level": o.rule.level, "state": o.state,
                      "sentence": o.rule.sentence, "address": o.rule.address(o.endpoint), "got": o.got}
                     | ({"expected": o.wanted} if o.wanted else {})
                     | ({"asked": [asdict(e) for e in o.trail]} if o.trail else {})
                     for o in outcomes],
    }, indent=1, ensure_ascii=False)


def as_junit(outcomes: list[Outcome], server: str) -> str:
    """JUnit XML, one suite for each endpoint; a known deviation counts as skipped."""
    root = ElementTree.Element("testsuites", name=_clean(f"conformance of {server}"))
    for endpoint, group in groupby(outcomes, key=lambda o: o.endpoint):
        rows = list(group)
        suite = ElementTree.SubElement(
            root, "testsuite", name=endpoint, tests=str(len(rows)),
            failures=str(sum(o.state in BAD for o in rows)),
            skipped=str(sum(o.state in (SKIPPED, KNOWN) for o in rows)))
        for one in rows:
            case = ElementTree.SubElement(suite, "testcase", classname=endpoint, name=f"{one.rule.level} {one.rule.id}")
            if one.state in BAD:
                failure = ElementTree.SubElement(case, "failure", message=_clean(one.got))
                failure.text = _clean(f"{one.rule.sentence} {one.rule.address(endpoint)}")
            elif one.state in (SKIPPED, KNOWN):
                ElementTree.SubElement(case, "skipped", message=_clean(one.got))
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=True)
