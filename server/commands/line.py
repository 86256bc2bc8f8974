"""What was typed, read: the command, its options, the settings; with a guess where a word is not known.

An unknown word ends in one sentence, never in a page of usage: the page is what `--help` is for.
"""

import argparse
from collections.abc import Callable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from importlib import import_module
from types import ModuleType
from typing import NoReturn

from server import VERSION
from server.commands import COMMANDS
from server.kernel.config import SETTINGS, Config, Setting, load
from server.kernel.errors import Invalid

USUAL = ("data", "database")
"""Settings that every command is about; the others are taken everywhere and explained by `serve --help`."""
METAVARS = {
    "folders": "FOLDERS",
    "path": "PATH",
    "number": "N",
    "switch": "on|off",
    "networks": "NETWORKS",
    "address": "URL",
    "hours": "H-H",
    "prefix": "PATH",
    "level": "LEVEL",
    "queue": "URL",
    "text": "TEXT",
}


class Usage(Invalid):
    """What was typed makes no sense; the exit status is 2."""


Actions = Callable[[str, str], argparse.ArgumentParser]


class Parser(argparse.ArgumentParser):
    """A parser that complains in one sentence and never takes half a word for a whole one."""

    def __init__(self, *args, **options):
        super().__init__(*args, allow_abbrev=False, formatter_class=argparse.RawDescriptionHelpFormatter, **options)
        self.register("type", int, _whole)

    def error(self, message: str) -> NoReturn:
        raise Usage(f"{message[:1].upper()}{message[1:]}. See `{self.prog} --help`.")


def read(arguments: Sequence[str], environment: Mapping[str, str]) -> tuple[ModuleType, argparse.Namespace, Config]:
    """Return the command's module, its options and the settings. Raises Usage, and Invalid for a bad setting."""
    words = list(arguments)
    if not words or words[0] in ("-h", "--help", "--version"):
        _top().parse_args(words or ["--help"])
    name = words.pop(0)
    if name not in COMMANDS:
        raise Usage(f"There is no command {name!r}.{_guess(name, COMMANDS)} See `familiar --help`.")
    module = import_module(f"server.commands.{name}")
    parser = _parser(name, module)
    given, unknown = parser.parse_known_args(words)
    if takes_all(module):
        given.rest = unknown
    elif unknown:
        word = unknown[0].partition("=")[0]
        known = (option for each in _with_all_below(parser) for option in each._option_string_actions)
        raise Usage(f"`familiar {name}` knows no {word!r}.{_guess(word, known)} See `familiar {name} --help`.")
    flags = {setting.name: getattr(given, setting.name, None) for setting in SETTINGS}
    return module, given, load(environment, flags, getattr(given, "config", None))


def actions(parser: argparse.ArgumentParser) -> Actions:
    """Give a command actions, one of which is required: call what is returned with each one's name and purpose."""
    below = parser.add_subparsers(dest="action", required=True, metavar="ACTION")

    def action(name: str, about: str) -> argparse.ArgumentParser:
        return below.add_parser(name, help=about, description=f"{about[:1].upper()}{about[1:]}.")

    return action


def takes_all(module: ModuleType) -> bool:
    """Tell whether a command reads the words itself that are no settings, --help among them."""
    return getattr(module, "TAKES_ALL", False)


def _whole(text: str) -> int:
    """Read a whole number that fits wherever one is kept."""
    number = int(text)
    if abs(number) >= 1 << 63:
        raise argparse.ArgumentTypeError(f"{text[:40]} is too large a number")
    return number


def _top() -> argparse.ArgumentParser:
    width = max(map(len, COMMANDS))
    listing = "\n".join(f"  {name:<{width}}  {about}" for name, about in COMMANDS.items())
    top = Parser(
        "familiar",
        usage="familiar COMMAND [options]",
        description="Familiar, a music server for your own music and any Subsonic app.",
        epilog=f"commands:\n{listing}\n\n`familiar COMMAND --help` explains each one.",
    )
    top.add_argument("--version", action="version", version=f"Familiar {VERSION}")
    return top


def _parser(name: str, module: ModuleType) -> argparse.ArgumentParser:
    parser = Parser(
        f"familiar {name}",
        description=module.ABOUT,
        epilog=getattr(module, "MORE", None),
        add_help=not takes_all(module),
    )
    module.options(parser)
    for each in list(_with_all_below(parser)):
        _settings(each, getattr(module, "SHOWN", USUAL))
    return parser


def _settings(parser: argparse.ArgumentParser, shown: Sequence[str]) -> None:
    """Take every setting as a flag. Absent ones leave nothing behind: `user --data X add …` has two parsers for one."""
    hint = "" if len(shown) == len(SETTINGS) else " (`familiar serve --help` has them all)"
    group = parser.add_argument_group(f"settings{hint}")
    group.add_argument("--config", metavar="FILE", default=argparse.SUPPRESS,
                       help="settings file [default: familiar.toml in the data folder]")  # fmt: skip
    for setting in SETTINGS:
        explained = _explained(setting) if setting.name in shown else argparse.SUPPRESS
        group.add_argument(setting.flag, dest=setting.name, metavar=METAVARS[setting.kind], help=explained,
                           default=argparse.SUPPRESS)  # fmt: skip


def _explained(setting: Setting) -> str:
    default = setting.default
    told = {True: "on", False: "off"}.get(default, default) if setting.kind == "switch" else default
    return f"{setting.sentence} [{setting.variable}{f', default {told}' if told not in ('', ()) else ''}]".replace(
        "%", "%%"
    )


def _with_all_below(parser: argparse.ArgumentParser) -> Iterator[argparse.ArgumentParser]:
    yield parser
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for below in action.choices.values():
                yield from _with_all_below(below)


def _guess(word: str, known) -> str:
    close = get_close_matches(word, list(known), 1)
    return f" Did you mean {close[0]}?" if close else ""
