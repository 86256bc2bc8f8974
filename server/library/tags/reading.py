"""What a reading is: the plain records that leave this package.

What they hold travels to another process as JSON: numbers, strings, lists and
dicts of these, never bytes.
"""

from typing import NamedTuple


class Unreadable(Exception):
    """This is no audio file that we can use; the text is one sentence for the user."""


class NotGiven(Unreadable):
    """The disk did not give us the file: that says nothing of the file, so it is worth another try."""


class Picture(NamedTuple):
    """An embedded picture: its raw bytes are [offset, offset + length) of the file.

    offset -1 means that they are wrapped (base64, unsynchronised, compressed) and only `picture()` can get them.
    """

    kind: int
    mime: str
    offset: int
    length: int


class Reading(NamedTuple):
    """All that a scan wants to know of a file."""

    tags: dict[str, list[str]]
    length_ms: int
    bitrate_kbps: int
    sample_rate_hz: int
    channels: int
    bit_depth: int
    codec: str
    suffix: str
    pictures: list[Picture]
    audio_hash: str
    reader: str
