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
    holds = f"words GLOB '*[{LETTERS}]*'" if sqlite else f"words ~ '[{LETTERS}]'"
    for name in SEARCHED:
        for number, old in db.execute_sql(f"SELECT id, words FROM {name} WHERE {holds}").fetchall():
            new = " ".join(old.translate(TYPED).split())
            if sqlite:
                delete = f"INSERT INTO {name}_words ({name}_words, rowid, words) VALUES ('delete', ?, ?)"
                db.execute_sql(delete, (number, old))
                db.execute_sql(f"INSERT INTO {name}_words (rowid, words) VALUES (?, ?)", (number, new))
            db.execute_sql(f"UPDATE {name} SET words = {mark} WHERE id = {mark}", (new, number))


def down(migrator, db):
    """Leave them so: which letters there were, only a full scan by the older program can tell."""
