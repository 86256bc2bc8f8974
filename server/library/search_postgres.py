"""Words in PostgreSQL: a GIN index over `to_tsvector('simple', words)`.

Twin of search_sqlite: same functions, one test class for both. The words are
folded before they are stored, so the simple configuration is all that is needed.
"""

from server.kernel.db import Connection
from server.library.search_sqlite import NAMES, phrases


def beginning(db: Connection, table: str, visible: str, libraries: tuple[int, ...], sought: str,
              limit: int) -> list[tuple[int, str]]:
    """List (id, name) of what begins with the query, by id; its last word may be unfinished."""
    return db.rows(
        f"SELECT t.id, t.{NAMES[table]} FROM {table} t"
        " WHERE to_tsvector('simple', t.words) @@ to_tsquery('simple', :match)"
        f" AND starts_with(t.words, :sought) AND {visible} ORDER BY t.id LIMIT :limit",
        match=_query(sought), sought=sought, libraries=libraries, limit=limit,
    )  # fmt: skip


def matching(db: Connection, table: str, visible: str, libraries: tuple[int, ...], sought: str,
             limit: int) -> list[int]:
    """List the ids of all that match, by id."""
    return [number for (number,) in db.rows(
        f"SELECT t.id FROM {table} t WHERE to_tsvector('simple', t.words) @@ to_tsquery('simple', :match)"
        f" AND {visible} ORDER BY t.id LIMIT :limit",
        match=_query(sought), libraries=libraries, limit=limit,
    )]  # fmt: skip


def _query(sought: str) -> str:
    return " & ".join(
        "(" + " <-> ".join(f"'{word}':*" for word in phrase.split()) + ")" for phrase in phrases(sought)
    )
