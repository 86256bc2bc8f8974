"""People for the tests of this package."""

from collections.abc import Iterator
from typing import NamedTuple

import pytest

from server.app import App
from server.kernel.db import Connection
from server.tests.fixtures import KINDS, opened
from server.users.people import LISTENER, Viewer


@pytest.fixture
def viewer(library) -> Viewer:
    """Somebody who may hear every music folder of the drawn library."""
    from ai.tests.hearing import everywhere

    with library.db.reading() as conn:
        return Viewer(1, "anna", LISTENER, everywhere(conn))


@pytest.fixture(scope="session")
def minds():
    """The children that compute, one of each for all tests."""
    from ai.minds import Minds

    made = Minds()
    yield made
    made.close_now()


class Heard(NamedTuple):
    """A library that was listened to and can be compared; for tests that change nothing in it."""

    app: App
    styles: dict[int, int]
    viewer: Viewer


@pytest.fixture(scope="module", params=KINDS)
def heard(request, databases, scanned, music, tmp_path_factory, minds) -> Iterator[Heard]:
    """One for all tests of a file."""
    from ai.tests.hearing import compared, everywhere

    kind = databases(request.param)
    with kind.copy(scanned(kind.name)) as url, opened(url, music, tmp_path_factory.mktemp("data")) as app:
        styles = compared(app, minds)
        with app.db.reading() as conn:
            yield Heard(app, styles, Viewer(1, "anna", LISTENER, everywhere(conn)))


@pytest.fixture
def conn(heard) -> Iterator[Connection]:
    with heard.app.db.reading() as found:
        yield found
