"""Words in SQLite: FTS5 over the `words` column, with an index of prefixes of 1 to 3 letters.

Twin of search_postgres: same functions, one test class for both.
"""

import re

from server.kernel.db import Connection

NAMES = {"artist": "name", "album": "name", "track": "sort"}
"""The column with what each is called. What a track is put in order by is its title's words; an artist's and an album's
order leaves out an article, or has the last name first."""
_ONE_SIGN = re.compile(r"[\u1100-\u11ff\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff]")


def index(db: Connection, table: str, changes: list[tuple[int, str, str]]) -> None:
    """Replace words in the index; FTS5 needs to be told the old ones to forget them."""
    name = f"{table}_words"
    gone = [(number, old) for number, old, new in changes if old and old != new]
    db.many(f"INSERT INTO {name} ({name}, rowid, words) VALUES ('delete', ?, ?)", gone)
    come = [(number, new) for number, old, new in changes if new and old != new]
    db.many(f"INSERT INTO {name} (rowid, words) VALUES (?, ?)", come)


def beginning(db: Connection, table: str, visible: str, libraries: tuple[int, ...], sought: str,
              limit: int) -> list[tuple[int, str]]:
    """List (id, name) of what begins with the query, by id; its last word may be unfinished."""
    return db.rows(
        f"SELECT t.id, t.{NAMES[table]} FROM {table}_words w CROSS JOIN {table} t ON t.id = w.rowid"
        f" WHERE w.{table}_words MATCH :match AND {visible} LIMIT :limit",
        match=f'^ "{sought}" *', libraries=libraries, limit=limit,
    )  # fmt: skip


def matching(db: Connection, table: str, visible: str, libraries: tuple[int, ...], sought: str,
             limit: int) -> list[int]:
    """List the ids of all that match, by id."""
    return [number for (number,) in db.rows(
        f"SELECT t.id FROM {table}_words w CROSS JOIN {table} t ON t.id = w.rowid"
        f" WHERE w.{table}_words MATCH :match AND {visible} LIMIT :limit",
        match=" AND ".join(f'"{phrase}" *' for phrase in phrases(sought)), libraries=libraries, limit=limit,
    )]  # fmt: skip


def phrases(sought: str) -> list[str]:
    """Put neighbouring signs of scripts without spaces together: they were typed as one word."""
    found: list[str] = []
    joined = False
    for word in sought.split():
        sign = bool(_ONE_SIGN.match(word))
        if sign and joined:
            found[-1] += f" {word}"
        else:
            found.append(word)
        joined = sign
    return found
