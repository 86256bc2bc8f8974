"""Single facts about this installation that are kept in its database, by name.

What a person may set in a file or on the command line is configuration and does
not belong here.
"""

from server.kernel.db import Connection

OWNS = ("property",)


def get(db: Connection, name: str, default: str = "") -> str:
    """Return a fact, or `default` when it was never put down."""
    found = db.value("SELECT value FROM property WHERE name = :name", name=name)
    return default if found is None else found


def put(db: Connection, name: str, value: str) -> None:
    """Put a fact down, in place of what it was."""
    db.run(
        "INSERT INTO property (name, value) VALUES (:name, :value)"
        " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        name=name,
        value=value,
    )


def put_once(db: Connection, name: str, value: str) -> str:
    """Put a fact down unless it is there already, and return what is there."""
    db.run(
        "INSERT INTO property (name, value) VALUES (:name, :value) ON CONFLICT (name) DO NOTHING",
        name=name,
        value=value,
    )
    return get(db, name)
