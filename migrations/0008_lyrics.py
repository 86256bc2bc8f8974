"""Lyrics as layers with the times of words, and what each track was read with.

Tracks of before have no mark, so the next scan reads their files again; until then they have no lyrics.
"""


def up(migrator, db):
    db.execute_sql("ALTER TABLE track ADD COLUMN beside TEXT NOT NULL DEFAULT ''")
    db.execute_sql("DELETE FROM lyric")
    db.execute_sql("UPDATE folder SET signature = ''")


def down(migrator, db):
    db.execute_sql("ALTER TABLE track DROP COLUMN beside")
    db.execute_sql("DELETE FROM lyric")
    db.execute_sql("UPDATE folder SET signature = ''")
