"""Accounts: who there is, what each may do and hear.

The rule a newcomer would break: every change begins with `bump("accounts")`. It
signs changed people out at once, and on PostgreSQL it also makes two changes
wait for each other, without which two administrators could demote one another.
"""

from collections.abc import Callable, Iterable
from typing import NamedTuple

from server.kernel import properties
from server.kernel.clock import Kbps, Millis, now_ms
from server.kernel.db import Connection
from server.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from server.kernel.named import loaded
from server.users.names import checked, key_of
from server.users.people import LISTENER, OPERATOR, ROLES, Viewer
from server.users.secrets import MasterKey, NewPassword

OWNS = ("account", "account_library")
FAREWELLS: list[Callable[[Connection, int], None] | str] = []
"""Called with a user's id when that account is deleted; each noun removes its own rows. A text is
the name of one that is loaded only then."""
BITRATES = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
EMAIL_MAX = 254
PURPOSE = "account password"
LAST = "last account"
"""Property: the highest number that an account ever had."""
HEARD = "who_hears_what"
"""Property: when it last changed which music folders there are and who may hear them, in ms since 1970."""
TOKENS = "own_password_tokens"
"""Property: "off" when nobody may sign in by token with the account's own password."""


class Account(NamedTuple):
    """One person as an administrator sees them."""

    id: int
    name: str
    key: str
    email: str
    roles: frozenset[str]
    all_libraries: bool
    libraries: tuple[int, ...]
    """Ids of the music folders that they may hear, ascending, removed ones left out."""
    max_bitrate_kbps: Kbps
    tokens_off: bool
    """Whether they chose not to keep a copy of their password for token sign-in."""
    created_ms: Millis
    seen_ms: Millis | None

    @property
    def viewer(self) -> Viewer:
        return Viewer(self.id, self.name, self.roles, self.libraries, self.max_bitrate_kbps)


class Proof(NamedTuple):
    """What an account's own password is checked against."""

    hash: str
    sealed: bytes | None


class Changes(NamedTuple):
    """What to change in an account; None leaves it as it is."""

    email: str | None = None
    roles: frozenset[str] | None = None
    libraries: tuple[int, ...] | None = None
    """Ids of music folders; an empty tuple is all of them, future ones included."""
    max_bitrate_kbps: Kbps | None = None


def create(
    db: Connection,
    viewer: Viewer,
    key: MasterKey,
    name: str,
    password: NewPassword,
    email: str = "",
    roles: Iterable[str] = LISTENER,
    libraries: tuple[int, ...] = (),
    max_bitrate_kbps: Kbps = 0,
) -> int:
    """Add an account and return its id; no libraries means all, future ones included.

    Raises Forbidden, Invalid, and Conflict when the name is taken.
    """
    _admin_only(viewer)
    db.bump("accounts")
    return _insert(db, key, name, password, Changes(email, frozenset(roles), libraries, max_bitrate_kbps))


def first_admin(db: Connection, key: MasterKey, name: str, password: NewPassword) -> int | None:
    """Add the first administrator and return the id, or None when there is anybody already."""
    db.bump("accounts")
    if count(db):
        return None
    return _insert(db, key, name, password, Changes("", LISTENER | {"admin"}, (), 0))


def change(db: Connection, viewer: Viewer, name: str, changes: Changes) -> None:
    """Change an account. Raises Forbidden, NotFound, Invalid, and Conflict for the last administrator's demotion."""
    _admin_only(viewer)
    db.bump("accounts")
    user_id, roles = _found(db, name)
    if changes.roles is not None and "admin" in roles and "admin" not in changes.roles:
        _keep_an_admin(db, user_id)
    _write(db, user_id, changes)
    if changes.libraries is not None:
        hear_otherwise(db)


def set_password(db: Connection, viewer: Viewer, key: MasterKey, name: str, password: NewPassword) -> None:
    """Give an account another password: one's own with the right `settings`, anybody's as an administrator."""
    if key_of(name) != key_of(viewer.name) or not viewer.may("settings"):
        _admin_only(viewer, "You cannot change this password.")
    db.bump("accounts")
    user_id, _ = _found(db, name)
    db.run("UPDATE account SET password_hash = :hash WHERE id = :id", hash=password.hash, id=user_id)
    keep_copy(db, key, user_id, password)


