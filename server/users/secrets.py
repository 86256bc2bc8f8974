"""Secrets: the master key in its file, and what is done with it and with passwords.

The key stands outside the database, so that a stolen database or backup tells
nothing. The rule a newcomer would break: `cryptography` and `argon2` take 50 ms
and 30 ms to import, so they are imported on first use, and Argon2 (19 MiB and
about 30 ms) never runs on the event loop nor inside a transaction.
"""

import hashlib
import hmac
import os
import secrets
import stat
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from server.kernel.errors import Invalid
from server.users.names import key_of

KEY_BYTES = 32
NONCE_BYTES = 12
FORMAT = b"\x01"
"""First byte of every sealed value, so that another way of sealing can come later."""
PASSWORD_MIN, PASSWORD_MAX_BYTES = 8, 1024
OBVIOUS = frozenset((
    "password", "passw0rd", "password1", "password123", "12345678", "123456789", "1234567890", "87654321",
    "11111111", "00000000", "qwertyui", "qwertyuiop", "qwerty123", "asdfghjkl", "iloveyou", "football", "baseball",
    "princess", "sunshine", "trustno1", "superman", "starwars", "welcome1", "letmein1", "changeme", "administrator",
    "subsonic", "navidrome", "familiar",
))  # fmt: skip
ARGON2 = {"time_cost": 2, "memory_cost": 19 * 1024, "parallelism": 1}
"""OWASP's least for Argon2id, https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html"""
LETTERS = "abcdefghijklmnopqrstuvwxyz234567"


class MasterKey:
    """32 secret bytes, and a key of its own for each purpose derived from them."""

    def __init__(self, raw: bytes):
        self._raw = raw
        self._ciphers: dict[str, object] = {}
        self._peppers: dict[str, bytes] = {}

    def seal(self, purpose: str, plain: str, user_id: int, credential_id: int = 0) -> bytes:
        """Return the text encrypted and bound to this user and credential: it opens nowhere else."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        sealed = self._cipher(purpose).encrypt(nonce, plain.encode(), _bound_to(purpose, user_id, credential_id))
        return FORMAT + nonce + sealed

    def open(self, purpose: str, blob: bytes, user_id: int, credential_id: int = 0) -> bytes | None:
        """Return what was sealed, or None when this is not the key it was sealed with."""
        from cryptography.exceptions import InvalidTag

        if blob[:1] != FORMAT or len(blob) < 1 + NONCE_BYTES + 16:
            return None
        nonce, sealed = blob[1 : 1 + NONCE_BYTES], blob[1 + NONCE_BYTES :]
        try:
            return self._cipher(purpose).decrypt(nonce, sealed, _bound_to(purpose, user_id, credential_id))
        except InvalidTag:
            return None

    def digest(self, purpose: str, text: str) -> str:
        """Return HMAC-SHA256 under this purpose's key: enough to recognise a long random secret, not to recover it."""
        pepper = self._peppers.get(purpose)
        if pepper is None:
            pepper = self._peppers[purpose] = self.derive(f"digest {purpose}")
        return hmac.digest(pepper, text.encode("utf-8", "surrogatepass"), "sha256").hex()

    def derive(self, purpose: str) -> bytes:
        """Return 32 bytes for one purpose by HKDF-SHA256 without salt (RFC 5869, one block)."""
        extracted = hmac.digest(bytes(32), self._raw, "sha256")
        return hmac.digest(extracted, b"familiar " + purpose.encode() + b"\x01", "sha256")

    def _cipher(self, purpose: str):
        cipher = self._ciphers.get(purpose)
        if cipher is None:
            from cryptography.hazmat.primitives.ciphers.aead import AESGCM

            cipher = self._ciphers[purpose] = AESGCM(self.derive(f"seal {purpose}"))
        return cipher


