"""What the doctor looks at: each check says in words what it found, and what to do where something is wrong.

A check never changes or makes anything; where looking itself fails, that is a finding too.
"""

import os
import shutil
import socket
import sqlite3
import stat
import subprocess
import sys
import sysconfig
import time
from collections.abc import Iterable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import NamedTuple

from ai import analyse, spaces, vectors, words
from server.kernel import migrate
from server.kernel.config import Config
from server.kernel.db import Database, open_database
from server.kernel.errors import Failure
from server.kernel.files import display, name_text, os_name
from server.library import folders, libraries
from server.operate import mounts
from server.stream import ffmpeg, players, profiles
from server.users.secrets import open_key

OK, NOTE, WRONG = "ok", "note", "wrong"
LOW_BYTES, EMPTY_BYTES = 2 << 30, 100 << 20
ENCODERS = tuple({profile.encoder: None for profile in profiles.PROFILES.values()})


class Finding(NamedTuple):
    state: str
    what: str
    sentence: str


def everything(config: Config) -> Iterator[Finding]:
    """Look at everything, one finding after the other."""
    yield python()
    yield encoder(config)
    if not players.is_off(config.jukebox):
        yield jukebox(config)
    yield data_folder(config.data_path)
    yield from room(config.data_path)
    db, found = database(config)
    yield found
    try:
        yield master_key(config.data_path / "master.key", db)
        yield from music(config, db)
        if config.analysis:
            yield listening()
        yield from similar_songs(db)
        yield finding_by_words(config, db)
        if config.watch:
            yield watching(db)
    finally:
        if db:
            db.close()
    yield redis(config.redis)
    yield port(config)
    yield clock()


def python() -> Finding:
    version = ".".join(map(str, sys.version_info[:3]))
    found = f"Python {version}, SQLite {sqlite3.sqlite_version}."
    if sqlite3.sqlite_version_info < (3, 40):
        return Finding(WRONG, "Python", f"{found} Familiar needs SQLite 3.40 or newer: use a newer Python.")
    # Debian's own, which is in /usr, is made with them and does not say so.
    if sys.base_prefix != "/usr" and "--enable-optimizations" not in (sysconfig.get_config_var("CONFIG_ARGS") or ""):
        found += " It was compiled without optimisations, so everything takes longer."
        return Finding(NOTE, "Python", f"{found} Remove .venv and say make run PYTHON=/usr/bin/python3, or another.")
    return Finding(OK, "Python", found)


def encoder(config: Config) -> Finding:
    """Find the encoder and what it can make."""
    found = ffmpeg.find(config.ffmpeg)
    if found is None:
        where = f"{config.ffmpeg} is no ffmpeg that runs." if config.ffmpeg else "none was found."
        return Finding(WRONG, "ffmpeg", f"{where} Music plays as it is, but cannot be converted: install ffmpeg.")
    listed = subprocess.run(
        [found.path, "-hide_banner", "-encoders"], capture_output=True, text=True, check=False
    ).stdout
    lacking = [name for name in ENCODERS if f" {name} " not in listed]
    if lacking:
        return Finding(WRONG, "ffmpeg", f"{found.version} at {found.path} lacks {', '.join(lacking)}.")
    return Finding(OK, "ffmpeg", f"{found.version} at {found.path}; it makes {', '.join(profiles.PROFILES)}.")


def jukebox(config: Config) -> Finding:
    """The player that makes noise on this machine."""
    found = players.find(config.jukebox, config.jukebox_device, lambda track, failed: None)
    if found is None:
        return Finding(WRONG, "jukebox", f"No player was found for the setting {config.jukebox}: install mpv.")
    return Finding(OK, "jukebox", f"{found.name} at {found.path} plays it.")


def data_folder(path: Path) -> Finding:
    if not path.exists():
        above = next(folder for folder in path.absolute().parents if folder.exists())
        if not os.access(above, os.W_OK | os.X_OK):
            return Finding(WRONG, "data folder", f"{path} is not there, and {above} may not be written.")
        return Finding(NOTE, "data folder", f"{path} is not there yet; the first start makes it.")
    if not os.access(path, os.R_OK | os.W_OK | os.X_OK):
        return Finding(WRONG, "data folder", f"{path} may not be written by this user.")
    kind = mounts.kind_of(path)
    if kind in mounts.NETWORK:
        return Finding(
            WRONG,
            "data folder",
            f"{path} is on a network file system ({kind}), where SQLite can lose data: use a local disk.",
        )
    if stat.S_IMODE(path.stat().st_mode) & 0o007:
        return Finding(
            NOTE, "data folder", f"{path} is open to every user of this machine. Close it: chmod o= '{path}'"
        )
    return Finding(OK, "data folder", f"{path} can be written.")


