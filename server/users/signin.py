"""Sign-in: from what a client sends to the viewer that every verb takes.

Clients send credentials with every request, so accounts and opened secrets are
held in memory for as long as the version `accounts` stands still. The rule a
newcomer would break: between asking the limiter and counting the try nothing
may wait, and a refusal must cost and say the same for a user who does not exist.
"""

import asyncio
import hmac
import logging
import secrets
import time
from concurrent.futures import ThreadPoolExecutor

from server.kernel.db import Connection, Database
from server.kernel.errors import Failure, Unavailable
from server.users import accounts, credentials
from server.users.known import NOBODY, Known, Secret, Table, load
from server.users.limiter import Door, Guess, Limiter
from server.users.names import NAME_MAX, key_of
from server.users.people import Viewer
from server.users.secrets import PASSWORD_MAX_BYTES, MasterKey, NewPassword, token, verify

MISSING, WRONG, NO_TOKENS, CONFLICTING, BAD_KEY = 10, 40, 41, 43, 44
"""The protocol's numbers for a refusal: https://opensubsonic.netlify.app/docs/responses/error/"""
NOTED_EVERY_S = 600.0
"""How exact "last seen" is: one write in this time for each credential in use."""
SPELLINGS_MAX = 4_096
log = logging.getLogger("familiar.users")


class Refused(Failure):
    """A sign-in that failed. `code` is the protocol's; `help` says that a page of ours explains what to do.

    `wait_s` is above 0 where nothing was checked, because there were too many wrong tries.
    """

    def __init__(self, code: int, sentence: str, help: bool = False, wait_s: int = 0):
        super().__init__(sentence)
        self.code, self.help, self.wait_s = code, help, wait_s


class SignIn:
    """The one door that all fronts use."""

    def __init__(self, db: Database, key: MasterKey, limiter: Limiter | None = None):
        self._db, self.key, self._limiter = db, key, limiter or Limiter()
        self._marks = secrets.token_bytes(32)
        self._table: Table | None = None
        self._loading, self._hashing = asyncio.Lock(), asyncio.Lock()
        self._threads = ThreadPoolExecutor(1, "argon2")

    @property
    def limiter(self) -> Limiter:
        """What counts wrong tries, for other doors to count theirs in too."""
        return self._limiter

    def identify_fast(
        self,
        u: str | None,
        p: str | None,
        t: str | None,
        s: str | None,
        api_key: str | None,
        address: str,
        client: str = "",
    ) -> Viewer | None:
        """Return the viewer when memory is enough to tell, else None: then ask `identify`. Never waits nor refuses."""
        table = self._table
        if table is None or table.version != self._db.glance("accounts"):
            return None
        if api_key is None:
            known, secret = table.names.get(u), None
        elif u is p is t is s is None:
            known, secret = self._by_api_key(table, api_key)
        else:
            return None
        if known is None or not self._limiter.knows(Door(known.key, address, client)):
            return None
        if api_key is None:
            if p is None and t is not None and s is not None:
                secret = _by_token(known, t, s)
            elif p is not None and t is s is None:
                secret = self._by_password(known, p)
        if secret is None or time.monotonic() >= secret.note_at_s:
            return None
        return known.viewer

    async def identify(
        self,
        u: str | None,
        p: str | None,
        t: str | None,
        s: str | None,
        api_key: str | None,
        address: str,
        client: str = "",
    ) -> Viewer:
        """Return the viewer, or raise Refused. `address` is a place as `addresses.peer` tells it."""
        _usable(u, p, t, s, api_key)
        table = await self._current()
        if api_key is not None:
            return await self._api_key(table, api_key, address, client)
        key = key_of(u) if len(u) <= 4 * NAME_MAX else ""
        known, door = table.names.get(key), Door(key, address, client)
        self._ask(door)
        if t is not None:
            guess = Guess(token=t, salt=s)
            secret = _by_token(known or NOBODY, t, s)
            if known is None or secret is None:
                if known is None or not _outdated(known, guess):
                    self._limiter.wrong(door, guess)
                raise _wrong_token(table)
        else:
            guess = Guess(password=p)
            known, secret = await self._password(known, p, door, guess)
        return await self._welcome(u, known, secret, door, guess)

    async def aclose(self) -> None:
        """Let a running check end."""
        self._threads.shutdown(wait=True)

    def _ask(self, door: Door) -> None:
        if wait_s := self._limiter.wait_s(door):
            raise Refused(WRONG, f"Too many wrong sign-ins. Try again in {wait_s} seconds.", wait_s=wait_s)

    async def _current(self) -> Table:
        version = await self._db.version("accounts")
        if self._table is None or self._table.version != version:
            async with self._loading:
                if self._table is None or self._table.version != version:
                    self._table = await self._db.read(load, self.key, self._table)
        return self._table

    def _by_api_key(self, table: Table, text: str) -> tuple[Known | None, Secret | None]:
        known, secret = table.api_keys.get(credentials.id_in(text), (None, NOBODY.own))
        right = hmac.compare_digest(self.key.digest(credentials.API_KEY, text), secret.digest)
        return (known, secret) if right and known else (None, None)

    async def _api_key(self, table: Table, text: str, address: str, client: str) -> Viewer:
        guess = Guess(api_key=text)
        named, _ = table.api_keys.get(credentials.id_in(text), (None, None))
        door = Door(named.key if named else "", address, client)
        self._ask(door)
        known, secret = self._by_api_key(table, text)
        if known is None:
            self._limiter.wrong(door, guess)
            raise Refused(BAD_KEY, "This API key is unknown or was taken back.", help=True)
        return await self._welcome(known.key, known, secret, door, guess)

    def _by_password(self, known: Known, p: str) -> Secret | None:
        """Find the secret that this password is, as far as that can be told without Argon2."""
        plain = _plain(p)
        if plain is None:
            return None
        if known.own.plain is not None:
            if hmac.compare_digest(plain, known.own.plain):
                return known.own
        elif known.proved is not None and hmac.compare_digest(self._mark(plain), known.proved):
            return known.own
        if known.apps:
            digest = self.key.digest(credentials.APP_PASSWORD, plain.decode("utf-8", "surrogatepass"))
            for secret in known.apps:
                if hmac.compare_digest(digest, secret.digest):
                    return secret
        return None

    async def _password(self, known: Known | None, p: str, door: Door, guess: Guess) -> tuple[Known, Secret]:
        """Return what this password opens; a wrong one costs one run of Argon2, whoever it was meant for."""
        if (secret := self._by_password(known or NOBODY, p)) and known:
            return known, secret
        if known and _outdated(known, guess):
            raise Refused(WRONG, "Wrong user name or password.")
        self._limiter.wrong(door, guess)
        async with self._hashing:
            # Fifty covers are asked for at once: the first has proved the password for the others.
            if known and (secret := self._by_password(known, p)):
                return known, secret
            plain, hashed = _plain(p), known.hash if known else ""
            loop = asyncio.get_running_loop()
            right = await loop.run_in_executor(self._threads, verify, hashed, plain or b"")
            # Meanwhile the account may have gone, or its password.
            known = (await self._current()).names.get(door.account)
            if not right or plain is None or known is None or known.hash != hashed:
                raise Refused(WRONG, "Wrong user name or password.")
            known.proved = self._mark(plain)
        if known.own.plain is None and not known.tokens_off:
            await self._keep_copy(known, plain.decode())
        return known, known.own

    async def _keep_copy(self, known: Known, plain: str) -> None:
        """Make token sign-in possible from now on, as after a loss of the master key."""
        try:
            await self._db.write(accounts.keep_copy, self.key, known.viewer.user_id, NewPassword(plain, known.hash))
        except Unavailable as full:
            log.warning("No copy of a password was kept for token sign-in: %s", full)

    async def _welcome(self, spelling: str, known: Known, secret: Secret, door: Door, guess: Guess) -> Viewer:
        self._limiter.right(door, guess)
        if self._table is not None and len(self._table.names) < SPELLINGS_MAX:
            self._table.names.setdefault(spelling, known)
        if time.monotonic() >= secret.note_at_s:
            secret.note_at_s = time.monotonic() + NOTED_EVERY_S
            try:
                await self._db.write(_note, known.viewer.user_id, secret.id)
            except Unavailable as full:
                log.warning("Last use of an account was not noted: %s", full)
        return known.viewer

    def _mark(self, plain: bytes) -> bytes:
        return hmac.digest(self._marks, plain, "sha256")


