"""What all tests of playlists begin with: a filled database and a clock."""

import pytest

from server.tests.plays.small import clock, fill

__all__ = ["clock"]


@pytest.fixture
def small(db, clock):
    """A database with the small library in it."""
    fill(db)
    return db
