"""Extensions: what is announced is there, and what is not announced answers as documented."""

from conformance import examples, facts
from conformance.model import MUST, SHOULD, Skip, expect, rule
from conformance.rules.every import BY_JSON
from conformance.site import Site

EXTENDED = tuple(name for name, e in facts.endpoints().items() if e.extension)
OF = {name: facts.endpoints()[name].extension for name in EXTENDED}


@rule("unannounced", SHOULD, "Where its extension is not announced an endpoint is HTTP 404, or a failure in the "
      "envelope.", *EXTENDED, needs="unannounced opensubsonic")
def unannounced(site: Site, endpoint: str) -> None:
    if site.read_only and endpoint in examples.WRITES:
        raise Skip("read-only")
    answer = site.ask(endpoint, {"id": "1"})
    if answer.status not in (404, 405, 410, 501):
        expect(answer.status == 200, f"{answer.asked} answered {answer.brief()}", "HTTP 404 or a failure")
        status = answer.tree().get("status")
        expect(status == "failed", f"{answer.asked} answered status {status!r}", "HTTP 404 or a failure")


@rule("announced", MUST, "Where its extension is announced an endpoint is there.",
      *(name for name in EXTENDED if name not in examples.WRITES))
def announced(site: Site, endpoint: str) -> None:
    how = {"body": b"{}"} if endpoint in BY_JSON else {}
    answer = site.ask(endpoint, {}, limit=65536, **how)
    missing = answer.status in (404, 405, 501) and not answer.body.lstrip().startswith((b"{", b"<subsonic", b"<?xml"))
    expect(not missing, f"{OF[endpoint]} is announced, {answer.asked} answered {answer.brief()}")