def keep_copy(db: Connection, key: MasterKey, user_id: int, password: NewPassword) -> None:
    """Keep an encrypted copy for token sign-in, or none where that is switched off.

    Nothing happens when the account has another password by now.
    """
    off = db.value("SELECT tokens_off FROM account WHERE id = :id", id=user_id) or not tokens_offered(db)
    sealed = None if off else key.seal(PURPOSE, password.plain, user_id)
    db.run(
        "UPDATE account SET secret = :sealed WHERE id = :id AND password_hash = :hash",
        sealed=sealed,
        id=user_id,
        hash=password.hash,
    )
    db.bump("accounts")


def set_tokens(db: Connection, viewer: Viewer, name: str, on: bool) -> None:
    """Choose whether an account's own password works by token; off erases the copy that this needs.

    Switched on, a copy is kept again from the next sign-in that brings the password itself.
    """
    if key_of(name) != key_of(viewer.name):
        _admin_only(viewer)
    db.bump("accounts")
    user_id, _ = _found(db, name)
    if on:
        db.run("UPDATE account SET tokens_off = 0 WHERE id = :id", id=user_id)
    else:
        db.run("UPDATE account SET tokens_off = 1, secret = NULL WHERE id = :id", id=user_id)


def offer_tokens(db: Connection, viewer: Viewer, on: bool) -> None:
    """Choose the same for everybody at once; off erases every copy."""
    _admin_only(viewer)
    db.bump("accounts")
    properties.put(db, TOKENS, "on" if on else "off")
    if not on:
        db.run("UPDATE account SET secret = NULL WHERE secret IS NOT NULL")


def tokens_offered(db: Connection) -> bool:
    """Tell whether token sign-in with the account's own password is offered at all."""
    return properties.get(db, TOKENS, "on") != "off"


def delete(db: Connection, viewer: Viewer, name: str) -> int:
    """Remove an account and all that is theirs, and return its id. Raises Conflict for the last administrator."""
    _admin_only(viewer)
    db.bump("accounts")
    user_id, roles = _found(db, name)
    if "admin" in roles:
        _keep_an_admin(db, user_id)
    properties.put(db, LAST, str(_last(db)))
    for farewell in FAREWELLS:
        loaded(farewell)(db, user_id)
    db.run("DELETE FROM account_library WHERE user_id = :id", id=user_id)
    db.run("DELETE FROM account WHERE id = :id", id=user_id)
    return user_id


def by_name(db: Connection, viewer: Viewer, name: str) -> Account:
    """Return one's own account, or anybody's to an administrator, who alone is told that there is none."""
    if key_of(name) != key_of(viewer.name):
        _admin_only(viewer, "Only an administrator can look at the accounts of others.")
    for account in _accounts(db, "WHERE key = :key", key=key_of(name)):
        return account
    raise NotFound(f"There is no user called {name[:64]}.")


def hear_otherwise(db: Connection) -> None:
    """Note that it changes now which music folders there are, or who may hear them."""
    properties.put(db, HEARD, str(now_ms()))


def heard_so_since(db: Connection) -> Millis:
    """Return since when everybody may hear what they may hear now; 0 where that never changed."""
    return int(properties.get(db, HEARD, "0"))


def known_as(db: Connection, viewer: Viewer, name: str) -> str:
    """Return how a user's name is written; whoever is signed in may ask. Raises NotFound."""
    written = db.value("SELECT name FROM account WHERE key = :key", key=key_of(name))
    if written is None:
        raise NotFound(f"There is no user called {name[:64]}.")
    return written


def everyone(db: Connection, viewer: Viewer = OPERATOR) -> list[Account]:
    """List all accounts by name."""
    _admin_only(viewer)
    return _accounts(db, "ORDER BY key")


def viewer_of(db: Connection, user_id: int) -> Viewer:
    """Return the rights of a user. Raises NotFound."""
    for account in _accounts(db, "WHERE id = :id", id=user_id):
        return account.viewer
    raise NotFound("There is no such user any more.")


def proofs(db: Connection) -> dict[int, Proof]:
    """Return for each user's id what their own password is checked against."""
    return {row[0]: Proof(row[1], row[2]) for row in db.rows("SELECT id, password_hash, secret FROM account")}


def count(db: Connection) -> int:
    """Return how many accounts there are."""
    return db.value("SELECT CAST(count(*) AS BIGINT) FROM account")


def seen(db: Connection, user_id: int) -> None:
    """Note that somebody is here."""
    db.run("UPDATE account SET seen_ms = :now WHERE id = :id", now=now_ms(), id=user_id)


def _admin_only(viewer: Viewer, sentence: str = "Only an administrator can do this.") -> None:
    if not viewer.is_admin:
        raise Forbidden(sentence)


