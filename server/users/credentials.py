"""What a person lends to an app in place of their password: app passwords and API keys.

Both are made here, shown once and taken back one by one. The rule a newcomer
would break: a secret that people choose never comes here, because a bare HMAC
protects only what is long and random.
"""

import re
import secrets
from typing import NamedTuple

from server.kernel.clock import Millis, now_ms
from server.kernel.db import Connection
from server.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from server.users import accounts
from server.users.people import OPERATOR, Viewer
from server.users.secrets import MasterKey, new_api_key, new_app_password

OWNS = ("credential",)
APP_PASSWORD, API_KEY = "app password", "api key"
MOST = {APP_PASSWORD: 20, API_KEY: 50}
LABEL_MAX = 64
SHAPE = re.compile(r"fk_(\d{1,15})_[A-Za-z0-9_-]{43}", re.ASCII)


class Credential(NamedTuple):
    """An app password or API key as its owner sees it later: without the secret."""

    id: int
    user_id: int
    kind: str
    name: str
    created_ms: Millis
    used_ms: Millis | None


class Stored(NamedTuple):
    """What a credential is recognised by."""

    id: int
    user_id: int
    kind: str
    digest: str
    sealed: bytes | None
    used_ms: Millis | None


def lend_app_password(db: Connection, viewer: Viewer, key: MasterKey, user_id: int, name: str) -> tuple[int, str]:
    """Make an app password and return (id, password); it cannot be shown again."""
    _own_only(viewer, user_id)
    credential_id = _insert(db, user_id, APP_PASSWORD, name)
    text = new_app_password()
    sealed = key.seal(APP_PASSWORD, text, user_id, credential_id)
    _seal(db, credential_id, key.digest(APP_PASSWORD, text), sealed)
    return credential_id, text


def lend_api_key(db: Connection, viewer: Viewer, key: MasterKey, user_id: int, name: str) -> tuple[int, str]:
    """Make an API key and return (id, key); it cannot be shown again."""
    _own_only(viewer, user_id)
    credential_id = _insert(db, user_id, API_KEY, name)
    text = new_api_key(credential_id)
    _seal(db, credential_id, key.digest(API_KEY, text), None)
    return credential_id, text


def revoke(db: Connection, viewer: Viewer, credential_id: int) -> None:
    """Take an app password or API key back. Raises NotFound when it is somebody else's, too."""
    owner = None if viewer.is_admin else viewer.user_id
    found = db.value("SELECT user_id FROM credential WHERE id = :id", id=credential_id)
    if found is None or owner not in (None, found):
        raise NotFound("There is no such app password or API key.")
    db.bump("accounts")
    db.run("DELETE FROM credential WHERE id = :id", id=credential_id)


def of_user(db: Connection, viewer: Viewer, user_id: int) -> list[Credential]:
    """List a user's app passwords and API keys, oldest first."""
    _own_only(viewer, user_id)
    rows = db.rows(
        "SELECT id, user_id, kind, name, created_ms, used_ms FROM credential WHERE user_id = :user ORDER BY id",
        user=user_id,
    )
    return [Credential(*row) for row in rows]


def everything(db: Connection) -> list[Stored]:
    """List what every credential is recognised by."""
    return [Stored(*row) for row in db.rows("SELECT id, user_id, kind, digest, secret, used_ms FROM credential")]


def used(db: Connection, credential_id: int) -> None:
    """Note that a credential is in use."""
    db.run("UPDATE credential SET used_ms = :now WHERE id = :id", now=now_ms(), id=credential_id)


def id_in(api_key: str) -> int | None:
    """Return the credential that an API key names, or None when it has not the shape of one."""
    found = SHAPE.fullmatch(api_key)
    return int(found[1]) if found else None


def forget(db: Connection, user_id: int) -> None:
    """Remove all that a user has lent."""
    db.run("DELETE FROM credential WHERE user_id = :user", user=user_id)


accounts.FAREWELLS.append(forget)


def _own_only(viewer: Viewer, user_id: int) -> None:
    if user_id != viewer.user_id and not viewer.is_admin:
        raise Forbidden("These belong to somebody else.")


def _insert(db: Connection, user_id: int, kind: str, name: str) -> int:
    name = name.strip()
    if not name or len(name) > LABEL_MAX or not name.isprintable():
        raise Invalid(f"Name the app that this is for, in at most {LABEL_MAX} characters.")
    db.bump("accounts")
    accounts.viewer_of(db, user_id)
    held = sum(each.kind == kind for each in of_user(db, OPERATOR, user_id))
    if held >= MOST[kind]:
        raise Conflict(f"There are {held} of these already; take one back that is no longer used.")
    return db.insert(
        "INSERT INTO credential (user_id, kind, name, digest, created_ms)"
        " VALUES (:user, :kind, :name, :digest, :now) RETURNING id",
        user=user_id,
        kind=kind,
        name=name,
        digest=f"unset {secrets.token_hex(16)}",
        now=now_ms(),
    )


def _seal(db: Connection, credential_id: int, digest: str, sealed: bytes | None) -> None:
    db.run(
        "UPDATE credential SET digest = :digest, secret = :sealed WHERE id = :id",
        digest=digest,
        sealed=sealed,
        id=credential_id,
    )
