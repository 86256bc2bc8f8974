"""Minds: what goes wrong in them is a Failure with a sentence for whoever asked."""

import asyncio
import logging

import pytest

from ai import minds
from ai.minds import Mind, Minds
from server.kernel.errors import NotFound, Unavailable


@pytest.fixture
def mind(monkeypatch):
    monkeypatch.setattr(minds, "MINDS", {"work": Mind("server.tests.kernel.childwork:work", 512, 60)})
    made = Minds()
    yield made
    made.close_now()


def test_a_mind_answers_and_its_failures_are_its_own(mind):
    assert mind.ask("work", {"do": "echo", "say": 7}) == 7
    with pytest.raises(NotFound):
        mind.ask("work", {"do": "missing"})


def test_one_that_ends_is_begun_again_for_the_next_question(mind):
    with pytest.raises(Unavailable, match="Try again in a moment"):
        mind.ask("work", {"do": "crash"})
    assert mind.ask("work", {"do": "echo", "say": 8}) == 8


def test_a_mistake_in_it_is_in_the_log_and_costs_only_that_answer(mind, caplog):
    with caplog.at_level(logging.ERROR), pytest.raises(Unavailable, match="log says how"):
        mind.ask("work", {"do": "bug"})
    assert "'work' has failed" in caplog.text
    assert asyncio.run(mind.think("work", {"do": "echo", "say": 9})) == 9
