"""Reasons tell of their listener, and of others only where nobody is meant by it."""

from types import SimpleNamespace

import pytest

from ai import because
from ai.candidates import POPULAR, TOGETHER
from server.kernel.clock import now_ms

TRACK = 7


@pytest.fixture
def ranked():
    known = {TRACK: SimpleNamespace(artist="Anna", genres=(), year=0)}
    return SimpleNamespace(sources={TOGETHER: {TRACK: 0.9}, POPULAR: {TRACK: 1.0}}, known=known, points={})


def listener():
    history = SimpleNamespace(
        finished=(), weights={}, starred=set(), starred_artists=frozenset(), last_ms={}, now_ms=now_ms()
    )
    return SimpleNamespace(history=history, modes=(), space=None)


def people(db, count: int) -> None:
    with db.writing() as conn:
        for number in range(count):
            conn.run("INSERT INTO account (name, key) VALUES (:name, :name)", name=f"u{number}")


@pytest.mark.parametrize(("count", "said"), [
    (1, "often heard beside what you play"), (2, "something else for once"), (3, "often heard beside what you play"),
])  # fmt: skip
def test_where_two_share_a_server_no_reason_says_what_the_other_plays(db, ranked, count, said):
    people(db, count)
    with db.reading() as conn:
        assert because.reasons(conn, listener(), ranked, [TRACK]) == [said]
