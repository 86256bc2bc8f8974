"""People on the command line: what `familiar user …` does.

The rule a newcomer would break: a password never comes as an argument, where
every process on the machine can read it; it is asked for, or read from a pipe.
"""

import getpass
import sys
from datetime import UTC, datetime

from server.kernel.clock import Millis
from server.kernel.db import Database
from server.kernel.errors import Invalid
from server.users import accounts, credentials
from server.users.accounts import Account, Changes
from server.users.people import LISTENER, OPERATOR
from server.users.secrets import MasterKey, prepare


def add(
    db: Database,
    key: MasterKey,
    name: str,
    admin: bool = False,
    email: str = "",
    roles: list[str] | None = None,
    libraries: tuple[int, ...] = (),
) -> None:
    """Add a user; without `roles` they may listen, download and have playlists."""
    wanted = (LISTENER if roles is None else frozenset(roles)) | ({"admin"} if admin else frozenset())
    password = prepare(ask_password(), name)
    with db.writing() as conn:
        accounts.create(conn, OPERATOR, key, name, password, email, wanted, libraries)
    print(f"Added {name}.")


def listing(db: Database) -> None:
    """Print all users."""
    with db.reading() as conn:
        everyone = accounts.everyone(conn, OPERATOR)
    if not everyone:
        print("There are no users yet.")
    for account in everyone:
        print(f"{account.name:<24} {_rights(account):<56} {_heard(account):<16} last seen {_day(account.seen_ms)}")


def passwd(db: Database, key: MasterKey, name: str) -> None:
    """Give a user another password."""
    password = prepare(ask_password(), name)
    with db.writing() as conn:
        accounts.set_password(conn, OPERATOR, key, name, password)
    print(f"{name} has a new password.")


def remove(db: Database, name: str) -> None:
    """Remove a user with their playlists, stars, ratings and history."""
    with db.writing() as conn:
        accounts.delete(conn, OPERATOR, name)
    print(f"Removed {name} and all that was theirs.")


def roles(db: Database, name: str, grant: list[str], revoke: list[str]) -> None:
    """Give and take rights, then print those that are left."""
    with db.writing() as conn:
        held = accounts.by_name(conn, OPERATOR, name).roles
        accounts.change(conn, OPERATOR, name, Changes(roles=held.union(grant).difference(revoke)))
        print(_rights(accounts.by_name(conn, OPERATOR, name)))


def hears(db: Database, name: str, libraries: tuple[int, ...]) -> None:
    """Choose the music folders that a user may hear; none named is all."""
    with db.writing() as conn:
        accounts.change(conn, OPERATOR, name, Changes(libraries=libraries))
        print(_heard(accounts.by_name(conn, OPERATOR, name)))


def app_password(db: Database, key: MasterKey, name: str, label: str) -> None:
    """Make a password for one app and print it, this once."""
    with db.writing() as conn:
        user_id = accounts.by_name(conn, OPERATOR, name).id
        credential_id, text = credentials.lend_app_password(conn, OPERATOR, key, user_id, label)
    print(f"{text}\nThis is number {credential_id}, for {label}. It is not shown again.")


def api_key(db: Database, key: MasterKey, name: str, label: str) -> None:
    """Make an API key and print it, this once."""
    with db.writing() as conn:
        user_id = accounts.by_name(conn, OPERATOR, name).id
        credential_id, text = credentials.lend_api_key(conn, OPERATOR, key, user_id, label)
    print(f"{text}\nThis is number {credential_id}, for {label}. It is not shown again.")


def lent(db: Database, name: str) -> None:
    """Print a user's app passwords and API keys, without the secrets."""
    with db.reading() as conn:
        user_id = accounts.by_name(conn, OPERATOR, name).id
        for each in credentials.of_user(conn, OPERATOR, user_id):
            print(
                f"{each.id:>5} {each.kind:<13} {each.name:<32} made {_day(each.created_ms)}, used {_day(each.used_ms)}"
            )


def revoke(db: Database, credential_id: int) -> None:
    """Take an app password or API key back."""
    with db.writing() as conn:
        credentials.revoke(conn, OPERATOR, credential_id)
    print("It is taken back.")


def tokens(db: Database, name: str | None, on: bool) -> None:
    """Switch token sign-in with the account's own password on or off, for one user or for all."""
    with db.writing() as conn:
        if name is None:
            accounts.offer_tokens(conn, OPERATOR, on)
        else:
            accounts.set_tokens(conn, OPERATOR, name, on)
    whose = "the own password of every account" if name is None else f"{name}'s own password"
    print(f"Token sign-in with {whose} is {'on' if on else 'off, and no copy of it is kept'}.")


def ask_password(prompt: str = "Password", once: bool = False) -> str:
    """Ask at a terminal, twice where it is a new one, or read one line from a pipe."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    password = getpass.getpass(f"{prompt}: ")
    if not once and getpass.getpass("Once more: ") != password:
        raise Invalid("The two are not the same; nothing was changed.")
    return password


def _rights(account: Account) -> str:
    return " ".join(sorted(account.roles)) or "no rights"


def _heard(account: Account) -> str:
    return "all folders" if account.all_libraries else f"folders {', '.join(map(str, account.libraries)) or 'none'}"


def _day(at_ms: Millis | None) -> str:
    return "never" if at_ms is None else datetime.fromtimestamp(at_ms / 1000, UTC).strftime("%Y-%m-%d")