def room(path: Path) -> Iterator[Finding]:
    """Look at the room on the disk of the data folder."""
    if path.exists():
        free = shutil.disk_usage(path).free
        told = f"{free / (1 << 30):.1f} GB are free."
        if free < EMPTY_BYTES:
            yield Finding(WRONG, "disk", f"{told} Changes will soon be refused.")
        elif free < LOW_BYTES:
            yield Finding(NOTE, "disk", f"{told} That is little for covers and transcodes.")
        else:
            yield Finding(OK, "disk", told)


def database(config: Config) -> tuple[Database | None, Finding]:
    """Look at the database; return it opened when it can be used."""
    url = config.database_url
    path = Path(url[len("sqlite://") :]) if url.startswith("sqlite:") else None
    if path is not None and not path.exists():
        return None, Finding(NOTE, "database", f"{path} is not there yet; the first start makes it.")
    try:
        if path is not None and (damage := _damage(path)):
            return None, Finding(
                WRONG, "database", f"{path} is damaged ({damage}). Bring a backup back: familiar restore FILE"
            )
        db = open_database(url)
        waiting = migrate.pending(db)
        with db.reading() as conn:
            version = conn.value("SHOW server_version") if path is None else conn.value("PRAGMA journal_mode")
    except Failure as error:
        return None, Finding(WRONG, "database", str(error))
    except sqlite3.Error as error:
        return None, Finding(WRONG, "database", f"{path} cannot be used: {error}.")
    name = (
        f"PostgreSQL {version}"
        if path is None
        else f"SQLite, journal mode {version}, {path.stat().st_size / 1e6:.1f} MB"
    )
    if waiting:
        db.close()
        return None, Finding(NOTE, "database", f"{name}; {len(waiting)} steps behind, which the next start takes.")
    return db, Finding(OK, "database", f"{name}, sound and up to date.")


def _damage(path: Path) -> str:
    """Return what SQLite's own check says is wrong, or ""."""
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as raw:
            told = raw.execute("PRAGMA quick_check(1)").fetchone()[0]
            return "" if told == "ok" else told
    except sqlite3.DatabaseError as error:
        return str(error)


def master_key(path: Path, db: Database | None) -> Finding:
    if not path.exists():
        if db is None:
            return Finding(NOTE, "master key", f"{path} is not there yet; the first start makes it.")
        return Finding(
            WRONG,
            "master key",
            f"{path} is gone. Put it back from a backup, or app passwords and API keys must be made anew.",
        )
    try:
        open_key(path)
    except (Failure, OSError) as error:
        return Finding(WRONG, "master key", str(error))
    return Finding(OK, "master key", f"{path} is there, and closed to others.")


def music(config: Config, db: Database | None) -> Iterator[Finding]:
    """Look at every music folder that is set or known."""
    found = {name_text(path): display(name_text(name)) for name, path in config.music}
    if db is not None and not found:
        with db.reading() as conn:
            found = {library.path: library.name for library in libraries.everything(conn)}
    if not found:
        yield Finding(NOTE, "music", "No music folder is set: name one with --music or FAMILIAR_MUSIC.")
    for path, name in found.items():
        yield music_folder(name, os_name(path), config.watch)


def music_folder(name: str, path: str, watched: bool) -> Finding:
    what, shown = f"music {name}", display(name_text(path))
    try:
        with os.scandir(path) as entries:
            first = next(entries, None)
    except OSError as error:
        return Finding(
            WRONG, what, f"{shown} cannot be read: {error.strerror}. Its music stays known, but cannot be played."
        )
    if first is None:
        return Finding(
            WRONG, what, f"{shown} is empty. If a disk belongs there, it is not mounted; nothing is forgotten."
        )
    told = [f"{shown} can be read"]
    if os.path.exists(os.path.join(path, first.name.swapcase())) and first.name != first.name.swapcase():
        told.append("names there do not tell capitals apart")
    if (kind := mounts.kind_of(Path(path))) in mounts.NETWORK and watched:
        told.append(f"it is a network file system ({kind}), so changes show at the next scan by the clock only")
        return Finding(NOTE, what, f"{'; '.join(told)}.")
    return Finding(OK, what, f"{'; '.join(told)}.")


