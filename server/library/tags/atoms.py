"""MP4's atoms: a size, a name, a body; walked level by level, never recursively.

A file of 5,000 nested atoms is then only a file in which nothing is found. Sizes are claims: an atom ends with the
one that holds it.
"""

from struct import Struct

from .source import Source

ATOMS = 65536
IN_MEMORY = 98304
WINDOW = 16384

HEAD = Struct(">I4s").unpack_from

Atom = tuple[bytes, int, int]  # name, where its body begins, where it ends


class Window:
    """Bytes of the file around the atoms that are walked, and how many may still be."""

    __slots__ = ("base", "buf", "left", "src")

    def __init__(self, src: Source) -> None:
        self.src, self.buf, self.base, self.left = src, src.head, 0, ATOMS

    def load(self, begin: int, end: int) -> None:
        """Have [begin, end) at hand, if that is not too much."""
        if begin < self.base or end > self.base + len(self.buf):
            self.buf, self.base = self.src.at(begin, min(end - begin, IN_MEMORY)), begin

    def at(self, offset: int, count: int) -> bytes:
        o = offset - self.base
        if o >= 0 and o + count <= len(self.buf):
            return self.buf[o : o + count]
        if count > WINDOW:
            return self.src.at(offset, count)
        self.buf, self.base = self.src.at(offset, WINDOW), offset
        return self.buf[:count]


def atoms(window: Window, pos: int, end: int) -> list[Atom]:
    """The atoms that stand one after the other in [pos, end)."""
    found: list[Atom] = []
    for _ in range(window.left):
        if pos + 8 > end:
            break
        buf, o = window.buf, pos - window.base
        if o < 0 or o + 8 > len(buf):
            window.at(pos, 8)
            buf, o = window.buf, 0
            if len(buf) < 8:
                break
        size, name = HEAD(buf, o)
        body = pos + 8
        if size == 1:
            size = int.from_bytes(window.at(body, 8), "big")
            body += 8
        elif size == 0:
            size = end - pos
        stop = pos + size
        if stop < body:
            break
        if stop > end:
            stop = end
        found.append((name, body, stop))
        pos = stop
    window.left -= len(found)
    return found


def child(window: Window, pos: int, end: int, name: bytes) -> tuple[int, int] | None:
    """Where the body of the first atom of this name lies."""
    for found, at, stop in atoms(window, pos, end):
        if found == name:
            return at, stop
    return None
