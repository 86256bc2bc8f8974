"""Libraries that were listened to, without a sound: drawn blocks and values put where analyses stand."""

import random
from array import array

from ai import analyses, embed
from ai.analyses import OK, Analysis, Value
from ai.minds import Minds
from server.app import App
from server.kernel.db import Connection
from server.kernel.ids import Ids
from server.library.tracks import COLUMNS

SIZE = 149
COPIES = 3
STRIDE = 1000


def blocks(style: int, seed: int, spread: float = 0.3) -> array:
    """Return raw blocks of one style: tracks of a style lie near each other."""
    of_style, own = random.Random(f"style {style}"), random.Random(f"own {seed}")
    return array("f", [of_style.gauss(0, 1) + spread * own.gauss(0, 1) for _ in range(SIZE)])


def multiply(db: Connection, ids: Ids, copies: int = COPIES) -> None:
    """Give every track some others on its album, with sounds of their own."""
    other = {"id": "id + {shift}", "name": "name || {shift}", "audio_hash": "audio_hash || {shift}",
             "title": "title || ' ' || {shift}"}  # fmt: skip
    faces = db.rows(f"SELECT id, face FROM track WHERE id < {STRIDE}")
    columns = (*COLUMNS, "more", "face", "face_version")
    for copy in range(1, copies + 1):
        chosen = ", ".join(other.get(name, name).format(shift=copy * STRIDE) for name in columns)
        db.run(f"INSERT INTO track ({', '.join(columns)}) SELECT {chosen} FROM track WHERE id < {STRIDE}")
        for table, more in (("credit", "artist_id, role, sub_role, at"), ("track_genre", "genre_id")):
            db.run(f"INSERT INTO {table} (track_id, {more}) SELECT track_id + {copy * STRIDE}, {more} FROM {table}"
                   f" WHERE track_id < {STRIDE}")  # fmt: skip
        db.many("UPDATE track SET face = ? WHERE id = ?", [
            (face.replace(ids.text("tr", number).encode(), ids.text("tr", number + copy * STRIDE).encode()),
             number + copy * STRIDE) for number, face in faces
        ])  # fmt: skip
    db.bump("library")


def listen(app: App, styles: int = 3) -> dict[int, int]:
    """Put analyses of all present tracks and return track → style."""
    with app.db.writing() as conn:
        if not conn.value("SELECT count(*) FROM track WHERE id > :stride", stride=STRIDE):
            multiply(conn, app.ids)
        rows = conn.rows("SELECT id, audio_hash FROM track WHERE missing_ms IS NULL ORDER BY id")
        for track_id, audio_hash in rows:
            style = track_id % styles
            analyses.put(conn, audio_hash, 1, facts(style), blocks(style, track_id), None, 1)
    return {track_id: track_id % styles for track_id, _ in rows}


def facts(style: int, **more: Value) -> Analysis:
    values = {
        "tempo_bpm": Value(90.0 + 20 * style, 0.9, "ours"),
        "camelot": Value(f"{style + 4}A", 0.9, "ours"),
        "energy": Value(0.2 + 0.2 * style, 0.8, "ours"),
    }
    return Analysis(OK, "", values | more)


def everywhere(db: Connection) -> tuple[int, ...]:
    """Return all music folders, for a viewer who hears every one."""
    return tuple(number for (number,) in db.rows("SELECT id FROM library ORDER BY id"))


def compared(app: App, minds: Minds, styles: int = 3) -> dict[int, int]:
    """Listen to a library and make its tracks comparable; return track → style."""
    found = listen(app, styles)
    embed.catch_up(app.db, minds)
    return found
