"""People for the tests of this package."""

import pytest

from server.users.people import LISTENER, Viewer


@pytest.fixture
def viewer(library) -> Viewer:
    """Somebody who may hear every music folder of the drawn library."""
    with library.db.reading() as conn:
        folders = tuple(number for (number,) in conn.rows("SELECT id FROM library ORDER BY id"))
    return Viewer(1, "anna", LISTENER, folders)


@pytest.fixture(scope="session")
def minds():
    """The children that compute, one of each for all tests."""
    from ai.minds import Minds

    made = Minds()
    yield made
    made.close_now()
