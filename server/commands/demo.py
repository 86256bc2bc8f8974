"""`familiar demo`: the demo library, wherever somebody wants it."""

import argparse
import shutil
from pathlib import Path

from server.kernel.config import Config
from server.kernel.errors import Conflict, Unavailable

ABOUT = "Make a small demo library: ten records and a tape, composed here, in MP3, FLAC, Opus and M4A."
SHOWN = ("data", "ffmpeg")


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", nargs="?", type=Path, metavar="DIR",
                        help="where to put it [default: demo-music in the data folder]")  # fmt: skip


def run(given: argparse.Namespace, config: Config) -> None:
    folder = given.folder or config.data_path / "demo-music"
    if folder.exists() and any(folder.iterdir()):
        raise Conflict(f"{folder} has something in it; name an empty folder or a new one.")
    print(f"{make(folder, config.ffmpeg)} tracks are in {folder}. Serve them: familiar serve --music {folder}")


def make(folder: Path, setting: str) -> int:
    """Make the demo library and return how many tracks it has. Raises Unavailable without ffmpeg."""
    from server.demo.music import make_demo
    from server.stream import ffmpeg

    encoder = ffmpeg.find(setting)
    if encoder is None:
        raise Unavailable(
            "The demo library needs ffmpeg, and none was found. Name one with --ffmpeg, or serve --music."
        )
    part = folder.with_name(f".{folder.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    number = make_demo(part, encoder.path)
    # The name stands for a whole library: one that was interrupted is made again.
    part.replace(folder)
    return number
