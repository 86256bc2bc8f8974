"""`familiar migrate`: the steps that `serve` takes by itself, taken now."""

import argparse

from server.commands.house import existing
from server.kernel.config import Config

ABOUT = (
    "Bring the database up to date. `familiar serve` does this by itself; a copy of an SQLite database is kept first."
)


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--status", action="store_true", help="only say which steps are taken and which are not")


def run(given: argparse.Namespace, config: Config) -> None:
    from server.kernel import migrate

    with existing(config) as db:
        if given.status:
            waiting = migrate.pending(db)
            for step in migrate.steps():
                print(f"{step}  {'to be taken' if step in waiting else 'taken'}")
            return
        taken = migrate.migrate(db, config.data_path / "backups")
    print("\n".join(f"Took {step}." for step in taken) if taken else "The database is up to date.")
