"""Scanning: only that it answers and tells; what a scan finds is the server's affair."""

from conformance.model import MUST, SHOULD, expect, rule
from conformance.site import Site


@rule("count", SHOULD, "The scan's state says how many items are known or seen.", "getScanStatus")
def count(site: Site, endpoint: str) -> None:
    got = site.read(endpoint).get("count")
    expect(isinstance(got, int) and got >= 0, f"count {got!r}")


@rule("starts", MUST, "startScan answers at once with the state of the scan; a second one while it runs is ok.",
      "startScan", needs="write admin")
def starts(site: Site, endpoint: str) -> None:
    for _ in range(2):
        found = site.read(endpoint)
        expect(isinstance(found.get("scanning"), bool), f"scanning {found.get('scanning')!r}")


@rule("guarded", SHOULD, "An ordinary account may not start a scan: error 50.", "startScan", needs="write second")
def guarded(site: Site, endpoint: str) -> None:
    site.refused(endpoint, (50,), site.second)
