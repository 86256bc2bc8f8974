"""The databases of the tests of `server.users`, for the tests of this front."""

from server.tests.users.conftest import blank_postgres, blank_sqlite, db

__all__ = ["blank_postgres", "blank_sqlite", "db"]
