"""Whose neighbours are looked at when a space is measured: whole artists, drawn by chance, and what is known of them.

The rule a newcomer would break: songs drawn one by one have lost their fellows,
and every space would look bad; so artists are drawn, always the same ones.
"""

import base64
from collections.abc import Sequence
from itertools import combinations
from typing import Any, NamedTuple

import orjson

from ai import halves, spaces
from ai.spaces import BLOCKS, Space
from server.kernel.db import Connection, Database

MIND = "neighbours"
SONGS = 5000
PAIRS = 200
COMPUTE_S = 900
LENGTH = 0.02
"""By so much two files of one recording may differ in length."""

_DICE = "t.artist_id * 7919 - t.artist_id * 7919 / 104729 * 104729"
"""Artists as if drawn: what is left of their numbers."""


class Subject(NamedTuple):
    audio_hash: str
    track_id: int
    artist_id: int
    album_id: int
    title: str
    length_ms: int


def score(db: Database, minds, some: Sequence[Space]) -> dict[str, Any] | None:
    """Return how good one or two spaces are on the same songs, as `own_scores.score` does; None without songs."""
    with db.reading() as conn:
        subjects = _drawn(conn, some)
        if len(subjects) < 2:
            return None
        question = _question(conn, some, subjects)
        pairs, prints = _pairs(conn, subjects)
    if pairs:
        same = minds.ask(MIND, {"do": "same", "prints": prints, "pairs": [each[1] for each in pairs]}, COMPUTE_S)
        question["copies"] = [places for (places, _), alike in zip(pairs, same, strict=True) if alike]
    return minds.ask(MIND, question, COMPUTE_S)


def _drawn(db: Connection, some: Sequence[Space]) -> list[Subject]:
    joins = " ".join(f"JOIN embedding e{at} ON e{at}.space_id = {space.id} AND e{at}.audio_hash = t.audio_hash"
                     for at, space in enumerate(some))  # fmt: skip
    rows = db.rows(
        f"SELECT t.audio_hash, t.id, t.artist_id, t.album_id, t.title, t.length_ms FROM track t {joins}"
        " WHERE t.missing_ms IS NULL AND t.artist_id IS NOT NULL"
        f" ORDER BY {_DICE}, t.artist_id, t.id LIMIT :limit", limit=SONGS,
    )  # fmt: skip
    return list({row[0]: Subject(*row) for row in rows}.values())


def _question(db: Connection, some: Sequence[Space], subjects: list[Subject]) -> dict[str, Any]:
    genres: dict[int, list[int]] = {}
    for track, genre in db.rows("SELECT g.track_id, g.genre_id FROM EACH(:ids) e JOIN track_genre g"
                                " ON g.track_id = e.id", ids=[each.track_id for each in subjects]):  # fmt: skip
        genres.setdefault(track, []).append(genre)
    of_blocks = [space for space in some if space.kind == BLOCKS]
    # The halves were described by one analyser; a space of another one knows nothing of them.
    version = of_blocks[0].version if of_blocks else 0
    first, second = halves.known(db, version) if of_blocks else (b"", b"")
    return {
        "do": "score",
        "spaces": [_vectors(db, space, subjects, space.kind == BLOCKS and space.version == version) for space in some],
        "albums": [each.album_id for each in subjects],
        "artists": [each.artist_id for each in subjects],
        "genres": [genres.get(each.track_id, []) for each in subjects],
        "copies": [],
        "halves": [base64.b64encode(each).decode() for each in (first, second)] if first else [],
    }


def _vectors(db: Connection, space: Space, subjects: list[Subject], with_fit: bool) -> dict[str, Any]:
    stored = dict(db.rows(
        "SELECT v.audio_hash, v.vector FROM EACH_TEXT(:hashes) e JOIN embedding v ON v.space_id = :space"
        " AND v.audio_hash = e.id", hashes=[each.audio_hash for each in subjects], space=space.id,
    ))  # fmt: skip
    joined = b"".join(bytes(stored[each.audio_hash]) for each in subjects)
    return {"vectors": base64.b64encode(joined).decode(), "dimensions": space.dimensions,
            "fit": orjson.loads(spaces.fit_of(db, space)) if with_fit else None}  # fmt: skip


def _pairs(db: Connection, subjects: list[Subject]) -> tuple[list[tuple[list[int], list[int]]], list[str]]:
    """Return what looks like one recording twice, (places, places among the fingerprints), and the fingerprints."""
    named: dict[tuple[int, str], list[int]] = {}
    for at, each in enumerate(subjects):
        named.setdefault((each.artist_id, each.title.casefold()), []).append(at)
    likely = [
        [one, other] for places in named.values() for one, other in combinations(places[:10], 2)
        if abs(subjects[one].length_ms - subjects[other].length_ms) <= LENGTH * subjects[one].length_ms
    ][:PAIRS]  # fmt: skip
    hashes = sorted({subjects[at].audio_hash for pair in likely for at in pair})
    prints = dict(db.rows(
        "SELECT a.audio_hash, a.fingerprint FROM EACH_TEXT(:hashes) e JOIN track_analysis a ON a.audio_hash = e.id"
        " WHERE a.fingerprint IS NOT NULL", hashes=hashes,
    )) if hashes else {}  # fmt: skip
    number = {audio_hash: at for at, audio_hash in enumerate(prints)}
    pairs = [([one, other], [number[subjects[one].audio_hash], number[subjects[other].audio_hash]])
             for one, other in likely
             if {subjects[one].audio_hash, subjects[other].audio_hash} <= number.keys()]  # fmt: skip
    return pairs, [base64.b64encode(each).decode() for each in prints.values()]