def _usable(u: str | None, p: str | None, t: str | None, s: str | None, api_key: str | None) -> None:
    if api_key is not None:
        if not (u is p is t is s is None):
            raise Refused(CONFLICTING, "An API key stands alone: send no user name, password or token with it.", True)
        return
    if p is t is None:
        raise Refused(MISSING, "Sign in with u and p, with u, t and s, or with apiKey.")
    if u is None:
        raise Refused(MISSING, "The parameter 'u', the user's name, is missing.")
    if t is not None and s is None:
        raise Refused(MISSING, "The parameter 's', the salt of the token, is missing.")


def _plain(p: str) -> bytes | None:
    """Return the password in `p`, None when it cannot be one: `enc:` without hex, empty, or longer than any."""
    plain = p.encode("utf-8", "surrogatepass")
    if p.startswith("enc:"):
        try:
            plain = bytes.fromhex(p[4:])
            plain.decode()
        except ValueError:
            return None
    return plain if 0 < len(plain) <= PASSWORD_MAX_BYTES else None


def _by_token(known: Known, t: str, s: str) -> Secret | None:
    """Find the secret that this token was made from."""
    t = t.lower()
    if len(t) != 32 or not t.isascii():
        return None
    for secret in (known.own, *known.apps):
        made = token(secret.plain or NOBODY.own.plain, s)
        if hmac.compare_digest(made, t) and secret.plain:
            return secret
    return None


def _outdated(known: Known, guess: Guess) -> bool:
    """Tell whether this was right until lately: phones go on with an old password and must not shut the door."""
    if guess.password is not None:
        return _plain(guess.password) in known.retired
    return any(token(old, guess.salt) == guess.token.lower() for old in known.retired)


def _wrong_token(table: Table) -> Refused:
    """Refuse alike for everyone: 41, by which apps turn to the password itself, once it would help anybody here."""
    if table.all_by_token:
        return Refused(WRONG, "Wrong user name or password.")
    sentence = (
        "Wrong user name or password, or an account that takes no tokens."
        " Use an app password, or let the app send the password itself."
    )
    return Refused(NO_TOKENS, sentence, help=True)


def _note(db: Connection, user_id: int, credential_id: int) -> None:
    accounts.seen(db, user_id)
    if credential_id:
        credentials.used(db, credential_id)