@dataclass(frozen=True, slots=True)
class NewPassword:
    """A password that has passed the rules and is ready to be stored."""

    plain: str
    hash: str

    def __repr__(self) -> str:
        return "NewPassword(…)"


def open_key(path: Path) -> MasterKey:
    """Read the master key, or make one when there is none; several processes may do so at once.

    Raises Invalid when the file cannot be trusted. There is never a default key.
    """
    try:
        raw = _read_key(path)
    except FileNotFoundError:
        _make_key(path)
        raw = _read_key(path)
    return MasterKey(raw)


def prepare(password: str, name: str = "") -> NewPassword:
    """Check a new password and hash it; takes 30 ms and 19 MiB.

    One rule at every door: md5 tokens travel over plain HTTP in many homes, and
    a shorter password is found from a single one of them within hours.
    """
    if len(password) < PASSWORD_MIN:
        raise Invalid(f"A password needs at least {PASSWORD_MIN} characters.")
    if len(password.encode("utf-8", "replace")) > PASSWORD_MAX_BYTES:
        raise Invalid(f"A password can have at most {PASSWORD_MAX_BYTES} bytes.")
    if any(ord(c) < 32 or 0xD800 <= ord(c) < 0xE000 for c in password):
        raise Invalid("A password cannot hold control characters.")
    if password.casefold() in OBVIOUS or key_of(password) == key_of(name):
        raise Invalid("This password is one of the first that anybody would try. Choose another one.")
    return NewPassword(password, _hasher().hash(password))


def verify(hashed: str, password: bytes) -> bool:
    """Tell whether this is the password; takes 30 ms and 19 MiB whatever the answer is."""
    from argon2.exceptions import InvalidHashError, VerificationError

    try:
        return _hasher().verify(hashed or _nobodys_hash(), password) and bool(hashed)
    except (VerificationError, InvalidHashError):
        return False


def token(password: bytes, salt: str) -> str:
    """Return the protocol's token, md5 of password and salt in hex."""
    return hashlib.md5(password + salt.encode("utf-8", "surrogatepass"), usedforsecurity=False).hexdigest()


def new_app_password() -> str:
    """Return 26 letters and digits: 130 random bits, typed without Shift."""
    return "".join(secrets.choice(LETTERS) for _ in range(26))


def new_api_key(credential_id: int) -> str:
    """Return `fk_<id>_<43 characters>`: 256 random bits behind a prefix that scanners can look for."""
    return f"fk_{credential_id}_{secrets.token_urlsafe(32)}"


def _bound_to(purpose: str, user_id: int, credential_id: int) -> bytes:
    return f"{purpose}:{user_id}:{credential_id}".encode()


@cache
def _hasher():
    from argon2 import PasswordHasher

    return PasswordHasher(**ARGON2)


@cache
def _nobodys_hash() -> str:
    """Return a hash that no password matches, so that an unknown user costs what a known one does."""
    return _hasher().hash(secrets.token_bytes(32))


def _read_key(path: Path) -> bytes:
    with open(path, "rb") as file:
        mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
        raw = file.read(KEY_BYTES + 1)
    if mode & 0o027:
        raise Invalid(
            f"The master key {path} is open to others on this machine (mode {mode:04o})."
            f" Close it with: chmod 600 '{path}'"
        )
    if len(raw) != KEY_BYTES:
        raise Invalid(
            f"The master key {path} is damaged: it has to be {KEY_BYTES} bytes long. Put it back from a backup, or"
            " remove it for a new one; app passwords and API keys then have to be made anew."
        )
    return raw


def _make_key(path: Path) -> None:
    """Write the whole key under another name first: whoever is killed here leaves no half of one."""
    fresh = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    fd = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        os.write(fd, secrets.token_bytes(KEY_BYTES))
        os.fsync(fd)
    finally:
        os.close(fd)
    try:
        os.link(fresh, path)
    except FileExistsError:
        pass  # another process was first, and its key counts
    finally:
        os.unlink(fresh)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
