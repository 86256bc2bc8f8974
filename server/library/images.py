"""Which image file of a folder is its cover, and which one shows the artist: decided by name alone."""

COVERS = ("cover", "folder", "front", "album", "albumart", "albumartlarge", "artwork", "art", "thumb")
PORTRAITS = ("artist", "band", "portrait")
NOT_COVERS = ("back", "cd", "disc", "disk", "inlay", "booklet", "tray", "spine", "matrix", "obi", "inside", "rear")
"""Words of pictures that show something else; such a file is taken only when it is named like a cover as well."""


def choose(names: list[str]) -> str:
    """Return the file that is the folder's cover, or "".

    A name of `COVERS` wins in that order, then one that begins with such a name,
    then the only picture there is, unless its name says that it is something else.
    """
    stems = {name: _stem(name) for name in names}
    ours = {name: stem for name, stem in stems.items() if stem not in PORTRAITS}
    for cover in COVERS:
        for name, stem in ours.items():
            if stem == cover:
                return name
    for cover in COVERS[:5]:
        for name, stem in ours.items():
            if stem.startswith(cover) and not any(word in stem for word in NOT_COVERS):
                return name
    alone = [name for name, stem in ours.items() if not any(stem.startswith(word) for word in NOT_COVERS)]
    return alone[0] if len(alone) == 1 else ""


def portrait(names: list[str]) -> str:
    """Return the file that shows the artist, or ""."""
    stems = {_stem(name): name for name in reversed(names)}
    return next((stems[stem] for stem in PORTRAITS if stem in stems), "")


def _stem(name: str) -> str:
    return name.rpartition(".")[0].strip().lower()
