"""Words as anybody can type them: what was indexed with letters that few keyboards have is indexed without them."""

from peewee import SqliteDatabase

SEARCHED = ("track", "album", "artist")
TYPED = str.maketrans(
    {"ø": "o", "œ": "oe", "æ": "ae", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ħ": "h", "ŧ": "t", "ŋ": "n", "ı": "i",
     "ə": "e", "ʻ": "", "ʽ": ""}
)  # fmt: skip
LETTERS = "".join(map(chr, TYPED))


def up(migrator, db):
    sqlite = isinstance(db, SqliteDatabase)
    mark = "?" if sqlite else "%s"
    holds = f"GLOB '*[{LETTERS}]*'" if sqlite else f"~ '[{LETTERS}]'"
    for name in SEARCHED:
        for number, old in db.execute_sql(f"SELECT id, words FROM {name} WHERE words {holds}").fetchall():
            new = _typed(old)
            if sqlite:
                delete = f"INSERT INTO {name}_words ({name}_words, rowid, words) VALUES ('delete', ?, ?)"
                db.execute_sql(delete, (number, old))
                db.execute_sql(f"INSERT INTO {name}_words (rowid, words) VALUES (?, ?)", (number, new))
            db.execute_sql(f"UPDATE {name} SET words = {mark} WHERE id = {mark}", (new, number))
    # What a track is put in order by is the words of its title, of which its words are made again.
    for number, old in db.execute_sql(f"SELECT id, sort FROM track WHERE sort {holds}").fetchall():
        db.execute_sql(f"UPDATE track SET sort = {mark} WHERE id = {mark}", (_typed(old), number))


def _typed(words):
    return " ".join(words.translate(TYPED).split())


def down(migrator, db):
    """Leave them so: which letters there were, only a full scan by the older program can tell."""
