"""The caption of every track, written again when its tags, its sound or a decision about it change.

The rule a newcomer would break: what is still to be written is found by asking
the tables, never remembered, so whoever does it may be ended at any moment.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import orjson

from ai import captions, gloss, overlay, tempo_prior, traits
from ai.analyses import Analysis, read
from ai.captions import Tags
from ai.overlay import GENRE, MOOD, Suggestion
from ai.traits import Columns
from server.kernel.db import Connection

OWNS = ("caption",)

VERSION = 1000 * captions.VERSION + traits.VERSION
AT_ONCE = 100
"""So many captions hold up whoever else wants to write for about 15 ms."""
USED = 0.5
"""From this confidence on a suggested mood stands in a caption."""


class Source(NamedTuple):
    """What one caption is made of, as the tables have it."""

    track_id: int
    audio_hash: str
    mtime_ns: int
    title: str
    artist: str
    year: int
    more: str
    album: str
    analysed_ms: int
    state: str
    result: str


def columns(db: Connection, libraries: tuple[int, ...]) -> Columns:
    """Return the traits of all tracks of some music folders; those that are missing just now may be among them."""
    return db.cached(("traits", libraries), ("captions",), lambda: traits.columns(db.rows(
        "SELECT c.track_id, c.traits FROM caption c JOIN track t ON t.id = c.track_id"
        " WHERE t.library_id IN (SELECT id FROM EACH(:libraries)) ORDER BY c.track_id", libraries=libraries,
    )))  # fmt: skip


def none(db: Connection) -> bool:
    """Tell whether not one caption was written yet."""
    return db.value("SELECT 1 FROM caption LIMIT 1") is None


def of(db: Connection, track_ids: Sequence[int]) -> dict[int, str]:
    """Return the captions of some tracks."""
    return dict(db.rows("SELECT c.track_id, c.caption FROM EACH(:ids) e JOIN caption c ON c.track_id = e.id",
                        ids=list(track_ids)))  # fmt: skip


def stale(db: Connection, after: int, limit: int = AT_ONCE) -> list[Source]:
    """Return what belongs to captions that are missing or out of date, of tracks after one, in their order."""
    return [Source(*row) for row in db.rows(
        "SELECT t.id, t.audio_hash, t.mtime_ns, t.title, t.artist, t.year, t.more, b.name,"
        " COALESCE(a.analysed_ms, 0), COALESCE(a.state, ''), COALESCE(a.result, '')"
        " FROM track t JOIN album b ON b.id = t.album_id LEFT JOIN caption c ON c.track_id = t.id"
        " LEFT JOIN track_analysis a ON a.audio_hash = t.audio_hash"
        " WHERE t.id > :after AND t.missing_ms IS NULL AND (c.track_id IS NULL OR c.version <> :version"
        " OR c.mtime_ns <> t.mtime_ns OR c.analysed_ms <> COALESCE(a.analysed_ms, 0)) ORDER BY t.id LIMIT :limit",
        after=after, version=VERSION, limit=limit,
    )]  # fmt: skip


def write(db: Connection, sources: Sequence[Source]) -> None:
    """Write the captions of some tracks, and the moods that their sounds suggest."""
    ids = [source.track_id for source in sources]
    genres: dict[int, list[str]] = {}
    for track, name in db.rows(
        "SELECT g.track_id, n.name FROM EACH(:ids) e JOIN track_genre g ON g.track_id = e.id"
        " JOIN genre n ON n.id = g.genre_id ORDER BY g.track_id, g.genre_id", ids=ids,
    ):  # fmt: skip
        genres.setdefault(track, []).append(name)
    heard = {
        source.track_id: Analysis(source.state, "",
                                  tempo_prior.meant(read(source.result), genres.get(source.track_id, ())))
        for source in sources if source.state
    }  # fmt: skip
    overlay.suggest(db, MOOD, {source.audio_hash: overlay.moods(heard[source.track_id])
                               for source in sources if source.track_id in heard})  # fmt: skip
    suggested = overlay.standing(db, ids)
    db.many(
        "INSERT INTO caption (track_id, version, mtime_ns, analysed_ms, caption, traits, vector_in, lent_in)"
        " VALUES (?, ?, ?, ?, ?, ?, 0, 0) ON CONFLICT (track_id) DO UPDATE SET version = excluded.version,"
        " mtime_ns = excluded.mtime_ns, analysed_ms = excluded.analysed_ms, traits = excluded.traits, vector_in ="
        " CASE WHEN caption.caption = excluded.caption THEN caption.vector_in ELSE 0 END, caption = excluded.caption",
        [_written(source, genres.get(source.track_id, ()), suggested.get(source.track_id, ()),
                  heard.get(source.track_id)) for source in sources],
    )  # fmt: skip
    db.bump("captions")


def _written(source: Source, genres: Sequence[str], suggested: Sequence[Suggestion],
             heard: Analysis | None) -> tuple:  # fmt: skip
    tags = tags_of(source, genres, suggested)
    places = dict.fromkeys(place for genre in tags.genres if (place := gloss.of(genre)) is not None)
    return (source.track_id, VERSION, source.mtime_ns, source.analysed_ms, captions.caption(tags, heard),
            traits.packed(heard, tags.year, [*places][:2]))  # fmt: skip


def tags_of(source: Source, genres: Sequence[str], suggested: Sequence[Suggestion]) -> Tags:
    """Return the tags of a track with what was suggested for it and nobody refused."""
    lent = [each.name for each in suggested if each.kind == GENRE]
    sure = [each.name for each in suggested if each.kind == MOOD and
            (each.state == overlay.ACCEPTED or each.confidence >= USED)]  # fmt: skip
    own = orjson.loads(source.more or "{}").get("moods", ())
    return Tags(
        tuple(genres) or tuple(lent[:1]), source.year, source.artist, source.album, source.title,
        tuple(dict.fromkeys((*own, *sure))), lent=not genres and bool(lent),
    )  # fmt: skip


def again(db: Connection, track_id: int) -> None:
    """Have the captions of a track and of its copies written again."""
    db.run(
        "UPDATE caption SET version = 0 WHERE track_id IN (SELECT o.id FROM track t JOIN track o"
        " ON o.audio_hash = t.audio_hash WHERE t.id = :id)", id=track_id,
    )  # fmt: skip
    db.bump("suggestions")


def untagged(db: Connection, space_id: int, limit: int) -> list[tuple[int, str]]:
    """Return (track, audio_hash) of tracks without a genre whose neighbours in a space were not asked for one yet."""
    return db.rows(
        "SELECT c.track_id, t.audio_hash FROM caption c JOIN track t ON t.id = c.track_id"
        " JOIN embedding e ON e.space_id = :space AND e.audio_hash = t.audio_hash WHERE c.lent_in <> :space"
        " AND t.missing_ms IS NULL AND NOT EXISTS (SELECT 1 FROM track_genre g WHERE g.track_id = t.id)"
        " ORDER BY c.track_id LIMIT :limit",
        space=space_id, limit=limit,
    )  # fmt: skip


def lend(db: Connection, space_id: int, lent: Mapping[int, tuple[str, list[Suggestion]]]) -> None:
    """Keep the genres that neighbours lend, (audio_hash, suggestions) by track."""
    overlay.suggest(db, GENRE, dict(lent.values()))
    # Only those that got something have another caption now.
    db.many("UPDATE caption SET lent_in = ?, version = CASE WHEN ? = 1 THEN 0 ELSE version END WHERE track_id = ?",
            [(space_id, int(bool(found)), track) for track, (_, found) in lent.items()])  # fmt: skip


def unread(db: Connection, space_id: int, limit: int) -> list[tuple[int, str, str]]:
    """Return (track, audio_hash, caption) of captions that have no vector of theirs in a space."""
    return db.rows(
        "SELECT c.track_id, t.audio_hash, c.caption FROM caption c JOIN track t ON t.id = c.track_id"
        " WHERE c.vector_in <> :space AND c.caption <> '' AND t.missing_ms IS NULL ORDER BY c.track_id LIMIT :limit",
        space=space_id, limit=limit,
    )  # fmt: skip


def note_read(db: Connection, space_id: int, rows: Sequence[tuple[int, str, str]]) -> None:
    """Note that captions have their vectors, unless they were written again meanwhile."""
    db.many("UPDATE caption SET vector_in = ? WHERE track_id = ? AND caption = ?",
            [(space_id, track, caption) for track, _, caption in rows])  # fmt: skip
