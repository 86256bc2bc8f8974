"""Orders of albums and artists, read from an index that holds all they need: rows are long, for they hold faces."""

from peewee import SqliteDatabase

ALBUM, ARTIST = ("added_ms", "id", "library_id", "track_count"), ("listed", "id")
TEXTS = {"album": ("year", "sort", "artist_sort"), "artist": ("sort",)}
"""In SQLite only: a very long name does not fit into an index of PostgreSQL."""


def up(migrator, db):
    for table, columns in (("album", ALBUM), ("artist", ARTIST)):
        columns += TEXTS[table] if isinstance(db, SqliteDatabase) else ()
        db.execute_sql(f"CREATE INDEX {table}_orders ON {table} ({', '.join(columns)})")
    db.execute_sql("DROP INDEX album_added_ms_id")


def down(migrator, db):
    db.execute_sql("CREATE INDEX album_added_ms_id ON album (added_ms, id)")
    for table in TEXTS:
        db.execute_sql(f"DROP INDEX {table}_orders")
