"""What a rule is, and what can come of it.

A rule says one thing in one sentence, with the page where it can be read. A check raises `Short` with what was got,
`Skip` with the reason why the rule says nothing here, and otherwise has passed: it never returns a verdict.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

MUST, SHOULD = "MUST", "SHOULD"

DOCS = "https://opensubsonic.netlify.app/docs"
REFERENCE = f"{DOCS}/api-reference/"
SUBSONIC = "https://www.subsonic.org/pages/api.jsp"
RANGES = "https://www.rfc-editor.org/rfc/rfc9110#section-14"
HTTP = "https://www.rfc-editor.org/rfc/rfc9110"
FETCH = "https://fetch.spec.whatwg.org/#http-cors-protocol"

PASSED, FAILED, SKIPPED, KNOWN, RETURNED = "passed", "failed", "skipped", "known", "returned"


class Short(Exception):
    """The server fell short; the text says what was got, `wanted` what belongs there where the sentence does not."""

    def __init__(self, got: str, wanted: str = ""):
        super().__init__(got)
        self.wanted = wanted


class Skip(Exception):
    """The rule says nothing about this server; the text says why."""


@dataclass(frozen=True, slots=True)
class Rule:
    """`needs` names what must be there: write, admin, second, key, opensubsonic, songs, feed, share, podcast, jukebox,
    or an extension's name; `unannounced` turns it round: the extension of the endpoint is not announced."""

    id: str
    level: str
    sentence: str
    page: str
    endpoints: tuple[str, ...]
    check: Callable[[Any, str], None]
    needs: frozenset[str]

    def address(self, endpoint: str) -> str:
        return self.page or f"{DOCS}/endpoints/{endpoint.lower()}/"


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and its answer as people read them: secrets are masked, bodies cut short."""

    asked: str
    came: str


@dataclass(frozen=True, slots=True)
class Outcome:
    endpoint: str
    rule: Rule
    state: str
    got: str = ""
    wanted: str = ""
    trail: tuple[Exchange, ...] = ()  # the last requests, where the server fell short


@dataclass(slots=True)
class Book:
    """All rules, in the order in which they are declared."""

    rules: list[Rule] = field(default_factory=list)

    def rule(self, id: str, level: str, sentence: str, *endpoints: str, page: str = "", needs: str = ""):
        """Declare the decorated `check(site, endpoint)` as a rule of these endpoints; `needs` is a list of words."""
        if not endpoints:
            raise ValueError(f"{id} is a rule of no endpoint")

        def declare(check: Callable[[Any, str], None]) -> Callable[[Any, str], None]:
            self.rules.append(Rule(id, level, sentence, page, endpoints, check, frozenset(needs.split())))
            return check

        return declare


BOOK = Book()
rule = BOOK.rule


def expect(truth: object, got: str, wanted: str = "") -> None:
    """Raise `Short` with what was got unless `truth` holds."""
    if not truth:
        raise Short(got, wanted)
