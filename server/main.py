"""Where everything is put together: opens the App for whoever needs it, and does a worker's jobs.

Only the commands import this, and `serving`, which mounts the fronts: to load those takes longer than many a command.
"""

import os
import secrets as randomness
import signal
import sys
import threading
from pathlib import Path

from server.app import App
from server.kernel import lasting, migrate, properties
from server.kernel.config import Config
from server.kernel.db import open_database
from server.kernel.errors import Conflict, Unavailable
from server.kernel.files import display, name_text
from server.kernel.ids import Ids, new_key
from server.kernel.jobs import WORKER_LOCK, Queue
from server.library import libraries
from server.users import accounts
from server.users.secrets import MasterKey, open_key, prepare
from subsonic.present import Faces

# Named and not imported: nobody leaves before the first answer, and a start would wait for these.
accounts.FAREWELLS += ["ai.taste:forget", "ai.made:forget"]

GRACE_S = 4.0
"""How long streams may go on after the word to end, and to be broken off: together less than a container's 10 s."""


def open_app(config: Config) -> App:
    """Open the database, bring it up to date and return what all parts share."""
    # Whatever is made from here on, the database and its backups first of all, is not for others on this machine.
    os.umask(0o077)
    data = config.data_path
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    db = open_database(config.database_url)
    migrate.migrate(db, data / "backups")
    with db.reading() as conn:
        key = properties.get(conn, "id key")
    if not key:
        with db.writing() as conn:
            key = properties.put_once(conn, "id key", str(new_key()))
    ids = Ids(int(key))
    if config.music:
        with db.writing() as conn:
            libraries.declare(conn, [(display(name_text(name)), name_text(path)) for name, path in config.music])
    return App(config, db, ids, Queue(config.redis, data / "queue.db"), Faces(ids.text))


def first_admin(app: App, key: MasterKey) -> tuple[str, str] | None:
    """Make the first administrator if there is nobody yet; return name and password when the password was made up."""
    with app.db.reading() as conn:
        if accounts.count(conn):
            return None
    name, given = app.config.admin_user, app.config.admin_password
    password = given or "-".join(randomness.token_hex(2) for _ in range(4))
    ready = prepare(password, name)
    with app.db.writing() as conn:
        made = accounts.first_admin(conn, key, name, ready)
    return (name, password) if made and not given else None


def master_key(config: Config) -> MasterKey:
    return open_key(config.data_path / "master.key")


def work(app: App, attached: bool) -> None:
    """Do a worker's jobs until told to end.

    An attached worker ends with the server that started it: it notices that its
    standard input was closed.
    """
    from ai import analyse, describe, embed, made, own_quality, towers
    from ai.minds import Minds
    from server.library import catching, scanning

    stop = threading.Event()
    app.parts[Minds] = Minds()
    threads = [
        lasting.thread(embed.keep_embedding, app, stop),
        lasting.thread(towers.keep_hearing, app, stop),
        lasting.thread(describe.keep_describing, app, stop),
        lasting.thread(made.keep_discovering, app, stop),
        lasting.thread(own_quality.keep_measuring, app, stop),
        lasting.thread(scanning.keep_scanning, app, stop),
        lasting.thread(_show_life, app, stop),
    ]
    bringing = lasting.thread(catching.keep_catching, app, stop)
    analysing = lasting.thread(analyse.keep_analysing, app, stop)
    threads += [bringing, analysing]
    if app.config.watch:
        threads.append(lasting.thread(scanning.watch, app, stop))
    if attached:
        threads.append(threading.Thread(target=_end_with_parent, daemon=True))
    # What a worker does can wait, and whoever listens cannot.
    os.nice(15)
    app.queue.submit(app.db, "scan")
    for thread in threads:
        thread.start()
    try:
        app.queue.consume(app)
    finally:
        stop.set()
        for thread in (bringing, analysing):
            thread.join(GRACE_S / 2)
        app.part(Minds).close_now()
        app.db.close()


def _show_life(app: App, stop: threading.Event) -> None:
    """Hold the lock by which others see that a worker lives; where another worker holds it, stand by."""
    while not stop.is_set():
        try:
            with app.db.lock(WORKER_LOCK):
                # Not for ever: a database that was restarted has forgotten the lock.
                stop.wait(60)
        except (Conflict, Unavailable):
            stop.wait(5)


def _end_with_parent() -> None:
    os.read(sys.stdin.fileno(), 1)
    os.kill(os.getpid(), signal.SIGTERM)


def lock_data(config: Config):
    """Return a held lock on the data folder. Raises Conflict when another server uses it."""
    import fcntl

    config.data_path.mkdir(mode=0o700, parents=True, exist_ok=True)
    file = open(config.data_path / "server.lock", "w")  # noqa: SIM115 -- held for the life of the process
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        raise Conflict(f"Another Familiar already uses {Path(config.data).resolve()}.") from None
    return file


__all__ = ["first_admin", "lock_data", "master_key", "open_app", "work"]
