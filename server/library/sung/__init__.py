"""What is sung: from texts that strangers wrote to lyrics with the times of lines and words.

Strangers' texts are understood in the scan's child only, never in the server: any text gives lyrics or nothing, in
time and room that are bounded, and never an exception. What comes out is stored with the track and stays as it is
until the text changes or `READER` does.

    beside ─ which files belong to a track     layers ─ what lyrics are       building ─ words to lines and byte offsets
    lrc ttml srt ─ one format each             texts ─ encodings, formats     child ─ a file's tags and lyrics together
"""

from typing import NamedTuple

from server.kernel.clock import Kbps, Millis

READER = 1
"""Raise it whenever the reading of tags or lyrics changes: the next scan then reads every file again."""


class Said(NamedTuple):
    """What a file says of itself beside its tags, in the order in which the child tells it; the tags come last."""

    length_ms: Millis
    bitrate_kbps: Kbps
    sample_rate_hz: int
    channels: int
    bit_depth: int
    codec: str
    suffix: str
    audio_hash: str
    picture: int
    """Index of the embedded picture to show: the front cover, else the first; -1 when there is none."""
    lyrics: list[tuple[str, str]]
    """(kind, stored layer), best first."""
