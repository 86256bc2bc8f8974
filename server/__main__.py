"""The command line: `familiar serve · work · scan · user · migrate · backup · restore · doctor · demo · bench`."""

import argparse
import os
import sys

from server.kernel.config import SETTINGS, Config, load
from server.kernel.errors import Failure


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return the exit status."""
    given = _parser().parse_args(arguments)
    try:
        flags = {setting.name: getattr(given, setting.name, None) for setting in SETTINGS}
        return given.run(given, load(os.environ, flags, given.config)) or 0
    except Failure as error:
        print(f"familiar: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("familiar", description="A self-hosted music server that speaks Subsonic.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--config", metavar="FILE", help="settings file (default: familiar.toml in the data folder)")
    settings = common.add_argument_group("settings (each also as FAMILIAR_NAME in the environment)")
    for setting in SETTINGS:
        settings.add_argument(setting.flag, dest=setting.name, metavar=setting.kind.upper(), help=setting.sentence)

    def command(name: str, run, about: str) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, parents=[common], help=about, description=about)
        sub.set_defaults(run=run)
        return sub

    command("serve", _serve, "Serve music, with a worker beside.")
    worker = command("work", _work, "Do jobs only: scan, watch, keep the clock.")
    worker.add_argument("--attached", action="store_true", help=argparse.SUPPRESS)
    scanner = command("scan", _scan, "Scan the music folders now and wait for it.")
    scanner.add_argument("--full", action="store_true", help="read every file again, changed or not")
    command("migrate", _migrate, "Bring the database up to date and say what was done.")
    return parser


def _serve(given, config: Config) -> int:
    import asyncio

    from server import main as house
    from server.kernel import log

    log.start(config.log_level)
    lock = house.lock_data(config)
    app = house.open_app(config)
    made = house.first_admin(app, house.master_key(config))
    if made:
        print(f"The first administrator is {made[0]} with the password {made[1]}\nIt is shown only this once.", flush=True)

    def ready(port: int) -> None:
        host = "localhost" if config.host in ("0.0.0.0", "::", "") else config.host
        print(f"Familiar is at http://{host}:{port}{config.base_path}/", flush=True)

    try:
        asyncio.run(house.serve(app, ready))
    finally:
        app.db.close()
        lock.close()
    return 0


def _work(given, config: Config) -> int:
    from server import main as house
    from server.kernel import log

    log.start(config.log_level)
    house.work(house.open_app(config), given.attached)
    return 0


def _scan(given, config: Config) -> int:
    from server import main as house
    from server.library.scan import scan

    app = house.open_app(config)

    def report(progress: dict) -> bool:
        print(f"\r{progress['seen']} files seen, {progress['read']} read", end="", file=sys.stderr)
        return True

    tally = scan(app.db, app.ids, app.render, report, full=given.full)
    print(f"\r{tally.seen} files seen, {tally.added} new, {tally.changed} changed, {tally.moved} moved,"
          f" {tally.missing} missing, {tally.recovered} back, {tally.bad} unreadable")  # fmt: skip
    app.db.close()
    return 0


def _migrate(given, config: Config) -> int:
    from server.kernel import migrate
    from server.kernel.db import open_database

    db = open_database(config.database_url)
    taken = migrate.migrate(db, config.data_path / "backups")
    print("\n".join(taken) if taken else "The database is up to date.")
    db.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
