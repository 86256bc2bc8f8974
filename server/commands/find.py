"""`familiar find`: music by what it is like."""

import argparse

from ai import find
from ai.minds import Minds
from server.commands.house import counted, current, listener, show
from server.kernel.config import Config
from server.kernel.db import Connection
from server.users.people import Viewer

ABOUT = "Name the songs that are like a description, each with its reasons."
MORE = """\
examples:
  familiar find "rainy piano"
  familiar find "upbeat electronic with heavy bass, 90s" --count 30
  familiar find "calm, like Nils Frahm, without drums"

What knows how your music sounds is said below the answer: clap, which has heard it, captions, which a model of words
has read (setting text_model), or the lexicon alone."""
HOW = {
    "clap": "Found by CLAP, which has heard the music.",
    "captions": "Found by captions, which a model of words has read.",
    "lexicon": "Found by the lexicon.",
}


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("words", metavar="WORDS", help="what you want to hear")
    parser.add_argument("--count", type=int, default=10, metavar="N", help="how many songs [default: 10]")


def run(given: argparse.Namespace, config: Config) -> None:
    with Minds() as minds, current(config) as db, db.reading() as conn:
        _answer(conn, minds, listener(conn), given)


def _answer(conn: Connection, minds: Minds, viewer: Viewer, given: argparse.Namespace) -> None:
    answer = find.find(conn, minds, viewer, given.words, counted(given.count, find.COUNT_MAX))
    show(conn, viewer, answer.tracks)
    if not answer.tracks:
        print("Nothing was found.")
    print(answer.why or HOW[answer.how])
