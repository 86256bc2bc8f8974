"""A few people for the tests of this folder; hashing is slow, so each password is prepared once."""

from functools import cache

from server.kernel.db import Database
from server.users import accounts
from server.users.people import OPERATOR
from server.users.secrets import MasterKey, NewPassword, prepare

KEY = MasterKey(b"k" * 32)
ANNA, BOB = "anna's canary 7Fq", "bob's canary 9Zt"


@cache
def prepared(text: str) -> NewPassword:
    return prepare(text)


def first(db: Database) -> int:
    """Make Anna, who is the first administrator."""
    with db.writing() as conn:
        return accounts.first_admin(conn, KEY, "Anna", prepared(ANNA))


def add(db: Database, name: str, password: str = BOB, **more) -> int:
    with db.writing() as conn:
        return accounts.create(conn, OPERATOR, KEY, name, prepared(password), **more)


def add_library(db: Database, name: str, removed: int = 0, online: int = 1) -> int:
    with db.writing() as conn:
        number = conn.insert(
            "INSERT INTO library (name, path, online, removed) VALUES (:name, :name, :online, :removed) RETURNING id",
            name=name,
            online=online,
            removed=removed,
        )
        conn.bump("accounts")
        return number


def write(db: Database, verb, *args, **more):
    with db.writing() as conn:
        return verb(conn, *args, **more)


def read(db: Database, verb, *args, **more):
    with db.reading() as conn:
        return verb(conn, *args, **more)
