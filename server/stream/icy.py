"""Titles inside a radio stream: after every so many bytes of sound stands a short block of text.

The station says in `icy-metaint` how many bytes those are. A block is one byte,
its length in units of sixteen, and that much text, filled up with zeros. Pure
bytes in, bytes out; https://cast.readme.io/docs/icy describes it.
"""

import re

TITLE_MAX = 300
INTERVAL_MAX = 1 << 24
"""More sound than this between two titles is no stream of titles."""
TITLE = re.compile(r"StreamTitle='(.*?)';(?=\s*$|\s*\w+=)", re.DOTALL)
BROKEN_OFF = re.compile(r"StreamTitle='(.*?)'?;?\s*$", re.DOTALL)


class Splitter:
    """Takes a stream apart as it comes; `title` is the last one that was told, None before the first."""

    def __init__(self, interval: int):
        self.title: str | None = None
        self.blocks = 0
        """How many blocks of text have gone by, empty ones too: they mean that nothing has changed."""
        self._interval = self._sound_left = interval
        self._text_left = 0
        self._text = bytearray()

    def feed(self, data: bytes) -> bytes:
        """Return the sound in the next bytes of the stream."""
        if not self._interval:
            return data
        sound, at = [], 0
        while at < len(data):
            if self._sound_left:
                part = data[at : at + self._sound_left]
                self._sound_left -= len(part)
                sound.append(part)
            elif not self._text_left:
                part = data[at : at + 1]
                self._text_left = part[0] * 16
                if not self._text_left:
                    self._next()
            else:
                part = data[at : at + self._text_left]
                self._text_left -= len(part)
                self._text += part
                if not self._text_left:
                    self._next()
            at += len(part)
        return b"".join(sound)

    def _next(self) -> None:
        self.blocks += 1
        if (told := title(bytes(self._text))) is not None:
            self.title = told
        self._text.clear()
        self._sound_left = self._interval


def interval(header: str | None) -> int:
    """Return the bytes of sound between two titles, 0 where the station tells none."""
    text = (header or "").strip()
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
    return number if number <= INTERVAL_MAX else 0


def title(block: bytes) -> str | None:
    """Return the title in a block of text, "" for an empty one, None when the block tells none.

    Titles hold quotes and semicolons, unescaped: only a quote before the next name, or at the end, ends one.
    """
    text = decoded(block.rstrip(b"\0"))
    found = TITLE.search(text) or BROKEN_OFF.search(text)
    return None if found is None else readable(found[1])


def readable(text: str) -> str:
    """Return what a stranger wrote as one line without control characters, of a length that can be shown."""
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())[:TITLE_MAX]


def decoded(data: bytes) -> str:
    """Read text in UTF-8, else in what Windows calls Latin-1: nobody says which it is."""
    for encoding in ("utf-8", "cp1252"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return data.decode("latin-1")
