"""`familiar quality`: how well the ears do on this library, in plain words."""

import argparse
import time

from ai import embed, own_quality
from ai.minds import Minds
from ai.own_quality import Line, Report
from server.commands.house import current
from server.kernel.config import Config
from server.users.people import OPERATOR

ABOUT = "Say how well music is compared and recommended here: what is good, what is fair and what is poor."
MORE = """\
Nothing has to be labelled: songs of one album, artist and genre should lie nearer to each other than chance would have
it, half a song should find its other half, and no song should be near to everything. What people played last is held
against what would have been recommended to them. A worker measures it when another model is used, and every week.

examples:
  familiar quality
  familiar quality --again"""


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--again", action="store_true", help="measure it now; takes up to a minute")


def run(given: argparse.Namespace, config: Config) -> None:
    with current(config) as db:
        if given.again:
            with Minds() as minds, embed.Aside() as aside:
                own_quality.measure(db, aside, minds)
        with db.reading() as conn:
            _show(own_quality.report(conn, OPERATOR))


def _show(found: Report) -> None:
    if not found.made_ms:
        print("Nothing was measured yet. A worker does once 50 songs can be compared, or: familiar quality --again")
    for line in found.lines:
        print(f"{line.name:<12} {_number(line):>6}  {line.verdict:<7} {line.sentence}{_chance(line)}")
    if found.made_ms and not found.scores:
        print("Sounds cannot be compared yet.")
    if found.made_ms and not found.replayed:
        print("What is recommended cannot be judged yet: too little was played.")
    for each in found.held:
        model = each.space.model[:12] or "features"
        print(f"Held back ({each.space.kind}, {model}): {each.reason} See: familiar models list")
    if found.made_ms:
        day = time.strftime("%Y-%m-%d %H:%M", time.localtime(found.made_ms / 1000))
        songs = f", on {found.scores['songs']:,} songs" if found.scores else ""
        print(f"Measured {day}{songs}.{' It is to be measured anew.' if found.waiting else ''}")


def _number(line: Line) -> str:
    shares = ("heard", "compared", "album", "artist", "genre", "copies", "orphans")
    return f"{100 * line.value:.0f} %" if line.name in shares else f"{line.value:.2f}"


def _chance(line: Line) -> str:
    if line.chance is None:
        return ""
    return f"; by chance {_number(line._replace(value=line.chance))}"
