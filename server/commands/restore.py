"""`familiar restore`: a backup brought back, or nothing changed."""

import argparse
from pathlib import Path

from server.kernel.config import Config

ABOUT = "Bring a backup back in place of what is there. Stop the server first."
MORE = """\
The backup is checked, brought up to date in a new database, and put in place at the end: whatever goes wrong before
that changes nothing. An SQLite database that was there is kept in backups of the data folder. A backup of a newer
Familiar is refused."""


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, metavar="FILE", help="the backup")
    parser.add_argument("--check", action="store_true", help="only read the backup and say whether it is good")


def run(given: argparse.Namespace, config: Config) -> None:
    from server.kernel import dump

    if given.check:
        dump.check(given.file)
        print(f"{given.file} is good. {_told(dump.manifest_of(given.file))}")
        return
    from server.main import lock_data
    from server.operate import backups
    from server.users.cli import ask_password

    lock = lock_data(config)
    try:
        done = backups.restore(config, given.file, lambda: ask_password("Passphrase", once=True))
    finally:
        lock.close()
    print(f"{given.file} is back. {_told(done.manifest)}")
    if done.kept:
        print(f"What was there before is kept as {done.kept}.")
    if not done.with_key:
        print("The backup had no master key; app passwords and API keys work where the same master.key is in place.")


def _told(manifest: dict) -> str:
    rows = {table: told.get("rows", 0) for table, told in manifest["tables"].items()}
    return (
        f"Made by Familiar {manifest.get('version')}: {rows.get('account', 0)} accounts, {rows.get('playlist', 0)}"
        f" playlists, {rows.get('mark', 0)} marks, {rows.get('play', 0)} plays, {rows.get('track', 0)} tracks."
    )
