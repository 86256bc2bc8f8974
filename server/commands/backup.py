"""`familiar backup`: one file that restores into either database."""

import argparse
from pathlib import Path

from server.commands.house import existing
from server.kernel.config import Config

ABOUT = (
    "Write one file with all that people have: accounts, stars, ratings, history, playlists, queues, and the library."
)
MORE = """\
The server may run meanwhile. The file is read back before it gets its name, so that one that is there is good; it
restores into SQLite and PostgreSQL alike. The music itself is not in it.

The master key is not in it either, so that a stolen backup tells no secrets. Without the key people still sign in with
their passwords, but app passwords and API keys have to be made anew: keep master.key of the data folder somewhere else,
or add it under a passphrase with --with-key."""


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", nargs="?", type=Path, metavar="FILE",
                        help="where to write it [default: a new file in backups of the data folder]")  # fmt: skip
    parser.add_argument("--with-key", action="store_true",
                        help="put the master key in as well, under a passphrase that is asked for")  # fmt: skip


def run(given: argparse.Namespace, config: Config) -> None:
    from server.operate import backups
    from server.users.cli import ask_password

    with existing(config):
        pass
    path, manifest = backups.backup(config, given.file, ask_password("Passphrase") if given.with_key else None)
    rows = {table: told["rows"] for table, told in manifest["tables"].items()}
    print(
        f"{path}: {rows['account']} accounts, {rows['playlist']} playlists, {rows['mark']} marks, {rows['play']} plays,"
        f" {rows['track']} tracks; {path.stat().st_size / 1e6:.1f} MB, read back and found good."
    )
    if not given.with_key:
        print(f"The master key is not in it; keep a copy of {config.data_path / backups.KEY_FILE} somewhere safe.")
