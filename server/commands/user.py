"""`familiar user`: people, their rights, their app passwords and API keys."""

import argparse

from server.commands.house import current
from server.commands.line import actions
from server.kernel.config import Config

ABOUT = "Add and change people, app passwords and API keys. It takes effect at once, also in a running server."
MORE = """\
A password is asked for, or read as one line from a pipe; it is never an argument, where others could see it.

examples:
  familiar user add anna
  familiar user add anna --admin < password-file
  familiar user hears anna 1 2
  familiar user app-password anna "Phone" """
ROLES = ("admin", "settings", "download", "upload", "playlist", "coverArt", "comment", "podcast", "stream", "jukebox",
         "share", "videoConversion")  # fmt: skip


def options(parser: argparse.ArgumentParser) -> None:
    begun = actions(parser)

    def action(name: str, about: str, who: bool = True) -> argparse.ArgumentParser:
        made = begun(name, about)
        if who:
            made.add_argument("name", metavar="NAME", help="the user's name")
        return made

    add = action("add", "add a user")
    add.add_argument("--admin", action="store_true", help="an administrator")
    add.add_argument("--email", default="", metavar="ADDRESS", help="e-mail address")
    add.add_argument("--role", action="append", dest="roles", choices=ROLES, metavar="ROLE",
                     help=f"a right, in place of the usual ones; of {' '.join(ROLES)}")  # fmt: skip
    add.add_argument("--folder", action="append", dest="folders", type=int, default=[], metavar="NUMBER",
                     help="a music folder that they may hear, by number; none named is all")  # fmt: skip
    action("list", "list all users", who=False)
    action("passwd", "give a user another password")
    action("remove", "remove a user with their playlists, stars, ratings and history")
    roles = action("roles", "give and take rights, and show those that are left")
    roles.add_argument("--grant", action="append", default=[], choices=ROLES, metavar="ROLE", help="a right to give")
    roles.add_argument("--revoke", action="append", default=[], choices=ROLES, metavar="ROLE", help="a right to take")
    hears = action("hears", "choose the music folders that a user may hear; none named is all")
    hears.add_argument("folders", nargs="*", type=int, metavar="NUMBER", help="music folders by number")
    for name, about in (("app-password", "make a password for one app"), ("api-key", "make an API key")):
        made = action(name, f"{about} and show it this once")
        made.add_argument("label", metavar="LABEL", help="what it is for, such as Phone")
    action("lent", "list a user's app passwords and API keys")
    revoke = action("revoke", "take an app password or API key back", who=False)
    revoke.add_argument("number", type=int, metavar="NUMBER", help="its number, as `user lent` shows it")
    tokens = action("tokens", "switch token sign-in with people's own passwords on or off", who=False)
    tokens.add_argument("state", choices=("on", "off"), help="off: apps need an app password, and no copy is kept")
    tokens.add_argument("name", nargs="?", metavar="NAME", help="one user; left out, everybody")


def run(given: argparse.Namespace, config: Config) -> None:
    if given.action == "add":
        _add(given, config)
        return
    with current(config) as db:
        _act(given, config, db)


def _add(given: argparse.Namespace, config: Config) -> None:
    """Add a user, also to an installation that this makes: the first one may be added before the first start."""
    from server import main as house
    from server.users import cli

    app = house.open_app(config)
    try:
        cli.add(
            app.db, house.master_key(config), given.name, given.admin, given.email, given.roles, tuple(given.folders)
        )
    finally:
        app.db.close()


def _act(given: argparse.Namespace, config: Config, db) -> None:
    from server.main import master_key
    from server.users import cli
    from subsonic import chapters

    match given.action:
        case "list":
            cli.listing(db)
        case "passwd":
            cli.passwd(db, master_key(config), given.name)
        case "remove":
            # What a part keeps of a person it removes itself, and a part that is not loaded removes nothing.
            chapters.load()
            cli.remove(db, given.name)
        case "roles":
            cli.roles(db, given.name, given.grant, given.revoke)
        case "hears":
            cli.hears(db, given.name, tuple(given.folders))
        case "app-password":
            cli.app_password(db, master_key(config), given.name, given.label)
        case "api-key":
            cli.api_key(db, master_key(config), given.name, given.label)
        case "lent":
            cli.lent(db, given.name)
        case "revoke":
            cli.revoke(db, given.number)
        case "tokens":
            cli.tokens(db, given.name, given.state == "on")
