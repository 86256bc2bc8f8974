"""A library of a few rows, three people, and a clock that a test moves.

Library 1 is everybody's. Library 2 holds what only Ann and the administrator may hear: nothing of it, the word
"canary" above all, may ever reach Bob.
"""

import pytest

from server.kernel.db import Database
from server.users.people import Viewer

LISTENER = frozenset({"stream", "playlist"})
ANN = Viewer(1, "Ann", LISTENER, (1, 2))
BOB = Viewer(2, "Bob", LISTENER, (1,))
CHIEF = Viewer(3, "chief", frozenset({"admin"}), (1, 2))
MUTE = Viewer(4, "Mute", frozenset({"stream"}), (1,))
MODULES = (
    "plays.marks", "plays.plays", "plays.nowplaying", "plays.queues", "plays.bookmarks", "playlists.playlists",
    "playlists.shares",
)  # fmt: skip
MINUTE = 60_000

SONGS = (1, 2, 3, 4, 5, 6)
"""Tracks that Bob hears: 1 to 3 of album 1 by artist 1, 4 to 6 of album 2; 6 is sung by artists 2 and 3."""
CANARY = 9
"""The only track of library 2, on album 9 by artist 9."""
MISSING = 8
"""A track of album 2 whose file is gone."""
LENGTH_MS = 200_000


class Clock:
    """Time as the verbs see it; it stands still until a test moves it."""

    def __init__(self):
        self.ms = 1_790_000_000_000

    def __call__(self) -> int:
        return self.ms

    def step(self, ms: int) -> int:
        self.ms += ms
        return self.ms


@pytest.fixture
def clock(monkeypatch) -> Clock:
    stepped = Clock()
    for module in MODULES:
        monkeypatch.setattr(f"server.{module}.now_ms", stepped)
    return stepped


def fill(db: Database) -> None:
    """Write the people and the library."""
    with db.writing() as conn:
        conn.many(
            "INSERT INTO account (id, name, key, roles) VALUES (?, ?, ?, '')",
            [(each.user_id, each.name, each.name.lower()) for each in (ANN, BOB, CHIEF, MUTE)],
        )
        conn.many("INSERT INTO library (id, name, path, online) VALUES (?, ?, ?, 1)", [(1, "A", "/a"), (2, "B", "/b")])
        conn.many(
            "INSERT INTO artist (id, key, name) VALUES (?, ?, ?)", [(n, f"k{n}", f"artist {n}") for n in (1, 2, 3, 9)]
        )
        conn.many(
            "INSERT INTO artist_library (artist_id, library_id, track_count) VALUES (?, ?, 3)",
            [(1, 1), (2, 1), (3, 1), (9, 2)],
        )
        conn.many(
            "INSERT INTO album (id, library_id, key, name, artist_id, folder_id, track_count, cover_id, face)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [(n, library, f"k{n}", f"album {n}", n, 10 + n, count, 50 + n, b'{"id":"al"}')
             for n, library, count in ((1, 1, 3), (2, 1, 3), (9, 2, 1))],
        )  # fmt: skip
        conn.many(
            "INSERT INTO track (id, library_id, folder_id, album_id, artist_id, name, title, length_ms, missing_ms,"
            " face) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [track(n, 1, 1, 1) for n in (1, 2, 3)]
            + [track(n, 1, 2, 2) for n in (4, 5, 6)]
            + [track(MISSING, 1, 2, 2, missing_ms=1), track(CANARY, 2, 9, 9)],
        )
        conn.many(
            "INSERT INTO credit (track_id, role, at, artist_id) VALUES (?, ?, ?, ?)",
            [(n, "artist", 0, 1) for n in (1, 2, 3)] + [(n, "artist", 0, 2) for n in (4, 5, 6)]
            + [(6, "artist", 1, 3), (6, "composer", 2, 1), (CANARY, "artist", 0, 9)],
        )  # fmt: skip


def track(number: int, library: int, album: int, artist: int, missing_ms: int | None = None) -> tuple:
    name = "canary" if library == 2 else f"song {number}"
    face = b'{"id":"tr-%d","isDir":false,"title":"%s"}' % (number, name.encode())
    return (number, library, 10 + album, album, artist, f"{number}.mp3", name, LENGTH_MS, missing_ms, face)


def lose(db: Database, number: int) -> None:
    """Take a track's file away, as a scan does."""
    with db.writing() as conn:
        conn.run("UPDATE track SET missing_ms = 1 WHERE id = :id", id=number)
        conn.bump("library")


def bring_back(db: Database, number: int) -> None:
    with db.writing() as conn:
        conn.run("UPDATE track SET missing_ms = NULL WHERE id = :id", id=number)
        conn.bump("library")


def read(db: Database, verb, *args, **kwargs):
    with db.reading() as conn:
        return verb(conn, *args, **kwargs)


def write(db: Database, verb, *args, **kwargs):
    with db.writing() as conn:
        return verb(conn, *args, **kwargs)


def statements(db: Database, done) -> int:
    """Return how many statements something took."""
    before = db.statements
    done()
    return db.statements - before
