"""The two halves of some songs, heard each for itself: does one find the other among the halves of strangers?

A few minutes of spare time in all, once for each analyser, when nothing else is
left to be listened to. The rule a newcomer would break: always the same songs,
the first by their hashes, so that two fits are measured by the same.
"""

import threading
from array import array

from ai import hearers, waiting
from ai.spaces import PRESENT
from ai.waiting import Sound
from server.kernel.db import Connection, Database
from server.kernel.run import Child, ChildDied, ChildError

OWNS = ("half",)

FUNCTION = "ai.models.halves:listen"
MEMORY_MB = 1536
COUNT = 200
FAR_S = 24 * 3600


def known(db: Connection, version: int) -> tuple[bytes, bytes]:
    """Return raw blocks of first halves and of second ones, one behind the other, as one analyser heard them."""
    rows = [row[0] for row in db.rows(
        "SELECT blocks FROM half WHERE version = :version AND blocks IS NOT NULL ORDER BY audio_hash LIMIT :count",
        version=version, count=COUNT,
    )]  # fmt: skip
    if len(rows) < 2:
        return b"", b""
    middle = len(rows[0]) // 2
    return b"".join(row[:middle] for row in rows), b"".join(row[middle:] for row in rows)


def count(db: Connection, version: int) -> int:
    return db.value("SELECT count(*) FROM half WHERE version = :version AND blocks IS NOT NULL", version=version)


def lacking(db: Connection) -> list[tuple[str, int]]:
    """Return the sounds (hash, version of their analysis) whose halves are to be heard."""
    rows = db.rows(
        "SELECT DISTINCT a.audio_hash, a.version, h.version FROM track_analysis a"
        " JOIN track t ON t.audio_hash = a.audio_hash LEFT JOIN half h ON h.audio_hash = a.audio_hash"
        f" WHERE a.state = 'ok' AND a.version > 0 AND a.blocks IS NOT NULL AND {PRESENT}"
        " ORDER BY a.audio_hash LIMIT :count", count=COUNT,
    )  # fmt: skip
    return [(audio_hash, version) for audio_hash, version, heard in rows if heard != version]


def listen(db: Database, stop: threading.Event, child: Child, some: list[tuple[str, int]], limit: int = COUNT) -> int:
    """Hear the halves of some sounds and keep them; return of how many. What cannot be heard is put down, too."""
    versions = dict(some)
    with db.reading() as conn:
        sounds = waiting.of(conn, list(versions))
    heard = 0
    for sound in sounds:
        if heard == limit:
            break
        if not hearers.as_scanned(sound):
            continue
        blocks = _heard(child, sound)
        if stop.is_set():
            break
        with db.writing() as conn:
            conn.run(
                "INSERT INTO half (audio_hash, version, blocks) VALUES (:hash, :version, :blocks)"
                " ON CONFLICT (audio_hash) DO UPDATE SET version = excluded.version, blocks = excluded.blocks",
                hash=sound.audio_hash, version=versions[sound.audio_hash], blocks=blocks,
            )  # fmt: skip
        heard += 1
    return heard


def _heard(child: Child, sound: Sound) -> bytes | None:
    try:
        answer = child.call({"path": sound.path, "length_s": sound.length_s}, FAR_S)
    except (ChildDied, ChildError):
        return None
    return array("f", answer).tobytes() if answer else None
