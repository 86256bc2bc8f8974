import argparse
import importlib.util
import sys
import tempfile
from pathlib import Path

import orjson

from ai import corpus
from ai.corpus import rendering
from ai.quality import bliss, gates, heard, measure, search

LISTS = (80, 8)
"""How many playlists are ordered, of all and of the small corpus."""


def main(words: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser("python -m ai.quality", description=(
        "Compose a corpus whose truth is known, listen to it, and print what was reached beside what has to be. "
        "Ends with 1 when a gate is missed, 2 when something needed is not here."
    ))  # fmt: skip
    parser.add_argument("--small", action="store_true", help="a minute's worth: four short songs of each style")
    parser.add_argument("--seed", type=int, default=1, help="of the music (1)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the numbers there too")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="keep the corpus there, and use it when it is there")
    parser.add_argument("--soundfont", default="", metavar="FILE",
                        help="of General MIDI; by default the best one here, with --small the smallest")  # fmt: skip
    parser.add_argument("--no-essentia", dest="essentia", action="store_false", help="as where essentia is not there")
    parser.add_argument("--workers", type=int, default=2, help="processes at a time (2)")
    asked = parser.parse_args(words)
    asked.essentia = asked.essentia and importlib.util.find_spec("essentia") is not None
    try:
        if asked.keep:
            found = run(asked.keep, asked)
        else:
            with tempfile.TemporaryDirectory(prefix="familiar-quality-") as folder:
                found = run(Path(folder), asked)
    except corpus.Missing as missing:
        print(missing, file=sys.stderr)
        return 2
    print("With essentia." if asked.essentia else "Without essentia.")
    rows = gates.table(found, asked.small, asked.essentia)
    passed = gates.show(rows)
    if asked.json:
        asked.json.write_bytes(orjson.dumps({row.name: row._asdict() | {"passed": row.passed} for row in rows}))
    return 0 if passed else 1


def run(folder: Path, asked: argparse.Namespace) -> dict[str, float]:
    """Make the corpus where it is not there yet, and return everything that was measured."""
    size = corpus.SMALL if asked.small else corpus.FULL
    print("Composing and playing …", file=sys.stderr)
    # The gates of the small corpus are those of the soundfont that CI has.
    font = asked.soundfont or rendering.soundfont(small=asked.small)
    truths = corpus.ready(folder, asked.seed, size, font, asked.workers)
    print("Listening …", file=sys.stderr)
    said = heard.corpus(folder, truths, asked.essentia, asked.workers)
    numbers = heard.bliss(folder, truths, asked.workers)
    yardsticks = [bliss.scaled(numbers, weighted) for weighted in (False, True)]
    found = measure.values(truths, said) | measure.copies(truths, said)
    found |= measure.neighbours(truths, said, yardsticks, size.per_style - 1)
    print("Searching and ordering …", file=sys.stderr)
    found |= search.precision(truths, said) | measure.flow(LISTS[asked.small])
    return found | ({} if asked.small else measure.costs(folder, truths, asked.essentia))


if __name__ == "__main__":
    sys.exit(main())
