"""The encoder: where it is and what it is told.

The order is the setting, the PATH, then the static binary of the imageio-ffmpeg
wheel. A command line is a list, made of words of `profiles` and whole numbers,
with a path behind "file:": there is no shell, no option that a name could be
mistaken for and no protocol or container through which a music file could make
ffmpeg open anything else.
"""

import shutil
import subprocess
from functools import cache
from importlib.util import find_spec
from typing import NamedTuple

from server.stream.decide import Transcode

_ALWAYS = ("-nostdin", "-hide_banner", "-loglevel", "error")

_SOURCE = "file:"

CONTAINERS = (
    "aac,ac3,aiff,ape,asf,au,caf,dsf,dts,dtshd,eac3,flac,iff,matroska,webm,mov,mp4,m4a,3gp,3g2,mj2,"
    "mp3,mpc,mpc8,ogg,rm,tak,truehd,tta,voc,w64,wav,wv"
)
"""What ffmpeg may take a file for: containers of sound, none that names other files (hls, concat, dash)."""


class Encoder(NamedTuple):
    """An ffmpeg that answered, and what it said it is."""

    path: str
    version: str


def find(setting: str = "") -> Encoder | None:
    """Return the encoder to use, or None; a setting that does not work is not silently replaced by another."""
    for path in (setting,) if setting else (shutil.which("ffmpeg"), _from_wheel()):
        if path and (version := _version(path)):
            return Encoder(path, version)
    return None


def command(encoder: str, source: str, plan: Transcode) -> list[str]:
    """Return the command that writes a transcode to its standard output."""
    words = _library().output(_input(plan), "pipe:1", **_output(plan)).get_args()
    # Put in last: ffmpeg-python cannot take a name that is not Unicode.
    words[words.index(_SOURCE)] = f"file:{source}"
    return [encoder, *_ALWAYS, *words]


def warm() -> None:
    """Load what the first command line needs (70 ms), from a thread and before somebody waits for it."""
    _library()


def _input(plan: Transcode):
    options = {"protocol_whitelist": "file,pipe", "format_whitelist": CONTAINERS}
    # Before -i: seeks in the file instead of decoding up to there (0.1 s for two minutes).
    if plan.offset_s:
        options["ss"] = int(plan.offset_s)
    return _library().input(_SOURCE, **options)["a:0"]


def _output(plan: Transcode) -> dict[str, str | int]:
    """Return the options of the output, every value a word of ours or a whole number."""
    profile = plan.profile
    options = {"format": profile.container, "c:a": profile.encoder, "vn": None, "sn": None, "dn": None}
    options |= {"map_metadata": -1, "map_chapters": -1, "ar": int(plan.rate_hz), **dict(profile.options)}
    if plan.bitrate_kbps:
        options["audio_bitrate"] = f"{int(plan.bitrate_kbps)}k"
    if plan.channels and not profile.lossless:
        options["ac"] = int(plan.channels)
    return options


@cache
def _library():
    """Import ffmpeg-python on first use: it takes as long as a quarter of the server's start."""
    import ffmpeg

    return ffmpeg


def _from_wheel() -> str:
    if find_spec("imageio_ffmpeg") is None:
        return ""
    from imageio_ffmpeg import get_ffmpeg_exe

    try:
        return get_ffmpeg_exe()
    except RuntimeError:  # a wheel for this platform without a binary
        return ""


def _version(path: str) -> str:
    """Return the first line that the program says of itself, or "" when it is no ffmpeg that runs."""
    try:
        answer = subprocess.run(
            [path, "-version"], stdin=subprocess.DEVNULL, capture_output=True, timeout=10, check=True, text=True
        )
    except (OSError, subprocess.SubprocessError, UnicodeDecodeError):
        return ""
    return answer.stdout.partition("\n")[0].partition(" Copyright")[0]
