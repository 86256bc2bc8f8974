"""The suite names every fault of a server, and none where there is none."""

from collections.abc import Sequence
from random import Random
from typing import Any

import pytest

from conformance import feed, things
from conformance.client import Account, Client
from conformance.examples import COVERED
from conformance.model import BOOK, FAILED, PASSED, Outcome
from conformance.run import run
from conformance.site import Site
from conformance.tests import misdeeds, misdeeds_own, misdeeds_small, misdeeds_things
from conformance.tests.fake import API_KEY, Direct, Fake, served
from conformance.tests.faults import SAID, SENT, Fault

FEED: list[str] = []
DEEDS = [*misdeeds.MISDEEDS, *misdeeds_own.MISDEEDS, *misdeeds_things.MISDEEDS, *misdeeds_small.MISDEEDS]
SLOW = ("hostile", "wrong")  # a hundred calls each: run where they are meant


@pytest.fixture(scope="module", autouse=True)
def one_feed():
    """One feed for all tests, on a port of this machine."""
    with feed.served() as address, pytest.MonkeyPatch.context() as patch:
        patch.setattr(things, "PATIENCE_S", 0.05)
        FEED.append(address)
        yield
        FEED.clear()


def visit(client: Client, *only: str, without: Sequence[str] = ()) -> list[Outcome]:
    """All outcomes for the fake server; everything is undone again."""
    site = Site(client, Account("admin", "sesame"), Account("bob", "bobpass"), api_key=API_KEY, feed=FEED[0])
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
    outcomes = visit(Client(url))
    assert [(o.endpoint, o.rule.id, o.got) for o in outcomes if o.state == FAILED] == []
    assert sum(o.state == PASSED for o in outcomes) > 1700
    assert set(fake.state.people) == {"admin", "bob"}
    assert not (fake.state.playlists or fake.state.shares or fake.state.stations or fake.state.channels)
    assert len(fake.state.messages) < 20
    for person in fake.state.people.values():
        assert not (person.starred or person.rating or person.bookmarks or person.queue.get("ids"))


def fallen(client: Client, fault: Fault) -> set[str]:
    without = () if fault.rule in SLOW else SLOW
    return {o.rule.id for o in visit(client, fault.endpoint, without=without) if o.state == FAILED}


def named(fault: Fault) -> str:
    return f"{fault.name} → {fault.rule}"


@pytest.mark.parametrize("fault", SAID, ids=named)
def test_what_is_said_wrongly_is_named(fault: Fault):
    fake = Fake()
    fault.apply(fake)
    rules = fallen(Direct(fake), fault)
    assert fault.rule in rules
    if fault.rule.startswith("fields."):
        assert {rule for rule in rules if rule.startswith("fields.")} == {fault.rule}


@pytest.mark.parametrize("fault", SENT, ids=named)
def test_what_is_sent_wrongly_is_named(server, fault: Fault):
    fake, url = server
    fresh(fake)
    fault.apply(fake)
    assert fault.rule in fallen(Client(url), fault)


@pytest.mark.parametrize("fault", DEEDS, ids=named)
def test_what_is_done_wrongly_is_named(fault: Fault):
    fake = Fake()
    fault.apply(fake)
    assert fault.rule in fallen(Direct(fake), fault)


def garbled(chance: Random, tree: Any) -> Any:
    """A tree with a few of its values replaced by what does not belong there."""
    if chance.random() < 0.04:
        return chance.choice([None, "", "x", -1, 1e300, [], {}, [None], {"id": None}, True])
    if isinstance(tree, dict):
        return {name: garbled(chance, value) for name, value in tree.items()}
    return [garbled(chance, one) for one in tree] if isinstance(tree, list) else tree


@pytest.mark.parametrize("seed", range(3))
def test_garbled_answers_are_faults_and_never_stop_the_suite(seed: int):
    fake = Fake()
    site = Site(Direct(fake), Account("admin", "sesame"), Account("bob", "bobpass"), api_key=API_KEY, feed=FEED[0])
    site.arrive()
    chance = Random(seed)
    fake.spoil_tree = lambda call, tree: garbled(chance, tree)
    outcomes = list(run(site, (), [rule for rule in BOOK.rules if rule.id not in SLOW]))
    site.leave()
    assert {o.endpoint for o in outcomes} == set(COVERED)
    assert sum(o.state == FAILED for o in outcomes) > 100