def watching(db: Database | None) -> Finding:
    """Compare how many folders the system can watch with how many there are."""
    try:
        most = int(Path("/proc/sys/fs/inotify/max_user_watches").read_text())
    except (OSError, ValueError):
        return Finding(NOTE, "watching", "This system does not say how many folders can be watched.")
    number = 0
    if db is not None:
        with db.reading() as conn:
            number = folders.count(conn)
    if number > most * 0.9:
        return Finding(
            WRONG, "watching", f"{number:,} folders, and the system watches {most:,} at most: raise"
            " fs.inotify.max_user_watches, or set watch = false and rely on scans by the clock.",
        )  # fmt: skip
    return Finding(OK, "watching", f"{number:,} folders of at most {most:,} that the system can watch.")


def listening() -> Finding:
    """See whether music can be analysed, and by what."""
    if sentence := analyse.lacking():
        return Finding(NOTE, "analysis", sentence)
    teller = "essentia" if analyse.essentia() else "Familiar itself (essentia is not installed)"
    return Finding(OK, "analysis", f"Music can be listened to; tempo and key are told by {teller}.")


def similar_songs(db: Database | None) -> Iterator[Finding]:
    """See whether PostgreSQL can compare songs; a file always can."""
    if db is None or db.dialect.name != "postgres":
        return
    with db.reading() as conn:
        sentence = vectors.trouble(conn)
    yield Finding(NOTE, "similar songs", sentence) if sentence else Finding(OK, "similar songs", "pgvector is there.")


def finding_by_words(config: Config, db: Database | None) -> Finding:
    """See whether a model of words is there and has read anything, or CLAP has heard the music."""
    folder = words.folder(config)
    if folder and (missing := words.missing(folder)):
        return Finding(WRONG, "description", missing)
    if db is not None:
        with db.reading() as conn:
            space = spaces.active(conn, spaces.TEXT)
            if folder or (space and space.kind == spaces.CLAP):
                return Finding(OK, "description", words.told(conn))
    if folder:
        return Finding(OK, "description", f"A model of words is in {folder}.")
    return Finding(NOTE, "description", "Music is found by description with a lexicon alone; `make words` or the"
                                        " setting text_model gives it a model of words.")  # fmt: skip


def redis(url: str) -> Finding:
    if not url:
        return Finding(OK, "queue", "The queue of jobs is a file in the data folder.")
    try:
        from redis import Redis
        from redis.exceptions import RedisError
    except ImportError:
        return Finding(WRONG, "queue", "A Redis URL is set, but the package redis is not installed.")
    try:
        with closing(Redis.from_url(url, socket_timeout=3, socket_connect_timeout=3)) as client:
            client.ping()
            return Finding(OK, "queue", f"Redis {client.info('server')['redis_version']} answers.")
    except (RedisError, ValueError, OSError) as error:
        # Only the kind of error: its text can hold the URL and so the password.
        return Finding(WRONG, "queue", f"Redis does not answer ({type(error).__name__}).")


def port(config: Config) -> Finding:
    """See whether the port is free, or Familiar's own already."""
    host = config.host if config.host not in ("", "0.0.0.0", "::") else "localhost"
    with suppress(OSError, ValueError):
        if _speaks(host, config.port, config.base_path):
            return Finding(OK, "port", f"Familiar answers at port {config.port}.")
    family = socket.AF_INET6 if ":" in config.host else socket.AF_INET
    with closing(socket.socket(family)) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((config.host, config.port))
        except OSError as error:
            return Finding(WRONG, "port", f"{config.host}:{config.port} cannot be used: {error.strerror}.")
    return Finding(OK, "port", f"{config.port} is free.")


def _speaks(host: str, number: int, base_path: str) -> bool:
    from http.client import HTTPConnection, HTTPException

    connection = HTTPConnection(host, number, timeout=3)
    try:
        connection.request("GET", f"{base_path}/health")
        return b'"version"' in connection.getresponse().read(1 << 16)
    except HTTPException:
        return False
    finally:
        connection.close()


def clock() -> Finding:
    """Compare the clock with the age of this very program: a wrong one makes wrong histories."""
    now = time.time()
    newest = max(path.stat().st_mtime for path in _own_files())
    if now < newest - 86_400:
        return Finding(WRONG, "clock", f"It is behind: it says {time.strftime('%Y-%m-%d', time.localtime(now))}.")
    return Finding(OK, "clock", time.strftime("%Y-%m-%d %H:%M:%S %Z", time.localtime(now)) + ".")


def _own_files() -> Iterable[Path]:
    return Path(__file__).parent.glob("*.py")
