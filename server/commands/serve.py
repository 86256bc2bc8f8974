"""`familiar serve`: the server, with a worker beside it."""

import argparse
import asyncio
import gc
import subprocess
import sys

from server.kernel.config import BY_NAME, Config
from server.kernel.errors import Unavailable

ABOUT = "Serve music to Subsonic apps and browsers, with a worker beside that scans the music folders and listens."
MORE = """\
examples:
  familiar serve --music /srv/music
  familiar serve --music Albums=/srv/music:Kids=/srv/kids --data /var/lib/familiar --port 4533

Every setting can also stand in familiar.toml in the data folder (port = 4533), or in the environment under the name
in brackets; a flag counts more than the environment, and that more than the file."""
SHOWN = tuple(BY_NAME)


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--demo",
        action="store_true",
        help="where no music folder is known yet, make a small demo library and serve that",
    )


def run(given: argparse.Namespace, config: Config) -> int:
    # All that is loaded stays, so looking through it for garbage only takes time; `serving` begins with that later.
    gc.disable()
    from server import main as house
    from server.kernel import log, trust

    with trust.later():
        from server.serving import serve

    log.start(config.log_level)
    lock = house.lock_data(config)
    app = house.open_app(config)
    try:
        if given.demo:
            _demo(app)
        _welcome(app, house.first_admin(app, house.master_key(config)))
        asyncio.run(serve(app, lambda port: _ready(config, port)))
    finally:
        app.db.close()
        lock.close()
    return 0


def _demo(app) -> None:
    """Make the demo library the music of an installation that has none."""
    from server.library import libraries

    with app.db.reading() as conn:
        if libraries.everything(conn):
            return
    folder = app.config.data_path / "demo-music"
    if not folder.exists():
        print("There is no music folder yet: making a small demo library, which takes a few seconds.", flush=True)
        # In a process of its own: what composing takes of memory would stay with the server.
        command = [sys.executable, "-P", "-m", "server", "demo", folder, "--ffmpeg", app.config.ffmpeg]
        if subprocess.run(command, check=False, stdout=subprocess.DEVNULL).returncode:
            raise Unavailable("There is no demo library, so there is nothing to serve: name music with --music PATH.")
    with app.db.writing() as conn:
        libraries.declare(conn, [("Demo", str(folder))])


def _welcome(app, made: tuple[str, str] | None) -> None:
    from server.library import libraries

    if made:
        print(
            f"\n  Sign in as  {made[0]}\n  Password    {made[1]}\n\nThe password is shown only this once.", flush=True
        )
    with app.db.reading() as conn:
        if not libraries.everything(conn):
            print("No music folder is set: name one with --music PATH.", file=sys.stderr, flush=True)


def _ready(config: Config, port: int) -> None:
    host = "localhost" if config.host in ("0.0.0.0", "::", "") else config.host
    host = f"[{host}]" if ":" in host else host
    print(f"Familiar is at http://{host}:{port}{config.base_path}/", flush=True)
