"""Ids as clients see them: a prefix and ten letters, such as `tr-7k2mf0c9xq`.

Inside, a thing is its row number. On the wire it is that number, scrambled with
a key of this database: a database made anew gives other ids, so that no client
shows yesterday's cover for today's album. Clients bring two rules: an id must
not look like a number or a path, and nothing in it may be cut off by them.
"""

import secrets
from collections.abc import Iterable

from server.kernel.errors import NotFound

BITS = 50
SPACE = 1 << BITS
LETTERS = "0123456789abcdefghjkmnpqrstvwxyz"
"""Crockford's 32 letters, lower case: none is mistaken for another when read aloud."""

PREFIXES = ("ar", "al", "tr", "fo", "pl", "co", "pc", "pe", "ra")
"""Artist, album, track, folder, playlist, cover, podcast channel, podcast episode, radio station."""
_VALUE = {letter: value for value, letter in enumerate(LETTERS)}
_PAIRS = [a + b for a in LETTERS for b in LETTERS]


class Ids:
    """Translates between row numbers and ids; `key` is an odd number below 2**50."""

    def __init__(self, key: int):
        self._key, self._inverse = key, pow(key, -1, SPACE)

    def text(self, prefix: str, number: int) -> str:
        """Return the id of row `number`, which must be below 2**50."""
        mixed = number * self._key % SPACE
        mixed = (mixed ^ mixed >> 25) * self._key % SPACE
        return (
            f"{prefix}-{_PAIRS[mixed >> 40]}{_PAIRS[mixed >> 30 & 1023]}{_PAIRS[mixed >> 20 & 1023]}"
            f"{_PAIRS[mixed >> 10 & 1023]}{_PAIRS[mixed & 1023]}"
        )

    def parse(self, text: str) -> tuple[str, int]:
        """Return (prefix, row number). Raises NotFound for anything that is no id of ours."""
        prefix, dash, letters = text.partition("-")
        if not dash or prefix not in PREFIXES or len(letters) != 10:
            raise NotFound("There is no such id.")
        mixed = 0
        for letter in letters:
            value = _VALUE.get(letter)
            if value is None:
                raise NotFound("There is no such id.")
            mixed = mixed << 5 | value
        mixed = mixed * self._inverse % SPACE
        return prefix, (mixed ^ mixed >> 25) * self._inverse % SPACE

    def number(self, prefix: str, text: str) -> int:
        """Return the row number of an id that must have this prefix, else raise NotFound."""
        found, number = self.parse(text)
        if found != prefix:
            raise NotFound("There is no such id.")
        return number

    def numbers(self, prefix: str, texts: Iterable[str]) -> list[int]:
        """Return a row number for each text, 0 for what is no id of this kind: no row has that number."""
        return [self._number(prefix, text) for text in texts]

    def _number(self, prefix: str, text: str) -> int:
        try:
            return self.number(prefix, text)
        except NotFound:
            return 0


def new_key() -> int:
    """Return a fresh scrambling key for a new database."""
    return secrets.randbits(BITS) | 1