def _insert(db: Connection, key: MasterKey, name: str, password: NewPassword, settings: Changes) -> int:
    name = checked(name)
    # What somebody began before they left, a list or a picture, may be kept after it, and must not become another's.
    number = _last(db) + 1
    properties.put(db, LAST, str(number))
    user_id = db.insert(
        "INSERT INTO account (id, name, key, password_hash, created_ms) VALUES (:id, :name, :key, :hash, :now)"
        " ON CONFLICT (key) DO NOTHING RETURNING id",
        id=number,
        name=name,
        key=key_of(name),
        hash=password.hash,
        now=now_ms(),
    )
    if user_id is None:
        raise Conflict(f"There is a user called {name} already.")
    _write(db, user_id, settings)
    keep_copy(db, key, user_id, password)
    return user_id


def _last(db: Connection) -> int:
    """Return the highest number that an account ever had."""
    return max(int(properties.get(db, LAST, "0")), db.value("SELECT max(id) FROM account") or 0)


def _write(db: Connection, user_id: int, changes: Changes) -> None:
    if changes.email is not None:
        db.run("UPDATE account SET email = :email WHERE id = :id", email=_email(changes.email), id=user_id)
    if changes.roles is not None:
        db.run("UPDATE account SET roles = :roles WHERE id = :id", roles=_roles_text(changes.roles), id=user_id)
    if changes.max_bitrate_kbps is not None:
        if changes.max_bitrate_kbps not in BITRATES:
            offered = ", ".join(map(str, BITRATES))
            raise Invalid(f"The highest bit rate has to be one of {offered} kbit/s; 0 is no limit.")
        rate = changes.max_bitrate_kbps
        db.run("UPDATE account SET max_bitrate_kbps = :rate WHERE id = :id", rate=rate, id=user_id)
    if changes.libraries is not None:
        _write_libraries(db, user_id, changes.libraries)


def _write_libraries(db: Connection, user_id: int, libraries: tuple[int, ...]) -> None:
    known = {number for (number,) in db.rows("SELECT id FROM library WHERE removed = 0")}
    if unknown := [number for number in libraries if number not in known]:
        raise NotFound(f"There is no music folder {unknown[0]}.")
    db.run("UPDATE account SET all_libraries = :every WHERE id = :id", every=0 if libraries else 1, id=user_id)
    db.run("DELETE FROM account_library WHERE user_id = :id", id=user_id)
    db.many(
        "INSERT INTO account_library (user_id, library_id) VALUES (?, ?)",
        [(user_id, number) for number in sorted(set(libraries))],
    )


def _email(text: str) -> str:
    text = text.strip()
    if len(text) > EMAIL_MAX or not text.isprintable():
        raise Invalid(f"An e-mail address can have at most {EMAIL_MAX} printable characters.")
    return text


def _roles_text(roles: frozenset[str]) -> str:
    if unknown := sorted(roles.difference(ROLES)):
        raise Invalid(f"There is no right called {unknown[0]}; there are {', '.join(ROLES)}.")
    return " ".join(role for role in ROLES if role in roles)


def _found(db: Connection, name: str) -> tuple[int, frozenset[str]]:
    row = db.row("SELECT id, roles FROM account WHERE key = :key", key=key_of(name))
    if row is None:
        raise NotFound(f"There is no user called {name[:64]}.")
    return row[0], frozenset(row[1].split())


def _keep_an_admin(db: Connection, leaving: int) -> None:
    others = db.rows("SELECT roles FROM account WHERE id <> :id", id=leaving)
    if not any("admin" in roles.split() for (roles,) in others):
        raise Conflict("This is the only administrator, and there has to be one. Make somebody else one first.")


def _accounts(db: Connection, where: str, **params) -> list[Account]:
    there = [number for (number,) in db.rows("SELECT id FROM library WHERE removed = 0 ORDER BY id")]
    granted: dict[int, set[int]] = {}
    for user_id, library_id in db.rows("SELECT user_id, library_id FROM account_library"):
        granted.setdefault(user_id, set()).add(library_id)
    rows = db.rows(
        "SELECT id, name, key, email, roles, all_libraries, max_bitrate_kbps, tokens_off, created_ms, seen_ms"
        f" FROM account {where}",
        **params,
    )
    return [
        Account(
            id=number, name=name, key=key, email=email, roles=frozenset(roles.split()), all_libraries=bool(every),
            libraries=tuple([n for n in there if every or n in granted.get(number, ())]),
            max_bitrate_kbps=rate, tokens_off=bool(off), created_ms=created, seen_ms=at,
        )
        for number, name, key, email, roles, every, rate, off, created, at in rows
    ]  # fmt: skip
