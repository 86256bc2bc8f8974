"""The suite names every fault of a server, and none where there is none."""

from collections.abc import Sequence
from random import Random
from typing import Any

import pytest

from conformance.client import Account, Client
from conformance.examples import COVERED
from conformance.model import BOOK, FAILED, PASSED, Outcome
from conformance.run import run
from conformance.site import Site
from conformance.tests.fake import Fake, served
from conformance.tests.faults import FAULTS, SAID, Fault
from conformance.tests.misdeeds import MISDEEDS

SLOW = ("hostile", "wrong")  # a hundred calls each: run where they are meant


def visit(url: str, *only: str, without: Sequence[str] = ()) -> list[Outcome]:
    """All outcomes for the fake server; everything is undone again."""
    site = Site(Client(url), Account("admin", "sesame"), Account("bob", "bobpass"))
    try:
        site.arrive()
        outcomes = list(run(site, only, [rule for rule in BOOK.rules if rule.id not in without]))
        assert not site.leave()
    finally:
        site.client.close()
    return outcomes


@pytest.fixture(scope="module")
def server():
    """One socket for all faults; each test puts a fresh mind behind it."""
    with served() as (fake, url):
        yield fake, url


def fresh(fake: Fake) -> None:
    for name in list(vars(fake)):
        delattr(fake, name)
    fake.__init__()


def test_a_right_server_has_no_fault_and_is_left_as_it_was(server):
    fake, url = server
    fresh(fake)
    outcomes = visit(url)
    assert [(o.endpoint, o.rule.id, o.got) for o in outcomes if o.state == FAILED] == []
    assert sum(o.state == PASSED for o in outcomes) > 1700
    assert set(fake.state.people) == {"admin", "bob"}
    assert not fake.state.playlists
    for person in fake.state.people.values():
        assert not (person.starred or person.rating or person.bookmarks or person.queue.get("ids"))


@pytest.mark.parametrize("fault", [*FAULTS, *MISDEEDS], ids=lambda fault: f"{fault.name} → {fault.rule}")
def test_a_fault_is_named(server, fault: Fault):
    fake, url = server
    fresh(fake)
    fault.apply(fake)
    without = () if fault.rule in SLOW else SLOW
    fallen = {o.rule.id for o in visit(url, fault.endpoint, without=without) if o.state == FAILED}
    assert fault.rule in fallen
    if fault.rule.startswith("fields.") and fault in SAID:
        assert {rule for rule in fallen if rule.startswith("fields.")} == {fault.rule}


def garbled(chance: Random, tree: Any) -> Any:
    """A tree with a few of its values replaced by what does not belong there."""
    if chance.random() < 0.04:
        return chance.choice([None, "", "x", -1, 1e300, [], {}, [None], {"id": None}, True])
    if isinstance(tree, dict):
        return {name: garbled(chance, value) for name, value in tree.items()}
    return [garbled(chance, one) for one in tree] if isinstance(tree, list) else tree


@pytest.mark.parametrize("seed", range(3))
def test_garbled_answers_are_faults_and_never_stop_the_suite(server, seed: int):
    fake, url = server
    fresh(fake)
    site = Site(Client(url), Account("admin", "sesame"), Account("bob", "bobpass"))
    site.arrive()
    chance = Random(seed)
    fake.spoil_tree = lambda call, tree: garbled(chance, tree)
    outcomes = list(run(site, (), [rule for rule in BOOK.rules if rule.id not in SLOW]))
    site.leave()
    site.client.close()
    assert {o.endpoint for o in outcomes} == set(COVERED)
    assert sum(o.state == FAILED for o in outcomes) > 100
