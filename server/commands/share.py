"""`familiar share`: what people made public, with what apps have no field for: a password, and saving."""

import argparse
from datetime import UTC, datetime

from server.commands.house import current
from server.commands.line import actions
from server.kernel import properties
from server.kernel.clock import Millis, now_ms
from server.kernel.config import Config
from server.kernel.db import Connection, Database
from server.kernel.errors import Forbidden, Invalid, NotFound
from server.kernel.ids import Ids
from server.playlists import contents, shares
from server.playlists.shares import Change, Share
from server.users import accounts
from server.users.cli import ask_password
from server.users.people import OPERATOR
from server.users.secrets import prepare

ABOUT = "List what is shared, share something, change and end shares. It takes effect at once."
MORE = """\
A password is asked for, or read as one line from a pipe; it is never an argument, where others could see it.

examples:
  familiar share add anna al-7k2mf0c9xq --days 14 --download on
  familiar share list
  familiar share set sh-4m8q… --password
  familiar share remove sh-4m8q…"""
DAY_MS = 86_400_000


def options(parser: argparse.ArgumentParser) -> None:
    action = actions(parser)
    action("list", "list all shares")
    add = action("add", "share something in somebody's name")
    add.add_argument("name", metavar="NAME", help="the user's name; guests hear what this user may hear")
    ids = "ids of songs, albums, artists, playlists or folders, as search3 and getPlaylists tell them"
    add.add_argument("ids", nargs="+", metavar="ID", help=ids)
    change = action("set", "change a share")
    change.add_argument("share", metavar="SHARE", help="its id, as `share list` shows it")
    change.add_argument("--open", action="store_true", help="take its password away")
    for each in (add, change):
        each.add_argument("--description", metavar="TEXT", help="what its page says")
        each.add_argument("--days", type=int, metavar="N", help="how long it lasts from now; 0 is for ever")
        each.add_argument("--download", choices=("on", "off"), help="whether guests may save files")
        each.add_argument("--password", action="store_true", help="ask for a password that guests have to give")
    action("remove", "end a share").add_argument("share", metavar="SHARE", help="its id")


def run(given: argparse.Namespace, config: Config) -> None:
    with current(config) as db:
        match given.action:
            case "list":
                _list(db)
            case "add":
                _add(db, given, config)
            case "set":
                change = _change(given)._replace(open=given.open)
                with db.writing() as conn:
                    shares.update(conn, OPERATOR, given.share, change)
                    print(_line(shares.one(conn, OPERATOR, given.share)))
            case "remove":
                with db.writing() as conn:
                    shares.delete(conn, OPERATOR, given.share)
                print("It is over.")


def _list(db: Database) -> None:
    with db.reading() as conn:
        found = [share for share, _ in shares.listed(conn, OPERATOR)]
    if not found:
        print("Nothing is shared.")
    for share in found:
        print(_line(share))


def _add(db: Database, given: argparse.Namespace, config: Config) -> None:
    change = _change(given)
    with db.writing() as conn:
        viewer = accounts.by_name(conn, OPERATOR, given.name).viewer
        if not viewer.may("share"):
            raise Forbidden(f"{viewer.name} may not share. Let them: familiar user roles {viewer.name} --grant share")
        token = shares.create(conn, viewer, contents.named(_ids(conn), given.ids), change)
    print(f"{config.public_url or 'http://(this server)' + config.base_path}/share/{token}")


def _ids(conn: Connection) -> Ids:
    key = properties.get(conn, "id key")
    if not key:
        raise NotFound("This installation was never started, so there is nothing to share.")
    return Ids(int(key))


def _change(given: argparse.Namespace) -> Change:
    if given.days is not None and given.days < 0:
        raise Invalid("A share cannot have ended before it begins; `familiar share remove` ends one.")
    password = prepare(ask_password()) if given.password else None
    expires_ms = None if given.days is None else now_ms() + given.days * DAY_MS if given.days else 0
    download = None if given.download is None else given.download == "on"
    return Change(given.description, expires_ms, download, password)


def _line(share: Share) -> str:
    signs = [f"{share.visit_count} visits", f"until {_day(share.expires_ms)}" if share.expires_ms else "for ever"]
    signs += ["password"] if share.password_hash else []
    signs += ["saving"] if share.download else []
    description = " ".join(share.description.split())[:60]
    return f"{share.token}  {share.owner:<16} {', '.join(signs):<44} {description}".rstrip()


def _day(at_ms: Millis) -> str:
    return datetime.fromtimestamp(at_ms / 1000, UTC).strftime("%Y-%m-%d")
