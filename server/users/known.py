"""Accounts as they are held in memory for signing in, opened secrets included.

The rule a newcomer would break: what is found out about an account (a password
that Argon2 has checked) is carried over only while what it was found out about
is the same.
"""

import logging
import secrets
from dataclasses import dataclass, field

from server.kernel.db import Connection, long
from server.users import accounts, credentials
from server.users.people import Viewer
from server.users.secrets import MasterKey

RETIRED_MAX = 4
log = logging.getLogger("familiar.users")


@dataclass(slots=True)
class Secret:
    """One thing that an account can be opened with."""

    id: int
    """The credential's id; 0 is the account's own password."""
    digest: str = ""
    plain: bytes | None = field(default=None, repr=False)
    """None when only a hash is kept, or when the master key does not open the copy."""
    note_at_s: float = 0.0


@dataclass(slots=True)
class Known:
    """An account as it is held in memory."""

    key: str
    viewer: Viewer
    hash: str = field(repr=False)
    own: Secret
    tokens_off: bool
    apps: list[Secret] = field(default_factory=list)
    proved: bytes | None = field(default=None, repr=False)
    """Mark of a password that Argon2 has found right."""
    retired: tuple[bytes, ...] = field(default=(), repr=False)
    """Passwords that were right until lately: an app that still sends one is forgotten, not an attacker."""


@dataclass(slots=True)
class Table:
    """Everybody, as of one version of the accounts."""

    version: int
    names: dict[str, Known]
    """By key, and by the spellings that were used to sign in."""
    api_keys: dict[int, tuple[Known, Secret]]
    opened: dict[bytes, bytes | None]
    """What each sealed secret holds; None where this master key does not fit."""
    all_by_token: bool
    """Whether every account can be signed in to by token with its own password."""


NOBODY = Known("", Viewer(0, "", frozenset(), ()), "", Secret(0, "0" * 64, secrets.token_bytes(16)), False)
"""Stands in for a user who does not exist, so that the same steps are taken."""


@long
def load(db: Connection, key: MasterKey, old: Table | None) -> Table:
    """Read everybody, opening only secrets that `old` has not opened."""
    version = db.version("accounts")
    opened: dict[bytes, bytes | None] = {}

    def unseal(purpose: str, sealed: bytes | None, user_id: int, credential_id: int = 0) -> bytes | None:
        if sealed is None:
            return None
        if old is not None and sealed in old.opened:
            opened[sealed] = old.opened[sealed]
        else:
            opened[sealed] = key.open(purpose, sealed, user_id, credential_id)
        return opened[sealed]

    proofs = accounts.proofs(db)
    by_id: dict[int, Known] = {}
    for account in accounts.everyone(db):
        proof = proofs.get(account.id, accounts.Proof("", None))
        own = Secret(0, plain=unseal(accounts.PURPOSE, proof.sealed, account.id))
        by_id[account.id] = Known(account.key, account.viewer, proof.hash, own, account.tokens_off)
    api_keys = {}
    for stored in credentials.everything(db):
        known = by_id.get(stored.user_id)
        if known and stored.kind == credentials.API_KEY:
            api_keys[stored.id] = known, Secret(stored.id, stored.digest)
        elif known:
            plain = unseal(credentials.APP_PASSWORD, stored.sealed, stored.user_id, stored.id)
            known.apps.append(Secret(stored.id, stored.digest, plain))
    table = Table(
        version=version,
        names={known.key: known for known in by_id.values()},
        api_keys=api_keys,
        opened=opened,
        all_by_token=all(known.own.plain is not None for known in by_id.values()),
    )
    _carry_over(table, old)
    _warn_about_the_key(table, old)
    return table


def _carry_over(table: Table, old: Table | None) -> None:
    """Keep what was found out about accounts that are the same as before."""
    for name, before in old.names.items() if old else ():
        known = table.names.get(before.key)
        if known is None or known.viewer.user_id != before.viewer.user_id:
            continue
        table.names.setdefault(name, known)
        known.retired = _retired(known, before)
        if known.hash == before.hash:
            known.proved = before.proved
            known.own.note_at_s = before.own.note_at_s


def _retired(known: Known, before: Known) -> tuple[bytes, ...]:
    held = {secret.plain for secret in (known.own, *known.apps)}
    lost = [secret.plain for secret in (before.own, *before.apps) if secret.plain and secret.plain not in held]
    if known.own.plain is None:
        return ()  # the password may be one of these again, and only Argon2 knows
    return tuple(dict.fromkeys([*lost, *(plain for plain in before.retired if plain not in held)]))[:RETIRED_MAX]


def _warn_about_the_key(table: Table, old: Table | None) -> None:
    shut = sum(plain is None for plain in table.opened.values())
    if shut and (old is None or shut > sum(plain is None for plain in old.opened.values())):
        log.warning(
            "This master key does not open %d stored passwords: it is not the key they were sealed with. Users can sign"
            " in with their password itself, which mends it; app passwords and API keys have to be made anew.",
            shut,
        )
