"""Which of several spellings of a name is right: "the beatles" until nothing prints it, then "The Beatles".

Read from what tracks and albums print. The rule a newcomer would break: an album
whose tags name no album artist prints what an artist is called here, so it proves
nothing.
"""

from collections import Counter

import orjson

from server.kernel.db import Connection
from server.library.names import fold


def of(db: Connection, artist_id: int, known: str, met: Counter[str]) -> str:
    """Return how an artist is to be spelt; `met` are other spellings and how many credits a scan found them in.

    What is printed counts. Composers and others are only named, so they are spelt
    otherwise when all of their credits are.
    """
    printed = _printed(db, artist_id, known, met)
    if printed and not printed[known]:
        return printed.most_common(1)[0][0]
    credits = db.value(
        "SELECT CAST(count(*) AS BIGINT) FROM credit c JOIN track t ON t.id = c.track_id"
        " WHERE c.artist_id = :artist AND t.missing_ms IS NULL", artist=artist_id,
    )  # fmt: skip
    return met.most_common(1)[0][0] if 0 < credits <= met.total() else known


def _printed(db: Connection, artist_id: int, known: str, met: Counter[str]) -> Counter[str]:
    """Count how often each spelling is printed; what prints another name altogether speaks for the known one."""
    texts: Counter[str] = Counter(dict(db.rows(
        "SELECT t.artist, CAST(count(*) AS BIGINT) FROM credit c JOIN track t ON t.id = c.track_id"
        " WHERE c.artist_id = :artist AND c.role = 'artist' AND t.missing_ms IS NULL GROUP BY t.artist",
        artist=artist_id,
    )))  # fmt: skip
    texts.update(_said_of_albums(db, artist_id))
    key, found = fold(known), Counter[str]()
    for text, times in texts.items():
        folded = fold(text)
        if known in text or key not in folded:
            found[known] += times
        elif spelt := text if folded == key else next((name for name in met if name in text), None):
            found[spelt] += times
    return found


def _said_of_albums(db: Connection, artist_id: int) -> list[str]:
    """List the album artist as the tags of each album of this artist print it, of those that do."""
    rows = db.rows(
        "SELECT t.more FROM album_artist s JOIN album b ON b.id = s.album_id JOIN track t"
        " ON t.id = (SELECT min(x.id) FROM track x WHERE x.album_id = b.id AND x.missing_ms IS NULL)"
        " WHERE s.artist_id = :artist AND b.track_count > 0", artist=artist_id,
    )  # fmt: skip
    said = [orjson.loads(more or "{}").get("album_artist") for (more,) in rows]
    return [text for text in said if text]
