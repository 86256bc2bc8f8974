"""A scanned database made larger: every artist, album and track once more, with ids, names and faces of its own.

Rows are copied as the scanner left them, so that a million tracks need no million
files. SQLite only, and only for a database that nobody has opened.
"""

import re
import sqlite3
from functools import lru_cache
from pathlib import Path

from server.kernel.ids import Ids

COPIED = {
    "folder": {"id": "id + :shift", "parent_id": "parent_id + :shift", "path": "path || '~' || :copy"},
    "cover": {"id": "id + :shift", "path": "path || '~' || :copy"},
    "artist": {
        "id": "id + :shift", "key": "key || ' ' || :copy", "portrait_id": "portrait_id + :shift",
        "cover_id": "cover_id + :shift", "face": "moved(face, :shift)",
    },
    "artist_library": {"artist_id": "artist_id + :shift"},
    "album": {
        "id": "id + :shift", "key": "key || ' ' || :copy", "artist_id": "artist_id + :shift",
        "folder_id": "folder_id + :shift", "cover_id": "cover_id + :shift", "added_ms": "added_ms - :copy",
        "face": "moved(face, :shift)",
    },
    "album_artist": {"album_id": "album_id + :shift", "artist_id": "artist_id + :shift"},
    "album_genre": {"album_id": "album_id + :shift"},
    "track": {
        "id": "id + :shift", "folder_id": "folder_id + :shift", "album_id": "album_id + :shift",
        "artist_id": "artist_id + :shift", "cover_id": "cover_id + :shift", "audio_hash": "audio_hash || :copy",
        "face": "moved(face, :shift)",
    },
    "track_genre": {"track_id": "track_id + :shift"},
    "credit": {"track_id": "track_id + :shift", "artist_id": "artist_id + :shift"},
}  # fmt: skip
"""For each table the columns that a copy has differently; genres, libraries and all of people stay as they are."""

FAST = """
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
PRAGMA cache_size = -400000;
"""
_ID = re.compile(rb'"((?:ar|al|tr|fo|co)-[0-9a-z]{10})"')


def multiply(database: Path, times: int) -> None:
    """Let a database hold `times` as many artists, albums and tracks as it does."""
    raw = sqlite3.connect(database, isolation_level=None)
    raw.executescript(FAST)
    (key,) = raw.execute("SELECT value FROM property WHERE name = 'id key'").fetchone()
    raw.create_function("moved", 2, _mover(Ids(int(key))), deterministic=True)
    stride = 1 + max(raw.execute(f"SELECT max(id) FROM {table}").fetchone()[0] or 0
                     for table in ("folder", "cover", "artist", "album", "track"))  # fmt: skip
    raw.execute("BEGIN")
    for table, changes in COPIED.items():
        _copy(raw, table, changes, stride, times)
    for table in ("artist", "album", "track"):
        raw.execute(f"INSERT INTO {table}_words ({table}_words) VALUES ('rebuild')")
    raw.execute("COMMIT")
    raw.execute("PRAGMA journal_mode = WAL")
    raw.close()


def _copy(raw: sqlite3.Connection, table: str, changes: dict[str, str], stride: int, times: int) -> None:
    columns = [row[1] for row in raw.execute(f"PRAGMA table_info({table})")]
    first = next(column for column in columns if column in changes)
    copied = ", ".join(changes.get(column, column) for column in columns)
    for copy in range(1, times):
        raw.execute(
            f"INSERT INTO {table} ({', '.join(columns)}) SELECT {copied} FROM {table} WHERE {first} < :stride",
            {"shift": copy * stride, "copy": copy, "stride": stride},
        )


def _mover(ids: Ids):
    """Return a function that gives a face the ids of its copy."""
    parse = lru_cache(1 << 20)(lambda text: ids.parse(text.decode()))

    def moved(face: bytes, shift: int) -> bytes:
        def other(found: re.Match) -> bytes:
            prefix, number = parse(found[1])
            return b'"%b"' % ids.text(prefix, number + shift).encode()

        return _ID.sub(other, face)

    return moved
