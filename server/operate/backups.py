"""Backups of an installation: one file that restores into either database.

What was reported as good restores: the file is read back before it gets its name.
A restore works on a new database and puts it in place by one rename; whatever
goes wrong before that has touched nothing. The master key is never in a backup
unless a passphrase wraps it: a stolen backup tells no secrets.
"""

import os
import secrets
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import NamedTuple

import orjson

from server import VERSION
from server.kernel import dump, migrate
from server.kernel.clock import now_ms
from server.kernel.config import Config
from server.kernel.db import open_database
from server.kernel.errors import Conflict, Failure, Invalid, Unavailable
from server.kernel.files import give_to_owner, private_file, private_folder, sync_folder, write_whole

KEY_MEMBER = "master-key.json"
KEY_FILE = "master.key"
ARGON2 = {"time_cost": 3, "memory_cost": 64 * 1024, "parallelism": 4}
"""RFC 9106, the second recommended choice: a backup may be guessed at for years."""
PASSPHRASE_MIN = 10


class Restored(NamedTuple):
    manifest: dict
    kept: Path | None
    """Where the database that was there before is now."""
    with_key: bool


def backup(config: Config, target: Path | None = None, passphrase: str | None = None) -> tuple[Path, dict]:
    """Write a backup and return where it is and its manifest; with a passphrase the master key is in it, wrapped."""
    if target is None:
        target = config.data_path / "backups" / time.strftime("familiar-%Y-%m-%d-%H%M%S.zip")
    elif not target.parent.is_dir():
        # Made here, it would take the place of a disk that is not mounted, and fill the one below it.
        raise Invalid(f"There is no folder {target.parent}: mount the disk that it is on, or make it.")
    if target.exists():
        raise Conflict(f"{target} is there already; it was left alone.")
    extra = {} if passphrase is None else {KEY_MEMBER: _wrap((config.data_path / KEY_FILE).read_bytes(), passphrase)}
    about = {"version": VERSION, "made_ms": now_ms()}
    with _database(config.database_url) as db, _part_of(target) as part:
        about["database"] = db.dialect.name
        if migrate.pending(db):
            raise Conflict("The database is not up to date. Run `familiar migrate` first.")
        manifest = dump.write(db, part, about, extra)
        os.chmod(part, 0o600)
        give_to_owner(part)
        os.replace(part, target)
    sync_folder(target.parent)
    return target, manifest


def restore(config: Config, source: Path, ask_passphrase: Callable[[], str]) -> Restored:
    """Bring a backup back. The caller holds the lock of the data folder."""
    dump.check(source)
    sealed = dump.extra_of(source, KEY_MEMBER)
    key = None if sealed is None else _unwrap(sealed, ask_passphrase())
    folder = config.data_path
    fresh = folder / f".restore-{secrets.token_hex(6)}.db"
    try:
        private_file(fresh)
        manifest = dump.load(source, fresh)
        url = config.database_url
        if url.startswith("sqlite:"):
            kept = _swap(fresh, Path(url[len("sqlite://") :]), folder / "backups")
        else:
            with _database(url) as db:
                migrate.migrate(db)
                dump.replace(db, fresh)
            kept = None
    except sqlite3.Error as error:
        raise Unavailable(f"The backup could not be brought back, and nothing was changed: {error}.") from error
    finally:
        for ending in ("", "-wal", "-shm", "-journal", f".{migrate.LOCK}.lock"):
            Path(f"{fresh}{ending}").unlink(missing_ok=True)
    if key is not None:
        _put_key(folder / KEY_FILE, key)
    return Restored(manifest, kept, key is not None)


def _swap(fresh: Path, live: Path, backups: Path) -> Path | None:
    """Put the new file in the place of the live one, which is kept under another name."""
    aside, kept = backups / f"before-restore-{now_ms()}.db", None
    private_folder(backups)
    if live.exists():
        _alone(live)
        private_file(aside)
        try:
            shutil.copyfile(live, aside)
        except OSError:
            aside.unlink()
            raise
        kept = aside
    # What a database that was damaged, or deleted by hand, leaves of these would be played into the new one.
    for ending in ("-wal", "-journal"):
        if (log := Path(f"{live}{ending}")).exists():
            shutil.move(log, f"{aside}{ending}")
    Path(f"{live}-shm").unlink(missing_ok=True)
    os.replace(fresh, live)
    sync_folder(live.parent)
    return kept


def _alone(live: Path) -> None:
    """Fold the write-ahead log in. Raises Conflict when another process has the database open."""
    with closing(sqlite3.connect(live, isolation_level=None, timeout=3)) as raw:
        try:
            # Only the last connection may leave WAL mode.
            raw.execute("PRAGMA journal_mode = DELETE").fetchone()
        except sqlite3.OperationalError:
            raise Conflict("The database is in use: stop every Familiar that uses it first.") from None
        except sqlite3.DatabaseError:
            return  # damaged, which may be why somebody restores; it is kept as it is


def _wrap(key: bytes, passphrase: str) -> bytes:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    if len(passphrase) < PASSPHRASE_MIN:
        raise Invalid(f"A passphrase needs at least {PASSPHRASE_MIN} characters.")
    salt, nonce = secrets.token_bytes(16), secrets.token_bytes(12)
    sealed = AESGCM(_stretched(passphrase, salt, **ARGON2)).encrypt(nonce, key, KEY_MEMBER.encode())
    return orjson.dumps({"argon2id": ARGON2, "salt": salt.hex(), "nonce": nonce.hex(), "sealed": sealed.hex()})


def _unwrap(member: bytes, passphrase: str) -> bytes:
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    try:
        told = orjson.loads(member)
        cost = {name: int(told["argon2id"][name]) for name in ARGON2}
        salt, nonce, sealed = (bytes.fromhex(told[name]) for name in ("salt", "nonce", "sealed"))
    except (ValueError, KeyError, TypeError):
        raise Invalid("The master key in this backup is damaged.") from None
    if cost["memory_cost"] > 1 << 20 or cost["time_cost"] > 16 or cost["parallelism"] > 16:
        raise Invalid("The master key in this backup asks for more memory than is reasonable.")
    try:
        return AESGCM(_stretched(passphrase, salt, **cost)).decrypt(nonce, sealed, KEY_MEMBER.encode())
    except InvalidTag:
        raise Invalid("That is not the passphrase of this backup; nothing was changed.") from None


def _stretched(passphrase: str, salt: bytes, time_cost: int, memory_cost: int, parallelism: int) -> bytes:
    from argon2.low_level import Type, hash_secret_raw

    return hash_secret_raw(passphrase.encode(), salt, time_cost, memory_cost, parallelism, 32, Type.ID)


def _put_key(path: Path, key: bytes) -> None:
    if path.exists() and path.read_bytes() != key:
        path.replace(path.with_name(f"{KEY_FILE}.before-restore-{now_ms()}"))
    write_whole(path, key)
    give_to_owner(path)


@contextmanager
def _part_of(target: Path) -> Iterator[Path]:
    """Give the path of an unfinished file beside the target, and remove what is left of it."""
    part = target.with_name(f".{target.name}.{secrets.token_hex(4)}.part")
    try:
        private_folder(target.parent)
        yield part
    except Failure:
        raise
    except (OSError, sqlite3.Error) as error:
        raise Unavailable(f"The backup could not be written, and there is none: {error}.") from error
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def _database(url: str):
    db = open_database(url)
    try:
        yield db
    finally:
        db.close()
