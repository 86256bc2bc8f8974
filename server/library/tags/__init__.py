"""Tags: what an audio file says of itself, and what its audio is.

`read(path)` answers a Reading or raises Unreadable with a sentence for the user; nothing else ever comes out of it,
whatever the file holds. A file is known by its content, not by its name. Memory is bounded here, time and crashes by
the process that calls: use `child.read_each` in a child with limits, never `read` in the server.

    source ─ one open file         id3 mp3 flac vorbis ogg mp4 riff trailer ─ one format each
    keys genres ─ tables           others ─ formats left to mutagen            clean ─ names, limits
"""

from .reader import picture, read
from .reading import NotGiven, Picture, Reading, Unreadable

__all__ = ["SUFFIXES", "NotGiven", "Picture", "Reading", "Unreadable", "picture", "read"]

SUFFIXES = {
    "mp3": "audio/mpeg",
    "mp2": "audio/mpeg",
    "flac": "audio/flac",
    "ogg": "audio/ogg",
    "oga": "audio/ogg",
    "opus": "audio/ogg",
    "spx": "audio/ogg",
    "m4a": "audio/mp4",
    "m4b": "audio/mp4",
    "mp4": "audio/mp4",
    "aac": "audio/aac",
    "wav": "audio/wav",
    "aif": "audio/aiff",
    "aiff": "audio/aiff",
    "aifc": "audio/aiff",
    "wma": "audio/x-ms-wma",
    "asf": "audio/x-ms-wma",
    "wv": "audio/x-wavpack",
    "ape": "audio/x-monkeys-audio",
    "dsf": "audio/x-dsf",
    "dff": "audio/x-dff",
    "mpc": "audio/x-musepack",
    "tta": "audio/x-tta",
}
