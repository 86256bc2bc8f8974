"""Which image file of a folder is its cover, and which one shows the artist: decided by name alone.

The order in which a disk lists its files never decides, or covers would change from scan to scan.
"""

import re

COVERS = ("cover", "folder", "front", "album", "albumart", "albumartlarge", "artwork", "art", "thumb")
PORTRAITS = ("artist", "band", "portrait")
NOT_COVERS = frozenset((
    "back", "cd", "disc", "disk", "inlay", "booklet", "tray", "spine", "matrix", "obi", "inside", "rear",
))  # fmt: skip
"""Words of pictures that show something else; such a file is taken only when its whole name is one of `COVERS`."""
SUFFIXES = ("jpg", "jpeg", "png", "webp", "gif")
WORD = re.compile(r"[^\W\d_]+")
NO_RANK = 9


def choose(names: list[str]) -> str:
    """Return the file that is the folder's cover, or "".

    A name of `COVERS` wins in that order, then one that begins with such a name,
    then one with such a word in it, then the only picture there is, unless its
    name says that it is something else.
    """
    ranked = [
        (*_rank(name), *_tie(name))
        for name in names
        if not name.startswith(".") and _stem(name) not in PORTRAITS and not _shows_other(name)
    ]
    best = min(ranked, default=None)
    if best is None or (best[0] == NO_RANK and len(ranked) > 1):
        return ""
    return best[-1]


def portrait(names: list[str]) -> str:
    """Return the file that shows the artist, or ""."""
    found = [(PORTRAITS.index(_stem(name)), *_tie(name)) for name in names if _stem(name) in PORTRAITS]
    return min(found, default=("",))[-1]


def _rank(name: str) -> tuple[int, int, bool]:
    stem = _stem(name)
    small = "small" in stem
    if stem in COVERS:
        return 0, COVERS.index(stem), small
    for at, cover in enumerate(COVERS[:5]):
        if stem.startswith(cover):
            return 1, at, small
    for at, cover in enumerate(COVERS[:3]):
        if cover in WORD.findall(stem):
            return 2, at, small
    return NO_RANK, 0, small


def _shows_other(name: str) -> bool:
    words = WORD.findall(_stem(name))
    return any(word in NOT_COVERS or word.removesuffix("cover") in NOT_COVERS for word in words)


def _tie(name: str) -> tuple[int, str, str]:
    """Order files of one rank by format, then by name."""
    suffix = name.rpartition(".")[2].lower()
    return SUFFIXES.index(suffix) if suffix in SUFFIXES else len(SUFFIXES), name.lower(), name


def _stem(name: str) -> str:
    return name.rpartition(".")[0].strip().lower()
