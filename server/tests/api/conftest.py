"""A server whose library was listened to."""

import pytest

from ai.minds import Minds
from ai.tests.hearing import compared
from server.tests.running import Server


@pytest.fixture(scope="module")
def heard(server) -> Server:
    compared(server.app, server.app.part(Minds))
    return server
